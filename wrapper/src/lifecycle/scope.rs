//! A scope: what is created in it exists only while its work is done.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{Either, select};

use super::any_resource::AnyResource;
use super::conclusion::conclude;
use super::deletion::{Observed, Target};
use super::owned::{DeleteOnDrop, Owned};
use super::scope_error::{ScopeError, ScopeFailure};
use super::stop::Stop;
use crate::core::Core;
use crate::resource::{self, Resource};
use crate::transport::CancelHandle;
use crate::{
    Call, Client, CloneSnapshot, CreateFilesystem, CreateFloatingIp, CreateInstance, CreateInstanceSnapshot,
    CreateSecurityGroup, CreateSnapshot, CreateSshKey, CreateVolume, Error, Filesystem, FloatingIp, Instance,
    Instances, Result, SecurityGroup, Snapshot, Snapshots, SshKey, Volume, wait,
};

impl Client {
    /// Returns a scope: what is created in it exists only while its work is done, and is deleted however the work ends.
    /// [`ScopeBuilder`] has the details. Sends nothing.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use genesiscloud::{CreateVolume, Region};
    ///
    /// client.scope().run(async |scope| {
    ///     let disk = scope.create(CreateVolume::new("scratch", Region::NordNoKrs1, 50)).await?;
    ///     client.volumes().wait(&disk).await?;
    ///     Ok::<_, genesiscloud::Error>(())
    /// }).await?;
    /// # Ok(()) }
    /// ```
    pub fn scope(&self) -> ScopeBuilder {
        ScopeBuilder {
            core: self.core().clone(),
            delete_within: wait::DEFAULT_TIMEOUT,
            keep_on_error: false,
            stop: Stop::never(),
        }
    }
}

/// A scope that has not begun. Returned by [`Client::scope`]; sends nothing.
///
/// The work gets a [`Scope`], and creates in it what it needs: SSH keys, security groups, volumes, filesystems, snapshots,
/// floating IPs, instances. All of it is deleted when the work succeeds, fails or panics, when the scope is
/// [stopped](Self::stop_when), and when the future of [`run`](Self::run) is dropped. For one instance alone,
/// [`Instances::scoped`](crate::Instances::scoped) also waits until it is ready.
///
/// ```
/// # async fn example(client: genesiscloud::Client, public_key: &str) -> Result<(), Box<dyn std::error::Error>> {
/// use genesiscloud::{CreateInstance, CreateSshKey, CreateVolume, Error, Region};
///
/// let region = Region::NordNoKrs1;
/// let gpu = "vcpu-4_memory-12g_disk-80g_nvidia3080-1";
/// let address = client.scope()
///     .stop_when(async { tokio::signal::ctrl_c().await.ok(); })
///     .run(async |scope| {
///         let key = scope.create(CreateSshKey::new("job", public_key)).await?;
///         let disk = scope.create(CreateVolume::new("job", region.clone(), 50)).await?;
///         client.volumes().wait(&disk).await?;
///         let vm = CreateInstance::new("job", gpu, "ubuntu-24.04", region.clone()).ssh_keys([&key]).volumes([&disk]);
///         let vm = scope.create(vm).await?;
///         let vm = client.instances().wait(&vm).until_addressed().await?;
///         Ok::<_, Error>(vm.public_ip)
///     })
///     .await?;
/// # Ok(()) }
/// ```
#[must_use = "a scope does nothing before `run`"]
pub struct ScopeBuilder {
    core: Core,
    delete_within: Duration,
    keep_on_error: bool,
    stop: Stop,
}

impl ScopeBuilder {
    /// Sets a future that stops the scope when it resolves: on Ctrl-C, at a time, when another task fails. The work is dropped,
    /// a create that has not been sent is not sent, and what has been created is deleted.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) {
    /// use std::time::Duration;
    ///
    /// let scope = client.scope().stop_when(tokio::time::sleep(Duration::from_secs(3600)));
    /// # }
    /// ```
    pub fn stop_when(self, stop: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { stop: Stop::when(stop), ..self }
    }

    /// Keeps everything that the scope owns if the work returns an error or panics, so that it can be inspected; by default, it
    /// is deleted. After success, and when the scope is stopped or dropped, it is deleted all the same. What is kept is billed
    /// until it is deleted; the error names all of it ([`ScopeError::kept`]). To keep one resource, however the work ends, the
    /// work calls [`Scope::keep`].
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let scope = client.scope().keep_on_error();
    /// # }
    /// ```
    pub fn keep_on_error(self) -> Self {
        Self { keep_on_error: true, ..self }
    }

    /// Sets the time limit for the deletions of each of the two steps, instances and then all others; 20 minutes by default.
    /// It is that of [`Deletion::within`](crate::Deletion::within) for each of them: it includes the wait until the resource
    /// is gone, attempts begin 2, 4, 8 and 16 s after one another, and then every 30 s, and with zero there is one attempt: a
    /// call with its retries, and one poll unless it is rejected. What is not gone by then is named by the error
    /// ([`ScopeError::orphans`]).
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) {
    /// use std::time::Duration;
    ///
    /// let scope = client.scope().delete_within(Duration::from_secs(300));
    /// # }
    /// ```
    pub fn delete_within(self, time: Duration) -> Self {
        Self { delete_within: time, ..self }
    }

    /// Does the work, and deletes what the scope owns, however the work ends; a panic continues after the deletions.
    ///
    /// **Order**: instances first, all at once, since they use what else there is; when they are gone, all others at once. What
    /// cannot be deleted yet is waited out, as [`Deletion`](crate::Deletion) has it, 20 minutes at most in each of the two
    /// steps ([`delete_within`](Self::delete_within)). What cannot be deleted at all does not stop the others. If an instance
    /// is left, others in use are waited for a minute only.
    ///
    /// **Costs** for each resource its create, its deletion, and the polls until it is gone, which resources of a kind share.
    ///
    /// **If only deletions fail**, the result of the work is lost: `run` returns the error instead. Let the work itself store
    /// what must not be lost.
    ///
    /// **If the future is dropped** before it ends, all this is done in the background, on the runtime it ran on; creates in
    /// flight are awaited there first. [`Client::wait_for_cleanup`] waits for it, and deletes itself what that runtime leaves
    /// because it has ended or stands still. No library can delete after its process was killed or aborted, or after its last
    /// runtime has ended, as when `main` returns: let `run` end wherever possible, by `stop_when`, or await `wait_for_cleanup`
    /// before the program ends. With a ledger ([`ClientBuilder::ledger`](crate::ClientBuilder::ledger)), a later process finds
    /// what is left.
    ///
    /// # Errors
    /// [`ScopeError`] has what failed, [`Work`](ScopeFailure::Work) or [`Stopped`](ScopeFailure::Stopped), and everything that
    /// is left.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) {
    /// let outcome = client.scope().run(async |scope| {
    ///     let vm = scope.create(new).await?;
    ///     Ok::<_, genesiscloud::Error>(client.instances().wait(&vm).await?.region)
    /// }).await;
    /// if let Err(error) = outcome {
    ///     error.orphans().iter().for_each(|orphan| eprintln!("{orphan}"));
    /// }
    /// # }
    /// ```
    pub async fn run<R, E, W>(self, work: impl FnOnce(Scope) -> W) -> Result<R, ScopeError<E>>
    where
        W: Future<Output = Result<R, E>>,
    {
        let Self { core, delete_within, keep_on_error, mut stop } = self;
        let guard = DeleteOnDrop::new(&core, delete_within)
            .map_err(|error| ScopeError::not_created(ScopeFailure::Create(error)))?;
        let scope = Scope(Arc::clone(guard.owned()));
        // A panic of the work or of the future that stops the scope continues after the deletions.
        let outcome = AssertUnwindSafe(work_in(scope, work, &mut stop)).catch_unwind().await;
        conclude(guard, outcome, None, keep_on_error).await
    }
}

/// Does the work, unless the scope is stopped.
async fn work_in<R, E, W>(scope: Scope, work: impl FnOnce(Scope) -> W, stop: &mut Stop) -> Result<R, ScopeFailure<E>>
where
    W: Future<Output = Result<R, E>>,
{
    if (&mut *stop).now_or_never().is_some() {
        return Err(ScopeFailure::Stopped);
    }
    match select(pin!(work(scope)), stop).await {
        Either::Left((outcome, _)) => outcome.map_err(ScopeFailure::Work),
        Either::Right(_) => Err(ScopeFailure::Stopped),
    }
}

/// A scope whose work is being done: creates what the work needs, and owns it. Given to the work by [`ScopeBuilder::run`].
/// Clones are the same scope; they can be moved into tasks, whose creates fail once the scope has ended.
///
/// ```
/// # async fn example(client: genesiscloud::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use futures::future::try_join_all;
/// use genesiscloud::{CreateVolume, Region};
///
/// client.scope().run(async |scope| {
///     let new = |number| CreateVolume::new(format!("shard-{number}"), Region::NordNoKrs1, 50);
///     let disks = try_join_all((0..8).map(|number| scope.create(new(number)))).await?;
///     Ok::<_, genesiscloud::Error>(disks.len())
/// }).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Scope(Arc<Owned>);

impl Scope {
    /// Creates a resource that the scope owns from then on, as by `create_or_recover` of its kind: if the response is lost, its
    /// result is searched for. If none is found, the error [is ambiguous](Error::is_ambiguous), and the [`ScopeError`] names
    /// what may exist, whatever the work does with the error. The create is recorded in the ledger, if the client has one.
    ///
    /// If the call is dropped, a create that has not been sent is not sent. If it has been sent, its result belongs to the
    /// scope.
    ///
    /// An SSH key is not searched for: one that existed before can have the same name and the same key, and is not the scope's
    /// to delete.
    ///
    /// One request; after a lost response, those of the search.
    ///
    /// # Errors
    /// As of `create_or_recover`. [`InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, for an instance
    /// that is [protected](CreateInstance::is_protected), since it could not be deleted, and once the scope has ended.
    ///
    /// ```
    /// # async fn example(scope: genesiscloud::Scope, public_key: &str) -> genesiscloud::Result<()> {
    /// use genesiscloud::{CreateSecurityGroup, CreateSshKey, Region};
    ///
    /// let key = scope.create(CreateSshKey::new("job", public_key)).await?;
    /// let group = scope.create(CreateSecurityGroup::new("job", Region::NordNoKrs1, [])).await?;
    /// # Ok(()) }
    /// ```
    pub fn create<C: CreateParameters>(&self, new: C) -> Call<C::Resource> {
        let owned = Arc::clone(&self.0);
        Call::new(async move {
            new.check()?;
            let name = C::Resource::NAME(&new).to_owned();
            let core = owned.core.clone();
            owned.create(&name, |cancel| new.create(&core, &core.with_cancel(cancel)))?.await
        })
    }

    /// Creates a snapshot of an instance, which the scope owns from then on, as by
    /// [`Instances::create_snapshot_or_recover`]. One request; after a lost response, those of the search.
    ///
    /// ```
    /// # async fn example(scope: genesiscloud::Scope, vm: genesiscloud::Instance) -> genesiscloud::Result<()> {
    /// use genesiscloud::CreateInstanceSnapshot;
    ///
    /// let snapshot = scope.create_snapshot(&vm, CreateInstanceSnapshot::new("before-the-upgrade")).await?;
    /// # Ok(()) }
    /// ```
    pub fn create_snapshot(&self, instance: impl AsRef<str>, snapshot: CreateInstanceSnapshot) -> Call<Snapshot> {
        let id = instance.as_ref().to_owned();
        self.create_by(snapshot.0.name.clone(), move |core| {
            Instances::new(core).create_snapshot_or_recover(id, snapshot)
        })
    }

    /// Copies a snapshot; the scope owns the copy from then on, as by [`Snapshots::clone_snapshot_or_recover`]. One request;
    /// after a lost response, those of the search.
    ///
    /// ```
    /// # async fn example(scope: genesiscloud::Scope) -> genesiscloud::Result<()> {
    /// use genesiscloud::{CloneSnapshot, Region};
    ///
    /// let copy = scope.clone_snapshot("a-snapshot", CloneSnapshot::new("copy", Region::EucDeMuc1)).await?;
    /// # Ok(()) }
    /// ```
    pub fn clone_snapshot(&self, id: impl AsRef<str>, copy: CloneSnapshot) -> Call<Snapshot> {
        let id = id.as_ref().to_owned();
        self.create_by(copy.0.name.clone(), move |core| Snapshots::new(core).clone_snapshot_or_recover(id, copy))
    }

    fn create_by<R>(&self, name: String, create: impl FnOnce(&Core) -> Call<R> + Send + 'static) -> Call<R>
    where
        R: Observed + Clone + Into<AnyResource>,
    {
        let owned = Arc::clone(&self.0);
        Call::new(async move {
            let core = owned.core.clone();
            owned.create(&name, |cancel: CancelHandle| create(&core.with_cancel(cancel)))?.await
        })
    }

    /// Takes over a resource that exists: it is deleted when the scope ends. Sends nothing.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) once the scope has ended: then it is not deleted.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, scope: genesiscloud::Scope) -> genesiscloud::Result<()> {
    /// let disk = client.volumes().get("an-id").await?;
    /// scope.adopt(&disk)?;
    /// # Ok(()) }
    /// ```
    pub fn adopt(&self, resource: impl Into<AnyResource>) -> Result<()> {
        self.0.adopt(Target::of_any(resource.into()))
    }

    /// Keeps the one resource with this id, however the work ends: the scope gives it up, and does not delete it. Returns
    /// whether the scope owned it, and had not ended yet. Sends nothing. To keep everything, but only after an error, the scope
    /// is built with [`keep_on_error`](ScopeBuilder::keep_on_error); [`ScopeError::kept`] has what that kept, and not this one.
    ///
    /// ```
    /// # async fn example(scope: genesiscloud::Scope, result: genesiscloud::Volume) {
    /// scope.keep(&result); // it outlives the scope, and is billed
    /// # }
    /// ```
    pub fn keep(&self, id: impl AsRef<str>) -> bool {
        self.0.release(id.as_ref())
    }
}

/// Parameters for creating a resource that a scope can own. Sealed: implemented by this crate's `Create…` types.
pub trait CreateParameters: private::CreateParameters {}

impl<C: private::CreateParameters> CreateParameters for C {}

mod private {
    use super::*;

    pub trait CreateParameters: Send + Sync + Sized + 'static {
        type Resource: Resource<Create = Self> + Observed + Clone + Into<AnyResource>;

        /// Refuses what could not be deleted.
        fn check(&self) -> Result<()> {
            Ok(())
        }

        /// Creates it; the create itself is sent with `sender`.
        fn create(self, core: &Core, sender: &Core) -> Call<Self::Resource> {
            resource::create_or_recover_with(core, sender, self)
        }
    }
}

macro_rules! create_parameters {
    ($($Create:ident => $Item:ident),+) => {
        $(
            impl private::CreateParameters for $Create {
                type Resource = $Item;
            }
        )+
    };
}

create_parameters! {
    CreateVolume => Volume,
    CreateFilesystem => Filesystem,
    CreateSnapshot => Snapshot,
    CreateFloatingIp => FloatingIp,
    CreateSecurityGroup => SecurityGroup
}

impl private::CreateParameters for CreateInstance {
    type Resource = Instance;

    fn check(&self) -> Result<()> {
        match self.0.is_protected {
            Some(true) => Err(Error::invalid_input(
                "the instance of a scope cannot be protected: it could not be deleted at the end",
            )),
            _ => Ok(()),
        }
    }
}

/// Not recovered: what is found by its key can be one that existed before.
impl private::CreateParameters for CreateSshKey {
    type Resource = SshKey;

    fn create(self, _: &Core, sender: &Core) -> Call<SshKey> {
        resource::create(sender, self)
    }
}

impl fmt::Debug for ScopeBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { delete_within, keep_on_error, .. } = self;
        let mut shown = f.debug_struct("ScopeBuilder");
        shown.field("delete_within", delete_within).field("keep_on_error", keep_on_error).finish_non_exhaustive()
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scope").field(&self.0).finish()
    }
}
