//! A scope: an instance that exists only while work is done with it.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Either, select};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tracing::Instrument;

use super::cleanup::{Cleanup, DeleteOnDrop, OrphanedInstance};
use super::scope_error::{Disposal, DisposalText, ScopeError, ScopeFailure};
use crate::core::Core;
use crate::resource::create_or_recover_with;
use crate::transport::CancelHandle;
use crate::{CreateInstance, Error, ErrorKind, Instance, Progress, Waiter, wait};

/// An instance that exists only while work is done with it: it is created, waited for, used, and deleted, however the work
/// ends. Returned by [`Instances::scoped`](crate::Instances::scoped); sends nothing before [`run`](Self::run) is polled.
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
    ready_within: Duration,
    keep_on_error: bool,
    stop: Stop,
    on_progress: Option<OnProgress>,
}

type OnProgress = Box<dyn FnMut(Progress<'_, Instance>) + Send>;

impl Scope {
    pub(crate) fn new(core: &Core, create: CreateInstance) -> Self {
        let stop = Stop(Some(std::future::pending().boxed()));
        Self {
            core: core.clone(),
            create,
            ready_within: wait::DEFAULT_TIMEOUT,
            keep_on_error: false,
            stop,
            on_progress: None,
        }
    }

    /// Sets the time limit for the instance to become `active`; 20 minutes by default.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) {
    /// let scope = client.instances().scoped(new).ready_within(std::time::Duration::from_secs(300));
    /// # }
    /// ```
    pub fn ready_within(self, time: Duration) -> Self {
        Self { ready_within: time, ..self }
    }

    /// Keeps the instance if it does not become active, or if the work returns an error or panics, so that it can be
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
    ///     .run(async |vm| Ok::<_, genesiscloud::Error>(vm.public_ip))
    ///     .await;
    /// # }
    /// ```
    pub fn stop_when(self, stop: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { stop: Stop(Some(stop.boxed())), ..self }
    }

    /// Sets a function that is called after every poll while the instance becomes active.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) {
    /// let scope = client.instances().scoped(new).on_progress(|progress| eprintln!("{} polls", progress.polls));
    /// # }
    /// ```
    pub fn on_progress(self, on_progress: impl FnMut(Progress<'_, Instance>) + Send + 'static) -> Self {
        Self { on_progress: Some(Box::new(on_progress)), ..self }
    }

    /// Creates the instance, waits until it is active, does the work with it, and deletes it: when the work succeeds, fails
    /// or panics (the panic continues after the deletion), when the instance does not become active, and when the scope is
    /// [stopped](Self::stop_when). Then it waits until the instance is gone. Deletion and wait take no longer than 20 minutes
    /// and one call.
    ///
    /// **Costs** a create, a deletion, and the polls between them, which many scopes share (see [`Waiter`](crate::Waiter)).
    ///
    /// **If the response to the create is lost**, its result is searched for, as by
    /// [`create_or_recover`](crate::Instances::create_or_recover), and used and deleted like any other. So give each instance a
    /// unique name: if another program creates one with the same name and fields at the same moment, its instance could be
    /// taken for this one.
    ///
    /// **If only the deletion fails**, the result of the work is lost: `run` returns the error instead. Let the work itself
    /// store what must not be lost.
    ///
    /// **If the future is dropped** before it ends, the deletion continues in the background on the runtime it ran on; a create
    /// that is in flight is awaited there first. [`Client::wait_for_cleanup`](crate::Client::wait_for_cleanup) waits for these.
    /// No library can delete after its process was killed or aborted, or after its runtime has ended, as when `main` returns.
    /// So let `run` end wherever possible, by `stop_when`, or await `wait_for_cleanup` before the program ends.
    ///
    /// # Errors
    /// [`ScopeError`] has what failed, and what became of the instance.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) -> Result<(), Box<dyn std::error::Error>> {
    /// let address = client.instances().scoped(new).run(async |vm| vm.public_ip.ok_or("it has no address")).await?;
    /// println!("it was at {address}");
    /// # Ok(()) }
    /// ```
    pub async fn run<R, E, W>(self, work: impl FnOnce(Instance) -> W) -> Result<R, ScopeError<E>>
    where
        W: Future<Output = Result<R, E>>,
    {
        let Self { core, create, ready_within, keep_on_error, mut stop, on_progress } = self;
        if create.0.is_protected == Some(true) {
            let reason = "the instance of a scope cannot be protected: it could not be deleted at the end";
            return Err(ScopeError::not_created(ScopeFailure::Create(Error::invalid_input(reason))));
        }
        let (guard, instance) = begin(&core, create, &mut stop).await?;
        let mut wait = Waiter::<Instance>::new(&core, &instance.id).within(ready_within);
        if let Some(on_progress) = on_progress {
            wait = wait.on_progress(on_progress);
        }
        // A panic of the work, of `on_progress` or of the future that stops the scope continues after the deletion.
        let outcome = AssertUnwindSafe(use_instance(wait, work, &mut stop)).catch_unwind().await;
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

/// The result of the work; on the outside, whether it panicked.
type WorkResult<R, E> = std::thread::Result<Result<R, ScopeFailure<E>>>;

/// Waits for the instance and does the work with it, unless the scope is stopped.
async fn use_instance<R, E, W>(
    wait: Waiter<Instance>,
    work: impl FnOnce(Instance) -> W,
    stop: &mut Stop,
) -> Result<R, ScopeFailure<E>>
where
    W: Future<Output = Result<R, E>>,
{
    let instance = match select(wait, &mut *stop).await {
        Either::Left((Ok(instance), _)) => instance,
        Either::Left((Err(error), _)) => return Err(ScopeFailure::NotReady(error)),
        Either::Right(_) => return Err(ScopeFailure::Stopped),
    };
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
    let mut failure = CreateFailure { name: create.0.name.clone(), cleanup: Arc::clone(&cleanup), error: None };
    let cancel = CancelHandle::default();
    let created = create_or_recover_with::<Instance>(core, &core.with_cancel(cancel.clone()), create);
    let (sender, mut receiver) = oneshot::channel();
    let core = core.clone();
    let task = async move {
        let created = match created.await {
            Ok(instance) => Ok((DeleteOnDrop::new(&core, Handle::current(), &instance.id, &instance.name), instance)),
            Err(error) => {
                failure.error = Some(error);
                Err(failure)
            }
        };
        // If the scope was dropped, this drops the result: the instance is deleted, or the failure reported.
        drop(sender.send(created));
    };
    let task = cleanup.tasks().spawn(task.in_current_span());
    let pending = PendingCreate { cancel, task: task.abort_handle() };
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
        Err(_) => Err(ScopeError::not_created(ScopeFailure::Create(Error::new(
            ErrorKind::Ambiguous,
            "the runtime ended before there was a response; the instance may exist",
        )))),
    }
}

/// The error of a create. If it is not taken, an instance that may exist is reported as orphaned.
struct CreateFailure {
    name: String,
    cleanup: Arc<Cleanup>,
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
        if let Some(error) = self.error.take().filter(Error::is_ambiguous) {
            self.cleanup.report(OrphanedInstance::of_ambiguous_create(&self.name, error));
        }
    }
}

/// Resolves when the scope is to stop, and stays resolved.
struct Stop(Option<BoxFuture<'static, ()>>);

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
        let Self { create, ready_within, keep_on_error, .. } = self;
        let mut shown = f.debug_struct("Scope");
        shown.field("create", create).field("ready_within", ready_within).field("keep_on_error", keep_on_error);
        shown.finish_non_exhaustive()
    }
}
