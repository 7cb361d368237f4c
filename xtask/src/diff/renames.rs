//! What went and what came: which of it is the same under another name.

use std::collections::{BTreeMap, BTreeSet};

/// Names that went, each with those that may be it now.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Renames {
    /// Old name, new name.
    pub(crate) renamed: Vec<(String, String)>,
    /// Old name, and several new ones.
    pub(crate) split: Vec<(String, Vec<String>)>,
    pub(crate) removed: Vec<String>,
    pub(crate) added: Vec<String>,
}

/// Matches names that went with names that came, where `is_same` says that what they name is the same and the names have a
/// word in common.
pub(crate) fn renames(removed: &[String], added: &[String], is_same: impl Fn(&str, &str) -> bool) -> Renames {
    let candidates: BTreeMap<&str, Vec<&str>> = removed
        .iter()
        .map(|old| {
            let alike = added.iter().filter(|new| are_alike(old, new) && is_same(old, new));
            (old.as_str(), alike.map(String::as_str).collect())
        })
        .collect();
    let wanted_by = |name: &str| candidates.values().filter(|names| names.contains(&name)).count();
    let mut found = Renames::default();
    for (old, names) in &candidates {
        let owned = |name: &&str| (*name).to_owned();
        match &names[..] {
            [only] if wanted_by(only) == 1 => found.renamed.push((owned(old), owned(only))),
            [_, _, ..] if names.iter().all(|name| wanted_by(name) == 1) => {
                found.split.push((owned(old), names.iter().map(owned).collect()));
            }
            _ => found.removed.push(owned(old)),
        }
    }
    // What a field was split into is new all the same.
    let renamed: BTreeSet<_> = found.renamed.iter().map(|(_, new)| new.as_str()).collect();
    found.added = added.iter().filter(|new| !renamed.contains(new.as_str())).cloned().collect();
    found
}

/// Names that one has and the other has not.
pub(crate) fn missing<K: ToString + Ord, V, W>(from: &BTreeMap<K, V>, other: &BTreeMap<K, W>) -> Vec<String> {
    from.keys().filter(|name| !other.contains_key(*name)).map(K::to_string).collect()
}

/// The words of a name that two have in common, for people.
pub(crate) fn common_words(one: &str, other: &str) -> Vec<String> {
    let others = words(other);
    words(one).into_iter().filter(|word| others.contains(word)).collect()
}

fn are_alike(one: &str, other: &str) -> bool {
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

    fn found(removed: &[&str], added: &[&str], is_same: bool) -> Renames {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        renames(&owned(removed), &owned(added), |_, _| is_same)
    }

    #[test]
    fn one_that_went_and_one_like_it_that_came_are_a_rename() {
        let them = found(&["page", "size"], &["size_gib", "color"], true);
        assert_eq!(them.renamed, [("size".to_owned(), "size_gib".to_owned())]);
        assert_eq!((them.removed, them.added), (vec!["page".to_owned()], vec!["color".to_owned()]));
        let them = found(&["hostName"], &["hostname"], true);
        assert_eq!(them.renamed.len(), 1, "another spelling");
    }

    #[test]
    fn several_that_came_for_one_are_a_split_and_one_for_several_is_nothing() {
        let them = found(&["resource_id"], &["source_instance_id", "source_snapshot_id"], true);
        assert_eq!(them.split[0].1.len(), 2);
        assert_eq!((them.removed.len(), them.added.len()), (0, 2));
        let them = found(&["a_id", "b_id"], &["c_id"], true);
        assert_eq!((them.removed.len(), them.added.len(), them.renamed.len()), (2, 1, 0));
    }

    #[test]
    fn what_is_not_the_same_is_no_rename() {
        let them = found(&["size"], &["size_gib"], false);
        assert_eq!((them.removed.len(), them.added.len(), them.renamed.len()), (1, 1, 0));
    }
}
