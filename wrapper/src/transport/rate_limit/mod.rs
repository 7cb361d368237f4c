//! The rate limit: an attempt is sent when the client's [`Limiter`] gives it a permit.

mod rate;
mod token_bucket;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::future::select;
use tokio::sync::Notify;

pub use self::rate::Rate;
pub(super) use self::rate::YEAR;
use self::token_bucket::TokenBucket;
use crate::Clock;

/// The future that [`Limiter::acquire`] returns.
pub type Acquire<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Decides when a request may be sent. Every attempt of every call acquires a permit first: pages, polls and retries too.
///
/// A client has a [`RateLimiter`] unless [`ClientBuilder::limiter`](crate::ClientBuilder::limiter) sets another one. Set your
/// own where several programs share an account, and with it the account's 10 requests per second.
///
/// ```
/// use std::time::Duration;
/// use genesiscloud::{Acquire, Client, Limiter};
///
/// #[derive(Debug)]
/// struct FleetLimiter; // … asks a service that all programs share
///
/// impl Limiter for FleetLimiter {
///     fn acquire(&self) -> Acquire<'_> { Box::pin(async { /* wait for a permit */ }) }
///     fn on_throttled(&self, _delay: Duration) { /* inform the other programs */ }
/// }
///
/// let client = Client::builder().token("secret").limiter(FleetLimiter).build()?;
/// # Ok::<(), genesiscloud::Error>(())
/// ```
pub trait Limiter: fmt::Debug + Send + Sync + 'static {
    /// Resolves when one request may be sent. A call waits for it until its deadline.
    ///
    /// An implementation must give the permit back if the future is dropped before it resolves, and must not make others
    /// wait for a future that is not polled. It cannot fail: a limiter that cannot decide permits the request or waits.
    fn acquire(&self) -> Acquire<'_>;

    /// Called after each 429, also for several responses to one burst: no request may be sent for this long.
    fn on_throttled(&self, delay: Duration);

    /// Returns for how long no request may be sent because of a 429. A call that would have to wait longer than its deadline or
    /// its [`max_retry_after`](crate::RetryPolicy::max_retry_after) ends at once, as throttled. By default `None`: calls wait
    /// for their permit.
    fn throttled_for(&self) -> Option<Duration> {
        None
    }
}

/// Shared by several clients, it limits them together.
impl<T: Limiter + ?Sized> Limiter for Arc<T> {
    fn acquire(&self) -> Acquire<'_> {
        (**self).acquire()
    }

    fn on_throttled(&self, delay: Duration) {
        (**self).on_throttled(delay);
    }

    fn throttled_for(&self) -> Option<Duration> {
        (**self).throttled_for()
    }
}

/// Limits the requests of one process to a [`Rate`], first come, first served. A future that is dropped gives its permit
/// back, and one that is not polled delays the others no longer than if it had used its permit.
///
/// After a 429, no permit is given for as long as the service asks, an hour at most. Since the service has then accepted fewer requests at once
/// than were sent, the burst is halved, down to 1; it is doubled again after ten minutes without a 429, up to the configured
/// one.
///
/// ```
/// use std::sync::Arc;
/// use genesiscloud::{Client, Rate, RateLimiter, SystemClock};
///
/// // Two clients of one account.
/// let limiter = Arc::new(RateLimiter::new(Rate::default(), SystemClock));
/// let one = Client::builder().token("secret").limiter(Arc::clone(&limiter)).build()?;
/// let other = Client::builder().token("secret").limiter(limiter).build()?;
/// # Ok::<(), genesiscloud::Error>(())
/// ```
#[derive(Debug)]
pub struct RateLimiter {
    clock: Arc<dyn Clock>,
    state: Mutex<LimiterState>,
}

/// The longest time without requests that one 429 can cause: a gateway that asks for a year must not disable the client.
const MAX_THROTTLED: Duration = Duration::from_secs(60 * 60);

/// A queued future that has not been polled for this long after it was due is not being polled, and loses its place.
const POLL_GRACE: Duration = Duration::from_millis(50);

#[derive(Debug)]
struct LimiterState {
    /// `None` is no limit.
    bucket: Option<TokenBucket>,
    throttled_until: Option<Instant>,
    /// Waiting futures in the order of their arrival.
    queue: BTreeMap<u64, Queued>,
    next_ticket: u64,
}

/// A future that waits for a permit.
#[derive(Debug)]
struct Queued {
    /// When it checks again.
    due: Instant,
    /// Wakes it, since it is the first in the queue now.
    wake: Arc<Notify>,
}

impl RateLimiter {
    /// Returns a limiter of this rate, by this clock.
    pub fn new(rate: Rate, clock: impl Clock) -> Self {
        Self::from_parts(Some(rate), Arc::new(clock))
    }

    /// Without a rate, it only waits after a 429.
    pub(crate) fn from_parts(rate: Option<Rate>, clock: Arc<dyn Clock>) -> Self {
        let bucket = rate.map(|rate| TokenBucket::new(rate, clock.now()));
        let state = LimiterState { bucket, throttled_until: None, queue: BTreeMap::new(), next_ticket: 0 };
        Self { clock, state: Mutex::new(state) }
    }

    fn try_acquire(&self, place: &Place<'_>) -> Result<(), Duration> {
        let now = self.clock.now();
        self.state().try_acquire(place, now)
    }

    fn state(&self) -> MutexGuard<'_, LimiterState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Limiter for RateLimiter {
    fn acquire(&self) -> Acquire<'_> {
        Box::pin(async {
            let place = Place::at_the_end_of(self);
            // Each future checks for itself, so none depends on another one being polled.
            while let Err(wait) = self.try_acquire(&place) {
                let (wake, time) = (pin!(place.wake.notified()), self.clock.sleep(wait));
                select(wake, time).await;
            }
        })
    }

    fn on_throttled(&self, delay: Duration) {
        let now = self.clock.now();
        self.state().on_throttled(delay, now);
    }

    fn throttled_for(&self) -> Option<Duration> {
        let now = self.clock.now();
        let until = self.state().throttled_until?;
        until.checked_duration_since(now).filter(|time| !time.is_zero())
    }
}

/// Waits for a permit, for no longer than `timeout` if there is one.
pub(super) async fn acquire(limiter: &dyn Limiter, clock: &dyn Clock, timeout: Option<Duration>) {
    let permit = limiter.acquire();
    match timeout {
        None => permit.await,
        Some(time) => drop(select(permit, clock.timeout(time)).await),
    }
}

impl LimiterState {
    /// Takes the permit if this place is the first in the queue and there is one; or returns when to check again.
    fn try_acquire(&mut self, place: &Place<'_>, now: Instant) -> Result<(), Duration> {
        while let Some(first) = self.queue.first_entry()
            && *first.key() < place.ticket
            && now.saturating_duration_since(first.get().due) > POLL_GRACE
        {
            // It takes its place again when it is polled.
            first.remove();
        }
        let wait = match self.queue.first_key_value() {
            Some((first, queued)) if *first < place.ticket => {
                let before = u32::try_from(self.queue.range(..place.ticket).count()).unwrap_or(u32::MAX);
                let period = self.bucket.as_ref().map_or(Duration::ZERO, TokenBucket::period);
                let until_first = queued.due.saturating_duration_since(now);
                until_first.saturating_add(period.saturating_mul(before)).min(YEAR)
            }
            _ => match self.try_take(now) {
                Err(wait) => wait.min(YEAR),
                Ok(()) => {
                    self.leave(place.ticket, now);
                    return Ok(());
                }
            },
        };
        self.queue.insert(place.ticket, Queued { due: now + wait, wake: Arc::clone(&place.wake) });
        Err(wait)
    }

    /// Counts a request as sent now, or returns how long until one may be sent.
    fn try_take(&mut self, now: Instant) -> Result<(), Duration> {
        if let Some(until) = self.throttled_until {
            if until > now {
                return Err(until - now);
            }
            self.throttled_until = None;
            if let Some(bucket) = &mut self.bucket {
                // The tokens of a time in which nothing could be sent would be the same burst again.
                bucket.drain(until);
            }
        }
        self.bucket.as_mut().map_or(Ok(()), |bucket| bucket.try_take(now))
    }

    /// Gives up a place in the queue. The future that is the first then checks at once.
    fn leave(&mut self, ticket: u64, now: Instant) {
        let was_first = self.queue.first_key_value().is_none_or(|(first, _)| *first >= ticket);
        self.queue.remove(&ticket);
        if let Some(mut first) = self.queue.first_entry().filter(|_| was_first) {
            let queued = first.get_mut();
            queued.due = queued.due.min(now);
            queued.wake.notify_one();
        }
    }

    fn on_throttled(&mut self, delay: Duration, now: Instant) {
        let is_waiting = self.throttled_until.is_some_and(|until| until > now);
        if let Some(bucket) = &mut self.bucket {
            bucket.on_throttled(is_waiting, now);
        }
        self.throttled_until = self.throttled_until.max(now.checked_add(delay.min(MAX_THROTTLED)));
    }
}

/// A place in the queue, given up when dropped.
struct Place<'a> {
    limiter: &'a RateLimiter,
    ticket: u64,
    wake: Arc<Notify>,
}

impl<'a> Place<'a> {
    fn at_the_end_of(limiter: &'a RateLimiter) -> Self {
        let mut state = limiter.state();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        Self { limiter, ticket, wake: Arc::default() }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let now = self.limiter.clock.now();
        self.limiter.state().leave(self.ticket, now);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::FutureExt;
    use futures::future::join_all;

    use super::token_bucket::RECOVERY;
    use super::*;
    use crate::SystemClock;

    const SECOND: Duration = Duration::from_secs(1);

    fn limiter(rate: impl Into<Option<Rate>>) -> RateLimiter {
        RateLimiter::from_parts(rate.into(), Arc::new(SystemClock))
    }

    /// When each of this many permits was given, in tenths of a second.
    async fn permits(limiter: &RateLimiter, count: u32) -> Vec<u128> {
        let start = SystemClock.now();
        let mut tenths = Vec::new();
        for _ in 0..count {
            limiter.acquire().await;
            tenths.push((SystemClock.now() - start).as_millis() / 100);
        }
        tenths
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_permitted_and_then_the_average_rate() {
        let limiter = limiter(Rate::per_second(10).with_burst(3));
        assert_eq!(permits(&limiter, 6).await, [0, 0, 0, 1, 2, 3]);
        tokio::time::sleep(60 * SECOND).await;
        assert_eq!(permits(&limiter, 5).await, [0, 0, 0, 1, 2]);
        assert_eq!(Rate::per_second(0).with_burst(0), Rate::per_second(1), "a rate of zero is one");
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_waiting_futures_are_served_first_come_first_served() {
        let (limiter, start) = (limiter(Rate::default()), SystemClock.now());
        let (limiter, served) = (&limiter, &AtomicU32::new(0));
        let order = join_all((0..1000).map(|_| async move {
            limiter.acquire().await;
            served.fetch_add(1, Ordering::Relaxed)
        }));
        assert_eq!(order.await, (0..1000).collect::<Vec<_>>());
        // 9 at once, the others at the average rate.
        let took = (SystemClock.now() - start).as_secs_f64();
        assert!((99.0..99.2).contains(&took), "{took} s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_future_gives_its_place_back() {
        let limiter = limiter(Rate::per_second(1));
        limiter.acquire().await;
        let start = SystemClock.now();
        let mut first = limiter.acquire();
        let mut second = limiter.acquire();
        assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
        drop(first);
        second.await;
        assert_eq!((SystemClock.now() - start).as_secs(), 1, "the second took the place of the first");
    }

    #[tokio::test(start_paused = true)]
    async fn a_429_delays_all_and_halves_the_burst_once() {
        let limiter = limiter(Rate::per_second(10).with_burst(8));
        assert_eq!(permits(&limiter, 8).await, [0; 8]);
        // Responses to the same burst.
        limiter.on_throttled(2 * SECOND);
        limiter.on_throttled(SECOND);
        limiter.on_throttled(2 * SECOND);
        // Without another burst at the end of the delay.
        assert_eq!(permits(&limiter, 4).await, [21, 22, 23, 24]);
        tokio::time::sleep(60 * SECOND).await;
        assert_eq!(permits(&limiter, 6).await, [0, 0, 0, 0, 1, 2]);
        for _ in 0..9 {
            limiter.on_throttled(SECOND);
            tokio::time::sleep(2 * SECOND).await;
        }
        limiter.acquire().await;
        tokio::time::sleep(60 * SECOND).await;
        assert_eq!(permits(&limiter, 3).await, [0, 1, 2], "the burst is never less than one");
    }

    #[tokio::test(start_paused = true)]
    async fn late_429s_of_one_burst_halve_the_burst_once() {
        let limiter = limiter(Rate::per_second(10).with_burst(8));
        permits(&limiter, 8).await;
        for _ in 0..8 {
            limiter.on_throttled(SECOND / 100);
            tokio::time::sleep(SECOND / 10).await;
        }
        tokio::time::sleep(60 * SECOND).await;
        assert_eq!(permits(&limiter, 5).await, [0, 0, 0, 0, 1]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_burst_recovers_after_ten_minutes_without_a_429() {
        let limiter = limiter(Rate::per_second(10).with_burst(8));
        for _ in 0..3 {
            limiter.on_throttled(SECOND);
            tokio::time::sleep(2 * SECOND).await;
        }
        let bursts = async |limiter: &RateLimiter| {
            // The permit that finds the time passed begins with an empty bucket.
            limiter.acquire().await;
            tokio::time::sleep(2 * SECOND).await;
            permits(limiter, 10).await.into_iter().filter(|tenth| *tenth == 0).count()
        };
        let mut seen = vec![bursts(&limiter).await];
        for _ in 0..4 {
            tokio::time::sleep(RECOVERY).await;
            seen.push(bursts(&limiter).await);
        }
        assert_eq!(seen, [1, 2, 4, 8, 8]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_future_that_is_not_polled_does_not_block_the_queue() {
        let limiter = limiter(Rate::per_second(1));
        limiter.acquire().await;
        let mut unpolled: Vec<_> = (0..3).map(|_| limiter.acquire()).collect();
        for permit in &mut unpolled {
            assert!(permit.now_or_never().is_none());
        }
        let start = SystemClock.now();
        limiter.acquire().await;
        assert_eq!((SystemClock.now() - start).as_secs(), 4, "after the three before it");
        // When they are polled again, they are first, in their order, and at the rate.
        let (mut last, start) = (limiter.acquire(), SystemClock.now());
        assert!((&mut last).now_or_never().is_none());
        for (permit, second) in unpolled.into_iter().zip(1..) {
            permit.await;
            assert_eq!((SystemClock.now() - start).as_secs(), second);
        }
        last.await;
        assert_eq!((SystemClock.now() - start).as_secs(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn futures_move_up_when_those_before_them_are_dropped() {
        let limiter = limiter(Rate::per_second(1));
        limiter.acquire().await;
        let mut before: Vec<_> = (0..50).map(|_| limiter.acquire()).collect();
        for permit in &mut before {
            assert!(permit.now_or_never().is_none());
        }
        let start = SystemClock.now();
        let (mut third, mut fourth) = (limiter.acquire(), limiter.acquire());
        assert!((&mut third).now_or_never().is_none() && (&mut fourth).now_or_never().is_none());
        drop(before);
        futures::future::join(third, fourth).await;
        assert_eq!((SystemClock.now() - start).as_secs(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_future_that_moves_up_and_is_not_polled_does_not_block_the_queue() {
        let limiter = limiter(Rate::per_second(1));
        limiter.acquire().await;
        let mut waiting: Vec<_> = (0..50).map(|_| limiter.acquire()).collect();
        for permit in &mut waiting {
            assert!(permit.now_or_never().is_none());
        }
        let unpolled = waiting.split_off(49);
        drop(waiting);
        let start = SystemClock.now();
        limiter.acquire().await;
        assert_eq!((SystemClock.now() - start).as_millis(), 1000);
        drop(unpolled);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_rate_only_a_429_delays_requests() {
        let limiter = limiter(None);
        assert_eq!(permits(&limiter, 100).await, [0; 100]);
        limiter.on_throttled(3 * SECOND);
        assert_eq!(permits(&limiter, 3).await, [30; 3]);
    }

    /// With a clock that advances between readings.
    #[tokio::test]
    async fn extreme_rates_do_not_overflow() {
        for rate in [Rate::per_second(u32::MAX), Rate::every(Duration::ZERO), Rate::every(Duration::from_nanos(1))] {
            let limiter = limiter(rate.with_burst(u32::MAX));
            limiter.on_throttled(Duration::ZERO);
            limiter.acquire().await;
            limiter.on_throttled(Duration::MAX);
            assert!(limiter.acquire().now_or_never().is_none());
        }
        let slowest = limiter(Rate::every(Duration::MAX));
        slowest.acquire().await;
        assert!(slowest.acquire().now_or_never().is_none());
    }

    #[test]
    fn debug_shows_the_rate() {
        let text = format!("{:?}", limiter(Rate::default()));
        assert!(text.contains("Rate { period: 100ms, burst: 9 }"), "{text}");
    }
}
