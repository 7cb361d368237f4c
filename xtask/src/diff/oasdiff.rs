//! `DIFF.md` against the checks that oasdiff publishes, and against what this comparison finds.

use std::collections::BTreeSet;

const DOCUMENTATION: &str = include_str!("../../DIFF.md");
/// The ids of oasdiff's checks, as of August 2026.
const CHECKS: &str = include_str!("../../fixtures/oasdiff-checks.txt");

/// The cells of the table under a heading: what stands in backticks in each.
fn table(heading: &str) -> Vec<Vec<Vec<&'static str>>> {
    let (_, rest) = DOCUMENTATION.split_once(heading).unwrap();
    let rows = rest.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|')).skip(2);
    let in_ticks = |cell: &'static str| cell.split('`').skip(1).step_by(2).collect();
    rows.map(|row| row.trim_matches('|').split('|').map(in_ticks).collect()).collect()
}

fn fits(pattern: &str, text: &str) -> bool {
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
fn patterns_fit_as_one_expects() {
    for (pattern, text) in [("a-*", "a-b"), ("*-b", "a-b"), ("*a*", "xay"), ("*", ""), ("a", "a"), ("a-*-c*", "a-b-cd")]
    {
        assert!(fits(pattern, text), "{pattern} {text}");
    }
    for (pattern, text) in [("a-*", "b-a-"), ("*-b", "a-bc"), ("a", "ab"), ("*-x-*", "a-x")] {
        assert!(!fits(pattern, text), "{pattern} {text}");
    }
}

#[test]
fn every_check_of_oasdiff_has_its_row_and_every_row_has_checks() {
    let rows = table("## Beside oasdiff");
    let mut used = BTreeSet::new();
    for check in CHECKS.lines() {
        let row = rows.iter().position(|row| row[0].iter().any(|pattern| fits(pattern, check)));
        used.insert(row.unwrap_or_else(|| panic!("nothing is said of {check}")));
    }
    let unused: Vec<_> = (0..rows.len()).filter(|row| !used.contains(row)).map(|row| &rows[row][0]).collect();
    assert!(unused.is_empty(), "{unused:?}");
    assert!(DOCUMENTATION.contains(&format!("({} of them", CHECKS.lines().count())));
}

#[test]
fn the_documentation_names_what_is_found_and_nothing_else() {
    let known: Vec<_> = super::CHANGES.iter().map(|(change, _)| *change).collect();
    let documented: Vec<_> = table("## Kinds of changes").iter().flat_map(|row| row[0].clone()).collect();
    assert_eq!(documented.iter().collect::<BTreeSet<_>>(), known.iter().collect::<BTreeSet<_>>());
    let named = table("## Beside oasdiff").iter().flat_map(|row| row[1].clone()).collect::<Vec<_>>();
    assert!(named.iter().all(|change| known.contains(change)), "{named:?}");
}
