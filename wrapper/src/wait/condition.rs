//! The condition of a wait, and whether an observation meets it.

use std::fmt;
use std::sync::Arc;

use super::error::WaitErrorKind;
use super::phase::{Phase, Waitable};
use crate::Error;

/// What a poll observed of a resource.
#[derive(Clone, Debug)]
pub(super) enum Observation<T> {
    /// It exists.
    Found(T),
    /// It does not exist, as the API reports.
    Gone,
    /// Nothing was observed; the next poll may observe it. Holds the error, if there was one.
    Inconclusive(Option<Arc<Error>>),
    /// The poll failed, and another one would fail in the same way.
    Failed(Arc<Error>),
}

/// The condition of a wait.
pub(super) enum Condition<T: Waitable> {
    Status(T::Status),
    Ready,
    /// Not changing, in whatever state.
    AtRest,
    /// What a predicate decides, with its description.
    Matching(&'static str, Predicate<T>),
    Gone,
}

pub(super) type Predicate<T> = Box<dyn FnMut(&T) -> bool + Send>;

/// What an observation means for a wait.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    Met,
    NotYet,
    /// The condition can no longer be met.
    Ended(WaitErrorKind),
}

impl<T: Waitable> Condition<T> {
    pub(super) fn is_gone(&self) -> bool {
        matches!(self, Self::Gone)
    }

    /// Evaluates an observation. `was_deleting` is whether the resource was observed being deleted before.
    pub(super) fn evaluate(&mut self, observation: &Observation<T>, was_deleting: bool) -> Verdict {
        let resource = match observation {
            Observation::Found(resource) => resource,
            Observation::Inconclusive(_) => return Verdict::NotYet,
            Observation::Failed(_) => return Verdict::Ended(WaitErrorKind::PollFailed),
            Observation::Gone if self.is_gone() => return Verdict::Met,
            Observation::Gone => return Verdict::Ended(WaitErrorKind::Gone),
        };
        if let Self::Matching(_, predicate) = self
            && predicate(resource)
        {
            return Verdict::Met;
        }
        match (self, T::phase(resource.status())) {
            (Self::Status(wanted), _) if wanted == resource.status() => Verdict::Met,
            (Self::Ready, Phase::Ready) => Verdict::Met,
            (Self::AtRest, phase) if phase != Phase::InTransition => Verdict::Met,
            // A resource that was in `error` when its deletion was accepted may be observed in `error` once more.
            (Self::Gone, Phase::Failed) if was_deleting => Verdict::Ended(WaitErrorKind::Failed),
            (Self::Gone, _) | (_, Phase::InTransition | Phase::Ready | Phase::AtRest) => Verdict::NotYet,
            (_, Phase::PendingPayment) => Verdict::Ended(WaitErrorKind::PendingPayment),
            (_, Phase::Deleting) => Verdict::Ended(WaitErrorKind::Deleting),
            (_, Phase::Failed) => Verdict::Ended(WaitErrorKind::Failed),
        }
    }
}

impl<T: Waitable> fmt::Display for Condition<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(wanted) => write!(f, "{wanted}"),
            Self::Ready => f.write_str("ready"),
            Self::AtRest => f.write_str("at rest"),
            Self::Matching(description, _) => f.write_str(description),
            Self::Gone => f.write_str("gone"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FloatingIp, FloatingIpStatus as Status};

    fn found(status: &str) -> Observation<FloatingIp> {
        Observation::Found(
            serde_json::from_value(serde_json::json!({
                "id": "a-1", "name": "entry", "description": "", "region": "NORD-NO-KRS-1", "status": status,
                "version": "ipv4", "is_public": true, "created_at": "2025-03-18T16:25:45.883Z",
            }))
            .unwrap(),
        )
    }

    #[test]
    fn every_condition_evaluates_every_status() {
        use Verdict::{Ended, Met, NotYet};
        use WaitErrorKind::{Deleting, Failed, Gone};
        let verdicts = |observation: Observation<FloatingIp>| {
            [Condition::Status(Status::Created), Condition::Ready, Condition::AtRest, Condition::Gone]
                .map(|mut condition| condition.evaluate(&observation, false))
        };
        assert_eq!(verdicts(found("creating")), [NotYet, NotYet, NotYet, NotYet]);
        assert_eq!(verdicts(found("created")), [Met, Met, Met, NotYet]);
        assert_eq!(verdicts(found("deleting")), [Ended(Deleting), Ended(Deleting), Met, NotYet]);
        assert_eq!(verdicts(found("error")), [Ended(Failed), Ended(Failed), Met, NotYet]);
        assert_eq!(verdicts(Observation::Gone), [Ended(Gone), Ended(Gone), Ended(Gone), Met]);
        assert_eq!(verdicts(Observation::Inconclusive(None)), [NotYet, NotYet, NotYet, NotYet]);
        let named = |name| Condition::Matching("a match", Box::new(move |ip: &FloatingIp| ip.name == name));
        let statuses = ["creating", "created", "deleting", "error"];
        assert_eq!(statuses.map(|status| named("entry").evaluate(&found(status), false)), [Met, Met, Met, Met]);
        assert_eq!(
            statuses.map(|status| named("exit").evaluate(&found(status), false)),
            [NotYet, NotYet, Ended(Deleting), Ended(Failed)]
        );
        assert_eq!(named("entry").evaluate(&Observation::Gone, false), Ended(Gone));
        // `error` is no failure where it is the condition, and a deletion that ends in `error` has failed.
        assert_eq!(Condition::Status(Status::Error).evaluate(&found("error"), false), Met);
        assert_eq!(Condition::Gone.evaluate(&found("error"), true), Ended(Failed));
    }
}
