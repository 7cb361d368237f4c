//! Markers: values in a create by which its result is recognised for certain.

use serde::Serialize;
use serde_json::Value;

use crate::ledger::Marker;
use crate::random::{base_36_digit, random_text};

/// The random part of a marker: 10 characters that no other create has, and 2 that are computed from them, by which it is
/// distinguished from other text.
pub(crate) fn random_suffix() -> String {
    let random = random_text(10);
    let check = check_of(&random);
    random + &check
}

/// Whether a text is the random part of a marker, or ends with it, behind a `-`. So does one in 1,296 of other random texts of
/// this form.
pub(crate) fn has_random_suffix(text: &str) -> bool {
    let suffix = text.rsplit('-').next().unwrap_or_default().to_ascii_lowercase();
    let has_its_form = suffix.len() == 12 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric());
    has_its_form && check_of(&suffix[..10]) == suffix[10..]
}

fn check_of(random: &str) -> String {
    let sum = random.bytes().fold(0u64, |sum, byte| (sum * 31 + u64::from(byte)) % 1296);
    [base_36_digit(sum), base_36_digit(sum / 36)].iter().collect()
}

/// Returns the marker in a description: the whole of it, if it has a part that marks it.
pub(super) fn marker_of_description(description: Option<&str>) -> Option<Marker> {
    let marked = description.filter(|text| marker_part(text).is_some());
    marked.map(|text| Marker::new("description", text.to_owned()))
}

/// Returns a description with another text and the same marker.
pub(crate) fn with_text(description: Option<&str>, text: String) -> String {
    match description.and_then(marker_part) {
        Some(marker) => format!("{text} {marker}").trim_start().to_owned(),
        None => text,
    }
}

/// Returns a description with the same text and another marker; an empty one removes it.
pub(crate) fn with_marker(description: Option<&str>, marker: &str) -> String {
    let description = description.unwrap_or_default();
    let text = description.strip_suffix(marker_part(description).unwrap_or_default()).unwrap_or_default().trim_end();
    match marker.trim() {
        "" => text.to_owned(),
        marker => format!("{text} {BEGIN}{marker}]").trim_start().to_owned(),
    }
}

const BEGIN: &str = "[marker ";

fn marker_part(description: &str) -> Option<&str> {
    description.rfind(BEGIN).map(|at| &description[at..]).filter(|part| part.ends_with(']'))
}

/// Whether a resource has a marker.
pub(crate) fn has_marker<T: Serialize>(item: &T, marker: &Marker) -> bool {
    let item = serde_json::to_value(item).unwrap_or_default();
    means_the_same(&marker.field, &Value::from(marker.value.as_str()), &item[&*marker.field])
}

/// Whether a field of a resource holds the random part of a marker, or the marker in a description.
pub(crate) fn is_marked<T: Serialize>(item: &T, field: &str) -> bool {
    let item = serde_json::to_value(item).unwrap_or_default();
    item[field].as_str().is_some_and(|text| has_random_suffix(text) || marker_part(text).is_some())
}

/// Whether two values of a field mean the same, as sent and as returned.
pub(super) fn means_the_same(name: &str, sent: &Value, found: &Value) -> bool {
    match (sent, found) {
        _ if matches!(name, "size" | "disk_size") => is_same_size(sent, found),
        (Value::String(sent), Value::String(found)) => match name {
            // The comment of an SSH key may differ.
            "value" => sent.split_whitespace().take(2).eq(found.split_whitespace().take(2)),
            "hostname" => sent.eq_ignore_ascii_case(found),
            _ => sent == found,
        },
        // Ids of related resources. The service may have added some.
        (Value::Array(sent), Value::Array(found)) => {
            sent.iter().all(|id| !id.is_string() || found.iter().any(|one| one["id"] == *id))
        }
        // Another form of the same, such as an image for its slug; an id can be compared.
        (Value::String(sent), Value::Object(found)) => {
            let id = found.get("id").and_then(Value::as_str).unwrap_or_default();
            !is_id(sent) || sent == id
        }
        _ => found == sent,
    }
}

const GIB: u128 = 1024 * 1024 * 1024;

/// A size is in GiB, or in bytes if it is too large for that.
fn is_same_size(one: &Value, other: &Value) -> bool {
    let bytes = |value: &Value| match value {
        Value::Number(number) => size_in_bytes(&number.to_string()),
        Value::String(text) => size_in_bytes(text),
        _ => None,
    };
    bytes(one).is_some() && bytes(one) == bytes(other)
}

fn size_in_bytes(text: &str) -> Option<u128> {
    let number: u128 = text.trim().trim_end_matches(".0").parse().ok()?;
    // No disk has a million GiB.
    Some(if number < 1_000_000 { number * GIB } else { number })
}

/// Whether a text is a UUID, as ids are; an image can also be given by its slug.
fn is_id(text: &str) -> bool {
    uuid::Uuid::parse_str(text).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_compared_by_meaning() {
        let id = "5a1f2f0e-6f52-4d5c-9b8e-0c8c6a7f1e11";
        for (name, sent, found, expected) in [
            ("region", json!("R1"), json!("R1"), true),
            ("region", json!("R1"), json!("R2"), false),
            ("hostname", json!("Trainer"), json!("trainer"), true),
            ("size", json!(50), json!(50), true),
            ("size", json!(50), json!(53_687_091_200_u64), true),
            ("size", json!(50), json!("53687091200"), true),
            ("size", json!(50), json!(51), false),
            ("size", json!(50), json!(null), false),
            ("size", json!("large"), json!("small"), false),
            ("disk_size", json!(80), json!("80.0"), true),
            ("description", json!("mine"), json!(null), false),
            ("description", json!("mine"), json!("Mine"), false),
            ("value", json!("ssh-ed25519  AAAA"), json!("ssh-ed25519 AAAA them"), true),
            ("value", json!("ssh-ed25519 BBBB them"), json!("ssh-ed25519 AAAA them"), false),
            ("ssh_keys", json!(["k-2"]), json!([{ "id": "k-1" }, { "id": "k-2" }]), true),
            ("ssh_keys", json!(["k-1", "k-3"]), json!([{ "id": "k-1" }, { "id": "k-2" }]), false),
            ("image", json!("ubuntu-24.04"), json!({ "id": id }), true),
            ("image", json!(id), json!({ "id": id }), true),
            ("image", json!(id), json!({ "id": "6a1f2f0e-6f52-4d5c-9b8e-0c8c6a7f1e11" }), false),
        ] {
            assert_eq!(means_the_same(name, &sent, &found), expected, "{name}: {sent}, {found}");
        }
    }

    #[test]
    fn a_description_keeps_text_and_marker_apart() {
        let marked = with_marker(Some("Training data"), "job-1");
        assert_eq!(marked, "Training data [marker job-1]");
        assert_eq!(with_marker(None, "job-1"), "[marker job-1]");
        assert_eq!(with_marker(Some(&marked), "job-2"), "Training data [marker job-2]");
        assert_eq!(with_marker(Some(&marked), " "), "Training data");
        assert_eq!(with_text(Some(&marked), "Test data".into()), "Test data [marker job-1]");
        assert_eq!(with_text(Some("[marker job-1]"), "Test data".into()), "Test data [marker job-1]");
        assert_eq!(with_text(Some("old"), "new".into()), "new");
        let of = |text: &str| marker_of_description(Some(text)).map(|marker| marker.value);
        assert_eq!((of(&marked), of("plain")), (Some(marked.clone()), None));
    }

    #[test]
    fn a_random_suffix_is_recognised_and_other_text_is_not() {
        let suffix = random_suffix();
        for text in [suffix.clone(), format!("trainer-{suffix}"), suffix.to_uppercase()] {
            assert!(has_random_suffix(&text), "{text}");
        }
        let unmarked = format!("trainer{suffix}");
        for text in ["trainer-production", "", "trainer", "größe-größe-größe", &unmarked] {
            assert!(!has_random_suffix(text), "{text}");
        }
        let changed = suffix.replacen(&suffix[..1], if suffix.starts_with('a') { "b" } else { "a" }, 1);
        assert!(!has_random_suffix(&changed), "{suffix}, {changed}");
    }
}
