//! Reads the body of an error response, whatever it is.

use genesiscloud_bindings::decode_json;
use serde_json::Value;

use super::code::ErrorCode;
use super::text::excerpt;

/// Reads code and message of an error body, which are at its top level or in its `error`; for any other body, the message
/// shows its start.
pub(crate) fn read_error_body(body: &str) -> (Option<ErrorCode>, String) {
    let json: Value = decode_json(body.as_bytes()).unwrap_or_default();
    let code = code_of(&json);
    let description = code.as_ref().map_or("", ErrorCode::description);
    let has_more_fields = json.as_object().is_some_and(|fields| fields.keys().any(|name| name != "code"));
    let message =
        places(&json).find_map(|place| place["message"].as_str().filter(|message| !message.trim().is_empty()));
    let message = match message {
        Some(message) => message.to_owned(),
        None if body.trim().is_empty() => "the response has no body".to_owned(),
        None if description.is_empty() => format!("the response is not the documented error but {}", excerpt(body)),
        None if has_more_fields => format!("{description}: {}", excerpt(body)),
        None => description.to_owned(),
    };
    (code, message)
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
    use super::*;

    #[test]
    fn codes_are_read_however_they_are_written() {
        for code in [r#""02008""#, r#""2008""#, "2008"] {
            let (code, message) = read_error_body(&format!(r#"{{"code": {code}, "message": "gone"}}"#));
            assert_eq!((code, message.as_str()), (Some(ErrorCode::InstanceNotFound), "gone"));
        }
        let (code, message) = read_error_body(r#"{"code": "02008"}"#);
        assert_eq!((code, message.as_str()), (Some(ErrorCode::InstanceNotFound), "there is no such instance"));
        for rest in [r#", "message": """#, r#", "message": ["\"size\" is wrong"]"#] {
            let body = format!(r#"{{"code": "02008"{rest}}}"#);
            let (code, message) = read_error_body(&body);
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
            assert_eq!(read_error_body(body), (Some(ErrorCode::InstanceNotFound), "gone".to_owned()), "{body}");
            assert_eq!(error_code(body.as_bytes()), Some(ErrorCode::InstanceNotFound), "{body}");
        }
        let body = r#"{"error": {"code": "02008"}}"#;
        let message = format!("there is no such instance: \"{body}\"");
        assert_eq!(read_error_body(body), (Some(ErrorCode::InstanceNotFound), message));
        for body in [r#"{"code": "", "message": "m"}"#, r#"{"code": " ", "message": "m"}"#] {
            assert_eq!(read_error_body(body), (None, "m".to_owned()));
        }
        let (code, message) = read_error_body(r#"{"code": "01204", "message": "permission denied"}"#);
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
            assert_eq!(read_error_body(body), (None, message.to_owned()));
        }
    }
}
