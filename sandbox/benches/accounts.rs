//! Accounts of 100 to 100,000 instances, each with a volume: what a request costs in each.
//!
//! Fails if it costs more than ten times as much in the largest account as in the smallest: no request may look through
//! all resources. Deletions take a resource out of the order in which it is listed, and may cost more.

use std::time::{Duration, Instant};

use genesiscloud_bindings::types::Reference;
use genesiscloud_sandbox::{Clock, Data, Sandbox};
use reqwest::{Client, RequestBuilder};
use serde_json::json;

const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];
const TIMES: usize = 50;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut tables = Vec::new();
    for size in SIZES {
        let costs = measure(size).await;
        let text: Vec<_> = costs.iter().map(|(what, cost)| format!("{what} {cost:.0?}")).collect();
        println!("{size} instances: {}", text.join(", "));
        tables.push(costs);
    }
    for ((what, few), (_, many)) in
        tables[0].iter().zip(&tables[SIZES.len() - 1]).filter(|((what, _), _)| *what != "delete")
    {
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        assert!(ratio < 10.0, "{what}: {ratio:.1} times as much in the largest account");
    }
}

fn account(size: usize) -> Data {
    let volume = Data::realistic().volumes[0].clone();
    let mut data = Data::new().with_instances(size);
    data.quotas.clear();
    for (number, instance) in data.instances.iter_mut().enumerate() {
        let mut volume = volume.clone();
        volume.id = format!("20000000-0000-4000-8000-{number:012x}");
        let mut attached = Reference::default();
        (attached.id, attached.name) = (volume.id.clone(), volume.name.clone());
        instance.volumes = vec![attached];
        data.volumes.push(volume);
    }
    data
}

/// The medians of requests in an account of this many instances and volumes.
async fn measure(size: usize) -> Vec<(&'static str, Duration)> {
    let sandbox =
        Sandbox::builder().clock(Clock::stepped()).data(account(size)).verify(false).start().await.expect("a port");
    let http = Client::builder().no_proxy().build().expect("a client");
    let token = sandbox.token();
    let url = |path: &str| format!("{}/{path}", sandbox.endpoint());
    let mut costs: [(&str, Vec<Duration>); 5] =
        ["page of instances", "page of volumes", "get", "create", "delete"].map(|what| (what, Vec::new()));
    for number in 0..TIMES {
        let page = 1 + number % (size / 50);
        let paged = |path: &str| http.get(url(path)).query(&[("page", page), ("per_page", 50)]);
        let new = json!({ "name": "new", "region": "NORD-NO-KRS-1", "size": 50 });
        let (time, created) = timed(http.post(url("volumes")).json(&new), token).await;
        let id = created["volume"]["id"].as_str().expect("a volume").to_owned();
        costs[3].1.push(time);
        costs[0].1.push(timed(paged("instances"), token).await.0);
        costs[1].1.push(timed(paged("volumes"), token).await.0);
        costs[2].1.push(timed(http.get(url(&format!("volumes/{id}"))), token).await.0);
        costs[4].1.push(timed(http.delete(url(&format!("volumes/{id}"))), token).await.0);
        sandbox.clock().advance(Duration::from_secs(10));
    }
    costs.map(|(what, mut times)| (what, median(&mut times))).to_vec()
}

/// Returns how long a request took, and its JSON body. Parsing the body is not measured.
async fn timed(request: RequestBuilder, token: &str) -> (Duration, serde_json::Value) {
    let start = Instant::now();
    let response = request.bearer_auth(token).send().await.expect("a response").error_for_status().expect("a success");
    let bytes = response.bytes().await.expect("a body");
    (start.elapsed(), serde_json::from_slice(&bytes).unwrap_or_default())
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
