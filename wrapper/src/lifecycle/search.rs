//! The search for a placement with capacity, as callers configure and start it.

use std::fmt;
use std::time::Duration;

use futures::future::BoxFuture;

use super::instance_scope::{InstanceScope, create_ready};
use super::placement::{NoCapacity, PlacementFailure, Plan, Rounds};
use crate::core::Core;
use crate::resources::Instances;
use crate::{CreateInstance, Error, Instance, Region, wait};

/// A search for a placement, a region and an instance type, that has capacity for an instance. Returned by
/// [`Instances::first_available`]; sends nothing before one of [`create`](Self::create), [`create_ready`](Self::create_ready)
/// and [`InstanceScope::run`](crate::InstanceScope::run) is polled.
///
/// * **Order**: one placement after the other, never two at once. A placement that the service reports as not available, or
///   that exceeds the account's quota of instances, is skipped.
/// * **What goes on to the next placement**: a create that is rejected for lack of capacity or for a quota
///   ([`Error::is_out_of_resources`]); and, where the instance is waited for, an instance that ends in `error` or is gone
///   before it is active. It is deleted, and confirmed to be gone, before the next is created.
/// * **What ends it**: any other error; an instance that cannot be deleted, so that there are never two; and the end of the
///   last round. There is one round, unless [`within`](Self::within) gives time for more.
/// * **Cost**: each round one request for the quotas and one for the availability of each region; each create one, and what
///   [`create_or_recover`](Instances::create_or_recover) costs if its response is lost; each instance that does not become
///   active its polls, a deletion, and the polls until it is gone. A search of an hour with the default pause in one region
///   without capacity costs at most 240 requests.
///
/// ```
/// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance)
/// # -> Result<(), genesiscloud::NoCapacity> {
/// use genesiscloud::Region;
/// use std::time::Duration;
///
/// let placements = [Region::NordNoKrs1, Region::EucDeMuc1].map(|region| (region, "vcpu-4_memory-12g_disk-80g_nvidia3080-1"));
/// let vm = client.instances().first_available(new, placements)
///     .within(Duration::from_secs(3600))
///     .create_ready()
///     .await?;
/// println!("{} is active in {}", vm.id, vm.region);
/// # Ok(()) }
/// ```
#[must_use = "a search creates nothing before it is started"]
pub struct PlacementSearch {
    core: Core,
    new: CreateInstance,
    plan: Plan,
    ready_within: Duration,
}

impl PlacementSearch {
    fn new<T: Into<String>>(
        core: &Core,
        new: CreateInstance,
        placements: impl IntoIterator<Item = (Region, T)>,
    ) -> Self {
        Self { core: core.clone(), new, plan: Plan::new(placements), ready_within: wait::DEFAULT_TIMEOUT }
    }

    /// Tries the placements again, round after round, for this time from the start. After it no create begins, but one that has
    /// begun is brought to its end. By default there is one round.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance,
    /// # places: Vec<(genesiscloud::Region, String)>) {
    /// let search = client.instances().first_available(new, places).within(std::time::Duration::from_secs(3600));
    /// # }
    /// ```
    pub fn within(mut self, time: Duration) -> Self {
        self.plan.within = Some(time);
        self
    }

    /// Sets the pause between rounds, at least 1 s; 30 s by default.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance,
    /// # places: Vec<(genesiscloud::Region, String)>) {
    /// use std::time::Duration;
    ///
    /// let search = client.instances().first_available(new, places)
    ///     .within(Duration::from_secs(3600))
    ///     .every(Duration::from_secs(120));
    /// # }
    /// ```
    pub fn every(mut self, pause: Duration) -> Self {
        self.plan.every = pause.max(Duration::from_secs(1));
        self
    }

    /// Sets the time limit for an instance to become `active`; 20 minutes by default. An instance that takes longer ends the
    /// search, and is deleted. [`create`](Self::create) does not wait.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance,
    /// # places: Vec<(genesiscloud::Region, String)>) {
    /// let search = client.instances().first_available(new, places).ready_within(std::time::Duration::from_secs(300));
    /// # }
    /// ```
    pub fn ready_within(mut self, time: Duration) -> Self {
        self.ready_within = time;
        self
    }

    /// Creates the instance, and returns it as soon as a create is accepted.
    ///
    /// # Errors
    /// [`NoCapacity`] has the reason why each placement failed, and the error that ended the search, if there was one.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance)
    /// # -> Result<(), genesiscloud::NoCapacity> {
    /// use genesiscloud::Region;
    ///
    /// let place = (Region::NordNoKrs1, "vcpu-4_memory-12g_disk-80g_nvidia3080-1");
    /// let vm = client.instances().first_available(new, [place]).create().await?;
    /// # Ok(()) }
    /// ```
    pub fn create(self) -> BoxFuture<'static, Result<Instance, NoCapacity>> {
        Box::pin(async move {
            let Self { core, new, plan, .. } = self;
            let mut rounds = Rounds::new(&core, new, plan)?;
            while let Some(new) = rounds.next().await {
                match Instances::new(&core).create_or_recover(new).await {
                    Ok(instance) => return Ok(instance),
                    Err(error) if error.is_out_of_resources() => rounds.fail(PlacementFailure::Rejected(error)),
                    Err(error) => return Err(rounds.into_failure().stop(error)),
                }
            }
            Err(rounds.into_failure())
        })
    }

    /// Creates the instance, waits until it is active, and returns it as it is then. An instance that ends in `error`, or is
    /// gone before it is active, is deleted, and the search goes on with the next placement.
    ///
    /// If the future is dropped before it ends, the instance is deleted in the background, as by [`InstanceScope::run`].
    ///
    /// # Errors
    /// [`NoCapacity`] has the reason why each placement failed, the error that ended the search, if there was one, and an
    /// instance that could not be deleted ([`orphaned_instance`](NoCapacity::orphaned_instance)). An instance that is
    /// [protected](CreateInstance::is_protected) is refused before sending, since it could not be deleted: protect it once it
    /// is active.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance)
    /// # -> Result<(), genesiscloud::NoCapacity> {
    /// use genesiscloud::Region;
    ///
    /// let place = (Region::NordNoKrs1, "vcpu-4_memory-12g_disk-80g_nvidia3080-1");
    /// let vm = client.instances().first_available(new, [place]).create_ready().await?;
    /// println!("{} is active in {}", vm.id, vm.region);
    /// # Ok(()) }
    /// ```
    pub fn create_ready(self) -> BoxFuture<'static, Result<Instance, NoCapacity>> {
        Box::pin(async move {
            let Self { core, new, plan, ready_within } = self;
            let is_protected = new.0.is_protected == Some(true);
            let rounds = Rounds::new(&core, new, plan)?;
            if is_protected {
                let reason = "an instance that is waited for cannot be protected: it could not be deleted if it fails";
                return Err(rounds.into_failure().stop(Error::invalid_input(reason)));
            }
            create_ready(&core, rounds, ready_within).await
        })
    }

    /// Returns a scope whose instance is created by this search: it is created, waited for, used and deleted. An instance that
    /// ends in `error`, or is gone before it is active, is deleted, also with [`InstanceScope::keep_on_error`], and the search
    /// goes on. What [`InstanceScope::stop_when`] is given stops the search as well; with [`InstanceScope::until_addressed`],
    /// an instance has to get a public address as well.
    ///
    /// If no placement succeeds, [`ScopeFailure::Create`](crate::ScopeFailure::Create) has the [`NoCapacity`] as an [`Error`].
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance)
    /// # -> Result<(), Box<dyn std::error::Error>> {
    /// use genesiscloud::{Error, Region};
    ///
    /// let places = [Region::NordNoKrs1, Region::EucDeMuc1].map(|region| (region, "vcpu-4_memory-12g_disk-80g_nvidia3080-1"));
    /// let region = client.instances().first_available(new, places).scoped()
    ///     .run(async |vm| Ok::<_, Error>(vm.region))
    ///     .await?;
    /// # Ok(()) }
    /// ```
    pub fn scoped(self) -> InstanceScope {
        let Self { core, new, plan, ready_within } = self;
        InstanceScope::placed(&core, new, plan).ready_within(ready_within)
    }
}

impl fmt::Debug for PlacementSearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { new, plan, ready_within, .. } = self;
        let mut shown = f.debug_struct("PlacementSearch");
        shown.field("new", new).field("plan", plan).field("ready_within", ready_within).finish_non_exhaustive()
    }
}

impl Instances {
    /// Returns a search for the first of these placements, regions and instance types, that has capacity for an instance.
    /// Region and type of `new` itself are not used. Volumes and security groups belong to a region: with them, choose
    /// placements in theirs. [`PlacementSearch`] has the details. Sends nothing.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance)
    /// # -> Result<(), genesiscloud::NoCapacity> {
    /// use genesiscloud::Region;
    ///
    /// let place = (Region::NordNoKrs1, "vcpu-4_memory-12g_disk-80g_nvidia3080-1");
    /// let vm = client.instances().first_available(new, [place]).create_ready().await?;
    /// # Ok(()) }
    /// ```
    pub fn first_available<T: Into<String>>(
        &self,
        new: CreateInstance,
        placements: impl IntoIterator<Item = (Region, T)>,
    ) -> PlacementSearch {
        PlacementSearch::new(&self.core, new, placements)
    }
}
