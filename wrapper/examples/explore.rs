//! A program with a mistake, tried under every fault at every request: the report shows which fault makes it leave an instance
//! that is billed, and a test for it. Everything happens in sandboxes inside this program, in a few seconds.

#[macro_use]
mod support;

use std::error::Error;
use std::time::Duration;

use genesiscloud::{Client, CreateInstance, Region};
use genesiscloud_sandbox::explore::Explorer;

fn main() -> Result<(), Box<dyn Error>> {
    let bar = support::bar(1);
    let progress = bar.clone();
    let report = Explorer::new(train)
        .pairs(20)
        .on_progress(move |now| {
            progress.set_length(now.planned as u64);
            progress.set_position(now.runs as u64);
            progress.set_message(format!("runs, {} failed", now.failures));
        })
        .run()?;
    bar.finish_and_clear();
    println!("{report}");
    Ok(())
}

/// Works for an hour with an instance. If the instance does not become active, it is never deleted: `?` returns too early.
async fn train(client: Client) -> Result<(), Box<dyn Error>> {
    let cpu = "vcpu-2_memory-4g_disk-80g";
    let new = CreateInstance::new("trainer", cpu, "ubuntu-24.04", Region::NordNoKrs1).password("Passw0rd");
    let vm = client.instances().create_or_recover(new).await?;
    client.instances().wait(&vm.id).await.map_err(|_| "the instance is not ready")?;
    tokio::time::sleep(Duration::from_secs(1800)).await;
    client.instances().delete(&vm.id).await.map_err(|error| format!("delete {} yourself: {error}", vm.id))?;
    Ok(())
}
