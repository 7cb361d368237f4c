//! Rules about the names of the types that are generated for inline schemas.

use std::collections::BTreeSet;

use heck::ToSnakeCase;
use serde_json::{Value, json};

use crate::document::{object, operations_mut, request_body_mut, schemas_mut};
use crate::error::Result;
use crate::names::type_name;

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

/// Gives a title to every inline schema whose derived name another schema has.
pub(super) fn unique(document: &mut Value) -> Result<()> {
    let mut taken: BTreeSet<String> =
        object(&document["components"]["schemas"]).map(|(name, _)| type_name(name)).collect();
    for operation in operations_mut(document) {
        let name = format!("{}_body", operation.get("operationId").and_then(Value::as_str).unwrap_or_default());
        if let Some(body) = request_body_mut(operation) {
            inner_names(&name, body, &mut taken);
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
