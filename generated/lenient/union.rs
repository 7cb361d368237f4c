//! Unions: a value of one of several types.

use serde::de::Deserializer;
use serde_json::Value;

use super::any::value;

/// Deserializes a union with `read`. The error names a value that is none of its types.
pub(crate) fn union<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    read: impl Fn(&Value) -> serde_json::Result<T>,
) -> Result<T, D::Error> {
    value(deserializer, |value| read(&value).map_err(|error| format!("{value}: {error}")))
}

#[cfg(test)]
mod tests {
    use crate::types::InstanceUpdateVolumes;

    #[test]
    fn a_value_that_is_none_of_the_types_is_named() {
        for json in [r#"["v-1"]"#, r#"{"attach":"v-1"}"#, r#"{"detach":"v-1"}"#] {
            let union: InstanceUpdateVolumes = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&union).unwrap(), json);
        }
        for json in ["7", "null", r#"{"add":"v-1"}"#] {
            let error = serde_json::from_str::<InstanceUpdateVolumes>(json).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{json}: data did not match any variant")), "{error}");
        }
    }
}
