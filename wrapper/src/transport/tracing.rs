//! One span per call, with OpenTelemetry's names for the fields of an HTTP client; fields that have no such name are below
//! `genesiscloud`. The duration is in seconds.
//!
//! Of a request and its response, a span holds method, path template, host, status and the API's code: no id, no body, no
//! header.

use std::time::Duration;

use genesiscloud_bindings::Operation;
use reqwest::Request;
use tracing::field::{Empty, debug, display};
use tracing::{Level, Span, debug, enabled, info_span, warn};

use super::attempt::Outcome;
use super::call_state::CallState;
use super::observer::Ending;
use crate::{ErrorCode, ErrorKind};

/// The span of a call that is about to begin.
pub(super) fn span(operation: &Operation, request: &Request) -> Span {
    let method = request.method().as_str();
    let template = operation.path;
    info_span!(
        "genesiscloud",
        otel.name = format!("{method} {template}"),
        otel.kind = "client",
        otel.status_code = Empty,
        genesiscloud.operation = operation.id,
        genesiscloud.code = Empty,
        http.request.method = method,
        http.request.resend_count = Empty,
        http.response.status_code = Empty,
        genesiscloud.duration = Empty,
        url.template = template,
        server.address = request.url().host_str(),
        server.port = request.url().port_or_known_default().map(i64::from),
        error.r#type = Empty,
    )
}

/// Records the outcome of a call in its span. Numbers are signed, since the layer for OpenTelemetry makes texts of others.
pub(super) fn record(span: &Span, outcome: &Outcome, state: &CallState) {
    span.record("genesiscloud.duration", state.elapsed.as_secs_f64());
    if state.attempts > 1 {
        span.record("http.request.resend_count", i64::from(state.attempts - 1));
    }
    match outcome {
        Ok(response) => {
            // The response was a 404, although the call counts it as a success.
            let status = if state.was_already_deleted { 404 } else { response.status.as_u16() };
            span.record("http.response.status_code", i64::from(status));
            if !response.status.is_success() {
                span.record("error.type", display(status));
                span.record("otel.status_code", "ERROR");
                if let Some(code) = response.code.as_ref().filter(has_code_format) {
                    span.record("genesiscloud.code", code.as_str());
                }
            }
        }
        Err(failure) => {
            if let Some(status) = failure.status {
                span.record("http.response.status_code", i64::from(status.as_u16()));
            }
            record_error(span, failure.kind);
        }
    }
}

/// Records in the span that there is no response, or none that can be used.
pub(crate) fn record_error(span: &Span, kind: ErrorKind) {
    span.record("error.type", display(format_args!("{kind:?}")));
    span.record("otel.status_code", "ERROR");
}

/// Whether a code has the format of one. An intermediary may put any text there, which must not reach a log.
pub(super) fn has_code_format(code: &&ErrorCode) -> bool {
    code.as_str().len() <= 8 && code.as_str().bytes().all(|byte| byte.is_ascii_digit())
}

/// Logs the end of a call, one line for each.
pub(super) fn ended(span: &Span, operation: &Operation, ending: Ending<'_>, state: &CallState) {
    if !enabled!(Level::DEBUG) {
        return;
    }
    let (operation, attempts) = (operation.id, i64::from(state.attempts));
    let status = ending.status.map(|status| i64::from(status.as_u16()));
    let kind = ending.outcome.kind().map(debug);
    let duration = state.elapsed.as_secs_f64();
    span.in_scope(|| debug!(operation, status, kind, attempts, duration, "the call ended"));
}

/// Logs that an attempt failed and another one follows.
pub(super) fn retrying(outcome: &Outcome, attempts: u32, delay: Duration) {
    let reason = match outcome {
        Ok(response) => response.status.as_u16().to_string(),
        Err(failure) => format!("{:?}", failure.kind),
    };
    debug!(attempt = i64::from(attempts), reason, delay = delay.as_secs_f64(), "retrying");
}

/// Logs that the service refused the token, and the attempt is repeated with another one.
pub(super) fn replacing_token(attempts: u32) {
    debug!(attempt = i64::from(attempts), "the token was refused; repeating the attempt with another one");
}

/// Logs that the service throttled a request.
pub(super) fn throttled(delay: Duration) {
    warn!(delay = delay.as_secs_f64(), "throttled (429); all calls of this client wait");
}
