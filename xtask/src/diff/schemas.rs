//! Compares what is sent and received: schemas, each in its own direction.
//!
//! What a change does to users is judged by what the rules of `openapi/codegen` make of a schema: enums are open, limits are
//! the service's to keep, what is nullable is an `Option`.

use std::collections::{BTreeMap, BTreeSet};

use genesiscloud_codegen::{may_be_absent, type_name, variant_name};
use serde_json::{Map, Value};

use super::api::Api;
use super::finding::{Finding, Findings, Severity};
use super::renames::{Renames, common_words, missing, renames};

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Request,
    Answer,
}

/// Compares the schemas of one part of one operation.
pub(super) struct Comparison<'a> {
    pub(super) old: &'a Api,
    pub(super) new: &'a Api,
    pub(super) findings: &'a mut Findings,
    pub(super) operation: &'a str,
    pub(super) direction: Direction,
    /// The worst that anything here is to users: a note, for what the SDK reads whatever it is.
    pub(super) worst: Severity,
    /// Pairs of named schemas that are being compared, so that those which hold themselves come to an end.
    open: Vec<(String, String)>,
}

/// Where a schema stands, for people and in the generated code.
#[derive(Clone, Debug)]
struct Place {
    text: String,
    /// The named schema that it is or is in.
    schema: Option<String>,
}

impl Place {
    fn field(&self, name: &str) -> Self {
        Self { text: format!("{}.{name}", self.text), schema: None }
    }

    fn with(&self, end: &str) -> Self {
        Self { text: format!("{}{end}", self.text), schema: None }
    }
}

use Direction::{Answer, Request};
use Severity::{Breaking, Compatible, Note};

const PROSE: [&str; 6] = ["description", "example", "examples", "externalDocs", "summary", "xml"];
/// What is compared below by name.
const WEIGHED: [&str; 24] = [
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
const LOWER: [&str; 4] = ["minItems", "minLength", "minProperties", "minimum"];
const UPPER: [&str; 4] = ["maxItems", "maxLength", "maxProperties", "maximum"];
/// Limits that either hold or do not, or of which nobody can say whether another is tighter.
const OTHER_LIMITS: [&str; 5] = ["exclusiveMaximum", "exclusiveMinimum", "multipleOf", "pattern", "uniqueItems"];

/// So deep two schemas are compared where only whether they are the same is asked.
const DEPTH: usize = 8;

impl<'a> Comparison<'a> {
    pub(super) fn new(
        (old, new): (&'a Api, &'a Api),
        findings: &'a mut Findings,
        operation: &'a str,
        direction: Direction,
    ) -> Self {
        Self { old, new, findings, operation, direction, worst: Breaking, open: Vec::new() }
    }

    /// Compares what stands at this place.
    pub(super) fn compare(&mut self, place: &str, old: &Value, new: &Value) {
        self.schemas(&Place { text: place.to_owned(), schema: None }, old, new);
    }

    fn find(&mut self, severity: Severity, change: &'static str, place: &Place, what: String, hits: impl Into<String>) {
        self.find_in_code(severity, change, place, what, hits, &[]);
    }

    /// The same, with what of the code is concerned.
    fn find_in_code(
        &mut self,
        severity: Severity,
        change: &'static str,
        place: &Place,
        what: String,
        hits: impl Into<String>,
        look_for: &[String],
    ) {
        self.findings.add(Finding {
            severity: severity.max(self.worst),
            change,
            place: place.text.clone(),
            what,
            hits: hits.into(),
            operations: BTreeSet::from([self.operation.to_owned()]),
            look_for: look_for.iter().cloned().collect(),
        });
    }

    /// Who is hit where a value of another type comes or goes.
    fn users_of(&self, place: &Place) -> String {
        match self.direction {
            Request => format!("callers who set {}", place.text),
            Answer => format!("code that reads {}", place.text),
        }
    }

    fn schemas(&mut self, place: &Place, old: &Value, new: &Value) {
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
            _ => None,
        };
        let is_another = self.names(place, (old_name, old), (new_name, new));
        if !is_another {
            let place = named
                .as_ref()
                .map_or_else(|| place.clone(), |name| Place { text: name.clone(), schema: Some(name.clone()) });
            self.contents(&place, &self.old.flat(old), &self.new.flat(new));
        }
        if named.is_some() {
            self.open.pop();
        }
    }

    /// Compares what the types are called. Whether it is another schema altogether.
    fn names(&mut self, place: &Place, old: (Option<&str>, &Value), new: (Option<&str>, &Value)) -> bool {
        let (old_type, new_type) = (own_type(old), own_type(new));
        if old_type == new_type || (old.0.is_some() && old.0 == new.0) {
            return false;
        }
        let (Some(was), Some(is)) = (old.0, new.0) else {
            let name = |name: Option<&str>| {
                name.map_or("one without a name of its own".to_owned(), |name| format!("`{name}`"))
            };
            let what = format!("its type was {}, and is {}", name(old.0), name(new.0));
            self.find(Breaking, "schema-renamed", place, what, "code that names the type");
            return false;
        };
        if self.new.has_schema(was) || self.old.has_schema(is) {
            let what = format!("was `{was}`, and is `{is}`");
            self.find(Breaking, "type-changed", place, what, self.users_of(place));
            return true;
        }
        let place = Place { text: is.to_owned(), schema: None };
        let what = format!("was called `{was}`; it stands in the same place");
        let hits = format!("code that names the type `{}`, now `{}`", type_name(was), type_name(is));
        self.find_in_code(Breaking, "schema-renamed", &place, what, hits, &[type_name(was)]);
        false
    }

    fn contents(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) {
        self.deprecation(place, old.get("deprecated"), new.get("deprecated"));
        if self.is_union(place, old, new) {
            return;
        }
        let (was, is) = (type_of(old), type_of(new));
        if was != is {
            let what = format!("was {was}, and is {is}");
            return self.find(Breaking, "type-changed", place, what, self.users_of(place));
        }
        self.values(place, old, new);
        self.format(place, old.get("format"), new.get("format"));
        self.limits(place, old, new);
        self.default(place, old.get("default"), new.get("default"));
        match is {
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
        self.rest(place, old, new);
    }

    /// Compares what can have one of several types. Whether it is that, so that there is no more to compare.
    fn is_union(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) -> bool {
        match (variants(old), variants(new)) {
            (None, None) => false,
            (None, Some(now)) => {
                let same = |variant: &&Value| type_of(&self.new.flat(self.new.resolve(variant).1)) == type_of(old);
                let labels = labels(self.new, now);
                let (change, what) = match now.iter().find(same) {
                    Some(_) => ("became-union", format!("was {}, and is that or another of {labels}", type_of(old))),
                    None => ("type-changed", format!("was {}, and is one of {labels}", type_of(old))),
                };
                self.find(Breaking, change, place, what, self.users_of(place));
                true
            }
            (Some(before), None) => {
                let what = format!("was one of {}, and is {}", labels(self.old, before), type_of(new));
                self.find(Breaking, "union-ended", place, what, self.users_of(place));
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
        let is_same = |old: &str, new: &str| self.is_same(&before[old], &now[new], DEPTH);
        let Renames { renamed, split, removed, added } =
            renames(&missing(&before, &now), &missing(&now, &before), is_same);

        let kept = before.keys().filter(|label| now.contains_key(*label)).map(|label| (label, label));
        for (was, is) in kept.chain(renamed.iter().map(|(was, is)| (was, is))) {
            self.schemas(&place.with(&format!("({is})")), &before[was], &now[is]);
        }
        for label in removed.iter().chain(split.iter().map(|(was, _)| was)) {
            let hits = format!("code that names `{label}`");
            self.find(Breaking, "union-variant-removed", place, format!("can be `{label}` no more"), hits);
        }
        for label in &added {
            let (severity, hits) = match self.direction {
                Request => (Compatible, "nobody; callers can send it".to_owned()),
                Answer => {
                    (Breaking, format!("whoever gets an answer with `{label}`: it cannot be decoded before an update"))
                }
            };
            self.find(severity, "union-variant-added", place, format!("can be `{label}` as well"), hits);
        }
    }

    fn values(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) {
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
        let named = type_name(place.schema.as_deref().unwrap_or(&place.text));
        for value in before.iter().filter(|value| !now.contains(value)) {
            let hits = format!(
                "code that names `{named}::{}`; should it come all the same, it decodes as `Unknown`",
                variant_name(value)
            );
            let gone = format!("{named}::{}", variant_name(value));
            self.find_in_code(Breaking, "enum-value-removed", place, format!("`{value}` is gone"), hits, &[gone]);
        }
        for value in now.iter().filter(|value| !before.contains(value)) {
            let hits = format!(
                "nobody; before an update it decodes as `Unknown(\"{value}\")`, and then as `{named}::{}`",
                variant_name(value)
            );
            let matched = [format!("{named}::")];
            self.find_in_code(Compatible, "enum-value-added", place, format!("`{value}` is new"), hits, &matched);
        }
    }

    fn format(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
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

    fn limits(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) {
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

    fn default(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
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

    fn deprecation(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
        let is = |flag: Option<&Value>| flag.is_some_and(|flag| *flag == true);
        match (is(old), is(new)) {
            (false, true) => {
                let hits = format!("{}, when it goes", self.users_of(place));
                self.find(Note, "deprecated", place, "is deprecated now".into(), hits);
            }
            (true, false) => {
                self.find(Note, "reactivated", place, "is not deprecated any more".into(), "nobody");
            }
            _ => {}
        }
    }

    fn nullability_of_items(&mut self, place: &Place, old: &Value, new: &Value) {
        let (was, is) = (is_nullable(self.old, old), is_nullable(self.new, new));
        if was != is {
            self.nullability(place, is, true);
        }
    }

    /// `shows` says whether the type in Rust changes by it.
    fn nullability(&mut self, place: &Place, is_now: bool, shows: bool) {
        let (change, what) = match is_now {
            true => ("became-nullable", "can be null now"),
            false => ("became-not-nullable", "cannot be null any more"),
        };
        let (severity, hits) = match (self.direction, is_now, shows) {
            (_, _, false) => (Note, "nobody: it is an `Option` in any case".to_owned()),
            (Request, true, _) => (Compatible, "nobody; callers can leave it empty".to_owned()),
            (Request, false, _) => (Breaking, format!("callers who leave {} empty: they are refused", place.text)),
            (Answer, true, _) => (Breaking, format!("{}: it becomes an `Option`", self.users_of(place))),
            (Answer, false, _) => (Breaking, format!("{}: it is no `Option` any more", self.users_of(place))),
        };
        self.find(severity, change, place, what.into(), hits);
    }

    fn objects(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) {
        let nothing = Map::new();
        let fields = |schema: &'_ Map<String, Value>| -> BTreeMap<String, Value> {
            let fields = schema.get("properties").and_then(Value::as_object).unwrap_or(&nothing);
            fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        let (before, now) = (fields(old), fields(new));
        let is_same = |old: &str, new: &str| self.is_same(&before[old], &now[new], DEPTH);
        let Renames { renamed, split, removed, added } =
            renames(&missing(&before, &now), &missing(&now, &before), is_same);

        for name in before.keys().filter(|name| now.contains_key(*name)) {
            self.field(place, (name, old, &before[name]), (name, new, &now[name]));
        }
        for (was, is) in &renamed {
            let what = format!("`{was}` is `{is}` now, it seems: {}", evidence(was, is));
            let hits = self.users_of(&place.field(was));
            self.find_in_code(Breaking, "field-renamed", &place.field(was), what, hits, std::slice::from_ref(was));
            self.field(place, (was, old, &before[was]), (is, new, &now[is]));
        }
        for (was, into) in &split {
            let names: Vec<_> = into.iter().map(|name| format!("`{name}`")).collect();
            let what =
                format!("is gone; {} may stand for it now: the same type, and words in common", names.join(" and "));
            let hits = self.users_of(&place.field(was));
            self.find_in_code(Breaking, "field-split", &place.field(was), what, hits, std::slice::from_ref(was));
        }
        for name in &removed {
            let hits = self.users_of(&place.field(name));
            self.find_in_code(
                Breaking,
                "field-removed",
                &place.field(name),
                "is gone".into(),
                hits,
                std::slice::from_ref(name),
            );
        }
        for name in &added {
            let place = place.field(name);
            let (severity, hits) = match (self.direction, is_required(new, name)) {
                (Request, true) => (Breaking, "all callers: without it they are refused".to_owned()),
                (Request, false) => (Compatible, "nobody; callers can set it".to_owned()),
                (Answer, _) => (Compatible, "nobody; before an update it is in `extra`".to_owned()),
            };
            let required = if is_required(new, name) { "required" } else { "optional" };
            self.find(severity, "field-added", &place, format!("is new, {required}"), hits);
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
        let absent = parent.schema.as_deref().is_some_and(|schema| may_be_absent(schema, new_name));
        let (was_required, is_required) = (is_required(old_parent, old_name), is_required(new_parent, new_name));
        let (was_nullable, is_null) = (is_nullable(self.old, old), is_nullable(self.new, new));
        let was_option = !was_required || was_nullable || absent;
        let is_option = !is_required || is_null || absent;
        if was_required != is_required {
            let shows = was_option != is_option;
            let (change, what) = match is_required {
                true => ("became-required", "is required now"),
                false => ("became-optional", "is optional now"),
            };
            let (severity, hits) = match (self.direction, is_required) {
                (Request, true) => (Breaking, format!("callers who leave {} out: they are refused", place.text)),
                (Request, false) => (Compatible, "nobody; callers can leave it out".to_owned()),
                (Answer, _) if !shows => (Note, "nobody: it is an `Option` in any case".to_owned()),
                (Answer, true) => (Breaking, format!("{}: it is no `Option` any more", self.users_of(&place))),
                (Answer, false) => (Breaking, format!("{}: it becomes an `Option`", self.users_of(&place))),
            };
            self.find(severity, change, &place, what.into(), hits);
        }
        if was_nullable != is_null {
            let shows = match self.direction {
                Request => true,
                Answer => was_option != is_option && was_required == is_required,
            };
            self.nullability(&place, is_null, shows);
        }
        self.schemas(&place, old, new);
    }

    fn other_fields(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
        match (old.filter(|schema| schema.is_object()), new.filter(|schema| schema.is_object())) {
            (Some(old), Some(new)) => self.schemas(&place.with(".*"), old, new),
            _ if old.is_none_or(|any| *any == true) && new.is_none_or(|any| *any == true) => {}
            _ if old == new => {}
            _ => self.keyword(place, "additionalProperties"),
        }
    }

    /// Whatever else is not the same, so that nothing goes unnoticed.
    fn rest(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) {
        let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
        for name in names {
            let is_weighed = WEIGHED.contains(&name.as_str()) || OTHER_LIMITS.contains(&name.as_str());
            if !is_weighed && !is_prose(name) && old.get(name) != new.get(name) {
                self.keyword(place, name);
            }
        }
    }

    fn keyword(&mut self, place: &Place, name: &str) {
        self.find(
            Note,
            "keyword-changed",
            place,
            format!("`{name}` has changed"),
            "nobody, as far as this can tell; look at it",
        );
    }

    /// Whether two schemas say the same, prose left out.
    fn is_same(&self, old: &Value, new: &Value, depth: usize) -> bool {
        let (old_name, old) = self.old.resolve(old);
        let (new_name, new) = self.new.resolve(new);
        if depth == 0 || (old_name.is_some() && old_name == new_name) {
            return depth > 0;
        }
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => {
                let names: BTreeSet<_> = old.keys().chain(new.keys()).filter(|name| !is_prose(name)).collect();
                names.into_iter().all(|name| match (old.get(name), new.get(name)) {
                    (Some(old), Some(new)) => self.is_same(old, new, depth - 1),
                    (one, other) => one == other,
                })
            }
            (Value::Array(old), Value::Array(new)) => {
                old.len() == new.len() && old.iter().zip(new).all(|(old, new)| self.is_same(old, new, depth - 1))
            }
            (old, new) => old == new,
        }
    }
}

fn is_prose(keyword: &str) -> bool {
    PROSE.contains(&keyword) || keyword.starts_with("x-")
}

fn evidence(one: &str, other: &str) -> String {
    match &common_words(one, other)[..] {
        [] => "the same type, and the same letters".to_owned(),
        words => format!("the same type, and both names have `{}`", words.join("`, `")),
    }
}

/// The name of a schema that becomes a type of its own: what is plain is a `String` or a number wherever it is named.
fn own_type<'a>((name, schema): (Option<&'a str>, &Value)) -> Option<&'a str> {
    let is_type = ["properties", "enum", "oneOf", "anyOf", "allOf"].iter().any(|key| schema.get(key).is_some());
    name.filter(|_| is_type || type_of_value(schema) == "array")
}

fn type_of_value(schema: &Value) -> &str {
    schema.as_object().map_or("anything", type_of)
}

/// The type of a schema, or what its keywords say of it.
fn type_of(schema: &Map<String, Value>) -> &str {
    match schema.get("type").and_then(Value::as_str) {
        Some(kind) => kind,
        None if schema.contains_key("properties") || schema.contains_key("additionalProperties") => "object",
        None if schema.contains_key("items") => "array",
        None if schema.contains_key("enum") => "string",
        None => "anything",
    }
}

fn variants(schema: &Map<String, Value>) -> Option<&[Value]> {
    let variants = schema.get("oneOf").or_else(|| schema.get("anyOf"))?;
    variants.as_array().map(Vec::as_slice)
}

/// What a variant is called.
fn label(api: &Api, variant: &Value) -> String {
    let (name, schema) = api.resolve(variant);
    match (name, schema["title"].as_str()) {
        (Some(name), _) | (None, Some(name)) => name.to_owned(),
        (None, None) => type_of_value(schema).to_owned(),
    }
}

fn labels(api: &Api, variants: &[Value]) -> String {
    variants.iter().map(|variant| format!("`{}`", label(api, variant))).collect::<Vec<_>>().join(", ")
}

/// The values of an enum, as texts.
fn list(values: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    values.as_array().into_iter().flatten().filter(|value| !value.is_null()).map(text).collect()
}

fn is_required(schema: &Map<String, Value>, name: &str) -> bool {
    schema.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|one| one == name))
}

fn is_nullable(api: &Api, schema: &Value) -> bool {
    api.flat(api.resolve(schema).1).get("nullable").is_some_and(|nullable| *nullable == true)
}
