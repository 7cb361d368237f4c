//! A document prepared for comparison: operations by method and path, and schema names without their common prefix.

use std::collections::BTreeMap;

use genesiscloud_codegen::document::{self, object, schema_name};
use serde_json::{Map, Value};
use url::Url;

/// A document to compare.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) document: Value,
    /// Scheme and host of its first server, and the path below them.
    pub(crate) origin: String,
    pub(crate) base_path: String,
    /// The common prefix of all schema names, such as `compute.v1.`. It is removed from them.
    pub(crate) schema_prefix: String,
}

/// The identity of an operation: its method, and its full path without the names of parameters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) method: String,
    pub(crate) path: String,
}

/// One operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation<'a> {
    pub(crate) id: &'a str,
    /// In lower case.
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) value: &'a Value,
}

impl Operation<'_> {
    /// Such as `GET /volumes/{volume_id}`.
    pub(crate) fn address(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }
}

impl Api {
    /// Reads a document.
    ///
    /// # Errors
    /// One sentence that names the place, if it is not a valid OpenAPI document.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        genesiscloud_codegen::read(text).map(Self::of).map_err(|error| error.to_string())
    }

    /// Prepares a document that is valid.
    pub(crate) fn of(mut document: Value) -> Self {
        let schema_prefix = strip_schema_prefix(&mut document);
        let (origin, base_path) = server(&document["servers"][0]);
        Self { origin, base_path, document, schema_prefix }
    }

    /// Returns the operations by their full paths, or by their paths below the address of the server.
    pub(crate) fn operations(&self, is_whole: bool) -> BTreeMap<Key, Operation<'_>> {
        let base_path = if is_whole { self.base_path.as_str() } else { "" };
        let all = document::operations(&self.document).into_iter();
        all.map(|document::Operation { path, method, value }| {
            let id = value["operationId"].as_str().unwrap_or_default();
            let key = Key { method: method.to_owned(), path: without_names(&format!("{base_path}{path}")) };
            (key, Operation { id, method, path, value })
        })
        .collect()
    }

    /// Returns the parameters of an operation and of its path, by location and name.
    pub(crate) fn parameters<'a>(&'a self, operation: Operation<'a>) -> BTreeMap<(&'a str, String), &'a Value> {
        let of_path = &self.document["paths"][operation.path]["parameters"];
        [of_path, &operation.value["parameters"]]
            .into_iter()
            .filter_map(Value::as_array)
            .flatten()
            .map(|parameter| self.resolve(parameter).1)
            .map(|parameter| {
                let text = |name: &str| parameter[name].as_str().unwrap_or_default();
                // Header names are case-insensitive.
                let name = if text("in") == "header" { text("name").to_lowercase() } else { text("name").to_owned() };
                ((text("in"), name), parameter)
            })
            .collect()
    }

    /// Returns the node that a node refers to, or the node itself, with the name of the schema if it is one.
    pub(crate) fn resolve<'a>(&'a self, node: &'a Value) -> (Option<&'a str>, &'a Value) {
        let mut name = None;
        let mut node = node;
        while let Some(reference) = node["$ref"].as_str() {
            name = name.or(schema_name(reference));
            // A reference to itself leads nowhere.
            match document::resolve(&self.document, reference) {
                Some(target) if !std::ptr::eq(target, node) => node = target,
                _ => break,
            }
        }
        (name, node)
    }

    pub(crate) fn has_schema(&self, name: &str) -> bool {
        self.document["components"]["schemas"].get(name).is_some()
    }

    /// Splits a schema into the keywords of its place and the schema it refers to: `allOf` of one reference is that reference.
    pub(crate) fn unwrap_reference<'a>(&self, schema: &'a Value) -> (Map<String, Value>, &'a Value) {
        let parts = schema["allOf"].as_array().map(Vec::as_slice);
        let has_no_type = |fields: &Map<String, Value>| {
            let of_types = ["properties", "required", "additionalProperties", "items", "enum", "oneOf", "anyOf"];
            of_types.iter().all(|keyword| !fields.contains_key(*keyword))
        };
        match (parts, schema.as_object()) {
            (Some([only]), Some(fields)) if only.get("$ref").is_some() && has_no_type(fields) => {
                let mut own = fields.clone();
                own.shift_remove("allOf");
                (own, only)
            }
            _ => (Map::new(), schema),
        }
    }

    /// Returns whether a schema allows null.
    pub(crate) fn is_nullable(&self, schema: &Value) -> bool {
        let (own, inner) = self.unwrap_reference(schema);
        let allows_null =
            |fields: &Map<String, Value>| fields.get("nullable").is_some_and(|nullable| *nullable == true);
        allows_null(&own) || allows_null(&self.merged(self.resolve(inner).1))
    }

    /// Returns the keywords of a schema, merged with those of its `allOf` parts.
    pub(crate) fn merged(&self, schema: &Value) -> Map<String, Value> {
        self.merged_within(schema, &mut Vec::new())
    }

    fn merged_within<'a>(&'a self, schema: &'a Value, open: &mut Vec<&'a str>) -> Map<String, Value> {
        let mut fields = schema.as_object().cloned().unwrap_or_default();
        if fields.shift_remove("allOf").is_none() {
            return fields;
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            let (name, part) = self.resolve(part);
            // A part that contains itself is merged already.
            if name.is_some_and(|name| open.contains(&name)) {
                continue;
            }
            open.extend(name);
            for (name, value) in self.merged_within(part, open) {
                match (fields.get_mut(&name), value) {
                    (Some(Value::Object(known)), Value::Object(more)) => {
                        for (name, value) in more {
                            known.entry(name).or_insert(value);
                        }
                    }
                    (Some(Value::Array(known)), Value::Array(more)) => known.extend(more),
                    (Some(_), _) => {}
                    (None, value) => drop(fields.insert(name, value)),
                }
            }
        }
        fields
    }
}

/// Returns scheme and host of a server, and its path.
fn server(server: &Value) -> (String, String) {
    let mut address = server["url"].as_str().unwrap_or_default().to_owned();
    for (name, variable) in object(&server["variables"]) {
        address = address.replace(&format!("{{{name}}}"), variable["default"].as_str().unwrap_or_default());
    }
    match Url::parse(&address) {
        Ok(url) => (url.origin().ascii_serialization(), url.path().trim_end_matches('/').to_owned()),
        Err(_) => (String::new(), address.trim_end_matches('/').to_owned()),
    }
}

/// `/volumes/{volume_id}` as `/volumes/{}`.
fn without_names(path: &str) -> String {
    let segments = path.trim_end_matches('/').split('/');
    let plain = segments.map(|segment| if segment.starts_with('{') && segment.ends_with('}') { "{}" } else { segment });
    plain.collect::<Vec<_>>().join("/")
}

/// Removes the common prefix of all schema names, up to a dot, and returns it.
fn strip_schema_prefix(document: &mut Value) -> String {
    let names: Vec<&str> = object(&document["components"]["schemas"]).map(|(name, _)| name.as_str()).collect();
    let [first, rest @ ..] = &names[..] else { return String::new() };
    let is_shared = |prefix: &&str| !rest.is_empty() && rest.iter().all(|name| name.starts_with(*prefix));
    let ends = first.match_indices('.').map(|(dot, _)| &first[..=dot]);
    // Of a single name, a part would be taken for a prefix.
    let Some(prefix) = ends.rev().find(is_shared).map(str::to_owned) else { return String::new() };
    if let Some(schemas) = document::schemas_mut(document) {
        *schemas = std::mem::take(schemas)
            .into_iter()
            .map(|(name, schema)| (name[prefix.len()..].to_owned(), schema))
            .collect();
    }
    let (from, to) = (format!("#/components/schemas/{prefix}"), "#/components/schemas/");
    rename_references(document, &from, to);
    prefix
}

fn rename_references(node: &mut Value, from: &str, to: &str) {
    match node {
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| match value {
            Value::String(reference) if key == "$ref" => {
                if let Some(name) = reference.strip_prefix(from) {
                    *reference = format!("{to}{name}");
                }
            }
            value => rename_references(value, from, to),
        }),
        Value::Array(values) => values.iter_mut().for_each(|value| rename_references(value, from, to)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(yaml: &str) -> Api {
        Api::read(&format!("openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\n{yaml}")).unwrap()
    }

    #[test]
    fn an_operation_is_identified_by_its_full_path_wherever_the_prefix_is() {
        let keys = |yaml: &str| api(yaml).operations(true).into_keys().collect::<Vec<_>>();
        let parameter = |name: &str| format!("[{{name: {name}, in: path, required: true, schema: {{}}}}]");
        let inside = keys(&format!(
            "servers: [{{url: 'https://h/compute/v1/'}}]\n\
             paths: {{'/a/{{id}}': {{get: {{operationId: A, parameters: {}, responses: {{}}}}}}}}",
            parameter("id")
        ));
        let outside = keys(&format!(
            "servers: [{{url: 'https://h'}}]\n\
             paths: {{'/compute/v1/a/{{a_id}}': {{get: {{operationId: A, parameters: {}, responses: {{}}}}}}}}",
            parameter("a_id")
        ));
        assert_eq!(inside, [Key { method: "get".into(), path: "/compute/v1/a/{}".into() }]);
        assert_eq!(inside, outside);
    }

    #[test]
    fn the_common_prefix_of_schema_names_is_removed() {
        let get = "paths: {/a: {get: {operationId: A, responses: {'200': {description: d, content: {application/json: \
                   {schema: {$ref: '#/components/schemas/compute.v1.A.B'}}}}}}}}";
        let api = api(&format!(
            "{get}\ncomponents: {{schemas: {{compute.v1.A.B: {{type: string}}, compute.v1.C: {{type: string}}}}}}"
        ));
        assert_eq!(
            (api.schema_prefix.as_str(), api.has_schema("A.B"), api.has_schema("C")),
            ("compute.v1.", true, true)
        );
        assert!(api.document["paths"].to_string().contains("#/components/schemas/A.B"));
    }

    #[test]
    fn all_of_parts_are_merged() {
        let api = api("paths: {/a: {get: {operationId: A, responses: {}}}}\n\
                       components: {schemas: {A: {required: [a], properties: {a: {type: string}}}}}");
        let parts = serde_json::json!({ "allOf": [
            { "$ref": "#/components/schemas/A" },
            { "required": ["b"], "properties": { "b": { "type": "integer" } } },
        ], "nullable": true });
        assert_eq!(
            Value::Object(api.merged(&parts)),
            serde_json::json!({ "nullable": true, "required": ["a", "b"],
                "properties": { "a": { "type": "string" }, "b": { "type": "integer" } } })
        );
    }
}
