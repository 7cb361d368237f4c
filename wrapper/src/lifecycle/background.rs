//! The tasks that create and delete resources in the background, and whether each gets on.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures::FutureExt;
use futures::future::{BoxFuture, Either, select};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::deletion::Targets;
use crate::Clock;
use crate::ledger::ResourceKind;
use crate::liveness::Liveness;
use crate::transport::{CancelHandle, within_runtimes};

/// The jobs that have not ended.
#[derive(Default)]
pub(super) struct Background(Mutex<Vec<Arc<Job>>>);

/// A task, as others see it.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) work: Work,
    liveness: Liveness,
    ended: CancellationToken,
    is_taken_over: AtomicBool,
}

/// What a task does.
#[derive(Debug)]
pub(super) enum Work {
    Create { kind: ResourceKind, name: String, cancel: CancelHandle },
    Deletion(Arc<Targets>),
}

impl Background {
    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Job>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn jobs(&self) -> Vec<Arc<Job>> {
        self.lock().clone()
    }

    /// Runs a job on a task of this runtime.
    pub(super) fn spawn(
        self: &Arc<Self>,
        runtime: &Handle,
        clock: &Arc<dyn Clock>,
        job: Arc<Job>,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> AbortHandle {
        self.lock().push(Arc::clone(&job));
        let clock = Arc::clone(clock);
        let mut task = Task { work: work.boxed(), registration: Registration { background: Arc::clone(self), job } };
        let task = async move { task.registration.job.liveness.answering(&*clock, &mut task.work).await };
        runtime.spawn(task.in_current_span()).abort_handle()
    }

    /// Notes that the work of a job was done by another task. Returns whether it had not ended, so that its result is no longer
    /// wanted.
    pub(super) fn take_over(&self, job: &Arc<Job>) -> bool {
        let mut jobs = self.lock();
        let before = jobs.len();
        jobs.retain(|other| !Arc::ptr_eq(job, other));
        let is_first = jobs.len() < before;
        job.is_taken_over.fetch_or(is_first, Ordering::AcqRel);
        is_first
    }
}

/// A task in the background. Its fields are dropped in this order: what it reports when it ends is there before the job is
/// gone.
struct Task {
    work: BoxFuture<'static, ()>,
    registration: Registration,
}

struct Registration {
    background: Arc<Background>,
    job: Arc<Job>,
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.background.lock().retain(|other| !Arc::ptr_eq(&self.job, other));
        self.job.ended.cancel();
    }
}

impl Job {
    pub(super) fn new(now: Instant, work: Work) -> Arc<Self> {
        let (ended, is_taken_over) = (CancellationToken::new(), AtomicBool::new(false));
        Arc::new(Self { work, liveness: Liveness::new(now), ended, is_taken_over })
    }

    pub(super) fn is_taken_over(&self) -> bool {
        self.is_taken_over.load(Ordering::Acquire)
    }

    /// Resolves when the task has ended, or does not get on; returns whether it has ended. Outside a runtime, which has timers,
    /// only its end shows.
    pub(super) async fn ends_or_stalls(&self, clock: &dyn Clock) -> bool {
        let stalls = async {
            let now = || clock.now();
            while let Some(next) = self.liveness.check(now()) {
                clock.timeout(next.saturating_duration_since(now())).await;
            }
        };
        let stalls = async {
            if within_runtimes(stalls).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        self.unless_ended(stalls).await.is_none()
    }

    /// Does something until the task has ended; `None` if that is earlier.
    pub(super) async fn unless_ended<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        match select(std::pin::pin!(self.ended.cancelled()), std::pin::pin!(work)).await {
            Either::Left(_) => None,
            Either::Right((output, _)) => Some(output),
        }
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lock().iter().map(|job| &job.work)).finish()
    }
}
