//! Files that people write.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads YAML or JSON. An error names the place.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    // By way of JSON's values: YAML's own enums want tags, which nobody expects.
    let value: Value = serde_norway::from_str(text).map_err(|error| format!("neither YAML nor JSON: {error}"))?;
    let value = if value.is_null() { Value::Object(serde_json::Map::new()) } else { value };
    serde_path_to_error::deserialize(value).map_err(|error| match error.path().to_string().as_str() {
        "." => rule(error.inner()),
        path => format!("{path}: {}", rule(error.inner())),
    })
}

/// What would be right, without the value that is not: it can be a startup script.
fn rule(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let shows_value = message.starts_with("invalid type") || message.starts_with("invalid value");
    match message.rsplit_once("expected ") {
        Some((_, expected)) if shows_value => format!("must be {expected}"),
        _ => message,
    }
}
