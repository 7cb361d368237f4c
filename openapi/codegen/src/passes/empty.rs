//! Passes over the types of responses: `null-is-empty` for lists, maps and descriptive texts, and `empty-is-none` for
//! optional texts. The types of requests are unchanged: there, an empty text is a value.

use std::collections::BTreeSet;

use syn::{Field, Item, ItemEnum};

use super::syntax::{has_reader, is_flattened, plain_source, read_by, types_mut};
use crate::error::Result;

/// The last words of the names of texts that identify something. All others describe something.
const IDENTIFYING: [&str; 8] = ["code", "fingerprint", "id", "key", "name", "type", "url", "value"];

pub(super) fn null_is_empty(file: &mut syn::File) -> Result<()> {
    each_field_of_responses(file, |field| {
        let ty = plain_source(&field.ty);
        let is_list_or_map = ["::std::vec::Vec<", "::std::collections::HashMap<", "::serde_json::Map<"]
            .iter()
            .any(|container| ty.starts_with(container));
        if is_list_or_map || (ty == TEXT && !identifies(field)) {
            read_by("crate::lenient::or_empty", field);
        }
    });
    Ok(())
}

pub(super) fn empty_is_none(file: &mut syn::File) -> Result<()> {
    let mut texts: BTreeSet<String> = types_mut(file)
        .flatten()
        .filter_map(|item| match item {
            Item::Enum(item) if is_open(item) => Some(item.ident.to_string()),
            _ => None,
        })
        .collect();
    texts.insert(TEXT.to_owned());
    each_field_of_responses(file, |field| {
        let ty = plain_source(&field.ty);
        let inner = ty.strip_prefix("::std::option::Option<").and_then(|inner| inner.strip_suffix('>'));
        if inner.is_some_and(|inner| texts.contains(inner)) {
            read_by("crate::lenient::unless_empty", field);
        }
    });
    Ok(())
}

const TEXT: &str = "::std::string::String";

fn identifies(field: &Field) -> bool {
    let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
    let name = name.trim_end_matches('_');
    // `hostname` is one word.
    name.ends_with("name") || name.rsplit('_').next().is_some_and(|word| IDENTIFYING.contains(&word))
}

/// Whether the pass `open-enums` made a variant for all other texts.
fn is_open(item: &ItemEnum) -> bool {
    item.variants.iter().any(|variant| variant.ident == "Unknown" && !variant.fields.is_empty())
}

/// Calls `change` on the fields of structs that keep unknown fields, which are those of responses, unless they have a
/// deserializer.
fn each_field_of_responses(file: &mut syn::File, mut change: impl FnMut(&mut Field)) {
    for item in types_mut(file).flatten() {
        if let Item::Struct(item) = item
            && item.fields.iter().any(is_flattened)
        {
            item.fields.iter_mut().filter(|field| !is_flattened(field) && !has_reader(field)).for_each(&mut change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::syntax::test::{after, formatted};

    /// A struct of responses with these fields.
    fn response(fields: &str) -> String {
        format!("pub mod types {{ struct A {{ {fields} #[serde(flatten)] extra: ::serde_json::Map<String, Value> }} }}")
    }

    #[test]
    fn lists_maps_and_descriptive_texts_may_be_null_and_what_identifies_may_not() {
        let (list, map) = ("::std::vec::Vec<B>", "::serde_json::Map<::std::string::String, ::serde_json::Value>");
        let text = "::std::string::String";
        let same = format!(
            "id: {text}, source_id: {text}, hostname: {text}, type_: {text}, status: Status, size: i64, \
             optional: ::std::option::Option<{list}>, #[serde(deserialize_with = \"other\")] sizes: ::std::vec::Vec<i64>,"
        );
        let reader = "#[serde(deserialize_with = \"crate::lenient::or_empty\")]";
        assert_eq!(
            after(
                super::null_is_empty,
                &response(&format!("#[serde(default)] a: {list}, b: {map}, description: {text}, {same}"))
            ),
            formatted(&response(&format!(
                "#[serde(default)] {reader} a: {list}, {reader} b: {map}, {reader} description: {text}, {same}"
            )))
        );
    }

    #[test]
    fn optional_texts_may_be_empty() {
        let (option, text) = ("::std::option::Option", "::std::string::String");
        let same = format!("b: {text}, c: {option}<i64>, d: {option}<Union>, e: {option}<::std::vec::Vec<{text}>>,");
        let kinds = "enum Kind { A, #[serde(untagged)] Unknown(::std::string::String) } enum Union { A(B) }";
        let reader = "#[serde(default, deserialize_with = \"crate::lenient::unless_empty\")]";
        let with_kinds = |code: String| code.replace("pub mod types {", &format!("pub mod types {{ {kinds}"));
        assert_eq!(
            after(
                super::empty_is_none,
                &with_kinds(response(&format!(
                    "#[serde(rename = \"x\")] a: {option}<{text}>, k: {option}<Kind>, {same}"
                )))
            ),
            formatted(&with_kinds(response(&format!(
                "#[serde(rename = \"x\")] {reader} a: {option}<{text}>, {reader} k: {option}<Kind>, {same}"
            ))))
        );
    }

    #[test]
    fn requests_are_unchanged() {
        let code = "pub mod types { struct ABody { a: ::std::option::Option<::std::string::String>, b: ::std::vec::Vec<B>, \
                    description: ::std::string::String } }";
        assert_eq!(after(super::null_is_empty, code), formatted(code));
        assert_eq!(after(super::empty_is_none, code), formatted(code));
    }
}
