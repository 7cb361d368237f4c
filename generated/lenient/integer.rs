//! Integers: `80`, `80.0` and `"80"` are the same number.

use serde_json::{Number, Value};

use super::Lenient;

impl Lenient for i64 {
    fn read(value: Value) -> Result<Self, String> {
        let integer = match &value {
            Value::Number(number) => whole(number),
            Value::String(text) => text.parse().ok().or_else(|| whole(&text.parse().ok()?)),
            _ => None,
        };
        integer.ok_or_else(|| format!("{value} is not an integer, or too large for one"))
    }
}

fn whole(number: &Number) -> Option<i64> {
    /// 2^63, the smallest whole number that does not fit into an i64.
    const END: f64 = 9_223_372_036_854_775_808.0;
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        (!number.is_u64() && float.fract() == 0.0 && (-END..END).contains(&float)).then_some(float as i64)
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Disk {
        #[serde(deserialize_with = "crate::lenient::read")]
        size: i64,
        #[serde(default, deserialize_with = "crate::lenient::read")]
        used: Option<i64>,
    }

    fn disk(json: &str) -> Result<(i64, Option<i64>), String> {
        serde_json::from_str(json).map(|Disk { size, used }| (size, used)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_number_a_float_and_a_string_are_the_same_integer() {
        for size in ["80", "80.0", "8e1", r#""80""#, r#""80.0""#] {
            assert_eq!(disk(&format!(r#"{{"size": {size}, "used": {size}}}"#)), Ok((80, Some(80))));
        }
        assert_eq!(disk(r#"{"size": "85899345920", "used": null}"#), Ok((85_899_345_920, None)));
        assert_eq!(disk(r#"{"size": -80}"#), Ok((-80, None)));
        assert_eq!(disk(r#"{"size": -9223372036854775808}"#), Ok((i64::MIN, None)));
    }

    #[test]
    fn a_value_that_is_not_an_integer_is_an_error_that_names_it() {
        for size in [
            "80.5",
            r#""much""#,
            r#""""#,
            r#"" 80""#,
            "1e300",
            r#""NaN""#,
            r#""inf""#,
            "18446744073709551615",
            "9223372036854775808.0",
            "true",
            "[80]",
        ] {
            for json in [format!(r#"{{"size": {size}}}"#), format!(r#"{{"size": 1, "used": {size}}}"#)] {
                let error = disk(&json).unwrap_err();
                assert!(error.contains(" is not an integer, or too large for one"), "{size}: {error}");
            }
        }
        assert!(disk(r#"{"size": null}"#).unwrap_err().starts_with("null is not an integer"));
    }
}
