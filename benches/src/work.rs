//! The works: what a run does with a client. `cargo xtask bench` names them.

use std::time::Instant;

use futures::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;

use crate::client::{Client, Result};
use crate::floor::Floor;
use crate::lower_bound::LowerBound;
use crate::ours::Ours;
use crate::responses::{self, ID, PER_PAGE};

/// The allocations of this process until now, and their bytes; both 0 if they are not counted.
pub type Counter = fn() -> (usize, usize);

/// What one run has measured, without the client's start and its first call.
#[derive(Debug, Serialize)]
pub struct Measured {
    /// The time that it took.
    pub seconds: f64,
    /// How much of it the first thread, which runs all works but `sequence`, was at work; 0 on other systems than Linux.
    pub cpu_seconds: f64,
    /// Allocations and reallocations.
    pub allocations: usize,
    /// Their bytes.
    pub bytes: usize,
}

/// Runs the work that the arguments of this process name, and prints what was measured as JSON: the client, the work, the
/// number of calls and the endpoint.
///
/// # Errors
/// If the arguments name none, or a call fails.
pub fn run(counter: Counter) -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [client, work, calls, endpoint] = &arguments[..] else {
        return Err("usage: load ours|floor|hyper WORK CALLS ENDPOINT".into());
    };
    let mut runtime = match work.as_str() {
        "sequence" => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    let runtime = runtime.enable_all().build()?;
    let calls = calls.parse()?;
    let measured = match client.as_str() {
        "ours" => runtime.block_on(measure::<Ours>(work, calls, endpoint, counter)),
        "floor" => runtime.block_on(measure::<Floor>(work, calls, endpoint, counter)),
        "hyper" => runtime.block_on(measure::<LowerBound>(work, calls, endpoint, counter)),
        _ => Err(format!("there is no client {client}").into()),
    }?;
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

async fn measure<C: Client>(work: &str, calls: usize, endpoint: &str, counter: Counter) -> Result<Measured> {
    let client = C::new(endpoint)?;
    let body = responses::page();
    expect(client.get(ID).await?, ID.len())?;
    let (allocations, bytes) = counter();
    let (start, cpu) = (Instant::now(), cpu_seconds());
    match work {
        "get" | "sequence" => {
            for _ in 0..calls {
                expect(client.get(ID).await?, ID.len())?;
            }
        }
        "page" => {
            for _ in 0..calls {
                expect(client.page().await?, PER_PAGE)?;
            }
        }
        "decode" => {
            for _ in 0..calls {
                expect(client.decode(&body)?, PER_PAGE)?;
            }
        }
        "throughput" => at_a_time(&client, calls, 1_000).await?,
        "burst" => at_a_time(&client, calls, calls).await?,
        _ => return Err(format!("there is no work {work}").into()),
    }
    let (seconds, cpu_seconds) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let (allocations_after, bytes_after) = counter();
    Ok(Measured { seconds, cpu_seconds, allocations: allocations_after - allocations, bytes: bytes_after - bytes })
}

/// Gets, so many of them in flight at a time.
async fn at_a_time<C: Client>(client: &C, calls: usize, in_flight: usize) -> Result<()> {
    stream::iter(0..calls)
        .map(|_| client.get(ID))
        .buffer_unordered(in_flight)
        .try_for_each(|length| async move { expect(length, ID.len()) })
        .await
}

/// The time that the first thread has run until now, in seconds; 0 on other systems than Linux.
pub fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|first| first.parse::<u64>().ok());
    nanoseconds.unwrap_or_default() as f64 / 1e9
}

fn expect(found: usize, expected: usize) -> Result<()> {
    if found == expected { Ok(()) } else { Err(format!("{found} in place of {expected}").into()) }
}
