//! Scopes: however the work ends, no instance is left.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt;
use genesiscloud::{
    Client, CreateInstance, Error, ErrorKind, InstanceStatus, ScopeError, ScopeFailure, UpdateInstance,
};
use genesiscloud_sandbox::{Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::sandbox::{KRS, SMALL, key, stepped};
use genesiscloud_tests::time::Time;

const SECOND: Duration = Duration::from_secs(1);

type Outcome<T> = Result<T, ScopeError<&'static str>>;

struct Account {
    sandbox: Sandbox,
    time: Time,
    client: Client,
    key: String,
}

impl Account {
    async fn new() -> Self {
        let sandbox = stepped(Data::new()).await;
        let time = Time::of(&sandbox);
        let client = time.client(&sandbox);
        let key = time.run(key(&client)).await;
        Self { sandbox, time, client, key }
    }

    fn scope(&self) -> genesiscloud::InstanceScope {
        self.client.instances().scoped(self.new_instance())
    }

    fn new_instance(&self) -> CreateInstance {
        CreateInstance::new("mine", SMALL, "ubuntu-24.04", KRS).ssh_keys([&self.key])
    }

    fn instance_count(&self) -> usize {
        self.sandbox.data().instances.len()
    }

    fn request_count(&self, operation: &str) -> usize {
        self.sandbox
            .recorded_requests()
            .iter()
            .filter(|request| request.operation.as_deref() == Some(operation))
            .count()
    }

    fn fault(&self, operation: &str, fault: Fault) {
        self.sandbox.faults().add(FaultRule::new(operation, fault)).unwrap();
    }

    /// Resolves after this time.
    fn after(&self, time: Duration) -> impl Future<Output = ()> + Send + 'static {
        genesiscloud::Clock::sleep(&self.time, time)
    }

    async fn long_work(&self) -> Result<(), &'static str> {
        self.after(100 * SECOND).await;
        Ok(())
    }

    /// Runs a scope for this time, and drops it.
    async fn dropped_after(&self, time: Duration) {
        let scope = Box::pin(self.scope().run(async |_| self.long_work().await));
        let end = self.after(time);
        assert!(self.time.run(futures::future::select(scope, end)).await.is_right());
        let orphans = self.time.run(self.client.wait_for_cleanup()).await;
        assert!(orphans.is_empty(), "{orphans:?}");
    }
}

impl<T, U> IsRight for futures::future::Either<T, U> {
    fn is_right(&self) -> bool {
        matches!(self, Self::Right(_))
    }
}

trait IsRight {
    fn is_right(&self) -> bool;
}

#[tokio::test]
async fn the_work_gets_an_active_instance_which_is_deleted_afterwards() {
    let account = Account::new().await;
    let scope = account.scope().run(async |vm| {
        assert_eq!(vm.status, InstanceStatus::Active);
        account.after(5 * SECOND).await;
        Ok::<_, &str>(vm.public_ip.is_some())
    });
    assert_eq!(account.request_count("CreateInstance"), 0, "nothing happens before it is polled");
    assert!(account.time.run(scope).await.unwrap());
    assert_eq!(
        (account.instance_count(), account.request_count("CreateInstance"), account.request_count("DeleteInstance")),
        (0, 1, 1)
    );
    assert_eq!(account.time.passed(), 45 * SECOND, "30 s to come, 5 s of work, 10 s to go");
}

#[tokio::test]
async fn work_that_needs_an_address_begins_when_there_is_one() {
    let account = Account::new().await;
    let address = async |vm: genesiscloud::Instance| vm.public_ip.ok_or("it has no address");
    // By default, the work begins before a late address is there.
    account.fault("CreateInstance", Fault::LateAddress(5 * SECOND));
    let outcome: Outcome<String> = account.time.run(account.scope().run(address)).await;
    assert!(matches!(outcome.unwrap_err().failure(), Some(ScopeFailure::Work("it has no address"))));
    account.fault("CreateInstance", Fault::LateAddress(5 * SECOND));
    let started = account.time.passed();
    let outcome: Outcome<String> = account.time.run(account.scope().until_addressed().run(address)).await;
    outcome.unwrap();
    assert_eq!(account.time.passed() - started, 46 * SECOND, "30 s to come, 6 s for the address, 10 s to go");
    // One that gets none in time is not ready, and is deleted.
    account.fault("CreateInstance", Fault::LateAddress(500 * SECOND));
    let scope = account.scope().until_addressed().ready_within(60 * SECOND);
    let error = account.time.run(scope.run(address)).await.unwrap_err();
    assert!(matches!(error.failure(), Some(ScopeFailure::NotReady(wait)) if wait.is_timeout()), "{error}");
    assert!(error.to_string().contains("waited for a public address, but it is still active"), "{error}");
    assert_eq!(account.instance_count(), 0);
}

#[tokio::test]
async fn the_instance_is_deleted_when_the_work_fails() {
    let account = Account::new().await;
    let outcome: Outcome<()> = account.time.run(account.scope().run(async |_| Err("no luck"))).await;
    let error = outcome.unwrap_err();
    assert!(matches!(error.failure(), Some(ScopeFailure::Work("no luck"))));
    let id = error.instance().unwrap().id.clone();
    assert_eq!(error.to_string(), format!("the work failed: no luck; instance {id} (mine) was deleted"));
    assert_eq!((account.instance_count(), error.orphans().is_empty(), error.kept().is_empty()), (0, true, true));
}

#[tokio::test]
async fn a_panic_continues_after_the_instance_is_deleted() {
    let account = Account::new().await;
    let work = async |_| -> Result<(), &str> { panic!("out of memory") };
    let outcome = std::panic::AssertUnwindSafe(account.time.run(account.scope().run(work))).catch_unwind().await;
    assert_eq!(outcome.unwrap_err().downcast_ref::<&str>(), Some(&"out of memory"));
    assert_eq!(account.instance_count(), 0);
    // Also if it panics before it returns a future.
    let work = |_| -> std::future::Ready<Result<(), &str>> { panic!("at once") };
    let outcome = std::panic::AssertUnwindSafe(account.time.run(account.scope().run(work))).catch_unwind().await;
    assert_eq!(outcome.unwrap_err().downcast_ref::<&str>(), Some(&"at once"));
    assert_eq!(account.instance_count(), 0);
    // And if what the scope calls meanwhile does.
    let work = async |_: genesiscloud::Instance| Ok::<_, &str>(());
    let scopes = [
        account.scope().on_progress(|_| panic!("cannot draw")),
        account.scope().stop_when(async { panic!("cannot listen") }),
    ];
    for scope in scopes {
        let outcome = std::panic::AssertUnwindSafe(account.time.run(scope.run(work))).catch_unwind().await;
        assert!(outcome.is_err());
        assert_eq!(account.instance_count(), 0);
    }
}

#[tokio::test]
async fn an_instance_that_does_not_become_active_is_deleted() {
    for fault in [Fault::EndsInError, Fault::EndsInPendingPayment] {
        let account = Account::new().await;
        account.fault("CreateInstance", fault);
        let outcome: Outcome<()> = account.time.run(account.scope().run(async |_| unreachable!())).await;
        assert!(matches!(outcome.unwrap_err().failure(), Some(ScopeFailure::NotReady(_))));
        assert_eq!(account.instance_count(), 0);
    }
    // By its time limit. It cannot be deleted while it is being created, so cleanup waits.
    let account = Account::new().await;
    let scope = account.scope().ready_within(9 * SECOND).run(async |_| unreachable!());
    let outcome: Outcome<()> = account.time.run(scope).await;
    assert!(matches!(outcome.unwrap_err().failure(), Some(ScopeFailure::NotReady(error)) if error.is_timeout()));
    assert_eq!((account.instance_count(), account.request_count("DeleteInstance")), (0, 2));
}

#[tokio::test]
async fn keep_on_error_keeps_the_instance_only_on_errors() {
    let account = Account::new().await;
    let outcome: Outcome<()> = account.time.run(account.scope().keep_on_error().run(async |_| Err("no luck"))).await;
    let error = outcome.unwrap_err();
    let id = error.kept()[0].id().to_owned();
    let words = format!(
        "INSTANCE {id} (mine) WAS KEPT AND IS BILLED, delete it yourself; before that, the work failed: no luck"
    );
    assert_eq!((error.to_string(), account.instance_count()), (words, 1));
    let work = async |_| Ok::<_, &str>(());
    account.time.run(account.scope().keep_on_error().run(work)).await.unwrap();
    assert_eq!(account.instance_count(), 1);
    // Stopping is not an error.
    let stop = account.after(40 * SECOND);
    let work = async |_| account.long_work().await;
    account.time.run(account.scope().keep_on_error().stop_when(stop).run(work)).await.unwrap_err();
    assert_eq!(account.instance_count(), 1);
}

#[tokio::test]
async fn a_scope_can_be_stopped_at_any_moment() {
    // Before anything is sent, while it is created, during the work.
    for (seconds, creates) in [(0, 0), (1, 1), (29, 1), (31, 1), (90, 1)] {
        let account = Account::new().await;
        let stop: std::pin::Pin<Box<dyn Future<Output = ()> + Send>> = match seconds {
            0 => Box::pin(std::future::ready(())),
            seconds => Box::pin(account.after(seconds * SECOND)),
        };
        let scope = account.scope().stop_when(stop).run(async |_| account.long_work().await);
        let error = account.time.run(scope).await.unwrap_err();
        assert!(matches!(error.failure(), Some(ScopeFailure::Stopped)), "{error}");
        assert_eq!(
            (account.instance_count(), account.request_count("CreateInstance")),
            (0, creates),
            "after {seconds} s"
        );
        assert!(account.time.passed() <= seconds.max(30) * SECOND + 14 * SECOND, "{:?}", account.time.passed());
    }
    // While the response to the create is awaited, and after it was lost.
    for fault in [Fault::Delay(20 * SECOND), Fault::Delay(3600 * SECOND)] {
        let account = Account::new().await;
        account.fault("CreateInstance", fault);
        let scope = account.scope().stop_when(account.after(10 * SECOND)).run(async |_| account.long_work().await);
        let error = account.time.run(scope).await.unwrap_err();
        assert!(matches!(error.failure(), Some(ScopeFailure::Stopped)), "{error}");
        assert_eq!((account.instance_count(), account.request_count("CreateInstance")), (0, 1));
    }
}

#[tokio::test]
async fn a_create_that_waits_for_a_permit_is_cancelled() {
    let account = Account::new().await;
    for number in 0..2 {
        // The burst is used up, so that the create has to wait.
        let calls = (0..30).map(|_| account.client.quotas().get());
        let others = futures::future::join_all(calls);
        let stop = account.after(SECOND);
        let work = async |_| Ok::<_, &str>(());
        let scope = account.scope().stop_when(stop).run(work);
        let scope = async {
            match number {
                0 => assert!(matches!(scope.await.unwrap_err().failure(), Some(ScopeFailure::Stopped))),
                // Dropped.
                _ => drop(futures::future::select(Box::pin(scope), account.after(SECOND)).await),
            }
        };
        account.time.run(futures::future::join(others, scope)).await;
        account.time.run(account.client.wait_for_cleanup()).await;
        assert_eq!((account.request_count("CreateInstance"), account.instance_count()), (0, 0));
    }
}

#[tokio::test]
async fn a_dropped_scope_deletes_its_instance() {
    // While it is created, waited for, during the work.
    for seconds in [1, 29, 31, 60] {
        let account = Account::new().await;
        account.dropped_after(seconds * SECOND).await;
        assert_eq!((account.instance_count(), account.request_count("CreateInstance")), (0, 1), "after {seconds} s");
    }
    // While the response to the create is in flight, or was lost.
    for fault in [Fault::Delay(20 * SECOND), Fault::Delay(3600 * SECOND), Fault::ResetAfterProcessing] {
        let account = Account::new().await;
        account.fault("CreateInstance", fault.clone());
        account.dropped_after(SECOND / 2).await;
        assert_eq!((account.instance_count(), account.request_count("CreateInstance")), (0, 1), "{fault}");
    }
    // While it is deleted.
    let account = Account::new().await;
    let scope = Box::pin(account.scope().run(async |_| Ok::<_, &str>(())));
    let end = account.after(35 * SECOND);
    assert!(account.time.run(futures::future::select(scope, end)).await.is_right());
    account.time.run(account.client.wait_for_cleanup()).await;
    assert_eq!((account.instance_count(), account.request_count("DeleteInstance")), (0, 1));
}

#[tokio::test]
async fn cleanup_retries_temporary_failures() {
    for (fault, times) in [
        (Fault::status(503), 9),
        (Fault::status(429), 9),
        (Fault::status(404).html(), 3),
        (Fault::ResetBeforeRequest, 9),
        (Fault::ResetAfterProcessing, 9),
        (Fault::Delay(3600 * SECOND), 6),
    ] {
        let account = Account::new().await;
        account.sandbox.faults().add(FaultRule::new("DeleteInstance", fault.clone()).times(times)).unwrap();
        let scope = account.scope().run(async |_| Ok::<_, &str>(()));
        account.time.run(scope).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!(account.instance_count(), 0, "{fault}");
    }
}

#[tokio::test]
async fn the_deletion_is_tried_no_longer_than_the_limit_of_the_scope() {
    for (within, attempts) in [(None, 44), (Some(60), 6), (Some(0), 1)] {
        let account = Account::new().await;
        account.sandbox.faults().add(FaultRule::new("DeleteInstance", Fault::error_code("02013")).always()).unwrap();
        let limit = within.unwrap_or(1200) * SECOND;
        let scope = if within.is_some() { account.scope().delete_within(limit) } else { account.scope() };
        let ended = account.time.run(scope.run(async |_| Ok::<_, Error>(account.time.passed()))).await;
        let error = ended.unwrap_err();
        assert_eq!((error.orphans().len(), account.request_count("DeleteInstance")), (1, attempts), "{error}");
        let since_ready = account.time.passed() - 30 * SECOND;
        assert!(since_ready >= limit && since_ready < limit + 2 * SECOND, "{since_ready:?}");
    }
}

#[tokio::test]
async fn an_instance_that_cannot_be_deleted_is_reported_as_orphaned() {
    let account = Account::new().await;
    let instances = account.client.instances();
    let protect = async |id: &str| instances.update(id, UpdateInstance::new().is_protected(true)).await.unwrap();
    let scope = account.scope().run(async |vm| {
        protect(&vm.id).await;
        Ok::<_, &str>(())
    });
    let error = account.time.run(scope).await.unwrap_err();
    let instance = &error.orphans()[0];
    assert!(error.failure().is_none() && instance.error().is_conflict());
    let words = format!(
        "INSTANCE {} (mine) STILL EXISTS AND IS BILLED, delete it yourself: DeleteInstance: ",
        instance.id().unwrap()
    );
    assert!(error.to_string().starts_with(&words), "{error}");
    assert!(error.to_string().ends_with("; before that, the work succeeded"), "{error}");
    assert_eq!(account.instance_count(), 1);

    // The same for a scope that was dropped.
    let account = Account::new().await;
    account.sandbox.faults().add(FaultRule::new("DeleteInstance", Fault::status(401)).always()).unwrap();
    let scope = Box::pin(account.scope().run(async |_| account.long_work().await));
    drop(account.time.run(futures::future::select(scope, account.after(40 * SECOND))).await);
    let orphans = account.time.run(account.client.wait_for_cleanup()).await;
    assert_eq!((orphans.len(), orphans[0].name()), (1, "mine"));
    assert_eq!(orphans[0].error().kind(), ErrorKind::Unauthenticated);
    assert!(account.time.run(account.client.wait_for_cleanup()).await.is_empty(), "each is reported once");
}

#[tokio::test]
async fn cleanup_ends_after_twenty_minutes() {
    let account = Account::new().await;
    account.sandbox.faults().add(FaultRule::new("DeleteInstance", Fault::status(503)).always()).unwrap();
    let error = account.time.run(account.scope().run(async |_| Ok::<_, &str>(()))).await.unwrap_err();
    assert_eq!(error.orphans()[0].error().kind(), ErrorKind::Server);
    let took = account.time.passed();
    assert!((1_230 * SECOND..1_400 * SECOND).contains(&took), "{took:?}");
}

#[tokio::test]
async fn a_protected_instance_is_refused_before_sending() {
    let account = Account::new().await;
    let scope = account.client.instances().scoped(account.new_instance().is_protected(true));
    let error = account.time.run(scope.run(async |_| Ok::<_, Error>(()))).await.unwrap_err();
    assert!(
        matches!(error.into_failure(), Some(ScopeFailure::Create(error)) if error.kind() == ErrorKind::InvalidInput)
    );
    assert_eq!(account.request_count("CreateInstance"), 0);
}

#[tokio::test]
async fn progress_is_reported_and_a_scope_can_be_spawned() {
    let account = Account::new().await;
    let was_seen = Arc::new(AtomicBool::default());
    let seen = Arc::clone(&was_seen);
    let scope = account.scope().on_progress(move |progress| {
        seen.fetch_or(progress.resource.is_some_and(|vm| vm.status == InstanceStatus::Creating), Ordering::Relaxed);
    });
    let task = tokio::spawn(scope.run(async |vm: genesiscloud::Instance| Ok::<_, Error>(vm.name)));
    assert_eq!(account.time.run(task).await.unwrap().unwrap(), "mine");
    assert!(was_seen.load(Ordering::Relaxed));
}

#[tokio::test]
async fn an_ambiguous_create_is_reported_as_an_instance_that_may_exist() {
    let lost = async |account: &Account| {
        account.fault("CreateInstance", Fault::ResetAfterProcessing);
        account.sandbox.faults().add(FaultRule::new("ListInstancesPaginated", Fault::status(403)).always()).unwrap();
    };
    let account = Account::new().await;
    lost(&account).await;
    let error = account.time.run(account.scope().run(async |_| account.long_work().await)).await.unwrap_err();
    assert!(error.may_be_billed() && error.instance().is_none());
    assert!(
        error.to_string().starts_with("AN INSTANCE NAMED mine MAY EXIST AND BE BILLED, look for it: CreateInstance: "),
        "{error}"
    );
    // Also if the scope was dropped.
    let account = Account::new().await;
    lost(&account).await;
    let scope = Box::pin(account.scope().run(async |_| account.long_work().await));
    drop(account.time.run(futures::future::select(scope, account.after(5 * SECOND))).await);
    let orphans = account.time.run(account.client.wait_for_cleanup()).await;
    assert_eq!((orphans.len(), orphans[0].id(), orphans[0].name()), (1, None, "mine"));
    assert!(orphans[0].to_string().starts_with("AN INSTANCE NAMED mine MAY EXIST AND BE BILLED"), "{orphans:?}");
}

#[tokio::test]
async fn an_ambiguous_create_of_a_dropped_scope_is_reported_by_cleanup() {
    let account = Account::new().await;
    account.fault("CreateInstance", Fault::ResetAfterProcessing);
    account.sandbox.faults().add(FaultRule::new("ListInstancesPaginated", Fault::status(403)).always()).unwrap();
    let mut scope = Box::pin(account.scope().run(async |_| account.long_work().await));
    assert!((&mut scope).now_or_never().is_none());
    // The create ends while the scope is not polled.
    account.time.run(account.client.wait_for_cleanup()).await;
    drop(scope);
    let orphans = account.time.run(account.client.wait_for_cleanup()).await;
    assert_eq!((orphans.len(), orphans[0].id(), orphans[0].name()), (1, None, "mine"));
}

#[tokio::test]
async fn a_deletion_that_shows_no_effect_is_sent_again() {
    let account = Account::new().await;
    // A success that is not the API's: the instance stays `active`.
    account.fault("DeleteInstance", Fault::status(204).empty());
    account.time.run(account.scope().run(async |_| Ok::<_, &str>(()))).await.unwrap();
    assert_eq!((account.instance_count(), account.request_count("DeleteInstance")), (0, 2));
}

#[tokio::test]
async fn a_deletion_that_fails_after_a_long_time_is_sent_again_at_once() {
    let account = Account::new().await;
    let set_status = |status: InstanceStatus| {
        let mut data = account.sandbox.data();
        data.instances[0].status = status;
        account.sandbox.seed(data);
    };
    let service = async {
        while account.request_count("DeleteInstance") == 0 {
            account.after(SECOND).await;
        }
        for _ in 0..20 {
            set_status(InstanceStatus::Deleting);
            account.after(5 * SECOND).await;
        }
        set_status(InstanceStatus::Error);
        let failed_at = account.time.passed();
        while account.request_count("DeleteInstance") == 1 {
            account.after(SECOND).await;
        }
        account.time.passed() - failed_at
    };
    let scope = account.scope().run(async |_| Ok::<_, &str>(()));
    let (outcome, took) = account.time.run(futures::future::join(scope, service)).await;
    outcome.unwrap();
    assert_eq!((account.instance_count(), account.request_count("DeleteInstance")), (0, 2));
    assert!(took < 10 * SECOND, "{took:?}");
}

#[tokio::test]
async fn an_instance_that_reads_do_not_show_yet_is_not_taken_for_gone() {
    for stale in [5, 30, 50] {
        let account = Account::new().await;
        account.sandbox.set_stale_reads(stale * SECOND);
        let status = account.time.run(account.scope().run(async |vm| Ok::<_, &str>(vm.status))).await.unwrap();
        assert_eq!((status, account.instance_count()), (InstanceStatus::Active, 0), "{stale}");
        // Stopped before any read has shown it.
        let stopped = account.scope().stop_when(account.after(SECOND)).run(async |_| Ok::<_, &str>(()));
        let error = account.time.run(stopped).await.unwrap_err();
        assert!(!error.may_be_billed(), "{stale}: {error}");
        assert_eq!(account.instance_count(), 0, "{stale}");
    }
}

#[tokio::test]
async fn an_instance_orphaned_by_a_panic_is_reported_by_cleanup() {
    let account = Account::new().await;
    account.sandbox.faults().add(FaultRule::new("DeleteInstance", Fault::status(401)).always()).unwrap();
    let work = async |_| -> Result<(), &str> { panic!("out of memory") };
    let outcome = std::panic::AssertUnwindSafe(account.time.run(account.scope().run(work))).catch_unwind().await;
    assert!(outcome.is_err());
    assert_eq!(account.time.run(account.client.wait_for_cleanup()).await.len(), 1);
    let kept = account.scope().keep_on_error().run(work);
    assert!(std::panic::AssertUnwindSafe(account.time.run(kept)).catch_unwind().await.is_err());
    assert_eq!((account.time.run(account.client.wait_for_cleanup()).await.len(), account.instance_count()), (0, 2));
}

#[tokio::test]
async fn a_deletion_that_is_not_confirmed_is_reported_as_such() {
    let account = Account::new().await;
    let scope = account.scope().run(async |_| {
        account.sandbox.faults().add(FaultRule::new("GetInstance", Fault::status(401)).always()).unwrap();
        Ok::<_, &str>(())
    });
    let error = account.time.run(scope).await.unwrap_err();
    assert!(
        error.to_string().contains(" MAY STILL EXIST AND BE BILLED, check it: its deletion was accepted, but then "),
        "{error}"
    );
}

#[tokio::test]
async fn cleanup_uses_the_options_the_client_was_built_with() {
    let account = Account::new().await;
    account.fault("DeleteInstance", Fault::Delay(20 * SECOND));
    let impatient = account.client.with_deadline(10 * SECOND).with_attempt_timeout(5 * SECOND);
    let scope = impatient.instances().scoped(account.new_instance()).run(async |_| Ok::<_, &str>(()));
    account.time.run(scope).await.unwrap();
    assert_eq!((account.instance_count(), account.request_count("DeleteInstance")), (0, 1));
}

#[test]
fn a_runtime_that_ends_before_the_deletion_leaves_it_to_who_waits_for_it() {
    let first = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // The sandbox runs on this one.
    let second = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let account = second.block_on(Account::new());
    first.block_on(async {
        let scope = Box::pin(account.scope().run(async |_| account.long_work().await));
        drop(account.time.run(futures::future::select(scope, account.after(40 * SECOND))).await);
    });
    drop(first);
    assert_eq!(account.instance_count(), 1);
    let orphans = second.block_on(account.time.run(account.client.wait_for_cleanup()));
    assert_eq!((orphans.len(), account.instance_count()), (0, 0));
}
