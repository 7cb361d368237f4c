//! Reconciliation: what the open entries of a ledger are about is searched for, and adopted or deleted.

mod claim;
mod delete;
mod result;
mod search;

use std::collections::HashMap;
use std::sync::Arc;

use futures::future::{BoxFuture, join_all};

use self::claim::{Claimed, claim};
use self::delete::delete_all;
pub use self::result::{Decision, Reconciliation, Undecided};
use self::search::{Finding, search};
use super::any_resource::AnyResource;
use crate::core::Core;
use crate::ledger::{Ledger, LedgerEntry, LedgerRecord, Recording, ResourceKind};
use crate::{Client, Filesystem, FloatingIp, Instance, Result, SecurityGroup, Snapshot, SshKey, Volume};

/// A reconciliation that has not begun. Returned by [`Client::reconcile`].
#[must_use = "a reconciliation does nothing before `adopt`, `delete` or `decide`"]
#[derive(Clone, Debug)]
pub struct Reconcile {
    core: Core,
    ledger: Arc<dyn Ledger>,
}

impl Client {
    /// Returns a reconciliation: it finds the resources that the open entries of a ledger are about, such as those of a process
    /// that was killed, and adopts or deletes them. Resources of which the ledger knows nothing are never touched.
    ///
    /// The entries of processes that have ended are reconciled; of this process, those whose create had no response or was
    /// dropped before, those whose deletion was accepted, and those that an earlier reconciliation did not adopt. What another
    /// running process holds is skipped. Of several processes that reconcile, one gets each entry, and the others leave it to
    /// that one as long as it runs.
    ///
    /// A resource is recognised by its id, or, if that is not known, by its name and its marker, which must be present and
    /// equal. An entry without id and marker is undecided if there are resources with its name: an instance whose host name the
    /// caller has set, a snapshot, an SSH key. An entry whose resource is not found for a minute, the
    /// [`propagation_timeout`](crate::ClientBuilder::propagation_timeout), is closed.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use genesiscloud::{Client, FileLedger};
    ///
    /// let ledger = FileLedger::open("fleet.ledger")?;
    /// let client = Client::builder().token("secret").ledger(ledger.clone()).build()?;
    /// println!("{}", client.reconcile(&ledger).delete().await?);
    /// # Ok(()) }
    /// ```
    pub fn reconcile(&self, ledger: &(impl Ledger + Clone)) -> Reconcile {
        Reconcile { core: self.core().clone(), ledger: Arc::new(ledger.clone()) }
    }
}

impl Reconcile {
    /// Adopts what is found: it is returned, and this process is its holder.
    ///
    /// **Costs** a [verified](crate::List::verified) list of each kind of resource that has open entries to reconcile; up to 7
    /// of them over a minute while a resource is not found, and then one request for each that has an id.
    ///
    /// # Errors
    /// [`Ledger`](crate::ErrorKind::Ledger) if the ledger cannot be read or written. What happens to single resources is part
    /// of the result.
    ///
    /// ```no_run
    /// # async fn example(client: genesiscloud::Client, ledger: genesiscloud::FileLedger) -> genesiscloud::Result<()> {
    /// for resource in client.reconcile(&ledger).adopt().await?.adopted {
    ///     println!("{} {} is mine again", resource.kind(), resource.id());
    /// }
    /// # Ok(()) }
    /// ```
    #[inline]
    pub fn adopt(self) -> BoxFuture<'static, Result<Reconciliation>> {
        self.decide(|_, _| Decision::Adopt)
    }

    /// Deletes what is found, and waits until it is gone: instances first, 20 minutes at most, and then all others, as a
    /// [scope](crate::ScopeBuilder::run) does.
    ///
    /// **Costs** the requests of [`adopt`](Self::adopt), and a deletion and its polls for each resource.
    ///
    /// # Errors
    /// Those of [`adopt`](Self::adopt). What could not be deleted is part of the result.
    ///
    /// ```no_run
    /// # async fn example(client: genesiscloud::Client, ledger: genesiscloud::FileLedger) -> genesiscloud::Result<()> {
    /// for (resource, error) in client.reconcile(&ledger).delete().await?.not_deleted {
    ///     eprintln!("{} {} still exists: {error}", resource.kind(), resource.id());
    /// }
    /// # Ok(()) }
    /// ```
    #[inline]
    pub fn delete(self) -> BoxFuture<'static, Result<Reconciliation>> {
        self.decide(|_, _| Decision::Delete)
    }

    /// Adopts, deletes or leaves each resource that is found, as the function says. It is not asked about a resource whose
    /// deletion the API has accepted before: that is deleted.
    ///
    /// # Errors
    /// Those of [`adopt`](Self::adopt).
    ///
    /// ```no_run
    /// # async fn example(client: genesiscloud::Client, ledger: genesiscloud::FileLedger) -> genesiscloud::Result<()> {
    /// use genesiscloud::{Decision, ResourceKind};
    ///
    /// let reconciled = client.reconcile(&ledger).decide(|entry, resource| match resource.kind() {
    ///     ResourceKind::Volume => Decision::Adopt,
    ///     _ if entry.planned.owner.as_deref() == Some("nightly training") => Decision::Delete,
    ///     _ => Decision::Leave,
    /// });
    /// println!("{}", reconciled.await?);
    /// # Ok(()) }
    /// ```
    pub fn decide(
        self,
        mut decide: impl FnMut(&LedgerEntry, &AnyResource) -> Decision + Send + 'static,
    ) -> BoxFuture<'static, Result<Reconciliation>> {
        Box::pin(async move {
            let Self { core, ledger } = self;
            let owner = core.recording().and_then(|recording| recording.owner.clone());
            let core = core.with_built_options().with_recording(Recording { ledger: Arc::clone(&ledger), owner });
            let mut result = Reconciliation::default();
            let claimed = claim(&core, &*ledger, &mut result.skipped).await?;
            let mut to_delete = vec![];
            for (claimed, finding) in find(&core, claimed).await {
                settle(&core, claimed, finding, &mut decide, &mut result, &mut to_delete).await;
            }
            delete_all(&core, to_delete, &mut result).await;
            Ok(result)
        })
    }
}

/// Searches for the results of entries of all kinds at once.
#[inline]
async fn find(core: &Core, claimed: Vec<Claimed>) -> Vec<(Claimed, Finding)> {
    let mut by_kind: HashMap<ResourceKind, Vec<Claimed>> = HashMap::new();
    for one in claimed {
        by_kind.entry(one.entry.planned.kind).or_default().push(one);
    }
    let searches = by_kind.into_iter().map(|(kind, entries)| search_kind(core, kind, entries));
    join_all(searches).await.into_iter().flatten().collect()
}

type Findings<'a> = BoxFuture<'a, Vec<(Claimed, Finding)>>;

#[inline]
fn search_kind(core: &Core, kind: ResourceKind, entries: Vec<Claimed>) -> Findings<'_> {
    match kind {
        ResourceKind::Instance => Box::pin(search::<Instance>(core, entries)),
        ResourceKind::Volume => Box::pin(search::<Volume>(core, entries)),
        ResourceKind::Filesystem => Box::pin(search::<Filesystem>(core, entries)),
        ResourceKind::Snapshot => Box::pin(search::<Snapshot>(core, entries)),
        ResourceKind::FloatingIp => Box::pin(search::<FloatingIp>(core, entries)),
        ResourceKind::SecurityGroup => Box::pin(search::<SecurityGroup>(core, entries)),
        ResourceKind::SshKey => Box::pin(search::<SshKey>(core, entries)),
    }
}

/// Puts what was found for an entry into the result, or among what is to be deleted.
async fn settle(
    core: &Core,
    claimed: Claimed,
    finding: Finding,
    decide: &mut impl FnMut(&LedgerEntry, &AnyResource) -> Decision,
    result: &mut Reconciliation,
    to_delete: &mut Vec<(Arc<Claimed>, AnyResource)>,
) {
    match finding {
        Finding::Undecided { reason, candidates } => {
            result.undecided.push(Undecided { entry: claimed.entry, reason, candidates });
        }
        Finding::Found(resources) if resources.is_empty() => {
            let key = claimed.entry.planned.key.clone();
            core.note(LedgerRecord::NotCreated { key }).await;
            result.closed.push(claimed.entry);
        }
        Finding::Found(resources) => {
            let claimed = Arc::new(claimed);
            for resource in resources {
                let entry = &claimed.entry;
                let id = resource.id().to_owned();
                let is_deleting = entry.deleting.contains(&id);
                let is_recorded = entry.ids.contains(&id)
                    || core.note(LedgerRecord::Created { key: entry.planned.key.clone(), id }).await;
                match if is_deleting { Decision::Delete } else { decide(entry, &resource) } {
                    Decision::Adopt if is_recorded => {
                        claimed.adopt();
                        result.adopted.push(resource);
                    }
                    Decision::Adopt => result.undecided.push(Undecided {
                        entry: entry.clone(),
                        reason: "it was found, and the ledger could not be updated".to_owned(),
                        candidates: vec![resource.id().to_owned()],
                    }),
                    Decision::Leave => result.left.push(resource),
                    Decision::Delete => to_delete.push((Arc::clone(&claimed), resource)),
                }
            }
        }
    }
}
