//! The entries that a reconciliation is about: claimed from other processes, and kept from other tasks of this one.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::core::Core;
use crate::ledger::{Holder, Ledger, LedgerEntry};
use crate::resource::InUse;
use crate::{Error, ErrorKind, Result};

/// An entry that this process has claimed in order to reconcile it.
pub(super) struct Claimed {
    pub(super) entry: LedgerEntry,
    /// The ids of all entries of the ledger.
    pub(super) recorded: Arc<HashSet<String>>,
    _in_use: InUse,
}

/// The entries that reconciliations of this process have claimed and not adopted: the program does not know of their resources,
/// so they are reconciled again, such as after a failure. Those that are closed meanwhile are few, and stay.
static NOT_ADOPTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn not_adopted() -> MutexGuard<'static, BTreeSet<String>> {
    NOT_ADOPTED.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Claimed {
    /// Notes that the program has the resource, so that it is not reconciled again.
    pub(super) fn adopt(&self) {
        not_adopted().remove(&self.entry.planned.key);
    }
}

/// Claims the entries that are to be reconciled; the others are skipped.
#[inline]
pub(super) async fn claim(core: &Core, ledger: &dyn Ledger, skipped: &mut Vec<LedgerEntry>) -> Result<Vec<Claimed>> {
    let failed = |error: io::Error| Error::new(ErrorKind::Ledger, error.to_string());
    let mut in_use: HashMap<String, InUse> = HashMap::new();
    for LedgerEntry { planned, .. } in core.in_time(ledger.entries()).await.map_err(failed)? {
        in_use.extend(InUse::try_new(&planned.key).map(|in_use| (planned.key, in_use)));
    }
    // Read again, since a create may have ended before its entry was in use here, and another task may have adopted one.
    let entries = core.in_time(ledger.entries()).await.map_err(failed)?;
    let recorded: Arc<HashSet<String>> = Arc::new(entries.iter().flat_map(|entry| entry.ids.iter().cloned()).collect());
    let mut claimed = vec![];
    for entry in entries {
        let key = &entry.planned.key;
        let is_wanted = may_be_lost(&entry) && entry.planned.endpoint == core.endpoint().as_str();
        match in_use.remove(key).filter(|_| is_wanted) {
            Some(in_use) if core.in_time(ledger.claim(key)).await.map_err(failed)? => {
                not_adopted().insert(key.clone());
                claimed.push(Claimed { entry, recorded: Arc::clone(&recorded), _in_use: in_use });
            }
            _ => skipped.push(entry),
        }
    }
    Ok(claimed)
}

/// Whether no running program knows of the resource.
fn may_be_lost(entry: &LedgerEntry) -> bool {
    match entry.holder {
        Holder::EndedProcess => true,
        // Its create had no response, the program has deleted it, or a reconciliation did not adopt it.
        Holder::ThisProcess => entry.ids.is_empty() || is_deleting(entry) || not_adopted().contains(&entry.planned.key),
        Holder::RunningProcess => false,
    }
}

/// Whether the deletion of all results was accepted.
pub(super) fn is_deleting(LedgerEntry { ids, deleting, .. }: &LedgerEntry) -> bool {
    !ids.is_empty() && ids.iter().all(|id| deleting.contains(id))
}
