//! What a reconciliation decides, and its result.

use std::fmt;

use crate::Error;
use crate::error::printable;
use crate::ledger::LedgerEntry;
use crate::lifecycle::any_resource::AnyResource;

/// What to do with a resource that an open entry of a ledger is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Decision {
    /// It is returned, and this process is its holder from now on.
    Adopt,
    /// It is deleted, and waited for until it is gone.
    Delete,
    /// It stays as it is, and its entry stays open. Other processes leave it to this one as long as this one runs; the next
    /// reconciliation by this process decides again.
    Leave,
}

/// The result of a reconciliation.
#[derive(Debug, Default)]
#[must_use = "what was not deleted, or not decided, may be billed"]
#[non_exhaustive]
pub struct Reconciliation {
    /// What was adopted: this process is its holder now.
    pub adopted: Vec<AnyResource>,
    /// What was deleted, and is gone.
    pub deleted: Vec<AnyResource>,
    /// What was left as it is.
    pub left: Vec<AnyResource>,
    /// What could not be deleted, and why. It exists and is billed.
    pub not_deleted: Vec<(AnyResource, Error)>,
    /// The entries that are closed now because their resources are gone, or were never created.
    pub closed: Vec<LedgerEntry>,
    /// The entries that were not looked at: a running process holds them, this one included, another task of this process is
    /// reconciling them, or they have another endpoint.
    pub skipped: Vec<LedgerEntry>,
    /// The entries about which nothing could be decided. They stay open.
    pub undecided: Vec<Undecided>,
}

/// An entry about which nothing could be decided: its resource may exist, and be billed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Undecided {
    /// The entry.
    pub entry: LedgerEntry,
    /// Why not.
    pub reason: String,
    /// The ids of resources that may be the result of the create.
    pub candidates: Vec<String>,
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entry, reason, candidates } = self;
        write!(f, "{} MAY EXIST AND BE BILLED: {}", printable(&entry.to_string()), printable(reason))?;
        match &candidates[..] {
            [] => Ok(()),
            candidates => write!(f, "; check {}", printable(&candidates.join(", "))),
        }
    }
}

/// The counts in one line, and a line for each resource that needs attention.
impl fmt::Display for Reconciliation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { adopted, deleted, left, not_deleted, closed, skipped, undecided } = self;
        let counts = [
            (adopted.len(), "adopted"),
            (deleted.len(), "deleted"),
            (left.len(), "left as they are"),
            (closed.len(), "gone or never created"),
            (skipped.len(), "skipped"),
            (not_deleted.len(), "NOT DELETED"),
            (undecided.len(), "UNDECIDED"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        let counts: Vec<_> = counts.collect();
        f.write_str(&if counts.is_empty() { "nothing to reconcile".to_owned() } else { counts.join(", ") })?;
        for (resource, error) in not_deleted {
            write!(f, "\n{resource} MAY STILL EXIST AND BE BILLED, check it: {error}")?;
        }
        undecided.iter().try_for_each(|undecided| write!(f, "\n{undecided}"))
    }
}
