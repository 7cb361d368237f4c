//! Reads the body of an answer that is no success, whatever it is.

use serde_json::Value;

use crate::ErrorCode;
use crate::error::printable;

/// Code and message of an error body; for any other body a message that shows the start of it.
pub(crate) fn read(body: &str) -> (Option<ErrorCode>, String) {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let code = code_in(&json);
    let meaning = code.as_ref().map_or("", ErrorCode::meaning);
    let says_more = json.as_object().is_some_and(|fields| fields.keys().any(|name| name != "code"));
    let message = match json["message"].as_str().filter(|message| !message.trim().is_empty()) {
        Some(message) => message.to_owned(),
        None if body.trim().is_empty() => "the answer has no body".to_owned(),
        None if meaning.is_empty() => format!("the answer is not the documented error but {}", excerpt(body)),
        None if says_more => format!("{meaning}, says {}", excerpt(body)),
        None => meaning.to_owned(),
    };
    (code, message)
}

/// The start of a body in quotes.
pub(crate) fn excerpt(body: &str) -> String {
    format!("\"{}\"", printable(body))
}

/// The code of an error body, if it has one.
pub(crate) fn code(body: &[u8]) -> Option<ErrorCode> {
    code_in(&serde_json::from_slice(body).unwrap_or_default())
}

fn code_in(json: &Value) -> Option<ErrorCode> {
    let code = match &json["code"] {
        Value::String(code) => Some(code.clone()),
        Value::Number(code) => Some(code.to_string()),
        _ => None,
    };
    code.filter(|code| !code.trim().is_empty()).map(|code| ErrorCode::from(code.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(message, format!("there is no such instance, says \"{body}\""));
        }
        for body in [r#"{"code": "", "message": "m"}"#, r#"{"code": " ", "message": "m"}"#] {
            assert_eq!(read(body), (None, "m".to_owned()));
        }
        let (code, message) = read(r#"{"code": "01204", "message": "permission denied"}"#);
        assert_eq!((code, message.as_str()), (Some(ErrorCode::Unknown("01204".into())), "permission denied"));
    }

    #[test]
    fn bodies_of_another_shape_are_shown() {
        for (body, message) in [
            ("", "the answer has no body"),
            (" \n", "the answer has no body"),
            (
                "<html>\n<h1>Bad Gateway</h1>",
                r#"the answer is not the documented error but "<html> <h1>Bad Gateway</h1>""#,
            ),
            (r#"{"code": "020"#, r#"the answer is not the documented error but "{"code": "020""#),
            ("[]", r#"the answer is not the documented error but "[]""#),
            ("null", r#"the answer is not the documented error but "null""#),
            (
                r#"{"code": null, "message": 7}"#,
                r#"the answer is not the documented error but "{"code": null, "message": 7}""#,
            ),
        ] {
            assert_eq!(read(body), (None, message.to_owned()));
        }
    }
}
