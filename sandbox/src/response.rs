//! Answers, before they are sent.

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode, header};
use serde_json::{Value, json};

use crate::body_delivery::WireBody;
use crate::error_response::{Code, Refusal};
use crate::faults::{Answer, Body};

/// An answer: status, headers, body.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) body: Payload,
    headers: Vec<(HeaderName, String)>,
}

pub(crate) enum Payload {
    None,
    Json(Value),
    Text(String),
}

const JSON: &str = "application/json";
pub(crate) const HTML: &str = "text/html; charset=utf-8";

impl Reply {
    fn new(status: StatusCode, content_type: &'static str, body: Payload) -> Self {
        Self { status, content_type, body, headers: vec![] }
    }

    /// A success; null is no body.
    pub(crate) fn success(status: u16, body: Value) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let body = if body.is_null() { Payload::None } else { Payload::Json(body) };
        Self::new(status, JSON, body)
    }

    pub(crate) fn text(content_type: &'static str, text: String) -> Self {
        Self::new(StatusCode::OK, content_type, Payload::Text(text))
    }

    /// What a fault puts in the answer's place.
    pub(crate) fn fault(fault: &Answer) -> Self {
        let status = StatusCode::from_u16(fault.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reason = status.canonical_reason().unwrap_or("Error");
        let (content_type, body) = match fault.body {
            Body::Empty => (JSON, Payload::None),
            Body::Html => {
                let page = format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n");
                (HTML, Payload::Text(page))
            }
            Body::Json | Body::Cut => {
                let message = format!("{} (a fault of the sandbox)", reason.to_lowercase());
                (JSON, Payload::Json(json!({ "code": format!("02{}", fault.code), "message": message })))
            }
        };
        Self::new(status, content_type, body).header(header::RETRY_AFTER, fault.retry_after.clone())
    }

    /// With a header, if there is a value for it.
    pub(crate) fn header(mut self, name: HeaderName, value: Option<String>) -> Self {
        self.headers.extend(value.map(|value| (name, value)));
        self
    }

    /// The body as it goes over the wire.
    pub(crate) fn bytes(&self) -> Bytes {
        match &self.body {
            Payload::None => Bytes::new(),
            Payload::Json(value) => value.to_string().into(),
            Payload::Text(text) => text.clone().into(),
        }
    }

    /// The error code in it.
    pub(crate) fn code(&self) -> Option<String> {
        match &self.body {
            Payload::Json(value) if !self.status.is_success() => value["code"].as_str().map(str::to_owned),
            _ => None,
        }
    }

    /// The response, its body of so many bytes still to be sent.
    pub(crate) fn response(self, length: usize, date: String, body: WireBody) -> Response<WireBody> {
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        for (name, value) in self.headers.into_iter().chain([(header::DATE, date)]) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        if !matches!(self.body, Payload::None) {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        if self.status != StatusCode::NO_CONTENT {
            headers.insert(header::CONTENT_LENGTH, length.into());
        }
        response
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.code.status, JSON, Payload::Json(refusal.body()))
    }
}

impl From<Code> for Reply {
    fn from(code: Code) -> Self {
        Refusal::from(code).into()
    }
}
