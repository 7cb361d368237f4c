//! The table of the document's operations, for whoever has to know what the generated code forgets: ids as the document
//! writes them, and path templates.

use quote::quote;
use serde_json::Value;

use crate::document;

/// `OPERATIONS`, in document order.
pub(crate) fn operations(document: &Value) -> syn::Item {
    let rows = document::operations(document).into_iter().map(|operation| {
        let (id, method, path) = (operation.name(), operation.method.to_uppercase(), operation.path);
        quote!(crate::Operation { id: #id, method: #method, path: #path })
    });
    syn::parse_quote! {
        /// All operations of the document.
        pub const OPERATIONS: &[crate::Operation] = &[#(#rows),*];
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn every_operation_has_its_row() {
        let document = json!({ "paths": { "/a/{id}": {
            "parameters": [],
            "get": { "operationId": "GetA" },
            "delete": { "operationId": "DeleteA" },
        } } });
        let mut file: syn::File = syn::parse_quote!();
        file.items.push(super::operations(&document));
        assert_eq!(
            prettyplease::unparse(&file),
            "/// All operations of the document.\n\
             pub const OPERATIONS: &[crate::Operation] = &[\n    \
             crate::Operation {\n        id: \"GetA\",\n        method: \"GET\",\n        path: \"/a/{id}\",\n    },\n    \
             crate::Operation {\n        id: \"DeleteA\",\n        method: \"DELETE\",\n        path: \"/a/{id}\",\n    },\n];\n"
        );
    }
}
