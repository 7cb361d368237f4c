//! Takes secrets out of a stranger's text, should it have echoed them.

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

    /// Hides one more.
    pub(crate) fn hide(&mut self, secret: &str) {
        if secret.len() >= SHORTEST {
            let in_json = serde_json::Value::from(secret).to_string();
            let without_quotes = &in_json[1..in_json.len() - 1];
            self.0.extend([secret, without_quotes].map(SecretString::from));
        }
    }

    /// The text without the secrets, as they are and as JSON writes them.
    pub(crate) fn text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), "<redacted>"))
    }

    /// The same for a body. JSON can write a secret in many ways; where it writes one, the body is written anew.
    pub(crate) fn body(&self, body: &str) -> String {
        let anew = serde_json::from_str::<serde_json::Value>(body).map(|json| json.to_string()).unwrap_or_default();
        let redacted = self.text(&anew);
        if redacted == anew { self.text(body) } else { redacted }
    }
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
    fn words_stay_readable() {
        let redact = |secret: &str| Redactor::new([secret]).text("a 12345678 b");
        assert_eq!(redact("12345678"), "a <redacted> b");
        assert_eq!(redact("1234567"), "a 12345678 b");
        assert_eq!(redact(""), "a 12345678 b");
    }
}
