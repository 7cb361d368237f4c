//! Synchronous code: a script that uses a machine for a moment. It creates a key and the machine, waits until it has an address,
//! prints the command to log in, and deletes both, also if something fails meanwhile. Nothing in it is async, but for the sandbox
//! that stands in for the service.

#[macro_use]
mod support;

use std::error::Error;

use genesiscloud::blocking::Client;
use genesiscloud::{CreateInstance, CreateSshKey, Region};
use genesiscloud_sandbox::Sandbox;

const GPU: &str = "vcpu-4_memory-12g_disk-80g_nvidia3080-1";
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me@laptop";

fn main() -> Result<(), Box<dyn Error>> {
    let service = tokio::runtime::Runtime::new()?;
    let sandbox = service.block_on(Sandbox::start());
    println!("This runs against a sandbox: nothing here is real, and nothing costs money.");
    // For the real service: `Client::from_env()?`.
    let client = Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint()).build()?;

    client.scope().run(|scope| {
        let key = scope.create(CreateSshKey::new("script", KEY))?;
        let new = CreateInstance::new("script", GPU, "ubuntu-24.04", Region::NordNoKrs1).ssh_keys([&key]);
        let vm = scope.create(new)?;
        let bar = support::spinner("the machine is created");
        let vm = client.instances().wait(&vm).until_addressed();
        bar.finish_and_clear();
        println!("ssh ubuntu@{}", vm?.public_ip.unwrap_or_default());
        // Lists are iterators.
        for volume in client.volumes().list().take(3) {
            println!("there is a volume {}", volume?.name);
        }
        Ok::<_, Box<dyn Error>>(())
    })?;
    let left = client.instances().list().find_by_name("script").into_vec()?;
    println!("The key is deleted, and {} machines are left.", left.len());
    Ok(())
}
