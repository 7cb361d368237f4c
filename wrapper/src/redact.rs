//! Takes secrets out of a stranger's text, should it have echoed them.

use std::cmp::Reverse;

use secrecy::{ExposeSecret, SecretString};

/// The secrets of one call.
#[derive(Debug)]
pub(crate) struct Redactor(Vec<SecretString>);

/// Shorter texts are words, and what contains them would become unreadable.
const SHORTEST: usize = 8;

impl Redactor {
    /// For a call that knows these secrets.
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut redactor = Self(Vec::new());
        secrets.into_iter().for_each(|secret| redactor.hide(secret));
        redactor
    }

    /// Hides one more: as it is, as JSON writes it, also in texts in JSON in texts in JSON, and as an address does.
    pub(crate) fn hide(&mut self, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        let in_json = std::iter::successors(Some(secret.to_owned()), |text| Some(escaped(text))).take(4);
        let in_address = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        self.0.extend(in_json.chain([in_address]).map(SecretString::from));
        // A secret may hold another; without it, the rest would not be known any more.
        self.0.sort_by_key(|form| Reverse(form.expose_secret().len()));
    }

    /// The text without the secrets.
    pub(crate) fn text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), REDACTED))
    }

    /// The same for a body, which may break off in the middle of a secret. JSON can write a secret in many ways; where it
    /// writes one, the body is written anew.
    pub(crate) fn body(&self, body: &str) -> String {
        let anew = serde_json::from_str::<serde_json::Value>(body).map(|json| json.to_string()).unwrap_or_default();
        let redacted = self.text(&anew);
        if redacted == anew { self.without_start_at_end(self.text(body)) } else { redacted }
    }

    fn without_start_at_end(&self, mut text: String) -> String {
        // What is left of a character that was cut.
        let whole = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let start_of = |secret: &SecretString| {
            let secret = secret.expose_secret();
            (SHORTEST..secret.len()).rev().find(|length| whole.as_bytes().ends_with(&secret.as_bytes()[..*length]))
        };
        if let Some(length) = self.0.iter().filter_map(start_of).max() {
            // Where a secret begins, a character does.
            text.truncate(whole.len() - length);
            text.push_str(REDACTED);
        }
        text
    }
}

const REDACTED: &str = "<redacted>";

/// As it stands between the quotes of a JSON text.
fn escaped(text: &str) -> String {
    let in_json = serde_json::Value::from(text).to_string();
    in_json[1..in_json.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::Redactor;

    #[test]
    fn secrets_go_however_they_are_written() {
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
    fn json_in_json_and_addresses_hide_them_too() {
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
    fn a_secret_in_a_secret_does_not_save_the_rest() {
        let redactor = Redactor::new(["the-token-of-it", "curl -H the-token-of-it && rm key"]);
        assert_eq!(redactor.text("ran curl -H the-token-of-it && rm key!"), "ran <redacted>!");
    }

    #[test]
    fn a_body_that_breaks_off_shows_no_start_of_a_secret() {
        let redactor = Redactor::new(["abcdefghijklmnöp"]);
        assert_eq!(redactor.body("token abcdefghijklm"), "token <redacted>");
        let cut = "token abcdefghijklmnö".as_bytes();
        assert_eq!(redactor.body(&String::from_utf8_lossy(&cut[..cut.len() - 1])), "token <redacted>");
        assert_eq!(redactor.body("token abcdefg"), "token abcdefg", "too short to be one");
    }

    #[test]
    fn words_stay_readable() {
        let redact = |secret: &str| Redactor::new([secret]).text("a 12345678 b");
        assert_eq!(redact("12345678"), "a <redacted> b");
        assert_eq!(redact("1234567"), "a 12345678 b");
        assert_eq!(redact(""), "a 12345678 b");
    }
}
