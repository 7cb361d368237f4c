//! Sandboxes whose time stands still, and plain HTTP to talk to them as any client would.

use genesiscloud::Client;
use genesiscloud_sandbox::{Clock, Data, Sandbox};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

/// A sandbox with this data, and a clock that is stepped by hand.
pub async fn stepped(data: Data) -> Sandbox {
    Sandbox::builder().clock(Clock::stepped()).data(data).start().await.unwrap()
}

/// The SDK's client for it.
pub fn client(sandbox: &Sandbox) -> Client {
    Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint()).build().unwrap()
}

/// A client that knows nothing of the API.
pub fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Without certificates, which take longer to load than a test takes to run.
    reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
}

/// A request by hand; `path` is below the base address.
pub fn request(sandbox: &Sandbox, method: &str, path: &str) -> RequestBuilder {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    http().request(method, format!("{}{path}", sandbox.endpoint())).bearer_auth(sandbox.token())
}

/// Sends a request with a body, or none for null; gives status and body, null for none.
pub async fn send(sandbox: &Sandbox, method: &str, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = request(sandbox, method, path);
    let request = if body.is_null() { request } else { request.json(body) };
    let answer = request.send().await.unwrap();
    let (status, bytes) = (answer.status(), answer.bytes().await.unwrap());
    (status, if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() })
}

/// Ids of the realistic data, by the first digit of their kind.
pub fn id(kind: u8, number: usize) -> String {
    format!("{kind}0000000-0000-4000-8000-{number:012x}")
}

pub fn instance(number: usize) -> String {
    id(1, number)
}

pub fn volume(number: usize) -> String {
    id(2, number)
}
