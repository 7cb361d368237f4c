//! Sandboxes with a stepped clock, and plain HTTP requests to them.

use std::time::Duration;

use genesiscloud::{Client, ClientBuilder, CreateInstance, CreateSshKey, Region, RetryPolicy};
use genesiscloud_sandbox::{Clock, Data, Sandbox};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

pub const KRS: Region = Region::NordNoKrs1;
pub const SMALL: &str = "vcpu-2_memory-4g_disk-80g";
pub const PUBLIC_KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f laptop@sandbox.invalid";

/// A sandbox with this data, and a clock that is stepped by hand. All log output is searched from now on.
pub async fn stepped(data: Data) -> Sandbox {
    crate::leaks::watch();
    Sandbox::builder().clock(Clock::stepped()).data(data).start().await.unwrap()
}

/// The same on a runtime of its own, which is driven whatever the test does.
pub fn driven(data: Data) -> (Sandbox, Runtime) {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    (runtime.block_on(stepped(data)), runtime)
}

/// The SDK's client for it, without retries and without a rate limit.
pub fn client(sandbox: &Sandbox) -> Client {
    builder(sandbox).retry_policy(RetryPolicy::never()).rate(None).build().unwrap()
}

/// A builder for such a client.
pub fn builder(sandbox: &Sandbox) -> ClientBuilder {
    crate::leaks::watch();
    Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint())
}

/// A plain HTTP client.
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

/// Sends a request with a body, or none for null; returns status and body, null for none.
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

/// A new account, and the client for it.
pub async fn new_account() -> (Sandbox, Client) {
    let sandbox = stepped(Data::new()).await;
    let client = client(&sandbox);
    (sandbox, client)
}

/// Advances the clock by this many seconds.
pub fn pass(sandbox: &Sandbox, seconds: u64) {
    sandbox.clock().advance(Duration::from_secs(seconds));
}

/// A key to log in with.
pub async fn key(client: &Client) -> String {
    client.ssh_keys().create(CreateSshKey::new("laptop", PUBLIC_KEY)).await.unwrap().id
}

/// An instance that is `active` by now.
pub async fn machine(sandbox: &Sandbox, client: &Client) -> String {
    let create = CreateInstance::new("trainer", SMALL, "ubuntu-24.04", KRS).ssh_keys([key(client).await]);
    let id = client.instances().create(create).await.unwrap().id;
    pass(sandbox, 30);
    id
}
