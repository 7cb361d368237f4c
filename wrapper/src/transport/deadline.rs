//! The time of a whole call: its turns, its attempts, and the waits between them.

use futures::future::{Either, select};
use reqwest::Request;

use super::Chain;
use super::attempt::{Failure, Outcome};
use super::course::{Course, Repeatable};
use super::retry::Progress;
use crate::ErrorKind;

impl Chain {
    /// Makes the attempts, for no longer than the deadline allows.
    pub(super) async fn within_deadline(
        &self,
        http: &reqwest::Client,
        request: &Request,
        repeatable: Repeatable,
    ) -> (Outcome, Course) {
        let clock = &self.shared.clock;
        let mut progress = Progress::begin(Course::begin(clock.now(), repeatable));
        let outcome = {
            let attempts = std::pin::pin!(self.with_retries(http, request, &mut progress));
            match select(attempts, clock.timeout(self.options.deadline)).await {
                Either::Left((outcome, _)) => outcome,
                Either::Right(_) => None,
            }
        };
        let outcome = outcome.unwrap_or_else(|| self.out_of_time(&mut progress));
        progress.course.elapsed = clock.now().saturating_duration_since(progress.course.began);
        (outcome, progress.course)
    }

    /// What a call has come to that has no time left: what the last attempt gave, if none is under way.
    fn out_of_time(&self, progress: &mut Progress) -> Outcome {
        let deadline = self.options.deadline;
        match (progress.is_under_way, progress.last.take()) {
            (false, Some(last)) => last,
            (false, None) => Err(Failure::new(
                ErrorKind::Timeout,
                format!("the deadline of {deadline:?} passed while it waited for its turn; nothing was sent"),
            )),
            (true, last) => {
                let before = last.map(|last| format!(", after {}", brief(&last))).unwrap_or_default();
                let attempts = progress.course.attempts;
                let reason = format!("the deadline of {deadline:?} passed during attempt {attempts}{before}");
                Err(Failure::new(ErrorKind::Timeout, reason))
            }
        }
    }
}

fn brief(outcome: &Outcome) -> String {
    match outcome {
        Ok(answer) => format!("a {}", answer.status.as_u16()),
        Err(failure) => failure.reason.clone(),
    }
}
