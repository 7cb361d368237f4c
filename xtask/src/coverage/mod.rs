//! `cargo xtask coverage`: checks that everything in the document can be reached through the wrapper.
//!
//! Operations, query parameters, request fields and enum values are taken from the document, their Rust names from the
//! [`bindings`], and whether callers reach them from the code of the [`wrapper`]. What futures do there, synchronous code must
//! do as well ([`parity`]).

mod bindings;
mod parity;
mod wrapper;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use genesiscloud_codegen::document::{self, object};
use genesiscloud_codegen::{method_name, type_name};
use serde_json::Value;

use self::bindings::Bindings;
use self::wrapper::Wrapper;
use crate::files;

/// The root of the wrapper's crate.
const WRAPPER: &str = "wrapper/src/lib.rs";

/// What the document has, and what of it the wrapper does not reach.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Coverage {
    pub(crate) operations: usize,
    pub(crate) parameters: usize,
    pub(crate) fields: usize,
    pub(crate) values: usize,
    /// Methods that are to have a blocking one.
    pub(crate) methods: usize,
    /// One sentence each.
    pub(crate) gaps: Vec<String>,
}

/// Compares document, bindings and wrapper.
///
/// # Errors
/// If one of them cannot be read.
pub(crate) fn coverage(document: &str, bindings: &str, sources: &[(String, String)]) -> Result<Coverage, String> {
    let document = genesiscloud_codegen::read(document).map_err(|error| error.to_string())?;
    let (bindings, wrapper) = (Bindings::read(bindings)?, Wrapper::read(sources, WRAPPER)?);
    let mut check = Check { document: &document, bindings, wrapper, found: Coverage::default() };
    document::operations(&document).into_iter().for_each(|operation| check.operation(operation));
    check.unknown_operations();
    check.enums();
    let (methods, gaps) = parity::check(sources, WRAPPER)?;
    check.found.methods = methods;
    check.found.gaps.extend(gaps);
    Ok(check.found)
}

/// Compares those of the workspace at this root.
pub(crate) fn of_tree(root: &Path) -> Result<Coverage, String> {
    let document = files::read(root, files::DOCUMENT)?;
    let bindings = files::read(root, files::BINDINGS)?;
    coverage(&document, &bindings, &files::sources(root, "wrapper/src")?)
}

/// Returns the counts, or fails with the gaps.
pub(crate) fn run() -> Result<String, String> {
    let Coverage { operations, parameters, fields, values, methods, gaps } = of_tree(&files::root())?;
    if gaps.is_empty() {
        Ok(format!(
            "the wrapper reaches all {operations} operations, {parameters} query parameters and {fields} request fields of \
             the document, and names all {values} values of its enums; {methods} methods have blocking ones"
        ))
    } else {
        Err(format!("{}\ngaps between the document and the wrapper: {}", gaps.join("\n"), gaps.len()))
    }
}

struct Check<'a> {
    document: &'a Value,
    bindings: Bindings,
    wrapper: Wrapper,
    found: Coverage,
}

impl Check<'_> {
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
        let Some(signature) = self.bindings.requests.get(&method).cloned() else {
            return self.gap(format!(
                "{id} ({address}): the bindings have no `requests::{method}`; run `cargo xtask generate`"
            ));
        };
        let file = self.resource_file(operation.path);
        if self.wrapper.calls(&method).is_empty() {
            return self.gap(format!(
                "{id} ({address}): the wrapper does not call `requests::{method}`; add a method in {file}"
            ));
        }
        for name in self.query_parameters(operation) {
            self.found.parameters += 1;
            let position = signature.iter().position(|argument| argument.is_called(&name));
            let is_given =
                position.is_some_and(|position| self.wrapper.calls(&method).iter().any(|given| given.has(position)));
            if !is_given {
                self.gap(format!("{id}: callers cannot set the query parameter `{name}`; see {file}"));
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

    /// Checks the fields of a request body, nested ones included.
    fn body(&mut self, operation: document::Operation<'_>, body: &str) {
        let id = operation.name();
        // With their paths in the document and in Rust.
        let mut open = vec![(String::new(), String::new(), body.to_owned())];
        let mut seen = BTreeSet::new();
        while let Some((prefix, rust_prefix, name)) = open.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            if self.bindings.tuples.contains(&name) && !self.wrapper.names(&name) {
                self.gap(format!("{id}: the wrapper makes no `{name}` for the request"));
            }
            for variant in self.bindings.unions.get(&name).cloned().unwrap_or_default() {
                open.push((prefix.clone(), rust_prefix.clone(), variant));
            }
            for field in self.bindings.structs.get(&name).cloned().unwrap_or_default() {
                self.found.fields += 1;
                let path = format!("{prefix}{}", field.json);
                let place = format!("{rust_prefix}{}", field.rust);
                if !self.wrapper.sets(body, &place, &name, &field.rust) {
                    let file =
                        self.wrapper.file_of(body).map_or_else(|| self.resource_file(operation.path), str::to_owned);
                    self.gap(format!("{id}: callers cannot set the request field `{path}`; add a setter in {file}"));
                }
                // One that holds others is set through theirs.
                let is_whole = !field.types.iter().any(|name| self.bindings.structs.contains_key(name));
                if let Some(setters) = self.wrapper.renamed(body, &place, &field.rust).filter(|_| is_whole) {
                    self.gap(format!(
                        "{id}: the request field `{path}` is set by {setters}; a setter has the name of its field, `{}`",
                        field.rust
                    ));
                }
                let inner = |inner: &String| (format!("{path}."), format!("{place}."), inner.clone());
                open.extend(field.types.iter().map(inner));
            }
        }
    }

    /// Checks that the document has all operations that the wrapper calls.
    fn unknown_operations(&mut self) {
        let known: BTreeSet<_> =
            document::operations(self.document).iter().map(|operation| method_name(&operation.name())).collect();
        let unknown: Vec<_> = self
            .wrapper
            .used()
            .filter(|(function, _)| !known.contains(*function))
            .map(|(function, file)| {
                format!("{file} calls `requests::{function}`, which is no operation of the document")
            })
            .collect();
        self.found.gaps.extend(unknown);
    }

    /// Returns the file of the resource that a path belongs to: the one that calls most of the resource's operations. If there
    /// is none, it is named after the path, such as `ssh_keys.rs` for `/ssh-keys/{id}`.
    fn resource_file(&self, path: &str) -> String {
        let resource = first_segment(path);
        let operations = document::operations(self.document).into_iter();
        let functions: BTreeSet<_> = operations
            .filter(|operation| first_segment(operation.path) == resource)
            .map(|operation| method_name(&operation.name()))
            .collect();
        let mut files = BTreeMap::<&str, usize>::new();
        for (_, file) in self.wrapper.used().filter(|(function, _)| functions.contains(*function)) {
            *files.entry(file).or_default() += 1;
        }
        match files.into_iter().max_by_key(|(_, count)| *count) {
            Some((file, _)) => file.to_owned(),
            None => format!("wrapper/src/resources/{}.rs", method_name(resource)),
        }
    }

    fn enums(&mut self) {
        let mut enums = Vec::new();
        collect_enums(self.document, "", &mut enums);
        for (name, values) in enums {
            self.found.values += values.len();
            let own = type_name(&name);
            let has_all = |of: &BTreeSet<String>| values.iter().all(|value| of.contains(value));
            // The rules name an enum that is nested in another schema; it is identified by its values.
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
                    "{name}: the wrapper does not name the enum `{of}`; re-export it from the file of its resource"
                ));
            }
        }
    }
}

fn first_segment(path: &str) -> &str {
    path.split('/').find(|segment| !segment.is_empty()).unwrap_or_default()
}

/// Collects all enums of the document, each with the name of its schema or field.
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

    /// Returns the gaps after a change to the document.
    fn gaps_with(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let (document, _, wrapper) = tree();
        let mut document = genesiscloud_codegen::read(&document).unwrap();
        change(&mut document);
        let document = document.to_string();
        let bindings = genesiscloud_codegen::generate(&document).unwrap();
        coverage(&document, &bindings, &wrapper).unwrap().gaps
    }

    /// Returns the gaps after a replacement in a file of the wrapper.
    fn gaps_without(file: &str, from: &str, to: &str) -> Vec<String> {
        let (document, bindings, mut wrapper) = tree();
        let (_, text) = wrapper.iter_mut().find(|(path, _)| path.ends_with(file)).unwrap();
        assert!(text.contains(from), "{from}");
        *text = text.replace(from, to);
        coverage(&document, &bindings, &wrapper).unwrap().gaps
    }

    #[test]
    fn the_wrapper_reaches_the_whole_document() {
        let (document, bindings, wrapper) = tree();
        let found = coverage(&document, &bindings, &wrapper).unwrap();
        assert_eq!(found.gaps, [""; 0]);
        let document = genesiscloud_codegen::read(&document).unwrap();
        assert_eq!(found.operations, document::operations(&document).len());
        // Otherwise a check that finds nothing would pass.
        assert!(found.parameters > 15 && found.fields > 70 && found.values > 50 && found.methods > 80, "{found:?}");
    }

    #[test]
    fn what_the_document_adds_is_a_gap() {
        let drop = json!({ "operationId": "DropQuotas", "responses": { "204": { "description": "d" } } });
        assert_eq!(
            gaps_with(|document| document["paths"]["/quotas"]["delete"] = drop),
            ["DropQuotas (DELETE /quotas): the wrapper does not call `requests::drop_quotas`; add a method in \
              wrapper/src/resources/quotas.rs"]
        );
        let zone = json!({ "name": "zone", "in": "query", "schema": { "type": "string" } });
        assert_eq!(
            gaps_with(|document| {
                let operation = &mut document["paths"]["/availability/{region}/instances"]["get"];
                operation["parameters"].as_array_mut().unwrap().push(zone);
            }),
            ["GetInstancesAvailability: callers cannot set the query parameter `zone`; see \
              wrapper/src/resources/availability.rs"]
        );
        let checksum = json!({ "type": "object", "properties": { "sha256": { "type": "string" } } });
        let setter = "add a setter in wrapper/src/resources/snapshots.rs";
        assert_eq!(
            gaps_with(|document| {
                let body = "/paths/~1snapshots/post/requestBody/content/application~1json/schema/properties";
                document.pointer_mut(body).unwrap()["checksum"] = checksum;
            }),
            [
                format!("CreateSnapshot: callers cannot set the request field `checksum`; {setter}"),
                format!("CreateSnapshot: callers cannot set the request field `checksum.sha256`; {setter}"),
            ]
        );
        // A field of the same name elsewhere in the request has a setter.
        assert_eq!(
            gaps_with(|document| {
                let metadata =
                    "/paths/~1instances/post/requestBody/content/application~1json/schema/properties/metadata";
                document.pointer_mut(metadata).unwrap()["properties"]["hostname"] = json!({ "type": "string" });
            }),
            ["CreateInstance: callers cannot set the request field `metadata.hostname`; add a setter in \
              wrapper/src/resources/instances/parameters.rs"]
        );
        let band = json!({ "type": "string", "enum": ["red", "blue"] });
        assert_eq!(
            gaps_with(|document| document["components"]["schemas"]["Band"] = band),
            ["Band: the wrapper does not name the enum `Band`; re-export it from the file of its resource"]
        );
    }

    #[test]
    fn a_field_without_a_setter_is_a_gap() {
        let gap = |operation: &str, field: &str| {
            let setter = "add a setter in wrapper/src/resources/volumes.rs";
            [format!("{operation}: callers cannot set the request field `{field}`; {setter}")]
        };
        // Setters that name their field, and one that is written as a method.
        assert_eq!(gaps_without("volumes.rs", "= self.0.type_;", ""), gap("CreateVolume", "type"));
        assert_eq!(gaps_without("volumes.rs", "= self.0.description;", ""), gap("UpdateVolume", "description"));
        assert_eq!(gaps_without("volumes.rs", "self.0.description = Some", "drop"), gap("CreateVolume", "description"));
        assert_eq!(
            gaps_without("instances/parameters.rs", ".startup_script = Some(script.into().into())", ""),
            [
                "CreateInstance: callers cannot set the request field `metadata.startup_script`; add a setter in wrapper/src/resources/instances/parameters.rs"
            ]
        );
    }

    #[test]
    fn a_setter_of_another_name_than_its_field_is_a_gap() {
        let gap = |field: &str, setter: &str, name: &str| {
            [format!(
                "CreateVolume: the request field `{field}` is set by `{setter}`; a setter has the name of its field, `{name}`"
            )]
        };
        assert_eq!(
            gaps_without("volumes.rs", "pub fn type_(", "pub fn volume_type("),
            gap("type", "volume_type", "type_")
        );
        // Other methods may set it as well, such as `marker`.
        assert_eq!(gaps_without("volumes.rs", "pub fn description(mut", "pub fn about(mut").len(), 1);
    }

    #[test]
    fn an_operation_that_is_not_called_is_a_gap() {
        assert_eq!(
            gaps_without("quotas.rs", "requests::get_quotas(", "requests::get_reservations("),
            [
                "GetQuotas (GET /quotas): the wrapper does not call `requests::get_quotas`; add a method in wrapper/src/resources/quotas.rs"
            ]
        );
        // As an argument of a macro.
        assert_eq!(
            gaps_without("volumes.rs", "list_volumes_paginated", "list_filesystems_paginated"),
            [
                "ListVolumesPaginated (GET /volumes): the wrapper does not call `requests::list_volumes_paginated`; add a method in wrapper/src/resources/volumes.rs"
            ]
        );
        // Only in tests.
        assert_eq!(gaps_without("quotas.rs", "operations! {", "#[cfg(test)]\noperations! {").len(), 1);
    }

    #[test]
    fn a_query_parameter_that_is_not_set_is_a_gap() {
        assert_eq!(
            gaps_without("images.rs", "(raw, number, size, kind.clone())", "(raw, number, size, None)"),
            ["ListImagesPaginated: callers cannot set the query parameter `type`; see wrapper/src/resources/images.rs"]
        );
        // In the arguments of a macro.
        assert_eq!(
            gaps_without("volumes.rs", "(raw, page, per_page)", "(raw, page, None)"),
            [
                "ListVolumesPaginated: callers cannot set the query parameter `per_page`; see wrapper/src/resources/volumes.rs"
            ]
        );
    }

    #[test]
    fn a_method_without_a_blocking_one_is_a_gap() {
        let gap = |file: &str, of: &str, method: &str| {
            [format!(
                "wrapper/src/{file}: `{of}::{method}` has no blocking method of that name; add it to `blocking::{of}`, or an \
                 exception with its reason to EXCEPTIONS in xtask/src/coverage/parity.rs"
            )]
        };
        // Of a type that has a blocking one: named in a macro, written out, an iterator's.
        assert_eq!(gaps_without("blocking/wait.rs", "until_gone(", "("), gap("wait/mod.rs", "Waiter", "until_gone"));
        assert_eq!(gaps_without("blocking/list.rs", "fn page(", "fn one("), gap("list/mod.rs", "List", "page"));
        assert_eq!(gaps_without("blocking/watch.rs", "fn next(", "fn one("), gap("watch/mod.rs", "Watch", "next"));
        assert_eq!(
            gaps_without("lifecycle/blocking.rs", "fn adopt(", "fn take("),
            gap("lifecycle/scope.rs", "Scope", "adopt")
        );
        // Of any type, if it returns what has to be awaited.
        for more in ["pub fn more(&self) -> Call<()> {}", "pub async fn more(&self) {}"] {
            let with_more = format!("impl Quota {{ {more} }} service! {{");
            assert_eq!(
                gaps_without("quotas.rs", "service! {", &with_more),
                gap("resources/quotas.rs", "Quota", "more")
            );
        }
        assert_eq!(gaps_without("quotas.rs", "service! {", "impl Quota { pub fn more(&self) {} } service! {"), [""; 0]);
        assert_eq!(
            gaps_without("client/mod.rs", "pub fn raw(", "fn raw("),
            ["`Client::raw` is an exception in xtask/src/coverage/parity.rs, and needs none"]
        );
    }

    #[test]
    fn bindings_of_another_document_are_reported() {
        let (document, bindings, wrapper) = tree();
        let renamed = document.replace("operationId: GetQuotas", "operationId: GetAllQuotas");
        let gaps = coverage(&renamed, &bindings, &wrapper).unwrap().gaps;
        assert_eq!(
            gaps,
            [
                "GetAllQuotas (GET /quotas): the bindings have no `requests::get_all_quotas`; run `cargo xtask generate`",
                "wrapper/src/resources/quotas.rs calls `requests::get_quotas`, which is no operation of the document",
            ]
        );
    }
}
