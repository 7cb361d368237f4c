//! What runs in the background, and what it has left: shared by all scopes of a client.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::join_all;

use super::background::{Background, Job, Work};
use super::deletion::{Target, Targets, delete_all};
use super::orphan::{Certainty, OrphanedResource};
use crate::core::Core;
use crate::{Error, ErrorKind};

/// The deletions and creates that run in the background, and the orphaned resources they left.
#[derive(Debug, Default)]
pub(super) struct Cleanup {
    pub(super) background: Arc<Background>,
    orphans: Mutex<Vec<OrphanedResource>>,
    /// What another runtime can delete, since that of its deletion has ended.
    abandoned: Targets,
}

impl Cleanup {
    /// Waits for all tasks, and returns the orphaned resources, each once. What does not get on, since its runtime stands still
    /// or has ended, is done here.
    pub(super) async fn wait(&self, core: &Core) -> Vec<OrphanedResource> {
        loop {
            let jobs = self.background.jobs();
            if jobs.is_empty() {
                break;
            }
            join_all(jobs.iter().map(|job| self.finish(core, job))).await;
        }
        let abandoned = Abandoned { cleanup: self, targets: self.abandoned.take() };
        let left = delete_all(core, &abandoned.targets).await;
        abandoned.settle();
        left.into_iter().for_each(|orphan| self.report(orphan));
        std::mem::take(&mut *self.orphans())
    }

    /// Waits for one task, and does its work if it does not get on.
    async fn finish(&self, core: &Core, job: &Arc<Job>) {
        match &job.work {
            Work::Deletion(targets) => {
                if job.ends_or_stalls(&**core.clock()).await {
                    return;
                }
                // It may get on after all.
                let all = targets.all();
                let Some(left) = job.unless_ended(delete_all(core, &all)).await else { return };
                if self.background.take_over(job) {
                    left.into_iter().for_each(|orphan| self.report(orphan));
                }
            }
            Work::Create { .. } => {
                if let Some(orphan) = self.finish_create(core, job).await {
                    self.report(orphan);
                }
            }
        }
    }

    /// Waits for a create. If it does not get on, its response cannot be received here: returns a resource that may exist. If
    /// its runtime gets on after all, the resource is deleted.
    pub(super) async fn finish_create(&self, core: &Core, job: &Arc<Job>) -> Option<OrphanedResource> {
        let Work::Create { kind, name, cancel } = &job.work else { return None };
        if job.ends_or_stalls(&**core.clock()).await || !self.background.take_over(job) || cancel.cancel() {
            return None;
        }
        Some(OrphanedResource::of_ambiguous_create(*kind, name, create_abandoned("stood still")))
    }

    fn orphans(&self) -> MutexGuard<'_, Vec<OrphanedResource>> {
        self.orphans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Logs an orphaned resource and keeps it for [`wait`](Self::wait).
    pub(super) fn report(&self, orphan: OrphanedResource) {
        tracing::error!("{orphan}");
        self.orphans().push(orphan);
    }

    /// Logs a resource whose deletion was abandoned, and keeps it for [`wait`](Self::wait) to delete it.
    pub(super) fn abandon(&self, target: Target) {
        tracing::error!("{}", deletion_abandoned(&target));
        self.abandoned.add(target);
    }
}

/// A resource whose deletion did not end.
pub(super) fn deletion_abandoned(target: &Target) -> OrphanedResource {
    let error = Error::new(ErrorKind::ConnectionLost, "the runtime ended before it was deleted");
    target.orphaned((Certainty::MayBeDeleted, error))
}

/// The error of a create whose response cannot be received any more.
pub(super) fn create_abandoned(runtime: &str) -> Error {
    Error::new(ErrorKind::Ambiguous, format!("the runtime {runtime} before there was a response"))
}

/// Resources whose deletion is tried again; they are abandoned again if that is dropped as well.
struct Abandoned<'a> {
    cleanup: &'a Cleanup,
    targets: Vec<Target>,
}

impl Abandoned<'_> {
    fn settle(mut self) {
        self.targets.clear();
    }
}

impl Drop for Abandoned<'_> {
    fn drop(&mut self) {
        std::mem::take(&mut self.targets).into_iter().for_each(|target| self.cleanup.abandoned.add(target));
    }
}
