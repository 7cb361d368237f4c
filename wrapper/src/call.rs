//! One call: a prepared request goes down through the layers; a value or an [`Error`] comes back by return.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use genesiscloud_bindings::{self as bindings, Operation, PreparedRequest, json_text};
use http::header::LOCATION;
use http::{HeaderMap, Method};
use reqwest::Request;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::Position;

use crate::config::Token;
use crate::core::Core;
use crate::error::{ErrorBody, Redactor, printable, read_error_body, undecodable};
use crate::transport::{Completed, Failure, Ids, Response, record_error, retry_after};
use crate::{Error, ErrorCode, ErrorKind, Result, Unconfirmed};

/// One call of the API: a future that owns all it needs, so it can be awaited, spawned, stored and joined with others.
///
/// Nothing is sent before it is polled. If it is dropped before it ends, it is abandoned: what it has sent by then may still be
/// processed, without any report of it. [`Client::with_deadline`](crate::Client::with_deadline) ends a call in time and with
/// a report. A call that is not polled delays other calls no longer than if it had used its permit, but its own time limits
/// go on.
///
/// ```
/// # async fn example(client: genesiscloud::Client, ids: Vec<String>) -> genesiscloud::Result<()> {
/// use futures::future::try_join_all;
///
/// let instances = try_join_all(ids.iter().map(|id| client.instances().get(id))).await?;
/// # Ok(()) }
/// ```
#[must_use = "a call sends nothing until it is polled"]
pub struct Call<T>(BoxFuture<'static, Result<T>>);

impl<T> Call<T> {
    pub(crate) fn new(call: impl Future<Output = Result<T>> + Send + 'static) -> Self {
        Self(Box::pin(call))
    }
}

impl<T> Future for Call<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}

/// What an error may show of a request and its response.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disclosure<'a> {
    /// Secrets in the request, which no error shows.
    pub(crate) secrets: Vec<&'a str>,
    /// Whether the response can hold secrets, so that no error shows anything of a success.
    pub(crate) is_confidential: bool,
    /// The fields of the request that an error may show: those by which its result can be recognised.
    pub(crate) identity: &'static [&'static str],
}

/// A request on the heap, or why there is none: a future has room for each argument, and again for what that becomes.
pub(crate) type BoxedRequest = Result<Box<Request>, Box<bindings::Error<()>>>;

pub(crate) fn boxed(request: Result<Request, bindings::Error<()>>) -> BoxedRequest {
    request.map(Box::new).map_err(Box::new)
}

impl Core {
    /// A call of an operation whose request holds no secrets.
    pub(crate) fn call<T, U>(
        &self,
        prepared: PreparedRequest<T>,
        identity: &'static [&'static str],
        open: impl FnOnce(T) -> Result<U, String> + Send + 'static,
    ) -> Call<U>
    where
        T: DeserializeOwned + 'static,
    {
        let core = self.clone();
        let PreparedRequest { operation, request, decode } = prepared;
        let request = boxed(request);
        Call::new(async move {
            let disclosure = Disclosure { identity, ..Disclosure::default() };
            core.exchange(operation, request, &disclosure, |response, redactor| {
                decode_and_open(response, decode, open, redactor, &disclosure)
            })
            .await
        })
    }

    /// Sends a request and decodes its response; `open` takes the value out of its envelope.
    pub(crate) fn send<'a, T: DeserializeOwned + 'a, U: 'a>(
        &'a self,
        prepared: PreparedRequest<T>,
        disclosure: &'a Disclosure<'a>,
        open: impl FnOnce(T) -> Result<U, String> + 'a,
    ) -> impl Future<Output = Result<U>> + 'a {
        let PreparedRequest { operation, request, decode } = prepared;
        self.exchange(operation, boxed(request), disclosure, move |response, redactor| {
            decode_and_open(response, decode, open, redactor, disclosure)
        })
    }

    /// Sends a request whose success may have no body; `None` if it has none.
    pub(crate) fn send_for_optional_body<'a, T: DeserializeOwned + 'a, U: 'a>(
        &'a self,
        prepared: PreparedRequest<T>,
        disclosure: &'a Disclosure<'a>,
        open: impl FnOnce(T) -> Result<U, String> + 'a,
    ) -> impl Future<Output = Result<Option<U>>> + 'a {
        let PreparedRequest { operation, request, decode } = prepared;
        let decode = move |body: &[u8]| if body.trim_ascii().is_empty() { Ok(None) } else { decode(body).map(Some) };
        self.exchange(operation, boxed(request), disclosure, move |response, redactor| {
            let open = |body: Option<T>| body.map(open).transpose();
            decode_and_open(response, decode, open, redactor, disclosure)
        })
    }

    /// Sends a request; `read` gets the response to it if it is a success, and what makes a redactor for an error. This is the
    /// only place that turns a response or a failure into an error.
    pub(crate) fn exchange<'a, U: 'a>(
        &'a self,
        operation: &'static Operation,
        request: BoxedRequest,
        disclosure: &'a Disclosure<'a>,
        read: impl FnOnce(&Response, &dyn Fn() -> Redactor) -> Result<U> + 'a,
    ) -> impl Future<Output = Result<U>> + 'a {
        let request = request.map_err(|error| self.invalid_request(*error, disclosure).with_operation(operation.id));
        async move {
            let mut completed = self.layers().send(request?, operation).await;
            let redactor = || self.redactor(disclosure, &identity(&completed.request, disclosure.identity));
            let result = self.result(&completed, read, &redactor).map_err(|error| {
                // One in the body is the service's; a header can be set by an intermediary.
                let id =
                    completed.outcome.as_ref().ok().and_then(|response| request_id(&response.headers, &redactor()));
                self.with_history(error.with_operation(operation.id).with_request_id(id), &completed, disclosure)
            });
            let ids = completed.observation.as_ref().map(|_| ids(&completed, result.as_ref().err(), &redactor()));
            completed.end(result.as_ref().err().map(Error::kind), ids.unwrap_or_default());
            result
        }
    }

    /// The value of a success, or what went wrong.
    fn result<U>(
        &self,
        completed: &Completed,
        read: impl FnOnce(&Response, &dyn Fn() -> Redactor) -> Result<U>,
        redactor: &dyn Fn() -> Redactor,
    ) -> Result<U> {
        match &completed.outcome {
            Ok(response) if response.status.is_success() => {
                let value = read(response, redactor);
                match &value {
                    Ok(_) => self.read_service_time(response),
                    Err(error) => record_error(&completed.span, error.kind()),
                }
                value
            }
            Ok(response) => Err(self.error_response(response, &redactor())),
            Err(failure) => Err(failed(failure, completed, &redactor())),
        }
    }

    /// Reads the service's time from a response in the documented form: the `Date` of any other may be an intermediary's.
    fn read_service_time(&self, response: &Response) {
        if !response.body.is_empty() {
            self.layers().shared.service_time.read(&response.headers, response.head_at, response.head_delay);
        }
    }

    fn redactor(&self, disclosure: &Disclosure<'_>, open_fields: &Map<String, Value>) -> Redactor {
        let tokens = self.layers().credentials.known();
        Redactor::new(tokens.iter().map(Token::expose))
            .withholding(disclosure.secrets.iter().copied(), &texts(open_fields))
    }

    /// The error of a request that could not be prepared.
    fn invalid_request(&self, error: bindings::Error<()>, disclosure: &Disclosure<'_>) -> Error {
        match error {
            bindings::Error::InvalidRequest(reason) => Error::invalid_input(reason),
            other => Error::invalid_input(self.redactor(disclosure, &Map::new()).text(&other.to_string())),
        }
    }

    /// Adds to an error the history of its call, and makes it ambiguous if the request may have been processed.
    fn with_history(&self, error: Error, completed: &Completed, disclosure: &Disclosure<'_>) -> Error {
        let Completed { request, outcome, state, .. } = completed;
        let error = match outcome {
            Ok(response) => error.with_status(Some(response.status)),
            Err(failure) => error.with_status(failure.status).with_class(failure.class),
        };
        let error = error
            .with_safe_to_repeat(state.is_idempotent || state.is_unprocessed())
            .with_attempts(state.attempts, state.elapsed);
        let is_documented = error.code().is_some_and(|code| !matches!(code, ErrorCode::Unknown(_)));
        if state.is_ambiguous(request.method(), error.class(), is_documented) {
            let unconfirmed = self.unconfirmed(completed, disclosure.identity);
            return error.into_ambiguous(unconfirmed);
        }
        error
    }

    fn unconfirmed(&self, Completed { request, state, .. }: &Completed, identity: &[&str]) -> Unconfirmed {
        let path = request.url().path();
        let path = path.strip_prefix(self.endpoint().path()).unwrap_or(path).to_owned();
        let first_sent_at = state.first_sent.map_or_else(|| self.clock().system_time(), |(_, time)| time);
        let fields = self::identity(request, identity);
        let (method, first_sent_at) = (request.method().clone(), DateTime::<Utc>::from(first_sent_at));
        let first_maybe_processed = state.first_maybe_processed;
        Unconfirmed { method, path, fields, first_sent_at, first_maybe_processed, candidates: None }
    }

    fn error_response(&self, response: &Response, redactor: &Redactor) -> Error {
        let Response { status, headers, body, .. } = response;
        let location = headers.get(LOCATION).map(|to| String::from_utf8_lossy(to.as_bytes()).into_owned());
        let ErrorBody { code, message, details, request_id } = match location {
            Some(to) if status.is_redirection() => {
                let to = printable(&redactor.text(&to));
                let message =
                    format!("the redirect to {to} is not followed; the API does not redirect, check the endpoint");
                ErrorBody { message, ..ErrorBody::default() }
            }
            _ => {
                // Half a surrogate pair would keep the redactor from reading the JSON.
                let ErrorBody { code, message, details, request_id } =
                    read_error_body(&redactor.body(&String::from_utf8_lossy(&json_text(body))));
                // Anything may stand in place of a code.
                let code = code.map(|code| match code {
                    ErrorCode::Unknown(code) => ErrorCode::Unknown(redactor.text(&code)),
                    documented => documented,
                });
                let message = match response.unread_encoding() {
                    Some(encoding) if code.is_none() => not_asked_for(&encoding, redactor),
                    // A message may hold the request as text: once parsed, less of it is escaped.
                    _ => redactor.text(&message),
                };
                let details = details.map(|details| redactor.json(&details));
                ErrorBody { code, message, details, request_id: request_id.and_then(|id| plain_id(&id, redactor)) }
            }
        };
        let retry_after = retry_after(headers, self.clock().system_time());
        let error = Error::response(*status, code, message).with_retry_after(retry_after).with_details(details);
        error.with_request_id(request_id).with_origin()
    }
}

/// The headers that hold the id of a request, in the order in which they are believed.
const REQUEST_IDS: [&str; 3] = ["x-request-id", "request-id", "x-correlation-id"];

/// The longest id that an error shows, in bytes.
const MAX_REQUEST_ID: usize = 200;

/// The id of a request that its response has in a header.
fn request_id(headers: &HeaderMap, redactor: &Redactor) -> Option<String> {
    REQUEST_IDS.iter().find_map(|name| plain_id(headers.get(*name)?.to_str().ok()?.trim(), redactor))
}

/// An id, unless it holds a secret or anything that no id has.
fn plain_id(id: &str, redactor: &Redactor) -> Option<String> {
    let is_of_ids = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:;/=+|,@~".contains(&byte);
    let has_form = (1..=MAX_REQUEST_ID).contains(&id.len()) && id.bytes().all(is_of_ids);
    (has_form && redactor.text(id) == id).then(|| id.to_owned())
}

/// The ids that an observer is shown at the end of a call: of what it has created, and of its last request.
fn ids(completed: &Completed, error: Option<&Error>, redactor: &Redactor) -> Ids {
    let request = match (error, &completed.outcome) {
        (Some(error), _) => error.request_id().map(str::to_owned),
        (None, Ok(response)) => request_id(&response.headers, redactor),
        (None, Err(_)) => None,
    };
    let success = completed.outcome.as_ref().ok().filter(|_| error.is_none());
    let created = success.filter(|_| *completed.request.method() == Method::POST).and_then(|response| {
        // Bare, or alone in an envelope.
        let body: Map<String, Value> = serde_json::from_slice(&json_text(&response.body)).ok()?;
        let id = body.get("id").or_else(|| body.values().find_map(|inner| inner.get("id")))?;
        plain_id(id.as_str()?, redactor)
    });
    Ids { created, request }
}

/// The fields of a request that an error may show.
fn identity(request: &Request, fields: &[&str]) -> Map<String, Value> {
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    let mut all: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    all.retain(|name, _| fields.contains(&name.as_str()));
    all
}

/// The texts in some fields.
fn texts(fields: &Map<String, Value>) -> Vec<&str> {
    let in_lists = fields.values().filter_map(Value::as_array).flatten();
    fields.values().chain(in_lists).filter_map(Value::as_str).collect()
}

fn decode_and_open<B, U>(
    response: &Response,
    decode: impl FnOnce(&[u8]) -> serde_json::Result<B>,
    open: impl FnOnce(B) -> Result<U, String>,
    redactor: impl Fn() -> Redactor,
    disclosure: &Disclosure<'_>,
) -> Result<U> {
    match decode(&response.body) {
        Ok(value) => open(value).map_err(|reason| Error::new(ErrorKind::Decode, redactor().text(&reason))),
        Err(error) => Err(unreadable(response, &error, &redactor(), disclosure)),
    }
}

/// The error of a success whose body is not as documented, because of `error`.
pub(crate) fn unreadable(
    response: &Response,
    error: &serde_json::Error,
    redactor: &Redactor,
    disclosure: &Disclosure<'_>,
) -> Error {
    match response.unread_encoding() {
        Some(encoding) => Error::new(ErrorKind::Decode, not_asked_for(&encoding, redactor)),
        None => undecodable(&response.body, error, "", redactor, disclosure.is_confidential),
    }
}

/// The reason of a body that cannot be read because the server encoded it unasked.
fn not_asked_for(encoding: &str, redactor: &Redactor) -> String {
    format!("content-encoding: {} was not asked for", printable(&redactor.text(encoding)))
}

/// The error of a request that got no complete response.
fn failed(failure: &Failure, Completed { request, state, .. }: &Completed, redactor: &Redactor) -> Error {
    let host = &request.url()[Position::BeforeHost..Position::AfterPort];
    let reason = format!("{host}: {}", redactor.text(&failure.reason));
    match failure.kind {
        // `Connect` means that nothing was sent, but an earlier attempt was.
        ErrorKind::Connect if state.may_be_processed_before && request.method() != Method::GET => {
            Error::new(ErrorKind::ConnectionLost, format!("{reason}; an earlier attempt may have been processed"))
        }
        kind => Error::new(kind, reason).with_retry_after(failure.retry_after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_can_be_sent_to_another_task() {
        fn is_send_and_static<T: Future + Send + Unpin + 'static>() {}
        is_send_and_static::<Call<()>>();
        assert_eq!(format!("{:?}", Call::new(async { Ok(()) })), "Call { .. }");
    }
}
