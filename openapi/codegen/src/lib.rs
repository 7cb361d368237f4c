//! Turns the OpenAPI document of the Genesis Cloud Compute API into the source of the raw bindings.
//!
//! One way in, [`generate`], used by the bindings' `build.rs` and by whatever refreshes them. The steps, one module
//! each:
//!
//! 1. [`document`] reads YAML or JSON, and writes OpenAPI 3.1 as 3.0 ([`rules::LOWERINGS`]);
//! 2. [`check`] refuses what cannot be generated, naming the place;
//! 3. [`rules`] changes the document where it does not fit the generator or what the service really does;
//! 4. [`generator`] runs progenitor;
//! 5. [`passes`] changes the generated code where no document could make progenitor write it;
//! 6. `table` adds what the generated code forgets: the document's operations.
//!
//! The same document gives the same bytes.
//!
//! ```
//! let error = genesiscloud_codegen::generate("openapi: 4.0.0").unwrap_err();
//! assert_eq!(error.to_string(), "the document says it is OpenAPI 4.0.0, and only 3.0 and 3.1 can be generated");
//! ```

pub mod check;
pub mod document;
pub mod generator;
pub mod passes;
pub mod rules;
mod table;

/// Why a document could not be generated: one sentence that names the place in the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

/// What the steps return.
pub type Result<T> = std::result::Result<T, Error>;

const HEADER: &str = "\
// Generated from openapi/compute-v1.yaml; changes made here are lost.
// The rules behind it: openapi/codegen. How to renew it: CONTRIBUTING.md.

";

/// The source of the bindings for a document in YAML or JSON, formatted.
///
/// # Errors
/// When the document is not OpenAPI 3.0 or 3.1, contradicts itself, or holds something the generator cannot take.
pub fn generate(document: &str) -> Result<String> {
    let mut document = read(document)?;
    let operations = table::operations(&document);
    rules::apply(&mut document)?;
    let mut file = generator::run(&document)?;
    passes::apply(&mut file)?;
    file.items.push(operations);
    Ok(format!("{HEADER}{}", prettyplease::unparse(&file)))
}

/// A document in YAML or JSON, written as OpenAPI 3.0 and checked; no rule is applied.
///
/// # Errors
/// When it is not OpenAPI 3.0 or 3.1, or contradicts itself.
pub fn read(document: &str) -> Result<serde_json::Value> {
    let mut document = document::parse(document)?;
    rules::lower(&mut document)?;
    check::check(&document)?;
    Ok(document)
}

/// The name that the generated client gives the method of an operation: `ListVolumes` is `list_volumes`.
pub fn method_name(operation_id: &str) -> String {
    heck::ToSnakeCase::to_snake_case(operation_id)
}

/// The name that the generated code gives the type of a schema: `Instance.Status` is `InstanceStatus`.
pub fn type_name(schema: &str) -> String {
    heck::ToPascalCase::to_pascal_case(schema)
}

/// The name that the generated code gives the variant of an enum value: `on-demand` is `OnDemand`.
pub fn variant_name(value: &str) -> String {
    match heck::ToPascalCase::to_pascal_case(value).as_str() {
        "Unknown" => "NamedUnknown".to_owned(),
        name => name.to_owned(),
    }
}

/// Whether the rules make a field of an answer optional, whatever the document says: examples of the provider lack it.
pub fn may_be_absent(schema: &str, field: &str) -> bool {
    rules::may_be_absent(schema, field)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_vendored_document_goes_through_all_steps_and_always_gives_the_same() {
        let document = include_str!("../compute-v1.yaml");
        let bindings = super::generate(document).unwrap();
        for (part, by) in [
            ("pub struct RegionAvailability", "a rule"),
            ("pub password: ::std::option::Option<crate::Secret>", "a setting"),
            ("Unknown(::std::string::String)", "a pass"),
            ("id: \"GetInstance\"", "the table"),
        ] {
            assert!(bindings.contains(part), "{part}, by {by}");
        }
        assert_eq!(super::generate(document).unwrap(), bindings);
    }
}
