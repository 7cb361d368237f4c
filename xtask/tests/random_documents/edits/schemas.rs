//! Edits of enums, unions, recursion, and of what schemas are called.

use serde_json::{Value, json};

use super::Edit;
use super::fields::any_schema;
use crate::draft::{Draft, escaped, rename_key};

pub(super) const EDITS: &[(&str, Edit)] = &[
    ("enum twin", twin),
    ("value added", value_added),
    ("value removed", value_removed),
    ("value renamed", value_renamed),
    ("enum ended", enum_ended),
    ("enum of integers", integer_enum),
    ("union with unnamed variants", unnamed_union),
    ("union variant added", variant_added),
    ("union variant removed", variant_removed),
    ("union reordered", variants_reordered),
    ("union without titles", untitled_union),
    ("recursion", recursion),
    ("recursion through allOf", recursion_through_all_of),
    ("title", title),
    ("schema renamed", renamed),
    ("schema named", named),
    ("schema inlined", inlined),
    ("schema of the name of a field", taken_name),
];

fn twin(draft: &mut Draft) -> Option<String> {
    let schema = draft.enumeration()?;
    let values: Vec<Value> = draft.at(&schema)["enum"].as_array()?.clone();
    let value = draft.one_of(&values)?.as_str()?.to_owned();
    let twin = if draft.rng.bool() { value.to_uppercase() } else { value.replace(['-', '_'], ".") + "." };
    if values.contains(&Value::from(twin.as_str())) {
        return None;
    }
    draft.array(&schema, "enum").push(twin.clone().into());
    Some(format!("{schema}: {twin} beside {value}"))
}

fn value_added(draft: &mut Draft) -> Option<String> {
    let schema = draft.enumeration()?;
    let values =
        ["rebooting", "in-review", "2nd", "unknown", "self", "", "*", "with space", "größe", "Unknown", "paused"];
    let (value, at) = (draft.one_of(&values)?, draft.rng.usize(..2));
    let all = draft.array(&schema, "enum");
    // At the beginning or at the end.
    all.insert(at * all.len(), value.into());
    Some(format!("{schema}: {value:?}"))
}

fn value_removed(draft: &mut Draft) -> Option<String> {
    let schema = draft.enumeration()?;
    let count = draft.at(&schema)["enum"].as_array()?.len();
    let at = draft.rng.usize(..count);
    if count == 1 {
        return None;
    }
    let value = draft.array(&schema, "enum").remove(at);
    Some(format!("{schema}: {value}"))
}

fn value_renamed(draft: &mut Draft) -> Option<String> {
    let schema = draft.enumeration()?;
    let count = draft.at(&schema)["enum"].as_array()?.len();
    let at = draft.rng.usize(..count);
    let new = draft.new_name("value_");
    let old = std::mem::replace(&mut draft.array(&schema, "enum")[at], new.clone().into());
    Some(format!("{schema}: {old} to {new}"))
}

fn enum_ended(draft: &mut Draft) -> Option<String> {
    let schema = draft.enumeration()?;
    draft.object(&schema).shift_remove("enum");
    Some(schema)
}

fn integer_enum(draft: &mut Draft) -> Option<String> {
    let found = draft.pointers(&|_, node| node["type"] == "integer" && node.get("enum").is_none());
    let schema = draft.one_of(&found)?;
    draft.object(&schema).insert("enum".into(), json!([1, 2, 10]));
    Some(schema)
}

fn unnamed_union(draft: &mut Draft) -> Option<String> {
    let (schema, name) = draft.property()?;
    let keyword = if draft.rng.bool() { "oneOf" } else { "anyOf" };
    let variants = [any_schema(draft), any_schema(draft), any_schema(draft)];
    let count = draft.rng.usize(1..=3);
    let union = json!({ keyword: variants[..count].to_vec() });
    let what = format!("{schema}: {name} {union}");
    draft.object(&format!("{schema}/properties")).insert(name, union);
    Some(what)
}

/// Returns the pointer of a schema with variants.
fn union(draft: &mut Draft) -> Option<String> {
    let found = draft.pointers(&|_, node| node["oneOf"].is_array());
    draft.one_of(&found)
}

fn variant_added(draft: &mut Draft) -> Option<String> {
    let (schema, variant) = (union(draft)?, any_schema(draft));
    let at = draft.rng.usize(..2);
    let what = format!("{schema}: {variant}");
    let all = draft.array(&schema, "oneOf");
    all.insert(at * all.len(), variant);
    Some(what)
}

fn variant_removed(draft: &mut Draft) -> Option<String> {
    let schema = union(draft)?;
    let count = draft.at(&schema)["oneOf"].as_array()?.len();
    let at = draft.rng.usize(..count);
    if count == 1 {
        return None;
    }
    let variant = draft.array(&schema, "oneOf").remove(at);
    Some(format!("{schema}: {variant}"))
}

fn variants_reordered(draft: &mut Draft) -> Option<String> {
    let schema = union(draft)?;
    draft.array(&schema, "oneOf").reverse();
    Some(schema)
}

fn untitled_union(draft: &mut Draft) -> Option<String> {
    let schema = union(draft)?;
    for variant in draft.array(&schema, "oneOf") {
        variant.as_object_mut()?.shift_remove("title");
    }
    Some(schema)
}

fn recursion(draft: &mut Draft) -> Option<String> {
    let name = draft.schema_name()?;
    let schema = format!("/components/schemas/{}", escaped(&name));
    draft.at(&schema)["properties"].as_object()?;
    let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
    let forms = [
        reference.clone(),
        json!({ "type": "array", "items": reference }),
        json!({ "nullable": true, "allOf": [reference] }),
    ];
    let (form, is_required) = (draft.one_of(&forms)?, draft.rng.bool());
    if is_required {
        draft.array(&schema, "required").push("parent".into());
    }
    draft.object(&format!("{schema}/properties")).insert("parent".into(), form.clone());
    Some(format!("{schema}: {form} required {is_required}"))
}

fn recursion_through_all_of(draft: &mut Draft) -> Option<String> {
    let name = draft.schema_name()?;
    let schema = format!("/components/schemas/{}", escaped(&name));
    let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
    let more = json!({ "type": "object", "properties": { "more": { "type": "string" } } });
    if draft.rng.bool() {
        draft.object(&schema).insert("allOf".into(), json!([reference, more]));
    } else {
        draft.at(&schema)["properties"].as_object()?;
        let made = json!({ "allOf": [reference, more] });
        draft.object(&format!("{schema}/properties")).insert("made_of_it".into(), made);
    }
    Some(schema)
}

fn title(draft: &mut Draft) -> Option<String> {
    let becomes_type =
        |node: &Value| node["properties"].is_object() || node["enum"].is_array() || node["oneOf"].is_array();
    let found = draft.pointers(&|key, node| key != "properties" && becomes_type(node));
    let schema = draft.one_of(&found)?;
    let title = if draft.rng.bool() { draft.schema_name()? } else { draft.new_name("Titled_") };
    draft.object(&schema).insert("title".into(), title.clone().into());
    Some(format!("{schema}: {title}"))
}

fn renamed(draft: &mut Draft) -> Option<String> {
    let name = draft.schema_name()?;
    let new = if draft.rng.bool() { format!("{name}V2") } else { format!("{name}.") };
    rename_key(draft.object("/components/schemas"), &name, &new);
    draft.redirect(&name, &new);
    Some(format!("{name} to {new}"))
}

fn named(draft: &mut Draft) -> Option<String> {
    let (schema, property) = draft.property()?;
    let value = draft.at(&format!("{schema}/properties/{}", escaped(&property))).clone();
    if value.get("$ref").is_some() {
        return None;
    }
    let name = draft.new_name("Named_");
    draft.object("/components/schemas").insert(name.clone(), value);
    let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
    draft.object(&format!("{schema}/properties")).insert(property.clone(), reference);
    Some(format!("{schema}: {property} as {name}"))
}

fn inlined(draft: &mut Draft) -> Option<String> {
    let reference = draft.reference()?;
    let name = draft.at(&reference)["$ref"].as_str()?.rsplit('/').next()?.to_owned();
    let schema = draft.at(&format!("/components/schemas/{name}")).as_object()?.clone();
    *draft.object(&reference) = schema;
    Some(format!("{reference}: {name}"))
}

fn taken_name(draft: &mut Draft) -> Option<String> {
    let (schema, property) = draft.property()?;
    let owner = schema.strip_prefix("/components/schemas/").filter(|name| !name.contains('/'))?.to_owned();
    let name = format!("{owner}_{property}");
    let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
    let taken = json!({ "type": "object", "properties": { "taken": { "type": "string" } } });
    draft.object("/components/schemas").insert(name.clone(), taken);
    // It is used, or else nothing is generated for it.
    let field = draft.new_name("uses_");
    draft.object(&format!("{schema}/properties")).insert(field, reference);
    Some(name)
}
