//! The error of a success whose body is not what the document promises: the place, what is wrong there, and the text around
//! it, and whether it is the page of an intermediary. The work is linear in the size of the body, and secrets are searched for
//! in 64 KiB.

use genesiscloud_bindings::json_text;

use super::excerpt::{around, offset, shortened};
use super::place::path;
use super::{Error, ErrorKind, Redactor};

/// How much of a place and of a reason is shown, in characters. Names of fields and values come from outside.
const MAX_PLACE: usize = 80;
const MAX_REASON: usize = 110;

/// What is added to the reason of a body that is HTML.
const HTML: &str = "; the body is HTML, so an intermediary may have responded in place of the API";

/// How far into a body its HTML begins at most, in bytes: comments and an XML declaration may be before it.
const MAX_BEFORE_HTML: usize = 1024;

/// The error of a body that cannot be decoded because of `error`. Of a confidential one nothing is shown, since it can hold
/// secrets. `within` is the path of the body in the response, if it is a part of one.
pub(crate) fn undecodable(
    body: &[u8],
    error: &serde_json::Error,
    within: &str,
    redactor: &Redactor,
    is_confidential: bool,
) -> Error {
    if body.is_empty() {
        return Error::new(ErrorKind::Decode, "it is empty");
    }
    let body = json_text(body);
    let (line, column) = (error.line(), error.column());
    // The byte that is not JSON counts in the column, and is no part of what is before it.
    let path = path(&body, offset(&body, line, column).saturating_sub(usize::from(error.is_syntax())));
    let separator = if within.is_empty() || path.is_empty() || path.starts_with('[') { "" } else { "." };
    let place = match &*shortened(&format!("{within}{separator}{path}"), MAX_PLACE, redactor) {
        "" => String::new(),
        place => format!("{place}: "),
    };
    let message = if is_confidential {
        format!("{place}not as documented; not shown, since it can hold secrets")
    } else {
        let at = if line == 0 { String::new() } else { format!(" at line {line} column {column}") };
        let reason = error.to_string();
        let reason = shortened(reason.strip_suffix(&at).unwrap_or(&reason), MAX_REASON, redactor);
        format!("{place}{reason}{at}, in {}", around(&body, line, column, redactor))
    };
    let origin = if is_html(&body) { HTML } else { "" };
    Error::new(ErrorKind::Decode, format!("{message}{origin}"))
}

/// Whether a body is an HTML page, whatever its content type says.
fn is_html(body: &[u8]) -> bool {
    let start = &body[..body.len().min(MAX_BEFORE_HTML)];
    let has = |tag: &[u8]| start.windows(tag.len()).any(|part| part.eq_ignore_ascii_case(tag));
    start.trim_ascii_start().starts_with(b"<") && (has(b"<html") || has(b"<!doctype html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_mistake_in_the_syntax_is_what_is_open_before_it() {
        for (body, place) in [
            (r#"{"volumes":[],"page":,"x":1}"#, "page: "),
            (r#"{"volumes":[],"total_count":}"#, "total_count: "),
            (r#"{"volumes":[{"id":"a","size":]}"#, "volumes[0].size: "),
            (r#"{"volumes":[,{}]}"#, "volumes[0]: "),
            (r#"{"volumes":[{"id":"a","size":50[}"#, "volumes[0].size: "),
            (r#"{"volumes":[{"tags":[1,2}"#, "volumes[0].tags[1]: "),
            (r#"{"volumes":[{"tags":[1"#, "volumes[0].tags[0]: "),
            ("<html>", "expected value"),
        ] {
            let error = serde_json::from_str::<serde_json::Value>(body).unwrap_err();
            let error = undecodable(body.as_bytes(), &error, "", &Redactor::new([""]), false);
            assert!(error.message().starts_with(place), "{body}: {}", error.message());
        }
    }

    #[test]
    fn a_body_that_is_html_may_be_an_intermediarys() {
        let message = |body: &str, is_confidential| {
            let error = serde_json::from_str::<Vec<u8>>(body).unwrap_err();
            let redactor = Redactor::new(["s3cr3t-of-a-test"]);
            undecodable(body.as_bytes(), &error, "", &redactor, is_confidential).message().to_owned()
        };
        for html in [
            "<html></html>",
            "\u{feff}\r\n <!DOCTYPE html><title>Sign in</title>",
            "<!-- a portal --><HTML lang=en>",
            "<?xml version=\"1.0\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\">",
        ] {
            assert!(message(html, false).ends_with(HTML) && message(html, true).ends_with(HTML), "{html}");
        }
        for other in ["", "[1", "{\"page\": \"<html>\"}", "<error>no route</error>", "error code: 521"] {
            assert!(!message(other, false).contains("HTML"), "{other}");
        }
    }
}
