//! Pass `open-enums`: every enum of string values gets a variant for all other values, which decodes, prints and
//! encodes them unchanged. It is decoded by `crate::lenient::text`, whose error names a value that is no text.

use std::collections::BTreeSet;

use syn::visit_mut::{VisitMut, visit_expr_match_mut};
use syn::{Expr, Fields, Item, ItemEnum, parse_quote};

use super::syntax::{source, types_mut};
use crate::error::{Error, Result};

pub(super) fn open(file: &mut syn::File) -> Result<()> {
    for items in types_mut(file) {
        let mut opened = BTreeSet::new();
        let mut definitions = Vec::new();
        for mut item in std::mem::take(items) {
            let decoder = match &mut item {
                Item::Enum(item) if is_string_enum(item) => {
                    opened.insert(item.ident.to_string());
                    open_definition(item)?
                }
                _ => None,
            };
            definitions.extend(std::iter::once(item).chain(decoder));
        }
        *items = definitions;
        for item in items.iter_mut() {
            if let Item::Impl(block) = item
                && opened.contains(&source(&block.self_ty))
                && let Some((path, _)) = block.trait_.clone()
            {
                RenameUnknown.visit_item_impl_mut(block);
                match path.segments.last().map(|segment| segment.ident.to_string()).as_deref() {
                    Some("Display") => OpenDisplay.visit_item_impl_mut(block),
                    Some("FromStr") => OpenFromStr.visit_item_impl_mut(block),
                    _ => {}
                }
            }
        }
    }
    Ok(())
}

/// Whether an enum lists texts. One without variants is the type of a schema that no value satisfies.
fn is_string_enum(item: &ItemEnum) -> bool {
    !item.variants.is_empty() && item.variants.iter().all(|variant| matches!(variant.fields, Fields::Unit))
}

/// Opens an enum, and returns the implementation of `Deserialize` that replaces the derived one.
fn open_definition(item: &mut ItemEnum) -> Result<Option<Item>> {
    if let Some(listed) = item.variants.iter_mut().find(|variant| variant.ident == "Unknown") {
        listed.ident = parse_quote!(NamedUnknown);
        if !listed.attrs.iter().any(|attribute| attribute.path().is_ident("serde")) {
            listed.attrs.push(parse_quote!(#[serde(rename = "Unknown")]));
        }
    }
    let is_last = |path: &syn::Path, name: &str| path.segments.last().is_some_and(|segment| segment.ident == name);
    let mut is_decoded = false;
    for attribute in &mut item.attrs {
        if attribute.path().is_ident("derive") {
            let mut derives = Vec::new();
            let parsed = attribute.parse_nested_meta(|meta| {
                derives.push(meta.path);
                Ok(())
            });
            parsed.map_err(|error| {
                Error::new(format!("enum {} has derives that cannot be parsed: {error}", item.ident))
            })?;
            is_decoded |= derives.iter().any(|path| is_last(path, "Deserialize"));
            let derives = derives.into_iter().filter(|path| !is_last(path, "Copy") && !is_last(path, "Deserialize"));
            *attribute = parse_quote!(#[derive(#(#derives),*)]);
        }
    }
    item.attrs.push(parse_quote!(#[non_exhaustive]));
    item.variants.push(parse_quote! {
        /// A value that the document does not list, unchanged.
        #[serde(untagged)]
        Unknown(::std::string::String)
    });
    let name = &item.ident;
    Ok(is_decoded.then(|| {
        parse_quote! {
            impl<'de> ::serde::Deserialize<'de> for #name {
                fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                    crate::lenient::text(deserializer)
                }
            }
        }
    }))
}

/// Renames the variant of a listed value `unknown`, since `Unknown` becomes the variant of values that are not listed.
struct RenameUnknown;

impl VisitMut for RenameUnknown {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        if source(path) == "Self :: Unknown" {
            *path = parse_quote!(Self::NamedUnknown);
        }
    }
}

struct OpenDisplay;

impl VisitMut for OpenDisplay {
    fn visit_expr_match_mut(&mut self, expr: &mut syn::ExprMatch) {
        expr.arms.push(parse_quote!(Self::Unknown(ref value) => f.write_str(value),));
        visit_expr_match_mut(self, expr);
    }

    /// Replaces `write_str` by `pad`, which respects the width of a format specification such as `{:>10}`.
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        if call.method == "write_str" {
            call.method = parse_quote!(pad);
        }
    }
}

struct OpenFromStr;

impl VisitMut for OpenFromStr {
    fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
        if matches!(arm.pat, syn::Pat::Wild(_)) {
            let unknown: Expr = parse_quote!(Ok(Self::Unknown(value.to_string())));
            *arm.body = unknown;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::{after, formatted};

    #[test]
    fn a_listed_value_called_unknown_has_a_variant_of_its_own() {
        assert_eq!(
            after(
                super::open,
                r#"pub mod types {
                    enum Kind { #[serde(rename = "unknown")] Unknown }
                    impl ::std::fmt::Display for Kind {
                        fn fmt(&self, f: &mut F) -> R { match *self { Self::Unknown => f.write_str("unknown"), } } }
                    impl ::std::str::FromStr for Kind {
                        fn from_str(value: &str) -> R { match value { "unknown" => Ok(Self::Unknown), _ => Err("invalid value".into()), } } }
                }"#
            ),
            formatted(
                r#"pub mod types {
                    #[non_exhaustive] enum Kind { #[serde(rename = "unknown")] NamedUnknown,
                        /// A value that the document does not list, unchanged.
                        #[serde(untagged)] Unknown(::std::string::String) }
                    impl ::std::fmt::Display for Kind {
                        fn fmt(&self, f: &mut F) -> R { match *self { Self::NamedUnknown => f.pad("unknown"), Self::Unknown(ref value) => f.pad(value), } } }
                    impl ::std::str::FromStr for Kind {
                        fn from_str(value: &str) -> R { match value { "unknown" => Ok(Self::NamedUnknown), _ => Ok(Self::Unknown(value.to_string())), } } }
                }"#
            )
        );
    }

    #[test]
    fn string_enums_are_opened_and_unions_are_unchanged() {
        assert_eq!(
            after(
                super::open,
                r#"pub mod types {
                    #[derive(::serde::Deserialize, Copy, Clone, Debug)] enum Kind { #[serde(rename = "a")] A }
                    impl ::std::fmt::Display for Kind {
                        fn fmt(&self, f: &mut F) -> R { match *self { Self::A => f.write_str("a"), } } }
                    impl ::std::str::FromStr for Kind {
                        fn from_str(value: &str) -> R { match value { "a" => Ok(Self::A), _ => Err("invalid value".into()), } } }
                    #[derive(Copy)] enum Union { List(Vec<String>) }
                    #[derive(Copy)] enum Nothing {}
                }"#
            ),
            formatted(
                r#"pub mod types {
                    #[derive(Clone, Debug)] #[non_exhaustive] enum Kind { #[serde(rename = "a")] A,
                        /// A value that the document does not list, unchanged.
                        #[serde(untagged)] Unknown(::std::string::String) }
                    impl<'de> ::serde::Deserialize<'de> for Kind {
                        fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                            crate::lenient::text(deserializer)
                        }
                    }
                    impl ::std::fmt::Display for Kind {
                        fn fmt(&self, f: &mut F) -> R { match *self { Self::A => f.pad("a"), Self::Unknown(ref value) => f.pad(value), } } }
                    impl ::std::str::FromStr for Kind {
                        fn from_str(value: &str) -> R { match value { "a" => Ok(Self::A), _ => Ok(Self::Unknown(value.to_string())), } } }
                    #[derive(Copy)] enum Union { List(Vec<String>) }
                    #[derive(Copy)] enum Nothing {}
                }"#
            )
        );
    }
}
