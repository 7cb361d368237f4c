//! The backend of an orchestrator, as dstack and SkyPilot ask a cloud for one: offers, create, state, terminate, and the list of what
//! is ours. It starts a machine with a GPU on a sandbox and terminates it; then the sandbox tries the same under each fault at
//! each request, and reports whether a machine was left that nothing names.

#[macro_use]
mod support;

use std::error::Error;

use genesiscloud::{Client, CreateInstance, CreateSshKey, Instance, InstancePhase, Offer, Region};
use genesiscloud_sandbox::explore::Explorer;
use genesiscloud_sandbox::{Data, Sandbox};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me@example";
/// The regions that the orchestrator uses. [`Client::offers`] asks all of them.
const REGIONS: [Region; 2] = [Region::NordNoKrs1, Region::EucDeMuc1];

type Failure = Box<dyn Error>;

/// What a machine has to have at least.
struct Requirements {
    vcpus: u32,
    memory_gib: u32,
    gpus: u32,
}

impl Requirements {
    fn are_met_by(&self, offer: &Offer) -> bool {
        // A type whose name says nothing is not taken: it may have anything.
        let Some(spec) = &offer.spec else { return false };
        let gpus = spec.accelerators.as_ref().map_or(0, |accelerators| accelerators.count);
        spec.vcpus >= self.vcpus && spec.memory_gib >= self.memory_gib && gpus >= self.gpus
    }
}

/// The states that an orchestrator knows.
#[derive(Debug, PartialEq)]
enum State {
    Pending,
    Running { address: String },
    Stopped,
    Terminating,
    Terminated,
    Failed,
}

/// Machines of one cluster, which have its name before theirs.
struct Backend {
    client: Client,
    cluster: &'static str,
}

impl Backend {
    /// Returns what there is capacity for, the smallest first.
    async fn offers(&self, requirements: &Requirements) -> genesiscloud::Result<Vec<Offer>> {
        let mut offers = self.client.offers_in(REGIONS).await?;
        offers.retain(|offer| offer.available && requirements.are_met_by(offer));
        offers.sort_by_key(|offer| offer.spec.as_ref().map(|spec| (spec.vcpus, spec.memory_gib)));
        Ok(offers)
    }

    /// Creates a machine at the first offer that has capacity, and returns it at once, not yet running.
    async fn create(&self, name: &str, offers: &[Offer]) -> Result<Instance, Failure> {
        let key = self.client.ssh_keys().ensure(CreateSshKey::new(self.cluster, KEY)).await?;
        let mut reason: Failure = "no offer meets the requirements".into();
        for offer in offers {
            let name = format!("{}-{name}", self.cluster);
            let new = CreateInstance::new(name, &offer.instance_type, "ubuntu-24.04", offer.region.clone());
            match self.client.instances().create_or_recover(new.ssh_keys([&key])).await {
                Ok(vm) => return Ok(vm),
                // The capacity has gone since the offers were read.
                Err(error) if error.is_out_of_resources() => reason = error.into(),
                // An ambiguous error names the machine that may exist.
                Err(error) => return Err(error.into()),
            }
        }
        Err(reason)
    }

    /// Returns the state of a machine. One that runs without an address is pending: it cannot be reached.
    async fn state(&self, id: &str) -> genesiscloud::Result<State> {
        let vm = match self.client.instances().get(id).await {
            Ok(vm) => vm,
            Err(error) if error.is_not_found() => return Ok(State::Terminated),
            Err(error) => return Err(error),
        };
        Ok(match (vm.phase(), vm.public_ip) {
            (InstancePhase::Running, Some(address)) => State::Running { address },
            (InstancePhase::Stopping | InstancePhase::Stopped, _) => State::Stopped,
            (InstancePhase::Deleting, _) => State::Terminating,
            (InstancePhase::Gone, _) => State::Terminated,
            (InstancePhase::Failed, _) => State::Failed,
            _ => State::Pending,
        })
    }

    /// Terminates a machine, also one that is gone already, and waits until it is.
    async fn terminate(&self, id: &str) -> Result<(), Failure> {
        let named = |error: &dyn Error| format!("instance {id} may exist: {error}");
        if self.client.instances().delete_if_exists(id).await.map_err(|error| named(&error))? {
            self.client.instances().wait(id).until_gone().await.map_err(|error| named(&error))?;
        }
        Ok(())
    }

    /// Returns all machines of the cluster, also those of an orchestrator that has crashed.
    async fn ours(&self) -> genesiscloud::Result<Vec<Instance>> {
        let list = self.client.instances().list().per_page(100).verified();
        list.find_by_prefix(format!("{}-", self.cluster)).into_vec().await
    }
}

/// A job: a machine that is waited for, and terminated whatever happens. Returns the state that it had.
async fn job(client: Client) -> Result<State, Failure> {
    let backend = Backend { client, cluster: "cluster-7" };
    let offers = backend.offers(&Requirements { vcpus: 4, memory_gib: 12, gpus: 1 }).await?;
    let vm = backend.create("head", &offers).await?;
    let outcome = use_machine(&backend, &vm).await;
    backend.terminate(&vm.id).await?;
    outcome
}

async fn use_machine(backend: &Backend, vm: &Instance) -> Result<State, Failure> {
    backend.client.instances().wait(vm).until_addressed().await?;
    Ok(backend.state(&vm.id).await?)
}

fn main() -> Result<(), Failure> {
    once()?;
    explore()
}

#[tokio::main]
async fn once() -> Result<(), Failure> {
    let sandbox = Sandbox::builder().data(Data::new()).start().await?;
    let client = Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint()).build()?;
    let bar = support::spinner("a job with a machine");
    let state = job(client.clone()).await?;
    bar.finish_and_clear();
    println!("The machine was {state:?}.");
    println!("{} machines are left.", Backend { client, cluster: "cluster-7" }.ours().await?.len());
    Ok(())
}

/// The same under each fault at each request.
fn explore() -> Result<(), Failure> {
    let bar = support::bar(1).with_message("runs");
    let progress = bar.clone();
    // The explorer searches the text of an error for the ids of what is left.
    let report = Explorer::new(async |client| job(client).await.map(drop).map_err(|error| error.to_string()))
        .on_progress(move |now| {
            progress.set_length(now.planned as u64);
            progress.set_position(now.runs as u64);
        })
        .run()?;
    bar.finish_and_clear();
    println!("{report}");
    if report.shortest().is_some() { Err("a machine can be lost".into()) } else { Ok(()) }
}
