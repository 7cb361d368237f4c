//! Matches the operations of two documents, and compares their addresses.

use std::collections::{BTreeMap, BTreeSet};

use genesiscloud_codegen::{method_name, type_name};

use super::api::{Api, Key, Operation};
use super::finding::Severity::{Breaking, Compatible, Note};
use super::finding::{Finding, Findings, Severity};

/// An operation, before and now.
pub(super) struct Pair<'a> {
    pub(super) old: &'a Api,
    pub(super) new: &'a Api,
    pub(super) was: Operation<'a>,
    pub(super) is: Operation<'a>,
    pub(super) findings: &'a mut Findings,
}

impl Pair<'_> {
    pub(super) fn add(
        &mut self,
        severity: Severity,
        change: &'static str,
        part: &str,
        what: String,
        impact: impl Into<String>,
    ) {
        let place = format!("{}{part}", self.is.id);
        let operations = BTreeSet::from([self.is.id.to_owned()]);
        self.findings.add(Finding {
            severity,
            change,
            place,
            what,
            impact: impact.into(),
            operations,
            search_for: BTreeSet::new(),
        });
    }
}

/// Adds a finding that belongs to no operation.
pub(super) fn add(
    findings: &mut Findings,
    severity: Severity,
    change: &'static str,
    place: impl Into<String>,
    what: String,
    impact: impl Into<String>,
) {
    let (place, impact) = (place.into(), impact.into());
    findings.add(Finding {
        severity,
        change,
        place,
        what,
        impact,
        operations: BTreeSet::new(),
        search_for: BTreeSet::new(),
    });
}

/// Adds a finding about an operation whose former method or id may be named in code.
fn add_in_code(
    findings: &mut Findings,
    change: &'static str,
    (was, is): (&str, &str),
    what: String,
    impact: impl Into<String>,
) {
    // The type of its body has its name.
    let search_for = BTreeSet::from([method_name(was), format!("\"{was}\""), format!("{}Body", type_name(was))]);
    let (place, operations) = (is.to_owned(), BTreeSet::from([is.to_owned()]));
    findings.add(Finding { severity: Breaking, change, place, what, impact: impact.into(), operations, search_for });
}

/// Compares the addresses of the service. Returns whether operations are matched by their full paths, and not only by what
/// follows the address of the server.
pub(super) fn addresses(old: &Api, new: &Api, findings: &mut Findings) -> bool {
    let is_common = |is_whole| {
        let before = old.operations(is_whole);
        new.operations(is_whole).keys().any(|key| before.contains_key(key))
    };
    let is_whole = is_common(true) || !is_common(false);
    let was_moved = !is_whole && old.base_path != new.base_path;
    if old.origin != new.origin || was_moved {
        let what = format!("changed from `{}{}` to `{}{}`", old.origin, old.base_path, new.origin, new.base_path);
        let impact = "Affects all users of released versions: their requests go to the old address";
        add(findings, Breaking, "server-changed", "servers", what, impact);
    } else if old.base_path != new.base_path && is_common(true) {
        let what = format!("the path of the address changed from `{}` to `{}`", old.base_path, new.base_path);
        let impact = "No impact on callers: the full paths are the same; the endpoint rule in `wrapper/src/config.rs` may need the same change";
        add(findings, Note, "server-prefix-moved", "servers", what, impact);
    }
    if old.schema_prefix != new.schema_prefix {
        let what = format!("changed from `{}` to `{}`", old.schema_prefix, new.schema_prefix);
        let impact = "Affects code that names generated types";
        add(findings, Breaking, "schema-prefix-changed", "components.schemas", what, impact);
    }
    is_whole
}

/// Returns the pairs of operations that have the same method and path, or else the same id, and adds findings about the others.
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
                let what = format!("moved from {} to {}", was.address(), is.address());
                let impact = "Affects users of released versions: the old address was removed";
                add(findings, Breaking, "operation-moved", is.id, what, impact);
                pairs.push((was, *is));
            }
            (None, _) => {
                let impact = format!("No impact on callers; they can call it as `raw().{}`", method_name(is.id));
                add(findings, Compatible, "operation-added", is.id, format!("{} was added", is.address()), impact);
            }
        }
        if let Some((old_key, was)) = by_id(before, is.id)
            && old_key != *key
            && now.contains_key(&old_key)
        {
            let what = format!("now identifies {}; it identified {} before", is.address(), was.address());
            let impact = format!("Affects callers of `raw().{}`: it calls another operation", method_name(is.id));
            add_in_code(findings, "operation-id-reused", (is.id, is.id), what, impact);
        }
    }
    for (was, is) in pairs.iter().filter(|(was, is)| was.id != is.id) {
        let what = format!("was renamed from `{}`; same method and path, {}", was.id, is.address());
        let (old, new) = (method_name(was.id), method_name(is.id));
        let impact = if old == new {
            "Affects code that compares `Error::operation` or spans".to_owned()
        } else {
            format!(
                "Affects callers of `raw().{old}`, now `raw().{new}`; code that compares `Error::operation` or spans"
            )
        };
        add_in_code(findings, "operation-renamed", (was.id, is.id), what, impact);
    }
    for (_, was) in before.iter().filter(|(key, _)| !now.contains_key(key) && !moved.contains(key)) {
        let impact = format!("Affects callers of `raw().{}` and of the wrapper's method for it", method_name(was.id));
        add_in_code(findings, "operation-removed", (was.id, was.id), format!("{} was removed", was.address()), impact);
    }
    pairs
}
