//! The memory of a stream over 100,000 items compared with one over 2,000, plain and verified: each is read by a process of
//! its own, whose peak the operating system reports.

use std::process::Command;

use futures::TryStreamExt;
use genesiscloud::{Client, RetryPolicy};
use genesiscloud_sandbox::{Data, Sandbox};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    match &arguments[1..] {
        [role, endpoint, token] if role == "read" => read(endpoint, token, false).await,
        [role, endpoint, token] if role == "verify" => read(endpoint, token, true).await,
        _ if cfg!(target_os = "linux") => compare().await,
        _ => println!("SKIPPED: peaks of memory are read from /proc"),
    }
}

/// Reads all instances, once or until they are verified, and prints how many there were and the peak of this process in KiB.
async fn read(endpoint: &str, token: &str, is_verified: bool) {
    let client = Client::builder().endpoint(endpoint).token(token).rate(None).retry_policy(RetryPolicy::never());
    let all = client.build().unwrap().instances().list().per_page(100);
    let mut all = if is_verified { all.verified() } else { all };
    let mut count = 0;
    while let Some(instance) = all.try_next().await.unwrap() {
        assert!(!instance.id.is_empty());
        count += 1;
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("{count} {}", peak.trim().trim_end_matches(" kB"));
}

async fn peak_of(role: &'static str, instances: usize) -> u64 {
    let sandbox =
        Sandbox::builder().data(Data::new().with_instances(instances)).max_recorded_requests(0).start().await.unwrap();
    let (endpoint, token) = (sandbox.endpoint(), sandbox.token().to_owned());
    let read = move || Command::new(std::env::current_exe().unwrap()).args([role, &endpoint, &token]).output().unwrap();
    let output = tokio::task::spawn_blocking(read).await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (count, peak) =
        text.trim().split_once(' ').unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(count, instances.to_string());
    peak.parse().unwrap()
}

async fn compare() {
    for (role, most) in [("read", 1.25), ("verify", 1.3)] {
        let few = peak_of(role, 2_000).await;
        let many = peak_of(role, 100_000).await;
        let ratio = many as f64 / few as f64;
        println!("{role}: 2,000 items: {few} KiB; 100,000 items: {many} KiB; {ratio:.2} times as much");
        assert!(ratio < most, "{role}: {ratio}");
    }
}
