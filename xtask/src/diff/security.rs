//! Compares the credentials that operations accept: by kind and not by name, and by whether this SDK sends them.

use std::collections::{BTreeMap, BTreeSet};

use genesiscloud_codegen::document::object;
use serde_json::Value;

use super::api::Api;
use super::finding::Severity::{Breaking, Note};
use super::finding::{Finding, Findings, NO_IMPACT};
use super::matching::Pair;

/// The credentials that this SDK sends by default, and those that it sends if configured.
const BEARER: &str = "http bearer";
const OLD_HEADER: &str = "apiKey header x-auth-token";

impl Pair<'_> {
    pub(super) fn security(&mut self) {
        let (was, is) = (credentials(self.old, self.was.value), credentials(self.new, self.is.value));
        if was == is {
            return;
        }
        let what = format!("accepts {}; before, it accepted {}", words(&is), words(&was));
        let accepts = |sent: &[&str]| is.iter().any(|one| one.iter().all(|scheme| sent.contains(&scheme.as_str())));
        match (is.is_empty() || accepts(&[BEARER]), accepts(&[BEARER, OLD_HEADER])) {
            (true, _) => {
                self.add(Note, "security-changed", "", what, "No impact on callers: it accepts what this SDK sends")
            }
            (false, true) => {
                let impact = "Affects all callers except those who set `AuthScheme::XAuthToken`";
                self.add(Breaking, "security-changed", "", what, impact);
            }
            (false, false) => {
                let impact = "Affects all callers: this SDK sends `Authorization: Bearer` or `X-Auth-Token`";
                self.add(Breaking, "security-changed", "", what, impact);
            }
        }
    }
}

/// Returns the credentials that an operation accepts: one of these, each of which can be several together. They are given
/// by kind, not by name.
fn credentials(api: &Api, operation: &Value) -> BTreeSet<BTreeSet<String>> {
    let required = operation.get("security").unwrap_or(&api.document["security"]);
    let schemes = &api.document["components"]["securitySchemes"];
    let kind = |name: &String| describe(api.resolve(&schemes[name]).1);
    required.as_array().into_iter().flatten().map(|one| object(one).map(|(name, _)| kind(name)).collect()).collect()
}

/// Describes a security scheme.
fn describe(scheme: &Value) -> String {
    let text = |name: &str| scheme[name].as_str().unwrap_or_default().to_lowercase();
    match scheme["type"].as_str() {
        Some("http") => format!("http {}", text("scheme")),
        Some("apiKey") => format!("apiKey {} {}", text("in"), text("name")),
        Some("oauth2") => format!(
            "oauth2 {}",
            object(&scheme["flows"]).map(|(flow, _)| flow.as_str()).collect::<Vec<_>>().join(" or ")
        ),
        Some(other) => format!("{other} {}", text("openIdConnectUrl")),
        None => "an unknown scheme".to_owned(),
    }
}

fn words(credentials: &BTreeSet<BTreeSet<String>>) -> String {
    let one = |schemes: &BTreeSet<String>| {
        if schemes.is_empty() {
            "no credentials".to_owned()
        } else {
            schemes.iter().cloned().collect::<Vec<_>>().join(" with ")
        }
    };
    if credentials.is_empty() {
        "no credentials".to_owned()
    } else {
        credentials.iter().map(one).collect::<Vec<_>>().join(" or ")
    }
}

pub(super) fn security_schemes(old: &Api, new: &Api, findings: &mut Findings) {
    let of = |api: &Api| -> BTreeMap<String, String> {
        let schemes = object(&api.document["components"]["securitySchemes"]);
        schemes.map(|(name, scheme)| (name.clone(), describe(api.resolve(scheme).1))).collect()
    };
    let (before, now) = (of(old), of(new));
    let impact = "No impact on callers: the credentials that each operation accepts are compared separately";
    let mut add = |change, name: &str, what: String, impact| {
        findings.add(Finding::new(Note, change, format!("securitySchemes.{name}"), what, impact));
    };
    for (name, kind) in &now {
        match before.get(name) {
            Some(was) if was == kind => {}
            Some(was) => add("security-changed", name, format!("changed from {was} to {kind}"), impact),
            None => match before.iter().find(|(other, was)| *was == kind && !now.contains_key(*other)) {
                Some((other, _)) => {
                    let what = format!("was renamed from `{other}`: both are {kind}");
                    add("security-scheme-renamed", name, what, NO_IMPACT);
                }
                None => add("security-changed", name, format!("was added: {kind}"), impact),
            },
        }
    }
    let is_renamed = |kind: &String| now.iter().any(|(other, is)| is == kind && !before.contains_key(other));
    for (name, kind) in before.iter().filter(|(name, kind)| !now.contains_key(*name) && !is_renamed(kind)) {
        add("security-changed", name, format!("was removed: {kind}"), impact);
    }
}
