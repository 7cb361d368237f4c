//! Which billed resources a program has created, and how many of each name existed at once.

use std::collections::{BTreeMap, HashSet};

use crate::data::Data;

/// A billed resource in the account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Resource {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) name: String,
}

/// Kind and name.
pub(super) type Named = (&'static str, String);

/// Counts the resources that were not there at the start.
pub(super) struct Census {
    at_start: HashSet<String>,
    /// The most that existed at once.
    peaks: BTreeMap<Named, usize>,
}

impl Census {
    pub(super) fn new(data: &Data) -> Self {
        let at_start = billed(data).map(|(resource, _)| resource.id).collect();
        Self { at_start, peaks: BTreeMap::new() }
    }

    /// Counts what exists now, and returns it. Resources that are being deleted are neither counted nor returned.
    pub(super) fn take(&mut self, data: &Data) -> Vec<Resource> {
        let existing = billed(data).filter(|(_, is_deleting)| !is_deleting).map(|(resource, _)| resource);
        let created: Vec<_> = existing.filter(|resource| !self.at_start.contains(&resource.id)).collect();
        let mut counts = BTreeMap::<Named, usize>::new();
        for resource in &created {
            *counts.entry((resource.kind, resource.name.clone())).or_default() += 1;
        }
        for (named, count) in counts {
            let peak = self.peaks.entry(named).or_default();
            *peak = count.max(*peak);
        }
        created
    }

    pub(super) fn into_peaks(self) -> BTreeMap<Named, usize> {
        self.peaks
    }
}

/// Returns everything in an account that is billed, and whether it is being deleted.
fn billed(data: &Data) -> impl Iterator<Item = (Resource, bool)> {
    macro_rules! all {
        ($($kind:literal $list:ident),*) => {
            std::iter::empty()$(.chain(data.$list.iter().map(|it| {
                let resource = Resource { kind: $kind, id: it.id.clone(), name: it.name.clone() };
                (resource, it.status == "deleting")
            })))*
        };
    }
    all!("instance" instances, "volume" volumes, "filesystem" filesystems, "snapshot" snapshots, "floating IP" floating_ips)
}
