//! Rules about request bodies: exactly the fields that were set are sent, and debug output shows no secret.

use serde_json::{Map, Value, json};

use super::responses::{reached_from, reached_from_responses};
use crate::document::{self, each_schema_mut, every_schema_mut, operations_mut, request_body_mut, schemas_mut};
use crate::error::Result;

/// Marks a list that is nullable for the rule `clearable-lists` only: the service may reject null.
const CLEARED_BY_EMPTY: &str = "x-cleared-by-empty";

pub(super) fn clearable_lists(document: &mut Value) -> Result<()> {
    for body in operations_mut(document).filter_map(request_body_mut) {
        each_schema_mut(body, &mut |schema| {
            let required = schema.get("required").cloned().unwrap_or_default();
            let optional = |name: &str| !required.as_array().is_some_and(|names| names.iter().any(|one| one == name));
            for (name, property) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
                if optional(name) && property["type"] == "array" && property["nullable"] != true {
                    property["nullable"] = json!(true);
                    property[CLEARED_BY_EMPTY] = json!(true);
                }
            }
        });
    }
    Ok(())
}

/// The last sentence of the documentation of a field that can be sent as null. The pass `nullable-updates` finds the field
/// by it.
pub(crate) const CLEARS: &str = "`Some(None)` sends null, which clears it.";

pub(super) fn nullable_updates(document: &mut Value) -> Result<()> {
    let received = reached_from_responses(document);
    let bodies = document::operations(document).into_iter().filter(|operation| operation.method == "patch");
    let sent = reached_from(document, bodies.map(|operation| &operation.value["requestBody"]).collect());
    let patches = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    let patches = patches.filter_map(|item| item.get_mut("patch")?.as_object_mut());
    patches.filter_map(request_body_mut).for_each(clearable);
    for (name, schema) in schemas_mut(document).into_iter().flatten() {
        if sent.contains(name) && !received.contains(name) {
            clearable(schema);
        }
    }
    Ok(())
}

/// Documents the nullable properties of a schema as clearable.
fn clearable(schema: &mut Value) {
    each_schema_mut(schema, &mut |schema| {
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten();
        let is_nullable = |property: &Value| property["nullable"] == true && property.get(CLEARED_BY_EMPTY).is_none();
        for (_, property) in properties.filter(|(_, property)| is_nullable(property)) {
            let description = property["description"].as_str().unwrap_or_default();
            if !description.ends_with(CLEARS) {
                property["description"] = format!("{description}\n\n{CLEARS}").trim_start().into();
            }
        }
    });
}

pub(super) fn no_null_parameters(document: &mut Value) -> Result<()> {
    not_null(document);
    Ok(())
}

/// Removes null from the schemas of all parameters: of operations, of paths, and the named ones.
fn not_null(node: &mut Value) {
    match node {
        Value::Object(fields) => {
            let is_parameter = fields.get("in").is_some_and(Value::is_string) && fields.contains_key("name");
            if let (true, Some(Value::Object(schema))) = (is_parameter, fields.get_mut("schema")) {
                schema.shift_remove("nullable");
            }
            fields.values_mut().for_each(not_null);
        }
        Value::Array(values) => values.iter_mut().for_each(not_null),
        _ => {}
    }
}

/// The format that marks a secret. The generator's settings map it to the type `Secret`.
pub(crate) const SECRET_FORMAT: &str = "password";

/// String fields that contain secrets, and the fields that must be in the same object: `content` is a secret only in a
/// part of user data. The address of a disk image can be presigned, or hold a password.
const SECRETS: &[(&str, &[&str])] = &[
    ("password", &[]),
    ("startup_script", &[]),
    ("content", &["type", "filename"]),
    ("url", &["name", "region", "size"]),
];

pub(super) fn secrets(document: &mut Value) -> Result<()> {
    every_schema_mut(document, &mut |schema| {
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
        for (name, siblings) in SECRETS {
            if siblings.iter().all(|name| properties.contains_key(*name))
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
    use super::super::rule::test::{after, yaml_value};
    use super::*;

    #[test]
    fn optional_lists_can_be_empty_or_absent() {
        let document = after(
            clearable_lists,
            "paths: {/a: {patch: {requestBody: {content: {application/json: {schema: {required: [must], properties: \
             {must: {type: array}, may: {type: array}, text: {type: string}}}}}}}}}",
        );
        let properties =
            document.pointer("/paths/~1a/patch/requestBody/content/application~1json/schema/properties").unwrap();
        assert_eq!(
            *properties,
            json!({ "must": { "type": "array" }, "may": { "type": "array", "nullable": true, CLEARED_BY_EMPTY: true }, "text": { "type": "string" } })
        );
    }

    #[test]
    fn nullable_properties_of_updates_are_documented_as_clearable() {
        let object = "{properties: {a: {nullable: true, description: A text.}, b: {nullable: true}, c: {}}}";
        let body = |schema: &str| format!("{{requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}}}");
        let document = after(
            nullable_updates,
            &format!(
                "paths: {{/a: {{patch: {}, post: {}}}, /b: {{patch: {}}}, /c: {{patch: {}, get: {{responses: \
                 {{'200': {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/Both'}}}}}}}}}}}}}}}}\n\
                 components: {{schemas: {{In: {object}, Both: {object}}}}}",
                body(object),
                body(object),
                body("{$ref: '#/components/schemas/In'}"),
                body("{$ref: '#/components/schemas/Both'}"),
            ),
        );
        let description = |place: &str, field: &str| {
            document.pointer(&format!("{place}/properties/{field}")).unwrap()["description"]
                .as_str()
                .unwrap_or_default()
        };
        for place in ["/paths/~1a/patch/requestBody/content/application~1json/schema", "/components/schemas/In"] {
            assert_eq!(description(place, "a"), format!("A text.\n\n{CLEARS}"));
            assert_eq!(description(place, "b"), CLEARS);
            assert_eq!(description(place, "c"), "");
        }
        for place in ["/paths/~1a/post/requestBody/content/application~1json/schema", "/components/schemas/Both"] {
            assert_eq!(description(place, "a"), "A text.", "{place}");
        }
    }

    #[test]
    fn parameters_are_not_null_and_properties_are_as_they_were() {
        let path = "paths: {/a: {parameters: [{name: b, in: query, schema: {type: string NULL}}], get: {parameters: \
                    [{name: c, in: path, schema: {type: integer NULL}}]}}}";
        let rest = "components: {parameters: {D: {name: d, in: header, schema: {type: string NULL}}}, \
                    schemas: {A: {properties: {in: {type: string, nullable: true}, name: {type: string}, \
                    schema: {type: string, nullable: true}}}}}";
        let with = |null: &str| format!("{path}\n{rest}").replace(" NULL", null);
        assert_eq!(after(no_null_parameters, &with(", nullable: true")), yaml_value(&with("")));
    }

    #[test]
    fn secrets_are_marked_in_request_bodies_and_named_schemas() {
        let document = after(
            secrets,
            "paths: {/a: {post: {requestBody: {content: {application/json: {schema: {properties: {password: {type: string}, \
             name: {}, region: {}, size: {}, url: {type: string}, metadata: {properties: {startup_script: {type: string}}}}}}}}}}}\n\
             components: {schemas: {UserData: {items: {properties: {type: {}, filename: {}, content: {type: string}}}}, \
             Page: {properties: {content: {type: string}, url: {type: string}}}}}",
        );
        let body = document.pointer("/paths/~1a/post/requestBody/content/application~1json/schema/properties").unwrap();
        assert_eq!(body["password"]["format"], SECRET_FORMAT);
        assert_eq!(body["metadata"]["properties"]["startup_script"]["format"], SECRET_FORMAT);
        assert_eq!(body["url"]["format"], SECRET_FORMAT);
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["UserData"]["items"]["properties"]["content"]["format"], SECRET_FORMAT);
        assert_eq!(schemas["Page"]["properties"]["content"].get("format"), None);
        assert_eq!(schemas["Page"]["properties"]["url"].get("format"), None);
    }
}
