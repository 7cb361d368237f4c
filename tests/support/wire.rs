//! A server that answers as told and remembers what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use genesiscloud::{Client, RetryPolicy};
use genesiscloud_sandbox::{OpenApiDocument, ValidationError};
use httpmock::prelude::*;
use httpmock::{HttpMockRequest, HttpMockResponse};
use serde_json::Value;

pub const TOKEN: &str = "s3cr3t-t0ken-of-a-test";

/// A request as it came over the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
}

/// An answer: status, headers, body.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Answer {
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

/// A client for this endpoint that sends each request once, and as many as it is told to.
pub fn once(endpoint: impl Into<String>) -> Client {
    crate::leaks::watch();
    Client::builder().token(TOKEN).endpoint(endpoint).retry(RetryPolicy::never()).rate(None).build().unwrap()
}

pub struct Wire {
    server: MockServer,
    answer: Arc<Mutex<Answer>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    is_lenient: bool,
}

impl Wire {
    pub async fn new() -> Self {
        crate::leaks::watch();
        let server = MockServer::start_async().await;
        let answer = Arc::new(Mutex::new(Answer::new(500, "text/plain", "no answer was set")));
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let (answers, requests) = (Arc::clone(&answer), Arc::clone(&seen));
        server
            .mock_async(|_when, then| {
                then.respond_with(move |request: &HttpMockRequest| {
                    requests.lock().unwrap().push(Seen::of(request));
                    let Answer { status, headers, body } = answers.lock().unwrap().clone();
                    HttpMockResponse::builder().status(status).headers(headers).body(body).build()
                });
            })
            .await;
        Self { server, answer, seen, is_lenient: false }
    }

    /// One that gives this answer to everything.
    pub async fn answering(answer: Answer) -> Self {
        let wire = Self::new().await;
        wire.answer(answer);
        wire
    }

    /// One that takes requests which leave the document, on purpose.
    pub fn lenient(mut self) -> Self {
        self.is_lenient = true;
        self
    }

    pub fn answer(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    pub fn endpoint(&self) -> String {
        self.server.base_url()
    }

    /// A client that sends each request once.
    pub fn client(&self) -> Client {
        once(self.endpoint())
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Wire {
    /// Whatever the answers were, the requests kept to the document.
    fn drop(&mut self) {
        if std::thread::panicking() || self.is_lenient {
            return;
        }
        for seen in self.seen() {
            if let Err(violation) = seen.check() {
                panic!("{} {} leaves the document: {violation}", seen.method, seen.path);
            }
        }
    }
}

impl Seen {
    fn check(&self) -> Result<&str, ValidationError> {
        let path = self.path.strip_prefix("/compute/v1").unwrap_or(&self.path);
        let query = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        let body = (!self.body.is_null()).then_some(&self.body);
        OpenApiDocument::vendored().validate_request(&self.method, path, &query, body)
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
