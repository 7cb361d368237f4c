//! Parses seed and fault files, which are YAML or JSON.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Parses YAML or JSON. The error message contains the path of the invalid field.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    // Converted through JSON values, because the YAML deserializer represents enums as YAML tags.
    let value: Value = yaml_serde::from_str(text).map_err(|error| format!("neither YAML nor JSON: {error}"))?;
    let value = if value.is_null() { Value::Object(serde_json::Map::new()) } else { value };
    serde_path_to_error::deserialize(value).map_err(|error| match error.path().to_string().as_str() {
        "." => expectation(error.inner()),
        path => format!("{path}: {}", expectation(error.inner())),
    })
}

/// Describes the expected value, without the actual one: that can be a startup script.
fn expectation(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let shows_value = message.starts_with("invalid type") || message.starts_with("invalid value");
    match message.rsplit_once("expected ") {
        Some((_, expected)) if shows_value => format!("must be {expected}"),
        _ => message,
    }
}
