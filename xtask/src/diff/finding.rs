//! The changes that a comparison finds.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The effect of a change on users of this SDK.
///
/// An addition is compatible, even where it gives a method of `raw()` one more argument or a struct one more field. The
/// documentation of the SDK excludes these from its promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Code written for the last version does not compile with the next one, or what worked over the wire is rejected, cannot
    /// be decoded, or has another meaning.
    Breaking,
    /// Existing code works as before, and something new is possible.
    Compatible,
    /// Nothing changes for users. Maintainers should know.
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

/// The kinds of changes in the order of the report, each with its meaning.
pub(crate) const CHANGES: &[(&str, &str)] = &[
    ("operation-removed", "An operation was removed."),
    ("operation-added", "An operation was added."),
    ("operation-moved", "An operation has the same id, and another method or path."),
    ("operation-renamed", "An operation has the same method and path, and another id."),
    ("operation-id-reused", "The id of one operation now identifies another one."),
    ("parameter-removed", "A parameter was removed."),
    ("parameter-added", "A parameter was added."),
    ("parameter-renamed", "A parameter was renamed."),
    ("parameter-order-changed", "The parameters of a path are in another order."),
    ("request-body-removed", "A request no longer has a body."),
    ("request-body-added", "A request now has a body."),
    ("response-body-removed", "A success response no longer has a body."),
    ("response-body-added", "A success response now has a body."),
    ("success-status-changed", "A success has another HTTP status."),
    ("media-type-changed", "A media type of a body was added or removed."),
    ("schema-renamed", "A type was renamed."),
    ("field-removed", "A field was removed."),
    ("field-added", "A field was added."),
    ("field-renamed", "A field was renamed."),
    ("field-split", "A field was removed, and several were added that may replace it."),
    ("type-changed", "A value has another type."),
    ("became-union", "A value now has one of several types, the former one among them."),
    ("union-ended", "A value had one of several types and now has one type."),
    ("union-variant-removed", "A type of a union was removed."),
    ("union-variant-renamed", "A type of a union has another name in the generated code."),
    ("union-variant-added", "A type was added to a union."),
    ("enum-value-removed", "A value of an enum was removed."),
    ("enum-value-added", "A value was added to an enum."),
    ("became-enum", "A string became an enum."),
    ("enum-ended", "An enum became a string."),
    ("became-required", "An optional value became required."),
    ("became-optional", "A required value became optional."),
    ("became-nullable", "A value can now be null."),
    ("became-not-nullable", "A value can no longer be null."),
    ("default-changed", "A default changed."),
    ("limit-tightened", "A limit rejects more values than before."),
    ("limit-loosened", "A limit rejects fewer values than before."),
    ("format-changed", "A string or number has another format and the same Rust type."),
    ("security-changed", "An operation accepts other credentials."),
    ("security-scheme-renamed", "A security scheme was renamed."),
    ("server-changed", "The address of the service changed."),
    ("server-prefix-moved", "The common prefix of all paths moved to or from the address of the service."),
    ("schema-prefix-changed", "The common prefix of all schema names changed."),
    ("deprecated", "Something was deprecated."),
    ("reactivated", "Something is no longer deprecated."),
    ("name-changed", "A name in the bindings is gone, or stands for something else, which no other change explains."),
    ("names-not-verified", "The bindings of a document cannot be generated, so names in Rust are not compared."),
    ("keyword-changed", "Something else changed, which this comparison does not classify."),
];

/// The beginning of an impact where existing code works as before.
pub(crate) const NO_IMPACT: &str = "No impact on callers";
/// The impact of changes that are not classified.
pub(crate) const NEEDS_REVIEW: &str = "No known impact on callers; needs review";

/// The number of places from which on a change is reported once for all of them.
const MANY: usize = 5;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    /// The kind of change, such as `enum-value-removed`. [`CHANGES`] lists them.
    pub(crate) change: &'static str,
    /// The place in the document: a schema and field, or an operation and its part.
    pub(crate) place: String,
    /// The change in words. It continues a sentence that begins with the place.
    pub(crate) what: String,
    /// Who is affected, and how: a sentence without its full stop.
    pub(crate) impact: String,
    /// The ids of the operations that the change is part of.
    pub(crate) operations: BTreeSet<String>,
    /// Text to search the code for: names that were removed, or a type that is matched (`Type::`).
    pub(crate) search_for: BTreeSet<String>,
    /// The names of the old bindings that the change is about.
    pub(crate) names: BTreeSet<String>,
    /// The other places with the same change, if it has many places.
    pub(crate) also: BTreeSet<String>,
    /// What it has in common with the same change at other places, if its words do not show that.
    pub(crate) pattern: Option<String>,
}

impl Finding {
    /// Returns a finding that is part of no operation.
    pub(crate) fn new(
        severity: Severity,
        change: &'static str,
        place: impl Into<String>,
        what: String,
        impact: impl Into<String>,
    ) -> Self {
        let [operations, search_for, names, also] = [const { BTreeSet::new() }; 4];
        let (place, impact) = (place.into(), impact.into());
        Self { severity, change, place, what, impact, operations, search_for, names, also, pattern: None }
    }

    /// Adds the operation that the change is part of.
    pub(crate) fn in_operation(mut self, id: &str) -> Self {
        self.operations.insert(id.to_owned());
        self
    }

    /// Returns all places of the change.
    pub(crate) fn places(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.place.as_str()).chain(self.also.iter().map(String::as_str))
    }

    /// Returns the end of the place that other operations or schemas can have too: the part of an operation, or the field.
    fn part(&self) -> &str {
        let part =
            |id: &String| self.place.strip_prefix(id.as_str()).filter(|part| part.is_empty() || part.starts_with(' '));
        match (self.operations.iter().find_map(part), self.place.rsplit_once('.')) {
            (Some(part), _) => part,
            (None, Some((_, field))) => field,
            (None, None) => "",
        }
    }

    /// Returns what the findings of one change at many places have in common.
    fn shared(&self) -> (Severity, &'static str, String) {
        let words = || format!("{}: {}. {}", self.part(), self.what, self.impact.replace(&self.place, self.part()));
        (self.severity, self.change, self.pattern.clone().unwrap_or_else(words))
    }

    /// Adds the impact of the other direction, where a value is both sent and received.
    fn add_impact(&mut self, impact: &str) {
        for more in impact.split("; ").filter(|more| *more != NO_IMPACT) {
            let more = more.strip_prefix("Affects ").unwrap_or(more);
            if !self.impact.split("; ").any(|known| known.strip_prefix("Affects ").unwrap_or(known) == more) {
                self.impact = format!("{}; {more}", self.impact);
            }
        }
    }
}

/// All findings, each once, however many operations it is part of.
#[derive(Debug, Default)]
pub(crate) struct Findings(BTreeMap<(String, &'static str, String), Finding>);

impl Findings {
    /// Adds a finding. If it is known already, its operations are added, and the higher severity is kept with its impact.
    pub(crate) fn add(&mut self, finding: Finding) {
        debug_assert!(CHANGES.iter().any(|(change, _)| *change == finding.change), "{}", finding.change);
        let key = (finding.place.clone(), finding.change, finding.what.clone());
        match self.0.get_mut(&key) {
            None => drop(self.0.insert(key, finding)),
            Some(known) => {
                match finding.severity.cmp(&known.severity) {
                    Ordering::Less => (known.severity, known.impact) = (finding.severity, finding.impact),
                    Ordering::Equal => known.add_impact(&finding.impact),
                    Ordering::Greater => {}
                }
                known.search_for.extend(finding.search_for);
                known.names.extend(finding.names);
                known.operations.extend(finding.operations);
            }
        }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Finding> {
        self.0.values()
    }

    /// Returns the first finding that satisfies a condition.
    pub(crate) fn find_mut(&mut self, is_one: impl Fn(&Finding) -> bool) -> Option<&mut Finding> {
        self.0.values_mut().find(|finding| is_one(finding))
    }

    /// Returns the findings by severity, then by kind of change, then by place. A change at many places is one finding.
    pub(crate) fn into_sorted(self) -> Vec<Finding> {
        let mut alike = BTreeMap::<_, Vec<Finding>>::new();
        for finding in self.0.into_values() {
            alike.entry(finding.shared()).or_default().push(finding);
        }
        let mut all: Vec<_> = alike.into_values().flat_map(joined).collect();
        let order = |finding: &Finding| CHANGES.iter().position(|(change, _)| *change == finding.change);
        all.sort_by(|a, b| (a.severity, order(a), &a.place, &a.what).cmp(&(b.severity, order(b), &b.place, &b.what)));
        all
    }
}

/// Joins findings of the same change into one, if they are many.
fn joined(mut alike: Vec<Finding>) -> Vec<Finding> {
    if alike.len() < MANY {
        return alike;
    }
    let mut first = alike.remove(0);
    for other in alike {
        first.operations.extend(other.operations);
        first.search_for.extend(other.search_for);
        first.also.insert(other.place);
    }
    vec![first]
}
