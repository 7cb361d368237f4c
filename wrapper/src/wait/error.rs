//! The error of a wait that ended without its condition.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::printable;
use crate::{Error, ErrorKind};

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitErrorKind {
    /// The time was up, after a last poll.
    TimedOut,
    /// The resource's status is `error`.
    Failed,
    /// The resource stays `pending_payment` until a person pays. Another wait continues from there.
    PendingPayment,
    /// The resource is being deleted.
    Deleting,
    /// The resource does not exist, or no longer.
    Gone,
    /// A poll failed with an error that polling again does not change, such as 401 or 403; `source()` is that error.
    PollFailed,
    /// A setting was made after the wait had begun, or the wait was polled outside a tokio runtime; nothing more was sent.
    /// `source()` states it.
    InvalidInput,
}

/// A wait that ended without its condition.
///
/// `Display` is one line with all of it. `?` converts it into an [`Error`].
///
/// ```
/// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
/// use genesiscloud::{InstanceStatus, WaitErrorKind};
///
/// match client.instances().wait("an-id").until(InstanceStatus::Active).await {
///     Ok(vm) => println!("{} is active", vm.name),
///     Err(error) if error.kind() == WaitErrorKind::PendingPayment => {
///         println!("to be paid: {}", error.id());
///     }
///     Err(error) => return Err(error.into()),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct WaitError(Box<(WaitErrorKind, WaitRecord)>);

/// What a wait has observed so far.
#[derive(Clone, Debug, Default)]
pub(super) struct WaitRecord {
    /// The kind of resource.
    pub(super) resource: &'static str,
    pub(super) id: String,
    pub(super) condition: String,
    pub(super) last_status: Option<String>,
    pub(super) elapsed: Duration,
    pub(super) polls: u32,
    /// The error of the last poll, if it failed.
    pub(super) error: Option<Arc<Error>>,
}

impl WaitRecord {
    pub(super) fn to_error(&self, kind: WaitErrorKind) -> WaitError {
        WaitError(Box::new((kind, self.clone())))
    }
}

impl WaitError {
    fn record(&self) -> &WaitRecord {
        &self.0.1
    }

    /// Returns why the wait ended.
    pub fn kind(&self) -> WaitErrorKind {
        self.0.0
    }

    /// Returns the id of the resource.
    pub fn id(&self) -> &str {
        &self.record().id
    }

    /// Returns the condition: a status, `ready`, `gone`, `a public address`, or `a match` with a predicate.
    pub fn condition(&self) -> &str {
        &self.record().condition
    }

    /// Returns the status that was observed last; `None` if the resource was never observed.
    pub fn last_status(&self) -> Option<&str> {
        self.record().last_status.as_deref()
    }

    /// Returns how long the wait took.
    pub fn elapsed(&self) -> Duration {
        self.record().elapsed
    }

    /// Returns how often the resource was polled.
    pub fn polls(&self) -> u32 {
        self.record().polls
    }

    /// Returns whether the time was up.
    pub fn is_timeout(&self) -> bool {
        self.kind() == WaitErrorKind::TimedOut
    }
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, WaitRecord { resource, id, condition, last_status, elapsed, polls, error }) = &*self.0;
        if let (WaitErrorKind::InvalidInput, Some(error)) = (kind, error) {
            return write!(f, "{resource} {}: {error}", printable(id));
        }
        write!(f, "{resource} {}: waited for {}, but ", printable(id), printable(condition))?;
        let last_status = printable(last_status.as_deref().unwrap_or_default());
        match kind {
            WaitErrorKind::Gone => f.write_str("it does not exist")?,
            WaitErrorKind::PollFailed => f.write_str("polling failed")?,
            WaitErrorKind::TimedOut if last_status.is_empty() => f.write_str("it was never observed")?,
            WaitErrorKind::TimedOut => write!(f, "it is still {last_status}")?,
            _ => write!(f, "it is {last_status}")?,
        }
        let noun = if *polls == 1 { "poll" } else { "polls" };
        write!(f, "; {polls} {noun} in {:.1} s", elapsed.as_secs_f64())?;
        match error {
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}

/// The same line as `Display`: it is what a `main` that returns an error prints.
impl fmt::Debug for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for WaitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.record().error.as_deref().map(|error| error as _)
    }
}

/// Keeps kind, status and code of the error that ended the polling. A wait whose time was up becomes a
/// [`Timeout`](ErrorKind::Timeout), one whose resource is gone [`NotFound`](ErrorKind::NotFound), any other
/// [`WaitFailed`](ErrorKind::WaitFailed).
impl From<WaitError> for Error {
    fn from(error: WaitError) -> Self {
        let message = error.to_string();
        match (error.kind(), &error.record().error) {
            (WaitErrorKind::PollFailed | WaitErrorKind::InvalidInput, Some(source)) => {
                Self::new(source.kind(), message).with_class(source.class()).with_response_of(source)
            }
            (WaitErrorKind::TimedOut, _) => Self::new(ErrorKind::Timeout, message),
            (WaitErrorKind::Gone, _) => Self::new(ErrorKind::NotFound, message),
            _ => Self::new(ErrorKind::WaitFailed, message),
        }
        .with_attempts(error.polls(), error.elapsed())
    }
}
