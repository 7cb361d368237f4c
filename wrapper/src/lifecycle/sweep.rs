//! The search for orphaned instances by their host names alone.

use std::fmt;

use futures::TryStreamExt;

use super::deletion::{Target, delete_all};
use super::orphan::OrphanedResource;
use crate::core::Core;
use crate::resource::has_random_suffix;
use crate::resources::{Instances, hostname_prefix};
use crate::{Call, Instance};

/// The instances that a sweep has found. Nothing is deleted before [`delete`](Self::delete).
#[must_use = "a sweep deletes nothing before `delete`"]
pub struct Sweep {
    core: Core,
    instances: Vec<Instance>,
}

impl Instances {
    /// Finds instances that this crate has created with a marker, and whose name began with `prefix`, for when the ledger is
    /// lost: their host name begins like the name, and ends with `-` and 12 letters and digits, of which the last 2 are
    /// computed from the others. It lists them, and deletes nothing; [`Sweep::delete`] does.
    ///
    /// They can be in use by any program, and one in 1,296 of other host names of that form passes for one of them. An empty
    /// prefix finds all of them. Those whose host name the caller has set have no marker, and are not found.
    ///
    /// Costs a [verified](crate::List::verified) list: at least two requests for every 100 instances.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let sweep = client.instances().sweep("trainer").await?;
    /// for vm in sweep.instances() {
    ///     println!("{} {} since {}", vm.id, vm.name, vm.created_at);
    /// }
    /// // After a look at the list:
    /// for orphan in sweep.delete().await {
    ///     eprintln!("{orphan}");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn sweep(&self, prefix: impl AsRef<str>) -> Call<Sweep> {
        let (core, prefix) = (self.core.clone(), hostname_prefix(prefix.as_ref()));
        let mut all = self.list().per_page(100).verified();
        Call::new(async move {
            let mut instances = vec![];
            while let Some(vm) = all.try_next().await? {
                let hostname = vm.hostname.to_ascii_lowercase();
                if hostname.starts_with(&prefix) && has_random_suffix(&hostname) {
                    instances.push(vm);
                }
            }
            Ok(Sweep { core, instances })
        })
    }
}

impl Sweep {
    /// Returns the instances that were found.
    pub fn instances(&self) -> &[Instance] {
        &self.instances
    }

    /// Keeps only those instances for which the function returns true.
    ///
    /// ```
    /// # fn example(sweep: genesiscloud::Sweep) {
    /// use std::time::SystemTime;
    /// use genesiscloud::chrono::{DateTime, TimeDelta, Utc};
    ///
    /// let yesterday = DateTime::<Utc>::from(SystemTime::now()) - TimeDelta::days(1);
    /// let old = sweep.retain(|vm| vm.created_at < yesterday);
    /// # }
    /// ```
    pub fn retain(mut self, keep: impl FnMut(&Instance) -> bool) -> Self {
        self.instances.retain(keep);
        self
    }

    /// Deletes the instances, and waits until they are gone, 20 minutes at most. Returns those that could not be deleted.
    ///
    /// Costs a deletion for each, and the polls, which all of them share.
    pub async fn delete(self) -> Vec<OrphanedResource> {
        let Self { core, instances } = self;
        let targets: Vec<_> = instances.into_iter().map(Target::of).collect();
        delete_all(&core, &targets).await
    }
}

impl fmt::Debug for Sweep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sweep").field("instances", &self.instances).finish_non_exhaustive()
    }
}
