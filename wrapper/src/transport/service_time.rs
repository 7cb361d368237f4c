//! How far the service's clock is from this machine's, as its answers tell.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use http::header::DATE;

/// By how much the service's clock is ahead; none before the first answer that tells.
///
/// The last answer counts, since clocks are set. Its `Date` was true when it was made, which is before it arrived: one that
/// took long makes the service seem behind by as much.
#[derive(Debug, Default)]
pub(crate) struct ServiceTime(Mutex<Option<TimeDelta>>);

impl ServiceTime {
    /// Learns from an answer that arrived now.
    pub(super) fn learn(&self, headers: &HeaderMap, now: SystemTime) {
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        let Some(date) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else { return };
        let ahead = DateTime::<Utc>::from(date).signed_duration_since(DateTime::<Utc>::from(now));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
    }

    pub(crate) fn offset(&self) -> Option<TimeDelta> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_last_answer_tells() {
        let time = ServiceTime::default();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let headers = |date: &str| HeaderMap::from_iter([(DATE, date.parse().unwrap())]);
        time.learn(&HeaderMap::new(), now);
        time.learn(&headers("yesterday"), now);
        assert_eq!(time.offset(), None);
        for (date, ahead) in [("Mon, 12 Jan 1970 13:46:40 GMT", 0), ("Mon, 12 Jan 1970 13:46:20 GMT", -20)] {
            time.learn(&headers(date), now);
            assert_eq!(time.offset(), Some(TimeDelta::seconds(ahead)));
        }
    }
}
