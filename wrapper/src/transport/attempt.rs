//! One attempt: a request sent, its answer read to the end.
//!
//! The body is read here, within the attempt's time, so that one that breaks off or never ends is an attempt that
//! failed, which may be repeated.

use std::error::Error as StdError;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::future::{Either, select};
use http::{HeaderMap, StatusCode};
use reqwest::{Request, ResponseBuilderExt, Url};

use crate::{Clock, ErrorKind};

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) url: Url,
    /// Of a refusal, no more than [`MOST`] bytes, and as far as it came.
    pub(crate) body: Bytes,
    /// Whether the body, a refusal's, broke off.
    pub(crate) is_cut: bool,
}

/// An attempt without an answer.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: ErrorKind,
    /// What went wrong, with all causes.
    pub(crate) reason: String,
    /// The status, where at least the head of an answer came.
    pub(crate) status: Option<StatusCode>,
    /// What the HTTP client says, if it was it that failed.
    pub(crate) cause: Option<reqwest::Error>,
    /// Whether it would be the same the next time.
    pub(crate) is_lasting: bool,
}

impl Failure {
    pub(crate) fn new(kind: ErrorKind, reason: String) -> Self {
        Self { kind, reason, status: None, cause: None, is_lasting: false }
    }
}

/// What came of a call, or of one attempt.
pub(crate) type Outcome = Result<Answer, Failure>;

/// The most of a refusal's body that is read, in bytes.
const MOST: usize = 64 * 1024;

/// The longest answer, in bytes: far more than a page of 100 items has.
const LONGEST: usize = 64 * 1024 * 1024;

/// Sends the request and reads the answer, for no longer than `limit`.
pub(crate) async fn attempt(http: &reqwest::Client, request: Request, clock: &dyn Clock, limit: Duration) -> Outcome {
    let mut exchange = Exchange::default();
    let end = {
        let reading = std::pin::pin!(exchange.run(http, request));
        match select(reading, clock.timeout(limit)).await {
            Either::Left((Ok(true), _)) => None,
            Either::Left((Ok(false), _)) => Some(too_long()),
            Either::Left((Err(error), _)) => Some(failure(error)),
            Either::Right(_) => Some(Failure::new(ErrorKind::Timeout, format!("it took longer than {limit:?}"))),
        }
    };
    exchange.outcome(end)
}

/// An answer as far as it is there.
#[derive(Default)]
struct Exchange {
    head: Option<(StatusCode, HeaderMap, Url)>,
    body: BytesMut,
}

impl Exchange {
    /// Whether the answer is whole, or as much of it as is wanted.
    async fn run(&mut self, http: &reqwest::Client, request: Request) -> reqwest::Result<bool> {
        let mut answer = http.execute(request).await?;
        let status = answer.status();
        self.head = Some((status, answer.headers().clone(), answer.url().clone()));
        let most = if status.is_success() { LONGEST } else { MOST };
        while self.body.len() < most
            && let Some(chunk) = answer.chunk().await?
        {
            self.body.extend_from_slice(&chunk);
        }
        let is_whole = self.body.len() < most || !status.is_success();
        self.body.truncate(most);
        Ok(is_whole)
    }

    fn outcome(self, end: Option<Failure>) -> Outcome {
        let body = self.body.freeze();
        match (self.head, end) {
            (Some((status, headers, url)), None) => Ok(Answer { status, headers, url, body, is_cut: false }),
            // A refusal that breaks off is still a refusal.
            (Some((status, headers, url)), Some(_)) if !status.is_success() => {
                Ok(Answer { status, headers, url, body, is_cut: true })
            }
            (head, end) => {
                let failure = end.unwrap_or_else(|| Failure::new(ErrorKind::Interrupted, "there was no answer".into()));
                Err(Failure { status: head.map(|(status, ..)| status), ..failure })
            }
        }
    }
}

/// An answer that is not the API's, which sends no such amounts.
fn too_long() -> Failure {
    let reason = format!("it is longer than {} MiB", LONGEST / 1024 / 1024);
    Failure { is_lasting: true, ..Failure::new(ErrorKind::Decode, reason) }
}

fn failure(error: reqwest::Error) -> Failure {
    // Connecting that took too long is both, and that nothing was sent is what matters.
    let kind = if error.is_connect() {
        ErrorKind::Connect
    } else if error.is_timeout() {
        ErrorKind::Timeout
    } else if error.is_builder() {
        ErrorKind::InvalidInput
    } else {
        ErrorKind::Interrupted
    };
    let reason = causes(&error);
    let is_lasting = kind == ErrorKind::InvalidInput || (kind == ErrorKind::Connect && !is_passing(&error));
    Failure { cause: Some(error), is_lasting, ..Failure::new(kind, reason) }
}

/// Whether it was the network that kept a connection from coming about, and not a certificate or a proxy.
fn is_passing(error: &reqwest::Error) -> bool {
    use std::io::{Error as IoError, ErrorKind as Io};
    let passing = [
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
    // One may hold another, which is then none of its sources.
    fn inner<'a>(io: &&'a IoError) -> Option<&'a IoError> {
        io.get_ref()?.downcast_ref()
    }
    let mut io = sources(error)
        .filter_map(|cause| cause.downcast_ref::<IoError>())
        .flat_map(|io| std::iter::successors(Some(io), inner));
    error.is_timeout() || error.is_dns() || io.any(|cause| passing.contains(&cause.kind()))
}

fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

/// The causes of an error on one line, without the address, which is known.
fn causes(error: &reqwest::Error) -> String {
    let causes: Vec<_> = sources(error)
        .map(ToString::to_string)
        // What the layer below calls itself, and then says again in its own causes.
        .filter(|cause| !cause.starts_with("client error ("))
        .collect();
    match causes.is_empty() {
        true => "it says no more".to_owned(),
        false => causes.join(": "),
    }
}

impl Answer {
    /// The answer to a DELETE that was processed.
    pub(crate) fn into_deleted(self) -> Self {
        Self { status: StatusCode::NO_CONTENT, headers: HeaderMap::new(), body: Bytes::new(), ..self }
    }

    /// What the generated code takes.
    pub(crate) fn into_response(self) -> reqwest::Response {
        let mut answer = http::Response::builder()
            .status(self.status)
            .url(self.url)
            .body(self.body)
            .expect("all parts are of an answer");
        *answer.headers_mut() = self.headers;
        answer.into()
    }
}
