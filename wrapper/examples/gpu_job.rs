//! A job on a GPU: an SSH key, a security group, a volume and a machine, the command to log in with, and all of it deleted at the
//! end, whatever the job came to. Runs against a sandbox inside this program, whose lifecycles are 60 times as fast.
//!
//! `cargo run --example gpu_job -- --fail` shows a job that fails. Ctrl-C stops the job, and what it has is deleted.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use genesiscloud::{
    Client, CreateInstance, CreateSecurityGroup, CreateSshKey, CreateVolume, Instance, Region, SecurityGroup,
    SecurityGroupRule, SecurityGroupRuleProtocol, Volume, VolumeType,
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
    clean_up(&client).await?;
    println!("Left in the account: {} machines.", client.instances().list().total_count().await?);
    Ok(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the job needs, and the job. The result of a create whose response is lost is found by its marker.
async fn run(client: &Client, is_failing: bool) -> Result<(), Box<dyn Error>> {
    // A key that the account has already is used; it is not the job's, and stays.
    let key = client.ssh_keys().ensure(CreateSshKey::new("me", KEY)).await?;
    let group = security_group(client).await?;
    let volume = volume(client).await?;
    println!("key {}, security group {}, volume {}", key.name, group.name, volume.name);

    let new = CreateInstance::new(JOB, GPU, "ubuntu-24.04", REGION)
        .ssh_keys([&key])
        .security_groups([&group])
        .volumes([&volume]);
    let bar = ProgressBar::new_spinner().with_message("creating the machine");
    bar.enable_steady_tick(Duration::from_millis(100));
    let (progress, is_active) = (bar.clone(), bar.clone());
    let outcome = client
        .instances()
        .scoped(new)
        .until_addressed()
        .stop_when(async { tokio::signal::ctrl_c().await.unwrap_or_default() })
        .on_progress(move |seen| {
            if let Some(vm) = seen.resource {
                progress.set_message(format!("the machine is {}", vm.status));
            }
        })
        .run(async |vm| {
            is_active.set_message("the job runs");
            job(&vm, is_failing, &is_active).await
        })
        .await;
    bar.finish_and_clear();
    outcome?;
    println!("The machine is deleted.");
    Ok(())
}

async fn security_group(client: &Client) -> genesiscloud::Result<SecurityGroup> {
    let ssh = SecurityGroupRule::ingress(SecurityGroupRuleProtocol::Tcp).port(22);
    let new = CreateSecurityGroup::new(JOB, REGION, [ssh]).marker(JOB);
    let group = client.security_groups().create_or_recover(new).await?;
    Ok(client.security_groups().wait(&group).await?)
}

async fn volume(client: &Client) -> genesiscloud::Result<Volume> {
    let new = CreateVolume::new(JOB, REGION, 100).volume_type(VolumeType::Ssd).marker(JOB);
    let volume = client.volumes().create_or_recover(new).await?;
    Ok(client.volumes().wait(&volume).await?)
}

/// The work with the machine: a program of yours would copy data and start the training.
async fn job(vm: &Instance, is_failing: bool, bar: &ProgressBar) -> Result<(), String> {
    let address = vm.public_ip.as_deref().ok_or("the machine has lost its address")?;
    // Beside a bar that redraws, which a plain `println` would tear.
    bar.suspend(|| println!("ssh ubuntu@{address}"));
    if is_failing { Err("the GPU is on fire".to_owned()) } else { Ok(()) }
}

/// Deletes what belongs to the job. The machine is gone by now, and with it what has locked the others.
async fn clean_up(client: &Client) -> Result<(), Box<dyn Error>> {
    for volume in client.volumes().list().find_by_name(JOB).into_vec().await? {
        client.volumes().delete_if_exists(&volume).await?;
        client.volumes().wait(&volume).until_gone().await?;
        println!("The volume is deleted.");
    }
    for group in client.security_groups().list().find_by_name(JOB).into_vec().await? {
        client.security_groups().delete_if_exists(&group).await?;
        println!("The security group is deleted.");
    }
    Ok(())
}
