//! Tests of the rate limiter.

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

#[tokio::test(start_paused = true)]
async fn a_permit_that_is_due_is_not_taken_by_a_future_that_arrives() {
    let limiter = limiter(Rate::per_second(1));
    limiter.acquire().await;
    let mut first = limiter.acquire();
    assert!((&mut first).now_or_never().is_none());
    tokio::time::advance(SECOND).await;
    assert!(limiter.acquire().now_or_never().is_none(), "the first has not been polled since it was due");
    assert!(first.now_or_never().is_some());
}

/// The clock of the system, with the number of times that it was read.
#[derive(Debug, Default)]
struct CountingClock(AtomicU32);

impl Clock for CountingClock {
    fn now(&self) -> Instant {
        self.0.fetch_add(1, Ordering::Relaxed);
        SystemClock.now()
    }

    fn system_time(&self) -> std::time::SystemTime {
        SystemClock.system_time()
    }

    fn sleep(&self, duration: Duration) -> crate::Sleep {
        SystemClock.sleep(duration)
    }

    fn timeout(&self, duration: Duration) -> crate::Sleep {
        SystemClock.timeout(duration)
    }
}

/// Each check of a waiting future reads the clock.
#[tokio::test(start_paused = true)]
async fn a_permit_costs_the_same_number_of_checks_however_many_futures_wait() {
    for waiting in [100, 1_000, 5_000] {
        let clock = Arc::new(CountingClock::default());
        let limiter = RateLimiter::from_parts(Some(Rate::default()), Arc::clone(&clock) as Arc<dyn Clock>);
        join_all((0..waiting).map(|_| limiter.acquire())).await;
        let checks = f64::from(clock.0.load(Ordering::Relaxed)) / f64::from(waiting);
        assert!((4.0..5.5).contains(&checks), "{waiting} waiting: {checks} checks each");
    }
    let clock = Arc::new(CountingClock::default());
    let limiter = RateLimiter::from_parts(Some(Rate::default()), Arc::clone(&clock) as Arc<dyn Clock>);
    join_all((0..9).map(|_| limiter.acquire())).await;
    assert_eq!(clock.0.load(Ordering::Relaxed), 1 + 9, "a permit that is there costs one check");
}
