//! A model test of the rate limiter: futures arrive, are dropped and are delayed by 429s in random order, and each permit must
//! be given at the millisecond at which a simple model gives it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use tokio::task::JoinHandle;

use super::{Limiter, Rate, RateLimiter};
use crate::{Clock, SystemClock};

const PERIOD: u64 = 100;

/// The queue as it should be, millisecond by millisecond.
struct Model {
    now: u64,
    burst: u64,
    /// In hundredths.
    tokens: u64,
    throttled_until: u64,
    queue: VecDeque<u32>,
    /// When each future was given its permit.
    given: BTreeMap<u32, u64>,
}

impl Model {
    fn new(burst: u64) -> Self {
        let (queue, given) = (VecDeque::new(), BTreeMap::new());
        Self { now: 0, burst, tokens: burst * PERIOD, throttled_until: 0, queue, given }
    }

    fn give(&mut self) {
        while self.now >= self.throttled_until && self.tokens >= PERIOD {
            let Some(first) = self.queue.pop_front() else { return };
            self.tokens -= PERIOD;
            self.given.insert(first, self.now);
        }
    }

    fn advance(&mut self, milliseconds: u64) {
        for _ in 0..milliseconds {
            self.now += 1;
            let is_throttled = self.now <= self.throttled_until;
            self.tokens = if is_throttled { 0 } else { (self.tokens + 1).min(self.burst * PERIOD) };
            self.give();
        }
    }

    fn on_throttled(&mut self, delay: u64) {
        self.throttled_until = self.throttled_until.max(self.now + delay);
        self.tokens = 0;
    }
}

/// Runs random steps on model and limiter, and returns when each gave its permits.
async fn run(seed: u64) -> [BTreeMap<u32, u64>; 2] {
    let mut random = Rng::with_seed(seed);
    // A 429 halves the burst, which a burst of one does not show.
    let burst = random.u64(1..5);
    let mut model = Model::new(burst);
    let rate = Rate::every(Duration::from_millis(PERIOD)).with_burst(burst as u32);
    let limiter = Arc::new(RateLimiter::new(rate, SystemClock));
    let start = SystemClock.now();
    let given = Arc::new(Mutex::new(BTreeMap::new()));
    let mut tasks: BTreeMap<u32, JoinHandle<()>> = BTreeMap::new();
    for number in 0..300 {
        match random.u8(..10) {
            0..=4 => {
                let (limiter, given) = (Arc::clone(&limiter), Arc::clone(&given));
                let acquire = async move {
                    limiter.acquire().await;
                    given.lock().unwrap().insert(number, (SystemClock.now() - start).as_millis() as u64);
                };
                tasks.insert(number, tokio::spawn(acquire));
                model.queue.push_back(number);
                model.give();
            }
            5 | 6 if !model.queue.is_empty() => {
                let dropped = model.queue.remove(random.usize(..model.queue.len())).unwrap();
                tasks[&dropped].abort();
            }
            7 if burst == 1 && random.u8(..5) == 0 => {
                let delay = random.u64(1..2_000);
                limiter.on_throttled(Duration::from_millis(delay));
                model.on_throttled(delay);
            }
            _ => {
                let pause = random.u64(1..300);
                tokio::time::sleep(Duration::from_millis(pause)).await;
                model.advance(pause);
            }
        }
        // Lets the futures see what has happened.
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
    }
    while !model.queue.is_empty() {
        model.advance(1);
    }
    for task in tasks.into_values() {
        task.await.ok();
    }
    let given = given.lock().unwrap().clone();
    [model.given, given]
}

#[tokio::test(start_paused = true)]
async fn permits_are_given_as_by_a_simple_model() {
    let mut permits = 0;
    for seed in 0..200 {
        let [model, given] = run(seed).await;
        assert_eq!(model, given, "seed {seed}");
        permits += given.len();
    }
    assert!(permits > 15_000, "{permits}");
}
