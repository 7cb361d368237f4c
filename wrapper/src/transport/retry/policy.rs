//! The retry policy: how often and how long a call is retried.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Limits how often and how long a call is retried.
///
/// Which outcomes may be retried at all is not a setting; the [guide](crate::guide::retries) states them.
///
/// | limit | default |
/// | --- | --- |
/// | [`max_attempts`](Self::max_attempts) | 5, the first included |
/// | [`max_elapsed`](Self::max_elapsed) | 120 s after the first attempt was sent; no other begins later |
/// | [`initial_backoff`](Self::initial_backoff) | before the second attempt 0 to 0.5 s, doubled for each further one |
/// | [`max_backoff`](Self::max_backoff) | 0 to 20 s |
/// | [`max_retry_after`](Self::max_retry_after) | 60 s; a call that is asked to wait longer ends at once |
///
/// ```
/// use std::time::Duration;
/// use genesiscloud::RetryPolicy;
///
/// let patient =
///     RetryPolicy::default().with_max_attempts(10).with_max_elapsed(Duration::from_secs(600));
/// assert_eq!((patient.max_attempts(), RetryPolicy::never().max_attempts()), (10, 1));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    max_attempts: u32,
    max_elapsed: Duration,
    initial_backoff: Duration,
    max_backoff: Duration,
    max_retry_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 5,
            max_elapsed: Duration::from_secs(120),
            initial_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(20),
            max_retry_after: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// Returns a policy of one attempt and no retry.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let client = client.with_retry_policy(genesiscloud::RetryPolicy::never());
    /// # }
    /// ```
    pub fn never() -> Self {
        Self::default().with_max_attempts(1)
    }

    /// Returns the most requests that a call sends, the first included.
    pub fn max_attempts(&self) -> u32 {
        self.max_attempts
    }

    /// Sets the most requests that a call sends, the first included; at least 1.
    pub fn with_max_attempts(self, attempts: u32) -> Self {
        Self { max_attempts: attempts.max(1), ..self }
    }

    /// Returns how long after the first attempt was sent another one may begin.
    pub fn max_elapsed(&self) -> Duration {
        self.max_elapsed
    }

    /// Sets how long after the first attempt was sent another one may begin. A delay that would end later is not begun: the
    /// call ends at once.
    pub fn with_max_elapsed(self, max_elapsed: Duration) -> Self {
        Self { max_elapsed, ..self }
    }

    /// Returns the longest delay before the second attempt.
    pub fn initial_backoff(&self) -> Duration {
        self.initial_backoff
    }

    /// Sets the longest delay before the second attempt; it doubles for each further attempt up to
    /// [`max_backoff`](Self::max_backoff). The delay is uniformly random between zero and that (full jitter), so that many
    /// clients do not retry at the same time.
    pub fn with_initial_backoff(self, initial_backoff: Duration) -> Self {
        Self { initial_backoff, ..self }
    }

    /// Returns the longest delay before any attempt, unless the service asks for more with `Retry-After`.
    pub fn max_backoff(&self) -> Duration {
        self.max_backoff
    }

    /// Sets the longest delay before any attempt, unless the service asks for more with `Retry-After`.
    pub fn with_max_backoff(self, max_backoff: Duration) -> Self {
        Self { max_backoff, ..self }
    }

    /// Returns the longest `Retry-After` that a call waits for.
    pub fn max_retry_after(&self) -> Duration {
        self.max_retry_after
    }

    /// Sets the longest `Retry-After` that a call waits for. A call that is asked to wait longer ends at once, and its error
    /// has the time ([`Error::retry_after`](crate::Error::retry_after)); after a 429, the client sends nothing meanwhile. With
    /// zero, `Retry-After` is ignored and the backoff applies.
    pub fn with_max_retry_after(self, max_retry_after: Duration) -> Self {
        Self { max_retry_after, ..self }
    }

    /// The delay before the attempt after this many: what the service asks for, or else a random part of the backoff. A
    /// service that asks for no time at all gets the backoff as well.
    pub(crate) fn delay(&self, attempts: u32, requested: Option<Duration>, jitter: &Jitter) -> Duration {
        match requested.filter(|delay| !delay.is_zero() && !self.ignores_retry_after()) {
            Some(delay) => delay,
            None => jitter.fraction_of(self.backoff(attempts)),
        }
    }

    fn ignores_retry_after(&self) -> bool {
        self.max_retry_after.is_zero()
    }

    /// Whether a call waits this long because the service asks for it.
    pub(crate) fn waits_for(&self, retry_after: Duration) -> bool {
        self.ignores_retry_after() || retry_after <= self.max_retry_after
    }

    fn backoff(&self, attempts: u32) -> Duration {
        let doublings = 1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        self.initial_backoff.saturating_mul(doublings).min(self.max_backoff)
    }
}

/// The source of randomness of the backoff.
pub(crate) struct Jitter(Mutex<fastrand::Rng>);

impl Jitter {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self(Mutex::new(seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed)))
    }

    fn fraction_of(&self, duration: Duration) -> Duration {
        duration.mul_f64(self.0.lock().unwrap_or_else(PoisonError::into_inner).f64())
    }
}

impl fmt::Debug for Jitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jitter")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_backoff_doubles_up_to_its_maximum() {
        let policy = RetryPolicy::default().with_initial_backoff(SECOND).with_max_backoff(30 * SECOND);
        let delays: Vec<_> = (1..=8).map(|attempts| policy.backoff(attempts).as_secs()).collect();
        assert_eq!(delays, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(policy.backoff(u32::MAX), 30 * SECOND);
        let unlimited = RetryPolicy::default().with_initial_backoff(Duration::MAX).with_max_backoff(Duration::MAX);
        assert_eq!(unlimited.backoff(40), Duration::MAX);
        assert!(unlimited.delay(40, None, &Jitter::new(Some(1))) < Duration::MAX);
    }

    #[test]
    fn a_delay_is_any_part_of_the_backoff_or_what_the_service_asks_for() {
        let policy = RetryPolicy::default()
            .with_initial_backoff(SECOND)
            .with_max_backoff(SECOND)
            .with_max_retry_after(9 * SECOND);
        let delays = |seed| {
            let jitter = Jitter::new(Some(seed));
            (0..1000).map(|_| policy.delay(1, None, &jitter)).collect::<Vec<_>>()
        };
        let all = delays(7);
        assert_eq!(all, delays(7));
        assert_ne!(all, delays(8));
        for tenth in 0..10 {
            let (from, to) = (tenth * SECOND / 10, (tenth + 1) * SECOND / 10);
            let count = all.iter().filter(|delay| (from..to).contains(*delay)).count();
            assert!((60..140).contains(&count), "{count} of 1000 delays in the {tenth}. tenth");
        }
        let ignoring = policy.clone().with_max_retry_after(Duration::ZERO);
        assert!(
            !ignoring.delay(1, Some(SECOND), &Jitter::new(Some(1))).is_zero(),
            "ignored, and no retry without a delay"
        );
        let requested = |seconds| policy.delay(1, Some(Duration::from_secs(seconds)), &Jitter::new(Some(1)));
        assert_eq!((requested(4), requested(9), requested(10)), (4 * SECOND, 9 * SECOND, 10 * SECOND));
        assert!(policy.waits_for(9 * SECOND) && !policy.waits_for(10 * SECOND));
        assert!(ignoring.waits_for(10 * SECOND));
        assert!(requested(0) < SECOND && !requested(0).is_zero(), "zero would retry without a delay");
    }

    #[test]
    fn a_policy_has_at_least_one_attempt() {
        assert_eq!(RetryPolicy::default().with_max_attempts(0), RetryPolicy::never());
    }
}
