//! Whether a task gets on. A task whose runtime stands still does not, and neither ends nor fails.
//!
//! Those who depend on a task ask it now and then, and it answers when it is polled. They do so only while it takes long, and a
//! slow response does not keep it from answering.

use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::future::{Either, select};
use tokio::sync::Notify;

use crate::Clock;

/// A task that has not answered, or not even started, after this time does not get on.
pub(crate) const ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// What is known of one task.
#[derive(Debug)]
pub(crate) struct Liveness {
    state: Mutex<State>,
    question: Notify,
}

#[derive(Debug)]
struct State {
    answered: Instant,
    /// Since when a question has no answer.
    asked: Option<Instant>,
}

impl Liveness {
    pub(crate) fn new(now: Instant) -> Self {
        Self { state: Mutex::new(State { answered: now, asked: None }), question: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does the work of the task, and answers meanwhile.
    pub(crate) async fn answering<T>(&self, clock: &dyn Clock, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            match select(&mut work, pin!(self.question.notified())).await {
                Either::Left((output, _)) => return output,
                Either::Right(_) => *self.state() = State { answered: clock.now(), asked: None },
            }
        }
    }

    /// Asks the task if it has not answered for a while. Returns when to check again; `None` if the task does not get on.
    pub(crate) fn check(&self, now: Instant) -> Option<Instant> {
        let mut state = self.state();
        let since = match state.asked {
            Some(asked) if asked + ANSWERS_WITHIN <= now => return None,
            Some(asked) => asked,
            None if state.answered + ANSWERS_WITHIN <= now => {
                state.asked = Some(now);
                self.question.notify_one();
                now
            }
            None => state.answered,
        };
        Some(since + ANSWERS_WITHIN)
    }

    /// Whether the task has not answered in time.
    pub(crate) fn is_stalled(&self, now: Instant) -> bool {
        self.state().asked.is_some_and(|asked| asked + ANSWERS_WITHIN <= now)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::SystemClock;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_is_polled_answers_and_one_that_is_not_is_stalled() {
        let (start, at) = (SystemClock.now(), |seconds| SystemClock.now() + Duration::from_secs(seconds));
        let liveness = Liveness::new(start);
        assert_eq!(liveness.check(start), Some(at(1)));
        let mut task = pin!(liveness.answering(&SystemClock, std::future::pending::<()>()));
        assert!((&mut task).now_or_never().is_none());
        // Asked, and not polled.
        assert_eq!(
            (liveness.check(at(1)), liveness.check(at(2)), liveness.is_stalled(at(2))),
            (Some(at(2)), None, true)
        );
        assert!((&mut task).now_or_never().is_none());
        assert_eq!((liveness.check(start), liveness.is_stalled(at(2))), (Some(at(1)), false));
        assert_eq!(liveness.answering(&SystemClock, std::future::ready(7)).await, 7);
    }
}
