//! What the `Date` header of a response contains.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::error::FaultError;
use crate::yaml;

/// What the `Date` header contains, instead of the time of the sandbox's clock.
///
/// ```
/// use genesiscloud_sandbox::DateHeader;
///
/// let behind = DateHeader::Offset(-7200);
/// let same: DateHeader = "{ offset: -7200 }".parse().unwrap();
/// assert_eq!(behind, same);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DateHeader {
    /// The time of the clock.
    #[default]
    Correct,
    /// There is no header.
    Absent,
    /// The time of the clock plus this number of seconds.
    Offset(i64),
    /// This text, which need not be a date.
    Text(String),
}

impl DateHeader {
    pub(crate) fn check(&self) -> Result<(), FaultError> {
        match self {
            Self::Offset(seconds) if seconds.unsigned_abs() > MAX_OFFSET => {
                Err(FaultError(format!("the offset of a date must be within {MAX_OFFSET} seconds")))
            }
            Self::Text(text) if http::HeaderValue::from_str(text).is_err() => {
                Err(FaultError("the text of a date is not a valid header value".into()))
            }
            _ => Ok(()),
        }
    }

    /// Returns the value of the header at this time.
    pub(crate) fn value(&self, now: DateTime<Utc>) -> Option<String> {
        match self {
            Self::Correct => Some(httpdate::fmt_http_date(now.into())),
            Self::Absent => None,
            Self::Offset(seconds) => Some(httpdate::fmt_http_date((now + TimeDelta::seconds(*seconds)).into())),
            Self::Text(text) => Some(text.clone()),
        }
    }
}

/// Forty years, which keeps dates after 1970.
const MAX_OFFSET: u64 = 40 * 365 * 24 * 3600;

/// Writes the value as [`FromStr`] reads it.
impl fmt::Display for DateHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Correct => f.write_str("correct"),
            Self::Absent => f.write_str("absent"),
            Self::Offset(seconds) => write!(f, "{{ offset: {seconds} }}"),
            Self::Text(text) => write!(f, "{{ text: {text:?} }}"),
        }
    }
}

impl FromStr for DateHeader {
    type Err = FaultError;

    /// Parses YAML or JSON: `correct`, `absent`, `{ offset: -7200 }` or `{ text: yesterday }`.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let date = yaml::parse::<Self>(text).map_err(FaultError)?;
        date.check()?;
        Ok(date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_can_be_read_from_text_and_is_checked() {
        let now = DateTime::from_timestamp(1_748_736_000, 0).unwrap();
        for (text, date, value) in [
            ("correct", DateHeader::Correct, Some("Sun, 01 Jun 2025 00:00:00 GMT")),
            ("absent", DateHeader::Absent, None),
            ("{ offset: -7200 }", DateHeader::Offset(-7200), Some("Sat, 31 May 2025 22:00:00 GMT")),
            ("{ text: \"yesterday\" }", DateHeader::Text("yesterday".into()), Some("yesterday")),
        ] {
            assert_eq!((date.value(now).as_deref(), date.to_string().as_str()), (value, text));
            assert_eq!(text.parse::<DateHeader>(), Ok(date));
        }
        for (date, message) in [
            (DateHeader::Offset(i64::MIN), "the offset of a date must be within 1261440000 seconds"),
            (DateHeader::Text("\n".into()), "the text of a date is not a valid header value"),
        ] {
            assert_eq!(date.check().unwrap_err().to_string(), message);
        }
    }
}
