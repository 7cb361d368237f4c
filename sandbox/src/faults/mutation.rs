//! Mutations of responses: they deviate from the OpenAPI document, but clients should tolerate them.

use serde_json::{Value, json};

use super::fault::Fault;
use crate::openapi::OpenApiDocument;

/// Changes a response with this schema according to the fault. Most faults do not change it.
pub(crate) fn mutate_response(fault: &Fault, schema: &Value, response: &mut Value) {
    let change: fn(&Value, &mut Value) = match fault {
        Fault::UnknownEnumValue => |schema, value| {
            if schema["enum"].is_array() && value.is_string() {
                *value = json!("sandbox-unknown");
            }
        },
        Fault::UnknownField => |_, value| {
            if let Some(fields) = value.as_object_mut() {
                fields.insert("sandbox_unknown".into(), json!({ "nested": [1, "two", null] }));
            }
        },
        Fault::MissingOptionalField => |schema, value| {
            let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
            if let Some(fields) = value.as_object_mut() {
                fields.retain(|name, _| required.iter().any(|required| required == name));
            }
        },
        Fault::IntegerAsFloat => |schema, value| {
            if let (Some("integer"), Some(number)) = (schema["type"].as_str(), value.as_f64()) {
                *value = json!(number);
            }
        },
        _ => return,
    };
    OpenApiDocument::vendored().visit(schema, response, &mut |schema, value| change(schema, value));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutated(fault: &Fault) -> Value {
        let mut volume =
            json!({ "volume": { "id": "v", "size": 50, "status": "created", "instances": [{ "id": "i" }] } });
        let schema = json!({
            "type": "object",
            "required": ["volume"],
            "properties": { "volume": { "$ref": "#/components/schemas/Volume" } },
        });
        mutate_response(fault, &schema, &mut volume);
        volume["volume"].take()
    }

    #[test]
    fn each_fault_changes_only_what_it_names() {
        assert_eq!(mutated(&Fault::UnknownEnumValue)["status"], "sandbox-unknown");
        assert_eq!(mutated(&Fault::UnknownEnumValue)["id"], "v");
        assert_eq!(mutated(&Fault::IntegerAsFloat)["size"].to_string(), "50.0");
        let unknown = mutated(&Fault::UnknownField);
        assert!(unknown["sandbox_unknown"].is_object() && unknown["instances"][0]["sandbox_unknown"].is_object());
        let mut snapshot = json!({ "id": "s", "source_instance_id": "i" });
        mutate_response(
            &Fault::MissingOptionalField,
            &json!({ "$ref": "#/components/schemas/Snapshot" }),
            &mut snapshot,
        );
        assert_eq!(snapshot, json!({ "id": "s" }));
    }
}
