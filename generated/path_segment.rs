//! Encoding of path parameters, such that an id reaches the resource it names and no other.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use progenitor_client::Error;

/// All characters except those that RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The reason why a value cannot be a path segment.
#[derive(Debug)]
pub(crate) struct InvalidSegment(String);

impl From<InvalidSegment> for Error<()> {
    fn from(InvalidSegment(reason): InvalidSegment) -> Self {
        Self::InvalidRequest(reason)
    }
}

/// Encodes the value of the parameter `name` as one path segment.
///
/// # Errors
/// When a URL parser would drop the segment or resolve it into another path.
pub(crate) fn path_segment(name: &str, value: &str) -> Result<String, InvalidSegment> {
    let invalid = |reason: &str| Err(InvalidSegment(format!("{name} {value:?} {reason}")));
    match value {
        "" => invalid("is empty, and would reach the list instead of one resource"),
        "." | ".." => invalid("would reach another path"),
        _ if value.chars().any(char::is_control) => invalid("has control characters, which no id has"),
        // A `Cow`, which copies a value without such characters at once.
        _ => Ok(Cow::from(utf8_percent_encode(value, RESERVED)).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_characters_are_percent_encoded() {
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
    fn a_value_that_would_change_the_path_is_an_error_with_the_reason() {
        for (value, message) in [
            ("", r#"volume_id "" is empty, and would reach the list instead of one resource"#),
            ("..", r#"volume_id ".." would reach another path"#),
            (".", r#"volume_id "." would reach another path"#),
            ("a\nb", r#"volume_id "a\nb" has control characters, which no id has"#),
        ] {
            assert_eq!(path_segment("volume_id", value).unwrap_err().0, message);
        }
    }
}
