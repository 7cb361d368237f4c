//! Generates the source of the raw bindings from the OpenAPI document of the Genesis Cloud Compute API.
//!
//! The entry point is [`generate`], which the bindings' `build.rs` and `cargo xtask generate` call. Its steps, one
//! module each:
//!
//! 1. [`document`] parses YAML or JSON;
//! 2. [`rules::LOWERINGS`] convert OpenAPI 3.1 to 3.0, and [`rules::NORMALIZATIONS`] what can be written in several ways;
//! 3. `check` and `merges` report what cannot be generated, with its place in the document;
//! 4. [`rules::RULES`] change the document where it does not fit the generator or the behaviour of the service;
//! 5. `support` and `clashes` report what the rules leave: bodies that are not JSON, two parts that get one name in Rust;
//! 6. `generator` runs progenitor;
//! 7. [`passes::PASSES`] change the generated code where no document could make progenitor write it;
//! 8. `content_types` and `operations` add facts of the document: media types of requests, a constant for each operation;
//! 9. `guard` refuses code that does not compile because two things have one name.
//!
//! The output depends on the document alone: the same document gives the same bytes.
//!
//! ```
//! let error = genesiscloud_codegen::generate("openapi: 4.0.0").unwrap_err();
//! assert_eq!(error.to_string(), "the document declares OpenAPI 4.0.0; only 3.0 and 3.1 are supported");
//! ```

mod check;
mod clashes;
mod content_types;
pub mod document;
mod endless;
mod error;
mod generator;
mod guard;
mod merges;
mod names;
mod operations;
pub mod passes;
pub mod rules;
mod support;

pub use error::{Error, Result};
pub use names::{CHOSEN, method_name, type_name, variant_name};
pub use rules::may_be_absent;

const HEADER: &str = "\
// Generated from openapi/compute-v1.yaml by `cargo xtask generate`. Do not edit: changes are overwritten.
// The rules and passes that shape this code are in openapi/codegen; CONTRIBUTING.md describes how to change them.

";

/// Generates the bindings for a document in YAML or JSON, as formatted source.
///
/// # Errors
/// When the document is not OpenAPI 3.0 or 3.1, is inconsistent, or contains something the generator does not support.
pub fn generate(document: &str) -> Result<String> {
    let mut document = read(document)?;
    merges::check(&document)?;
    // Before the rules run, so that the facts are the document's own.
    let operations = operations::constants(&document)?;
    let media_types = content_types::of(&document);
    rules::apply(&mut document)?;
    endless::check(&document)?;
    support::check(&document)?;
    clashes::check(&document)?;
    let mut file = generator::run(&document)?;
    passes::apply(&mut file)?;
    content_types::declare(&mut file, &media_types);
    file.items.push(operations);
    guard::check(&file)?;
    Ok(format!("{HEADER}{}", prettyplease::unparse(&file)))
}

/// Reads a document in YAML or JSON, converts it to OpenAPI 3.0 and checks it. Applies no rule.
///
/// # Errors
/// When the document is not OpenAPI 3.0 or 3.1, or is inconsistent.
pub fn read(document: &str) -> Result<serde_json::Value> {
    let mut document = document::parse(document)?;
    rules::lower(&mut document)?;
    rules::normalize(&mut document)?;
    check::check(&document)?;
    Ok(document)
}

#[cfg(test)]
mod ordinary;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const VENDORED: &str = include_str!("../compute-v1.yaml");

    #[test]
    fn the_vendored_document_passes_all_steps_and_the_output_is_deterministic() {
        let bindings = generate(VENDORED).unwrap();
        for (part, step) in [
            ("pub struct RegionAvailability", "a rule"),
            ("pub password: ::std::option::Option<crate::Secret>", "a setting of the generator"),
            ("Unknown(::std::string::String)", "a pass"),
            ("id: \"GetInstance\"", "the constants of operations"),
        ] {
            assert!(bindings.contains(part), "{part}, from {step}");
        }
        assert_eq!(generate(VENDORED).unwrap(), bindings);
    }

    #[test]
    fn a_minimal_document_is_generated() {
        let minimal = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\n\
                       paths: {/a: {get: {operationId: GetA, responses: {'204': {description: done}}}}}";
        assert!(generate(minimal).unwrap().contains("pub async fn get_a"));
        let with_components = format!("{minimal}\ncomponents: {{}}");
        assert!(generate(&with_components).unwrap().contains("pub async fn get_a"));
    }

    #[test]
    fn lists_and_maps_of_integers_in_a_response_are_generated() {
        let vm = "properties: {gpus: {type: array, items: {type: integer}}, \
                  used: {type: object, additionalProperties: {type: integer}}}";
        let text = format!(
            "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\n\
             paths: {{/a: {{get: {{operationId: GetA, responses: {{'200': {{description: d, content: {{application/json: \
             {{schema: {{$ref: '#/components/schemas/Vm'}}}}}}}}}}}}}}}}\n\
             components: {{schemas: {{Vm: {{type: object, {vm}}}}}}}"
        );
        let bindings = generate(&text).unwrap();
        for ty in ["::std::vec::Vec<i64>", "::std::collections::HashMap<::std::string::String, i64>"] {
            assert!(bindings.contains(ty), "{ty} in {bindings}");
        }
        assert_eq!(bindings.matches("crate::lenient::read").count(), 2, "{bindings}");
    }

    #[test]
    fn a_response_that_is_not_json_is_an_error_that_names_the_operation() {
        let text = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\n\
                    paths: {/a: {get: {operationId: GetA, responses: {'200': {description: d, content: {text/plain: \
                    {schema: {type: string}}}}}}}}";
        let message = generate(text).unwrap_err().to_string();
        assert_eq!(message, "operation GetA responds with text/plain; only JSON can be read");
    }

    #[test]
    fn a_renamed_idempotent_patch_is_an_error_that_names_it() {
        let mut document = document::parse(VENDORED).unwrap();
        let renamed = document::operations_mut(&mut document)
            .find(|operation| operation["operationId"] == "UpdateVolume")
            .expect("an idempotent PATCH");
        renamed.insert("operationId".into(), json!("ChangeVolume"));
        let message = generate(&document.to_string()).unwrap_err().to_string();
        assert!(message.contains("ChangeVolume") && message.contains("UpdateVolume"), "{message}");
    }

    /// Rewrites a document of OpenAPI 3.0 with the keywords of 3.1.
    fn raised(document: &str) -> Value {
        let mut document = document::parse(document).unwrap();
        document["openapi"] = json!("3.1.0");
        document["jsonSchemaDialect"] = json!("https://spec.openapis.org/oas/3.1/dialect/base");
        document::every_schema_mut(&mut document, &mut |schema| {
            if schema.shift_remove("nullable").is_some_and(|nullable| nullable == true) {
                let kind = schema.get("type").cloned().unwrap_or_default();
                schema.insert("type".into(), json!([kind, "null"]));
            }
            if let Some([only]) = schema.get("enum").and_then(Value::as_array).map(Vec::as_slice) {
                let only = only.clone();
                schema.shift_remove("enum");
                schema.insert("const".into(), only);
            }
            if let Some(least) = schema.shift_remove("minimum").and_then(|least| least.as_i64()) {
                schema.insert("exclusiveMinimum".into(), json!(least - 1));
            }
            if let Some(example) = schema.shift_remove("example") {
                schema.insert("examples".into(), json!([example, null]));
            }
            if !schema.contains_key("$ref") {
                schema.insert("$comment".into(), json!("a comment"));
            }
        });
        document
    }

    #[test]
    fn the_vendored_document_as_openapi_3_1_gives_the_same_bindings() {
        let raised = raised(VENDORED).to_string();
        assert!(raised.contains("\"null\"]") && raised.contains("\"const\":") && raised.contains("exclusiveMinimum"));
        assert!(raised.contains("\"examples\":[\"02008\",null]"));
        assert_eq!(generate(&raised).unwrap(), generate(VENDORED).unwrap());
    }
}
