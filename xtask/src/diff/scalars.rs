//! Compares scalar values: enums, formats, limits and defaults.

use genesiscloud_codegen::variant_name;
use serde_json::{Map, Value};

use super::comparison::Direction::{Request, Response};
use super::comparison::{Comparison, Place};
use super::finding::Severity::{Breaking, Compatible, Note};
use super::shape::{list, rust_name, type_of};

const LOWER: [&str; 4] = ["minItems", "minLength", "minProperties", "minimum"];
const UPPER: [&str; 4] = ["maxItems", "maxLength", "maxProperties", "maximum"];
/// Limits that either hold or do not, or that cannot be ordered.
pub(super) const OTHER_LIMITS: [&str; 5] =
    ["exclusiveMaximum", "exclusiveMinimum", "multipleOf", "pattern", "uniqueItems"];

impl Comparison<'_> {
    pub(super) fn values(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) {
        let (before, now) = match (old.get("enum"), new.get("enum")) {
            (None, None) => return,
            (None, Some(now)) => {
                let what = format!("changed from any string to one of {now}");
                return self.add(Breaking, "became-enum", place, what, self.affects(place));
            }
            (Some(before), None) => {
                let what = format!("changed from one of {before} to any string");
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
        let named = rust_name(place.schema.as_deref().unwrap_or(&place.text));
        for value in before.iter().filter(|value| !now.contains(value)) {
            let name = format!("{named}::{}", variant_name(value));
            let impact = match self.direction {
                Request => format!("Affects code that names `{name}`; callers who send it: the request is rejected"),
                Response => format!(
                    "Affects code that names `{name}`; if a response still has the value, it decodes as `Unknown`"
                ),
            };
            self.add_in_code(Breaking, "enum-value-removed", place, format!("`{value}` was removed"), impact, &[name]);
        }
        for value in now.iter().filter(|value| !before.contains(value)) {
            let name = format!("{named}::{}", variant_name(value));
            let impact = match self.direction {
                Request => format!("No impact on callers; they can send `{name}`"),
                Response => format!(
                    "No impact on callers; it decodes as `{name}`, and before an upgrade as `Unknown(\"{value}\")`"
                ),
            };
            let matched = [format!("{named}::")];
            self.add_in_code(Compatible, "enum-value-added", place, format!("`{value}` was added"), impact, &matched);
        }
    }

    pub(super) fn format(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
        if old == new {
            return;
        }
        let text = |format: Option<&Value>| format.and_then(Value::as_str).unwrap_or("none").to_owned();
        let what = format!("the format changed from {} to {}", text(old), text(new));
        // The rules remove all formats except this one.
        if [old, new].iter().any(|format| format.is_some_and(|format| format == "date-time")) {
            self.add(Breaking, "type-changed", place, what, self.affects(place))
        } else {
            self.add(Note, "format-changed", place, what, "No impact on callers: the Rust type is the same")
        }
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
