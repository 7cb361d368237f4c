//! How many requests a sandbox takes.

use std::num::NonZeroU32;
use std::time::Duration;

use chrono::{DateTime, Utc};
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::clock::Clock;

/// How many requests are taken: so many a second on average, more in a burst. What comes above it is answered 429 and
/// not processed.
///
/// ```
/// use genesiscloud_sandbox::{Rate, RetryAfter};
///
/// let rate = Rate::per_second(10).burst(20).retry_after(RetryAfter::Absent);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    per_second: NonZeroU32,
    burst: NonZeroU32,
    retry_after: RetryAfter,
}

/// How a 429 says when to come again. The documentation does not say how the service does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// In seconds, rounded up.
    #[default]
    Seconds,
    /// As an HTTP date, whose seconds are rounded up too.
    Date,
    /// Not at all.
    Absent,
}

impl Rate {
    /// So many a second, at least 1, and as many at once. The provider's documentation says 10, and nothing of bursts.
    ///
    /// ```
    /// let rate = genesiscloud_sandbox::Rate::per_second(10);
    /// ```
    pub fn per_second(requests: u32) -> Self {
        let requests = NonZeroU32::new(requests).unwrap_or(NonZeroU32::MIN);
        Self { per_second: requests, burst: requests, retry_after: RetryAfter::Seconds }
    }

    /// So many at once, at least 1.
    ///
    /// ```
    /// let rate = genesiscloud_sandbox::Rate::per_second(10).burst(1);
    /// ```
    pub fn burst(self, requests: u32) -> Self {
        Self { burst: NonZeroU32::new(requests).unwrap_or(NonZeroU32::MIN), ..self }
    }

    /// How a 429 says when to come again.
    ///
    /// ```
    /// use genesiscloud_sandbox::{Rate, RetryAfter};
    /// let rate = Rate::per_second(10).retry_after(RetryAfter::Date);
    /// ```
    pub fn retry_after(self, form: RetryAfter) -> Self {
        Self { retry_after: form, ..self }
    }
}

impl RetryAfter {
    /// The header's value for a wait that starts at this time.
    pub(crate) fn value(self, now: DateTime<Utc>, wait: Duration) -> Option<String> {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        match self {
            Self::Seconds => Some(seconds.to_string()),
            Self::Date => Some(httpdate::fmt_http_date((now + wait + Duration::from_millis(999)).into())),
            Self::Absent => None,
        }
    }
}

/// A rate, kept on a clock.
pub(crate) struct Limiter {
    limiter: RateLimiter<NotKeyed, InMemoryState, Wire, NoOpMiddleware<Nanos>>,
    clock: Wire,
    retry_after: RetryAfter,
}

/// The wire's time as the limiter wants it, since the limiter began.
#[derive(Clone)]
struct Wire {
    clock: Clock,
    since: DateTime<Utc>,
}

impl governor::clock::Clock for Wire {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        (self.clock.wire() - self.since).to_std().unwrap_or_default().into()
    }
}

/// Why a request is not taken: what `Retry-After` is to say, if anything.
pub(crate) struct TooMany(pub(crate) Option<String>);

impl Limiter {
    pub(crate) fn new(rate: Rate, clock: &Clock) -> Self {
        let clock = Wire { clock: clock.clone(), since: clock.wire() };
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        let limiter = RateLimiter::direct_with_clock(quota, clock.clone());
        Self { limiter, clock, retry_after: rate.retry_after }
    }

    pub(crate) fn check(&self) -> Result<(), TooMany> {
        self.limiter.check().map_err(|refusal| {
            let wait = refusal.wait_time_from(self.clock.now());
            TooMany(self.retry_after.value(self.clock.clock.wire(), wait))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_a_second_on_average_and_ten_at_once() {
        let clock = Clock::stepped();
        let limiter = Limiter::new(Rate::per_second(10), &clock);
        let taken = |attempts: usize| (0..attempts).filter(|_| limiter.check().is_ok()).count();
        assert_eq!(taken(30), 10);
        clock.advance(Duration::from_millis(100));
        assert_eq!(taken(30), 1);
        clock.advance(Duration::from_millis(99));
        assert_eq!(taken(30), 0);
        clock.advance(Duration::from_secs(60));
        assert_eq!(taken(30), 10);
    }

    #[test]
    fn it_says_when_to_come_again_in_three_ways() {
        for (form, expected) in [
            (RetryAfter::Seconds, Some("2")),
            (RetryAfter::Date, Some("Sun, 01 Jun 2025 00:00:02 GMT")),
            (RetryAfter::Absent, None),
        ] {
            assert_eq!(form.value(Clock::stepped().wire(), Duration::from_millis(1100)).as_deref(), expected);
        }
        let limiter = Limiter::new(Rate::per_second(1), &Clock::stepped());
        assert!(limiter.check().is_ok());
        assert_eq!(limiter.check().unwrap_err().0.as_deref(), Some("1"));
    }

    #[test]
    fn the_limiter_works_on_a_clock_that_was_advanced_too_far() {
        let clock = Clock::stepped();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        let limiter = Limiter::new(Rate::per_second(1), &clock);
        clock.advance(Duration::MAX);
        assert!(limiter.check().is_ok() && limiter.check().is_err());
    }

    #[test]
    fn a_rate_of_nothing_is_one() {
        assert_eq!(Rate::per_second(0).burst(0), Rate::per_second(1));
    }
}
