//! Rules about responses: the service may send more fields, fewer fields and other statuses than its document states.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::document::{self, each_schema_mut, every_schema_mut, object, operations_mut, request_body_mut, schemas_mut};
use crate::error::{Error, Result};

pub(super) fn success_only(document: &mut Value) -> Result<()> {
    for operation in operations_mut(document) {
        if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
            responses.retain(|status, _| status.starts_with('2'));
        }
    }
    Ok(())
}

pub(super) fn any_success_status(document: &mut Value) -> Result<()> {
    for operation in document::operations(document) {
        let responses = &operation.value["responses"];
        let mut bodies = object(responses).map(|(_, response)| body(document, response));
        let first = bodies.next();
        if !bodies.all(|body| Some(body) == first) {
            let statuses = object(responses).map(|(status, _)| status.as_str()).collect::<Vec<_>>().join(", ");
            let id = operation.name();
            return Err(Error::new(format!(
                "operation {id} has several success responses with different bodies: {statuses}"
            )));
        }
    }
    for operation in operations_mut(document) {
        if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
            *responses = std::mem::take(responses)
                .into_iter()
                .take(1)
                .map(|(_, response)| ("2XX".to_owned(), response))
                .collect();
        }
    }
    Ok(())
}

/// Returns the media types of a response, each with its schema.
fn body<'a>(document: &'a Value, response: &'a Value) -> Vec<(&'a String, &'a Value)> {
    let response = document::resolved(document, response);
    object(&response["content"]).map(|(media_type, content)| (media_type, &content["schema"])).collect()
}

pub(super) fn named_responses(document: &mut Value) -> Result<()> {
    let mut named = Map::new();
    let shared = document.pointer_mut("/components/responses").and_then(Value::as_object_mut);
    for (name, response) in shared.into_iter().flatten() {
        name_schema(response, name, &mut named);
    }
    for operation in operations_mut(document) {
        let name = format!("{}Response", operation.get("operationId").and_then(Value::as_str).unwrap_or_default());
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        responses.into_iter().flat_map(Map::values_mut).for_each(|response| name_schema(response, &name, &mut named));
    }
    if named.is_empty() {
        return Ok(());
    }
    let schemas = document["components"].as_object_mut().map(|components| {
        components.entry("schemas").or_insert_with(|| json!({})).as_object_mut().map(|schemas| {
            let taken = named.keys().find(|name| schemas.contains_key(*name)).cloned();
            schemas.append(&mut named);
            taken
        })
    });
    match schemas.flatten().flatten() {
        Some(name) => Err(Error::new(format!("response {name} and schema {name} have the same name"))),
        None => Ok(()),
    }
}

/// Moves the inline schema of a response to `named`.
fn name_schema(response: &mut Value, name: &str, named: &mut Map<String, Value>) {
    if let Some(schema) = response.pointer_mut("/content/application~1json/schema")
        && schema.get("$ref").is_none()
        && schema.get("properties").is_some()
    {
        let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
        named.insert(name.to_owned(), std::mem::replace(schema, reference));
    }
}

/// Schema, field and the schema of the field, from the provider's documentation.
const DOCUMENTED: &[(&str, &str, &str)] = &[("Instance", "is_protected", "Instance.IsProtected")];

pub(super) fn documented_fields(document: &mut Value) -> Result<()> {
    let Some(schemas) = schemas_mut(document) else { return Ok(()) };
    for (schema, field, of) in DOCUMENTED {
        if schemas.contains_key(*of)
            && let Some(properties) =
                schemas.get_mut(*schema).and_then(|schema| schema.get_mut("properties")?.as_object_mut())
        {
            let reference = json!({ "$ref": format!("#/components/schemas/{of}") });
            properties.entry(*field).or_insert(reference);
        }
    }
    Ok(())
}

pub(super) fn unknown_fields(document: &mut Value) -> Result<()> {
    let reached = reached_from_responses(document);
    let Some(schemas) = schemas_mut(document) else { return Ok(()) };
    for (name, schema) in schemas.iter_mut() {
        let in_response = reached.contains(name);
        each_schema_mut(schema, &mut |schema| {
            if schema.contains_key("properties") {
                if in_response {
                    schema.insert("additionalProperties".into(), json!({}));
                } else {
                    schema.shift_remove("additionalProperties");
                }
            }
        });
    }
    Ok(())
}

/// Returns the names of the schemas that a response can contain.
pub(super) fn reached_from_responses(document: &Value) -> BTreeSet<String> {
    let mut starts = vec![&document["components"]["responses"]];
    starts.extend(document::operations(document).iter().map(|operation| &operation.value["responses"]));
    reached_from(document, starts)
}

/// Returns the names of the schemas that a request body can contain.
fn reached_from_requests(document: &Value) -> BTreeSet<String> {
    let mut starts = vec![&document["components"]["requestBodies"]];
    starts.extend(document::operations(document).iter().map(|operation| &operation.value["requestBody"]));
    reached_from(document, starts)
}

/// Returns the names of the schemas that are reached from some parts of the document through references.
pub(super) fn reached_from<'a>(document: &'a Value, mut unvisited: Vec<&'a Value>) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    while let Some(node) = unvisited.pop() {
        match node {
            Value::Object(fields) => {
                if let Some(reference) = node["$ref"].as_str()
                    && let Some(name) = document::schema_name(reference)
                    && reached.insert(name.to_owned())
                {
                    unvisited.extend(document::resolve(document, reference));
                }
                unvisited.extend(fields.values());
            }
            Value::Array(values) => unvisited.extend(values),
            _ => {}
        }
    }
    reached
}

/// Fields that the document requires and examples of the provider lack; `*` means every schema.
const SOMETIMES_ABSENT: &[(&str, &[&str])] = &[
    ("*", &["updated_at"]),
    ("Image", &["os_type", "regions"]),
    ("Instance", &["dns_name", "image", "os_type", "placement_option", "security_groups", "ssh_keys", "volumes"]),
];

/// Returns whether the rule `sometimes-absent` makes a field of a response optional, whatever the document states.
pub fn may_be_absent(schema: &str, field: &str) -> bool {
    SOMETIMES_ABSENT.iter().any(|(of, fields)| (*of == "*" || *of == schema) && fields.contains(&field))
}

pub(super) fn sometimes_absent(document: &mut Value) -> Result<()> {
    for (name, schema) in schemas_mut(document).into_iter().flatten() {
        for (of, fields) in SOMETIMES_ABSENT {
            if *of == "*" {
                each_schema_mut(schema, &mut |schema| drop_required(schema, |field| fields.contains(&field)));
            } else if let Some(schema) = schema.as_object_mut().filter(|_| of == name) {
                drop_required(schema, |field| fields.contains(&field));
            }
        }
    }
    Ok(())
}

pub(super) fn nullable_is_optional(document: &mut Value) -> Result<()> {
    every_schema_mut(document, &mut |schema| {
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let nullable: Vec<String> =
            properties.filter(|(_, property)| property["nullable"] == true).map(|(name, _)| name.clone()).collect();
        drop_required(schema, |field| nullable.iter().any(|name| name == field));
    });
    Ok(())
}

pub(super) fn one_direction(document: &mut Value) -> Result<()> {
    let (received, sent) = (reached_from_responses(document), reached_from_requests(document));
    let marked = |schema: &Map<String, Value>, keyword: &str| -> BTreeSet<String> {
        let properties = schema.get("properties").map(object).into_iter().flatten();
        properties.filter(|(_, property)| property[keyword] == true).map(|(name, _)| name.clone()).collect()
    };
    let without = |schema: &mut Value, keyword: &str| {
        each_schema_mut(schema, &mut |schema| {
            let marked = marked(schema, keyword);
            drop_required(schema, |field| marked.contains(field));
        });
    };
    for (name, schema) in schemas_mut(document).into_iter().flatten() {
        if received.contains(name) {
            without(schema, "writeOnly");
        } else if sent.contains(name) {
            without(schema, "readOnly");
        }
    }
    operations_mut(document).filter_map(request_body_mut).for_each(|body| without(body, "readOnly"));
    Ok(())
}

fn drop_required(schema: &mut Map<String, Value>, drop: impl Fn(&str) -> bool) {
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|field| !field.as_str().is_some_and(&drop));
    }
}

#[cfg(test)]
mod tests {
    use super::super::rule::test::{after, yaml_value};
    use super::*;

    const OPERATION: &str = "/paths/~1a/get/responses";

    #[test]
    fn only_success_responses_remain() {
        let document =
            after(success_only, "paths: {/a: {get: {responses: {'200': {}, '404': {}, 5XX: {}, default: {}}}}}");
        assert_eq!(document.pointer(OPERATION), Some(&json!({ "200": {} })));
    }

    #[test]
    fn the_success_status_becomes_a_range() {
        let document = after(any_success_status, "paths: {/a: {get: {responses: {'201': {description: made}}}}}");
        assert_eq!(document.pointer(OPERATION), Some(&json!({ "2XX": { "description": "made" } })));
    }

    #[test]
    fn success_responses_with_different_bodies_are_an_error_that_names_the_operation() {
        let mut document =
            yaml_value("paths: {/a: {get: {operationId: A, responses: {'200': {content: {a: {}}}, '202': {}}}}}");
        let error = any_success_status(&mut document).unwrap_err();
        assert_eq!(error.to_string(), "operation A has several success responses with different bodies: 200, 202");
    }

    #[test]
    fn several_success_responses_with_one_body_or_none_are_one() {
        let body = "content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}";
        for (responses, expected) in [
            ("{'204': {description: gone}, '202': {description: later}}".to_owned(), json!({ "description": "gone" })),
            (
                format!("{{'200': {{$ref: '#/components/responses/R'}}, '201': {{{body}}}}}"),
                json!({ "$ref": "#/components/responses/R" }),
            ),
        ] {
            let document = after(
                any_success_status,
                &format!(
                    "paths: {{/a: {{get: {{responses: {responses}}}}}}}\ncomponents: {{responses: {{R: {{{body}}}}}}}"
                ),
            );
            assert_eq!(document.pointer(OPERATION), Some(&json!({ "2XX": expected })));
        }
    }

    #[test]
    fn a_property_is_required_in_its_direction_only() {
        let object =
            "{required: [id, key, name], properties: {id: {readOnly: true}, key: {writeOnly: true}, name: {}}}";
        let content = |schema: &str| format!("{{content: {{application/json: {{schema: {schema}}}}}}}");
        let document = after(
            one_direction,
            &format!(
                "paths: {{/a: {{put: {{requestBody: {}, responses: {{'200': {}}}}}, post: {{requestBody: {}}}}}}}\n\
                 components: {{schemas: {{In: {object}, Out: {{allOf: [{object}]}}, Other: {object}}}}}",
                content("{$ref: '#/components/schemas/In'}"),
                content("{$ref: '#/components/schemas/Out'}"),
                content(object),
            ),
        );
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["In"]["required"], json!(["key", "name"]));
        assert_eq!(schemas["Out"]["allOf"][0]["required"], json!(["id", "name"]));
        assert_eq!(schemas["Other"]["required"], json!(["id", "key", "name"]));
        let inline = document.pointer("/paths/~1a/post/requestBody/content/application~1json/schema/required");
        assert_eq!(inline, Some(&json!(["key", "name"])));
    }

    #[test]
    fn inline_response_schemas_become_named_schemas() {
        let document = after(
            named_responses,
            "components: {responses: {One: {content: {application/json: {schema: {properties: {a: {}}}}}}}}",
        );
        assert_eq!(
            document.pointer("/components/responses/One/content/application~1json/schema"),
            Some(&json!({ "$ref": "#/components/schemas/One" }))
        );
        assert_eq!(document["components"]["schemas"]["One"], json!({ "properties": { "a": {} } }));
        let document = after(
            named_responses,
            "paths: {/a: {get: {operationId: GetA, responses: {'200': {content: {application/json: {schema: {properties: {}}}}}}}}}\n\
             components: {}",
        );
        assert_eq!(document["components"]["schemas"]["GetAResponse"], json!({ "properties": {} }));
    }

    #[test]
    fn a_document_without_inline_response_schemas_is_unchanged() {
        let yaml = "paths: {/a: {get: {operationId: A, responses: {'204': {description: done}}}}}\n\
                    components: {schemas: {Instance.IsProtected: {}, Instance: {allOf: []}}}";
        assert_eq!(after(named_responses, yaml), yaml_value(yaml));
        assert_eq!(after(documented_fields, yaml), yaml_value(yaml));
    }

    #[test]
    fn documented_fields_are_added_and_never_replaced() {
        let document = after(
            documented_fields,
            "components: {schemas: {Instance.IsProtected: {type: boolean}, Instance: {properties: {}}}}",
        );
        assert_eq!(
            document["components"]["schemas"]["Instance"]["properties"]["is_protected"],
            json!({ "$ref": "#/components/schemas/Instance.IsProtected" })
        );
        let own =
            "components: {schemas: {Instance.IsProtected: {}, Instance: {properties: {is_protected: {type: string}}}}}";
        assert_eq!(after(documented_fields, own), yaml_value(own));
    }

    #[test]
    fn responses_keep_unknown_fields_and_requests_have_none() {
        let document = after(
            unknown_fields,
            "components: {responses: {R: {schema: {$ref: '#/components/schemas/Out'}}}, schemas: {\
             Out: {additionalProperties: false, properties: {inner: {$ref: '#/components/schemas/Inner'}, \
             either: {$ref: '#/components/schemas/Either'}}}, \
             Inner: {properties: {a: {properties: {b: {}}}}}, In: {additionalProperties: false, properties: {}}, \
             Free: {type: object, additionalProperties: true}, Either: {oneOf: [{$ref: '#/components/schemas/Listed'}]}, \
             Listed: {properties: {}}}}",
        );
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["Out"]["additionalProperties"], json!({}));
        assert_eq!(schemas["Inner"]["additionalProperties"], json!({}));
        assert_eq!(schemas["Inner"]["properties"]["a"]["additionalProperties"], json!({}));
        assert_eq!(schemas["Listed"]["additionalProperties"], json!({}));
        assert_eq!(schemas["In"].get("additionalProperties"), None);
        assert_eq!(schemas["Free"]["additionalProperties"], true);
    }

    #[test]
    fn fields_that_examples_lack_are_not_required() {
        let document = after(
            sometimes_absent,
            "components: {schemas: {Image: {required: [id, regions, updated_at]}, Volume: {required: [regions, updated_at]}}}",
        );
        assert_eq!(document["components"]["schemas"]["Image"]["required"], json!(["id"]));
        assert_eq!(document["components"]["schemas"]["Volume"]["required"], json!(["regions"]));
    }

    #[test]
    fn the_vendored_document_has_all_listed_fields() {
        let document = yaml_value(include_str!("../../compute-v1.yaml"));
        for (schema, fields) in SOMETIMES_ABSENT.iter().filter(|(schema, _)| *schema != "*") {
            for field in *fields {
                assert!(
                    document["components"]["schemas"][schema]["properties"].get(field).is_some(),
                    "{schema}.{field}"
                );
            }
        }
        for (schema, field, _) in DOCUMENTED {
            assert!(document["components"]["schemas"].get(schema).is_some(), "{schema}.{field}");
        }
    }

    #[test]
    fn nullable_fields_may_be_absent() {
        let object = "required: [a, b], properties: {a: {nullable: true}, b: {nullable: false}}";
        let document = after(
            nullable_is_optional,
            &format!("components: {{schemas: {{A: {{{object}}}, B: {{properties: {{inner: {{{object}}}}}}}}}}}"),
        );
        assert_eq!(document["components"]["schemas"]["A"]["required"], json!(["b"]));
        assert_eq!(document["components"]["schemas"]["B"]["properties"]["inner"]["required"], json!(["b"]));
    }
}
