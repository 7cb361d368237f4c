//! Waits, with an injected clock that advances only when every task is idle: what waits send, when, and how they end.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::{Either, join_all, select, try_join_all};
use futures::{FutureExt, StreamExt, TryStreamExt};
use genesiscloud::{
    Client, CreateInstance, CreateSecurityGroup, ErrorKind, Instance, InstanceAction, InstancePhase, InstanceStatus,
    WaitError, WaitErrorKind,
};
use genesiscloud_sandbox::{Clock, Data, Fault, FaultRule, Rate, Sandbox};
use genesiscloud_tests::sandbox::{KRS, SMALL, instance, key, stepped, volume};
use genesiscloud_tests::time::Time;

const SECOND: Duration = Duration::from_secs(1);

async fn account(data: Data) -> (Sandbox, Time, Client) {
    let sandbox = stepped(data).await;
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    (sandbox, time, client)
}

fn new(key: &str) -> CreateInstance {
    CreateInstance::new("new", SMALL, "ubuntu-24.04", KRS).ssh_keys([key])
}

/// An account with one instance that is being created, and active 30 s later.
async fn new_instance() -> (Sandbox, Time, Client, Instance) {
    let (sandbox, time, client) = account(Data::new()).await;
    let key = time.run(key(&client)).await;
    let vm = time.run(client.instances().create(new(&key))).await.unwrap();
    (sandbox, time, client, vm)
}

/// The number of requests of an operation, after the first `since` requests.
fn request_count(sandbox: &Sandbox, since: usize, operation: &str) -> usize {
    sandbox.recorded_requests()[since..]
        .iter()
        .filter(|request| request.operation.as_deref() == Some(operation))
        .count()
}

fn summary(error: &WaitError) -> (WaitErrorKind, Option<&str>, u32, u64) {
    (error.kind(), error.last_status(), error.polls(), error.elapsed().as_secs())
}

#[tokio::test]
async fn a_wait_polls_at_once_and_every_two_seconds_until_its_condition() {
    let (sandbox, time, client, vm) = new_instance().await;
    let before = sandbox.recorded_requests().len();
    let up = time.run(client.instances().wait(&vm.id).until(InstanceStatus::Active)).await.unwrap();
    assert_eq!((up.status, time.passed()), (InstanceStatus::Active, 30 * SECOND));
    assert_eq!(sandbox.recorded_requests().len() - before, 16);
    // A condition that is met already costs one poll.
    time.run(client.instances().wait(&vm.id)).await.unwrap();
    assert_eq!((time.passed(), sandbox.recorded_requests().len() - before), (30 * SECOND, 17));

    time.run(client.instances().delete(&vm.id)).await.unwrap();
    time.run(client.instances().wait(&vm.id).until_gone().every(3 * SECOND)).await.unwrap();
    assert_eq!(time.passed(), 42 * SECOND, "deleted after 10 s, polled every 3 s");
}

#[tokio::test]
async fn every_resource_with_statuses_can_be_waited_for() {
    let (sandbox, time, client) = account(Data::realistic()).await;
    let data = sandbox.data();
    macro_rules! gone {
        ($($service:ident $id:expr;)*) => {$(
            let id = $id.to_owned();
            time.run(client.$service().wait(&id).until_ready()).await.unwrap();
            time.run(client.$service().delete(&id)).await.unwrap();
            time.run(client.$service().wait(&id).until_gone()).await.unwrap();
            assert!(time.run(client.$service().get(&id)).await.unwrap_err().is_not_found());
        )*};
    }
    gone! {
        instances instance(1);
        volumes volume(119);
        filesystems data.filesystems[0].id;
        snapshots data.snapshots.last().unwrap().id;
        floating_ips data.floating_ips.iter().find(|ip| ip.instance.is_none()).unwrap().id;
    }
    let group = CreateSecurityGroup::new("new", KRS, []);
    let group = time.run(client.security_groups().create(group)).await.unwrap();
    time.run(client.security_groups().wait(&group.id)).await.unwrap();
    time.run(client.security_groups().delete(&group.id)).await.unwrap();
    time.run(client.security_groups().wait(&group.id).until_gone()).await.unwrap();
}

#[tokio::test]
async fn the_last_poll_is_at_the_deadline() {
    let (_sandbox, time, client, vm) = new_instance().await;
    let wait = client.instances().wait(&vm.id).every(3 * SECOND).within(10 * SECOND);
    let error = time.run(wait).await.unwrap_err();
    assert_eq!(summary(&error), (WaitErrorKind::TimedOut, Some("creating"), 5, 10));
    assert_eq!((time.passed(), error.condition(), error.id()), (10 * SECOND, "ready", vm.id.as_str()));
    assert_eq!(
        error.to_string(),
        format!("instance {}: waited for ready, but it is still creating; 5 polls in 10.0 s", vm.id)
    );
    // It becomes active at 30 s, between two polls, and at the deadline.
    let wait = client.instances().wait(&vm.id).every(18 * SECOND).within(20 * SECOND);
    assert_eq!(time.run(wait).await.unwrap().status, InstanceStatus::Active);
    assert_eq!(time.passed(), 30 * SECOND);
    // A time limit of zero is one poll.
    let error = time.run(client.instances().wait(&vm.id).until_gone().within(Duration::ZERO)).await.unwrap_err();
    assert_eq!(summary(&error), (WaitErrorKind::TimedOut, Some("active"), 1, 0));
}

#[tokio::test]
async fn a_wait_ends_at_once_when_its_condition_cannot_be_met() {
    let (sandbox, time, client) = account(Data::new()).await;
    let key = time.run(key(&client)).await;
    let create = async |fault: Option<Fault>| {
        fault.into_iter().for_each(|fault| sandbox.faults().add(FaultRule::new("CreateInstance", fault)).unwrap());
        time.run(client.instances().create(new(&key))).await.unwrap()
    };
    let wait = async |vm: &Instance| time.run(client.instances().wait(&vm.id)).await.unwrap_err();

    let failed = create(Some(Fault::EndsInError)).await;
    assert_eq!(wait(&failed).await.kind(), WaitErrorKind::Failed);
    let unpaid = create(Some(Fault::EndsInPendingPayment)).await;
    let error = wait(&unpaid).await;
    assert_eq!((error.kind(), error.last_status()), (WaitErrorKind::PendingPayment, Some("pending_payment")));
    // After the payment, another wait continues from there.
    assert!(sandbox.pay(&unpaid.id));
    assert_eq!(time.run(client.instances().wait(&unpaid.id)).await.unwrap().status, InstanceStatus::Active);

    time.run(client.instances().delete(&unpaid.id)).await.unwrap();
    let started = time.passed();
    assert_eq!(wait(&unpaid).await.kind(), WaitErrorKind::Deleting);
    time.run(client.instances().wait(&unpaid.id).until(InstanceStatus::Deleting)).await.unwrap();
    assert_eq!(time.passed(), started);
    time.run(client.instances().wait(&unpaid.id).until_gone()).await.unwrap();
    let error = wait(&unpaid).await;
    assert_eq!(summary(&error), (WaitErrorKind::Gone, None, 1, 0));
    assert_eq!(genesiscloud::Error::from(error).kind(), ErrorKind::NotFound);

    for (code, kind) in [(401, ErrorKind::Unauthenticated), (403, ErrorKind::PermissionDenied)] {
        sandbox.faults().add(FaultRule::new("GetInstance", Fault::status(code))).unwrap();
        let error = wait(&failed).await;
        assert_eq!(summary(&error), (WaitErrorKind::PollFailed, None, 1, 0), "{error}");
        let error = genesiscloud::Error::from(error);
        assert_eq!((error.kind(), error.status().unwrap().as_u16(), error.attempts()), (kind, code, 1));
    }
    let error = time.run(client.instances().wait("..")).await.unwrap_err();
    assert_eq!(genesiscloud::Error::from(error).kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn temporary_failures_do_not_end_a_wait() {
    for fault in [
        Fault::status(503),
        Fault::status(500),
        Fault::status(429),
        Fault::status(404).html(), // of an intermediary: without a code
        Fault::ResetBeforeRequest,
        Fault::ResetInBody,
        Fault::CutBody,
        Fault::Delay(3600 * SECOND),
    ] {
        let (sandbox, time, client, vm) = new_instance().await;
        sandbox.faults().add(FaultRule::new("*", fault.clone()).times(3)).unwrap();
        let errors = Arc::<Mutex<Vec<String>>>::default();
        let reported = Arc::clone(&errors);
        let wait = client.instances().wait(&vm.id).on_progress(move |progress| {
            assert_eq!(progress.resource.is_some(), progress.error.is_none());
            reported.lock().unwrap().extend(progress.error.map(ToString::to_string));
        });
        assert_eq!(time.run(wait).await.map(|vm| vm.status).unwrap(), InstanceStatus::Active, "{fault}");
        assert_eq!(errors.lock().unwrap().len(), 3, "{fault}");
    }
}

#[tokio::test]
async fn a_wait_with_lasting_failures_times_out_and_reports_the_last_one() {
    let (sandbox, time, client, vm) = new_instance().await;
    sandbox.faults().add(FaultRule::new("*", Fault::status(503)).always()).unwrap();
    let error = time.run(client.instances().wait(&vm.id).within(9 * SECOND)).await.unwrap_err();
    assert_eq!(summary(&error), (WaitErrorKind::TimedOut, None, 6, 9));
    assert!(
        error.to_string().contains("it was never observed; 6 polls in 9.0 s: GetInstance: the service failed (503"),
        "{error}"
    );
    // Without a response, the poll in flight at the deadline and the last poll take one attempt timeout each.
    sandbox.faults().clear();
    sandbox.faults().add(FaultRule::new("*", Fault::Delay(3600 * SECOND)).always()).unwrap();
    let started = time.passed();
    let error = time.run(client.instances().wait(&vm.id).within(50 * SECOND)).await.unwrap_err();
    assert_eq!(error.kind(), WaitErrorKind::TimedOut);
    assert_eq!((time.passed() - started).as_secs(), 110);
}

#[tokio::test]
async fn status_changes_end_with_the_condition() {
    let (_sandbox, time, client, vm) = new_instance().await;
    let states: Vec<_> = time.run(client.instances().wait(&vm.id).status_changes().try_collect()).await.unwrap();
    let statuses: Vec<_> = states.into_iter().map(|vm: Instance| vm.status).collect();
    assert_eq!(statuses, [InstanceStatus::Creating, InstanceStatus::Active]);

    time.run(client.instances().delete(&vm.id)).await.unwrap();
    let states: Vec<_> = time.run(client.instances().wait(&vm.id).status_changes().collect()).await;
    assert_eq!(states.len(), 1, "{states:?}");
    assert_eq!(states[0].as_ref().unwrap_err().kind(), WaitErrorKind::Deleting);
    let states: Vec<_> =
        time.run(client.instances().wait(&vm.id).until_gone().status_changes().try_collect()).await.unwrap();
    assert_eq!(states.into_iter().map(|vm| vm.status).collect::<Vec<_>>(), [InstanceStatus::Deleting]);
}

#[tokio::test]
async fn nothing_is_sent_before_a_wait_is_polled_or_after_it_is_dropped() {
    let (sandbox, time, client, vm) = new_instance().await;
    let before = sandbox.recorded_requests().len();
    let mut wait = client.instances().wait(&vm.id);
    assert_eq!(sandbox.recorded_requests().len(), before);
    let pause = genesiscloud::Clock::sleep(&time, 5 * SECOND);
    assert!(matches!(time.run(select(&mut wait, pause)).await, Either::Right(_)));
    assert_eq!(request_count(&sandbox, before, "GetInstance"), 3);
    drop(wait);
    // There is another wait; the dropped one is not polled for any more.
    let other = time.run(client.instances().create(new(&sandbox.data().ssh_keys[0].id))).await.unwrap();
    time.run(client.instances().wait(&other.id)).await.unwrap();
    let recorded = sandbox.recorded_requests();
    let polls = recorded.iter().filter(|request| request.target.ends_with(&vm.id)).count();
    assert_eq!((polls, request_count(&sandbox, before, "ListInstancesPaginated")), (3, 0));
}

/// An account with this many active instances, and the ids of the last ones.
async fn fleet(instances: usize, new: usize, rate: bool) -> (Sandbox, Time, Client, Vec<String>) {
    let mut data = Data::new().with_instances(instances);
    for vm in &mut data.instances {
        (vm.status, vm.is_protected) = (InstanceStatus::Active, Some(false));
    }
    genesiscloud_tests::leaks::watch();
    let mut builder = Sandbox::builder().clock(Clock::stepped()).data(data.clone());
    if rate {
        builder = builder.rate(Rate::per_second(10).burst(10));
    }
    let sandbox = builder.start().await.unwrap();
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    let ids: Vec<_> = data.instances.iter().rev().take(new).map(|vm| vm.id.clone()).collect();
    (sandbox, time, client, ids)
}

/// The number of requests of each poll over a minute, with this many waits for a condition that is never met.
async fn requests_per_poll(instances: usize, waits: usize) -> Vec<usize> {
    let (sandbox, time, client, ids) = fleet(instances, waits, true).await;
    let wait = |id| {
        client.instances().wait(id).until(InstanceStatus::Stopped).within(60 * SECOND).map(|end| {
            assert_eq!(end.unwrap_err().kind(), WaitErrorKind::TimedOut);
        })
    };
    time.run(join_all(ids.iter().map(wait))).await;
    let recorded = sandbox.recorded_requests();
    assert!(recorded.iter().all(|request| request.status == Some(200)));
    let mut polls = std::collections::BTreeMap::<u64, usize>::new();
    let start = recorded[0].at;
    for request in &recorded {
        // The limit spreads a poll over less than a second.
        let second = (request.at - start).num_milliseconds() / 1_000;
        *polls.entry(second as u64).or_default() += 1;
    }
    polls.into_values().collect()
}

#[tokio::test]
async fn many_waits_share_one_poll() {
    let polls = requests_per_poll(500, 500).await;
    println!("500 waits in an account of 500: {polls:?}");
    assert!(polls.len() >= 29 && polls.iter().all(|requests| *requests <= 500usize.div_ceil(100) + 1), "{polls:?}");
    let polls = requests_per_poll(1_000, 500).await;
    println!("500 waits in an account of 1,000: {polls:?}");
    assert!(polls.iter().all(|requests| *requests <= 11), "{polls:?}");
}

#[tokio::test]
async fn few_waits_in_a_large_account_get_each_resource() {
    let polls = requests_per_poll(10_000, 3).await;
    println!("3 waits in an account of 10,000: {polls:?}");
    let counting = polls.iter().filter(|requests| **requests == 4).count();
    assert!(counting <= 2 && polls.iter().all(|requests| (3..=4).contains(requests)), "{polls:?}");
    let polls = requests_per_poll(50, 3).await;
    assert!(polls.iter().all(|requests| *requests == 1), "{polls:?}");
}

#[tokio::test]
async fn five_hundred_instances_are_stopped_and_deleted_without_a_429() {
    let (sandbox, time, client, ids) = fleet(500, 500, true).await;
    time.run(try_join_all(ids.iter().map(|id| client.instances().stop(id)))).await.unwrap();
    let before = sandbox.recorded_requests().len();
    let stopped = ids.iter().map(|id| client.instances().wait(id).until(InstanceStatus::Stopped));
    time.run(try_join_all(stopped)).await.unwrap();
    let stopping = sandbox.recorded_requests().len() - before;
    time.run(try_join_all(ids.iter().map(|id| client.instances().delete(id)))).await.unwrap();
    let before = sandbox.recorded_requests().len();
    time.run(try_join_all(ids.iter().map(|id| client.instances().wait(id).until_gone()))).await.unwrap();
    let deleting = sandbox.recorded_requests().len() - before;
    println!("{stopping} requests until stopped, {deleting} until gone");
    assert!(stopping <= 60 && deleting <= 60, "{stopping} {deleting}");
    assert!(sandbox.data().instances.is_empty());
    assert!(sandbox.recorded_requests().iter().all(|request| request.status != Some(429)));
}

#[tokio::test]
async fn deleted_instances_are_distinguished_from_those_hidden_by_shifted_pages() {
    let (sandbox, time, client, mut ids) = fleet(450, 450, false).await;
    ids.reverse();
    // A list takes 200 ms, and the first instances of the account go one by one meanwhile.
    sandbox.faults().add(FaultRule::new("ListInstancesPaginated", Fault::Delay(SECOND / 10)).always()).unwrap();
    let instances = client.instances();
    let gone = join_all(ids[..100].iter().map(async |id| {
        instances.delete(id).await.unwrap();
        instances.wait(id).until_gone().await
    }));
    let stay =
        join_all(ids[100..140].iter().map(|id| instances.wait(id).until(InstanceStatus::Stopped).within(60 * SECOND)));
    // And there are waits for instances to be gone that are not deleted.
    let never = join_all(ids[140..160].iter().map(|id| instances.wait(id).until_gone().within(60 * SECOND)));
    let (gone, stay, never) = time.run(futures::future::join3(gone, stay, never)).await;
    assert!(gone.iter().all(Result::is_ok), "{gone:?}");
    let ends = stay.into_iter().map(|end| end.map(|_| ())).chain(never);
    for end in ends {
        assert_eq!(end.unwrap_err().kind(), WaitErrorKind::TimedOut, "it is there all the time");
    }
    let one_by_one = request_count(&sandbox, 0, "GetInstance");
    println!("{one_by_one} requested one by one, {} pages", request_count(&sandbox, 0, "ListInstancesPaginated"));
}

#[tokio::test]
async fn waits_that_begin_one_after_the_other_share_polls() {
    let (sandbox, time, client, ids) = fleet(300, 40, false).await;
    let tasks = ids.iter().enumerate().map(|(number, id)| {
        let (time, client) = (time.clone(), client.clone());
        async move {
            genesiscloud::Clock::sleep(&time, Duration::from_millis(100) * number as u32).await;
            client.instances().wait(id).until(InstanceStatus::Stopped).within(30 * SECOND).await.unwrap_err()
        }
    });
    time.run(join_all(tasks)).await;
    // 3 pages every 2 s for 34 s, and a few polls before all are together.
    let requests = sandbox.recorded_requests().len();
    assert!(requests < 120, "{requests}");
}

#[tokio::test]
async fn a_list_that_is_forbidden_does_not_fail_waits() {
    let (sandbox, time, client, ids) = fleet(10, 5, false).await;
    sandbox.faults().add(FaultRule::new("ListInstancesPaginated", Fault::status(403)).always()).unwrap();
    let up = time.run(try_join_all(ids.iter().map(|id| client.instances().wait(id)))).await.unwrap();
    assert_eq!((up.len(), sandbox.recorded_requests().len()), (5, 6));
    sandbox.faults().clear();
    sandbox.faults().add(FaultRule::new("ListInstancesPaginated", Fault::status(401)).always()).unwrap();
    let client = time.client(&sandbox);
    let ends = time.run(join_all(ids.iter().map(|id| client.instances().wait(id)))).await;
    assert!(ends.iter().all(|end| end.as_ref().unwrap_err().kind() == WaitErrorKind::PollFailed), "{ends:?}");
    assert_eq!(sandbox.recorded_requests().len(), 7);
}

#[test]
fn a_wait_outlives_the_runtime_that_polls_for_it() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (first, second) = (runtime(), runtime());
    let (sandbox, client, id) = second.block_on(async {
        let sandbox = Sandbox::start().await;
        let client = genesiscloud_tests::sandbox::client(&sandbox);
        let key = key(&client).await;
        let id = client.instances().create(new(&key)).await.unwrap().id;
        (sandbox, client, id)
    });
    let wait = || client.instances().wait(&id).every(Duration::from_millis(5));
    let abandoned = first.spawn(wait().until(InstanceStatus::Stopped));
    first.block_on(async { client.quotas().get().await.unwrap() });
    let second_wait = second.spawn(wait().until(InstanceStatus::Active));
    let start = std::time::Instant::now();
    while request_count(&sandbox, 0, "GetInstance") == 0 {
        assert!(start.elapsed() < 60 * SECOND, "no poll was sent");
        std::thread::yield_now();
    }
    first.shutdown_background();
    assert_eq!(second.block_on(second_wait).unwrap().unwrap().status, InstanceStatus::Active);
    drop(abandoned);
}

/// A new instance in a sandbox on a runtime of its own, and two runtimes for its waits.
struct Runtimes {
    _server: tokio::runtime::Runtime,
    first: tokio::runtime::Runtime,
    second: tokio::runtime::Runtime,
    account: (Sandbox, Time, Client, Instance),
}

impl Runtimes {
    fn new() -> Self {
        let server = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let account = server.block_on(new_instance());
        Self { _server: server, first: runtime(), second: runtime(), account }
    }
}

#[test]
fn a_poll_that_a_stalled_runtime_never_starts_is_started_by_others() {
    let Runtimes { _server, first, second, account: (_sandbox, time, client, vm) } = Runtimes::new();
    let mut undriven = client.instances().wait(&vm.id);
    first.block_on(async { assert!((&mut undriven).now_or_never().is_none()) });
    let seen = second.block_on(time.run(client.instances().wait(&vm.id).until(InstanceStatus::Creating))).unwrap();
    assert_eq!((seen.id, time.passed()), (vm.id, SECOND));
}

#[test]
fn a_poll_that_a_stalled_runtime_never_finishes_is_started_by_others() {
    let Runtimes { _server, first, second, account: (sandbox, time, client, vm) } = Runtimes::new();
    sandbox.faults().add(FaultRule::new("GetInstance", Fault::Delay(3600 * SECOND))).unwrap();
    let (mut undriven, mut wait) = (client.instances().wait(&vm.id), client.instances().wait(&vm.id));
    first.block_on(async { assert!((&mut undriven).now_or_never().is_none()) });
    second.block_on(async { assert!((&mut wait).now_or_never().is_none()) });
    // One poll for both, which the sandbox holds.
    first.block_on(async {
        while sandbox.clock().pending_delays().is_empty() {
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(second.block_on(time.run(wait)).unwrap().status, InstanceStatus::Active);
    assert_eq!(time.passed(), 30 * SECOND);
}

#[tokio::test]
async fn polls_use_the_options_the_client_was_built_with() {
    let (_sandbox, time, client, vm) = new_instance().await;
    let impatient = client.with_attempt_timeout(Duration::ZERO).with_deadline(Duration::ZERO);
    time.run(impatient.instances().wait(&vm.id)).await.unwrap();
    assert_eq!(time.passed(), 30 * SECOND);
}

#[tokio::test]
async fn a_wait_that_is_polled_late_still_gets_its_last_poll() {
    let (_sandbox, time, client, vm) = new_instance().await;
    let mut states = client.instances().wait(&vm.id).within(10 * SECOND).status_changes();
    assert_eq!(time.run(states.try_next()).await.unwrap().unwrap().status, InstanceStatus::Creating);
    time.run(genesiscloud::Clock::sleep(&time, 1000 * SECOND)).await;
    assert_eq!(time.run(states.try_next()).await.unwrap().unwrap().status, InstanceStatus::Active);
}

#[tokio::test]
async fn a_get_that_hangs_does_not_delay_other_waits() {
    let (sandbox, time, client, ids) = fleet(10_000, 2, false).await;
    sandbox.faults().add(FaultRule::new("GetInstance", Fault::Delay(50 * SECOND))).unwrap();
    let wait = |id: &String| client.instances().wait(id).within(SECOND * 60);
    let ends = ids.iter().map(|id| wait(id).map(|end| (end.unwrap(), time.passed())));
    let mut times: Vec<_> = time.run(join_all(ends)).await.into_iter().map(|(_, passed)| passed).collect();
    times.sort();
    assert_eq!(times, [Duration::ZERO, 50 * SECOND]);
}

#[tokio::test]
async fn many_waits_for_one_resource_get_it_once() {
    let (sandbox, time, client, ids) = fleet(250, 1, false).await;
    let waits = (0..500).map(|_| client.instances().wait(&ids[0]).until(InstanceStatus::Stopped).within(10 * SECOND));
    time.run(join_all(waits)).await;
    assert_eq!((sandbox.recorded_requests().len(), request_count(&sandbox, 0, "GetInstance")), (6, 6));
}

#[tokio::test]
async fn the_last_poll_gets_a_resource_that_the_list_lacks() {
    let (sandbox, time, client, ids) = fleet(250, 20, false).await;
    time.run(try_join_all(ids.iter().map(|id| client.instances().delete(id)))).await.unwrap();
    time.run(join_all(ids.iter().map(|id| client.instances().wait(id).until_gone()))).await;
    // To another client, no list has shown anything yet. (Without a rate limit: the waits time out after one attempt
    // timeout, to which `Time` would advance while they wait for permits.)
    let client = time.builder(&sandbox).rate(None).build().unwrap();
    let gone = ids.iter().map(|id| client.instances().wait(id).until_gone().within(Duration::ZERO));
    time.run(try_join_all(gone)).await.unwrap();
    assert_eq!(sandbox.data().instances.len(), 230);
}

#[tokio::test]
async fn settings_after_the_first_poll_are_an_error() {
    let (_sandbox, time, client, vm) = new_instance().await;
    let running = || {
        let mut wait = client.instances().wait(&vm.id);
        assert!((&mut wait).now_or_never().is_none());
        wait
    };
    let assert_too_late =
        |error: WaitError| assert!(error.to_string().contains("a wait is configured before it is polled"), "{error}");
    assert_too_late(time.run(running().until(InstanceStatus::Stopped)).await.unwrap_err());
    assert_too_late(time.run(running().until_gone()).await.unwrap_err());
    assert_too_late(time.run(running().status_changes().try_next()).await.unwrap_err());
    time.run(running()).await.unwrap();
}

#[tokio::test]
async fn extreme_durations_do_not_overflow() {
    let (_sandbox, time, client, vm) = new_instance().await;
    let never = || client.instances().wait(&vm.id).every(Duration::MAX).within(Duration::MAX);
    let other = client.instances().wait(&vm.id).within(10 * SECOND);
    let both = futures::future::join(never().until(InstanceStatus::Creating), never().until(InstanceStatus::Creating));
    let (ends, other) = time.run(futures::future::join(both, other)).await;
    assert!(ends.0.is_ok() && ends.1.is_ok());
    assert!(other.unwrap_err().is_timeout());
}

/// A clock that advances with each reading.
#[derive(Debug)]
struct Ticking(std::sync::atomic::AtomicU64, std::time::Instant);

impl genesiscloud::Clock for Ticking {
    fn now(&self) -> std::time::Instant {
        self.1 + Duration::from_micros(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }

    fn system_time(&self) -> std::time::SystemTime {
        std::time::SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> genesiscloud::Sleep {
        if duration.is_zero() { Box::pin(std::future::ready(())) } else { Box::pin(tokio::time::sleep(duration)) }
    }

    fn timeout(&self, duration: Duration) -> genesiscloud::Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[tokio::test]
async fn a_wait_that_begins_while_a_poll_starts_is_observed() {
    let (sandbox, _, _, ids) = fleet(2, 2, false).await;
    let clock = Ticking(0.into(), std::time::Instant::now());
    let client = genesiscloud_tests::sandbox::builder(&sandbox).rate(None).clock(clock).build().unwrap();
    // Each ends at its first poll, after which none polls for the others.
    let wait = |id| client.instances().wait(id).every(3600 * SECOND).within(3600 * SECOND);
    let ends = tokio::time::timeout(20 * SECOND, join_all(ids.iter().map(wait))).await.expect("all waits end");
    assert!(ends.iter().all(Result::is_ok), "{ends:?}");
}

/// An instance that is active at 30 s, and has a public address at 39 s.
async fn late_address() -> (Sandbox, Time, Client, Instance) {
    let (sandbox, time, client) = account(Data::new()).await;
    let key = time.run(key(&client)).await;
    sandbox.faults().add(FaultRule::new("CreateInstance", Fault::LateAddress(9 * SECOND))).unwrap();
    let vm = time.run(client.instances().create(new(&key))).await.unwrap();
    (sandbox, time, client, vm)
}

#[tokio::test]
async fn a_wait_until_addressed_ends_with_an_active_instance_that_has_a_public_address() {
    let (sandbox, time, client, vm) = late_address().await;
    let active = time.run(client.instances().wait(&vm.id)).await.unwrap();
    assert_eq!((active.public_ip, time.passed()), (None, 30 * SECOND));
    let addressed = time.run(client.instances().wait(&vm.id).until_addressed()).await.unwrap();
    assert!(addressed.public_ip.is_some() && addressed.status == InstanceStatus::Active);
    assert_eq!(time.passed(), 40 * SECOND);
    // An address without `active` does not meet it.
    time.run(client.instances().stop(&vm.id)).await.unwrap();
    let wait = client.instances().wait(&vm.id).until_addressed().within(20 * SECOND);
    let error = time.run(wait).await.unwrap_err();
    assert_eq!(summary(&error), (WaitErrorKind::TimedOut, Some("stopped"), 11, 20));
    let expected = "waited for a public address, but it is still stopped; 11 polls in 20.0 s";
    assert_eq!(error.to_string(), format!("instance {}: {expected}", vm.id));
    assert_eq!(request_count(&sandbox, 0, "ListInstancesPaginated"), 0);
}

#[tokio::test]
async fn a_wait_until_addressed_ends_as_one_until_ready_does() {
    for (fault, kind) in
        [(Fault::EndsInError, WaitErrorKind::Failed), (Fault::EndsInPendingPayment, WaitErrorKind::PendingPayment)]
    {
        let (sandbox, time, client) = account(Data::new()).await;
        let key = time.run(key(&client)).await;
        sandbox.faults().add(FaultRule::new("CreateInstance", fault)).unwrap();
        let vm = time.run(client.instances().create(new(&key))).await.unwrap();
        assert_eq!(time.run(client.instances().wait(&vm.id).until_addressed()).await.unwrap_err().kind(), kind);
    }
    let (_sandbox, time, client, vm) = late_address().await;
    time.run(client.instances().wait(&vm.id)).await.unwrap();
    time.run(client.instances().delete(&vm.id)).await.unwrap();
    let wait = || client.instances().wait(&vm.id).until_addressed();
    assert_eq!(time.run(wait()).await.unwrap_err().kind(), WaitErrorKind::Deleting);
    time.run(client.instances().wait(&vm.id).until_gone()).await.unwrap();
    assert_eq!(time.run(wait()).await.unwrap_err().kind(), WaitErrorKind::Gone);
}

#[tokio::test]
async fn a_predicate_decides_before_the_status_does() {
    let (sandbox, time, client) = account(Data::new()).await;
    let key = time.run(key(&client)).await;
    let create = async || {
        sandbox.faults().add(FaultRule::new("CreateInstance", Fault::EndsInError)).unwrap();
        time.run(client.instances().create(new(&key))).await.unwrap()
    };
    // `error` meets it, and ends a wait whose predicate it does not meet.
    let (vm, is_settled) = (create().await, |vm: &Instance| vm.status != InstanceStatus::Creating);
    let settled = time.run(client.instances().wait(&vm.id).until_matching(is_settled)).await.unwrap();
    assert_eq!((settled.status, time.passed()), (InstanceStatus::Error, 16 * SECOND));
    let wait = client.instances().wait(&vm.id).until_matching(|vm| vm.private_ip.is_some());
    let error = time.run(wait).await.unwrap_err();
    assert_eq!((error.kind(), error.condition(), error.polls()), (WaitErrorKind::Failed, "a match", 1));
    // So does `deleting`.
    time.run(client.instances().delete(&vm.id)).await.unwrap();
    let is_deleting = |vm: &Instance| vm.status == InstanceStatus::Deleting;
    time.run(client.instances().wait(&vm.id).until_matching(is_deleting)).await.unwrap();
    // For a resource without addresses, and with the other settings: the changes end with what meets it.
    let (vm, polls) = (create().await, Arc::<Mutex<u32>>::default());
    let (seen, counted) = (Arc::clone(&polls), Arc::clone(&polls));
    let third = move |_: &Instance| *seen.lock().unwrap() == 3;
    let wait = client.instances().wait(&vm.id).every(4 * SECOND).within(60 * SECOND);
    let wait = wait.on_progress(move |progress| *counted.lock().unwrap() = progress.polls).until_matching(third);
    let states: Vec<_> = time.run(wait.status_changes().try_collect()).await.unwrap();
    let statuses: Vec<_> = states.into_iter().map(|vm: Instance| vm.status).collect();
    assert_eq!((statuses, *polls.lock().unwrap()), (vec![InstanceStatus::Creating, InstanceStatus::Creating], 3));
}

#[tokio::test]
async fn a_predicate_that_panics_ends_its_wait_alone() {
    let (sandbox, time, client, ids) = fleet(30, 4, false).await;
    let wait = |id: &String| client.instances().wait(id).until(InstanceStatus::Stopped).within(10 * SECOND);
    let panics = client.instances().wait(&ids[0]).until_matching(|_| panic!("out of range"));
    let panics = std::panic::AssertUnwindSafe(panics).catch_unwind();
    let (panic, others) = time.run(futures::future::join(panics, join_all(ids[1..].iter().map(wait)))).await;
    assert_eq!(panic.unwrap_err().downcast_ref::<&str>(), Some(&"out of range"));
    assert!(others.iter().all(|end| end.as_ref().is_err_and(WaitError::is_timeout)), "{others:?}");
    assert_eq!((time.passed(), request_count(&sandbox, 0, "ListInstancesPaginated")), (10 * SECOND, 6));
    time.run(client.instances().wait(&ids[0])).await.unwrap();
}

#[tokio::test]
async fn the_phase_of_an_instance_is_known_until_it_is_gone() {
    let (sandbox, time, client) = account(Data::new()).await;
    let key = time.run(key(&client)).await;
    sandbox.faults().add(FaultRule::new("CreateInstance", Fault::StaleReads(5 * SECOND))).unwrap();
    let vm = time.run(client.instances().create(new(&key))).await.unwrap();
    let phase = async || time.run(client.instances().phase(&vm.id)).await.unwrap();
    assert_eq!(
        (vm.phase(), phase().await),
        (InstancePhase::Pending, InstancePhase::Pending),
        "a 404 shows nothing yet"
    );
    let mut seen = vec![];
    let mut step = async |action: Option<InstanceAction>| {
        if let Some(action) = action {
            time.run(client.instances().perform(&vm.id, action)).await.unwrap();
        }
        seen.push(phase().await);
        time.advance(30 * SECOND);
        seen.push(phase().await);
    };
    step(None).await;
    step(Some(InstanceAction::Stop)).await;
    step(Some(InstanceAction::Start)).await;
    use InstancePhase::{Deleting, Gone, Pending, Running, Stopped, Stopping};
    assert_eq!(seen, [Pending, Running, Stopping, Stopped, Pending, Running]);
    time.run(client.instances().delete(&vm.id)).await.unwrap();
    assert_eq!(phase().await, Deleting);
    time.advance(10 * SECOND);
    let before = sandbox.recorded_requests().len();
    assert_eq!((phase().await, sandbox.recorded_requests().len() - before), (Gone, 1));
    // What an intermediary responds shows nothing.
    sandbox.faults().add(FaultRule::new("GetInstance", Fault::status(404).html())).unwrap();
    assert!(time.run(client.instances().phase(&vm.id)).await.unwrap_err().is_from_intermediary());
}
