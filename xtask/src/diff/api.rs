//! A document, as a comparison looks at it: operations by method and address, names without what the provider puts in
//! front of all of them.

use std::collections::BTreeMap;

use genesiscloud_codegen::document::{self, object, schema_name};
use serde_json::{Map, Value};
use url::Url;

/// A document to compare.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) document: Value,
    /// The address of its first server, and the path of that.
    pub(crate) origin: String,
    pub(crate) base_path: String,
    /// What all schema names begin with, such as `compute.v1.`; it is taken off.
    pub(crate) schema_prefix: String,
}

/// By what an operation is known: its method, and its whole path with the names of parameters left out.
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
    /// One sentence that names the place, where it is no sound OpenAPI document.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        genesiscloud_codegen::read(text).map(Self::of).map_err(|error| error.to_string())
    }

    /// A document that is sound.
    pub(crate) fn of(mut document: Value) -> Self {
        let schema_prefix = take_off_prefix(&mut document);
        let (origin, base_path) = server(&document["servers"][0]);
        Self { origin, base_path, document, schema_prefix }
    }

    /// By their whole paths, or by those below the server's address.
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

    /// The parameters of an operation, its path's included, by where they stand and their name.
    pub(crate) fn parameters<'a>(&'a self, operation: Operation<'a>) -> BTreeMap<(&'a str, String), &'a Value> {
        let of_path = &self.document["paths"][operation.path]["parameters"];
        [of_path, &operation.value["parameters"]]
            .into_iter()
            .filter_map(Value::as_array)
            .flatten()
            .map(|parameter| self.resolve(parameter).1)
            .map(|parameter| {
                let text = |name: &str| parameter[name].as_str().unwrap_or_default();
                // The names of headers are the same in capitals.
                let name = if text("in") == "header" { text("name").to_lowercase() } else { text("name").to_owned() };
                ((text("in"), name), parameter)
            })
            .collect()
    }

    /// What a node refers to, or the node itself; with the name of the schema, if it is one.
    pub(crate) fn resolve<'a>(&'a self, node: &'a Value) -> (Option<&'a str>, &'a Value) {
        let mut name = None;
        let mut node = node;
        while let Some(reference) = node["$ref"].as_str() {
            name = name.or(schema_name(reference));
            // A reference to itself ends nowhere.
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

    /// What a schema says of its place, and what it refers to: `allOf` of one reference is that reference.
    pub(crate) fn see_through<'a>(&self, schema: &'a Value) -> (Map<String, Value>, &'a Value) {
        let parts = schema["allOf"].as_array().map(Vec::as_slice);
        let says_no_type = |fields: &Map<String, Value>| {
            let of_types = ["properties", "required", "additionalProperties", "items", "enum", "oneOf", "anyOf"];
            of_types.iter().all(|keyword| !fields.contains_key(*keyword))
        };
        match (parts, schema.as_object()) {
            (Some([only]), Some(fields)) if only.get("$ref").is_some() && says_no_type(fields) => {
                let mut own = fields.clone();
                own.shift_remove("allOf");
                (own, only)
            }
            _ => (Map::new(), schema),
        }
    }

    /// Whether null is a value of a schema.
    pub(crate) fn is_nullable(&self, schema: &Value) -> bool {
        let (own, inner) = self.see_through(schema);
        let says_so = |fields: &Map<String, Value>| fields.get("nullable").is_some_and(|nullable| *nullable == true);
        says_so(&own) || says_so(&self.flat(self.resolve(inner).1))
    }

    /// The fields of a schema, those of all its parts where it is made of several.
    pub(crate) fn flat(&self, schema: &Value) -> Map<String, Value> {
        self.flat_within(schema, &mut Vec::new())
    }

    fn flat_within<'a>(&'a self, schema: &'a Value, open: &mut Vec<&'a str>) -> Map<String, Value> {
        let mut fields = schema.as_object().cloned().unwrap_or_default();
        if fields.shift_remove("allOf").is_none() {
            return fields;
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            let (name, part) = self.resolve(part);
            // One that is a part of itself has said all by now.
            if name.is_some_and(|name| open.contains(&name)) {
                continue;
            }
            open.extend(name);
            for (name, value) in self.flat_within(part, open) {
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

/// Scheme and host of a server, and its path.
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

/// Takes off what the names of all schemas begin with, up to a dot, and gives it.
fn take_off_prefix(document: &mut Value) -> String {
    let names: Vec<&str> = object(&document["components"]["schemas"]).map(|(name, _)| name.as_str()).collect();
    let [first, rest @ ..] = &names[..] else { return String::new() };
    let is_shared = |prefix: &&str| !rest.is_empty() && rest.iter().all(|name| name.starts_with(*prefix));
    let ends = first.match_indices('.').map(|(dot, _)| &first[..=dot]);
    // With one name alone it would be taken for a prefix.
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
    fn an_operation_is_known_by_its_whole_path_wherever_the_prefix_stands() {
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
    fn what_all_names_begin_with_is_taken_off() {
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
    fn parts_make_one_schema() {
        let api = api("paths: {/a: {get: {operationId: A, responses: {}}}}\n\
                       components: {schemas: {A: {required: [a], properties: {a: {type: string}}}}}");
        let parts = serde_json::json!({ "allOf": [
            { "$ref": "#/components/schemas/A" },
            { "required": ["b"], "properties": { "b": { "type": "integer" } } },
        ], "nullable": true });
        assert_eq!(
            Value::Object(api.flat(&parts)),
            serde_json::json!({ "nullable": true, "required": ["a", "b"],
                "properties": { "a": { "type": "string" }, "b": { "type": "integer" } } })
        );
    }
}
