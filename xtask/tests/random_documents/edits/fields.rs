//! Edits of the properties of objects, in requests and in responses.

use serde_json::{Value, json};

use super::Edit;
use crate::draft::{Draft, rename_key};

pub(super) const EDITS: &[(&str, Edit)] = &[
    ("twin field", twin),
    ("_id beside id", underscore_id),
    ("field extra", extra),
    ("field added", added),
    ("field added to a response", added_at_the_top),
    ("field removed", removed),
    ("field renamed", renamed),
    ("field retyped", retyped),
    ("became required", required),
    ("became optional", optional),
    ("nullable", nullable),
    ("nullable in a PATCH", nullable_in_patch),
    ("writeOnly or readOnly", one_direction),
    ("unusual name", unusual_name),
    ("limit", limit),
    ("default", default),
    ("format", format),
    ("deprecated", deprecated),
    ("wrapped reference", wrapped),
    ("additional properties", additional),
];

/// Adds a property, which may be required, and says so.
fn add(draft: &mut Draft, schema: &str, name: &str, value: Value, is_required: bool) -> Option<String> {
    let what = format!("{schema}: {name}{} {value}", if is_required { " required" } else { "" });
    draft.object(&format!("{schema}/properties")).insert(name.to_owned(), value);
    if is_required {
        draft.array(schema, "required").push(name.into());
    }
    Some(what)
}

/// A schema of any kind.
pub(super) fn any_schema(draft: &mut Draft) -> Value {
    let named = draft.schema_name().map(|name| format!("#/components/schemas/{name}"));
    let kinds = [
        json!({ "type": "string" }),
        json!({ "type": "integer" }),
        json!({ "type": "number" }),
        json!({ "type": "boolean" }),
        json!({ "type": "string", "format": "date-time" }),
        json!({ "type": "string", "format": "uuid" }),
        json!({ "type": "string", "format": "date" }),
        json!({ "type": "string", "nullable": true }),
        json!({ "type": "string", "enum": ["red", "light-green", "2nd"] }),
        json!({ "type": "integer", "enum": [1, 2, 4] }),
        json!({ "type": "boolean", "enum": [true] }),
        json!({ "type": "array", "items": { "type": "integer" } }),
        json!({ "type": "array", "items": { "type": "string", "enum": ["a", "b"] } }),
        json!({ "type": "array", "items": { "type": "array", "items": { "type": "integer" } } }),
        json!({ "type": "object", "additionalProperties": { "type": "integer" } }),
        json!({ "type": "object", "additionalProperties": { "type": "array", "items": { "type": "number" } } }),
        json!({ "type": "object", "additionalProperties": true }),
        json!({ "type": "object" }),
        json!({}),
        json!({ "type": "object", "required": ["id"], "properties": { "id": { "type": "string" }, "size": { "type": "integer" } } }),
        json!({ "type": "array", "items": { "type": "object", "properties": { "at": { "type": "string", "format": "date-time" } } } }),
        json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] }),
        json!({ "anyOf": [{ "type": "object", "properties": { "a": { "type": "string" } } }, { "type": "object", "required": ["b"],
            "properties": { "b": { "type": "integer" } } }] }),
        json!({ "$ref": named }),
        json!({ "type": "array", "items": { "$ref": named } }),
        json!({ "nullable": true, "allOf": [{ "$ref": named }] }),
        json!({ "oneOf": [{ "$ref": named }, { "type": "string", "enum": ["none"] }] }),
        json!({ "allOf": [{ "$ref": named }, { "type": "object", "properties": { "more": { "type": "string" } } }] }),
    ];
    let at = draft.rng.usize(..kinds.len());
    kinds[at].clone()
}

fn twin(draft: &mut Draft) -> Option<String> {
    let (schema, name) = draft.property()?;
    let mut words = name.split('_');
    let first = words.next()?.to_owned();
    let rest: String = words.map(|word| word[..1].to_uppercase() + &word[1..]).collect();
    let twin = if rest.is_empty() { name.to_uppercase() } else { first + &rest };
    add(draft, &schema, &twin, json!({ "type": "string" }), false)
}

fn underscore_id(draft: &mut Draft) -> Option<String> {
    let found = draft.pointers(&|key, node| key != "properties" && node["properties"]["id"].is_object());
    let schema = draft.one_of(&found)?;
    add(draft, &schema, "_id", json!({ "type": "string" }), false)
}

fn extra(draft: &mut Draft) -> Option<String> {
    let schema = draft.object_schema()?;
    add(draft, &schema, "extra", json!({ "type": "string" }), false)
}

fn added(draft: &mut Draft) -> Option<String> {
    let (schema, value) = (draft.object_schema()?, any_schema(draft));
    let (name, is_required) = (draft.new_name(""), draft.rng.bool());
    add(draft, &schema, &name, value, is_required)
}

fn added_at_the_top(draft: &mut Draft) -> Option<String> {
    let found = draft.pointers(&|_, node| node["properties"]["created_at"].is_object());
    let (schema, value) = (draft.one_of(&found)?, any_schema(draft));
    let (name, is_required) = (draft.new_name("new_"), draft.rng.bool());
    add(draft, &schema, &name, value, is_required)
}

fn removed(draft: &mut Draft) -> Option<String> {
    let (schema, name) = draft.property()?;
    draft.object(&format!("{schema}/properties")).shift_remove(&name);
    draft.array(&schema, "required").retain(|other| *other != *name);
    without_empty(draft, &schema);
    Some(format!("{schema}: {name}"))
}

fn renamed(draft: &mut Draft) -> Option<String> {
    let (schema, name) = draft.property()?;
    let new = match draft.rng.u8(..3) {
        0 => format!("{name}_name"),
        1 => name.replace('_', "-") + "-",
        _ => draft.new_name("renamed_"),
    };
    rename_key(draft.object(&format!("{schema}/properties")), &name, &new);
    for other in draft.array(&schema, "required") {
        if *other == *name {
            *other = new.clone().into();
        }
    }
    without_empty(draft, &schema);
    Some(format!("{schema}: {name} to {new}"))
}

/// OpenAPI allows no empty list of required properties.
fn without_empty(draft: &mut Draft, schema: &str) {
    if draft.at(schema)["required"].as_array().is_some_and(Vec::is_empty) {
        draft.object(schema).shift_remove("required");
    }
}

fn retyped(draft: &mut Draft) -> Option<String> {
    let (schema, name) = draft.property()?;
    let value = any_schema(draft);
    let what = format!("{schema}: {name} is {value}");
    draft.object(&format!("{schema}/properties")).insert(name, value);
    Some(what)
}

fn required(draft: &mut Draft) -> Option<String> {
    let (schema, name) = draft.property()?;
    let required = draft.array(&schema, "required");
    if required.contains(&Value::from(name.as_str())) {
        return None;
    }
    required.push(name.clone().into());
    Some(format!("{schema}: {name}"))
}

fn optional(draft: &mut Draft) -> Option<String> {
    let (schema, name) = draft.property()?;
    let required = draft.array(&schema, "required");
    let before = required.len();
    required.retain(|other| *other != *name);
    let is_changed = required.len() < before;
    without_empty(draft, &schema);
    is_changed.then(|| format!("{schema}: {name}"))
}

/// Turns `nullable` on or off, beside a reference in an `allOf`.
fn turn_nullable(draft: &mut Draft, schema: &str, name: &str) -> Option<String> {
    let property = draft.object(&format!("{schema}/properties")).get_mut(name)?;
    if property.get("$ref").is_some() {
        *property = json!({ "allOf": [property.clone()] });
    }
    let now = property["nullable"] != true;
    property["nullable"] = now.into();
    Some(format!("{schema}: {name} {now}"))
}

fn nullable(draft: &mut Draft) -> Option<String> {
    let (schema, name) = draft.property()?;
    turn_nullable(draft, &schema, &name)
}

fn nullable_in_patch(draft: &mut Draft) -> Option<String> {
    let found = draft.pointers(&|_, node| node["properties"].is_object());
    let found: Vec<_> = found.into_iter().filter(|pointer| pointer.contains("/patch/requestBody/")).collect();
    let schema = draft.one_of(&found)?;
    let names: Vec<String> = draft.at(&schema)["properties"].as_object()?.keys().cloned().collect();
    let name = draft.one_of(&names)?;
    turn_nullable(draft, &schema, &name)
}

fn one_direction(draft: &mut Draft) -> Option<String> {
    let schema = draft.object_schema()?;
    let keyword = if draft.rng.bool() { "writeOnly" } else { "readOnly" };
    if draft.rng.bool() {
        let name = draft.new_name("one_way_");
        return add(draft, &schema, &name, json!({ "type": "string", keyword: true }), true);
    }
    let names: Vec<String> = draft.at(&schema)["properties"].as_object()?.keys().cloned().collect();
    let name = draft.one_of(&names)?;
    let property = draft.object(&format!("{schema}/properties")).get_mut(&name)?;
    if property.get("$ref").is_some() {
        return None;
    }
    property[keyword] = true.into();
    Some(format!("{schema}: {name} {keyword}"))
}

fn unusual_name(draft: &mut Draft) -> Option<String> {
    let names = [
        "type",
        "self",
        "2fa",
        "with space",
        "a.b",
        "größe",
        "",
        "$ref",
        "async",
        "Self",
        "properties",
        "-",
        "it's",
        "gen",
    ];
    let (schema, name) = (draft.object_schema()?, draft.one_of(&names)?);
    let is_required = draft.rng.bool();
    add(draft, &schema, name, json!({ "type": "integer" }), is_required)
}

fn limit(draft: &mut Draft) -> Option<String> {
    let found = draft.pointers(&|_, node| matches!(node["type"].as_str(), Some("integer" | "number")));
    let schema = draft.one_of(&found)?;
    let limits = [json!(1e20), json!(-1e30), json!(u64::MAX), json!(i64::MIN), json!(3), json!(0.5)];
    let limit = draft.one_of(&limits)?;
    let keyword = if draft.rng.bool() { "maximum" } else { "minimum" };
    draft.object(&schema).insert(keyword.into(), limit.clone());
    Some(format!("{schema}: {keyword} {limit}"))
}

fn default(draft: &mut Draft) -> Option<String> {
    let found = draft.pointers(&|_, node| node["type"] == "string" && node.get("enum").is_none());
    let schema = draft.one_of(&found)?;
    draft.object(&schema).insert("default".into(), "a default".into());
    Some(schema)
}

fn format(draft: &mut Draft) -> Option<String> {
    let found = draft.pointers(&|_, node| node["type"] == "string" && node.get("enum").is_none());
    let schema = draft.one_of(&found)?;
    let format =
        draft.one_of(&["date-time", "uuid", "ipv4", "password", "byte", "binary", "email", "hostname", "uri"])?;
    draft.object(&schema).insert("format".into(), format.into());
    Some(format!("{schema}: {format}"))
}

fn deprecated(draft: &mut Draft) -> Option<String> {
    let (schema, name) = draft.property()?;
    let property = draft.object(&format!("{schema}/properties")).get_mut(&name)?;
    property["deprecated"] = true.into();
    Some(format!("{schema}: {name}"))
}

fn wrapped(draft: &mut Draft) -> Option<String> {
    let reference = draft.reference()?;
    if !reference.contains("/properties/") {
        return None;
    }
    let node = draft.object(&reference);
    let inner = Value::Object(std::mem::take(node));
    node.insert("allOf".into(), json!([inner]));
    Some(reference)
}

fn additional(draft: &mut Draft) -> Option<String> {
    let schema = draft.object_schema()?;
    let value =
        draft.one_of(&[json!(true), json!(false), json!({ "type": "string" }), json!({ "type": "integer" })])?;
    draft.object(&schema).insert("additionalProperties".into(), value.clone());
    Some(format!("{schema}: {value}"))
}
