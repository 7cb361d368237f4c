//! The chain around every call, from the outside in:
//!
//! 1. headers: credentials ([`auth`]), what names the client, what the caller adds;
//! 2. [`trace`]: one span for the call;
//! 3. [`deadline`]: the time of the whole call, waits included;
//! 4. [`retry`]: the attempts, and the waits between them, by a [`policy`] and by how the [`course`] of the call was;
//! 5. [`limit`]: an attempt waits for its turn, at a [`pace`];
//! 6. a [`gate`]: a call that was called off is not sent;
//! 7. [`attempt`]: one request, sent, and its answer read to the end.
//!
//! Calls of the services, pages and `client.raw()` all pass it.

mod attempt;
mod auth;
mod course;
mod deadline;
mod gate;
mod headers;
mod limit;
mod pace;
mod policy;
mod retry;
mod retry_after;
mod service_time;
mod trace;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use genesiscloud_bindings::{Ended, Operation, Transport};
use reqwest::{Request, Response};
use tracing::{Instrument, Span};

pub use auth::AuthScheme;
pub use limit::{Limiter, RateLimiter, Turn};
pub use pace::Rate;
pub use policy::RetryPolicy;

pub(crate) use attempt::{Failure, Outcome};
pub(crate) use auth::Credentials;
pub(crate) use course::Course;
use course::Repeatable;
pub(crate) use gate::Gate;
pub(crate) use headers::{Headers, user_agent};
pub(crate) use policy::Jitter;
pub(crate) use retry_after::retry_after;
pub(crate) use service_time::ServiceTime;
pub(crate) use trace::record_failure;

use crate::Clock;

/// The future of an answer.
pub(crate) type Arrival<'a> = Pin<Box<dyn Future<Output = reqwest::Result<Response>> + Send + 'a>>;

/// What every request passes.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) shared: Arc<Shared>,
    pub(crate) options: Options,
}

/// What all clones of a client have together.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) credentials: Credentials,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) jitter: Jitter,
    pub(crate) limiter: Arc<dyn Limiter>,
    pub(crate) service_time: ServiceTime,
    /// What the client was built with, whatever single calls are made with.
    pub(crate) built: Options,
}

/// What can differ from call to call.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) retry: RetryPolicy,
    pub(crate) attempt_timeout: Duration,
    pub(crate) deadline: Duration,
    pub(crate) headers: Headers,
    pub(crate) gate: Gate,
}

impl Chain {
    /// Makes a call, and tells how it went.
    pub(crate) async fn carry(
        &self,
        http: &reqwest::Client,
        mut request: Request,
        method_name: &str,
    ) -> (Outcome, Course, Span) {
        self.options.headers.add_to(request.headers_mut());
        self.shared.credentials.add_to(request.headers_mut());
        let span = trace::span(Operation::of(method_name), &request);
        let repeatable = Repeatable::of(request.method(), method_name);
        let (outcome, course) = self.within_deadline(http, &request, repeatable).instrument(span.clone()).await;
        trace::record(&span, &outcome, &course);
        (outcome, course, span)
    }
}

impl Transport for Chain {
    fn execute<'a>(&'a self, http: &'a reqwest::Client, request: Request, method_name: &'static str) -> Arrival<'a> {
        Box::pin(async move { into_arrival(self.carry(http, request, method_name).await.0) })
    }
}

/// The outcome as the generated code takes it.
pub(crate) fn into_arrival(outcome: Outcome) -> reqwest::Result<Response> {
    match outcome {
        Ok(answer) => Ok(answer.into_response()),
        Err(Failure { cause: Some(cause), .. }) => Err(cause),
        Err(failure) => {
            let mut nothing = Response::from(http::Response::new(""));
            nothing.extensions_mut().insert(Ended(failure.reason));
            Ok(nothing)
        }
    }
}
