//! The rate limit of a sandbox: a token bucket, and the `Retry-After` header of a throttled request.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::Clock;

/// A rate limit: a number of requests per second on average, and a number of requests in a burst.
///
/// A request above the limit gets status 429 and is not processed.
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

/// The form of the `Retry-After` header of a 429. The provider does not document which form its service uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// A number of seconds, rounded up.
    #[default]
    Seconds,
    /// An HTTP date, rounded up to a full second.
    Date,
    /// No header.
    Absent,
}

impl Rate {
    /// Limits requests to `requests` per second on average, at least 1. The burst is the same number.
    ///
    /// The provider documents a limit of 10 per second, and no burst.
    ///
    /// ```
    /// let rate = genesiscloud_sandbox::Rate::per_second(10);
    /// ```
    pub fn per_second(requests: u32) -> Self {
        let requests = NonZeroU32::new(requests).unwrap_or(NonZeroU32::MIN);
        Self { per_second: requests, burst: requests, retry_after: RetryAfter::Seconds }
    }

    /// Sets how many requests are allowed at once, at least 1.
    ///
    /// ```
    /// let rate = genesiscloud_sandbox::Rate::per_second(10).burst(1);
    /// ```
    pub fn burst(self, requests: u32) -> Self {
        Self { burst: NonZeroU32::new(requests).unwrap_or(NonZeroU32::MIN), ..self }
    }

    /// Sets the form of the `Retry-After` header. The default is [`RetryAfter::Seconds`].
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
    /// Returns the value of the header for a delay that starts at `now`.
    fn value(self, now: DateTime<Utc>, delay: Duration) -> Option<String> {
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        match self {
            Self::Seconds => Some(seconds.to_string()),
            Self::Date => Some(httpdate::fmt_http_date((now + delay + Duration::from_millis(999)).into())),
            Self::Absent => None,
        }
    }
}

/// A token bucket on the HTTP time of a [`Clock`].
pub(crate) struct RateLimiter {
    rate: Rate,
    clock: Clock,
    /// When the bucket is full again. Each request takes one token, and so moves this by one refill interval.
    full_at: Mutex<DateTime<Utc>>,
}

/// A request above the rate limit, with the value of its `Retry-After` header, if it gets one.
pub(crate) struct Throttled {
    pub(crate) retry_after: Option<String>,
}

impl RateLimiter {
    pub(crate) fn new(rate: Rate, clock: &Clock) -> Self {
        Self { rate, clock: clock.clone(), full_at: Mutex::new(clock.http_time()) }
    }

    pub(crate) fn try_acquire(&self) -> Result<(), Throttled> {
        let now = self.clock.http_time();
        let interval = TimeDelta::nanoseconds(1_000_000_000 / i64::from(self.rate.per_second.get()));
        let capacity =
            TimeDelta::nanoseconds(interval.num_nanoseconds().unwrap_or(0) * i64::from(self.rate.burst.get()));
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let next_full_at = now.max(*full_at) + interval;
        match (next_full_at - now - capacity).to_std() {
            Ok(delay) if !delay.is_zero() => Err(Throttled { retry_after: self.rate.retry_after.value(now, delay) }),
            _ => {
                *full_at = next_full_at;
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_requests_per_second_are_allowed_on_average_and_ten_at_once() {
        let clock = Clock::stepped();
        let limiter = RateLimiter::new(Rate::per_second(10), &clock);
        let allowed = |requests: usize| (0..requests).filter(|_| limiter.try_acquire().is_ok()).count();
        assert_eq!(allowed(30), 10);
        clock.advance(Duration::from_millis(100));
        assert_eq!(allowed(30), 1);
        clock.advance(Duration::from_millis(99));
        assert_eq!(allowed(30), 0);
        clock.advance(Duration::from_secs(60));
        assert_eq!(allowed(30), 10);
    }

    #[test]
    fn retry_after_is_in_seconds_a_date_or_absent() {
        for (form, expected) in [
            (RetryAfter::Seconds, Some("2")),
            (RetryAfter::Date, Some("Sun, 01 Jun 2025 00:00:02 GMT")),
            (RetryAfter::Absent, None),
        ] {
            assert_eq!(form.value(Clock::stepped().http_time(), Duration::from_millis(1100)).as_deref(), expected);
        }
        let limiter = RateLimiter::new(Rate::per_second(1), &Clock::stepped());
        assert!(limiter.try_acquire().is_ok());
        assert_eq!(limiter.try_acquire().unwrap_err().retry_after.as_deref(), Some("1"));
    }

    #[test]
    fn a_rate_of_zero_is_a_rate_of_one() {
        assert_eq!(Rate::per_second(0).burst(0), Rate::per_second(1));
    }

    #[test]
    fn the_largest_rate_and_clock_do_not_overflow() {
        let clock = Clock::stepped();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        let limiter = RateLimiter::new(Rate::per_second(1), &clock);
        clock.advance(Duration::MAX);
        assert!(limiter.try_acquire().is_ok() && limiter.try_acquire().is_err());
        for rate in [Rate::per_second(1).burst(u32::MAX), Rate::per_second(u32::MAX)] {
            let limiter = RateLimiter::new(rate, &clock);
            assert!((0..100).all(|_| limiter.try_acquire().is_ok()));
        }
    }
}
