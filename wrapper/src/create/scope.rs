//! A machine for as long as something is done with it.

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

use super::deletion::{Deletions, Doomed, LeftBehind};
use super::scope_error::{Fate, ScopeError, ScopeFailure, Told};
use crate::transport::Gate;
use crate::{Client, CreateInstance, Error, ErrorKind, Instance, Progress, Waiter, wait};

/// A machine that exists for as long as something is done with it: created, waited for, used, and deleted, however that
/// ends. Made by [`Instances::scoped`](crate::services::Instances::scoped); nothing happens before
/// [`run`](Self::run) is polled.
///
/// ```
/// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) -> Result<(), Box<dyn std::error::Error>> {
/// let region = client.instances().scoped(new).run(async |vm| Ok::<_, genesiscloud::Error>(vm.region)).await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing is created before `run`"]
pub struct Scope {
    client: Client,
    create: CreateInstance,
    within: Duration,
    keep_on_error: bool,
    stop: Stop,
    on_progress: Option<OnProgress>,
}

type OnProgress = Box<dyn FnMut(Progress<'_, Instance>) + Send>;

impl Scope {
    pub(crate) fn new(client: &Client, create: CreateInstance) -> Self {
        let stop = Stop(Some(std::future::pending().boxed()));
        Self { client: client.clone(), create, within: wait::WITHIN, keep_on_error: false, stop, on_progress: None }
    }

    /// How long it may take to become `active`; 20 minutes if not set.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) {
    /// let scope = client.instances().scoped(new).within(std::time::Duration::from_secs(300));
    /// # }
    /// ```
    pub fn within(self, time: Duration) -> Self {
        Self { within: time, ..self }
    }

    /// Leaves the machine where it is if it does not become active, or the work gives an error or panics, so that one can
    /// look at it. It is billed until it is deleted; the error says so, with its id.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) {
    /// let scope = client.instances().scoped(new).keep_on_error();
    /// # }
    /// ```
    pub fn keep_on_error(self) -> Self {
        Self { keep_on_error: true, ..self }
    }

    /// Stops when this future resolves: on Ctrl-C, at a time, when a sibling fails. What has been created by then is
    /// deleted, and a create that has not been sent is not sent.
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

    /// What to do with every look at the machine while it becomes active.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) {
    /// let scope = client.instances().scoped(new).on_progress(|so_far| eprintln!("{} looks", so_far.polls));
    /// # }
    /// ```
    pub fn on_progress(self, told: impl FnMut(Progress<'_, Instance>) + Send + 'static) -> Self {
        Self { on_progress: Some(Box::new(told)), ..self }
    }

    /// Creates the machine, waits until it is active, does the work with it, and deletes it: when the work succeeds,
    /// fails or panics (the panic goes on after the deletion), when the machine does not become active, and when it is
    /// [stopped](Self::stop_when). Then it waits until the machine is gone. Deletion and wait take no longer than 20 minutes
    /// and one call.
    ///
    /// **Costs** a create, a deletion, and the polls between, which many scopes share (see [`Waiter`](crate::Waiter)).
    ///
    /// **A create without an answer** is looked for, as by
    /// [`create_or_recover`](crate::services::Instances::create_or_recover), and what is found is used and deleted like any
    /// other. So give each machine a name of its own: if another program creates one of the same name and fields at the same
    /// moment, its machine could be taken for this one.
    ///
    /// **If only the deletion fails**, what the work returned is lost: `run` gives the error instead. Let the work itself put
    /// away what must not be lost.
    ///
    /// **Dropped half-way**, the future hands the deletion to the runtime it ran on; a create that is under way is awaited
    /// there first. [`Client::deletions`] waits for these. What nobody can promise: a runtime that ends first (a `main`
    /// that returns) deletes nothing, nor does a process that is killed or aborts on panic. So let `run` end wherever you
    /// can, by `stop_when`; or await [`Client::deletions`] before the program does.
    ///
    /// # Errors
    /// [`ScopeError`] says what happened and what has become of the machine.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) -> Result<(), Box<dyn std::error::Error>> {
    /// let trained_at = client.instances().scoped(new).run(async |vm| vm.public_ip.ok_or("it has no address")).await?;
    /// println!("trained at {trained_at}");
    /// # Ok(()) }
    /// ```
    pub async fn run<R, E, W>(self, work: impl FnOnce(Instance) -> W) -> Result<R, ScopeError<E>>
    where
        W: Future<Output = Result<R, E>>,
    {
        let Self { client, create, within, keep_on_error, mut stop, on_progress } = self;
        if create.0.is_protected == Some(true) {
            let reason = "a machine for a scope cannot be protected: it could not be deleted at the end";
            return Err(ScopeError::unmade(ScopeFailure::Create(Error::invalid_input(reason))));
        }
        let (doomed, vm) = begin(&client, create, &mut stop).await?;
        let mut wait = client.instances().wait(&vm.id).within(within);
        if let Some(told) = on_progress {
            wait = wait.on_progress(told);
        }
        let outcome = make_use_of(wait, work, &mut stop).await;
        let is_error = !matches!(outcome, Ok(Ok(_) | Err(ScopeFailure::Stopped)));
        let fate = if keep_on_error && is_error {
            doomed.spare();
            Fate::Kept
        } else {
            doomed.delete().await.map_or_else(Fate::LeftBehind, |()| Fate::Deleted)
        };
        conclude(&client, outcome, vm, fate)
    }
}

/// What came of the work; on the outside, whether it panicked.
type Outcome<R, E> = std::thread::Result<Result<R, ScopeFailure<E>>>;

/// Waits for the machine and does the work with it, if nobody says to stop.
async fn make_use_of<R, E, W>(
    wait: Waiter<Instance>,
    work: impl FnOnce(Instance) -> W,
    stop: &mut Stop,
) -> Outcome<R, E>
where
    W: Future<Output = Result<R, E>>,
{
    let vm = match select(wait, &mut *stop).await {
        Either::Left((Ok(vm), _)) => vm,
        Either::Left((Err(error), _)) => return Ok(Err(ScopeFailure::NotReady(error))),
        Either::Right(_) => return Ok(Err(ScopeFailure::Stopped)),
    };
    let work = pin!(AssertUnwindSafe(async { work(vm).await }).catch_unwind());
    match select(work, stop).await {
        Either::Left((outcome, _)) => outcome.map(|outcome| outcome.map_err(ScopeFailure::Work)),
        Either::Right(_) => Ok(Err(ScopeFailure::Stopped)),
    }
}

/// Tells what came of it all. A panic goes on, and what it leaves behind is told elsewhere.
fn conclude<R, E>(client: &Client, outcome: Outcome<R, E>, vm: Instance, fate: Fate) -> Result<R, ScopeError<E>> {
    let outcome = match (outcome, fate) {
        (Ok(outcome), fate) => (outcome, fate),
        (Err(panic), fate) => {
            match fate {
                Fate::Kept => tracing::error!("{}", Told { vm: &vm, fate: &fate }),
                Fate::LeftBehind(machine) => client.made().deletions.account_for(machine),
                Fate::Unmade | Fate::Deleted => {}
            }
            resume_unwind(panic)
        }
    };
    match outcome {
        (Ok(value), Fate::Deleted) => Ok(value),
        (Ok(_), fate) => Err(ScopeError::new(None, vm, fate)),
        (Err(failure), fate) => Err(ScopeError::new(Some(failure), vm, fate)),
    }
}

/// Creates the machine on a task of its own, so that it is known whatever becomes of the scope meanwhile.
async fn begin<E>(
    client: &Client,
    create: CreateInstance,
    stop: &mut Stop,
) -> Result<(Doomed, Instance), ScopeError<E>> {
    if stop.now_or_never().is_some() {
        return Err(ScopeError::unmade(ScopeFailure::Stopped));
    }
    let mut unsaid =
        Unsaid { name: create.0.name.clone(), deletions: Arc::clone(&client.made().deletions), error: None };
    let gate = Gate::default();
    let gated = client.with_gate(gate.clone());
    let created = super::create_or_recover(client, gated.instances().create(create));
    let (hand_over, mut handed_over) = oneshot::channel();
    let client = client.clone();
    let task = async move {
        let created = match created.await {
            Ok(vm) => Ok((Doomed::new(&client, Handle::current(), &vm.id, &vm.name), vm)),
            Err(error) => {
                unsaid.error = Some(error);
                Err(unsaid)
            }
        };
        // If nobody takes it, it is dropped, and so deleted, or said.
        drop(hand_over.send(created));
    };
    let task = gated.made().deletions.tasks().spawn(task.in_current_span());
    let calling_off = CallingOff { gate, task: task.abort_handle() };
    let created = match select(&mut handed_over, &mut *stop).await {
        Either::Left((created, _)) => created,
        Either::Right(_) => {
            if calling_off.call_off() {
                return Err(ScopeError::unmade(ScopeFailure::Stopped));
            }
            match handed_over.await {
                // It was not tried again.
                Ok(Err(unsaid)) if !unsaid.is_ambiguous() => return Err(ScopeError::unmade(ScopeFailure::Stopped)),
                created => created,
            }
        }
    };
    match created {
        Ok(Ok(created)) => Ok(created),
        Ok(Err(unsaid)) => Err(ScopeError::unmade(ScopeFailure::Create(unsaid.say()))),
        Err(_) if calling_off.call_off() => Err(ScopeError::unmade(ScopeFailure::Stopped)),
        Err(_) => Err(ScopeError::unmade(ScopeFailure::Create(Error::new(
            ErrorKind::Ambiguous,
            "the runtime ended before an answer came; the machine may exist",
        )))),
    }
}

/// Why a create failed, until somebody is told. If nobody is, a machine that may exist is accounted for.
struct Unsaid {
    name: String,
    deletions: Arc<Deletions>,
    error: Option<Error>,
}

impl Unsaid {
    fn is_ambiguous(&self) -> bool {
        self.error.as_ref().is_some_and(Error::is_ambiguous)
    }

    fn say(mut self) -> Error {
        self.error.take().expect("it is said once")
    }
}

impl Drop for Unsaid {
    fn drop(&mut self) {
        if let Some(error) = self.error.take().filter(Error::is_ambiguous) {
            self.deletions.account_for(LeftBehind::perhaps(&self.name, error));
        }
    }
}

/// Resolves when it is time to stop, and ever after.
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

/// Sees to it that a create that nobody waits for any more is not sent, if it has not been.
struct CallingOff {
    gate: Gate,
    task: AbortHandle,
}

impl CallingOff {
    /// Whether it was not sent, and will not be.
    fn call_off(&self) -> bool {
        let is_unsent = self.gate.close();
        if is_unsent {
            // It need not wait for its turn either.
            self.task.abort();
        }
        is_unsent
    }
}

impl Drop for CallingOff {
    fn drop(&mut self) {
        self.call_off();
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { create, within, keep_on_error, .. } = self;
        let mut shown = f.debug_struct("Scope");
        shown.field("create", create).field("within", within).field("keep_on_error", keep_on_error);
        shown.finish_non_exhaustive()
    }
}
