//! What kinds of errors there are, and which an answer is.

use http::StatusCode;

use crate::ErrorCode;

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
    /// The answer did not come in time, or was 408, or the call's deadline passed. Whether the request was processed is not
    /// known, unless the message says that nothing was sent.
    Timeout,
    /// The connection broke before the answer was whole. Whether the request was processed is not known.
    Interrupted,
    /// It is not known whether what the call asks for was done:
    ///
    /// * the answer to a create or an action was lost, or cannot be read; made again, it could be done twice;
    /// * the answer to a change or deletion was lost, and the same request was refused when it was sent again.
    ///
    /// [`unconfirmed`](crate::Error::unconfirmed) says what to look for, `source()` what happened.
    Ambiguous,
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
    /// A list that was to be [verified](crate::List::verified) went on changing, so it is not certain that all has come.
    Unsettled,
    /// A wait ended without what was wanted; the message of the [`WaitError`](crate::WaitError) it was.
    Unreached,
    /// Too many requests: 429. The request was not processed; what was sent before it and had no answer is safe to repeat.
    RateLimited,
    /// The service failed: 5xx.
    Server,
    /// An HTTP status that fits nothing above, such as a redirect.
    UnexpectedStatus,
}

impl ErrorKind {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Config => "the client cannot be built",
            Self::InvalidInput => "refused before sending",
            Self::Connect => "could not connect",
            Self::Timeout => "no answer in time",
            Self::Interrupted => "the connection broke",
            Self::Ambiguous => "it is not known whether this was done",
            Self::Decode => "the answer cannot be read",
            Self::InvalidRequest => "invalid request",
            Self::Unauthenticated => "the token is not accepted",
            Self::PermissionDenied => "permission denied",
            Self::AccountBlocked => "the account is blocked",
            Self::NotFound => "not found",
            Self::Conflict => "not possible in the present state",
            Self::QuotaExceeded => "quota exceeded",
            Self::OutOfStock => "out of stock",
            Self::Unsettled => "the list never settled",
            Self::Unreached => "not what was waited for",
            Self::RateLimited => "too many requests",
            Self::Server => "the service failed",
            Self::UnexpectedStatus => "unexpected status",
        }
    }

    /// The kind of an answer that is no success.
    pub(crate) fn of_answer(status: StatusCode, code: Option<&ErrorCode>) -> Self {
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
            408 => Self::Timeout,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, code: &str) -> ErrorKind {
        ErrorKind::of_answer(StatusCode::from_u16(status).unwrap(), Some(&code.into()))
    }

    #[test]
    fn a_documented_code_decides_and_an_unlisted_one_leaves_it_to_the_status() {
        assert_eq!(kind(400, "02021"), ErrorKind::NotFound);
        assert_eq!(kind(403, "02036"), ErrorKind::OutOfStock);
        assert_eq!(kind(404, "02001"), ErrorKind::InvalidRequest);
        for (status, expected) in [
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
            assert_eq!(kind(status, "01204"), expected, "{status}");
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
        assert_eq!(kind(400, "02010"), ErrorKind::InvalidRequest);
        assert_eq!(kind(422, "02010"), ErrorKind::InvalidRequest);
        assert_eq!(kind(403, "02010"), ErrorKind::QuotaExceeded);
    }

    #[test]
    fn too_many_requests_is_that_whatever_the_code() {
        assert_eq!(kind(429, "02009"), ErrorKind::RateLimited);
    }
}
