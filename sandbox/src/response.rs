//! Responses, before they are sent.

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode, header};
use serde_json::{Value, json};

use crate::body_delivery::WireBody;
use crate::error_response::{ErrorCode, ErrorResponse};
use crate::faults::{FaultBody, FaultResponse, IntermediaryPage, PageForm};

/// A response: status, headers and body.
pub(crate) struct ApiResponse {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) body: ResponseBody,
    headers: Vec<(HeaderName, String)>,
}

pub(crate) enum ResponseBody {
    None,
    Json(Value),
    Text(String),
}

const JSON: &str = "application/json";
const TEXT: &str = "text/plain";
pub(crate) const HTML: &str = "text/html; charset=utf-8";

fn html(title: &str) -> String {
    format!("<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n")
}

impl ApiResponse {
    fn new(status: StatusCode, content_type: &'static str, body: ResponseBody) -> Self {
        Self { status, content_type, body, headers: vec![] }
    }

    /// Creates a response with a success status. A null body is sent as no body.
    pub(crate) fn success(status: u16, body: Value) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let body = if body.is_null() { ResponseBody::None } else { ResponseBody::Json(body) };
        Self::new(status, JSON, body)
    }

    pub(crate) fn text(content_type: &'static str, text: String) -> Self {
        Self::new(StatusCode::OK, content_type, ResponseBody::Text(text))
    }

    /// Creates the response that a [`Fault::Status`](crate::Fault::Status) sends instead of the API's.
    pub(crate) fn fault(fault: &FaultResponse) -> Self {
        let status = StatusCode::from_u16(fault.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let reason = status.canonical_reason().unwrap_or("Error");
        let (content_type, body) = match fault.body {
            FaultBody::Empty => (JSON, ResponseBody::None),
            FaultBody::Html => (HTML, ResponseBody::Text(html(&status.to_string()))),
            FaultBody::Json | FaultBody::Cut => {
                let message = format!("{} (injected by the sandbox)", reason.to_lowercase());
                (JSON, ResponseBody::Json(json!({ "code": format!("02{}", fault.code), "message": message })))
            }
        };
        Self::new(status, content_type, body).header(header::RETRY_AFTER, fault.retry_after.clone())
    }

    /// Creates the page that a [`Fault::intermediary`](crate::Fault::intermediary) sends instead of the API's response.
    pub(crate) fn intermediary(page: IntermediaryPage) -> Self {
        let status = StatusCode::from_u16(page.status()).unwrap_or(StatusCode::BAD_GATEWAY);
        let (content_type, body) = match page.form() {
            PageForm::Html => (HTML, ResponseBody::Text(html(page.text()))),
            PageForm::Json => (JSON, ResponseBody::Json(json!({ "message": page.text() }))),
            PageForm::Text => (TEXT, ResponseBody::Text(page.text().to_owned())),
            PageForm::Empty => (HTML, ResponseBody::None),
        };
        Self::new(status, content_type, body).header(header::LOCATION, page.location().map(str::to_owned))
    }

    /// Adds a header if there is a value for it.
    pub(crate) fn header(mut self, name: HeaderName, value: Option<String>) -> Self {
        self.headers.extend(value.map(|value| (name, value)));
        self
    }

    /// Returns the serialized body.
    pub(crate) fn bytes(&self) -> Bytes {
        match &self.body {
            ResponseBody::None => Bytes::new(),
            ResponseBody::Json(value) => value.to_string().into(),
            ResponseBody::Text(text) => text.clone().into(),
        }
    }

    /// Returns the error code in the body.
    pub(crate) fn code(&self) -> Option<String> {
        match &self.body {
            ResponseBody::Json(value) if !self.status.is_success() => value["code"].as_str().map(str::to_owned),
            _ => None,
        }
    }

    /// Converts this into an HTTP response with the given body. `length` is the value of `Content-Length`; a fault
    /// can truncate the body below it.
    pub(crate) fn into_http(self, length: usize, date: Option<String>, body: WireBody) -> Response<WireBody> {
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        for (name, value) in self.headers.into_iter().chain(date.map(|date| (header::DATE, date))) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        if !matches!(self.body, ResponseBody::None) {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        if self.status != StatusCode::NO_CONTENT {
            headers.insert(header::CONTENT_LENGTH, length.into());
        }
        response
    }
}

impl From<ErrorResponse> for ApiResponse {
    fn from(error: ErrorResponse) -> Self {
        Self::new(error.code.status, JSON, ResponseBody::Json(error.body()))
    }
}

impl From<ErrorCode> for ApiResponse {
    fn from(code: ErrorCode) -> Self {
        ErrorResponse::from(code).into()
    }
}
