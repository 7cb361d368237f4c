//! Integers as the service really sends them: `80`, `80.0` and `"80"` are the same number.

use std::fmt;

use serde::Deserializer;
use serde::de::{Error, Visitor};

/// Reads an integer.
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    deserializer.deserialize_any(Integer)
}

/// Reads an integer that may be null.
pub(crate) fn optional_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    deserializer.deserialize_option(Optional)
}

struct Integer;

impl Visitor<'_> for Integer {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<i64, E> {
        Ok(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<i64, E> {
        i64::try_from(value).map_err(|_| E::custom(format_args!("{value} is too large")))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<i64, E> {
        /// 2^63, the first whole number that no longer fits.
        const END: f64 = 9_223_372_036_854_775_808.0;
        match value.fract() == 0.0 && (-END..END).contains(&value) {
            true => Ok(value as i64),
            false => Err(E::custom(format_args!("{value} is not an integer"))),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<i64, E> {
        let float = || text.parse().ok().and_then(|value| self.visit_f64::<E>(value).ok());
        text.parse().ok().or_else(float).ok_or_else(|| E::custom(format_args!("{text:?} is not an integer")))
    }
}

struct Optional;

impl<'de> Visitor<'de> for Optional {
    type Value = Option<i64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer or null")
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        integer(deserializer).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Disk {
        #[serde(deserialize_with = "super::integer")]
        size: i64,
        #[serde(default, deserialize_with = "super::optional_integer")]
        used: Option<i64>,
    }

    fn disk(json: &str) -> Result<(i64, Option<i64>), String> {
        serde_json::from_str(json).map(|Disk { size, used }| (size, used)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_three_spellings_are_one_number() {
        for size in ["80", "80.0", "8e1", r#""80""#, r#""80.0""#] {
            assert_eq!(disk(&format!(r#"{{"size": {size}, "used": {size}}}"#)), Ok((80, Some(80))));
        }
        assert_eq!(disk(r#"{"size": "85899345920", "used": null}"#), Ok((85_899_345_920, None)));
        assert_eq!(disk(r#"{"size": -80}"#), Ok((-80, None)));
    }

    #[test]
    fn what_is_no_integer_is_refused_in_words() {
        for (size, words) in [
            ("80.5", "80.5 is not an integer"),
            (r#""much""#, "\"much\" is not an integer"),
            (r#""""#, "\"\" is not an integer"),
            ("1e300", "is not an integer"),
            (r#""NaN""#, "\"NaN\" is not an integer"),
            ("18446744073709551615", "18446744073709551615 is too large"),
            ("9223372036854775808.0", "is not an integer"),
            ("true", "expected an integer"),
            ("null", "expected an integer"),
        ] {
            let error = disk(&format!(r#"{{"size": {size}}}"#)).unwrap_err();
            assert!(error.contains(words), "{size}: {error}");
            if size != "null" {
                let error = disk(&format!(r#"{{"size": 1, "used": {size}}}"#)).unwrap_err();
                assert!(error.contains(words), "{size}: {error}");
            }
        }
    }
}
