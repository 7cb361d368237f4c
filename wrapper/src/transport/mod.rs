//! The layers that every request passes on its way to the service, and its response on the way back.
//!
//! [`Layers::send`] runs them in order, from the outside in:
//!
//! 1. [`tracing`]: one span per call; [`observer`]: what the program observes calls with;
//! 2. [`deadline`]: the time limit of the whole call, waits included; the default one begins at the first permit;
//! 3. [`retry`]: attempts, and delays between them, by a [`RetryPolicy`];
//! 4. [`auth`]: the token of the attempt, for which a provider may be called, and a second attempt if the service refuses it;
//! 5. [`rate_limit`]: each attempt acquires a permit from the client's limiter; [`headers`] are added to it;
//! 6. [`attempt`]: one request is sent, and its response read to the end, over a connection of the runtime that polls the
//!    call ([`connections`]). What its headers announce is a warning ([`deprecation`]).
//!
//! Methods of resources, pages, polls and `client.raw()` all pass them.

mod attempt;
mod auth;
mod call_state;
mod connections;
mod deadline;
mod deprecation;
mod headers;
mod http_date;
mod observer;
mod rate_limit;
mod retry;
mod service_time;
mod tracing;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::tracing::{Instrument, Span};
use genesiscloud_bindings::{self as bindings, Operation, ResponseFuture, Transport};
use http::StatusCode;
use reqwest::Request;

use self::attempt::AttemptLimits;
pub(crate) use self::attempt::{CancelHandle, Failure, MAX_RESPONSE_SIZE, Outcome, Response};
pub(crate) use self::auth::Credentials;
use self::auth::HeaderToken;
pub use self::auth::{AccessToken, AuthScheme, TokenFile, TokenFuture, TokenProvider};
pub(crate) use self::call_state::CallState;
use self::connections::RuntimeConnections;
pub(crate) use self::connections::{Connections, this_runtime, within_runtimes};
pub(crate) use self::deadline::Deadline;
pub(crate) use self::deprecation::Deprecations;
pub(crate) use self::headers::{Headers, user_agent};
pub use self::observer::{AttemptEnd, AttemptStart, CallEnd, CallOutcome, ObservedCall, Observer};
use self::observer::{Ending, Observation};
pub(crate) use self::observer::{Ids, Observers};
pub use self::rate_limit::{Acquire, Limiter, Rate, RateLimiter};
pub use self::retry::RetryPolicy;
pub(crate) use self::retry::{Jitter, retry_after};
pub(crate) use self::service_time::{Reading, ServiceTime};
pub(crate) use self::tracing::record_error;
use crate::error::Class;
use crate::{Clock, ErrorKind};

/// The layers, as one client passes its requests through them.
#[derive(Clone, Debug)]
pub(crate) struct Layers {
    pub(crate) shared: Arc<Shared>,
    pub(crate) credentials: Arc<Credentials>,
    pub(crate) options: Options,
}

/// What a client and its clones have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) connections: Connections,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) jitter: Jitter,
    pub(crate) limiter: Arc<dyn Limiter>,
    pub(crate) service_time: ServiceTime,
    pub(crate) deprecations: Deprecations,
    pub(crate) observers: Observers,
    /// The longest body of a success, in bytes.
    pub(crate) max_response_size: usize,
    /// The options the client was built with, whatever single calls are made with.
    pub(crate) built_with: Options,
}

/// What can differ from call to call.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) retry: RetryPolicy,
    pub(crate) attempt_timeout: Duration,
    pub(crate) deadline: Deadline,
    /// How long after a create the service's reads may not show its result.
    pub(crate) propagation_timeout: Duration,
    /// Whether a 404 proves nothing, since the service's reads may not show yet what the call is for.
    pub(crate) is_propagating: bool,
    pub(crate) headers: Headers,
    pub(crate) cancel: CancelHandle,
}

/// A call that has ended.
pub(crate) struct Completed {
    operation: &'static Operation,
    pub(crate) request: Box<Request>,
    pub(crate) outcome: Outcome,
    pub(crate) state: CallState,
    pub(crate) span: Span,
    pub(crate) observation: Option<Box<Observation>>,
}

/// What follows an attempt.
enum Next {
    Return(Outcome),
    /// Another attempt, if there is another token.
    ReplaceToken,
    /// Another attempt after this delay.
    Retry(Duration),
}

impl Layers {
    /// Sends a request through all layers, from the outside in.
    ///
    /// Thousands of calls can be in flight, each of them as large as this future. So it has room for no more than it needs: it
    /// is no `async fn`, which has room for each argument twice, takes the request by pointer, and keeps no outcome while it
    /// waits.
    #[expect(clippy::manual_async_fn, reason = "its future would be larger")]
    pub(crate) fn send<'a>(
        &'a self,
        request: Box<Request>,
        operation: &'static Operation,
    ) -> impl Future<Output = Completed> + 'a {
        async move {
            let (shared, options) = (&*self.shared, &self.options);
            let clock = &*shared.clock;

            // Tracing and observation.
            let span = tracing::span(operation, &request);
            let mut observation = shared.observers.begin(&shared.clock, operation, &request);
            let begun = clock.now();
            let mut state = CallState::new(begun, operation.is_idempotent, options.is_propagating);
            let deadline = options.deadline.begin(begun);
            let limits = retry::Limits { policy: &options.retry, deadline: &deadline };
            let attempts = async {
                if options.attempt_timeout.is_zero() {
                    return Some(Err(Failure::no_time("the attempt timeout is 0 s; nothing was sent".into())));
                }
                if request.body().is_some_and(|body| body.as_bytes().is_none()) {
                    return Some(Err(Failure::streamed_body()));
                }
                loop {
                    // Token. Before the permit, which would be held meanwhile.
                    if !self.credentials.is_fixed()
                        && let Err(failure) = self.token(&mut state).await
                    {
                        return Some(state.take_last_outcome().unwrap_or(Err(failure)));
                    }

                    // Rate limit.
                    if let Some(time) = shared.limiter.throttled_for()
                        && !limits.allow_wait(&state, clock.now(), time)
                    {
                        return Some(state.take_last_outcome().unwrap_or_else(|| Err(Failure::throttled(time))));
                    }
                    rate_limit::acquire(&*shared.limiter, clock, limits.permit_timeout(&state, clock.now())).await;
                    deadline.start(clock.now());
                    // It may have expired since.
                    let token = match self.token(&mut state).await {
                        Ok(token) => token,
                        Err(failure) => return Some(state.take_last_outcome().unwrap_or(Err(failure))),
                    };
                    // A request sent at the deadline would be abandoned at once, with its effect unknown.
                    let now = clock.now();
                    if !limits.allow_attempt(&state, now, Duration::ZERO) {
                        return state.take_last_outcome();
                    }
                    let connections = match shared.connections.of_this_runtime() {
                        Ok(connections) => connections,
                        Err(error) => return Some(Err(Failure::no_connections(&error))),
                    };
                    if !options.cancel.begin_attempt() {
                        return Some(state.take_last_outcome().unwrap_or_else(|| Err(Failure::cancelled())));
                    }

                    // Attempt.
                    state.begin_attempt(now, clock.system_time());
                    if let Some(observation) = &mut observation {
                        observation.begin_attempt(state.attempts);
                    }
                    deadline.begin_attempt(now, options.attempt_timeout);
                    let outcome = self.attempt(connections, &request, &token, now).await;
                    deadline.end_attempt();

                    // Retry. Decided elsewhere, since every call would have room for an outcome here.
                    let delay =
                        match self.after_attempt(outcome, &request, operation, &limits, &mut state, &mut observation) {
                            Next::Return(outcome) => return Some(outcome),
                            Next::ReplaceToken => None,
                            Next::Retry(delay) => Some(delay),
                        };
                    match delay {
                        Some(delay) => clock.sleep(delay).await,
                        None if self.replace_token(&token, &mut state).await => {}
                        None => return state.take_last_outcome(),
                    }
                }
            };

            // Deadline: around all of the above, which runs only now. Pinned here, since each function that took it by value would
            // have room for it twice.
            let ended = {
                let attempts = pin!(attempts.instrument(span.clone()));
                let attempts = pin!(deadline.limit(clock, attempts));
                connections::within_runtimes(attempts).await
            };
            let outcome = match ended {
                Ok(outcome) => outcome.unwrap_or_else(|| deadline.exceeded(&mut state)),
                Err(error) => Err(Failure::outside(&error, state.is_attempt_in_flight)),
            };

            state.end(clock.now());
            tracing::record(&span, &outcome, &state);
            Completed { operation, request, outcome, state, span, observation }
        }
    }

    /// One attempt, over the connections of this runtime.
    fn attempt<'a>(
        &'a self,
        connections: Arc<RuntimeConnections>,
        request: &'a Request,
        token: &HeaderToken,
        now: Instant,
    ) -> impl Future<Output = Outcome> + 'a {
        // The request itself has no such headers, so that a copy of it costs little.
        let mut sent = request.try_clone().expect("the body is not a stream");
        self.options.headers.add_to(sent.headers_mut());
        token.add_to(sent.headers_mut());
        let limits = AttemptLimits { timeout: self.options.attempt_timeout, max_size: self.shared.max_response_size };
        attempt::attempt(connections, sent, request.url(), &*self.shared.clock, now, limits)
    }

    /// Notes how an attempt ended, and decides what follows it. Unless that is the end, the state has its outcome.
    fn after_attempt(
        &self,
        outcome: Outcome,
        request: &Request,
        operation: &Operation,
        limits: &retry::Limits<'_>,
        state: &mut CallState,
        observation: &mut Option<Box<Observation>>,
    ) -> Next {
        let (Shared { clock, limiter, .. }, retry) = (&*self.shared, &self.options.retry);
        if let Ok(response) = &outcome {
            self.shared.deprecations.read(operation.id, &response.headers);
        }
        let outcome = state.end_attempt(request.method(), outcome);
        let mut end_observation = |outcome: &Outcome, state: &CallState, delay| {
            if let Some(observation) = observation {
                observation.end_attempt(ending(outcome, state), delay);
            }
        };

        // Another token, in place of one that the service refuses. Nothing was processed, whatever the operation.
        if outcome.as_ref().is_ok_and(|response| response.status == StatusCode::UNAUTHORIZED) {
            end_observation(&outcome, state, None);
            state.last_outcome = Some(Box::new(outcome));
            return Next::ReplaceToken;
        }

        if !state.class.is_transient() {
            end_observation(&outcome, state, None);
            return Next::Return(outcome);
        }
        let requested = retry::requested_delay(&outcome, &**clock);
        let delay = retry.delay(state.counted_attempts(), requested, &self.shared.jitter);
        if state.class == Class::Throttled {
            tracing::throttled(delay);
            limiter.on_throttled(delay);
        }
        let is_too_long = requested.is_some_and(|requested| !retry.waits_for(requested));
        let is_retried = state.may_retry() && !is_too_long && limits.allow_attempt(state, clock.now(), delay);
        end_observation(&outcome, state, is_retried.then_some(delay));
        if !is_retried {
            return Next::Return(outcome);
        }
        tracing::retrying(&outcome, state.attempts, delay);
        state.last_outcome = Some(Box::new(outcome));
        Next::Retry(delay)
    }

    /// The token for an attempt.
    async fn token(&self, state: &mut CallState) -> Result<Arc<HeaderToken>, Failure> {
        if let Some(token) = self.credentials.ready(&*self.shared.clock) {
            return Ok(token);
        }
        state.is_waiting_for_token = true;
        // Boxed, since it is rare, and every call would have room for it.
        let token = Box::pin(self.credentials.get(&self.shared.clock)).await;
        state.is_waiting_for_token = false;
        token.map_err(|reason| Failure::no_token(&reason))
    }

    /// Whether there is another token in place of this one, which the service has refused; once for each call.
    async fn replace_token(&self, refused: &Arc<HeaderToken>, state: &mut CallState) -> bool {
        if state.has_replaced_token || !Box::pin(self.credentials.replace(refused, &self.shared.clock)).await {
            return false;
        }
        state.has_replaced_token = true;
        tracing::replacing_token(state.attempts);
        true
    }
}

impl Completed {
    /// Reports the end of the call to log and observer; `kind` is that of its error, if it failed.
    pub(crate) fn end(&mut self, kind: Option<ErrorKind>, ids: Ids) {
        let outcome = kind.map_or(CallOutcome::Success, CallOutcome::Failed);
        let ending = Ending { outcome, ..ending(&self.outcome, &self.state) };
        tracing::ended(&self.span, self.operation, ending, &self.state);
        if let Some(mut observation) = self.observation.take() {
            observation.end(ending, ids);
        }
    }
}

/// How an attempt ended, or a call of the raw client.
fn ending<'a>(outcome: &'a Outcome, state: &CallState) -> Ending<'a> {
    match outcome {
        Ok(response) => {
            let (status, code) = (response.status, response.code.as_ref());
            let outcome = if status.is_success() {
                CallOutcome::Success
            } else {
                CallOutcome::Failed(ErrorKind::of_response(status, code))
            };
            // The response was a 404, although the call counts it as a success.
            let status = if state.was_already_deleted { StatusCode::NOT_FOUND } else { status };
            Ending { outcome, status: Some(status), code: code.filter(tracing::has_code_format) }
        }
        Err(failure) => Ending { outcome: CallOutcome::Failed(failure.kind), status: failure.status, code: None },
    }
}

/// The raw client's requests pass the same layers.
impl Transport for Layers {
    fn execute<'a>(
        &'a self,
        _http: &'a reqwest::Client,
        request: Request,
        operation: &'static Operation,
    ) -> ResponseFuture<'a> {
        Box::pin(async move {
            let mut completed = self.send(Box::new(request), operation).await;
            let kind = ending(&completed.outcome, &completed.state).outcome.kind();
            completed.end(kind, Ids::default());
            let Completed { request, outcome, .. } = completed;
            match outcome {
                Ok(response) => Ok(response.into_reqwest(request.url().clone())),
                Err(Failure { source: Some(source), .. }) => Err(bindings::Error::CommunicationError(source)),
                Err(failure) => Err(bindings::Error::Custom(failure.reason)),
            }
        })
    }
}
