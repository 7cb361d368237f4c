//! Lists: over the sandbox where its pages suffice, over httpmock where the service must misbehave.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::{FutureExt, StreamExt, TryStreamExt};
use genesiscloud::{Client, ErrorKind};
use genesiscloud_sandbox::{Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::sandbox::{client, stepped};

use genesiscloud_tests::fixtures::{minimal, page};
use genesiscloud_tests::mock_api::{MockApi, MockResponse};
use genesiscloud_tests::time::Time;
use serde_json::Value;

async fn sandbox_with(instances: usize) -> (Sandbox, Client) {
    let sandbox = stepped(Data::new().with_instances(instances)).await;
    let client = client(&sandbox);
    (sandbox, client)
}

/// Volumes as the service sends them, with the ids `v-1`, `v-2` and so on.
fn volumes(numbers: impl IntoIterator<Item = u32>) -> Vec<Value> {
    let volume = |number| {
        let mut volume = minimal::volume();
        volume["id"] = format!("v-{number}").into();
        volume
    };
    numbers.into_iter().map(volume).collect()
}

#[tokio::test]
async fn a_list_yields_each_item_once_in_order_with_one_request_per_page() {
    for (count, requests) in [(0, 1), (1, 1), (49, 1), (50, 1), (51, 2), (250, 5)] {
        let (sandbox, client) = sandbox_with(count).await;
        let all: Vec<_> = client.instances().list().try_collect().await.unwrap();
        let ids: Vec<_> = all.iter().map(|instance| instance.id.clone()).collect();
        let expected: Vec<_> = Data::new().with_instances(count).instances.into_iter().map(|one| one.id).collect();
        assert_eq!(ids, expected);
        assert_eq!(sandbox.recorded_requests().len(), requests, "{count} items");
    }
}

#[tokio::test]
async fn larger_pages_need_fewer_requests() {
    for (per_page, requests) in [(100, 3), (1, 250), (99, 3), (50, 5)] {
        let (sandbox, client) = sandbox_with(250).await;
        assert_eq!(client.instances().list().per_page(per_page).try_collect::<Vec<_>>().await.unwrap().len(), 250);
        assert_eq!(sandbox.recorded_requests().len(), requests, "{per_page} per page");
    }
}

#[tokio::test]
async fn a_list_sends_nothing_before_its_first_poll_or_after_its_last() {
    let (sandbox, client) = sandbox_with(250).await;
    let mut list = client.instances().list();
    assert_eq!(sandbox.recorded_requests().len(), 0);
    for _ in 0..3 {
        list.try_next().await.unwrap().unwrap();
    }
    // A request in flight would have been recorded by then.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    drop(list);
    assert_eq!(sandbox.recorded_requests().len(), 1);

    let first_page: Vec<_> = client.instances().list().take(50).try_collect().await.unwrap();
    assert_eq!((first_page.len(), sandbox.recorded_requests().len()), (50, 2));
}

#[tokio::test]
async fn one_page_is_fetched_with_the_settings_of_the_list() {
    let (sandbox, client) = sandbox_with(25).await;
    let list = client.instances().list().per_page(10);
    let page = list.page(3).await.unwrap();
    assert_eq!((page.items.len(), page.page, page.per_page, page.total_count), (5, 3, 10, 25));
    assert_eq!(page.into_iter().count(), 5);
    assert_eq!(sandbox.recorded_requests()[0].target, "/compute/v1/instances?page=3&per_page=10");
    assert_eq!(list.try_collect::<Vec<_>>().await.unwrap().len(), 25);
}

#[tokio::test]
async fn a_list_can_be_spawned_on_another_task_without_its_client() {
    let (_sandbox, client) = sandbox_with(51).await;
    let list = client.instances().list();
    drop(client);
    let all = tokio::spawn(async move { list.try_collect::<Vec<_>>().await });
    assert_eq!(all.await.unwrap().unwrap().len(), 51);
}

#[tokio::test]
async fn every_resource_type_is_listed_and_read_from_the_sandbox() {
    let data = Data::realistic();
    let sandbox = stepped(data.clone()).await;
    let client = client(&sandbox);

    macro_rules! same {
        ($($service:ident)*) => {$(
            let all: Vec<_> = client.$service().list().try_collect().await.unwrap();
            assert_eq!(all, data.$service);
            assert_eq!(client.$service().get(&all[0].id).await.unwrap(), all[0]);
            assert!(client.$service().get("none-such").await.unwrap_err().is_not_found());
        )*};
    }
    same!(instances snapshots volumes filesystems ssh_keys security_groups floating_ips);

    let images: Vec<_> = client.images().list().try_collect().await.unwrap();
    assert_eq!(images, data.images);
    let cloud = client.images().list().type_(genesiscloud::ImageType::CloudImage).total_count().await.unwrap() as usize;
    let mut none = client.images().list().type_(genesiscloud::ImageType::Unknown("none".into()));
    assert_eq!(
        (cloud, none.try_next().await.unwrap_err().code().cloned()),
        (images.len(), Some(genesiscloud::ErrorCode::BadRequest))
    );

    let vm = &data.instances[0].id;
    let snapshots: Vec<_> = client.instances().list_snapshots(vm).try_collect().await.unwrap();
    assert_eq!(snapshots.len(), 3);
    assert!(client.instances().list_snapshots("none-such").try_next().await.unwrap_err().is_not_found());
    assert_eq!(client.instances().actions(vm).await.unwrap().len(), 2);
    assert!(client.instances().user_metadata(vm).await.unwrap().get("startup_script").is_some());
    let used = client.quotas().get().await.unwrap().into_iter().map(|quota| quota.used).collect::<Vec<_>>();
    assert_eq!(used, [250, 120, 60, 5, 12, 4, 3]);
    assert_eq!(client.reservations().get().await.unwrap(), data.reservations);
    let availability = client.availability().instances(genesiscloud::Region::NordNoKrs1).await.unwrap();
    assert_eq!(availability, data.availability[0]);
}

#[tokio::test]
async fn both_auth_headers_are_accepted_and_a_wrong_token_is_rejected() {
    use genesiscloud::AuthScheme::{Bearer, XAuthToken};
    let sandbox = Sandbox::start().await;
    for scheme in [Bearer, XAuthToken] {
        let builder = || Client::builder().endpoint(sandbox.endpoint()).auth_scheme(scheme);
        builder().token(sandbox.token()).build().unwrap().quotas().get().await.unwrap();
        let error = builder().token("wrong").build().unwrap().quotas().get().await.unwrap_err();
        assert!(error.is_unauthenticated(), "{error}");
        assert_eq!(error.code().unwrap().as_str(), "01204");
    }
}

#[tokio::test]
async fn a_list_yields_the_items_before_an_error_then_the_error_and_then_ends() {
    let mock = MockApi::new().await;
    mock.respond_with(MockResponse::json(200, &page("volumes", &volumes([1, 2]), 1, 2, 6)));
    let mut list = mock.client().volumes().list().per_page(2).prefetch(1);
    assert_eq!(list.next().await.unwrap().unwrap().id, "v-1");
    assert_eq!(list.next().await.unwrap().unwrap().id, "v-2");
    mock.respond_with(MockResponse::new(503, "text/html", "down"));
    let error = list.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Server, Some("ListVolumesPaginated")));
    assert!(list.next().await.is_none());
    assert!(list.next().await.is_none());
    assert_eq!(mock.requests().len(), 2);
}

#[tokio::test]
async fn a_service_that_ignores_the_page_number_is_an_error_and_not_an_endless_list() {
    let mock = MockApi::responding_with(MockResponse::json(200, &page("volumes", &volumes([1, 2]), 1, 2, 6))).await;
    let error = mock.client().volumes().list().prefetch(1).try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.message(), "page 2 brings the items of page 1 again, and no others");
    assert_eq!(mock.requests().len(), 2);
    let error = mock.client().volumes().list_page(2, 50).await.unwrap_err();
    assert_eq!(error.message(), "page 2 was requested, but the response is page 1");
}

#[tokio::test]
async fn no_item_is_lost_if_pages_hold_fewer_items_than_their_per_page() {
    let mock = MockApi::responding_with(MockResponse::json(200, &page("volumes", &volumes([1, 2]), 1, 4, 5))).await;
    let mut list = mock.client().volumes().list().per_page(4).prefetch(1);
    for (number, ids) in [(1, 1..=2), (2, 3..=4), (3, 5..=5)] {
        mock.respond_with(MockResponse::json(200, &page("volumes", &volumes(ids.clone()), number, 4, 5)));
        for _ in ids {
            list.try_next().await.unwrap().unwrap();
        }
    }
    assert!(list.try_next().await.unwrap().is_none());
    assert_eq!(mock.requests().len(), 3);
}

#[tokio::test]
async fn no_item_is_lost_if_the_service_reduces_the_requested_per_page() {
    let mock = MockApi::responding_with(MockResponse::json(200, &page("volumes", &volumes([1]), 1, 1, 2))).await;
    let mut list = mock.client().volumes().list().per_page(100);
    list.try_next().await.unwrap().unwrap();
    mock.respond_with(MockResponse::json(200, &page("volumes", &volumes([2]), 2, 1, 2)));
    list.try_next().await.unwrap().unwrap();
    assert!(list.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_list_that_never_reaches_its_total_count_ends_at_the_first_empty_page() {
    let mock = MockApi::responding_with(MockResponse::json(200, &page("volumes", &volumes([1, 2]), 1, 2, 60))).await;
    let mut list = mock.client().volumes().list().per_page(2).prefetch(1);
    list.try_next().await.unwrap().unwrap();
    mock.respond_with(MockResponse::json(200, &page("volumes", &[], 2, 2, 60)));
    assert_eq!(list.try_collect::<Vec<_>>().await.unwrap().len(), 1);
    assert_eq!(mock.requests().len(), 2);
}

#[tokio::test]
async fn changing_a_list_after_its_first_request_is_an_error() {
    let (sandbox, client) = sandbox_with(250).await;
    let mut list = client.instances().list();
    list.try_next().await.unwrap();
    let mut list = list.per_page(100);
    assert_eq!(list.try_next().await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(list.try_next().await.unwrap().is_none());
    assert_eq!(sandbox.recorded_requests().len(), 1);

    let mut list = client.instances().list();
    list.try_next().await.unwrap();
    let found = list.find_by_name("trainer-001").try_next().await;
    assert_eq!(found.unwrap_err().kind(), ErrorKind::InvalidInput, "it would miss the first item");
}

/// Reads a list of this many instances with this page size, where each response takes 200 ms. Returns the number of requests and
/// the time taken.
async fn read_with_latency(instances: usize, per_page: u32) -> (usize, Duration) {
    let sandbox = stepped(Data::new().with_instances(instances)).await;
    let time = Time::of(&sandbox);
    sandbox.faults().add(FaultRule::new("*", Fault::Delay(ROUND_TRIP)).always()).unwrap();
    let list = time.client(&sandbox).instances().list().per_page(per_page);
    let all: Vec<_> = time.run(list.try_collect()).await.unwrap();
    assert_eq!(all.len(), instances);
    (sandbox.recorded_requests().len(), time.passed())
}

const ROUND_TRIP: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_list_takes_two_round_trips_or_as_long_as_the_rate_limit_requires() {
    assert_eq!(read_with_latency(20, 50).await, (1, ROUND_TRIP));
    assert_eq!(read_with_latency(60, 50).await, (2, 2 * ROUND_TRIP));
    // 9 requests may be sent at once, and 10 a second after them.
    assert_eq!(read_with_latency(450, 50).await, (9, 2 * ROUND_TRIP));
    let (requests, took) = read_with_latency(2_000, 20).await;
    assert_eq!(requests, 100);
    let minimum = Duration::from_secs(100 - 9) / 10 + ROUND_TRIP;
    let ratio = took.as_secs_f64() / minimum.as_secs_f64();
    assert!((1.0..1.1).contains(&ratio), "{took:?}, {ratio} times the minimum");
}

#[tokio::test]
async fn a_list_prefetches_at_most_the_configured_pages() {
    for (prefetch, requests) in [(3, 4), (1, 2), (0, 2)] {
        let (sandbox, client) = sandbox_with(250).await;
        let mut list = client.instances().list().per_page(10).prefetch(prefetch);
        for _ in 0..11 {
            list.try_next().await.unwrap().unwrap();
        }
        // No further item is polled for, however long that lasts.
        while sandbox.recorded_requests().len() < requests {
            tokio::task::yield_now().await;
        }
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(sandbox.recorded_requests().len(), requests, "{prefetch}");
        for _ in 11..21 {
            list.try_next().await.unwrap().unwrap();
        }
        while sandbox.recorded_requests().len() < requests + 1 {
            tokio::task::yield_now().await;
        }
        assert_eq!(sandbox.recorded_requests().len(), requests + 1, "{prefetch}");
    }
}

#[tokio::test]
async fn dropping_a_list_cancels_its_requests_in_flight() {
    let sandbox = stepped(Data::new().with_instances(250)).await;
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    let mut list = client.instances().list().per_page(10);
    for _ in 0..10 {
        time.run(list.try_next()).await.unwrap().unwrap();
    }
    sandbox.faults().add(FaultRule::new("*", Fault::Delay(ROUND_TRIP)).always()).unwrap();
    assert!(list.try_next().now_or_never().is_none());
    while sandbox.clock().pending_delays().len() < 8 {
        tokio::task::yield_now().await;
    }
    drop(list);
    // The sandbox notices that its delayed responses are no longer awaited.
    while !sandbox.clock().pending_delays().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(sandbox.recorded_requests().len(), 9);
}

#[tokio::test]
async fn items_hidden_by_a_shift_are_read_again_and_no_item_is_yielded_twice() {
    // 251 items need one page more; and pages that are requested at the same time may be processed in another order.
    for (fault, requests) in [(Fault::ItemDeleted, 6), (Fault::ItemAdded, 7)] {
        let (sandbox, client) = sandbox_with(250).await;
        let before: BTreeSet<_> = sandbox.data().instances.into_iter().map(|instance| instance.id).collect();
        sandbox.faults().add(FaultRule::new("*", fault.clone()).skip(1).times(1)).unwrap();
        let all: Vec<_> = client.instances().list().try_collect().await.unwrap();
        let ids: BTreeSet<_> = all.iter().map(|instance| instance.id.clone()).collect();
        assert_eq!(ids.len(), all.len(), "an item was yielded twice");
        assert!(before.is_subset(&ids), "{fault:?} lost {:?}", before.difference(&ids));
        assert!(sandbox.recorded_requests().len() <= requests, "{fault:?}: {}", sandbox.recorded_requests().len());
    }
}

#[tokio::test]
async fn a_verified_list_costs_one_request_or_two_per_page() {
    // One more, once, if the last page is full.
    for (count, requests) in [(0, 1), (49, 1), (50, 2), (51, 4), (249, 10), (250, 11)] {
        let (sandbox, client) = sandbox_with(count).await;
        let all: Vec<_> = client.instances().list().verified().try_collect().await.unwrap();
        assert_eq!((all.len(), sandbox.recorded_requests().len()), (count, requests));
    }
}

#[tokio::test]
async fn a_verified_list_that_keeps_changing_ends_with_an_error_after_its_items() {
    let (sandbox, client) = sandbox_with(120).await;
    sandbox.faults().add(FaultRule::new("*", Fault::ItemAdded).always()).unwrap();
    let mut list = client.instances().list().verified();
    let error = loop {
        match list.next().await.unwrap() {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::ListUnverified);
    assert!(error.message().contains("it keeps changing"), "{error}");
    assert!(list.next().await.is_none());
}

#[tokio::test]
async fn pages_hold_only_items_not_yielded_before() {
    let (sandbox, client) = sandbox_with(120).await;
    let pages: Vec<_> = client.instances().list().pages().try_collect().await.unwrap();
    let shapes: Vec<_> = pages.iter().map(|page| (page.page, page.items.len(), page.total_count)).collect();
    assert_eq!(shapes, [(1, 50, 120), (2, 50, 120), (3, 20, 120)]);
    sandbox.faults().add(FaultRule::new("*", Fault::ItemDeleted).times(1)).unwrap();
    let pages: Vec<_> = client.instances().list().pages().try_collect().await.unwrap();
    let shapes: Vec<_> = pages.iter().map(|page| (page.page, page.items.len(), page.total_count)).collect();
    assert_eq!(shapes, [(1, 50, 120), (2, 50, 119), (3, 19, 119), (1, 1, 119)]);

    let (_sandbox, client) = sandbox_with(0).await;
    let empty: Vec<_> = client.instances().list().pages().try_collect().await.unwrap();
    assert_eq!((empty.len(), empty[0].items.len()), (1, 0));
}

#[tokio::test]
async fn first_and_total_count_cost_one_request_each() {
    for count in [0, 120] {
        let (sandbox, client) = sandbox_with(count).await;
        let list = || client.instances().list();
        assert_eq!(list().total_count().await.unwrap(), count as u64);
        let first = list().first().await.unwrap();
        assert_eq!(first, sandbox.data().instances.first().cloned());
        assert_eq!(sandbox.recorded_requests()[1].target, "/compute/v1/instances?page=1&per_page=1");
        assert_eq!(sandbox.recorded_requests().len(), 2);
    }
}

#[tokio::test]
async fn find_by_name_yields_every_match_and_reads_no_more_pages_than_needed() {
    let mut data = Data::new().with_instances(250);
    for number in [3, 120, 249] {
        data.instances[number].name = "wanted".into();
    }
    let sandbox = stepped(data).await;
    let client = client(&sandbox);
    let found: Vec<_> = client.instances().list().find_by_name("wanted").try_collect().await.unwrap();
    assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["wanted"; 3]);
    assert_eq!(sandbox.recorded_requests().len(), 5);
    assert!(client.instances().list().find_by_name("wanted").try_next().await.unwrap().is_some());
    assert_eq!(sandbox.recorded_requests().len(), 6);
    assert!(client.instances().list().find_by_name("Wanted").try_next().await.unwrap().is_none());
}
