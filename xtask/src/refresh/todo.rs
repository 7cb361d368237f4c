//! The work that a refresh leaves to do, with the files concerned.

use std::collections::{BTreeMap, BTreeSet};

use genesiscloud_codegen::document::{self, object};

use crate::diff::Finding;

/// Returns the number of operations and schemas of a document.
pub(super) fn counts(text: &str) -> Result<(usize, usize), String> {
    let document = genesiscloud_codegen::read(text).map_err(|error| error.to_string())?;
    Ok((document::operations(&document).len(), object(&document["components"]["schemas"]).count()))
}

/// Returns the list as a checklist.
pub(super) fn list(
    gaps: &[String],
    findings: &[Finding],
    (old, new): ((usize, usize), (usize, usize)),
    sources: &[(String, String)],
) -> String {
    let mut items: Vec<String> = gaps.iter().filter(|gap| !is_of_a_rename(gap, findings)).cloned().collect();
    let mut looked_for = BTreeSet::new();
    for finding in findings.iter().filter(|finding| !finding.search_for.is_empty()) {
        let places =
            places(sources, |source, line| finding.search_for.iter().any(|name| is_concerned(source, line, name)));
        // Several values of one enum are one item.
        if !places.is_empty() && looked_for.insert(&finding.search_for) {
            let names: Vec<_> = finding.search_for.iter().map(|name| format!("`{name}`")).collect();
            let Finding { place, what, .. } = finding;
            items.push(format!("{place} {what}: check {} in {places}", names.join(" and ")));
        }
    }
    for (what, old, new) in [("operations", old.0, new.0), ("schemas", old.1, new.1)] {
        let texts = [format!("{old} {what}"), format!("all {old} ")];
        let counted = format!("len(), {old})");
        let places = places(sources, |_, line| texts.iter().any(|text| line.contains(text)) || line.contains(&counted));
        if old != new && !places.is_empty() {
            items.push(format!("the number of {what} changed from {old} to {new}: see {places}, and the READMEs"));
        }
    }
    if items.iter().any(|item| item.contains("; add a method in ")) {
        items.push(
            "a new resource also has its two lines in wrapper/src/resources/mod.rs; CONTRIBUTING.md lists all that a new operation needs, under *How to add an operation*"
                .to_owned(),
        );
    }
    items.push("`cargo xtask ci`: the compiler and the tests report the rest".to_owned());
    let items: Vec<_> = items.iter().map(|item| format!("- [ ] {item}\n")).collect();
    format!("To do:\n\n{}", items.concat())
}

/// Returns whether a gap exists because an operation was renamed or removed, which is an item of its own.
fn is_of_a_rename(gap: &str, findings: &[Finding]) -> bool {
    let of_operations = findings.iter().filter(|finding| finding.change.starts_with("operation-re"));
    of_operations.into_iter().any(|finding| {
        let was_called = finding.search_for.iter();
        let is_missed = finding.change == "operation-renamed" && gap.starts_with(&format!("{} (", finding.place));
        is_missed || was_called.into_iter().any(|name| gap.contains(&format!(" calls `requests::{name}`,")))
    })
}

/// Returns the files with matching lines, and the number of these in each.
fn places(sources: &[(String, String)], is_one: impl Fn(&str, &str) -> bool) -> String {
    let mut found = BTreeMap::<&str, usize>::new();
    for (path, source) in sources {
        let count = source.lines().filter(|line| is_one(source, line)).count();
        if count > 0 {
            found.insert(path, count);
        }
    }
    let lines = |count: usize| if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
    found.iter().map(|(path, count)| format!("{path} ({})", lines(*count))).collect::<Vec<_>>().join(", ")
}

/// Returns whether a line has a name. For an enum, `Type::`, the line must match on one of its values, or begin a table of what
/// they mean (`= Type {`). For a field, `Type.field`, the line must have the field, and the file the type.
fn is_concerned(source: &str, line: &str, name: &str) -> bool {
    match name.split_once('.') {
        _ if name.ends_with("::") => {
            let is_match = line.contains("=>") && line.contains(name);
            is_match || line.contains(&format!("= {} {{", name.trim_end_matches(':')))
        }
        Some((owner, field)) => has_word(source, owner) && has_word(line, field),
        None => has_word(line, name),
    }
}

/// Returns whether a line has a name as a whole word.
fn has_word(line: &str, name: &str) -> bool {
    let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    line.match_indices(name)
        .any(|(at, _)| !is_part(line[..at].chars().next_back()) && !is_part(line[at + name.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_whole_words() {
        assert!(has_word("raw.list_volumes(1)", "list_volumes") && has_word("a(\"GetA\")", "\"GetA\""));
        assert!(!has_word("raw.list_volumes_paginated(1)", "list_volumes"));
        assert!(!has_word("relist_volumes", "list_volumes"));
    }

    #[test]
    fn an_enum_concerns_lines_that_match_on_it() {
        let concerned = |line: &str| is_concerned("", line, "VolumeStatus::");
        assert!(concerned("VolumeStatus::Created => Ready,"));
        assert!(concerned("pub fn wait = VolumeStatus { Created => Ready };"));
        assert!(!concerned("pub fn wait = InstanceStatus { Active => Ready };"));
        assert!(!concerned("assert_eq!(status, VolumeStatus::Created);"));
    }

    #[test]
    fn a_field_concerns_files_that_name_its_type() {
        let line = "sum += disk.size;";
        assert!(is_concerned("fn sum(of: &[Volume])", line, "Volume.size"));
        assert!(!is_concerned("fn sum(of: &[Snapshot])", line, "Volume.size"));
    }

    #[test]
    fn each_file_is_listed_once() {
        let sources = [("a.rs".to_owned(), "x\ny\nx y\n".to_owned()), ("b.rs".to_owned(), "x".to_owned())];
        assert_eq!(places(&sources, |_, line| has_word(line, "x")), "a.rs (2 lines), b.rs (1 line)");
    }
}
