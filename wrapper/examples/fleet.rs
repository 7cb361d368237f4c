//! A fleet: 40 instances of a sandbox at once, each created, used and deleted, one of which fails. Press Ctrl-C once at any
//! moment: no instance is left.
//!
//! Without arguments it starts a sandbox inside this program. With `ENDPOINT TOKEN` it uses a sandbox that runs on this host,
//! and no other service: 40 real instances would cost money.

#[macro_use]
mod support;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use genesiscloud::{Client, CreateInstance, CreateSshKey, Instance, Region, ScopeError, ScopeFailure};
use genesiscloud_sandbox::{Data, Sandbox};
use indicatif::{MultiProgress, ProgressBar};
use tokio_util::sync::CancellationToken;

use self::support::End;

const INSTANCES: usize = 40;
/// The instance whose work fails.
const FAILING: usize = 13;
const STEPS: u64 = 20;
const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f fleet@sandbox.invalid";

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let bars = support::bars();
    let stop = stop_on_ctrl_c(bars.clone());
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [] => {
            let sandbox = Sandbox::builder().data(Data::new()).start().await?;
            fleet(&sandbox.endpoint(), sandbox.token(), &bars, stop).await
        }
        [endpoint, token] if endpoint.starts_with("http://127.0.0.1:") => fleet(endpoint, token, &bars, stop).await,
        _ => Err("usage: fleet [http://127.0.0.1:PORT TOKEN], of a sandbox on this host".into()),
    }
}

/// Cancelled by the first Ctrl-C. A second one ends the program without waiting for the deletions.
fn stop_on_ctrl_c(bars: MultiProgress) -> CancellationToken {
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let mut pressed = Box::pin(tokio::signal::ctrl_c());
    // The handler is installed by the first poll, so it is polled before anything is created.
    let caught = pressed.as_mut().now_or_never();
    tokio::spawn(async move {
        if caught.is_none() && pressed.await.is_err() {
            return;
        }
        bars.suspend(|| eprintln!("stopping: deleting the instances; press Ctrl-C again to leave them"));
        stopped.cancel();
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(1);
        }
    });
    stop
}

async fn fleet(
    endpoint: &str,
    token: &str,
    bars: &MultiProgress,
    stop: CancellationToken,
) -> Result<ExitCode, Box<dyn Error>> {
    let client = Client::builder().endpoint(endpoint).token(token).build()?;
    println!("{INSTANCES} instances of a sandbox, whose lifecycles are 60 times as fast as the real ones …");
    let key = client.ssh_keys().create_or_recover(CreateSshKey::new("fleet", KEY)).await?;
    // First, since a terminal may have fewer lines than there are instances.
    let all = bars.add(support::bar(INSTANCES as u64)).with_message("instances done");
    all.tick();
    let instances = (1..=INSTANCES).map(async |number| {
        let bar = bars.add(support::named_bar(name(number), STEPS)).with_message("creating");
        bar.tick();
        instance(&client, &key.id, number, bar, stop.clone()).await.inspect(|()| all.inc(1))
    });
    let outcomes = join_all(instances).await;
    all.finish_and_clear();
    client.ssh_keys().delete(&key.id).await?;

    let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let (stopped, failed): (Vec<_>, Vec<_>) =
        outcomes.iter().filter_map(|end| end.as_ref().err()).partition(is_stopped);
    println!("{done} instances finished their work, {} failed, {} were stopped.", failed.len(), stopped.len());
    failed.iter().for_each(|error| println!("  {error}"));
    let left = client.instances().list().total_count().await?;
    println!("Instances in the account now: {left}.");
    Ok(if left == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One instance, from its creation to its deletion.
async fn instance(
    client: &Client,
    key: &str,
    number: usize,
    bar: ProgressBar,
    stop: CancellationToken,
) -> Result<(), ScopeError<String>> {
    let new = CreateInstance::new(name(number), "vcpu-2_memory-4g_disk-80g", "ubuntu-24.04", Region::NordNoKrs1);
    let progress = bar.clone();
    let outcome = client
        .instances()
        .scoped(new.ssh_keys([key]))
        .until_addressed()
        .stop_when(stop.cancelled_owned())
        .on_progress(move |update| {
            if let Some(vm) = update.resource {
                progress.set_message(vm.status.to_string());
            }
        })
        .run(async |vm| {
            let work = work(&vm, number, &bar).await;
            bar.set_message("deleting");
            work
        })
        .await;
    support::end(
        &bar,
        match &outcome {
            Ok(()) => End::Done("done, deleted"),
            Err(error) if is_stopped(&error) => End::Stopped("stopped, deleted"),
            Err(error) => End::Failed(error),
        },
    );
    outcome
}

/// The work with an instance; here it takes two seconds.
async fn work(vm: &Instance, number: usize, bar: &ProgressBar) -> Result<(), String> {
    bar.set_message(format!("working at {}", vm.public_ip.as_deref().unwrap_or("no address")));
    for step in 0..STEPS {
        tokio::time::sleep(Duration::from_millis(100)).await;
        bar.inc(1);
        if number == FAILING && step == STEPS / 2 {
            return Err(format!("{} ran out of disk space", vm.name));
        }
    }
    Ok(())
}

fn is_stopped(error: &&ScopeError<String>) -> bool {
    matches!(error.failure(), Some(ScopeFailure::Stopped))
}

fn name(number: usize) -> String {
    format!("fleet-{number:02}")
}
