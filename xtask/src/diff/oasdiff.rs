//! Checks `DIFF.md` against the checks that oasdiff publishes, and against the changes that this comparison finds.

use std::collections::BTreeSet;

const DOCUMENTATION: &str = include_str!("../../DIFF.md");
/// The ids of oasdiff's checks, as of August 2026.
const CHECKS: &str = include_str!("../../fixtures/oasdiff-checks.txt");

/// Returns the cells of the table under a heading, each as its words in backticks.
fn table(heading: &str) -> Vec<Vec<Vec<&'static str>>> {
    let (_, rest) = DOCUMENTATION.split_once(heading).unwrap();
    let rows = rest.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|')).skip(2);
    let in_backticks = |cell: &'static str| cell.split('`').skip(1).step_by(2).collect();
    rows.map(|row| row.trim_matches('|').split('|').map(in_backticks).collect()).collect()
}

fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut ends_open = pattern.is_empty();
    for part in parts {
        ends_open = part.is_empty();
        match rest.find(part) {
            Some(at) if !part.is_empty() => rest = &rest[at + part.len()..],
            None => return false,
            _ => {}
        }
    }
    ends_open || rest.is_empty()
}

#[test]
fn patterns_match_with_wildcards() {
    for (pattern, text) in [("a-*", "a-b"), ("*-b", "a-b"), ("*a*", "xay"), ("*", ""), ("a", "a"), ("a-*-c*", "a-b-cd")]
    {
        assert!(matches(pattern, text), "{pattern} {text}");
    }
    for (pattern, text) in [("a-*", "b-a-"), ("*-b", "a-bc"), ("a", "ab"), ("*-x-*", "a-x")] {
        assert!(!matches(pattern, text), "{pattern} {text}");
    }
}

#[test]
fn every_check_of_oasdiff_has_a_row_and_every_row_has_checks() {
    let rows = table("## Comparison with oasdiff");
    let mut used = BTreeSet::new();
    for check in CHECKS.lines() {
        let row = rows.iter().position(|row| row[0].iter().any(|pattern| matches(pattern, check)));
        used.insert(row.unwrap_or_else(|| panic!("{check} has no row")));
    }
    let unused: Vec<_> = (0..rows.len()).filter(|row| !used.contains(row)).map(|row| &rows[row][0]).collect();
    assert!(unused.is_empty(), "{unused:?}");
    assert!(DOCUMENTATION.contains(&format!("({} of them", CHECKS.lines().count())));
}

#[test]
fn the_documentation_lists_exactly_the_kinds_of_changes() {
    let known: Vec<_> = super::finding::CHANGES.iter().map(|(change, _)| *change).collect();
    let documented: Vec<_> = table("## Kinds of changes").iter().flat_map(|row| row[0].clone()).collect();
    assert_eq!(documented.iter().collect::<BTreeSet<_>>(), known.iter().collect::<BTreeSet<_>>());
    let named = table("## Comparison with oasdiff").iter().flat_map(|row| row[1].clone()).collect::<Vec<_>>();
    assert!(named.iter().all(|change| known.contains(change)), "{named:?}");
}
