//! The document as a JSON value, and the functions to traverse it that checks and rules share.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::{Error, Result};

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Parses a document in YAML, or in JSON, which is a subset of YAML.
///
/// # Errors
/// When the text is not YAML, has a duplicate key, or is not an object at its top level.
pub fn parse(text: &str) -> Result<Value> {
    let node = yaml_serde::from_str::<Node>(text);
    match node.map_err(|error| Error::new(format!("the document is not YAML: {error}")))?.0 {
        object @ Value::Object(_) => Ok(object),
        _ => Err(Error::new("the document is not an OpenAPI document: its top level is not an object")),
    }
}

/// A JSON value whose objects have no duplicate key, of which a [`Value`] would keep the last one silently. An integer
/// beyond 64 bits, which a [`Value`] cannot be read from, is a float.
struct Node(Value);

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor).map(Self)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value that JSON has as well")
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i128<E>(self, value: i128) -> std::result::Result<Value, E> {
        Ok((value as f64).into())
    }

    fn visit_u128<E>(self, value: u128) -> std::result::Result<Value, E> {
        Ok((value as f64).into())
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> std::result::Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Node(value)) = access.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> std::result::Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            if fields.contains_key(&key) {
                return Err(A::Error::custom(format!("duplicate key `{key}`")));
            }
            let Node(value) = access.next_value()?;
            fields.insert(key, value);
        }
        Ok(fields.into())
    }
}

/// An operation and its place in the document.
#[derive(Debug, Clone, Copy)]
pub struct Operation<'a> {
    /// The path template, such as `/volumes/{volume_id}`.
    pub path: &'a str,
    /// The method in lower case.
    pub method: &'a str,
    /// The operation object.
    pub value: &'a Value,
}

impl Operation<'_> {
    /// Returns the operation id, or the method and path if it has none.
    pub fn name(&self) -> String {
        match self.value["operationId"].as_str() {
            Some(id) => id.to_owned(),
            None => format!("{} {}", self.method.to_uppercase(), self.path),
        }
    }
}

/// Returns all operations, in document order.
pub fn operations(document: &Value) -> Vec<Operation<'_>> {
    object(&document["paths"])
        .flat_map(|(path, item)| {
            object(item)
                .filter(|(method, _)| METHODS.contains(&method.as_str()))
                .map(move |(method, value)| Operation { path, method, value })
        })
        .collect()
}

/// Returns all operation objects, to be changed.
pub fn operations_mut(document: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    document["paths"]
        .as_object_mut()
        .into_iter()
        .flat_map(Map::values_mut)
        .filter_map(Value::as_object_mut)
        .flat_map(Map::iter_mut)
        .filter(|(method, _)| METHODS.contains(&method.as_str()))
        .filter_map(|(_, operation)| operation.as_object_mut())
}

/// Returns the schema of an operation's JSON request body, to be changed.
pub fn request_body_mut(operation: &mut Map<String, Value>) -> Option<&mut Value> {
    operation.get_mut("requestBody")?.pointer_mut("/content/application~1json/schema")
}

/// Returns the named schemas, to be changed.
pub fn schemas_mut(document: &mut Value) -> Option<&mut Map<String, Value>> {
    document.pointer_mut("/components/schemas")?.as_object_mut()
}

/// Returns the entries of an object; none for any other value.
pub fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// Returns the target of a local `$ref`: the schema for `#/components/schemas/Volume`.
pub fn resolve<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    document.pointer(reference.strip_prefix('#')?)
}

/// Returns what a node refers to, through any number of references; the node itself if it is no reference.
pub(crate) fn resolved<'a>(document: &'a Value, mut node: &'a Value) -> &'a Value {
    // The checks have refused references that lead back to themselves and those that lead nowhere.
    while let Some(target) = node["$ref"].as_str().and_then(|reference| resolve(document, reference)) {
        node = target;
    }
    node
}

/// Returns the name of the schema that a `$ref` points to: `Volume` for `#/components/schemas/Volume`.
pub fn schema_name(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/components/schemas/")
}

/// Returns the place of the first object that has this key, such as `components.schemas.Volume`.
pub fn place_of(node: &Value, key: &str) -> Option<String> {
    let join = |name: &str, place: String| if place.is_empty() { name.to_owned() } else { format!("{name}.{place}") };
    match node {
        Value::Object(fields) if fields.contains_key(key) => Some(String::new()),
        Value::Object(fields) => {
            fields.iter().find_map(|(name, value)| place_of(value, key).map(|place| join(name, place)))
        }
        Value::Array(values) => {
            values.iter().enumerate().find_map(|(index, value)| Some(join(&index.to_string(), place_of(value, key)?)))
        }
        _ => None,
    }
}

/// The keys of objects whose own keys are names, and not keywords of OpenAPI.
const NAMING: [&str; 16] = [
    "$defs",
    "callbacks",
    "content",
    "dependentSchemas",
    "encoding",
    "headers",
    "links",
    "mapping",
    "parameters",
    "pathItems",
    "patternProperties",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
];

/// The keywords whose values are data, in which a key such as `$ref` or `schema` has no meaning.
const DATA: [&str; 5] = ["const", "default", "enum", "example", "examples"];

/// Whether the value of a key is part of the description, and not data or an extension; and if so, whether its own keys
/// are names. `in_names` is that answer for the object that has the key.
pub(crate) fn describes(key: &str, in_names: bool) -> Option<bool> {
    match in_names {
        true => Some(false),
        false if DATA.contains(&key) || key.starts_with("x-") => None,
        false => Some(NAMING.contains(&key)),
    }
}

/// Calls `visit` on every `$ref`, with its place as the keys that lead to it.
pub(crate) fn every_reference<'a>(
    document: &'a Value,
    visit: &mut impl FnMut(&[String], &'a str) -> Result<()>,
) -> Result<()> {
    fn walk<'a>(
        node: &'a Value,
        in_names: bool,
        place: &mut Vec<String>,
        visit: &mut impl FnMut(&[String], &'a str) -> Result<()>,
    ) -> Result<()> {
        let children: Vec<(String, &Value, bool)> = match node {
            Value::Object(fields) => {
                if let (false, Some(Value::String(reference))) = (in_names, fields.get("$ref")) {
                    visit(place, reference)?;
                }
                let described = |(key, value): (&String, _)| Some((key.clone(), value, describes(key, in_names)?));
                fields.iter().filter_map(described).collect()
            }
            Value::Array(values) => {
                values.iter().enumerate().map(|(at, value)| (at.to_string(), value, false)).collect()
            }
            _ => return Ok(()),
        };
        children.into_iter().try_for_each(|(key, value, in_names)| {
            place.push(key);
            walk(value, in_names, place, visit)?;
            place.pop();
            Ok(())
        })
    }
    walk(document, false, &mut Vec::new(), visit)
}

/// The keywords of a schema that hold one schema, a list of schemas, and schemas by name.
const ONE: [&str; 3] = ["items", "additionalProperties", "not"];
const SEVERAL: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// Returns the schemas directly inside a schema, each with the pointer from the schema to it.
pub(crate) fn inner_schemas(schema: &Value) -> Vec<(String, &Value)> {
    let properties =
        object(&schema["properties"]).map(|(name, inner)| (format!("/properties/{}", escaped(name)), inner));
    let one = ONE.iter().filter_map(|key| Some((format!("/{key}"), schema.get(*key)?)));
    let several = SEVERAL.iter().flat_map(|key| {
        let variants = schema[*key].as_array().into_iter().flatten().enumerate();
        variants.map(move |(at, inner)| (format!("/{key}/{at}"), inner))
    });
    properties.chain(one).chain(several).collect()
}

/// Returns a key as a part of a JSON pointer.
pub(crate) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Returns a JSON pointer as errors write a place: `components.schemas.Volume`.
pub(crate) fn place(pointer: &str) -> String {
    pointer.split('/').skip(1).map(unescaped).collect::<Vec<_>>().join(".")
}

/// Returns the key for a part of a JSON pointer.
pub(crate) fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// Calls `visit` on a schema and on every schema nested in it, outermost first.
pub fn each_schema_mut(schema: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    let Some(fields) = schema.as_object_mut() else { return };
    visit(fields);
    if let Some(properties) = fields.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(|property| each_schema_mut(property, visit));
    }
    for key in ONE {
        if let Some(inner) = fields.get_mut(key) {
            each_schema_mut(inner, visit);
        }
    }
    for key in SEVERAL {
        let variants = fields.get_mut(key).and_then(Value::as_array_mut);
        variants.into_iter().flatten().for_each(|variant| each_schema_mut(variant, visit));
    }
}

/// Calls `visit` on every schema of the document: the named ones, and those of parameters, request bodies and
/// responses.
pub fn every_schema_mut(document: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    every_root_mut(document, false, &mut |schema| each_schema_mut(schema, visit));
}

/// Calls `visit` on every schema that is not inside another one.
fn every_root_mut(node: &mut Value, in_names: bool, visit: &mut impl FnMut(&mut Value)) {
    match node {
        Value::Array(values) => values.iter_mut().for_each(|value| every_root_mut(value, false, visit)),
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), describes(key, in_names)) {
                    (_, None) => {}
                    ("schema", _) if !in_names => visit(value),
                    ("schemas", Some(true)) => {
                        value.as_object_mut().into_iter().flatten().for_each(|(_, one)| visit(one))
                    }
                    (_, Some(in_names)) => every_root_mut(value, in_names, visit),
                }
            }
        }
        _ => {}
    }
}

/// Calls `visit` on every schema of the document, with its JSON pointer.
pub(crate) fn every_schema<'a>(
    document: &'a Value,
    visit: &mut impl FnMut(&str, &'a Value) -> Result<()>,
) -> Result<()> {
    fn nested<'a>(place: &str, schema: &'a Value, visit: &mut impl FnMut(&str, &'a Value) -> Result<()>) -> Result<()> {
        visit(place, schema)?;
        inner_schemas(schema).into_iter().try_for_each(|(key, inner)| nested(&format!("{place}{key}"), inner, visit))
    }
    fn walk<'a>(
        place: &str,
        node: &'a Value,
        in_names: bool,
        visit: &mut impl FnMut(&str, &'a Value) -> Result<()>,
    ) -> Result<()> {
        if let Value::Array(values) = node {
            let mut values = values.iter().enumerate();
            return values.try_for_each(|(at, value)| walk(&format!("{place}/{at}"), value, false, visit));
        }
        object(node).try_for_each(|(key, value)| {
            let place = format!("{place}/{}", escaped(key));
            match (key.as_str(), describes(key, in_names)) {
                (_, None) => Ok(()),
                ("schema", _) if !in_names => nested(&place, value, visit),
                ("schemas", Some(true)) => {
                    object(value).try_for_each(|(name, one)| nested(&format!("{place}/{}", escaped(name)), one, visit))
                }
                (_, Some(in_names)) => walk(&place, value, in_names, visit),
            }
        })
    }
    walk("", document, false, visit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_keys_and_country_codes_remain_strings() {
        let document = parse("responses:\n  200: {}\nregion: NO\nswitch: on\n").unwrap();
        assert_eq!(document["responses"]["200"], serde_json::json!({}));
        assert_eq!(document["region"], "NO");
        assert_eq!(document["switch"], "on");
    }

    /// In YAML 1.1, `010` is eight, `1:30` ninety, and `2024-10-01` a date.
    #[test]
    fn scalars_do_not_have_the_types_of_yaml_1_1() {
        for (text, value) in [
            ("1.0", serde_json::json!(1.0)),
            ("1.0.0", "1.0.0".into()),
            ("010", "010".into()),
            ("0o10", 8.into()),
            ("1:30", "1:30".into()),
            ("2024-10-01", "2024-10-01".into()),
            ("~", Value::Null),
            ("18446744073709551615", u64::MAX.into()),
            ("18446744073709551616", 18_446_744_073_709_551_616.0.into()),
            ("-9223372036854775809", (-9_223_372_036_854_775_809.0).into()),
        ] {
            assert_eq!(parse(&format!("a: {text}")).unwrap()["a"], value, "{text}");
        }
    }

    #[test]
    fn aliases_are_resolved_and_bounded() {
        assert_eq!(parse("a: &x {b: 1}\nc: *x").unwrap()["c"]["b"], 1);
        let level = |at: i32| format!("a{at}: &a{at} [{}]\n", vec![format!("*a{}", at - 1); 10].join(","));
        let laughs = "a0: &a0 [1,2,3,4,5,6,7,8,9,0]\n".to_owned() + &(1..12).map(level).collect::<String>();
        let error = parse(&laughs).unwrap_err().to_string();
        assert!(error.contains("limit"), "{error}");
        let error = parse(&format!("a: {}", "[".repeat(1_000))).unwrap_err().to_string();
        assert!(error.contains("limit"), "{error}");
    }

    #[test]
    fn json_is_parsed_as_well() {
        assert_eq!(parse(r#"{"openapi": "3.0.3"}"#).unwrap()["openapi"], "3.0.3");
    }

    #[test]
    fn an_invalid_document_is_an_error_with_its_place() {
        assert_eq!(
            parse("- a\n").unwrap_err().to_string(),
            "the document is not an OpenAPI document: its top level is not an object"
        );
        let error = parse("paths:\n  a: [1\n").unwrap_err().to_string();
        assert!(error.starts_with("the document is not YAML: ") && error.contains("line 3 column 1"), "{error}");
        let error = parse("paths:\n  /a: {}\n  /a: {}\n").unwrap_err().to_string();
        assert!(error.contains("duplicate") && error.contains("/a"), "{error}");
    }

    #[test]
    fn every_schema_is_visited_once() {
        let mut document = parse(
            "paths: {/a: {get: {parameters: [{schema: {title: p}}], responses: {'200': {content: {j: {schema: \
             {title: r, items: {title: i}}}}}}}}}\ncomponents: {schemas: {A: {title: s, properties: {schema: {title: f}}}}}",
        )
        .unwrap();
        let mut visited = Vec::new();
        every_schema_mut(&mut document, &mut |schema| visited.push(schema["title"].as_str().unwrap().to_owned()));
        assert_eq!(visited, ["p", "r", "i", "s", "f"]);
    }
}
