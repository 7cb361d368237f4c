//! Compares credentials: what operations take, by what it is and not by what it is called, and whether this SDK sends it.

use std::collections::{BTreeMap, BTreeSet};

use genesiscloud_codegen::document::object;
use serde_json::Value;

use super::api::Api;
use super::finding::Findings;
use super::finding::Severity::{Breaking, Note};
use super::matching::find;
use super::operations::Pair;

/// What this SDK sends, and what it sends on request.
const BEARER: &str = "http bearer";
const OLD_HEADER: &str = "apiKey header x-auth-token";

impl Pair<'_> {
    pub(super) fn security(&mut self) {
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

pub(super) fn security_schemes(old: &Api, new: &Api, findings: &mut Findings) {
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
