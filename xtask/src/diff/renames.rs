//! Matches removed names with added ones that mean the same.

use std::collections::{BTreeMap, BTreeSet};

/// Removed and added names, and which of them belong together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Renames {
    /// Old name, new name.
    pub(crate) renamed: Vec<(String, String)>,
    /// Old name, and the new names that may replace it.
    pub(crate) split: Vec<(String, Vec<String>)>,
    pub(crate) removed: Vec<String>,
    pub(crate) added: Vec<String>,
}

/// Matches removed names with added ones that have a word in common, if `is_same` returns that they mean the same.
pub(crate) fn renames(removed: &[String], added: &[String], is_same: impl Fn(&str, &str) -> bool) -> Renames {
    let candidates: BTreeMap<&str, Vec<&str>> = removed
        .iter()
        .map(|old| {
            let alike = added.iter().filter(|new| are_alike(old, new) && is_same(old, new));
            (old.as_str(), alike.map(String::as_str).collect())
        })
        .collect();
    let candidates_of = |name: &str| candidates.values().filter(|names| names.contains(&name)).count();
    let mut found = Renames::default();
    for (old, names) in &candidates {
        let owned = |name: &&str| (*name).to_owned();
        match &names[..] {
            [only] if candidates_of(only) == 1 => found.renamed.push((owned(old), owned(only))),
            [_, _, ..] if names.iter().all(|name| candidates_of(name) == 1) => {
                found.split.push((owned(old), names.iter().map(owned).collect()));
            }
            _ => found.removed.push(owned(old)),
        }
    }
    // The parts of a split field count as added as well.
    let renamed: BTreeSet<_> = found.renamed.iter().map(|(_, new)| new.as_str()).collect();
    found.added = added.iter().filter(|new| !renamed.contains(new.as_str())).cloned().collect();
    found
}

/// Returns the names that `from` has and `other` does not.
pub(crate) fn missing<K: ToString + Ord, V, W>(from: &BTreeMap<K, V>, other: &BTreeMap<K, W>) -> Vec<String> {
    from.keys().filter(|name| !other.contains_key(*name)).map(K::to_string).collect()
}

/// Returns the words that two names have in common.
pub(crate) fn common_words(one: &str, other: &str) -> Vec<String> {
    let others = words(other);
    words(one).into_iter().filter(|word| others.contains(word)).collect()
}

/// Returns whether two names have a word or all letters in common.
pub(crate) fn are_alike(one: &str, other: &str) -> bool {
    let plain = |name: &str| words(name).concat();
    !common_words(one, other).is_empty() || plain(one) == plain(other)
}

fn words(name: &str) -> Vec<String> {
    let snake = genesiscloud_codegen::method_name(name);
    snake.split('_').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(removed: &[&str], added: &[&str], is_same: bool) -> Renames {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        renames(&owned(removed), &owned(added), |_, _| is_same)
    }

    #[test]
    fn a_removed_name_and_a_similar_added_one_are_a_rename() {
        let found = matched(&["page", "size"], &["size_gib", "color"], true);
        assert_eq!(found.renamed, [("size".to_owned(), "size_gib".to_owned())]);
        assert_eq!((found.removed, found.added), (vec!["page".to_owned()], vec!["color".to_owned()]));
        let found = matched(&["hostName"], &["hostname"], true);
        assert_eq!(found.renamed.len(), 1, "another spelling");
    }

    #[test]
    fn several_added_names_for_a_removed_one_are_a_split_and_one_for_several_is_none() {
        let found = matched(&["resource_id"], &["source_instance_id", "source_snapshot_id"], true);
        assert_eq!(found.split[0].1.len(), 2);
        assert_eq!((found.removed.len(), found.added.len()), (0, 2));
        let found = matched(&["a_id", "b_id"], &["c_id"], true);
        assert_eq!((found.removed.len(), found.added.len(), found.renamed.len()), (2, 1, 0));
    }

    #[test]
    fn names_of_different_types_are_no_rename() {
        let found = matched(&["size"], &["size_gib"], false);
        assert_eq!((found.removed.len(), found.added.len(), found.renamed.len()), (1, 1, 0));
    }
}
