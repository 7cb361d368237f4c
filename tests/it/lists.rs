//! Lists, over the sandbox where its pages will do, over httpmock where the service is to misbehave.

use futures::{StreamExt, TryStreamExt};
use genesiscloud::{Client, ErrorKind};
use genesiscloud_sandbox::{Data, Sandbox};
use genesiscloud_tests::sandbox::{client, stepped};

use genesiscloud_tests::fixtures::{minimal, page};
use genesiscloud_tests::wire::{Answer, Wire};

async fn sandbox_with(instances: usize) -> (Sandbox, Client) {
    let sandbox = stepped(Data::new().with_instances(instances)).await;
    let client = client(&sandbox);
    (sandbox, client)
}

#[tokio::test]
async fn all_items_come_once_in_order_for_one_request_a_page() {
    for (count, requests) in [(0, 1), (1, 1), (49, 1), (50, 1), (51, 2), (250, 5)] {
        let (sandbox, client) = sandbox_with(count).await;
        let all: Vec<_> = client.instances().list().try_collect().await.unwrap();
        let ids: Vec<_> = all.iter().map(|instance| instance.id.clone()).collect();
        let expected: Vec<_> = Data::new().with_instances(count).instances.into_iter().map(|one| one.id).collect();
        assert_eq!(ids, expected);
        assert_eq!(sandbox.journal().len(), requests, "{count} items");
    }
}

#[tokio::test]
async fn larger_pages_mean_fewer_requests() {
    for (per_page, requests) in [(100, 3), (1, 250), (99, 3), (50, 5)] {
        let (sandbox, client) = sandbox_with(250).await;
        assert_eq!(client.instances().list().per_page(per_page).count().await, 250);
        assert_eq!(sandbox.journal().len(), requests, "{per_page} a page");
    }
}

#[tokio::test]
async fn nothing_is_sent_before_the_first_poll_nor_after_the_last() {
    let (sandbox, client) = sandbox_with(250).await;
    let mut list = client.instances().list();
    assert_eq!(sandbox.journal().len(), 0);
    for _ in 0..3 {
        list.try_next().await.unwrap().unwrap();
    }
    drop(list);
    assert_eq!(sandbox.journal().len(), 1);

    let first_page: Vec<_> = client.instances().list().take(50).try_collect().await.unwrap();
    assert_eq!((first_page.len(), sandbox.journal().len()), (50, 2));
}

#[tokio::test]
async fn one_page_of_a_list_is_what_the_list_would_hold() {
    let (sandbox, client) = sandbox_with(25).await;
    let list = client.instances().list().per_page(10);
    let page = list.page(3).await.unwrap();
    assert_eq!((page.items.len(), page.page, page.per_page, page.total_count), (5, 3, 10, 25));
    assert_eq!(page.into_iter().count(), 5);
    assert_eq!(sandbox.journal()[0].target, "/compute/v1/instances?page=3&per_page=10");
    assert_eq!(list.count().await, 25);
}

#[tokio::test]
async fn a_list_can_be_moved_to_another_task() {
    let (_sandbox, client) = sandbox_with(51).await;
    let list = client.instances().list();
    drop(client);
    let all = tokio::spawn(async move { list.try_collect::<Vec<_>>().await });
    assert_eq!(all.await.unwrap().unwrap().len(), 51);
}

#[tokio::test]
async fn every_kind_of_resource_is_listed_and_got_from_the_sandbox() {
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
    let cloud = client.images().list().kind(genesiscloud::ImageType::CloudImage).count().await;
    let mut none = client.images().list().kind(genesiscloud::ImageType::Unknown("none".into()));
    assert_eq!(
        (cloud, none.try_next().await.unwrap_err().code().cloned()),
        (images.len(), Some(genesiscloud::ErrorCode::BadRequest))
    );

    let vm = &data.instances[0].id;
    let snapshots: Vec<_> = client.instances().list_snapshots(vm).try_collect().await.unwrap();
    assert_eq!(snapshots.len(), 3);
    assert!(client.instances().list_snapshots("none-such").try_next().await.unwrap_err().is_not_found());
    assert_eq!(client.instances().actions(vm).await.unwrap().len(), 2);
    assert!(client.instances().user_metadata(vm).await.unwrap().contains_key("startup_script"));
    let used = client.quotas().get().await.unwrap().into_iter().map(|quota| quota.used).collect::<Vec<_>>();
    assert_eq!(used, [250, 120, 60, 5, 12, 4, 3]);
    assert_eq!(client.reservations().get().await.unwrap(), data.reservations);
    let availability = client.availability().instances(genesiscloud::Region::NordNoKrs1).await.unwrap();
    assert_eq!(availability, data.availability[0]);
}

#[tokio::test]
async fn both_headers_open_the_sandbox_and_a_wrong_token_does_not() {
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
async fn the_items_before_an_error_come_and_then_the_error_and_then_the_end() {
    let wire = Wire::new().await;
    let items = vec![minimal::volume(); 2];
    wire.answer(Answer::json(200, &page("volumes", &items, 1, 2, 6)));
    let mut list = wire.client().volumes().list().per_page(2);
    assert_eq!(list.next().await.unwrap().unwrap().id, "v-1");
    assert_eq!(list.next().await.unwrap().unwrap().id, "v-1");
    wire.answer(Answer::new(503, "text/html", "down"));
    let error = list.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Server, Some("ListVolumesPaginated")));
    assert!(list.next().await.is_none());
    assert!(list.next().await.is_none());
    assert_eq!(wire.seen().len(), 2);
}

#[tokio::test]
async fn a_service_that_knows_no_pages_is_an_error_and_no_endless_list() {
    let items = vec![minimal::volume(); 2];
    let wire = Wire::answering(Answer::json(200, &page("volumes", &items, 1, 2, 6))).await;
    let error = wire.client().volumes().list().try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.message(), "page 2 was asked for, and the answer says it is page 1");
    assert_eq!(wire.seen().len(), 2);
}

#[tokio::test]
async fn a_service_that_says_larger_pages_than_it_sends_loses_nothing() {
    let items = vec![minimal::volume(); 2];
    let wire = Wire::answering(Answer::json(200, &page("volumes", &items, 1, 4, 5))).await;
    let mut list = wire.client().volumes().list().per_page(4);
    for number in 1..=3 {
        let items = &items[..if number == 3 { 1 } else { 2 }];
        wire.answer(Answer::json(200, &page("volumes", items, number, 4, 5)));
        for _ in items {
            list.try_next().await.unwrap().unwrap();
        }
    }
    assert!(list.try_next().await.unwrap().is_none());
    assert_eq!(wire.seen().len(), 3);
}

#[tokio::test]
async fn smaller_pages_than_asked_for_lose_nothing() {
    let wire = Wire::answering(Answer::json(200, &page("volumes", &[minimal::volume()], 1, 1, 2))).await;
    let mut list = wire.client().volumes().list().per_page(100);
    list.try_next().await.unwrap().unwrap();
    wire.answer(Answer::json(200, &page("volumes", &[minimal::volume()], 2, 1, 2)));
    list.try_next().await.unwrap().unwrap();
    assert!(list.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_list_is_not_reconfigured_half_way() {
    let (sandbox, client) = sandbox_with(250).await;
    let mut list = client.instances().list();
    list.try_next().await.unwrap();
    let mut list = list.per_page(100);
    assert_eq!(list.try_next().await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(list.try_next().await.unwrap().is_none());
    assert_eq!(sandbox.journal().len(), 1);
}
