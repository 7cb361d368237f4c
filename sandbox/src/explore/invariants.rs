//! What must hold after every run, whatever faults it met.

use std::fmt;
use std::time::Duration;

use genesiscloud::LedgerEntry;
use serde_json::Value;

use super::census::Resource;
use super::run::{Ending, ErrorText, Limit, Record};
use crate::recorded_requests::RecordedRequest;

/// What a program did that it must not do under any fault. `Display` describes it in one line, without any secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// A billed resource that the program created is left, and nothing says so: it is not in [`Kept`](super::Kept), not
    /// open in the ledger, and the program's error contains neither its id nor its name.
    #[non_exhaustive]
    Orphaned {
        /// Kind of the resource, such as `instance`.
        kind: &'static str,
        /// Its id.
        id: String,
        /// Its name.
        name: String,
    },
    /// More resources of this kind and name existed at once than in the run without faults.
    #[non_exhaustive]
    Duplicated {
        /// Kind of the resources, such as `instance`.
        kind: &'static str,
        /// Their name.
        name: String,
        /// How many existed at once.
        count: usize,
    },
    /// The program did not end within this time, as [`ends_within`](super::Explorer::ends_within) sets it.
    TimedOut(Duration),
    /// The program had not ended after this many requests.
    TooManyRequests(usize),
    /// The program's error contains a secret: the token, or what was sent in this field.
    LeakedSecret(String),
    /// The program panicked, with this message.
    Panicked(String),
}

impl Violation {
    /// Returns the title of the violated invariant, and the name of a test for it.
    pub(super) fn title(&self) -> (&'static str, &'static str) {
        match self {
            Self::Orphaned { .. } => ("a billed resource is left, and nothing says so", "nothing_is_left"),
            Self::Duplicated { .. } => ("a resource is created twice", "nothing_is_created_twice"),
            Self::TimedOut(_) | Self::TooManyRequests(_) => ("the program does not end", "the_program_ends"),
            Self::LeakedSecret(_) => ("an error contains a secret", "no_error_contains_a_secret"),
            Self::Panicked(_) => ("the program panics", "nothing_panics"),
        }
    }

    /// Returns whether both violate the same invariant.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.title() == other.title()
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Orphaned { kind, id, name } => write!(f, "{kind} {name:?} is left, and nothing says so: {id}"),
            Self::Duplicated { kind, name, count } => write!(f, "{kind} {name:?} existed {count} times at once"),
            Self::TimedOut(limit) => write!(f, "the program did not end within {} s", limit.as_secs_f64()),
            Self::TooManyRequests(count) => write!(f, "the program did not end within {count} requests"),
            Self::LeakedSecret(field) => write!(f, "the error contains a secret: {field}"),
            Self::Panicked(message) => write!(f, "the program panicked: {message}"),
        }
    }
}

/// Returns what a run violates, compared with the run without faults. That run is compared with itself.
pub(super) fn violations(record: &Record, without_faults: &Record) -> Vec<Violation> {
    let ending = match &record.ending {
        Ending::Panicked(message) => Some(Violation::Panicked(record.without_endpoint(message))),
        Ending::Unfinished(Limit::Time(limit)) => Some(Violation::TimedOut(*limit)),
        Ending::Unfinished(Limit::Requests(count)) => Some(Violation::TooManyRequests(*count)),
        Ending::Returned(_) | Ending::Failed(_) | Ending::Killed => None,
    };
    let mut violations: Vec<_> = ending.into_iter().collect();
    violations.extend(leaked_secret(record));
    violations.extend(duplicated(record, without_faults));
    // What is left by a program that did not end is no news.
    if violations.iter().all(|violation| matches!(violation, Violation::Duplicated { .. } | Violation::LeakedSecret(_)))
    {
        violations.extend(orphaned(record));
    }
    violations
}

fn orphaned(record: &Record) -> impl Iterator<Item = Violation> {
    let orphaned = record.left.iter().filter(|resource| !is_known(resource, record));
    orphaned.map(|Resource { kind, id, name }| Violation::Orphaned { kind, id: id.clone(), name: name.clone() })
}

/// Returns whether the ledger or the program says that a resource is left.
fn is_known(resource: &Resource, record: &Record) -> bool {
    if record.open.iter().flatten().any(|entry| is_entry_of(entry, resource)) {
        return true;
    }
    match &record.ending {
        Ending::Returned(kept) => kept.contains(&resource.id),
        Ending::Failed(error) => contains_word(&error.all, &resource.id) || contains_word(&error.all, &resource.name),
        // Without a ledger or a recovery, a program that is killed cannot say what it leaves.
        Ending::Killed => record.open.is_none(),
        Ending::Panicked(_) | Ending::Unfinished(_) => false,
    }
}

/// Returns whether a ledger's entry is about a resource: by its id, or by its name while no id is known.
fn is_entry_of(entry: &LedgerEntry, resource: &Resource) -> bool {
    let LedgerEntry { planned, ids, .. } = entry;
    let is_alike = planned.kind.to_string() == resource.kind && planned.name == resource.name;
    if ids.is_empty() { is_alike } else { ids.contains(&resource.id) }
}

/// Returns whether a text contains a name that is not a part of a longer one.
fn contains_word(text: &str, name: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_');
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let (before, after) = (text[..at].chars().next_back(), text[at + name.len()..].chars().next());
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
}

fn duplicated(record: &Record, without_faults: &Record) -> impl Iterator<Item = Violation> {
    let more = record.peaks.iter().filter(|(named, count)| {
        let expected = without_faults.peaks.get(named).copied().unwrap_or(1);
        **count > expected
    });
    more.map(|((kind, name), count)| Violation::Duplicated { kind, name: name.clone(), count: *count })
}

/// Returns the first secret that the program's error or panic contains.
fn leaked_secret(record: &Record) -> Option<Violation> {
    let text = match &record.ending {
        Ending::Failed(ErrorText { all, .. }) | Ending::Panicked(all) => all,
        Ending::Returned(_) | Ending::Killed | Ending::Unfinished(_) => return None,
    };
    if text.contains(&record.token) {
        return Some(Violation::LeakedSecret("the token".into()));
    }
    let secrets = record.requests.iter().filter_map(RecordedRequest::json).flat_map(|body| secrets(&body, None));
    let leaked = secrets.into_iter().find(|(_, secret)| is_contained(text, secret));
    leaked.map(|(field, _)| Violation::LeakedSecret(format!("the `{field}` that was sent")))
}

/// The fields of requests that are secret.
const SECRET_FIELDS: [&str; 3] = ["password", "startup_script", "user_data"];

/// Returns all texts in secret fields, with the names of these fields.
fn secrets(value: &Value, field: Option<&'static str>) -> Vec<(&'static str, String)> {
    match (value, field) {
        (Value::Object(fields), _) => {
            let secret = |name: &str| SECRET_FIELDS.into_iter().find(|secret| *secret == name).or(field);
            // What kind of content it is, is no secret.
            let fields = fields.iter().filter(|(name, _)| !name.ends_with("type"));
            fields.flat_map(|(name, value)| secrets(value, secret(name))).collect()
        }
        (Value::Array(items), _) => items.iter().flat_map(|item| secrets(item, field)).collect(),
        (Value::String(text), Some(field)) => vec![(field, text.clone())],
        _ => vec![],
    }
}

/// The length from which a single line of a script is recognised.
const LINE: usize = 16;

/// Returns whether a text contains a secret, or a whole line of it that is long enough to be no coincidence.
fn is_contained(text: &str, secret: &str) -> bool {
    let lines = secret.lines().map(str::trim).filter(|line| line.len() >= LINE);
    !secret.is_empty() && (text.contains(secret) || lines.into_iter().any(|line| text.contains(line)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_is_found_as_a_whole_word_only() {
        assert!(contains_word("instance \"vm-1\" may exist", "vm-1"));
        assert!(contains_word("vm-1", "vm-1"));
        for text in ["vm-10", "a-vm-1", "nothing", ""] {
            assert!(!contains_word(text, "vm-1"), "{text}");
        }
        assert!(!contains_word("anything", ""));
    }

    #[test]
    fn secrets_are_the_texts_in_secret_fields() {
        let body = json!({
            "name": "vm", "password": "pass", "metadata": { "startup_script": "script" },
            "user_data": [{ "content": "data", "content_type": "text/plain" }],
        });
        let mut found = secrets(&body, None);
        found.sort_unstable();
        let expected = [("password", "pass"), ("startup_script", "script"), ("user_data", "data")];
        assert_eq!(found, expected.map(|(field, secret)| (field, secret.to_owned())));
    }

    #[test]
    fn a_line_of_a_script_is_recognised() {
        let script = "#!/bin/sh\nexport KEY=value-of-the-key\n";
        assert!(is_contained("cannot run export KEY=value-of-the-key", script));
        assert!(!is_contained("cannot run #!/bin/sh", script));
        assert!(!is_contained("", ""));
    }
}
