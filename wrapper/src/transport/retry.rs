//! Sending again what failed, and the waits between.

use std::time::Duration;

use futures::future::select;
use http::StatusCode;
use reqwest::Request;

use super::attempt::{Failure, Outcome, attempt};
use super::course::{Course, Fate, is_gone};
use super::pace::YEAR;
use super::retry_after::retry_after;
use super::{Chain, Shared, trace};
use crate::ErrorKind;

/// How far a call has come, for whoever ends it.
pub(super) struct Progress {
    pub(super) course: Course,
    pub(super) is_under_way: bool,
    /// What the last attempt that ended came to.
    pub(super) last: Option<Outcome>,
}

impl Progress {
    pub(super) fn begin(course: Course) -> Self {
        Self { course, is_under_way: false, last: None }
    }
}

impl Chain {
    /// Sends the request until it is answered, or must not or need not be sent again; none when there is no time left.
    pub(super) async fn with_retries(
        &self,
        http: &reqwest::Client,
        request: &Request,
        progress: &mut Progress,
    ) -> Option<Outcome> {
        let clock = &self.shared.clock;
        if self.options.attempt_timeout.is_zero() {
            let reason = "an attempt has no time at all; nothing was sent";
            return Some(Err(Failure::new(ErrorKind::Timeout, reason.into())));
        }
        loop {
            let Some(copy) = request.try_clone() else {
                let reason = "the body can be read only once";
                return Some(Err(Failure::new(ErrorKind::InvalidInput, reason.into())));
            };
            self.turn(&progress.course).await;
            // What was sent at the deadline would be given up at once, and nobody would know what came of it.
            if !self.may_go_on(&progress.course, Duration::ZERO) {
                return progress.last.take();
            }
            if !self.options.gate.pass() {
                let reason = "it was called off before anything was sent";
                let unsent = || Err(Failure::new(ErrorKind::InvalidInput, reason.into()));
                return Some(progress.last.take().unwrap_or_else(unsent));
            }
            progress.course.send(clock.now(), clock.date());
            progress.is_under_way = true;
            let outcome = attempt(http, copy, &**clock, self.options.attempt_timeout).await;
            progress.is_under_way = false;
            if let Ok(answer) = &outcome {
                self.shared.service_time.learn(&answer.headers, clock.date());
            }
            let course = &mut progress.course;
            course.fate = Fate::of(&outcome);
            let outcome = match outcome {
                Ok(answer) if course.is_repeat && is_gone(request.method(), &answer) => {
                    course.was_gone = true;
                    return Some(Ok(answer.into_deleted()));
                }
                outcome => outcome,
            };
            let wait = self.wait_after(&outcome, course);
            if !course.repeatable.after(&outcome, course.fate) || !self.may_go_on(course, wait) {
                return Some(outcome);
            }
            trace::retrying(&outcome, course.attempts, wait);
            progress.last = Some(outcome);
            clock.sleep(wait).await;
        }
    }

    /// Waits for a turn; for a further attempt no longer than until it is too late for it.
    async fn turn(&self, course: &Course) {
        let Shared { clock, limiter, .. } = &*self.shared;
        let turn = limiter.turn();
        let Some((first_sent, _)) = course.first_sent else { return turn.await };
        let left = self.options.retry.total_time().saturating_sub(clock.now().saturating_duration_since(first_sent));
        select(turn, clock.timeout(left.min(YEAR))).await;
    }

    /// How long to wait before this is tried again. Where the service had too many requests, everybody waits.
    fn wait_after(&self, outcome: &Outcome, course: &Course) -> Duration {
        let asked = outcome.as_ref().ok().filter(|answer| !answer.status.is_success());
        let asked = asked.and_then(|answer| retry_after(&answer.headers, self.shared.clock.date()));
        let wait = self.options.retry.wait(course.attempts, asked, &self.shared.jitter);
        if outcome.as_ref().is_ok_and(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS) {
            trace::holding(wait);
            self.shared.limiter.hold(wait);
        }
        wait
    }

    /// Whether there is time left for an attempt after this wait; and attempts, if it is not the first.
    fn may_go_on(&self, course: &Course, wait: Duration) -> bool {
        let policy = &self.options.retry;
        let next_after = |start| self.shared.clock.now().saturating_duration_since(start).saturating_add(wait);
        let may_repeat =
            |(first_sent, _)| course.attempts < policy.attempts() && next_after(first_sent) < policy.total_time();
        next_after(course.began) < self.options.deadline && course.first_sent.is_none_or(may_repeat)
    }
}
