//! The token in the header of a request.

use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use crate::config::Token;

/// The header that carries the token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthScheme {
    /// `Authorization: Bearer <token>`, as the provider's documentation asks for.
    #[default]
    Bearer,
    /// `X-Auth-Token: <token>`, which the documentation calls deprecated and the provider's own clients still send.
    XAuthToken,
}

/// The token and the header that carries it.
#[derive(Debug)]
pub(crate) struct Credentials {
    pub(crate) token: Token,
    name: HeaderName,
    /// Sensitive, which keeps the token out of the debug output of the HTTP client. All requests share it.
    value: HeaderValue,
}

impl Credentials {
    pub(crate) fn new(token: Token, scheme: AuthScheme) -> Self {
        let (name, text) = match scheme {
            AuthScheme::Bearer => (AUTHORIZATION, format!("Bearer {}", token.expose())),
            AuthScheme::XAuthToken => (HeaderName::from_static("x-auth-token"), token.expose().to_owned()),
        };
        let mut value = HeaderValue::try_from(text).expect("a token is printable ASCII");
        value.set_sensitive(true);
        Self { token, name, value }
    }

    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        headers.insert(&self.name, self.value.clone());
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
            Credentials::new(token, scheme).add_to(&mut headers);
            let values: Vec<_> = headers.values().collect();
            assert!(values.len() == 1 && values[0].is_sensitive() && values[0] == text);
            assert!(!format!("{headers:?}").contains("s3cr3t"), "{headers:?}");
        }
    }
}
