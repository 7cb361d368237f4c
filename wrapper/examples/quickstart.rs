//! Quickstart: lists the instances of an account, gets one of them, and handles an error by its code.
//!
//! With `GENESISCLOUD_TOKEN` or `GENESISCLOUD_TOKEN_FILE` in the environment it reads that account and changes nothing. Without
//! them, it starts a sandbox inside this program and reads the sandbox's account.

#[macro_use]
mod support;

use std::process::ExitCode;

use futures::TryStreamExt;
use genesiscloud::{Client, ErrorCode, Instance, Result};
use genesiscloud_sandbox::Sandbox;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    if ["GENESISCLOUD_TOKEN", "GENESISCLOUD_TOKEN_FILE"].iter().any(|name| std::env::var_os(name).is_some()) {
        return tour(&Client::from_env()?).await;
    }
    println!("GENESISCLOUD_TOKEN is not set, so this starts a sandbox: nothing here is real, and nothing costs money.");
    if std::env::var_os("GENESISCLOUD_ENDPOINT").is_some() {
        println!("GENESISCLOUD_ENDPOINT is set, but not used without a token.");
    }
    let sandbox = Sandbox::start().await;
    let client = Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint()).build()?;
    tour(&client).await?;
    println!("\nRequests that the sandbox received:");
    sandbox.recorded_requests().iter().for_each(|request| println!("  {request}"));
    Ok(())
}

async fn tour(client: &Client) -> Result<()> {
    println!("\nInstances at {}:", client.endpoint());
    let mut instances = Vec::new();
    let mut stream = client.instances().list();
    while let Some(instance) = stream.try_next().await? {
        instances.push(instance);
    }
    print_table(&instances);

    if let Some(first) = instances.first() {
        let instance = client.instances().get(&first.id).await?;
        let image = instance.image.map_or("an unknown image".into(), |image| image.name);
        println!("\nThe first one, by its id: {} runs {image} in {}.", instance.name, instance.region);
    }

    match client.volumes().get("no-such-volume").await {
        Ok(volume) => println!("\nThere is a volume with that id: {}", volume.name),
        Err(error) if error.code() == Some(&ErrorCode::VolumeNotFound) => {
            println!("\nAn error handled by its code: {error}");
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Prints the first ten, and the number of all.
fn print_table(instances: &[Instance]) {
    const SHOWN: usize = 10;
    let row = |instance: &Instance| {
        [
            instance.name.clone(),
            instance.type_.clone(),
            instance.region.to_string(),
            instance.status.to_string(),
            instance.public_ip.clone().unwrap_or("–".into()),
        ]
    };
    let rows = instances.iter().take(SHOWN).map(row).collect();
    println!("{}", support::table(["Name", "Type", "Region", "Status", "Public IP"], rows));
    match instances.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => println!("… and {more} more: {} instances.", instances.len()),
        _ => println!("{} instances.", instances.len()),
    }
}
