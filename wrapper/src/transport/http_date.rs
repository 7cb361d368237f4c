//! The dates of headers.

use chrono::{DateTime, NaiveDateTime, Utc};

/// The forms of a date (RFC 9110, 5.6.7). The others than the first, of RFC 850 and of C's `asctime`, are no longer to be sent,
/// but a recipient has to accept them.
const FORMS: [&str; 4] = ["%a, %d %b %Y %T GMT", "%A, %d-%b-%y %T GMT", "%a %b %e %T %Y", "%a %b %d %T %Y"];

/// Returns the date of a header such as `Date`; `None` if it is none.
pub(super) fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let date = FORMS.iter().find_map(|form| {
        let date = NaiveDateTime::parse_from_str(text, form).ok()?;
        // The parser takes digits, blanks and letters in more forms than there are.
        date.format(form).to_string().eq(text).then_some(date)
    });
    date.map(|date| date.and_utc())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn a_date_is_that_of_a_library_of_such_dates() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut refused = 0;
        for _ in 0..10_000 {
            // From 1970 to 2068: of a year of two digits, the century is a guess.
            let date = SystemTime::UNIX_EPOCH + Duration::from_secs(random.u64(..3_092_601_600));
            let form = random.usize(..FORMS.len());
            let text = DateTime::<Utc>::from(date).format(FORMS[form]).to_string();
            assert_eq!(httpdate::parse_http_date(&text).unwrap(), date, "{text}");
            assert_eq!(http_date(&text), Some(date.into()), "{text}");
            // The library knows no leap seconds and no time before 1970, and does not look at the byte between year and hour
            // of the second form.
            let ignored = if form == 1 { text.len() - "00:00:00 GMT".len() - 1 } else { text.len() };
            let mut bytes = text.into_bytes();
            let at = random.usize(..bytes.len());
            bytes[at] = random.choice(*b" 0123456789:-,AaDGJMSTu\x7f").unwrap();
            if let Ok(text) = String::from_utf8(bytes)
                && at != ignored
                && !text.contains(":60")
            {
                let known = httpdate::parse_http_date(&text).ok().map(DateTime::<Utc>::from);
                assert_eq!(http_date(&text).filter(|date| date.timestamp() >= 0), known, "{text}");
                refused += usize::from(known.is_none());
            }
        }
        assert!(refused > 1_000, "{refused}");
    }

    #[test]
    fn the_examples_of_the_rfc_are_one_date() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", " Sun Nov  6 08:49:37 1994 "] {
            assert_eq!(http_date(text).unwrap().timestamp(), 784_111_777, "{text}");
        }
        for other in [
            "",
            "soon",
            "7",
            "1994-11-06T08:49:37Z",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 PST",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 11994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
        ] {
            assert_eq!(http_date(other), None, "{other}");
        }
    }
}
