//! The rate limit: the rate is never exceeded, and almost fully used.

use std::time::Duration;

use futures::future::join_all;
use genesiscloud_sandbox::{Clock, Rate, Sandbox};
use genesiscloud_tests::time::Time;

const TASKS: u32 = 500;
const CALLS_EACH: u32 = 4;

/// The number of 429s for 500 tasks of 4 calls each, against a service that accepts 10 requests per second and this burst;
/// and how long it took.
async fn five_hundred_tasks(burst: u32) -> (usize, Duration) {
    let rate = Rate::per_second(10).burst(burst);
    genesiscloud_tests::leaks::watch();
    let sandbox = Sandbox::builder().clock(Clock::stepped()).rate(rate).start().await.unwrap();
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    let task = async || {
        for _ in 0..CALLS_EACH {
            client.quotas().get().await.unwrap();
        }
    };
    time.run(join_all((0..TASKS).map(|_| task()))).await;
    let requests = sandbox.recorded_requests();
    let refused = requests.iter().filter(|request| request.status == Some(429)).count();
    assert_eq!(requests.len() - refused, (TASKS * CALLS_EACH) as usize);
    (refused, time.passed())
}

/// The least time that a service of this burst allows.
fn least(burst: u32) -> f64 {
    f64::from(TASKS * CALLS_EACH - burst) / 10.0
}

#[tokio::test]
async fn the_full_rate_is_used_and_not_exceeded() {
    let (refused, took) = five_hundred_tasks(10).await;
    assert_eq!(refused, 0);
    let share = least(10) / took.as_secs_f64();
    assert!((0.97..=1.0).contains(&share), "{share} of what the limit allows, in {took:?}");
}

#[tokio::test]
async fn a_smaller_burst_of_the_service_costs_one_round_of_429s() {
    let (refused, took) = five_hundred_tasks(4).await;
    assert_eq!(refused, 5, "9 at once, of which 4 are taken");
    let share = least(4) / took.as_secs_f64();
    assert!((0.97..=1.0).contains(&share), "{share} of what the limit allows, in {took:?}");
}
