//! Rules about the names of the types that are generated for inline schemas.

use std::collections::BTreeSet;

use heck::ToSnakeCase;
use serde_json::{Map, Value, json};

use crate::document::{
    every_schema_mut, object, operations_mut, request_body_mut, schema_name, schemas_mut, unescaped,
};
use crate::error::Result;
use crate::names::{CHOSEN, chosen, type_name};

/// The place of an inline schema, and the name of its type.
const READABLE: &[(&str, &str)] = &[
    ("/components/schemas/InstancesAvailability/properties/availability", "RegionAvailability"),
    (
        "/components/schemas/InstancesAvailability/properties/availability/properties/instance_types/items",
        "InstanceTypeAvailability",
    ),
    ("/components/schemas/Instance.UserData/items", "UserDataPart"),
    ("/components/schemas/Quota/properties/flavors/items", "QuotaFlavor"),
    (
        "/paths/~1instances/post/requestBody/content/application~1json/schema/properties/metadata",
        "CreateInstanceMetadata",
    ),
    (
        "/paths/~1floating-ips/post/requestBody/content/application~1json/schema/properties/version",
        "CreateFloatingIpVersion",
    ),
];

pub(super) fn readable(document: &mut Value) -> Result<()> {
    readable_names(document);
    Ok(())
}

/// Gives some inline schemas a title, which is the name of the type that is generated for them.
pub fn readable_names(document: &mut Value) {
    for (place, name) in READABLE {
        if let Some(schema) = document.pointer_mut(place) {
            schema["title"] = json!(name);
        }
    }
}

/// Marks a name as chosen: as often at the end of the name as its place in [`CHOSEN`] says, counted from 1. It is no part of
/// an identifier, so the generator drops it there and keeps it in the name in JSON, by which the pass `chosen-names` finds
/// that one.
pub(crate) const MARK: char = '\0';

pub(super) fn choose(document: &mut Value) -> Result<()> {
    let names: Vec<String> = object(&document["components"]["schemas"]).map(|(name, _)| name.clone()).collect();
    names.iter().filter_map(|name| Some((name, chosen(&format!("schema {name}"))?))).for_each(|(old, new)| {
        rename_schema(document, old, new);
    });
    for operation in operations_mut(document) {
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
        if let Some(name) = chosen(&format!("operation {id}")) {
            operation.insert("operationId".into(), json!(name));
        }
    }
    for (at, (part, name)) in CHOSEN.iter().enumerate() {
        if part.starts_with('/') {
            rename_part(document, part, &format!("{name}{}", MARK.to_string().repeat(at + 1)));
        }
    }
    Ok(())
}

/// Renames a schema, and what refers to it.
fn rename_schema(document: &mut Value, old: &str, new: &str) {
    if let Some(schemas) = schemas_mut(document) {
        renamed_key(schemas, old, new);
    }
    every_schema_mut(document, &mut |schema| {
        if schema.get("$ref").and_then(Value::as_str).and_then(schema_name) == Some(old) {
            schema.insert("$ref".into(), json!(format!("#/components/schemas/{new}")));
        }
    });
}

/// Renames a property, an enum value or a parameter.
fn rename_part(document: &mut Value, part: &str, name: &str) {
    let mut parts = part.rsplitn(3, '/');
    let (Some(old), Some(kind), Some(place)) = (parts.next(), parts.next(), parts.next()) else { return };
    let old = unescaped(old);
    let Some(owner) = document.pointer_mut(place).and_then(Value::as_object_mut) else { return };
    let rename = |texts: &mut Value| {
        let texts = texts.as_array_mut().into_iter().flatten().filter(|text| **text == old);
        texts.for_each(|text| *text = json!(name));
    };
    match (kind, owner.get_mut(kind)) {
        ("properties", Some(Value::Object(properties))) => {
            renamed_key(properties, &old, name);
            owner.get_mut("required").into_iter().for_each(rename);
        }
        ("enum", Some(values)) => rename(values),
        ("name", Some(own)) if *own == old => *own = json!(name),
        _ => {}
    }
}

/// Renames a key, which keeps its place.
fn renamed_key(fields: &mut Map<String, Value>, old: &str, new: &str) {
    let rename = |key: String| if key == old { new.to_owned() } else { key };
    *fields = std::mem::take(fields).into_iter().map(|(key, value)| (rename(key), value)).collect();
}

/// Gives a title to every inline schema whose derived name another schema has.
pub(super) fn unique(document: &mut Value) -> Result<()> {
    let mut taken: BTreeSet<String> =
        object(&document["components"]["schemas"]).map(|(name, _)| type_name(name)).collect();
    for operation in operations_mut(document) {
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(body) = request_body_mut(operation) {
            inner_names(&format!("{id}_body"), body, &mut taken);
        }
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            let derived = format!("{id}_{}", parameter["name"].as_str().unwrap_or_default());
            parameter.get_mut("schema").into_iter().for_each(|schema| name(&derived, schema, &mut taken));
        }
    }
    for (name, schema) in schemas_mut(document).into_iter().flatten() {
        inner_names(name, schema, &mut taken);
    }
    Ok(())
}

/// Names the schemas inside `schema` as the generator does: the name of the parent, then the field or `item`.
fn inner_names(parent: &str, schema: &mut Value, taken: &mut BTreeSet<String>) {
    for (field, property) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        name(&format!("{parent}_{}", field.to_snake_case()), property, taken);
    }
    if let Some(items) = schema.get_mut("items") {
        name(&format!("{parent}_item"), items, taken);
    }
    if let Some(values) = schema.get_mut("additionalProperties") {
        name(&format!("{parent}Value"), values, taken);
    }
}

fn name(derived: &str, schema: &mut Value, taken: &mut BTreeSet<String>) {
    let becomes_type = ["properties", "enum", "oneOf", "anyOf", "allOf"].iter().any(|key| schema.get(key).is_some());
    let mut name = schema["title"].as_str().unwrap_or(derived).to_owned();
    if becomes_type {
        while !taken.insert(type_name(&name)) {
            name.push_str("_inline");
            schema["title"] = json!(type_name(&name));
        }
    }
    inner_names(&name, schema, taken);
}

#[cfg(test)]
mod tests {
    use super::super::rule::test::{after, yaml_value};
    use super::*;

    #[test]
    fn readable_names_become_titles_of_schemas_in_the_document() {
        let document = after(readable, include_str!("../../compute-v1.yaml"));
        for (place, name) in READABLE {
            assert_eq!(document.pointer(place).unwrap_or(&Value::Null)["title"], *name, "{place}");
        }
        let other = "components: {schemas: {}}";
        assert_eq!(after(readable, other), yaml_value(other));
    }

    #[test]
    fn a_field_with_the_name_of_a_schema_gets_a_title() {
        let document = after(
            unique,
            "components: {schemas: {Instance.FloatingIp: {type: string}, Instance: {properties: \
             {floating_ip: {type: object, properties: {}}, floating_ip2: {type: object, properties: {}}, name: {type: string}}}}}",
        );
        let fields = &document["components"]["schemas"]["Instance"]["properties"];
        assert_eq!(fields["floating_ip"]["title"], "InstanceFloatingIpInline");
        assert_eq!(fields["floating_ip2"].get("title"), None);
        assert_eq!(fields["name"].get("title"), None);
    }

    #[test]
    fn a_parameter_with_the_name_of_a_schema_gets_a_title() {
        let document = after(
            unique,
            "paths: {/a: {get: {operationId: GetA, parameters: [{name: status, schema: {enum: [q]}}, {name: b, schema: {enum: [r]}}]}}}\n\
             components: {schemas: {GetA.Status: {enum: [x]}}}",
        );
        let parameters = &document["paths"]["/a"]["get"]["parameters"];
        assert_eq!(parameters[0]["schema"]["title"], "GetAStatusInline");
        assert_eq!(parameters[1]["schema"].get("title"), None);
    }

    #[test]
    fn two_inline_schemas_with_the_same_derived_name_get_different_titles() {
        let document = after(
            unique,
            "components: {schemas: {A.B: {properties: {c: {enum: [x]}}}, A: {properties: {b: {type: string}, b_c: {enum: [y]}}}}}",
        );
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["A.B"]["properties"]["c"].get("title"), None);
        assert_eq!(schemas["A"]["properties"]["b_c"]["title"], "ABCInline");
    }
}
