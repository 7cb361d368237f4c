//! Ten thousand instances: how long creating and listing them takes, and how much memory they use.
//!
//! Fails if the 99th percentile of the list pages is more than three times the median: every page of a list must take
//! the same time.

use std::time::{Duration, Instant};

use genesiscloud_sandbox::{Clock, Data, Sandbox};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

const INSTANCES: usize = 10_000;
const PER_PAGE: usize = 100;
const PASSES: usize = 20;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut data = Data::new();
    data.quotas.clear();
    data.availability
        .iter_mut()
        .flat_map(|region| &mut region.instance_types)
        .for_each(|instance_type| instance_type.count = None);
    let sandbox = Sandbox::builder().clock(Clock::stepped()).data(data).verify(false).start().await.expect("a port");
    let http = Client::builder().no_proxy().build().expect("a client");
    let instances = format!("{}/instances", sandbox.endpoint());
    let memory_before = resident();

    let mut creates = Vec::new();
    for number in 0..INSTANCES {
        let body = json!({
            "name": format!("instance-{number}"), "hostname": format!("instance-{number}"),
            "type": "vcpu-2_memory-4g_disk-80g", "image": "ubuntu-24.04", "region": "NORD-NO-KRS-1",
            "password": "Abcdefg1",
        });
        creates.push(timed(http.post(&instances).bearer_auth(sandbox.token()).json(&body)).await.0);
    }
    sandbox.clock().advance(Duration::from_secs(30));
    let memory_after = resident();

    let mut pages = Vec::new();
    for page in (1..=INSTANCES / PER_PAGE).cycle().take(PASSES * INSTANCES / PER_PAGE) {
        let request = http.get(&instances).query(&[("page", page), ("per_page", PER_PAGE)]);
        let (time, body) = timed(request.bearer_auth(sandbox.token())).await;
        assert_eq!(body["instances"].as_array().map(Vec::len), Some(PER_PAGE));
        assert_eq!(body["total_count"], INSTANCES);
        pages.push(time);
    }

    report(&format!("create, {INSTANCES} times"), &mut creates);
    let ratio = report(&format!("list page of {PER_PAGE}, {PASSES} passes"), &mut pages);
    println!(
        "memory: {} MiB more for {INSTANCES} instances and the recorded requests that created them",
        (memory_after - memory_before) / 1024
    );
    assert!(ratio <= 3.0, "the 99th percentile of the pages is {ratio:.1} times the median");
}

/// Returns how long a request took, and its JSON body. Parsing the body is not measured.
async fn timed(request: RequestBuilder) -> (Duration, Value) {
    let start = Instant::now();
    let bytes = request.send().await.expect("a response").bytes().await.expect("a body");
    (start.elapsed(), serde_json::from_slice(&bytes).expect("JSON"))
}

/// Prints the percentiles, and returns the ratio of the 99th percentile to the median.
fn report(what: &str, times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    let (median, slow) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    let ratio = slow.as_secs_f64() / median.as_secs_f64();
    println!("{what}: p50 {median:.0?}, p99 {slow:.0?} ({ratio:.2} times)");
    ratio
}

/// Returns the resident memory of this process in KiB, or 0 on systems without `/proc`.
fn resident() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
