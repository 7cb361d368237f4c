//! Chaos: creates 40 volumes and deletes them again while one request in four fails, in a sandbox inside this program. Shows
//! which requests are retried, which are not, and how the result of a create whose response was lost is found.

#[macro_use]
mod support;

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, Instant};

use futures::future::{join_all, try_join_all};
use genesiscloud::{Client, CreateVolume, Region, Result, RetryPolicy};
use genesiscloud_sandbox::{Fault, RandomFaults, Sandbox};
use indicatif::ProgressBar;

const VOLUMES: usize = 40;

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start().await;
    let before = sandbox.data().volumes.len();
    let faults = [
        Fault::status(429).retry_after("1"),
        Fault::status(502).html(),
        Fault::status(504).html().processed(),
        Fault::ResetBeforeRequest,
        Fault::ResetAfterProcessing,
        Fault::CutBody,
    ];
    sandbox.faults().set_random(RandomFaults::new(4, 0.25, faults))?;
    let builder = Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint());
    // Twice the default, since there are far more faults than usual. The reads of the sandbox show a create at once.
    let builder = builder.retry_policy(RetryPolicy::default().with_max_attempts(10));
    let client = builder.propagation_timeout(Duration::ZERO).build()?;
    println!("Creating {VOLUMES} volumes at once and deleting them again, while one request in four fails …");

    let start = Instant::now();
    let bar = support::bar(2 * VOLUMES as u64).with_message("volumes created and deleted");
    let (ids, ambiguous) = create_all(&client, &bar).await?;
    try_join_all(ids.iter().map(async |id| client.volumes().delete(id).await.inspect(|()| bar.inc(1)))).await?;
    bar.finish_and_clear();
    ambiguous.iter().for_each(|error| println!("  {error}"));
    println!("{} created.", ids.len());
    println!("{} deleted, after {:.0} s at 10 requests per second.", ids.len(), start.elapsed().as_secs_f64());

    show_requests(&sandbox);
    let left = sandbox.data().volumes.iter().filter(|volume| volume.status != "deleting").count();
    println!("The account had {before} volumes before and has {left} now.");
    Ok(())
}

/// Creates the volumes. If a response is lost, the volume is searched for and adopted; none is created twice.
async fn create_all(client: &Client, bar: &ProgressBar) -> Result<(Vec<String>, Vec<genesiscloud::Error>)> {
    let creates = (1..=VOLUMES).map(async |number| {
        let new = CreateVolume::new(format!("chaos-{number:02}"), Region::NordNoKrs1, 1);
        let outcome = client.volumes().create_or_recover(new).await;
        bar.inc(1);
        outcome
    });
    let (mut ids, mut ambiguous) = (Vec::new(), Vec::new());
    for outcome in join_all(creates).await {
        match outcome {
            Ok(volume) => ids.push(volume.id),
            // It was not created, or that is not known.
            Err(error) if error.is_ambiguous() => ambiguous.push(error),
            Err(error) => return Err(error),
        }
    }
    Ok((ids, ambiguous))
}

fn show_requests(sandbox: &Sandbox) {
    let requests = sandbox.recorded_requests();
    let mut faults = BTreeMap::<_, usize>::new();
    requests
        .iter()
        .filter_map(|request| request.fault.clone())
        .for_each(|fault| *faults.entry(fault).or_default() += 1);
    println!("\nThe sandbox received {} requests. Faults:", requests.len());
    faults.iter().for_each(|(fault, times)| println!("  {times:>3} × {fault}"));
}
