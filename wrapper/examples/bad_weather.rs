//! Bad weather: makes 40 volumes and deletes them again while one request in four goes wrong, in a sandbox inside this
//! program. Shows what is sent again, what is not, and how to look for what a lost answer may have made.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use futures::future::{join_all, try_join_all};
use genesiscloud::{Client, CreateVolume, Region, Result, RetryPolicy};
use genesiscloud_sandbox::{Fault, RandomFaults, Sandbox};

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
    // Twice the attempts of the default: it is not often that bad.
    let client = builder.retry(RetryPolicy::default().with_attempts(10)).build()?;
    println!("{VOLUMES} volumes, made at once and deleted again, while one request in four goes wrong …");

    let start = Instant::now();
    let ids = create_all(&client).await?;
    try_join_all(ids.iter().map(|id| client.volumes().delete(id))).await?;
    println!("{} deleted, after {:.0} s at 10 requests a second.", ids.len(), start.elapsed().as_secs_f64());

    show_requests(&sandbox);
    let left = sandbox.data().volumes.iter().filter(|volume| volume.status.to_string() != "deleting").count();
    println!("The account had {before} volumes before and has {left} now.");
    Ok(())
}

/// Makes the volumes. Where an answer is lost, what it made is looked for and found; nothing is made twice.
async fn create_all(client: &Client) -> Result<Vec<String>> {
    let names = (1..=VOLUMES).map(|number| format!("weather-{number:02}"));
    let creates = names.map(|name| client.volumes().create_or_recover(CreateVolume::new(name, Region::NordNoKrs1, 1)));
    let mut ids = Vec::new();
    for outcome in join_all(creates).await {
        match outcome {
            Ok(volume) => ids.push(volume.id),
            // It was never made, or nobody can say.
            Err(error) if error.is_ambiguous() => println!("  {error}"),
            Err(error) => return Err(error),
        }
    }
    println!("{} made.", ids.len());
    Ok(ids)
}

fn show_requests(sandbox: &Sandbox) {
    let journal = sandbox.recorded_requests();
    let mut faults = BTreeMap::<_, usize>::new();
    journal.iter().filter_map(|request| request.fault.clone()).for_each(|fault| *faults.entry(fault).or_default() += 1);
    println!("\nThe sandbox saw {} requests. What went wrong:", journal.len());
    faults.iter().for_each(|(fault, times)| println!("  {times:>3} × {fault}"));
}
