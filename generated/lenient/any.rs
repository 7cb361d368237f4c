//! Any value, of which a text is not copied.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Deserializes a value by one of two functions: a text by `text`, as it stands, and any other by `other`.
pub(super) fn any<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    text: fn(&str) -> Result<T, String>,
    other: fn(Value) -> Result<T, String>,
) -> Result<T, D::Error> {
    // The error is made here, where the whole value has been read, so that it has the place of its end.
    deserializer.deserialize_any(Any { text, other })?.map_err(D::Error::custom)
}

struct Any<T> {
    text: fn(&str) -> Result<T, String>,
    other: fn(Value) -> Result<T, String>,
}

impl<'de, T> Visitor<'de> for Any<T> {
    type Value = Result<T, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok((self.text)(text))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok((self.other)(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok((self.other)(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok((self.other)(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok((self.other)(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok((self.other)(Value::Null))
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(items)).map(self.other)
    }

    /// With some features of serde_json, a number is a map as well.
    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(fields)).map(self.other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_arrives_as_it_is() {
        for json in ["\"a\"", "\"\\n\"", "null", "true", "7", "-7", "1e300", "[1,[\"a\"]]", "{\"a\":{\"b\":null}}"] {
            let mut deserializer = serde_json::Deserializer::from_str(json);
            let value = any(&mut deserializer, |text| Ok(Value::from(text)), Ok).unwrap();
            assert_eq!(value, serde_json::from_str::<Value>(json).unwrap());
        }
    }
}
