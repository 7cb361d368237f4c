//! The blocking operations of this layer: scopes, placement searches, reconciliations, sweeps, and the wait for cleanup.

use std::future::ready;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::{AnyResource, CreateParameters, Decision, NoCapacity, OrphanedResource, Reconciliation, ScopeError};
use crate::blocking::definitions::{calls, setters};
use crate::blocking::{Client, Filesystems, FloatingIps, Instances, SecurityGroups, Snapshots, SshKeys, Volumes};
use crate::blocking_thread::{block_on, block_on_this_thread};
use crate::{
    CloneSnapshot, CreateInstance, CreateInstanceSnapshot, Instance, Ledger, LedgerEntry, Progress, Region, Result,
    Snapshot,
};

/// An instance that exists only while work is done with it, with the guarantees and cost of
/// [`InstanceScope`](crate::InstanceScope). Returned by [`Instances::scoped`].
///
/// ```no_run
/// # fn example(client: genesiscloud::blocking::Client, new: genesiscloud::CreateInstance)
/// # -> Result<(), Box<dyn std::error::Error>> {
/// let address = client.instances().scoped(new).until_addressed().run(|vm| vm.public_ip.ok_or("it has no address"))?;
/// println!("it was at {address}, and is deleted");
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a scope creates nothing before `run`"]
pub struct InstanceScope(crate::InstanceScope);

impl InstanceScope {
    setters! {
        InstanceScope: until_addressed(), ready_within(time: Duration), delete_within(time: Duration), keep_on_error(),
        on_progress(on_progress: impl FnMut(Progress<'_, Instance>) + Send + 'static),
    }

    /// Sets a function that stops the scope when it returns, such as one that waits for Ctrl-C. It is called on a thread of its
    /// own, which begins with the scope and ends with the function. An instance that has been created by then is deleted, and a
    /// create that has not been sent is not sent. The work is not interrupted: if it has begun, the scope ends after it, with
    /// its result.
    ///
    /// If the thread cannot be started, the scope is stopped at once.
    ///
    /// ```no_run
    /// # fn example(client: genesiscloud::blocking::Client, new: genesiscloud::CreateInstance)
    /// # -> Result<(), Box<dyn std::error::Error>> {
    /// use std::sync::mpsc::channel;
    ///
    /// let (interrupt, interrupted) = channel::<()>(); // a handler of signals calls `interrupt.send(())`
    /// let scope = client.instances().scoped(new).stop_when(move || interrupted.recv().unwrap_or_default());
    /// scope.run(|vm| Ok::<_, genesiscloud::Error>(println!("{} is active", vm.name)))?;
    /// # drop(interrupt);
    /// # Ok(()) }
    /// ```
    pub fn stop_when(self, stop: impl FnOnce() + Send + 'static) -> Self {
        Self(self.0.stop_when(returned(stop)))
    }

    /// Creates the instance, waits until it is ready, does the work with it on this thread, and deletes it, as
    /// [`InstanceScope::run`](crate::InstanceScope::run), which documents it. Blocks until the instance is gone.
    pub fn run<R, E>(self, work: impl FnOnce(Instance) -> Result<R, E>) -> Result<R, ScopeError<E>> {
        block_on_this_thread(self.0.run(|instance| ready(work(instance))))
    }
}

/// Calls a function on a thread of its own, and ends when it returns.
async fn returned(function: impl FnOnce() + Send + 'static) {
    let (returned, has_returned) = oneshot::channel::<()>();
    let call = move || {
        function();
        drop(returned);
    };
    match thread::Builder::new().name("genesiscloud-stop".to_owned()).spawn(call) {
        Ok(_) => drop(has_returned.await),
        Err(error) => tracing::error!(%error, "the thread of `stop_when` cannot be started: the scope is stopped"),
    }
}

/// A scope that has not begun, with the guarantees and cost of [`ScopeBuilder`](crate::ScopeBuilder). Returned by
/// [`Client::scope`]. It has no `stop_when`, since nothing can interrupt a thread: work that is to end early looks at a flag
/// between its calls, and returns.
///
/// ```no_run
/// # fn example(client: genesiscloud::blocking::Client, public_key: &str) -> Result<(), Box<dyn std::error::Error>> {
/// use genesiscloud::{CreateInstance, CreateSshKey, Error, Region};
///
/// let gpu = "vcpu-4_memory-12g_disk-80g_nvidia3080-1";
/// let address = client.scope().run(|scope| {
///     let key = scope.create(CreateSshKey::new("job", public_key))?;
///     let vm = CreateInstance::new("job", gpu, "ubuntu-24.04", Region::NordNoKrs1).ssh_keys([&key]);
///     let vm = client.instances().wait(scope.create(vm)?).until_addressed()?;
///     Ok::<_, Error>(vm.public_ip)
/// })?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a scope does nothing before `run`"]
pub struct ScopeBuilder(crate::ScopeBuilder);

impl ScopeBuilder {
    setters! { ScopeBuilder: delete_within(time: Duration), keep_on_error() }

    /// Does the work on this thread, and deletes what the scope owns, as [`ScopeBuilder::run`](crate::ScopeBuilder::run), which
    /// documents it. Blocks until all of it is gone.
    pub fn run<R, E>(self, work: impl FnOnce(Scope) -> Result<R, E>) -> Result<R, ScopeError<E>> {
        block_on_this_thread(self.0.run(|scope| ready(work(Scope(scope)))))
    }
}

/// A scope whose work is being done, with the guarantees and cost of [`Scope`](crate::Scope). Given to the work by
/// [`ScopeBuilder::run`]. Clones are the same scope; they can be moved into threads, whose creates fail once the scope has
/// ended.
///
/// ```no_run
/// # fn example(client: genesiscloud::blocking::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use genesiscloud::{CreateVolume, Region};
///
/// client.scope().run(|scope| scope.create(CreateVolume::new("scratch", Region::NordNoKrs1, 50)).map(drop))?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Scope(crate::Scope);

impl Scope {
    /// Blocks until [`Scope::create`](crate::Scope::create) has ended, which documents it.
    pub fn create<C: CreateParameters>(&self, new: C) -> Result<C::Resource> {
        block_on(self.0.create(new))
    }

    /// Blocks until [`Scope::create_snapshot`](crate::Scope::create_snapshot) has ended, which documents it.
    pub fn create_snapshot(&self, instance: impl AsRef<str>, snapshot: CreateInstanceSnapshot) -> Result<Snapshot> {
        block_on(self.0.create_snapshot(instance, snapshot))
    }

    /// Blocks until [`Scope::clone_snapshot`](crate::Scope::clone_snapshot) has ended, which documents it.
    pub fn clone_snapshot(&self, id: impl AsRef<str>, copy: CloneSnapshot) -> Result<Snapshot> {
        block_on(self.0.clone_snapshot(id, copy))
    }

    /// Takes over a resource that exists, as [`Scope::adopt`](crate::Scope::adopt), which documents it.
    pub fn adopt(&self, resource: impl Into<AnyResource>) -> Result<()> {
        self.0.adopt(resource)
    }

    /// Keeps one resource, however the work ends, as [`Scope::keep`](crate::Scope::keep), which documents it.
    pub fn keep(&self, id: impl AsRef<str>) -> bool {
        self.0.keep(id)
    }
}

/// A deletion that has not begun, with the rules and cost of [`Deletion`](crate::Deletion). Returned by the method
/// `delete_when_possible` of each resource.
///
/// ```no_run
/// # fn example(client: genesiscloud::blocking::Client) -> genesiscloud::Result<()> {
/// use std::time::Duration;
///
/// client.volumes().delete_when_possible("an-id").within(Duration::from_secs(300)).run()?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a deletion sends nothing before `run`"]
pub struct Deletion(crate::Deletion);

impl Deletion {
    setters! { Deletion: within(time: Duration) }

    /// Deletes the resource, and blocks until it is gone.
    ///
    /// # Errors
    /// Those of [`Deletion`](crate::Deletion#errors).
    pub fn run(self) -> Result<()> {
        block_on(self.0)
    }
}

macro_rules! delete_when_possible {
    ($($Service:ident),+) => {
        $(
            impl $Service {
                #[doc = concat!(
                    "Returns a deletion that waits until it is possible, as [`", stringify!($Service),
                    "::delete_when_possible`](crate::", stringify!($Service), "::delete_when_possible), which documents it."
                )]
                pub fn delete_when_possible(&self, id: impl AsRef<str>) -> Deletion {
                    Deletion(self.0.delete_when_possible(id))
                }
            }
        )+
    };
}

delete_when_possible!(Instances, Volumes, Filesystems, Snapshots, FloatingIps, SecurityGroups, SshKeys);

/// A search for a placement that has capacity for an instance, with the rules and cost of
/// [`PlacementSearch`](crate::PlacementSearch). Returned by [`Instances::first_available`].
///
/// ```no_run
/// # fn example(client: genesiscloud::blocking::Client, new: genesiscloud::CreateInstance)
/// # -> Result<(), genesiscloud::NoCapacity> {
/// use genesiscloud::Region;
///
/// let place = (Region::NordNoKrs1, "vcpu-4_memory-12g_disk-80g_nvidia3080-1");
/// let vm = client.instances().first_available(new, [place]).create_ready()?;
/// println!("{} is active in {}", vm.id, vm.region);
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a search creates nothing before it is started"]
pub struct PlacementSearch(crate::PlacementSearch);

impl PlacementSearch {
    setters! { PlacementSearch: within(time: Duration), every(pause: Duration), ready_within(time: Duration) }

    calls! {
        PlacementSearch: create() -> Result<Instance, NoCapacity>, create_ready() -> Result<Instance, NoCapacity>
    }

    /// Returns a scope whose instance is created by this search, as
    /// [`PlacementSearch::scoped`](crate::PlacementSearch::scoped), which documents it.
    pub fn scoped(self) -> InstanceScope {
        InstanceScope(self.0.scoped())
    }
}

/// A reconciliation that has not begun. Returned by [`Client::reconcile`].
///
/// ```no_run
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use genesiscloud::FileLedger;
/// use genesiscloud::blocking::Client;
///
/// let ledger = FileLedger::open("fleet.ledger")?;
/// let client = Client::builder().token("secret").ledger(ledger.clone()).build()?;
/// println!("{}", client.reconcile(&ledger).delete()?);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a reconciliation does nothing before `adopt`, `delete` or `decide`"]
pub struct Reconcile(crate::Reconcile);

impl Reconcile {
    calls! {
        Reconcile: adopt() -> Result<Reconciliation>, delete() -> Result<Reconciliation>,
        decide(decide: impl FnMut(&LedgerEntry, &AnyResource) -> Decision + Send + 'static) -> Result<Reconciliation>,
    }
}

/// The instances that a sweep has found. Returned by [`Instances::sweep`]. Nothing is deleted before [`delete`](Self::delete).
///
/// ```no_run
/// # fn example(client: genesiscloud::blocking::Client) -> genesiscloud::Result<()> {
/// let sweep = client.instances().sweep("trainer")?;
/// for vm in sweep.instances() {
///     println!("{} {} since {}", vm.id, vm.name, vm.created_at);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a sweep deletes nothing before `delete`"]
pub struct Sweep(crate::Sweep);

impl Sweep {
    setters! { Sweep: retain(keep: impl FnMut(&Instance) -> bool) }

    calls! { Sweep: delete() -> Vec<OrphanedResource> }

    /// Returns the instances that were found.
    pub fn instances(&self) -> &[Instance] {
        self.0.instances()
    }
}

impl Instances {
    /// Returns a scope, as [`Instances::scoped`](crate::Instances::scoped), which documents it.
    pub fn scoped(&self, new: CreateInstance) -> InstanceScope {
        InstanceScope(self.0.scoped(new))
    }

    /// Returns a search for a placement, as [`Instances::first_available`](crate::Instances::first_available), which documents
    /// it.
    pub fn first_available<T: Into<String>>(
        &self,
        new: CreateInstance,
        placements: impl IntoIterator<Item = (Region, T)>,
    ) -> PlacementSearch {
        PlacementSearch(self.0.first_available(new, placements))
    }

    /// Blocks until [`Instances::create_first_available`](crate::Instances::create_first_available) has ended, which documents
    /// it.
    pub fn create_first_available<T: Into<String>>(
        &self,
        new: CreateInstance,
        placements: impl IntoIterator<Item = (Region, T)>,
    ) -> Result<Instance, NoCapacity> {
        block_on(self.0.create_first_available(new, placements))
    }

    /// Blocks until [`Instances::sweep`](crate::Instances::sweep) has ended, which documents it.
    pub fn sweep(&self, prefix: impl AsRef<str>) -> Result<Sweep> {
        block_on(self.0.sweep(prefix)).map(Sweep)
    }
}

impl Client {
    /// Returns a scope, as [`Client::scope`](crate::Client::scope), which documents it.
    pub fn scope(&self) -> ScopeBuilder {
        ScopeBuilder(self.as_async().scope())
    }

    /// Blocks until [`Client::wait_for_cleanup`](crate::Client::wait_for_cleanup) has ended, which documents it.
    pub fn wait_for_cleanup(&self) -> Vec<OrphanedResource> {
        block_on(self.as_async().wait_for_cleanup())
    }

    /// Returns a reconciliation, as [`Client::reconcile`](crate::Client::reconcile), which documents it.
    pub fn reconcile(&self, ledger: &(impl Ledger + Clone)) -> Reconcile {
        Reconcile(self.as_async().reconcile(ledger))
    }
}
