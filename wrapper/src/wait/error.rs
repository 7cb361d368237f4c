//! Why a wait ended without what was wanted.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::printable;
use crate::{Error, ErrorKind};

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitErrorKind {
    /// The time was up, after a last look.
    TimedOut,
    /// It came to `error`.
    Failed,
    /// It rests until a person pays. Waiting again goes on from there.
    PendingPayment,
    /// It is being deleted.
    Deleting,
    /// It does not exist (any more).
    Gone,
    /// The service answered what asking again does not change, such as 401 or 403; `source()` is that error.
    Refused,
}

/// A wait that ended without what was wanted.
///
/// Its `Display` is one line with all of it. It turns into an [`Error`] by `?`.
///
/// ```
/// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
/// use genesiscloud::{InstanceStatus, WaitErrorKind};
///
/// match client.instances().wait("an-id").until(InstanceStatus::Active).await {
///     Ok(vm) => println!("{} is up", vm.name),
///     Err(error) if error.kind() == WaitErrorKind::PendingPayment => println!("to be paid: {}", error.id()),
///     Err(error) => return Err(error.into()),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct WaitError(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: WaitErrorKind,
    what: &'static str,
    id: String,
    wanted: String,
    last_seen: Option<String>,
    elapsed: Duration,
    polls: u32,
    source: Option<Arc<Error>>,
}

/// What a wait knows when it ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    pub(super) what: &'static str,
    pub(super) id: String,
    pub(super) wanted: String,
    pub(super) last_seen: Option<String>,
    pub(super) elapsed: Duration,
    pub(super) polls: u32,
    pub(super) trouble: Option<Arc<Error>>,
}

impl WaitError {
    pub(super) fn new(kind: WaitErrorKind, account: &Account) -> Self {
        let Account { what, id, wanted, last_seen, elapsed, polls, trouble } = account.clone();
        Self(Box::new(Inner { kind, what, id, wanted, last_seen, elapsed, polls, source: trouble }))
    }

    /// Why it ended.
    pub fn kind(&self) -> WaitErrorKind {
        self.0.kind
    }

    /// What was waited for.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// What was wanted: a status, `ready`, or `gone`.
    pub fn wanted(&self) -> &str {
        &self.0.wanted
    }

    /// The status seen last; none if it was never seen.
    pub fn last_seen(&self) -> Option<&str> {
        self.0.last_seen.as_deref()
    }

    /// How long it was waited for.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// How often it was looked at.
    pub fn polls(&self) -> u32 {
        self.0.polls
    }

    /// Whether the time was up.
    pub fn is_timeout(&self) -> bool {
        self.kind() == WaitErrorKind::TimedOut
    }
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, what, id, wanted, last_seen, elapsed, polls, source } = &*self.0;
        write!(f, "{what} {}: wanted {}, and ", printable(id), printable(wanted))?;
        let last_seen = printable(last_seen.as_deref().unwrap_or_default());
        match kind {
            WaitErrorKind::Gone => f.write_str("it does not exist")?,
            WaitErrorKind::Refused => f.write_str("asking is refused")?,
            WaitErrorKind::TimedOut if last_seen.is_empty() => f.write_str("it was never seen")?,
            WaitErrorKind::TimedOut => write!(f, "it is still {last_seen}")?,
            _ => write!(f, "it is {last_seen}")?,
        }
        let looks = if *polls == 1 { "look" } else { "looks" };
        write!(f, "; {polls} {looks} in {:.1} s", elapsed.as_secs_f64())?;
        match source {
            Some(source) => write!(f, ": {source}"),
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
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// Keeps kind, status and code of a refusal; a wait whose time was up is a [`Timeout`](ErrorKind::Timeout), anything else
/// [`Unreached`](ErrorKind::Unreached).
impl From<WaitError> for Error {
    fn from(error: WaitError) -> Self {
        let message = error.to_string();
        match (error.kind(), &error.0.source) {
            (WaitErrorKind::Refused, Some(source)) => Self::new(source.kind(), message).with_answer_of(source),
            (WaitErrorKind::TimedOut, _) => Self::new(ErrorKind::Timeout, message),
            (WaitErrorKind::Gone, _) => Self::new(ErrorKind::NotFound, message),
            _ => Self::new(ErrorKind::Unreached, message),
        }
        .after(error.polls(), error.elapsed())
    }
}
