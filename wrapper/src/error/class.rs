//! What an outcome means for sending the same request again. This is decided here and nowhere else: the retry loop,
//! [`Error::is_retryable`](crate::Error::is_retryable), waits, cleanup and the check for ambiguity all ask [`Class`].

use http::StatusCode;

use super::code::ErrorCode;
use super::kind::ErrorKind;

/// The class of an attempt's outcome, or of a call's error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// A 2xx.
    Success,
    /// 429: the request was not processed.
    Throttled,
    /// Nothing was sent, for a reason that may be temporary: no connection was made, or there was no permit in time.
    NotSent,
    /// No connection was made, for a reason that stays: a certificate, a proxy, a limit of the local system.
    ConnectRejected,
    /// Refused by this crate before anything was sent.
    InvalidInput,
    /// No complete response, or 408, 500, 502, 503, 504, or a gateway's own 520 to 530.
    Transient,
    /// Another 5xx. It may go away in time, but a retry within seconds is not worth a request.
    ServerFault,
    /// The API reports with a 4xx that it is disabled at present.
    ApiDisabled,
    /// An error response that was cut off, with a status that another attempt is expected to repeat.
    Truncated,
    /// The API reports that there is no such resource.
    NotFound,
    /// A redirect or a 4xx without one of the API's codes: an intermediary responded in place of the API. What the API did, or
    /// would do, is not known.
    Intermediary,
    /// The same, with a status that means that the request was not passed on: it lacks a login (401, 407, 511), or was sent
    /// to a server that does not serve it (421).
    NotForwarded,
    /// The API rejects the request because of a state that can change: a conflict, a quota, capacity, the account.
    TryLater,
    /// The API rejects the request as it is.
    Rejected,
    /// There is no usable result: a success that cannot be decoded, a response that is too long, a wait or a list that
    /// ended without a result.
    Inconclusive,
}

/// Whether the service did what a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Processed {
    /// The request was not processed: it was never sent as a whole, or it was throttled.
    No,
    /// Not known: there is no complete response, or one from a server or gateway that failed.
    Unknown,
    /// The response states it.
    Answered,
}

impl Class {
    /// The class of a response that was read to its end.
    pub(crate) fn of_response(status: StatusCode, code: Option<&ErrorCode>) -> Self {
        match status.as_u16() {
            200..=299 => Self::Success,
            429 => Self::Throttled,
            511 => Self::NotForwarded,
            408 | 500 | 502..=504 | 520..=530 => Self::Transient,
            500..=599 => Self::ServerFault,
            status if !code.is_some_and(ErrorCode::is_of_the_api) => match status {
                401 | 407 | 421 => Self::NotForwarded,
                _ => Self::Intermediary,
            },
            _ if code == Some(&ErrorCode::TerminationProtected) => Self::Rejected,
            _ => match ErrorKind::of_response(status, code) {
                ErrorKind::Server => Self::ApiDisabled,
                kind => Self::of_kind(kind),
            },
        }
    }

    /// The class of an error that no response decides.
    pub(crate) fn of_kind(kind: ErrorKind) -> Self {
        use ErrorKind as K;
        match kind {
            K::Config | K::InvalidInput | K::Ledger => Self::InvalidInput,
            K::Connect => Self::NotSent,
            K::Timeout | K::ConnectionLost => Self::Transient,
            K::Server => Self::ServerFault,
            K::Throttled => Self::Throttled,
            K::NotFound => Self::NotFound,
            K::Conflict | K::AccountBlocked | K::QuotaExceeded | K::NoCapacity | K::UnexpectedStatus => Self::TryLater,
            K::BadRequest | K::Unauthenticated | K::PermissionDenied => Self::Rejected,
            K::Ambiguous | K::Decode | K::ListUnverified | K::WaitFailed => Self::Inconclusive,
        }
    }

    /// Whether the service did what the request asks for.
    pub(crate) fn processed(self) -> Processed {
        match self {
            Self::Throttled | Self::NotSent | Self::ConnectRejected | Self::InvalidInput => Processed::No,
            Self::NotForwarded => Processed::No,
            Self::Transient | Self::ServerFault | Self::Intermediary | Self::Inconclusive => Processed::Unknown,
            Self::Success | Self::Truncated | Self::NotFound => Processed::Answered,
            Self::ApiDisabled | Self::TryLater | Self::Rejected => Processed::Answered,
        }
    }

    /// Whether the request may be sent again, by the retry loop or a caller, where that cannot do a thing twice.
    pub(crate) fn is_transient(self) -> bool {
        matches!(self, Self::Throttled | Self::NotSent | Self::Transient | Self::Truncated)
    }

    /// Whether an intermediary responded in place of the API.
    pub(crate) fn is_of_an_intermediary(self) -> bool {
        matches!(self, Self::Intermediary | Self::NotForwarded)
    }

    /// Whether polling goes on: the next poll may observe the resource. What an intermediary responds decides nothing, nor
    /// does a success that is not in the documented form, which may be an intermediary's as well.
    pub(crate) fn keeps_polling(self) -> bool {
        let is_temporary = matches!(self, Self::ServerFault | Self::ApiDisabled | Self::Inconclusive);
        self.is_transient() || is_temporary || self.is_of_an_intermediary()
    }

    /// Whether cleanup gives up, since the same deletion would be rejected again.
    pub(crate) fn ends_cleanup(self) -> bool {
        matches!(self, Self::Rejected | Self::InvalidInput)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(status: u16, code: Option<&str>) -> Class {
        Class::of_response(StatusCode::from_u16(status).unwrap(), code.map(ErrorCode::from).as_ref())
    }

    #[test]
    fn responses_are_classified_by_status_and_code() {
        for (status, code, expected) in [
            (201, None, Class::Success),
            (302, None, Class::Intermediary),
            (303, None, Class::Intermediary),
            (400, None, Class::Intermediary),
            (400, Some("400"), Class::Intermediary),
            (400, Some("02002"), Class::Rejected),
            (400, Some("02021"), Class::NotFound),
            (401, None, Class::NotForwarded),
            (401, Some("01204"), Class::Rejected),
            (403, None, Class::Intermediary),
            (403, Some("02036"), Class::TryLater),
            (403, Some("02044"), Class::ApiDisabled),
            (404, None, Class::Intermediary),
            (404, Some("404"), Class::Intermediary),
            (405, None, Class::Intermediary),
            (407, None, Class::NotForwarded),
            (404, Some("01404"), Class::NotFound),
            (408, None, Class::Transient),
            (409, Some("02022"), Class::TryLater),
            (418, None, Class::Intermediary),
            (421, None, Class::NotForwarded),
            (422, None, Class::Intermediary),
            (409, Some("02038"), Class::Rejected),
            (429, Some("02038"), Class::Throttled),
            (500, None, Class::Transient),
            (501, None, Class::ServerFault),
            (501, Some("02044"), Class::ServerFault),
            (503, Some("02021"), Class::Transient),
            (504, None, Class::Transient),
            (511, None, Class::NotForwarded),
            (519, None, Class::ServerFault),
            (520, None, Class::Transient),
            (530, None, Class::Transient),
            (531, None, Class::ServerFault),
            (599, None, Class::ServerFault),
        ] {
            assert_eq!(class(status, code), expected, "{status} {code:?}");
        }
    }

    #[test]
    fn only_a_request_that_was_not_processed_is_safe_to_send_again_whatever_it_does() {
        use Class as C;
        let unprocessed = [C::Throttled, C::NotSent, C::ConnectRejected, C::NotForwarded, C::InvalidInput];
        assert!(unprocessed.iter().all(|class| class.processed() == Processed::No));
        let unknown = [C::Transient, C::ServerFault, C::Intermediary, C::Inconclusive];
        assert!(unknown.iter().all(|class| class.processed() == Processed::Unknown));
        assert_eq!(C::NotFound.processed(), Processed::Answered);
        let ends = [C::ConnectRejected, C::ServerFault, C::ApiDisabled, C::Intermediary, C::NotForwarded, C::Rejected];
        assert!(ends.iter().all(|class| !class.is_transient()));
        let polled_again = [C::ApiDisabled, C::ServerFault, C::Intermediary, C::NotForwarded, C::Inconclusive];
        assert!(polled_again.iter().all(|class| class.keeps_polling()));
        assert!(![C::NotFound, C::Rejected, C::ConnectRejected].iter().any(|class| class.keeps_polling()));
        assert!(C::Rejected.ends_cleanup() && !C::TryLater.ends_cleanup() && !C::ConnectRejected.ends_cleanup());
    }
}
