//! Synchronous code: it does what the futures do, and it blocks and never panics, wherever it is called.

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use futures::{FutureExt, TryStreamExt};
use genesiscloud::blocking::{Client, ClientBuilder, Scope};
use genesiscloud::{
    CallEnd, Change, CreateInstance, CreateSshKey, CreateVolume, Error, ErrorKind, InstancePhase, InstanceStatus,
    MemoryLedger, Observer, RetryPolicy, ScopeFailure, Sleep, WaitErrorKind,
};
use genesiscloud_sandbox::{Clock, Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::sandbox::{KRS, PUBLIC_KEY, SMALL, driven, instance};
use tokio::runtime::{Builder, Runtime};

const FOREVER: Duration = Duration::from_secs(1_000_000_000);

/// A sandbox on a runtime of its own.
struct Service {
    sandbox: Sandbox,
    _runtime: Runtime,
}

impl Service {
    fn new() -> Self {
        Self::with(Data::new().with_instances(25))
    }

    fn with(data: Data) -> Self {
        let (sandbox, _runtime) = driven(data);
        Self { sandbox, _runtime }
    }

    fn builder(&self) -> ClientBuilder {
        let builder = Client::builder().token(self.sandbox.token()).endpoint(self.sandbox.endpoint());
        builder.clock(Pauses::of(&self.sandbox)).rate(None).retry_policy(RetryPolicy::never())
    }

    fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    fn instance_count(&self) -> usize {
        self.sandbox.data().instances.len()
    }
}

/// A clock on which a pause is over at once: the sandbox's time passes instead. It lets no timeout expire.
#[derive(Debug)]
struct Pauses {
    sandbox: Clock,
    start: Instant,
    passed: Mutex<Duration>,
}

impl Pauses {
    fn of(sandbox: &Sandbox) -> Self {
        Self { sandbox: sandbox.clock(), start: Instant::now(), passed: Mutex::default() }
    }
}

impl genesiscloud::Clock for Pauses {
    fn now(&self) -> Instant {
        self.start + *self.passed.lock().unwrap()
    }

    fn system_time(&self) -> SystemTime {
        self.sandbox.http_time().into()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.sandbox.advance(duration);
        *self.passed.lock().unwrap() += duration;
        Box::pin(std::future::ready(()))
    }

    fn timeout(&self, _: Duration) -> Sleep {
        Box::pin(std::future::pending())
    }
}

fn new_instance(client: &Client) -> CreateInstance {
    let key = client.ssh_keys().ensure(CreateSshKey::new("laptop", PUBLIC_KEY)).unwrap();
    CreateInstance::new("crunch", SMALL, "ubuntu-24.04", KRS).ssh_keys([key.id])
}

#[test]
fn calls_lists_and_waits_do_what_the_futures_do() {
    let service = Service::new();
    let client = service.client();
    let created = client.instances().create(new_instance(&client)).unwrap();
    let vm = client.instances().wait(&created.id).within(Duration::from_secs(300)).until_addressed().unwrap();
    assert!(vm.public_ip.is_some());
    assert_eq!(client.instances().get(&vm.id).unwrap(), vm);
    assert_eq!(client.instances().phase(&vm.id).unwrap(), InstancePhase::Running);

    let all: Vec<_> = client.instances().list().per_page(10).map(|vm| vm.unwrap().id).collect();
    assert_eq!((all.len(), all.contains(&vm.id)), (26, true));
    assert_eq!(client.instances().list().verified().into_vec().unwrap().len(), 26);
    assert_eq!(client.instances().list().total_count().unwrap(), 26);
    assert!(client.instances().list().first().unwrap().is_some());
    assert_eq!(client.instances().list_page(2, 20).unwrap().items.len(), 6);
    assert_eq!(client.instances().list().per_page(20).page(2).unwrap().items.len(), 6);
    let pages: Vec<_> = client.instances().list().per_page(20).pages().map(|page| page.unwrap().items.len()).collect();
    assert_eq!(pages, [20, 6]);
    let named = client.instances().list().find_by_name("crunch").map(|vm| vm.unwrap().id);
    assert_eq!(named.collect::<Vec<_>>(), [vm.id.as_str()]);
    assert_eq!(client.instances().list().find_by_prefix("crunch").into_vec().unwrap().len(), 1);
    assert!(!client.offers_in([KRS]).unwrap().is_empty());

    client.instances().stop(&vm.id).unwrap();
    let statuses: Vec<_> = {
        let seen = Arc::new(Mutex::new(vec![]));
        let sees = Arc::clone(&seen);
        let wait = client.instances().wait(&vm.id).on_progress(move |progress| {
            sees.lock().unwrap().extend(progress.resource.map(|vm| vm.status.clone()));
        });
        wait.until(InstanceStatus::Stopped).unwrap();
        Arc::into_inner(seen).unwrap().into_inner().unwrap()
    };
    assert_eq!(statuses.first(), Some(&InstanceStatus::Stopping));
    assert_eq!(statuses.last(), Some(&InstanceStatus::Stopped));
    client.instances().start(&vm.id).unwrap();
    let changes: Vec<_> = client.instances().wait(&vm.id).status_changes().map(|vm| vm.unwrap().status).collect();
    assert_eq!(changes.last(), Some(&InstanceStatus::Active));
    client.instances().wait(&vm.id).until_matching(|vm| vm.public_ip.is_some()).unwrap();

    client.instances().delete(&vm.id).unwrap();
    client.instances().wait(&vm.id).until_gone().unwrap();
    let error = client.instances().wait(&vm.id).until_ready().unwrap_err();
    assert_eq!(error.kind(), WaitErrorKind::Gone);
    assert!(client.instances().get(&vm.id).unwrap_err().is_not_found());
    assert!(!client.with_deadline(Duration::from_secs(9)).instances().delete_if_exists(&vm.id).unwrap());
}

#[test]
fn a_scope_deletes_its_instance_however_the_work_ends() {
    let service = Service::with(Data::new());
    let client = service.client();
    let scope = || client.instances().scoped(new_instance(&client));
    // The work blocks as well, on this thread, and need not be `Send`.
    let (here, seen) = (thread::current().id(), RefCell::new(vec![]));
    let status = scope().until_addressed().run(|vm| {
        seen.borrow_mut().push(thread::current().id());
        client.instances().get(&vm.id).map(|vm| vm.status)
    });
    assert_eq!((status.unwrap(), seen.into_inner()), (InstanceStatus::Active, vec![here]));
    let error = scope().run(|_| Err::<(), _>("no")).unwrap_err();
    assert!(matches!(error.failure(), Some(ScopeFailure::Work("no"))), "{error}");
    let panic = catch_unwind(AssertUnwindSafe(|| scope().run(|_| -> Result<(), Error> { panic!("worn out") })));
    assert_eq!(panic.unwrap_err().downcast_ref::<&str>(), Some(&"worn out"));
    assert_eq!(service.instance_count(), 0);
    let kept = scope().keep_on_error().run(|_| Err::<(), _>("no")).unwrap_err();
    client.instances().delete(kept.kept()[0].id()).unwrap();
    assert!(client.wait_for_cleanup().is_empty());
}

#[test]
fn the_deletions_of_a_scope_have_a_limit() {
    let service = Service::new();
    let client = service.client();
    service.sandbox.faults().add(FaultRule::new("*", Fault::error_code("02013")).skip(1).always()).unwrap();
    let disk = || CreateVolume::new("job", KRS, 50);
    let error = client.scope().delete_within(Duration::ZERO).run(|scope| scope.create(disk()).map(drop)).unwrap_err();
    assert_eq!((error.orphans().len(), service.sandbox.recorded_requests().len()), (1, 2), "one create, one deletion");
}

#[test]
fn a_scope_deletes_all_that_was_created_in_it_however_the_work_ends() {
    let service = Service::with(Data::new());
    let client = service.client();
    let count = || {
        let data = service.sandbox.data();
        data.instances.len() + data.volumes.len() + data.ssh_keys.len()
    };
    let create = |scope: &Scope| {
        let key = scope.create(CreateSshKey::new("job", PUBLIC_KEY))?;
        let disk = scope.create(CreateVolume::new("job", KRS, 50))?;
        client.volumes().wait(&disk).until_ready()?;
        let vm = scope.create(new_instance(&client).ssh_keys([&key]).volumes([&disk]))?;
        client.instances().wait(&vm).until_ready()?;
        Ok::<_, Error>(disk)
    };
    let created = client.scope().run(|scope| create(&scope).map(|_| count()));
    assert_eq!((created.unwrap(), count()), (3, 0));
    let error = client.scope().run(|scope| create(&scope).map_or(Ok(()), |_| Err("no"))).unwrap_err();
    assert!(matches!(error.failure(), Some(ScopeFailure::Work("no"))), "{error}");
    let work = |scope: Scope| -> Result<(), Error> { panic!("{}", create(&scope).unwrap().name) };
    let panic = catch_unwind(AssertUnwindSafe(|| client.scope().run(work)));
    assert_eq!(panic.unwrap_err().downcast_ref::<String>().unwrap(), "job");
    assert_eq!(count(), 0);

    // Several threads create in it; what the work keeps stays until it is deleted otherwise.
    let kept = client.scope().run(|scope| {
        let create = |number| {
            let scope = scope.clone();
            thread::spawn(move || scope.create(CreateVolume::new(format!("shard-{number}"), KRS, 50)))
        };
        let created: Result<Vec<_>, _> =
            [1, 2, 3].map(create).into_iter().map(|thread| thread.join().unwrap()).collect();
        created.map(|disks| (scope.keep(&disks[0]), disks[0].clone()))
    });
    let (was_kept, disk) = kept.unwrap();
    assert_eq!((was_kept, count()), (true, 1));
    client.scope().run(|scope| scope.adopt(&disk)).unwrap();
    assert_eq!(count(), 0);
    client.volumes().delete_when_possible(&disk).within(Duration::from_secs(60)).run().unwrap();
}

#[test]
fn a_scope_is_stopped_when_a_function_returns() {
    let service = Service::with(Data::new());
    let client = service.client();
    // At once: nothing is created.
    let stopped = client.instances().scoped(new_instance(&client)).stop_when(|| ());
    let error = stopped.run(|_| Ok::<_, Error>(())).unwrap_err();
    assert!(matches!(error.failure(), Some(ScopeFailure::Stopped)), "{error}");
    // While it waits for an address that does not come.
    let (interrupt, interrupted) = channel();
    service.sandbox.faults().add(FaultRule::new("CreateInstance", Fault::LateAddress(FOREVER))).unwrap();
    let scope = client.instances().scoped(new_instance(&client)).stop_when(move || interrupted.recv().unwrap());
    let mut polls = 0;
    let scope = scope.until_addressed().ready_within(FOREVER).on_progress(move |_| {
        polls += 1;
        if polls == 3 {
            interrupt.send(()).unwrap();
        }
    });
    let error = scope.run(|_| Ok::<_, Error>(())).unwrap_err();
    assert!(matches!(error.failure(), Some(ScopeFailure::Stopped)), "{error}");
    // The work is not interrupted.
    let (interrupt, interrupted) = channel::<()>();
    let scope =
        client.instances().scoped(new_instance(&client)).stop_when(move || interrupted.recv().unwrap_or_default());
    let done = scope.run(|_| {
        drop(interrupt);
        client.quotas().get()
    });
    assert!(done.is_ok());
    assert_eq!(service.instance_count(), 0);
}

#[test]
fn placements_watches_sweeps_and_reconciliations_block_as_well() {
    let service = Service::with(Data::new());
    let ledger = MemoryLedger::new();
    let client = service.builder().ledger(ledger.clone()).build().unwrap();
    let new = new_instance(&client);
    let vm = client.instances().first_available(new.clone(), [(KRS, SMALL)]).create_ready().unwrap();
    assert_eq!(vm.status, InstanceStatus::Active);
    let next = client.instances().create_first_available(new.clone(), [(KRS, SMALL)]).unwrap();
    let error = client.instances().first_available(new.clone(), [(KRS, "none")]).create().unwrap_err();
    assert_eq!(error.placements().len(), 1, "{error}");
    let none = client.instances().first_available(new, [(KRS, SMALL)]).scoped().run(|vm| Err::<(), _>(vm.id));
    assert!(matches!(none.unwrap_err().into_failure(), Some(ScopeFailure::Work(_))));

    let mut watch = client.instances().watch();
    let mut known = [vm.id.clone(), next.id.clone()].map(|id| (id, false));
    loop {
        match watch.next().unwrap().unwrap() {
            Change::Applied(vm) => known.iter_mut().filter(|(id, _)| *id == vm.id).for_each(|(_, seen)| *seen = true),
            Change::Synced => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(known.iter().all(|(_, seen)| *seen), "{known:?}");
    let store = watch.store();
    store.wait_until_ready().unwrap();
    assert_eq!((store.list().len(), store.get(&vm.id).unwrap().id.as_str()), (2, vm.id.as_str()));
    assert!(store.age().is_some());
    drop((watch, store));

    let sweep = client.instances().sweep("crunch").unwrap().retain(|found| found.id == vm.id);
    assert_eq!(sweep.instances().len(), 1);
    assert!(sweep.delete().is_empty());
    assert_eq!(service.instance_count(), 1);
    drop(client);
    let later = service.client();
    let adopted = later.reconcile(&ledger).adopt().unwrap();
    assert_eq!(adopted.skipped.len() + adopted.adopted.len(), 2, "{adopted}");
    later.instances().delete(next).unwrap();
}

/// Uses a client: a call, a list of several pages that are fetched on tasks, a create and a wait.
fn use_client(client: &Client) {
    client.quotas().get().unwrap();
    assert_eq!(client.instances().list().per_page(5).map(Result::unwrap).count(), 25);
    let disk = client.volumes().create(CreateVolume::new("data", KRS, 1)).unwrap();
    client.volumes().wait(&disk).until_ready().unwrap();
    client.volumes().delete(disk).unwrap();
}

/// An executor that knows nothing of tokio: it parks the thread.
fn park_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(thread::Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn it_blocks_and_never_panics_wherever_it_is_called() {
    let service = Service::new();
    let client = service.client();
    use_client(&client);
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| client.instances().list().per_page(5).map(Result::unwrap).count());
        }
    });

    let workers = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let of_task = client.clone();
    workers.block_on(workers.spawn(async move { use_client(&of_task) })).unwrap();
    let of_pool = client.clone();
    workers.block_on(workers.spawn_blocking(move || use_client(&of_pool))).unwrap();
    workers.block_on(async {
        use_client(&client);
        tokio::task::block_in_place(|| use_client(&client));
    });
    let one = current_thread();
    one.block_on(async { use_client(&client) });
    one.block_on(tokio::task::LocalSet::new().run_until(async { use_client(&client) }));
    {
        let _first = workers.enter();
        let _second = one.enter();
        use_client(&client);
    }
    let paused = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    paused.block_on(async { use_client(&client) });
    park_on(async { use_client(&client) });
    // What parks this thread is not woken by a call, and does not wake it.
    thread::current().unpark();
    use_client(&client);
    // Runtimes within runtimes, and one that ends within another one.
    drop(one);
    workers.block_on(async {
        thread::scope(|scope| drop(scope.spawn(|| current_thread().block_on(async { use_client(&client) }))));
        use_client(&client);
    });
}

/// The budget of a task is 128 polls of what is ready; with it used up, nothing is ready any more.
#[test]
fn a_task_that_never_yields_makes_any_number_of_calls() {
    let service = Service::new();
    let client = service.client();
    let worker = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let task = worker.spawn(async move {
        // Uses it up.
        while tokio::task::coop::has_budget_remaining() {
            assert!(tokio::task::coop::consume_budget().now_or_never().is_some());
        }
        (0..300).filter(|_| client.quotas().get().is_ok()).count()
    });
    assert_eq!(worker.block_on(task).unwrap(), 300);
}

#[test]
fn a_client_is_used_by_futures_and_by_threads_at_once() {
    let service = Service::new();
    let client = service.client();
    let first = current_thread();
    let of_runtime = |client: Client| async move {
        client.as_async().quotas().get().await.unwrap();
        client.as_async().instances().list().per_page(5).try_collect::<Vec<_>>().await.unwrap().len()
    };
    assert_eq!(first.block_on(of_runtime(client.clone())), 25);
    use_client(&client);
    // A wait and a list that stand still with their runtime do not hold up those that block.
    let mut wait = client.as_async().instances().wait(instance(0)).until(InstanceStatus::Error);
    let mut list = client.as_async().instances().list().per_page(5);
    first.block_on(async {
        assert!((&mut wait).now_or_never().is_none());
        list.try_next().await.unwrap().unwrap();
    });
    use_client(&client);
    assert!(client.instances().wait(instance(0)).until_ready().is_ok());
    // The runtime ends, with what has begun on it; the list goes on in another one.
    drop((wait, first));
    use_client(&client);
    assert_eq!(current_thread().block_on(list.try_collect::<Vec<_>>()).unwrap().len(), 24);
    // The client is dropped within a runtime.
    let second = current_thread();
    second.block_on(async move {
        use_client(&client);
        drop(client);
    });
}

#[test]
fn a_call_within_a_call_is_nothing_special() {
    struct Curious {
        client: OnceLock<Client>,
        depth: AtomicUsize,
        calls: AtomicUsize,
    }

    impl Observer for Curious {
        fn on_call_end(&self, end: &CallEnd<'_>) {
            // Some calls end on tasks of the thread that drives all, which cannot wait for itself.
            if end.call.operation != "GetQuotas" && self.depth.fetch_add(1, Ordering::Relaxed) < 3 {
                let client = self.client.get().unwrap();
                client.quotas().get().unwrap();
                self.calls.fetch_add(1, Ordering::Relaxed);
                client.instances().get(instance(1)).unwrap();
                client.instances().list().per_page(20).for_each(|vm| drop(vm.unwrap()));
            }
        }
    }

    let service = Service::new();
    let (client, depth, calls) = (OnceLock::new(), AtomicUsize::new(0), AtomicUsize::new(0));
    let curious = Arc::new(Curious { client, depth, calls });
    let provides = service.client();
    let token = service.sandbox.token().to_owned();
    let provider = move || {
        let (client, token) = (provides.clone(), token.clone());
        async move { client.quotas().get().map(|_| token) }
    };
    let client = service.builder().token_provider(provider).observer(Arc::clone(&curious)).build().unwrap();
    curious.client.set(client.clone()).unwrap();
    use_client(&client);
    // On a thread of its own, one page after the other.
    curious.depth.store(0, Ordering::Relaxed);
    assert_eq!(client.instances().list().per_page(5).prefetch(4).map(Result::unwrap).count(), 25);
    assert_eq!(curious.calls.load(Ordering::Relaxed), 6);
    let within = client.clone();
    let wait = client.instances().wait(instance(2)).on_progress(move |_| use_client(&within));
    let within = client.clone();
    wait.until_matching(move |vm| within.instances().get(vm).is_ok()).unwrap();
    for vm in client.instances().list().per_page(10) {
        client.instances().get(vm.unwrap()).unwrap();
    }
}

#[test]
fn a_thread_that_is_ending_can_make_calls() {
    struct AtEnd(RefCell<Option<Client>>);

    impl Drop for AtEnd {
        fn drop(&mut self) {
            let client = self.0.borrow_mut().take().unwrap();
            use_client(&client);
            // What cannot be done on another thread is an error, and not a panic.
            let new = CreateInstance::new("crunch", SMALL, "ubuntu-24.04", KRS);
            let error = client.instances().scoped(new).run(|_| Ok::<_, Error>(())).unwrap_err();
            assert!(error.to_string().contains("a call needs a tokio runtime"), "{error}");
            client.volumes().create(CreateVolume::new("left at the end", KRS, 1)).unwrap();
        }
    }

    thread_local! {
        static AT_END: AtEnd = const { AtEnd(RefCell::new(None)) };
    }

    let service = Service::new();
    let client = service.client();
    thread::spawn(move || {
        // Destroyed after those of tokio, which are used first here, since destructors run in the reverse order.
        AT_END.with(|at_end| *at_end.0.borrow_mut() = Some(client.clone()));
        use_client(&client);
    })
    .join()
    .unwrap();
    assert_eq!(service.sandbox.data().volumes.iter().filter(|disk| disk.name == "left at the end").count(), 1);
}

#[test]
fn an_iterator_that_has_ended_stays_so_and_one_that_has_not_can_be_dropped() {
    let service = Service::new();
    let client = service.client();
    let mut all = client.instances().list().per_page(10);
    assert_eq!(all.by_ref().count(), 25);
    assert!((0..3).all(|_| all.next().is_none()));
    let mut pages = client.instances().list().pages();
    assert_eq!(pages.by_ref().count(), 1);
    assert!((0..3).all(|_| pages.next().is_none()));
    let mut found = client.instances().list().find_by_name("none");
    assert!((0..3).all(|_| found.next().is_none()));
    let mut failing = client.instances().list().per_page(101);
    assert_eq!(failing.next().unwrap().unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!((0..3).all(|_| failing.next().is_none()));
    let mut changes = client.instances().wait(instance(0)).status_changes();
    assert_eq!(changes.by_ref().count(), 1);
    assert!((0..3).all(|_| changes.next().is_none()));
    let mut dropped = client.instances().list().per_page(1);
    assert!(dropped.by_ref().take(3).all(|vm| vm.is_ok()));
    drop(dropped);
    use_client(&client);
}
