//! The header `Retry-After`.

use std::time::{Duration, SystemTime};

use http::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::transport::http_date::http_date;

/// Returns how long `Retry-After` asks to wait: seconds, or a date, counted from the response's `Date` or else from `now`.
/// `None` if there is no such header, or it cannot be parsed.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok();
    let wanted = text(RETRY_AFTER)?.trim();
    if let Ok(seconds) = wanted.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = http_date(wanted)?;
    let from = text(DATE).and_then(http_date).unwrap_or_else(|| now.into());
    Some((until - from).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_parsed_in_seconds_and_as_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(60);
        let wait = |pairs: &[(http::HeaderName, &str)]| {
            let headers = pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[(RETRY_AFTER, "3")]), Some(3));
        assert_eq!(wait(&[(RETRY_AFTER, "Thu, 01 Jan 1970 00:01:05 GMT")]), Some(5));
        assert_eq!(wait(&[(RETRY_AFTER, "Thu, 01 Jan 1970 00:00:05 GMT")]), Some(0));
        let date = (DATE, "Thu, 01 Jan 1970 00:00:03 GMT");
        assert_eq!(wait(&[(RETRY_AFTER, "Thu, 01 Jan 1970 00:00:05 GMT"), date]), Some(2));
        for odd in ["-1", "1.5", "soon", "99999999999999999999"] {
            assert_eq!(wait(&[(RETRY_AFTER, odd)]), None, "{odd}");
        }
    }
}
