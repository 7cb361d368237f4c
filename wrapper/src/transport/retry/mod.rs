//! Whether and when a request is sent again.
//!
//! An attempt is retried if its outcome is transient ([`Class`](crate::error::Class)), and the operation is idempotent (the
//! bindings' operations know it) or the request was not processed: `CallState::may_retry`. How many attempts there are and
//! how long they wait, the [`RetryPolicy`] decides; whether there is time for one, [`Limits`].

mod policy;
mod retry_after;

use std::time::{Duration, Instant};

pub(crate) use self::policy::Jitter;
pub use self::policy::RetryPolicy;
pub(crate) use self::retry_after::retry_after;
use super::attempt::Outcome;
use super::call_state::CallState;
use super::deadline::RunningDeadline;
use super::rate_limit::YEAR;
use crate::Clock;

/// The limits on the attempts of one call.
pub(super) struct Limits<'a> {
    pub(super) policy: &'a RetryPolicy,
    pub(super) deadline: &'a RunningDeadline,
}

impl Limits<'_> {
    /// How long a further attempt may wait for a permit; `None` for the first, which waits until the deadline, if that is set.
    pub(super) fn permit_timeout(&self, state: &CallState, now: Instant) -> Option<Duration> {
        let age = state.age_of_first_attempt(now)?;
        Some(self.policy.max_elapsed().saturating_sub(age).min(YEAR))
    }

    /// Whether a call that begins or goes on now waits until the service can be asked again, in this time.
    pub(super) fn allow_wait(&self, state: &CallState, now: Instant, retry_after: Duration) -> bool {
        self.policy.waits_for(retry_after) && self.allow_attempt(state, now, retry_after)
    }

    /// Whether there is time for an attempt after this delay; and, if it is not the first, whether the policy permits
    /// another.
    pub(super) fn allow_attempt(&self, state: &CallState, now: Instant, delay: Duration) -> bool {
        let is_permitted = |age: Duration| {
            state.counted_attempts() < self.policy.max_attempts()
                && age.saturating_add(delay) < self.policy.max_elapsed()
        };
        self.deadline.allows(now, delay) && state.age_of_first_attempt(now).is_none_or(is_permitted)
    }
}

/// How long the error response asks to wait, if it does.
pub(super) fn requested_delay(outcome: &Outcome, clock: &dyn Clock) -> Option<Duration> {
    let error_response = outcome.as_ref().ok().filter(|response| !response.status.is_success());
    error_response.and_then(|response| retry_after(&response.headers, clock.system_time()))
}
