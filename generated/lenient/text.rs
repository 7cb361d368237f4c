//! Texts of which some are listed.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::Deserializer;

use super::any::any;

/// Deserializes an enum from a text. The error names a value that is none, whatever it is.
pub(crate) fn text<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    let parse = |text: &str| text.parse().map_err(|error: T::Err| error.to_string());
    any(deserializer, parse, |other| Err(format!("{other} is not a text")))
}

#[cfg(test)]
mod tests {
    use crate::types::VolumeStatus;

    #[test]
    fn a_value_that_is_not_a_text_is_named() {
        let read = |json: &str| serde_json::from_str::<Vec<VolumeStatus>>(json).map_err(|error| error.to_string());
        assert_eq!(read(r#"["created", ""]"#), Ok(vec![VolumeStatus::Created, VolumeStatus::Unknown("".into())]));
        for (json, error) in [
            ("[7]", "7 is not a text at line 1 column 2"),
            ("[null]", "null is not a text at line 1 column 5"),
            (r#"[{"state": [true]}]"#, r#"{"state":[true]} is not a text at line 1 column 18"#),
        ] {
            assert_eq!(read(json), Err(error.into()));
        }
    }
}
