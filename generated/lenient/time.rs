//! Times: without a zone, a time is UTC; an optional time that is an empty text is none.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Lenient;

impl Lenient for DateTime<Utc> {
    const IS_NONE_IF_EMPTY: bool = true;

    fn read(value: Value) -> Result<Self, String> {
        match &value {
            Value::String(text) => Self::read_text(text),
            _ => Err(format!("{value} is not a time")),
        }
    }

    fn read_text(text: &str) -> Result<Self, String> {
        parse(text).map_err(|reason| format!("{} is not a time: {reason}", Value::from(text)))
    }
}

fn parse(text: &str) -> Result<DateTime<Utc>, chrono::ParseError> {
    text.parse().or_else(|error| match text.bytes().last() {
        Some(b'0'..=b'9') => format!("{text}Z").parse().map_err(|_| error),
        _ => Err(error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        DateTime::read(Value::from(text)).map(|time: DateTime<Utc>| time.to_rfc3339())
    }

    #[test]
    fn a_time_without_a_zone_is_utc() {
        for text in ["2025-03-18T16:25:45.883Z", "2025-03-18T16:25:45.883", "2025-03-18T17:25:45.883+01:00"] {
            assert_eq!(read(text).unwrap(), "2025-03-18T16:25:45.883+00:00", "{text}");
        }
        for text in ["2025-03-18T16:25:45", "2025-03-18 16:25:45", "2025-03-18T18:25:45+0200"] {
            assert_eq!(read(text).unwrap(), "2025-03-18T16:25:45+00:00", "{text}");
        }
    }

    #[test]
    fn what_is_not_a_time_is_an_error_that_names_it() {
        for text in [
            "",
            "yesterday",
            "2025-03-18",
            "2025-03-18 16:25",
            "2025-02-30T16:25:45",
            "2025-03-18T16:25:45+02",
            "2025-03-18T16:25:45-1",
            "2025-03-18T16:25:45 2",
            "1742315145",
        ] {
            assert!(read(text).unwrap_err().starts_with(&format!("\"{text}\" is not a time: ")), "{text}");
        }
        assert_eq!(<DateTime<Utc>>::read(Value::from(7)), Err("7 is not a time".into()));
        assert_eq!(<DateTime<Utc>>::read(Value::Null), Err("null is not a time".into()));
    }

    #[test]
    fn an_optional_time_may_be_empty_or_null() {
        let read = |value: Value| <Option<DateTime<Utc>>>::read(value);
        assert_eq!((read(Value::Null), read(Value::from(""))), (Ok(None), Ok(None)));
        assert!(read(Value::from("2025-03-18T16:25:45")).unwrap().is_some());
        assert!(read(Value::from(" ")).is_err());
    }
}
