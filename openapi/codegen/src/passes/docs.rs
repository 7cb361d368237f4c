//! Pass `prose-docs`: doc comments keep their prose and lose the JSON schema that progenitor appends.

use syn::visit_mut::{VisitMut, visit_attribute_mut};

use crate::error::Result;

pub(super) fn prose(file: &mut syn::File) -> Result<()> {
    Prose.visit_file_mut(file);
    Ok(())
}

struct Prose;

impl VisitMut for Prose {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<syn::Attribute>) {
        for attribute in attributes.iter_mut() {
            if let syn::Meta::NameValue(syn::MetaNameValue { path, value: syn::Expr::Lit(literal), .. }) =
                &mut attribute.meta
                && path.is_ident("doc")
                && let syn::Lit::Str(text) = &mut literal.lit
            {
                let prose = without_schema(&text.value());
                *text = syn::LitStr::new(&prose, text.span());
            }
        }
        attributes.retain(|attribute| !is_empty_doc(attribute));
        attributes.iter_mut().for_each(|attribute| visit_attribute_mut(self, attribute));
    }
}

/// The text before the `<details>` block that contains the schema.
fn without_schema(text: &str) -> String {
    match text.split_once("<details>") {
        Some((prose, _)) => prose.trim_end().to_owned(),
        None => text.to_owned(),
    }
}

fn is_empty_doc(attribute: &syn::Attribute) -> bool {
    matches!(&attribute.meta, syn::Meta::NameValue(syn::MetaNameValue {
        path, value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }), ..
    }) if path.is_ident("doc") && text.value().trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::{after, formatted};

    #[test]
    fn the_schema_is_removed_and_the_prose_is_kept() {
        assert_eq!(
            after(
                super::prose,
                r#"#[doc = " A disk.\n\n <details><summary>JSON schema</summary> ... </details>"] struct A {
                    #[doc = " Its size."] size: i64 }
                   #[doc = " <details></details>"] struct B;"#
            ),
            formatted("#[doc = \" A disk.\"] struct A { #[doc = \" Its size.\"] size: i64 } struct B;")
        );
    }
}
