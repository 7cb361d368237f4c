//! Pass `named-unions`: a union is decoded by `crate::lenient::union`, whose error names the value that is none of it.

use syn::{Item, ItemEnum, parse_quote};

use super::syntax::{has_serde, types_mut};
use crate::error::Result;

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
