//! Compares operations, part by part.

use std::collections::{BTreeMap, BTreeSet};

use genesiscloud_codegen::document::object;
use genesiscloud_codegen::type_name;
use serde_json::Value;

use super::api::{Api, Operation, without_names};
use super::comparison::{Comparison, Direction, Place, READS_ALL_ERRORS};
use super::finding::{Finding, Findings, NEEDS_REVIEW, NO_IMPACT, Severity};
use super::matching::{Pair, addresses, matched};
use super::prefix;
use super::renames::{Renames, missing, renames};
use super::security::security_schemes;
use super::shape::{DEPTH, is_same};
use super::spot::Spot;
use crate::bindings::Inventory;
use Severity::{Breaking, Compatible, Note};

/// Returns all changes.
pub(super) fn compare(old: &Api, new: &Api) -> Findings {
    let mut findings = Findings::default();
    let (old, new) = &with_same_names(old, new, &mut findings);
    let is_whole = addresses(old, new, &mut findings);
    security_schemes(old, new, &mut findings);
    let (before, now) = (old.operations(is_whole), new.operations(is_whole));
    for (was, is) in matched((old, new), &before, &now, &mut findings) {
        let mut pair = Pair { old, new, was, is, findings: &mut findings };
        pair.deprecation();
        pair.parameters();
        pair.body();
        pair.responses();
        pair.security();
        pair.other_keywords();
    }
    findings
}

/// Returns both documents with the same prefix of schema names, and with the titles that name types in Rust.
fn with_same_names(old: &Api, new: &Api, findings: &mut Findings) -> (Api, Api) {
    let (mut old, mut new) = (old.clone(), new.clone());
    let prefixes = prefix::changed(&old.schema_names(), &new.schema_names());
    if let Some((was, is)) = prefixes.map(|(was, is)| (was.to_owned(), is.to_owned())) {
        let text = |prefix: &str| if prefix.is_empty() { "none".to_owned() } else { format!("`{prefix}`") };
        let what = format!("the prefix of their names changed from {} to {}", text(&was), text(&is));
        let impact = "Affects code that names generated types, and rules in `openapi/codegen` that name schemas";
        let with_prefix = old.schema_names().into_iter().filter(|name| name.starts_with(&was));
        let names = with_prefix.map(type_name).collect();
        let finding = Finding::new(Breaking, "schema-prefix-changed", "components.schemas", what, impact);
        findings.add(Finding { names, ..finding });
        old.replace_schema_prefix(&was, &is);
    }
    old.name_types();
    new.name_types();
    (old, new)
}

impl Pair<'_> {
    fn schemas(&mut self, direction: Direction) -> Comparison<'_> {
        Comparison::new((self.old, self.new), self.findings, self.is.id, direction)
    }

    fn deprecation(&mut self) {
        match (self.was.value["deprecated"] == true, self.is.value["deprecated"] == true) {
            (false, true) => {
                self.add(Note, "deprecated", "", "is now deprecated".into(), "Affects callers once it is removed");
            }
            (true, false) => self.add(Note, "reactivated", "", "is no longer deprecated".into(), NO_IMPACT),
            _ => {}
        }
    }

    fn parameters(&mut self) {
        let (old, new) = (self.old, self.new);
        let (before, now) = (old.parameters(self.was), new.parameters(self.is));
        let places: BTreeSet<_> = before.keys().chain(now.keys()).map(|(place, _)| *place).collect();
        for place in places.into_iter().filter(|place| *place != "path") {
            self.parameters_in(place, &of_place(&before, place), &of_place(&now, place));
        }
        self.path_parameters(&of_place(&before, "path"), &of_place(&now, "path"));
    }

    /// Compares the parameters in the path. They are passed by position, and the service does not see their names.
    fn path_parameters(&mut self, before: &BTreeMap<&str, &Value>, now: &BTreeMap<&str, &Value>) {
        let (was, is): (Vec<_>, Vec<_>) = (placeholders(self.was.path).collect(), placeholders(self.is.path).collect());
        let pairs = if without_names(self.was.path) == without_names(self.is.path) {
            was.iter().copied().zip(is.iter().copied()).collect()
        } else {
            same_parameters(&was, &is)
        };
        for (was, is) in &pairs {
            let (Some(old), Some(new)) = (before.get(was), now.get(is)) else { continue };
            if was != is {
                let what = format!("was renamed from `{was}`; same position");
                let impact = "No impact on callers: only the value is sent";
                self.add(Note, "parameter-renamed", &part("path", is), what, impact);
            }
            self.parameter("path", (was, is), old, new);
        }
        for name in was.iter().filter(|name| pairs.iter().all(|(was, _)| was != *name)) {
            let impact = "Affects callers of `raw()`: the method takes one argument less";
            self.add(Breaking, "parameter-removed", &part("path", name), "was removed".into(), impact);
        }
        for name in is.iter().filter(|name| pairs.iter().all(|(_, is)| is != *name)) {
            let impact = "Affects all callers: the address is not complete without it";
            self.add(Breaking, "parameter-added", &part("path", name), "was added (required)".into(), impact);
        }
        let positions: Vec<_> = pairs.iter().map(|(_, name)| is.iter().position(|one| one == name)).collect();
        if !positions.is_sorted() {
            let what = format!("has its path parameters in another order: {} became {}", was.join(", "), is.join(", "));
            let impact = "Affects callers of `raw()`: code can compile and pass values in the wrong places";
            self.add(Breaking, "parameter-order-changed", "", what, impact);
        }
    }

    fn parameters_in(&mut self, place: &str, before: &BTreeMap<&str, &Value>, now: &BTreeMap<&str, &Value>) {
        let (old, new) = (self.old, self.new);
        let is_same = |was: &str, is: &str| is_same((old, &before[was]["schema"]), (new, &now[is]["schema"]), DEPTH);
        let Renames { renamed, split, removed, added } = renames(&missing(before, now), &missing(now, before), is_same);

        for (name, old) in before {
            if let Some(new) = now.get(name) {
                self.parameter(place, (name, name), old, new);
            }
        }
        for (was, is) in &renamed {
            let part = part(place, is);
            let what = format!("was renamed from `{was}`; same type and location");
            let impact = "Affects users of released versions: the old name is no longer recognized";
            self.add(Breaking, "parameter-renamed", &part, what, impact);
            self.parameter(place, (was, is), before[was.as_str()], now[is.as_str()]);
        }
        for name in removed.iter().chain(split.iter().map(|(was, _)| was)) {
            let impact = "Affects callers who set it";
            self.add(Breaking, "parameter-removed", &part(place, name), "was removed".into(), impact);
        }
        for name in &added {
            let is_required = now[name.as_str()]["required"] == true;
            let (severity, impact) = if is_required {
                (Breaking, "Affects all callers: requests without it are rejected")
            } else {
                (Compatible, "No impact on callers; they can set it (`raw()` takes one more argument)")
            };
            let what = format!("was added ({})", if is_required { "required" } else { "optional" });
            self.add(severity, "parameter-added", &part(place, name), what, impact);
        }
    }

    fn parameter(&mut self, place: &str, (before, name): (&str, &str), old: &Value, new: &Value) {
        let part = part(place, name);
        match (old["required"] == true, new["required"] == true) {
            (false, true) => {
                let impact = "Affects callers who omit it: the request is rejected";
                self.add(Breaking, "became-required", &part, "is now required".into(), impact);
            }
            (true, false) => {
                let impact = "Affects callers of `raw()`: its argument becomes an `Option`";
                self.add(Breaking, "became-optional", &part, "is now optional".into(), impact);
            }
            _ => self.nullability_of(&part, old, new),
        }
        match (old["deprecated"] == true, new["deprecated"] == true) {
            (false, true) => {
                self.add(
                    Note,
                    "deprecated",
                    &part,
                    "is now deprecated".into(),
                    "Affects callers who set it, once it is removed",
                );
            }
            (true, false) => self.add(Note, "reactivated", &part, "is no longer deprecated".into(), NO_IMPACT),
            _ => {}
        }
        for keyword in ["style", "explode", "allowReserved", "allowEmptyValue", "content"] {
            if written(place, old, keyword) != written(place, new, keyword) {
                let impact = "Affects callers who set it: its encoding in the URL changed";
                self.add(Breaking, "keyword-changed", &part, format!("`{keyword}` changed"), impact);
            }
        }
        let text = format!("{}{part}", self.is.id);
        let spots =
            (Spot::argument(&self.old.names, self.was.id, before), Spot::argument(&self.new.names, self.is.id, name));
        let place = Place { text, schema: None, old: spots.0, new: spots.1 };
        self.schemas(Direction::Request).schemas(&place, &old["schema"], &new["schema"]);
    }

    /// Compares whether a parameter can be null, which no address can express.
    fn nullability_of(&mut self, part: &str, old: &Value, new: &Value) {
        let (was, is) = (self.old.is_nullable(&old["schema"]), self.new.is_nullable(&new["schema"]));
        if was == is {
            return;
        }
        let (change, what) =
            if is { ("became-nullable", "can now be null") } else { ("became-not-nullable", "can no longer be null") };
        let impact = "No impact on callers: a parameter carries no null";
        self.add(Note, change, part, what.into(), impact);
    }

    fn body(&mut self) {
        let (_, old) = self.old.resolve(&self.was.value["requestBody"]);
        let (_, new) = self.new.resolve(&self.is.value["requestBody"]);
        match (old.is_null(), new.is_null()) {
            (true, true) => return,
            (true, false) => {
                let (severity, impact) = if new["required"] == true {
                    (Breaking, "Affects all callers: requests without it are rejected")
                } else {
                    (Compatible, "No impact on callers; they can send one")
                };
                return self.add(severity, "request-body-added", " body", "the request now has a body".into(), impact);
            }
            (false, true) => {
                let impact = "Affects callers who send one";
                return self.add(
                    Breaking,
                    "request-body-removed",
                    " body",
                    "the request no longer has a body".into(),
                    impact,
                );
            }
            (false, false) => {}
        }
        match (old["required"] == true, new["required"] == true) {
            (false, true) => {
                let impact = "Affects callers who send none: the request is rejected";
                self.add(Breaking, "became-required", " body", "is now required".into(), impact);
            }
            (true, false) => {
                let impact = "No impact on callers; they can omit it";
                self.add(Compatible, "became-optional", " body", "is now optional".into(), impact);
            }
            _ => {}
        }
        self.content(Direction::Request, " body", old, new, Breaking);
    }

    fn responses(&mut self) {
        let (old, new) = (self.old, self.new);
        let of = |api: &'_ Api, operation: Operation<'_>| -> BTreeMap<String, Value> {
            let responses = object(&operation.value["responses"]);
            responses.map(|(status, response)| (status.clone(), api.resolve(response).1.clone())).collect()
        };
        let (before, now) = (of(old, self.was), of(new, self.is));
        let success = |responses: &BTreeMap<String, Value>| {
            responses.iter().find(|(status, _)| status.starts_with('2')).map(|(_, response)| response.clone())
        };
        let statuses = |responses: &BTreeMap<String, Value>| {
            responses.keys().filter(|status| status.starts_with('2')).cloned().collect::<Vec<_>>().join(", ")
        };
        let (was, is) = (statuses(&before), statuses(&now));
        if was != is {
            let impact = "No impact on callers: any 2xx status is a success";
            self.add(Note, "success-status-changed", " response", format!("changed from {was} to {is}"), impact);
        }
        if let (Some(old), Some(new)) = (success(&before), success(&now)) {
            self.response_name();
            match (has_content(&old), has_content(&new)) {
                (true, false) => {
                    let impact = "Affects code that reads the response";
                    self.add(Breaking, "response-body-removed", " response", "no longer has a body".into(), impact);
                }
                (false, true) => {
                    let impact = "No impact on callers; the body can be read";
                    self.add(Compatible, "response-body-added", " response", "now has a body".into(), impact);
                }
                _ => self.content(Direction::Response, " response", &old, &new, Breaking),
            }
        }
        // One function reads error responses of any form.
        let is_error = |status: &&String| !status.starts_with('2');
        let statuses: BTreeSet<_> = before.keys().chain(now.keys()).filter(is_error).collect();
        for status in statuses {
            let part = format!(" response {status}");
            match (before.get(status), now.get(status)) {
                (Some(old), Some(new)) => self.content(Direction::Response, &part, old, new, Note),
                (old, _) => {
                    let what = if old.is_none() { "is now documented" } else { "is no longer documented" };
                    let impact = READS_ALL_ERRORS;
                    self.add(Note, "keyword-changed", &part, what.into(), impact);
                }
            }
        }
    }

    /// Compares the names of shared responses: such a name becomes the name of the type, if the schema has none.
    fn response_name(&mut self) {
        let name = |operation: Operation<'_>| {
            let mut responses = object(&operation.value["responses"]).filter(|(status, _)| status.starts_with('2'));
            responses.next().and_then(|(_, response)| response["$ref"].as_str()?.rsplit('/').next().map(str::to_owned))
        };
        if let (Some(was), Some(is)) = (name(self.was), name(self.is))
            && was != is
        {
            let what = format!("the shared response was renamed from `{was}` to `{is}`");
            let (was, is) = (type_name(&was), type_name(&is));
            if was == is {
                let impact = format!("No impact on callers: the Rust type is still called `{is}`");
                self.add(Note, "schema-renamed", " response", what, impact);
            } else {
                let impact = format!("Affects code that names the type `{was}` of `raw()`");
                self.add(Breaking, "schema-renamed", " response", what, impact);
            }
        }
    }

    /// Compares all other keywords of an operation.
    fn other_keywords(&mut self) {
        const COMPARED: [&str; 11] = [
            "operationId",
            "tags",
            "summary",
            "description",
            "externalDocs",
            "parameters",
            "requestBody",
            "responses",
            "deprecated",
            "security",
            "callbacks",
        ];
        let others = |operation: Operation<'_>| -> BTreeMap<String, Value> {
            let others = object(operation.value)
                .filter(|(name, _)| !COMPARED.contains(&name.as_str()) && !name.starts_with("x-"));
            others.map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        let (before, now) = (others(self.was), others(self.is));
        let names: BTreeSet<_> = before.keys().chain(now.keys()).collect();
        for name in names.into_iter().filter(|name| before.get(*name) != now.get(*name)) {
            let impact = NEEDS_REVIEW;
            self.add(Note, "keyword-changed", "", format!("`{name}` changed"), impact);
        }
    }

    /// Compares the JSON of a body. `worst` is the highest severity of its findings.
    fn content(&mut self, direction: Direction, part: &str, old: &Value, new: &Value, worst: Severity) {
        const JSON: &str = "application/json";
        let forms = |body: &'_ Value| object(&body["content"]).map(|(name, _)| name.clone()).collect::<BTreeSet<_>>();
        let (before, now) = (forms(old), forms(new));
        for form in before.symmetric_difference(&now) {
            let is_new = now.contains(form);
            let what = format!("media type `{form}` was {}", if is_new { "added" } else { "removed" });
            if form == JSON && !is_new {
                let impact = "Affects all callers: this SDK uses JSON";
                self.add(Breaking.max(worst), "media-type-changed", part, what, impact);
            } else {
                self.add(Note, "media-type-changed", part, what, "No impact on callers: this SDK uses JSON")
            }
        }
        let spot = |names: &Inventory, id: &str| match (direction, worst) {
            (Direction::Request, _) => Spot::argument(names, id, "body"),
            (Direction::Response, Breaking) => Spot::response(names, id),
            // The types of error responses are those of their schemas.
            (Direction::Response, _) => Spot::default(),
        };
        let (old_spot, new_spot) = (spot(&self.old.names, self.was.id), spot(&self.new.names, self.is.id));
        let place = Place { text: format!("{}{part}", self.is.id), schema: None, old: old_spot, new: new_spot };
        let (old, new) = (&old["content"][JSON]["schema"], &new["content"][JSON]["schema"]);
        if old.is_null() != new.is_null() && before.contains(JSON) && now.contains(JSON) {
            let what = if old.is_null() { "now has a schema" } else { "no longer has a schema" };
            self.add(Breaking.max(worst), "type-changed", part, what.into(), "Affects code that creates or reads it");
        }
        if !old.is_null() && !new.is_null() {
            let mut schemas = self.schemas(direction);
            schemas.worst = worst;
            schemas.compare(&place, old, new);
        }
    }
}

/// Returns the value of a parameter's keyword, or its default where the keyword is absent.
fn written(place: &str, parameter: &Value, keyword: &str) -> Value {
    let style =
        parameter["style"].as_str().unwrap_or(if matches!(place, "query" | "cookie") { "form" } else { "simple" });
    match (keyword, parameter.get(keyword)) {
        (_, Some(value)) => value.clone(),
        ("style", None) => style.into(),
        ("explode", None) => (style == "form").into(),
        ("allowReserved" | "allowEmptyValue", None) => false.into(),
        _ => Value::Null,
    }
}

/// Returns the parameters that two different paths have in common: those of the same name, and, if as many others are left on
/// both sides, these in their order.
fn same_parameters<'a>(was: &[&'a str], is: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let (kept, others): (Vec<_>, Vec<_>) = was.iter().copied().partition(|name| is.contains(name));
    let added: Vec<_> = is.iter().copied().filter(|name| !was.contains(name)).collect();
    let renamed = others.iter().copied().zip(added.iter().copied()).filter(|_| others.len() == added.len());
    was.iter()
        .filter_map(|name| kept.iter().map(|name| (*name, *name)).chain(renamed.clone()).find(|(was, _)| was == name))
        .collect()
}

/// Returns the names of the parameters in a path, in order.
fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|part| part.split('}').next())
}

fn part(place: &str, name: &str) -> String {
    match place {
        "query" => format!(" ?{name}"),
        "path" => format!(" {{{name}}}"),
        _ => format!(" {place} {name}"),
    }
}

fn of_place<'a>(parameters: &'a BTreeMap<(&str, String), &'a Value>, place: &str) -> BTreeMap<&'a str, &'a Value> {
    parameters.iter().filter(|((of, _), _)| *of == place).map(|((_, name), value)| (name.as_str(), *value)).collect()
}

fn has_content(response: &Value) -> bool {
    object(&response["content"]).next().is_some()
}
