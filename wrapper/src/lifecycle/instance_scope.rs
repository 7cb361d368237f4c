//! The scope of one instance, which exists only while work is done with it.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{Either, select};

use super::conclusion::conclude;
use super::orphan::OrphanedResource;
use super::owned::DeleteOnDrop;
use super::placement::{NoCapacity, PlacementFailure, Plan, Rounds, is_lack_of_capacity};
use super::scope_error::{Left, ScopeError, ScopeFailure};
use super::stop::Stop;
use crate::core::Core;
use crate::resource::create_or_recover_with;
use crate::transport::this_runtime;
use crate::{CreateInstance, Error, Instance, Progress, WaitError, Waiter, wait};

/// An instance that exists only while work is done with it: it is created, waited for, used, and deleted, however the work
/// ends. Returned by [`Instances::scoped`](crate::Instances::scoped); sends nothing before [`run`](Self::run) is polled.
///
/// The work begins when the instance is `active`. It may have no public address then: work that logs in to it needs
/// [`until_addressed`](Self::until_addressed).
///
/// ```
/// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance)
/// # -> Result<(), Box<dyn std::error::Error>> {
/// let region = client.instances().scoped(new).run(async |vm| Ok::<_, genesiscloud::Error>(vm.region)).await?;
/// # Ok(()) }
/// ```
#[must_use = "a scope creates nothing before `run`"]
pub struct InstanceScope {
    core: Core,
    create: CreateInstance,
    /// Where to create it, unless it is where the parameters say.
    plan: Option<Plan>,
    needs_address: bool,
    ready_within: Duration,
    delete_within: Duration,
    keep_on_error: bool,
    stop: Stop,
    on_progress: Option<OnProgress>,
}

/// Shared by the waits for the instances of several placements.
type OnProgress = Arc<Mutex<dyn FnMut(Progress<'_, Instance>) + Send>>;

impl InstanceScope {
    pub(crate) fn new(core: &Core, create: CreateInstance) -> Self {
        Self {
            core: core.clone(),
            create,
            plan: None,
            needs_address: false,
            ready_within: wait::DEFAULT_TIMEOUT,
            delete_within: wait::DEFAULT_TIMEOUT,
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
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance)
    /// # -> Result<(), Box<dyn std::error::Error>> {
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

    /// Sets the time limit for the instance to become ready: `active`, and with [`until_addressed`](Self::until_addressed) with
    /// a public address; 20 minutes by default.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) {
    /// let scope = client.instances().scoped(new).ready_within(std::time::Duration::from_secs(300));
    /// # }
    /// ```
    pub fn ready_within(self, time: Duration) -> Self {
        Self { ready_within: time, ..self }
    }

    /// Sets the time limit for the deletion of the instance, as [`Deletion::within`](crate::Deletion::within) has it; 20
    /// minutes by default. It includes the wait until the instance is gone. With zero, there is one attempt: a call with its
    /// retries, and one poll unless it is rejected. An instance that is not gone by then is named by the error
    /// ([`ScopeError::orphans`]).
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) {
    /// let scope = client.instances().scoped(new).delete_within(std::time::Duration::from_secs(300));
    /// # }
    /// ```
    pub fn delete_within(self, time: Duration) -> Self {
        Self { delete_within: time, ..self }
    }

    /// Keeps the instance if it does not become ready, or if the work returns an error or panics, so that it can be
    /// inspected; by default, it is deleted. After success, and when the scope is stopped or dropped, it is deleted all the
    /// same. What is kept is billed until it is deleted; the error names it ([`ScopeError::kept`]).
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
        Self { stop: Stop::when(stop), ..self }
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
    /// ([`delete_within`](Self::delete_within)) and one call.
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
    /// and deletes itself what that runtime leaves because it has ended or stands still. No library can delete after its
    /// process was killed or aborted, or after its last runtime has ended, as when `main` returns.
    /// So let `run` end wherever possible, by `stop_when`, or await `wait_for_cleanup` before the program ends.
    ///
    /// # Errors
    /// [`ScopeError`] has what failed, and what became of the instance.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance)
    /// # -> Result<(), Box<dyn std::error::Error>> {
    /// let work = async |vm: genesiscloud::Instance| vm.public_ip.ok_or("it has no address");
    /// let address = client.instances().scoped(new).until_addressed().run(work).await?;
    /// println!("it was at {address}");
    /// # Ok(()) }
    /// ```
    pub async fn run<R, E, W>(self, work: impl FnOnce(Instance) -> W) -> Result<R, ScopeError<E>>
    where
        W: Future<Output = Result<R, E>>,
    {
        let Self { core, create, plan, keep_on_error, mut stop, .. } = self;
        let Self { needs_address, ready_within, delete_within, on_progress, .. } = self;
        if create.0.is_protected == Some(true) {
            let reason = "the instance of a scope cannot be protected: it could not be deleted at the end";
            return Err(ScopeError::not_created(ScopeFailure::Create(Error::invalid_input(reason))));
        }
        this_runtime().map_err(|error| ScopeError::not_created(ScopeFailure::Create(error)))?;
        let wait = WaitSettings { core: &core, needs_address, ready_within, delete_within, on_progress };
        // A panic of the work, of `on_progress` or of the future that stops the scope continues after the deletion.
        let (guard, instance, ready) = match plan {
            None => {
                let (guard, instance) = begin(&wait, create, &mut stop).await?;
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
        conclude(guard, outcome, Some(instance), keep_on_error).await
    }
}

/// How to wait for an instance of a scope, and for its deletion.
struct WaitSettings<'a> {
    core: &'a Core,
    needs_address: bool,
    ready_within: Duration,
    delete_within: Duration,
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
    Orphaned(Box<(Instance, WaitError, OrphanedResource)>),
}

impl NotPlaced {
    fn into_scope_error<E>(self, rounds: Rounds) -> ScopeError<E> {
        match self {
            Self::Stopped => ScopeError::not_created(ScopeFailure::Stopped),
            Self::Orphaned(left) => {
                let (instance, error, orphan) = *left;
                ScopeError::new(Some(ScopeFailure::NotReady(error)), Some(instance), Left::orphans(vec![orphan]))
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
        let (guard, instance) = match begin::<E>(wait, create, stop).await.map_err(ScopeError::into_failure) {
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
                if let Some(orphan) = guard.delete().await.pop() {
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
    let delete_within = wait::DEFAULT_TIMEOUT;
    let wait = WaitSettings { core, needs_address: false, ready_within, delete_within, on_progress: None };
    let (guard, ready) = match begin_placed::<Infallible>(&wait, &mut rounds, &mut Stop::never()).await {
        Ok((guard, _, ready)) => (guard, ready),
        Err(not_placed) => return Err(not_placed.into_no_capacity(rounds)),
    };
    let failed = match ready {
        Ok(instance) => {
            guard.keep().await;
            return Ok(instance);
        }
        Err(ScopeFailure::NotReady(error)) => rounds.into_failure().stop(error.into()),
        Err(_) => rounds.into_failure(),
    };
    match guard.delete().await.pop() {
        None => Err(failed),
        Some(orphan) => Err(failed.with_orphan(orphan)),
    }
}

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

/// Creates the instance, unless the scope is stopped.
async fn begin<E>(
    wait: &WaitSettings<'_>,
    create: CreateInstance,
    stop: &mut Stop,
) -> Result<(DeleteOnDrop, Instance), ScopeError<E>> {
    let core = wait.core;
    let failed = |error| ScopeError::not_created(ScopeFailure::Create(error));
    if stop.now_or_never().is_some() {
        return Err(ScopeError::not_created(ScopeFailure::Stopped));
    }
    let guard = DeleteOnDrop::new(core, wait.delete_within).map_err(failed)?;
    let name = create.0.name.clone();
    let sent_by = |cancel| create_or_recover_with::<Instance>(core, &core.with_cancel(cancel), create);
    let mut creating = guard.owned().create(&name, sent_by).map_err(failed)?;
    let ended = select(&mut creating, &mut *stop).map(|end| match end {
        Either::Left((created, _)) => Some(created),
        Either::Right(_) => None,
    });
    let created = match ended.await {
        Some(created) => created,
        None if creating.cancel() => return Err(ScopeError::not_created(ScopeFailure::Stopped)),
        None => match creating.await {
            // The create failed, and was not retried.
            Err(error) if !error.is_ambiguous() => return Err(ScopeError::not_created(ScopeFailure::Stopped)),
            created => created,
        },
    };
    match created {
        Ok(instance) => Ok((guard, instance)),
        Err(error) => {
            let left = Left::orphans(guard.delete().await);
            Err(ScopeError::new(Some(ScopeFailure::Create(error)), None, left))
        }
    }
}

impl fmt::Debug for InstanceScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { create, needs_address, ready_within, delete_within, keep_on_error, .. } = self;
        let mut shown = f.debug_struct("InstanceScope");
        shown.field("create", create).field("needs_address", needs_address);
        shown.field("ready_within", ready_within).field("delete_within", delete_within);
        shown.field("keep_on_error", keep_on_error);
        shown.finish_non_exhaustive()
    }
}
