//! Compares operations, part by part.

use std::collections::{BTreeMap, BTreeSet};

use genesiscloud_codegen::document::object;
use genesiscloud_codegen::type_name;
use serde_json::Value;

use super::api::{Api, Operation};
use super::finding::{Finding, Findings, Severity};
use super::matching::{addresses, matched};
use super::renames::{Renames, missing, renames};
use super::schemas::{Comparison, Direction};
use super::security::security_schemes;
use super::shape::{DEPTH, is_same};
use Severity::{Breaking, Compatible, Note};

/// All that differs.
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
        pair.answers();
        pair.security();
        pair.rest();
    }
    findings
}

/// An operation, before and now.
pub(super) struct Pair<'a> {
    pub(super) old: &'a Api,
    pub(super) new: &'a Api,
    pub(super) was: Operation<'a>,
    pub(super) is: Operation<'a>,
    findings: &'a mut Findings,
}

impl Pair<'_> {
    pub(super) fn find(
        &mut self,
        severity: Severity,
        change: &'static str,
        part: &str,
        what: String,
        hits: impl Into<String>,
    ) {
        let place = format!("{}{part}", self.is.id);
        let operations = BTreeSet::from([self.is.id.to_owned()]);
        self.findings.add(Finding {
            severity,
            change,
            place,
            what,
            hits: hits.into(),
            operations,
            look_for: BTreeSet::new(),
        });
    }

    fn schemas(&mut self, direction: Direction) -> Comparison<'_> {
        Comparison::new((self.old, self.new), self.findings, self.is.id, direction)
    }

    fn deprecation(&mut self) {
        match (self.was.value["deprecated"] == true, self.is.value["deprecated"] == true) {
            (false, true) => {
                self.find(Note, "deprecated", "", "is deprecated now".into(), "its callers, once it is gone");
            }
            (true, false) => self.find(Note, "reactivated", "", "is not deprecated any more".into(), "nobody"),
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
        // Those of the path are given by their order, and the service sees no name.
        let (before, now) = (of_place(&before, "path"), of_place(&now, "path"));
        for (was, is) in placeholders(self.was.path).zip(placeholders(self.is.path)) {
            let (Some(old), Some(new)) = (before.get(was), now.get(is)) else { continue };
            if was != is {
                let what = format!("was called `{was}`; it stands in the same place");
                self.find(Note, "parameter-renamed", &part("path", is), what, "nobody: only a value is sent");
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
            let what = format!("was called `{was}`: the same type, and the same place");
            let hits = "users of released versions: the old name is not known any more";
            self.find(Breaking, "parameter-renamed", &part, what, hits);
            self.parameter(place, is, before[was.as_str()], now[is.as_str()]);
        }
        for name in removed.iter().chain(split.iter().map(|(was, _)| was)) {
            let hits = "callers who give it";
            self.find(Breaking, "parameter-removed", &part(place, name), "is gone".into(), hits);
        }
        for name in &added {
            let is_required = now[name.as_str()]["required"] == true;
            let (severity, hits) = match is_required {
                true => (Breaking, "all callers: without it they are refused"),
                false => (Compatible, "nobody; callers can give it (`raw()` takes one more argument)"),
            };
            let what = format!("is new, {}", if is_required { "required" } else { "optional" });
            self.find(severity, "parameter-added", &part(place, name), what, hits);
        }
    }

    fn parameter(&mut self, place: &str, name: &str, old: &Value, new: &Value) {
        let part = part(place, name);
        match (old["required"] == true, new["required"] == true) {
            (false, true) => {
                let hits = "callers who leave it out: they are refused";
                self.find(Breaking, "became-required", &part, "is required now".into(), hits);
            }
            (true, false) => {
                let hits = "nobody; callers can leave it out";
                self.find(Compatible, "became-optional", &part, "is optional now".into(), hits);
            }
            _ => {}
        }
        match (old["deprecated"] == true, new["deprecated"] == true) {
            (false, true) => {
                self.find(
                    Note,
                    "deprecated",
                    &part,
                    "is deprecated now".into(),
                    "callers who give it, once it is gone",
                );
            }
            (true, false) => self.find(Note, "reactivated", &part, "is not deprecated any more".into(), "nobody"),
            _ => {}
        }
        for keyword in ["style", "explode", "allowReserved", "allowEmptyValue", "content"] {
            if written(place, old, keyword) != written(place, new, keyword) {
                let hits = "callers who give it: it is written otherwise in the address";
                self.find(Breaking, "keyword-changed", &part, format!("`{keyword}` has changed"), hits);
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
                let (severity, hits) = match new["required"] == true {
                    true => (Breaking, "all callers: without it they are refused"),
                    false => (Compatible, "nobody; callers can send one"),
                };
                return self.find(severity, "body-added", " body", "the request has a body now".into(), hits);
            }
            (false, true) => {
                let hits = "callers who send one";
                return self.find(Breaking, "body-removed", " body", "the request has no body any more".into(), hits);
            }
            (false, false) => {}
        }
        match (old["required"] == true, new["required"] == true) {
            (false, true) => {
                let hits = "callers who send none: they are refused";
                self.find(Breaking, "became-required", " body", "is required now".into(), hits);
            }
            (true, false) => {
                let hits = "nobody; callers can send none";
                self.find(Compatible, "became-optional", " body", "is optional now".into(), hits);
            }
            _ => {}
        }
        self.content(Direction::Request, " body", old, new, Breaking);
    }

    fn answers(&mut self) {
        let (old, new) = (self.old, self.new);
        let of = |api: &'_ Api, operation: Operation<'_>| -> BTreeMap<String, Value> {
            let answers = object(&operation.value["responses"]);
            answers.map(|(status, answer)| (status.clone(), api.resolve(answer).1.clone())).collect()
        };
        let (before, now) = (of(old, self.was), of(new, self.is));
        let success = |answers: &BTreeMap<String, Value>| {
            answers.iter().find(|(status, _)| status.starts_with('2')).map(|(_, answer)| answer.clone())
        };
        let statuses = |answers: &BTreeMap<String, Value>| {
            answers.keys().filter(|status| status.starts_with('2')).cloned().collect::<Vec<_>>().join(", ")
        };
        let (was, is) = (statuses(&before), statuses(&now));
        if was != is {
            let hits = "nobody: any success is taken for one";
            self.find(Note, "success-status-changed", " answer", format!("was {was}, and is {is}"), hits);
        }
        if let (Some(old), Some(new)) = (success(&before), success(&now)) {
            self.name_of_answer();
            match (has_content(&old), has_content(&new)) {
                (true, false) => {
                    let hits = "code that reads the answer";
                    self.find(Breaking, "answer-removed", " answer", "has no body any more".into(), hits);
                }
                (false, true) => {
                    let hits = "nobody; there is something to read now";
                    self.find(Compatible, "answer-added", " answer", "has a body now".into(), hits);
                }
                _ => self.content(Direction::Answer, " answer", &old, &new, Breaking),
            }
        }
        // Errors are read in one place, whatever they are.
        let is_error = |status: &&String| !status.starts_with('2');
        let statuses: BTreeSet<_> = before.keys().chain(now.keys()).filter(is_error).collect();
        for status in statuses {
            let part = format!(" answer {status}");
            match (before.get(status), now.get(status)) {
                (Some(old), Some(new)) => self.content(Direction::Answer, &part, old, new, Note),
                (old, _) => {
                    let what = if old.is_none() { "is documented now" } else { "is not documented any more" };
                    let hits = "nobody: errors are read whatever they are";
                    self.find(Note, "keyword-changed", &part, what.into(), hits);
                }
            }
        }
    }

    /// An answer that operations share gives the type its name, if it is written there and then.
    fn name_of_answer(&mut self) {
        let name = |operation: Operation<'_>| {
            let mut answers = object(&operation.value["responses"]).filter(|(status, _)| status.starts_with('2'));
            answers.next().and_then(|(_, answer)| answer["$ref"].as_str()?.rsplit('/').next().map(str::to_owned))
        };
        if let (Some(was), Some(is)) = (name(self.was), name(self.is))
            && was != is
        {
            let what = format!("the shared answer was called `{was}`, and is called `{is}`");
            let hits = format!("code that names the type `{}` of `raw()`", type_name(&was));
            self.find(Breaking, "schema-renamed", " answer", what, hits);
        }
    }

    /// Whatever else there is about an operation.
    fn rest(&mut self) {
        const WEIGHED: [&str; 11] = [
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
                .filter(|(name, _)| !WEIGHED.contains(&name.as_str()) && !name.starts_with("x-"));
            others.map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        let (before, now) = (others(self.was), others(self.is));
        let names: BTreeSet<_> = before.keys().chain(now.keys()).collect();
        for name in names.into_iter().filter(|name| before.get(*name) != now.get(*name)) {
            let hits = "nobody, as far as this can tell; look at it";
            self.find(Note, "keyword-changed", "", format!("`{name}` has changed"), hits);
        }
    }

    /// Compares what a body holds, in JSON. `worst` is the worst that can come of it.
    fn content(&mut self, direction: Direction, part: &str, old: &Value, new: &Value, worst: Severity) {
        const JSON: &str = "application/json";
        let forms = |body: &'_ Value| object(&body["content"]).map(|(name, _)| name.clone()).collect::<BTreeSet<_>>();
        let (before, now) = (forms(old), forms(new));
        for form in before.symmetric_difference(&now) {
            let is_new = now.contains(form);
            let what = format!("comes as `{form}` {}", if is_new { "as well" } else { "no more" });
            match form == JSON && !is_new {
                true => {
                    let hits = "all callers: this SDK speaks JSON";
                    self.find(Breaking.max(worst), "media-type-changed", part, what, hits);
                }
                false => self.find(Note, "media-type-changed", part, what, "nobody: this SDK speaks JSON"),
            }
        }
        let place = format!("{}{part}", self.is.id);
        let (old, new) = (&old["content"][JSON]["schema"], &new["content"][JSON]["schema"]);
        if old.is_null() != new.is_null() && before.contains(JSON) && now.contains(JSON) {
            let what =
                if old.is_null() { "says of what form it is now" } else { "does not say any more of what form it is" };
            self.find(Breaking.max(worst), "type-changed", part, what.into(), "code that makes or reads it");
        }
        if !old.is_null() && !new.is_null() {
            let mut schemas = self.schemas(direction);
            schemas.worst = worst;
            schemas.compare(&place, old, new);
        }
    }
}

/// What a keyword of a parameter says, also where it is left to its default.
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

/// The names of the parameters in a path, in their order.
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

fn has_content(answer: &Value) -> bool {
    object(&answer["content"]).next().is_some()
}
