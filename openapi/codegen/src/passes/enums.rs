//! `open-enums`: every enum of names takes any other name as well, keeps it, prints it and sends it back.

use std::collections::BTreeSet;

use syn::visit_mut::{VisitMut, visit_expr_match_mut};
use syn::{Expr, Fields, Item, ItemEnum, parse_quote};

use super::types_mut;
use crate::{Error, Result};

pub(super) fn open(file: &mut syn::File) -> Result<()> {
    for items in types_mut(file) {
        let mut opened = BTreeSet::new();
        for item in items.iter_mut() {
            if let Item::Enum(item) = item
                && is_enum_of_names(item)
            {
                open_definition(item)?;
                opened.insert(item.ident.to_string());
            }
        }
        for item in items.iter_mut() {
            if let Item::Impl(block) = item
                && opened.contains(&spelled(&block.self_ty))
                && let Some((path, _)) = block.trait_.clone()
            {
                RenameOwn.visit_item_impl_mut(block);
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

fn spelled(ty: &syn::Type) -> String {
    quote::quote!(#ty).to_string()
}

fn is_enum_of_names(item: &ItemEnum) -> bool {
    item.variants.iter().all(|variant| matches!(variant.fields, Fields::Unit))
}

fn open_definition(item: &mut ItemEnum) -> Result<()> {
    let named = |item: &ItemEnum, name: &str| item.variants.iter().any(|variant| variant.ident == name);
    if named(item, "Unknown") && named(item, "NamedUnknown") {
        return Err(Error::new(format!("enum {} has values called unknown and named-unknown", item.ident)));
    }
    if let Some(own) = item.variants.iter_mut().find(|variant| variant.ident == "Unknown") {
        own.ident = parse_quote!(NamedUnknown);
        if !own.attrs.iter().any(|attribute| attribute.path().is_ident("serde")) {
            own.attrs.push(parse_quote!(#[serde(rename = "Unknown")]));
        }
    }
    for attribute in &mut item.attrs {
        if attribute.path().is_ident("derive") {
            let mut derives = Vec::new();
            let read = attribute.parse_nested_meta(|meta| {
                derives.push(meta.path);
                Ok(())
            });
            read.map_err(|error| Error::new(format!("enum {} has unreadable derives: {error}", item.ident)))?;
            let derives = derives.into_iter().filter(|path| !path.is_ident("Copy"));
            *attribute = parse_quote!(#[derive(#(#derives),*)]);
        }
    }
    item.attrs.push(parse_quote!(#[non_exhaustive]));
    item.variants.push(parse_quote! {
        /// A value that the document does not list, as it came.
        #[serde(untagged)]
        Unknown(::std::string::String)
    });
    Ok(())
}

/// A value that the document itself calls `unknown` is not the variant for those it does not list.
struct RenameOwn;

impl VisitMut for RenameOwn {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        if spelled_path(path) == "Self :: Unknown" {
            *path = parse_quote!(Self::NamedUnknown);
        }
    }
}

fn spelled_path(path: &syn::Path) -> String {
    quote::quote!(#path).to_string()
}

struct OpenDisplay;

impl VisitMut for OpenDisplay {
    fn visit_expr_match_mut(&mut self, expr: &mut syn::ExprMatch) {
        expr.arms.push(parse_quote!(Self::Unknown(ref value) => f.write_str(value),));
        visit_expr_match_mut(self, expr);
    }

    /// `pad` keeps to the width that is asked for, as in a table; `write_str` does not.
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
            let known: Expr = parse_quote!(Ok(Self::Unknown(value.to_string())));
            *arm.body = known;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{after, formatted};

    #[test]
    fn a_value_called_unknown_is_another_than_those_nobody_knows() {
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
                        /// A value that the document does not list, as it came.
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
    fn enums_of_names_are_opened_and_unions_are_left() {
        assert_eq!(
            after(
                super::open,
                r#"pub mod types {
                    #[derive(Copy, Clone, Debug)] enum Kind { #[serde(rename = "a")] A }
                    impl ::std::fmt::Display for Kind {
                        fn fmt(&self, f: &mut F) -> R { match *self { Self::A => f.write_str("a"), } } }
                    impl ::std::str::FromStr for Kind {
                        fn from_str(value: &str) -> R { match value { "a" => Ok(Self::A), _ => Err("invalid value".into()), } } }
                    #[derive(Copy)] enum Union { List(Vec<String>) }
                }"#
            ),
            formatted(
                r#"pub mod types {
                    #[derive(Clone, Debug)] #[non_exhaustive] enum Kind { #[serde(rename = "a")] A,
                        /// A value that the document does not list, as it came.
                        #[serde(untagged)] Unknown(::std::string::String) }
                    impl ::std::fmt::Display for Kind {
                        fn fmt(&self, f: &mut F) -> R { match *self { Self::A => f.pad("a"), Self::Unknown(ref value) => f.pad(value), } } }
                    impl ::std::str::FromStr for Kind {
                        fn from_str(value: &str) -> R { match value { "a" => Ok(Self::A), _ => Ok(Self::Unknown(value.to_string())), } } }
                    #[derive(Copy)] enum Union { List(Vec<String>) }
                }"#
            )
        );
    }
}
