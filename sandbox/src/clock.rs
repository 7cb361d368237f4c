//! The clock of a sandbox.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use tokio::sync::watch;

/// The clock of a sandbox. Clones share the same time.
///
/// Everything follows this one time: `created_at` and `updated_at`, the `Date` header, rate limits, `Retry-After`, delays
/// and stale reads. A running clock follows real time, and only status transitions are sped up: they take a fraction of
/// their duration. A stepped clock stands still until [`advance`](Self::advance).
///
/// ```
/// use std::time::Duration;
/// use genesiscloud_sandbox::Clock;
///
/// let clock = Clock::stepped();
/// let before = clock.now();
/// clock.advance(Duration::from_secs(30));
/// assert_eq!((clock.now() - before).num_seconds(), 30);
/// ```
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

struct Inner {
    mode: Mode,
    /// The sum of all calls of [`Clock::advance`].
    advanced: watch::Sender<TimeDelta>,
    /// When each sleeper wakes, by a number that increases with each call of [`Clock::sleep`].
    sleepers: Mutex<BTreeMap<u64, DateTime<Utc>>>,
}

enum Mode {
    Running { since: Instant, origin: DateTime<Utc>, speed: f64 },
    Stepped,
}

impl Clock {
    /// Creates a clock that follows real time. Status transitions are `speed` times as fast: at 60, a transition of one
    /// minute takes one second. At 0, they do not end.
    ///
    /// # Panics
    /// Panics if the speed is not between 0 and 100,000.
    ///
    /// ```
    /// let clock = genesiscloud_sandbox::Clock::running(60.0);
    /// ```
    pub fn running(speed: f64) -> Self {
        assert!((0.0..=100_000.0).contains(&speed), "the speed of a clock must be between 0 and 100000, not {speed}");
        Self::of(Mode::Running { since: Instant::now(), origin: SystemTime::now().into(), speed })
    }

    /// Creates a clock that stands still at the start of June 2025 and moves only by [`advance`](Self::advance).
    ///
    /// ```
    /// let clock = genesiscloud_sandbox::Clock::stepped();
    /// assert_eq!(clock.now().to_rfc3339(), "2025-06-01T00:00:00+00:00");
    /// ```
    pub fn stepped() -> Self {
        Self::of(Mode::Stepped)
    }

    fn of(mode: Mode) -> Self {
        Self(Arc::new(Inner { mode, advanced: watch::Sender::new(TimeDelta::zero()), sleepers: Mutex::default() }))
    }

    /// Returns the time to the millisecond, as in the timestamps of the API.
    ///
    /// ```
    /// # let clock = genesiscloud_sandbox::Clock::stepped();
    /// println!("{}", clock.now());
    /// ```
    pub fn now(&self) -> DateTime<Utc> {
        self.http_time().trunc_subsecs(3)
    }

    /// Returns the time that the `Date` header shows, without rounding. That of a running clock is real time, plus what
    /// it was [advanced](Self::advance) by.
    ///
    /// ```
    /// # let clock = genesiscloud_sandbox::Clock::stepped();
    /// assert_eq!(clock.http_time(), clock.now());
    /// ```
    pub fn http_time(&self) -> DateTime<Utc> {
        let advanced = *self.0.advanced.borrow();
        match self.0.mode {
            Mode::Running { since, origin, .. } => origin + to_delta(since.elapsed()) + advanced,
            Mode::Stepped => START + advanced,
        }
    }

    /// Moves the time forward, and ends every delay that is over by then. At a speed of 60, an advance by a second also
    /// completes transitions of a minute.
    ///
    /// ```
    /// # let clock = genesiscloud_sandbox::Clock::stepped();
    /// clock.advance(std::time::Duration::from_secs(2));
    /// ```
    pub fn advance(&self, by: Duration) {
        self.0.advanced.send_modify(|advanced| *advanced = (*advanced + to_delta(by)).min(MAX_DURATION));
    }

    /// Returns how many times as fast as documented status transitions are.
    pub(crate) fn speed(&self) -> f64 {
        match self.0.mode {
            Mode::Running { speed, .. } => speed,
            Mode::Stepped => 1.0,
        }
    }

    /// Returns the remaining time of each response that [`Fault::Delay`] or [`Fault::SlowBody`] delays, the shortest
    /// first. A stepped clock must be advanced by the first of these for the next response, or part of one, to be sent.
    ///
    /// [`Fault::Delay`]: crate::Fault::Delay
    /// [`Fault::SlowBody`]: crate::Fault::SlowBody
    ///
    /// ```
    /// # let clock = genesiscloud_sandbox::Clock::stepped();
    /// if let Some(next) = clock.pending_delays().first() {
    ///     clock.advance(*next);
    /// }
    /// ```
    pub fn pending_delays(&self) -> Vec<Duration> {
        let now = self.http_time();
        let mut delays: Vec<_> = self.sleepers().values().filter_map(|end| (*end - now).to_std().ok()).collect();
        delays.retain(|delay| !delay.is_zero());
        delays.sort_unstable();
        delays
    }

    fn sleepers(&self) -> MutexGuard<'_, BTreeMap<u64, DateTime<Utc>>> {
        self.0.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until this much time has passed.
    pub(crate) async fn sleep(&self, duration: Duration) {
        let end = self.http_time() + to_delta(duration);
        let _sleeper = Sleeper::new(end, self);
        let mut advanced = self.0.advanced.subscribe();
        loop {
            let remaining = (end - self.http_time()).to_std().unwrap_or_default();
            if remaining.is_zero() {
                return;
            }
            match self.0.mode {
                // Wakes when the time has passed or the clock is advanced, whichever is first.
                Mode::Running { .. } => {
                    let _ = tokio::time::timeout(remaining, advanced.changed()).await;
                }
                Mode::Stepped => {
                    let _ = advanced.changed().await;
                }
            }
        }
    }
}

/// A call of [`Clock::sleep`], registered with the clock until it returns or is dropped.
struct Sleeper<'a> {
    clock: &'a Clock,
    number: u64,
}

impl<'a> Sleeper<'a> {
    fn new(end: DateTime<Utc>, clock: &'a Clock) -> Self {
        let mut sleepers = clock.sleepers();
        let number = sleepers.last_key_value().map_or(0, |(last, _)| last + 1);
        sleepers.insert(number, end);
        Self { clock, number }
    }
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        self.clock.sleepers().remove(&self.number);
    }
}

/// The most that a clock is advanced or waits for, which keeps dates within their range.
const MAX_DURATION: TimeDelta = TimeDelta::days(500 * 365);

fn to_delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(MAX_DURATION).min(MAX_DURATION)
}

const START: DateTime<Utc> = DateTime::from_timestamp(1_748_736_000, 0).expect("a time within range");

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.0.mode {
            Mode::Running { speed, .. } => format!("running, ×{speed}"),
            Mode::Stepped => "stepped".to_owned(),
        };
        f.debug_struct("Clock").field("now", &self.now().to_rfc3339()).field("kind", &mode).finish()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn a_stepped_clock_moves_only_when_it_is_advanced() {
        let clock = Clock::stepped();
        let (before, sleep) = (clock.now(), clock.sleep(2 * SECOND));
        let mut sleep = std::pin::pin!(sleep);
        assert!(sleep.as_mut().now_or_never().is_none());
        clock.advance(SECOND);
        assert!(sleep.as_mut().now_or_never().is_none());
        clock.clone().advance(SECOND);
        assert!(sleep.as_mut().now_or_never().is_some());
        assert_eq!((clock.now() - before, clock.http_time() - before), (TimeDelta::seconds(2), TimeDelta::seconds(2)));
    }

    #[tokio::test]
    async fn pending_delays_are_the_remaining_times_of_all_sleepers() {
        let clock = Clock::stepped();
        assert!(clock.pending_delays().is_empty());
        let (mut long, mut short) = (Box::pin(clock.sleep(5 * SECOND)), Box::pin(clock.sleep(2 * SECOND)));
        assert!(long.as_mut().now_or_never().is_none() && short.as_mut().now_or_never().is_none());
        assert_eq!(clock.pending_delays(), [2 * SECOND, 5 * SECOND]);
        clock.advance(2 * SECOND);
        assert_eq!(clock.pending_delays(), [3 * SECOND], "a delay that is over is not pending");
        drop((long, short));
        assert!(clock.pending_delays().is_empty());
    }

    #[tokio::test]
    async fn the_speed_of_a_running_clock_does_not_change_its_time() {
        let clock = Clock::running(1e5);
        let before: DateTime<Utc> = SystemTime::now().into();
        let now = clock.http_time();
        // The system clock may be set meanwhile, but not by a day.
        assert!((now - before).abs() < TimeDelta::days(1), "{now}, not {before}");
        assert_eq!((clock.speed(), Clock::stepped().speed()), (1e5, 1.0));
        let mut sleep = std::pin::pin!(clock.sleep(3600 * SECOND));
        assert!(sleep.as_mut().now_or_never().is_none());
        clock.advance(3600 * SECOND);
        assert!(sleep.as_mut().now_or_never().is_some());
    }

    #[test]
    fn an_advance_beyond_the_range_of_dates_does_not_panic() {
        let clock = Clock::stepped();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now().to_rfc3339(), "2525-01-31T00:00:00+00:00");
    }

    #[test]
    fn debug_prints_the_time_and_the_kind() {
        let expected = "Clock { now: \"2025-06-01T00:00:00+00:00\", kind: \"stepped\" }";
        assert_eq!(format!("{:?}", Clock::stepped()), expected);
    }
}
