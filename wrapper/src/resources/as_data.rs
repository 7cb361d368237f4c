//! Parameters as data: read from and written as a map of the API's own fields, such as a table of a TOML file.

use serde::de::value::Error as NoError;
use serde::de::{self, DeserializeOwned, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer, forward_to_deserialize_any};
use serde_json::{Map, Value};

type Fields = Map<String, Value>;

/// Parameters of a request: the body that they are sent as, and at most one field beside it.
pub trait Parameters: Sized {
    type Body: Serialize + DeserializeOwned;

    /// The fields that can hold secrets.
    const SECRET: &'static [&'static str];

    /// The required texts that are derived before they are sent, where they are empty.
    const DERIVED: &'static [&'static str];

    /// A field beside those of the body, by which it is completed before it is sent.
    const BESIDE: Option<&'static str>;

    fn body(&self) -> &Self::Body;

    /// The value of the field beside the body, if it is set.
    fn beside(&self) -> Option<Value>;

    /// # Errors
    /// What is wrong with the field beside the body.
    fn new(body: Self::Body, beside: Option<Value>) -> Result<Self, String>;
}

/// Writes parameters, without their secrets.
pub(super) fn serialize<P: Parameters, S: Serializer>(parameters: &P, serializer: S) -> Result<S::Ok, S::Error> {
    let mut fields = fields(parameters)?;
    for name in P::SECRET {
        fields.remove(*name);
    }
    fields.serialize(serializer)
}

/// Parameters that are serialised with their secrets: passwords, startup scripts, user data, addresses of disk images. Returned by
/// the methods `with_secrets`.
///
/// ```
/// use genesiscloud::{CreateSnapshot, Region};
///
/// let new = CreateSnapshot::new("disk", "https://images.example/a?signature=b", Region::NordNoKrs1, 80);
/// let value = genesiscloud::serde_json::to_value(new.with_secrets())?;
/// assert_eq!(value["url"], "https://images.example/a?signature=b");
/// # Ok::<(), genesiscloud::serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct WithSecrets<'a, P>(pub(super) &'a P);

impl<P: Parameters> Serialize for WithSecrets<'_, P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fields(self.0)?.serialize(serializer)
    }
}

fn fields<P: Parameters, E: serde::ser::Error>(parameters: &P) -> Result<Fields, E> {
    let Value::Object(mut fields) = serde_json::to_value(parameters.body()).map_err(E::custom)? else {
        return Err(E::custom("the body is no map of fields"));
    };
    fields.retain(|name, value| *value != "" || !P::DERIVED.contains(&name.as_str()));
    if let (Some(name), Some(value)) = (P::BESIDE, parameters.beside()) {
        fields.insert(name.to_owned(), value);
    }
    Ok(fields)
}

/// Reads parameters. A field that there is not is an error, since its value would be lost.
pub(super) fn deserialize<'de, P: Parameters, D: Deserializer<'de>>(deserializer: D) -> Result<P, D::Error> {
    let mut fields = Fields::deserialize(deserializer)?;
    let beside = P::BESIDE.and_then(|name| fields.remove(name));
    let known = field_names::<P::Body>();
    if let Some(unknown) = fields.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(de::Error::unknown_field(unknown, known));
    }
    for name in P::DERIVED {
        fields.entry(*name).or_insert_with(|| "".into());
    }
    let without_secrets = fields.clone().into_iter().filter(|(name, _)| !P::SECRET.contains(&name.as_str())).collect();
    let body = serde_json::from_value(Value::Object(fields))
        .map_err(|error| de::Error::custom(disclosed::<P>(&error.to_string(), without_secrets)))?;
    P::new(body, beside).map_err(de::Error::custom)
}

/// The error that may be shown. One of a secret field can quote its value, so it is withheld: it does not appear without them.
fn disclosed<P: Parameters>(error: &str, without_secrets: Fields) -> String {
    match serde_json::from_value::<P::Body>(Value::Object(without_secrets)) {
        Err(without) if without.to_string() == error => error.to_owned(),
        _ => format!("`{}` is not as the API documents it; the value is not shown", P::SECRET.join("` or `")),
    }
}

/// The names of the fields of a struct, as its `Deserialize` states them.
fn field_names<T: DeserializeOwned>() -> &'static [&'static str] {
    struct Names<'a>(&'a mut &'static [&'static str]);

    impl<'de> Deserializer<'de> for Names<'_> {
        type Error = NoError;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, NoError> {
            Err(de::Error::custom("only the names of the fields are read"))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, NoError> {
            *self.0 = fields;
            self.deserialize_any(visitor)
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    let mut names: &[&str] = &[];
    let _ = T::deserialize(Names(&mut names));
    names
}
