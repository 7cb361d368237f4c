//! Reads the body of an error response, whatever it is.

use genesiscloud_bindings::decode_json;
use serde_json::Value;

use super::code::ErrorCode;
use super::text::excerpt;

/// What an error body says, at its top level or in its `error`.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ErrorBody {
    pub(crate) code: Option<ErrorCode>,
    /// For a body without a message, what its code means, or its start.
    pub(crate) message: String,
    /// Whatever is in `details`, such as the fields that are wrong.
    pub(crate) details: Option<Value>,
    pub(crate) request_id: Option<String>,
}

/// The names of a request's id in an error body. The provider's documentation has none; these are the usual ones.
const REQUEST_IDS: [&str; 2] = ["request_id", "requestId"];

/// Reads the body of an error response.
pub(crate) fn read_error_body(body: &str) -> ErrorBody {
    let json: Value = decode_json(body.as_bytes()).unwrap_or_default();
    let code = code_of(&json);
    let message = message_of(&json, code.as_ref(), body);
    let details = places(&json).map(|place| &place["details"]).find(|details| !is_empty(details)).cloned();
    let ids = places(&json).flat_map(|place| REQUEST_IDS.map(|name| &place[name]));
    let request_id = ids.filter_map(Value::as_str).map(str::trim).find(|id| !id.is_empty()).map(str::to_owned);
    ErrorBody { code, message, details, request_id }
}

fn message_of(json: &Value, code: Option<&ErrorCode>, body: &str) -> String {
    let description = code.map_or("", ErrorCode::description);
    let is_reported = |name: &str| ["code", "details"].contains(&name) || REQUEST_IDS.contains(&name);
    let has_more_fields = json.as_object().is_some_and(|fields| fields.keys().any(|name| !is_reported(name)));
    let message = places(json).find_map(|place| place["message"].as_str().filter(|message| !message.trim().is_empty()));
    match message {
        Some(message) => message.to_owned(),
        None if body.trim().is_empty() => "the response has no body".to_owned(),
        None if description.is_empty() => format!("the response is not the documented error but {}", excerpt(body)),
        None if has_more_fields => format!("{description}: {}", excerpt(body)),
        None => description.to_owned(),
    }
}

fn is_empty(details: &Value) -> bool {
    match details {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// Reads the code of an error body, if it has one.
pub(crate) fn error_code(body: &[u8]) -> Option<ErrorCode> {
    code_of(&decode_json(body).unwrap_or_default())
}

fn code_of(json: &Value) -> Option<ErrorCode> {
    places(json).find_map(|place| {
        let code = match &place["code"] {
            Value::String(code) => code.trim().to_owned(),
            Value::Number(code) => code.to_string(),
            _ => return None,
        };
        (!code.is_empty()).then(|| ErrorCode::from(code.as_str()))
    })
}

/// Where code and message may be.
fn places(json: &Value) -> impl Iterator<Item = &Value> {
    [json, &json["error"]].into_iter()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Returns code and message of a body.
    fn read(body: &str) -> (Option<ErrorCode>, String) {
        let ErrorBody { code, message, .. } = read_error_body(body);
        (code, message)
    }

    #[test]
    fn details_and_request_id_are_read_wherever_they_are() {
        let details = json!([{ "field": "hostname", "reason": "too long" }]);
        for body in [
            json!({ "code": "02004", "message": "m", "details": details, "request_id": "req-1" }),
            json!({ "error": { "code": "02004", "message": "m", "details": details, "requestId": " req-1 " } }),
            json!({ "message": "m", "request_id": "req-1", "error": { "details": details } }),
        ] {
            let read = read_error_body(&body.to_string());
            assert_eq!((read.details, read.request_id.as_deref()), (Some(details.clone()), Some("req-1")), "{body}");
            assert_eq!(read.message, "m");
        }
        // They are no part of a message that is made of the body.
        let body = json!({ "code": "02004", "details": details, "request_id": "req-1" });
        assert_eq!(read_error_body(&body.to_string()).message, "bad request");
        for nothing in [json!(null), json!([]), json!({}), json!(" ")] {
            let read = read_error_body(&json!({ "message": "m", "details": nothing, "request_id": "" }).to_string());
            assert_eq!((read.details, read.request_id), (None, None), "{nothing}");
        }
        let read = read_error_body(r#"{"message": "m", "details": false, "request_id": 7}"#);
        assert_eq!((read.details, read.request_id), (Some(json!(false)), None));
    }

    #[test]
    fn codes_are_read_however_they_are_written() {
        for code in [r#""02008""#, r#""2008""#, "2008"] {
            let (code, message) = read(&format!(r#"{{"code": {code}, "message": "gone"}}"#));
            assert_eq!((code, message.as_str()), (Some(ErrorCode::InstanceNotFound), "gone"));
        }
        let (code, message) = read(r#"{"code": "02008"}"#);
        assert_eq!((code, message.as_str()), (Some(ErrorCode::InstanceNotFound), "there is no such instance"));
        for rest in [r#", "message": """#, r#", "message": ["\"size\" is wrong"]"#] {
            let body = format!(r#"{{"code": "02008"{rest}}}"#);
            let (code, message) = read(&body);
            assert_eq!(code, Some(ErrorCode::InstanceNotFound));
            assert_eq!(message, format!("there is no such instance: \"{body}\""));
        }
        for body in [
            r#"{"code": " 02008 ", "message": "gone"}"#,
            r#"{"error": {"code": "02008", "message": "gone"}}"#,
            r#"{"error": {"code": 2008}, "message": "gone"}"#,
            r#"{"code": "02008", "error": {"code": "02021", "message": "gone"}}"#,
            "\u{feff}{\"code\": \"\\t02008\", \"message\": \"gone\"}",
        ] {
            assert_eq!(read(body), (Some(ErrorCode::InstanceNotFound), "gone".to_owned()), "{body}");
            assert_eq!(error_code(body.as_bytes()), Some(ErrorCode::InstanceNotFound), "{body}");
        }
        let body = r#"{"error": {"code": "02008"}}"#;
        let message = format!("there is no such instance: \"{body}\"");
        assert_eq!(read(body), (Some(ErrorCode::InstanceNotFound), message));
        for body in [r#"{"code": "", "message": "m"}"#, r#"{"code": " ", "message": "m"}"#] {
            assert_eq!(read(body), (None, "m".to_owned()));
        }
        let (code, message) = read(r#"{"code": "01204", "message": "permission denied"}"#);
        assert_eq!((code, message.as_str()), (Some(ErrorCode::Unknown("01204".into())), "permission denied"));
    }

    #[test]
    fn bodies_of_another_shape_are_shown() {
        for (body, message) in [
            ("", "the response has no body"),
            (" \n", "the response has no body"),
            (
                "<html>\n<h1>Bad Gateway</h1>",
                r#"the response is not the documented error but "<html> <h1>Bad Gateway</h1>""#,
            ),
            (r#"{"code": "020"#, r#"the response is not the documented error but "{"code": "020""#),
            (r#"{"error": "02008"}"#, r#"the response is not the documented error but "{"error": "02008"}""#),
            ("[]", r#"the response is not the documented error but "[]""#),
            ("null", r#"the response is not the documented error but "null""#),
            (
                r#"{"code": null, "message": 7}"#,
                r#"the response is not the documented error but "{"code": null, "message": 7}""#,
            ),
        ] {
            assert_eq!(read(body), (None, message.to_owned()));
        }
    }
}
