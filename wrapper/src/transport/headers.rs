//! The headers of every request except the token's: `Accept`, `User-Agent`, and those that callers add.

use http::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, USER_AGENT};

use crate::{Error, Result};

/// This crate's own part of the `User-Agent`.
const OWN_PRODUCT: &str = concat!("genesiscloud-rust/", env!("CARGO_PKG_VERSION"));

/// Headers that are added to these: `Accept`, the token's, and `Host`.
const OTHERS: usize = 3;

/// Headers that a caller must not set: they carry the token, frame a request, or are set by this crate.
const RESERVED: [&str; 12] = [
    "accept",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "proxy-authorization",
    "te",
    "transfer-encoding",
    "user-agent",
    "x-auth-token",
];

/// The headers of every request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Headers(HeaderMap);

impl Headers {
    pub(crate) fn with_user_agent(value: HeaderValue) -> Self {
        Self(HeaderMap::from_iter([(USER_AGENT, value)]))
    }

    /// Adds a caller's header, or replaces it.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let refused = |why: &str| Err(Error::config(format!("the header {name:?} {why}")));
        let Ok(name) = HeaderName::try_from(name) else { return refused("has an invalid name") };
        if RESERVED.contains(&name.as_str()) {
            return refused("is set by this crate; see ClientBuilder for token, scheme and user agent");
        }
        let Ok(mut value) = HeaderValue::try_from(value) else { return refused("has an invalid value") };
        // It may be a secret, so no debug output shows it.
        value.set_sensitive(true);
        self.0.insert(name, value);
        Ok(())
    }

    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        headers.reserve(self.0.len() + OTHERS);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        for (name, value) in &self.0 {
            headers.insert(name, value.clone());
        }
    }
}

/// The `User-Agent`: the caller's product, if there is one, before this crate's.
pub(crate) fn user_agent(callers: Option<&str>) -> Result<HeaderValue> {
    let Some(name) = callers else { return Ok(HeaderValue::from_static(OWN_PRODUCT)) };
    let name = name.trim();
    if name.is_empty() || name.chars().any(|letter| !(' '..='~').contains(&letter)) {
        return Err(Error::config(format!(
            "the user agent {name:?} is empty or has other than printable ASCII characters; for example \
             \"trainer/1.0\""
        )));
    }
    HeaderValue::try_from(format!("{name} {OWN_PRODUCT}")).map_err(|error| Error::config(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_a_caller_are_added_and_replace_none_of_this_crate() {
        let mut headers = Headers::with_user_agent(user_agent(Some(" trainer/1.0 ")).unwrap());
        headers.set("traceparent", "00-a").unwrap();
        headers.set("Traceparent", "00-b").unwrap();
        let mut sent = HeaderMap::new();
        headers.add_to(&mut sent);
        let own = format!("trainer/1.0 {OWN_PRODUCT}");
        let mut sent: Vec<_> = sent.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        sent.sort_unstable();
        assert_eq!(sent, [("accept", "application/json"), ("traceparent", "00-b"), ("user-agent", &own)]);

        for (name, value, says) in [
            ("Authorization", "Bearer x", "is set by this crate"),
            ("X-Auth-Token", "x", "is set by this crate"),
            ("a b", "x", "invalid name"),
            ("x-mine", "a\nb", "invalid value"),
        ] {
            let error = headers.set(name, value).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_user_agent_is_one_line_of_printable_ascii() {
        assert_eq!(user_agent(None).unwrap(), OWN_PRODUCT);
        for bad in ["", " ", "a\nb", "ü"] {
            assert!(user_agent(Some(bad)).unwrap_err().to_string().contains("trainer/1.0"), "{bad:?}");
        }
    }
}
