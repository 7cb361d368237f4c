//! Rules about the names of the types that inline schemas become.

use std::collections::BTreeSet;

use heck::{ToPascalCase, ToSnakeCase};
use serde_json::{Value, json};

use crate::Result;
use crate::document::{object, operations_mut, request_body_mut, schemas_mut};

/// Where an inline schema stands, and what its type is called.
const FRIENDLY: &[(&str, &str)] = &[
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

pub(super) fn friendly(document: &mut Value) -> Result<()> {
    for (place, name) in FRIENDLY {
        if let Some(schema) = document.pointer_mut(place) {
            schema["title"] = json!(name);
        }
    }
    Ok(())
}

/// Gives a title to every inline schema whose made-up name another schema has.
pub(super) fn unique(document: &mut Value) -> Result<()> {
    let mut taken: BTreeSet<String> =
        object(&document["components"]["schemas"]).map(|(name, _)| name.to_pascal_case()).collect();
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

/// Names what is inside `schema` the way the generator does: parent, then field or `item`.
fn inner_names(parent: &str, schema: &mut Value, taken: &mut BTreeSet<String>) {
    for (field, property) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        name(&format!("{parent}_{}", field.to_snake_case()), property, taken);
    }
    if let Some(items) = schema.get_mut("items") {
        name(&format!("{parent}_item"), items, taken);
    }
}

fn name(made_up: &str, schema: &mut Value, taken: &mut BTreeSet<String>) {
    let becomes_type = ["properties", "enum", "oneOf", "anyOf", "allOf"].iter().any(|key| schema.get(key).is_some());
    let mut name = schema["title"].as_str().unwrap_or(made_up).to_owned();
    if becomes_type {
        while !taken.insert(name.to_pascal_case()) {
            name.push_str("_inline");
            schema["title"] = json!(name.to_pascal_case());
        }
    }
    inner_names(&name, schema, taken);
}

#[cfg(test)]
mod tests {
    use super::super::test::{after, yaml_value};
    use super::*;

    #[test]
    fn friendly_names_are_titles_of_what_the_document_has() {
        let document = after(friendly, include_str!("../../compute-v1.yaml"));
        for (place, name) in FRIENDLY {
            assert_eq!(document.pointer(place).unwrap_or(&Value::Null)["title"], *name, "{place}");
        }
        let other = "components: {schemas: {}}";
        assert_eq!(after(friendly, other), yaml_value(other));
    }

    #[test]
    fn a_field_spelled_like_a_schema_gets_a_title() {
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
    fn two_inline_schemas_of_one_name_are_told_apart() {
        let document = after(
            unique,
            "components: {schemas: {A.B: {properties: {c: {enum: [x]}}}, A: {properties: {b: {type: string}, b_c: {enum: [y]}}}}}",
        );
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["A.B"]["properties"]["c"].get("title"), None);
        assert_eq!(schemas["A"]["properties"]["b_c"]["title"], "ABCInline");
    }
}
