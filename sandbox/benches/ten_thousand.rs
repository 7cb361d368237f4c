//! Ten thousand machines: how long it takes to create and to list them, and what they weigh.
//!
//! Fails when the slowest hundredth of the list pages takes more than three times as long as the median: a page must
//! cost the same wherever it is in the list.

use std::time::{Duration, Instant};

use genesiscloud_sandbox::{Clock, Data, Sandbox};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

const MACHINES: usize = 10_000;
const PER_PAGE: usize = 100;
const PASSES: usize = 20;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut data = Data::new();
    data.quotas.clear();
    data.availability.iter_mut().flat_map(|region| &mut region.instance_types).for_each(|kind| kind.count = None);
    let sandbox = Sandbox::builder().clock(Clock::stepped()).data(data).verified(false).start().await.expect("a port");
    let http = Client::builder().no_proxy().build().expect("a client");
    let instances = format!("{}/instances", sandbox.endpoint());
    let empty = resident();

    let mut creates = Vec::new();
    for number in 0..MACHINES {
        let body = json!({
            "name": format!("machine-{number}"), "hostname": format!("machine-{number}"),
            "type": "vcpu-2_memory-4g_disk-80g", "image": "ubuntu-24.04", "region": "NORD-NO-KRS-1",
            "password": "Abcdefg1",
        });
        creates.push(timed(http.post(&instances).bearer_auth(sandbox.token()).json(&body)).await.0);
    }
    sandbox.clock().advance(Duration::from_secs(30));
    let full = resident();

    let mut pages = Vec::new();
    for page in (1..=MACHINES / PER_PAGE).cycle().take(PASSES * MACHINES / PER_PAGE) {
        let request = http.get(&instances).query(&[("page", page), ("per_page", PER_PAGE)]);
        let (time, answer) = timed(request.bearer_auth(sandbox.token())).await;
        assert_eq!(answer["instances"].as_array().map(Vec::len), Some(PER_PAGE));
        assert_eq!(answer["total_count"], MACHINES);
        pages.push(time);
    }

    report(&format!("create, {MACHINES} times"), &mut creates);
    let ratio = report(&format!("list page of {PER_PAGE}, {PASSES} passes"), &mut pages);
    println!("memory: {} MiB more for {MACHINES} machines and the journal of creating them", (full - empty) / 1024);
    assert!(ratio <= 3.0, "the slowest hundredth of the pages takes {ratio:.1} times the median");
}

/// How long a request took, and its answer, whose reading is not counted.
async fn timed(request: RequestBuilder) -> (Duration, Value) {
    let start = Instant::now();
    let bytes = request.send().await.expect("an answer").bytes().await.expect("a body");
    (start.elapsed(), serde_json::from_slice(&bytes).expect("JSON"))
}

/// Prints the percentiles, and gives how many times the median the slowest hundredth takes.
fn report(what: &str, times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    let (median, slow) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    let ratio = slow.as_secs_f64() / median.as_secs_f64();
    println!("{what}: p50 {median:.0?}, p99 {slow:.0?} ({ratio:.2} times)");
    ratio
}

/// KiB this process has in memory; 0 where the system does not tell.
fn resident() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
