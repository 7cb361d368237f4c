//! A rotation of snapshots: one each night, of which the newest three are kept. Ten nights pass on a sandbox whose clock is advanced
//! by hand, and one of the nights the service fails.

#[macro_use]
mod support;

use std::error::Error;
use std::time::Duration;

use genesiscloud::{Client, CreateInstance, CreateInstanceSnapshot, Region, Result, Snapshot};
use genesiscloud_sandbox::explore::Time;
use genesiscloud_sandbox::{Clock, Data, Fault, FaultRule, Sandbox};

const NIGHTS: usize = 10;
const KEPT: usize = 3;
const PREFIX: &str = "nightly-";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn Error>> {
    // Client and sandbox share a time that skips what both wait for.
    let sandbox = Sandbox::builder().clock(Clock::stepped()).data(Data::new()).start().await?;
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    let new = CreateInstance::new("database", "vcpu-2_memory-4g", "ubuntu-24.04", Region::NordNoKrs1);
    let vm = time.run(client.instances().create(new.password("Passw0rd"))).await?;
    let vm = time.run(client.instances().wait(&vm)).await?;

    for night in 1..=NIGHTS {
        if night == 5 {
            // Two failures, which the client's retries of reads and deletions pass over.
            sandbox.faults().add(FaultRule::new("DeleteSnapshot", Fault::status(503)).times(2))?;
        }
        let kept = time.run(rotate(&client, &vm.id, night)).await?;
        let names: Vec<_> = kept.iter().map(|snapshot| snapshot.name.as_str()).collect();
        println!("night {night:>2}: {}", names.join(", "));
        time.advance(DAY);
    }
    Ok(())
}

/// Creates the snapshot of a night, then deletes the oldest ones. A night that is repeated finds its snapshot.
///
/// Nothing is deleted before the new one can be used, so that there are never fewer than before.
async fn rotate(client: &Client, instance: &str, night: usize) -> Result<Vec<Snapshot>> {
    let name = format!("{PREFIX}{night:03}");
    if client.instances().list_snapshots(instance).find_by_name(&name).next().await.transpose()?.is_none() {
        let new = CreateInstanceSnapshot::new(&name);
        let snapshot = client.instances().create_snapshot_or_recover(instance, new).await?;
        client.snapshots().wait(&snapshot).await?;
    }
    // Verified, so that no page that shifts hides one.
    let mut all = client.instances().list_snapshots(instance).verified().find_by_prefix(PREFIX).into_vec().await?;
    all.sort_by_key(|snapshot| std::cmp::Reverse(snapshot.created_at));
    for old in all.split_off(KEPT.min(all.len())) {
        client.snapshots().delete_if_exists(&old).await?;
    }
    Ok(all)
}
