//! The document as a JSON value, and the functions to traverse it that checks and rules share.

use serde_json::{Map, Value};

use crate::error::{Error, Result};

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Parses a document in YAML, or in JSON, which is a subset of YAML.
///
/// # Errors
/// When the text is not YAML, has a duplicate key, or is not an object at its top level.
pub fn parse(text: &str) -> Result<Value> {
    let not_yaml = |error: serde_norway::Error| Error::new(format!("the document is not YAML: {error}"));
    // Parsing into a YAML value rejects duplicate keys. Parsing into a JSON value would keep the last one silently.
    serde_norway::from_str::<serde_norway::Value>(text).map_err(not_yaml)?;
    let value: Value = serde_norway::from_str(text).map_err(not_yaml)?;
    match value {
        Value::Object(_) => Ok(value),
        _ => Err(Error::new("the document is not an OpenAPI document: its top level is not an object")),
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

/// Calls `visit` on a schema and on every schema nested in it, outermost first.
pub fn each_schema_mut(schema: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    let Some(fields) = schema.as_object_mut() else { return };
    visit(fields);
    if let Some(properties) = fields.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(|property| each_schema_mut(property, visit));
    }
    for key in ["items", "additionalProperties", "not"] {
        if let Some(inner) = fields.get_mut(key) {
            each_schema_mut(inner, visit);
        }
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        let variants = fields.get_mut(key).and_then(Value::as_array_mut);
        variants.into_iter().flatten().for_each(|variant| each_schema_mut(variant, visit));
    }
}

/// Calls `visit` on every schema of the document: the named ones, and those of parameters, request bodies and
/// responses.
pub fn every_schema_mut(document: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    let Some(fields) = document.as_object_mut() else { return };
    for (key, value) in fields {
        match (key.as_str(), value) {
            ("schema", schema) => each_schema_mut(schema, visit),
            ("schemas", Value::Object(named)) => named.values_mut().for_each(|schema| each_schema_mut(schema, visit)),
            ("example" | "examples", _) => {}
            (_, Value::Array(values)) => values.iter_mut().for_each(|value| every_schema_mut(value, visit)),
            (_, value) => every_schema_mut(value, visit),
        }
    }
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
        assert!(error.starts_with("the document is not YAML: ") && error.contains("line"), "{error}");
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
