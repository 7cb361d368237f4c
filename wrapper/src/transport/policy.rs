//! How often and how long a call is made again.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// When a call that failed is made again.
///
/// What may be repeated at all is not a setting; the crate's documentation states it under *Retries*. This says how often
/// and how long.
///
/// | | default |
/// | --- | --- |
/// | [attempts](Self::attempts) | 5, the first included |
/// | [total time](Self::total_time) | 120 s after the first was sent: then no other is begun |
/// | [backoff](Self::backoff) | before the second attempt 0 to 0.5 s, doubled each time up to 0 to 20 s |
/// | [longest `Retry-After`](Self::longest_retry_after) | 60 s |
///
/// ```
/// use std::time::Duration;
/// use genesiscloud::RetryPolicy;
///
/// let patient = RetryPolicy::default().with_attempts(10).with_total_time(Duration::from_secs(600));
/// assert_eq!((patient.attempts(), RetryPolicy::never().attempts()), (10, 1));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    attempts: u32,
    total_time: Duration,
    first_backoff: Duration,
    longest_backoff: Duration,
    longest_retry_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 5,
            total_time: Duration::from_secs(120),
            first_backoff: Duration::from_millis(500),
            longest_backoff: Duration::from_secs(20),
            longest_retry_after: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// One attempt and no other.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let client = client.with_retry(genesiscloud::RetryPolicy::never());
    /// # }
    /// ```
    pub fn never() -> Self {
        Self::default().with_attempts(1)
    }

    /// The most requests a call sends, the first included.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Sets the most requests a call sends, the first included; at least 1.
    pub fn with_attempts(self, attempts: u32) -> Self {
        Self { attempts: attempts.max(1), ..self }
    }

    /// How long after the first attempt was sent another one may begin.
    pub fn total_time(&self) -> Duration {
        self.total_time
    }

    /// Sets how long after the first attempt was sent another one may begin. A backoff that would end later is not begun:
    /// the call ends at once.
    pub fn with_total_time(self, total_time: Duration) -> Self {
        Self { total_time, ..self }
    }

    /// The longest waits before the second attempt, and before any. The wait is anything from nothing to that, evenly
    /// (full jitter), so that many clients do not come back together.
    pub fn backoff(&self) -> (Duration, Duration) {
        (self.first_backoff, self.longest_backoff)
    }

    /// Sets the longest wait before the second attempt, doubled for each further one up to `longest`.
    pub fn with_backoff(self, first: Duration, longest: Duration) -> Self {
        Self { first_backoff: first, longest_backoff: longest, ..self }
    }

    /// The most that is waited because a `Retry-After` says so.
    pub fn longest_retry_after(&self) -> Duration {
        self.longest_retry_after
    }

    /// Sets the most that is waited because a `Retry-After` says so; with none at all it is not looked at, and the backoff
    /// holds.
    pub fn with_longest_retry_after(self, longest: Duration) -> Self {
        Self { longest_retry_after: longest, ..self }
    }

    /// How long to wait after this many attempts. Where the service asks for nothing, or for no time at all, a random
    /// part of the backoff.
    pub(crate) fn wait(&self, attempts: u32, asked: Option<Duration>, jitter: &Jitter) -> Duration {
        match asked.map(|wait| wait.min(self.longest_retry_after)).filter(|wait| !wait.is_zero()) {
            Some(wait) => wait,
            None => jitter.part_of(self.backoff_after(attempts)),
        }
    }

    fn backoff_after(&self, attempts: u32) -> Duration {
        let doublings = 1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first_backoff.saturating_mul(doublings).min(self.longest_backoff)
    }
}

/// Where waits get their randomness.
pub(crate) struct Jitter(Mutex<fastrand::Rng>);

impl Jitter {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self(Mutex::new(seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed)))
    }

    fn part_of(&self, most: Duration) -> Duration {
        most.mul_f64(self.0.lock().unwrap_or_else(PoisonError::into_inner).f64())
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
    fn the_backoff_doubles_up_to_its_longest() {
        let policy = RetryPolicy::default().with_backoff(SECOND, 30 * SECOND);
        let waits: Vec<_> = (1..=8).map(|attempts| policy.backoff_after(attempts).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(policy.backoff_after(u32::MAX), 30 * SECOND);
        let endless = RetryPolicy::default().with_backoff(Duration::MAX, Duration::MAX);
        assert_eq!(endless.backoff_after(40), Duration::MAX);
        assert!(endless.wait(40, None, &Jitter::new(Some(1))) < Duration::MAX);
    }

    #[test]
    fn a_wait_is_any_part_of_the_backoff_or_what_the_service_asks_for() {
        let policy = RetryPolicy::default().with_backoff(SECOND, SECOND).with_longest_retry_after(9 * SECOND);
        let waits = |seed| {
            let jitter = Jitter::new(Some(seed));
            (0..1000).map(|_| policy.wait(1, None, &jitter)).collect::<Vec<_>>()
        };
        let all = waits(7);
        assert_eq!(all, waits(7));
        assert_ne!(all, waits(8));
        for tenth in 0..10 {
            let (from, to) = (tenth * SECOND / 10, (tenth + 1) * SECOND / 10);
            let count = all.iter().filter(|wait| (from..to).contains(wait)).count();
            assert!((60..140).contains(&count), "{count} of 1000 waits in the {tenth}. tenth");
        }
        let deaf = policy.clone().with_longest_retry_after(Duration::ZERO);
        assert!(
            !deaf.wait(1, Some(SECOND), &Jitter::new(Some(1))).is_zero(),
            "not looked at, and not asked again at once"
        );
        let asked = |seconds| policy.wait(1, Some(Duration::from_secs(seconds)), &Jitter::new(Some(1)));
        assert_eq!((asked(4), asked(9), asked(10), asked(u64::MAX)), (4 * SECOND, 9 * SECOND, 9 * SECOND, 9 * SECOND));
        assert!(asked(0) < SECOND && !asked(0).is_zero(), "none at all would ask again at once");
    }

    #[test]
    fn a_policy_has_at_least_one_attempt() {
        assert_eq!(RetryPolicy::default().with_attempts(0), RetryPolicy::never());
    }
}
