//! Time, as a sandbox knows it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use tokio::sync::watch;

/// A sandbox's time. Clones share it.
///
/// A clock has two faces. [`now`](Self::now) is the time machines live in: it dates resources and takes them through
/// their lifecycles. [`wire`](Self::wire) is the time requests travel in: rate limits, `Retry-After` and delays keep to
/// it. On a running clock the first may go faster than the second; on a stepped one both stand still until
/// [`advance`](Self::advance).
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
    kind: Kind,
    /// What [`Clock::advance`] has added up to.
    advanced: watch::Sender<TimeDelta>,
    /// When what sleeps is to wake, by the order of falling asleep.
    sleeping: Mutex<BTreeMap<u64, DateTime<Utc>>>,
}

enum Kind {
    Running { since: Instant, origin: DateTime<Utc>, speed: f64 },
    Stepped,
}

impl Clock {
    /// Real time, in which machines live this many times as fast: at 60, what takes a minute takes a second.
    ///
    /// # Panics
    /// When the speed is not 0 to 100,000. Faster, a clock would run out of years within a day.
    ///
    /// ```
    /// let clock = genesiscloud_sandbox::Clock::running(60.0);
    /// ```
    pub fn running(speed: f64) -> Self {
        assert!((0.0..=100_000.0).contains(&speed), "the speed of a clock is 0 to 100000, not {speed}");
        Self::of(Kind::Running { since: Instant::now(), origin: SystemTime::now().into(), speed })
    }

    /// A time that stands still at the start of June 2025 until it is advanced by hand.
    ///
    /// ```
    /// let clock = genesiscloud_sandbox::Clock::stepped();
    /// assert_eq!(clock.now().to_rfc3339(), "2025-06-01T00:00:00+00:00");
    /// ```
    pub fn stepped() -> Self {
        Self::of(Kind::Stepped)
    }

    fn of(kind: Kind) -> Self {
        Self(Arc::new(Inner { kind, advanced: watch::Sender::new(TimeDelta::zero()), sleeping: Mutex::default() }))
    }

    /// The time machines live in, to the millisecond, as the API dates things.
    ///
    /// ```
    /// # let clock = genesiscloud_sandbox::Clock::stepped();
    /// println!("{}", clock.now());
    /// ```
    pub fn now(&self) -> DateTime<Utc> {
        let now = match self.0.kind {
            Kind::Running { since, origin, speed } => {
                let lived = Duration::try_from_secs_f64(since.elapsed().as_secs_f64() * speed);
                origin + bounded(lived.unwrap_or(Duration::MAX)) + *self.0.advanced.borrow()
            }
            Kind::Stepped => self.wire(),
        };
        now.trunc_subsecs(3)
    }

    /// The time requests travel in.
    ///
    /// ```
    /// # let clock = genesiscloud_sandbox::Clock::stepped();
    /// assert_eq!(clock.wire(), clock.now());
    /// ```
    pub fn wire(&self) -> DateTime<Utc> {
        let advanced = *self.0.advanced.borrow();
        match self.0.kind {
            Kind::Running { since, origin, .. } => origin + bounded(since.elapsed()) + advanced,
            Kind::Stepped => START + advanced,
        }
    }

    /// Takes both times ahead, and wakes what waited for the time passed over.
    ///
    /// ```
    /// # let clock = genesiscloud_sandbox::Clock::stepped();
    /// clock.advance(std::time::Duration::from_secs(2));
    /// ```
    pub fn advance(&self, by: Duration) {
        self.0.advanced.send_modify(|advanced| *advanced = (*advanced + bounded(by)).min(CENTURIES));
    }

    /// How long each answer that is held back has still to wait, the soonest first: what [`Fault::Delay`] and
    /// [`Fault::SlowBody`] do. On a stepped clock, so far it has to be advanced for something to happen.
    ///
    /// [`Fault::Delay`]: crate::Fault::Delay
    /// [`Fault::SlowBody`]: crate::Fault::SlowBody
    ///
    /// ```
    /// # let clock = genesiscloud_sandbox::Clock::stepped();
    /// if let Some(next) = clock.waiting().first() {
    ///     clock.advance(*next);
    /// }
    /// ```
    pub fn waiting(&self) -> Vec<Duration> {
        let now = self.wire();
        let mut waiting: Vec<_> = self.sleeping().values().filter_map(|end| (*end - now).to_std().ok()).collect();
        waiting.retain(|wait| !wait.is_zero());
        waiting.sort_unstable();
        waiting
    }

    fn sleeping(&self) -> MutexGuard<'_, BTreeMap<u64, DateTime<Utc>>> {
        self.0.sleeping.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns once this much time has passed on the wire.
    pub(crate) async fn sleep(&self, duration: Duration) {
        let end = self.wire() + bounded(duration);
        let _sleeper = Sleeper::until(end, self);
        let mut advanced = self.0.advanced.subscribe();
        loop {
            let left = (end - self.wire()).to_std().unwrap_or_default();
            if left.is_zero() {
                return;
            }
            match self.0.kind {
                // Whichever comes first: the time passes, or somebody advances it.
                Kind::Running { .. } => {
                    let _ = tokio::time::timeout(left, advanced.changed()).await;
                }
                Kind::Stepped => {
                    let _ = advanced.changed().await;
                }
            }
        }
    }
}

/// Something that sleeps, known to the clock until it wakes or is forgotten.
struct Sleeper<'a> {
    clock: &'a Clock,
    number: u64,
}

impl<'a> Sleeper<'a> {
    fn until(end: DateTime<Utc>, clock: &'a Clock) -> Self {
        let mut sleeping = clock.sleeping();
        let number = sleeping.last_key_value().map_or(0, |(last, _)| last + 1);
        sleeping.insert(number, end);
        Self { clock, number }
    }
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        self.clock.sleeping().remove(&self.number);
    }
}

/// More than anybody waits for, and few enough for dates to stay within range.
const CENTURIES: TimeDelta = TimeDelta::days(500 * 365);

fn bounded(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(CENTURIES).min(CENTURIES)
}

const START: DateTime<Utc> = DateTime::from_timestamp(1_748_736_000, 0).expect("a time within range");

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.0.kind {
            Kind::Running { speed, .. } => format!("running, ×{speed}"),
            Kind::Stepped => "stepped".to_owned(),
        };
        f.debug_struct("Clock").field("now", &self.now().to_rfc3339()).field("kind", &kind).finish()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn a_stepped_clock_moves_by_hand_only() {
        let clock = Clock::stepped();
        let (before, sleep) = (clock.now(), clock.sleep(2 * SECOND));
        let mut sleep = std::pin::pin!(sleep);
        assert!(sleep.as_mut().now_or_never().is_none());
        clock.advance(SECOND);
        assert!(sleep.as_mut().now_or_never().is_none());
        clock.clone().advance(SECOND);
        assert!(sleep.as_mut().now_or_never().is_some());
        assert_eq!((clock.now() - before, clock.wire() - before), (TimeDelta::seconds(2), TimeDelta::seconds(2)));
    }

    #[tokio::test]
    async fn it_tells_how_long_what_waits_has_to_wait() {
        let clock = Clock::stepped();
        assert!(clock.waiting().is_empty());
        let (mut long, mut short) = (Box::pin(clock.sleep(5 * SECOND)), Box::pin(clock.sleep(2 * SECOND)));
        assert!(long.as_mut().now_or_never().is_none() && short.as_mut().now_or_never().is_none());
        assert_eq!(clock.waiting(), [2 * SECOND, 5 * SECOND]);
        clock.advance(2 * SECOND);
        assert_eq!(clock.waiting(), [3 * SECOND], "what is due waits no more");
        drop((long, short));
        assert!(clock.waiting().is_empty());
    }

    #[tokio::test]
    async fn a_running_clock_lives_faster_than_the_wire_and_can_be_advanced() {
        let clock = Clock::running(1e5);
        // In this order, so that what passes between two readings can only help.
        let (lived, wire) = (clock.now(), clock.wire());
        while clock.now() - lived < TimeDelta::seconds(10) {}
        let passed = clock.wire() - wire;
        assert!((clock.now() - lived) > passed * 2, "{passed}");
        let mut sleep = std::pin::pin!(clock.sleep(3600 * SECOND));
        assert!(sleep.as_mut().now_or_never().is_none());
        clock.advance(3600 * SECOND);
        assert!(sleep.as_mut().now_or_never().is_some());
    }

    #[test]
    fn what_is_too_long_does_not_panic() {
        let clock = Clock::stepped();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now().to_rfc3339(), "2525-01-31T00:00:00+00:00");
    }

    #[test]
    fn it_prints_its_time_and_kind() {
        let expected = "Clock { now: \"2025-06-01T00:00:00+00:00\", kind: \"stepped\" }";
        assert_eq!(format!("{:?}", Clock::stepped()), expected);
    }
}
