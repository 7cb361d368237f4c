//! Beyond single calls: instances placed where there is capacity, resources used within a scope, and their cleanup.

mod any_resource;
mod background;
#[cfg(feature = "blocking")]
pub(crate) mod blocking;
mod cleanup;
mod conclusion;
mod deletion;
mod instance_scope;
mod orphan;
mod owned;
mod placement;
mod reconcile;
mod scope;
mod scope_error;
mod search;
mod stop;
mod sweep;

use futures::future::BoxFuture;

pub use self::any_resource::AnyResource;
use self::cleanup::Cleanup;
pub use self::deletion::Deletion;
pub use self::instance_scope::InstanceScope;
pub use self::orphan::OrphanedResource;
pub use self::placement::{FailedPlacement, NoCapacity, PlacementFailure};
pub use self::reconcile::{Decision, Reconcile, Reconciliation, Undecided};
pub use self::scope::{CreateParameters, Scope, ScopeBuilder};
pub use self::scope_error::{ScopeError, ScopeFailure};
pub use self::search::PlacementSearch;
pub use self::sweep::Sweep;
use crate::resources::Instances;
use crate::{Client, CreateInstance, Instance, Region};

impl Instances {
    /// Returns a scope: an instance that exists only while work is done with it, and is deleted however the work ends.
    /// [`InstanceScope`] has the details. Sends nothing before [`InstanceScope::run`] is polled.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance)
    /// # -> Result<(), Box<dyn std::error::Error>> {
    /// let scope = client.instances().scoped(new).until_addressed();
    /// let ip = scope.run(async |vm| Ok::<_, genesiscloud::Error>(vm.public_ip)).await?;
    /// # Ok(()) }
    /// ```
    pub fn scoped(&self, new: CreateInstance) -> InstanceScope {
        InstanceScope::new(&self.core, new)
    }

    /// Creates an instance at the first of these placements, regions and instance types, that has capacity. Region and
    /// type of `new` itself are not used. If the response to a create is lost, its result is searched for, as by
    /// [`create_or_recover`](Self::create_or_recover).
    ///
    /// A placement that the service reports as not available, or that exceeds the account's quota of instances, is skipped.
    /// If a create is rejected for lack of capacity (02036) or for a quota, the next placement is tried; any other error ends
    /// it. Volumes and security groups belong to a region: with them, choose placements in theirs. Returns the instance as soon
    /// as a create is accepted; [`first_available`](Self::first_available) can also wait until it is active, and go on if it
    /// fails before that, or keep trying for some time.
    ///
    /// Costs one request for the quotas, one for the availability of each region, and one for each create. If quotas or
    /// availability cannot be read, the creates decide.
    ///
    /// # Errors
    /// [`NoCapacity`] has the reason why each placement failed, and the error that ended it, if there was one.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance)
    /// # -> Result<(), genesiscloud::NoCapacity> {
    /// use genesiscloud::Region;
    ///
    /// let vm = client.instances().create_first_available(new, [
    ///     (Region::NordNoKrs1, "vcpu-4_memory-12g_disk-80g_nvidia3080-1"),
    ///     (Region::NordNoKrs1, "vcpu-8_memory-24g_disk-80g_nvidia3090-1"),
    /// ]).await?;
    /// println!("{} in {}", vm.type_, vm.region);
    /// # Ok(()) }
    /// ```
    pub fn create_first_available<T: Into<String>>(
        &self,
        new: CreateInstance,
        placements: impl IntoIterator<Item = (Region, T)>,
    ) -> BoxFuture<'static, Result<Instance, NoCapacity>> {
        self.first_available(new, placements).create()
    }
}

impl Client {
    /// Waits until all background deletions have ended: those of scopes that were dropped ([`ScopeBuilder::run`],
    /// [`InstanceScope::run`]), and of the creates that were in flight then. Returns the resources that could not be deleted,
    /// each once; each was also logged as an event of level `ERROR`.
    ///
    /// A deletion whose runtime has ended, or stands still (which is noticed after 2 s), is done here, by the caller's runtime.
    /// A create that was in flight on such a runtime is returned as a resource that may exist.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) {
    /// for orphan in client.wait_for_cleanup().await {
    ///     eprintln!("{orphan}");
    /// }
    /// # }
    /// ```
    pub async fn wait_for_cleanup(&self) -> Vec<OrphanedResource> {
        self.core().shared::<Cleanup>().wait(self.core()).await
    }
}
