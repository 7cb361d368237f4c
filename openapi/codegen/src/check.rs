//! Checks of the document before anything is generated. The generator panics on most of these problems; here each is an
//! error that names the operation or schema.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::clashes;
use crate::document::{self, Operation, object};
use crate::error::{Error, Result};
use crate::names::{OWN_METHODS, constant_name, method_name, type_name};

/// Checks the whole document, and reports the first problem.
pub(crate) fn check(document: &Value) -> Result<()> {
    version(document)?;
    references(document)?;
    let operations = document::operations(document);
    if operations.is_empty() {
        return Err(Error::new("the document has no operations: `paths` is missing or empty"));
    }
    paths(document)?;
    operation_ids(&operations)?;
    operations.iter().try_for_each(|operation| path_parameters(document, operation))?;
    schema_names(document)?;
    valid_openapi(document)
}

fn version(document: &Value) -> Result<()> {
    match document["openapi"].as_str() {
        Some(version) if version.starts_with("3.0") => Ok(()),
        Some(version) => {
            Err(Error::new(format!("the document declares OpenAPI {version}; only 3.0 and 3.1 are supported")))
        }
        None => Err(Error::new("the document is not an OpenAPI document: it has no `openapi: 3.0.x` or `3.1.x`")),
    }
}

/// Checks that every `$ref` is local and resolves.
fn references(document: &Value) -> Result<()> {
    document::every_reference(document, &mut |place, reference| {
        let problem = match document::resolve(document, reference) {
            Some(target) if is_circular(document, target) => "refers to itself",
            Some(_) => return Ok(()),
            None => "does not exist",
        };
        Err(Error::new(format!("{} refers to `{reference}`, which {problem}", place.join("."))))
    })
}

/// Whether a node is a chain of references that leads back to itself.
fn is_circular<'a>(document: &'a Value, mut node: &'a Value) -> bool {
    let mut seen = Vec::new();
    while let Some(reference) = node["$ref"].as_str() {
        if seen.contains(&reference) {
            return true;
        }
        seen.push(reference);
        match document::resolve(document, reference) {
            Some(target) => node = target,
            None => return false,
        }
    }
    false
}

/// Checks that no two path templates differ only in the names of their parameters, which OpenAPI forbids.
fn paths(document: &Value) -> Result<()> {
    let mut templates = BTreeMap::new();
    for (path, _) in object(&document["paths"]).filter(|(path, _)| path.starts_with('/')) {
        let parts = path.split('}').map(|part| part.split('{').next().unwrap_or_default());
        if let Some(other) = templates.insert(parts.collect::<Vec<_>>(), path) {
            return Err(Error::new(format!("paths {other} and {path} are one path, with parameters of other names")));
        }
    }
    Ok(())
}

/// Checks that every operation has an id, and that its method has a name of its own.
fn operation_ids(operations: &[Operation<'_>]) -> Result<()> {
    let mut methods = BTreeMap::new();
    for operation in operations {
        let Some(id) = operation.value["operationId"].as_str() else {
            return Err(Error::new(format!("{} has no operationId", operation.name())));
        };
        let method = method_name(id);
        let advice = clashes::advice(&format!("operation {id}"));
        if OWN_METHODS.contains(&method.as_str()) {
            return Err(Error::new(format!(
                "operation id {id} gives the method name `{method}`, which the client has itself: {advice}"
            )));
        }
        if let Some(other) = methods.insert(constant_name(&method), id) {
            let problem = match other == id {
                true => "is used twice".to_owned(),
                false => format!("gives the same method name as {other}: {advice}"),
            };
            return Err(Error::new(format!("operation id {id} {problem}")));
        }
    }
    Ok(())
}

/// Checks that the placeholders of a path and the operation's path parameters have the same names.
fn path_parameters(document: &Value, operation: &Operation<'_>) -> Result<()> {
    let shared = &document["paths"][operation.path]["parameters"];
    let declared: Vec<&str> = [shared, &operation.value["parameters"]]
        .into_iter()
        .filter_map(Value::as_array)
        .flatten()
        .map(|parameter| document::resolved(document, parameter))
        .filter(|parameter| parameter["in"] == "path")
        .filter_map(|parameter| parameter["name"].as_str())
        .collect();
    let placeholders: Vec<&str> = operation.path.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
    if let Some(name) = placeholders.iter().find(|name| !declared.contains(name)) {
        let operation = operation.name();
        return Err(Error::new(format!("{operation} does not declare the path parameter `{name}`")));
    }
    if let Some(name) = declared.iter().find(|name| !placeholders.contains(name)) {
        let (path, operation) = (operation.path, operation.name());
        return Err(Error::new(format!("{operation} declares the path parameter `{name}`, which `{path}` lacks")));
    }
    Ok(())
}

/// Checks that no two schema names give the same Rust type.
fn schema_names(document: &Value) -> Result<()> {
    let mut types = BTreeMap::new();
    for (name, _) in object(&document["components"]["schemas"]) {
        if let Some(other) = types.insert(type_name(name), name) {
            let advice = clashes::advice(&format!("schema {name}"));
            return Err(Error::new(format!("schemas {other} and {name} give the same Rust type: {advice}")));
        }
    }
    Ok(())
}

/// Checks that the document is valid OpenAPI: schema by schema and operation by operation, since an error of the whole
/// does not name its place.
fn valid_openapi(document: &Value) -> Result<()> {
    for (name, schema) in object(&document["components"]["schemas"]) {
        deserialize::<openapiv3::ReferenceOr<openapiv3::Schema>>(schema, &format!("schema {name}"))?;
    }
    for operation in document::operations(document) {
        deserialize::<openapiv3::Operation>(operation.value, &format!("operation {}", operation.name()))?;
    }
    deserialize::<openapiv3::OpenAPI>(document, "the document").map(drop)
}

/// Deserializes a part of the document. An error names the part and the place in it.
pub(crate) fn deserialize<T: serde::de::DeserializeOwned>(value: &Value, what: &str) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let (place, reason) = (error.path().to_string(), error.inner().to_string());
        match place.as_str() {
            "." => Error::new(format!("{what} is not valid OpenAPI: {reason}")),
            _ => Error::new(format!("{what} is not valid OpenAPI at `{place}`: {reason}")),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(yaml: &str) -> String {
        check(&document::parse(yaml).unwrap()).unwrap_err().to_string()
    }

    fn document(paths: &str, schemas: &str) -> String {
        format!(
            "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths: {{{paths}}}\ncomponents: {{schemas: {{{schemas}}}}}"
        )
    }

    const OK: &str = "/a: {get: {operationId: A, responses: {}}}";

    #[test]
    fn a_valid_document_passes() {
        check(&document::parse(&document(OK, "B: {type: string}")).unwrap()).unwrap();
    }

    #[test]
    fn each_error_names_its_place() {
        let cases = [
            ("info: {}".to_owned(), "the document is not an OpenAPI document: it has no `openapi: 3.0.x` or `3.1.x`"),
            ("openapi: 3.0.1".to_owned(), "the document has no operations: `paths` is missing or empty"),
            (document("/a: {get: {responses: {}}}", ""), "GET /a has no operationId"),
            (
                document("/a: {get: {operationId: A, responses: {}}, put: {operationId: A, responses: {}}}", ""),
                "operation id A is used twice",
            ),
            (
                document("/a: {get: {operationId: GetA, responses: {}}, put: {operationId: getA, responses: {}}}", ""),
                "operation id getA gives the same method name as GetA: \
                 give the newer one a name in CHOSEN of openapi/codegen/src/names.rs, as in `(\"operation getA\", \"another_name\")`",
            ),
            (
                document("/new: {get: {operationId: New, responses: {}}}", ""),
                "operation id New gives the method name `new`, which the client has itself: \
                 give the newer one a name in CHOSEN of openapi/codegen/src/names.rs, as in `(\"operation New\", \"another_name\")`",
            ),
            (
                document(&format!("'/a/{{id}}/b': {{}}, '/a/{{name}}/b': {{}}, {OK}"), ""),
                "paths /a/{id}/b and /a/{name}/b are one path, with parameters of other names",
            ),
            (
                document("'/a/{id}': {get: {operationId: A, responses: {}}}", ""),
                "A does not declare the path parameter `id`",
            ),
            (
                document(
                    "/a: {get: {operationId: A, parameters: [{name: id, in: path, required: true, schema: {}}], responses: {}}}",
                    "",
                ),
                "A declares the path parameter `id`, which `/a` lacks",
            ),
            (
                document(OK, "FloatingIP: {}, FloatingIp: {}"),
                "schemas FloatingIP and FloatingIp give the same Rust type: \
                 give the newer one a name in CHOSEN of openapi/codegen/src/names.rs, as in `(\"schema FloatingIp\", \"another_name\")`",
            ),
            (
                document(OK, "B: {properties: {c: {$ref: '#/components/schemas/C'}}}"),
                "components.schemas.B.properties.c refers to `#/components/schemas/C`, which does not exist",
            ),
            (
                document(OK, "B: {oneOf: [{type: string}, {$ref: '#/components/schemas/C'}]}"),
                "components.schemas.B.oneOf.1 refers to `#/components/schemas/C`, which does not exist",
            ),
            (
                document(OK, "B: {$ref: '#/components/schemas/C'}, C: {$ref: '#/components/schemas/B'}"),
                "components.schemas.B refers to `#/components/schemas/C`, which refers to itself",
            ),
            (
                document(OK, "B: {$ref: 'other.yaml#/C'}"),
                "components.schemas.B refers to `other.yaml#/C`, which does not exist",
            ),
        ];
        for (yaml, message) in cases {
            assert_eq!(error(&yaml), message);
        }
    }

    #[test]
    fn an_invalid_part_is_named() {
        let schema = error(&document(OK, "B: {type: object, required: yes-please}"));
        assert!(schema.starts_with("schema B is not valid OpenAPI"), "{schema}");
        let operation = error(&document("/a: {get: {operationId: A, tags: 7, responses: {}}}", ""));
        assert!(operation.starts_with("operation A is not valid OpenAPI at `tags`"), "{operation}");
        let whole = error("openapi: 3.0.3\npaths: {/a: {get: {operationId: A, responses: {}}}}");
        assert_eq!(whole, "the document is not valid OpenAPI: missing field `info`");
    }
}
