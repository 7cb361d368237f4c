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
//! | `example` | errors for tests of programs |
//! | `redact`, `text` | how text from outside gets into a message: without secrets, on one line |

mod body;
mod class;
mod code;
mod example;
mod excerpt;
mod kind;
mod place;
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

    /// Returns whether the request may have been processed although the call failed. Look for its result before making
    /// the call again.
    pub fn is_ambiguous(&self) -> bool {
        self.kind() == ErrorKind::Ambiguous
    }

    /// Returns whether the client itself would send the request again, if its [`RetryPolicy`](crate::RetryPolicy) allowed
    /// more: the same call may succeed shortly, *and* making it again cannot do a thing twice.
    ///
    /// True for [`Throttled`](ErrorKind::Throttled) and [`Connect`](ErrorKind::Connect), where nothing was processed,
    /// unless TLS or a proxy rejected the connection. True for timeouts, lost connections, 408, 500, 502 to 504 and 520 to 530
    /// only if the operation is idempotent or no request was sent. Never true for [`Ambiguous`](ErrorKind::Ambiguous): a
    /// second create would make a second, billed instance.
    pub fn is_retryable(&self) -> bool {
        self.class() == Class::Throttled || (self.class().is_transient() && self.0.is_safe_to_repeat)
    }

    /// Returns whether an intermediary responded in place of the API: a proxy, a gateway, a firewall, a login or maintenance
    /// page. True for a redirect or a 4xx, except 408 and 429, without a code in the form of the API's (five digits), and for
    /// 511; any other 5xx may be a gateway's as well, and counts as a failure of the service.
    ///
    /// It decides nothing: no resource counts as gone because of it. After a create or an action, the error is
    /// [`Ambiguous`](ErrorKind::Ambiguous), and this is true of its `source()`; but for 401, 407, 421 and 511, which mean that
    /// the request was not passed on. A response in place of a success is a [`Decode`](ErrorKind::Decode) error.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) {
    /// if let Err(error) = client.quotas().get().await && error.is_from_intermediary() {
    ///     eprintln!("check endpoint and proxy: {error}");
    /// }
    /// # }
    /// ```
    pub fn is_from_intermediary(&self) -> bool {
        self.class().is_of_an_intermediary()
    }

    /// Returns whether there is no such resource: a code that states it, or any other 404. An intermediary may respond with
    /// 404 as well; [`is_from_intermediary`](Self::is_from_intermediary) tells them apart.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Returns whether the API does not accept the token, or its [provider](crate::ClientBuilder::token_provider) failed, in
    /// which case there is no [`status`](Self::status).
    pub fn is_unauthenticated(&self) -> bool {
        self.kind() == ErrorKind::Unauthenticated
    }

    /// Returns whether the token or the account lacks the permission.
    pub fn is_permission_denied(&self) -> bool {
        self.kind() == ErrorKind::PermissionDenied
    }

    /// Returns whether the resource's present state does not allow the operation: in use, locked, protected, not active.
    pub fn is_conflict(&self) -> bool {
        self.kind() == ErrorKind::Conflict
    }

    /// Returns whether the present state does not allow the operation *yet*: it ends by itself, so the same call may succeed
    /// later. Such an error [is a conflict](Self::is_conflict); after any other conflict, something has to be done first, or
    /// the operation will never be possible, as for an instance that is protected from deletion (02038).
    ///
    /// The codes are those of an instance that is not active yet (02013, 02023, 02037), of a snapshot that is being created
    /// (02011), and of a security group or a volume that is locked for now (02026, 02046). They do not distinguish an instance
    /// that is `creating` from one that is `stopped` or in `error` and stays so; therefore limit for how long you try.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// match client.instances().delete("an-id").await {
    ///     Err(error) if error.is_temporary_conflict() => {
    ///         client.instances().wait("an-id").await?; // until it is active
    ///         client.instances().delete("an-id").await
    ///     }
    ///     outcome => outcome,
    /// }
    /// # }
    /// ```
    pub fn is_temporary_conflict(&self) -> bool {
        self.is_conflict() && self.code().is_some_and(ErrorCode::is_of_passing_state)
    }

    /// Returns whether there is no room *here*: the provider has no capacity (02036), or the account's quota is used up (02010,
    /// 02012, 02049). Another region or instance type may have room; the same request will not be accepted until others give
    /// some up. True if [`is_no_capacity`](Self::is_no_capacity) or [`is_quota_exceeded`](Self::is_quota_exceeded) is.
    ///
    /// [`Instances::create_first_available`](crate::Instances::create_first_available) tries the next placement after such an
    /// error.
    pub fn is_out_of_resources(&self) -> bool {
        self.is_no_capacity() || self.is_quota_exceeded()
    }

    /// Returns whether the API, or this crate, rejects the request as it is: the same call fails again, here and elsewhere, now
    /// and later, until the request, the token or what it may do is changed, or a protection is removed (02038). Bad requests,
    /// a token that is not accepted, a missing permission, and what this crate refuses before sending.
    ///
    /// False for what a resource, a quota, the capacity or the account's state decides, for 404, and for the code 02009, which
    /// says neither why something is not allowed nor until when.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) {
    /// match client.instances().create(new).await {
    ///     Ok(vm) => println!("created {}", vm.id),
    ///     Err(error) if error.is_ambiguous() => eprintln!("it may exist, look for it first: {error}"),
    ///     Err(error) if error.is_permanent() => eprintln!("never: {error}"),
    ///     Err(error) if error.is_out_of_resources() => eprintln!("elsewhere: {error}"),
    ///     Err(error) => eprintln!("later, perhaps: {error}"),
    /// }
    /// # }
    /// ```
    pub fn is_permanent(&self) -> bool {
        let is_undecided = self.kind() == ErrorKind::Ledger || self.code() == Some(&ErrorCode::NotAllowed);
        self.class().ends_cleanup() && !is_undecided
    }

    /// Returns whether the account's quota is used up (02010, 02012, 02049), whatever the status. 02010 with a message that
    /// something `is required` is a validation error and no quota, as in the provider's documentation.
    pub fn is_quota_exceeded(&self) -> bool {
        self.kind() == ErrorKind::QuotaExceeded
    }

    /// Returns whether the provider has no capacity for such an instance at present (code 02036, out of stock).
    pub fn is_no_capacity(&self) -> bool {
        self.kind() == ErrorKind::NoCapacity
    }

    /// Returns whether the service throttled the call (429).
    pub fn is_throttled(&self) -> bool {
        self.kind() == ErrorKind::Throttled
    }

    /// Returns whether there was no response in time.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
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

    fn response(status: u16, code: &str) -> Error {
        Error::response(StatusCode::from_u16(status).unwrap(), Some(code.into()), String::new())
    }

    #[test]
    fn an_error_is_retryable_only_if_a_retry_cannot_do_a_thing_twice() {
        let retryable = |kind, is_safe| Error::new(kind, "").with_safe_to_repeat(is_safe).is_retryable();
        assert!(retryable(ErrorKind::Throttled, true) && retryable(ErrorKind::Throttled, false));
        for kind in [ErrorKind::Connect, ErrorKind::Timeout, ErrorKind::ConnectionLost] {
            assert!(retryable(kind, true) && !retryable(kind, false), "{kind:?}");
        }
        for (status, expected) in [(500, true), (501, false), (503, true), (519, false), (522, true)] {
            assert_eq!(response(status, "").with_safe_to_repeat(true).is_retryable(), expected, "{status}");
        }
        for kind in [ErrorKind::Ambiguous, ErrorKind::NotFound, ErrorKind::Decode, ErrorKind::NoCapacity] {
            assert!(!retryable(kind, true), "{kind:?}");
        }
        assert!(response(408, "").with_safe_to_repeat(true).is_retryable());
        assert!(!response(408, "").is_retryable());
    }

    #[test]
    fn each_predicate_is_true_of_its_kind_alone() {
        use ErrorKind as K;
        type Predicate = fn(&Error) -> bool;
        let predicates: [(Predicate, ErrorKind); 8] = [
            (Error::is_not_found, K::NotFound),
            (Error::is_unauthenticated, K::Unauthenticated),
            (Error::is_permission_denied, K::PermissionDenied),
            (Error::is_conflict, K::Conflict),
            (Error::is_quota_exceeded, K::QuotaExceeded),
            (Error::is_no_capacity, K::NoCapacity),
            (Error::is_throttled, K::Throttled),
            (Error::is_timeout, K::Timeout),
        ];
        let others = [K::Server, K::AccountBlocked, K::ConnectionLost];
        let kinds: Vec<_> = predicates.iter().map(|(_, kind)| *kind).chain(others).collect();
        for (predicate, own) in predicates {
            for kind in &kinds {
                assert_eq!(predicate(&Error::new(*kind, "")), *kind == own, "{kind:?}");
            }
        }
    }

    /// What to do after an error of each code: nothing in particular, try elsewhere, or try later.
    const OUTLOOKS: [(&str, ErrorKind, Outlook); 54] = {
        use ErrorKind as K;
        use Outlook::{Elsewhere, Later, Neither};
        [
            ("02001", K::BadRequest, Neither),
            ("02002", K::BadRequest, Neither),
            ("02003", K::BadRequest, Neither),
            ("02004", K::BadRequest, Neither),
            ("02005", K::BadRequest, Neither),
            ("02006", K::BadRequest, Neither),
            ("02007", K::BadRequest, Neither),
            ("02008", K::NotFound, Neither),
            ("02009", K::PermissionDenied, Neither),
            ("02010", K::QuotaExceeded, Elsewhere),
            ("02011", K::Conflict, Later),
            ("02012", K::QuotaExceeded, Elsewhere),
            ("02013", K::Conflict, Later),
            ("02014", K::Unauthenticated, Neither),
            ("02015", K::NotFound, Neither),
            ("02016", K::Conflict, Neither),
            ("02017", K::BadRequest, Neither),
            ("02018", K::BadRequest, Neither),
            ("02019", K::AccountBlocked, Neither),
            ("02020", K::BadRequest, Neither),
            ("02021", K::NotFound, Neither),
            ("02022", K::Conflict, Neither),
            ("02023", K::Conflict, Later),
            ("02024", K::PermissionDenied, Neither),
            ("02025", K::NotFound, Neither),
            ("02026", K::Conflict, Later),
            ("02027", K::Conflict, Neither),
            ("02028", K::BadRequest, Neither),
            ("02029", K::Conflict, Neither),
            ("02030", K::Conflict, Neither),
            ("02031", K::Conflict, Neither),
            ("02032", K::Conflict, Neither),
            ("02033", K::Conflict, Neither),
            ("02034", K::Conflict, Neither),
            ("02035", K::BadRequest, Neither),
            ("02036", K::NoCapacity, Elsewhere),
            ("02037", K::Conflict, Later),
            ("02038", K::Conflict, Neither),
            ("02039", K::Conflict, Neither),
            ("02040", K::AccountBlocked, Neither),
            ("02041", K::AccountBlocked, Neither),
            ("02042", K::AccountBlocked, Neither),
            ("02043", K::PermissionDenied, Neither),
            ("02044", K::Server, Neither),
            ("02045", K::BadRequest, Neither),
            ("02046", K::Conflict, Later),
            ("02047", K::NotFound, Neither),
            ("02048", K::BadRequest, Neither),
            ("02049", K::QuotaExceeded, Elsewhere),
            ("02050", K::AccountBlocked, Neither),
            ("02051", K::BadRequest, Neither),
            ("02052", K::BadRequest, Neither),
            ("02053", K::BadRequest, Neither),
            ("02054", K::BadRequest, Neither),
        ]
    };

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Outlook {
        Neither,
        Elsewhere,
        Later,
    }

    fn outlook(error: &Error) -> Outlook {
        match (error.is_out_of_resources(), error.is_temporary_conflict()) {
            (false, false) => Outlook::Neither,
            (true, false) => Outlook::Elsewhere,
            (false, true) => Outlook::Later,
            (true, true) => panic!("{error}"),
        }
    }

    #[test]
    fn each_documented_code_has_a_kind_and_an_outlook_with_any_status() {
        assert_eq!(ErrorCode::DOCUMENTED.iter().map(ErrorCode::as_str).collect::<Vec<_>>(), OUTLOOKS.map(|row| row.0));
        for (code, kind, expected) in OUTLOOKS {
            for status in [400, 403, 404, 409, 422, 500] {
                let error = response(status, code);
                assert_eq!((error.kind(), outlook(&error)), (kind, expected), "{status} {code}");
            }
            let throttled = response(429, code);
            assert_eq!((throttled.kind(), outlook(&throttled)), (ErrorKind::Throttled, Outlook::Neither), "{code}");
        }
        assert_eq!(outlook(&response(409, "01204")), Outlook::Neither);
    }

    #[test]
    fn an_error_is_permanent_if_the_request_is_rejected_as_it_is() {
        let permanent = [
            "02001", "02002", "02003", "02004", "02005", "02006", "02007", "02014", "02017", "02018", "02020", "02024",
            "02028", "02035", "02038", "02043", "02045", "02048", "02051", "02052", "02053", "02054",
        ];
        for code in ErrorCode::DOCUMENTED {
            assert_eq!(response(400, code.as_str()).is_permanent(), permanent.contains(&code.as_str()), "{code}");
            assert!(
                !response(429, code.as_str()).is_permanent() && !response(503, code.as_str()).is_permanent(),
                "{code}"
            );
        }
        assert!(
            response(401, "01204").is_permanent() && !response(401, "").is_permanent(),
            "the latter is an intermediary's"
        );
        let of_kind = |kind| Error::new(kind, "").is_permanent();
        assert!(of_kind(ErrorKind::InvalidInput) && of_kind(ErrorKind::Config) && !of_kind(ErrorKind::Ledger));
        for kind in
            [ErrorKind::Ambiguous, ErrorKind::Timeout, ErrorKind::Connect, ErrorKind::Decode, ErrorKind::WaitFailed]
        {
            assert!(!of_kind(kind), "{kind}");
        }
    }

    #[test]
    fn a_validation_error_with_the_code_for_quotas_is_rejected_for_good() {
        let response = |message: &str| {
            Error::response(StatusCode::BAD_REQUEST, Some(ErrorCode::MaxQuotaReached), message.to_owned())
        };
        let (quota, invalid) = (response("max quota reached"), response("\"image\" is required"));
        assert_eq!((quota.kind(), quota.class()), (ErrorKind::QuotaExceeded, Class::TryLater));
        assert_eq!((invalid.kind(), invalid.class()), (ErrorKind::BadRequest, Class::Rejected));
    }

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
