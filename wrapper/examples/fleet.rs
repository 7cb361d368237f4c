//! A fleet: 40 machines of a sandbox at once, each created, used and deleted, one of them failing. Press Ctrl-C whenever
//! you like: no machine stays.
//!
//! Without arguments it starts a sandbox inside this program. With `ENDPOINT TOKEN` it uses one that runs elsewhere on this
//! machine, and no other service: 40 real machines would cost money.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use genesiscloud::{Client, CreateInstance, CreateSshKey, Instance, Region, ScopeError, ScopeFailure};
use genesiscloud_sandbox::{Data, Sandbox};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;

const MACHINES: usize = 40;
/// The one whose work fails.
const UNLUCKY: usize = 13;
const STEPS: u64 = 20;
const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f fleet@sandbox.invalid";

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let stop = stop_on_ctrl_c();
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [] => {
            let sandbox = Sandbox::builder().data(Data::new()).start().await?;
            fleet(&sandbox.endpoint(), sandbox.token(), stop).await
        }
        [endpoint, token] if endpoint.starts_with("http://127.0.0.1:") => fleet(endpoint, token, stop).await,
        _ => Err("usage: fleet [http://127.0.0.1:PORT TOKEN], of a sandbox on this machine".into()),
    }
}

/// Cancelled by the first Ctrl-C. Whoever cannot wait for the deletions presses it again.
fn stop_on_ctrl_c() -> CancellationToken {
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let mut pressed = Box::pin(tokio::signal::ctrl_c());
    // From its first poll on it catches the signal, which is before anything is created.
    let caught = pressed.as_mut().now_or_never();
    tokio::spawn(async move {
        if caught.is_none() && pressed.await.is_err() {
            return;
        }
        eprintln!("stopping: what was created is being deleted; Ctrl-C again leaves it where it is");
        stopped.cancel();
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(1);
        }
    });
    stop
}

async fn fleet(endpoint: &str, token: &str, stop: CancellationToken) -> Result<ExitCode, Box<dyn Error>> {
    let client = Client::builder().endpoint(endpoint).token(token).build()?;
    println!("{MACHINES} machines of a sandbox, which lives 60 times as fast as the real service …");
    let key = client.ssh_keys().create_or_recover(CreateSshKey::new("fleet", KEY)).await?;
    let bars = MultiProgress::new();
    let machines = (1..=MACHINES).map(|number| machine(&client, &key.id, number, bars.add(bar(number)), stop.clone()));
    let outcomes = join_all(machines).await;
    client.ssh_keys().delete(&key.id).await?;
    drop(bars);

    let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let is_stopped = |error: &&ScopeError<String>| matches!(error.failure(), Some(ScopeFailure::Stopped));
    let (stopped, failed): (Vec<_>, Vec<_>) =
        outcomes.iter().filter_map(|end| end.as_ref().err()).partition(is_stopped);
    println!("{done} machines did their work, {} failed, {} were stopped.", failed.len(), stopped.len());
    failed.iter().for_each(|error| println!("  {error}"));
    let left = client.instances().list().count().await?;
    println!("Machines in the account now: {left}.");
    Ok(if left == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One machine, from its creation to its deletion.
async fn machine(
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
        .stop_when(stop.cancelled_owned())
        .on_progress(move |so_far| {
            if let Some(vm) = so_far.seen {
                progress.set_message(vm.status.to_string());
            }
        })
        .run(async |vm| {
            let work = work(&vm, number, &bar).await;
            bar.set_message("deleting");
            work
        })
        .await;
    bar.finish_with_message(match &outcome {
        Ok(()) => "done, deleted".to_owned(),
        Err(error) => error.to_string(),
    });
    outcome
}

/// What one would do with a machine: here it takes two seconds.
async fn work(vm: &Instance, number: usize, bar: &ProgressBar) -> Result<(), String> {
    bar.set_message(format!("at work at {}", vm.public_ip.as_deref().unwrap_or("no address")));
    for step in 0..STEPS {
        tokio::time::sleep(Duration::from_millis(100)).await;
        bar.inc(1);
        if number == UNLUCKY && step == STEPS / 2 {
            return Err(format!("{} ran out of luck", vm.name));
        }
    }
    Ok(())
}

fn name(number: usize) -> String {
    format!("fleet-{number:02}")
}

fn bar(number: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {bar:20} {msg}");
    let bar = ProgressBar::new(STEPS).with_prefix(name(number)).with_message("creating");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
