//! Handles one HTTP request: authentication, rate limit, faults, the operation itself, and the response.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap};
use hyper::http::request::Parts;
use hyper::{Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::account::{self, OperationRequest, Outcome};
use crate::body_delivery::{self, BodyDelivery, WireBody};
use crate::command_names;
use crate::connection::{RequestGuard, ResetHandle};
use crate::error_response::{ErrorCode, ErrorResponse, ensure};
use crate::faults::{Fault, PageQuirks, mutate_response};
use crate::openapi::{BASE_PATH, OpenApiDocument, Operation, Route, ValidationError};
use crate::rate_limit::{RateLimiter, Throttled};
use crate::recorded_requests::RecordedRequest;
use crate::response::{ApiResponse, HTML, ResponseBody};
use crate::server_state::ServerState;
use crate::verify;

/// Several times the size of the largest valid request: a startup script has at most 64 KiB.
const MAX_BODY_SIZE: usize = 1024 * 1024;

pub(crate) async fn handle_request(
    state: Arc<ServerState>,
    reset_handle: ResetHandle,
    arrived_at: Option<IpAddr>,
    guard: RequestGuard,
    request: Request<Incoming>,
) -> Response<WireBody> {
    let (head, body) = request.into_parts();
    let recording = Recording::start(&state, &head, guard);
    let routed = RoutedRequest::new(&head);
    let is_permitted = state.allowed_hosts.permit(&head, arrived_at);
    let early = match is_permitted {
        true => serve_document(&head, &routed).or_else(|| admit(&state, &head.headers).err()),
        false => Some(ErrorCode::MISDIRECTED.into()),
    };
    let fault = if early.is_none() { state.faults.next_fault(routed.operation_id()) } else { None };
    recording.update(|request| {
        request.operation = routed.operation().map(|operation| operation.id().to_owned());
        request.fault = fault.as_ref().map(Fault::to_string);
    });
    if fault == Some(Fault::ResetBeforeRequest) {
        reset_handle.reset();
        return Response::new(WireBody::default());
    }

    let is_authenticated = is_permitted && authenticate(&state, &head.headers).is_ok();
    let body = if is_authenticated { read(body).await } else { discard(body).await };
    recording.update(|request| request.body = body.as_ref().map(|bytes| bytes.to_vec()).unwrap_or_default());
    let verified = |response: ApiResponse| {
        if state.is_verified {
            verify::verify_exchange(&head, routed.operation(), body.as_deref().unwrap_or_default(), &response);
        }
        response
    };
    let quirks = page_quirks(&state, routed.operation(), fault.as_ref());
    let mut response = match (early, &fault) {
        (Some(document), _) if document.status.is_success() => document,
        (Some(error), _) => verified(error),
        (None, Some(Fault::Status(status))) if !status.processed => ApiResponse::fault(status),
        (None, Some(Fault::ErrorCode(code))) => ErrorCode::find(code).unwrap_or(ErrorCode::BAD_REQUEST).into(),
        (None, Some(Fault::Intermediary(intermediary))) if !intermediary.processed => {
            ApiResponse::intermediary(intermediary.page)
        }
        (None, fault) => verified(
            process(&state, &head, &routed, &body, fault.as_ref(), quirks.as_ref()).unwrap_or_else(ApiResponse::from),
        ),
    };
    if let (Some(quirks), ResponseBody::Json(page), true) = (&quirks, &mut response.body, response.status.is_success())
    {
        quirks.change(&routed.query, page);
    }
    if let Some(fault) = &fault {
        apply_fault(&mut response, fault, routed.operation());
    }
    if let Some(Fault::Delay(by)) = &fault {
        state.clock.sleep(*by).await;
    }
    match &fault {
        Some(Fault::ResetAfterProcessing) => reset_handle.reset(),
        Some(Fault::ResetInBody) if matches!(response.body, ResponseBody::None) => reset_handle.reset(),
        _ => recording.update(|request| {
            (request.status, request.code) = (Some(response.status.as_u16()), response.code());
        }),
    }
    let bytes = response.bytes();
    let date = match &fault {
        Some(Fault::DateHeader(date)) => date.clone(),
        _ => state.date_header().clone(),
    };
    let (length, date) = (bytes.len(), date.value(state.clock.http_time()));
    let delivery = BodyDelivery::of(fault.as_ref());
    let body = body_delivery::body(bytes, delivery, state.clock.clone(), reset_handle, recording);
    response.into_http(length, date, body)
}

/// A request that is being recorded. Dropping this marks the request as finished.
struct Recording {
    state: Arc<ServerState>,
    number: usize,
    _guard: RequestGuard,
}

impl Recording {
    fn start(state: &Arc<ServerState>, head: &Parts, guard: RequestGuard) -> Self {
        let at = state.clock.http_time();
        let number = state.recorder().start(head.method.as_str(), &head.uri.to_string(), &head.headers, at);
        Self { state: Arc::clone(state), number, _guard: guard }
    }

    fn update(&self, change: impl FnOnce(&mut RecordedRequest)) {
        self.state.recorder().update(self.number, change);
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let request = self.state.recorder().finish(self.number);
        if let (Some(callback), Some(request)) = (&self.state.on_request, request) {
            callback(&request);
        }
    }
}

/// A request together with the operation that its method and path select.
struct RoutedRequest {
    method: String,
    /// Path below the base path; none outside of it.
    path: Option<String>,
    route: Route<'static>,
    query: Vec<(String, String)>,
}

impl RoutedRequest {
    fn new(head: &Parts) -> Self {
        let method = head.method.as_str().to_owned();
        let path = head.uri.path().strip_prefix(BASE_PATH).map(str::to_owned);
        let route = path.as_ref().map_or(Route::Unknown, |path| OpenApiDocument::vendored().route(&method, path));
        let query = form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        Self { method, path, route, query }
    }

    fn operation(&self) -> Option<&'static Operation> {
        match &self.route {
            Route::Operation(operation, _) => Some(operation),
            _ => None,
        }
    }

    fn operation_id(&self) -> &str {
        self.operation().map_or("", Operation::id)
    }
}

/// Returns the OpenAPI document if the request asks for it. The document is public, so no token is needed. Its
/// server URL is this sandbox, with the host of the `Host` header.
fn serve_document(head: &Parts, routed: &RoutedRequest) -> Option<ApiResponse> {
    let host = head.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let server = format!("http://{host}{BASE_PATH}");
    // Some tools request the document at the root instead of below the base path.
    let path = routed.path.as_deref().unwrap_or(head.uri.path());
    let document = || {
        let mut document = OpenApiDocument::vendored().value().clone();
        document["servers"][0]["url"] = server.into();
        command_names::add(&mut document);
        document
    };
    match (routed.method.as_str(), path) {
        ("GET", "/openapi.yaml") => {
            Some(ApiResponse::text("application/yaml", yaml_serde::to_string(&document()).ok()?))
        }
        ("GET", "/openapi.json") => Some(ApiResponse::success(200, document())),
        _ => None,
    }
}

/// Checks the token and then the rate limit.
fn admit(state: &ServerState, headers: &HeaderMap) -> Result<(), ApiResponse> {
    authenticate(state, headers)
        .map_err(|code| ApiResponse::from(code).header(header::WWW_AUTHENTICATE, Some("Bearer".into())))?;
    state.limiter.as_ref().map_or(Ok(()), RateLimiter::try_acquire).map_err(|Throttled { retry_after }| {
        ApiResponse::from(ErrorCode::TOO_MANY_REQUESTS).header(header::RETRY_AFTER, retry_after)
    })
}

fn authenticate(state: &ServerState, headers: &HeaderMap) -> Result<(), ErrorCode> {
    match sent_token(headers) {
        Some(token) if token == state.token => Ok(()),
        Some(_) => Err(ErrorCode::WRONG_TOKEN),
        None => Err(ErrorCode::NO_TOKEN),
    }
}

/// Returns the token of `Authorization: Bearer`, else of `X-Auth-Token`. A malformed header counts as an empty token.
fn sent_token(headers: &HeaderMap) -> Option<&str> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, token) = value.to_str().ok().and_then(|value| value.split_once(' ')).unwrap_or_default();
        return Some(if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" });
    }
    headers.get("x-auth-token").map(|value| value.to_str().unwrap_or_default())
}

async fn read(body: Incoming) -> Result<Bytes, ErrorResponse> {
    // A body that is moderately too large is read to its end: most clients read the response only after sending all.
    match Limited::new(body, 16 * MAX_BODY_SIZE).collect().await {
        Ok(body) => {
            Some(body.to_bytes()).filter(|bytes| bytes.len() <= MAX_BODY_SIZE).ok_or(ErrorCode::TOO_LARGE.into())
        }
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(ErrorCode::TOO_LARGE.into()),
        Err(_) => Err(ErrorResponse::new(ErrorCode::MALFORMED_REQUEST, "the body ended too early")),
    }
}

/// Reads the body of a request that did not authenticate, and keeps none of it.
async fn discard(body: Incoming) -> Result<Bytes, ErrorResponse> {
    let mut body = Limited::new(body, 16 * MAX_BODY_SIZE);
    while let Some(Ok(_)) = body.frame().await {}
    Ok(Bytes::new())
}

/// Validates the request, performs its operation and returns the response, before faults change it.
fn process(
    state: &ServerState,
    head: &Parts,
    routed: &RoutedRequest,
    body: &Result<Bytes, ErrorResponse>,
    fault: Option<&Fault>,
    quirks: Option<&PageQuirks>,
) -> Result<ApiResponse, ErrorResponse> {
    let (operation, path) = match &routed.route {
        Route::Operation(operation, path) => (operation, percent_decoded(path)?),
        Route::OtherMethods(methods) => {
            let response = ApiResponse::from(ErrorCode::METHOD_NOT_ALLOWED);
            return Ok(response.header(header::ALLOW, Some(methods.join(", "))));
        }
        Route::Unknown => return Err(ErrorCode::INVALID_ROUTE.into()),
    };
    let body = body.as_ref().map_err(ErrorResponse::clone)?;
    let mut account = state.account();
    account.ensure_permitted(&routed.method)?;
    operation.validate_parameters("path", &path)?;
    operation.validate_parameters("query", &routed.query)?;
    let outcome = match fault {
        Some(Fault::EndsInError) => Outcome::Error,
        Some(Fault::EndsInPendingPayment) => Outcome::PendingPayment,
        Some(Fault::LateAddress(by)) => Outcome::LateAddress(*by),
        _ => Outcome::Ready,
    };
    let body = json_body(operation, &head.headers, body)?;
    let stale_reads = match fault {
        Some(Fault::StaleReads(duration)) => Some(*duration),
        _ => None,
    };
    let query = quirks.map_or_else(|| routed.query.clone(), |quirks| quirks.query(&routed.query));
    let request = OperationRequest { path, query, body, outcome, stale_reads };
    let perform = account::operation_handler(operation.id()).ok_or(ErrorCode::INVALID_ROUTE)?;
    let response = perform(&mut account, &request)?;
    match quirks.and_then(|quirks| quirks.error_status(&routed.query, &response)) {
        Some(404) => return Err(ErrorResponse::new(ErrorCode::INVALID_ROUTE, "there is no such page")),
        Some(_) => return Err(ErrorResponse::new(ErrorCode::BAD_REQUEST, "there is no such page")),
        None => {}
    }
    match fault {
        Some(Fault::ItemDeleted) => account::remove_first_item(&mut account, &response),
        Some(Fault::ItemAdded) => account::insert_first_item(&mut account, &response),
        _ => {}
    }
    Ok(ApiResponse::success(operation.success(), response))
}

/// Returns how the page that a list operation sends deviates from the document.
fn page_quirks(state: &ServerState, operation: Option<&Operation>, fault: Option<&Fault>) -> Option<PageQuirks> {
    let is_list = operation.is_some_and(|operation| operation.id().starts_with("List"));
    is_list.then(|| match fault {
        Some(Fault::PageQuirks(quirks)) => quirks.clone(),
        _ => state.page_quirks().clone(),
    })
}

fn percent_decoded(path: &[(String, String)]) -> Result<Vec<(String, String)>, ErrorResponse> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned);
    let decoded = path.iter().map(|(name, value)| Ok((name.clone(), decode(value)?)));
    decoded
        .collect::<Result<_, std::str::Utf8Error>>()
        .map_err(|_| ErrorResponse::new(ErrorCode::MALFORMED_REQUEST, "the path must be UTF-8"))
}

/// Parses and validates the body of an operation that has one. Returns null for the others.
fn json_body(operation: &Operation, headers: &HeaderMap, bytes: &Bytes) -> Result<Value, ErrorResponse> {
    if !operation.has_body() {
        return Ok(Value::Null);
    }
    if bytes.is_empty() {
        operation.validate_body(None)?;
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = content_type.split(';').next().unwrap_or_default().trim();
    ensure(content_type.eq_ignore_ascii_case("application/json"), ErrorCode::UNSUPPORTED_MEDIA_TYPE)?;
    let value = serde_json::from_slice(bytes)
        .map_err(|error| ErrorResponse::new(ErrorCode::MALFORMED_REQUEST, format!("the body is not JSON: {error}")))?;
    operation.validate_body(Some(&value))?;
    Ok(value)
}

impl From<ValidationError> for ErrorResponse {
    fn from(error: ValidationError) -> Self {
        let code = if error.is_missing { ErrorCode::MISSING_PARAMETERS } else { ErrorCode::BAD_REQUEST };
        Self::new(code, error.to_string())
    }
}

/// Changes a response as the fault demands.
fn apply_fault(response: &mut ApiResponse, fault: &Fault, operation: Option<&Operation>) {
    match fault {
        Fault::Status(status) => *response = ApiResponse::fault(status),
        Fault::Intermediary(intermediary) => *response = ApiResponse::intermediary(intermediary.page),
        Fault::WrongContentType => response.content_type = HTML,
        fault => {
            let schema = operation.and_then(Operation::response_schema);
            let is_success = response.status.is_success();
            if let (ResponseBody::Json(value), Some(schema), true) = (&mut response.body, schema, is_success) {
                mutate_response(fault, schema, value);
            }
        }
    }
}
