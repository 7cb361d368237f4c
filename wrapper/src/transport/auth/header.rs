//! A token in the header that carries it.

use std::fmt;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::config::Token;

/// The header that carries the token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthScheme {
    /// `Authorization: Bearer <token>`, as the provider's documentation asks for.
    #[default]
    Bearer,
    /// `X-Auth-Token: <token>`, which the documentation calls deprecated and the provider's own clients still send.
    XAuthToken,
}

/// A token and the header that carries it, made once for all requests with this token.
pub(crate) struct HeaderToken {
    pub(super) token: Token,
    name: HeaderName,
    /// Sensitive, which keeps the token out of the debug output of the HTTP client.
    value: HeaderValue,
}

impl HeaderToken {
    pub(super) fn new(token: Token, scheme: AuthScheme) -> Self {
        let (name, text) = match scheme {
            AuthScheme::Bearer => (AUTHORIZATION, format!("Bearer {}", token.expose())),
            AuthScheme::XAuthToken => (HeaderName::from_static("x-auth-token"), token.expose().to_owned()),
        };
        let text = Bytes::from_owner(HeaderText(text.into()));
        let mut value = HeaderValue::from_maybe_shared(text).expect("a token is printable ASCII");
        value.set_sensitive(true);
        Self { token, name, value }
    }

    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        headers.insert(&self.name, self.value.clone());
    }
}

impl fmt::Debug for HeaderToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.token.fmt(f)
    }
}

/// The text of the header. All copies of the header's value share it, and it is zeroised with the last of them.
struct HeaderText(SecretString);

impl AsRef<[u8]> for HeaderText {
    fn as_ref(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_with_the_token_is_sensitive() {
        for (scheme, text) in [(AuthScheme::Bearer, "Bearer s3cr3t-token"), (AuthScheme::XAuthToken, "s3cr3t-token")] {
            let token = Token::parse("the token", "s3cr3t-token").unwrap();
            let mut headers = HeaderMap::new();
            HeaderToken::new(token, scheme).add_to(&mut headers);
            let values: Vec<_> = headers.values().collect();
            assert!(values.len() == 1 && values[0].is_sensitive() && values[0] == text);
            assert!(!format!("{headers:?}").contains("s3cr3t"), "{headers:?}");
            // Requests copy the value, and the text that is zeroised is the only one.
            assert_eq!(headers.clone().values().next().unwrap().as_bytes().as_ptr(), values[0].as_bytes().as_ptr());
        }
    }
}
