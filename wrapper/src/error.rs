//! The one error of this crate: of which call, with which answer. What kinds there are, says `kind.rs`.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::{ErrorCode, ErrorKind, Unconfirmed};

/// What the calls of this crate return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of this crate.
///
/// Opaque: ask [`kind`](Self::kind) or the predicates. Its `Display` is one line that says which call failed, why with all
/// causes, and what the service answered; `Debug` is the same line. Should the service have echoed the token, a password,
/// a startup script or user data of 8 characters or more, `<redacted>` stands in its place.
///
/// # Troubleshooting
///
/// | you see | look at |
/// | --- | --- |
/// | `the client cannot be built` | `GENESISCLOUD_TOKEN`, `GENESISCLOUD_ENDPOINT`, or what the builder was given |
/// | `could not connect` | the host and port in the message; certificates; a proxy in between |
/// | `corrupt message` while connecting | whether the endpoint speaks plain `http`: without a scheme, `https` is meant |
/// | `not found` with text that is no JSON | the endpoint: something else answers there |
/// | `the token is not accepted` | whether the token was revoked, and whether it belongs to this endpoint |
/// | `unexpected status (3xx)` | the endpoint: the API does not redirect, something in between does |
/// | `the answer cannot be read` | the field named in the message; the provider may have changed it |
/// | `too many requests` | how many programs share the account: it allows 10 requests a second on average |
///
/// ```
/// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
/// use genesiscloud::ErrorCode;
///
/// match client.volumes().delete("a-volume").await {
///     Ok(()) => println!("deleted"),
///     Err(error) if error.is_not_found() => println!("was gone already"),
///     Err(error) if error.code() == Some(&ErrorCode::VolumeAttached) => println!("detach it first"),
///     Err(error) => return Err(error),
/// }
/// # Ok(()) }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: Option<&'static str>,
    status: Option<StatusCode>,
    code: Option<ErrorCode>,
    message: String,
    retry_after: Option<Duration>,
    repeatable: bool,
    attempts: u32,
    elapsed: Duration,
    unconfirmed: Option<(Unconfirmed, Error)>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: None,
            status: None,
            code: None,
            message: message.into(),
            retry_after: None,
            repeatable: false,
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

    /// The error of an answer that is no success.
    pub(crate) fn answer(status: StatusCode, code: Option<ErrorCode>, message: String) -> Self {
        let mut error = Self::new(ErrorKind::of_answer(status, code.as_ref()), message);
        error.0.status = Some(status);
        error.0.code = code;
        error
    }

    /// Says which call failed.
    pub(crate) fn of(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// Says whether sending the request again does no more than sending it once.
    pub(crate) fn repeatable(mut self, repeatable: bool) -> Self {
        self.0.repeatable = repeatable;
        self
    }

    /// Says how many requests were sent and how long all of it took.
    pub(crate) fn after(mut self, attempts: u32, elapsed: Duration) -> Self {
        (self.0.attempts, self.0.elapsed) = (attempts, elapsed);
        self
    }

    /// Says what the service answered, as this error does.
    pub(crate) fn with_answer_of(mut self, other: &Self) -> Self {
        (self.0.operation, self.0.status, self.0.code) = (other.0.operation, other.0.status, other.0.code.clone());
        self
    }

    pub(crate) fn with_status(mut self, status: Option<StatusCode>) -> Self {
        self.0.status = status;
        self
    }

    /// The error of a call that may have been done all the same; this error becomes its cause.
    pub(crate) fn unconfirmed_as(mut self, unconfirmed: Unconfirmed) -> Self {
        let operation = self.0.operation.take();
        let mut error = Self::new(ErrorKind::Ambiguous, unconfirmed.to_string());
        let Inner { status, retry_after, attempts, elapsed, .. } = *self.0;
        error.0.code = self.0.code.clone();
        (error.0.operation, error.0.status, error.0.retry_after) = (operation, status, retry_after);
        (error.0.attempts, error.0.elapsed) = (attempts, elapsed);
        self.0.operation = operation;
        error.0.unconfirmed = Some((unconfirmed, self));
        error
    }

    /// Says what looking for what may have been made brought.
    pub(crate) fn looked_for(mut self, found: Result<Vec<String>>) -> Self {
        if let Some((unconfirmed, _)) = &mut self.0.unconfirmed {
            unconfirmed.found = Some(found.map_err(|trouble| trouble.to_string()));
            self.0.message = unconfirmed.to_string();
        }
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    /// What kind of error this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The provider's id of the operation that failed, such as `GetVolume`; none if no call was made.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status of the answer, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The API's code for what went wrong, if the answer had one.
    pub fn code(&self) -> Option<&ErrorCode> {
        self.0.code.as_ref()
    }

    /// What the service says went wrong, or what this crate found; for people.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// How long the service asks to wait before the next request, if it does (`Retry-After`, in seconds or as a date).
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How many requests the call sent; 0 if it failed before the first.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the call took, waits included.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// What may have been done without an answer that says so, for [`Ambiguous`](ErrorKind::Ambiguous) errors.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateVolume) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// match client.volumes().create(new).await {
    ///     Ok(volume) => println!("{} is there", volume.id),
    ///     Err(error) => match error.unconfirmed() {
    ///         Some(lost) => {
    ///             let alike: Vec<_> = client.volumes().list()
    ///                 .try_filter(|volume| std::future::ready(Some(volume.name.as_str()) == lost.name()))
    ///                 .try_collect().await?;
    ///             println!("{lost}: {} of that name are there", alike.len());
    ///         }
    ///         None => return Err(error), // nothing was made
    ///     },
    /// }
    /// # Ok(()) }
    /// ```
    pub fn unconfirmed(&self) -> Option<&Unconfirmed> {
        self.0.unconfirmed.as_ref().map(|(unconfirmed, _)| unconfirmed)
    }

    /// Whether the call may have been done all the same, and must be looked after before it is made again.
    pub fn is_ambiguous(&self) -> bool {
        self.kind() == ErrorKind::Ambiguous
    }

    /// Whether the same call may well succeed later *and* repeating it cannot do a thing twice.
    ///
    /// True for [`RateLimited`](ErrorKind::RateLimited) and [`Connect`](ErrorKind::Connect), where nothing was processed,
    /// unless TLS or a proxy refused the connection; for timeouts, broken connections, 408 and 5xx only where the call
    /// reads, deletes or sets, or was never sent. Never for [`Ambiguous`](ErrorKind::Ambiguous): a second create would be a second machine.
    ///
    /// The call has been repeated already, as far as its [`RetryPolicy`](crate::RetryPolicy) allows.
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::RateLimited => true,
            ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Interrupted | ErrorKind::Server => self.0.repeatable,
            _ => false,
        }
    }

    /// Whether there is no such resource: a code that says so, or any other 404. A server that is not the API answers 404
    /// as well; the message then shows what it sent.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Whether it is the API that says so. Its errors have codes; a 404 without one is that of a stranger who stands in for
    /// it.
    pub(crate) fn is_surely_not_found(&self) -> bool {
        self.is_not_found() && self.code().is_some_and(ErrorCode::is_of_the_api)
    }

    /// Whether the API does not accept the token.
    pub fn is_unauthenticated(&self) -> bool {
        self.kind() == ErrorKind::Unauthenticated
    }

    /// Whether the token or the account may not do this.
    pub fn is_permission_denied(&self) -> bool {
        self.kind() == ErrorKind::PermissionDenied
    }

    /// Whether the resource's present state does not allow this: in use, locked, protected, not active.
    pub fn is_conflict(&self) -> bool {
        self.kind() == ErrorKind::Conflict
    }

    /// Whether the account's quota is used up.
    pub fn is_quota_exceeded(&self) -> bool {
        self.kind() == ErrorKind::QuotaExceeded
    }

    /// Whether there is no such machine to be had for now.
    pub fn is_out_of_stock(&self) -> bool {
        self.kind() == ErrorKind::OutOfStock
    }

    /// Whether there were too many requests.
    pub fn is_rate_limited(&self) -> bool {
        self.kind() == ErrorKind::RateLimited
    }

    /// Whether the answer did not come in time.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation() {
            write!(f, "{operation}: ")?;
        }
        f.write_str(self.kind().words())?;
        match (self.status(), self.code()) {
            (Some(status), Some(code)) => write!(f, " ({}, code {})", status.as_u16(), printable(code.as_str()))?,
            (Some(status), None) => write!(f, " ({})", status.as_u16())?,
            (None, _) => {}
        }
        write!(f, ": {}", printable(self.message()))?;
        if let Some((_, cause)) = &self.0.unconfirmed {
            return write!(f, ": {}", Cause(cause));
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

/// An error without what the error it caused says as well.
struct Cause<'a>(&'a Error);

impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.kind().words(), printable(self.0.message()))
    }
}

/// The same line: it is what a `main` that returns an error prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Error {
    /// What happened to the request, for [`Ambiguous`](ErrorKind::Ambiguous) errors; any other error says it itself.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.unconfirmed.as_ref().map(|(_, cause)| cause as _)
    }
}

/// The longest text of a stranger that goes into a line, in characters.
const LONGEST: usize = 300;

/// Text of a stranger as part of a line: white space folded, what cannot be printed replaced, long text cut.
pub(crate) fn printable(text: &str) -> String {
    let mut line = String::new();
    let words = text.split_whitespace().flat_map(|word| [" ", word]).skip(1);
    for (count, character) in words.flat_map(str::chars).enumerate() {
        if count == LONGEST {
            line.push('…');
            break;
        }
        line.push(if shows(character) { character } else { char::REPLACEMENT_CHARACTER });
    }
    line
}

/// Neither a control character nor one that changes how its neighbours read.
fn shows(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, code: &str) -> Error {
        Error::answer(StatusCode::from_u16(status).unwrap(), Some(code.into()), String::new())
    }

    #[test]
    fn repeating_is_offered_only_where_it_cannot_do_a_thing_twice() {
        let retryable = |kind, repeatable| Error::new(kind, "").of("X").repeatable(repeatable).is_retryable();
        assert!(retryable(ErrorKind::RateLimited, true) && retryable(ErrorKind::RateLimited, false));
        for kind in [ErrorKind::Connect, ErrorKind::Timeout, ErrorKind::Interrupted, ErrorKind::Server] {
            assert!(retryable(kind, true) && !retryable(kind, false), "{kind:?}");
        }
        for kind in [ErrorKind::Ambiguous, ErrorKind::NotFound, ErrorKind::Decode, ErrorKind::OutOfStock] {
            assert!(!retryable(kind, true), "{kind:?}");
        }
        assert!(answer(408, "").of("X").repeatable(true).is_retryable());
        assert!(!answer(408, "").of("X").is_retryable());
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
            (Error::is_out_of_stock, K::OutOfStock),
            (Error::is_rate_limited, K::RateLimited),
            (Error::is_timeout, K::Timeout),
        ];
        let others = [K::Server, K::AccountBlocked, K::Interrupted];
        let kinds: Vec<_> = predicates.iter().map(|(_, kind)| *kind).chain(others).collect();
        for (predicate, own) in predicates {
            for kind in &kinds {
                assert_eq!(predicate(&Error::new(*kind, "")), *kind == own, "{kind:?}");
            }
        }
    }

    #[test]
    fn one_line_says_it_all() {
        let error = Error::answer(StatusCode::NOT_FOUND, Some(ErrorCode::VolumeNotFound), "volume\nnot found".into())
            .of("GetVolume");
        assert_eq!(error.to_string(), "GetVolume: not found (404, code 02021): volume not found");
        let error = Error::answer(StatusCode::TOO_MANY_REQUESTS, None, "slow down".into())
            .of("GetVolume")
            .with_retry_after(Some(Duration::from_secs(3)));
        assert_eq!(error.to_string(), "GetVolume: too many requests (429): slow down; the service asks to wait 3 s");
    }

    #[test]
    fn a_main_that_returns_an_error_prints_the_line() {
        assert_eq!(format!("{:?}", Error::config("no token")), "the client cannot be built: no token");
    }

    #[test]
    fn a_strangers_text_stays_on_the_line() {
        assert_eq!(printable(" a\r\n\tb  c "), "a b c");
        assert_eq!(printable("a\u{1b}[31mb\u{202e}c\0"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}");
        assert_eq!(printable(&"x".repeat(1000)), format!("{}…", "x".repeat(LONGEST)));
        assert_eq!(printable(&"ü".repeat(LONGEST)), "ü".repeat(LONGEST));
    }

    #[test]
    fn an_error_is_small_and_goes_anywhere() {
        fn goes_anywhere<T: Send + Sync + 'static>() {}
        goes_anywhere::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
