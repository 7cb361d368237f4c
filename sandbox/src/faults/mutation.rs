//! Mutations of responses: they deviate from the OpenAPI document, but clients should tolerate them.

use serde_json::{Map, Value, json};

use super::fault::Fault;
use crate::openapi::OpenApiDocument;

/// Changes a response with this schema according to the fault. Most faults do not change it.
pub(crate) fn mutate_response(fault: &Fault, schema: &Value, response: &mut Value) {
    if *fault == Fault::UndecodableItem {
        return make_an_item_undecodable(response);
    }
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
            if let Some(fields) = value.as_object_mut() {
                fields.retain(|name, _| is_required(schema, name));
            }
        },
        Fault::IntegerAsFloat => |schema, value| {
            if let (Some("integer"), Some(number)) = (schema["type"].as_str(), value.as_f64()) {
                *value = json!(number);
            }
        },
        Fault::IntegerAsText => |schema, value| {
            if let (Some("integer"), true) = (schema["type"].as_str(), value.is_number()) {
                *value = json!(value.to_string());
            }
        },
        Fault::SizeInBytes => |_, value| sizes_in_bytes(value),
        Fault::NullList => |_, value| null_lists(value),
        Fault::NullOptionalField => |schema, value| null_optional_fields(schema, value),
        Fault::EmptyOptionalField => |schema, value| empty_optional_fields(schema, value),
        Fault::TimeWithoutZone => |schema, value| {
            if let (Some("date-time"), Some(time)) = (schema["format"].as_str(), value.as_str()) {
                *value = json!(time.trim_end_matches('Z'));
            }
        },
        _ => return,
    };
    let document = OpenApiDocument::vendored();
    document.visit(schema, response, &mut |schema, value| change(schema, value));
}

fn is_required(schema: &Value, field: &str) -> bool {
    schema["required"].as_array().into_iter().flatten().any(|required| required == field)
}

/// Returns the fields of a resource. Pages, references and rules are objects too, but have no creation time.
fn resource(value: &mut Value) -> Option<&mut Map<String, Value>> {
    value.as_object_mut().filter(|fields| fields.contains_key("created_at"))
}

fn sizes_in_bytes(value: &mut Value) {
    // The size of an SSH key is in bits, and a key has no region.
    let Some(fields) = resource(value).filter(|fields| fields.contains_key("region")) else { return };
    for name in ["size", "disk_size"] {
        if let Some(gib) = fields.get(name).and_then(Value::as_u64) {
            fields.insert(name.into(), json!((u128::from(gib) << 30).to_string()));
        }
    }
}

fn null_lists(value: &mut Value) {
    let is_page = value.get("total_count").is_some();
    let fields = match is_page {
        true => value.as_object_mut(),
        false => resource(value),
    };
    for field in fields.into_iter().flat_map(Map::values_mut) {
        // A page whose items are null would have lost them.
        if field.as_array().is_some_and(|items| !is_page || items.is_empty()) {
            field.take();
        }
    }
}

fn null_optional_fields(schema: &Value, value: &mut Value) {
    for (_, field) in resource(value).into_iter().flatten().filter(|(name, _)| is_optional(schema, name)) {
        if !field.is_array() {
            field.take();
        }
    }
}

fn empty_optional_fields(schema: &Value, value: &mut Value) {
    for (name, field) in resource(value).into_iter().flatten().filter(|(name, _)| is_optional(schema, name)) {
        let is_enum = OpenApiDocument::vendored().property(schema, name)["enum"].is_array();
        if field.is_string() && !is_enum {
            *field = json!("");
        }
    }
}

/// Returns whether a resource is complete without this field. Some that the document requires have been missing.
fn is_optional(schema: &Value, field: &str) -> bool {
    const OPTIONAL: [&str; 4] = ["description", "dns_name", "placement_option", "updated_at"];
    let is_nullable = OpenApiDocument::vendored().property(schema, field)["nullable"] == true;
    OPTIONAL.contains(&field) || is_nullable || !is_required(schema, field)
}

fn make_an_item_undecodable(page: &mut Value) {
    let lists = page.as_object_mut().into_iter().flat_map(Map::values_mut);
    for items in lists.filter_map(Value::as_array_mut) {
        let middle = items.len() / 2;
        if let Some(fields) = items.get_mut(middle).and_then(resource) {
            fields.insert("created_at".into(), json!("yesterday"));
        }
    }
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

    #[test]
    fn faults_for_odd_values_change_only_what_they_name() {
        let volume = json!({
            "id": "v", "name": "data", "description": "text", "size": 50, "region": "NORD-NO-KRS-1", "status": "created",
            "instances": [{ "id": "i", "name": "vm" }], "created_at": "2025-06-01T00:00:00.500Z",
            "updated_at": "2025-06-01T00:00:00.500Z",
        });
        let schema = json!({ "$ref": "#/components/schemas/Volume" });
        for (fault, changed) in [
            (Fault::IntegerAsText, json!({ "size": "50" })),
            (Fault::SizeInBytes, json!({ "size": "53687091200" })),
            (Fault::NullList, json!({ "instances": null })),
            (Fault::NullOptionalField, json!({ "description": null, "updated_at": null })),
            (Fault::EmptyOptionalField, json!({ "description": "", "updated_at": "" })),
            (
                Fault::TimeWithoutZone,
                json!({ "created_at": "2025-06-01T00:00:00.500", "updated_at": "2025-06-01T00:00:00.500" }),
            ),
        ] {
            let (mut mutated, mut expected) = (volume.clone(), volume.clone());
            mutate_response(&fault, &schema, &mut mutated);
            expected.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
            assert_eq!(mutated, expected, "{fault}");
        }
        let page = |items: usize| json!({ "volumes": vec![volume.clone(); items], "total_count": items });
        let list = json!({
            "type": "object",
            "properties": { "volumes": { "type": "array", "items": { "$ref": "#/components/schemas/Volume" } } },
        });
        let mut odd = page(3);
        mutate_response(&Fault::UndecodableItem, &list, &mut odd);
        let times = odd["volumes"].as_array().unwrap().iter().map(|item| &item["created_at"]).collect::<Vec<_>>();
        assert_eq!(times, [&volume["created_at"], &json!("yesterday"), &volume["created_at"]]);
        for (items, is_null) in [(1, false), (0, true)] {
            let mut page = page(items);
            mutate_response(&Fault::NullList, &list, &mut page);
            assert_eq!(page["volumes"].is_null(), is_null, "{page}");
        }
    }
}
