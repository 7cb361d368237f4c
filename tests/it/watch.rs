//! Watches and their stores, with an injected clock: what they deliver, what is gone for certain, and what they cost.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::future::{Either, join, join_all, select};
use futures::{FutureExt, StreamExt};
use genesiscloud::{
    Change, Client, CreateInstance, CreateVolume, ErrorKind, Instance, InstanceStatus, Store, VolumeStatus, Watch,
};
use genesiscloud_sandbox::{Clock, Data, Fault, FaultRule, PageQuirks, RandomFaults, Sandbox, TotalCount};
use genesiscloud_tests::sandbox::{KRS, SMALL, key, stepped};
use genesiscloud_tests::time::Time;
use tokio::runtime::{Builder, Runtime};

const SECOND: Duration = Duration::from_secs(1);

/// An account with this many active instances.
async fn account(instances: usize) -> (Sandbox, Time, Client) {
    let mut data = Data::new().with_instances(instances);
    for vm in &mut data.instances {
        (vm.status, vm.is_protected) = (InstanceStatus::Active, Some(false));
    }
    let sandbox = stepped(data).await;
    let time = Time::of(&sandbox);
    // The sandbox has no rate limit either; what a watch sends is counted.
    let client = time.builder(&sandbox).rate(None).build().unwrap();
    (sandbox, time, client)
}

/// The number of requests of an operation, after the first `since` requests.
fn request_count(sandbox: &Sandbox, since: usize, operation: &str) -> usize {
    let recorded = sandbox.recorded_requests();
    recorded[since..].iter().filter(|request| request.operation.as_deref() == Some(operation)).count()
}

fn lists(sandbox: &Sandbox) -> usize {
    request_count(sandbox, 0, "ListInstancesPaginated")
}

/// Lets this time pass, and a millisecond, so that a poll that is due then has ended.
async fn pause(time: &Time, seconds: u64) {
    time.run(genesiscloud::Clock::sleep(time, Duration::from_millis(1000 * seconds + 1))).await;
}

fn age<T: genesiscloud::Waitable>(store: &Store<T>) -> Option<u64> {
    store.age().map(|age| age.as_secs())
}

/// An item of a watch as a text.
fn text(item: genesiscloud::Result<Change<Instance>>) -> String {
    match item {
        Ok(Change::Applied(vm)) => format!("{} {}", vm.name, vm.status),
        Ok(Change::Gone(vm)) => format!("{} gone", vm.name),
        Ok(other) => format!("{other:?}"),
        Err(error) => format!("{}", error.kind()),
    }
}

/// The items that need no further poll.
fn delivered(watch: &mut Watch<Instance>) -> Vec<String> {
    std::iter::from_fn(|| watch.next().now_or_never().flatten()).map(text).collect()
}

/// The next item of a watch, which comes within an hour.
async fn next(time: &Time, watch: &mut Watch<Instance>) -> genesiscloud::Result<Change<Instance>> {
    match time.run(select(watch.next(), genesiscloud::Clock::sleep(time, 3600 * SECOND))).await {
        Either::Left((item, _)) => item.expect("the watch goes on"),
        Either::Right(_) => panic!("nothing came"),
    }
}

/// A watch that has delivered all that exists.
async fn synced(time: &Time, client: &Client) -> Watch<Instance> {
    let mut watch = client.instances().watch();
    while next(time, &mut watch).await.unwrap() != Change::Synced {}
    watch
}

fn new(key: &str) -> CreateInstance {
    CreateInstance::new("new", SMALL, "ubuntu-24.04", KRS).ssh_keys([key])
}

#[tokio::test]
async fn a_watch_delivers_what_exists_and_then_each_change() {
    let (sandbox, time, client) = account(2).await;
    let names: Vec<_> = sandbox.data().instances.iter().map(|vm| format!("{} active", vm.name)).collect();
    let key = time.run(key(&client)).await;
    let mut watch = client.instances().watch();
    assert_eq!(lists(&sandbox), 0, "nothing is sent before it is polled");
    assert_eq!(text(time.run(watch.next()).await.unwrap()), names[0]);
    assert_eq!(delivered(&mut watch), [&names[1], "Synced"]);
    assert_eq!((time.passed(), lists(&sandbox)), (Duration::ZERO, 1));
    // A create shows at the next poll, and what does not change is not delivered again.
    let vm = time.run(client.instances().create(new(&key))).await.unwrap();
    let next = async |watch: &mut Watch<Instance>| {
        let item = time.run(watch.next()).await.unwrap();
        (text(item), time.passed().as_secs())
    };
    assert_eq!(next(&mut watch).await, ("new creating".into(), 2));
    assert_eq!(next(&mut watch).await, ("new creating".into(), 10), "with a private address");
    assert_eq!(next(&mut watch).await, ("new creating".into(), 20), "with a public one");
    assert_eq!(next(&mut watch).await, ("new active".into(), 30));
    time.run(client.instances().delete(&vm.id)).await.unwrap();
    assert_eq!(next(&mut watch).await, ("new deleting".into(), 32));
    assert_eq!(next(&mut watch).await, ("new gone".into(), 40));
    // One list per poll, and one request for what it lacks.
    assert_eq!((lists(&sandbox), request_count(&sandbox, 0, "GetInstance")), (21, 1));
}

#[tokio::test]
async fn every_resource_with_statuses_can_be_watched() {
    let sandbox = stepped(Data::realistic()).await;
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    let data = sandbox.data();
    macro_rules! stores {
        ($($service:ident)*) => {$(
            let store = client.$service().watch().store();
            time.run(store.wait_until_ready()).await.unwrap();
            assert_eq!(store.list().len(), data.$service.len(), stringify!($service));
            assert_eq!(store.get(&data.$service[0].id).unwrap().name, data.$service[0].name);
        )*};
    }
    stores! { instances volumes filesystems snapshots floating_ips security_groups }
}

#[tokio::test]
async fn hundreds_of_watches_and_stores_cost_one_list_per_poll() {
    let (sandbox, time, client) = account(250).await;
    let clients = [client.clone(), client.with_attempt_timeout(9 * SECOND)];
    let watches = (0..300).map(|number| clients[number % 2].instances().watch());
    let mut watches: Vec<_> = watches.collect();
    let stores: Vec<_> = watches.iter().map(Watch::store).collect();
    let readers: Vec<_> = stores.iter().flat_map(|store| [store.clone(), store.clone()]).collect();
    time.run(join_all(readers.iter().map(Store::wait_until_ready))).await;
    // All of them read and wait for a minute.
    let wait = join_all(watches.iter_mut().map(|watch| watch.by_ref().take(251).collect::<Vec<_>>()));
    let all = time.run(wait).await;
    assert!(all.iter().all(|items| items.len() == 251 && matches!(items[250], Ok(Change::Synced))));
    let mut next = join_all(watches.iter_mut().map(|watch| watch.next()));
    assert!((&mut next).now_or_never().is_none());
    pause(&time, 60).await;
    assert!(readers.iter().all(|store| store.list().len() == 250 && age(store) == Some(0)));
    assert_eq!((lists(&sandbox), sandbox.recorded_requests().len()), (31 * 3, 31 * 3));
    // One change reaches all of them.
    drop(next);
    let id = sandbox.data().instances[7].id.clone();
    time.run(client.instances().stop(&id)).await.unwrap();
    let changes = time.run(join_all(watches.iter_mut().map(|watch| watch.next()))).await;
    assert!(changes.into_iter().all(|change| text(change.unwrap()).ends_with("stopping")));
    assert!(readers.iter().all(|store| store.get(&id).unwrap().status == InstanceStatus::Stopping));
    // A watch that joins later begins with what is known, without a request.
    let before = sandbox.recorded_requests().len();
    let mut late = client.instances().watch();
    let items = delivered(&mut late);
    assert_eq!((items.len(), items[250].as_str(), sandbox.recorded_requests().len()), (251, "Synced", before));
}

#[tokio::test]
async fn waits_are_observed_by_the_list_of_a_watch() {
    let (sandbox, time, client) = account(250).await;
    let watch = synced(&time, &client).await;
    let ids: Vec<_> = sandbox.data().instances.into_iter().skip(100).take(100).map(|vm| vm.id).collect();
    pause(&time, 1).await;
    let before = sandbox.recorded_requests().len();
    let wait = |id: &String| client.instances().wait(id).until(InstanceStatus::Stopped).within(30 * SECOND);
    let rare = client.instances().wait(&ids[9]).every(3600 * SECOND).until(InstanceStatus::Stopped).within(30 * SECOND);
    let polls = time.run(join_all(ids[10..].iter().map(wait).chain([rare]))).await;
    let polls: Vec<_> = polls.into_iter().map(|end| end.unwrap_err().polls()).collect();
    // Their own: at first, and at the time limit. The watch's: one every two seconds, also for the one with the long pause.
    let requests = sandbox.recorded_requests().len() - before;
    assert_eq!((requests, polls.iter().min(), polls.iter().max()), (17 * 3, Some(&17), Some(&17)));
    // A resource that the list lacks is not requested more often because of it.
    let (before, nothing) = (sandbox.recorded_requests().len(), "10000000-0000-4000-8000-00000000ffff");
    sandbox.faults().add(FaultRule::new("GetInstance", Fault::status(503)).always()).unwrap();
    let rare = client.instances().wait(nothing).every(10 * SECOND).until_gone().within(60 * SECOND);
    time.run(rare).await.unwrap_err();
    assert_eq!(request_count(&sandbox, before, "GetInstance"), 7, "at once, every ten seconds, and at the time limit");
    sandbox.faults().clear();
    // They see what happens as soon as the watch does, and what the list lacks they request themselves.
    let (stopped, gone) = (&ids[0], &ids[1]);
    time.run(client.instances().stop(stopped)).await.unwrap();
    time.run(client.instances().delete(gone)).await.unwrap();
    let waits = join(wait(stopped), client.instances().wait(gone).until_gone());
    let (stopped, gone) = time.run(waits).await;
    assert!(stopped.is_ok() && gone.is_ok());
    drop(watch);
}

#[tokio::test]
async fn waits_go_on_by_themselves_when_the_watch_ends_or_fails() {
    let (sandbox, time, client) = account(3).await;
    let mut watch = synced(&time, &client).await;
    let id = sandbox.data().instances[0].id.clone();
    let wait = || client.instances().wait(&id).until(InstanceStatus::Stopped).within(60 * SECOND);
    time.run(client.instances().stop(&id)).await.unwrap();
    sandbox.faults().add(FaultRule::new("ListInstancesPaginated", Fault::status(503)).always()).unwrap();
    let started = time.passed();
    time.run(wait()).await.unwrap();
    assert!(time.passed() - started <= 13 * SECOND, "{:?}", time.passed() - started);
    time.run(client.instances().start(&id)).await.unwrap();
    pause(&time, 20).await;
    sandbox.faults().clear();
    delivered(&mut watch);
    // A list that hangs holds up no wait.
    time.run(client.instances().stop(&id)).await.unwrap();
    sandbox.faults().add(FaultRule::new("ListInstancesPaginated", Fault::Delay(50 * SECOND)).always()).unwrap();
    pause(&time, 3).await;
    let started = time.passed();
    time.run(wait()).await.unwrap();
    assert!(time.passed() - started <= 10 * SECOND, "{:?}", time.passed() - started);
    drop(watch);
}

#[tokio::test]
async fn the_polling_ends_with_the_last_watch_and_store() {
    let (sandbox, time, client) = account(3).await;
    let watch = synced(&time, &client).await;
    let other = synced(&time, &client).await;
    let store = watch.store();
    drop((watch, other));
    pause(&time, 10).await;
    assert_eq!((lists(&sandbox), store.list().len()), (6, 3), "the store is kept up to date");
    let reader = store.clone();
    drop(store);
    pause(&time, 10).await;
    assert_eq!(lists(&sandbox), 11);
    drop(reader);
    pause(&time, 60).await;
    assert_eq!(lists(&sandbox), 11);
    // In the middle of a poll as well: its response is not awaited.
    sandbox.faults().add(FaultRule::new("ListInstancesPaginated", Fault::Delay(5 * SECOND))).unwrap();
    let mut watch = client.instances().watch();
    let second = genesiscloud::Clock::sleep(&time, SECOND);
    assert!(matches!(time.run(select(watch.next(), second)).await, Either::Right(_)));
    drop(watch);
    pause(&time, 60).await;
    assert_eq!(lists(&sandbox), 12);
    // A new watch begins anew.
    let watch = synced(&time, &client).await;
    assert_eq!((lists(&sandbox), watch.store().list().len()), (13, 3));
}

#[tokio::test]
async fn no_list_makes_anything_gone() {
    let page = "ListInstancesPaginated";
    let quirks = |quirks| Fault::PageQuirks(quirks);
    for fault in [
        quirks(PageQuirks::new().hidden_cap(9).total_count(TotalCount::OfPage)),
        quirks(PageQuirks::new().hidden_cap(20).total_count(TotalCount::Capped(19))),
        quirks(PageQuirks::new().cap(10).total_count(TotalCount::OfPage)),
        quirks(PageQuirks::new().total_count(TotalCount::Capped(40))),
        quirks(PageQuirks::new().first_page_only()),
        Fault::ItemAdded,
        Fault::UndecodableItem,
        Fault::status(404).html(),
        Fault::status(500),
        Fault::CutBody,
        Fault::ResetInBody,
        Fault::Intermediary(serde_json::from_str(r#"{ "page": "proxy_200_json" }"#).unwrap()),
    ] {
        let (sandbox, time, client) = account(60).await;
        let mut watch = synced(&time, &client).await;
        let before = sandbox.recorded_requests().len();
        sandbox.faults().add(FaultRule::new(page, fault.clone()).always()).unwrap();
        pause(&time, 8).await;
        let seen = delivered(&mut watch);
        assert!(seen.iter().all(|item| !item.ends_with("gone")), "{fault}: {seen:?}");
        assert!(request_count(&sandbox, before, "GetInstance") <= 40, "{fault}");
        assert!(watch.store().list().len() >= 60, "{fault}");
        // One that is gone is reported all the same, if the lists can be read to an end.
        let vm = sandbox.data().instances[59].clone();
        time.run(client.instances().delete(&vm.id)).await.unwrap();
        pause(&time, 14).await;
        sandbox.faults().clear();
        pause(&time, 4).await;
        let seen = delivered(&mut watch);
        let gone: Vec<_> = seen.iter().filter(|item| item.ends_with("gone")).collect();
        assert_eq!(gone, [&format!("{} gone", vm.name)], "{fault}");
    }
}

#[tokio::test]
async fn only_the_api_makes_a_resource_gone() {
    let (sandbox, time, client) = account(130).await;
    let mut watch = synced(&time, &client).await;
    let id = sandbox.data().instances[100].id.clone();
    time.run(client.instances().delete(&id)).await.unwrap();
    for fault in [Fault::status(404).html(), Fault::status(403), Fault::status(503), Fault::ResetBeforeRequest] {
        sandbox.faults().add(FaultRule::new("GetInstance", fault)).unwrap();
    }
    pause(&time, 12).await;
    // Four polls show nothing; the fifth does.
    let mut seen = delivered(&mut watch);
    while !seen.last().is_some_and(|item| item.ends_with("gone")) {
        seen.push(text(time.run(watch.next()).await.unwrap()));
    }
    assert_eq!((time.passed(), request_count(&sandbox, 0, "GetInstance")), (18 * SECOND, 5));
    assert!(watch.store().get(&id).is_none() && watch.store().list().len() == 129);
}

#[tokio::test]
async fn many_that_are_gone_are_requested_some_at_a_time() {
    let (sandbox, time, client) = account(100).await;
    let mut watch = synced(&time, &client).await;
    let mut data = sandbox.data();
    data.instances.truncate(65);
    sandbox.seed(data);
    let mut polls = BTreeMap::<u64, usize>::new();
    for _ in 0..35 {
        assert!(text(time.run(watch.next()).await.unwrap()).ends_with("gone"));
        *polls.entry(time.passed().as_secs()).or_default() += 1;
    }
    assert_eq!(polls, BTreeMap::from([(2, 10), (4, 10), (6, 10), (8, 5)]));
    assert_eq!(request_count(&sandbox, 0, "GetInstance"), 35);
    assert_eq!(watch.store().list().len(), 65);
}

#[tokio::test]
async fn errors_are_items_and_the_watch_goes_on() {
    for (fault, kind) in [
        (Fault::status(503), "the service failed"),
        (Fault::status(429), "throttled"),
        (Fault::status(404).html(), "not found"),
        (Fault::ResetBeforeRequest, "the connection was lost"),
        (Fault::CutBody, "the connection was lost"),
        (Fault::Delay(3600 * SECOND), "no response in time"),
    ] {
        let (sandbox, time, client) = account(3).await;
        sandbox.faults().add(FaultRule::new("*", fault.clone()).times(2)).unwrap();
        let mut watch = client.instances().watch();
        let store = watch.store();
        let seen: Vec<_> = time.run(watch.by_ref().take(6).collect::<Vec<_>>()).await;
        let seen: Vec<_> = seen.into_iter().map(text).collect();
        assert_eq!((&seen[..2], seen[5].as_str()), (&[kind.to_owned(), kind.to_owned()][..], "Synced"), "{fault}");
        // Each poll is sent once. What is known stays, and its age grows.
        assert_eq!((lists(&sandbox), age(&store)), (3, Some(0)), "{fault}");
        sandbox.faults().add(FaultRule::new("*", Fault::status(503)).times(5)).unwrap();
        pause(&time, 10).await;
        assert_eq!((store.list().len(), age(&store)), (3, Some(10)));
        assert_eq!(delivered(&mut watch), ["the service failed"], "one, of five");
        pause(&time, 2).await;
        assert_eq!(age(&store), Some(0));
    }
}

#[tokio::test]
async fn what_polling_again_would_not_change_ends_a_watch() {
    for (status, kind) in
        [(401, ErrorKind::Unauthenticated), (403, ErrorKind::PermissionDenied), (404, ErrorKind::NotFound)]
    {
        let (sandbox, time, client) = account(3).await;
        let mut watches = [synced(&time, &client).await, synced(&time, &client).await];
        let store = watches[0].store();
        sandbox.faults().add(FaultRule::new("*", Fault::status(status))).unwrap();
        pause(&time, 2).await;
        for watch in &mut watches {
            let rest: [_; 2] = std::array::from_fn(|_| watch.next().now_or_never());
            assert!(matches!(&rest, [Some(Some(Err(error))), Some(None)] if error.kind() == kind), "{rest:?}");
        }
        pause(&time, 60).await;
        assert_eq!((lists(&sandbox), store.list().len(), age(&store)), (2, 3, Some(62)));
        // The store's readers see it as well, until it works again.
        sandbox.faults().add(FaultRule::new("*", Fault::status(status))).unwrap();
        assert_eq!(time.run(store.wait_until_ready()).await.unwrap_err().kind(), kind);
        pause(&time, 1).await;
        assert_eq!((lists(&sandbox), age(&store)), (3, Some(63)));
        time.run(store.wait_until_ready()).await.unwrap();
        pause(&time, 1).await;
        assert_eq!((lists(&sandbox), age(&store)), (4, Some(1)));
        // So does one that never was ready.
        sandbox.faults().add(FaultRule::new("*", Fault::status(status))).unwrap();
        let never = client.volumes().watch().store();
        assert_eq!(time.run(never.wait_until_ready()).await.unwrap_err().kind(), kind);
        time.run(never.wait_until_ready()).await.unwrap();
    }
}

#[tokio::test]
async fn a_slow_reader_gets_the_last_change_of_each_resource() {
    let (sandbox, time, client) = account(2).await;
    let (mut slow, mut quick) = (synced(&time, &client).await, synced(&time, &client).await);
    let vm = sandbox.data().instances[0].clone();
    let mut seen = vec![];
    for _ in 0..50 {
        time.run(client.instances().stop(&vm.id)).await.unwrap();
        pause(&time, 20).await;
        time.run(client.instances().start(&vm.id)).await.unwrap();
        pause(&time, 20).await;
        seen.extend(delivered(&mut quick));
    }
    assert_eq!(seen.len(), 50, "it reads every 40 s");
    assert_eq!(delivered(&mut slow), [format!("{} active", vm.name)]);
}

#[tokio::test]
async fn the_shortest_pause_counts() {
    let (sandbox, time, client) = account(2).await;
    let mut rare = client.instances().watch().every(60 * SECOND);
    assert_eq!(time.run(rare.by_ref().take(3).collect::<Vec<_>>()).await.len(), 3);
    pause(&time, 119).await;
    assert_eq!(lists(&sandbox), 2);
    // One that joins in the pause shortens it.
    let mut often = client.instances().watch().every(5 * SECOND);
    assert_eq!(delivered(&mut often).len(), 3);
    pause(&time, 1).await;
    assert_eq!(lists(&sandbox), 3);
    pause(&time, 10).await;
    assert_eq!(lists(&sandbox), 5);
    drop(often);
    pause(&time, 50).await;
    assert_eq!(lists(&sandbox), 5);
    let mut rest = rare.every(SECOND).collect::<Vec<_>>().now_or_never().unwrap();
    let error = rest.pop().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "refused before sending: a watch is configured before it is polled");
    let mut never = client.volumes().watch().every(Duration::MAX);
    assert!(matches!(time.run(never.next()).await, Some(Ok(Change::Applied(_) | Change::Synced))));
    pause(&time, 10_000).await;
}

/// The service is not reachable for a while, and comes back with another account behind the same address.
#[tokio::test]
async fn a_watch_outlives_a_restart_of_the_service() {
    let (sandbox, time, client) = account(3).await;
    let mut watch = synced(&time, &client).await;
    let (data, clock) = (sandbox.data(), sandbox.clock());
    let port = sandbox.endpoint().split([':', '/']).nth(4).unwrap().parse().unwrap();
    sandbox.stop().await;
    assert_eq!(text(time.run(watch.next()).await.unwrap()), "could not connect");
    let store = watch.store();
    assert_eq!(store.list().len(), 3);
    let mut rest = data.clone();
    rest.instances.remove(1);
    rest.instances[0].name = "renamed".into();
    let sandbox = Sandbox::builder().clock(clock).data(rest).port(port).start().await.unwrap();
    let mut seen = vec![];
    while seen.len() < 2 {
        let item = text(time.run(watch.next()).await.unwrap());
        seen.extend((item != "could not connect" && item != "the connection was lost").then_some(item));
    }
    assert_eq!(seen, ["renamed active", &format!("{} gone", data.instances[1].name)]);
    assert_eq!((store.list().len(), request_count(&sandbox, 0, "GetInstance")), (2, 1));
}

/// What a watch says is applied to a copy, which must be the account; and nothing is gone that exists.
#[tokio::test]
async fn a_copy_that_follows_a_watch_is_the_account() {
    for seed in 0..10 {
        let (sandbox, time, client) = account(30).await;
        let key = time.run(key(&client)).await;
        let faults = [
            Fault::status(503),
            Fault::ResetInBody,
            Fault::status(404).html(),
            Fault::UndecodableItem,
            Fault::PageQuirks(PageQuirks::new().hidden_cap(8).total_count(TotalCount::OfPage)),
            Fault::PageQuirks(PageQuirks::new().total_count(TotalCount::Capped(10))),
        ];
        let random = RandomFaults::new(seed, 0.3, faults);
        let (mut watch, mut copy) = (client.instances().watch(), BTreeMap::new());
        let mut draw = fastrand::Rng::with_seed(seed);
        for step in 0..40 {
            if step == 1 {
                sandbox.faults().set_random(random.clone()).unwrap();
            }
            let ids: Vec<_> = sandbox.data().instances.into_iter().map(|vm| vm.id).collect();
            let id = &ids[draw.usize(..ids.len())];
            // What the present state does not allow is rejected.
            match draw.u8(..4) {
                0 => drop(time.run(client.instances().delete(id)).await),
                1 => drop(time.run(client.instances().stop(id)).await),
                2 => drop(time.run(client.instances().start(id)).await),
                _ => drop(time.run(client.instances().create(new(&key))).await),
            }
            pause(&time, draw.u64(..8)).await;
            while let Some(item) = watch.next().now_or_never().flatten() {
                match item {
                    Ok(Change::Applied(vm)) => drop(copy.insert(vm.id.clone(), vm)),
                    Ok(Change::Gone(vm)) => {
                        assert!(sandbox.data().instances.iter().all(|left| left.id != vm.id), "seed {seed}: {}", vm.id);
                        assert!(copy.remove(&vm.id).is_some());
                    }
                    _ => {}
                }
            }
        }
        sandbox.faults().clear();
        pause(&time, 60).await;
        while let Some(Ok(item)) = watch.next().now_or_never().flatten() {
            match item {
                Change::Applied(vm) => drop(copy.insert(vm.id.clone(), vm)),
                Change::Gone(vm) => drop(copy.remove(&vm.id)),
                _ => {}
            }
        }
        let account: BTreeMap<_, _> = sandbox.data().instances.into_iter().map(|vm| (vm.id.clone(), vm)).collect();
        let statuses = |all: &BTreeMap<String, Instance>| {
            all.values().map(|vm| (vm.id.clone(), vm.status.clone())).collect::<Vec<_>>()
        };
        assert_eq!(statuses(&copy), statuses(&account), "seed {seed}");
        assert_eq!(watch.store().list().len(), account.len());
    }
}

#[tokio::test]
async fn a_store_reads_without_a_request() {
    let (sandbox, time, client) = account(0).await;
    let store = client.volumes().watch().store();
    assert!((store.list().is_empty(), age(&store), store.get("an-id").is_none()) == (true, None, true));
    pause(&time, 10).await;
    assert!(sandbox.recorded_requests().is_empty() && store.age().is_none());
    time.run(store.wait_until_ready()).await.unwrap();
    let disk = time.run(client.volumes().create(CreateVolume::new("data", KRS, 1))).await.unwrap();
    assert!(store.get(&disk.id).is_none(), "at the next poll");
    pause(&time, 2).await;
    let requests = sandbox.recorded_requests().len();
    let status = || store.get(&disk.id).map(|disk| disk.status.clone());
    assert_eq!((status(), store.list().len()), (Some(VolumeStatus::Creating), 1));
    assert_eq!(sandbox.recorded_requests().len(), requests);
    pause(&time, 4).await;
    assert_eq!(status(), Some(VolumeStatus::Created));
    assert_eq!(format!("{store:?}"), "Store { resources: 1, age: Some(2ms), .. }");
}

#[test]
fn outside_a_runtime_a_watch_is_an_error() {
    let client = Client::builder().token("secret").endpoint("http://127.0.0.1:1").build().unwrap();
    let mut watch = client.instances().watch();
    let items: Vec<_> = std::iter::from_fn(|| watch.next().now_or_never().flatten()).collect();
    assert!(matches!(&items[..], [Err(error)] if error.kind() == ErrorKind::InvalidInput), "{items:?}");
    let ready = client.instances().watch().store().wait_until_ready().now_or_never().unwrap();
    assert_eq!(ready.unwrap_err().kind(), ErrorKind::InvalidInput);
}

/// A sandbox on a runtime of its own, and two runtimes for watches.
fn runtimes() -> (Runtime, Runtime, Runtime, (Sandbox, Time, Client)) {
    let server = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let runtime = || Builder::new_current_thread().enable_all().build().unwrap();
    let account = server.block_on(account(3));
    (server, runtime(), runtime(), account)
}

#[test]
fn a_watch_polls_for_itself_where_another_runtime_stands_still() {
    let (_server, first, second, (sandbox, time, client)) = runtimes();
    let mut undriven = client.instances().watch();
    first.block_on(async { assert!(undriven.next().now_or_never().is_none()) });
    let mut watch = second.block_on(synced(&time, &client));
    assert_eq!((time.passed(), lists(&sandbox)), (2 * SECOND, 1), "the first has not even started");
    // The other runtime gets the same changes, and polls for itself when this one stands still.
    let names = first.block_on(time.run(undriven.by_ref().take(4).collect::<Vec<_>>())).len();
    let id = sandbox.data().instances[0].id.clone();
    second.block_on(time.run(client.instances().stop(&id))).unwrap();
    let seen = first.block_on(time.run(undriven.next())).unwrap();
    assert!(names == 4 && text(seen).ends_with("stopping"));
    assert!(second.block_on(time.run(watch.next())).is_some_and(|change| text(change).ends_with("stopping")));
}

#[test]
fn a_watch_polls_for_itself_where_another_runtime_has_ended() {
    let (_server, first, second, (sandbox, time, client)) = runtimes();
    let watch = first.block_on(synced(&time, &client));
    let mut other = second.block_on(async { time.run(client.instances().watch().boxed().into_future()).await.1 });
    drop(first);
    let id = sandbox.data().instances[0].id.clone();
    let seen = second.block_on(time.run(join(client.instances().stop(&id), other.by_ref().skip(3).next())));
    assert!(text(seen.1.unwrap()).ends_with("stopping"));
    // And a store that has no watch beside it, when it is waited for.
    let store = watch.store();
    drop((watch, other, second));
    let third = Builder::new_current_thread().enable_all().build().unwrap();
    let before = lists(&sandbox);
    third.block_on(async {
        time.run(store.wait_until_ready()).await.unwrap();
        pause(&time, 4).await;
    });
    assert_eq!((lists(&sandbox), age(&store)), (before + 3, Some(0)));
}

/// Several threads read a store by the system's clock while it is polled.
#[test]
fn a_store_is_read_from_any_thread() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (sandbox, store) = runtime.block_on(async {
        let sandbox = Sandbox::builder().clock(Clock::running(1000.0)).data(Data::realistic()).start().await.unwrap();
        let client = genesiscloud_tests::sandbox::client(&sandbox);
        let store = client.instances().watch().every(Duration::from_millis(1)).store();
        store.wait_until_ready().await.unwrap();
        (sandbox, store)
    });
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    assert_eq!(store.list().len(), 250);
                }
            });
        }
        let start = Instant::now();
        while lists(&sandbox) < 60 {
            assert!(start.elapsed() < 60 * SECOND);
            std::thread::yield_now();
        }
        is_over.store(true, Ordering::Relaxed);
    });
}
