//! The dates of headers.

use chrono::{DateTime, NaiveDateTime, Utc};

/// The forms that no longer are to be sent, and that a recipient still has to accept (RFC 9110, 5.6.7): those of RFC 850 and of
/// C's `asctime`.
const OBSOLETE: [&str; 2] = ["%A, %d-%b-%y %T GMT", "%a %b %e %T %Y"];

/// Returns the date of a header such as `Date`; `None` if it is none.
pub(super) fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let obsolete = || OBSOLETE.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    match DateTime::parse_from_rfc2822(text) {
        Ok(date) => Some(date.to_utc()),
        Err(_) => obsolete().map(|date| date.and_utc()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn a_date_is_that_of_a_library_of_such_dates() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..1_000 {
            // From 1970 to 2068: of a year of two digits, the century is a guess.
            let date = SystemTime::UNIX_EPOCH + Duration::from_secs(random.u64(..3_092_601_600));
            let utc = DateTime::<Utc>::from(date);
            let texts =
                [httpdate::fmt_http_date(date)].into_iter().chain(OBSOLETE.map(|form| utc.format(form).to_string()));
            for text in texts {
                assert_eq!(httpdate::parse_http_date(&text).unwrap(), date, "{text}");
                assert_eq!(http_date(&text), Some(utc), "{text}");
            }
        }
    }

    #[test]
    fn the_examples_of_the_rfc_are_one_date() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(http_date(text).unwrap().timestamp(), 784_111_777, "{text}");
        }
        for other in ["", "soon", "7", "1994-11-06T08:49:37Z", "Sun, 32 Nov 1994 08:49:37 GMT"] {
            assert_eq!(http_date(other), None, "{other}");
        }
    }
}
