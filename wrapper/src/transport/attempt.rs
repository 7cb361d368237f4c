//! One attempt: one request is sent, and its response read to the end.
//!
//! The body is read here, within the attempt's time limit, so a body that is cut off or never ends is a failed attempt, which
//! may be retried.

use std::error::Error as StdError;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures::future::{Either, select};
use futures::task::AtomicWaker;
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, StatusCode};
use reqwest::{Request, ResponseBuilderExt, Url};

use super::connections::RuntimeConnections;
use crate::error::{Class, error_code};
use crate::{Clock, Error, ErrorCode, ErrorKind, proxy};

/// A response with its body.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Of an error response, no more than [`MAX_ERROR_BODY`] bytes, and as far as it arrived.
    pub(crate) body: Bytes,
    /// When the head arrived.
    pub(crate) head_at: Instant,
    /// How long after the request was sent that was.
    pub(crate) head_delay: Duration,
    /// The code of an error response.
    pub(crate) code: Option<ErrorCode>,
    /// Whether the body of an error response was cut off.
    is_truncated: bool,
}

/// Why an attempt has no response.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: ErrorKind,
    pub(crate) class: Class,
    /// What went wrong, with all causes.
    pub(crate) reason: String,
    /// The status, if at least the head of a response arrived.
    pub(crate) status: Option<StatusCode>,
    /// The error of the HTTP client, if it was the one that failed.
    pub(crate) source: Option<reqwest::Error>,
    /// How long the service asked to wait, if that is why nothing was sent.
    pub(crate) retry_after: Option<Duration>,
}

impl Failure {
    pub(super) fn new(kind: ErrorKind, reason: String) -> Self {
        Self { kind, class: Class::of_kind(kind), reason, status: None, source: None, retry_after: None }
    }

    /// The deadline or the attempt timeout left no time to send anything.
    pub(super) fn no_time(reason: String) -> Self {
        Self { class: Class::NotSent, ..Self::new(ErrorKind::Timeout, reason) }
    }

    /// The service asked, by a 429, to send nothing for this long.
    pub(super) fn throttled(time: Duration) -> Self {
        let seconds = time.as_secs_f64().ceil();
        let reason = format!("the service asked to send nothing for another {seconds} s; nothing was sent");
        Self { retry_after: Some(time), ..Self::new(ErrorKind::Throttled, reason) }
    }

    /// There is no token, since its provider failed. It may work shortly, and neither waits nor cleanup end by it.
    pub(super) fn no_token(reason: &str) -> Self {
        let reason = format!("the token provider failed: {reason}; nothing was sent");
        Self { class: Class::NotSent, ..Self::new(ErrorKind::Unauthenticated, reason) }
    }

    /// The body is a stream, which can be sent only once.
    pub(super) fn streamed_body() -> Self {
        Self::new(ErrorKind::InvalidInput, "the body can be read only once; nothing was sent".into())
    }

    /// There is no runtime, or no HTTP client for it.
    pub(super) fn no_connections(error: &Error) -> Self {
        Self::new(error.kind(), error.message().to_owned())
    }

    /// The call is polled outside any runtime; what it has sent by then may be processed.
    pub(super) fn outside(error: &Error, is_attempt_in_flight: bool) -> Self {
        let kind = if is_attempt_in_flight { ErrorKind::ConnectionLost } else { error.kind() };
        Self::new(kind, error.message().to_owned())
    }

    pub(super) fn cancelled() -> Self {
        Self::new(ErrorKind::InvalidInput, "the call was cancelled before anything was sent".into())
    }
}

/// The outcome of a call, or of one attempt.
pub(crate) type Outcome = Result<Response, Failure>;

/// The class of an attempt's outcome.
pub(super) fn classify(outcome: &Outcome) -> Class {
    match outcome {
        Ok(response) => match Class::of_response(response.status, response.code.as_ref()) {
            Class::ServerFault if response.is_truncated => Class::Transient,
            class if class.is_transient() || !response.is_truncated => class,
            _ => Class::Truncated,
        },
        Err(failure) => failure.class,
    }
}

/// The most that is read of the body of an error response, in bytes.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// The longest body of a success by default, in bytes: 80 KiB for each item of a page of 100.
pub(crate) const MAX_RESPONSE_SIZE: usize = 8 * 1024 * 1024;

/// The limits of one attempt.
#[derive(Clone, Copy)]
pub(super) struct AttemptLimits {
    pub(super) timeout: Duration,
    /// The longest body of a success, in bytes.
    pub(super) max_size: usize,
}

/// Sends the request to `target`, and reads the response.
pub(super) fn attempt<'a>(
    connections: Arc<RuntimeConnections>,
    request: Request,
    target: &'a Url,
    clock: &'a dyn Clock,
    sent_at: Instant,
    AttemptLimits { timeout, max_size }: AttemptLimits,
) -> impl Future<Output = Outcome> + 'a {
    // Sends nothing before it is polled, and is smaller than the request.
    let response = connections.http.execute(request);
    async move {
        let mut exchange = Exchange::default();
        let http = connections.http.clone();
        let end = {
            let reading = connections.run(exchange.run(response, sent_at, clock, max_size));
            match select(reading, clock.timeout(timeout)).await {
                Either::Left((Some(Ok(true)), _)) => None,
                Either::Left((Some(Ok(false)), _)) => Some(too_long(max_size)),
                Either::Left((Some(Err(error)), _)) => Some(failure(error)),
                Either::Left((None, _)) => Some(runtime_ended()),
                Either::Right(_) => Some(Failure::new(ErrorKind::Timeout, format!("it took longer than {timeout:?}"))),
            }
        };
        // Boxed, since it is rare, and every attempt would have room for it.
        let explained = match exchange.outcome(end) {
            Err(failure) if proxy::is_tunnel_failure(&failure.reason) => {
                Box::pin(explained(failure, http, target, clock))
            }
            outcome => return outcome,
        };
        explained.await
    }
}

/// The failure of a tunnel, with what the proxy says of it.
async fn explained(failure: Failure, http: reqwest::Client, target: &Url, clock: &dyn Clock) -> Outcome {
    let reason = proxy::explain_tunnel_failure(&http, target, clock, &failure.reason).await;
    Err(Failure { reason, ..failure })
}

/// A response as far as it has arrived.
#[derive(Default)]
struct Exchange {
    head: Option<Head>,
    body: Body,
}

/// A body as far as it has arrived. One that arrives at once is not copied.
enum Body {
    Whole(Bytes),
    Parts(BytesMut),
}

impl Default for Body {
    fn default() -> Self {
        Self::Whole(Bytes::new())
    }
}

impl Body {
    fn len(&self) -> usize {
        match self {
            Self::Whole(body) => body.len(),
            Self::Parts(body) => body.len(),
        }
    }

    /// Adds a part of a body of about `length` bytes.
    fn push(&mut self, part: Bytes, length: usize) {
        match self {
            Self::Whole(body) if body.is_empty() => *body = part,
            Self::Whole(body) => {
                let mut parts = BytesMut::with_capacity(length.max(body.len() + part.len()));
                parts.extend_from_slice(body);
                parts.extend_from_slice(&part);
                *self = Self::Parts(parts);
            }
            Self::Parts(body) => body.extend_from_slice(&part),
        }
    }

    /// The body without what is beyond a length.
    fn up_to(self, length: usize) -> Bytes {
        let mut body = match self {
            Self::Whole(body) => body,
            Self::Parts(body) => body.freeze(),
        };
        body.truncate(length);
        body
    }
}

struct Head {
    status: StatusCode,
    headers: HeaderMap,
    at: Instant,
    delay: Duration,
    /// The most bytes of the body that are read.
    limit: usize,
}

impl Exchange {
    /// Returns whether the response is complete, or as much of it as is read at most.
    async fn run(
        &mut self,
        response: impl Future<Output = reqwest::Result<reqwest::Response>>,
        sent_at: Instant,
        clock: &dyn Clock,
        max_size: usize,
    ) -> reqwest::Result<bool> {
        let mut response = response.await?;
        let at = clock.now();
        let status = response.status();
        let limit = if status.is_success() { max_size } else { MAX_ERROR_BODY };
        let length = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
        let headers = std::mem::take(response.headers_mut());
        self.head = Some(Head { status, headers, at, delay: at.saturating_duration_since(sent_at), limit });
        while self.body.len() <= limit
            && let Some(part) = response.chunk().await?
        {
            self.body.push(part, length.min(limit));
        }
        Ok(self.body.len() <= limit || !status.is_success())
    }

    fn outcome(self, end: Option<Failure>) -> Outcome {
        let body = self.body.up_to(self.head.as_ref().map_or(0, |head| head.limit));
        match (self.head, end) {
            (Some(head), None) if head.status.is_success() => Ok(Response::new(head, body, None, false)),
            // An error response that is cut off is still an error response.
            (Some(head), end) if !head.status.is_success() => {
                let code = error_code(&body);
                Ok(Response::new(head, body, code, end.is_some()))
            }
            (head, end) => {
                let failure =
                    end.unwrap_or_else(|| Failure::new(ErrorKind::ConnectionLost, "there was no response".into()));
                Err(Failure { status: head.map(|head| head.status), ..failure })
            }
        }
    }
}

/// A call that goes on in another runtime than the one in which it was sent.
fn runtime_ended() -> Failure {
    Failure::new(ErrorKind::ConnectionLost, "the runtime of its connection has ended".into())
}

/// A response that is not the API's, which sends no such amounts.
fn too_long(max_size: usize) -> Failure {
    const MIB: usize = 1024 * 1024;
    let max_size =
        if max_size.is_multiple_of(MIB) { format!("{} MiB", max_size / MIB) } else { format!("{max_size} bytes") };
    Failure::new(ErrorKind::Decode, format!("it is longer than {max_size}, the client's `max_response_size`"))
}

fn failure(error: reqwest::Error) -> Failure {
    // A connection that took too long is both; what matters is that nothing was sent.
    let kind = if error.is_connect() {
        ErrorKind::Connect
    } else if error.is_timeout() {
        ErrorKind::Timeout
    } else if error.is_builder() {
        ErrorKind::InvalidInput
    } else {
        ErrorKind::ConnectionLost
    };
    let mut failure = Failure::new(kind, causes(&error));
    if kind == ErrorKind::Connect && !is_network_failure(&error) {
        failure.class = Class::ConnectRejected;
    }
    failure.source = Some(error);
    failure
}

/// Whether the network prevented a connection, and not a certificate or a proxy.
fn is_network_failure(error: &reqwest::Error) -> bool {
    use std::io::{Error as IoError, ErrorKind as Io};
    let network_kinds = [
        Io::AddrInUse,
        Io::AddrNotAvailable,
        Io::BrokenPipe,
        Io::ConnectionAborted,
        Io::ConnectionRefused,
        Io::ConnectionReset,
        Io::HostUnreachable,
        Io::NetworkDown,
        Io::NetworkUnreachable,
        Io::NotConnected,
        Io::TimedOut,
        Io::UnexpectedEof,
    ];
    // An I/O error may wrap another one, which is not among its sources then.
    fn inner<'a>(io: &&'a IoError) -> Option<&'a IoError> {
        io.get_ref()?.downcast_ref()
    }
    let mut io = sources(error)
        .filter_map(|cause| cause.downcast_ref::<IoError>())
        .flat_map(|io| std::iter::successors(Some(io), inner));
    error.is_timeout() || error.is_dns() || io.any(|cause| network_kinds.contains(&cause.kind()))
}

fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

/// The causes of an error on one line, without the URL, which the message names already.
fn causes(error: &reqwest::Error) -> String {
    let causes: Vec<_> = sources(error)
        .map(ToString::to_string)
        // The HTTP client's own summary, which repeats its causes.
        .filter(|cause| !cause.starts_with("client error ("))
        .collect();
    if causes.is_empty() { "no cause is given".to_owned() } else { causes.join(": ") }
}

impl Response {
    fn new(head: Head, body: Bytes, code: Option<ErrorCode>, is_truncated: bool) -> Self {
        let Head { status, headers, at, delay, .. } = head;
        Self { status, headers, body, head_at: at, head_delay: delay, code, is_truncated }
    }

    #[cfg(test)]
    pub(super) fn for_test(status: u16, is_truncated: bool) -> Self {
        let status = StatusCode::from_u16(status).expect("a status");
        let (headers, at, delay, limit) = (HeaderMap::new(), Instant::now(), Duration::ZERO, MAX_ERROR_BODY);
        let head = Head { status, headers, at, delay, limit };
        Self::new(head, Bytes::new(), None, is_truncated)
    }

    /// The encoding that its body still has: no HTTP client asks for one that it does not undo.
    pub(crate) fn unread_encoding(&self) -> Option<String> {
        let encodings = self.headers.get_all(CONTENT_ENCODING).iter();
        let encodings = encodings.map(|encoding| String::from_utf8_lossy(encoding.as_bytes()).trim().to_owned());
        let encodings: Vec<_> = encodings.filter(|encoding| !encoding.eq_ignore_ascii_case("identity")).collect();
        (!encodings.is_empty() && std::str::from_utf8(&self.body).is_err()).then(|| encodings.join(", "))
    }

    /// The response to a DELETE that was processed.
    pub(super) fn into_no_content(self) -> Self {
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        Self { status: StatusCode::NO_CONTENT, headers, body, code: None, ..self }
    }

    /// The response of this URL as the raw client takes it.
    pub(super) fn into_reqwest(self, url: Url) -> reqwest::Response {
        let mut response = http::Response::builder()
            .status(self.status)
            .url(url)
            .body(self.body)
            .expect("all parts are those of a response");
        *response.headers_mut() = self.headers;
        response.into()
    }
}

/// Cancels a call as long as nothing of it was sent, and shows whether something was.
#[derive(Clone, Debug, Default)]
pub(crate) struct CancelHandle {
    state: Arc<AtomicU8>,
    /// Woken when something is sent.
    on_sent: Option<Arc<AtomicWaker>>,
}

const SENT: u8 = 1;
const CANCELLED: u8 = 2;

impl CancelHandle {
    /// A handle that wakes a task when something is sent.
    pub(crate) fn waking(on_sent: Arc<AtomicWaker>) -> Self {
        Self { on_sent: Some(on_sent), ..Self::default() }
    }

    pub(crate) fn is_sent(&self) -> bool {
        self.state.load(Ordering::Acquire) & SENT != 0
    }

    /// Returns whether an attempt may be made. If so, the call counts as sent from now on.
    pub(super) fn begin_attempt(&self) -> bool {
        let mark_sent = |state| (state & CANCELLED == 0).then_some(state | SENT);
        let may_be_sent = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, mark_sent).is_ok();
        if let Some(task) = &self.on_sent {
            task.wake();
        }
        may_be_sent
    }

    /// Prevents further attempts, and returns whether none was made.
    pub(crate) fn cancel(&self) -> bool {
        self.state.fetch_or(CANCELLED, Ordering::AcqRel) & SENT == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_copied_only_if_it_arrives_in_parts() {
        let body = |parts: &[&'static str]| {
            let mut body = Body::default();
            parts.iter().for_each(|part| body.push(Bytes::from_static(part.as_bytes()), 6));
            body
        };
        let whole = "abcdef";
        assert_eq!(body(&[whole]).up_to(10).as_ptr(), whole.as_ptr());
        for parts in [&["", whole][..], &["abc", "def"], &["ab", "", "c", "d", "ef"]] {
            assert_eq!((body(parts).len(), body(parts).up_to(10)), (6, Bytes::from_static(whole.as_bytes())));
            assert_eq!(body(parts).up_to(4), "abcd");
        }
        assert_eq!(body(&[]).up_to(4), "");
    }

    #[test]
    fn cancelling_reports_whether_anything_was_sent() {
        let handle = CancelHandle::default();
        assert!(handle.cancel() && !handle.begin_attempt() && handle.cancel());
        let handle = CancelHandle::default();
        assert!(handle.begin_attempt() && handle.begin_attempt());
        assert!(!handle.cancel() && !handle.begin_attempt() && !handle.cancel());
    }
}
