//! Deleting an instance for good: waits until it can be deleted, retries what is temporary, and reports what is left.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::background::{Background, Job, Work};
use crate::core::Core;
use crate::error::printable;
use crate::resource::is_gone;
use crate::resources::Instances;
use crate::{Error, ErrorKind, InstanceStatus, WaitErrorKind, wait};

/// An instance that exists or may exist, and is billed until it is deleted by other means.
///
/// ```
/// # async fn example(client: genesiscloud::Client) {
/// for orphan in client.wait_for_cleanup().await {
///     eprintln!("{orphan}"); // names the id, and why it was not deleted
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct OrphanedInstance {
    id: Option<String>,
    name: String,
    certainty: Certainty,
    error: Error,
}

/// What is known of an orphaned instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Certainty {
    /// The runtime of its deletion ended. Another one can delete it.
    Abandoned,
    /// Its deletion was rejected, or got no response.
    NotDeleted,
    /// Its deletion was accepted, but it was not observed to be gone.
    NotConfirmed,
    /// Whether it was created is not known.
    MayExist,
}

impl OrphanedInstance {
    /// Returns the id of the instance; `None` if it is not known whether it was created at all.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the name of the instance.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the error of the last attempt to delete it, or of its creation.
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// Converts it into that error.
    pub(super) fn into_error(self) -> Error {
        self.error
    }

    /// An instance of which it is not known whether it was created.
    pub(super) fn of_ambiguous_create(name: &str, error: Error) -> Self {
        Self { id: None, name: name.to_owned(), certainty: Certainty::MayExist, error }
    }
}

impl fmt::Display for OrphanedInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name, certainty, error } = self;
        let (id, name) = (printable(id.as_deref().unwrap_or_default()), printable(name));
        match certainty {
            Certainty::NotDeleted | Certainty::Abandoned => {
                write!(f, "INSTANCE {id} ({name}) STILL EXISTS AND IS BILLED, delete it yourself: {error}")
            }
            Certainty::NotConfirmed => write!(
                f,
                "INSTANCE {id} ({name}) MAY STILL EXIST AND BE BILLED, check it: its deletion was accepted, but then {error}"
            ),
            Certainty::MayExist => write!(f, "AN INSTANCE NAMED {name} MAY EXIST AND BE BILLED, look for it: {error}"),
        }
    }
}

impl std::error::Error for OrphanedInstance {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// The deletions and creates that run in the background, and the orphaned instances they left.
#[derive(Debug, Default)]
pub(super) struct Cleanup {
    pub(super) background: Arc<Background>,
    orphans: Mutex<Vec<OrphanedInstance>>,
}

impl Cleanup {
    /// Waits for all tasks, and returns the orphaned instances, each once. What does not get on, since its runtime stands still
    /// or has ended, is done here.
    pub(super) async fn wait(&self, core: &Core) -> Vec<OrphanedInstance> {
        loop {
            let jobs = self.background.jobs();
            if jobs.is_empty() {
                break;
            }
            join_all(jobs.iter().map(|job| self.finish(core, job))).await;
        }
        let abandoned =
            Abandoned { cleanup: self, orphans: self.take(|orphan| orphan.certainty == Certainty::Abandoned) };
        let deletions = abandoned
            .orphans
            .iter()
            .map(|orphan| async { delete(core, orphan.id.as_deref().unwrap_or_default(), &orphan.name).await.err() });
        let left = join_all(deletions).await;
        abandoned.settle();
        left.into_iter().flatten().for_each(|orphan| self.report(orphan));
        self.take(|_| true)
    }

    /// Waits for one task, and does its work if it does not get on.
    async fn finish(&self, core: &Core, job: &Arc<Job>) {
        if job.ends_or_stalls(&**core.clock()).await {
            return;
        }
        match &job.work {
            Work::Deletion { id, name } => {
                // It may get on after all.
                let Some(result) = job.unless_ended(delete(core, id, name)).await else { return };
                if self.background.take_over(job)
                    && let Err(orphan) = result
                {
                    self.report(orphan);
                }
            }
            // Its response cannot be received here. If its runtime gets on, the instance is deleted.
            Work::Create { name, cancel } => {
                if self.background.take_over(job) && !cancel.cancel() {
                    self.report(OrphanedInstance::of_ambiguous_create(name, create_abandoned("stood still")));
                }
            }
        }
    }

    fn take(&self, is_wanted: impl Fn(&OrphanedInstance) -> bool) -> Vec<OrphanedInstance> {
        let mut orphans = self.orphans.lock().unwrap_or_else(PoisonError::into_inner);
        orphans.extract_if(.., |orphan| is_wanted(orphan)).collect()
    }

    /// Logs an orphaned instance and keeps it for [`wait`](Self::wait).
    pub(super) fn report(&self, orphan: OrphanedInstance) {
        tracing::error!("{orphan}");
        self.orphans.lock().unwrap_or_else(PoisonError::into_inner).push(orphan);
    }
}

/// The error of a create whose response cannot be received any more.
pub(super) fn create_abandoned(runtime: &str) -> Error {
    Error::new(ErrorKind::Ambiguous, format!("the runtime {runtime} before there was a response"))
}

/// Orphaned instances whose deletion is tried again; they are reported again if that is abandoned as well.
struct Abandoned<'a> {
    cleanup: &'a Cleanup,
    orphans: Vec<OrphanedInstance>,
}

impl Abandoned<'_> {
    fn settle(mut self) {
        self.orphans.clear();
    }
}

impl Drop for Abandoned<'_> {
    fn drop(&mut self) {
        self.cleanup.orphans.lock().unwrap_or_else(PoisonError::into_inner).append(&mut self.orphans);
    }
}

/// An instance that is deleted when this is dropped: on the runtime on which that happens, or else on the one on which it was
/// created.
#[derive(Debug)]
pub(super) struct DeleteOnDrop(Option<InstanceToDelete>);

/// An instance to delete.
#[derive(Clone, Debug)]
struct InstanceToDelete {
    core: Core,
    runtime: Handle,
    id: String,
    name: String,
}

impl DeleteOnDrop {
    pub(super) fn new(core: &Core, runtime: Handle, id: &str, name: &str) -> Self {
        let core = core.clone();
        Self(Some(InstanceToDelete { core, runtime, id: id.to_owned(), name: name.to_owned() }))
    }

    /// Does not delete it.
    pub(super) fn keep(mut self) {
        self.0 = None;
    }

    /// Deletes it now. If this future is dropped meanwhile, the deletion continues in the background.
    pub(super) async fn delete(mut self) -> Result<(), OrphanedInstance> {
        let Some(instance) = self.0.take() else { return Ok(()) };
        let (sender, receiver) = oneshot::channel();
        instance.spawn_deletion(|result| drop(sender.send(result)));
        match receiver.await {
            Ok(result) => result.into_result(),
            Err(_) => Err(instance.abandoned()),
        }
    }
}

impl Drop for DeleteOnDrop {
    fn drop(&mut self) {
        if let Some(instance) = self.0.take() {
            instance.spawn_deletion(drop);
        }
    }
}

/// The result of a deletion. If it is not taken, as when it runs in the background, an orphaned instance is reported.
struct DeletionResult {
    cleanup: Arc<Cleanup>,
    job: Arc<Job>,
    orphan: Option<OrphanedInstance>,
}

impl DeletionResult {
    fn into_result(mut self) -> Result<(), OrphanedInstance> {
        self.orphan.take().map_or(Ok(()), Err)
    }
}

impl Drop for DeletionResult {
    fn drop(&mut self) {
        if let Some(orphan) = self.orphan.take().filter(|_| !self.job.is_taken_over()) {
            self.cleanup.report(orphan);
        }
    }
}

impl InstanceToDelete {
    /// Deletes it on a task of its own.
    fn spawn_deletion(&self, on_end: impl FnOnce(DeletionResult) + Send + 'static) {
        let instance = self.clone();
        let cleanup = self.core.shared::<Cleanup>();
        // Made before the task runs, so that a task that never runs reports as well.
        let orphan = self.abandoned();
        let job = Job::new(self.core.clock().now(), Work::Deletion { id: self.id.clone(), name: self.name.clone() });
        let mut result = DeletionResult { cleanup: Arc::clone(&cleanup), job: Arc::clone(&job), orphan: Some(orphan) };
        let deletion = async move {
            result.orphan = delete(&instance.core, &instance.id, &instance.name).await.err();
            on_end(result);
        };
        let runtime = Handle::try_current().unwrap_or_else(|_| self.runtime.clone());
        cleanup.background.spawn(&runtime, self.core.clock(), job, deletion);
    }

    fn abandoned(&self) -> OrphanedInstance {
        let error = Error::new(ErrorKind::ConnectionLost, "the runtime ended before it was deleted");
        let (id, name) = (Some(self.id.clone()), self.name.clone());
        OrphanedInstance { id, name, certainty: Certainty::Abandoned, error }
    }
}

/// The longest delay between attempts.
const MAX_DELAY: Duration = Duration::from_secs(30);
/// The longest wait for an instance that cannot be deleted in its present state.
const MAX_CONFLICT: Duration = Duration::from_secs(60);
/// How long after an accepted deletion an instance may be observed as if it were not being deleted. After that, the success was
/// not the API's, or was lost by it: the deletion is sent again.
const TAKES_EFFECT_WITHIN: Duration = Duration::from_secs(60);

/// Deletes an instance, and waits until it is gone.
pub(super) async fn delete(core: &Core, id: &str, name: &str) -> Result<(), OrphanedInstance> {
    // The options of the scope's client are for its own calls.
    let core = core.with_built_options();
    let (instances, clock) = (Instances::new(&core), core.clock());
    let started = clock.now();
    let time_left = || wait::DEFAULT_TIMEOUT.saturating_sub(clock.now().saturating_duration_since(started));
    let mut is_deleting = false;
    let mut delay = wait::DEFAULT_INTERVAL;
    loop {
        let accepted = if is_deleting { Ok(()) } else { instances.delete(id).await };
        let (certainty, error) = match accepted {
            Err(error) if !is_gone(&core, id, &error) => (Certainty::NotDeleted, error),
            // An instance that is `deleting` only needs more time.
            _ => match instances.wait(id).until_gone().within(time_left().min(TAKES_EFFECT_WITHIN)).await {
                Ok(()) => return Ok(()),
                Err(error) => {
                    is_deleting = error.last_status() == Some(InstanceStatus::Deleting.to_string().as_str());
                    // Its status went from `deleting` to `error`.
                    let has_failed = error.kind() == WaitErrorKind::Failed;
                    (if has_failed { Certainty::NotDeleted } else { Certainty::NotConfirmed }, error.into())
                }
            },
        };
        if time_left().is_zero() || error.class().ends_cleanup() {
            return Err(OrphanedInstance { id: Some(id.to_owned()), name: name.to_owned(), certainty, error });
        }
        if error.is_conflict() {
            // It can be deleted only when it is active or stopped. The next attempt shows whether the wait was enough.
            drop(instances.wait(id).until_at_rest().within(time_left().min(MAX_CONFLICT)).await);
        }
        if is_deleting {
            continue;
        }
        clock.sleep(delay).await;
        // Grows, so that many instances that cannot be deleted do not use up the rate limit.
        delay = (2 * delay).min(MAX_DELAY);
    }
}
