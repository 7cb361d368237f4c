//! How many requests a client sends.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::future::select;
use tokio::sync::Notify;

use super::pace::{Pace, Rate, YEAR};
use crate::Clock;

/// The future of a place among the requests.
pub type Turn<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Says when a request may be sent. Every attempt of every call asks it: pages, polls and retries too.
///
/// A client has a [`RateLimiter`] unless [`ClientBuilder::limiter`](crate::ClientBuilder::limiter) sets another. Plug in
/// one of your own where many programs share an account, and with it the account's 10 requests a second.
///
/// ```
/// use std::time::Duration;
/// use genesiscloud::{Client, Limiter, Turn};
///
/// #[derive(Debug)]
/// struct Fleet; // … asks a service all programs share
///
/// impl Limiter for Fleet {
///     fn turn(&self) -> Turn<'_> { Box::pin(async { /* wait for a place */ }) }
///     fn hold(&self, _wait: Duration) { /* tell the others */ }
/// }
///
/// let client = Client::builder().token("secret").limiter(Fleet).build()?;
/// # Ok::<(), genesiscloud::Error>(())
/// ```
pub trait Limiter: fmt::Debug + Send + Sync + 'static {
    /// Resolves when one request may be sent. Dropped before, it must give its place back; left without being polled, it
    /// must not keep others from theirs. A call waits for it until its deadline. It cannot refuse: a limiter that cannot
    /// tell lets pass, or makes wait.
    fn turn(&self) -> Turn<'_>;

    /// The service has answered 429: no request is to be sent for this long. Called for every 429, also for several to
    /// one burst.
    fn hold(&self, wait: Duration);
}

/// Shared by several clients, it limits them together.
impl<T: Limiter + ?Sized> Limiter for Arc<T> {
    fn turn(&self) -> Turn<'_> {
        (**self).turn()
    }

    fn hold(&self, wait: Duration) {
        (**self).hold(wait);
    }
}

/// Keeps one process to a [`Rate`]: first come, first served, however many wait. A future that is dropped gives its place
/// back, and one that is not polled keeps the others no longer than if it had used its turn.
///
/// After a 429 nobody is served for as long as the service asks. Since the service has then accepted fewer requests at once
/// than were sent, half as many are sent at once from then on, down to one; twice as many again after ten minutes without
/// a 429, up to what was set.
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
    state: Mutex<State>,
}

/// Who has not looked again so long after it was to, is not being polled, and nobody waits for it.
const GRACE: Duration = Duration::from_millis(50);

#[derive(Debug)]
struct State {
    /// None is no limit.
    pace: Option<Pace>,
    held_until: Option<Instant>,
    /// Who waits, in the order of coming.
    queue: BTreeMap<u64, Waiter>,
    next_ticket: u64,
}

/// Someone who waits for a turn.
#[derive(Debug)]
struct Waiter {
    /// When it will look again.
    looks_at: Instant,
    /// To look at once: it is the first now.
    nudge: Arc<Notify>,
}

impl RateLimiter {
    /// One that keeps to this rate, by this clock.
    pub fn new(rate: Rate, clock: impl Clock) -> Self {
        Self::of(Some(rate), Arc::new(clock))
    }

    /// With no rate, one that only holds back after a 429.
    pub(crate) fn of(rate: Option<Rate>, clock: Arc<dyn Clock>) -> Self {
        let pace = rate.map(|rate| Pace::new(rate, clock.now()));
        let state = State { pace, held_until: None, queue: BTreeMap::new(), next_ticket: 0 };
        Self { clock, state: Mutex::new(state) }
    }

    fn try_turn(&self, place: &Place<'_>) -> Option<Duration> {
        let now = self.clock.now();
        self.state().try_turn(place, now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Limiter for RateLimiter {
    fn turn(&self) -> Turn<'_> {
        Box::pin(async {
            let place = Place::in_the_queue_of(self);
            // Everybody looks for themselves, so nobody depends on others being polled.
            while let Some(wait) = self.try_turn(&place) {
                let (nudge, time) = (pin!(place.nudge.notified()), self.clock.sleep(wait));
                select(nudge, time).await;
            }
        })
    }

    fn hold(&self, wait: Duration) {
        let now = self.clock.now();
        self.state().hold(wait, now);
    }
}

impl State {
    /// Takes the turn of who holds this place, if it has come; or says when to look again.
    fn try_turn(&mut self, place: &Place<'_>, now: Instant) -> Option<Duration> {
        while let Some(first) = self.queue.first_entry()
            && *first.key() < place.ticket
            && now.saturating_duration_since(first.get().looks_at) > GRACE
        {
            // It comes back to its place when it looks again.
            first.remove();
        }
        let wait = match self.queue.first_key_value() {
            Some((first, waiter)) if *first < place.ticket => {
                let before = u32::try_from(self.queue.range(..place.ticket).count()).unwrap_or(u32::MAX);
                let period = self.pace.as_ref().map_or(Duration::ZERO, |pace| pace.rate.period());
                let firsts = waiter.looks_at.saturating_duration_since(now);
                firsts.saturating_add(period.saturating_mul(before)).min(YEAR)
            }
            _ => match self.try_now(now) {
                Some(wait) => wait.min(YEAR),
                None => {
                    self.leave(place.ticket, now);
                    return None;
                }
            },
        };
        self.queue.insert(place.ticket, Waiter { looks_at: now + wait, nudge: Arc::clone(&place.nudge) });
        Some(wait)
    }

    /// How long until the next request may be sent; none if it is counted as sent now.
    fn try_now(&mut self, now: Instant) -> Option<Duration> {
        if let Some(until) = self.held_until {
            if until > now {
                return Some(until - now);
            }
            self.held_until = None;
            if let Some(pace) = &mut self.pace {
                // What was earned while nothing could be sent would be the same burst again.
                pace.spend_all(until);
            }
        }
        self.pace.as_mut()?.try_now(now)
    }

    /// Gives up a place. Who is the first then looks at once, and takes the turn or sees when it comes.
    fn leave(&mut self, ticket: u64, now: Instant) {
        let was_first = self.queue.first_key_value().is_none_or(|(first, _)| *first >= ticket);
        self.queue.remove(&ticket);
        if let Some(mut first) = self.queue.first_entry().filter(|_| was_first) {
            let waiter = first.get_mut();
            waiter.looks_at = waiter.looks_at.min(now);
            waiter.nudge.notify_one();
        }
    }

    fn hold(&mut self, wait: Duration, now: Instant) {
        if let Some(pace) = &mut self.pace {
            pace.learn(self.held_until.is_some_and(|until| until > now), now);
        }
        self.held_until = self.held_until.max(now.checked_add(wait.min(YEAR)));
    }
}

/// A place in the queue, given up when dropped.
struct Place<'a> {
    limiter: &'a RateLimiter,
    ticket: u64,
    nudge: Arc<Notify>,
}

impl<'a> Place<'a> {
    fn in_the_queue_of(limiter: &'a RateLimiter) -> Self {
        let mut state = limiter.state();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        Self { limiter, ticket, nudge: Arc::default() }
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

    use super::*;
    use crate::SystemClock;
    use crate::transport::pace::FORGET;

    const SECOND: Duration = Duration::from_secs(1);

    fn limiter(rate: impl Into<Option<Rate>>) -> RateLimiter {
        RateLimiter::of(rate.into(), Arc::new(SystemClock))
    }

    /// When each of so many turns came, in tenths of a second.
    async fn turns(limiter: &RateLimiter, count: u32) -> Vec<u128> {
        let start = SystemClock.now();
        let mut tenths = Vec::new();
        for _ in 0..count {
            limiter.turn().await;
            tenths.push((SystemClock.now() - start).as_millis() / 100);
        }
        tenths
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_and_then_so_many_a_second() {
        let limiter = limiter(Rate::per_second(10).with_burst(3));
        assert_eq!(turns(&limiter, 6).await, [0, 0, 0, 1, 2, 3]);
        tokio::time::sleep(60 * SECOND).await;
        assert_eq!(turns(&limiter, 5).await, [0, 0, 0, 1, 2]);
        assert_eq!(Rate::per_second(0).with_burst(0), Rate::per_second(1), "a rate of nothing is one");
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_waiting_are_served_in_the_order_they_came() {
        let (limiter, start) = (limiter(Rate::default()), SystemClock.now());
        let (limiter, served) = (&limiter, &AtomicU32::new(0));
        let order = join_all((0..1000).map(|_| async move {
            limiter.turn().await;
            served.fetch_add(1, Ordering::Relaxed)
        }));
        assert_eq!(order.await, (0..1000).collect::<Vec<_>>());
        // 9 at once, the others one after the other.
        let took = (SystemClock.now() - start).as_secs_f64();
        assert!((99.0..99.2).contains(&took), "{took} s");
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_waiting_gives_the_place_back() {
        let limiter = limiter(Rate::per_second(1));
        limiter.turn().await;
        let start = SystemClock.now();
        let mut first = limiter.turn();
        let mut second = limiter.turn();
        assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
        drop(first);
        second.await;
        assert_eq!((SystemClock.now() - start).as_secs(), 1, "the second took the place of the first");
    }

    #[tokio::test(start_paused = true)]
    async fn a_429_makes_all_wait_and_halves_the_burst_once() {
        let limiter = limiter(Rate::per_second(10).with_burst(8));
        assert_eq!(turns(&limiter, 8).await, [0; 8]);
        // Answers to the same burst.
        limiter.hold(2 * SECOND);
        limiter.hold(SECOND);
        limiter.hold(2 * SECOND);
        // Without another burst at the end of the wait.
        assert_eq!(turns(&limiter, 4).await, [21, 22, 23, 24]);
        tokio::time::sleep(60 * SECOND).await;
        assert_eq!(turns(&limiter, 6).await, [0, 0, 0, 0, 1, 2]);
        for _ in 0..9 {
            limiter.hold(SECOND);
            tokio::time::sleep(2 * SECOND).await;
        }
        limiter.turn().await;
        tokio::time::sleep(60 * SECOND).await;
        assert_eq!(turns(&limiter, 3).await, [0, 1, 2], "never less than one at a time");
    }

    #[tokio::test(start_paused = true)]
    async fn late_answers_to_one_burst_are_one_lesson() {
        let limiter = limiter(Rate::per_second(10).with_burst(8));
        turns(&limiter, 8).await;
        for _ in 0..8 {
            limiter.hold(SECOND / 100);
            tokio::time::sleep(SECOND / 10).await;
        }
        tokio::time::sleep(60 * SECOND).await;
        assert_eq!(turns(&limiter, 5).await, [0, 0, 0, 0, 1]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_learnt_is_forgotten_in_the_end() {
        let limiter = limiter(Rate::per_second(10).with_burst(8));
        for _ in 0..3 {
            limiter.hold(SECOND);
            tokio::time::sleep(2 * SECOND).await;
        }
        let bursts = async |limiter: &RateLimiter| {
            // The turn that finds the time passed begins with nothing earned.
            limiter.turn().await;
            tokio::time::sleep(2 * SECOND).await;
            turns(limiter, 10).await.into_iter().filter(|tenth| *tenth == 0).count()
        };
        let mut seen = vec![bursts(&limiter).await];
        for _ in 0..4 {
            tokio::time::sleep(FORGET).await;
            seen.push(bursts(&limiter).await);
        }
        assert_eq!(seen, [1, 2, 4, 8, 8]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_not_polled_keeps_nobody_from_a_turn() {
        let limiter = limiter(Rate::per_second(1));
        limiter.turn().await;
        let mut forgotten: Vec<_> = (0..3).map(|_| limiter.turn()).collect();
        for turn in &mut forgotten {
            assert!(turn.now_or_never().is_none());
        }
        let start = SystemClock.now();
        limiter.turn().await;
        assert_eq!((SystemClock.now() - start).as_secs(), 4, "after the three before it");
        // They come first when they are polled again, in their order, and at the rate.
        let (mut last, start) = (limiter.turn(), SystemClock.now());
        assert!((&mut last).now_or_never().is_none());
        for (turn, second) in forgotten.into_iter().zip(1..) {
            turn.await;
            assert_eq!((SystemClock.now() - start).as_secs(), second);
        }
        last.await;
        assert_eq!((SystemClock.now() - start).as_secs(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn those_behind_move_up_when_those_before_give_up() {
        let limiter = limiter(Rate::per_second(1));
        limiter.turn().await;
        let mut before: Vec<_> = (0..50).map(|_| limiter.turn()).collect();
        for turn in &mut before {
            assert!(turn.now_or_never().is_none());
        }
        let start = SystemClock.now();
        let (mut third, mut fourth) = (limiter.turn(), limiter.turn());
        assert!((&mut third).now_or_never().is_none() && (&mut fourth).now_or_never().is_none());
        drop(before);
        futures::future::join(third, fourth).await;
        assert_eq!((SystemClock.now() - start).as_secs(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn who_moves_up_and_is_not_polled_keeps_nobody_from_a_turn() {
        let limiter = limiter(Rate::per_second(1));
        limiter.turn().await;
        let mut waiting: Vec<_> = (0..50).map(|_| limiter.turn()).collect();
        for turn in &mut waiting {
            assert!(turn.now_or_never().is_none());
        }
        let forgotten = waiting.split_off(49);
        drop(waiting);
        let start = SystemClock.now();
        limiter.turn().await;
        assert_eq!((SystemClock.now() - start).as_millis(), 1000);
        drop(forgotten);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_rate_only_a_429_makes_anybody_wait() {
        let limiter = limiter(None);
        assert_eq!(turns(&limiter, 100).await, [0; 100]);
        limiter.hold(3 * SECOND);
        assert_eq!(turns(&limiter, 3).await, [30; 3]);
    }

    /// By a clock that goes on while it is looked at.
    #[tokio::test]
    async fn the_largest_numbers_do_no_harm() {
        for rate in [Rate::per_second(u32::MAX), Rate::every(Duration::ZERO), Rate::every(Duration::from_nanos(1))] {
            let limiter = limiter(rate.with_burst(u32::MAX));
            limiter.hold(Duration::ZERO);
            limiter.turn().await;
            limiter.hold(Duration::MAX);
            assert!(limiter.turn().now_or_never().is_none());
        }
        let slowest = limiter(Rate::every(Duration::MAX));
        slowest.turn().await;
        assert!(slowest.turn().now_or_never().is_none());
    }

    #[test]
    fn it_prints_its_rate() {
        let text = format!("{:?}", limiter(Rate::default()));
        assert!(text.contains("Rate { period: 100ms, burst: 9 }"), "{text}");
    }
}
