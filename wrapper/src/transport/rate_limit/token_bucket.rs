//! A token bucket that adapts its burst to 429 responses.

use std::time::{Duration, Instant};

use super::rate::Rate;

/// Responses to the requests of one burst arrive one after the other; a 429 this soon after another one belongs to the same
/// burst.
const SAME_BURST: Duration = Duration::from_secs(1);
/// After this long without a 429, a larger burst is tried again.
pub(super) const RECOVERY: Duration = Duration::from_secs(600);

/// Holds up to `burst` tokens, one more each period; a request takes one.
///
/// A 429 in spite of that means that the service accepts fewer requests at once: the burst is halved, down to 1, and doubled
/// after [`RECOVERY`], up to the configured one.
#[derive(Debug)]
pub(super) struct TokenBucket {
    configured: Rate,
    /// The configured rate with the burst in force.
    rate: Rate,
    /// When the bucket will be full if no token is taken until then. It determines how many tokens there are.
    full_at: Instant,
    last_throttled: Option<Instant>,
}

impl TokenBucket {
    pub(super) fn new(rate: Rate, now: Instant) -> Self {
        Self { configured: rate, rate, full_at: now, last_throttled: None }
    }

    pub(super) fn period(&self) -> Duration {
        self.rate.period()
    }

    /// Takes a token, or returns how long until there is one.
    pub(super) fn try_take(&mut self, now: Instant) -> Result<(), Duration> {
        self.recover(now);
        let full_at = self.full_at.max(now);
        let available_at = full_at.checked_sub(self.rate.period() * (self.rate.burst() - 1)).unwrap_or(now);
        if available_at > now {
            return Err(available_at - now);
        }
        self.full_at = full_at + self.rate.period();
        Ok(())
    }

    /// Takes all tokens, so that the next one comes a period later.
    pub(super) fn drain(&mut self, now: Instant) {
        self.full_at = now + self.rate.period() * self.rate.burst();
    }

    /// Adapts to a 429. `is_waiting` is whether requests are held back already because of another one.
    pub(super) fn on_throttled(&mut self, is_waiting: bool, now: Instant) {
        if !is_waiting && !self.was_throttled_within(SAME_BURST, now) {
            self.set_burst(self.rate.burst() / 2, now);
        }
        self.last_throttled = Some(now);
    }

    fn recover(&mut self, now: Instant) {
        if self.last_throttled.is_none() || self.was_throttled_within(RECOVERY, now) {
            return;
        }
        let burst = self.rate.burst().saturating_mul(2).min(self.configured.burst());
        self.last_throttled = (burst < self.configured.burst()).then_some(now);
        self.set_burst(burst, now);
    }

    fn was_throttled_within(&self, time: Duration, now: Instant) -> bool {
        self.last_throttled.is_some_and(|then| now.saturating_duration_since(then) < time)
    }

    /// Sets the burst. The larger bucket starts empty: a burst has to be earned first.
    fn set_burst(&mut self, burst: u32, now: Instant) {
        self.rate = self.rate.with_burst(burst);
        self.drain(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_millis(100);

    fn take(bucket: &mut TokenBucket, now: Instant) -> usize {
        std::iter::from_fn(|| bucket.try_take(now).ok()).take(100).count()
    }

    #[test]
    fn tokens_come_one_a_period_up_to_the_burst() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(Rate::every(PERIOD).with_burst(3), start);
        assert_eq!(take(&mut bucket, start), 3);
        assert_eq!(bucket.try_take(start), Err(PERIOD));
        assert_eq!(bucket.try_take(start + PERIOD / 4), Err(3 * PERIOD / 4));
        assert_eq!(take(&mut bucket, start + 2 * PERIOD), 2);
        assert_eq!(take(&mut bucket, start + 100 * PERIOD), 3);
        bucket.drain(start + 200 * PERIOD);
        assert_eq!(bucket.try_take(start + 200 * PERIOD), Err(PERIOD));
    }

    #[test]
    fn a_429_halves_the_burst_and_quiet_time_doubles_it_again() {
        let mut now = Instant::now();
        let mut bucket = TokenBucket::new(Rate::every(PERIOD).with_burst(8), now);
        bucket.on_throttled(false, now);
        bucket.on_throttled(false, now + SAME_BURST / 2);
        bucket.on_throttled(true, now + 2 * SAME_BURST);
        now += 100 * PERIOD;
        assert_eq!(take(&mut bucket, now), 4, "the three belong to one burst");
        now += RECOVERY;
        assert_eq!(bucket.try_take(now), Err(PERIOD), "a larger burst has to be earned");
        now += RECOVERY / 2;
        assert_eq!(take(&mut bucket, now), 8);
    }
}
