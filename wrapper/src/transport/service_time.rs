//! The service's time, as read from responses of the API.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use http::header::{DATE, HeaderMap, HeaderValue};

use super::http_date::http_date;

/// How long the head of a response may take for its `Date` to count: that is between the two.
const MAX_DELAY: Duration = Duration::from_secs(5);

/// The time by the service's clock, at a moment of the local monotonic one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    date: DateTime<Utc>,
    at: Instant,
}

impl Reading {
    /// Returns the service's time at an earlier moment, or at most as much before it as the response took.
    pub(crate) fn at(&self, earlier: Instant) -> DateTime<Utc> {
        let before = self.at.saturating_duration_since(earlier);
        TimeDelta::from_std(before)
            .ok()
            .and_then(|before| self.date.checked_sub_signed(before))
            .unwrap_or(DateTime::<Utc>::MIN_UTC)
    }
}

/// The latest reading. It is never compared with the local system time, which may be wrong and may be set.
#[derive(Debug, Default)]
pub(crate) struct ServiceTime(Mutex<Option<(HeaderValue, Reading)>>);

impl ServiceTime {
    /// Reads the `Date` of a response of the API, whose head came this long after it was asked for.
    pub(crate) fn read(&self, headers: &HeaderMap, head_at: Instant, delay: Duration) {
        let Some(header) = headers.get(DATE).filter(|_| delay <= MAX_DELAY) else { return };
        let mut latest = self.latest();
        match &mut *latest {
            // Many responses are of the same second.
            Some((known, reading)) if known == header => reading.at = head_at,
            _ => {
                let Some(date) = header.to_str().ok().and_then(http_date) else { return };
                *latest = Some((header.clone(), Reading { date, at: head_at }));
            }
        }
    }

    /// Returns the latest reading, if it was made since then.
    pub(crate) fn since(&self, start: Instant) -> Option<Reading> {
        self.latest().as_ref().map(|(_, reading)| *reading).filter(|reading| reading.at >= start)
    }

    fn latest(&self) -> MutexGuard<'_, Option<(HeaderValue, Reading)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_date_counts_if_it_came_soon_and_after_the_start() {
        let (service, start) = (ServiceTime::default(), Instant::now());
        let headers = |date: &str| HeaderMap::from_iter([(DATE, date.parse().unwrap())]);
        let date = headers("Mon, 12 Jan 1970 13:46:40 GMT");
        service.read(&HeaderMap::new(), start, SECOND);
        service.read(&headers("yesterday"), start, SECOND);
        service.read(&date, start, 6 * SECOND);
        assert!(service.since(start).is_none());
        service.read(&date, start + 10 * SECOND, 5 * SECOND);
        assert!(service.since(start + 11 * SECOND).is_none());
        let reading = service.since(start).unwrap();
        assert_eq!(reading.at(start).timestamp(), 1_000_000 - 10);
        // The same second again, and another one.
        service.read(&date, start + 11 * SECOND, SECOND);
        assert_eq!(service.since(start + 11 * SECOND).unwrap().at(start).timestamp(), 1_000_000 - 11);
        service.read(&headers("Mon, 12 Jan 1970 13:46:45 GMT"), start + 12 * SECOND, SECOND);
        assert_eq!(service.since(start).unwrap().at(start + 12 * SECOND).timestamp(), 1_000_005);
        assert_eq!(reading.at(start + 20 * SECOND).timestamp(), 1_000_000, "never later than the reading");
    }
}
