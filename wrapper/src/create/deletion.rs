//! Deleting a machine for good: what has to be waited out is waited out, and what passes is tried again.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::Made;
use crate::error::printable;
use crate::{Client, Error, ErrorCode, ErrorKind, WaitErrorKind, wait};

/// A machine that is or may be still there, and costs money until somebody deletes it.
///
/// ```
/// # async fn example(client: genesiscloud::Client) {
/// for machine in client.deletions().await {
///     eprintln!("{machine}"); // names the id, and what stood in the way
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct LeftBehind {
    id: Option<String>,
    name: String,
    doubt: Doubt,
    error: Error,
}

/// What is certain about it.
#[derive(Clone, Copy, Debug)]
enum Doubt {
    /// Its deletion was refused, or never answered.
    NotDeleted,
    /// Its deletion was accepted, and nobody saw that it is gone.
    NotConfirmed,
    /// Nobody knows whether it was created.
    MayExist,
}

impl LeftBehind {
    /// The id of the machine; none if nobody knows whether it was created at all.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The name of the machine.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the last try to delete it came to, or to create it.
    pub fn error(&self) -> &Error {
        &self.error
    }
}

impl fmt::Display for LeftBehind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name, doubt, error } = self;
        let (id, name) = (printable(id.as_deref().unwrap_or_default()), printable(name));
        match doubt {
            Doubt::NotDeleted => {
                write!(f, "MACHINE {id} ({name}) IS STILL THERE AND STILL BILLED, delete it yourself: {error}")
            }
            Doubt::NotConfirmed => write!(
                f,
                "MACHINE {id} ({name}) MAY STILL BE THERE AND BILLED, look at it: its deletion was accepted, and then {error}"
            ),
            Doubt::MayExist => write!(f, "A MACHINE NAMED {name} MAY EXIST AND BE BILLED, look for it: {error}"),
        }
    }
}

impl LeftBehind {
    /// A machine of which nobody knows whether it was created.
    pub(super) fn perhaps(name: &str, error: Error) -> Self {
        Self { id: None, name: name.to_owned(), doubt: Doubt::MayExist, error }
    }
}

impl std::error::Error for LeftBehind {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// Deletions that nobody waits for in particular.
#[derive(Debug)]
pub(crate) struct Deletions {
    tasks: TaskTracker,
    left_behind: Mutex<Vec<LeftBehind>>,
}

impl Default for Deletions {
    fn default() -> Self {
        let tasks = TaskTracker::new();
        // Those who wait wait for what there is.
        tasks.close();
        Self { tasks, left_behind: Mutex::default() }
    }
}

impl Deletions {
    pub(super) fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    /// Waits until all that was handed over is done; gives what could not be deleted, once.
    pub(crate) async fn done(&self) -> Vec<LeftBehind> {
        self.tasks.wait().await;
        std::mem::take(&mut self.left_behind.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Says that it is still there, where somebody may see it.
    pub(super) fn account_for(&self, machine: LeftBehind) {
        tracing::error!("{machine}");
        self.left_behind.lock().unwrap_or_else(PoisonError::into_inner).push(machine);
    }
}

/// A machine that is deleted when this is dropped, on the runtime on which it was created.
#[derive(Debug)]
pub(super) struct Doomed(Option<Machine>);

#[derive(Clone, Debug)]
struct Machine {
    client: Client,
    runtime: Handle,
    id: String,
    name: String,
}

impl Doomed {
    pub(super) fn new(client: &Client, runtime: Handle, id: &str, name: &str) -> Self {
        let client = client.clone();
        Self(Some(Machine { client, runtime, id: id.to_owned(), name: name.to_owned() }))
    }

    pub(super) fn spare(mut self) {
        self.0 = None;
    }

    /// Deletes it now. Dropped meanwhile, the deletion goes on.
    pub(super) async fn delete(mut self) -> Result<(), LeftBehind> {
        let Some(machine) = self.0.take() else { return Ok(()) };
        let (tell, told) = oneshot::channel();
        machine.spawn(|report| drop(tell.send(report)));
        match told.await {
            Ok(report) => report.outcome(),
            Err(_) => Err(machine.left_behind(Doubt::NotDeleted, cut_short())),
        }
    }
}

impl Drop for Doomed {
    fn drop(&mut self) {
        if let Some(machine) = self.0.take() {
            machine.spawn(drop);
        }
    }
}

/// How a deletion ended. Where nobody asks, as when it was handed over or cut short, it tells of a machine that is left.
struct Report {
    made: Made,
    left_behind: Option<LeftBehind>,
}

impl Report {
    fn outcome(mut self) -> Result<(), LeftBehind> {
        self.left_behind.take().map_or(Ok(()), Err)
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if let Some(machine) = self.left_behind.take() {
            self.made.deletions.account_for(machine);
        }
    }
}

fn cut_short() -> Error {
    Error::new(ErrorKind::Interrupted, "the runtime ended before it was deleted")
}

impl Machine {
    /// Deletes it on a task of its own.
    fn spawn(&self, told: impl FnOnce(Report) + Send + 'static) {
        let machine = self.clone();
        let made = self.client.made().clone();
        // Made before the task runs, so that one that never does reports as well.
        let mut report = Report { made, left_behind: Some(self.left_behind(Doubt::NotDeleted, cut_short())) };
        let deletion = async move {
            report.left_behind = delete(&machine).await.err();
            told(report);
        };
        self.client.made().deletions.tasks.spawn_on(deletion.in_current_span(), &self.runtime);
    }

    fn left_behind(&self, doubt: Doubt, error: Error) -> LeftBehind {
        LeftBehind { id: Some(self.id.clone()), name: self.name.clone(), doubt, error }
    }
}

/// Between tries, in the end.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

async fn delete(machine: &Machine) -> Result<(), LeftBehind> {
    let Machine { client, id, .. } = machine;
    // A caller's haste was for other calls.
    let client = client.as_built();
    let (instances, clock) = (client.instances(), client.clock());
    let began = clock.now();
    let time_left = || wait::WITHIN.saturating_sub(clock.now().saturating_duration_since(began));
    let mut pause = wait::EVERY;
    loop {
        let (doubt, error) = match instances.delete(id).await {
            Err(error) if !error.is_surely_not_found() => (Doubt::NotDeleted, error),
            _ => match instances.wait(id).until_gone().within(time_left()).await {
                Ok(()) => return Ok(()),
                // It came back from `deleting` in `error`.
                Err(error) if error.kind() == WaitErrorKind::Failed => (Doubt::NotDeleted, error.into()),
                Err(error) => (Doubt::NotConfirmed, error.into()),
            },
        };
        if time_left().is_zero() || is_lasting(&error) {
            return Err(machine.left_behind(doubt, error));
        }
        if error.is_conflict() {
            // Until it is up or stopped, it cannot be deleted. What it comes to, the next try will tell.
            drop(instances.wait(id).until_settled().within(time_left().min(Duration::from_secs(60))).await);
        }
        clock.sleep(pause).await;
        // Many that cannot be deleted must not use up the rate.
        pause = (2 * pause).min(LONGEST_PAUSE);
    }
}

/// Whether trying again would come to the same.
fn is_lasting(error: &Error) -> bool {
    use ErrorKind as K;
    match error.kind() {
        K::Conflict => error.code() == Some(&ErrorCode::TerminationProtected),
        kind => matches!(kind, K::InvalidInput | K::InvalidRequest | K::Unauthenticated | K::PermissionDenied),
    }
}
