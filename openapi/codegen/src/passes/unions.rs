//! Passes over unions. `lists-first`: a union tries its lists before its structs. `named-unions`: a union is decoded by
//! `crate::lenient::union`, whose error names the value that is none of it.

use std::collections::BTreeSet;

use syn::{Fields, Item, ItemEnum, Type, parse_quote};

use super::syntax::{has_serde, plain_source, types_mut};
use crate::error::Result;

pub(super) fn lists_first(file: &mut syn::File) -> Result<()> {
    for items in types_mut(file) {
        let lists: BTreeSet<String> = items.iter().filter_map(named_list).collect();
        for union in items.iter_mut().filter_map(untagged) {
            let is_list = |fields: &Fields| {
                fields.iter().any(|field| is_vec(&field.ty) || lists.contains(&plain_source(&field.ty)))
            };
            let (first, others): (Vec<_>, Vec<_>) =
                std::mem::take(&mut union.variants).into_iter().partition(|variant| is_list(&variant.fields));
            union.variants = first.into_iter().chain(others).collect();
        }
    }
    Ok(())
}

/// The name of a type that is a list.
fn named_list(item: &Item) -> Option<String> {
    match item {
        Item::Struct(item) if matches!(&item.fields, Fields::Unnamed(fields) if is_vec(&fields.unnamed.first()?.ty)) => {
            Some(item.ident.to_string())
        }
        _ => None,
    }
}

fn is_vec(ty: &Type) -> bool {
    plain_source(ty).starts_with("::std::vec::Vec<")
}

pub(super) fn named(file: &mut syn::File) -> Result<()> {
    for items in types_mut(file) {
        let traits: Vec<_> = items.iter_mut().filter_map(untagged).flat_map(named_union).collect();
        items.extend(traits);
    }
    Ok(())
}

/// An enum of which the variant is found by trying, unless this pass has been applied to it.
fn untagged(item: &mut Item) -> Option<&mut ItemEnum> {
    match item {
        Item::Enum(item) if has_serde(&item.attrs, "untagged") && !has_serde(&item.attrs, "remote") => Some(item),
        _ => None,
    }
}

/// Makes the derived implementations functions of the enum, and returns the traits that call them.
fn named_union(item: &mut ItemEnum) -> [Item; 2] {
    item.attrs.push(parse_quote!(#[serde(remote = "Self")]));
    let name = &item.ident;
    [
        parse_quote! {
            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                    crate::lenient::union(deserializer, |value| Self::deserialize(value))
                }
            }
        },
        parse_quote! {
            impl ::serde::Serialize for #name {
                fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                    Self::serialize(self, serializer)
                }
            }
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::{after, formatted};

    #[test]
    fn the_lists_of_a_union_come_first_and_nothing_else_changes_its_place() {
        let module = |variants: &str| {
            format!(
                "pub mod types {{ #[serde(untagged)] pub enum Union {{ {variants} }} pub enum Kind {{ B, A }} \
                 pub struct Ids(pub ::std::vec::Vec<::std::string::String>); pub struct One {{ pub id: ::std::string::String }} }}"
            )
        };
        let (text, sizes) = ("Text(::std::string::String)", "Sizes(::std::vec::Vec<i64>)");
        let once = after(super::lists_first, &module(&format!("One(One), {text}, Ids(Ids), {sizes}")));
        assert_eq!(once, formatted(&module(&format!("Ids(Ids), {sizes}, One(One), {text}"))));
        assert_eq!(after(super::lists_first, &once), once);
    }

    #[test]
    fn unions_are_named_and_other_enums_are_unchanged() {
        let others = "#[derive(Deserialize)] enum Kind { A, #[serde(untagged)] Unknown(String) } struct B;";
        let once = after(
            super::named,
            &format!(
                "pub mod types {{ #[derive(Deserialize)] #[serde(untagged)] enum Union {{ List(Vec<B>), One(B) }} {others} }}"
            ),
        );
        assert_eq!(
            once,
            formatted(&format!(
                r#"pub mod types {{
                    #[derive(Deserialize)] #[serde(untagged)] #[serde(remote = "Self")] enum Union {{ List(Vec<B>), One(B) }}
                    {others}
                    impl<'de> ::serde::Deserialize<'de> for Union {{
                        fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {{
                            crate::lenient::union(deserializer, |value| Self::deserialize(value))
                        }}
                    }}
                    impl ::serde::Serialize for Union {{
                        fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {{
                            Self::serialize(self, serializer)
                        }}
                    }}
                }}"#
            ))
        );
        assert_eq!(after(super::named, &once), once);
    }
}
