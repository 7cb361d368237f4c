//! Writes findings as text for a terminal, as Markdown for a changelog, and as JSON for programs.

use std::fmt::Write as _;

use clap::ValueEnum;

use super::{Finding, Severity};

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One line for each change.
    Text,
    /// A list for a changelog.
    Markdown,
    /// An array of objects for programs.
    Json,
}

/// Returns the report, which ends in a line break.
pub(crate) fn write(findings: &[Finding], format: Format) -> String {
    match format {
        Format::Text => text(findings),
        Format::Markdown => markdown(findings),
        Format::Json => serde_json::to_string_pretty(findings).expect("findings are plain data") + "\n",
    }
}

/// Returns the number of findings of each severity.
pub(crate) fn summary(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    if findings.is_empty() {
        "No changes for users of this SDK.".to_owned()
    } else {
        format!(
            "{} breaking, {} compatible, {} notes.",
            count(Severity::Breaking),
            count(Severity::Compatible),
            count(Severity::Note)
        )
    }
}

fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let Finding { severity, change, place, what, impact, .. } = finding;
        let _ = writeln!(text, "{severity:<10} {change}: {place} {what}. {impact}.{}", seen_in(finding, ""));
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
                let Finding { place, what, impact, .. } = finding;
                let _ = writeln!(text, "- `{place}` {what}. {impact}.{}", seen_in(finding, "`"));
            }
            text.push('\n');
        }
    }
    text + &summary(findings) + "\n"
}

/// Returns the operations that a change is part of, unless its place names them.
fn seen_in(finding: &Finding, quote: &str) -> String {
    const NAMED: usize = 3;
    let Finding { place, operations, .. } = finding;
    let names: Vec<_> = operations.iter().filter(|id| !place.starts_with(id.as_str())).collect();
    let named = names.iter().take(NAMED).map(|id| format!("{quote}{id}{quote}")).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => String::new(),
        count if count > NAMED => format!(" In {named} and {} more.", count - NAMED),
        _ => format!(" In {named}."),
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
        assert_eq!(json[0]["severity"], "breaking");
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
