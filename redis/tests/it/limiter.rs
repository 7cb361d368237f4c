//! The limiter. The server's clock is real, so bounds of time are wide, and what can be counted is.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use futures::FutureExt;
use futures::future::join_all;
use genesiscloud::{Limiter, Rate};
use genesiscloud_redis::RedisLimiter;

use crate::events;
use crate::server::Server;
use crate::store::Store;

const MS: Duration = Duration::from_millis(1);

fn rate() -> Rate {
    Rate::per_second(100).with_burst(9)
}

fn limiter(store: &Store) -> RedisLimiter {
    RedisLimiter::builder(&store.url, &store.account).unwrap().rate(rate()).build().unwrap()
}

/// Takes this many permits, and returns when.
async fn permits(limiter: &RedisLimiter, count: usize) -> Vec<Instant> {
    join_all((0..count).map(|_| async {
        limiter.acquire().await;
        Instant::now()
    }))
    .await
}

/// The most permits beyond the rate that were taken within any time.
fn excess(mut taken: Vec<Instant>, period: Duration) -> f64 {
    taken.sort();
    let beyond = |(first, start): (usize, &Instant)| {
        let after = taken[first..].iter().enumerate();
        after
            .map(|(count, end)| (count + 1) as f64 - end.duration_since(*start).div_duration_f64(period))
            .fold(0.0, f64::max)
    };
    taken.iter().enumerate().map(beyond).fold(0.0, f64::max)
}

#[tokio::test(flavor = "multi_thread")]
async fn five_limiters_share_one_rate() {
    let Some(store) = Store::start() else { return };
    let limiters: Vec<_> = (0..5).map(|_| limiter(&store)).collect();
    let start = Instant::now();
    let taken = join_all(limiters.iter().map(|limiter| permits(limiter, 40))).await.concat();
    let took = start.elapsed();
    // 200 at 100 per second, without a burst at first.
    assert!((Duration::from_millis(1_900)..Duration::from_secs(10)).contains(&took), "{took:?}");
    // A permit is used 100 ms after its slot at the latest.
    let excess = excess(taken, 10 * MS);
    assert!(excess < 9.0 + 10.0, "{excess}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_granted_after_idle_time() {
    let Some(store) = Store::start() else { return };
    let limiter = limiter(&store);
    limiter.acquire().await;
    tokio::time::sleep(200 * MS).await;
    permits(&limiter, 9).await;
    let full_at: f64 = store.send("HGET", "rate", &["full_at"]);
    let seen_at: f64 = store.send("HGET", "rate", &["seen_at"]);
    assert!(full_at - seen_at > 60_000.0, "the bucket of 9 was emptied at once: full in {} µs", full_at - seen_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_take_turns() {
    let Some(store) = Store::start() else { return };
    let (busy, other) = (limiter(&store), limiter(&store));
    let sent = AtomicUsize::new(0);
    let many = join_all((0..60).map(|_| async {
        busy.acquire().await;
        sent.fetch_add(1, Ordering::SeqCst);
    }));
    let few = async {
        while sent.load(Ordering::SeqCst) < 5 {
            tokio::time::sleep(MS).await;
        }
        let before = sent.load(Ordering::SeqCst);
        for _ in 0..5 {
            other.acquire().await;
        }
        sent.load(Ordering::SeqCst) - before
    };
    let (_, meanwhile) = futures::future::join(many, few).await;
    assert!(meanwhile < 40, "{meanwhile} of the busy process before 5 of the other one");
}

#[tokio::test(flavor = "multi_thread")]
async fn first_come_is_first_served_and_a_dropped_future_gives_up_its_place() {
    let Some(store) = Store::start() else { return };
    let limiter = limiter(&store);
    let order = std::sync::Mutex::new(vec![]);
    let mut dropped: Vec<_> = (0..1_000).map(|_| limiter.acquire()).collect();
    for future in &mut dropped {
        assert!(future.now_or_never().is_none());
    }
    let start = Instant::now();
    let kept = join_all((0..20).map(|number| {
        let (limiter, order) = (&limiter, &order);
        async move {
            limiter.acquire().await;
            order.lock().unwrap().push(number);
        }
    }));
    let drop_them = async { drop(dropped) };
    futures::future::join(kept, drop_them).await;
    assert_eq!(order.into_inner().unwrap(), (0..20).collect::<Vec<_>>());
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}, where the 1,000 would take 10 s", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_future_that_is_not_polled_holds_up_none() {
    let Some(store) = Store::start() else { return };
    let limiter = limiter(&store);
    let mut unpolled = limiter.acquire();
    assert!((&mut unpolled).now_or_never().is_none());
    permits(&limiter, 30).await;
    // Its own permit is void by now.
    assert!((&mut unpolled).now_or_never().is_none());
    unpolled.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_429_all_processes_stop() {
    let Some(store) = Store::start() else { return };
    let limiters: Vec<_> = (0..5).map(|_| limiter(&store)).collect();
    let held = AtomicUsize::new(0);
    // All are connected.
    join_all(limiters.iter().map(|limiter| permits(limiter, 1))).await;
    let work = join_all(limiters.iter().map(|limiter| permits(limiter, 40)));
    let throttled = async {
        tokio::time::sleep(100 * MS).await;
        limiters[0].on_throttled(1_000 * MS);
        Instant::now()
    };
    let (taken, throttled_at) = futures::future::join(work, throttled).await;
    for one in taken.concat() {
        // Some may be on their way to a future for the first moments.
        if one > throttled_at + 100 * MS && one < throttled_at + 1_000 * MS {
            held.fetch_add(1, Ordering::SeqCst);
        }
    }
    assert_eq!(held.load(Ordering::SeqCst), 0, "permits were given while the service asked for none");
    assert_eq!(store.send::<String>("HGET", "rate", &["burst"]), "4");
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_that_were_reserved_before_a_429_are_void() {
    let Some(store) = Store::start() else { return };
    let period = 300 * MS;
    let builder = || RedisLimiter::builder(&store.url, &store.account).unwrap().rate(Rate::every(period));
    let limiters: Vec<_> = (0..3).map(|_| builder().build().unwrap()).collect();
    let throttled = async {
        limiters[0].acquire().await;
        limiters[0].on_throttled(200 * MS);
    };
    let work = join_all(limiters.iter().map(|limiter| permits(limiter, 2)));
    // The first one to wait is polled first.
    let ((), taken) = futures::future::join(throttled, work).await;
    // Each process has reserved a slot that is due after the 429.
    let excess = excess(taken.concat(), period);
    assert!(excess < 1.7, "{excess}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_sees_how_long_another_process_has_to_wait() {
    let Some(store) = Store::start() else { return };
    let (one, other) = (limiter(&store), limiter(&store));
    one.acquire().await;
    one.on_throttled(Duration::from_secs(1_000));
    assert!(one.throttled_for().unwrap() > Duration::from_secs(990));
    while store.send::<String>("HGET", "rate", &["held_until"]) == "0" {
        tokio::time::sleep(MS).await;
    }
    let mut permit = other.acquire();
    while other.throttled_for().is_none() {
        assert!((&mut permit).now_or_never().is_none());
        tokio::time::sleep(MS).await;
    }
    assert!(other.throttled_for().unwrap() > Duration::from_secs(990));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_burst_is_doubled_after_ten_minutes_without_a_429() {
    let Some(store) = Store::start() else { return };
    let limiter = limiter(&store);
    limiter.acquire().await;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let then = (now - Duration::from_secs(601)).as_micros().to_string();
    store.send::<()>("HSET", "rate", &["burst", "3", "throttled_at", &then]);
    limiter.acquire().await;
    assert_eq!(store.send::<String>("HGET", "rate", &["burst"]), "6");
    store.send::<()>("HSET", "rate", &["throttled_at", &then]);
    limiter.acquire().await;
    assert_eq!(store.send::<Vec<String>>("HMGET", "rate", &["burst", "throttled_at"]), ["9", "0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_lost_and_a_clock_that_was_set_back_cost_a_burst() {
    let Some(store) = Store::start() else { return };
    let limiter = limiter(&store);
    permits(&limiter, 2).await;
    for change in ["DEL", "HSET"] {
        let epoch: String = store.send("HGET", "rate", &["epoch"]);
        let later = SystemTime::now() + Duration::from_secs(3_600);
        let later = later.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros().to_string();
        let arguments: &[&str] = if change == "DEL" { &[] } else { &["seen_at", &later, "full_at", &later] };
        store.send::<()>(change, "rate", arguments);
        let start = Instant::now();
        permits(&limiter, 10).await;
        assert!((90 * MS..10_000 * MS).contains(&start.elapsed()), "{:?}", start.elapsed());
        assert_ne!(store.send::<String>("HGET", "rate", &["epoch"]), epoch);
    }
    assert!(store.send::<u64>("PTTL", "rate", &[]) > 23 * 3_600_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_killed_each_process_goes_by_its_share() {
    let Some(server) = Server::start() else { return };
    events::watch();
    let account = "killed-store";
    let builder = || RedisLimiter::builder(&server.url(), account).unwrap().rate(rate()).timeout(200 * MS);
    let limiters: Vec<_> = (0..5).map(|_| builder().share(Rate::per_second(20)).build().unwrap()).collect();
    let all = async |count| join_all(limiters.iter().map(|limiter| permits(limiter, count))).await.concat();
    all(2).await;
    let killed = server.kill();
    let start = Instant::now();
    let taken = all(20).await;
    let took = start.elapsed();
    assert!((800 * MS..10_000 * MS).contains(&took), "{took:?} for 100 at 5 times 20 per second");
    let excess = excess(taken, 10 * MS);
    assert!(excess < 19.0, "{excess}");
    let lines = events::of(account);
    let begins = lines.iter().filter(|line| line.contains("is away")).count();
    assert_eq!((lines.len(), begins), (5, 5), "{lines:?}");

    let _server = killed.restart();
    all(20).await;
    let lines = events::of(account);
    let ends = lines.iter().filter(|line| line.contains("is back")).count();
    assert_eq!((lines.len(), ends), (10, 5), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_does_not_respond_holds_up_none() {
    // Connections wait in the backlog.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("redis://{}/", silent.local_addr().unwrap());
    let builder = RedisLimiter::builder(&url, "silent-store").unwrap().timeout(300 * MS);
    let limiter = builder.share(Rate::per_second(50)).build().unwrap();
    let start = Instant::now();
    permits(&limiter, 50).await;
    let took = start.elapsed();
    assert!((1_200 * MS..10_000 * MS).contains(&took), "{took:?} for a timeout and 50 at 50 per second");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_refuses_is_away_and_its_password_is_not_shown() {
    events::watch();
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let builder = RedisLimiter::builder(&format!("redis://user:s3cret@{free}/"), "refused-store").unwrap();
    let limiter = builder.share(Rate::per_second(50)).build().unwrap();
    permits(&limiter, 3).await;
    let shown = format!("{:?} {limiter:?}", events::of("refused-store"));
    assert!(shown.contains("is away") && !shown.contains("s3cret"), "{shown}");
}

#[test]
fn it_belongs_to_no_runtime() {
    let Some(store) = Store::start() else { return };
    let limiter = limiter(&store);
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(limiter.acquire());
    }
}
