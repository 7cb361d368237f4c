//! Writes findings as text for a terminal, as Markdown for a changelog, and as JSON for programs.

use std::fmt::Write as _;

use clap::ValueEnum;
use serde_json::{Value, json};

use super::{Finding, Severity};

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One line for each change.
    Text,
    /// A list for a changelog.
    Markdown,
    /// An array for programs, with an object for each change.
    Json,
}

/// Returns the report, which ends in a line break.
pub(crate) fn write(findings: &[Finding], format: Format) -> String {
    match format {
        Format::Text => text(findings),
        Format::Markdown => markdown(findings),
        Format::Json => json(findings),
    }
}

/// Returns the number of findings of each severity.
pub(crate) fn summary(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    if findings.is_empty() {
        return "No changes for users of this SDK.".to_owned();
    }
    let (breaking, compatible, notes) = (count(Severity::Breaking), count(Severity::Compatible), count(Severity::Note));
    let end = if notes == 1 { "note" } else { "notes" };
    format!("{breaking} breaking, {compatible} compatible, {notes} {end}.")
}

fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let Finding { severity, change, place, .. } = finding;
        let _ = writeln!(text, "{severity:<10} {change}: {} {}", one_line(place), sentence(finding, ""));
    }
    text + &summary(findings) + "\n"
}

fn markdown(findings: &[Finding]) -> String {
    let mut text = String::new();
    for (severity, title) in
        [(Severity::Breaking, "Breaking"), (Severity::Compatible, "Compatible"), (Severity::Note, "Notes")]
    {
        let mut of_severity = findings.iter().filter(|finding| finding.severity == severity).peekable();
        if of_severity.peek().is_some() {
            let _ = writeln!(text, "**{title}**\n");
            for finding in of_severity {
                let _ = writeln!(text, "- `{}` {}", one_line(&finding.place), sentence(finding, "`"));
            }
            text.push('\n');
        }
    }
    text + &summary(findings) + "\n"
}

fn json(findings: &[Finding]) -> String {
    let objects: Vec<_> = findings
        .iter()
        .map(|finding| {
            json!({
                "severity": finding.severity.to_string(),
                "kind": finding.change,
                "place": finding.place,
                "text": format!("{} {}", one_line(&finding.place), sentence(finding, "")),
                "places": finding.places().collect::<Vec<_>>(),
                "operations": finding.operations,
            })
        })
        .collect();
    format!("{:#}\n", Value::from(objects))
}

/// Returns what follows the place of a change: the change, its impact, and where else it is found.
fn sentence(finding: &Finding, quote: &str) -> String {
    let Finding { what, impact, .. } = finding;
    one_line(&format!("{what}. {impact}.{}{}", also_at(finding, quote), seen_in(finding, quote)))
}

/// Returns a text in which a line break, which a name or a value can contain, is visible.
fn one_line(text: &str) -> String {
    let visible = |letter: char| match letter {
        letter if letter.is_control() => letter.escape_default().to_string(),
        letter => letter.to_string(),
    };
    text.chars().map(visible).collect()
}

/// Returns the other places of a change that is reported once for many.
fn also_at(finding: &Finding, quote: &str) -> String {
    let places: Vec<_> = finding.also.iter().map(String::as_str).collect();
    match places.len() {
        0 => String::new(),
        count => format!(" The same at {count} other places: {}.", some(&places, quote)),
    }
}

/// Returns the operations that a change is part of, unless its places name them.
fn seen_in(finding: &Finding, quote: &str) -> String {
    let is_named = |id: &str| finding.places().any(|place| place.starts_with(id));
    let names: Vec<_> = finding.operations.iter().map(String::as_str).filter(|id| !is_named(id)).collect();
    if names.is_empty() { String::new() } else { format!(" In {}.", some(&names, quote)) }
}

/// Returns the first names, and the number of the others.
fn some(names: &[&str], quote: &str) -> String {
    const NAMED: usize = 3;
    let named = names.iter().take(NAMED).map(|name| format!("{quote}{name}{quote}")).collect::<Vec<_>>().join(", ");
    match names.len() {
        count if count > NAMED => format!("{named} and {} more", count - NAMED),
        _ => named,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::compare;

    const OLD: &str = include_str!("../../fixtures/compute-v1.2024-10.yaml");
    const NEW: &str = include_str!("../../fixtures/compute-v1.2025-05.yaml");

    /// Reviewed by hand: all known changes from one document to the other, and nothing else.
    #[test]
    fn the_changes_of_half_a_year_of_the_real_document_are_reported_in_full() {
        let path = crate::files::root().join("xtask/fixtures/diff.2024-10.2025-05.txt");
        let report = write(&compare(OLD, NEW).unwrap(), Format::Text);
        if std::env::var_os("GENESISCLOUD_WRITE_TABLES").is_some() {
            std::fs::write(&path, &report).unwrap();
        }
        let reviewed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(report == reviewed, "the report differs from the reviewed one:\n{report}");
    }

    #[test]
    fn all_formats_contain_the_same_findings() {
        let findings = compare(OLD, NEW).unwrap();
        let json: serde_json::Value = serde_json::from_str(&write(&findings, Format::Json)).unwrap();
        assert_eq!(json.as_array().unwrap().len(), findings.len());
        for (object, line) in json.as_array().unwrap().iter().zip(write(&findings, Format::Text).lines()) {
            let text = |key: &str| object[key].as_str().unwrap().to_owned();
            assert_eq!(format!("{:<10} {}: {}", text("severity"), text("kind"), text("text")), line);
            assert!(text("text").starts_with(&text("place")) && object["places"][0] == object["place"]);
            assert!(object["operations"].is_array() && object.as_object().unwrap().len() == 6);
        }
        let markdown = write(&findings, Format::Markdown);
        assert_eq!(markdown.lines().filter(|line| line.starts_with("- ")).count(), findings.len());
        for severity in ["**Breaking**", "**Compatible**", "**Notes**"] {
            assert!(markdown.contains(severity));
        }
        assert_eq!(write(&[], Format::Text), "No changes for users of this SDK.\n");
    }

    #[test]
    fn a_document_that_cannot_be_read_is_reported_in_one_sentence() {
        assert_eq!(
            compare("openapi: 3.0.3", NEW).unwrap_err(),
            "the old document: the document has no operations: `paths` is missing or empty"
        );
        assert!(compare(OLD, "<html>").unwrap_err().starts_with("the new document: the document is not"));
    }
}
