//! The interface to what observes calls and attempts, and what it is shown of them: no secrets, bodies or headers.

mod observation;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

pub(crate) use self::observation::{Ending, Ids, Observation, Observers};
use crate::{ErrorCode, ErrorKind};

/// Observes calls and attempts, for metrics, audit logs and the like. [`ClientBuilder::observer`](crate::ClientBuilder::observer)
/// has a client use one.
///
/// All calls of the client, its clones and the clients derived from it are observed: those of resources, pages of lists, polls of
/// waits, deletions by cleanup, and [`Client::raw`](crate::Client::raw). A call that is refused before it is sent, such as one
/// with an empty id, is not.
///
/// Each call that starts ends exactly once, and so does each attempt, also if the call is dropped midway
/// ([`CallOutcome::Cancelled`]). The functions are called on the threads of the program's runtime, one after the other for each
/// call, and must not block. A panic in one of them is caught; the call goes on.
///
/// ```
/// use std::sync::atomic::{AtomicI64, Ordering};
/// use genesiscloud::{CallEnd, Client, ObservedCall, Observer};
///
/// #[derive(Default)]
/// struct InFlight(AtomicI64);
///
/// impl Observer for InFlight {
///     fn on_call_start(&self, _: &ObservedCall<'_>) {
///         self.0.fetch_add(1, Ordering::Relaxed);
///     }
///     fn on_call_end(&self, end: &CallEnd<'_>) {
///         self.0.fetch_sub(1, Ordering::Relaxed);
///         println!("{}: {} after {:?}", end.call.operation, end.outcome, end.duration);
///     }
/// }
///
/// let client = Client::builder().token("secret").observer(InFlight::default()).build()?;
/// # Ok::<(), genesiscloud::Error>(())
/// ```
pub trait Observer: Send + Sync + 'static {
    /// A call has been polled for the first time. It may wait for a token and for a permit before its first attempt.
    fn on_call_start(&self, _call: &ObservedCall<'_>) {}

    /// A request is about to be sent.
    fn on_attempt_start(&self, _attempt: &AttemptStart<'_>) {}

    /// A response has been read to its end, or there will be none.
    fn on_attempt_end(&self, _attempt: &AttemptEnd<'_>) {}

    /// A call has its result, or was dropped.
    fn on_call_end(&self, _call: &CallEnd<'_>) {}
}

/// Shared with the program, which can read it.
impl<T: Observer + ?Sized> Observer for Arc<T> {
    fn on_call_start(&self, call: &ObservedCall<'_>) {
        (**self).on_call_start(call);
    }

    fn on_attempt_start(&self, attempt: &AttemptStart<'_>) {
        (**self).on_attempt_start(attempt);
    }

    fn on_attempt_end(&self, attempt: &AttemptEnd<'_>) {
        (**self).on_attempt_end(attempt);
    }

    fn on_call_end(&self, call: &CallEnd<'_>) {
        (**self).on_call_end(call);
    }
}

/// What is known of a call from its start on.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ObservedCall<'a> {
    /// The number of the call, from 1 on, by which its events belong together; of the client, its clones and derived clients.
    pub number: u64,
    /// The provider's id of the operation, such as `GetVolume`.
    pub operation: &'static str,
    /// The HTTP method, such as `GET`.
    pub method: &'static str,
    /// The path template, such as `/volumes/{volume_id}`: one of a limited number, so that it can be a label of a metric.
    pub path: &'static str,
    /// The id of the resource, where the path has one, as it stands there.
    pub resource_id: Option<&'a str>,
}

/// The start of an attempt.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AttemptStart<'a> {
    /// The call to which it belongs.
    pub call: ObservedCall<'a>,
    /// The number of the attempt in its call, from 1 on.
    pub attempt: u32,
}

/// The end of an attempt.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AttemptEnd<'a> {
    /// The call to which it belongs.
    pub call: ObservedCall<'a>,
    /// The number of the attempt in its call, from 1 on.
    pub attempt: u32,
    /// How it ended, as far as the response alone shows it.
    pub outcome: CallOutcome,
    /// The status, if at least the head of a response arrived.
    pub status: Option<StatusCode>,
    /// The API's error code, if the response has one in the documented format.
    pub code: Option<&'a ErrorCode>,
    /// How long it took, without waits for token and permit.
    pub duration: Duration,
    /// The delay before the next attempt, if the retry policy makes one. There is none for a refused token (401), after which the
    /// token provider decides whether another attempt follows.
    pub retry_delay: Option<Duration>,
}

/// The end of a call.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallEnd<'a> {
    /// The call.
    pub call: ObservedCall<'a>,
    /// How it ended.
    pub outcome: CallOutcome,
    /// The status of the last response.
    pub status: Option<StatusCode>,
    /// The API's error code, if the last response has one in the documented format.
    pub code: Option<&'a ErrorCode>,
    /// How many requests were sent.
    pub attempts: u32,
    /// How long it took, with all waits and delays.
    pub duration: Duration,
    /// The id of what a create has created.
    pub created_id: Option<&'a str>,
    /// The id by which the provider can find the last request, as [`Error::request_id`](crate::Error::request_id). Not for calls of
    /// [`Client::raw`](crate::Client::raw).
    pub request_id: Option<&'a str>,
}

/// How a call or an attempt ended. `Display` is `success`, the kind of the error in a few words, or `cancelled`.
///
/// ```
/// use genesiscloud::{CallOutcome, ErrorKind};
///
/// let outcome = CallOutcome::Failed(ErrorKind::NoCapacity);
/// assert_eq!((outcome.to_string().as_str(), outcome.kind()), ("no capacity", Some(ErrorKind::NoCapacity)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallOutcome {
    /// With a result.
    Success,
    /// With an error of this kind.
    Failed(ErrorKind),
    /// It was dropped before it ended. What it had sent by then may have been processed.
    Cancelled,
}

impl CallOutcome {
    /// Returns the kind of its error, if it failed.
    pub fn kind(self) -> Option<ErrorKind> {
        match self {
            Self::Failed(kind) => Some(kind),
            Self::Success | Self::Cancelled => None,
        }
    }
}

impl fmt::Display for CallOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => f.pad("success"),
            Self::Failed(kind) => kind.fmt(f),
            Self::Cancelled => f.pad("cancelled"),
        }
    }
}
