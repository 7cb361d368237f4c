//! What a limiter's futures and its thread share: the queue of those that wait, and the hold after a 429.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use genesiscloud::Clock;
use tokio::sync::{Notify, oneshot};

/// A permit that is not used within this time is void: several of them would be a burst that was not granted.
const UNUSED: Duration = Duration::from_millis(100);

/// The longest hold that one 429 can cause, as of `genesiscloud::RateLimiter`.
const MAX_HELD: Duration = Duration::from_secs(60 * 60);

#[derive(Debug)]
pub(super) struct Queue {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Futures that wait, in the order of their arrival. Each is sent when its permit was given.
    waiting: BTreeMap<u64, oneshot::Sender<Instant>>,
    next: u64,
    /// Until when no permit is given because of a 429.
    held_until: Option<Instant>,
    /// The same, while the store does not know of it.
    unreported: Option<Instant>,
    is_closed: bool,
}

impl Queue {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, state: Mutex::default(), changed: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place at the end.
    pub(super) fn enter(&self) -> Place<'_> {
        let mut state = self.state();
        let ticket = state.next;
        state.next += 1;
        drop(state);
        Place { queue: self, ticket, permit: self.wait_as(ticket) }
    }

    fn wait_as(&self, ticket: u64) -> oneshot::Receiver<Instant> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.state();
        if !state.is_closed {
            state.waiting.insert(ticket, sender);
        }
        drop(state);
        self.changed.notify_waiters();
        receiver
    }

    /// How many futures wait.
    pub(super) fn len(&self) -> usize {
        self.state().waiting.len()
    }

    /// Gives permits to the futures that have waited longest.
    pub(super) fn give(&self, permits: usize) {
        let now = self.clock.now();
        let mut state = self.state();
        let mut left = permits;
        while left > 0
            && let Some((_, waiting)) = state.waiting.pop_first()
        {
            left -= usize::from(waiting.send(now).is_ok());
        }
    }

    /// Gives no permits for some time.
    pub(super) fn hold(&self, time: Duration) {
        let until = self.clock.now() + time.min(MAX_HELD);
        let mut state = self.state();
        state.held_until = state.held_until.max(Some(until));
    }

    /// The same because of a 429, which is reported to the store.
    pub(super) fn on_throttled(&self, delay: Duration) {
        self.hold(delay);
        let until = self.clock.now() + delay.min(MAX_HELD);
        let mut state = self.state();
        state.unreported = state.unreported.max(Some(until));
        drop(state);
        self.changed.notify_waiters();
    }

    /// For how long no permit is given.
    pub(super) fn held_for(&self) -> Option<Duration> {
        let now = self.clock.now();
        let until = self.state().held_until?;
        until.checked_duration_since(now).filter(|time| !time.is_zero())
    }

    /// Ends what waits for the queue, which is not used any more.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        state.waiting.clear();
        drop(state);
        self.changed.notify_waiters();
    }

    pub(super) async fn until_waiting(&self) {
        self.until(|state| (!state.waiting.is_empty()).then_some(())).await;
    }

    pub(super) async fn until_closed(&self) {
        self.until(|state| state.is_closed.then_some(())).await;
    }

    /// Waits for a 429 of which the store does not know. Returns until when it holds.
    pub(super) async fn until_throttled(&self) -> Instant {
        self.until(|state| state.unreported.take()).await
    }

    async fn until<T>(&self, seen: impl Fn(&mut State) -> Option<T>) -> T {
        loop {
            let mut changed = pin!(self.changed.notified());
            // Before it looks, so that no change is missed.
            changed.as_mut().enable();
            if let Some(seen) = seen(&mut self.state()) {
                return seen;
            }
            changed.await;
        }
    }
}

/// A place in the queue, given up when dropped.
pub(super) struct Place<'a> {
    queue: &'a Queue,
    ticket: u64,
    permit: oneshot::Receiver<Instant>,
}

impl Place<'_> {
    /// Waits for a permit. One that comes while this is not polled is void, and another one is waited for at the same place.
    ///
    /// Returns whether there is one; there is none when the queue is closed.
    pub(super) async fn permit(&mut self) -> bool {
        while let Ok(given) = (&mut self.permit).await {
            if self.queue.clock.now().saturating_duration_since(given) <= UNUSED {
                return true;
            }
            self.permit = self.queue.wait_as(self.ticket);
        }
        false
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.queue.state().waiting.remove(&self.ticket);
        // A permit that it has not taken belongs to the next one.
        if self.permit.try_recv().is_ok() {
            self.queue.give(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use genesiscloud::SystemClock;

    use super::*;

    fn queue() -> Queue {
        Queue::new(Arc::new(SystemClock))
    }

    #[tokio::test(start_paused = true)]
    async fn permits_are_given_first_come_first_served_and_passed_on() {
        let queue = queue();
        let [mut first, second, mut third, mut fourth] = [(); 4].map(|()| queue.enter());
        queue.give(2);
        assert!(first.permit().now_or_never().unwrap() && third.permit().now_or_never().is_none());
        drop(second);
        assert!(third.permit().now_or_never().unwrap() && fourth.permit().now_or_never().is_none());
        drop(fourth);
        assert_eq!(queue.len(), 0);
        // To none that waits: it is lost.
        queue.give(1);
        assert!(queue.enter().permit().now_or_never().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_permit_that_was_not_used_is_void_and_the_place_is_kept() {
        let queue = queue();
        let (mut first, mut second) = (queue.enter(), queue.enter());
        queue.give(1);
        tokio::time::advance(UNUSED + Duration::from_millis(1)).await;
        assert!(first.permit().now_or_never().is_none());
        queue.give(1);
        assert!(second.permit().now_or_never().is_none() && first.permit().now_or_never().unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn a_429_holds_for_an_hour_at_most_and_is_reported_once() {
        let queue = queue();
        assert_eq!((queue.held_for(), queue.until_throttled().now_or_never()), (None, None));
        queue.on_throttled(Duration::from_secs(2));
        queue.on_throttled(Duration::from_secs(1));
        assert_eq!(queue.held_for(), Some(Duration::from_secs(2)));
        let until = queue.until_throttled().now_or_never();
        assert_eq!(until, Some(SystemClock.now() + Duration::from_secs(2)));
        assert_eq!(queue.until_throttled().now_or_never(), None);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(queue.held_for(), None);
        queue.on_throttled(Duration::MAX);
        assert_eq!(queue.held_for(), Some(MAX_HELD));
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_queue_keeps_none_waiting() {
        let queue = queue();
        let mut waiting = queue.enter();
        queue.close();
        assert_eq!(waiting.permit().now_or_never(), Some(false));
        assert_eq!(queue.enter().permit().now_or_never(), Some(false));
        assert_eq!(queue.until_closed().now_or_never(), Some(()));
    }
}
