//! Compares operations, part by part.

use std::collections::{BTreeMap, BTreeSet};

use genesiscloud_codegen::document::object;
use genesiscloud_codegen::type_name;
use serde_json::Value;

use super::api::{Api, Operation};
use super::comparison::{Comparison, Direction, READS_ALL_ERRORS};
use super::finding::{Findings, NEEDS_REVIEW, NO_IMPACT, Severity};
use super::matching::{Pair, addresses, matched};
use super::renames::{Renames, missing, renames};
use super::security::security_schemes;
use super::shape::{DEPTH, is_same};
use Severity::{Breaking, Compatible, Note};

/// Returns all changes.
pub(super) fn compare(old: &Api, new: &Api) -> Findings {
    let mut findings = Findings::default();
    let is_whole = addresses(old, new, &mut findings);
    security_schemes(old, new, &mut findings);
    let (before, now) = (old.operations(is_whole), new.operations(is_whole));
    for (was, is) in matched(&before, &now, &mut findings) {
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
        // Path parameters are passed by position, and the service does not see their names.
        let (before, now) = (of_place(&before, "path"), of_place(&now, "path"));
        for (was, is) in placeholders(self.was.path).zip(placeholders(self.is.path)) {
            let (Some(old), Some(new)) = (before.get(was), now.get(is)) else { continue };
            if was != is {
                let what = format!("was renamed from `{was}`; same position");
                self.add(
                    Note,
                    "parameter-renamed",
                    &part("path", is),
                    what,
                    "No impact on callers: only the value is sent",
                );
            }
            self.parameter("path", is, old, new);
        }
    }

    fn parameters_in(&mut self, place: &str, before: &BTreeMap<&str, &Value>, now: &BTreeMap<&str, &Value>) {
        let (old, new) = (self.old, self.new);
        let is_same = |was: &str, is: &str| is_same((old, &before[was]["schema"]), (new, &now[is]["schema"]), DEPTH);
        let Renames { renamed, split, removed, added } = renames(&missing(before, now), &missing(now, before), is_same);

        for (name, old) in before {
            if let Some(new) = now.get(name) {
                self.parameter(place, name, old, new);
            }
        }
        for (was, is) in &renamed {
            let part = part(place, is);
            let what = format!("was renamed from `{was}`; same type and location");
            let impact = "Affects users of released versions: the old name is no longer recognized";
            self.add(Breaking, "parameter-renamed", &part, what, impact);
            self.parameter(place, is, before[was.as_str()], now[is.as_str()]);
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

    fn parameter(&mut self, place: &str, name: &str, old: &Value, new: &Value) {
        let part = part(place, name);
        match (old["required"] == true, new["required"] == true) {
            (false, true) => {
                let impact = "Affects callers who omit it: the request is rejected";
                self.add(Breaking, "became-required", &part, "is now required".into(), impact);
            }
            (true, false) => {
                let impact = "No impact on callers; they can omit it";
                self.add(Compatible, "became-optional", &part, "is now optional".into(), impact);
            }
            _ => {}
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
        let place = format!("{}{part}", self.is.id);
        self.schemas(Direction::Request).compare(&place, &old["schema"], &new["schema"]);
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
            let impact = format!("Affects code that names the type `{}` of `raw()`", type_name(&was));
            self.add(Breaking, "schema-renamed", " response", what, impact);
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
        let place = format!("{}{part}", self.is.id);
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
