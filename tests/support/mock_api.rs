//! A mock of the API, by httpmock: returns the response that a test sets, and records the requests.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use genesiscloud::{Client, RetryPolicy};
use genesiscloud_sandbox::{OpenApiDocument, ValidationError};
use httpmock::prelude::*;
use httpmock::{HttpMockRequest, HttpMockResponse};
use serde_json::Value;

pub const TOKEN: &str = "s3cr3t-t0ken-of-a-test";

/// A recorded request.
#[derive(Clone, Debug, PartialEq)]
pub struct SentRequest {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
}

/// A response: status, headers, body.
#[derive(Clone, Debug)]
pub struct MockResponse {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl MockResponse {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type", content_type.into())], body: body.into() }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        match body {
            Value::Null => Self { status, headers: vec![], body: vec![] },
            body => Self::new(status, "application/json", body.to_string()),
        }
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A client for this endpoint without retries and without a rate limit.
pub fn once(endpoint: impl Into<String>) -> Client {
    crate::leaks::watch();
    Client::builder().token(TOKEN).endpoint(endpoint).retry_policy(RetryPolicy::never()).rate(None).build().unwrap()
}

type Respond = Arc<dyn Fn(&SentRequest) -> MockResponse + Send + Sync>;

/// The mock. When it is dropped, it validates the recorded requests against the provider's document.
pub struct MockApi {
    server: MockServer,
    respond: Arc<Mutex<Respond>>,
    requests: Arc<Mutex<Vec<SentRequest>>>,
    is_lenient: bool,
}

impl MockApi {
    pub async fn new() -> Self {
        crate::leaks::watch();
        let server = MockServer::start_async().await;
        let none = MockResponse::new(500, "text/plain", "no response was set");
        let respond = Arc::new(Mutex::new(Arc::new(move |_: &SentRequest| none.clone()) as Respond));
        let requests = Arc::<Mutex<Vec<SentRequest>>>::default();
        let (next_respond, recorded) = (Arc::clone(&respond), Arc::clone(&requests));
        server
            .mock_async(|_when, then| {
                then.respond_with(move |request: &HttpMockRequest| {
                    let request = SentRequest::of(request);
                    // In this order: a test that sees the request may set the next response.
                    let respond = Arc::clone(&next_respond.lock().unwrap());
                    let MockResponse { status, headers, body } = respond(&request);
                    recorded.lock().unwrap().push(request);
                    HttpMockResponse::builder().status(status).headers(headers).body(body).build()
                });
            })
            .await;
        Self { server, respond, requests, is_lenient: false }
    }

    /// A mock with this response to every request.
    pub async fn responding_with(response: MockResponse) -> Self {
        let mock = Self::new().await;
        mock.respond_with(response);
        mock
    }

    /// A mock whose response depends on the request.
    pub async fn responding_by(respond: impl Fn(&SentRequest) -> MockResponse + Send + Sync + 'static) -> Self {
        let mock = Self::new().await;
        *mock.respond.lock().unwrap() = Arc::new(respond);
        mock
    }

    /// Accepts requests that the document does not allow, for tests that send such on purpose.
    pub fn lenient(mut self) -> Self {
        self.is_lenient = true;
        self
    }

    pub fn respond_with(&self, response: MockResponse) {
        self.respond_in_turn([response]);
    }

    /// Responds with each of these once, and then with the last one.
    pub fn respond_in_turn(&self, responses: impl IntoIterator<Item = MockResponse>) {
        let responses = Mutex::new(responses.into_iter().collect::<VecDeque<_>>());
        *self.respond.lock().unwrap() = Arc::new(move |_| next(&mut responses.lock().unwrap()));
    }

    pub fn endpoint(&self) -> String {
        self.server.base_url()
    }

    /// A client that sends each request once.
    pub fn client(&self) -> Client {
        once(self.endpoint())
    }

    pub fn requests(&self) -> Vec<SentRequest> {
        self.requests.lock().unwrap().clone()
    }
}

fn next(responses: &mut VecDeque<MockResponse>) -> MockResponse {
    let last = responses.front().cloned().filter(|_| responses.len() == 1);
    last.or_else(|| responses.pop_front()).expect("a response is set")
}

impl Drop for MockApi {
    fn drop(&mut self) {
        if std::thread::panicking() || self.is_lenient {
            return;
        }
        for request in self.requests() {
            if let Err(error) = request.validate() {
                panic!("{} {} violates the document: {error}", request.method, request.path);
            }
        }
    }
}

impl SentRequest {
    fn validate(&self) -> Result<&str, ValidationError> {
        let path = self.path.strip_prefix("/compute/v1").unwrap_or(&self.path);
        let query = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        let body = (!self.body.is_null()).then_some(&self.body);
        OpenApiDocument::vendored().validate_request(&self.method, path, &query, body)
    }

    /// A number in the query, as `page` is.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.query.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.parse().ok())
    }

    fn of(request: &HttpMockRequest) -> Self {
        let body = request.body_ref();
        Self {
            method: request.method_str().into(),
            path: request.uri().path().into(),
            query: request.query_params(),
            headers: request.headers_vec().iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect(),
            body: if body.is_empty() { Value::Null } else { serde_json::from_slice(body).unwrap() },
        }
    }
}
