//! The host name of an instance whose caller did not set one.

/// The longest host name: one label of the domain name system.
const MAX_LENGTH: usize = 63;
/// The length of the random part of a marker.
const SUFFIX_LENGTH: usize = 12;

/// Returns a host name for an instance with this name: one lower-case label, with `-` in place of what a label cannot have.
/// With a suffix, it ends with that.
pub(super) fn hostname_from_name(name: &str, suffix: Option<&str>) -> String {
    let suffix = suffix.map(|suffix| format!("-{suffix}")).unwrap_or_default();
    let replaced =
        name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' });
    let mut label = String::new();
    for letter in replaced.take(MAX_LENGTH) {
        if letter != '-' || (!label.is_empty() && !label.ends_with('-')) {
            label.push(letter);
        }
    }
    label.truncate(MAX_LENGTH - suffix.len());
    match label.trim_end_matches('-') {
        "" => format!("instance{suffix}"),
        label => format!("{label}{suffix}"),
    }
}

/// Returns how the host names begin that are derived from names with this prefix.
pub(crate) fn hostname_prefix(prefix: &str) -> String {
    if prefix.is_empty() {
        return String::new();
    }
    // A longer one is cut off where the marker begins.
    hostname_from_name(prefix, None).chars().take(MAX_LENGTH - "-".len() - SUFFIX_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_one_label() {
        for (name, expected) in [
            ("trainer", "trainer"),
            ("My Trainer_1", "my-trainer-1"),
            ("a.b.example.com", "a-b-example-com"),
            ("--x--", "x"),
            ("7th", "7th"),
            ("Größe", "gr-e"),
            ("火", "instance"),
            ("", "instance"),
        ] {
            assert_eq!(hostname_from_name(name, None), expected, "{name}");
        }
        assert_eq!(hostname_from_name("My Trainer_1", Some("0123456789ab")), "my-trainer-1-0123456789ab");
        assert_eq!(hostname_from_name("火", Some("0123456789ab")), "instance-0123456789ab");
        for suffix in [None, Some("0123456789ab")] {
            let long = hostname_from_name(&"a-".repeat(80), suffix);
            assert!(long.len() <= 63 && !long.contains("--") && !long.ends_with('-'), "{long}");
        }
    }
}
