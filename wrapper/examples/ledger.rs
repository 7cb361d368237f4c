//! A ledger: a program creates instances with a volume each and is killed, as by `kill -9`. A later process finds what it has left,
//! and deletes it. Both run against a sandbox inside this program, and nothing is billed.

#[macro_use]
mod support;

use std::error::Error;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use genesiscloud::{Client, CreateInstance, CreateVolume, FileLedger, Region};
use genesiscloud_sandbox::{Clock, Data, RecordedRequest, Sandbox};

/// The program is killed when this instance is created, before it gets the response.
const KILLED_AT: usize = 4;
/// An instance is active after 50 ms instead of 30 s.
const SPEED: f64 = 600.0;
const POLL_INTERVAL: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [endpoint, token, ledger] => create(endpoint, token, Path::new(ledger)).await,
        _ => kill_and_reconcile().await,
    }
}

/// The program that is killed: it would go on for ever.
async fn create(endpoint: &str, token: &str, ledger: &Path) -> Result<(), Box<dyn Error>> {
    let ledger = FileLedger::open(ledger)?;
    let client = Client::builder().token(token).endpoint(endpoint).ledger(ledger).owner("training").build()?;
    for number in 1.. {
        let disk = CreateVolume::new(format!("data-{number}"), Region::NordNoKrs1, 50);
        let disk = client.volumes().create(disk).await?;
        client.volumes().wait(&disk.id).every(POLL_INTERVAL).await?;
        let cpu = "vcpu-2_memory-4g_disk-80g";
        let vm = CreateInstance::new(format!("trainer-{number}"), cpu, "ubuntu-24.04", Region::NordNoKrs1);
        let vm = client.instances().create(vm.password("Passw0rd").volumes([&disk.id])).await?;
        println!("  created {} and {}", disk.name, vm.name);
    }
    Ok(())
}

async fn kill_and_reconcile() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("example-{}.ledger", std::process::id()));
    let program: Arc<Mutex<Option<Child>>> = Arc::default();
    let sandbox = start_sandbox(Arc::clone(&program)).await?;

    println!("A program creates volumes and instances, and is killed:");
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(sandbox.endpoint()).arg(sandbox.token()).arg(&path);
    *program.lock().expect("no panic") = Some(command.spawn()?);
    while is_running(&program)? {
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    print_account(&sandbox);

    println!("\nA later process opens the ledger and deletes what it is about:");
    let ledger = FileLedger::open(&path)?;
    let client = Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint()).ledger(ledger.clone());
    let result = client.build()?.reconcile(&ledger).delete().await?;
    for resource in &result.deleted {
        println!("  deleted {resource}");
    }
    println!("  {result}");
    print_account(&sandbox);
    drop(ledger);
    for file in [path.clone(), path.with_extension("ledger.lock")] {
        std::fs::remove_file(file)?;
    }
    Ok(())
}

/// Whether the program has not been killed yet.
fn is_running(program: &Mutex<Option<Child>>) -> Result<bool, Box<dyn Error>> {
    let mut program = program.lock().expect("no panic");
    match program.as_mut().map(Child::try_wait).transpose()?.flatten() {
        Some(status) => Err(format!("the program has ended by itself: {status}").into()),
        None => Ok(program.is_some()),
    }
}

/// Starts a sandbox that kills the program when it has created that instance, and another program's instance in it.
async fn start_sandbox(program: Arc<Mutex<Option<Child>>>) -> Result<Sandbox, Box<dyn Error>> {
    let instances = AtomicUsize::new(1);
    let kill = move |request: &RecordedRequest| {
        if request.operation.as_deref() == Some("CreateInstance")
            && instances.fetch_add(1, Ordering::Relaxed) == KILLED_AT
            && let Some(mut child) = program.lock().expect("no panic").take()
            && child.kill().is_ok()
        {
            // The wait ends at once, and leaves no zombie.
            let _ = child.wait();
        }
    };
    let clock = Clock::running(SPEED);
    Ok(Sandbox::builder().clock(clock).data(Data::new().with_instances(1)).on_request(kill).start().await?)
}

fn print_account(sandbox: &Sandbox) {
    let Data { instances, volumes, .. } = sandbox.data();
    let names: Vec<_> = instances.into_iter().map(|it| it.name).chain(volumes.into_iter().map(|it| it.name)).collect();
    println!("  in the account now: {}", names.join(", "));
}
