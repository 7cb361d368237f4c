//! Which operations of two documents are the same, and where they are.

use std::collections::{BTreeMap, BTreeSet};

use genesiscloud_codegen::{method_name, type_name};

use super::api::{Api, Key, Operation};
use super::finding::Severity::{Breaking, Compatible, Note};
use super::finding::{Finding, Findings, Severity};

/// Adds a finding that shows in no operation in particular.
pub(super) fn find(
    findings: &mut Findings,
    severity: Severity,
    change: &'static str,
    place: impl Into<String>,
    what: String,
    hits: impl Into<String>,
) {
    let (place, hits) = (place.into(), hits.into());
    findings.add(Finding {
        severity,
        change,
        place,
        what,
        hits,
        operations: BTreeSet::new(),
        look_for: BTreeSet::new(),
    });
}

/// An operation of which code may name the method or the id, and that is not called so any more.
fn find_in_code(
    findings: &mut Findings,
    change: &'static str,
    (was, is): (&str, &str),
    what: String,
    hits: impl Into<String>,
) {
    // The type of its body is called by it.
    let look_for = BTreeSet::from([method_name(was), format!("\"{was}\""), format!("{}Body", type_name(was))]);
    let (place, operations) = (is.to_owned(), BTreeSet::from([is.to_owned()]));
    findings.add(Finding { severity: Breaking, change, place, what, hits: hits.into(), operations, look_for });
}

/// Compares where the service is. Whether whole paths tell which operations are the same, and not only what follows the
/// server's address.
pub(super) fn addresses(old: &Api, new: &Api, findings: &mut Findings) -> bool {
    let is_common = |is_whole| {
        let before = old.operations(is_whole);
        new.operations(is_whole).keys().any(|key| before.contains_key(key))
    };
    let is_whole = is_common(true) || !is_common(false);
    let was_moved = !is_whole && old.base_path != new.base_path;
    if old.origin != new.origin || was_moved {
        let what = format!("was `{}{}`, and is `{}{}`", old.origin, old.base_path, new.origin, new.base_path);
        let hits = "all users of released versions: their requests go to the old address";
        find(findings, Breaking, "server-changed", "servers", what, hits);
    } else if old.base_path != new.base_path && is_common(true) {
        let what = format!("the address ended in `{}`, and ends in `{}`", old.base_path, new.base_path);
        let hits =
            "nobody: the whole paths are the same; the endpoint's rule in `wrapper/src/config.rs` may have to follow";
        find(findings, Note, "server-prefix-moved", "servers", what, hits);
    }
    if old.schema_prefix != new.schema_prefix {
        let what = format!("was `{}`, and is `{}`", old.schema_prefix, new.schema_prefix);
        let hits = "code that names generated types by it";
        find(findings, Breaking, "schema-prefix-changed", "components.schemas", what, hits);
    }
    is_whole
}

/// Pairs of operations that are the same, by method and path, or else by id; with what that finds.
pub(super) fn matched<'a>(
    before: &BTreeMap<Key, Operation<'a>>,
    now: &BTreeMap<Key, Operation<'a>>,
    findings: &mut Findings,
) -> Vec<(Operation<'a>, Operation<'a>)> {
    let by_id = |operations: &BTreeMap<Key, Operation<'a>>, id: &str| {
        operations.iter().find(|(_, operation)| operation.id == id).map(|(key, operation)| (key.clone(), *operation))
    };
    let mut pairs = Vec::new();
    let mut moved = BTreeSet::new();
    for (key, is) in now {
        match (before.get(key), by_id(before, is.id)) {
            (Some(was), _) => pairs.push((*was, *is)),
            (None, Some((old_key, was))) if !now.contains_key(&old_key) => {
                moved.insert(old_key);
                let what = format!("was {}, and is {}", was.address(), is.address());
                let hits = "users of released versions: the old address is gone";
                find(findings, Breaking, "operation-moved", is.id, what, hits);
                pairs.push((was, *is));
            }
            (None, _) => {
                let hits = format!("nobody; callers can use it, as `raw().{}` at once", method_name(is.id));
                find(findings, Compatible, "operation-added", is.id, format!("{} is new", is.address()), hits);
            }
        }
        if let Some((old_key, was)) = by_id(before, is.id)
            && old_key != *key
            && now.contains_key(&old_key)
        {
            let what = format!("is the id of {} now, and was that of {}", is.address(), was.address());
            let hits = format!("callers of `raw().{}`: it does something else", method_name(is.id));
            find_in_code(findings, "operation-id-reused", (is.id, is.id), what, hits);
        }
    }
    for (was, is) in pairs.iter().filter(|(was, is)| was.id != is.id) {
        let what = format!("was called `{}`; it has the same method and path, {}", was.id, is.address());
        let (old, new) = (method_name(was.id), method_name(is.id));
        let hits = match old == new {
            true => "whoever compares `Error::operation`, or spans".to_owned(),
            false => {
                format!("callers of `raw().{old}`, now `raw().{new}`; whoever compares `Error::operation`, or spans")
            }
        };
        find_in_code(findings, "operation-renamed", (was.id, is.id), what, hits);
    }
    for (_, was) in before.iter().filter(|(key, _)| !now.contains_key(key) && !moved.contains(key)) {
        let hits = format!("callers of `raw().{}`, and of the service's method for it", method_name(was.id));
        find_in_code(findings, "operation-removed", (was.id, was.id), format!("{} is gone", was.address()), hits);
    }
    pairs
}
