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
    read(deserializer, |form| match form {
        Form::Text(value) => text(value),
        Form::Other(value) => other(value),
    })
}

/// Deserializes any value by one function.
pub(super) fn value<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    of_value: impl Fn(Value) -> Result<T, String>,
) -> Result<T, D::Error> {
    read(deserializer, |form| match form {
        Form::Text(text) => of_value(text.into()),
        Form::Other(value) => of_value(value),
    })
}

fn read<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    of_form: impl Fn(Form<'_>) -> Result<T, String>,
) -> Result<T, D::Error> {
    let mut result = None;
    deserializer.deserialize_any(Any(&mut |form| {
        result = Some(of_form(form)?);
        Ok(())
    }))?;
    result.ok_or_else(|| D::Error::custom("there is no value"))
}

enum Form<'a> {
    Text(&'a str),
    Other(Value),
}

/// Hands over a value. It is not generic, so that the deserializer is compiled once for the fields of all types.
/// A mistake is an error of the visitor, to which the format adds the place of this value. Of an error that is made later, it
/// would be a place behind it.
struct Any<'a>(&'a mut dyn FnMut(Form<'_>) -> Result<(), String>);

impl Any<'_> {
    fn other<E: Error>(self, value: impl Into<Value>) -> Result<(), E> {
        (self.0)(Form::Other(value.into())).map_err(E::custom)
    }
}

impl<'de> Visitor<'de> for Any<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        (self.0)(Form::Text(text)).map_err(E::custom)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.other(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.other(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.other(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.other(value)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.other(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        self.other(Value::deserialize(SeqAccessDeserializer::new(items))?)
    }

    /// With some features of serde_json, a number is a map as well.
    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<(), A::Error> {
        self.other(Value::deserialize(MapAccessDeserializer::new(fields))?)
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
