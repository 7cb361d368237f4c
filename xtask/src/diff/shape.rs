//! Properties of a single schema: its type, its variants, its name in the generated code.

use std::collections::BTreeSet;

use genesiscloud_codegen::{method_name, type_name};
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

/// Returns a field as it is named in code, if it is not known from the bindings: `Volume.size` for `Volume.size[]`. Keywords of
/// Rust end in an underscore.
pub(super) fn in_code(place: &str) -> Option<String> {
    let (owner, field) = place.trim_end_matches("[]").rsplit_once('.')?;
    let field = genesiscloud_codegen::method_name(field);
    let is_keyword = syn::parse_str::<syn::Ident>(&field).is_err();
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

/// Returns the keyword of a union, and its variants.
pub(super) fn union(schema: &Map<String, Value>) -> Option<(&'static str, &[Value])> {
    let of = |keyword| Some((keyword, schema.get(keyword)?.as_array()?.as_slice()));
    of("oneOf").or_else(|| of("anyOf"))
}

/// Returns a schema as the generator sees it: one of several enums of strings is one enum with all their values.
pub(super) fn with_one_enum(mut schema: Map<String, Value>) -> Map<String, Value> {
    let only_has = |fields: &Map<String, Value>| {
        fields.keys().all(|keyword| ["type", "enum", "title"].contains(&keyword.as_str()) || is_prose(keyword))
    };
    let is_enum = |variant: &Value| {
        variant.as_object().is_some_and(only_has) && type_of_value(variant) == "string" && variant.get("enum").is_some()
    };
    let variants = schema.get("oneOf").and_then(Value::as_array);
    if let Some(variants) = variants.filter(|variants| variants.iter().all(is_enum)) {
        let values: Vec<_> = variants.iter().flat_map(|variant| list(&variant["enum"])).collect();
        schema.shift_remove("oneOf");
        schema.insert("type".into(), "string".into());
        schema.insert("enum".into(), values.into());
    }
    schema
}

/// Returns the name of a variant, if it has one.
pub(super) fn name<'a>(api: &'a Api, variant: &'a Value) -> Option<&'a str> {
    let (name, schema) = api.resolve(variant);
    name.or(schema["title"].as_str())
}

/// Returns the name of a variant in the report, or what distinguishes it.
pub(super) fn label(api: &Api, variant: &Value) -> String {
    if let Some(name) = name(api, variant) {
        return name.to_owned();
    }
    let schema = api.merged(variant);
    let constant = |field: &Value| constant(field).map(|value| format!(" ({value})")).unwrap_or_default();
    let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let fields: Vec<_> = fields.map(|(name, field)| format!("{name}{}", constant(field))).collect();
    match (&fields[..], schema.get("enum")) {
        ([], Some(values)) => list(values).join(" or "),
        ([], None) => type_of(&schema).to_owned(),
        _ => format!("an object of {}", fields.join(" and ")),
    }
}

pub(super) fn labels(api: &Api, variants: &[Value]) -> String {
    variants.iter().map(|variant| format!("`{}`", label(api, variant))).collect::<Vec<_>>().join(", ")
}

/// Returns the value of a string that has only one.
fn constant(schema: &Value) -> Option<&str> {
    match schema["enum"].as_array()?.as_slice() {
        [only] => only.as_str(),
        _ => None,
    }
}

/// Returns the names of a union's variants in the generated code: their tags; or else their own names or types, without the
/// words that all begin with; or else their numbers.
pub(super) fn variant_names(api: &Api, variants: &[Value]) -> Vec<String> {
    let own = |variant: &Value| match (name(api, variant), type_of_value(variant)) {
        (Some(name), _) => Some(name.to_owned()),
        (None, "any value") => None,
        (None, kind) => Some(kind.to_owned()),
    };
    let numbers = || (0..variants.len()).map(|number| format!("Variant{number}")).collect();
    let different = |names: &Vec<String>| names.iter().collect::<BTreeSet<_>>().len() == names.len();
    let own = || variants.iter().map(own).collect::<Option<Vec<_>>>().filter(different).and_then(without_common_words);
    tags(variants).or_else(own).unwrap_or_else(numbers)
}

/// Returns the names of variants of which each is an object with one field, or has another constant in the same field.
fn tags(variants: &[Value]) -> Option<Vec<String>> {
    let objects = variants.iter().map(|variant| Some((variant.as_object()?, variant["properties"].as_object()?)));
    let objects = objects.collect::<Option<Vec<_>>>()?;
    let only_field = |(schema, fields): &(&Map<String, Value>, &Map<String, Value>)| {
        let only = fields.keys().next().filter(|name| fields.len() == 1 && is_required(schema, name));
        only.map(|name| type_name(name))
    };
    let different = |names: &Vec<String>| names.iter().collect::<BTreeSet<_>>().len() == names.len();
    let by_field = objects.iter().map(only_field).collect::<Option<Vec<_>>>().filter(different);
    let by_constant = |field: &String| {
        let tag = |(schema, fields): &(&Map<String, Value>, &Map<String, Value>)| {
            let value = constant(fields.get(field)?).filter(|_| is_required(schema, field));
            value.map(type_name)
        };
        objects.iter().map(tag).collect::<Option<Vec<_>>>().filter(different)
    };
    by_field.or_else(|| objects.first()?.1.keys().find_map(by_constant))
}

/// Returns names as those of types, without the words that all of them begin with; none if nothing is left of one.
fn without_common_words(names: Vec<String>) -> Option<Vec<String>> {
    let words = |name: &String| method_name(name).split('_').map(str::to_owned).collect::<Vec<_>>();
    let names: Vec<_> = names.iter().map(words).collect();
    let first = names.first()?;
    let is_common = |at: &usize| names.iter().all(|words| words.get(*at) == first.get(*at));
    let count = (0..first.len()).take_while(is_common).count();
    names
        .iter()
        .map(|words| Some(words.get(count..)?.join("_")).filter(|name| !name.is_empty()))
        .map(|name| Some(type_name(&name?)))
        .collect()
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
    let schema = api.merged(api.resolve(api.unwrap_only_part(schema).1).1);
    matches!(kind_of(&schema), "array" | "a map of values of one type" | "any object")
}
