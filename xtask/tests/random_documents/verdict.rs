//! Compares what breaks in a program with what the report calls breaking.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::consumer::Item;

/// An item that no longer compiles, or has another value on the wire.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) item: Item,
    /// Whether it compiles, and has another value.
    pub(crate) is_at_run: bool,
    pub(crate) reason: String,
}

/// A breaking finding of the report.
#[derive(Debug)]
pub(crate) struct Finding {
    kind: String,
    text: String,
    operations: BTreeSet<String>,
    /// Whether it is about the whole body of a request or a response.
    is_of_body: bool,
    /// The words of the report, in which names are looked for.
    words: BTreeSet<String>,
}

/// Breaking changes that a program against the bindings alone cannot notice, each with the reason.
const EXPLAINED: &[(&str, &str)] = &[
    ("server-changed", "the address of the service is no part of the bindings: the client is given it"),
    ("server-prefix-moved", "the address that the client is given has to change; the bindings begin below it"),
    ("security-changed", "credentials are added by the transport"),
    ("security-scheme-renamed", "credentials are added by the transport"),
    ("default-changed", "the service fills in what a request leaves out"),
    ("limit-tightened", "the service rejects the value; no limit is in the bindings"),
    ("format-changed", "the service rejects the value; a format without a Rust type is not in the bindings"),
    ("media-type-changed", "the service reads and writes it"),
    ("keyword-changed", "the service ignores or leaves out the field, which the bindings keep"),
];

impl Finding {
    /// Reads the breaking findings of a report in JSON.
    pub(crate) fn breaking(report: &str) -> Vec<Self> {
        let findings: Vec<Value> = serde_json::from_str(report).unwrap();
        findings.iter().filter(|finding| finding["severity"] == "breaking").map(Self::read).collect()
    }

    fn read(finding: &Value) -> Self {
        let texts = |key: &str| -> Vec<String> {
            let all = finding[key].as_array().into_iter().flatten();
            all.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let text = finding["text"].as_str().unwrap().to_owned();
        let mut words = BTreeSet::new();
        std::iter::once(&text).chain(&texts("places")).for_each(|text| add_words(text, &mut words));
        let operations = texts("operations").into_iter().collect();
        let is_of_body = texts("places").iter().any(|place| {
            let part = place.split_once(' ').map(|(_, part)| part);
            matches!(part, Some("body" | "response"))
        });
        Self { kind: finding["kind"].as_str().unwrap().to_owned(), text, operations, is_of_body, words }
    }

    fn names(&self, name: &str) -> bool {
        self.words.contains(&plain(name))
    }

    /// Whether this finding tells of what broke. It names the item, and its type or operation; or a type in its signature; or,
    /// if the value is another one, something that the value is made of, or a new field without which it is not read.
    fn covers(&self, Broken { item, is_at_run, reason }: &Broken) -> bool {
        let names_any = |names: &BTreeSet<String>| names.iter().any(|name| self.names(name));
        let in_operation = item.operations.iter().any(|id| self.operations.contains(id) || self.names(id));
        let is_near = in_operation || item.owner.as_ref().is_some_and(|owner| self.names(owner));
        let is_type = item.owner.as_ref() == Some(&item.label);
        let is_moved = self.kind == "server-prefix-moved" && item.owner.is_none() && *is_at_run;
        // A type is renamed with all others.
        let is_prefixed = self.kind == "schema-prefix-changed" && is_type;
        // A type that is of another kind has no member of before.
        let is_of_another_kind = |owner: &String| self.text.starts_with(&format!("{owner} was "));
        let is_changed = self.kind == "name-changed" && item.owner.as_ref().is_some_and(is_of_another_kind);
        is_moved
            || is_prefixed
            || is_changed
            || is_near && names_any(&item.names)
            // A type is gone where an operation no longer uses it; and an operation has no name of its own.
            || in_operation && (is_type || item.owner.is_none() || self.is_of_body)
            || names_any(&item.mentions)
            || *is_at_run && is_near && names_any(&item.contents)
            || *is_at_run && is_near && missing_field(reason).is_some_and(|field| self.names(field))
    }

    fn is_explained(&self) -> bool {
        EXPLAINED.iter().any(|(kind, _)| *kind == self.kind)
    }
}

/// Returns what the report does not tell, and what it tells that is not so.
pub(crate) fn disagreements(broken: &[Broken], findings: &[Finding]) -> Vec<String> {
    let gone: BTreeSet<&String> = broken.iter().filter(|it| !it.is_at_run).map(|it| &it.item.label).collect();
    // Without a type, its fields and what has it in its signature do not compile either.
    let follows = |item: &Item| item.mentions.iter().any(|ty| gone.contains(ty));
    let follows = |item: &Item| {
        item.owner.as_ref().is_some_and(|owner| *owner != item.label && gone.contains(owner)) || follows(item)
    };
    let untold = broken.iter().filter(|broken| !findings.iter().any(|finding| finding.covers(broken)));
    let untold = untold.filter(|broken| !follows(&broken.item));
    let untold =
        untold.map(|Broken { item, reason, .. }| format!("not in the report: {} breaks: {reason}", item.label));
    let untrue = findings.iter().filter(|finding| !broken.iter().any(|broken| finding.covers(broken)));
    let untrue = untrue.filter(|finding| !finding.is_explained());
    untold.chain(untrue.map(|finding| format!("breaks nothing: {}: {}", finding.kind, finding.text))).collect()
}

/// The field without which a value could not be read.
fn missing_field(reason: &str) -> Option<&str> {
    reason.split_once("missing field `")?.1.split('`').next()
}

/// Adds the words of a text, and the names that a dotted one begins with: `Instance.UserData.content` contains
/// `InstanceUserData`.
fn add_words(text: &str, words: &mut BTreeSet<String>) {
    for word in text.split(|letter: char| letter.is_whitespace() || "`\"'()[]{},;<>/".contains(letter)) {
        let parts: Vec<&str> = word.split(['.', ':']).collect();
        for start in 0..parts.len() {
            words.extend((start..parts.len()).map(|end| plain(&parts[start..=end].concat())));
        }
    }
    words.remove("");
}

/// A name without the differences of spelling between documents and Rust.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
