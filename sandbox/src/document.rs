//! What the vendored document requires of an answer.

use std::sync::OnceLock;

use serde_json::{Value, json};

/// Fills in what the document requires of a schema and the client's types leave out when empty: null or an empty list.
pub(crate) fn complete(schema: &str, value: &mut Value) {
    let schema = &document()["components"]["schemas"][schema];
    let Some(fields) = value.as_object_mut() else { return };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let property = &schema["properties"][name];
        let empty = if property["nullable"] == true { Value::Null } else { json!([]) };
        if property["nullable"] == true || property["type"] == "array" {
            fields.entry(name).or_insert(empty);
        }
    }
}

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT
        .get_or_init(|| serde_norway::from_str(genesiscloud_bindings::DOCUMENT).expect("the vendored document is YAML"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_required_is_there() {
        let mut instance = json!({ "id": "i" });
        complete("Instance", &mut instance);
        assert_eq!(
            instance,
            json!({ "id": "i", "ssh_keys": [], "security_groups": [], "volumes": [], "private_ip": null, "public_ip": null })
        );
    }
}
