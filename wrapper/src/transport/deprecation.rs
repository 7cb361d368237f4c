//! Warnings of operations that the service announces to change or to end, by the headers `Deprecation` (RFC 9745) and `Sunset`
//! (RFC 8594).

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, SecondsFormat};
use http::header::{HeaderMap, HeaderName};
use tracing::warn;

use super::http_date::http_date;

// Parsed once, since each response is searched for them.
static DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
static SUNSET: HeaderName = HeaderName::from_static("sunset");

/// The operations of which a client has warned.
#[derive(Debug, Default)]
pub(crate) struct Deprecations(Mutex<HashSet<&'static str>>);

impl Deprecations {
    /// Warns of an operation if the headers of its response announce something, and that is new.
    pub(super) fn read(&self, operation: &'static str, headers: &HeaderMap) {
        if !headers.contains_key(&DEPRECATION) && !headers.contains_key(&SUNSET) {
            return;
        }
        if !self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(operation) {
            return;
        }
        let value = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        let deprecated = value(&DEPRECATION).and_then(date).map(tracing::field::display);
        let sunset = value(&SUNSET).and_then(date).map(tracing::field::display);
        warn!(operation, deprecated, sunset, "the service announces that this operation is deprecated or will end");
    }
}

/// A date as `@` with the seconds since 1970, or as in other headers of HTTP; earlier drafts of `Deprecation` had the latter. Nothing
/// else of a header is logged.
fn date(text: &str) -> Option<String> {
    let date = match text.strip_prefix('@') {
        Some(seconds) => DateTime::from_timestamp(seconds.parse::<u64>().ok()?.try_into().ok()?, 0)?,
        None => http_date(text)?,
    };
    Some(date.to_rfc3339_opts(SecondsFormat::Secs, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_one_of_two_forms() {
        for (text, expected) in [
            ("@1688169599", Some("2023-06-30T23:59:59Z")),
            ("Sun, 11 Nov 2018 23:59:59 GMT", Some("2018-11-11T23:59:59Z")),
            ("@99999999999999999999", None),
            ("@9223372036854775807", None),
            ("@-1", None),
            ("true", None),
            ("", None),
        ] {
            assert_eq!(date(text).as_deref(), expected, "{text}");
        }
    }
}
