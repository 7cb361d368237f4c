//! Compares single values: lists of values, formats, limits, defaults.

use genesiscloud_codegen::variant_name;
use serde_json::{Map, Value};

use super::finding::Severity::{Breaking, Compatible, Note};
use super::schemas::Direction::{Answer, Request};
use super::schemas::{Comparison, Place};
use super::shape::{list, rust_name, type_of};

const LOWER: [&str; 4] = ["minItems", "minLength", "minProperties", "minimum"];
const UPPER: [&str; 4] = ["maxItems", "maxLength", "maxProperties", "maximum"];
/// Limits that either hold or do not, or of which nobody can say whether another is tighter.
pub(super) const OTHER_LIMITS: [&str; 5] =
    ["exclusiveMaximum", "exclusiveMinimum", "multipleOf", "pattern", "uniqueItems"];

impl Comparison<'_> {
    pub(super) fn values(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) {
        let (before, now) = match (old.get("enum"), new.get("enum")) {
            (None, None) => return,
            (None, Some(now)) => {
                let what = format!("was any text, and is one of {now}");
                return self.find(Breaking, "became-enum", place, what, self.users_of(place));
            }
            (Some(before), None) => {
                let what = format!("was one of {before}, and is any text");
                return self.find(Breaking, "enum-ended", place, what, self.users_of(place));
            }
            (Some(before), Some(now)) => (list(before), list(now)),
        };
        if type_of(new) != "string" {
            let what = format!("was one of {}, and is one of {}", before.join(", "), now.join(", "));
            if before != now {
                self.find(Breaking, "type-changed", place, what, self.users_of(place));
            }
            return;
        }
        let named = rust_name(place.schema.as_deref().unwrap_or(&place.text));
        for value in before.iter().filter(|value| !now.contains(value)) {
            let name = format!("{named}::{}", variant_name(value));
            let hits = match self.direction {
                Request => format!("code that names `{name}`; callers who send it: it is refused"),
                Answer => format!("code that names `{name}`; if it is answered all the same, it decodes as `Unknown`"),
            };
            self.find_in_code(Breaking, "enum-value-removed", place, format!("`{value}` is gone"), hits, &[name]);
        }
        for value in now.iter().filter(|value| !before.contains(value)) {
            let name = format!("{named}::{}", variant_name(value));
            let hits = match self.direction {
                Request => format!("nobody; callers can send `{name}`"),
                Answer => format!("nobody; it decodes as `{name}`, and before an update as `Unknown(\"{value}\")`"),
            };
            let matched = [format!("{named}::")];
            self.find_in_code(Compatible, "enum-value-added", place, format!("`{value}` is new"), hits, &matched);
        }
    }

    pub(super) fn format(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
        if old == new {
            return;
        }
        let text = |format: Option<&Value>| format.and_then(Value::as_str).unwrap_or("none").to_owned();
        let what = format!("the format was {}, and is {}", text(old), text(new));
        // The rules drop all formats but this one.
        match [old, new].iter().any(|format| format.is_some_and(|format| format == "date-time")) {
            true => self.find(Breaking, "type-changed", place, what, self.users_of(place)),
            false => self.find(Note, "format-changed", place, what, "nobody: it makes no other type"),
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
        let what = format!("`{name}` was {}, and is {}", text(was), text(is));
        match (is_tighter, self.direction) {
            (true, Request) => {
                let hits = format!("callers whose {} is beyond it: they are refused", place.text);
                self.find(Breaking, "limit-tightened", place, what, hits);
            }
            (false, Request) => {
                self.find(Compatible, "limit-loosened", place, what, "nobody; callers can send more");
            }
            (is_tighter, Answer) => {
                let change = if is_tighter { "limit-tightened" } else { "limit-loosened" };
                self.find(Note, change, place, what, "nobody: limits of answers are not checked");
            }
        }
    }

    pub(super) fn default(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
        if old == new {
            return;
        }
        let text = |default: Option<&Value>| default.map_or("none".to_owned(), ToString::to_string);
        let what = format!("the default was {}, and is {}", text(old), text(new));
        match (self.direction, old.is_some() && new.is_some()) {
            (Request, true) => {
                let hits = format!("callers who leave {} out: they get something else", place.text);
                self.find(Breaking, "default-changed", place, what, hits);
            }
            _ => {
                self.find(Note, "default-changed", place, what, "nobody: defaults are the service's, and are not sent")
            }
        }
    }
}
