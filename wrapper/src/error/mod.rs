//! The error of this crate: one type, [`Error`].
//!
//! | file | what it holds |
//! | --- | --- |
//! | `kind` | what went wrong, as far as it matters for what to do next |
//! | `code` | the API's documented error codes |
//! | `class` | what an outcome means for sending the request again |
//! | `body` | how the body of an error response is read |
//! | `unconfirmed` | a request that may have been processed without a response |
//! | `undecodable`, `place`, `excerpt` | the error of a success that cannot be decoded, with the path and the text around it |
//! | `predicates` | what a program asks an error to decide what to do next |
//! | `example` | errors for tests of programs |
//! | `redact`, `text` | how text from outside gets into a message: without secrets, on one line |

mod body;
mod class;
mod code;
mod example;
mod excerpt;
mod kind;
mod place;
mod predicates;
mod redact;
mod text;
mod unconfirmed;
mod undecodable;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

pub(crate) use body::{ErrorBody, error_code, read_error_body};
pub(crate) use class::{Class, Processed};
pub use code::ErrorCode;
pub use kind::ErrorKind;
pub(crate) use redact::Redactor;
pub(crate) use text::printable;
pub use unconfirmed::Unconfirmed;
pub(crate) use undecodable::undecodable;

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of this crate.
///
/// It is opaque: [`kind`](Self::kind) and the predicates classify it. `Display` is one line with the operation that
/// failed, the reason with all its causes, and what the service responded, with its details and the request id; `Debug` is the
/// same line. If the service echoed
/// the token, `<redacted>` stands in its place. If it echoed a password, a part of a startup script or user data, or
/// credentials in an address, its message is withheld. Tests get one of each kind from [`example`](Self::example).
///
/// # Troubleshooting
///
/// | message | what to check |
/// | --- | --- |
/// | `the client cannot be built` | `GENESISCLOUD_TOKEN`, `GENESISCLOUD_ENDPOINT`, or the builder's settings |
/// | `could not connect` | the host and port in the message; certificates; a proxy in between |
/// | `corrupt message` while connecting | whether the endpoint speaks plain `http`: without a scheme, `https` is meant |
/// | `not found` with text that is no JSON | the endpoint: something else responds there |
/// | `there is no token` | what the token provider reports, such as the path of its file |
/// | `the token is not accepted` | whether the token was revoked, and whether it belongs to this endpoint |
/// | `unexpected status (3xx)` | the endpoint: the API does not redirect, an intermediary does |
/// | `the response cannot be decoded` | the field named in the message; the provider may have changed it |
/// | `[withheld, since …]` | the code; the message repeats a secret, such as a line of the startup script |
/// | `throttled` | how many programs share the account: it allows 10 requests per second on average |
///
/// ```
/// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
/// use genesiscloud::ErrorCode;
///
/// match client.volumes().delete("a-volume").await {
///     Ok(()) => println!("deleted"),
///     Err(error) if error.is_not_found() => println!("did not exist"),
///     Err(error) if error.code() == Some(&ErrorCode::VolumeAttached) => println!("detach it first"),
///     Err(error) => return Err(error),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    class: Class,
    operation: Option<&'static str>,
    status: Option<StatusCode>,
    code: Option<ErrorCode>,
    message: String,
    details: Option<Value>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    is_safe_to_repeat: bool,
    attempts: u32,
    elapsed: Duration,
    unconfirmed: Option<(Unconfirmed, Error)>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            class: Class::of_kind(kind),
            operation: None,
            status: None,
            code: None,
            message: message.into(),
            details: None,
            request_id: None,
            retry_after: None,
            is_safe_to_repeat: false,
            attempts: 0,
            elapsed: Duration::ZERO,
            unconfirmed: None,
        }))
    }

    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    pub(crate) fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    /// The error of a response that is not a success.
    pub(crate) fn response(status: StatusCode, code: Option<ErrorCode>, message: String) -> Self {
        let kind = ErrorKind::of_response_with(status, code.as_ref(), &message);
        let mut error = Self::new(kind, message);
        let class = Class::of_response(status, code.as_ref());
        // What the message says makes it a bad request instead of a quota, which is worth another try later.
        error.0.class = match class {
            Class::TryLater if kind == ErrorKind::BadRequest => Class::of_kind(kind),
            class => class,
        };
        (error.0.status, error.0.code) = (Some(status), code);
        error
    }

    /// Sets the operation that failed.
    pub(crate) fn with_operation(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// Says before the message if the response is an [intermediary's](Self::is_from_intermediary).
    pub(crate) fn with_origin(mut self) -> Self {
        if self.is_from_intermediary() {
            self.0.message.insert_str(0, "an intermediary responded in place of the API: ");
        }
        self
    }

    pub(crate) fn with_class(mut self, class: Class) -> Self {
        self.0.class = class;
        self
    }

    /// Sets whether sending the request again does no more than sending it once.
    pub(crate) fn with_safe_to_repeat(mut self, is_safe: bool) -> Self {
        self.0.is_safe_to_repeat = is_safe;
        self
    }

    /// Sets how many requests were sent, and how long the call took.
    pub(crate) fn with_attempts(mut self, attempts: u32, elapsed: Duration) -> Self {
        (self.0.attempts, self.0.elapsed) = (attempts, elapsed);
        self
    }

    /// Takes operation, status, code, details and request id of another error's response.
    pub(crate) fn with_response_of(mut self, other: &Self) -> Self {
        (self.0.operation, self.0.status, self.0.code) = (other.0.operation, other.0.status, other.0.code.clone());
        self.with_details(other.0.details.clone()).with_request_id(other.0.request_id.clone())
    }

    /// Sets the service's details, which hold no secrets.
    pub(crate) fn with_details(mut self, details: Option<Value>) -> Self {
        self.0.details = details;
        self
    }

    /// Sets the id of the request, unless it is known.
    pub(crate) fn with_request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = self.0.request_id.or(id);
        self
    }

    pub(crate) fn with_status(mut self, status: Option<StatusCode>) -> Self {
        self.0.status = status;
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    /// The error of a call that may have been processed; this error becomes its source.
    pub(crate) fn into_ambiguous(mut self, unconfirmed: Unconfirmed) -> Self {
        let mut error = Self::new(ErrorKind::Ambiguous, unconfirmed.to_string());
        let Inner { operation, status, retry_after, attempts, elapsed, .. } = *self.0;
        (error.0.code, error.0.details) = (self.0.code.clone(), self.0.details.clone());
        error.0.request_id = self.0.request_id.clone();
        (error.0.operation, error.0.status, error.0.retry_after) = (operation, status, retry_after);
        (error.0.attempts, error.0.elapsed) = (attempts, elapsed);
        self.0.operation = operation;
        error.0.unconfirmed = Some((unconfirmed, self));
        error
    }

    /// Sets what a search for the result of the unconfirmed request found.
    pub(crate) fn with_candidates(mut self, candidates: Result<Vec<String>>) -> Self {
        if let Some((unconfirmed, _)) = &mut self.0.unconfirmed {
            unconfirmed.candidates = Some(candidates.map_err(|error| error.to_string()));
            self.0.message = unconfirmed.to_string();
        }
        self
    }

    /// Adds a field by which the result of the unconfirmed request is recognised, and which is not in its body.
    pub(crate) fn with_unconfirmed_field(mut self, name: &str, value: String) -> Self {
        if let Some((unconfirmed, _)) = &mut self.0.unconfirmed {
            unconfirmed.fields.insert(name.to_owned(), value.into());
        }
        self
    }

    /// What this error means for sending the request again.
    pub(crate) fn class(&self) -> Class {
        self.0.class
    }

    /// Returns what kind of error this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the provider's id of the operation that failed, such as `GetVolume`; `None` if no call was made.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// Returns the HTTP status of the response, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Returns the API's error code, if the response had one.
    pub fn code(&self) -> Option<&ErrorCode> {
        self.0.code.as_ref()
    }

    /// Returns the service's message, or what this crate found; for people.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns what the error body has in `details`, such as the fields that are wrong. Without secrets, like the message. The
    /// provider's documentation does not define it.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateVolume) {
    /// if let Err(error) = client.volumes().create(new).await && let Some(details) = error.details() {
    ///     eprintln!("{}: {details:#}", error.message());
    /// }
    /// # }
    /// ```
    pub fn details(&self) -> Option<&Value> {
        self.0.details.as_ref()
    }

    /// Returns the id by which the provider can find the last request of the call: `request_id` in the error body, or else the
    /// response's header `X-Request-Id`, `Request-Id` or `X-Correlation-Id`. The provider's documentation does not promise one;
    /// a header may be an intermediary's.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) {
    /// if let Err(error) = client.quotas().get().await {
    ///     eprintln!("for the provider's support: request {}", error.request_id().unwrap_or("without an id"));
    /// }
    /// # }
    /// ```
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns how long the service asks to wait before the next request (`Retry-After`, in seconds or as a date).
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns how many requests the call sent; 0 if it failed before the first.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns how long the call took, including all waits.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// Returns the request that may have been processed without a response that confirms it, for
    /// [`Ambiguous`](ErrorKind::Ambiguous) errors.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateVolume) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// match client.volumes().create(new).await {
    ///     Ok(volume) => println!("created {}", volume.id),
    ///     Err(error) => match error.unconfirmed() {
    ///         Some(lost) => {
    ///             let alike: Vec<_> = client.volumes().list()
    ///                 .try_filter(|volume| std::future::ready(Some(volume.name.as_str()) == lost.name()))
    ///                 .try_collect().await?;
    ///             println!("{lost}: {} volumes have that name", alike.len());
    ///         }
    ///         None => return Err(error), // nothing was created
    ///     },
    /// }
    /// # Ok(()) }
    /// ```
    pub fn unconfirmed(&self) -> Option<&Unconfirmed> {
        self.0.unconfirmed.as_ref().map(|(unconfirmed, _)| unconfirmed)
    }
}

impl Error {
    /// Writes details and request id, unless the message has them: it can be that of another error.
    fn write_details(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_new = |text: &String| !self.message().contains(text);
        let text = |details: &Value| details.as_str().map_or_else(|| details.to_string(), str::to_owned);
        if let Some(details) = self.details().map(|details| printable(&text(details))).filter(is_new) {
            write!(f, "; details: {details}")?;
        }
        if let Some(id) = self.request_id().map(printable).filter(is_new) {
            write!(f, "; request id {id}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation() {
            write!(f, "{operation}: ")?;
        }
        match self.kind() {
            ErrorKind::Unauthenticated if self.status().is_none() => f.write_str("there is no token")?,
            kind => f.write_str(kind.summary())?,
        }
        match (self.status(), self.code()) {
            (Some(status), Some(code)) => write!(f, " ({}, code {})", status.as_u16(), printable(code.as_str()))?,
            (Some(status), None) => write!(f, " ({})", status.as_u16())?,
            (None, _) => {}
        }
        write!(f, ": {}", printable(self.message()))?;
        if let Some((_, source)) = &self.0.unconfirmed {
            write!(f, ": {}: {}", source.kind().summary(), printable(source.message()))?;
        }
        self.write_details(f)?;
        if self.is_ambiguous() {
            return Ok(());
        }
        if let Some(wait) = self.retry_after() {
            write!(f, "; the service asks to wait {} s", wait.as_secs())?;
        }
        if self.attempts() > 1 {
            write!(f, "; {} attempts in {:.1} s", self.attempts(), self.elapsed().as_secs_f64())?;
        }
        Ok(())
    }
}

/// The same line as `Display`: it is what a `main` that returns an error prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Error {
    /// Returns what happened to the request, for [`Ambiguous`](ErrorKind::Ambiguous) errors; any other error states it
    /// itself.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.unconfirmed.as_ref().map(|(_, source)| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_is_one_line() {
        let error = Error::response(StatusCode::NOT_FOUND, Some(ErrorCode::VolumeNotFound), "volume\nnot found".into())
            .with_operation("GetVolume");
        assert_eq!(error.to_string(), "GetVolume: not found (404, code 02021): volume not found");
        let error = Error::response(StatusCode::TOO_MANY_REQUESTS, None, "slow down".into())
            .with_operation("GetVolume")
            .with_retry_after(Some(Duration::from_secs(3)));
        assert_eq!(error.to_string(), "GetVolume: throttled (429): slow down; the service asks to wait 3 s");
    }

    #[test]
    fn debug_is_the_same_line_as_display() {
        assert_eq!(format!("{:?}", Error::config("no token")), "the client cannot be built: no token");
    }

    #[test]
    fn an_error_is_as_small_as_a_pointer_and_can_be_sent() {
        fn is_send_and_static<T: Send + Sync + 'static>() {}
        is_send_and_static::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
