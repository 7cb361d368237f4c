//! The recorder: holds every exchange against the document, as it went over the wire.

use std::io::{self, Write};
use std::process;

use hyper::http::request::Parts;
use serde_json::Value;

use crate::openapi::{BASE, Contract, Operation, Violation};
use crate::response::Reply;

/// Set to `1`, every sandbox of a process is verified.
pub(crate) const VARIABLE: &str = "GENESISCLOUD_SANDBOX_VERIFY";

/// Ends the process when an answer leaves the document, or when a request was granted that does.
///
/// A panic would not do: it would end the connection, and a test that bears lost connections would go on.
pub(crate) fn verify(head: &Parts, operation: Option<&Operation>, body: &[u8], reply: &Reply) {
    if let Err(violation) = check(head, operation, body, reply) {
        let (method, uri, status) = (&head.method, &head.uri, reply.status);
        let message = format!("{method} {uri}, answered {status}, leaves the document: {violation}\n");
        // Not `eprintln`, which the test harness would keep to itself.
        let _ = io::stderr().write_all(message.as_bytes());
        process::exit(1);
    }
}

fn check(head: &Parts, operation: Option<&Operation>, body: &[u8], reply: &Reply) -> Result<(), Violation> {
    let contract = Contract::vendored();
    let answer = json(&reply.bytes())?;
    let Some(operation) = operation else {
        return match answer {
            Some(answer) if !reply.status.is_success() => contract.check_error(&answer),
            _ => Err(Violation::new("what is no operation was granted")),
        };
    };
    contract.check_answer(operation.id(), reply.status.as_u16(), answer.as_ref())?;
    if reply.status.is_success() {
        let path = head.uri.path().strip_prefix(BASE).unwrap_or_default();
        let query = head.uri.query().unwrap_or_default();
        let body = if operation.takes_body() { json(body)? } else { None };
        contract.check_request(head.method.as_str(), path, query, body.as_ref())?;
    }
    Ok(())
}

fn json(bytes: &[u8]) -> Result<Option<Value>, Violation> {
    if bytes.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(bytes).map(Some).map_err(|error| Violation::new(format!("this is not JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error_response::Code;
    use crate::openapi::Route;

    fn checked(method: &str, path: &str, body: &Value, reply: &Reply) -> Result<(), String> {
        let uri = format!("{BASE}{path}");
        let (head, ()) = hyper::Request::builder().method(method).uri(uri).body(()).unwrap().into_parts();
        let operation = match Contract::vendored().route(method, path) {
            Route::Operation(operation, _) => Some(operation),
            _ => None,
        };
        let body = if body.is_null() { vec![] } else { body.to_string().into_bytes() };
        check(&head, operation, &body, reply).map_err(|violation| violation.to_string())
    }

    #[test]
    fn what_leaves_the_document_is_found_and_what_does_not_passes() {
        let key = json!({
            "id": "k", "name": "laptop", "value": "v", "fingerprint": "f", "type": "t", "size": 256,
            "created_at": "2025-06-01T00:00:00Z", "updated_at": "2025-06-01T00:00:00Z",
        });
        let with = |field: &str, value: Value| {
            let mut key = key.clone();
            key[field] = value;
            Reply::success(200, key)
        };
        let get = |reply: &Reply| checked("GET", "/ssh-keys/k", &Value::Null, reply);
        assert_eq!(get(&Reply::success(200, key.clone())), Ok(()));
        assert_eq!(get(&Code::SSH_KEY_NOT_FOUND.into()), Ok(()));
        for (reply, violation) in [
            (with("size", json!("256")), "\"size\" must be an integer"),
            (with("size", json!(256.0)), "\"size\" must be an integer"),
            (with("name", Value::Null), "\"name\" must be a string"),
            (with("created_at", json!("yesterday")), "\"created_at\" must be a date-time"),
            (with("updated_at", json!(1)), "\"updated_at\" must be a string"),
            (Reply::success(200, json!([])), "the body must be an object"),
            (Reply::success(200, Value::Null), "GetSSHKey answered 200 without a body"),
            (Reply::success(201, key.clone()), "GetSSHKey does not answer 201"),
            (Reply::text("text/plain", "key".into()), "this is not JSON: expected value at line 1 column 1"),
        ] {
            let found = get(&reply).unwrap_err();
            assert_eq!(found, violation);
        }

        let create = |body: &Value| checked("POST", "/ssh-keys", body, &Reply::success(201, key.clone()));
        assert_eq!(create(&json!({ "name": "laptop", "value": "v" })), Ok(()));
        assert_eq!(create(&json!({ "name": "laptop" })), Err("\"value\" is required".into()));
        assert_eq!(checked("POST", "/ssh-keys", &Value::Null, &Code::MISSING_PARAMETERS.into()), Ok(()));
        assert_eq!(checked("GET", "/nothing", &Value::Null, &Code::INVALID_ROUTE.into()), Ok(()));
        let granted = checked("GET", "/nothing", &Value::Null, &Reply::success(200, json!({})));
        assert_eq!(granted, Err("what is no operation was granted".into()));
    }
}
