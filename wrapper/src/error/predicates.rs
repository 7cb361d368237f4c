//! What a program asks an error to decide what to do next.

use super::{Class, Error, ErrorCode, ErrorKind};

impl Error {
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

#[cfg(test)]
mod tests {
    use http::StatusCode;

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
}
