//! What a comparison finds.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

/// What a change does to users of this SDK.
///
/// An addition is compatible, also where it gives a method of `raw()` one more argument or a struct one more field: the
/// SDK's documentation promises no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Code written for the last version does not compile with the next; or what worked over the wire is refused, cannot be
    /// read, or means something else.
    Breaking,
    /// What worked works; more does.
    Compatible,
    /// Nothing changes for users.
    Note,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Breaking => "breaking",
            Self::Compatible => "compatible",
            Self::Note => "note",
        })
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    /// What kind of change it is, such as `enum-value-removed`; the list is in [`super::CHANGES`].
    pub(crate) change: &'static str,
    /// Where in the document: a schema and field, or an operation and its part.
    pub(crate) place: String,
    /// What changed, in words.
    pub(crate) what: String,
    /// Who is hit, and how.
    pub(crate) hits: String,
    /// The operations in which it shows, by their ids now.
    pub(crate) operations: BTreeSet<String>,
    /// What of the code is concerned, as it is written there: names that are gone, or a type that is matched (`Type::`).
    pub(crate) look_for: BTreeSet<String>,
}

impl Finding {
    /// Adds who else is hit, as where a value goes both ways.
    fn also_hits(&mut self, hits: &str) {
        for more in hits.split("; ").filter(|more| *more != "nobody") {
            if !self.hits.split("; ").any(|known| known == more) {
                self.hits = format!("{}; {more}", self.hits);
            }
        }
    }
}

/// All findings, each once however many operations lead to it.
#[derive(Debug, Default)]
pub(crate) struct Findings(BTreeMap<(String, &'static str, String), Finding>);

impl Findings {
    /// Adds one. If it is known, its operations are added up, and the worst severity stays with who is hit by it.
    pub(crate) fn add(&mut self, finding: Finding) {
        debug_assert!(super::CHANGES.iter().any(|(change, _)| *change == finding.change), "{}", finding.change);
        let key = (finding.place.clone(), finding.change, finding.what.clone());
        match self.0.get_mut(&key) {
            None => drop(self.0.insert(key, finding)),
            Some(known) => {
                match finding.severity.cmp(&known.severity) {
                    Ordering::Less => (known.severity, known.hits) = (finding.severity, finding.hits),
                    Ordering::Equal => known.also_hits(&finding.hits),
                    Ordering::Greater => {}
                }
                known.look_for.extend(finding.look_for);
                known.operations.extend(finding.operations);
            }
        }
    }

    /// The worst first; then by change, and by place.
    pub(crate) fn into_sorted(self) -> Vec<Finding> {
        let mut all: Vec<_> = self.0.into_values().collect();
        let order = |finding: &Finding| super::CHANGES.iter().position(|(change, _)| *change == finding.change);
        all.sort_by(|a, b| (a.severity, order(a), &a.place, &a.what).cmp(&(b.severity, order(b), &b.place, &b.what)));
        all
    }
}
