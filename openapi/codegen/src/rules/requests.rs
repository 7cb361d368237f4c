//! Rules about request bodies: what was set is sent, what was not is not, and secrets do not show.

use serde_json::{Map, Value, json};

use crate::Result;
use crate::document::{each_schema_mut, every_schema_mut, operations_mut, request_body_mut};

pub(super) fn clearable_lists(document: &mut Value) -> Result<()> {
    for body in operations_mut(document).filter_map(request_body_mut) {
        each_schema_mut(body, &mut |schema| {
            let required = schema.get("required").cloned().unwrap_or_default();
            let optional = |name: &str| !required.as_array().is_some_and(|names| names.iter().any(|one| one == name));
            for (name, property) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
                if optional(name) && property["type"] == "array" {
                    property["nullable"] = json!(true);
                }
            }
        });
    }
    Ok(())
}

/// The format that marks a secret; the generator's settings give it a type of its own.
pub(crate) const SECRET_FORMAT: &str = "password";

/// Text fields that hold secrets, and the fields beside which they do: `content` alone is not telling.
const SECRETS: &[(&str, &[&str])] = &[("password", &[]), ("startup_script", &[]), ("content", &["type", "filename"])];

pub(super) fn secrets(document: &mut Value) -> Result<()> {
    every_schema_mut(document, &mut |schema| {
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
        for (name, beside) in SECRETS {
            if beside.iter().all(|name| properties.contains_key(*name))
                && let Some(property) = properties.get_mut(*name).and_then(Value::as_object_mut)
            {
                mark(property);
            }
        }
    });
    Ok(())
}

fn mark(property: &mut Map<String, Value>) {
    if property.get("type").is_some_and(|kind| kind == "string") {
        property.insert("format".into(), json!(SECRET_FORMAT));
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::after;
    use super::*;

    #[test]
    fn optional_lists_can_be_empty_on_purpose() {
        let document = after(
            clearable_lists,
            "paths: {/a: {patch: {requestBody: {content: {application/json: {schema: {required: [must], properties: \
             {must: {type: array}, may: {type: array}, text: {type: string}}}}}}}}}",
        );
        let properties =
            document.pointer("/paths/~1a/patch/requestBody/content/application~1json/schema/properties").unwrap();
        assert_eq!(
            *properties,
            json!({ "must": { "type": "array" }, "may": { "type": "array", "nullable": true }, "text": { "type": "string" } })
        );
    }

    #[test]
    fn secrets_are_marked_wherever_they_stand() {
        let document = after(
            secrets,
            "paths: {/a: {post: {requestBody: {content: {application/json: {schema: {properties: {password: {type: string}, \
             metadata: {properties: {startup_script: {type: string}}}}}}}}}}}\n\
             components: {schemas: {UserData: {items: {properties: {type: {}, filename: {}, content: {type: string}}}}, \
             Page: {properties: {content: {type: string}}}}}",
        );
        let body = document.pointer("/paths/~1a/post/requestBody/content/application~1json/schema/properties").unwrap();
        assert_eq!(body["password"]["format"], SECRET_FORMAT);
        assert_eq!(body["metadata"]["properties"]["startup_script"]["format"], SECRET_FORMAT);
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["UserData"]["items"]["properties"]["content"]["format"], SECRET_FORMAT);
        assert_eq!(schemas["Page"]["properties"]["content"].get("format"), None);
    }
}
