//! The difference between the service's clock and the local one, as measured from responses.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use http::header::DATE;

/// By how much the service's clock is ahead; unknown before the first response with a `Date`.
///
/// The latest response counts, since clocks are adjusted. Its `Date` was right when the response was made, which is before
/// it arrived: a response that took long makes the service seem behind by as much.
#[derive(Debug, Default)]
pub(crate) struct ClockSkew(Mutex<Option<TimeDelta>>);

impl ClockSkew {
    /// Measures the skew from a response that arrived now.
    pub(super) fn update(&self, headers: &HeaderMap, now: SystemTime) {
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        let Some(date) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else { return };
        let ahead = DateTime::<Utc>::from(date).signed_duration_since(DateTime::<Utc>::from(now));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
    }

    pub(crate) fn get(&self) -> Option<TimeDelta> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_latest_response_with_a_date_counts() {
        let skew = ClockSkew::default();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let headers = |date: &str| HeaderMap::from_iter([(DATE, date.parse().unwrap())]);
        skew.update(&HeaderMap::new(), now);
        skew.update(&headers("yesterday"), now);
        assert_eq!(skew.get(), None);
        for (date, ahead) in [("Mon, 12 Jan 1970 13:46:40 GMT", 0), ("Mon, 12 Jan 1970 13:46:20 GMT", -20)] {
            skew.update(&headers(date), now);
            assert_eq!(skew.get(), Some(TimeDelta::seconds(ahead)));
        }
    }
}
