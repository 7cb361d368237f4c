//! Compares operations: which are the same, and what of each has changed.

use std::collections::{BTreeMap, BTreeSet};

use genesiscloud_codegen::document::object;
use genesiscloud_codegen::{method_name, type_name};
use serde_json::Value;

use super::api::{Api, Key, Operation};
use super::finding::{Finding, Findings, Severity};
use super::renames::{Renames, missing, renames};
use super::schemas::{Comparison, DEPTH, Direction, is_same};
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
    // The type of its body is called by it.
    let look_for = BTreeSet::from([method_name(was), format!("\"{was}\""), format!("{}Body", type_name(was))]);
    let (place, operations) = (is.to_owned(), BTreeSet::from([is.to_owned()]));
    findings.add(Finding { severity: Breaking, change, place, what, hits: hits.into(), operations, look_for });
}

/// Compares where the service is. Whether whole paths tell which operations are the same, and not only what follows the
/// server's address.
fn addresses(old: &Api, new: &Api, findings: &mut Findings) -> bool {
    let is_common = |is_whole| {
        let before = old.operations(is_whole);
        new.operations(is_whole).keys().any(|key| before.contains_key(key))
    };
    let is_whole = is_common(true) || !is_common(false);
    let was_moved = !is_whole && old.base_path != new.base_path;
    if old.origin != new.origin || was_moved {
        let what = format!("was `{}{}`, and is `{}{}`", old.origin, old.base_path, new.origin, new.base_path);
        let hits = "all users of released versions: their requests go to the old address";
        find(findings, Breaking, "server-changed", "servers", what, hits);
    } else if old.base_path != new.base_path && is_common(true) {
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
    is_whole
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
        let hits = match old == new {
            true => "whoever compares `Error::operation`, or spans".to_owned(),
            false => {
                format!("callers of `raw().{old}`, now `raw().{new}`; whoever compares `Error::operation`, or spans")
            }
        };
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

    fn security(&mut self) {
        let (was, is) = (credentials(self.old, self.was.value), credentials(self.new, self.is.value));
        if was == is {
            return;
        }
        let what = format!("takes {}, and took {}", words(&is), words(&was));
        let takes = |ours: &[&str]| is.iter().any(|one| one.iter().all(|scheme| ours.contains(&scheme.as_str())));
        match (is.is_empty() || takes(&[BEARER]), takes(&[BEARER, OLD_HEADER])) {
            (true, _) => self.find(Note, "security-changed", "", what, "nobody: it takes what this SDK sends"),
            (false, true) => {
                let hits = "all but those who set `AuthScheme::XAuthToken`";
                self.find(Breaking, "security-changed", "", what, hits);
            }
            (false, false) => {
                let hits = "all callers: this SDK sends `Authorization: Bearer` or `X-Auth-Token`";
                self.find(Breaking, "security-changed", "", what, hits);
            }
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

/// What this SDK sends, and what it sends on request.
const BEARER: &str = "http bearer";
const OLD_HEADER: &str = "apiKey header x-auth-token";

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
        Some(other) => format!("{other} {}{}", text("openIdConnectUrl"), scheme.get("flows").unwrap_or(&Value::Null)),
        None => "what is not described".to_owned(),
    }
}

fn words(credentials: &BTreeSet<BTreeSet<String>>) -> String {
    let one = |schemes: &BTreeSet<String>| match schemes.is_empty() {
        true => "nothing".to_owned(),
        false => schemes.iter().cloned().collect::<Vec<_>>().join(" with "),
    };
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
