//! One request and its answer: who asks, how often, what goes wrong, what is asked for, what comes of it.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap};
use hyper::http::request::Parts;
use hyper::{Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::account::{self, Call, Ending};
use crate::body_delivery::{self, Delivery, WireBody};
use crate::connection::Breaker;
use crate::error_response::{Code, Refusal, ensure};
use crate::faults::{Fault, distort};
use crate::openapi::{BASE, Contract, Operation, Route, Violation};
use crate::rate_limit::TooMany;
use crate::recorded_requests::Received;
use crate::response::{HTML, Payload, Reply};
use crate::server_state::Shared;
use crate::verify;

/// Several times what the largest request needs: a startup script has 64 KiB.
const LARGEST_BODY: usize = 1024 * 1024;

pub(crate) async fn answer(shared: Arc<Shared>, breaker: Breaker, request: Request<Incoming>) -> Response<WireBody> {
    let (head, body) = request.into_parts();
    let entry = Entry::begin(&shared, &head);
    let asked = Asked::of(&head);
    let early = document(&head, &asked).or_else(|| admit(&shared, &head.headers).err());
    let fault = if early.is_none() { shared.faults.pick(asked.operation_id()) } else { None };
    entry.note(|entry| {
        entry.operation = asked.operation().map(|operation| operation.id().to_owned());
        entry.fault = fault.as_ref().map(Fault::to_string);
    });
    if fault == Some(Fault::ResetBeforeRequest) {
        breaker.reset();
        return Response::new(WireBody::default());
    }

    let body = read(body).await;
    entry.note(|entry| entry.body = body.as_ref().map(|bytes| bytes.to_vec()).unwrap_or_default());
    let verified = |reply: Reply| {
        if shared.is_verified {
            verify::verify(&head, asked.operation(), body.as_deref().unwrap_or_default(), &reply);
        }
        reply
    };
    let mut reply = match (early, &fault) {
        (Some(document), _) if document.status.is_success() => document,
        (Some(refusal), _) => verified(refusal),
        (None, Some(Fault::Status(status))) if !status.processed => Reply::fault(status),
        (None, fault) => verified(process(&shared, &head, &asked, &body, fault.as_ref()).unwrap_or_else(Reply::from)),
    };
    if let Some(fault) = &fault {
        spoil(&mut reply, fault, asked.operation());
    }
    if let Some(Fault::Delay(by)) = &fault {
        shared.clock.sleep(*by).await;
    }
    match &fault {
        Some(Fault::ResetAfterProcessing) => breaker.reset(),
        Some(Fault::ResetInBody) if matches!(reply.body, Payload::None) => breaker.reset(),
        _ => entry.note(|entry| (entry.status, entry.code) = (Some(reply.status.as_u16()), reply.code())),
    }
    let bytes = reply.bytes();
    let (length, date) = (bytes.len(), httpdate::fmt_http_date(shared.clock.wire().into()));
    let body = body_delivery::body(bytes, Delivery::of(fault.as_ref()), shared.clock.clone(), breaker, entry);
    reply.response(length, date, body)
}

/// The entry in the journal; ended when dropped.
struct Entry {
    shared: Arc<Shared>,
    number: usize,
}

impl Entry {
    fn begin(shared: &Arc<Shared>, head: &Parts) -> Self {
        let at = shared.clock.wire();
        let number = shared.journal().begin(head.method.as_str(), &head.uri.to_string(), &head.headers, at);
        Self { shared: Arc::clone(shared), number }
    }

    fn note(&self, change: impl FnOnce(&mut Received)) {
        self.shared.journal().change(self.number, change);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let entry = self.shared.journal().end(self.number);
        if let (Some(observer), Some(entry)) = (&self.shared.observer, entry) {
            observer(&entry);
        }
    }
}

/// What a request is for.
struct Asked {
    method: String,
    path: Option<String>,
    route: Route<'static>,
    query: Vec<(String, String)>,
}

impl Asked {
    fn of(head: &Parts) -> Self {
        let method = head.method.as_str().to_owned();
        let path = head.uri.path().strip_prefix(BASE).map(str::to_owned);
        let route = path.as_ref().map_or(Route::Unknown, |path| Contract::vendored().route(&method, path));
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

/// The document, which is nobody's secret: it is served before anything is checked, with this sandbox as its
/// server, by the name it was asked by.
fn document(head: &Parts, asked: &Asked) -> Option<Reply> {
    let host = head.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let server = format!("http://{host}{BASE}");
    // Some tools look at the root.
    let path = asked.path.as_deref().unwrap_or(head.uri.path());
    let document = || {
        let mut document = Contract::vendored().document().clone();
        document["servers"][0]["url"] = server.into();
        document
    };
    match (asked.method.as_str(), path) {
        ("GET", "/openapi.yaml") => Some(Reply::text("application/yaml", serde_norway::to_string(&document()).ok()?)),
        ("GET", "/openapi.json") => Some(Reply::success(200, document())),
        _ => None,
    }
}

/// Refuses who has no token, and who comes too often.
fn admit(shared: &Shared, headers: &HeaderMap) -> Result<(), Reply> {
    match given_token(headers) {
        Some(given) if given == shared.token => {}
        given => {
            let code = if given.is_none() { Code::NO_TOKEN } else { Code::WRONG_TOKEN };
            return Err(Reply::from(code).header(header::WWW_AUTHENTICATE, Some("Bearer".into())));
        }
    }
    let check = shared.limiter.as_ref().map_or(Ok(()), |limiter| limiter.check());
    check.map_err(|TooMany(retry_after)| Reply::from(Code::TOO_MANY_REQUESTS).header(header::RETRY_AFTER, retry_after))
}

/// The token of `Authorization: Bearer`, else of `X-Auth-Token`; empty when there is one that cannot be read.
fn given_token(headers: &HeaderMap) -> Option<&str> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, token) = value.to_str().ok().and_then(|value| value.split_once(' ')).unwrap_or_default();
        return Some(if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" });
    }
    headers.get("x-auth-token").map(|value| value.to_str().unwrap_or_default())
}

async fn read(body: Incoming) -> Result<Bytes, Refusal> {
    // What is somewhat too large is read all the same: who is still sending does not listen to a refusal.
    match Limited::new(body, 16 * LARGEST_BODY).collect().await {
        Ok(body) => Some(body.to_bytes()).filter(|bytes| bytes.len() <= LARGEST_BODY).ok_or(Code::TOO_LARGE.into()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Code::TOO_LARGE.into()),
        Err(_) => Err(Refusal::new(Code::MALFORMED_REQUEST, "the body ended too early")),
    }
}

/// Does what is asked, if it may be.
fn process(
    shared: &Shared,
    head: &Parts,
    asked: &Asked,
    body: &Result<Bytes, Refusal>,
    fault: Option<&Fault>,
) -> Result<Reply, Refusal> {
    let (operation, path) = match &asked.route {
        Route::Operation(operation, path) => (operation, decoded(path)?),
        Route::OtherMethods(methods) => {
            return Ok(Reply::from(Code::METHOD_NOT_ALLOWED).header(header::ALLOW, Some(methods.join(", "))));
        }
        Route::Unknown => return Err(Code::INVALID_ROUTE.into()),
    };
    let body = body.as_ref().map_err(Refusal::clone)?;
    let mut account = shared.account();
    account.ensure_standing(&asked.method)?;
    operation.check_parameters("path", &path)?;
    operation.check_parameters("query", &asked.query)?;
    let ending = match fault {
        Some(Fault::EndsInError) => Ending::Error,
        Some(Fault::EndsInPendingPayment) => Ending::PendingPayment,
        _ => Ending::Settled,
    };
    let body = json(operation, &head.headers, body)?;
    let call = Call { path, query: asked.query.clone(), body, ending };
    let handler = account::handler(operation.id()).ok_or(Code::INVALID_ROUTE)?;
    let answer = handler(&mut account, &call)?;
    match fault {
        Some(Fault::ItemDeleted) => account::remove_item(&mut account, &answer),
        Some(Fault::ItemAdded) => account::add_item(&mut account, &answer),
        _ => {}
    }
    Ok(Reply::success(operation.success(), answer))
}

fn decoded(path: &[(String, String)]) -> Result<Vec<(String, String)>, Refusal> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned);
    let decoded = path.iter().map(|(name, value)| Ok((name.clone(), decode(value)?)));
    decoded
        .collect::<Result<_, std::str::Utf8Error>>()
        .map_err(|_| Refusal::new(Code::MALFORMED_REQUEST, "the path must be UTF-8"))
}

/// The body of an operation that takes one, checked against the document; null for the others.
fn json(operation: &Operation, headers: &HeaderMap, bytes: &Bytes) -> Result<Value, Refusal> {
    if !operation.takes_body() {
        return Ok(Value::Null);
    }
    if bytes.is_empty() {
        operation.check_body(None)?;
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    ensure(kind.eq_ignore_ascii_case("application/json"), Code::UNSUPPORTED_MEDIA_TYPE)?;
    let value = serde_json::from_slice(bytes)
        .map_err(|error| Refusal::new(Code::MALFORMED_REQUEST, format!("the body is not JSON: {error}")))?;
    operation.check_body(Some(&value))?;
    Ok(value)
}

impl From<Violation> for Refusal {
    fn from(violation: Violation) -> Self {
        let code = if violation.is_missing { Code::MISSING_PARAMETERS } else { Code::BAD_REQUEST };
        Self::new(code, violation.to_string())
    }
}

/// Makes of an answer what a fault makes of it.
fn spoil(reply: &mut Reply, fault: &Fault, operation: Option<&Operation>) {
    match fault {
        Fault::Status(status) => *reply = Reply::fault(status),
        Fault::WrongContentType => reply.content_type = HTML,
        fault => {
            let schema = operation.and_then(Operation::answer);
            if let (Payload::Json(value), Some(schema), true) = (&mut reply.body, schema, reply.status.is_success()) {
                distort(fault, schema, value);
            }
        }
    }
}
