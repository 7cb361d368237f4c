//! A document prepared for comparison: its operations by method and path, its parameters, its schemas.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use genesiscloud_codegen::document::{self, object, schema_name};
use serde_json::{Map, Value};
use url::Url;

use crate::bindings::{Function, Inventory};

/// A document to compare.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) document: Value,
    /// Scheme and host of its first server, and the path below them.
    pub(crate) origin: String,
    pub(crate) base_path: String,
    /// The names of its bindings; empty if they are not known.
    pub(crate) names: Rc<Inventory>,
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
    pub(crate) fn of(document: Value) -> Self {
        let (origin, base_path) = server(&document["servers"][0]);
        Self { origin, base_path, document, names: Rc::default() }
    }

    /// Returns the name of the method of an operation.
    pub(crate) fn method(&self, id: &str) -> String {
        self.names.request(id).map_or_else(|| genesiscloud_codegen::method_name(id), |(name, _)| name.to_owned())
    }

    /// Returns the type that is the body of this operation only, which is named after it if that is not known.
    pub(crate) fn body_type(&self, id: &str) -> String {
        let arguments = self.names.request(id).into_iter().flat_map(|(_, function)| &function.arguments);
        let mut types = arguments.filter(|(name, _)| name == "body").map(|(_, rust)| rust.trim_start_matches('&'));
        let is_of_others = |name: &str| {
            let method = self.method(id);
            self.names.users(name).any(|user| user.rsplit(['.', ':']).next() != Some(&method))
        };
        let own = types.next().filter(|name| self.names.has_type(name) && !is_of_others(name));
        own.map_or_else(|| format!("{}Body", genesiscloud_codegen::type_name(id)), str::to_owned)
    }

    /// Returns the names in the bindings that an operation has: its method, its request, its constant.
    pub(crate) fn names_of(&self, id: &str) -> BTreeSet<String> {
        let of = |(name, function): (&str, &Function)| {
            let constant = function.operation.as_deref().unwrap_or_default();
            [format!("raw().{name}"), format!("requests::{name}"), format!("operations::{constant}")]
        };
        self.names.request(id).map(of).into_iter().flatten().collect()
    }

    /// Returns the names of the constants of all operations, which have their paths.
    pub(crate) fn constants(&self) -> BTreeSet<String> {
        self.names.items.keys().filter(|name| name.starts_with("operations::")).cloned().collect()
    }

    /// Gives the schemas without names the titles by which rules of the generator name their types.
    pub(crate) fn name_types(&mut self) {
        genesiscloud_codegen::rules::readable_names(&mut self.document);
    }

    /// Returns the names of all schemas.
    pub(crate) fn schema_names(&self) -> BTreeSet<&str> {
        object(&self.document["components"]["schemas"]).map(|(name, _)| name.as_str()).collect()
    }

    /// Replaces the prefix of schema names, where the new name is not that of another schema.
    pub(crate) fn replace_schema_prefix(&mut self, from: &str, to: &str) {
        let names = self.schema_names();
        let new_name = |name: &str| Some(format!("{to}{}", name.strip_prefix(from)?));
        let renamed: BTreeMap<String, String> = names
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), new_name(name)?)))
            .filter(|(_, new)| !names.contains(new.as_str()))
            .collect();
        if let Some(schemas) = document::schemas_mut(&mut self.document) {
            let named = |(name, schema)| (renamed.get(&name).cloned().unwrap_or(name), schema);
            *schemas = std::mem::take(schemas).into_iter().map(named).collect();
        }
        rename_references(&mut self.document, &renamed);
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

    /// Splits a schema into the keywords of its place and the schema that it stands for: `allOf` of one reference is that
    /// reference, and a union of one variant is that variant, for the generator too.
    pub(crate) fn unwrap_only_part<'a>(&self, schema: &'a Value) -> (Map<String, Value>, &'a Value) {
        let Some(fields) = schema.as_object() else { return (Map::new(), schema) };
        let only_part = |keyword| match schema[keyword].as_array().map(Vec::as_slice) {
            Some([only]) if keyword != "allOf" || only.get("$ref").is_some() => Some((keyword, only)),
            _ => None,
        };
        let Some((keyword, only)) = ["allOf", "oneOf", "anyOf"].into_iter().find_map(only_part) else {
            return (Map::new(), schema);
        };
        let mut own = fields.clone();
        own.shift_remove(keyword);
        let of_types = ["properties", "required", "additionalProperties", "items", "enum", "oneOf", "anyOf", "allOf"];
        let has_type = of_types.iter().any(|keyword| own.contains_key(*keyword));
        if has_type || (keyword != "allOf" && own.contains_key("type")) { (Map::new(), schema) } else { (own, only) }
    }

    /// Returns whether a schema allows null.
    pub(crate) fn is_nullable(&self, schema: &Value) -> bool {
        self.is_set(schema, "nullable")
    }

    /// Returns whether a keyword of a schema, or of the one that it refers to, is true.
    pub(crate) fn is_set(&self, schema: &Value, keyword: &str) -> bool {
        let (own, inner) = self.unwrap_only_part(schema);
        let is_set = |fields: &Map<String, Value>| fields.get(keyword).is_some_and(|value| *value == true);
        is_set(&own) || is_set(&self.merged(self.resolve(inner).1))
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

/// `/volumes/{volume_id}` as `/volumes/{}`. A slash at the end is part of the address.
pub(crate) fn without_names(path: &str) -> String {
    let segments = path.split('/');
    let plain = segments.map(|segment| if segment.starts_with('{') && segment.ends_with('}') { "{}" } else { segment });
    plain.collect::<Vec<_>>().join("/")
}

/// Replaces the names of schemas in all references.
fn rename_references(node: &mut Value, names: &BTreeMap<String, String>) {
    match node {
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| match value {
            Value::String(reference) if key == "$ref" => {
                if let Some(name) = schema_name(reference).and_then(|name| names.get(name)) {
                    *reference = format!("#/components/schemas/{name}");
                }
            }
            value => rename_references(value, names),
        }),
        Value::Array(values) => values.iter_mut().for_each(|value| rename_references(value, names)),
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
    fn a_prefix_of_schema_names_is_replaced_unless_that_would_hide_another_schema() {
        let get = "paths: {/a: {get: {operationId: A, responses: {'200': {description: d, content: {application/json: \
                   {schema: {$ref: '#/components/schemas/v1.A.B'}}}}}}}}";
        let mut api = api(&format!(
            "{get}\ncomponents: {{schemas: {{v1.A.B: {{type: string}}, v1.C: {{type: string}}, C: {{type: string}}, \
             Time: {{type: string}}}}}}"
        ));
        api.replace_schema_prefix("v1.", "");
        assert_eq!(api.schema_names().into_iter().collect::<Vec<_>>(), ["A.B", "C", "Time", "v1.C"]);
        assert!(api.document["paths"].to_string().contains("#/components/schemas/A.B"));
    }

    #[test]
    fn path_items_by_reference_are_those_that_they_refer_to() {
        let document = |paths: &str| {
            let get = "{get: {operationId: GetQuotas, responses: {}}}";
            format!("openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths: {{{paths}}}\nx-paths: {{quotas: {get}}}")
        };
        for paths in [
            "/quotas: {$ref: '#/x-paths/quotas'}",
            "/quotas: {$ref: '#/x-paths/quotas', summary: beside it}",
            "/quotas: {$ref: '#/x-more/of'}}\nx-more: {of: {$ref: '#/x-paths/quotas'}",
        ] {
            let api = Api::read(&document(paths)).unwrap();
            assert_eq!(api.operations(true).values().map(|operation| operation.id).collect::<Vec<_>>(), ["GetQuotas"]);
        }
        for (paths, reason) in [
            ("/a: {$ref: '#/x-paths/none'}", "paths./a refers to `#/x-paths/none`, which does not exist"),
            ("/a: {$ref: '#/paths/~1a'}", "paths./a refers to `#/paths/~1a`, which refers to itself"),
            ("/a: {$ref: '#/x-paths/quotas'}, /b: {$ref: '#/x-paths/quotas'}", "operation id GetQuotas is used twice"),
        ] {
            assert_eq!(Api::read(&document(paths)).unwrap_err(), reason);
        }
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
