//! What a scope owns: created on tasks of their own, so that results are received even if the scope is dropped meanwhile, and
//! deleted when the scope ends, or in the background when it is dropped.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::any_resource::AnyResource;
use super::background::{Job, Work};
use super::cleanup::{Cleanup, create_abandoned, deletion_abandoned};
use super::deletion::{Observed, Target, Targets, delete_all};
use super::orphan::OrphanedResource;
use crate::core::Core;
use crate::ledger::ResourceKind;
use crate::transport::{CancelHandle, this_runtime};
use crate::{Call, Error, Result, wait};

/// What a scope owns.
pub(super) struct Owned {
    pub(super) core: Core,
    /// For how long the deletion of each is tried.
    delete_within: Duration,
    targets: Arc<Targets>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    phase: Phase,
    /// The creates that may be in flight.
    creates: Vec<Arc<Job>>,
    /// What may exist, since the result of its create is not known.
    orphans: Vec<OrphanedResource>,
}

/// Whether the scope takes something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    /// It waits for creates in flight, and begins none.
    Closed,
    /// What it owned is deleted, kept or reported. The result of a create that comes now is deleted by itself.
    Ended,
}

impl Owned {
    fn new(core: &Core, delete_within: Duration) -> Arc<Self> {
        Arc::new(Self { core: core.clone(), delete_within, targets: Arc::default(), state: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cleanup(&self) -> Arc<Cleanup> {
        self.core.shared::<Cleanup>()
    }

    /// Takes over a resource that exists.
    ///
    /// # Errors
    /// If the scope has ended.
    pub(super) fn adopt(&self, target: Target) -> Result<()> {
        let state = self.lock();
        state.ensure_open()?;
        self.targets.add(target.within(self.delete_within));
        Ok(())
    }

    /// Gives up a resource, and returns whether it was owned. Once the scope has ended, it may be deleted already.
    pub(super) fn release(&self, id: &str) -> bool {
        let state = self.lock();
        state.phase == Phase::Open && self.targets.remove(id)
    }

    /// Creates a resource on a task of its own, and owns it. `create` prepares the create, which the handle cancels.
    ///
    /// # Errors
    /// If the scope has ended, or outside of a runtime.
    pub(super) fn create<R>(
        self: &Arc<Self>,
        name: &str,
        create: impl FnOnce(CancelHandle) -> Call<R>,
    ) -> Result<Creating<R>>
    where
        R: Observed + Clone + Into<AnyResource>,
    {
        let (runtime, cancel) = (this_runtime()?, CancelHandle::default());
        let work = Work::Create { kind: R::KIND, name: name.to_owned(), cancel: cancel.clone() };
        let job = Job::new(self.core.clock().now(), work);
        let mut in_flight = {
            let mut state = self.lock();
            state.ensure_open()?;
            state.creates.push(Arc::clone(&job));
            // If the task is dropped with its runtime.
            let outcome = Outcome::Ambiguous(create_abandoned("ended"));
            InFlight { owned: Arc::clone(self), kind: R::KIND, name: name.to_owned(), job: Arc::clone(&job), outcome }
        };
        let (create, delete_within) = (create(cancel.clone()), self.delete_within);
        let (sender, receiver) = oneshot::channel();
        let task = async move {
            let created = create.await;
            in_flight.outcome = match &created {
                Ok(resource) => Outcome::Created(Box::new(Target::of(resource.clone()).within(delete_within))),
                Err(error) if error.is_ambiguous() => Outcome::Ambiguous(error.clone()),
                Err(_) => Outcome::NotCreated,
            };
            // Before the result is known to the work, so that it can be released.
            drop(in_flight);
            drop(sender.send(created));
        };
        let task = self.cleanup().background.spawn(&runtime, self.core.clock(), job, task);
        Ok(Creating { pending: PendingCreate { cancel, task }, receiver })
    }

    /// Begins no more creates, cancels those that were not sent, and waits for those in flight.
    async fn settle(&self) {
        let creates = {
            let mut state = self.lock();
            if state.phase == Phase::Open {
                state.phase = Phase::Closed;
            }
            state.creates.clone()
        };
        for job in &creates {
            if let Work::Create { cancel, .. } = &job.work {
                cancel.cancel();
            }
        }
        let cleanup = self.cleanup();
        let lost = join_all(creates.iter().map(|job| cleanup.finish_create(&self.core, job))).await;
        self.lock().orphans.extend(lost.into_iter().flatten());
    }

    /// Ends it, and returns what it owned and what may exist.
    fn end(&self) -> (Vec<Target>, Vec<OrphanedResource>) {
        let mut state = self.lock();
        state.phase = Phase::Ended;
        (self.targets.take(), std::mem::take(&mut state.orphans))
    }

    /// Whether there is nothing to delete and nothing in flight.
    fn is_idle(&self) -> bool {
        self.lock().creates.is_empty() && self.targets.is_empty()
    }

    /// Deletes everything. Returns what is left.
    async fn delete(&self) -> Vec<OrphanedResource> {
        self.settle().await;
        let left = delete_all(&self.core, &self.targets.all()).await;
        let (_, mut orphans) = self.end();
        orphans.extend(left);
        orphans
    }
}

impl State {
    fn ensure_open(&self) -> Result<()> {
        match self.phase {
            Phase::Open => Ok(()),
            Phase::Closed | Phase::Ended => Err(Error::invalid_input("the scope has ended")),
        }
    }
}

/// How a create has ended.
enum Outcome {
    Created(Box<Target>),
    Ambiguous(Error),
    NotCreated,
}

/// A create in flight. When it is dropped, the scope owns its result, or knows that it may exist.
struct InFlight {
    owned: Arc<Owned>,
    kind: ResourceKind,
    name: String,
    job: Arc<Job>,
    outcome: Outcome,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let was_sent = !matches!(&self.job.work, Work::Create { cancel, .. } if !cancel.is_sent());
        let outcome = std::mem::replace(&mut self.outcome, Outcome::NotCreated);
        let mut state = self.owned.lock();
        state.creates.retain(|job| !Arc::ptr_eq(job, &self.job));
        // The scope does not wait for it any more.
        let is_late = state.phase == Phase::Ended || self.job.is_taken_over();
        match outcome {
            Outcome::Created(target) if is_late => {
                drop(state);
                delete_in_background(&self.owned.core, *target);
            }
            Outcome::Created(target) => self.owned.targets.add(*target),
            // If it was taken over, it is reported already.
            Outcome::Ambiguous(error) if was_sent && !self.job.is_taken_over() => {
                let orphan = OrphanedResource::of_ambiguous_create(self.kind, &self.name, error);
                if is_late {
                    drop(state);
                    self.owned.cleanup().report(orphan);
                } else {
                    state.orphans.push(orphan);
                }
            }
            Outcome::Ambiguous(_) | Outcome::NotCreated => {}
        }
    }
}

/// A create whose result the scope owns. If this is dropped before it was sent, it is not sent.
pub(super) struct Creating<R> {
    pending: PendingCreate,
    receiver: oneshot::Receiver<Result<R>>,
}

impl<R> Creating<R> {
    /// Returns whether it was not sent, and will not be.
    pub(super) fn cancel(&self) -> bool {
        self.pending.cancel()
    }
}

impl<R> Future for Creating<R> {
    type Output = Result<R>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.receiver.poll_unpin(context).map(|created| created.unwrap_or_else(|_| Err(create_abandoned("ended"))))
    }
}

/// A create that is cancelled when this is dropped, unless it has been sent by then.
struct PendingCreate {
    cancel: CancelHandle,
    task: AbortHandle,
}

impl PendingCreate {
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

/// Deletes what a scope owns when this is dropped: on the runtime on which that happens, or else on the one on which it was
/// made.
pub(super) struct DeleteOnDrop {
    owned: Option<Arc<Owned>>,
    runtime: Handle,
}

impl DeleteOnDrop {
    /// # Errors
    /// Outside of a runtime.
    pub(super) fn new(core: &Core, delete_within: Duration) -> Result<Self> {
        let runtime = this_runtime()?;
        Ok(Self { owned: Some(Owned::new(core, delete_within)), runtime })
    }

    pub(super) fn owned(&self) -> &Arc<Owned> {
        self.owned.as_ref().expect("it is taken only by what consumes this")
    }

    /// Deletes nothing. Waits for creates in flight, and returns what is kept, and what may exist.
    pub(super) async fn keep(mut self) -> (Vec<AnyResource>, Vec<OrphanedResource>) {
        self.owned().settle().await;
        let Some(owned) = self.owned.take() else { return Default::default() };
        let (targets, orphans) = owned.end();
        (targets.into_iter().map(|target| target.resource).collect(), orphans)
    }

    /// Deletes everything now, and returns what is left. If this future is dropped meanwhile, the deletion continues in the
    /// background.
    pub(super) async fn delete(mut self) -> Vec<OrphanedResource> {
        let Some(owned) = self.owned.take() else { return vec![] };
        if owned.is_idle() {
            return owned.end().1;
        }
        let (sender, receiver) = oneshot::channel();
        spawn_deletion(&owned, &self.runtime, |result| drop(sender.send(result)));
        match receiver.await {
            Ok(result) => result.into_orphans(),
            Err(_) => owned.targets.all().iter().map(deletion_abandoned).collect(),
        }
    }
}

impl Drop for DeleteOnDrop {
    fn drop(&mut self) {
        let Some(owned) = self.owned.take() else { return };
        if owned.is_idle() {
            let cleanup = owned.cleanup();
            owned.end().1.into_iter().for_each(|orphan| cleanup.report(orphan));
        } else {
            spawn_deletion(&owned, &self.runtime, drop);
        }
    }
}

fn delete_in_background(core: &Core, target: Target) {
    match this_runtime() {
        Ok(runtime) => {
            // Its target has the limit of the scope that created it.
            let owned = Owned::new(core, wait::DEFAULT_TIMEOUT);
            owned.targets.add(target);
            drop(DeleteOnDrop { owned: Some(owned), runtime });
        }
        Err(_) => core.shared::<Cleanup>().abandon(target),
    }
}

/// Deletes everything on a task of its own.
fn spawn_deletion(owned: &Arc<Owned>, runtime: &Handle, on_end: impl FnOnce(DeletionResult) + Send + 'static) {
    let core = &owned.core;
    let job = Job::new(core.clock().now(), Work::Deletion(Arc::clone(&owned.targets)));
    // Made before the task runs, so that a task that never runs reports as well.
    let mut result = DeletionResult { owned: Arc::clone(owned), job: Arc::clone(&job), end: DeletionEnd::Abandoned };
    let deletion = async move {
        result.end = DeletionEnd::Left(result.owned.delete().await);
        on_end(result);
    };
    let runtime = Handle::try_current().unwrap_or_else(|_| runtime.clone());
    owned.cleanup().background.spawn(&runtime, core.clock(), job, deletion);
}

/// The result of a deletion. If it is not taken, as when it runs in the background, orphaned resources are reported.
struct DeletionResult {
    owned: Arc<Owned>,
    job: Arc<Job>,
    end: DeletionEnd,
}

enum DeletionEnd {
    /// The task was dropped with its runtime.
    Abandoned,
    Left(Vec<OrphanedResource>),
}

impl DeletionResult {
    fn into_orphans(mut self) -> Vec<OrphanedResource> {
        match &mut self.end {
            DeletionEnd::Left(left) => std::mem::take(left),
            DeletionEnd::Abandoned => vec![],
        }
    }
}

impl Drop for DeletionResult {
    fn drop(&mut self) {
        let cleanup = self.owned.cleanup();
        let (targets, left) = match std::mem::replace(&mut self.end, DeletionEnd::Left(vec![])) {
            DeletionEnd::Abandoned => self.owned.end(),
            DeletionEnd::Left(left) => (vec![], left),
        };
        if !self.job.is_taken_over() {
            targets.into_iter().for_each(|target| cleanup.abandon(target));
            left.into_iter().for_each(|orphan| cleanup.report(orphan));
        }
    }
}

impl fmt::Debug for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Owned").field(&self.targets).finish()
    }
}
