//! The thread of a limiter: reserves slots in the store and gives their permits, or goes by the process's share while the store
//! does not answer.

use std::cell::Cell;
use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::select;
use genesiscloud::Rate;

use super::queue::Queue;
use crate::random::random;
use crate::store::{Access, Store};

/// How long after an error the store is asked again.
const RETRY: Duration = Duration::from_millis(100);

pub(super) struct Driver {
    queue: Arc<Queue>,
    store: Store,
    access: Access,
    rate: Rate,
    share: Rate,
    /// When a permit was given last.
    last: Cell<Option<Instant>>,
}

/// A slot that is reserved, in the future.
struct Reserved {
    epoch: String,
    at: Instant,
}

/// What the store answers to a reservation.
struct Answer {
    epoch: String,
    held: Duration,
    /// How many slots are granted now.
    free: usize,
    /// Until the one that is reserved, zero for none.
    wait: Duration,
}

impl Driver {
    pub(super) fn new(queue: Arc<Queue>, access: Access, rate: Rate, share: Rate) -> Self {
        let store = Store::new(access.clone(), "rate", include_str!("limiter.lua"));
        Self { queue, store, access, rate, share, last: Cell::new(None) }
    }

    /// Gives permits until the queue is closed.
    pub(super) async fn run(self) {
        let (permits, reports) = (pin!(self.permits()), pin!(self.reports()));
        select(select(permits, reports), pin!(self.queue.until_closed())).await;
    }

    /// One slot is reserved at a time, so that processes take turns however many futures wait in each. When it comes, the store
    /// is asked whether it is void because of a 429, and with that for the next one.
    async fn permits(&self) -> Infallible {
        let mut reserved: Option<Reserved> = None;
        loop {
            match &reserved {
                Some(slot) => self.sleep_until(slot.at).await,
                None => self.queue.until_waiting().await,
            }
            self.until_not_held().await;
            let wanted = self.queue.len().saturating_sub(usize::from(reserved.is_some()));
            match self.reserve(wanted, false).await {
                Ok(answer) => {
                    let is_due = reserved.is_some_and(|slot| slot.epoch == answer.epoch);
                    self.give(usize::from(is_due) + answer.free);
                    self.queue.hold(answer.held);
                    let at = self.now() + answer.wait;
                    reserved = (!answer.wait.is_zero()).then_some(Reserved { epoch: answer.epoch, at });
                }
                Err(error) => {
                    self.give(usize::from(reserved.take().is_some()));
                    self.go_by_share(error).await;
                }
            }
        }
    }

    async fn reserve(&self, wanted: usize, is_back: bool) -> io::Result<Answer> {
        // Within this time, others that come back will have asked as well.
        let pause = if is_back { RETRY + self.access.timeout } else { Duration::ZERO };
        let answer = self.store.run(&self.arguments("reserve", &[wanted.to_string(), micros(pause)])).await;
        let (epoch, held, free, wait): (String, u64, usize, u64) = answer?;
        Ok(Answer { epoch, held: Duration::from_micros(held), free, wait: Duration::from_micros(wait) })
    }

    fn arguments(&self, work: &str, more: &[String]) -> Vec<String> {
        [&[work.to_owned(), micros(self.rate.period()), self.rate.burst().to_string()], more].concat()
    }

    /// Tells the store of 429s.
    async fn reports(&self) -> Infallible {
        loop {
            let until = self.queue.until_throttled().await;
            loop {
                let delay = until.saturating_duration_since(self.now());
                let reported: io::Result<String> = self.store.run(&self.arguments("throttle", &[micros(delay)])).await;
                if reported.is_ok() || delay.is_zero() {
                    break;
                }
                self.access.clock.sleep(RETRY).await;
            }
        }
    }

    /// Gives permits by this process's share until the store answers.
    async fn go_by_share(&self, error: io::Error) {
        let (account, period) = (&*self.access.account, self.share.period());
        tracing::warn!(account, %error, ?period, "the store of the rate limit is away: this process goes by its share");
        select(pin!(self.until_back()), pin!(self.shares())).await;
        tracing::info!(account, "the store of the rate limit is back");
    }

    async fn until_back(&self) {
        loop {
            self.access.clock.sleep(RETRY).await;
            self.queue.until_waiting().await;
            if self.reserve(0, true).await.is_ok() {
                return;
            }
        }
    }

    async fn shares(&self) -> Infallible {
        loop {
            self.queue.until_waiting().await;
            self.sleep_until(next_share(self.last.get(), self.share.period(), self.now())).await;
            self.until_not_held().await;
            self.give(1);
        }
    }

    fn give(&self, permits: usize) {
        if permits > 0 {
            self.last.set(Some(self.now()));
            self.queue.give(permits);
        }
    }

    async fn until_not_held(&self) {
        while let Some(time) = self.queue.held_for() {
            self.access.clock.sleep(time).await;
        }
    }

    async fn sleep_until(&self, at: Instant) {
        self.access.clock.sleep(at.saturating_duration_since(self.now())).await;
    }

    fn now(&self) -> Instant {
        self.access.clock.now()
    }
}

/// When a process that goes by its share sends its next request. Processes that have had their slots one after the other keep
/// their distance; those that were idle take one at random.
fn next_share(last: Option<Instant>, period: Duration, now: Instant) -> Instant {
    match last.map(|last| last + period) {
        Some(next) if next + period > now => next.max(now),
        _ => now + period.mul_f64(random() as f64 / u64::MAX as f64),
    }
}

fn micros(time: Duration) -> String {
    time.as_micros().max(u128::from(!time.is_zero())).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_keep_the_distance_of_slots_and_idle_processes_differ() {
        let (start, period) = (Instant::now(), Duration::from_secs(2));
        let next = |passed: u64| next_share(Some(start), period, start + Duration::from_millis(passed)) - start;
        assert_eq!([next(0), next(1_500), next(2_010)].map(|it| it.as_millis()), [2_000, 2_000, 2_010]);
        let idle: std::collections::BTreeSet<_> = (0..100).map(|_| next(60_000)).collect();
        assert!(idle.len() > 90 && idle.iter().all(|next| (60..=62).contains(&next.as_secs())), "{idle:?}");
        let new = next_share(None, period, start);
        assert!(new >= start && new <= start + period);
    }

    #[test]
    fn the_shortest_period_is_not_none() {
        assert_eq!(
            [Duration::ZERO, Duration::from_nanos(1), Duration::from_secs(2)].map(micros),
            ["0", "1", "2000000"]
        );
    }
}
