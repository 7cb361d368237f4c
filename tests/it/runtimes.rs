//! One client in many runtimes: one after another, several at once, one that stands still, one that ends during a call.

use std::future::Future;
use std::pin::pin;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use futures::future::select;
use futures::{FutureExt, StreamExt, TryStreamExt};
use genesiscloud::{
    Client, CreateInstance, CreateVolume, ErrorKind, Instance, InstanceStatus, OrphanedResource, ScopeError,
    WaitErrorKind, Waiter,
};
use genesiscloud_sandbox::{Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::sandbox::{KRS, SMALL, builder, driven, instance, key};
use genesiscloud_tests::time::Time;
use tokio::runtime::{Builder, Runtime};

const SECOND: Duration = Duration::from_secs(1);
/// In real time: far longer than anything here takes, and the end of what hangs.
const LONG: Duration = Duration::from_secs(30);

/// A runtime that is driven only while something runs on it.
fn undriven() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A sandbox on a runtime of its own, which is always driven.
struct Service {
    _runtime: Runtime,
    sandbox: Sandbox,
}

impl Service {
    fn new() -> Self {
        Self::with(Data::new().with_instances(25))
    }

    fn with(data: Data) -> Self {
        let (sandbox, _runtime) = driven(data);
        Self { sandbox, _runtime }
    }

    /// A client by the system's clock: a call that hangs ends by its deadline, which is an error.
    fn client(&self) -> Client {
        builder(&self.sandbox).rate(None).deadline(LONG).build().unwrap()
    }

    fn fault(&self, operation: &str, fault: Fault) {
        self.sandbox.faults().add(FaultRule::new(operation, fault)).unwrap();
    }
}

/// A get, a list of several pages, and a create.
async fn use_client(client: &Client) {
    client.quotas().get().await.unwrap();
    assert_eq!(client.instances().list().per_page(10).try_collect::<Vec<_>>().await.unwrap().len(), 25);
    client.volumes().create(CreateVolume::new("data", KRS, 1)).await.unwrap();
}

/// Asserts that a future ends long before its own time limits.
async fn promptly<T>(future: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let output = future.await;
    assert!(start.elapsed() < LONG / 2, "it took {:?}", start.elapsed());
    output
}

#[test]
fn a_static_client_works_in_one_runtime_after_another() {
    static SERVICE: LazyLock<Service> = LazyLock::new(Service::new);
    static CLIENT: LazyLock<Client> = LazyLock::new(|| SERVICE.client());
    for _ in 0..20 {
        undriven().block_on(promptly(use_client(&CLIENT)));
    }
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(|| undriven().block_on(use_client(&CLIENT)))).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn a_runtime_that_stands_still_does_not_hold_up_another() {
    let service = Service::new();
    let client = service.client();
    // More of them than the client keeps connections for. Each has idle connections when it stands still.
    let runtimes: Vec<_> = (0..34).map(|_| undriven()).collect();
    for runtime in &runtimes {
        runtime.block_on(promptly(use_client(&client)));
    }
    // They are driven again.
    for runtime in &runtimes {
        runtime.block_on(promptly(use_client(&client)));
    }
}

#[test]
fn a_runtime_that_ends_during_a_call_does_not_hold_up_another() {
    let service = Service::new();
    let client = service.client();
    service.fault("GetQuotas", Fault::Delay(3600 * SECOND));
    let (first, second) = (undriven(), undriven());
    first.block_on(async {
        let call = tokio::spawn(client.quotas().get());
        while service.sandbox.clock().pending_delays().is_empty() {
            tokio::task::yield_now().await;
        }
        drop(call);
    });
    second.block_on(promptly(use_client(&client)));
    drop(first);
    second.block_on(promptly(use_client(&client)));
}

#[test]
fn a_call_that_moves_to_another_runtime_ends_by_its_deadline() {
    let service = Service::new();
    let client = service.client().with_deadline(Duration::from_millis(200));
    service.fault("GetQuotas", Fault::Delay(3600 * SECOND));
    let (first, second) = (undriven(), undriven());
    let mut call = client.quotas().get();
    first.block_on(async { assert!((&mut call).now_or_never().is_none()) });
    let error = second.block_on(promptly(call)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

#[test]
fn outside_a_runtime_there_is_an_error() {
    let service = Service::new();
    let client = service.client();
    let says = |error: &dyn std::error::Error| {
        let text = error.to_string();
        assert!(text.contains("a call needs a tokio runtime"), "{text}");
    };
    let error = client.quotas().get().now_or_never().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    says(&error);
    says(&client.volumes().create(CreateVolume::new("data", KRS, 1)).now_or_never().unwrap().unwrap_err());
    says(&client.instances().list().total_count().now_or_never().unwrap().unwrap_err());
    says(&client.raw().get_quotas().now_or_never().unwrap().unwrap_err());
    let error = client.volumes().wait("an-id").now_or_never().unwrap().unwrap_err();
    assert_eq!(error.kind(), WaitErrorKind::InvalidInput);
    says(&error);
    assert!(client.wait_for_cleanup().now_or_never().unwrap().is_empty());
    // A call that began in a runtime and leaves it.
    service.fault("GetQuotas", Fault::Delay(3600 * SECOND));
    let mut call = client.quotas().get();
    undriven().block_on(async { assert!((&mut call).now_or_never().is_none()) });
    let error = call.now_or_never().unwrap().unwrap_err();
    says(&error);
    assert!(service.sandbox.recorded_requests().len() <= 1);
}

/// A list of 25 items is read in a runtime up to an item and a poll further, and then outside of any. The pages behind those that
/// are read do not arrive.
#[test]
fn a_list_that_is_polled_outside_a_runtime_has_an_error_as_its_item() {
    // Pages that are fetched at once arrive in any order, so that none but the first can be read for certain.
    let first_page = [0_usize, 1, 5].into_iter().flat_map(|read| [(read, 1, false), (read, 8, false), (read, 8, true)]);
    for (read, prefetch, does_end) in first_page.chain([(6, 1, false), (6, 1, true)]) {
        let service = Service::new();
        let held = FaultRule::new("ListInstancesPaginated", Fault::Delay(3600 * SECOND)).always();
        let pages = u32::try_from(read.div_ceil(5)).unwrap();
        service.sandbox.faults().add(held.skip(pages)).unwrap();
        let mut list = service.client().instances().list().per_page(5).prefetch(prefetch);
        let mut runtime = undriven();
        let mut items = runtime.block_on(promptly(list.by_ref().take(read).count()));
        items += runtime.block_on(async { list.next().now_or_never() }).iter().count();
        if does_end {
            runtime = undriven();
        }
        let error = loop {
            match list.next().now_or_never() {
                Some(Some(Ok(_))) => items += 1,
                Some(Some(Err(error))) => break error,
                other => panic!("{other:?} after {items}"),
            }
        };
        assert!(error.to_string().contains("a call needs a tokio runtime"), "{error}");
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert_eq!(items, 5 * read.div_ceil(5), "those that arrived, after {read} in a runtime");
        drop((list, runtime));
    }
}

/// Two waits for one instance on two runtimes, by a clock of their own.
struct TwoWaits {
    service: Service,
    time: Time,
    client: Client,
    runtimes: [Runtime; 2],
}

impl TwoWaits {
    fn new() -> Self {
        let service = Service::new();
        let time = Time::of(&service.sandbox);
        let client = time.client(&service.sandbox);
        Self { service, time, client, runtimes: [undriven(), undriven()] }
    }

    /// A wait that ends by its time limit.
    fn wait(&self, within: Duration) -> Waiter<Instance> {
        self.client.instances().wait(instance(0)).until(InstanceStatus::Error).within(within)
    }

    /// Drives a runtime until the service holds back the response to a poll of both waits, which then stands still.
    fn hold_a_poll(&self, waits: [&mut Waiter<Instance>; 2]) {
        self.service.fault("GetInstance", Fault::Delay(3600 * SECOND));
        let [first, second] = waits;
        self.runtimes[0].block_on(async {
            assert!(first.now_or_never().is_none());
        });
        self.runtimes[1].block_on(async { assert!(second.now_or_never().is_none()) });
        self.runtimes[0].block_on(async {
            while self.service.sandbox.clock().pending_delays().is_empty() {
                assert!(first.now_or_never().is_none());
                tokio::task::yield_now().await;
            }
        });
    }
}

#[test]
fn a_wait_whose_poll_does_not_come_polls_for_itself() {
    for within in [Duration::ZERO, SECOND, 20 * SECOND] {
        let two = TwoWaits::new();
        let (mut beside, mut wait) = (two.wait(within), two.wait(within));
        two.hold_a_poll([&mut beside, &mut wait]);
        let error = two.runtimes[1].block_on(two.time.run(wait)).unwrap_err();
        let polls = if within == 20 * SECOND { 10 } else { 1 };
        assert_eq!((error.kind(), error.polls()), (WaitErrorKind::TimedOut, polls), "{within:?}");
        assert_eq!(error.last_status(), Some("active"), "it was observed: {within:?}");
        // Where the last poll is the one that does not come, that is noticed after two seconds.
        let ended = within.max(if within == SECOND { SECOND } else { 2 * SECOND });
        assert_eq!(two.time.passed(), ended, "{within:?}");
        // The other one is driven again long after its time.
        let error = two.runtimes[0].block_on(two.time.run(beside)).unwrap_err();
        assert_eq!((error.kind(), error.last_status()), (WaitErrorKind::TimedOut, Some("active")), "{within:?}");
    }
}

/// A client and its clock; in its account a scope that was dropped on a runtime, at the moment when a response is held back.
struct DroppedScope {
    service: Service,
    time: Time,
    client: Client,
    runtimes: [Runtime; 2],
}

impl DroppedScope {
    /// Drops the scope when its instance is in use, so that its deletion has yet to begin.
    fn in_use() -> Self {
        let dropped = Self::new();
        let in_use = genesiscloud::Clock::sleep(&dropped.time, 40 * SECOND);
        dropped.runtimes[0].block_on(dropped.time.run(async {
            let scope = dropped.scope().await;
            drop(select(pin!(scope), in_use).await);
        }));
        dropped
    }

    /// The same, and its deletion has been sent.
    fn being_deleted() -> Self {
        let dropped = Self::in_use();
        dropped.hold("DeleteInstance", std::future::pending::<()>());
        dropped
    }

    /// Drops the scope when its create has been sent.
    fn being_created() -> Self {
        let dropped = Self::new();
        let scope = dropped.runtimes[0].block_on(dropped.time.run(dropped.scope()));
        dropped.hold("CreateInstance", scope);
        dropped
    }

    /// Drives the runtime of the scope until a response is held back, which it then stays for good.
    fn hold(&self, operation: &str, meanwhile: impl Future) {
        self.service.fault(operation, Fault::Delay(3600 * SECOND));
        self.runtimes[0].block_on(async {
            let mut meanwhile = pin!(meanwhile);
            while self.service.sandbox.clock().pending_delays().is_empty() {
                assert!(meanwhile.as_mut().now_or_never().is_none());
                tokio::task::yield_now().await;
            }
        });
    }

    fn new() -> Self {
        let service = Service::with(Data::new());
        let time = Time::of(&service.sandbox);
        let client = time.client(&service.sandbox);
        Self { service, time, client, runtimes: [undriven(), undriven()] }
    }

    /// The scope of an instance that is used without end.
    async fn scope(&self) -> impl Future<Output = Result<(), ScopeError<ErrorKind>>> + use<> {
        let key = key(&self.client).await;
        let new = CreateInstance::new("mine", SMALL, "ubuntu-24.04", KRS).ssh_keys([key]);
        self.client.instances().scoped(new).run(async |_| std::future::pending().await)
    }

    fn wait_for_cleanup(&self) -> Vec<OrphanedResource> {
        self.runtimes[1].block_on(self.time.run(self.client.wait_for_cleanup()))
    }

    fn instance_count(&self) -> usize {
        self.service.sandbox.data().instances.len()
    }
}

#[test]
fn a_deletion_on_a_runtime_that_stands_still_is_done_by_who_waits_for_it() {
    for dropped in [DroppedScope::in_use(), DroppedScope::being_deleted()] {
        assert_eq!(dropped.instance_count(), 1);
        let before = dropped.time.passed();
        let orphans = dropped.wait_for_cleanup();
        assert!(orphans.is_empty(), "{orphans:?}");
        assert_eq!(dropped.instance_count(), 0);
        assert!(dropped.time.passed() - before < 30 * SECOND, "{:?}", dropped.time.passed() - before);
        // Nothing is left to report when its own runtime gets on.
        dropped.runtimes[0].block_on(dropped.time.run(genesiscloud::Clock::sleep(&dropped.time, 100 * SECOND)));
        assert!(dropped.wait_for_cleanup().is_empty());
    }
}

#[test]
fn a_deletion_whose_runtime_has_ended_is_done_by_who_waits_for_it() {
    let mut dropped = DroppedScope::in_use();
    dropped.runtimes[0] = undriven();
    // One that waits and gives up leaves it to the next.
    dropped.runtimes[1].block_on(async { assert!(dropped.client.wait_for_cleanup().now_or_never().is_none()) });
    let orphans = dropped.wait_for_cleanup();
    assert!(orphans.is_empty(), "{orphans:?}");
    assert_eq!(dropped.instance_count(), 0);
}

#[test]
fn a_create_on_a_runtime_that_stands_still_or_ends_is_reported_once() {
    for ends in [false, true] {
        let mut dropped = DroppedScope::being_created();
        if ends {
            dropped.runtimes[0] = undriven();
        }
        let orphans = dropped.wait_for_cleanup();
        assert_eq!(orphans.len(), 1, "{orphans:?}");
        assert_eq!((orphans[0].id(), orphans[0].name(), dropped.instance_count()), (None, "mine", 1));
        dropped.runtimes[0] = undriven();
        assert!(dropped.wait_for_cleanup().is_empty());
    }
}

#[test]
fn the_result_of_a_create_on_a_runtime_that_stood_still_is_deleted_when_it_gets_on() {
    let dropped = DroppedScope::being_created();
    assert_eq!(dropped.wait_for_cleanup().len(), 1);
    dropped.runtimes[0].block_on(dropped.time.run(genesiscloud::Clock::sleep(&dropped.time, 400 * SECOND)));
    assert_eq!(dropped.instance_count(), 0);
    assert!(dropped.wait_for_cleanup().is_empty());
}

#[test]
fn a_wait_on_a_runtime_that_stood_still_past_its_time_limit_gets_its_last_poll() {
    // 62 s after the time limit is the end of the last poll's, 62.5 s shortly after it.
    for seconds in [20.0, 30.0, 82.5, 1000.0] {
        let service = Service::new();
        let time = Time::of(&service.sandbox);
        let client = time.client(&service.sandbox);
        let (runtime, id) = (undriven(), instance(0));
        let mut wait = client.instances().wait(&id).until(InstanceStatus::Stopped).within(20 * SECOND);
        let meanwhile = pin!(genesiscloud::Clock::sleep(&time, SECOND));
        runtime.block_on(time.run(select(&mut wait, meanwhile)));
        runtime.block_on(time.run(client.instances().stop(&id))).unwrap();
        time.advance(Duration::from_secs_f64(seconds));
        assert_eq!(runtime.block_on(time.run(wait)).unwrap().status, InstanceStatus::Stopped, "{seconds}");
    }
}

#[test]
fn a_poll_that_is_late_at_the_deadline_still_counts() {
    let service = Service::new();
    let time = Time::of(&service.sandbox);
    let client = time.client(&service.sandbox);
    service.fault("GetInstance", Fault::Delay(6 * SECOND));
    service.fault("GetInstance", Fault::Delay(3600 * SECOND));
    let wait = client.instances().wait(instance(0)).until(InstanceStatus::Active).within(5 * SECOND);
    assert_eq!(undriven().block_on(time.run(wait)).unwrap().status, InstanceStatus::Active);
    assert_eq!((time.passed(), service.sandbox.recorded_requests().len()), (6 * SECOND, 2));
}

#[test]
fn a_wait_gets_its_last_poll_while_the_one_before_has_no_response() {
    let service = Service::new();
    let time = Time::of(&service.sandbox);
    let client = time.client(&service.sandbox);
    service.fault("GetInstance", Fault::Delay(3600 * SECOND));
    let wait = client.instances().wait(instance(0)).until(InstanceStatus::Error).within(5 * SECOND);
    let error = undriven().block_on(time.run(wait)).unwrap_err();
    assert_eq!((error.kind(), error.last_status()), (WaitErrorKind::TimedOut, Some("active")));
    assert_eq!((time.passed(), error.polls()), (5 * SECOND, 1));
}
