//! A lease: an instance shuts itself down and is destroyed at a time that was set when it was created, whatever became of the
//! program that created it. Runs against a sandbox whose clock is advanced by hand, so that an hour takes no time.

#[macro_use]
mod support;

use std::error::Error;
use std::time::Duration;

use genesiscloud::{Client, CreateInstance, Region};
use genesiscloud_sandbox::{Clock, Data, Sandbox};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The lease is reckoned from this program's time, and this clock starts in the past.
    let clock = Clock::stepped();
    clock.advance(std::time::SystemTime::now().duration_since(clock.now().into())?);
    let sandbox = Sandbox::builder().clock(clock.clone()).data(Data::new()).start().await?;
    let client = Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint()).build()?;

    let cpu = "vcpu-2_memory-4g_disk-80g";
    let new = CreateInstance::new("trainer", cpu, "ubuntu-24.04", Region::NordNoKrs1).password("Passw0rd");
    client.instances().create(new.startup_script("#!/bin/sh\nexit 1\n").lease(60 * MINUTE)).await?;
    // The program could be killed here: it is not needed any more.
    drop(client);

    println!("An instance with a lease of 60 minutes, whose startup script fails:");
    let start = clock.now();
    for minute in [1, 30, 59, 61, 62] {
        let passed = (clock.now() - start).to_std()?;
        clock.advance(minute * MINUTE - passed);
        let statuses: Vec<_> = sandbox.data().instances.iter().map(|vm| vm.status.to_string()).collect();
        println!(
            "  after {minute:>2} minutes: {}",
            if statuses.is_empty() { "gone".into() } else { statuses.join(", ") }
        );
    }
    Ok(())
}
