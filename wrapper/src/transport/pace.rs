//! A rate, and how it is kept: by governor, with what a 429 teaches.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter as Bucket};

/// Longer than anybody waits.
pub(super) const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// How many requests are sent: one every so often on average, some at once after a quiet while.
///
/// The default is what the provider's documentation allows, 10 a second. It says nothing of bursts; 9 at once, one less
/// than a second's worth, leave room for requests that catch up with one another on their way.
///
/// ```
/// use std::time::Duration;
/// use genesiscloud::Rate;
///
/// assert_eq!(Rate::default(), Rate::per_second(10).with_burst(9));
/// assert_eq!(Rate::per_second(10), Rate::every(Duration::from_millis(100)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Rate {
    period: Duration,
    burst: NonZeroU32,
}

impl Rate {
    /// So many a second on average, at least 1, and one at a time.
    ///
    /// ```
    /// let half = genesiscloud::Rate::per_second(5);
    /// ```
    pub fn per_second(requests: u32) -> Self {
        Self::every(Duration::from_secs(1) / requests.max(1))
    }

    /// One in each such period on average, a nanosecond to a year, and one at a time.
    ///
    /// ```
    /// // One of 20 programs that share 10 requests a second.
    /// let rate = genesiscloud::Rate::every(std::time::Duration::from_secs(2));
    /// ```
    pub fn every(period: Duration) -> Self {
        Self { period: period.clamp(Duration::from_nanos(1), YEAR), burst: NonZeroU32::MIN }
    }

    /// The time between requests, on average.
    pub fn period(&self) -> Duration {
        self.period
    }

    /// How many are sent at once.
    pub fn burst(&self) -> u32 {
        self.burst.get()
    }

    /// Sets how many are sent at once, at least 1, after nothing was sent for as long as it takes to earn them.
    ///
    /// ```
    /// let rate = genesiscloud::Rate::per_second(5).with_burst(5);
    /// ```
    pub fn with_burst(self, requests: u32) -> Self {
        Self { burst: NonZeroU32::new(requests).unwrap_or(NonZeroU32::MIN), ..self }
    }
}

impl Default for Rate {
    fn default() -> Self {
        Self::per_second(10).with_burst(9)
    }
}

/// Answers to one burst come one after the other, and are one lesson: this long after it, a 429 is none.
const LESSON: Duration = Duration::from_secs(1);
/// After so long without a 429, what it taught may be old.
pub(super) const FORGET: Duration = Duration::from_secs(600);
/// A rate being kept.
pub(super) struct Pace {
    /// As it was set.
    most: Rate,
    /// As it is known by now.
    pub(super) rate: Rate,
    bucket: Bucket<NotKeyed, InMemoryState, Given, NoOpMiddleware<Nanos>>,
    time: Given,
    last_lesson: Option<Instant>,
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rate.fmt(f)
    }
}

impl Pace {
    pub(super) fn new(rate: Rate, now: Instant) -> Self {
        let time = Given::starting(now);
        Self { most: rate, rate, bucket: bucket(rate, &time), time, last_lesson: None }
    }

    /// How long until the next request may be sent; none if it is counted as sent now.
    pub(super) fn try_now(&mut self, now: Instant) -> Option<Duration> {
        if self.last_lesson.is_some_and(|then| now.saturating_duration_since(then) >= FORGET) {
            let burst = self.rate.burst().saturating_mul(2).min(self.most.burst());
            self.last_lesson = (burst < self.most.burst()).then_some(now);
            self.take_at_once(burst, now);
        }
        self.time.set(now);
        self.bucket.check().err().map(|early| early.wait_time_from(self.time.get()))
    }

    /// A 429: too many were sent at once, unless it belongs to a lesson that was learnt already.
    pub(super) fn learn(&mut self, is_held: bool, now: Instant) {
        let is_old = is_held || self.last_lesson.is_some_and(|then| now.saturating_duration_since(then) < LESSON);
        if !is_old {
            self.take_at_once(self.rate.burst() / 2, now);
        }
        self.last_lesson = Some(now);
    }

    /// Another burst, of which nothing is earned yet.
    fn take_at_once(&mut self, burst: u32, now: Instant) {
        self.rate = self.rate.with_burst(burst);
        self.bucket = bucket(self.rate, &self.time);
        self.spend_all(now);
    }

    pub(super) fn spend_all(&mut self, now: Instant) {
        self.time.set(now);
        // Halving, so that the largest burst is spent in a few steps; at one moment, so that nothing is earned meanwhile.
        let mut share = Some(self.rate.burst);
        while let Some(requests) = share {
            while matches!(self.bucket.check_n(requests), Ok(Ok(()))) {}
            share = NonZeroU32::new(requests.get() / 2);
        }
    }
}

fn bucket(rate: Rate, time: &Given) -> Bucket<NotKeyed, InMemoryState, Given, NoOpMiddleware<Nanos>> {
    // What takes more than a century to earn is more than governor counts to.
    let most = (100 * YEAR).as_nanos() / rate.period.as_nanos();
    let burst = u32::try_from(most).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MAX).min(rate.burst);
    let quota = Quota::with_period(rate.period).unwrap_or(Quota::per_second(burst)).allow_burst(burst);
    Bucket::direct_with_clock(quota, time.clone())
}

/// The time as governor is told it: one moment for each question, in nanoseconds since a start.
#[derive(Clone)]
struct Given {
    start: Instant,
    since: Arc<AtomicU64>,
}

impl Given {
    fn starting(start: Instant) -> Self {
        Self { start, since: Arc::default() }
    }

    fn set(&self, now: Instant) {
        let since = now.saturating_duration_since(self.start).as_nanos();
        self.since.store(u64::try_from(since).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn get(&self) -> Nanos {
        self.since.load(Ordering::Relaxed).into()
    }
}

impl governor::clock::Clock for Given {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.get()
    }
}
