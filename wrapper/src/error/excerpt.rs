//! The text around a place in a JSON body, without secrets.

use super::Redactor;
use super::text::printable;

/// How much of a body is searched for secrets, in bytes: around a place, as much before it as a long secret has.
const BEFORE: usize = 48 * 1024;
const AFTER: usize = 16 * 1024;

/// The most that is searched of any other text.
const MAX_TEXT: usize = BEFORE + AFTER;

/// How much of it is shown, in characters. A place is where a parser stopped, so what it did not expect is before it.
const SHOWN_BEFORE: usize = 100;
const SHOWN_AFTER: usize = 40;

/// Returns the text around a place of a JSON body, in quotes. `line` and `column` count from 1, as serde_json counts them;
/// line 0 is the start.
pub(super) fn around(body: &[u8], line: usize, column: usize, redactor: &Redactor) -> String {
    let place = offset(body, line, column);
    let start = if body.len() <= MAX_TEXT { 0 } else { place.saturating_sub(BEFORE) };
    let end = if body.len() <= MAX_TEXT { body.len() } else { body.len().min(place + AFTER) };
    let before = normalised(&String::from_utf8_lossy(&body[start..place]));
    let window = normalised(&String::from_utf8_lossy(&body[start..end]));
    // Secrets are looked for before anything is cut, so that no part of one remains.
    if redactor.withholds(&window) {
        return redactor.text(&window);
    }
    let redacted = redactor.body(&window);
    let place = if redacted == window { before.len() } else { redactor.body(&before).len() };
    let (before, after) = redacted.split_at(boundary(&redacted, place));
    let shown = before.char_indices().rev().nth(SHOWN_BEFORE - 1).map_or(0, |(index, _)| index);
    let cut = after.char_indices().nth(SHOWN_AFTER).map_or(after.len(), |(index, _)| index);
    let dots = |is_cut| if is_cut { "…" } else { "" };
    let (is_cut_before, is_cut_after) = (start > 0 || shown > 0, end < body.len() || cut < after.len());
    let text = printable(&format!("{}{}", &before[shown..], &after[..cut]));
    format!("\"{}{text}{}\"", dots(is_cut_before), dots(is_cut_after))
}

/// Returns a text without secrets, and without its middle if it is longer than `max` characters.
pub(super) fn shortened(text: &str, max: usize, redactor: &Redactor) -> String {
    let text = redactor.text(&text[..boundary(text, MAX_TEXT)]);
    let count = text.chars().count();
    if count <= max {
        return text;
    }
    let half = max / 2;
    let (head, tail) = (text.chars().take(half), text.chars().skip(count - (max - half)));
    head.chain(['…']).chain(tail).collect()
}

/// The last boundary of a character up to `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|index| text.is_char_boundary(*index)).unwrap_or_default()
}

/// Where a line and column are, at the boundary of a character.
pub(super) fn offset(body: &[u8], line: usize, column: usize) -> usize {
    let Some(breaks) = line.checked_sub(1) else { return 0 };
    let line_breaks = body.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(index, _)| index + 1);
    let start = std::iter::once(0).chain(line_breaks).nth(breaks).unwrap_or(body.len());
    let at = body.len().min(start.saturating_add(column));
    let is_inside = |at: &usize| body.get(*at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    (at.saturating_sub(3)..=at).rev().find(|at| !is_inside(at)).unwrap_or(at)
}

/// The JSON with the shortest escape of each character, which is the one that secrets are searched for in.
fn normalised(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let escaped = &rest[at..];
        let length = match (code_unit(escaped), escaped.get(6..).and_then(code_unit)) {
            (Some(high @ 0xd800..=0xdbff), Some(low @ 0xdc00..=0xdfff)) => {
                text.extend(char::decode_utf16([high, low]).flatten());
                12
            }
            (Some(unit), _) => {
                let character = char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER);
                let json = serde_json::Value::from(character.to_string()).to_string();
                text.push_str(&json[1..json.len() - 1]);
                6
            }
            _ if escaped.starts_with(r"\/") => {
                text.push('/');
                2
            }
            _ => {
                // A backslash and what it escapes, which may be another backslash.
                let length = 1 + escaped[1..].chars().next().map_or(0, char::len_utf8);
                text.push_str(&escaped[..length]);
                length
            }
        };
        rest = &escaped[length..];
    }
    text.push_str(rest);
    text
}

/// The code unit of an escape `\uXXXX` at the start.
fn code_unit(json: &str) -> Option<u16> {
    let digits = json.strip_prefix(r"\u")?.get(..4)?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "s3cr3t/t0ken-of-a-test";

    /// A body with this text at the end of 200 KiB of one line, and as much after it.
    fn far(text: &str) -> (Vec<u8>, usize) {
        let body = format!("{}{text}{}", "ü".repeat(100 * 1024), "x".repeat(200 * 1024));
        (body.into_bytes(), 200 * 1024 + text.len())
    }

    fn shown(body: impl AsRef<[u8]>, line: usize, column: usize) -> String {
        around(body.as_ref(), line, column, &Redactor::new([SECRET]))
    }

    #[test]
    fn the_text_around_the_place_is_shown() {
        assert_eq!(shown("[1, x]", 1, 5), r#""[1, x]""#);
        assert_eq!(shown("[1,\n\n 2,\n x]", 4, 2), r#""[1, 2, x]""#);
        assert_eq!(shown("", 1, 0), r#""""#);
        let (body, place) = far("\"here\"");
        assert_eq!(shown(&body, 1, place), format!("\"…{}\"here\"{}…\"", "ü".repeat(94), "x".repeat(40)));
        assert_eq!(shown(&body, 0, 0), format!("\"{}…\"", "ü".repeat(40)));
        let lines = "a\n".repeat(100 * 1024);
        assert_eq!(shown(&lines, 50_000, 1).chars().filter(|letter| *letter == 'a').count(), 70);
    }

    #[test]
    fn any_place_is_shown_at_the_boundary_of_a_character() {
        for body in [
            "\"üüü\"".as_bytes(),
            b"\xff\xfe\xfd",
            b"\x80\x80\x80\x80\x80\x80",
            b"\"\\ud83d\\u",
            b"\\",
            "\\ü".as_bytes(),
        ] {
            for (line, column) in (0..4).flat_map(|line| (0..20).map(move |column| (line, column))) {
                let text = shown(body, line, column);
                assert!(text.starts_with('"') && text.ends_with('"') && text.chars().count() < 30, "{text}");
            }
            assert!(!shown(body, usize::MAX, usize::MAX).is_empty());
        }
    }

    #[test]
    fn a_secret_is_not_shown_wherever_it_is_cut() {
        let escaped = r"s3cr3t\/t0ken\u002dof\u002Da-test";
        for secret in [SECRET, escaped, &SECRET.repeat(3)] {
            let (body, end) = far(&format!("{{\"a\": \"{secret}\", \"b\": 7}}"));
            for place in (end - 120..end + 60).step_by(23) {
                let text = shown(&body, 1, place);
                for part in ["s3cr", "t0ken", "a-test", "002d"] {
                    assert!(!text.contains(part), "{text}");
                }
            }
            let small = format!("{{\"a\": \"{secret}\", \"b\": 7}}");
            (0..small.len()).for_each(|place| assert!(!shown(&small, 1, place).contains("t0ken"), "{place}"));
        }
    }

    #[test]
    fn a_long_text_is_shown_without_its_middle_and_without_secrets() {
        let redactor = Redactor::new([SECRET]);
        assert_eq!(shortened("short", 10, &redactor), "short");
        assert_eq!(shortened("0123456789a", 10, &redactor), "01234…6789a");
        assert_eq!(shortened(SECRET, 10, &redactor), "<redacted>");
        let long = format!("\"{}{SECRET}{}\" is no time", "x".repeat(40), "y".repeat(8 * 1024 * 1024));
        assert!(!shortened(&long, 90, &redactor).contains("s3cr"));
        let cut = format!("{}{SECRET}", "x".repeat(MAX_TEXT - 15));
        assert!(!shortened(&cut, 90, &redactor).contains("s3cr"));
    }

    #[test]
    fn escapes_are_normalised() {
        for (json, text) in [
            (r"a\u0062\/c", "ab/c"),
            (r"\u000a\u0022\u005c\u001F\n", r#"\n\"\\\u001f\n"#),
            (r"\ud83d\ude00 \ud83d x", "😀 \u{fffd} x"),
            (r"\\u0062 \\\u0062", r"\\u0062 \\b"),
            (r"\u12", r"\u12"),
            (r"\u+123", r"\u+123"),
            ("\\", "\\"),
        ] {
            assert_eq!(normalised(json), text);
        }
    }
}
