//! Checks that the generator supports the bodies and parameters of all operations. It would print its own data structures
//! for one that it does not. They run after the rules, which have reduced what can be JSON to JSON.

use serde_json::Value;

use crate::document::{self, Operation, object};
use crate::error::{Error, Result};
use crate::rules::JSON;

const TEXT: &str = "text/plain";
const SENT: [&str; 3] = [JSON, "application/x-www-form-urlencoded", TEXT];

pub(crate) fn check(document: &Value) -> Result<()> {
    document::operations(document).iter().try_for_each(|operation| {
        let problem = request(document, operation)
            .or_else(|| response(document, operation))
            .or_else(|| parameters(document, operation));
        problem.map_or(Ok(()), |problem| Err(Error::new(format!("operation {} {problem}", operation.name()))))
    })
}

fn request(document: &Value, operation: &Operation<'_>) -> Option<String> {
    let content = content(document, &operation.value["requestBody"]);
    let media_types = content.iter().map(|(media_type, _)| media_type.as_str()).collect::<Vec<_>>();
    let is_supported = |media_type: &&str| SENT.iter().any(|sent| media_type.split(';').next() == Some(sent));
    match media_types.as_slice() {
        [] => None,
        [one] if is_supported(one) => {
            let schema = document::resolved(document, &content[0].1["schema"]);
            let is_text = schema["type"] == "string" && schema.get("enum").is_none();
            match one.starts_with(TEXT) && !is_text {
                true => Some(format!("takes a body of {one} whose schema is not a plain string")),
                false => None,
            }
        }
        [one] => Some(format!("takes a body of {one}; only JSON, forms and plain text can be sent")),
        several => {
            Some(format!("takes a body of {}, none of which is JSON; only one can be generated", several.join(" or ")))
        }
    }
}

fn response(document: &Value, operation: &Operation<'_>) -> Option<String> {
    // The rule `any-success-status` leaves one response.
    let Some((_, response)) = object(&operation.value["responses"]).next() else {
        return Some("documents no success response, with a status from 200 to 299".to_owned());
    };
    let content = content(document, response);
    let media_type =
        content.iter().map(|(media_type, _)| media_type.as_str()).find(|media_type| *media_type != JSON)?;
    Some(format!("responds with {media_type}; only JSON can be read"))
}

/// The media types of a body.
fn content<'a>(document: &'a Value, body: &'a Value) -> Vec<(&'a String, &'a Value)> {
    object(&document::resolved(document, body)["content"]).collect()
}

fn parameters(document: &Value, operation: &Operation<'_>) -> Option<String> {
    let lists = [&document["paths"][operation.path]["parameters"], &operation.value["parameters"]];
    let all = lists.into_iter().filter_map(Value::as_array).flatten();
    all.map(|parameter| document::resolved(document, parameter)).find_map(|parameter| {
        let (name, place) = (parameter["name"].as_str()?, parameter["in"].as_str()?);
        let default = if place == "query" { "form" } else { "simple" };
        match parameter["style"].as_str() {
            _ if place == "cookie" => Some(format!("has the cookie parameter `{name}`; cookies are not supported")),
            Some(style) if style != default => Some(format!(
                "has the parameter `{name}` in the style {style}; only {default} is supported in a {place}"
            )),
            _ if parameter.get("schema").is_none() => Some(format!(
                "has the parameter `{name}` without a schema; a media type instead of one is not supported"
            )),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(operation: &str) -> Option<String> {
        let document = format!("paths: {{/a: {{post: {{operationId: PostA, {operation}}}}}}}");
        check(&document::parse(&document).unwrap()).err().map(|error| error.to_string())
    }

    #[test]
    fn what_cannot_be_generated_is_one_sentence_that_names_the_operation() {
        let (fine, schema) = ("responses: {'204': {}}", "{schema: {type: string}}");
        for (operation, message) in [
            (
                format!("requestBody: {{content: {{application/octet-stream: {schema}}}}}, {fine}"),
                "takes a body of application/octet-stream; only JSON, forms and plain text can be sent",
            ),
            (
                format!("requestBody: {{content: {{multipart/form-data: {schema}, image/png: {schema}}}}}, {fine}"),
                "takes a body of multipart/form-data or image/png, none of which is JSON; only one can be generated",
            ),
            (
                format!("requestBody: {{content: {{text/plain: {{}}}}}}, {fine}"),
                "takes a body of text/plain whose schema is not a plain string",
            ),
            (
                format!("responses: {{'200': {{content: {{text/csv: {schema}}}}}}}"),
                "responds with text/csv; only JSON can be read",
            ),
            ("responses: {}".to_owned(), "documents no success response, with a status from 200 to 299"),
            (
                format!("parameters: [{{name: a, in: cookie, schema: {{}}}}], {fine}"),
                "has the cookie parameter `a`; cookies are not supported",
            ),
            (
                format!("parameters: [{{name: a, in: query, style: deepObject, schema: {{}}}}], {fine}"),
                "has the parameter `a` in the style deepObject; only form is supported in a query",
            ),
            (
                format!("parameters: [{{name: a, in: query, content: {{}}}}], {fine}"),
                "has the parameter `a` without a schema; a media type instead of one is not supported",
            ),
        ] {
            assert_eq!(error(&operation), Some(format!("operation PostA {message}")), "{operation}");
        }
    }

    #[test]
    fn json_forms_and_plain_text_can_be_sent() {
        for media_type in ["application/json", "application/x-www-form-urlencoded", "text/plain; charset=utf-8"] {
            let body = format!("requestBody: {{content: {{{media_type}: {{schema: {{type: string}}}}}}}}");
            let parameters =
                "parameters: [{name: a, in: query, style: form, schema: {}}, {name: b, in: header, schema: {}}]";
            assert_eq!(error(&format!("{body}, {parameters}, responses: {{'204': {{}}}}")), None, "{media_type}");
        }
    }
}
