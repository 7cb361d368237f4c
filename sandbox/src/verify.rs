//! Verification of the sandbox itself: validates every exchange, as it goes over the wire, against the OpenAPI
//! document.

use std::io::{self, Write};
use std::process;

use hyper::http::request::Parts;
use serde_json::Value;

use crate::openapi::{BASE_PATH, OpenApiDocument, Operation, ValidationError};
use crate::response::ApiResponse;

/// Set to `1`, this enables verification for every sandbox of a process.
pub(crate) const ENV_VAR: &str = "GENESISCLOUD_SANDBOX_VERIFY";

/// Ends the process if the response does not conform to the document, or if a request that does not conform succeeded.
///
/// A panic would only close the connection, and a test that retries lost connections would go on.
pub(crate) fn verify_exchange(head: &Parts, operation: Option<&Operation>, body: &[u8], response: &ApiResponse) {
    if let Err(error) = check(head, operation, body, response) {
        let (method, uri, status) = (&head.method, &head.uri, response.status);
        let message = format!("{method} {uri} and its response {status} do not conform to the document: {error}\n");
        // The test harness captures `eprintln`, and would not print it before the process ends.
        let _ = io::stderr().write_all(message.as_bytes());
        process::exit(1);
    }
}

fn check(
    head: &Parts,
    operation: Option<&Operation>,
    body: &[u8],
    response: &ApiResponse,
) -> Result<(), ValidationError> {
    let document = OpenApiDocument::vendored();
    let response_body = json(&response.bytes())?;
    let Some(operation) = operation else {
        return match response_body {
            Some(response_body) if !response.status.is_success() => document.validate_error(&response_body),
            _ => Err(ValidationError::new("a request that matches no operation succeeded")),
        };
    };
    document.validate_response(operation.id(), response.status.as_u16(), response_body.as_ref())?;
    if response.status.is_success() {
        let path = head.uri.path().strip_prefix(BASE_PATH).unwrap_or_default();
        let query = head.uri.query().unwrap_or_default();
        let body = if operation.has_body() { json(body)? } else { None };
        document.validate_request(head.method.as_str(), path, query, body.as_ref())?;
    }
    Ok(())
}

fn json(bytes: &[u8]) -> Result<Option<Value>, ValidationError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(bytes)
        .map(Some)
        .map_err(|error| ValidationError::new(format!("the body is not JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error_response::ErrorCode;
    use crate::openapi::Route;

    fn check_exchange(method: &str, path: &str, body: &Value, response: &ApiResponse) -> Result<(), String> {
        let uri = format!("{BASE_PATH}{path}");
        let (head, ()) = hyper::Request::builder().method(method).uri(uri).body(()).unwrap().into_parts();
        let operation = match OpenApiDocument::vendored().route(method, path) {
            Route::Operation(operation, _) => Some(operation),
            _ => None,
        };
        let body = if body.is_null() { vec![] } else { body.to_string().into_bytes() };
        check(&head, operation, &body, response).map_err(|error| error.to_string())
    }

    #[test]
    fn an_exchange_passes_only_if_it_conforms_to_the_document() {
        let key = json!({
            "id": "k", "name": "laptop", "value": "v", "fingerprint": "f", "type": "t", "size": 256,
            "created_at": "2025-06-01T00:00:00Z", "updated_at": "2025-06-01T00:00:00Z",
        });
        let with = |field: &str, value: Value| {
            let mut key = key.clone();
            key[field] = value;
            ApiResponse::success(200, key)
        };
        let get = |response: &ApiResponse| check_exchange("GET", "/ssh-keys/k", &Value::Null, response);
        assert_eq!(get(&ApiResponse::success(200, key.clone())), Ok(()));
        assert_eq!(get(&ErrorCode::SSH_KEY_NOT_FOUND.into()), Ok(()));
        for (response, expected) in [
            (with("size", json!("256")), "\"size\" must be an integer"),
            (with("size", json!(256.0)), "\"size\" must be an integer"),
            (with("name", Value::Null), "\"name\" must be a string"),
            (with("created_at", json!("yesterday")), "\"created_at\" must be a date-time"),
            (with("updated_at", json!(1)), "\"updated_at\" must be a string"),
            (ApiResponse::success(200, json!([])), "the body must be an object"),
            (ApiResponse::success(200, Value::Null), "the 200 response of GetSSHKey must have a body"),
            (ApiResponse::success(201, key.clone()), "GetSSHKey has no response with status 201"),
            (ApiResponse::text("text/plain", "key".into()), "the body is not JSON: expected value at line 1 column 1"),
        ] {
            let error = get(&response).unwrap_err();
            assert_eq!(error, expected);
        }

        let create = |body: &Value| check_exchange("POST", "/ssh-keys", body, &ApiResponse::success(201, key.clone()));
        assert_eq!(create(&json!({ "name": "laptop", "value": "v" })), Ok(()));
        assert_eq!(create(&json!({ "name": "laptop" })), Err("\"value\" is required".into()));
        assert_eq!(check_exchange("POST", "/ssh-keys", &Value::Null, &ErrorCode::MISSING_PARAMETERS.into()), Ok(()));
        assert_eq!(check_exchange("GET", "/nothing", &Value::Null, &ErrorCode::INVALID_ROUTE.into()), Ok(()));
        let succeeded = check_exchange("GET", "/nothing", &Value::Null, &ApiResponse::success(200, json!({})));
        assert_eq!(succeeded, Err("a request that matches no operation succeeded".into()));
    }
}
