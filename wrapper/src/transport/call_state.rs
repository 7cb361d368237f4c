//! The state of one call: its attempts so far, and what is known of their effect.

use std::time::{Duration, Instant, SystemTime};

use http::Method;

use super::attempt::{Outcome, classify};
use crate::error::{Class, Processed};

/// How far a call has come.
#[derive(Debug)]
pub(crate) struct CallState {
    started: Instant,
    pub(crate) is_idempotent: bool,
    /// Whether a 404 proves nothing: the resource is so new that the service may not know it yet.
    is_propagating: bool,
    /// When the first request was sent, if one was.
    pub(crate) first_sent: Option<(Instant, SystemTime)>,
    /// When the first request was sent that may have been processed, if one was.
    pub(crate) first_maybe_processed: Option<Instant>,
    last_sent: Instant,
    /// Requests sent.
    pub(crate) attempts: u32,
    /// How long the call took, once it has ended.
    pub(crate) elapsed: Duration,
    /// The class of the last attempt that ended; before that, nothing was sent.
    pub(crate) class: Class,
    /// Whether an attempt before the last may have been processed.
    pub(crate) may_be_processed_before: bool,
    /// Whether a 404 counts as the success of a DELETE that was sent again.
    pub(super) was_already_deleted: bool,
    pub(super) is_attempt_in_flight: bool,
    /// Whether the token provider is called before the next attempt.
    pub(super) is_waiting_for_token: bool,
    /// Whether an attempt was repeated with another token, since the service refused the first.
    pub(super) has_replaced_token: bool,
    /// The outcome of the last attempt that ended, while another follows.
    pub(super) last_outcome: Option<Box<Outcome>>,
}

impl CallState {
    pub(super) fn new(now: Instant, is_idempotent: bool, is_propagating: bool) -> Self {
        Self {
            started: now,
            is_idempotent,
            is_propagating,
            first_sent: None,
            first_maybe_processed: None,
            last_sent: now,
            attempts: 0,
            elapsed: Duration::ZERO,
            class: Class::NotSent,
            may_be_processed_before: false,
            was_already_deleted: false,
            is_attempt_in_flight: false,
            is_waiting_for_token: false,
            has_replaced_token: false,
            last_outcome: None,
        }
    }

    /// How long ago the first request was sent; `None` before that.
    pub(super) fn age_of_first_attempt(&self, now: Instant) -> Option<Duration> {
        self.first_sent.map(|(sent, _)| now.saturating_duration_since(sent))
    }

    /// The attempts that count as retries by the policy: one with another token repeats the one that was refused.
    pub(super) fn counted_attempts(&self) -> u32 {
        self.attempts - u32::from(self.has_replaced_token)
    }

    pub(super) fn begin_attempt(&mut self, now: Instant, system_time: SystemTime) {
        self.may_be_processed_before |= self.class.processed() == Processed::Unknown;
        self.first_sent.get_or_insert((now, system_time));
        self.last_sent = now;
        self.attempts += 1;
        // Until it ends, whether it is processed is not known.
        self.class = Class::Transient;
        self.is_attempt_in_flight = true;
    }

    /// Notes how an attempt ended. The API's 404 to a DELETE that was sent before is a success: an earlier attempt deleted
    /// the resource, unless the service may not know it yet.
    pub(super) fn end_attempt(&mut self, method: &Method, outcome: Outcome) -> Outcome {
        self.is_attempt_in_flight = false;
        self.class = classify(&outcome);
        self.note_effect();
        match outcome {
            Ok(response)
                if *method == Method::DELETE
                    && self.may_be_processed_before
                    && self.class == Class::NotFound
                    && !self.is_propagating =>
            {
                self.was_already_deleted = true;
                self.class = Class::Success;
                Ok(response.into_no_content())
            }
            outcome => outcome,
        }
    }

    /// The outcome of the last attempt that ended, if there was one.
    pub(super) fn take_last_outcome(&mut self) -> Option<Outcome> {
        self.last_outcome.take().map(|outcome| *outcome)
    }

    pub(super) fn end(&mut self, now: Instant) {
        self.elapsed = now.saturating_duration_since(self.started);
        self.note_effect();
    }

    /// Notes when the last attempt was sent, if it may have been processed.
    fn note_effect(&mut self) {
        if self.class.processed() != Processed::No {
            self.first_maybe_processed.get_or_insert(self.last_sent);
        }
    }

    /// Whether the outcome of the last attempt permits another one.
    pub(super) fn may_retry(&self) -> bool {
        self.class.is_transient() && (self.is_idempotent || self.class.processed() == Processed::No)
    }

    /// Whether none of the requests sent can have been processed.
    pub(crate) fn is_unprocessed(&self) -> bool {
        self.class.processed() == Processed::No && !self.may_be_processed_before
    }

    /// Whether a call that ended with an error of this class may have been processed, and sending it again could do a thing
    /// twice, or would prove nothing. `is_documented` is whether the response has a documented code.
    pub(crate) fn is_ambiguous(&self, method: &Method, class: Class, is_documented: bool) -> bool {
        // The error response to a request that was sent again says nothing of the first, unless there is nothing left to
        // change or delete.
        let is_nothing_left = class == Class::NotFound && !self.is_propagating;
        let is_of_the_repetition = self.is_idempotent && self.may_be_processed_before && !is_nothing_left;
        match class.processed() {
            _ if *method == Method::GET => false,
            Processed::Answered => is_of_the_repetition,
            _ if class.is_of_an_intermediary() && is_of_the_repetition => true,
            Processed::Unknown => !self.is_idempotent && !is_documented,
            Processed::No => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::attempt::{Failure, Response};
    use super::*;
    use crate::{ErrorCode, ErrorKind};

    fn state(is_idempotent: bool) -> CallState {
        CallState::new(Instant::now(), is_idempotent, false)
    }

    /// Whether an attempt with this outcome may be retried: if the operation is not idempotent, and if it is.
    fn may_retry(outcome: impl Fn() -> Outcome) -> (bool, bool) {
        let after = |is_idempotent| {
            let mut state = state(is_idempotent);
            state.begin_attempt(Instant::now(), SystemTime::UNIX_EPOCH);
            drop(state.end_attempt(&Method::PATCH, outcome()));
            state.may_retry()
        };
        (after(false), after(true))
    }

    #[test]
    fn the_status_decides_whether_a_response_is_retried() {
        let retried = |select: fn((bool, bool)) -> bool| {
            let is_retried = |status: &u16| select(may_retry(|| Ok(Response::for_test(*status, false))));
            (200..600).filter(is_retried).collect::<Vec<_>>()
        };
        let transient: Vec<u16> = [408, 429, 500, 502, 503, 504].into_iter().chain(520..=530).collect();
        assert_eq!(retried(|(_, idempotent)| idempotent), transient);
        assert_eq!(retried(|(other, _)| other), [429]);
    }

    #[test]
    fn an_error_response_that_is_cut_off_is_retried_if_the_operation_is_idempotent() {
        for status in [400, 404, 501] {
            assert_eq!(may_retry(|| Ok(Response::for_test(status, true))), (false, true), "{status}");
        }
    }

    #[test]
    fn the_kind_of_a_failure_decides_whether_it_is_retried() {
        for (kind, expected) in [
            (ErrorKind::Connect, (true, true)),
            (ErrorKind::Timeout, (false, true)),
            (ErrorKind::ConnectionLost, (false, true)),
            (ErrorKind::Decode, (false, false)),
            (ErrorKind::InvalidInput, (false, false)),
        ] {
            assert_eq!(may_retry(|| Err(Failure::new(kind, String::new()))), expected, "{kind:?}");
        }
        let rejected = || Failure { class: Class::ConnectRejected, ..Failure::new(ErrorKind::Connect, String::new()) };
        assert_eq!(may_retry(|| Err(rejected())), (false, false));
    }

    #[test]
    fn a_404_to_a_repeated_delete_is_a_success_if_it_is_the_apis() {
        for (code, before, method, is_propagating, expected) in [
            (Some("02021"), true, Method::DELETE, false, 204),
            (Some("02021"), false, Method::DELETE, false, 404),
            (Some("02021"), true, Method::PATCH, false, 404),
            (None, true, Method::DELETE, false, 404),
            (Some("02021"), true, Method::DELETE, true, 404),
        ] {
            let mut state = CallState { is_propagating, ..state(true) };
            if before {
                state.begin_attempt(Instant::now(), SystemTime::UNIX_EPOCH);
                drop(state.end_attempt(&method, Ok(Response::for_test(503, false))));
            }
            state.begin_attempt(Instant::now(), SystemTime::UNIX_EPOCH);
            let mut response = Response::for_test(404, false);
            response.code = code.map(ErrorCode::from);
            let status = state.end_attempt(&method, Ok(response)).unwrap().status;
            assert_eq!(status.as_u16(), expected, "{code:?} {before} {method} {is_propagating}");
            // The 404 is an error, which is ambiguous if it may be that of a resource that exists.
            let is_ambiguous = expected == 404 && state.is_ambiguous(&method, state.class, true);
            assert_eq!(is_ambiguous, is_propagating || code.is_none(), "{code:?} {before} {method}");
        }
    }

    /// For each class of an error: whether a POST is ambiguous, a first DELETE or PATCH, and a repeated one.
    #[test]
    fn a_call_is_ambiguous_only_if_its_effect_is_not_known() {
        let response = |status: u16, code: &str| {
            let code = Some(code).filter(|code| !code.is_empty()).map(ErrorCode::from);
            let is_documented = code.as_ref().is_some_and(|code| !matches!(code, ErrorCode::Unknown(_)));
            (Class::of_response(http::StatusCode::from_u16(status).unwrap(), code.as_ref()), is_documented)
        };
        for ((class, is_documented), post, first, repeated) in [
            (response(429, ""), false, false, false),
            ((Class::NotSent, false), false, false, false),
            ((Class::ConnectRejected, false), false, false, false),
            ((Class::Transient, false), true, false, false),
            (response(408, ""), true, false, false),
            (response(500, ""), true, false, false),
            (response(501, ""), true, false, false),
            (response(503, "01204"), true, false, false),
            (response(503, "02036"), false, false, false),
            ((Class::of_kind(ErrorKind::Decode), false), true, false, false),
            (response(400, "02003"), false, false, true),
            (response(303, ""), true, false, true),
            (response(400, ""), true, false, true),
            (response(401, ""), false, false, true),
            (response(401, "01204"), false, false, true),
            (response(403, ""), true, false, true),
            (response(511, ""), false, false, true),
            (response(522, ""), true, false, false),
            (response(403, "02044"), false, false, true),
            (response(404, "02021"), false, false, false),
            (response(404, ""), true, false, true),
            (response(404, "02001"), false, false, true),
            (response(409, "02022"), false, false, true),
        ] {
            let is_ambiguous = |method: &Method, is_idempotent, may_be_processed_before| {
                let state = CallState { may_be_processed_before, ..state(is_idempotent) };
                state.is_ambiguous(method, class, is_documented)
            };
            assert!(!is_ambiguous(&Method::GET, true, false) && !is_ambiguous(&Method::GET, true, true), "{class:?}");
            assert_eq!(is_ambiguous(&Method::POST, false, false), post, "{class:?}");
            for method in [Method::DELETE, Method::PATCH] {
                assert_eq!(is_ambiguous(&method, true, false), first, "{class:?}");
                assert_eq!(is_ambiguous(&method, true, true), repeated, "{class:?}");
            }
        }
    }
}
