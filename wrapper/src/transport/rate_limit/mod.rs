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
    /// Resolves when one request may be sent. A call waits for it until its deadline, if one is set.
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

    /// Takes a permit if there is one and no other future waits; or returns a place at the end of the queue.
    fn try_acquire_or_queue(&self) -> Option<Place<'_>> {
        let now = self.clock.now();
        let mut state = self.state();
        if state.queue.is_empty() && state.try_take(now).is_ok() {
            return None;
        }
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        Some(Place { limiter: self, ticket, wake: Arc::default() })
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
            let Some(place) = self.try_acquire_or_queue() else { return };
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
                // Exact for one that arrives; later at most that, since it is not counted who has left the queue between them.
                let before = (place.ticket - first).min(self.queue.len() as u64);
                let before = u32::try_from(before).unwrap_or(u32::MAX);
                let period = self.bucket.as_ref().map_or(Duration::ZERO, TokenBucket::period);
                let until_first = queued.due.saturating_duration_since(now);
                until_first.saturating_add(period.saturating_mul(before)).min(YEAR)
            }
            _ => match self.try_take(now) {
                Err(wait) => wait.min(YEAR),
                // It leaves the queue when it is dropped.
                Ok(()) => return Ok(()),
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

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let now = self.limiter.clock.now();
        self.limiter.state().leave(self.ticket, now);
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
