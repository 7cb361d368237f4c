//! Pages as services really give them: capped, without their numbers, with wrong numbers, repeated, with an item that cannot
//! be decoded; and pages whose task does not get on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::join_all;
use futures::{FutureExt, StreamExt, TryStreamExt};
use genesiscloud::{Client, CreateVolume, Error, ErrorKind, List, Region, RetryPolicy, Volume, VolumeStatus};
use genesiscloud_sandbox::{Data, Fault, FaultRule};
use genesiscloud_tests::fixtures::full;
use genesiscloud_tests::mock_api::{MockApi, MockResponse, TOKEN};
use genesiscloud_tests::sandbox::stepped;
use genesiscloud_tests::time::Time;
use serde_json::{Value, json};

/// How a service numbers the pages of its volumes.
#[derive(Clone, Debug)]
struct Service {
    volumes: u32,
    /// The most items on a page, whatever is asked for.
    cap: u32,
    /// `page`, `per_page` and `total_count`, by what is asked for.
    page: fn(u32) -> Value,
    per_page: fn(u32) -> Value,
    total: fn(u32) -> Value,
    behind_the_last: BehindTheLast,
    ignores_page: bool,
}

#[derive(Clone, Copy, Debug)]
enum BehindTheLast {
    Empty,
    Refused(u16),
    TheLastAgain,
}

const RIGHT: Service = Service {
    volumes: 0,
    cap: 100,
    page: |page| page.into(),
    per_page: |per_page| per_page.into(),
    total: |total| total.into(),
    behind_the_last: BehindTheLast::Empty,
    ignores_page: false,
};

const ABSENT: fn(u32) -> Value = |_| Value::Null;

fn volume(number: u32) -> Value {
    let mut volume = full::volume();
    volume["id"] = format!("v-{number}").into();
    volume
}

impl Service {
    fn respond(&self, page: u32, per_page: u32) -> MockResponse {
        let size = per_page.min(self.cap);
        let last = self.volumes.div_ceil(size).max(1);
        let number = match self.behind_the_last {
            _ if self.ignores_page => 1,
            BehindTheLast::Refused(status) if page > last => {
                return MockResponse::json(status, &json!({ "code": "02001", "message": "no such page" }));
            }
            BehindTheLast::TheLastAgain => page.min(last),
            _ => page,
        };
        let first = (number - 1).saturating_mul(size).min(self.volumes);
        let volumes: Vec<_> = (first..self.volumes.min(first.saturating_add(size))).map(volume).collect();
        let mut body = json!({
            "volumes": volumes, "page": (self.page)(page), "per_page": (self.per_page)(per_page),
            "total_count": (self.total)(self.volumes),
        });
        body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        MockResponse::json(200, &body)
    }

    async fn start(self) -> MockApi {
        MockApi::responding_by(move |request| {
            let number = |name: &str, default| request.number(name).unwrap_or(default);
            self.respond(number("page", 1), number("per_page", 50))
        })
        .await
    }
}

async fn ids(list: List<Volume>) -> Result<Vec<String>, Error> {
    list.map_ok(|volume| volume.id).try_collect().await
}

fn all(count: u32) -> Vec<String> {
    (0..count).map(|number| format!("v-{number}")).collect()
}

#[tokio::test]
async fn every_list_is_complete_whatever_the_numbers_beside_its_items_say() {
    let cases = [
        Service { cap: 20, ..RIGHT },
        Service { cap: 20, per_page: |_| 20.into(), ..RIGHT },
        Service { cap: 20, per_page: ABSENT, ..RIGHT },
        Service { per_page: |_| 1000.into(), ..RIGHT },
        Service { page: ABSENT, ..RIGHT },
        Service { page: |page| (page - 1).into(), ..RIGHT },
        Service { page: |page| page.to_string().into(), per_page: |size| f64::from(size).into(), ..RIGHT },
        Service { page: |_| (-1).into(), per_page: |_| "many".into(), ..RIGHT },
        Service { total: ABSENT, ..RIGHT },
        Service { total: |_| (-1).into(), ..RIGHT },
        Service { total: |_| 0.into(), ..RIGHT },
        Service { total: |total| total.min(70).into(), ..RIGHT },
        Service { total: |total| (total + 7).into(), ..RIGHT },
        Service { total: |_| 1_000_000_000_000_000_u64.into(), ..RIGHT },
        Service { page: ABSENT, per_page: ABSENT, total: ABSENT, ..RIGHT },
        Service { page: ABSENT, per_page: ABSENT, total: ABSENT, cap: 20, ..RIGHT },
    ];
    for case in cases {
        for behind_the_last in [
            BehindTheLast::Empty,
            BehindTheLast::Refused(404),
            BehindTheLast::Refused(400),
            BehindTheLast::TheLastAgain,
        ] {
            let service = Service { volumes: 130, behind_the_last, ..case.clone() };
            let shown = format!("{service:?} {:?}", String::from_utf8(service.respond(1, 1).body));
            let is_overstated = (service.total)(130).as_u64() > Some(130);
            let mock = service.start().await;
            let client = mock.client();
            let read = ids(client.volumes().list()).await;
            match (read, behind_the_last) {
                (Ok(read), _) => assert_eq!(read, all(130), "{shown}"),
                // There may be more, and it is not delivered.
                (Err(error), BehindTheLast::TheLastAgain) => assert!(error.message().contains("again"), "{error}"),
                (Err(error), _) => panic!("{shown}: {error}"),
            }
            // A wrong total places as many pages behind the last as the window has, which grows with the time that they take.
            const MOST: usize = 2 + 20;
            assert!(mock.requests().len() <= MOST, "{shown}: {}", mock.requests().len());
            let before = mock.requests().len();
            match ids(client.volumes().list().verified()).await {
                Ok(read) => assert_eq!(read, all(130), "{shown}"),
                Err(error) if error.kind() == ErrorKind::ListUnverified => assert!(is_overstated, "{shown}: {error}"),
                Err(error) => assert!(matches!(behind_the_last, BehindTheLast::TheLastAgain), "{shown}: {error}"),
            }
            // Up to nine readings.
            assert!(mock.requests().len() - before <= 9 * MOST, "{shown}: {}", mock.requests().len() - before);
        }
    }
}

#[tokio::test]
async fn pages_of_the_services_own_size_are_prefetched_like_others() {
    // 100 are asked for, 50 come: the 18 pages are known from the first.
    let mock = Service { volumes: 900, cap: 50, ..RIGHT }.start().await;
    assert_eq!(ids(mock.client().volumes().list().per_page(100)).await.unwrap(), all(900));
    assert_eq!(mock.requests().len(), 18);
    let mut pages: Vec<_> = mock.requests().iter().map(|request| request.number("page").unwrap()).collect();
    pages.sort_unstable();
    assert_eq!(pages, (1..=18).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_service_without_pages_is_read_to_its_end() {
    // It returns all it has, whatever page is asked for, and no numbers.
    let service = Service { volumes: 3, ignores_page: true, page: ABSENT, per_page: ABSENT, total: ABSENT, ..RIGHT };
    let mock = service.start().await;
    assert_eq!(ids(mock.client().volumes().list()).await.unwrap(), all(3));
    assert_eq!(mock.requests().len(), 2);
}

#[tokio::test]
async fn a_service_that_ignores_the_page_number_ends_a_list_with_an_error() {
    let ignoring = Service { ignores_page: true, cap: 2, volumes: 900, ..RIGHT };
    for service in [
        ignoring.clone(),
        Service { page: |_| 1.into(), ..ignoring.clone() },
        Service { page: ABSENT, ..ignoring.clone() },
        Service { total: |_| 6.into(), ..ignoring.clone() },
        Service { total: |_| 900_000_000.into(), cap: 50, ..ignoring.clone() },
        Service { total: ABSENT, cap: 50, ..ignoring.clone() },
    ] {
        for prefetch in [1, 8] {
            for is_verified in [false, true] {
                let shown = format!("{service:?} {prefetch}");
                let mock = service.clone().start().await;
                let list = mock.client().volumes().list().prefetch(prefetch);
                let list = if is_verified { list.verified() } else { list };
                let mut delivered = std::collections::BTreeSet::new();
                let ends: Vec<_> = list.collect().await;
                let (last, before) = ends.split_last().unwrap();
                assert!(before.iter().all(|item| delivered.insert(item.as_ref().unwrap().id.clone())), "{shown}");
                let error = last.as_ref().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Decode, "{shown}: {error}");
                assert!(error.message().contains("brings the items of page 1 again"), "{error}");
                assert_eq!(error.operation(), Some("ListVolumesPaginated"));
                assert!(mock.requests().len() <= 16, "{shown}: {}", mock.requests().len());
            }
        }
    }
}

#[tokio::test]
async fn a_service_whose_pages_go_round_ends_a_list_with_an_error() {
    let mock = MockApi::responding_by(|request| {
        let first = request.number("page").unwrap_or(1) % 3 * 20;
        let volumes: Vec<_> = (first..first + 20).map(volume).collect();
        MockResponse::json(200, &json!({ "volumes": volumes, "per_page": 20, "total_count": 1_000_000 }))
    })
    .await;
    let mut list = mock.client().volumes().list();
    let mut read = 0;
    let error = loop {
        match list.next().await.unwrap() {
            Ok(_) => read += 1,
            Err(error) => break error,
        }
    };
    assert!(read == 60 && error.message().contains("bring nothing new"), "{read} {error}");
    assert!(mock.requests().len() <= 20, "{}", mock.requests().len());
}

#[tokio::test]
async fn a_verified_list_asks_for_one_page_more_if_the_last_one_is_full() {
    // `total_count` is that of the page.
    let capped = Service { volumes: 130, total: |_| 50.into(), ..RIGHT };
    let mock = capped.start().await;
    let read = ids(mock.client().volumes().list().verified()).await.unwrap();
    assert_eq!((read, mock.requests().len()), (all(130), 8));
    let mock = Service { volumes: 50, ..RIGHT }.start().await;
    assert_eq!(ids(mock.client().volumes().list().verified()).await.unwrap().len(), 50);
    assert_eq!(mock.requests().len(), 2);
    // A plain list does not.
    let mock = Service { volumes: 50, ..RIGHT }.start().await;
    assert_eq!((ids(mock.client().volumes().list()).await.unwrap().len(), mock.requests().len()), (50, 1));
}

#[tokio::test]
async fn a_refusal_ends_a_list_only_if_a_page_came_before_and_the_api_answered() {
    let refused = |status, body: Value| async move {
        let mock = MockApi::responding_by(move |request| match request.number("page") {
            Some(2) => MockResponse::json(status, &body),
            _ => RIGHT_130.respond(1, 50),
        })
        .await;
        ids(mock.client().volumes().list().prefetch(1)).await
    };
    let api = json!({ "code": "02001", "message": "no such page" });
    assert_eq!(refused(404, api.clone()).await.unwrap(), all(50));
    assert_eq!(refused(403, api).await.unwrap_err().kind(), ErrorKind::BadRequest);
    assert_eq!(refused(404, Value::Null).await.unwrap_err().kind(), ErrorKind::NotFound);
    let mock = MockApi::responding_with(MockResponse::json(404, &json!({ "code": "02008", "message": "no" }))).await;
    assert!(ids(mock.client().volumes().list()).await.unwrap_err().is_not_found());
}

const RIGHT_130: Service = Service { volumes: 130, ..RIGHT };

/// A page of three volumes, of which the second cannot be decoded.
fn odd_page(odd: Value) -> MockResponse {
    MockResponse::json(
        200,
        &json!({ "volumes": [volume(0), odd, volume(2)], "page": 1, "per_page": 50, "total_count": 3 }),
    )
}

fn odd_volume() -> Value {
    let mut odd = volume(1);
    (odd["created_at"], odd["name"]) = ("yesterday".into(), "odd".into());
    odd
}

#[tokio::test]
async fn an_item_that_cannot_be_decoded_is_an_error_in_its_place() {
    let mock = MockApi::responding_with(odd_page(odd_volume())).await;
    let items: Vec<_> = mock.client().volumes().list().collect().await;
    assert_eq!((items.len(), mock.requests().len()), (3, 1));
    assert_eq!((&*items[0].as_ref().unwrap().id, &*items[2].as_ref().unwrap().id), ("v-0", "v-2"));
    let error = items[1].as_ref().unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Decode, Some("ListVolumesPaginated")));
    assert_eq!(error.status().map(|status| status.as_u16()), Some(200));
    let message = error.message();
    assert!(message.starts_with("the item with the id \"v-1\" on page 1: volumes[1].created_at: "), "{message}");
    assert!(message.contains("yesterday"), "{message}");

    // The same for one without an id, for one that is no object, and where the list is verified.
    for (odd, place) in [
        (json!({ "name": "odd" }), "an item without an id on page 1: volumes[1]"),
        (Value::Null, "an item without an id on page 1: volumes[1]"),
    ] {
        let mock = MockApi::responding_with(odd_page(odd)).await;
        for list in [mock.client().volumes().list(), mock.client().volumes().list().verified()] {
            let items: Vec<_> = list.collect().await;
            assert_eq!(items.iter().filter(|item| item.is_ok()).count(), 2);
            assert!(items[1].as_ref().unwrap_err().message().contains(place), "{items:?}");
        }
    }
    // A text that JSON allows and Rust does not.
    let lone = String::from_utf8(odd_page(odd_volume()).body).unwrap().replace("\"odd\"", "\"\\ud800\"");
    let mock = MockApi::responding_with(MockResponse::new(200, "application/json", lone)).await;
    assert_eq!(mock.client().volumes().list().filter(|item| std::future::ready(item.is_ok())).count().await, 2);
}

#[tokio::test]
async fn a_strict_list_and_a_single_page_end_at_an_item_that_cannot_be_decoded() {
    let mock = MockApi::responding_with(odd_page(odd_volume())).await;
    let client = mock.client();
    let strict: Vec<_> = client.volumes().list().strict().collect().await;
    assert_eq!((strict.len(), strict[0].as_ref().unwrap_err().kind()), (1, ErrorKind::Decode));
    assert_eq!(client.volumes().list_page(1, 50).await.unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(client.volumes().list().try_collect::<Vec<_>>().await.unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(client.volumes().list().total_count().await.unwrap(), 3);
    assert_eq!(client.volumes().list().first().await.unwrap().unwrap().id, "v-0");
    // The pages hold the others.
    let pages: Vec<_> = client.volumes().list().pages().collect().await;
    assert_eq!((pages.len(), pages[0].as_ref().unwrap().items.len()), (2, 2));
    assert_eq!(pages[1].as_ref().unwrap_err().kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn odd_items_on_many_pages_are_each_an_error_once() {
    let mock = MockApi::responding_by(|request| {
        let first = (request.number("page").unwrap_or(1) - 1) * 10;
        let mut volumes: Vec<_> = (first..50.min(first + 10)).map(volume).collect();
        volumes.iter_mut().skip(3).take(1).for_each(|odd| odd["size"] = "much".into());
        MockResponse::json(
            200,
            &json!({ "volumes": volumes, "page": 1 + first / 10, "per_page": 10, "total_count": 50 }),
        )
    })
    .await;
    for list in [mock.client().volumes().list(), mock.client().volumes().list().verified()] {
        let (good, odd): (Vec<_>, Vec<_>) =
            list.per_page(10).collect::<Vec<_>>().await.into_iter().partition(Result::is_ok);
        assert_eq!((good.len(), odd.len()), (45, 5));
    }
    assert_eq!(mock.requests().len(), 5 + 11);
}

#[tokio::test]
async fn an_item_is_found_by_name_beside_one_that_cannot_be_decoded() {
    let mock = MockApi::responding_with(odd_page(odd_volume())).await;
    let list = || mock.client().volumes().list();
    assert_eq!(list().find_by_name("data").try_collect::<Vec<_>>().await.unwrap().len(), 2);
    // It may be the one.
    assert_eq!(list().find_by_name("odd").try_next().await.unwrap_err().kind(), ErrorKind::Decode);
    mock.respond_with(odd_page(json!({ "id": "v-1" })));
    assert_eq!(list().find_by_name("data").try_collect::<Vec<_>>().await.unwrap_err().kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn the_error_of_an_item_shows_no_secret() {
    let mut odd = odd_volume();
    (odd["id"], odd["created_at"]) = (format!("id-{TOKEN}").into(), format!("at {TOKEN}").into());
    let mock = MockApi::responding_with(odd_page(odd)).await;
    let items: Vec<_> = mock.client().volumes().list().collect().await;
    let error = items[1].as_ref().unwrap_err().to_string();
    assert!(error.contains("<redacted>") && !error.contains(TOKEN), "{error}");
}

/// A service whose creates are lost, and whose list has these volumes.
async fn losing_creates(volumes: Vec<Value>) -> MockApi {
    MockApi::responding_by(move |request| match request.method.as_str() {
        "POST" => MockResponse::new(502, "text/html", "lost"),
        _ => MockResponse::json(
            200,
            &json!({ "volumes": volumes, "page": 1, "per_page": 100, "total_count": volumes.len() }),
        ),
    })
    .await
}

#[tokio::test]
async fn an_item_that_cannot_be_decoded_makes_the_search_for_a_lost_create_inconclusive() {
    let mut twin = volume(1);
    (twin["name"], twin["created_at"]) = ("lost".into(), "2999-01-01T00:00:00Z".into());
    let mut odd = twin.clone();
    (odd["id"], odd["created_at"]) = ("v-2".into(), "yesterday".into());
    for (volumes, is_adopted) in [(vec![twin.clone()], true), (vec![twin, odd], false)] {
        let mock = losing_creates(volumes).await;
        let (time, client) = timed(&mock).await;
        let new = CreateVolume::new("lost", Region::NordNoKrs1, 50);
        match time.run(client.volumes().create_or_recover(new)).await {
            Ok(found) => assert!(is_adopted && found.id == "v-1", "{found:?}"),
            Err(error) => {
                assert!(!is_adopted && error.is_ambiguous(), "{error}");
                let candidates = error.unconfirmed().unwrap().candidates();
                assert!(candidates.is_none(), "an inconclusive search is not one that found some: {error}");
            }
        }
    }
}

/// A clock that advances when everything waits, and a client of a mock with this clock.
async fn timed(mock: &MockApi) -> (Time, Client) {
    let sandbox = stepped(Data::new()).await;
    let time = Time::of(&sandbox);
    let builder = time.builder(&sandbox).token(TOKEN).endpoint(mock.endpoint()).rate(None);
    (time, builder.retry_policy(RetryPolicy::never()).build().unwrap())
}

/// A service with volumes that are read in lists and one by one; they become ready after some lists.
async fn waited_for(service: Service, ready_after: usize) -> MockApi {
    let lists = Arc::new(AtomicUsize::new(0));
    MockApi::responding_by(move |request| {
        let page = request.number("page");
        if page == Some(1) {
            lists.fetch_add(1, Ordering::SeqCst);
        }
        let status = if lists.load(Ordering::SeqCst) > ready_after { "created" } else { "creating" };
        let mut response = match page {
            Some(page) => service.respond(page, request.number("per_page").unwrap_or(50)),
            None => {
                let id = request.path.rsplit('/').next().unwrap();
                MockResponse::json(200, &json!({ "volume": volume(id[2..].parse().unwrap()) }))
            }
        };
        let body = String::from_utf8(response.body).unwrap().replace("\"created\"", &format!("\"{status}\""));
        response.body = body.into_bytes();
        response
    })
    .await
}

async fn requests_of_waits(service: Service) -> (usize, usize) {
    let count = service.volumes;
    let mock = waited_for(service, 5).await;
    let (time, client) = timed(&mock).await;
    let ends = time.run(join_all((0..count).map(|number| client.volumes().wait(format!("v-{number}"))))).await;
    assert!(ends.iter().all(|end| end.as_ref().is_ok_and(|volume| volume.status == VolumeStatus::Created)), "{ends:?}");
    let requests = mock.requests();
    let lists = requests.iter().filter(|request| request.number("page").is_some()).count();
    (lists, requests.len() - lists)
}

#[tokio::test]
async fn waits_take_the_page_size_that_the_service_gives() {
    let right = requests_of_waits(Service { volumes: 200, ..RIGHT }).await;
    assert_eq!(right, (6 * 2, 0));
    for service in [
        Service { cap: 20, ..RIGHT },
        Service { cap: 20, per_page: |_| 20.into(), ..RIGHT },
        Service { cap: 20, per_page: ABSENT, page: ABSENT, ..RIGHT },
    ] {
        let requests = requests_of_waits(Service { volumes: 200, ..service }).await;
        assert_eq!(requests, (6 * 10, 0));
    }
    for total in [ABSENT, |_| 0.into(), |_| 1_000_000_000_000_000_u64.into(), |_| 20.into()] as [fn(u32) -> Value; 4] {
        let (lists, gets) = requests_of_waits(Service { volumes: 200, total, cap: 20, ..RIGHT }).await;
        assert!(lists + gets <= 6 * 200, "{lists} lists, {gets} gets");
    }
    let behind_the_last = BehindTheLast::Refused(404);
    let (lists, gets) = requests_of_waits(Service { volumes: 190, total: ABSENT, behind_the_last, ..RIGHT }).await;
    assert!(lists <= 6 * 3 && gets == 0, "{lists} lists, {gets} gets");
}

#[tokio::test]
async fn waits_go_on_beside_an_item_that_cannot_be_decoded() {
    let mock = MockApi::responding_by(|request| match request.number("page") {
        Some(_) => odd_page(odd_volume()),
        None => MockResponse::json(
            200,
            &json!({ "volume": volume(request.path[request.path.len() - 1..].parse().unwrap()) }),
        ),
    })
    .await;
    let (time, client) = timed(&mock).await;
    let wait = |number: u32| client.volumes().wait(format!("v-{number}"));
    let ends = time.run(join_all([wait(0), wait(2)])).await;
    assert!(ends.iter().all(Result::is_ok), "{ends:?}");
    assert_eq!(mock.requests().len(), 1);
    // Its own wait gets it by itself.
    let ends = time.run(join_all([wait(0), wait(1), wait(2)])).await;
    assert!(ends.iter().all(Result::is_ok), "{ends:?}");
    assert_eq!(mock.requests().len(), 1 + 2);
}

#[tokio::test]
async fn an_item_that_cannot_be_decoded_or_a_full_page_is_no_proof_that_another_is_gone() {
    let id = |number: u32| format!("{number:08}-0000-4000-8000-000000000000");
    let listed = |count: u32, odd: Option<Value>| {
        let mut volumes: Vec<_> = (0..count).map(volume).collect();
        volumes.extend(odd);
        json!({ "volumes": volumes, "page": 1, "per_page": 100, "total_count": volumes.len() })
    };
    let mut its_own = odd_volume();
    its_own["id"] = id(1).into();
    for (body, provable) in [
        (listed(2, None), 2),
        (listed(2, Some(its_own)), 1),
        (listed(2, Some(json!({ "name": 7 }))), 0),
        (listed(100, None), 0),
    ] {
        let mock = MockApi::responding_by(move |request| match request.number("page") {
            Some(_) => MockResponse::json(200, &body),
            None => MockResponse::json(200, &json!({ "volume": volume(7) })),
        })
        .await;
        let (time, client) = timed(&mock).await;
        let gone = |number| client.volumes().wait(id(number)).until_gone().within(Duration::from_secs(10));
        let ends = time.run(join_all([gone(1), gone(2)])).await;
        assert!(ends.iter().filter(|end| end.is_ok()).count() <= provable, "{provable}: {ends:?}");
    }
}

#[tokio::test]
async fn a_prefetched_page_that_failed_is_fetched_again_when_it_is_asked_for() {
    let sandbox = stepped(Data::new().with_instances(60)).await;
    let time = Time::of(&sandbox);
    let client = time.builder(&sandbox).retry_policy(RetryPolicy::never()).build().unwrap();
    let mut list = client.instances().list().per_page(20);
    for _ in 0..20 {
        time.run(list.try_next()).await.unwrap().unwrap();
    }
    sandbox.faults().add(FaultRule::new("*", Fault::status(503)).skip(1).times(1)).unwrap();
    time.run(list.try_next()).await.unwrap().unwrap();
    while sandbox.recorded_requests().len() < 3 {
        tokio::task::yield_now().await;
    }
    // The consumer takes two minutes for an item, in which the third page arrived with an error.
    time.run(genesiscloud::Clock::sleep(&time, Duration::from_secs(120))).await;
    let rest: Vec<_> = time.run(list.collect()).await;
    assert_eq!((rest.len(), rest.iter().filter(|item| item.is_err()).count()), (39, 0), "{rest:?}");
    assert_eq!(sandbox.recorded_requests().len(), 4);
}

#[tokio::test]
async fn a_list_prefetches_a_bounded_number_of_pages_whatever_is_asked_for() {
    let mock =
        Service { volumes: 1_000_000, cap: 1, total: |_| 1_000_000_000_000_000_u64.into(), ..RIGHT }.start().await;
    let mut list = mock.client().volumes().list().per_page(1).prefetch(u32::MAX);
    list.try_next().await.unwrap();
    list.try_next().await.unwrap();
    for _ in 0..20_000 {
        tokio::task::yield_now().await;
    }
    let furthest = mock.requests().iter().filter_map(|request| request.number("page")).max().unwrap();
    assert!(furthest <= 65, "{furthest}");
}

#[test]
fn a_list_that_another_runtime_began_gets_on() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (first, second) = (runtime(), runtime());
    let (_sandbox, time, client) = server.block_on(async {
        let sandbox = stepped(Data::new().with_instances(100)).await;
        let time = Time::of(&sandbox);
        let client = time.client(&sandbox);
        (sandbox, time, client)
    });
    let mut list = client.instances().list().per_page(10);
    // The task of its first page begins on a runtime that is not driven from then on.
    first.block_on(async { assert!(list.next().now_or_never().is_none()) });
    for _ in 0..10 {
        second.block_on(time.run(list.try_next())).unwrap().unwrap();
    }
    // The same for pages that are prefetched.
    first.block_on(async { assert!(list.next().now_or_never().is_none()) });
    let rest: Vec<_> = second.block_on(time.run(list.try_collect::<Vec<_>>())).unwrap();
    assert_eq!((rest.len(), time.passed() < Duration::from_secs(60)), (90, true));
    drop(first);
}

#[test]
fn a_list_outlives_the_runtime_that_began_it() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mock = server.block_on(Service { volumes: 100, ..RIGHT }.start());
    let client = mock.client();
    let mut list = client.volumes().list().per_page(10).prefetch(4);
    let first = runtime();
    first.block_on(async {
        for _ in 0..11 {
            list.try_next().await.unwrap().unwrap();
        }
    });
    drop(first);
    let rest = runtime().block_on(list.collect::<Vec<_>>());
    assert_eq!(rest.iter().filter(|item| item.is_ok()).count(), 89, "{rest:?}");
}
