//! Compares scalar values: enums, formats, limits and defaults.

use std::collections::{BTreeMap, BTreeSet};

use genesiscloud_codegen::variant_name;
use serde_json::{Map, Value};

use super::api::Api;
use super::comparison::Direction::{Request, Response};
use super::comparison::{Comparison, Place};
use super::finding::Severity::{Breaking, Compatible, Note};
use super::finding::{Finding, NO_IMPACT};
use super::shape::{list, rust_name, type_of};
use super::spot::Spot;

const LOWER: [&str; 4] = ["minItems", "minLength", "minProperties", "minimum"];
const UPPER: [&str; 4] = ["maxItems", "maxLength", "maxProperties", "maximum"];
/// Limits that either hold or do not, or that cannot be ordered.
pub(super) const OTHER_LIMITS: [&str; 5] =
    ["exclusiveMaximum", "exclusiveMinimum", "multipleOf", "pattern", "uniqueItems"];

/// The type of an enum, before and now.
struct Named {
    was: String,
    is: String,
}

impl Named {
    /// Returns the variant for a value, as it is generated.
    fn variant(&self, api: &Api, of: &str, value: &str) -> String {
        let generated = api.names.variant(of, value).map(str::to_owned);
        generated.unwrap_or_else(|| format!("{of}::{}", variant_name(value)))
    }
}

impl Comparison<'_> {
    pub(super) fn values(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) {
        let (before, now) = match (old.get("enum"), new.get("enum")) {
            (None, None) => return,
            // Numbers remain numbers in Rust, whichever of them are listed.
            (before, now) if type_of(old) == type_of(new) && type_of(new) != "string" => {
                if before != now {
                    let values =
                        |values: Option<&Value>| values.map_or("any".to_owned(), |values| list(values).join(", "));
                    let what = format!("its values changed from {} to {}", values(before), values(now));
                    self.add(Note, "keyword-changed", place, what, NO_IMPACT);
                }
                return;
            }
            (None, Some(now)) => {
                let what = format!("changed from any string to one of {}", quoted(&list(now)));
                return self.add(Breaking, "became-enum", place, what, self.affects(place));
            }
            (Some(before), None) => {
                let what = format!("changed from one of {} to any string", quoted(&list(before)));
                return self.add(Breaking, "enum-ended", place, what, self.affects(place));
            }
            (Some(before), Some(now)) => (list(before), list(now)),
        };
        if type_of(new) != "string" {
            let what = format!("changed from one of {} to one of {}", before.join(", "), now.join(", "));
            if before != now {
                self.add(Breaking, "type-changed", place, what, self.affects(place));
            }
            return;
        }
        let title = new.get("title").and_then(Value::as_str).filter(|_| place.schema.is_none());
        let derived = rust_name(title.or(place.schema.as_deref()).unwrap_or(&place.text));
        let generated = |spot: &Spot, api: &Api| spot.type_name(&api.names).unwrap_or(&derived).to_owned();
        let named = &Named { was: generated(&place.old, self.old), is: generated(&place.new, self.new) };
        self.twins(place, &before, &now);
        let (removed, added): (Vec<_>, Vec<_>) = (not_in(&before, &now), not_in(&now, &before));
        let respelled = |value: &str, others: &[&String]| {
            others.iter().find(|other| variant_name(other) == variant_name(value)).map(|other| other.to_string())
        };
        for value in &removed {
            match respelled(value, &added) {
                Some(new) => self.value_respelled(place, named, value, &new),
                None => self.value_removed(place, named, value),
            }
        }
        for value in added.iter().filter(|value| respelled(value, &removed).is_none()) {
            let is_twin = now.iter().filter(|other| variant_name(other) == variant_name(value)).count() > 1;
            self.value_added(place, named, value, is_twin);
        }
    }

    fn value_removed(&mut self, place: &Place, named: &Named, value: &str) {
        let name = named.variant(self.old, &named.was, value);
        let impact = match self.direction {
            Request => format!("Affects code that names `{name}`; callers who send it: the request is rejected"),
            Response => {
                format!("Affects code that names `{name}`; if a response still has the value, it decodes as `Unknown`")
            }
        };
        let what = format!("`{value}` was removed");
        let finding = Finding::new(Breaking, "enum-value-removed", &place.text, what, impact);
        let names = BTreeSet::from([name]);
        self.add_finding(Finding { search_for: names.clone(), names, ..finding });
    }

    /// Adds a value. The name of its variant is not known if it has a twin, and no bindings are generated.
    fn value_added(&mut self, place: &Place, named: &Named, value: &str, is_twin: bool) {
        let name = named.variant(self.new, &named.is, value);
        let is_known = !is_twin || self.new.names.variant(&named.is, value).is_some();
        let shown = if is_known { format!("`{name}`") } else { "a variant of its own".to_owned() };
        let impact = match self.direction {
            Request => format!("No impact on callers; they can send {shown}"),
            Response => {
                format!("No impact on callers; it decodes as {shown}, and before an upgrade as `Unknown(\"{value}\")`")
            }
        };
        let what = format!("`{value}` was added");
        let finding = Finding::new(Compatible, "enum-value-added", &place.text, what, impact);
        let search_for = BTreeSet::from([format!("{}::", named.is)]);
        self.add_finding(Finding { search_for, names: BTreeSet::from([name]), ..finding });
    }

    /// Adds a value that another one replaces which has the same name in Rust.
    fn value_respelled(&mut self, place: &Place, named: &Named, was: &str, is: &str) {
        let name = named.variant(self.new, &named.is, is);
        let affects = match self.direction {
            Request => "they send the old value",
            Response => "they decode the new value as `Unknown`",
        };
        let what = format!("`{was}` was removed, and `{is}` was added");
        let impact = format!("Affects users of released versions: {affects}; `{name}` is now the new value");
        let finding = Finding::new(Breaking, "enum-value-removed", &place.text, what, impact);
        self.add_finding(Finding { names: BTreeSet::from([named.variant(self.old, &named.was, was)]), ..finding });
    }

    /// Adds values whose names in Rust are the same: then all variants of the enum get other names.
    fn twins(&mut self, place: &Place, before: &[String], now: &[String]) {
        let mut names = BTreeMap::<String, Vec<&String>>::new();
        for value in now {
            names.entry(variant_name(value)).or_default().push(value);
        }
        for (name, values) in names.iter().filter(|(_, values)| values.len() > 1) {
            if values.iter().any(|value| !before.contains(value)) {
                let values = values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" and ");
                let what = format!("has {values}, which both become the variant `{name}`");
                let impact = "Affects code that names the variants: the generator has to give them other names";
                self.add(Breaking, "type-changed", place, what, impact);
            }
        }
    }

    pub(super) fn format(&mut self, place: &Place, kind: &str, old: Option<&Value>, new: Option<&Value>) {
        if old == new {
            return;
        }
        let text = |format: Option<&Value>| format.and_then(Value::as_str).unwrap_or("none").to_owned();
        let (was, is) = (text(old), text(new));
        let what = format!("the format changed from {was} to {is}");
        // The rules remove all formats except this one, which the shared type of an id and a name does not have.
        let is_same_in_rust = !place.old.rust.is_empty() && place.old.rust == place.new.rust;
        if [&was, &is].contains(&&"date-time".to_owned()) && !is_same_in_rust {
            return self.add(Breaking, "type-changed", place, what, self.affects(place));
        }
        let (severity, impact) = match (self.direction, restricts(kind, &was), restricts(kind, &is)) {
            (Request, _, true) => {
                let impact =
                    format!("Affects callers whose {} is not of the format {is}: the request is rejected", place.text);
                (Breaking, impact)
            }
            (Request, true, false) => (Compatible, "No impact on callers; they can send more values".to_owned()),
            _ => (Note, "No impact on callers: the Rust type is the same".to_owned()),
        };
        self.add(severity, "format-changed", place, what, impact);
    }

    pub(super) fn limits(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) {
        let bounds = LOWER.iter().map(|name| (name, true)).chain(UPPER.iter().map(|name| (name, false)));
        for (name, is_lower) in bounds {
            let number = |schema: &Map<String, Value>| schema.get(*name).and_then(Value::as_f64);
            let is_tighter = match (number(old), number(new)) {
                (was, is) if was == is => continue,
                (None, _) => true,
                (_, None) => false,
                (Some(was), Some(is)) => (is > was) == is_lower,
            };
            self.limit(place, name, (old.get(*name), new.get(*name)), is_tighter);
        }
        for name in OTHER_LIMITS {
            let set = |schema: &Map<String, Value>| schema.get(name).filter(|limit| **limit != false).cloned();
            let (was, is) = (set(old), set(new));
            if was != is {
                self.limit(place, name, (was.as_ref(), is.as_ref()), is.is_some());
            }
        }
    }

    fn limit(&mut self, place: &Place, name: &str, (was, is): (Option<&Value>, Option<&Value>), is_tighter: bool) {
        let text = |limit: Option<&Value>| limit.map_or("none".to_owned(), ToString::to_string);
        let what = format!("`{name}` changed from {} to {}", text(was), text(is));
        match (is_tighter, self.direction) {
            (true, Request) => {
                let impact = format!("Affects callers whose {} exceeds it: the request is rejected", place.text);
                self.add(Breaking, "limit-tightened", place, what, impact);
            }
            (false, Request) => {
                self.add(Compatible, "limit-loosened", place, what, "No impact on callers; they can send more values");
            }
            (is_tighter, Response) => {
                let change = if is_tighter { "limit-tightened" } else { "limit-loosened" };
                self.add(Note, change, place, what, "No impact on callers: limits of responses are not checked");
            }
        }
    }

    pub(super) fn default(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
        if old == new {
            return;
        }
        let text = |default: Option<&Value>| default.map_or("none".to_owned(), ToString::to_string);
        let what = format!("the default changed from {} to {}", text(old), text(new));
        match (self.direction, old.is_some() && new.is_some()) {
            (Request, true) => {
                let impact = format!("Affects callers who omit {}: they get another value", place.text);
                self.add(Breaking, "default-changed", place, what, impact);
            }
            _ => self.add(
                Note,
                "default-changed",
                place,
                what,
                "No impact on callers: the service applies defaults, and they are not sent",
            ),
        }
    }
}

/// Returns whether a format rejects values of its type. Numbers have 64 bits here, and a password can be any string.
fn restricts(kind: &str, format: &str) -> bool {
    match kind {
        "string" => !["none", "password", "binary"].contains(&format),
        "integer" => !["none", "int64"].contains(&format),
        _ => false,
    }
}

fn not_in<'a>(values: &'a [String], others: &[String]) -> Vec<&'a String> {
    values.iter().filter(|value| !others.contains(value)).collect()
}

fn quoted(values: &[String]) -> String {
    values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
}
