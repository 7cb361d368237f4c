//! Rule about media types: a body that can be JSON is JSON, whatever else it can be.

use serde_json::{Value, json};

use crate::document::{object, operations_mut};
use crate::error::Result;

/// The media type of JSON, under which the generator looks for the schema of a body.
pub(crate) const JSON: &str = "application/json";

/// Whether a media type is JSON: `application/json` with any parameters, or one with the suffix `+json`.
pub(crate) fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence == JSON || essence.ends_with("+json")
}

/// A media type without its parameters.
fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_lowercase()
}

pub(super) fn one(document: &mut Value) -> Result<()> {
    for place in ["/components/requestBodies", "/components/responses"] {
        let bodies = document.pointer_mut(place).and_then(Value::as_object_mut);
        bodies.into_iter().flatten().for_each(|(_, body)| reduce(body));
    }
    for operation in operations_mut(document) {
        operation.get_mut("requestBody").into_iter().for_each(reduce);
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        responses.into_iter().flatten().for_each(|(_, response)| reduce(response));
    }
    Ok(())
}

/// Reduces the content of a body to JSON, if one of its media types is JSON or stands for any. JSON without a schema is any
/// value.
fn reduce(body: &mut Value) {
    let ranges: [fn(&str) -> bool; 3] =
        [|of| essence(of) == JSON, is_json, |of| matches!(&*essence(of), "*/*" | "application/*")];
    let found = ranges.iter().find_map(|is_range| object(&body["content"]).find(|(of, _)| is_range(of)));
    if let Some((_, json)) = found {
        // Encodings concern forms.
        let schema = json.get("schema").cloned().unwrap_or_else(|| json!({}));
        body["content"] = json!({ JSON: { "schema": schema } });
    }
}

#[cfg(test)]
mod tests {
    use super::super::rule::test::after;
    use super::*;

    /// The media types of a request body, each with its schema, after the rule.
    fn reduced(content: &str) -> Value {
        let document = after(one, &format!("paths: {{/a: {{patch: {{requestBody: {{content: {{{content}}}}}}}}}}}"));
        document["paths"]["/a"]["patch"]["requestBody"]["content"].clone()
    }

    #[test]
    fn every_media_type_of_json_is_json() {
        for media_type in [
            "application/json",
            "application/json; charset=utf-8",
            "Application/JSON;charset=utf-8",
            "application/merge-patch+json",
            "application/vnd.example.v2+json; q=1",
            "'*/*'",
            "application/*",
        ] {
            assert_eq!(
                reduced(&format!("{media_type}: {{schema: {{title: a}}}}")),
                json!({ "application/json": { "schema": { "title": "a" } } })
            );
        }
        for other in ["text/plain", "application/jsonl", "application/octet-stream"] {
            assert_eq!(reduced(&format!("{other}: {{a: 1}}")), json!({ other: { "a": 1 } }));
        }
    }

    #[test]
    fn json_itself_is_preferred() {
        let content =
            "application/xml: {schema: 1}, application/problem+json: {schema: 2}, application/json; v=1: {schema: 3}";
        assert_eq!(reduced(content), json!({ "application/json": { "schema": 3 } }));
        assert_eq!(
            reduced("text/csv: {a: 1}, application/hal+json: {}"),
            json!({ "application/json": { "schema": {} } })
        );
    }

    #[test]
    fn shared_bodies_and_responses_are_reduced() {
        let document = after(
            one,
            "paths: {/a: {get: {responses: {'200': {content: {a/b+json: {}}}}}}}\n\
             components: {requestBodies: {A: {content: {a/b+json: {}}}}, responses: {B: {content: {a/b+json: {}}}}}",
        );
        for place in ["/paths/~1a/get/responses/200", "/components/requestBodies/A", "/components/responses/B"] {
            assert_eq!(
                document.pointer(place).unwrap()["content"],
                json!({ "application/json": { "schema": {} } }),
                "{place}"
            );
        }
    }
}
