//! Pass `defaults`: every type has a default, so that code which makes a value keeps compiling when the document adds a field:
//! `CreateVolumeBody { name, ..Default::default() }`.

use syn::{Attribute, Expr, Item, ItemEnum, parse_quote};

use super::syntax::{derives, has_serde, source, types_mut};
use crate::error::Result;

pub(super) fn defaults(file: &mut syn::File) -> Result<()> {
    for items in types_mut(file) {
        let implemented: Vec<String> = items.iter().filter_map(implements_default).collect();
        let has_default = |name: &syn::Ident| implemented.iter().any(|one| name == one);
        let mut definitions = Vec::new();
        for mut item in std::mem::take(items) {
            let added = match &mut item {
                Item::Struct(item) if !has_default(&item.ident) => {
                    derive_default(&mut item.attrs);
                    None
                }
                Item::Enum(item) if !has_default(&item.ident) => Some(of_enum(item)),
                _ => None,
            };
            definitions.extend(std::iter::once(item).chain(added));
        }
        *items = definitions;
    }
    Ok(())
}

/// The type that an item implements `Default` for.
fn implements_default(item: &Item) -> Option<String> {
    let Item::Impl(block) = item else { return None };
    let last = block.trait_.as_ref()?.0.segments.last()?;
    (last.ident == "Default").then(|| source(&block.self_ty))
}

fn derive_default(attributes: &mut [Attribute]) {
    let is_derived = derives(attributes, "Default");
    let Some(derive) = attributes.iter_mut().find(|attribute| attribute.path().is_ident("derive")) else { return };
    if let (false, syn::Meta::List(list)) = (is_derived, &mut derive.meta) {
        let others = &list.tokens;
        list.tokens = quote::quote!(#others, Default);
    }
}

/// The default of an enum of texts is the empty text, which no document lists; that of a union is one of its first type.
fn of_enum(item: &ItemEnum) -> Item {
    let unknown = item.variants.last().filter(|variant| has_serde(&variant.attrs, "untagged"));
    let value: Expr = match unknown.or(item.variants.first()) {
        Some(variant) => {
            let (variant, fields) = (&variant.ident, variant.fields.members());
            // Also the fields of a tuple can be written with their numbers.
            parse_quote!(Self::#variant { #(#fields: ::std::default::Default::default()),* })
        }
        None => parse_quote!(panic!("no value is of this type")),
    };
    let name = &item.ident;
    parse_quote! {
        impl ::std::default::Default for #name {
            fn default() -> Self {
                #value
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::{after, formatted};

    #[test]
    fn every_type_gets_a_default() {
        let others = "#[derive(Clone, Default)] struct Known; struct Own(u8); \
                      impl ::std::default::Default for Own { fn default() -> Self { Self(1) } }";
        let kind = "enum Kind { One, #[serde(untagged)] Unknown(String) }";
        let once = after(
            super::defaults,
            &format!(
                "pub mod types {{ #[derive(Clone)] struct A {{ a: Kind }} #[derive(Clone)] struct List(Vec<A>); {kind} \
                 enum Union {{ List(List), A {{ a: A }} }} enum Inner {{ A {{ a: A }}, Null }} enum Never {{}} {others} }}"
            ),
        );
        let default = |name: &str, value: &str| {
            format!("impl ::std::default::Default for {name} {{ fn default() -> Self {{ {value} }} }}")
        };
        let field = "::std::default::Default::default()";
        assert_eq!(
            once,
            formatted(&format!(
                "pub mod types {{ #[derive(Clone, Default)] struct A {{ a: Kind }} \
                 #[derive(Clone, Default)] struct List(Vec<A>); {kind} {} \
                 enum Union {{ List(List), A {{ a: A }} }} {} enum Inner {{ A {{ a: A }}, Null }} {} enum Never {{}} {} {others} }}",
                default("Kind", &format!("Self::Unknown {{ 0: {field} }}")),
                default("Union", &format!("Self::List {{ 0: {field} }}")),
                default("Inner", &format!("Self::A {{ a: {field} }}")),
                default("Never", "panic!(\"no value is of this type\")")
            ))
        );
        assert_eq!(after(super::defaults, &once), once);
    }
}
