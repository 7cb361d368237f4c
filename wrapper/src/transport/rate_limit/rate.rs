//! A rate: how many requests are sent on average, and how many at once.

use std::time::Duration;

/// The longest period, and longer than any program waits.
pub(in crate::transport) const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// A rate of requests: an average, and a burst after idle time.
///
/// The default is what the provider's documentation allows, 10 requests per second on average. The documentation does not
/// mention bursts; a burst of 9, one less than a second's worth, leaves room for requests that catch up with one another on
/// their way.
///
/// ```
/// use std::time::Duration;
/// use genesiscloud::Rate;
///
/// assert_eq!(Rate::default(), Rate::per_second(10).with_burst(9));
/// assert_eq!(Rate::per_second(10), Rate::every(Duration::from_millis(100)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Rate {
    period: Duration,
    burst: u32,
}

impl Rate {
    /// Returns a rate of this many requests per second on average, at least 1, without bursts.
    ///
    /// ```
    /// let half = genesiscloud::Rate::per_second(5);
    /// ```
    pub fn per_second(requests: u32) -> Self {
        Self::every(Duration::from_secs(1) / requests.max(1))
    }

    /// Returns a rate of one request per period on average, without bursts. The period is at least a nanosecond and at most a
    /// year.
    ///
    /// ```
    /// // For each of 20 programs that share 10 requests per second.
    /// let rate = genesiscloud::Rate::every(std::time::Duration::from_secs(2));
    /// ```
    pub fn every(period: Duration) -> Self {
        Self { period: period.clamp(Duration::from_nanos(1), YEAR), burst: 1 }
    }

    /// Returns the average time between requests.
    pub fn period(&self) -> Duration {
        self.period
    }

    /// Returns how many requests are sent at once.
    pub fn burst(&self) -> u32 {
        self.burst
    }

    /// Sets how many requests, at least 1, may be sent at once after an idle time of as many periods.
    ///
    /// ```
    /// let rate = genesiscloud::Rate::per_second(5).with_burst(5);
    /// ```
    pub fn with_burst(self, requests: u32) -> Self {
        Self { burst: requests.max(1), ..self }
    }
}

impl Default for Rate {
    fn default() -> Self {
        Self::per_second(10).with_burst(9)
    }
}
