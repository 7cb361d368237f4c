//! `lenient-integers`: every integer that is decoded goes through `crate::lenient`.

use syn::{Fields, Item, Type, parse_quote};

use super::types_mut;
use crate::{Error, Result};

pub(super) fn lenient(file: &mut syn::File) -> Result<()> {
    for item in types_mut(file).flatten() {
        if let Item::Struct(item) = item {
            fields(&item.ident, &mut item.fields)?;
        }
    }
    Ok(())
}

fn fields(of: &syn::Ident, fields: &mut Fields) -> Result<()> {
    for field in fields {
        let attribute = match spelled(&field.ty).as_str() {
            "i64" => parse_quote!(#[serde(deserialize_with = "crate::lenient::integer")]),
            // With a reader of its own, an Option is no longer absent by itself.
            "::std::option::Option<i64>" => {
                parse_quote!(#[serde(default, deserialize_with = "crate::lenient::optional_integer")])
            }
            other if holds_integer(&field.ty) => {
                let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                return Err(Error::new(format!("{of}.{name} is a {other}: crate::lenient has no reader for that yet")));
            }
            _ => continue,
        };
        field.attrs.push(attribute);
    }
    Ok(())
}

const INTEGERS: [&str; 12] = ["i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"];

fn holds_integer(ty: &Type) -> bool {
    let text = quote::quote!(#ty).to_string();
    text.split(' ').any(|word| INTEGERS.contains(&word) || word.starts_with("NonZero"))
}

fn spelled(ty: &Type) -> String {
    quote::quote!(#ty).to_string().replace(' ', "")
}

#[cfg(test)]
mod tests {
    use super::super::test::{after, formatted};

    #[test]
    fn integers_get_a_reader_and_others_do_not() {
        assert_eq!(
            after(super::lenient, "pub mod types { struct A { a: i64, b: ::std::option::Option<i64>, c: String } }"),
            formatted(
                "pub mod types { struct A { #[serde(deserialize_with = \"crate::lenient::integer\")] a: i64, \
                 #[serde(default, deserialize_with = \"crate::lenient::optional_integer\")] \
                 b: ::std::option::Option<i64>, c: String } }"
            )
        );
    }

    #[test]
    fn an_integer_in_a_new_shape_is_refused_by_name() {
        for ty in ["Vec<i64>", "u32", "::std::num::NonZeroU64"] {
            let mut file = syn::parse_str(&format!("pub mod types {{ struct A {{ sizes: {ty} }} }}")).unwrap();
            let error = super::lenient(&mut file).unwrap_err();
            assert_eq!(error.to_string(), format!("A.sizes is a {ty}: crate::lenient has no reader for that yet"));
        }
    }
}
