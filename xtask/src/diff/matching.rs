//! Matches the operations of two documents, and compares their addresses.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{Api, Key, Operation};
use super::finding::Severity::{Breaking, Compatible};
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
        let finding = Finding::new(severity, change, place, what, impact).in_operation(self.is.id);
        self.findings.add(Finding { names: self.old.names_of(self.was.id), ..finding });
    }
}

/// Returns a finding about an operation whose former method or id may be named in code.
fn in_code(
    old: &Api,
    change: &'static str,
    (was, is): (&str, &str),
    what: String,
    impact: impl Into<String>,
) -> Finding {
    let search_for = BTreeSet::from([old.method(was), format!("\"{was}\""), old.body_type(was)]);
    Finding {
        search_for,
        names: old.names_of(was),
        ..Finding::new(Breaking, change, is, what, impact).in_operation(is)
    }
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
        let finding = Finding::new(Breaking, "server-changed", "servers", what, impact);
        findings.add(Finding { names: old.constants(), ..finding });
    } else if old.base_path != new.base_path && is_common(true) {
        let text = |path: &str| if path.is_empty() { "none".to_owned() } else { format!("`{path}`") };
        let (was, is) = (text(&old.base_path), text(&new.base_path));
        let what = format!("the path of the address changed from {was} to {is}");
        let impact = "Affects code that gives the bindings an address, which has to end as the document's does; full paths \
                      are the same. `DEFAULT_ENDPOINT` and `SERVICE_PATH` in `wrapper/src/config.rs`, and rules that name \
                      paths, need the same change";
        let search_for = BTreeSet::from(["DEFAULT_ENDPOINT".to_owned(), "SERVICE_PATH".to_owned()]);
        let finding = Finding::new(Breaking, "server-prefix-moved", "servers", what, impact);
        findings.add(Finding { search_for, names: old.constants(), ..finding });
    }
    is_whole
}

/// Returns the pairs of operations that have the same method and path, or else the same id, and adds findings about the others.
pub(super) fn matched<'a>(
    (old, new): (&Api, &Api),
    before: &BTreeMap<Key, Operation<'a>>,
    now: &BTreeMap<Key, Operation<'a>>,
    findings: &mut Findings,
) -> Vec<(Operation<'a>, Operation<'a>)> {
    let by_id = |operations: &BTreeMap<Key, Operation<'a>>, id: &str| {
        operations.iter().find(|(_, operation)| operation.id == id).map(|(key, operation)| (key.clone(), *operation))
    };
    let mut pairs = Vec::new();
    let mut moved_from = BTreeSet::new();
    for (key, is) in now {
        match (before.get(key), by_id(before, is.id)) {
            (Some(was), _) => pairs.push((*was, *is)),
            (None, Some((old_key, was))) if !now.contains_key(&old_key) => {
                moved_from.insert(old_key);
                findings.add(Finding { names: old.names_of(was.id), ..moved(was, *is) });
                pairs.push((was, *is));
            }
            (None, _) => {
                let what = format!("{} was added", is.address());
                let impact = format!("No impact on callers; they can call it as `raw().{}`", new.method(is.id));
                findings.add(Finding::new(Compatible, "operation-added", is.id, what, impact));
            }
        }
        if let Some((old_key, was)) = by_id(before, is.id)
            && old_key != *key
            && now.contains_key(&old_key)
        {
            let what = format!("now identifies {}; it identified {} before", is.address(), was.address());
            let impact = format!("Affects callers of `raw().{}`: it calls another operation", old.method(is.id));
            findings.add(in_code(old, "operation-id-reused", (is.id, is.id), what, impact));
        }
    }
    for (was, is) in pairs.iter().filter(|(was, is)| was.id != is.id) {
        findings.add(renamed((old, new), *was, *is));
    }
    for (_, was) in before.iter().filter(|(key, _)| !now.contains_key(key) && !moved_from.contains(key)) {
        let what = format!("{} was removed", was.address());
        let impact = format!("Affects callers of `raw().{}` and of the wrapper's method for it", old.method(was.id));
        findings.add(in_code(old, "operation-removed", (was.id, was.id), what, impact));
    }
    pairs
}

/// Returns the finding about an operation at another address.
fn moved(was: Operation<'_>, is: Operation<'_>) -> Finding {
    let what = format!("moved from {} to {}", was.address(), is.address());
    let impact = "Affects users of released versions: the old address was removed";
    let pattern = (was.method == is.method).then(|| {
        let (was, is) = difference(was.path, is.path);
        format!("`{was}` became `{is}`")
    });
    Finding { pattern, ..Finding::new(Breaking, "operation-moved", is.id, what, impact).in_operation(is.id) }
}

/// Returns the segments of two paths between those that both begin and end with.
fn difference(one: &str, other: &str) -> (String, String) {
    let (mut one, mut other): (Vec<_>, Vec<_>) = (one.split('/').collect(), other.split('/').collect());
    let begin = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    one.drain(..begin);
    other.drain(..begin);
    while one.last().is_some() && one.last() == other.last() {
        one.pop();
        other.pop();
    }
    (one.join("/"), other.join("/"))
}

/// Returns the finding about an operation with another id.
fn renamed(apis: (&Api, &Api), was: Operation<'_>, is: Operation<'_>) -> Finding {
    let what = format!("was renamed from `{}`; same method and path, {}", was.id, is.address());
    let (old, new) = (apis.0.method(was.id), apis.1.method(is.id));
    if old == new {
        let impact = "Affects code that compares `Error::operation` or spans";
        let pattern = Some("another spelling, and the same name in Rust".to_owned());
        return Finding { pattern, ..in_code(apis.0, "operation-renamed", (was.id, is.id), what, impact) };
    }
    let impact =
        format!("Affects callers of `raw().{old}`, now `raw().{new}`; code that compares `Error::operation` or spans");
    in_code(apis.0, "operation-renamed", (was.id, is.id), what, impact)
}
