//! JSON as it arrives: with a byte order mark, or with half of a surrogate pair in a text.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

/// Decodes the body of a response.
///
/// Two things that serde_json rejects are accepted: a byte order mark before the JSON, which RFC 8259 lets a parser ignore,
/// and the escape of half a surrogate pair, which is read as the replacement character U+FFFD.
///
/// # Errors
/// When the body is not the JSON of this type. Line and column are those of [`json_text`].
///
/// ```
/// let names: Vec<String> = genesiscloud_bindings::decode_json(b"\xef\xbb\xbf[\"a\\ud83d\"]")?;
/// assert_eq!(names, ["a\u{fffd}"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn decode_json<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    let body = without_mark(body);
    // Such escapes are rare, so they are looked for only when something is wrong.
    serde_json::from_slice(body).or_else(|error| match with_whole_pairs(body) {
        Cow::Borrowed(_) => Err(error),
        Cow::Owned(text) => serde_json::from_slice(&text),
    })
}

/// Returns a body as the JSON that [`decode_json`] reads: without a byte order mark, and with `\ufffd` in place of the escape
/// of half a surrogate pair.
///
/// ```
/// assert_eq!(&*genesiscloud_bindings::json_text(b"[\"a\\ud83d\"]"), b"[\"a\\ufffd\"]");
/// ```
pub fn json_text(body: &[u8]) -> Cow<'_, [u8]> {
    with_whole_pairs(without_mark(body))
}

fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)
}

/// Replaces escapes by others of the same length, so that all places remain.
fn with_whole_pairs(json: &[u8]) -> Cow<'_, [u8]> {
    let mut text = Cow::Borrowed(json);
    let mut at = 0;
    while let Some(found) = json.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        at += found;
        at += match (code_unit(json, at), code_unit(json, at + ESCAPE)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 2 * ESCAPE,
            (Some(0xd800..=0xdfff), _) => {
                text.to_mut()[at..at + ESCAPE].copy_from_slice(br"\ufffd");
                ESCAPE
            }
            // A backslash and what it escapes, which may be another backslash.
            _ => 2,
        };
    }
    text
}

/// The length of an escape `\uXXXX`.
const ESCAPE: usize = 6;

fn code_unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + ESCAPE)?.strip_prefix(br"\u")?;
    digits.iter().try_fold(0, |unit, digit| Some((unit << 4) | char::from(*digit).to_digit(16)? as u16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_skipped_once_and_at_the_start_only() {
        let read = |body: &str| decode_json::<Vec<String>>(body.as_bytes()).ok();
        assert_eq!(read("\u{feff}[\"a\"]"), Some(vec!["a".into()]));
        assert_eq!(read("\u{feff} [\"\u{feff}\"]"), Some(vec!["\u{feff}".into()]));
        assert_eq!((read("\u{feff}\u{feff}[]"), read(" \u{feff}[]"), read("[]\u{feff}")), (None, None, None));
    }

    #[test]
    fn half_a_surrogate_pair_is_a_replacement_character() {
        for (json, text) in [
            (r"da\ud83dta", "da\u{fffd}ta"),
            (r"\uDC00", "\u{fffd}"),
            (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
            (r"\ud83d\ude00\ude00", "😀\u{fffd}"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r"\\ud83d\ud83d", "\\ud83d\u{fffd}"),
            (r"\\\ud83d", "\\\u{fffd}"),
            (r#"\"\ud83d\""#, "\"\u{fffd}\""),
        ] {
            assert_eq!(decode_json::<String>(format!("\"{json}\"").as_bytes()).unwrap(), text, "{json}");
        }
    }

    #[test]
    fn other_errors_remain_with_their_place() {
        for json in [r#"["\ud83d", 7"#, r#"["\ud83d\"#, r#"["\ud83"#, r#"["\ud83d\u"#, r"\", "\\"] {
            assert!(decode_json::<Vec<String>>(json.as_bytes()).is_err(), "{json}");
        }
        let error = decode_json::<Vec<String>>(br#"["\ud83d", 7]"#).unwrap_err();
        assert!(error.to_string().starts_with("invalid type: integer `7`"), "{error}");
        assert_eq!((error.line(), error.column()), (1, 12));
    }

    #[test]
    fn json_without_such_escapes_is_not_copied() {
        assert!(matches!(json_text(br#"{"a": "\ud83d\ude00 \\ud83d"}"#), Cow::Borrowed(_)));
    }
}
