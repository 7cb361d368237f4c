//! Adds the report of a refresh to the unreleased changes.

use chrono::{DateTime, Utc};

const UNRELEASED: &str = "## Unreleased\n";

/// Returns the changelog with this report at the end of *Unreleased*.
pub(super) fn with_report(changelog: &str, report: &str, source: &str, now: DateTime<Utc>) -> Result<String, String> {
    let Some(start) = changelog.find(UNRELEASED).map(|at| at + UNRELEASED.len()) else {
        return Err("CHANGELOG.md has no heading `## Unreleased` to put the report under".to_owned());
    };
    let end = changelog[start..].find("\n## ").map_or(changelog.len(), |at| start + at + 1);
    let (before, after) = changelog.split_at(end);
    let date = now.format("%Y-%m-%d");
    let mut text = format!("{}\n\n### The provider's document of {date}\n\n", before.trim_end());
    text.push_str(&format!("From {source}.\n\n{report}"));
    if !after.is_empty() {
        text.push('\n');
        text.push_str(after);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_added_at_the_end_of_the_unreleased_changes() {
        let now = "2026-11-25T16:00:00Z".parse().unwrap();
        let with = |changelog| with_report(changelog, "- all\n", "file.yaml", now);
        let section = "### The provider's document of 2026-11-25\n\nFrom file.yaml.\n\n- all\n";
        assert_eq!(
            with("# C\n\n## Unreleased\n\n- a\n\n## 0.1.0\n\n- b\n").unwrap(),
            format!("# C\n\n## Unreleased\n\n- a\n\n{section}\n## 0.1.0\n\n- b\n")
        );
        assert_eq!(with("## Unreleased\n\n- a\n").unwrap(), format!("## Unreleased\n\n- a\n\n{section}"));
        assert!(with("## 0.1.0\n").unwrap_err().contains("has no heading `## Unreleased`"));
    }
}
