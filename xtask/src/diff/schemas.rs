//! Compares the schemas of requests and responses, each in its own direction.
//!
//! The impact of a change follows from the code that `openapi/codegen` generates for a schema: enums are open, limits are
//! checked by the service, and what can be null is an `Option`.

use std::collections::{BTreeMap, BTreeSet};

use genesiscloud_codegen::{may_be_absent, method_name, type_name};
use serde_json::{Map, Value};

use super::api::Api;
use super::comparison::{Comparison, Direction, Place};
use super::finding::Severity::{Breaking, Compatible, Note};
use super::finding::{Finding, NEEDS_REVIEW, NO_IMPACT};
use super::renames::{Renames, missing, renames};
use super::scalars::OTHER_LIMITS;
use super::shape::{
    DEPTH, is_collection, is_prose, is_reference, is_required, is_same, kind_of, own_type, reason_of_rename, rust_name,
    type_of, with_one_enum,
};
use super::spot::Spot;

use Direction::{Request, Response};

/// The impact of another name that becomes the same one in Rust.
fn same_rust_name(name: &str) -> String {
    format!("No impact on callers: the Rust type is still called `{name}`")
}

/// The keywords that are compared one by one.
const COMPARED: [&str; 24] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "deprecated",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "nullable",
    "oneOf",
    "properties",
    "required",
    "type",
];

/// The depth at which the comparison of nested schemas without names ends.
const DEEPEST: usize = 24;

impl Comparison<'_> {
    /// Compares the schemas at a place, and whether they allow null.
    pub(super) fn compare(&mut self, place: &Place, old: &Value, new: &Value) {
        self.nullability_of_items(place, old, new);
        self.schemas(place, old, new);
    }

    pub(super) fn schemas(&mut self, place: &Place, old: &Value, new: &Value) {
        let ((old_own, old), (new_own, new)) = (self.old.unwrap_only_part(old), self.new.unwrap_only_part(new));
        self.deprecation(place, old_own.get("deprecated"), new_own.get("deprecated"));
        self.default(place, old_own.get("default"), new_own.get("default"));
        self.other_keywords(place, &old_own, &new_own);
        let (old_name, old) = self.old.resolve(old);
        let (new_name, new) = self.new.resolve(new);
        let named = match (old_name, new_name) {
            (Some(old), Some(new)) => {
                let pair = (old.to_owned(), new.to_owned());
                if self.open.contains(&pair) {
                    return;
                }
                self.open.push(pair);
                Some(new.to_owned())
            }
            // Without names, only the depth shows that they are recursive.
            _ if self.depth == DEEPEST => return,
            _ => None,
        };
        self.depth += 1;
        let place = &Place {
            old: place.old.clone().or_schema(&self.old.names, old_name),
            new: place.new.clone().or_schema(&self.new.names, new_name),
            ..place.clone()
        };
        let is_another = self.names(place, (old_name, old), (new_name, new));
        if !is_another {
            let place = match &named {
                Some(name) => Place { text: name.clone(), schema: named.clone(), ..place.clone() },
                None => place.clone(),
            };
            self.contents(&place, &with_one_enum(self.old.merged(old)), &with_one_enum(self.new.merged(new)));
        }
        self.depth -= 1;
        if named.is_some() {
            self.open.pop();
        }
    }

    /// Compares the names of the types. Returns whether it is another schema.
    fn names(&mut self, place: &Place, old: (Option<&str>, &Value), new: (Option<&str>, &Value)) -> bool {
        let (old_type, new_type) = (own_type(old), own_type(new));
        if old_type == new_type || (old.0.is_some() && old.0 == new.0) {
            return false;
        }
        let in_rust = |(name, schema): (Option<&str>, &Value)| match (name, schema["title"].as_str()) {
            (Some(name), _) | (None, Some(name)) => type_name(name),
            (None, None) => rust_name(&place.text),
        };
        let generated = |spot: &Spot, api: &Api| spot.type_name(&api.names).map(str::to_owned);
        let old_rust = generated(&place.old, self.old).unwrap_or_else(|| in_rust(old));
        let new_rust = generated(&place.new, self.new).unwrap_or_else(|| in_rust(new));
        let (Some(was), Some(is)) = (old.0, new.0) else {
            let name = |name: Option<&str>| name.map_or("an inline type".to_owned(), |name| format!("`{name}`"));
            let what = format!("its type changed from {} to {}", name(old.0), name(new.0));
            if old_rust == new_rust {
                self.add(Note, "schema-renamed", place, what, same_rust_name(&new_rust));
            } else {
                self.add(Breaking, "schema-renamed", place, what, "Affects code that names the type");
            }
            return false;
        };
        if self.new.has_schema(was) || self.old.has_schema(is) {
            let what = format!("changed from `{was}` to `{is}`");
            self.add(Breaking, "type-changed", place, what, self.affects(place));
            return true;
        }
        let what = format!("was renamed from `{was}`; used in the same place");
        if old_rust == new_rust {
            let finding = self.about(place, Finding::new(Note, "schema-renamed", is, what, same_rust_name(&new_rust)));
            let pattern = Some("another spelling, and the same name in Rust".to_owned());
            self.add_finding(Finding { pattern, ..finding });
        } else {
            let impact = format!("Affects code that names the type `{old_rust}`, now `{new_rust}`");
            let finding = self.about(place, Finding::new(Breaking, "schema-renamed", is, what, impact));
            self.add_finding(Finding { search_for: BTreeSet::from([old_rust]), ..finding });
        }
        false
    }

    fn contents(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) {
        self.deprecation(place, old.get("deprecated"), new.get("deprecated"));
        if self.is_union(place, old, new) {
            self.default(place, old.get("default"), new.get("default"));
            if old.contains_key("properties") && new.contains_key("properties") {
                self.objects(place, old, new);
            }
            return self.other_keywords(place, old, new);
        }
        let (was, is) = (kind_of(old), kind_of(new));
        if was != is {
            let what = format!("changed from {was} to {is}");
            return self.add(Breaking, "type-changed", place, what, self.affects(place));
        }
        self.values(place, old, new);
        self.format(place, type_of(new), old.get("format"), new.get("format"));
        self.limits(place, old, new);
        self.default(place, old.get("default"), new.get("default"));
        match type_of(new) {
            "array" => {
                let nothing = Value::Object(Map::new());
                let (old, new) = (old.get("items").unwrap_or(&nothing), new.get("items").unwrap_or(&nothing));
                let place = self.at_values(place, "[]");
                self.nullability_of_items(&place, old, new);
                self.schemas(&place, old, new);
            }
            "object" => self.objects(place, old, new),
            _ => {}
        }
        self.other_keywords(place, old, new);
    }

    fn deprecation(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
        let is = |flag: Option<&Value>| flag.is_some_and(|flag| *flag == true);
        match (is(old), is(new)) {
            (false, true) => {
                let impact = format!("{}, once it is removed", self.affects(place));
                self.add(Note, "deprecated", place, "is now deprecated".into(), impact);
            }
            (true, false) => {
                self.add(Note, "reactivated", place, "is no longer deprecated".into(), NO_IMPACT);
            }
            _ => {}
        }
    }

    fn nullability_of_items(&mut self, place: &Place, old: &Value, new: &Value) {
        let (was, is) = (self.old.is_nullable(old), self.new.is_nullable(new));
        if was != is {
            self.nullability(place, is, true);
        }
    }

    /// Adds a change of nullability. `shows` is whether it changes the Rust type.
    fn nullability(&mut self, place: &Place, is_now: bool, shows: bool) {
        let (change, what) = if is_now {
            ("became-nullable", "can now be null")
        } else {
            ("became-not-nullable", "can no longer be null")
        };
        let (severity, impact) = match (self.direction, is_now, shows) {
            (Response, _, false) => (Note, "No impact on callers: the Rust type is the same".to_owned()),
            (Request, true, false) => (Compatible, "No impact on callers; they can send null".to_owned()),
            (Request, true, true) => (Breaking, self.becomes_option(place)),
            (Request, false, _) => {
                (Breaking, format!("Affects callers who send null for {}: the request is rejected", place.text))
            }
            (Response, true, _) => (Breaking, format!("{}: it becomes an `Option`", self.affects(place))),
            (Response, false, _) => (Breaking, format!("{}: it is no longer an `Option`", self.affects(place))),
        };
        self.add(severity, change, place, what.into(), impact);
    }

    /// The impact on code that builds a request of `raw()`. The wrapper's parameters do not change by that.
    fn becomes_option(&self, place: &Place) -> String {
        format!("Affects code that sets {} in a request of `raw()`: it becomes an `Option`", place.text)
    }

    fn objects(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) {
        let nothing = Map::new();
        let fields = |schema: &'_ Map<String, Value>| -> BTreeMap<String, Value> {
            let fields = schema.get("properties").and_then(Value::as_object).unwrap_or(&nothing);
            fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        let (before, now) = (fields(old), fields(new));
        let (apis, depth) = ((self.old, self.new), DEPTH);
        let is_same = |was: &str, is: &str| is_same((apis.0, &before[was]), (apis.1, &now[is]), depth);
        let Renames { renamed, split, removed, added } =
            renames(&missing(&before, &now), &missing(&now, &before), is_same);

        for name in before.keys().filter(|name| now.contains_key(*name)) {
            self.field(place, (name, old, &before[name]), (name, new, &now[name]));
        }
        for (was, is) in &renamed {
            self.field_renamed(place, was, is);
            self.field(place, (was, old, &before[was]), (is, new, &now[is]));
        }
        for (was, into) in &split {
            let names: Vec<_> = into.iter().map(|name| format!("`{name}`")).collect();
            let what = format!(
                "was removed; {} may replace it: same type, and common words in the names",
                names.join(" and ")
            );
            let place = self.at_field(place, (was, was));
            self.add(Breaking, "field-split", &place, what, self.affects(&place));
        }
        for name in &removed {
            let place = self.at_field(place, (name, name));
            self.add(Breaking, "field-removed", &place, "was removed".into(), self.affects(&place));
        }
        for name in &added {
            self.field_added(&self.at_field(place, (name, name)), &now[name], is_required(new, name));
        }
        if is_reference(old) != is_reference(new) && place.schema.is_none() {
            let what = if is_reference(new) {
                "is now a `Reference`; it had its own type before"
            } else {
                "was a `Reference`; it now has its own type"
            };
            self.add(Breaking, "schema-renamed", place, what.into(), "Affects code that names the type");
        }
        self.other_fields(place, old.get("additionalProperties"), new.get("additionalProperties"));
    }

    fn field_added(&mut self, place: &Place, field: &Value, is_required: bool) {
        let (severity, impact) = match (self.direction, is_required, self.is_of_other_direction(self.new, field)) {
            (Request, _, true) => (Note, "No impact on callers: only responses have it"),
            (Response, _, true) => (Note, "No impact on callers: only requests have it"),
            (Request, true, _) => (Breaking, "Affects all callers: requests without it are rejected"),
            (Request, false, _) => (Compatible, "No impact on callers; they can set it"),
            (Response, _, _) => (Compatible, "No impact on callers; before an upgrade it is in `extra`"),
        };
        let required = if is_required { "required" } else { "optional" };
        self.add(severity, "field-added", place, format!("was added ({required})"), impact);
    }

    fn field_renamed(&mut self, parent: &Place, was: &str, is: &str) {
        let place = self.at_field(parent, (was, was));
        let what = format!("`{was}` was probably renamed to `{is}`: {}", reason_of_rename(was, is));
        let (impact, pattern) = if method_name(was) == method_name(is) {
            let impact = match self.direction {
                Request => "Affects users of released versions: they send the old name",
                Response => "Affects users of released versions: they read the old name",
            };
            (format!("{impact}; the name in Rust is the same"), Some("another spelling of fields".to_owned()))
        } else {
            (self.affects(&place), None)
        };
        let finding = self.about(&place, Finding::new(Breaking, "field-renamed", &place.text, what, impact));
        self.add_finding(Finding { pattern, ..finding });
    }

    fn field(
        &mut self,
        parent: &Place,
        (old_name, old_parent, old): (&str, &Map<String, Value>, &Value),
        (new_name, new_parent, new): (&str, &Map<String, Value>, &Value),
    ) {
        let place = self.at_field(parent, (old_name, new_name));
        let is_absent = may_be_absent(parent.schema.as_deref().unwrap_or_default(), new_name);
        let was_required = is_required(old_parent, old_name) && !self.is_of_other_direction(self.old, old);
        let is_required = is_required(new_parent, new_name) && !self.is_of_other_direction(self.new, new);
        let (was_nullable, is_null) = (self.old.is_nullable(old), self.new.is_nullable(new));
        let was_option = was_nullable || self.is_option(self.old, parent, old, was_required && !is_absent);
        let is_option = is_null || self.is_option(self.new, parent, new, is_required && !is_absent);
        if was_required != is_required {
            let shows = was_option != is_option;
            let (change, what) = if is_required {
                ("became-required", "is now required")
            } else {
                ("became-optional", "is now optional")
            };
            let (severity, impact) = match (self.direction, is_required) {
                (Request, true) => {
                    (Breaking, format!("Affects callers who omit {}: the request is rejected", place.text))
                }
                (Request, false) if shows => (Breaking, self.becomes_option(&place)),
                (Request, false) => (Compatible, "No impact on callers; they can omit it".to_owned()),
                (Response, _) if !shows => (Note, "No impact on callers: the Rust type is the same".to_owned()),
                (Response, true) => (Breaking, format!("{}: it is no longer an `Option`", self.affects(&place))),
                (Response, false) => (Breaking, format!("{}: it becomes an `Option`", self.affects(&place))),
            };
            self.add(severity, change, &place, what.into(), impact);
        }
        if was_nullable != is_null {
            self.nullability(&place, is_null, was_option != is_option && was_required == is_required);
        }
        self.schemas(&place, old, new);
    }

    /// Returns whether a field that cannot be null becomes an `Option`. An absent list or map is decoded as an empty one; in
    /// the body of a request, an empty list is not an absent one.
    fn is_option(&self, api: &Api, parent: &Place, field: &Value, is_required: bool) -> bool {
        let is_in_body = parent.text.starts_with(&format!("{} body", self.operation));
        !is_required && (!is_collection(api, field) || (is_in_body && field["type"] == "array"))
    }

    /// Returns whether a field is only in responses, and this is a request, or the other way round.
    fn is_of_other_direction(&self, api: &Api, field: &Value) -> bool {
        api.is_set(field, if self.direction == Request { "readOnly" } else { "writeOnly" })
    }

    fn other_fields(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
        match (old.filter(|schema| schema.is_object()), new.filter(|schema| schema.is_object())) {
            (Some(old), Some(new)) => {
                let place = self.at_values(place, ".*");
                self.nullability_of_items(&place, old, new);
                self.schemas(&place, old, new);
            }
            _ if old.is_none_or(|any| *any == true) && new.is_none_or(|any| *any == true) => {}
            _ if old == new => {}
            _ => self.keyword(place, "additionalProperties"),
        }
    }

    /// Compares all other keywords, so that no change goes unnoticed.
    fn other_keywords(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) {
        let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
        for name in names {
            let is_compared = COMPARED.contains(&name.as_str()) || OTHER_LIMITS.contains(&name.as_str());
            if is_compared || is_prose(name) || old.get(name) == new.get(name) {
                continue;
            }
            // The title names a type that has no other name.
            let is_type = ["properties", "enum", "oneOf", "anyOf"].iter().any(|keyword| new.contains_key(*keyword));
            if name == "title" && is_type && place.schema.is_none() {
                self.title(place, old, new);
            } else if matches!((self.direction, name.as_str()), (Request, "readOnly") | (Response, "writeOnly")) {
                self.direction_of_field(place, name, new.get(name).is_some_and(|is| *is == true));
            } else {
                self.keyword(place, name);
            }
        }
    }

    /// Adds a change of the name that the type of a schema without a name has by its title, or by its place.
    fn title(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) {
        let named = |schema: &Map<String, Value>| {
            schema.get("title").and_then(Value::as_str).map_or_else(|| rust_name(&place.text), type_name)
        };
        let generated = |spot: &Spot, api: &Api| spot.type_name(&api.names).map(str::to_owned);
        let was = generated(&place.old, self.old).unwrap_or_else(|| named(old));
        let is = generated(&place.new, self.new).unwrap_or_else(|| named(new));
        if was != is {
            let what = format!("has another name for its type: `{was}` is now called `{is}`");
            let finding =
                Finding::new(Breaking, "schema-renamed", &place.text, what, "Affects code that names the type");
            let finding = self.about(place, finding);
            self.add_finding(Finding { search_for: BTreeSet::from([was]), ..finding });
        }
    }

    /// Adds that a field is no longer part of this direction, or is part of it again.
    fn direction_of_field(&mut self, place: &Place, keyword: &str, is_left_out: bool) {
        let (severity, impact) = match (self.direction, is_left_out) {
            (Request, true) => (Breaking, format!("{}: only responses have it", self.affects(place))),
            (Response, true) => (Breaking, format!("{}: only requests have it", self.affects(place))),
            (Request, false) => (Compatible, "No impact on callers; they can set it".to_owned()),
            (Response, false) => (Compatible, "No impact on callers; they can read it".to_owned()),
        };
        self.add(severity, "keyword-changed", place, format!("`{keyword}` changed"), impact);
    }

    fn keyword(&mut self, place: &Place, name: &str) {
        self.add(Note, "keyword-changed", place, format!("`{name}` changed"), NEEDS_REVIEW);
    }
}
