//! The constants of `bindings::operations`: the facts that the document states about each operation.
//!
//! Progenitor keeps only the snake-case name of an operation. The id, the method, the path template and whether a
//! request is idempotent are needed by whatever sends requests, for error messages, traces and retries.

use quote::{format_ident, quote};
use serde_json::Value;
use syn::parse_quote;

use crate::document::{self, Operation};
use crate::error::{Error, Result};
use crate::names::{constant_name, method_name};

/// The methods that RFC 9110, section 9.2.2, defines as idempotent.
const IDEMPOTENT_METHODS: [&str; 6] = ["delete", "get", "head", "options", "put", "trace"];

/// The `PATCH` operations that are idempotent: each sets the properties it names to the values it gives, so that a
/// second request changes nothing.
///
/// RFC 9110 does not promise that of `PATCH`, and some APIs append or increment with it. One that is not listed here
/// counts as not idempotent.
const IDEMPOTENT_PATCHES: [&str; 7] = [
    "UpdateFilesystem",
    "UpdateFloatingIP",
    "UpdateInstance",
    "UpdateSSHKey",
    "UpdateSecurityGroup",
    "UpdateSnapshot",
    "UpdateVolume",
];

/// Generates the module `operations`, with one constant for each operation, in document order.
pub(crate) fn constants(document: &Value) -> Result<syn::Item> {
    let operations = document::operations(document);
    check_listed_patches(&operations)?;
    let constants = operations.iter().map(|operation| {
        let constant = format_ident!("{}", constant_name(&method_name(&operation.name())));
        let (id, method, path) = (operation.name(), operation.method.to_uppercase(), operation.path);
        let is_idempotent = is_idempotent(operation);
        quote! {
            pub const #constant: &crate::Operation =
                &crate::Operation { id: #id, method: #method, path: #path, is_idempotent: #is_idempotent };
        }
    });
    Ok(parse_quote! {
        /// The operations of the document. The constant of an operation is named after its method of the client.
        pub mod operations { #(#constants)* }
    })
}

fn is_idempotent(operation: &Operation<'_>) -> bool {
    IDEMPOTENT_METHODS.contains(&operation.method) || is_listed_patch(operation)
}

fn is_listed_patch(operation: &Operation<'_>) -> bool {
    operation.method == "patch" && IDEMPOTENT_PATCHES.contains(&operation.name().as_str())
}

/// Reports a listed operation that the document lacks while it has a `PATCH` that is not listed: the operation was
/// renamed, and its requests would silently no longer count as idempotent.
///
/// A document that only lacks listed operations is accepted, since nothing in it is classified wrongly; and so is one that
/// has none of them, which is that of another API.
fn check_listed_patches(operations: &[Operation<'_>]) -> Result<()> {
    let is_missing = |id: &&&str| !operations.iter().any(|operation| operation.name() == **id);
    let is_another_api = IDEMPOTENT_PATCHES.iter().all(|id| is_missing(&id));
    let missing = IDEMPOTENT_PATCHES.iter().find(is_missing).filter(|_| !is_another_api);
    let unlisted = operations.iter().find(|operation| operation.method == "patch" && !is_listed_patch(operation));
    let (Some(missing), Some(unlisted)) = (missing, unlisted) else { return Ok(()) };
    Err(Error::new(format!(
        "the operation {missing}, listed as an idempotent PATCH, is not in the document, and {} (PATCH {}) is not \
         listed: update IDEMPOTENT_PATCHES in openapi/codegen/src/operations.rs",
        unlisted.name(),
        unlisted.path
    )))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_operation_has_a_constant() {
        let document = json!({ "paths": { "/a/{id}": {
            "parameters": [],
            "get": { "operationId": "GetA" },
            "post": { "operationId": "CreateA" },
        } } });
        let expected: syn::File = parse_quote! {
            /// The operations of the document. The constant of an operation is named after its method of the client.
            pub mod operations {
                pub const GET_A: &crate::Operation =
                    &crate::Operation { id: "GetA", method: "GET", path: "/a/{id}", is_idempotent: true };
                pub const CREATE_A: &crate::Operation =
                    &crate::Operation { id: "CreateA", method: "POST", path: "/a/{id}", is_idempotent: false };
            }
        };
        let constants = constants(&document).unwrap();
        assert_eq!(prettyplease::unparse(&parse_quote!(#constants)), prettyplease::unparse(&expected));
    }

    #[test]
    fn a_patch_is_idempotent_only_if_it_is_listed() {
        for (method, id, expected) in [
            ("get", "GetA", true),
            ("head", "HeadA", true),
            ("put", "PutA", true),
            ("delete", "DeleteA", true),
            ("post", "CreateA", false),
            ("post", "UpdateVolume", false),
            ("patch", "AppendToA", false),
            ("patch", "UpdateVolume", true),
        ] {
            let operation = Operation { path: "/a", method, value: &json!({ "operationId": id }) };
            assert_eq!(is_idempotent(&operation), expected, "{method} {id}");
        }
    }

    #[test]
    fn a_renamed_patch_is_an_error_and_a_removed_one_is_not() {
        let listed: Vec<Value> = IDEMPOTENT_PATCHES.iter().map(|id| json!({ "operationId": id })).collect();
        let patch = |value| Operation { path: "/a", method: "patch", value };
        let all: Vec<Operation<'_>> = listed.iter().map(patch).collect();
        assert_eq!(check_listed_patches(&all), Ok(()));
        assert_eq!(check_listed_patches(&all[1..]), Ok(()));
        let other = json!({ "operationId": "ChangeFilesystem" });
        assert_eq!(check_listed_patches(&[patch(&other)]), Ok(()));
        assert_eq!(check_listed_patches(&[&all[..], &[patch(&other)]].concat()), Ok(()));
        assert_eq!(
            check_listed_patches(&[&all[1..], &[patch(&other)]].concat()).unwrap_err().to_string(),
            "the operation UpdateFilesystem, listed as an idempotent PATCH, is not in the document, and \
             ChangeFilesystem (PATCH /a) is not listed: update IDEMPOTENT_PATCHES in openapi/codegen/src/operations.rs"
        );
    }

    #[test]
    fn every_listed_patch_is_in_the_vendored_document() {
        let document = document::parse(include_str!("../compute-v1.yaml")).unwrap();
        let operations = document::operations(&document);
        for id in IDEMPOTENT_PATCHES {
            assert!(operations.iter().any(|operation| is_listed_patch(operation) && operation.name() == id), "{id}");
        }
    }
}
