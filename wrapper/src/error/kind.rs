//! The kinds of errors, and the kind of each error response.

use std::fmt;

use http::StatusCode;

use super::code::ErrorCode;

/// What went wrong, as far as it matters for what to do next.
///
/// An error response with a documented [`ErrorCode`] gets its kind from the code, any other from the HTTP status. `Display` is
/// the kind in a few words, such as `no capacity`, with which the messages of such errors begin; for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client could not be built: token, endpoint, TLS. Nothing was sent.
    Config,
    /// An argument was refused before anything was sent.
    InvalidInput,
    /// The [ledger](crate::ClientBuilder::ledger) could not record a create, so it was not sent; or it could not be read.
    Ledger,
    /// No connection was made, so nothing was sent.
    Connect,
    /// There was no response in time, or it was 408, or the call's deadline passed. Whether the request was processed is not
    /// known, unless the message says that nothing was sent.
    Timeout,
    /// The connection broke before the response was complete. Whether the request was processed is not known.
    ConnectionLost,
    /// Whether the request was processed is not known, and sending it again could do a thing twice or would prove nothing:
    ///
    /// * the response to a create or an action was lost, cannot be decoded, or is that of an intermediary;
    /// * the response to an update or a deletion was lost, and the same request was rejected when it was sent again.
    ///
    /// [`unconfirmed`](crate::Error::unconfirmed) describes the request, `source()` what happened to it.
    Ambiguous,
    /// The response reports success but is not what the document promises.
    Decode,
    /// The API rejects the request as it is: 400, 422 and the codes for wrong parameters.
    BadRequest,
    /// The API does not accept the token: 401. Or, without a status, there is no token, since its
    /// [provider](crate::ClientBuilder::token_provider) failed, and nothing was sent.
    Unauthenticated,
    /// The token or the account lacks the permission: 403.
    PermissionDenied,
    /// The account is blocked: payment, verification, suspension.
    AccountBlocked,
    /// There is no such resource: 404.
    NotFound,
    /// The resource's present state does not allow the operation: 409 and the codes for in use, locked, protected.
    Conflict,
    /// The account's quota is used up.
    QuotaExceeded,
    /// The provider has no capacity for such an instance at present.
    NoCapacity,
    /// A list that was to be [verified](crate::List::verified) could not be verified, so it may be incomplete: it kept
    /// changing, or its `total_count` is wrong.
    ListUnverified,
    /// A wait ended without its condition; the message is that of the [`WaitError`](crate::WaitError).
    WaitFailed,
    /// Too many requests: 429. The request was not processed, and may be sent again.
    Throttled,
    /// The service failed: 5xx.
    Server,
    /// An HTTP status that fits nothing above, such as a redirect.
    UnexpectedStatus,
}

impl ErrorKind {
    /// The kind in a few words, with which an error message begins.
    pub(crate) fn summary(self) -> &'static str {
        match self {
            Self::Config => "the client cannot be built",
            Self::InvalidInput => "refused before sending",
            Self::Ledger => "the ledger failed",
            Self::Connect => "could not connect",
            Self::Timeout => "no response in time",
            Self::ConnectionLost => "the connection was lost",
            Self::Ambiguous => "the request may have been processed",
            Self::Decode => "the response cannot be decoded",
            Self::BadRequest => "bad request",
            Self::Unauthenticated => "the token is not accepted",
            Self::PermissionDenied => "permission denied",
            Self::AccountBlocked => "the account is blocked",
            Self::NotFound => "not found",
            Self::Conflict => "not possible in the present state",
            Self::QuotaExceeded => "quota exceeded",
            Self::NoCapacity => "no capacity",
            Self::ListUnverified => "the list could not be verified",
            Self::WaitFailed => "the wait ended without its condition",
            Self::Throttled => "throttled",
            Self::Server => "the service failed",
            Self::UnexpectedStatus => "unexpected status",
        }
    }

    /// The kind of an error response.
    pub(crate) fn of_response(status: StatusCode, code: Option<&ErrorCode>) -> Self {
        match code.and_then(Self::of_code) {
            Some(kind) if status != StatusCode::TOO_MANY_REQUESTS => kind,
            _ => Self::of_status(status),
        }
    }

    /// The kind of an error response with this message. The documentation's own example of a validation error has the code for
    /// quotas: there the message decides, whatever the status.
    pub(crate) fn of_response_with(status: StatusCode, code: Option<&ErrorCode>, message: &str) -> Self {
        let is_validation =
            code == Some(&ErrorCode::MaxQuotaReached) && message.to_ascii_lowercase().contains("is required");
        match Self::of_response(status, code) {
            Self::QuotaExceeded if is_validation => Self::BadRequest,
            kind => kind,
        }
    }

    fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            400 | 422 => Self::BadRequest,
            401 => Self::Unauthenticated,
            403 => Self::PermissionDenied,
            404 => Self::NotFound,
            408 => Self::Timeout,
            409 => Self::Conflict,
            429 => Self::Throttled,
            500..=599 => Self::Server,
            _ => Self::UnexpectedStatus,
        }
    }

    /// The kind of a documented code; `None` where the status decides.
    fn of_code(code: &ErrorCode) -> Option<Self> {
        use ErrorCode as C;
        Some(match code {
            C::MaxQuotaReached | C::MaxInstanceSnapshotsReached | C::MaxStaticPublicIpsReached => Self::QuotaExceeded,
            C::InstanceNotFound | C::SnapshotNotFound | C::VolumeNotFound => Self::NotFound,
            C::SecurityGroupNotFound | C::SshKeyNotFound => Self::NotFound,
            C::OutOfStock => Self::NoCapacity,
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
            // A wrong route is not a missing resource: no resource may count as deleted because of it.
            C::InvalidRoute | C::MalformedRequest | C::MissingParameters | C::BadRequest => Self::BadRequest,
            C::InvalidSshKey | C::InvalidImage | C::InvalidSecurityGroup | C::WeakPassword => Self::BadRequest,
            C::LegacyLargeDiskTypesNotSupported | C::InstanceConfigNotAllowed => Self::BadRequest,
            C::InvalidSecurityGroupRule | C::ImageDoesNotFitInstance => Self::BadRequest,
            C::OnDemandBillingNotAllowed | C::SshKeyMalformed | C::RegionMismatch => Self::BadRequest,
            C::InvalidPlacementOption | C::PrivateKeyProvided | C::VolumeTypeUnavailable => Self::BadRequest,
            C::Unknown(_) => return None,
        })
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.summary())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, code: &str) -> ErrorKind {
        ErrorKind::of_response(StatusCode::from_u16(status).unwrap(), Some(&code.into()))
    }

    #[test]
    fn a_documented_code_decides_and_an_unlisted_one_leaves_it_to_the_status() {
        assert_eq!(kind(400, "02021"), ErrorKind::NotFound);
        assert_eq!(kind(403, "02036"), ErrorKind::NoCapacity);
        assert_eq!(kind(404, "02001"), ErrorKind::BadRequest);
        for (status, expected) in [
            (400, ErrorKind::BadRequest),
            (401, ErrorKind::Unauthenticated),
            (403, ErrorKind::PermissionDenied),
            (404, ErrorKind::NotFound),
            (409, ErrorKind::Conflict),
            (418, ErrorKind::UnexpectedStatus),
            (422, ErrorKind::BadRequest),
            (429, ErrorKind::Throttled),
            (503, ErrorKind::Server),
            (302, ErrorKind::UnexpectedStatus),
        ] {
            assert_eq!(kind(status, "01204"), expected, "{status}");
        }
    }

    #[test]
    fn every_documented_code_has_a_kind_of_its_own() {
        let undecided: Vec<_> =
            ErrorCode::DOCUMENTED.iter().filter(|code| ErrorKind::of_code(code).is_none()).collect();
        assert!(undecided.is_empty(), "{undecided:?}");
    }

    #[test]
    fn the_quota_code_is_a_quota_with_any_status_unless_the_message_says_what_is_required() {
        let kind = |status: u16, code: &str, message| {
            let status = StatusCode::from_u16(status).unwrap();
            ErrorKind::of_response_with(status, Some(&code.into()), message)
        };
        for status in [400, 402, 403, 404, 409, 422, 500, 503] {
            assert_eq!(kind(status, "02010", "max quota reached"), ErrorKind::QuotaExceeded, "{status}");
            assert_eq!(kind(status, "02010", "\"size\" is required"), ErrorKind::BadRequest, "{status}");
        }
        assert_eq!(kind(400, "2010", ""), ErrorKind::QuotaExceeded);
        assert_eq!(kind(400, "02010", "Name Is Required"), ErrorKind::BadRequest);
        assert_eq!(kind(429, "02010", "max quota reached"), ErrorKind::Throttled);
        assert_eq!(kind(403, "02012", "an upgrade is required"), ErrorKind::QuotaExceeded);
    }

    #[test]
    fn a_kind_is_shown_in_a_few_words() {
        assert_eq!(format!("{:>12}", ErrorKind::NoCapacity), " no capacity");
    }

    #[test]
    fn too_many_requests_is_that_whatever_the_code() {
        assert_eq!(kind(429, "02009"), ErrorKind::Throttled);
    }
}
