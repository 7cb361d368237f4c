//! Rules about types: fewer and simpler ones.

use serde_json::{Map, Value, json};

use crate::document::{every_schema_mut, schema_name, schemas_mut};
use crate::error::{Error, Result};

pub(super) fn plain_scalars(document: &mut Value) -> Result<()> {
    let Some(schemas) = schemas_mut(document) else { return Ok(()) };
    let mut scalars = Map::new();
    schemas.retain(|name, schema| {
        let plain = is_plain_scalar(schema);
        if plain {
            scalars.insert(name.clone(), schema.take());
        }
        !plain
    });
    every_schema_mut(document, &mut |schema| {
        let name = schema.get("$ref").and_then(Value::as_str).and_then(schema_name);
        if let Some(Value::Object(scalar)) = name.and_then(|name| scalars.get(name)) {
            *schema = scalar.clone();
        }
    });
    Ok(())
}

fn is_plain_scalar(schema: &Value) -> bool {
    matches!(schema["type"].as_str(), Some("string" | "integer" | "number" | "boolean")) && schema.get("enum").is_none()
}

pub(super) fn open_numbers(document: &mut Value) -> Result<()> {
    every_schema_mut(document, &mut |schema| {
        let values = schema.get("enum").and_then(Value::as_array).cloned().unwrap_or_default();
        if values.iter().all(|value| value.is_string() || value.is_null()) {
            return;
        }
        schema.shift_remove("enum");
        if let Some(kind) = type_of_all(&values) {
            schema.entry("type").or_insert_with(|| json!(kind));
        }
    });
    Ok(())
}

/// The type that all values have, apart from nulls.
fn type_of_all(values: &[Value]) -> Option<&'static str> {
    let all = |is_kind: fn(&Value) -> bool| values.iter().all(|value| is_kind(value) || value.is_null());
    match () {
        () if all(Value::is_boolean) => Some("boolean"),
        () if all(|value| value.is_i64() || value.is_u64()) => Some("integer"),
        () if all(Value::is_number) => Some("number"),
        () => None,
    }
}

const BOUNDS: [&str; 11] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
];

pub(super) fn no_bounds(document: &mut Value) -> Result<()> {
    every_schema_mut(document, &mut |schema| BOUNDS.iter().for_each(|bound| drop(schema.shift_remove(*bound))));
    Ok(())
}

pub(super) fn plain_formats(document: &mut Value) -> Result<()> {
    every_schema_mut(document, &mut |schema| {
        if schema.get("format").is_some_and(|format| format != "date-time") {
            schema.shift_remove("format");
        }
    });
    Ok(())
}

pub(super) fn no_defaults(document: &mut Value) -> Result<()> {
    every_schema_mut(document, &mut |schema| drop(schema.shift_remove("default")));
    Ok(())
}

const REFERENCE: &str = "Reference";

pub(super) fn shared_reference(document: &mut Value) -> Result<()> {
    let mut found = 0;
    every_schema_mut(document, &mut |schema| {
        for property in
            schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
        {
            let place = if property["type"] == "array" { property.get_mut("items") } else { Some(property) };
            if let Some(place) = place.filter(|place| is_id_and_name(place)) {
                *place = json!({ "$ref": format!("#/components/schemas/{REFERENCE}") });
                found += 1;
            }
        }
    });
    let Some(schemas) = schemas_mut(document).filter(|_| found > 0) else { return Ok(()) };
    let reference = json!({
        "description": "A reference to another resource.",
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "id": { "type": "string", "description": "Id of the resource." },
            "name": { "type": "string", "description": "Name of the resource." },
        },
        "additionalProperties": {},
    });
    match schemas.insert(REFERENCE.into(), reference) {
        Some(_) => Err(Error::new(format!("schema {REFERENCE} has the name of the type that all references share"))),
        None => Ok(()),
    }
}

fn is_id_and_name(schema: &Value) -> bool {
    schema["type"] == "object"
        && schema["properties"].as_object().is_some_and(|properties| {
            properties.len() == 2
                && ["id", "name"].iter().all(|name| properties.get(*name).is_some_and(is_plain_scalar))
        })
        && schema["required"].as_array().is_some_and(|required| required.len() == 2)
}

#[cfg(test)]
mod tests {
    use super::super::rule::test::{after, yaml_value};
    use super::*;

    #[test]
    fn plain_scalars_are_inlined_and_enums_are_kept() {
        let document = after(
            plain_scalars,
            "components: {schemas: {Id: {type: string, description: An id.}, Kind: {type: string, enum: [a]}, \
             Thing: {properties: {id: {$ref: '#/components/schemas/Id'}, kind: {$ref: '#/components/schemas/Kind'}}}}}",
        );
        assert_eq!(
            document["components"]["schemas"],
            json!({
                "Kind": { "type": "string", "enum": ["a"] },
                "Thing": { "properties": {
                    "id": { "type": "string", "description": "An id." },
                    "kind": { "$ref": "#/components/schemas/Kind" },
                } },
            })
        );
    }

    #[test]
    fn enums_of_numbers_and_flags_become_their_type_and_enums_of_texts_are_kept() {
        for (schema, expected) in [
            ("{type: integer, enum: [1, 2]}", json!({ "type": "integer" })),
            ("{enum: [1, 2]}", json!({ "type": "integer" })),
            ("{enum: [1, 2.5, null], nullable: true}", json!({ "type": "number", "nullable": true })),
            ("{type: boolean, enum: [true]}", json!({ "type": "boolean" })),
            ("{enum: [a, 1]}", json!({})),
            ("{type: string, enum: [a, null]}", json!({ "type": "string", "enum": ["a", null] })),
        ] {
            let document = after(open_numbers, &format!("components: {{schemas: {{A: {schema}}}}}"));
            assert_eq!(document["components"]["schemas"]["A"], expected, "{schema}");
        }
    }

    #[test]
    fn bounds_and_defaults_are_removed_and_fields_with_these_names_are_kept() {
        let yaml = "components: {schemas: {A: {properties: {size: {type: integer, minimum: 1, default: 2}, \
                    pattern: {type: string}, default: {type: string}}}}}";
        let fields = |document: &Value| document["components"]["schemas"]["A"]["properties"].clone();
        let rest = json!({ "type": "string" });
        assert_eq!(
            fields(&after(no_bounds, yaml)),
            json!({ "size": { "type": "integer", "default": 2 }, "pattern": rest, "default": rest })
        );
        assert_eq!(
            fields(&after(no_defaults, yaml)),
            json!({ "size": { "type": "integer", "minimum": 1 }, "pattern": rest, "default": rest })
        );
    }

    #[test]
    fn formats_other_than_times_are_removed() {
        let document = after(
            plain_formats,
            "components: {schemas: {A: {properties: {ip: {type: string, format: ipv4}, size: {type: integer, format: int32}, \
             at: {type: string, format: date-time}, format: {type: string}}}}}",
        );
        assert_eq!(
            document["components"]["schemas"]["A"]["properties"],
            json!({
                "ip": { "type": "string" }, "size": { "type": "integer" },
                "at": { "type": "string", "format": "date-time" }, "format": { "type": "string" },
            })
        );
    }

    #[test]
    fn references_share_one_type() {
        let reference = "{type: object, required: [id, name], nullable: true, properties: {id: {type: string}, name: {type: string}}}";
        let document = after(
            shared_reference,
            &format!(
                "components: {{schemas: {{A: {{properties: {{one: {reference}, many: {{type: array, items: {reference}}}, \
                 other: {{type: object, properties: {{id: {{type: string}}}}}}, \
                 numbered: {{type: object, required: [id, name], properties: {{id: {{type: string}}, name: {{type: array}}}}}}, \
                 optional: {{type: object, required: [id], properties: {{id: {{type: string}}, name: {{type: string}}}}}}, \
                 larger: {{type: object, required: [id, name], properties: {{id: {{type: string}}, name: {{type: string}}, \
                 more: {{type: string}}}}}}}}}}}}}}"
            ),
        );
        let schemas = &document["components"]["schemas"];
        let shared = json!({ "$ref": "#/components/schemas/Reference" });
        assert_eq!(schemas["A"]["properties"]["one"], shared);
        assert_eq!(schemas["A"]["properties"]["many"]["items"], shared);
        for other in ["other", "numbered", "optional", "larger"] {
            assert_eq!(schemas["A"]["properties"][other]["type"], "object", "{other}");
        }
        assert_eq!(schemas["Reference"]["required"], json!(["id", "name"]));
    }

    #[test]
    fn a_schema_with_the_name_of_the_shared_type_is_an_error() {
        let mut document = yaml_value(
            "components: {schemas: {Reference: {type: string}, A: {properties: {one: {type: object, required: [id, name], \
             properties: {id: {type: string}, name: {type: string}}}}}}}",
        );
        assert_eq!(
            shared_reference(&mut document).unwrap_err().to_string(),
            "schema Reference has the name of the type that all references share"
        );
    }
}
