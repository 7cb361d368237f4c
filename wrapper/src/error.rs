//! The one error of this crate: what kind, of which call, with which answer.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::ErrorCode;

/// What the calls of this crate return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as far as it matters for what to do next.
///
/// An answer with a documented [`ErrorCode`] gets its kind from the code, any other from the HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client could not be built: token, endpoint, TLS. Nothing was sent.
    Config,
    /// An argument was refused before anything was sent.
    InvalidInput,
    /// No connection came about, so nothing was sent.
    Connect,
    /// The answer did not come in time. Whether the request was processed is not known.
    Timeout,
    /// The connection broke before the answer was whole. Whether the request was processed is not known.
    Interrupted,
    /// The answer reports success but is not what the document promises.
    Decode,
    /// The API rejects the request as it is: 400, 422 and the codes for wrong parameters.
    InvalidRequest,
    /// The API does not know the token: 401.
    Unauthenticated,
    /// The token or the account may not do this: 403.
    PermissionDenied,
    /// The account itself is in the way: payment, verification, suspension.
    AccountBlocked,
    /// There is no such resource: 404.
    NotFound,
    /// The resource's present state does not allow this: 409 and the codes for in use, locked, protected.
    Conflict,
    /// The account's quota is used up.
    QuotaExceeded,
    /// There is no such machine to be had for now.
    OutOfStock,
    /// Too many requests: 429. The request was not processed.
    RateLimited,
    /// The service failed: 5xx.
    Server,
    /// An HTTP status that fits nothing above, such as a redirect.
    UnexpectedStatus,
}

impl ErrorKind {
    fn words(self) -> &'static str {
        match self {
            Self::Config => "the client cannot be built",
            Self::InvalidInput => "refused before sending",
            Self::Connect => "could not connect",
            Self::Timeout => "no answer in time",
            Self::Interrupted => "the connection broke",
            Self::Decode => "the answer cannot be read",
            Self::InvalidRequest => "invalid request",
            Self::Unauthenticated => "the token is not accepted",
            Self::PermissionDenied => "permission denied",
            Self::AccountBlocked => "the account is blocked",
            Self::NotFound => "not found",
            Self::Conflict => "not possible in the present state",
            Self::QuotaExceeded => "quota exceeded",
            Self::OutOfStock => "out of stock",
            Self::RateLimited => "too many requests",
            Self::Server => "the service failed",
            Self::UnexpectedStatus => "unexpected status",
        }
    }

    /// The kind of an answer that is no success.
    fn of_answer(status: StatusCode, code: Option<&ErrorCode>) -> Self {
        match code.and_then(|code| Self::of_code(code, status)) {
            Some(kind) if status != StatusCode::TOO_MANY_REQUESTS => kind,
            _ => Self::of_status(status),
        }
    }

    fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            400 | 422 => Self::InvalidRequest,
            401 => Self::Unauthenticated,
            403 => Self::PermissionDenied,
            404 => Self::NotFound,
            409 => Self::Conflict,
            429 => Self::RateLimited,
            500..=599 => Self::Server,
            _ => Self::UnexpectedStatus,
        }
    }

    /// None where the status has to decide.
    fn of_code(code: &ErrorCode, status: StatusCode) -> Option<Self> {
        use ErrorCode as C;
        Some(match code {
            // The documentation's own example of a validation error carries the code for quotas.
            C::MaxQuotaReached if matches!(status.as_u16(), 400 | 422) => return None,
            C::MaxQuotaReached | C::MaxInstanceSnapshotsReached | C::MaxStaticPublicIpsReached => Self::QuotaExceeded,
            C::InstanceNotFound | C::SnapshotNotFound | C::VolumeNotFound => Self::NotFound,
            C::SecurityGroupNotFound | C::SshKeyNotFound => Self::NotFound,
            C::OutOfStock => Self::OutOfStock,
            C::AuthTokenNotProvided => Self::Unauthenticated,
            C::NotAllowed | C::PermissionDenied | C::DefaultSecurityGroup => Self::PermissionDenied,
            C::PaymentMethodRequired | C::AccountNotVerified => Self::AccountBlocked,
            C::AccountSuspended | C::AccountBanned | C::AccountDisabled => Self::AccountBlocked,
            C::ApiDisabled => Self::Server,
            C::SnapshotAlreadyBeingCreated | C::SnapshotInUse | C::VolumeAttached | C::VolumeLocked => Self::Conflict,
            C::SecurityGroupLocked | C::SecurityGroupInUse | C::InstanceAlreadyStarted => Self::Conflict,
            C::SecurityGroupCannotBeAttached | C::SecurityGroupCannotBeDetached => Self::Conflict,
            C::VolumeCannotBeAttached | C::VolumeCannotBeDetached => Self::Conflict,
            C::InstanceCannotBeUpdated | C::InstanceCannotBeStarted | C::TerminationProtected => Self::Conflict,
            C::OnlyActiveInstancesCanBeDeleted | C::OnlyActiveInstancesCanBeUpdated => Self::Conflict,
            C::OnlyActiveInstancesCanBeSnapshotted => Self::Conflict,
            // A wrong route is not a missing resource: nothing may be taken for deleted because of it.
            C::InvalidRoute | C::MalformedRequest | C::MissingParameters | C::BadRequest => Self::InvalidRequest,
            C::InvalidSshKey | C::InvalidImage | C::InvalidSecurityGroup | C::WeakPassword => Self::InvalidRequest,
            C::LegacyLargeDiskTypesNotSupported | C::InstanceConfigNotAllowed => Self::InvalidRequest,
            C::InvalidSecurityGroupRule | C::ImageDoesNotFitInstance => Self::InvalidRequest,
            C::OnDemandBillingNotAllowed | C::SshKeyMalformed | C::RegionMismatch => Self::InvalidRequest,
            C::InvalidPlacementOption | C::PrivateKeyProvided | C::VolumeTypeUnavailable => Self::InvalidRequest,
            C::Unknown(_) => return None,
        })
    }
}

/// An error of this crate.
///
/// Opaque: ask [`kind`](Self::kind) or the predicates. Its `Display` is one line that says which call failed, why with all
/// causes, and what the service answered; `Debug` is the same line. Should the service have echoed the token, a password, a startup script or user
/// data of 8 characters or more, `<redacted>` stands in its place.
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

    /// Says which call failed, and whether sending it twice does no more than sending it once.
    pub(crate) fn of(mut self, operation: &'static str, repeatable: bool) -> Self {
        self.0.operation = Some(operation);
        self.0.repeatable = repeatable;
        self
    }

    pub(crate) fn with_status(mut self, status: Option<StatusCode>) -> Self {
        self.0.status = status;
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

    /// Whether the same call may well succeed later *and* repeating it cannot do a thing twice.
    ///
    /// True for [`RateLimited`](ErrorKind::RateLimited) and [`Connect`](ErrorKind::Connect), where nothing was
    /// processed; for timeouts, broken connections, 408 and 5xx only where the call reads or deletes. A failed create
    /// is never retryable after it may have arrived: a second one would be a second machine.
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::RateLimited | ErrorKind::Connect => true,
            ErrorKind::Timeout | ErrorKind::Interrupted | ErrorKind::Server => self.0.repeatable,
            _ => self.0.repeatable && self.status() == Some(StatusCode::REQUEST_TIMEOUT),
        }
    }

    /// Whether there is no such resource: a code that says so, or any other 404. A server that is not the API answers 404
    /// as well; the message then shows what it sent.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
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
        match self.retry_after() {
            Some(wait) => write!(f, "; the service asks to wait {} s", wait.as_secs()),
            None => Ok(()),
        }
    }
}

/// The same line: it is what a `main` that returns an error prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Error {}

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
    fn a_documented_code_decides_and_an_unlisted_one_leaves_it_to_the_status() {
        assert_eq!(answer(400, "02021").kind(), ErrorKind::NotFound);
        assert_eq!(answer(403, "02036").kind(), ErrorKind::OutOfStock);
        assert_eq!(answer(404, "02001").kind(), ErrorKind::InvalidRequest);
        for (status, kind) in [
            (400, ErrorKind::InvalidRequest),
            (401, ErrorKind::Unauthenticated),
            (403, ErrorKind::PermissionDenied),
            (404, ErrorKind::NotFound),
            (409, ErrorKind::Conflict),
            (418, ErrorKind::UnexpectedStatus),
            (422, ErrorKind::InvalidRequest),
            (429, ErrorKind::RateLimited),
            (503, ErrorKind::Server),
            (302, ErrorKind::UnexpectedStatus),
        ] {
            assert_eq!(answer(status, "01204").kind(), kind, "{status}");
        }
    }

    #[test]
    fn every_documented_code_has_a_kind_of_its_own() {
        let undecided: Vec<_> = ErrorCode::DOCUMENTED
            .iter()
            .filter(|code| ErrorKind::of_code(code, StatusCode::FORBIDDEN).is_none())
            .collect();
        assert!(undecided.is_empty(), "{undecided:?}");
    }

    #[test]
    fn the_quota_code_on_a_validation_error_is_no_quota() {
        assert_eq!(answer(400, "02010").kind(), ErrorKind::InvalidRequest);
        assert_eq!(answer(422, "02010").kind(), ErrorKind::InvalidRequest);
        assert_eq!(answer(403, "02010").kind(), ErrorKind::QuotaExceeded);
    }

    #[test]
    fn too_many_requests_is_that_whatever_the_code() {
        assert_eq!(answer(429, "02009").kind(), ErrorKind::RateLimited);
    }

    #[test]
    fn repeating_is_offered_only_where_it_cannot_do_a_thing_twice() {
        let retryable = |kind, repeatable| Error::new(kind, "").of("X", repeatable).is_retryable();
        for kind in [ErrorKind::RateLimited, ErrorKind::Connect] {
            assert!(retryable(kind, true) && retryable(kind, false), "{kind:?}");
        }
        for kind in [ErrorKind::Timeout, ErrorKind::Interrupted, ErrorKind::Server] {
            assert!(retryable(kind, true) && !retryable(kind, false), "{kind:?}");
        }
        for kind in [ErrorKind::NotFound, ErrorKind::Decode, ErrorKind::OutOfStock, ErrorKind::Config] {
            assert!(!retryable(kind, true), "{kind:?}");
        }
        assert!(answer(408, "").of("X", true).is_retryable());
        assert!(!answer(408, "").of("X", false).is_retryable());
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
            .of("GetVolume", true);
        assert_eq!(error.to_string(), "GetVolume: not found (404, code 02021): volume not found");
        let error = Error::answer(StatusCode::TOO_MANY_REQUESTS, None, "slow down".into())
            .of("GetVolume", true)
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
