//! The comparison of one part of one operation: its documents, its direction, and its findings.

use super::api::Api;
use super::finding::Severity::{Breaking, Note};
use super::finding::{Finding, Findings, Severity};
use super::shape::in_code;
use super::spot::Spot;
use crate::bindings::Item;

/// Whether a value is sent or received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Request,
    Response,
}

/// The impact of changes to error responses.
pub(super) const READS_ALL_ERRORS: &str = "No impact on callers: error responses of any form are read";

/// The changes that are those of a type, and not only of what has it.
const OF_TYPES: [&str; 9] = [
    "became-enum",
    "became-union",
    "enum-ended",
    "schema-renamed",
    "type-changed",
    "union-ended",
    "union-variant-added",
    "union-variant-removed",
    "union-variant-renamed",
];

/// Compares the schemas of one part of one operation.
pub(super) struct Comparison<'a> {
    pub(super) old: &'a Api,
    pub(super) new: &'a Api,
    pub(super) findings: &'a mut Findings,
    pub(super) operation: &'a str,
    pub(super) direction: Direction,
    /// The highest severity of a finding here: a note for error responses, which the SDK reads in any form.
    pub(super) worst: Severity,
    /// Pairs of named schemas that are being compared, so that the comparison of recursive schemas ends.
    pub(super) open: Vec<(String, String)>,
    pub(super) depth: usize,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(
        (old, new): (&'a Api, &'a Api),
        findings: &'a mut Findings,
        operation: &'a str,
        direction: Direction,
    ) -> Self {
        Self { old, new, findings, operation, direction, worst: Breaking, open: Vec::new(), depth: 0 }
    }

    /// Adds a finding.
    pub(super) fn add(
        &mut self,
        severity: Severity,
        change: &'static str,
        place: &Place,
        what: String,
        impact: impl Into<String>,
    ) {
        self.add_finding(self.about(place, Finding::new(severity, change, &place.text, what, impact)));
    }

    /// Adds a finding, which can have text to search the code for.
    pub(super) fn add_finding(&mut self, mut finding: Finding) {
        if self.worst == Note {
            finding.impact = READS_ALL_ERRORS.to_owned();
        }
        finding.severity = finding.severity.max(self.worst);
        if finding.severity == Breaking && finding.search_for.is_empty() {
            let is_field =
                |name: &&String| self.old.names.items.get(*name).is_some_and(|item| matches!(item, Item::Field { .. }));
            let field = finding.names.iter().find(is_field).cloned();
            finding.search_for.extend(field.or_else(|| in_code(&finding.place)));
        }
        self.findings.add(finding.in_operation(self.operation));
    }

    /// Returns a finding with the names of the bindings at its place.
    pub(super) fn about(&self, place: &Place, mut finding: Finding) -> Finding {
        finding.names.extend(Some(&place.old.item).filter(|name| !name.is_empty()).cloned());
        if OF_TYPES.contains(&finding.change) {
            finding.names.extend(place.old.type_name(&self.old.names).map(str::to_owned));
        }
        finding
    }

    /// Returns the place of a field, by its old and its new name.
    pub(super) fn at_field(&self, place: &Place, (was, is): (&str, &str)) -> Place {
        let (old, new) = (place.old.field(&self.old.names, was), place.new.field(&self.new.names, is));
        Place { text: format!("{}.{is}", place.text), schema: None, old, new }
    }

    /// Returns the place of the values in a list (`[]`) or a map (`.*`).
    pub(super) fn at_values(&self, place: &Place, end: &str) -> Place {
        let (old, new) = (place.old.values(&self.old.names), place.new.values(&self.new.names));
        Place { text: format!("{}{end}", place.text), schema: None, old, new }
    }

    /// The impact of a value that was removed or has another type.
    pub(super) fn affects(&self, place: &Place) -> String {
        match self.direction {
            Direction::Request => format!("Affects callers who set {}", place.text),
            Direction::Response => format!("Affects code that reads {}", place.text),
        }
    }
}

/// The place of a schema, in the report and in the generated code.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) text: String,
    /// The named schema at this place or around it.
    pub(super) schema: Option<String>,
    /// Where it is in the old and in the new bindings.
    pub(super) old: Spot,
    pub(super) new: Spot,
}
