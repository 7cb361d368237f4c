//! The example `fleet`, interrupted at any moment, leaves no instance.

#![cfg(unix)]

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures::future::join_all;
use genesiscloud_sandbox::{Data, Rate, Sandbox};

/// A program that takes longer hangs.
const TIMEOUT: Duration = Duration::from_secs(300);
/// A run without an interrupt sends at least this many requests: a key, 40 instances, their deletions, and some polls.
const REQUESTS: usize = 85;

/// Cargo builds examples before it runs the tests of their package, one directory above the tests.
fn program() -> PathBuf {
    let deps = std::env::current_exe().unwrap();
    deps.parent().and_then(|deps| deps.parent()).unwrap().join("examples").join("fleet")
}

async fn start() -> (Sandbox, Child) {
    let rate = Rate::per_second(10).burst(10);
    let sandbox = Sandbox::builder().data(Data::new()).rate(rate).start().await.unwrap();
    let mut program = Command::new(program());
    program.arg(sandbox.endpoint()).arg(sandbox.token()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = program.spawn().unwrap();
    (sandbox, child)
}

/// Waits until the condition is met, and checks it often.
async fn until(mut is_met: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_met() {
        assert!(start.elapsed() < TIMEOUT, "the condition was never met");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Interrupts a fleet after this many requests, and returns its output.
async fn interrupted_after(requests: usize) -> String {
    let (sandbox, mut child) = start().await;
    // Before its first request it may not catch the signal yet, and has created nothing.
    until(|| sandbox.recorded_requests().len() >= requests.max(1)).await;
    let instances = sandbox.data().instances.len();
    let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(signal.success());
    until(|| child.try_wait().unwrap().is_some()).await;
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    println!("after {requests} requests, with {instances} instances: {}", text.lines().nth(1).unwrap_or_default());
    assert_eq!(sandbox.data().instances, [], "after {requests} requests: {text}{errors}");
    assert!(text.contains("Instances in the account now: 0."), "after {requests} requests: {text}{errors}");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_at_any_moment_leaves_no_instance() {
    let mut random = fastrand::Rng::with_seed(5);
    let moments: Vec<_> = (0..20).map(|_| random.usize(..REQUESTS)).collect();
    let ends = join_all(moments.into_iter().map(interrupted_after)).await;
    assert!(ends.iter().any(|text| !text.contains(" 0 were stopped")), "none was interrupted in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_interrupt_all_instances_but_one_finish_their_work() {
    let (sandbox, mut child) = start().await;
    until(|| child.try_wait().unwrap().is_some()).await;
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(sandbox.recorded_requests().len() >= REQUESTS);
    assert!(text.contains("39 instances finished their work, 1 failed, 0 were stopped."), "{text}");
    assert!(text.contains("the work failed: fleet-13 ran out of disk space; instance "), "{text}");
    assert!(text.contains("(fleet-13) was deleted"), "{text}");
    assert_eq!(sandbox.data().instances, []);
}

#[test]
fn the_example_refuses_a_real_account() {
    let output = Command::new(program()).args(["https://api.genesiscloud.com", "token"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("usage: fleet [http://127.0.0.1:PORT TOKEN]"));
}
