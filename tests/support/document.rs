//! The vendored document, against which the tests are checked: they must cover all of it.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::Value;

pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| yaml_serde::from_str(genesiscloud::bindings::DOCUMENT).unwrap())
}

/// Ids of all operations.
pub fn operation_ids() -> BTreeSet<String> {
    operations().map(|(_, _, operation)| operation["operationId"].as_str().unwrap().to_owned()).collect()
}

fn operations() -> impl Iterator<Item = (&'static str, &'static str, &'static Value)> {
    document()["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        // A path also has what all its operations share.
        let operations = resolved(item).as_object().unwrap().iter().filter(|(_, one)| one["operationId"].is_string());
        operations.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// Method, path template and operation of an id.
pub fn operation(id: &str) -> (String, &'static str, &'static Value) {
    let (path, method, operation) =
        operations().find(|(_, _, operation)| operation["operationId"] == id).expect("an id of the document");
    (method.to_uppercase(), path, operation)
}

/// Names of an operation's query parameters.
pub fn query_names(operation: &'static Value) -> BTreeSet<String> {
    let parameters = operation["parameters"].as_array().into_iter().flatten().map(resolved);
    parameters.filter(|one| one["in"] == "query").map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

/// Paths of all fields of an operation's body: `metadata.startup_script`.
pub fn body_fields(operation: &'static Value) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    schema_fields("", &operation["requestBody"]["content"]["application/json"]["schema"], &mut fields);
    fields
}

/// Paths of all fields of a named schema.
pub fn fields(schema: &str) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    schema_fields("", &document()["components"]["schemas"][schema], &mut fields);
    fields
}

fn schema_fields(prefix: &str, schema: &'static Value, fields: &mut BTreeSet<String>) {
    for (name, property) in resolved(schema)["properties"].as_object().into_iter().flatten() {
        let path = format!("{prefix}{name}");
        let property = resolved(property);
        let inner = if property["type"] == "array" { &property["items"] } else { property };
        schema_fields(&format!("{path}."), inner, fields);
        fields.insert(path);
    }
}

/// Paths of all fields of a value, in the same spelling.
pub fn value_fields(value: &Value) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    collect("", value, &mut fields);
    fields
}

fn collect(prefix: &str, value: &Value, fields: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => entries.iter().for_each(|(name, value)| {
            let path = format!("{prefix}{name}");
            collect(&format!("{path}."), value, fields);
            fields.insert(path);
        }),
        Value::Array(values) => values.iter().for_each(|value| collect(prefix, value, fields)),
        _ => {}
    }
}

/// What a node refers to, or the node itself.
pub fn resolved(node: &'static Value) -> &'static Value {
    match node["$ref"].as_str() {
        Some(reference) => document().pointer(&reference[1..]).unwrap(),
        None => node,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_operations_of_the_document_are_found() {
        assert_eq!(operation_ids().len(), genesiscloud::bindings::DOCUMENT.matches("operationId").count());
        assert!(operations().all(|(_, method, _)| ["get", "post", "put", "patch", "delete"].contains(&method)));
    }
}
