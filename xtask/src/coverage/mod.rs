//! `cargo xtask coverage`: whether all that the document offers can be reached from the wrapper.
//!
//! Operations, query parameters, request fields and enum values come from the document; what they are called in Rust from the
//! [`bindings`]; whether anybody reaches them from the [`wrapper`]'s code, as it is written.

mod bindings;
mod wrapper;

use std::collections::BTreeSet;
use std::path::Path;

use genesiscloud_codegen::document::{self, object};
use genesiscloud_codegen::{method_name, type_name};
use serde_json::Value;

use self::bindings::Bindings;
use self::wrapper::Wrapper;
use crate::files;

/// How much there is, and what of it nobody reaches.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Coverage {
    pub(crate) operations: usize,
    pub(crate) parameters: usize,
    pub(crate) fields: usize,
    pub(crate) values: usize,
    /// One sentence each.
    pub(crate) gaps: Vec<String>,
}

/// Compares the three.
///
/// # Errors
/// Where one of them cannot be read.
pub(crate) fn coverage(document: &str, bindings: &str, wrapper: &[(String, String)]) -> Result<Coverage, String> {
    let document = genesiscloud_codegen::read(document).map_err(|error| error.to_string())?;
    let (bindings, wrapper) = (Bindings::read(bindings)?, Wrapper::read(wrapper)?);
    let mut look = Look { document: &document, bindings, wrapper, found: Coverage::default() };
    document::operations(&document).into_iter().for_each(|operation| look.operation(operation));
    look.strangers();
    look.enums();
    Ok(look.found)
}

/// The same for the tree at this root.
pub(crate) fn of_tree(root: &Path) -> Result<Coverage, String> {
    let document = files::read(root, files::DOCUMENT)?;
    let bindings = files::read(root, files::BINDINGS)?;
    coverage(&document, &bindings, &files::sources(root, "wrapper/src")?)
}

/// Prints what there is, or fails with what is not reached.
pub(crate) fn run() -> Result<String, String> {
    let Coverage { operations, parameters, fields, values, gaps } = of_tree(&files::root())?;
    match gaps.is_empty() {
        true => Ok(format!(
            "the wrapper reaches all {operations} operations, {parameters} query parameters and {fields} request fields of \
             the document, and names all {values} values of its enums"
        )),
        false => Err(format!("{}\ngaps between the document and the wrapper: {}", gaps.join("\n"), gaps.len())),
    }
}

struct Look<'a> {
    document: &'a Value,
    bindings: Bindings,
    wrapper: Wrapper,
    found: Coverage,
}

impl Look<'_> {
    fn gap(&mut self, gap: String) {
        self.found.gaps.push(gap);
    }

    fn resolve<'a>(&'a self, node: &'a Value) -> &'a Value {
        node["$ref"].as_str().and_then(|to| document::resolve(self.document, to)).unwrap_or(node)
    }

    fn operation(&mut self, operation: document::Operation<'_>) {
        self.found.operations += 1;
        let (id, method) = (operation.name(), method_name(&operation.name()));
        let address = format!("{} {}", operation.method.to_uppercase(), operation.path);
        let Some(signature) = self.bindings.methods.get(&method).cloned() else {
            return self
                .gap(format!("{id} ({address}): the bindings have no method `{method}`; run `cargo xtask generate`"));
        };
        if self.wrapper.calls(&method).is_empty() {
            let file = service_file(operation.path);
            return self.gap(format!("{id} ({address}): no service calls `raw.{method}`; it wants a method in {file}"));
        }
        for name in self.query_parameters(operation) {
            self.found.parameters += 1;
            let position = signature.iter().position(|argument| argument.is_called(&name));
            let is_given = |arguments: &Vec<String>| {
                position.and_then(|position| arguments.get(position)).is_some_and(|argument| argument != "None")
            };
            if !self.wrapper.calls(&method).into_iter().any(is_given) {
                let file = service_file(operation.path);
                self.gap(format!("{id}: no caller can give the query parameter `{name}`; see {file}"));
            }
        }
        let body = signature.iter().find(|argument| argument.is_called("body")).map(|argument| argument.types.clone());
        for body in body.into_iter().flatten() {
            self.body(operation, &body);
        }
    }

    fn query_parameters(&self, operation: document::Operation<'_>) -> Vec<String> {
        let of_path = &self.document["paths"][operation.path]["parameters"];
        let all = [of_path, &operation.value["parameters"]].into_iter().filter_map(Value::as_array).flatten();
        let in_query = all.map(|one| self.resolve(one)).filter(|one| one["in"] == "query");
        in_query.filter_map(|one| one["name"].as_str().map(str::to_owned)).collect()
    }

    /// The fields of a request, and of what is in it.
    fn body(&mut self, operation: document::Operation<'_>, body: &str) {
        let id = operation.name();
        // With the place, as the document has it and as Rust does.
        let mut open = vec![(String::new(), String::new(), body.to_owned())];
        let mut seen = BTreeSet::new();
        while let Some((prefix, rust_prefix, name)) = open.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            if self.bindings.tuples.contains(&name) && !self.wrapper.names(&name) {
                self.gap(format!("{id}: nobody makes a `{name}` for the request"));
            }
            for variant in self.bindings.unions.get(&name).cloned().unwrap_or_default() {
                open.push((prefix.clone(), rust_prefix.clone(), variant));
            }
            for field in self.bindings.structs.get(&name).cloned().unwrap_or_default() {
                self.found.fields += 1;
                let path = format!("{prefix}{}", field.json);
                let place = format!("{rust_prefix}{}", field.rust);
                if !self.wrapper.sets(body, &place, &name, &field.rust) {
                    let file = self.wrapper.file_of(body).map_or_else(|| service_file(operation.path), str::to_owned);
                    self.gap(format!(
                        "{id}: no caller can set the request field `{path}`; it wants a setter in {file}"
                    ));
                }
                let inner = |inner: &String| (format!("{path}."), format!("{place}."), inner.clone());
                open.extend(field.types.iter().map(inner));
            }
        }
    }

    /// Operations that the wrapper names and the document does not have.
    fn strangers(&mut self) {
        let ids: BTreeSet<_> = document::operations(self.document).iter().map(document::Operation::name).collect();
        let strangers: Vec<_> = self.wrapper.operations.iter().filter(|(id, _)| !ids.contains(id)).cloned().collect();
        for (id, file) in strangers {
            self.gap(format!("{file} calls the operation `{id}`, which the document does not have"));
        }
    }

    fn enums(&mut self) {
        let mut enums = Vec::new();
        collect_enums(self.document, "", &mut enums);
        for (name, values) in enums {
            self.found.values += values.len();
            let own = type_name(&name);
            let has_all = |of: &BTreeSet<String>| values.iter().all(|value| of.contains(value));
            // One that stands inside another schema is called by the rules; its values tell which it is.
            let known = self.bindings.enums.get(&own).map(|known| (own.clone(), known)).or_else(|| {
                self.bindings.enums.iter().find(|(_, known)| has_all(known)).map(|(name, known)| (name.clone(), known))
            });
            let Some((of, known)) = known.map(|(of, known)| (of, known.clone())) else {
                self.gap(format!("{name}: the bindings have no enum of {values:?}; run `cargo xtask generate`"));
                continue;
            };
            for value in values.iter().filter(|value| !known.contains(*value)) {
                self.gap(format!("{name}: `{value}` has no name in `{of}`; run `cargo xtask generate`"));
            }
            if !self.wrapper.names(&of) {
                self.gap(format!(
                    "{name}: the wrapper does not name the enum `{of}`; `pub use` it in wrapper/src/lib.rs"
                ));
            }
        }
    }
}

/// Where the service stands that serves a path: `/ssh-keys/{id}` belongs to `ssh_keys.rs`.
fn service_file(path: &str) -> String {
    let resource = path.split('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    format!("wrapper/src/services/{}.rs", method_name(resource))
}

/// All enums of the document, by the name of the schema that they are or are in, and the field.
fn collect_enums(node: &Value, name: &str, found: &mut Vec<(String, Vec<String>)>) {
    if let Some(values) = node["enum"].as_array() {
        let texts: Vec<_> = values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        if !texts.is_empty() {
            found.push((name.to_owned(), texts));
        }
    }
    match node {
        Value::Object(_) => {
            for (key, value) in object(node).filter(|(key, _)| !matches!(key.as_str(), "example" | "examples" | "enum"))
            {
                collect_enums(value, key, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect_enums(value, name, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tree() -> (String, String, Vec<(String, String)>) {
        let root = files::root();
        let read = |path| files::read(&root, path).unwrap();
        (read(files::DOCUMENT), read(files::BINDINGS), files::sources(&root, "wrapper/src").unwrap())
    }

    /// What is missing where the document is changed like this.
    fn gaps_with(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let (document, _, wrapper) = tree();
        let mut document = genesiscloud_codegen::read(&document).unwrap();
        change(&mut document);
        let document = document.to_string();
        let bindings = genesiscloud_codegen::generate(&document).unwrap();
        coverage(&document, &bindings, &wrapper).unwrap().gaps
    }

    /// What is missing where a file of the wrapper has this instead of that.
    fn gaps_without(file: &str, from: &str, to: &str) -> Vec<String> {
        let (document, bindings, mut wrapper) = tree();
        let (_, text) = wrapper.iter_mut().find(|(path, _)| path.ends_with(file)).unwrap();
        assert!(text.contains(from), "{from}");
        *text = text.replace(from, to);
        coverage(&document, &bindings, &wrapper).unwrap().gaps
    }

    #[test]
    fn everything_is_reached() {
        let (document, bindings, wrapper) = tree();
        let found = coverage(&document, &bindings, &wrapper).unwrap();
        assert_eq!(found.gaps, [""; 0]);
        assert_eq!((found.operations, found.parameters), (45, 20));
        assert!(found.fields > 70 && found.values > 50, "{found:?}");
    }

    #[test]
    fn what_the_document_adds_is_missed() {
        let drop = json!({ "operationId": "DropQuotas", "responses": { "204": { "description": "d" } } });
        assert_eq!(
            gaps_with(|document| document["paths"]["/quotas"]["delete"] = drop),
            ["DropQuotas (DELETE /quotas): no service calls `raw.drop_quotas`; it wants a method in \
              wrapper/src/services/quotas.rs"]
        );
        let zone = json!({ "name": "zone", "in": "query", "schema": { "type": "string" } });
        assert_eq!(
            gaps_with(|document| {
                let operation = &mut document["paths"]["/availability/{region}/instances"]["get"];
                operation["parameters"].as_array_mut().unwrap().push(zone);
            }),
            ["GetInstancesAvailability: no caller can give the query parameter `zone`; see \
              wrapper/src/services/availability.rs"]
        );
        let checksum = json!({ "type": "object", "properties": { "sha256": { "type": "string" } } });
        let setter = "it wants a setter in wrapper/src/services/snapshots.rs";
        assert_eq!(
            gaps_with(|document| {
                let body = "/paths/~1snapshots/post/requestBody/content/application~1json/schema/properties";
                document.pointer_mut(body).unwrap()["checksum"] = checksum;
            }),
            [
                format!("CreateSnapshot: no caller can set the request field `checksum`; {setter}"),
                format!("CreateSnapshot: no caller can set the request field `checksum.sha256`; {setter}"),
            ]
        );
        // Of the same name as a field elsewhere in the request, which has a setter.
        assert_eq!(
            gaps_with(|document| {
                let metadata =
                    "/paths/~1instances/post/requestBody/content/application~1json/schema/properties/metadata";
                document.pointer_mut(metadata).unwrap()["properties"]["hostname"] = json!({ "type": "string" });
            }),
            ["CreateInstance: no caller can set the request field `metadata.hostname`; it wants a setter in \
              wrapper/src/services/instances/requests.rs"]
        );
        let band = json!({ "type": "string", "enum": ["red", "blue"] });
        assert_eq!(
            gaps_with(|document| document["components"]["schemas"]["Band"] = band),
            ["Band: the wrapper does not name the enum `Band`; `pub use` it in wrapper/src/lib.rs"]
        );
    }

    #[test]
    fn what_the_wrapper_drops_is_missed() {
        assert_eq!(
            gaps_without("volumes.rs", "self.0.description = Some(description.into());", ""),
            [
                "CreateVolume: no caller can set the request field `description`; it wants a setter in wrapper/src/services/volumes.rs",
                "UpdateVolume: no caller can set the request field `description`; it wants a setter in wrapper/src/services/volumes.rs",
            ]
        );
        assert_eq!(
            gaps_without("requests.rs", ".startup_script = Some(script.into().into())", ""),
            [
                "CreateInstance: no caller can set the request field `metadata.startup_script`; it wants a setter in wrapper/src/services/instances/requests.rs"
            ]
        );
        assert_eq!(
            gaps_without("quotas.rs", "call.raw.get_quotas()", "call.raw.get_reservations()"),
            [
                "GetQuotas (GET /quotas): no service calls `raw.get_quotas`; it wants a method in wrapper/src/services/quotas.rs"
            ]
        );
        assert_eq!(
            gaps_without(
                "images.rs",
                "list_images_paginated(number, size, kind)",
                "list_images_paginated(number, size, None)"
            ),
            ["ListImagesPaginated: no caller can give the query parameter `type`; see wrapper/src/services/images.rs"]
        );
        assert_eq!(
            gaps_without("volumes.rs", "\"CreateVolume\"", "\"MakeVolume\""),
            ["wrapper/src/services/volumes.rs calls the operation `MakeVolume`, which the document does not have"]
        );
        // Given to a macro, in a file that is read before the macro's own.
        assert_eq!(
            gaps_without("filesystems.rs", "\"ListFilesystemsPaginated\"", "\"ListAll\""),
            ["wrapper/src/services/filesystems.rs calls the operation `ListAll`, which the document does not have"]
        );
        let listed = gaps_without("services/mod.rs", "$method(number, size)", "$method(number, None)");
        assert!(listed.contains(&"ListVolumesPaginated: no caller can give the query parameter `per_page`; see wrapper/src/services/volumes.rs".into()));
        assert_eq!(
            gaps_without("volumes.rs", "list_volumes_paginated", "list_filesystems_paginated"),
            [
                "ListVolumesPaginated (GET /volumes): no service calls `raw.list_volumes_paginated`; it wants a method in wrapper/src/services/volumes.rs"
            ]
        );
    }

    #[test]
    fn bindings_of_another_document_are_noticed() {
        let (document, bindings, wrapper) = tree();
        let renamed = document.replace("operationId: GetQuotas", "operationId: GetAllQuotas");
        let gaps = coverage(&renamed, &bindings, &wrapper).unwrap().gaps;
        assert_eq!(
            gaps,
            [
                "GetAllQuotas (GET /quotas): the bindings have no method `get_all_quotas`; run `cargo xtask generate`",
                "wrapper/src/services/quotas.rs calls the operation `GetQuotas`, which the document does not have",
            ]
        );
    }
}
