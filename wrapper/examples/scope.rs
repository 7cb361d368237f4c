//! A scope of all that a job costs: an SSH key, a security group, a volume, a filesystem, a floating IP, an instance that uses
//! them, and a snapshot of it. The same work ends in five ways, and the account is counted after each. Runs against a sandbox
//! inside this program, and with a clock that skips what is waited for.

#[macro_use]
mod support;

use std::error::Error;

use genesiscloud::{
    Client, CreateFilesystem, CreateFloatingIp, CreateInstance, CreateInstanceSnapshot, CreateSecurityGroup,
    CreateSshKey, CreateVolume, Instance, Region, Scope, ScopeError, SecurityGroupRule, SecurityGroupRuleProtocol,
    UpdateInstance,
};
use genesiscloud_sandbox::explore::Time;
use genesiscloud_sandbox::{Clock, Data, Fault, FaultRule, Sandbox};

const JOB: &str = "job-17";
const CPU: &str = "vcpu-2_memory-4g_disk-80g";
const REGION: Region = Region::NordNoKrs1;
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me@example";

type Outcome = Result<(), ScopeError<Box<dyn Error + Send + Sync>>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().clock(Clock::stepped()).data(Data::new()).start().await?;
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    time.run(each_end(&sandbox, client)).await
}

async fn each_end(sandbox: &Sandbox, client: Client) -> Result<(), Box<dyn Error>> {
    let outcome = client.scope().run(async |scope| machine(&client, &scope).await.map(drop)).await;
    print("the work succeeds", &outcome, sandbox);

    let failing = client.scope().run(async |scope| {
        let vm = machine(&client, &scope).await?;
        Err(format!("{} ran out of disk space", vm.name).into())
    });
    print("the work fails", &failing.await, sandbox);

    sandbox.faults().add(FaultRule::new("CreateInstance", Fault::ResetAfterProcessing))?;
    let lost = client.scope().run(async |scope| machine(&client, &scope).await.map(drop));
    print("the response to a create is lost", &lost.await, sandbox);

    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    // In a program: `async { tokio::signal::ctrl_c().await.ok(); }`.
    let stopped = client.scope().stop_when(async { stopped.await.unwrap_or_default() }).run(async |scope| {
        machine(&client, &scope).await?;
        drop(stop);
        std::future::pending().await
    });
    print("the scope is stopped", &stopped.await, sandbox);

    let protected = client.scope().run(async |scope| {
        let vm = machine(&client, &scope).await?;
        client.instances().update(&vm, UpdateInstance::new().is_protected(true)).await?;
        Ok(())
    });
    print("the instance was protected meanwhile", &protected.await, sandbox);
    Ok(())
}

/// What the job needs. The scope deletes it in the right order, so no line here has to.
async fn machine(client: &Client, scope: &Scope) -> Result<Instance, Box<dyn Error + Send + Sync>> {
    let ssh = SecurityGroupRule::ingress(SecurityGroupRuleProtocol::Tcp).port(22);
    let key = scope.create(CreateSshKey::new(JOB, KEY)).await?;
    let group = scope.create(CreateSecurityGroup::new(JOB, REGION, [ssh])).await?;
    let disk = scope.create(CreateVolume::new(JOB, REGION, 100)).await?;
    scope.create(CreateFilesystem::new(JOB, REGION, 500)).await?;
    let address = scope.create(CreateFloatingIp::new(JOB, REGION)).await?;
    client.security_groups().wait(&group).await?;
    client.volumes().wait(&disk).await?;
    client.floating_ips().wait(&address).await?;

    let new = CreateInstance::new(JOB, CPU, "ubuntu-24.04", REGION).ssh_keys([&key]).security_groups([&group]);
    let vm = scope.create(new.volumes([&disk]).floating_ip(&address)).await?;
    let vm = client.instances().wait(&vm).until_addressed().await?;
    let snapshot = scope.create_snapshot(&vm, CreateInstanceSnapshot::new(JOB)).await?;
    client.snapshots().wait(&snapshot).await?;
    Ok(vm)
}

fn print(end: &str, outcome: &Outcome, sandbox: &Sandbox) {
    let data = sandbox.data();
    let groups = data.security_groups.iter().filter(|group| group.name == JOB).count();
    let left = data.instances.len() + data.volumes.len() + data.filesystems.len() + data.snapshots.len();
    let left = left + data.floating_ips.len() + data.ssh_keys.len() + groups;
    println!("When {end}: {left} of 7 are left.");
    if let Err(error) = outcome {
        error.orphans().iter().for_each(|orphan| println!("  {orphan}"));
        if error.orphans().is_empty() {
            println!("  {error}");
        }
    }
}
