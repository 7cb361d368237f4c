//! The token in the header of a request.

use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use crate::config::Token;

/// The header that carries the token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthScheme {
    /// `Authorization: Bearer <token>`, what the provider's documentation asks for.
    #[default]
    Bearer,
    /// `X-Auth-Token: <token>`, which the documentation calls deprecated and the provider's own clients still send.
    XAuthToken,
}

/// The token and how it is sent.
#[derive(Debug)]
pub(crate) struct Credentials {
    pub(crate) token: Token,
    pub(crate) scheme: AuthScheme,
}

impl Credentials {
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        let (name, text) = match self.scheme {
            AuthScheme::Bearer => (AUTHORIZATION, format!("Bearer {}", self.token.expose())),
            AuthScheme::XAuthToken => (HeaderName::from_static("x-auth-token"), self.token.expose().to_owned()),
        };
        let mut value = HeaderValue::try_from(text).expect("a token is printable ASCII");
        // Keeps it out of the debug output of the HTTP client.
        value.set_sensitive(true);
        headers.insert(name, value);
    }

    /// The text without the token, should a stranger have echoed it. Short tokens are no secrets but words.
    pub(crate) fn redact(&self, text: &str) -> String {
        let token = self.token.expose();
        if token.len() < 8 { text.to_owned() } else { text.replace(token, "<redacted>") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echoed_token_is_redacted_and_a_word_is_not() {
        let redact = |token: &str, text: &str| {
            Credentials { token: Token::parse(token).unwrap(), scheme: AuthScheme::Bearer }.redact(text)
        };
        assert_eq!(redact("12345678", "a 12345678 b 12345678"), "a <redacted> b <redacted>");
        assert_eq!(redact("1234567", "a 1234567 b"), "a 1234567 b");
    }
}
