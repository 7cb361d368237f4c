//! A job on a GPU: an SSH key, a security group, a volume and a machine, the command to log in with, and all of it deleted at the
//! end, whatever the job came to. Runs against a sandbox inside this program, whose lifecycles are 60 times as fast.
//!
//! `cargo run --example gpu_job -- --fail` shows a job that fails. Ctrl-C stops the job, and what it has is deleted.

#[macro_use]
mod support;

use std::error::Error;
use std::process::ExitCode;

use genesiscloud::{
    Client, CreateInstance, CreateSecurityGroup, CreateSshKey, CreateVolume, Instance, Region, Scope,
    SecurityGroupRule, SecurityGroupRuleProtocol, SshKey, VolumeType,
};
use genesiscloud_sandbox::{Data, Sandbox};
use indicatif::ProgressBar;

const JOB: &str = "job-17";
const GPU: &str = "vcpu-4_memory-16g_nvidia-rtx-3080-1";
const REGION: Region = Region::NordNoKrs1;
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me@example";

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let is_failing = std::env::args().any(|argument| argument == "--fail");
    let sandbox = Sandbox::builder().data(Data::new()).start().await?;
    let client = Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint()).build()?;

    let outcome = run(&client, is_failing).await;
    match &outcome {
        Ok(()) => println!("The job is done."),
        Err(error) => println!("The job has failed: {error}"),
    }
    let (machines, volumes) = (client.instances().list(), client.volumes().list());
    let left = machines.total_count().await? + volumes.total_count().await?;
    println!("Left in the account: {left} machines and volumes.");
    Ok(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the job needs, and the job. The scope deletes what was created in it, in the right order.
async fn run(client: &Client, is_failing: bool) -> Result<(), Box<dyn Error>> {
    // A key that the account has already is used; it is not the job's, and stays.
    let key = client.ssh_keys().ensure(CreateSshKey::new("me", KEY)).await?;
    let bar = support::spinner("creating the security group and the volume");
    let outcome = client
        .scope()
        .stop_when(async { tokio::signal::ctrl_c().await.unwrap_or_default() })
        .run(async |scope| {
            let vm = machine(client, &scope, &key, &bar).await?;
            bar.set_message("the job runs");
            let outcome = job(&vm, is_failing, &bar).await;
            bar.set_message("deleting all that the job had");
            Ok::<_, Box<dyn Error>>(outcome?)
        })
        .await;
    bar.finish_and_clear();
    outcome?;
    Ok(())
}

/// The machine, with a security group and a volume of its own.
async fn machine(client: &Client, scope: &Scope, key: &SshKey, bar: &ProgressBar) -> genesiscloud::Result<Instance> {
    let ssh = SecurityGroupRule::ingress(SecurityGroupRuleProtocol::Tcp).port(22);
    let group = scope.create(CreateSecurityGroup::new(JOB, REGION, [ssh])).await?;
    let volume = scope.create(CreateVolume::new(JOB, REGION, 100).type_(VolumeType::Ssd)).await?;
    client.security_groups().wait(&group).await?;
    client.volumes().wait(&volume).await?;
    bar.suspend(|| println!("key {}, security group {}, volume {}", key.name, group.name, volume.name));

    let new = CreateInstance::new(JOB, GPU, "ubuntu-24.04", REGION).ssh_keys([key]);
    let vm = scope.create(new.security_groups([&group]).volumes([&volume])).await?;
    let progress = bar.clone();
    let wait = client.instances().wait(&vm).until_addressed().on_progress(move |seen| {
        if let Some(vm) = seen.resource {
            progress.set_message(format!("the machine is {}", vm.status));
        }
    });
    Ok(wait.await?)
}

/// The work with the machine: a program of yours would copy data and start the training.
async fn job(vm: &Instance, is_failing: bool, bar: &ProgressBar) -> Result<(), String> {
    let address = vm.public_ip.as_deref().ok_or("the machine has lost its address")?;
    // Beside a bar that redraws, which a plain `println` would tear.
    bar.suspend(|| println!("ssh ubuntu@{address}"));
    if is_failing { Err("the GPU is on fire".to_owned()) } else { Ok(()) }
}
