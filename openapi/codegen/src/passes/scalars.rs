//! Pass `lenient-scalars`: every integer and every time is deserialized by `crate::lenient::read`.

use syn::{Fields, Item, Type};

use super::syntax::{container, has_reader, plain_source, read_by, source, type_arguments, types_mut};
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
    for field in fields.iter_mut().filter(|field| !has_reader(field)) {
        if is_lenient(&field.ty) {
            read_by("crate::lenient::read", field);
        } else if holds_integer(&field.ty) {
            let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
            let ty = plain_source(&field.ty);
            return Err(Error::new(format!(
                "{of}.{name} is of type {ty}, for which crate::lenient has no deserializer"
            )));
        }
    }
    Ok(())
}

/// Whether the bindings' trait `Lenient` is implemented for a type.
fn is_lenient(ty: &Type) -> bool {
    match plain_source(ty).as_str() {
        "i64" | "::chrono::DateTime<::chrono::offset::Utc>" => true,
        _ => match (container(ty), &type_arguments(ty)[..]) {
            ("::std::option::Option" | "::std::vec::Vec", [inner]) => is_lenient(inner),
            ("::std::collections::HashMap", [key, inner]) => {
                plain_source(key) == "::std::string::String" && is_lenient(inner)
            }
            _ => false,
        },
    }
}

const INTEGERS: [&str; 12] = ["i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize"];

fn holds_integer(ty: &Type) -> bool {
    source(ty).split(' ').any(|word| INTEGERS.contains(&word) || word.starts_with("NonZero"))
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::{after, formatted};

    const READ: &str = "#[serde(deserialize_with = \"crate::lenient::read\")]";
    const OPTIONAL: &str = "#[serde(default, deserialize_with = \"crate::lenient::read\")]";

    #[test]
    fn integers_and_times_get_a_deserializer_and_other_fields_do_not() {
        let time = "::chrono::DateTime<::chrono::offset::Utc>";
        assert_eq!(
            after(
                super::lenient,
                &format!(
                    "pub mod types {{ struct A {{ a: i64, b: ::std::option::Option<i64>, c: String, d: {time}, \
                     e: ::std::option::Option<{time}>, f: ::std::vec::Vec<String> }} }}"
                )
            ),
            formatted(&format!(
                "pub mod types {{ struct A {{ {READ} a: i64, {OPTIONAL} b: ::std::option::Option<i64>, c: String, \
                 {READ} d: {time}, {OPTIONAL} e: ::std::option::Option<{time}>, f: ::std::vec::Vec<String> }} }}"
            ))
        );
    }

    #[test]
    fn lists_and_maps_of_integers_get_it_as_well() {
        let map = "::std::collections::HashMap<::std::string::String, i64>";
        assert_eq!(
            after(
                super::lenient,
                &format!(
                    "pub mod types {{ struct A {{ #[serde(default)] a: ::std::vec::Vec<i64>, \
                     b: ::std::option::Option<::std::vec::Vec<i64>>, #[serde(default)] c: {map} }} \
                     #[serde(transparent)] struct B(::std::vec::Vec<i64>); \
                     #[serde(transparent)] struct C(::std::option::Option<i64>); }}"
                )
            ),
            formatted(&format!(
                "pub mod types {{ struct A {{ #[serde(default)] {READ} a: ::std::vec::Vec<i64>, \
                 {OPTIONAL} b: ::std::option::Option<::std::vec::Vec<i64>>, #[serde(default)] {READ} c: {map} }} \
                 #[serde(transparent)] struct B({READ} ::std::vec::Vec<i64>); \
                 #[serde(transparent)] struct C({READ} ::std::option::Option<i64>); }}"
            ))
        );
    }

    #[test]
    fn an_integer_inside_an_unsupported_type_is_an_error_that_names_the_field() {
        for ty in ["Box<i64>", "u32", "::std::num::NonZeroU64"] {
            let mut file = syn::parse_str(&format!("pub mod types {{ struct A {{ sizes: {ty} }} }}")).unwrap();
            let error = super::lenient(&mut file).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("A.sizes is of type {ty}, for which crate::lenient has no deserializer")
            );
        }
    }
}
