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
    depth: usize,
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

/// So deep schemas without names can hold one another.
const DEEPEST: usize = 24;

/// So deep two schemas are compared where only whether they are the same is asked.
pub(super) const DEPTH: usize = 8;

impl<'a> Comparison<'a> {
    pub(super) fn new(
        (old, new): (&'a Api, &'a Api),
        findings: &'a mut Findings,
        operation: &'a str,
        direction: Direction,
    ) -> Self {
        Self { old, new, findings, operation, direction, worst: Breaking, open: Vec::new(), depth: 0 }
    }

    /// Compares what stands at this place.
    pub(super) fn compare(&mut self, place: &str, old: &Value, new: &Value) {
        let place = Place { text: place.to_owned(), schema: None };
        self.nullability_of_items(&place, old, new);
        self.schemas(&place, old, new);
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
        let hits = match self.worst {
            Note => "nobody: errors are read whatever they are".to_owned(),
            _ => hits.into(),
        };
        let mut look_for: BTreeSet<_> = look_for.iter().cloned().collect();
        if severity == Breaking && look_for.is_empty() {
            look_for.extend(in_code(&place.text));
        }
        self.findings.add(Finding {
            severity: severity.max(self.worst),
            change,
            place: place.text.clone(),
            what,
            hits,
            operations: BTreeSet::from([self.operation.to_owned()]),
            look_for,
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
        let ((old_own, old), (new_own, new)) = (self.old.see_through(old), self.new.see_through(new));
        self.deprecation(place, old_own.get("deprecated"), new_own.get("deprecated"));
        self.default(place, old_own.get("default"), new_own.get("default"));
        self.rest(place, &old_own, &new_own);
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
            // Without names, only their depth tells that they hold themselves.
            _ if self.depth == DEEPEST => return,
            _ => None,
        };
        self.depth += 1;
        let is_another = self.names(place, (old_name, old), (new_name, new));
        if !is_another {
            let place = named
                .as_ref()
                .map_or_else(|| place.clone(), |name| Place { text: name.clone(), schema: Some(name.clone()) });
            self.contents(&place, &self.old.flat(old), &self.new.flat(new));
        }
        self.depth -= 1;
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
            self.default(place, old.get("default"), new.get("default"));
            if old.contains_key("properties") && new.contains_key("properties") {
                self.objects(place, old, new);
            }
            return self.rest(place, old, new);
        }
        let (was, is) = (kind_of(old), kind_of(new));
        if was != is {
            let what = format!("was {was}, and is {is}");
            return self.find(Breaking, "type-changed", place, what, self.users_of(place));
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
        let (apis, depth) = ((self.old, self.new), DEPTH);
        let is_same = |was: &str, is: &str| is_same((apis.0, &before[was]), (apis.1, &now[is]), depth);
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
                let hits = format!("{}, once it is gone", self.users_of(place));
                self.find(Note, "deprecated", place, "is deprecated now".into(), hits);
            }
            (true, false) => {
                self.find(Note, "reactivated", place, "is not deprecated any more".into(), "nobody");
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

    /// `shows` says whether the type in Rust changes by it.
    fn nullability(&mut self, place: &Place, is_now: bool, shows: bool) {
        let (change, what) = match is_now {
            true => ("became-nullable", "can be null now"),
            false => ("became-not-nullable", "cannot be null any more"),
        };
        let (severity, hits) = match (self.direction, is_now, shows) {
            (_, _, false) => (Note, "nobody: the type is the same".to_owned()),
            (Request, true, _) => (Compatible, "nobody; callers can send null".to_owned()),
            (Request, false, _) => (Breaking, format!("callers who send null for {}: they are refused", place.text)),
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
        let (apis, depth) = ((self.old, self.new), DEPTH);
        let is_same = |was: &str, is: &str| is_same((apis.0, &before[was]), (apis.1, &now[is]), depth);
        let Renames { renamed, split, removed, added } =
            renames(&missing(&before, &now), &missing(&now, &before), is_same);

        for name in before.keys().filter(|name| now.contains_key(*name)) {
            self.field(place, (name, old, &before[name]), (name, new, &now[name]));
        }
        for (was, is) in &renamed {
            let what = format!("`{was}` is `{is}` now, it seems: {}", evidence(was, is));
            let hits = self.users_of(&place.field(was));
            self.find(Breaking, "field-renamed", &place.field(was), what, hits);
            self.field(place, (was, old, &before[was]), (is, new, &now[is]));
        }
        for (was, into) in &split {
            let names: Vec<_> = into.iter().map(|name| format!("`{name}`")).collect();
            let what =
                format!("is gone; {} may stand for it now: the same type, and words in common", names.join(" and "));
            let hits = self.users_of(&place.field(was));
            self.find(Breaking, "field-split", &place.field(was), what, hits);
        }
        for name in &removed {
            let hits = self.users_of(&place.field(name));
            self.find(Breaking, "field-removed", &place.field(name), "is gone".into(), hits);
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
        if is_reference(old) != is_reference(new) && place.schema.is_none() {
            let what = match is_reference(new) {
                true => "is a `Reference` now, and had a type of its own",
                false => "was a `Reference`, and has a type of its own now",
            };
            self.find(Breaking, "schema-renamed", place, what.into(), "code that names the type");
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
        // A list or map that is not there is an empty one.
        let was_option = was_nullable || ((!was_required || absent) && !is_collection(self.old, old));
        let is_option = is_null || ((!is_required || absent) && !is_collection(self.new, new));
        if was_required != is_required {
            let shows = was_option != is_option;
            let (change, what) = match is_required {
                true => ("became-required", "is required now"),
                false => ("became-optional", "is optional now"),
            };
            let (severity, hits) = match (self.direction, is_required) {
                (Request, true) => (Breaking, format!("callers who leave {} out: they are refused", place.text)),
                (Request, false) => (Compatible, "nobody; callers can leave it out".to_owned()),
                (Answer, _) if !shows => (Note, "nobody: the type is the same".to_owned()),
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

    /// Whatever else is not the same, so that nothing goes unnoticed.
    fn rest(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) {
        let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
        for name in names {
            let is_weighed = WEIGHED.contains(&name.as_str()) || OTHER_LIMITS.contains(&name.as_str());
            if is_weighed || is_prose(name) || old.get(name) == new.get(name) {
                continue;
            }
            // Which gives a type its name where nothing else does.
            let is_type = ["properties", "enum", "oneOf", "anyOf"].iter().any(|keyword| new.contains_key(*keyword));
            if name == "title" && is_type && place.schema.is_none() {
                let text = |schema: &Map<String, Value>| schema.get("title").map_or("none".into(), ToString::to_string);
                let what = format!("its type was called {}, and is called {}", text(old), text(new));
                self.find(Breaking, "schema-renamed", place, what, "code that names the type");
            } else {
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
}

/// Whether two schemas say the same, prose left out.
pub(super) fn is_same((old_api, old): (&Api, &Value), (new_api, new): (&Api, &Value), depth: usize) -> bool {
    let (old_name, old) = old_api.resolve(old);
    let (new_name, new) = new_api.resolve(new);
    if depth == 0 || (old_name.is_some() && old_name == new_name) {
        return depth > 0;
    }
    let is_same = |old: &Value, new: &Value| is_same((old_api, old), (new_api, new), depth - 1);
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let names: BTreeSet<_> = old.keys().chain(new.keys()).filter(|name| !is_prose(name)).collect();
            names.into_iter().all(|name| match (old.get(name), new.get(name)) {
                (Some(old), Some(new)) => is_same(old, new),
                (one, other) => one == other,
            })
        }
        (Value::Array(old), Value::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| is_same(old, new))
        }
        (old, new) => old == new,
    }
}

/// What the generated code calls the type of a place: `CreateA body.kinds[]` is `CreateABodyKindsItem`.
fn rust_name(place: &str) -> String {
    type_name(&place.replace(" answer", "_response").replace(" body", "_body").replace("[]", "_item"))
}

/// A field as code has it: `Volume.size[]` is `Volume.size`, and keywords of Rust end in an underscore.
fn in_code(place: &str) -> Option<String> {
    let (owner, field) = place.trim_end_matches("[]").rsplit_once('.')?;
    let field = genesiscloud_codegen::method_name(field);
    let is_keyword = ["type", "match", "ref", "use", "in", "move", "where"].contains(&field.as_str());
    Some(format!("{}.{field}{}", rust_name(owner), if is_keyword { "_" } else { "" }))
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

/// The same, with objects told apart by what type they become.
fn kind_of(schema: &Map<String, Value>) -> &str {
    let of_others = schema.get("additionalProperties").and_then(Value::as_object);
    match type_of(schema) {
        "object" if schema.contains_key("properties") => "an object with fields",
        "object" if of_others.is_some_and(|of| !of.is_empty()) => "a map of values of one type",
        "object" => "any object",
        kind => kind,
    }
}

/// An id and a name, and nothing else: all of these share a type.
fn is_reference(schema: &Map<String, Value>) -> bool {
    let fields = schema.get("properties").and_then(Value::as_object);
    fields.is_some_and(|fields| fields.len() == 2 && fields.contains_key("id") && fields.contains_key("name"))
        && is_required(schema, "id")
        && is_required(schema, "name")
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
        (None, None) => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            let fields: Vec<_> = fields.map(|(name, _)| name.as_str()).collect();
            match fields.is_empty() {
                true => type_of_value(schema).to_owned(),
                false => format!("an object of {}", fields.join(" and ")),
            }
        }
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

/// Whether it becomes a `Vec` or a `HashMap`.
fn is_collection(api: &Api, schema: &Value) -> bool {
    let schema = api.flat(api.resolve(api.see_through(schema).1).1);
    matches!(kind_of(&schema), "array" | "a map of values of one type" | "any object")
}
