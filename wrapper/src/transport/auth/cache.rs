//! The token that a provider has provided last, and the calls of the provider: one at a time, however many calls need it.
//!
//! A call of the provider is a task on the runtime of the call that starts it. All wait for its outcome, and none drives it, so
//! the one that started it can be dropped. Where the task does not get on ([`Liveness`]), because its runtime stands still or has
//! ended, those who wait start another one on theirs.

use std::collections::VecDeque;
use std::error::Error as StdError;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::{Either, select};
use tokio::sync::watch;
use tracing::Instrument;

use super::header::{AuthScheme, HeaderToken};
use super::provider::{AccessToken, TokenProvider};
use crate::Clock;
use crate::config::Token;
use crate::error::{Redactor, printable};
use crate::liveness::Liveness;

/// The longest that a provider is waited for.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How long a token is used at least before the provider is called again, unless the service refuses it.
const MIN_LIFETIME: Duration = Duration::from_secs(1);

/// How many tokens the redactor knows: the present one and those before it, whose errors may still arrive.
pub(super) const MAX_KNOWN: usize = 8;

/// How many calls of the provider a call waits for that end without an outcome, since their runtimes do.
const MAX_LOST: usize = 3;

/// The outcome of a call of the provider: a token, or why there is none.
type Provided = Result<Arc<HeaderToken>, Arc<str>>;

/// The tokens of a provider.
pub(super) struct TokenCache {
    provider: Arc<dyn TokenProvider>,
    scheme: AuthScheme,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// The present one last.
    known: VecDeque<Arc<HeaderToken>>,
    call: Option<ProviderCall>,
    /// The number of the last call of the provider.
    last_number: u64,
}

/// The token that was provided last.
struct Held {
    token: Arc<HeaderToken>,
    /// Whether the service has refused it.
    is_refused: bool,
    /// When the provider is called again.
    due: Option<Instant>,
}

/// A call of the provider in flight.
#[derive(Clone)]
struct ProviderCall {
    number: u64,
    liveness: Arc<Liveness>,
    outcome: watch::Receiver<Option<Provided>>,
}

impl TokenCache {
    pub(super) fn new(provider: Arc<dyn TokenProvider>, scheme: AuthScheme) -> Self {
        Self { provider, scheme, state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token to send, if the provider need not be called for it.
    pub(super) fn ready(&self, now: Instant) -> Option<Arc<HeaderToken>> {
        self.lock().ready(now)
    }

    /// The present token and some before it.
    pub(super) fn known(&self) -> Vec<Token> {
        self.lock().known.iter().map(|known| known.token.clone()).collect()
    }

    /// Has the provider called for the next token, since the service has refused this one; unless it was replaced, or the provider
    /// has provided it again a moment ago.
    pub(super) fn refuse(&self, refused: &Arc<HeaderToken>, now: Instant) {
        let mut state = self.lock();
        if let Some(held) = state.held.as_mut().filter(|held| Arc::ptr_eq(&held.token, refused) && !held.is_refused) {
            (held.is_refused, held.due) = (true, Some(now));
        }
    }

    /// The token to send, after a call of the provider if one is due.
    pub(super) async fn get(self: &Arc<Self>, clock: &Arc<dyn Clock>) -> Provided {
        for _ in 0..MAX_LOST {
            let call = match self.ready_or_call(clock) {
                Ok(token) => return Ok(token),
                Err(call) => call,
            };
            if let Some(outcome) = call.outcome(&**clock).await {
                return outcome;
            }
            let mut state = self.lock();
            state.call.take_if(|lost| lost.number == call.number);
        }
        Err("the runtimes on which it was called do not get on".into())
    }

    /// The token, if none is due; or the call of the provider to wait for, which is started unless it is in flight.
    fn ready_or_call(self: &Arc<Self>, clock: &Arc<dyn Clock>) -> Result<Arc<HeaderToken>, ProviderCall> {
        let now = clock.now();
        let (call, outcome) = {
            let mut state = self.lock();
            if let Some(token) = state.ready(now) {
                return Ok(token);
            }
            if let Some(call) = &state.call {
                return Err(call.clone());
            }
            state.last_number += 1;
            let (sender, outcome) = watch::channel(None);
            let call = ProviderCall { number: state.last_number, liveness: Arc::new(Liveness::new(now)), outcome };
            state.call = Some(call.clone());
            (call, sender)
        };
        let (cache, clock, running) = (Arc::clone(self), Arc::clone(clock), call.clone());
        let task = async move {
            let provided = running.liveness.answering(&*clock, cache.call_provider(&*clock)).await;
            outcome.send_replace(Some(cache.accept(&running, provided, now, clock.now())));
        };
        // The lock must be free by now: a runtime that has ended drops the task at once.
        tokio::spawn(task.in_current_span());
        Err(call)
    }

    async fn call_provider(&self, clock: &dyn Clock) -> Result<AccessToken, String> {
        let call = AssertUnwindSafe(async { self.provider.token().await }).catch_unwind();
        match select(pin!(call), clock.timeout(TIMEOUT)).await {
            Either::Left((Ok(Ok(token)), _)) => Ok(token),
            Either::Left((Ok(Err(error)), _)) => Err(causes(&*error)),
            Either::Left((Err(_), _)) => Err("it panicked".into()),
            Either::Right(_) => Err(format!("it did not respond within {TIMEOUT:?}")),
        }
    }

    /// Takes what the provider has provided, if it was called at `called`. Without a new token, one that the service has not refused
    /// is used for longer: to be refused is no worse than to send nothing.
    fn accept(
        &self,
        call: &ProviderCall,
        provided: Result<AccessToken, String>,
        called: Instant,
        now: Instant,
    ) -> Provided {
        let parsed = provided.and_then(|provided| {
            let token = Token::parse("the token that it provided", provided.expose());
            token.map(|token| (token, provided.lifetime())).map_err(|error| error.message().to_owned())
        });
        let mut state = self.lock();
        let is_late = state.call.take_if(|current| current.number == call.number).is_none();
        match parsed {
            Ok((token, lifetime)) => {
                let lifetime = lifetime.map(|lifetime| lifetime.max(MIN_LIFETIME));
                let due = lifetime.and_then(|lifetime| called.checked_add(lifetime));
                Ok(state.hold(token, self.scheme, due, now, is_late))
            }
            Err(reason) => {
                let known = state.known.iter().map(|known| known.token.expose());
                let reason = printable(&Redactor::new(known).text(&reason));
                match state.held.as_mut().filter(|held| !held.is_refused) {
                    Some(held) => {
                        held.due = now.checked_add(MIN_LIFETIME);
                        tracing::warn!(reason, "the token provider failed; the token from before is used");
                        Ok(Arc::clone(&held.token))
                    }
                    None => Err(reason.into()),
                }
            }
        }
    }
}

impl State {
    fn ready(&self, now: Instant) -> Option<Arc<HeaderToken>> {
        let held = self.held.as_ref().filter(|held| held.due.is_none_or(|due| due > now));
        held.map(|held| Arc::clone(&held.token))
    }

    /// Holds a token from now on; or only notes it, if another call of the provider has taken over from the one that provided it.
    fn hold(
        &mut self,
        token: Token,
        scheme: AuthScheme,
        due: Option<Instant>,
        now: Instant,
        is_late: bool,
    ) -> Arc<HeaderToken> {
        if let Some(held) = self.held.as_mut().filter(|held| held.token.token.expose() == token.expose()) {
            // It may be accepted again, which is not tried more than once a second.
            held.due = if held.is_refused { now.checked_add(MIN_LIFETIME) } else { due };
            return Arc::clone(&held.token);
        }
        let token = Arc::new(HeaderToken::new(token, scheme));
        self.known.push_back(Arc::clone(&token));
        if self.known.len() > MAX_KNOWN {
            self.known.pop_front();
        }
        if !is_late {
            self.held = Some(Held { token: Arc::clone(&token), is_refused: false, due });
        }
        token
    }
}

impl ProviderCall {
    /// Waits for its outcome; `None` if its task does not get on or has ended without one.
    async fn outcome(&self, clock: &dyn Clock) -> Option<Provided> {
        let mut outcome = self.outcome.clone();
        loop {
            if let Some(provided) = outcome.borrow_and_update().clone() {
                return Some(provided);
            }
            let now = clock.now();
            let check = self.liveness.check(now)?;
            let timer = clock.timeout(check.saturating_duration_since(now));
            match select(pin!(outcome.changed()), timer).await {
                Either::Left((Err(_), _)) => return None,
                Either::Left((Ok(()), _)) | Either::Right(_) => {}
            }
        }
    }
}

/// An error with its causes.
fn causes(error: &(dyn StdError + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").finish_non_exhaustive()
    }
}
