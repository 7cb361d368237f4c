//! A machine that is specified in a file: the parameters of a create are read from TOML, a mistake in them is found before anything is
//! sent, and what is sent is what the file says. The service is a sandbox inside this program.

#[macro_use]
mod support;

use std::error::Error;

use genesiscloud::{Client, CreateInstance};
use genesiscloud_sandbox::{Data, Sandbox};

const MACHINE: &str = r##"
name = "trainer"
type = "vcpu-4_memory-16g_nvidia-rtx-3080-1"
image = "ubuntu-24.04"
region = "NORD-NO-KRS-1"
disk_size = 120  # GiB
metadata = { startup_script = "#!/bin/sh\nnvidia-smi\n" }
"##;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().data(Data::new()).start().await?;
    let client = Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint()).build()?;

    let mistaken = toml::from_str::<CreateInstance>(&MACHINE.replace("disk_size", "disc_size"));
    println!("A field with a typo:\n{}", mistaken.expect_err("there is no such field"));

    let machine: CreateInstance = toml::from_str(MACHINE)?;
    // A script can hold secrets: it is sent, and written down only by `with_secrets`.
    println!("As JSON, for a log: {}\n", serde_json::to_string(&machine)?);

    let instance = client.instances().create(machine.password("Passw0rd")).await?;
    println!(
        "Created: {}, {} in {}, {} GiB",
        instance.name,
        instance.type_,
        instance.region,
        instance.disk_size.unwrap_or(0)
    );
    let sent = sandbox.recorded_requests()[0].json().ok_or("no JSON")?;
    println!(
        "Fields that were sent: {}",
        sent.as_object().ok_or("no object")?.keys().cloned().collect::<Vec<_>>().join(", ")
    );
    Ok(())
}
