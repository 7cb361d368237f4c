//! Compares the schemas of requests and responses, each in its own direction.
//!
//! The impact of a change follows from the code that `openapi/codegen` generates for a schema: enums are open, limits are
//! checked by the service, and what can be null is an `Option`.

use std::collections::{BTreeMap, BTreeSet};

use genesiscloud_codegen::{may_be_absent, type_name};
use serde_json::{Map, Value};

use super::api::Api;
use super::comparison::{Comparison, Direction, Place};
use super::finding::{NEEDS_REVIEW, NO_IMPACT, Severity};
use super::renames::{Renames, missing, renames};
use super::scalars::OTHER_LIMITS;
use super::shape::{
    DEPTH, is_collection, is_prose, is_reference, is_required, is_same, kind_of, label, labels, own_type,
    reason_of_rename, type_of, variants,
};

use Direction::{Request, Response};
use Severity::{Breaking, Compatible, Note};

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
    /// Compares the schemas at a place.
    pub(super) fn compare(&mut self, place: &str, old: &Value, new: &Value) {
        let place = Place { text: place.to_owned(), schema: None };
        self.nullability_of_items(&place, old, new);
        self.schemas(&place, old, new);
    }

    fn schemas(&mut self, place: &Place, old: &Value, new: &Value) {
        let ((old_own, old), (new_own, new)) = (self.old.unwrap_reference(old), self.new.unwrap_reference(new));
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
        let is_another = self.names(place, (old_name, old), (new_name, new));
        if !is_another {
            let place = named
                .as_ref()
                .map_or_else(|| place.clone(), |name| Place { text: name.clone(), schema: Some(name.clone()) });
            self.contents(&place, &self.old.merged(old), &self.new.merged(new));
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
        let (Some(was), Some(is)) = (old.0, new.0) else {
            let name = |name: Option<&str>| name.map_or("an inline type".to_owned(), |name| format!("`{name}`"));
            let what = format!("its type changed from {} to {}", name(old.0), name(new.0));
            self.add(Breaking, "schema-renamed", place, what, "Affects code that names the type");
            return false;
        };
        if self.new.has_schema(was) || self.old.has_schema(is) {
            let what = format!("changed from `{was}` to `{is}`");
            self.add(Breaking, "type-changed", place, what, self.affects(place));
            return true;
        }
        let place = Place { text: is.to_owned(), schema: None };
        let what = format!("was renamed from `{was}`; used in the same place");
        let impact = format!("Affects code that names the type `{}`, now `{}`", type_name(was), type_name(is));
        self.add_in_code(Breaking, "schema-renamed", &place, what, impact, &[type_name(was)]);
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
        self.format(place, old.get("format"), new.get("format"));
        self.limits(place, old, new);
        self.default(place, old.get("default"), new.get("default"));
        match type_of(new) {
            "array" => {
                let nothing = Value::Object(Map::new());
                let (old, new) = (old.get("items").unwrap_or(&nothing), new.get("items").unwrap_or(&nothing));
                let place = place.with("[]");
                self.nullability_of_items(&place, old, new);
                self.schemas(&place, old, new);
            }
            "object" => self.objects(place, old, new),
            _ => {}
        }
        self.other_keywords(place, old, new);
    }

    /// Compares unions. Returns whether the old or the new schema is one, in which case nothing is left to compare.
    fn is_union(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) -> bool {
        match (variants(old), variants(new)) {
            (None, None) => false,
            (None, Some(now)) => {
                let same = |variant: &&Value| type_of(&self.new.merged(self.new.resolve(variant).1)) == type_of(old);
                let labels = labels(self.new, now);
                let (change, what) = match now.iter().find(same) {
                    Some(_) => ("became-union", format!("changed from {} to one of {labels}", type_of(old))),
                    None => ("type-changed", format!("changed from {} to one of {labels}", type_of(old))),
                };
                self.add(Breaking, change, place, what, self.affects(place));
                true
            }
            (Some(before), None) => {
                let what = format!("changed from one of {} to {}", labels(self.old, before), type_of(new));
                self.add(Breaking, "union-ended", place, what, self.affects(place));
                true
            }
            (Some(before), Some(now)) => {
                self.variants(place, before, now);
                true
            }
        }
    }

    fn variants(&mut self, place: &Place, old: &[Value], new: &[Value]) {
        let labelled = |api: &Api, variants: &[Value]| -> BTreeMap<String, Value> {
            variants.iter().map(|one| (label(api, one), one.clone())).collect()
        };
        let (before, now) = (labelled(self.old, old), labelled(self.new, new));
        let (apis, depth) = ((self.old, self.new), DEPTH);
        let is_same = |was: &str, is: &str| is_same((apis.0, &before[was]), (apis.1, &now[is]), depth);
        let Renames { renamed, split, removed, added } =
            renames(&missing(&before, &now), &missing(&now, &before), is_same);

        let kept = before.keys().filter(|label| now.contains_key(*label)).map(|label| (label, label));
        for (was, is) in kept.chain(renamed.iter().map(|(was, is)| (was, is))) {
            self.schemas(&place.with(&format!("({is})")), &before[was], &now[is]);
        }
        for label in removed.iter().chain(split.iter().map(|(was, _)| was)) {
            let impact = format!("Affects code that names `{label}`");
            self.add(Breaking, "union-variant-removed", place, format!("can no longer be `{label}`"), impact);
        }
        for label in &added {
            let (severity, impact) = match self.direction {
                Request => (Compatible, "No impact on callers; they can send it".to_owned()),
                Response => {
                    (Breaking, format!("Affects callers who receive `{label}`: it cannot be decoded before an upgrade"))
                }
            };
            self.add(severity, "union-variant-added", place, format!("can now also be `{label}`"), impact);
        }
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
            (_, _, false) => (Note, "No impact on callers: the Rust type is the same".to_owned()),
            (Request, true, _) => (Compatible, "No impact on callers; they can send null".to_owned()),
            (Request, false, _) => {
                (Breaking, format!("Affects callers who send null for {}: the request is rejected", place.text))
            }
            (Response, true, _) => (Breaking, format!("{}: it becomes an `Option`", self.affects(place))),
            (Response, false, _) => (Breaking, format!("{}: it is no longer an `Option`", self.affects(place))),
        };
        self.add(severity, change, place, what.into(), impact);
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
            let what = format!("`{was}` was probably renamed to `{is}`: {}", reason_of_rename(was, is));
            let impact = self.affects(&place.field(was));
            self.add(Breaking, "field-renamed", &place.field(was), what, impact);
            self.field(place, (was, old, &before[was]), (is, new, &now[is]));
        }
        for (was, into) in &split {
            let names: Vec<_> = into.iter().map(|name| format!("`{name}`")).collect();
            let what = format!(
                "was removed; {} may replace it: same type, and common words in the names",
                names.join(" and ")
            );
            let impact = self.affects(&place.field(was));
            self.add(Breaking, "field-split", &place.field(was), what, impact);
        }
        for name in &removed {
            let impact = self.affects(&place.field(name));
            self.add(Breaking, "field-removed", &place.field(name), "was removed".into(), impact);
        }
        for name in &added {
            let place = place.field(name);
            let (severity, impact) = match (self.direction, is_required(new, name)) {
                (Request, true) => (Breaking, "Affects all callers: requests without it are rejected".to_owned()),
                (Request, false) => (Compatible, "No impact on callers; they can set it".to_owned()),
                (Response, _) => (Compatible, "No impact on callers; before an upgrade it is in `extra`".to_owned()),
            };
            let required = if is_required(new, name) { "required" } else { "optional" };
            self.add(severity, "field-added", &place, format!("was added ({required})"), impact);
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

    fn field(
        &mut self,
        parent: &Place,
        (old_name, old_parent, old): (&str, &Map<String, Value>, &Value),
        (new_name, new_parent, new): (&str, &Map<String, Value>, &Value),
    ) {
        let place = parent.field(new_name);
        let absent = may_be_absent(parent.schema.as_deref().unwrap_or_default(), new_name);
        let (was_required, is_required) = (is_required(old_parent, old_name), is_required(new_parent, new_name));
        let (was_nullable, is_null) = (self.old.is_nullable(old), self.new.is_nullable(new));
        // An absent list or map is decoded as an empty one.
        let was_option = was_nullable || ((!was_required || absent) && !is_collection(self.old, old));
        let is_option = is_null || ((!is_required || absent) && !is_collection(self.new, new));
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
                (Request, false) => (Compatible, "No impact on callers; they can omit it".to_owned()),
                (Response, _) if !shows => (Note, "No impact on callers: the Rust type is the same".to_owned()),
                (Response, true) => (Breaking, format!("{}: it is no longer an `Option`", self.affects(&place))),
                (Response, false) => (Breaking, format!("{}: it becomes an `Option`", self.affects(&place))),
            };
            self.add(severity, change, &place, what.into(), impact);
        }
        if was_nullable != is_null {
            let shows = match self.direction {
                Request => true,
                Response => was_option != is_option && was_required == is_required,
            };
            self.nullability(&place, is_null, shows);
        }
        self.schemas(&place, old, new);
    }

    fn other_fields(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
        match (old.filter(|schema| schema.is_object()), new.filter(|schema| schema.is_object())) {
            (Some(old), Some(new)) => {
                let place = place.with(".*");
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
                let text = |schema: &Map<String, Value>| schema.get("title").map_or("none".into(), ToString::to_string);
                let what = format!("its type was renamed from {} to {}", text(old), text(new));
                self.add(Breaking, "schema-renamed", place, what, "Affects code that names the type");
            } else {
                self.keyword(place, name);
            }
        }
    }

    fn keyword(&mut self, place: &Place, name: &str) {
        self.add(Note, "keyword-changed", place, format!("`{name}` changed"), NEEDS_REVIEW);
    }
}
