//! Redacts secrets in text from outside, which may echo them.

use std::cmp::Reverse;

use secrecy::{ExposeSecret, SecretString};

/// The secrets of one call.
#[derive(Debug)]
pub(crate) struct Redactor(Vec<SecretString>);

/// Secrets shorter than this, in bytes, are not searched for: they may be ordinary words, and text would become unreadable.
const MIN_LENGTH: usize = 8;

impl Redactor {
    /// A redactor of these secrets.
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut redactor = Self(Vec::new());
        secrets.into_iter().for_each(|secret| redactor.add(secret));
        redactor
    }

    /// Adds a secret in all forms in which it may be echoed: as it is, escaped as in JSON up to three times (JSON in a JSON
    /// string), and percent-encoded.
    pub(crate) fn add(&mut self, secret: &str) {
        if secret.len() < MIN_LENGTH {
            return;
        }
        let json_forms = std::iter::successors(Some(secret.to_owned()), |text| Some(escaped(text))).take(4);
        let url_form = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        self.0.extend(json_forms.chain([url_form]).map(SecretString::from));
        // Longest first: once a secret inside another is replaced, the outer one no longer matches.
        self.0.sort_by_key(|form| Reverse(form.expose_secret().len()));
    }

    /// Returns the text with all secrets replaced.
    pub(crate) fn text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), REDACTED))
    }

    /// Returns a body with all secrets replaced. A body may be cut off inside a secret, and JSON can escape a secret in
    /// many ways; if it holds an escaped one, the JSON is serialised anew.
    pub(crate) fn body(&self, body: &str) -> String {
        let reserialised =
            serde_json::from_str::<serde_json::Value>(body).map(|json| json.to_string()).unwrap_or_default();
        let redacted = self.text(&reserialised);
        if redacted == reserialised { self.without_cut_off_secret(self.text(body)) } else { redacted }
    }

    fn without_cut_off_secret(&self, mut text: String) -> String {
        // A character that was cut off reads as replacement characters.
        let whole = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let cut_off_length = |secret: &SecretString| {
            let secret = secret.expose_secret();
            (MIN_LENGTH..secret.len()).rev().find(|length| whole.as_bytes().ends_with(&secret.as_bytes()[..*length]))
        };
        if let Some(length) = self.0.iter().filter_map(cut_off_length).max() {
            // A secret begins at a character boundary.
            text.truncate(whole.len() - length);
            text.push_str(REDACTED);
        }
        text
    }
}

const REDACTED: &str = "<redacted>";

/// The text as it stands between the quotes of a JSON string.
fn escaped(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    json[1..json.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::Redactor;

    #[test]
    fn secrets_are_redacted_in_every_escaped_form() {
        let redactor = Redactor::new(["abcd/efgh+1234", "line one\nline \"two\""]);
        for (text, redacted) in [
            ("a abcd/efgh+1234 b abcd/efgh+1234", "a <redacted> b <redacted>"),
            ("line one\nline \"two\"!", "<redacted>!"),
            (r#"{"a": "line one\nline \"two\""}"#, r#"{"a":"<redacted>"}"#),
            (r#"{"a": "abcd\/efgh\u002b1234"}"#, r#"{"a":"<redacted>"}"#),
            (r#"{"a":  "nothing"}"#, r#"{"a":  "nothing"}"#),
            ("<html>", "<html>"),
        ] {
            assert_eq!(redactor.body(text), redacted);
        }
    }

    #[test]
    fn secrets_in_nested_json_and_urls_are_redacted() {
        let script = "#!/bin/sh\nexport KEY=\"in-the-script\"";
        let redactor = Redactor::new([script, "abcd/efgh+1234"]);
        let request = serde_json::json!({ "startup_script": script }).to_string();
        let message = serde_json::json!({ "message": format!("bad: {request}") }).to_string();
        for text in [&request, &message, &format!("bad: {message}")] {
            assert!(!redactor.body(text).contains("in-the-script"), "{}", redactor.body(text));
        }
        assert_eq!(redactor.text("/?token=abcd%2Fefgh%2B1234&a"), "/?token=<redacted>&a");
    }

    #[test]
    fn a_secret_inside_another_does_not_expose_the_rest() {
        let redactor = Redactor::new(["the-token-of-it", "curl -H the-token-of-it && rm key"]);
        assert_eq!(redactor.text("ran curl -H the-token-of-it && rm key!"), "ran <redacted>!");
    }

    #[test]
    fn a_body_cut_off_inside_a_secret_shows_no_part_of_it() {
        let redactor = Redactor::new(["abcdefghijklmnöp"]);
        assert_eq!(redactor.body("token abcdefghijklm"), "token <redacted>");
        let cut = "token abcdefghijklmnö".as_bytes();
        assert_eq!(redactor.body(&String::from_utf8_lossy(&cut[..cut.len() - 1])), "token <redacted>");
        assert_eq!(redactor.body("token abcdefg"), "token abcdefg", "too short to be one");
    }

    #[test]
    fn short_secrets_are_not_searched_for() {
        let redact = |secret: &str| Redactor::new([secret]).text("a 12345678 b");
        assert_eq!(redact("12345678"), "a <redacted> b");
        assert_eq!(redact("1234567"), "a 12345678 b");
        assert_eq!(redact(""), "a 12345678 b");
    }
}
