//! A rate limit that clients share: an account allows 100 requests a second here, and two parts of a program send 40 each. With a
//! limiter each they are throttled; with one limiter for both they are not. The service is a sandbox inside this program.

#[macro_use]
mod support;

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use futures::future::try_join_all;
use genesiscloud::{Client, Limiter, Rate, RateLimiter, SystemClock};
use genesiscloud_sandbox::{self as sandbox, Sandbox};

const CALLS: usize = 40;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("Two clients of one account, {CALLS} calls each:");
    println!("  {:<20} {:>9} {:>10} {:>8}", "", "requests", "throttled", "seconds");
    run("a limiter each", [limiter(), limiter()]).await?;
    let shared = limiter();
    run("one limiter", [Arc::clone(&shared), shared]).await
}

fn limiter() -> Arc<RateLimiter> {
    Arc::new(RateLimiter::new(Rate::per_second(100).with_burst(9), SystemClock))
}

async fn run(name: &str, limiters: [Arc<impl Limiter>; 2]) -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().rate(sandbox::Rate::per_second(100).burst(10)).start().await?;
    let started = Instant::now();
    let mut calls = vec![];
    for limiter in limiters {
        let client = Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint()).limiter(limiter).build()?;
        calls.extend((0..CALLS).map(|_| client.quotas().get()));
    }
    let spinner = support::spinner("calls of both clients");
    try_join_all(calls).await?;
    spinner.finish_and_clear();
    let seconds = started.elapsed().as_secs_f64();
    let requests = sandbox.recorded_requests();
    let throttled = requests.iter().filter(|request| request.status == Some(429)).count();
    println!("  {name:<20} {:>9} {throttled:>10} {seconds:>8.1}", requests.len());
    Ok(())
}
