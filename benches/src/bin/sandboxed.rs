//! Works over the sandbox: lists and waits on stepped time, memory and CPU of long lists, and the sandbox by itself. Prints one
//! number, or two as JSON: what was measured, and the best that is possible.

use std::alloc::System;
use std::process::Command;
use std::time::Duration;

use futures::TryStreamExt;
use futures::future::join_all;
use genesiscloud::{Client, InstanceStatus, WaitErrorKind};
use genesiscloud_benches::client::{Result, TOKEN};
use genesiscloud_benches::responses::ID;
use genesiscloud_benches::work::cpu_seconds;
use genesiscloud_sandbox::explore::Time;
use genesiscloud_sandbox::{Clock, Data, Fault, FaultRule, Sandbox};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const PER_PAGE: u32 = 100;
/// Permits that are there at once, and come each second, as documented for the default rate.
const BURST: f64 = 9.0;
const RATE: f64 = 10.0;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match &arguments[..] {
            ["list", pages, milliseconds, rate] => {
                list(pages.parse()?, milliseconds.parse()?, *rate == "limited").await
            }
            ["first-item", milliseconds] => first_item(milliseconds.parse()?).await,
            ["waits", count] => waits(count.parse()?).await,
            ["wait-cpu", count] => wait_cpu(count.parse()?).await,
            ["wait-bytes", count] => wait_bytes(count.parse()?).await,
            ["memory", how, items] => memory(how, items.parse()?).await,
            ["read", how, endpoint] => read(how, endpoint).await,
            ["read-cpu", how, items] => read_cpu(how, items.parse()?).await,
            ["serve", verify] => serve(*verify == "verify").await,
            _ => Err(format!("there is no work {arguments:?}").into()),
        }
    })
}

/// Prints what was measured, and the best that is possible.
fn compare(measured: f64, best: f64) {
    println!("{}", serde_json::json!({ "ours": measured, "floor": best, "lower_bound": null }));
}

/// A sandbox with this many instances, all of them active, on stepped time.
async fn stepped(instances: usize) -> Result<(Sandbox, Time)> {
    let mut data = Data::new().with_instances(instances);
    data.instances.iter_mut().for_each(|it| it.status = InstanceStatus::Active);
    let sandbox = Sandbox::builder().clock(Clock::stepped()).data(data).verify(false).start().await?;
    let time = Time::of(&sandbox);
    Ok((sandbox, time))
}

/// The time that a list of this many pages takes, where each response takes this long, beside two round trips and the permits.
async fn list(pages: usize, milliseconds: u64, is_limited: bool) -> Result<()> {
    let (sandbox, time) = stepped(pages * 10).await?;
    let builder = time.builder(&sandbox);
    let client = if is_limited { builder } else { builder.rate(None) }.build()?;
    let latency = Duration::from_millis(milliseconds);
    sandbox.faults().add(FaultRule::new("*", Fault::Delay(latency)).always())?;
    let all: Vec<_> = time.run(client.instances().list().per_page(10).try_collect()).await?;
    expect(all.len(), pages * 10)?;
    // The first page has the number of pages. By its end the burst is full again.
    let permits = if is_limited { (pages as f64 - 1.0 - BURST) / RATE } else { 0.0 };
    compare(time.passed().as_secs_f64(), 2.0 * latency.as_secs_f64() + permits);
    Ok(())
}

/// The time until the first of 20 pages has an item, beside one round trip.
async fn first_item(milliseconds: u64) -> Result<()> {
    let (sandbox, time) = stepped(200).await?;
    let latency = Duration::from_millis(milliseconds);
    sandbox.faults().add(FaultRule::new("*", Fault::Delay(latency)).always())?;
    let client = time.client(&sandbox);
    time.run(client.instances().list().per_page(10).try_next()).await?.ok_or("an item")?;
    compare(time.passed().as_secs_f64(), latency.as_secs_f64());
    Ok(())
}

/// The requests and polls of waits for a status that does not come: one for each instance, for a minute.
async fn wait_in_vain(sandbox: &Sandbox, time: &Time) -> Result<(usize, u32)> {
    let client = time.client(sandbox);
    let instances: Vec<_> = sandbox.data().instances.into_iter().map(|it| it.id).collect();
    let wait = async |id: &String| {
        let wait = client.instances().wait(id).until(InstanceStatus::Stopped).within(Duration::from_secs(60)).await;
        match wait.expect_err("no instance is stopped") {
            error if error.kind() == WaitErrorKind::TimedOut => error.polls(),
            error => panic!("{error}"),
        }
    };
    let polls = time.run(join_all(instances.iter().map(wait))).await;
    Ok((sandbox.recorded_requests().len(), polls.into_iter().max().unwrap_or_default()))
}

/// The requests of this many waits, beside the pages of the list for each poll.
async fn waits(count: usize) -> Result<()> {
    let (sandbox, time) = stepped(count).await?;
    let (requests, polls) = wait_in_vain(&sandbox, &time).await?;
    compare(requests as f64, count.div_ceil(PER_PAGE as usize) as f64 * f64::from(polls));
    Ok(())
}

/// The CPU time for each wait and poll in microseconds, that of the sandbox included.
async fn wait_cpu(count: usize) -> Result<()> {
    let (sandbox, time) = stepped(count).await?;
    let start = cpu_seconds();
    let (_, polls) = wait_in_vain(&sandbox, &time).await?;
    println!("{}", (cpu_seconds() - start) * 1e6 / (count as f64 * f64::from(polls)));
    Ok(())
}

/// The bytes that each wait keeps while it waits.
async fn wait_bytes(count: usize) -> Result<()> {
    let (sandbox, time) = stepped(count).await?;
    let client = time.builder(&sandbox).rate(None).build()?;
    let ids: Vec<_> = sandbox.data().instances.into_iter().map(|it| it.id).collect();
    let held = || {
        let stats = ALLOCATOR.stats();
        stats.bytes_allocated.saturating_sub(stats.bytes_deallocated)
    };
    let before = held();
    let waits = join_all(ids.iter().map(|id| client.instances().wait(id).until(InstanceStatus::Stopped)));
    // Until the second poll, so that each has what it keeps of the first.
    let enough = genesiscloud::Clock::sleep(&time, Duration::from_secs(3));
    let waiting = futures::future::select(waits, enough);
    match time.run(waiting).await {
        futures::future::Either::Right(((), waits)) => {
            let after = held();
            drop(waits);
            println!("{}", (after - before) as f64 / count as f64);
            Ok(())
        }
        futures::future::Either::Left(_) => Err("the waits have ended".into()),
    }
}

/// The peak memory in KiB of a process that reads a list.
async fn memory(how: &str, items: usize) -> Result<()> {
    let data = Data::new().with_instances(items);
    let sandbox = Sandbox::builder().data(data).token(TOKEN).verify(false).max_recorded_requests(0).start().await?;
    let (program, how, endpoint) = (std::env::current_exe()?, how.to_owned(), sandbox.endpoint());
    let read = move || Command::new(program).args(["read", &how, &endpoint]).output();
    let output = tokio::task::spawn_blocking(read).await??;
    let text = String::from_utf8(output.stdout)?;
    let (count, peak) =
        text.trim().split_once(' ').ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    expect(count.parse()?, items)?;
    println!("{peak}");
    Ok(())
}

async fn read(how: &str, endpoint: &str) -> Result<()> {
    let count = read_all(how, endpoint).await?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no peak of memory")?;
    println!("{count} {}", peak.trim().trim_end_matches(" kB"));
    Ok(())
}

async fn read_all(how: &str, endpoint: &str) -> Result<usize> {
    let client = Client::builder().endpoint(endpoint).token(TOKEN).rate(None).build()?;
    let list = client.instances().list().per_page(PER_PAGE);
    let mut list = if how == "verified" { list.verified() } else { list };
    let mut count = 0;
    while list.try_next().await?.is_some() {
        count += 1;
    }
    Ok(count)
}

/// The CPU seconds of this process for reading a list, that of the sandbox included.
async fn read_cpu(how: &str, items: usize) -> Result<()> {
    let data = Data::new().with_instances(items);
    let sandbox = Sandbox::builder().data(data).token(TOKEN).verify(false).max_recorded_requests(0).start().await?;
    let start = cpu_seconds();
    expect(read_all(how, &sandbox.endpoint()).await?, items)?;
    println!("{}", cpu_seconds() - start);
    Ok(())
}

/// Serves an account with one instance of the id that all clients get, until the input of this program ends.
async fn serve(is_verified: bool) -> Result<()> {
    let mut data = Data::new().with_instances(100);
    data.instances[0].id = ID.to_owned();
    let sandbox =
        Sandbox::builder().data(data).token(TOKEN).verify(is_verified).max_recorded_requests(0).start().await?;
    println!("{}", sandbox.endpoint());
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
    Ok(())
}

fn expect(found: usize, expected: usize) -> Result<()> {
    if found == expected { Ok(()) } else { Err(format!("{found} in place of {expected}").into()) }
}
