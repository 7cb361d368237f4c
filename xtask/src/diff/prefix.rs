//! The prefix that schema names share, such as `compute.v1.`, where a document has another one than the last.

use std::collections::{BTreeMap, BTreeSet};

/// Returns the old and the new prefix if most of the old names have a counterpart with another prefix, and not the same name.
///
/// Names without the prefix, and names that were added or removed at the same time, do not matter.
pub(super) fn changed<'a>(old: &BTreeSet<&'a str>, new: &BTreeSet<&'a str>) -> Option<(&'a str, &'a str)> {
    let mut by_ending = BTreeMap::<&str, Vec<&str>>::new();
    for (prefix, ending) in new.difference(old).flat_map(|name| splits(name)) {
        by_ending.entry(ending).or_default().push(prefix);
    }
    let mut counts = BTreeMap::<(&str, &str), usize>::new();
    for (was, ending) in old.difference(new).flat_map(|name| splits(name)) {
        for is in by_ending.get(ending).into_iter().flatten().filter(|is| **is != was) {
            *counts.entry((was, is)).or_default() += 1;
        }
    }
    let (pair, count) = counts.into_iter().max_by_key(|((was, is), count)| (*count, was.len() + is.len()))?;
    (count > 1 && count * 2 > old.len()).then_some(pair)
}

/// Returns the ways to split a name into a prefix, which may be empty, and an ending that begins with a word.
fn splits(name: &str) -> impl Iterator<Item = (&str, &str)> {
    let letters = || name.char_indices();
    let before = std::iter::once('.').chain(name.chars());
    let begins = move |((_, letter), before): &((usize, char), char)| letter.is_uppercase() || ".-_".contains(*before);
    letters().zip(before).filter(begins).map(|((at, _), _)| name.split_at(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(old: &[&'a str], new: &[&'a str]) -> Option<(&'a str, &'a str)> {
        changed(&old.iter().copied().collect(), &new.iter().copied().collect())
    }

    #[test]
    fn a_prefix_is_that_of_most_names() {
        let plain = ["A", "A.Status", "B", "Timestamp"];
        let prefixed = ["compute.v1.A", "compute.v1.A.Status", "compute.v1.B", "Timestamp"];
        assert_eq!(of(&prefixed, &plain), Some(("compute.v1.", "")));
        assert_eq!(of(&plain, &prefixed), Some(("", "compute.v1.")));
        let another = ["compute.v2.A", "compute.v2.A.Status", "compute.v2.New", "Timestamp", "Another"];
        assert_eq!(of(&prefixed, &another), None, "two of four are not most");
        let another = ["v2A", "v2A.Status", "v2B", "v2New", "Timestamp"];
        assert_eq!(of(&prefixed, &another), Some(("compute.v1.", "v2")));
    }

    #[test]
    fn renamed_schemas_have_no_prefix() {
        assert_eq!(of(&["A"], &["v1.A"]), None, "of a single name, a part would be taken for a prefix");
        assert_eq!(of(&["A", "B.Kind", "C", "D"], &["A", "BKind", "C", "E"]), None);
        assert_eq!(of(&["Vm", "Vm.Kind", "B", "C", "D"], &["Box", "Box.Kind", "B", "C", "D"]), None);
        assert_eq!(of(&["A", "B"], &["A", "B"]), None);
    }
}
