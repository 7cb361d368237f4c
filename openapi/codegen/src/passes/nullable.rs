//! Pass `nullable-updates`: a field of an update that null clears is an option of an option, so that null can be sent, and
//! the field be left out.

use syn::{Expr, ExprLit, Field, Item, Lit, Meta, MetaNameValue, Type, parse_quote};

use super::syntax::{has_reader, plain_source, read_by, types_mut};
use crate::error::Result;
use crate::rules::CLEARS;

pub(super) fn nullable(file: &mut syn::File) -> Result<()> {
    for items in types_mut(file) {
        let fields = items.iter_mut().filter_map(|item| match item {
            Item::Struct(item) => Some(&mut item.fields),
            _ => None,
        });
        let mut found = false;
        for field in fields.flatten().filter(|field| is_clearable(field)) {
            let ty: &Type = &field.ty;
            field.ty = parse_quote!(::std::option::Option<#ty>);
            read_by("set_or_null", field);
            found = true;
        }
        if found {
            items.push(parse_quote! {
                /// Reads a field that is present, which is `Some` even if it is null.
                fn set_or_null<'de, T: ::serde::Deserialize<'de>, D: ::serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> ::std::result::Result<::std::option::Option<T>, D::Error> {
                    T::deserialize(deserializer).map(Some)
                }
            });
        }
    }
    Ok(())
}

/// Whether the documentation of an optional field says that null clears it.
fn is_clearable(field: &Field) -> bool {
    let is_optional = plain_source(&field.ty).starts_with("::std::option::Option<");
    is_optional && !has_reader(field) && field.attrs.iter().any(|attribute| documents(&attribute.meta))
}

fn documents(meta: &Meta) -> bool {
    matches!(meta, Meta::NameValue(MetaNameValue { path, value: Expr::Lit(ExprLit { lit: Lit::Str(text), .. }), .. })
        if path.is_ident("doc") && text.value().contains(CLEARS))
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::{after, formatted};
    use super::CLEARS;

    #[test]
    fn a_clearable_field_is_an_option_of_an_option() {
        let option = "::std::option::Option<::std::string::String>";
        let skip = "skip_serializing_if = \"::std::option::Option::is_none\"";
        let fields = format!("#[serde(default, {skip})] other: {option}");
        let once = after(
            super::nullable,
            &format!(
                "pub mod types {{ struct A {{ #[doc = \"{CLEARS}\"] #[serde(default, {skip})] a: {option}, {fields} }} }}"
            ),
        );
        assert_eq!(
            once,
            formatted(&format!(
                "pub mod types {{ struct A {{ #[doc = \"{CLEARS}\"] #[serde(default, {skip})] \
                 #[serde(deserialize_with = \"set_or_null\")] a: ::std::option::Option<{option}>, {fields} }} \
                 /// Reads a field that is present, which is `Some` even if it is null.
                 fn set_or_null<'de, T: ::serde::Deserialize<'de>, D: ::serde::Deserializer<'de>>(deserializer: D) \
                 -> ::std::result::Result<::std::option::Option<T>, D::Error> {{ T::deserialize(deserializer).map(Some) }} }}"
            ))
        );
        assert_eq!(after(super::nullable, &once), once);
    }
}
