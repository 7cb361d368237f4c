//! Pass `lenient-integers`: every integer is deserialized by `crate::lenient`.

use syn::{Fields, Item, Type, parse_quote};

use super::syntax::{source, types_mut};
use crate::error::{Error, Result};

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
        let attribute = match source(&field.ty).replace(' ', "").as_str() {
            "i64" => parse_quote!(#[serde(deserialize_with = "crate::lenient::integer")]),
            // With a deserializer of its own, an Option is no longer None by default when the field is absent.
            "::std::option::Option<i64>" => {
                parse_quote!(#[serde(default, deserialize_with = "crate::lenient::optional_integer")])
            }
            other if holds_integer(&field.ty) => {
                let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                return Err(Error::new(format!(
                    "{of}.{name} is of type {other}, for which crate::lenient has no deserializer"
                )));
            }
            _ => continue,
        };
        field.attrs.push(attribute);
    }
    Ok(())
}

const INTEGERS: [&str; 12] = ["i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"];

fn holds_integer(ty: &Type) -> bool {
    source(ty).split(' ').any(|word| INTEGERS.contains(&word) || word.starts_with("NonZero"))
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::{after, formatted};

    #[test]
    fn integers_get_a_deserializer_and_other_fields_do_not() {
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
    fn an_integer_inside_an_unsupported_type_is_an_error_that_names_the_field() {
        for ty in ["Vec<i64>", "u32", "::std::num::NonZeroU64"] {
            let mut file = syn::parse_str(&format!("pub mod types {{ struct A {{ sizes: {ty} }} }}")).unwrap();
            let error = super::lenient(&mut file).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("A.sizes is of type {ty}, for which crate::lenient has no deserializer")
            );
        }
    }
}
