//! Values that are null or empty.

use std::fmt::{self, Display, Write};

use serde::de::{Deserialize, Deserializer};

/// Deserializes a list, a map or a text; null is an empty one.
pub(crate) fn or_empty<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Deserializes an optional text; null and an empty text are none.
pub(crate) fn unless_empty<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Display + Deserialize<'de>,
    D: Deserializer<'de>,
{
    let text: Option<T> = Option::deserialize(deserializer)?;
    Ok(text.filter(|text| !is_empty(text)))
}

/// Whether it is shown as nothing, without making a text of it.
fn is_empty(value: &impl Display) -> bool {
    /// Fails if anything is written.
    struct Nothing;

    impl Write for Nothing {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            if text.is_empty() { Ok(()) } else { Err(fmt::Error) }
        }
    }
    write!(Nothing, "{value}").is_ok()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Machine {
        #[serde(deserialize_with = "super::or_empty")]
        volumes: Vec<String>,
        #[serde(default, deserialize_with = "super::or_empty")]
        tags: serde_json::Map<String, serde_json::Value>,
        #[serde(default, deserialize_with = "super::unless_empty")]
        address: Option<String>,
    }

    fn machine(json: &str) -> Result<Machine, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn null_is_an_empty_list_and_an_empty_text_is_none() {
        let empty = machine(r#"{"volumes": []}"#).unwrap();
        assert_eq!(machine(r#"{"volumes": null, "tags": null, "address": null}"#).unwrap(), empty);
        assert_eq!(machine(r#"{"volumes": null, "tags": {}, "address": ""}"#).unwrap(), empty);
        let full = machine(r#"{"volumes": ["v"], "tags": {"a": 1}, "address": " "}"#).unwrap();
        assert_eq!((full.volumes.len(), full.tags.len(), full.address.as_deref()), (1, 1, Some(" ")));
    }

    #[test]
    fn an_absent_list_that_is_required_and_another_type_are_errors() {
        assert!(machine("{}").unwrap_err().starts_with("missing field `volumes`"));
        assert!(machine(r#"{"volumes": {}}"#).unwrap_err().starts_with("invalid type: map"));
        assert!(machine(r#"{"volumes": [null]}"#).unwrap_err().starts_with("invalid type: null"));
        assert!(machine(r#"{"volumes": [], "address": 7}"#).unwrap_err().starts_with("invalid type: integer `7`"));
    }
}
