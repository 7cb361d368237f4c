//! Path segments: an id goes to the resource it names, or nowhere.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Error;

/// Everything but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a value cannot go into a path, in words.
#[derive(Debug)]
pub(crate) struct Refused(String);

impl From<Refused> for Error<()> {
    fn from(Refused(reason): Refused) -> Self {
        Self::InvalidRequest(reason)
    }
}

/// `value` as one segment of a path.
///
/// Refuses what a URL parser would resolve into another path or drop, and encodes the rest.
pub(crate) fn path_segment(name: &str, value: &str) -> Result<String, Refused> {
    let refused = |reason: &str| Err(Refused(format!("{name} {value:?} {reason}")));
    match value {
        "" => refused("is empty, and would reach the list instead of one resource"),
        "." | ".." => refused("would reach another path"),
        _ if value.chars().any(char::is_control) => refused("has control characters, which no id has"),
        _ => Ok(utf8_percent_encode(value, RESERVED).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_and_the_rest_is_encoded() {
        for (value, segment) in [
            ("2f1c8d5e-0000-4000-8000-000000000001", "2f1c8d5e-0000-4000-8000-000000000001"),
            ("NORD-NO-KRS-1", "NORD-NO-KRS-1"),
            ("a/b", "a%2Fb"),
            (r"..\x", "..%5Cx"),
            ("%2e%2e", "%252e%252e"),
            ("a?b#c", "a%3Fb%23c"),
            ("...", "..."),
            ("ü", "%C3%BC"),
        ] {
            assert_eq!(path_segment("id", value).unwrap(), segment);
        }
    }

    #[test]
    fn what_would_reach_elsewhere_is_refused_in_words() {
        for (value, sentence) in [
            ("", r#"volume_id "" is empty, and would reach the list instead of one resource"#),
            ("..", r#"volume_id ".." would reach another path"#),
            (".", r#"volume_id "." would reach another path"#),
            ("a\nb", r#"volume_id "a\nb" has control characters, which no id has"#),
        ] {
            assert_eq!(path_segment("volume_id", value).unwrap_err().0, sentence);
        }
    }
}
