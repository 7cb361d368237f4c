//! The search for what the entries of a ledger are about.

use futures::TryStreamExt;

use super::claim::{Claimed, is_deleting};
use crate::core::Core;
use crate::ledger::{LedgerEntry, LedgerRecord, Marker, ResourceKind};
use crate::lifecycle::any_resource::AnyResource;
use crate::resource::{self, Resource, delays, has_marker, is_gone, is_marked};
use crate::{List, Result};

/// What was found for an entry.
pub(super) enum Finding {
    /// Its resources. None if there are none: they are gone, or were never created.
    Found(Vec<AnyResource>),
    /// Its resource may exist.
    Undecided { reason: String, candidates: Vec<String> },
}

impl Claimed {
    /// Whether a resource is a result of this entry's create, for certain.
    fn is_result<R: Resource>(&self, item: &R) -> bool {
        let LedgerEntry { planned, ids, .. } = &self.entry;
        let is_certain = || item.name() == planned.name && self.marker().is_some_and(|marker| has_marker(item, marker));
        ids.iter().any(|id| id == item.id()) || !self.recorded.contains(item.id()) && is_certain()
    }

    /// Whether a resource may be the result of this entry's create, although it lacks its name, or its marker.
    fn may_be_result<R: Resource>(&self, item: &R) -> bool {
        let is_alike = match self.marker() {
            Some(marker) if has_marker(item, marker) => true,
            marker => {
                item.name() == self.entry.planned.name && marker.is_none_or(|marker| !is_marked(item, &marker.field))
            }
        };
        is_alike && !self.recorded.contains(item.id())
    }

    /// The marker of the result. An SSH key is marked by the key itself, which another program may have created as well.
    fn marker(&self) -> Option<&Marker> {
        self.entry.planned.marker.as_ref().filter(|_| self.entry.planned.kind != ResourceKind::SshKey)
    }
}

/// Searches the whole list for the results of entries of a kind, until they are found or the propagation timeout is over.
pub(super) async fn search<R: Resource + Clone>(core: &Core, mut entries: Vec<Claimed>) -> Vec<(Claimed, Finding)>
where
    AnyResource: From<R>,
{
    let mut findings = vec![];
    let mut listed = Ok(vec![]);
    for delay in delays(core.propagation_timeout()) {
        core.clock().sleep(delay).await;
        listed = list::<R>(core).await;
        if let Ok(items) = &listed {
            take_found(items, &mut entries, &mut findings);
        }
        // It is no surprise if what is being deleted is not listed.
        if entries.iter().all(|one| is_deleting(&one.entry) && listed.is_ok()) {
            break;
        }
    }
    for claimed in entries {
        let finding = match (&listed, &claimed.entry.ids[..]) {
            (_, ids @ [_, ..]) => confirm::<R>(core, ids).await,
            (Err(error), []) => Finding::Undecided { reason: error.to_string(), candidates: vec![] },
            (Ok(items), []) => unidentified(&claimed, items),
        };
        findings.push((claimed, finding));
    }
    findings
}

async fn list<R: Resource>(core: &Core) -> Result<Vec<R>> {
    List::<R>::new(core, Default::default()).per_page(100).verified().try_collect().await
}

/// Moves the entries whose results are listed to the findings.
fn take_found<R: Resource + Clone>(items: &[R], entries: &mut Vec<Claimed>, findings: &mut Vec<(Claimed, Finding)>)
where
    AnyResource: From<R>,
{
    let results = |claimed: &Claimed| -> Vec<AnyResource> {
        items.iter().filter(|item| claimed.is_result(*item)).cloned().map(AnyResource::from).collect()
    };
    for claimed in std::mem::take(entries) {
        match results(&claimed) {
            found if found.is_empty() => entries.push(claimed),
            found => findings.push((claimed, Finding::Found(found))),
        }
    }
}

/// Reads resources that are not listed, by their ids.
async fn confirm<R: Resource>(core: &Core, ids: &[String]) -> Finding
where
    AnyResource: From<R>,
{
    let mut found = vec![];
    for id in ids {
        match resource::get::<R>(core, id).await {
            Ok(resource) => found.push(resource.into()),
            Err(error) if is_gone(core, id, &error) => {
                core.note(LedgerRecord::Gone { kind: R::KIND, id: id.clone() }).await;
            }
            Err(error) => return Finding::Undecided { reason: error.to_string(), candidates: ids.to_vec() },
        }
    }
    Finding::Found(found)
}

/// What is known of a create without a known id whose marker is not listed.
fn unidentified<R: Resource>(claimed: &Claimed, items: &[R]) -> Finding {
    let candidates: Vec<_> =
        items.iter().filter(|item| claimed.may_be_result(*item)).map(|item| item.id().to_owned()).collect();
    if candidates.is_empty() {
        return Finding::Found(vec![]);
    }
    let reason = match claimed.marker() {
        Some(_) => "there are resources with its name or its marker, and none has both",
        None => "there are resources with its name, and it has no marker of its own",
    };
    Finding::Undecided { reason: reason.to_owned(), candidates }
}
