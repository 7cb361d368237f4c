//! A scope: an instance that exists only while work is done with it.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Either, select};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::background::{Job, Work};
use super::cleanup::{Cleanup, DeleteOnDrop, OrphanedInstance, create_abandoned};
use super::placement::{NoCapacity, PlacementFailure, Plan, Rounds, is_lack_of_capacity};
use super::scope_error::{Disposal, DisposalText, ScopeError, ScopeFailure};
use crate::core::Core;
use crate::resource::create_or_recover_with;
use crate::transport::{CancelHandle, this_runtime};
use crate::{CreateInstance, Error, Instance, Progress, WaitError, Waiter, wait};

/// An instance that exists only while work is done with it: it is created, waited for, used, and deleted, however the work
/// ends. Returned by [`Instances::scoped`](crate::Instances::scoped); sends nothing before [`run`](Self::run) is polled.
///
/// The work begins when the instance is `active`. It may have no public address then: work that logs in to it needs
/// [`until_addressed`](Self::until_addressed).
///
/// ```
/// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) -> Result<(), Box<dyn std::error::Error>> {
/// let region = client.instances().scoped(new).run(async |vm| Ok::<_, genesiscloud::Error>(vm.region)).await?;
/// # Ok(()) }
/// ```
#[must_use = "a scope creates nothing before `run`"]
pub struct Scope {
    core: Core,
    create: CreateInstance,
    /// Where to create it, unless it is where the parameters say.
    plan: Option<Plan>,
    needs_address: bool,
    ready_within: Duration,
    keep_on_error: bool,
    stop: Stop,
    on_progress: Option<OnProgress>,
}

/// Shared by the waits for the instances of several placements.
type OnProgress = Arc<Mutex<dyn FnMut(Progress<'_, Instance>) + Send>>;

impl Scope {
    pub(crate) fn new(core: &Core, create: CreateInstance) -> Self {
        Self {
            core: core.clone(),
            create,
            plan: None,
            needs_address: false,
            ready_within: wait::DEFAULT_TIMEOUT,
            keep_on_error: false,
            stop: Stop::never(),
            on_progress: None,
        }
    }

    /// A scope whose instance is created at the first placement of a plan where it becomes ready.
    pub(super) fn placed(core: &Core, create: CreateInstance, plan: Plan) -> Self {
        Self { plan: Some(plan), ..Self::new(core, create) }
    }

    /// Lets the work begin only when the instance is `active` *and* has a public address, as
    /// [`Waiter::until_addressed`](crate::Waiter::until_addressed) waits for it: `public_ip` is set then. By default, the work
    /// begins when the instance is `active`. An instance that has no address in time ([`ready_within`](Self::ready_within)) has
    /// not become ready.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) -> Result<(), Box<dyn std::error::Error>> {
    /// client.instances().scoped(new).until_addressed()
    ///     .run(async |vm| {
    ///         let address = vm.public_ip.ok_or("it has no address")?;
    ///         println!("ssh ubuntu@{address}");
    ///         Ok::<_, &str>(())
    ///     })
    ///     .await?;
    /// # Ok(()) }
    /// ```
    pub fn until_addressed(self) -> Self {
        Self { needs_address: true, ..self }
    }

    /// Sets the time limit for the instance to become ready: `active`, and with [`until_addressed`](Self::until_addressed) with a
    /// public address; 20 minutes by default.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) {
    /// let scope = client.instances().scoped(new).ready_within(std::time::Duration::from_secs(300));
    /// # }
    /// ```
    pub fn ready_within(self, time: Duration) -> Self {
        Self { ready_within: time, ..self }
    }

    /// Keeps the instance if it does not become ready, or if the work returns an error or panics, so that it can be
    /// inspected. It is billed until it is deleted; the error has its id.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) {
    /// let scope = client.instances().scoped(new).keep_on_error();
    /// # }
    /// ```
    pub fn keep_on_error(self) -> Self {
        Self { keep_on_error: true, ..self }
    }

    /// Sets a future that stops the scope when it resolves: on Ctrl-C, at a time, when another task fails. An instance that has
    /// been created by then is deleted, and a create that has not been sent is not sent.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) {
    /// let outcome = client.instances().scoped(new)
    ///     .stop_when(async { tokio::signal::ctrl_c().await.ok(); })
    ///     .run(async |vm| Ok::<_, genesiscloud::Error>(vm.region))
    ///     .await;
    /// # }
    /// ```
    pub fn stop_when(self, stop: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { stop: Stop(Some(stop.boxed())), ..self }
    }

    /// Sets a function that is called after every poll while the instance becomes ready.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) {
    /// let scope = client.instances().scoped(new).on_progress(|progress| eprintln!("{} polls", progress.polls));
    /// # }
    /// ```
    pub fn on_progress(self, on_progress: impl FnMut(Progress<'_, Instance>) + Send + 'static) -> Self {
        Self { on_progress: Some(Arc::new(Mutex::new(on_progress))), ..self }
    }

    /// Creates the instance, waits until it is ready, does the work with it, and deletes it: when the work succeeds, fails
    /// or panics (the panic continues after the deletion), when the instance does not become ready, and when the scope is
    /// [stopped](Self::stop_when). Then it waits until the instance is gone. Deletion and wait take no longer than 20 minutes
    /// and one call.
    ///
    /// **Costs** a create, a deletion, and the polls between them, which many scopes share (see [`Waiter`](crate::Waiter)).
    ///
    /// **If the response to the create is lost**, its result is searched for, as by
    /// [`create_or_recover`](crate::Instances::create_or_recover), and used and deleted like any other. It is recognised by its
    /// host name, unless you set one: then give each instance a unique name, since one that another program creates with the
    /// same name and fields shortly afterwards could be taken for it.
    ///
    /// **If only the deletion fails**, the result of the work is lost: `run` returns the error instead. Let the work itself
    /// store what must not be lost.
    ///
    /// **If the future is dropped** before it ends, the deletion continues in the background on the runtime it ran on; a create
    /// that is in flight is awaited there first. [`Client::wait_for_cleanup`](crate::Client::wait_for_cleanup) waits for these,
    /// and deletes itself what that runtime leaves because it has ended or stands still. No library can delete after its process
    /// was killed or aborted, or after its last runtime has ended, as when `main` returns.
    /// So let `run` end wherever possible, by `stop_when`, or await `wait_for_cleanup` before the program ends.
    ///
    /// # Errors
    /// [`ScopeError`] has what failed, and what became of the instance.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) -> Result<(), Box<dyn std::error::Error>> {
    /// let work = async |vm: genesiscloud::Instance| vm.public_ip.ok_or("it has no address");
    /// let address = client.instances().scoped(new).until_addressed().run(work).await?;
    /// println!("it was at {address}");
    /// # Ok(()) }
    /// ```
    pub async fn run<R, E, W>(self, work: impl FnOnce(Instance) -> W) -> Result<R, ScopeError<E>>
    where
        W: Future<Output = Result<R, E>>,
    {
        let Self { core, create, plan, needs_address, ready_within, keep_on_error, mut stop, on_progress } = self;
        if create.0.is_protected == Some(true) {
            let reason = "the instance of a scope cannot be protected: it could not be deleted at the end";
            return Err(ScopeError::not_created(ScopeFailure::Create(Error::invalid_input(reason))));
        }
        this_runtime().map_err(|error| ScopeError::not_created(ScopeFailure::Create(error)))?;
        let wait = WaitSettings { core: &core, needs_address, ready_within, on_progress };
        // A panic of the work, of `on_progress` or of the future that stops the scope continues after the deletion.
        let (guard, instance, ready) = match plan {
            None => {
                let (guard, instance) = begin(&core, create, &mut stop).await?;
                let ready = AssertUnwindSafe(wait.until_ready(&instance, &mut stop)).catch_unwind().await;
                (guard, instance, ready)
            }
            Some(plan) => {
                let no_placement = |failed: NoCapacity| ScopeError::not_created(ScopeFailure::Create(failed.into()));
                let mut rounds = Rounds::new(&core, create, plan).map_err(no_placement)?;
                let begun = begin_placed(&wait, &mut rounds, &mut stop).await;
                let (guard, instance, ready) = begun.map_err(|not_placed| not_placed.into_scope_error(rounds))?;
                (guard, instance, Ok(ready))
            }
        };
        let outcome = match ready {
            Ok(Ok(instance)) => AssertUnwindSafe(use_instance(instance, work, &mut stop)).catch_unwind().await,
            Ok(Err(failure)) => Ok(Err(failure)),
            Err(panic) => Err(panic),
        };
        let is_error = !matches!(outcome, Ok(Ok(_) | Err(ScopeFailure::Stopped)));
        let disposal = if keep_on_error && is_error {
            guard.keep();
            Disposal::Kept
        } else {
            guard.delete().await.map_or_else(Disposal::Orphaned, |()| Disposal::Deleted)
        };
        conclude(&core, outcome, instance, disposal)
    }
}

/// How to wait for an instance of a scope.
struct WaitSettings<'a> {
    core: &'a Core,
    needs_address: bool,
    ready_within: Duration,
    on_progress: Option<OnProgress>,
}

impl WaitSettings<'_> {
    /// Waits until the instance is ready, unless the scope is stopped.
    async fn until_ready<E>(&self, instance: &Instance, stop: &mut Stop) -> Result<Instance, ScopeFailure<E>> {
        let mut wait = Waiter::<Instance>::new(self.core, &instance.id).within(self.ready_within);
        if self.needs_address {
            wait = wait.until_addressed();
        }
        if let Some(on_progress) = self.on_progress.clone() {
            wait = wait.on_progress(move |progress| {
                on_progress.lock().unwrap_or_else(PoisonError::into_inner)(progress);
            });
        }
        match select(wait, stop).await {
            Either::Left((ready, _)) => ready.map_err(ScopeFailure::NotReady),
            Either::Right(_) => Err(ScopeFailure::Stopped),
        }
    }
}

/// An instance that was created, and what became of it: ready, or why not.
type Begun<E> = (DeleteOnDrop, Instance, Result<Instance, ScopeFailure<E>>);

/// Why there is no instance to use at any placement.
enum NotPlaced {
    Stopped,
    /// The rounds have the reasons, and this is the error that ended them, if there was one.
    NoCapacity(Option<Error>),
    /// An instance did not become ready and could not be deleted.
    Orphaned(Box<(Instance, WaitError, OrphanedInstance)>),
}

impl NotPlaced {
    fn into_scope_error<E>(self, rounds: Rounds) -> ScopeError<E> {
        match self {
            Self::Stopped => ScopeError::not_created(ScopeFailure::Stopped),
            Self::Orphaned(left) => {
                let (instance, error, orphan) = *left;
                ScopeError::new(Some(ScopeFailure::NotReady(error)), instance, Disposal::Orphaned(orphan))
            }
            Self::NoCapacity(_) => ScopeError::not_created(ScopeFailure::Create(self.into_no_capacity(rounds).into())),
        }
    }

    fn into_no_capacity(self, rounds: Rounds) -> NoCapacity {
        let failed = rounds.into_failure();
        match self {
            Self::Stopped | Self::NoCapacity(None) => failed,
            Self::NoCapacity(Some(error)) => failed.stop(error),
            Self::Orphaned(left) => {
                let (_, error, orphan) = *left;
                failed.stop(error.into()).with_orphan(orphan)
            }
        }
    }
}

/// Creates an instance at one placement after the other until one becomes ready. One that fails before is deleted first, so
/// that there are never two.
async fn begin_placed<E>(wait: &WaitSettings<'_>, rounds: &mut Rounds, stop: &mut Stop) -> Result<Begun<E>, NotPlaced> {
    loop {
        let next = match select(pin!(rounds.next()), &mut *stop).await {
            Either::Left((next, _)) => next,
            Either::Right(_) => return Err(NotPlaced::Stopped),
        };
        let Some(create) = next else { return Err(NotPlaced::NoCapacity(None)) };
        let (guard, instance) = match begin::<E>(wait.core, create, stop).await.map_err(ScopeError::into_failure) {
            Ok(begun) => begun,
            Err(Some(ScopeFailure::Create(error))) if error.is_out_of_resources() => {
                rounds.fail(PlacementFailure::Rejected(error));
                continue;
            }
            Err(Some(ScopeFailure::Create(error))) => return Err(NotPlaced::NoCapacity(Some(error))),
            Err(_) => return Err(NotPlaced::Stopped),
        };
        match wait.until_ready(&instance, stop).await {
            Err(ScopeFailure::NotReady(error)) if is_lack_of_capacity(&error) => {
                if let Err(orphan) = guard.delete().await {
                    return Err(NotPlaced::Orphaned(Box::new((instance, error, orphan))));
                }
                rounds.fail(PlacementFailure::NotReady(error));
            }
            ready => return Ok((guard, instance, ready)),
        }
    }
}

/// Creates an instance at the first placement where it becomes active, and keeps it. If this is dropped before it ends, the
/// instance is deleted in the background.
pub(super) async fn create_ready(
    core: &Core,
    mut rounds: Rounds,
    ready_within: Duration,
) -> Result<Instance, NoCapacity> {
    let wait = WaitSettings { core, needs_address: false, ready_within, on_progress: None };
    let (guard, ready) = match begin_placed::<Infallible>(&wait, &mut rounds, &mut Stop::never()).await {
        Ok((guard, _, ready)) => (guard, ready),
        Err(not_placed) => return Err(not_placed.into_no_capacity(rounds)),
    };
    let failed = match ready {
        Ok(instance) => {
            guard.keep();
            return Ok(instance);
        }
        Err(ScopeFailure::NotReady(error)) => rounds.into_failure().stop(error.into()),
        Err(_) => rounds.into_failure(),
    };
    match guard.delete().await {
        Ok(()) => Err(failed),
        Err(orphan) => Err(failed.with_orphan(orphan)),
    }
}

/// The result of the work; on the outside, whether it panicked.
type WorkResult<R, E> = std::thread::Result<Result<R, ScopeFailure<E>>>;

/// Does the work with the instance, unless the scope is stopped.
async fn use_instance<R, E, W>(
    instance: Instance,
    work: impl FnOnce(Instance) -> W,
    stop: &mut Stop,
) -> Result<R, ScopeFailure<E>>
where
    W: Future<Output = Result<R, E>>,
{
    match select(pin!(work(instance)), stop).await {
        Either::Left((outcome, _)) => outcome.map_err(ScopeFailure::Work),
        Either::Right(_) => Err(ScopeFailure::Stopped),
    }
}

/// Returns the result of the scope. A panic continues; an instance that it leaves is logged.
fn conclude<R, E>(
    core: &Core,
    outcome: WorkResult<R, E>,
    instance: Instance,
    disposal: Disposal,
) -> Result<R, ScopeError<E>> {
    let (outcome, disposal) = match (outcome, disposal) {
        (Ok(outcome), disposal) => (outcome, disposal),
        (Err(panic), disposal) => {
            match disposal {
                Disposal::Kept => {
                    tracing::error!("{}", DisposalText { instance: &instance, disposal: &disposal });
                }
                Disposal::Orphaned(orphan) => core.shared::<Cleanup>().report(orphan),
                Disposal::NotCreated | Disposal::Deleted => {}
            }
            resume_unwind(panic)
        }
    };
    match (outcome, disposal) {
        (Ok(value), Disposal::Deleted) => Ok(value),
        (Ok(_), disposal) => Err(ScopeError::new(None, instance, disposal)),
        (Err(failure), disposal) => Err(ScopeError::new(Some(failure), instance, disposal)),
    }
}

/// Creates the instance on a task of its own, so that its result is received even if the scope is dropped meanwhile.
async fn begin<E>(
    core: &Core,
    create: CreateInstance,
    stop: &mut Stop,
) -> Result<(DeleteOnDrop, Instance), ScopeError<E>> {
    if stop.now_or_never().is_some() {
        return Err(ScopeError::not_created(ScopeFailure::Stopped));
    }
    let cleanup = core.shared::<Cleanup>();
    let (name, cancel) = (create.0.name.clone(), CancelHandle::default());
    let job = Job::new(core.clock().now(), Work::Create { name: name.clone(), cancel: cancel.clone() });
    let mut failure = CreateFailure {
        name,
        cleanup: Arc::clone(&cleanup),
        job: Arc::clone(&job),
        cancel: cancel.clone(),
        // If the task is dropped with its runtime.
        error: Some(create_abandoned("ended")),
    };
    let created = create_or_recover_with::<Instance>(core, &core.with_cancel(cancel.clone()), create);
    let (sender, mut receiver) = oneshot::channel();
    let (core, clock) = (core.clone(), Arc::clone(core.clock()));
    let task = async move {
        let created = created.await;
        failure.error = None;
        let created = match created {
            Ok(instance) => Ok((DeleteOnDrop::new(&core, Handle::current(), &instance.id, &instance.name), instance)),
            Err(error) => {
                failure.error = Some(error);
                Err(failure)
            }
        };
        // If the scope was dropped, this drops the result: the instance is deleted, or the failure reported.
        drop(sender.send(created));
    };
    let task = cleanup.background.spawn(&Handle::current(), &clock, job, task);
    let pending = PendingCreate { cancel, task };
    let created = match select(&mut receiver, &mut *stop).await {
        Either::Left((created, _)) => created,
        Either::Right(_) => {
            if pending.cancel() {
                return Err(ScopeError::not_created(ScopeFailure::Stopped));
            }
            match receiver.await {
                // The create failed, and was not retried.
                Ok(Err(failure)) if !failure.is_ambiguous() => {
                    return Err(ScopeError::not_created(ScopeFailure::Stopped));
                }
                created => created,
            }
        }
    };
    match created {
        Ok(Ok(created)) => Ok(created),
        Ok(Err(failure)) => Err(ScopeError::not_created(ScopeFailure::Create(failure.into_error()))),
        Err(_) if pending.cancel() => Err(ScopeError::not_created(ScopeFailure::Stopped)),
        Err(_) => Err(ScopeError::not_created(ScopeFailure::Create(create_abandoned("ended")))),
    }
}

/// The error of a create. If it is not taken, an instance that may exist is reported as orphaned.
struct CreateFailure {
    name: String,
    cleanup: Arc<Cleanup>,
    job: Arc<Job>,
    cancel: CancelHandle,
    error: Option<Error>,
}

impl CreateFailure {
    fn is_ambiguous(&self) -> bool {
        self.error.as_ref().is_some_and(Error::is_ambiguous)
    }

    fn into_error(mut self) -> Error {
        self.error.take().expect("it is set before this is sent")
    }
}

impl Drop for CreateFailure {
    fn drop(&mut self) {
        if let Some(error) = self.error.take().filter(Error::is_ambiguous)
            && !self.cancel.cancel()
            && !self.job.is_taken_over()
        {
            self.cleanup.report(OrphanedInstance::of_ambiguous_create(&self.name, error));
        }
    }
}

/// Resolves when the scope is to stop, and stays resolved.
struct Stop(Option<BoxFuture<'static, ()>>);

impl Stop {
    fn never() -> Self {
        Self(Some(std::future::pending().boxed()))
    }
}

impl Future for Stop {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if let Some(stop) = &mut self.0 {
            std::task::ready!(stop.poll_unpin(context));
            self.0 = None;
        }
        Poll::Ready(())
    }
}

/// A create that is cancelled when the scope is dropped, unless it has been sent by then.
struct PendingCreate {
    cancel: CancelHandle,
    task: AbortHandle,
}

impl PendingCreate {
    /// Returns whether it was not sent, and will not be.
    fn cancel(&self) -> bool {
        let is_unsent = self.cancel.cancel();
        if is_unsent {
            // It need not wait for a permit either.
            self.task.abort();
        }
        is_unsent
    }
}

impl Drop for PendingCreate {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { create, needs_address, ready_within, keep_on_error, .. } = self;
        let mut shown = f.debug_struct("Scope");
        shown.field("create", create).field("needs_address", needs_address);
        shown.field("ready_within", ready_within).field("keep_on_error", keep_on_error);
        shown.finish_non_exhaustive()
    }
}
