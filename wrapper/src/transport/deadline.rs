//! The time limit of a whole call: waiting for permits, attempts, and the delays between them.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};

use super::attempt::{Failure, Outcome};
use super::call_state::CallState;
use crate::{Clock, ErrorKind};

/// Runs the attempts of a call until the deadline; `None` if it passes before they end.
pub(super) async fn within(
    clock: &dyn Clock,
    deadline: Duration,
    attempts: impl Future<Output = Option<Outcome>>,
) -> Option<Outcome> {
    match select(pin!(attempts), clock.timeout(deadline)).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => None,
    }
}

/// The outcome of a call that has no time left: that of the last attempt, unless another one was in flight.
pub(super) fn exceeded(deadline: Duration, state: &mut CallState) -> Outcome {
    match (state.is_attempt_in_flight, state.last_outcome.take()) {
        (false, Some(last)) => last,
        (false, None) => Err(Failure::no_time(format!(
            "the deadline of {deadline:?} passed while waiting for the rate limiter; nothing was sent"
        ))),
        (true, last) => {
            let before = last.map(|last| format!(", after {}", brief(&last))).unwrap_or_default();
            let attempts = state.attempts;
            let reason = format!("the deadline of {deadline:?} passed during attempt {attempts}{before}");
            Err(Failure::new(ErrorKind::Timeout, reason))
        }
    }
}

fn brief(outcome: &Outcome) -> String {
    match outcome {
        Ok(response) => format!("a {}", response.status.as_u16()),
        Err(failure) => failure.reason.clone(),
    }
}
