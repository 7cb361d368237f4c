//! Compares what is sent and received: schemas, each in its own direction.
//!
//! What a change does to users is judged by what the rules of `openapi/codegen` make of a schema: enums are open, limits are
//! the service's to keep, what is nullable is an `Option`.

use std::collections::{BTreeMap, BTreeSet};

use genesiscloud_codegen::{may_be_absent, type_name};
use serde_json::{Map, Value};

use super::api::Api;
use super::finding::{Finding, Findings, Severity};
use super::renames::{Renames, missing, renames};
use super::scalars::OTHER_LIMITS;
use super::shape::{
    DEPTH, evidence, in_code, is_collection, is_prose, is_reference, is_required, is_same, kind_of, label, labels,
    own_type, type_of, variants,
};

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
pub(super) struct Place {
    pub(super) text: String,
    /// The named schema that it is or is in.
    pub(super) schema: Option<String>,
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

/// So deep schemas without names can hold one another.
const DEEPEST: usize = 24;

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

    pub(super) fn find(
        &mut self,
        severity: Severity,
        change: &'static str,
        place: &Place,
        what: String,
        hits: impl Into<String>,
    ) {
        self.find_in_code(severity, change, place, what, hits, &[]);
    }

    /// The same, with what of the code is concerned.
    pub(super) fn find_in_code(
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
        let severity = severity.max(self.worst);
        let mut look_for: BTreeSet<_> = look_for.iter().cloned().collect();
        if severity == Breaking && look_for.is_empty() {
            look_for.extend(in_code(&place.text));
        }
        self.findings.add(Finding {
            severity,
            change,
            place: place.text.clone(),
            what,
            hits,
            operations: BTreeSet::from([self.operation.to_owned()]),
            look_for,
        });
    }

    /// Who is hit where a value of another type comes or goes.
    pub(super) fn users_of(&self, place: &Place) -> String {
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
