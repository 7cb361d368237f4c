//! Errors for tests of programs: [`Error::example`] and [`Error::example_response`].

use std::time::Duration;

use genesiscloud_bindings::types::Instance;
use http::{Method, StatusCode};
use serde_json::json;

use super::Error;
use super::body::{ErrorBody, read_error_body};
use super::code::ErrorCode;
use super::kind::ErrorKind;
use super::unconfirmed::Unconfirmed;

impl Error {
    /// Returns an error of this kind, for tests of a program's own error handling: the same one at each call, whose methods
    /// return what they return for such an error of a call. Sends nothing. Tests of how a program deals with the API belong to
    /// a [sandbox](crate::guide::testing), which returns errors in the course of real calls.
    ///
    /// It is the error of one attempt to get an instance (`GetInstance`), which is idempotent: after a timeout or a lost
    /// connection, it [is retryable](Self::is_retryable). Two kinds are errors of its create (`CreateInstance`):
    /// [`Ambiguous`](ErrorKind::Ambiguous), where the response was lost, with what is [unconfirmed](Self::unconfirmed), and
    /// [`Ledger`](ErrorKind::Ledger). [`Config`](ErrorKind::Config), [`ListUnverified`](ErrorKind::ListUnverified) and
    /// [`WaitFailed`](ErrorKind::WaitFailed) have no operation.
    ///
    /// Where the API responds, this is the response:
    ///
    /// | kind | status | code |
    /// | --- | --- | --- |
    /// | [`BadRequest`](ErrorKind::BadRequest) | 400 | 02004 |
    /// | [`Unauthenticated`](ErrorKind::Unauthenticated) | 401 | 02014 |
    /// | [`PermissionDenied`](ErrorKind::PermissionDenied) | 403 | 02043 |
    /// | [`AccountBlocked`](ErrorKind::AccountBlocked) | 403 | 02040 |
    /// | [`NotFound`](ErrorKind::NotFound) | 404 | 02008 |
    /// | [`Conflict`](ErrorKind::Conflict) | 409 | 02022, which is neither temporary nor permanent |
    /// | [`QuotaExceeded`](ErrorKind::QuotaExceeded) | 403 | 02010 |
    /// | [`NoCapacity`](ErrorKind::NoCapacity) | 403 | 02036 |
    /// | [`Throttled`](ErrorKind::Throttled) | 429 | none |
    /// | [`Server`](ErrorKind::Server) | 503 | none |
    /// | [`UnexpectedStatus`](ErrorKind::UnexpectedStatus) | 302 | none, so [of an intermediary](Self::is_from_intermediary) |
    ///
    /// [`example_response`](Self::example_response) has any other status and code.
    ///
    /// ```
    /// use genesiscloud::{Error, ErrorKind};
    ///
    /// /// The exit status of a program.
    /// fn exit_status(error: &Error) -> u8 {
    ///     match error {
    ///         error if error.is_ambiguous() => 3, // look first
    ///         error if error.is_retryable() => 75, // try again
    ///         _ => 1,
    ///     }
    /// }
    ///
    /// assert_eq!(exit_status(&Error::example(ErrorKind::Timeout)), 75);
    /// assert_eq!(exit_status(&Error::example(ErrorKind::Ambiguous)), 3);
    /// assert_eq!(exit_status(&Error::example(ErrorKind::NotFound)), 1);
    /// ```
    pub fn example(kind: ErrorKind) -> Self {
        use ErrorKind as K;
        let response = |status, code: &str| {
            let code = (!code.is_empty()).then(|| ErrorCode::from(code));
            Self::example_response(status, code)
        };
        match kind {
            K::Config => Self::config("there is no token; set one with `token(…)` or use `Client::from_env()`"),
            K::InvalidInput => Self::new(kind, "an id is empty").with_operation(GET),
            K::Ledger => Self::new(kind, "the ledger is full").with_operation(CREATE),
            K::Connect => without_response(kind, "connection refused"),
            K::Timeout => without_response(kind, "there was no response in time"),
            K::ConnectionLost => without_response(kind, "connection reset by peer"),
            K::Ambiguous => ambiguous(),
            K::Decode => without_response(kind, "missing field `id`").with_status(Some(StatusCode::OK)),
            K::ListUnverified => Self::new(kind, "after 8 passes over the list, it keeps changing"),
            K::WaitFailed => Self::new(kind, "instance an-id: waited for active, but it is error; 1 poll in 0.0 s")
                .with_attempts(1, Duration::ZERO),
            K::BadRequest => response(StatusCode::BAD_REQUEST, "02004"),
            K::Unauthenticated => response(StatusCode::UNAUTHORIZED, "02014"),
            K::PermissionDenied => response(StatusCode::FORBIDDEN, "02043"),
            K::AccountBlocked => response(StatusCode::FORBIDDEN, "02040"),
            K::NotFound => response(StatusCode::NOT_FOUND, "02008"),
            K::Conflict => response(StatusCode::CONFLICT, "02022"),
            K::QuotaExceeded => response(StatusCode::FORBIDDEN, "02010"),
            K::NoCapacity => response(StatusCode::FORBIDDEN, "02036"),
            K::Throttled => response(StatusCode::TOO_MANY_REQUESTS, ""),
            K::Server => response(StatusCode::SERVICE_UNAVAILABLE, ""),
            K::UnexpectedStatus => response(StatusCode::FOUND, ""),
        }
    }

    /// Returns the error of a response with this status and code, as [`example`](Self::example) has one for each kind: that of
    /// one attempt to get an instance. The [kind](Self::kind) follows from both. A response without a code has no body; a
    /// status of success makes it a [`Decode`](ErrorKind::Decode) error without a code. The message is what the code
    /// [means](ErrorCode::description).
    ///
    /// For the same response to a create that may have been processed, such as a 502 of a gateway, the error is
    /// [`Ambiguous`](ErrorKind::Ambiguous): take the example of that kind.
    ///
    /// ```
    /// use genesiscloud::{Error, ErrorCode, StatusCode};
    ///
    /// let locked = Error::example_response(StatusCode::BAD_REQUEST, Some(ErrorCode::VolumeLocked));
    /// assert!(locked.is_temporary_conflict());
    ///
    /// let login_page = Error::example_response(StatusCode::FORBIDDEN, None);
    /// assert!(login_page.is_permission_denied() && login_page.is_from_intermediary());
    /// ```
    pub fn example_response(status: StatusCode, code: Option<ErrorCode>) -> Self {
        if status.is_success() {
            return Self::example(ErrorKind::Decode).with_status(Some(status));
        }
        let body = code.map(|code| json!({ "code": code.as_str() }).to_string()).unwrap_or_default();
        let ErrorBody { code, message, .. } = read_error_body(&body);
        of_one_attempt(Self::response(status, code, message)).with_origin()
    }
}

const GET: &str = "GetInstance";
const CREATE: &str = "CreateInstance";

fn without_response(kind: ErrorKind, message: &str) -> Error {
    of_one_attempt(Error::new(kind, message))
}

/// The operation is idempotent.
fn of_one_attempt(error: Error) -> Error {
    error.with_operation(GET).with_safe_to_repeat(true).with_attempts(1, Duration::ZERO)
}

/// The error of a create whose response was lost.
fn ambiguous() -> Error {
    let Instance { name, hostname, type_, region, created_at, .. } = Instance::example();
    let fields = json!({ "name": name, "hostname": hostname, "type": type_, "region": region });
    let unconfirmed = Unconfirmed {
        method: Method::POST,
        path: "/instances".to_owned(),
        fields: fields.as_object().cloned().unwrap_or_default(),
        first_sent_at: created_at,
        first_maybe_processed: None,
        candidates: None,
    };
    let lost = Error::example(ErrorKind::ConnectionLost).with_operation(CREATE).with_safe_to_repeat(false);
    lost.into_ambiguous(unconfirmed)
}
