//! Deserializers of fields in the forms that a service sends: each form means one thing only, and one field must not make
//! the response undecodable.
//!
//! | field | read as well |
//! | --- | --- |
//! | integer | `80.0` and `"80"` as 80 |
//! | time | a time without a zone, as UTC |
//! | optional time | an empty text, as none |
//! | list, map, descriptive text | `null`, as empty |
//! | optional text | an empty text, as none |

mod any;
mod empty;
mod integer;
mod text;
mod time;
mod union;

use std::collections::HashMap;

use serde::de::Deserializer;
use serde_json::Value;

use self::any::any;
pub(crate) use empty::{or_empty, unless_empty};
pub(crate) use text::text;
pub(crate) use union::union;

/// A number or a time, or one of the types that hold such.
pub(crate) trait Lenient: Sized {
    /// Whether an optional one is none if it is an empty text.
    const IS_NONE_IF_EMPTY: bool = false;

    /// Reads it from any form. The error names the value.
    fn read(value: Value) -> Result<Self, String>;

    /// Reads it from a text, as [`read`](Self::read) does.
    fn read_text(text: &str) -> Result<Self, String> {
        Self::read(text.into())
    }
}

/// Deserializes a field of such a type.
pub(crate) fn read<'de, T: Lenient, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    // A number by way of a `Value`, which reads it whichever features of serde_json are enabled.
    any(deserializer, T::read_text, T::read)
}

impl<T: Lenient> Lenient for Option<T> {
    fn read(value: Value) -> Result<Self, String> {
        match value {
            Value::Null => Ok(None),
            Value::String(text) => Self::read_text(&text),
            value => T::read(value).map(Some),
        }
    }

    fn read_text(text: &str) -> Result<Self, String> {
        if T::IS_NONE_IF_EMPTY && text.is_empty() { Ok(None) } else { T::read_text(text).map(Some) }
    }
}

impl<T: Lenient> Lenient for Vec<T> {
    fn read(value: Value) -> Result<Self, String> {
        match value {
            Value::Null => Ok(Self::new()),
            Value::Array(items) => items.into_iter().map(T::read).collect(),
            other => Err(format!("{other} is not a list")),
        }
    }
}

impl<T: Lenient> Lenient for HashMap<String, T> {
    fn read(value: Value) -> Result<Self, String> {
        match value {
            Value::Null => Ok(Self::new()),
            Value::Object(fields) => fields.into_iter().map(|(name, value)| Ok((name, T::read(value)?))).collect(),
            other => Err(format!("{other} is not an object")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_maps_of_integers_are_read_like_integers() {
        let read = |json: &str| <Vec<i64>>::read(serde_json::from_str(json).unwrap());
        assert_eq!(read(r#"[80, 80.0, "80"]"#), Ok(vec![80; 3]));
        assert_eq!(read("null"), Ok(vec![]));
        assert!(read("[80, null]").unwrap_err().starts_with("null is not an integer"));
        assert_eq!(read("7"), Err("7 is not a list".into()));
        let read = |json: &str| <HashMap<String, Option<i64>>>::read(serde_json::from_str(json).unwrap());
        let expected = [("a".to_owned(), Some(80)), ("b".to_owned(), None)];
        assert_eq!(read(r#"{"a": "80", "b": null}"#), Ok(HashMap::from(expected)));
        assert_eq!(read("null"), Ok(HashMap::new()));
        assert_eq!(read("[]"), Err("[] is not an object".into()));
    }
}
