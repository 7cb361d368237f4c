//! Compares operations: which are the same, and what of each has changed.

use std::collections::{BTreeMap, BTreeSet};

use genesiscloud_codegen::document::object;
use genesiscloud_codegen::method_name;
use serde_json::Value;

use super::api::{Api, Key, Operation};
use super::finding::{Finding, Findings, Severity};
use super::renames::{Renames, missing, renames};
use super::schemas::{Comparison, Direction};
use Severity::{Breaking, Compatible, Note};

/// All that differs.
pub(super) fn compare(old: &Api, new: &Api) -> Findings {
    let mut findings = Findings::default();
    addresses(old, new, &mut findings);
    security_schemes(old, new, &mut findings);
    let (before, now) = (old.operations(), new.operations());
    for (was, is) in matched(&before, &now, &mut findings) {
        let mut pair = Pair { old, new, was, is, findings: &mut findings };
        pair.deprecation();
        pair.parameters();
        pair.body();
        pair.answers();
        pair.security();
    }
    findings
}

fn find(
    findings: &mut Findings,
    severity: Severity,
    change: &'static str,
    place: impl Into<String>,
    what: String,
    hits: impl Into<String>,
) {
    let (place, hits) = (place.into(), hits.into());
    findings.add(Finding {
        severity,
        change,
        place,
        what,
        hits,
        operations: BTreeSet::new(),
        look_for: BTreeSet::new(),
    });
}

/// An operation of which code may name the method or the id, and that is not called so any more.
fn find_in_code(
    findings: &mut Findings,
    change: &'static str,
    (was, is): (&str, &str),
    what: String,
    hits: impl Into<String>,
) {
    let look_for = BTreeSet::from([method_name(was), format!("\"{was}\"")]);
    let (place, operations) = (is.to_owned(), BTreeSet::from([is.to_owned()]));
    findings.add(Finding { severity: Breaking, change, place, what, hits: hits.into(), operations, look_for });
}

fn addresses(old: &Api, new: &Api, findings: &mut Findings) {
    if old.origin != new.origin {
        let what = format!("was `{}`, and is `{}`", old.origin, new.origin);
        let hits = "all users of released versions: their requests go to the old address";
        find(findings, Breaking, "server-changed", "servers", what, hits);
    }
    let is_same = |key: &Key| old.operations().contains_key(key);
    if old.base_path != new.base_path && new.operations().keys().any(is_same) {
        let what = format!("the address ended in `{}`, and ends in `{}`", old.base_path, new.base_path);
        let hits =
            "nobody: the whole paths are the same; the endpoint's rule in `wrapper/src/config.rs` may have to follow";
        find(findings, Note, "server-prefix-moved", "servers", what, hits);
    }
    if old.schema_prefix != new.schema_prefix {
        let what = format!("was `{}`, and is `{}`", old.schema_prefix, new.schema_prefix);
        let hits = "code that names generated types by it";
        find(findings, Breaking, "schema-prefix-changed", "components.schemas", what, hits);
    }
}

/// Pairs of operations that are the same, by method and path, or else by id; with what that finds.
fn matched<'a>(
    before: &BTreeMap<Key, Operation<'a>>,
    now: &BTreeMap<Key, Operation<'a>>,
    findings: &mut Findings,
) -> Vec<(Operation<'a>, Operation<'a>)> {
    let by_id = |operations: &BTreeMap<Key, Operation<'a>>, id: &str| {
        operations.iter().find(|(_, operation)| operation.id == id).map(|(key, operation)| (key.clone(), *operation))
    };
    let mut pairs = Vec::new();
    let mut moved = BTreeSet::new();
    for (key, is) in now {
        match (before.get(key), by_id(before, is.id)) {
            (Some(was), _) => pairs.push((*was, *is)),
            (None, Some((old_key, was))) if !now.contains_key(&old_key) => {
                moved.insert(old_key);
                let what = format!("was {}, and is {}", was.address(), is.address());
                let hits = "users of released versions: the old address is gone";
                find(findings, Breaking, "operation-moved", is.id, what, hits);
                pairs.push((was, *is));
            }
            (None, _) => {
                let hits = format!("nobody; callers can use it, as `raw().{}` at once", method_name(is.id));
                find(findings, Compatible, "operation-added", is.id, format!("{} is new", is.address()), hits);
            }
        }
        if let Some((old_key, was)) = by_id(before, is.id)
            && old_key != *key
            && now.contains_key(&old_key)
        {
            let what = format!("is the id of {} now, and was that of {}", is.address(), was.address());
            let hits = format!("callers of `raw().{}`: it does something else", method_name(is.id));
            find_in_code(findings, "operation-id-reused", (is.id, is.id), what, hits);
        }
    }
    for (was, is) in pairs.iter().filter(|(was, is)| was.id != is.id) {
        let what = format!("was called `{}`; it has the same method and path, {}", was.id, is.address());
        let (old, new) = (method_name(was.id), method_name(is.id));
        let hits =
            format!("callers of `raw().{old}`, now `raw().{new}`; whoever compares `Error::operation`, or spans");
        find_in_code(findings, "operation-renamed", (was.id, is.id), what, hits);
    }
    for (_, was) in before.iter().filter(|(key, _)| !now.contains_key(key) && !moved.contains(key)) {
        let hits = format!("callers of `raw().{}`, and of the service's method for it", method_name(was.id));
        find_in_code(findings, "operation-removed", (was.id, was.id), format!("{} is gone", was.address()), hits);
    }
    pairs
}

/// An operation, before and now.
struct Pair<'a> {
    old: &'a Api,
    new: &'a Api,
    was: Operation<'a>,
    is: Operation<'a>,
    findings: &'a mut Findings,
}

impl Pair<'_> {
    fn find(&mut self, severity: Severity, change: &'static str, part: &str, what: String, hits: impl Into<String>) {
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
                self.find(Note, "deprecated", "", "is deprecated now".into(), "its callers, when it goes");
            }
            (true, false) => self.find(Note, "reactivated", "", "is not deprecated any more".into(), "nobody"),
            _ => {}
        }
    }

    fn parameters(&mut self) {
        let (old, new) = (self.old, self.new);
        let (before, now) = (old.parameters(self.was), new.parameters(self.is));
        let places: BTreeSet<_> = before.keys().chain(now.keys()).map(|(place, _)| *place).collect();
        for place in places {
            self.parameters_in(place, &of_place(&before, place), &of_place(&now, place));
        }
    }

    fn parameters_in(&mut self, place: &str, before: &BTreeMap<&str, &Value>, now: &BTreeMap<&str, &Value>) {
        let is_same = |old: &str, new: &str| before[old]["schema"] == now[new]["schema"];
        let Renames { renamed, split, removed, added } = renames(&missing(before, now), &missing(now, before), is_same);

        for (name, old) in before {
            if let Some(new) = now.get(name) {
                self.parameter(place, name, old, new);
            }
        }
        for (was, is) in &renamed {
            let part = part(place, is);
            let what = format!("was called `{was}`: the same type, and the same place");
            match place {
                // They are given by their order, and the service sees no name.
                "path" => self.find(Note, "parameter-renamed", &part, what, "nobody: only a value is sent"),
                _ => {
                    let hits = "users of released versions: the old name is not known any more";
                    self.find(Breaking, "parameter-renamed", &part, what, hits);
                }
            }
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
                self.find(Note, "deprecated", &part, "is deprecated now".into(), "callers who give it, when it goes");
            }
            (true, false) => self.find(Note, "reactivated", &part, "is not deprecated any more".into(), "nobody"),
            _ => {}
        }
        for keyword in ["style", "explode", "allowReserved", "allowEmptyValue", "content"] {
            if old.get(keyword) != new.get(keyword) {
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
            answers
                .iter()
                .find(|(status, _)| status.starts_with('2'))
                .map(|(status, answer)| (status.clone(), answer.clone()))
        };
        if let (Some((was, old)), Some((is, new))) = (success(&before), success(&now)) {
            if was != is {
                let hits = "nobody: any success is taken for one";
                self.find(Note, "success-status-changed", " answer", format!("was {was}, and is {is}"), hits);
            }
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
                    let what = if old.is_none() { "is told of now" } else { "is not told of any more" };
                    let hits = "nobody: errors are read whatever they are";
                    self.find(Note, "keyword-changed", &part, what.into(), hits);
                }
            }
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
        if !old.is_null() && !new.is_null() {
            let mut schemas = self.schemas(direction);
            schemas.worst = worst;
            schemas.compare(&place, old, new);
        }
    }

    fn security(&mut self) {
        let (was, is) = (credentials(self.old, self.was.value), credentials(self.new, self.is.value));
        if was == is {
            return;
        }
        let what = format!("takes {}, and took {}", words(&is), words(&was));
        match is.is_empty() || is.iter().any(|one| one.iter().all(|scheme| OURS.contains(&scheme.as_str()))) {
            true => self.find(Note, "security-changed", "", what, "nobody: it takes what this SDK sends"),
            false => {
                let hits = "all callers: this SDK sends `Authorization: Bearer` or `X-Auth-Token`";
                self.find(Breaking, "security-changed", "", what, hits);
            }
        }
    }
}

fn part(place: &str, name: &str) -> String {
    match place {
        "query" => format!(" ?{name}"),
        "path" => format!(" {{{name}}}"),
        _ => format!(" {place} {name}"),
    }
}

fn of_place<'a>(parameters: &BTreeMap<(&'a str, &'a str), &'a Value>, place: &str) -> BTreeMap<&'a str, &'a Value> {
    parameters.iter().filter(|((of, _), _)| *of == place).map(|((_, name), value)| (*name, *value)).collect()
}

fn has_content(answer: &Value) -> bool {
    object(&answer["content"]).next().is_some()
}

/// What this SDK sends.
const OURS: [&str; 2] = ["http bearer", "apiKey header x-auth-token"];

/// What an operation takes: one of these, each of which may be several together. By what they are, not by what they are
/// called.
fn credentials(api: &Api, operation: &Value) -> BTreeSet<BTreeSet<String>> {
    let asked = operation.get("security").unwrap_or(&api.document["security"]);
    let schemes = &api.document["components"]["securitySchemes"];
    let kind = |name: &String| describe(api.resolve(&schemes[name]).1);
    asked.as_array().into_iter().flatten().map(|one| object(one).map(|(name, _)| kind(name)).collect()).collect()
}

/// What a security scheme is.
fn describe(scheme: &Value) -> String {
    let text = |name: &str| scheme[name].as_str().unwrap_or_default().to_lowercase();
    match scheme["type"].as_str() {
        Some("http") => format!("http {}", text("scheme")),
        Some("apiKey") => format!("apiKey {} {}", text("in"), text("name")),
        Some(other) => format!("{other} {}", scheme.get("flows").unwrap_or(&Value::Null)),
        None => "what is not described".to_owned(),
    }
}

fn words(credentials: &BTreeSet<BTreeSet<String>>) -> String {
    let one = |schemes: &BTreeSet<String>| schemes.iter().cloned().collect::<Vec<_>>().join(" with ");
    match credentials.is_empty() {
        true => "nothing".to_owned(),
        false => credentials.iter().map(one).collect::<Vec<_>>().join(" or "),
    }
}

fn security_schemes(old: &Api, new: &Api, findings: &mut Findings) {
    let of = |api: &Api| -> BTreeMap<String, String> {
        let schemes = object(&api.document["components"]["securitySchemes"]);
        schemes.map(|(name, scheme)| (name.clone(), describe(api.resolve(scheme).1))).collect()
    };
    let (before, now) = (of(old), of(new));
    let place = |name: &str| format!("securitySchemes.{name}");
    let hits = "nobody: what operations take is compared for each";
    for (name, kind) in &now {
        match before.get(name) {
            Some(was) if was == kind => {}
            Some(was) => {
                let what = format!("was {was}, and is {kind}");
                find(findings, Note, "security-changed", place(name), what, hits);
            }
            None => match before.iter().find(|(other, was)| *was == kind && !now.contains_key(*other)) {
                Some((other, _)) => {
                    let what = format!("was called `{other}`: both are {kind}");
                    find(findings, Note, "security-scheme-renamed", place(name), what, "nobody");
                }
                None => find(findings, Note, "security-changed", place(name), format!("is new: {kind}"), hits),
            },
        }
    }
    let is_renamed = |kind: &String| now.iter().any(|(other, is)| is == kind && !before.contains_key(other));
    for (name, kind) in before.iter().filter(|(name, kind)| !now.contains_key(*name) && !is_renamed(kind)) {
        find(findings, Note, "security-changed", place(name), format!("is gone: {kind}"), hits);
    }
}
