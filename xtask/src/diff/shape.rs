//! Properties of a single schema: its type, its variants, its name in the generated code.

use std::collections::BTreeSet;

use genesiscloud_codegen::type_name;
use serde_json::{Map, Value};

use super::api::Api;
use super::renames::common_words;

/// Keywords that only people read.
const PROSE: [&str; 6] = ["description", "example", "examples", "externalDocs", "summary", "xml"];

/// The depth to which two schemas are compared for equality.
pub(super) const DEPTH: usize = 8;

/// Returns whether two schemas are the same apart from prose.
pub(super) fn is_same((old_api, old): (&Api, &Value), (new_api, new): (&Api, &Value), depth: usize) -> bool {
    let (old_name, old) = old_api.resolve(old);
    let (new_name, new) = new_api.resolve(new);
    if depth == 0 || (old_name.is_some() && old_name == new_name) {
        return depth > 0;
    }
    let is_same = |old: &Value, new: &Value| is_same((old_api, old), (new_api, new), depth - 1);
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let names: BTreeSet<_> = old.keys().chain(new.keys()).filter(|name| !is_prose(name)).collect();
            names.into_iter().all(|name| match (old.get(name), new.get(name)) {
                (Some(old), Some(new)) => is_same(old, new),
                (one, other) => one == other,
            })
        }
        (Value::Array(old), Value::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| is_same(old, new))
        }
        (old, new) => old == new,
    }
}

/// Returns the name of a place's type in the generated code: `CreateABodyKindsItem` for `CreateA body.kinds[]`.
pub(super) fn rust_name(place: &str) -> String {
    type_name(&place.replace(" response", "_response").replace(" body", "_body").replace("[]", "_item"))
}

/// Returns a field as it is named in code: `Volume.size` for `Volume.size[]`. Keywords of Rust end in an underscore.
pub(super) fn in_code(place: &str) -> Option<String> {
    let (owner, field) = place.trim_end_matches("[]").rsplit_once('.')?;
    let field = genesiscloud_codegen::method_name(field);
    let is_keyword = ["type", "match", "ref", "use", "in", "move", "where"].contains(&field.as_str());
    Some(format!("{}.{field}{}", rust_name(owner), if is_keyword { "_" } else { "" }))
}

pub(super) fn is_prose(keyword: &str) -> bool {
    PROSE.contains(&keyword) || keyword.starts_with("x-")
}

pub(super) fn reason_of_rename(one: &str, other: &str) -> String {
    match &common_words(one, other)[..] {
        [] => "same type, and same letters".to_owned(),
        words => format!("same type, and both names contain `{}`", words.join("`, `")),
    }
}

/// Returns the name of a schema that becomes its own type. Plain schemas become a `String` or a number where they are used.
pub(super) fn own_type<'a>((name, schema): (Option<&'a str>, &Value)) -> Option<&'a str> {
    let is_type = ["properties", "enum", "oneOf", "anyOf", "allOf"].iter().any(|key| schema.get(key).is_some());
    name.filter(|_| is_type || type_of_value(schema) == "array")
}

pub(super) fn type_of_value(schema: &Value) -> &str {
    schema.as_object().map_or("any value", type_of)
}

/// Returns the type of a schema, or the one that its keywords imply.
pub(super) fn type_of(schema: &Map<String, Value>) -> &str {
    match schema.get("type").and_then(Value::as_str) {
        Some(kind) => kind,
        None if schema.contains_key("properties") || schema.contains_key("additionalProperties") => "object",
        None if schema.contains_key("items") => "array",
        None if schema.contains_key("enum") => "string",
        None => "any value",
    }
}

/// Returns the type of a schema, which for objects depends on the Rust type that they become.
pub(super) fn kind_of(schema: &Map<String, Value>) -> &str {
    let of_others = schema.get("additionalProperties").and_then(Value::as_object);
    match type_of(schema) {
        "object" if schema.contains_key("properties") => "an object with fields",
        "object" if of_others.is_some_and(|of| !of.is_empty()) => "a map of values of one type",
        "object" => "any object",
        kind => kind,
    }
}

/// Returns whether a schema is an id and a name and nothing else. All such schemas share one type.
pub(super) fn is_reference(schema: &Map<String, Value>) -> bool {
    let fields = schema.get("properties").and_then(Value::as_object);
    fields.is_some_and(|fields| fields.len() == 2 && fields.contains_key("id") && fields.contains_key("name"))
        && is_required(schema, "id")
        && is_required(schema, "name")
}

pub(super) fn variants(schema: &Map<String, Value>) -> Option<&[Value]> {
    let variants = schema.get("oneOf").or_else(|| schema.get("anyOf"))?;
    variants.as_array().map(Vec::as_slice)
}

/// Returns the name of a variant in the report.
pub(super) fn label(api: &Api, variant: &Value) -> String {
    let (name, schema) = api.resolve(variant);
    match (name, schema["title"].as_str()) {
        (Some(name), _) | (None, Some(name)) => name.to_owned(),
        (None, None) => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            let fields: Vec<_> = fields.map(|(name, _)| name.as_str()).collect();
            if fields.is_empty() {
                type_of_value(schema).to_owned()
            } else {
                format!("an object of {}", fields.join(" and "))
            }
        }
    }
}

pub(super) fn labels(api: &Api, variants: &[Value]) -> String {
    variants.iter().map(|variant| format!("`{}`", label(api, variant))).collect::<Vec<_>>().join(", ")
}

/// Returns the values of an enum as strings.
pub(super) fn list(values: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    values.as_array().into_iter().flatten().filter(|value| !value.is_null()).map(text).collect()
}

pub(super) fn is_required(schema: &Map<String, Value>, name: &str) -> bool {
    schema.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|one| one == name))
}

/// Returns whether a schema becomes a `Vec` or a `HashMap`.
pub(super) fn is_collection(api: &Api, schema: &Value) -> bool {
    let schema = api.merged(api.resolve(api.unwrap_reference(schema).1).1);
    matches!(kind_of(&schema), "array" | "a map of values of one type" | "any object")
}
