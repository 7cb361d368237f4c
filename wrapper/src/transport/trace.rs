//! One span for every call, with the names OpenTelemetry gives the fields of an HTTP client; what has no such name is below
//! `genesiscloud`. The duration is in seconds.
//!
//! Nothing of a request or an answer gets here but method, path template, host, status and the API's code: no id, no
//! body, no header.

use std::time::Duration;

use genesiscloud_bindings::Operation;
use reqwest::Request;
use tracing::field::{Empty, display};
use tracing::{Span, debug, info_span, warn};

use super::attempt::Outcome;
use super::course::Course;
use crate::{ErrorCode, ErrorKind};

/// The span of a call that is about to begin.
pub(crate) fn span(operation: Option<&Operation>, request: &Request) -> Span {
    let method = request.method().as_str();
    let template = operation.map_or("", |operation| operation.path);
    info_span!(
        "genesiscloud",
        otel.name = format!("{method} {template}"),
        otel.kind = "client",
        otel.status_code = Empty,
        genesiscloud.operation = operation.map_or("", |operation| operation.id),
        genesiscloud.code = Empty,
        http.request.method = method,
        http.request.resend_count = Empty,
        http.response.status_code = Empty,
        genesiscloud.duration = Empty,
        url.template = template,
        server.address = request.url().host_str(),
        server.port = request.url().port_or_known_default(),
        error.r#type = Empty,
    )
}

/// Writes into the span what came of the call.
pub(crate) fn record(span: &Span, outcome: &Outcome, course: &Course) {
    span.record("genesiscloud.duration", course.elapsed.as_secs_f64());
    if course.attempts > 1 {
        span.record("http.request.resend_count", course.attempts - 1);
    }
    match outcome {
        Ok(answer) => {
            // A 404 that was taken for success was a 404 all the same.
            let status = if course.was_gone { 404 } else { answer.status.as_u16() };
            span.record("http.response.status_code", status);
            if !answer.status.is_success() {
                span.record("error.type", display(status));
                span.record("otel.status_code", "ERROR");
                if let Some(code) = crate::refusal::code(&answer.body).filter(is_harmless) {
                    span.record("genesiscloud.code", code.as_str());
                }
            }
        }
        Err(failure) => {
            if let Some(status) = failure.status {
                span.record("http.response.status_code", status.as_u16());
            }
            record_failure(span, failure.kind);
        }
    }
}

/// Writes into the span that there is no answer, or none that can be used.
pub(crate) fn record_failure(span: &Span, kind: ErrorKind) {
    span.record("error.type", display(format_args!("{kind:?}")));
    span.record("otel.status_code", "ERROR");
}

/// A code that is one, and not a text that a stranger put in its place.
fn is_harmless(code: &ErrorCode) -> bool {
    code.as_str().len() <= 8 && code.as_str().bytes().all(|byte| byte.is_ascii_digit())
}

/// An attempt failed, and another follows.
pub(crate) fn retrying(outcome: &Outcome, attempts: u32, wait: Duration) {
    let reason = match outcome {
        Ok(answer) => answer.status.as_u16().to_string(),
        Err(failure) => format!("{:?}", failure.kind),
    };
    debug!(attempt = attempts, reason, wait = wait.as_secs_f64(), "trying again");
}

/// The service refused a request for coming too soon.
pub(crate) fn holding(wait: Duration) {
    warn!(wait = wait.as_secs_f64(), "the service answered 429; all calls of this client wait");
}
