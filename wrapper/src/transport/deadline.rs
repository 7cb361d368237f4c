//! The time limit of a whole call: waiting for permits, attempts, and the delays between them.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use super::attempt::{Failure, Outcome};
use super::call_state::CallState;
use crate::{Clock, ErrorKind, Sleep};

/// The time limit of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadline {
    limit: Duration,
    /// Whether the wait for the first permit counts.
    counts_queue: bool,
}

impl Deadline {
    /// Without the wait for the first permit: however many calls begin at once, the last of them has as much time as the first.
    pub(crate) const DEFAULT: Self = Self { limit: Duration::from_secs(300), counts_queue: false };

    /// A limit that is set counts everything, from when the call is first polled.
    pub(crate) fn set(limit: Duration) -> Self {
        Self { limit, counts_queue: true }
    }

    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// Begins with a call that is first polled now.
    pub(super) fn begin(self, now: Instant) -> RunningDeadline {
        let started = if self.counts_queue { OnceLock::from(now) } else { OnceLock::new() };
        RunningDeadline { limit: self.limit, started, is_covered: AtomicBool::new(false) }
    }
}

/// The deadline of one call.
#[derive(Debug)]
pub(super) struct RunningDeadline {
    limit: Duration,
    started: OnceLock<Instant>,
    /// Whether an attempt is in flight whose own time limit ends sooner, so that a second timer would never be the first.
    is_covered: AtomicBool,
}

impl RunningDeadline {
    /// Counts from now on at the latest.
    pub(super) fn start(&self, now: Instant) {
        self.started.get_or_init(|| now);
    }

    /// Notes that an attempt begins, with a time limit of its own.
    pub(super) fn begin_attempt(&self, now: Instant, timeout: Duration) {
        self.is_covered.store(self.allows(now, timeout), Ordering::Relaxed);
    }

    /// Notes that the attempt has ended.
    pub(super) fn end_attempt(&self) {
        self.is_covered.store(false, Ordering::Relaxed);
    }

    /// Whether there is time left after this delay.
    pub(super) fn allows(&self, now: Instant, delay: Duration) -> bool {
        let passed = self.started.get().map_or(Duration::ZERO, |started| now.saturating_duration_since(*started));
        passed.saturating_add(delay) < self.limit
    }

    /// Runs the attempts of a call until the deadline; `None` if it passes before they end.
    pub(super) fn limit<'a>(
        &'a self,
        clock: &'a dyn Clock,
        mut attempts: impl Future<Output = Option<Outcome>> + Unpin + 'a,
    ) -> impl Future<Output = Option<Outcome>> + 'a {
        let mut timeout: Option<Sleep> = None;
        poll_fn(move |context| {
            if let Poll::Ready(outcome) = Pin::new(&mut attempts).poll(context) {
                return Poll::Ready(outcome);
            }
            let Some(started) = self.started.get().filter(|_| !self.is_covered.load(Ordering::Relaxed)) else {
                return Poll::Pending;
            };
            let time_left = || self.limit.saturating_sub(clock.now().saturating_duration_since(*started));
            let timeout = timeout.get_or_insert_with(|| clock.timeout(time_left()));
            timeout.as_mut().poll(context).map(|()| None)
        })
    }

    /// The outcome of a call that has no time left: that of the last attempt, unless another one was in flight.
    pub(super) fn exceeded(&self, state: &mut CallState) -> Outcome {
        let limit = self.limit;
        match (state.is_attempt_in_flight, state.take_last_outcome()) {
            (false, Some(last)) => last,
            (false, None) if state.is_waiting_for_token => Err(Failure::no_time(format!(
                "the deadline of {limit:?} passed while waiting for the token provider; nothing was sent"
            ))),
            (false, None) => Err(Failure::no_time(format!(
                "the deadline of {limit:?}, which counts waits for permits, passed while waiting for the rate limiter; nothing \
                 was sent"
            ))),
            (true, last) => {
                let before = last.map(|last| format!(", after {}", brief(&last))).unwrap_or_default();
                let attempts = state.attempts;
                let reason = format!("the deadline of {limit:?} passed during attempt {attempts}{before}");
                Err(Failure::new(ErrorKind::Timeout, reason))
            }
        }
    }
}

fn brief(outcome: &Outcome) -> String {
    match outcome {
        Ok(response) => format!("a {}", response.status.as_u16()),
        Err(failure) => failure.reason.clone(),
    }
}
