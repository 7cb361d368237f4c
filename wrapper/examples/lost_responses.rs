//! Lost responses: two programs create 20 instances and delete them, each in a sandbox of its own. Five of the requests for
//! creating them are processed, but their responses are lost. A loop that repeats every create that fails makes instances more
//! than once and leaves them running; `create_or_recover` makes each of them once.

#[macro_use]
mod support;

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use futures::future::try_join_all;
use genesiscloud::{Client, CreateInstance, Instance, Region, Result};
use genesiscloud_sandbox::{Clock, Data, Fault, FaultRule, Sandbox};

const INSTANCES: usize = 20;
/// An instance is active after 50 ms instead of 30 s.
const SPEED: f64 = 600.0;
const POLL_INTERVAL: Duration = Duration::from_millis(50);

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn Error>> {
    println!(
        "Creating {INSTANCES} instances of a sandbox and deleting them, while the responses to 5 creates are lost …"
    );
    let rows = vec![
        run("a loop that repeats create", repeated_create).await?,
        run("create_or_recover", async |client, new| client.instances().create_or_recover(new).await).await?,
    ];
    println!("{}", support::table(["Program", "Wanted", "Made", "Doubled", "Left after deletion"], rows));
    Ok(())
}

/// Repeats a create until it succeeds, as a program does that takes every error for a failure.
async fn repeated_create(client: &Client, new: CreateInstance) -> Result<Instance> {
    for _ in 0..4 {
        if let Ok(vm) = client.instances().create(new.clone()).await {
            return Ok(vm);
        }
    }
    client.instances().create(new).await
}

/// Creates the instances and deletes those that the program knows of. Returns the program's row of the table.
async fn run(
    program: &str,
    create: impl AsyncFn(&Client, CreateInstance) -> Result<Instance>,
) -> std::result::Result<[String; 5], Box<dyn Error>> {
    let sandbox = Sandbox::builder().clock(Clock::running(SPEED)).data(Data::new()).start().await?;
    lose_responses(&sandbox)?;
    // The sandbox has no rate limit.
    let client = Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint()).rate(None).build()?;
    let mut ids = Vec::new();
    for number in 1..=INSTANCES {
        let name = format!("worker-{number:02}");
        let new = CreateInstance::new(name, "vcpu-2_memory-4g_disk-80g", "ubuntu-24.04", Region::NordNoKrs1);
        ids.push(create(&client, new.password("Passw0rd")).await?.id);
    }

    let mut made = BTreeMap::<_, usize>::new();
    sandbox.data().instances.into_iter().for_each(|vm| *made.entry(vm.name).or_default() += 1);
    let doubled = made.values().filter(|count| **count > 1).count();
    try_join_all(ids.iter().map(|id| delete(&client, id))).await?;
    let left = sandbox.data().instances.len();
    let counts = [INSTANCES, made.values().sum(), doubled, left].map(|count| count.to_string());
    let [wanted, made, doubled, left] = counts;
    Ok([program.to_owned(), wanted, made, doubled, left])
}

/// Loses the responses to creates 3 and 4, 7 and 8, and 11. A rule does not count the requests that an earlier one applies to.
fn lose_responses(sandbox: &Sandbox) -> std::result::Result<(), Box<dyn Error>> {
    let rule = |fault| FaultRule::new("CreateInstance", fault);
    sandbox.faults().add(rule(Fault::ResetAfterProcessing).skip(2).times(2))?;
    sandbox.faults().add(rule(Fault::status(503).processed()).skip(4).times(2))?;
    sandbox.faults().add(rule(Fault::CutBody).skip(6))?;
    Ok(())
}

/// Deletes an instance, which must be active before, and waits until it is gone.
async fn delete(client: &Client, id: &str) -> Result<()> {
    client.instances().wait(id).every(POLL_INTERVAL).await?;
    client.instances().delete(id).await?;
    client.instances().wait(id).until_gone().every(POLL_INTERVAL).await?;
    Ok(())
}
