//! Pass `enum-values`: an open enum lists its values, and is made of and compared with text. Conversion from text cannot fail, since
//! any text is a value, so `From` takes the place of `TryFrom`, and `FromStr` has no error.

use std::collections::BTreeMap;

use syn::{Fields, Ident, ImplItem, Item, ItemEnum, ItemImpl, parse_quote};

use super::syntax::{renamed, source, types_mut};
use crate::error::Result;

pub(super) fn list(file: &mut syn::File) -> Result<()> {
    for items in types_mut(file) {
        let enums: BTreeMap<String, Vec<Item>> = items.iter().filter_map(open_enum).collect();
        let of_enum = |block: &ItemImpl| enums.contains_key(&source(&block.self_ty));
        items.retain(|item| !matches!(item, Item::Impl(block) if of_enum(block) && is_of_trait(block, "TryFrom")));
        for item in std::mem::take(items) {
            let name = match &item {
                Item::Enum(item) => item.ident.to_string(),
                _ => String::new(),
            };
            items.push(match item {
                Item::Impl(block) if of_enum(&block) && is_of_trait(&block, "FromStr") => without_error(block),
                other => other,
            });
            items.extend(enums.get(&name).into_iter().flatten().cloned());
        }
    }
    Ok(())
}

fn is_of_trait(block: &ItemImpl, name: &str) -> bool {
    let path = block.trait_.as_ref().map(|(path, _)| path);
    path.and_then(|path| path.segments.last()).is_some_and(|segment| segment.ident == name)
}

/// The name of an open enum, and what it gets.
fn open_enum(item: &Item) -> Option<(String, Vec<Item>)> {
    let Item::Enum(ItemEnum { ident, variants, .. }) = item else { return None };
    let is_unknown =
        |variant: &&syn::Variant| variant.ident == "Unknown" && matches!(variant.fields, Fields::Unnamed(_));
    variants.iter().find(is_unknown)?;
    let listed: Vec<_> = variants.iter().filter(|variant| matches!(variant.fields, Fields::Unit)).collect();
    let names: Vec<_> = listed.iter().map(|variant| &variant.ident).collect();
    let values: Vec<_> =
        listed.iter().map(|one| renamed(&one.attrs).unwrap_or_else(|| one.ident.to_string())).collect();
    Some((ident.to_string(), items(ident, &names, &values)))
}

fn items(name: &Ident, variants: &[&Ident], values: &[String]) -> Vec<Item> {
    vec![
        parse_quote! {
            impl #name {
                /// The values that the document lists.
                pub const ALL: &'static [Self] = &[#(Self::#variants),*];

                /// Returns the value as the API writes it.
                pub fn as_str(&self) -> &str {
                    match self {
                        #(Self::#variants => #values,)*
                        Self::Unknown(value) => value,
                    }
                }

                /// Returns whether the document lists the value.
                pub fn is_known(&self) -> bool {
                    !matches!(self, Self::Unknown(_))
                }
            }
        },
        parse_quote! {
            impl ::std::convert::From<&str> for #name {
                fn from(value: &str) -> Self {
                    let Ok(value) = value.parse();
                    value
                }
            }
        },
        parse_quote! {
            impl ::std::convert::From<::std::string::String> for #name {
                fn from(value: ::std::string::String) -> Self {
                    Self::from(value.as_str())
                }
            }
        },
        parse_quote! {
            impl ::std::cmp::PartialEq<str> for #name {
                fn eq(&self, other: &str) -> bool {
                    self.as_str() == other
                }
            }
        },
        parse_quote! {
            impl ::std::cmp::PartialEq<&str> for #name {
                fn eq(&self, other: &&str) -> bool {
                    self.as_str() == *other
                }
            }
        },
    ]
}

/// The same conversion with the error that cannot exist.
fn without_error(mut block: ItemImpl) -> Item {
    for item in &mut block.items {
        match item {
            ImplItem::Type(error) if error.ident == "Err" => error.ty = parse_quote!(::std::convert::Infallible),
            ImplItem::Fn(function) => {
                function.sig.output = parse_quote!(-> ::std::result::Result<Self, ::std::convert::Infallible>);
            }
            _ => {}
        }
    }
    Item::Impl(block)
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::after;

    #[test]
    fn an_open_enum_lists_its_values_and_is_made_of_text() {
        let code = after(
            super::list,
            r#"pub mod types {
                pub enum Kind { #[serde(rename = "on-demand")] OnDemand, Spot, #[serde(untagged)] Unknown(String) }
                impl ::std::str::FromStr for Kind {
                    type Err = self::error::ConversionError;
                    fn from_str(value: &str) -> Result<Self, self::error::ConversionError> { Ok(Self::Spot) }
                }
                impl ::std::convert::TryFrom<&str> for Kind { type Error = E; }
                impl ::std::convert::TryFrom<&str> for Other { type Error = E; }
                pub enum Union { List(Vec<String>) }
            }"#,
        );
        for expected in [
            "pub const ALL: &'static [Self] = &[Self::OnDemand, Self::Spot];",
            "Self::OnDemand => \"on-demand\",",
            "Self::Spot => \"Spot\",",
            "impl ::std::convert::From<&str> for Kind",
            "impl ::std::cmp::PartialEq<str> for Kind",
            "impl ::std::cmp::PartialEq<&str> for Kind",
            "type Err = ::std::convert::Infallible;",
            "impl ::std::convert::TryFrom<&str> for Other",
        ] {
            assert!(code.contains(expected), "{expected} in {code}");
        }
        assert!(!code.contains("TryFrom<&str> for Kind") && !code.contains("impl Union"), "{code}");
    }
}
