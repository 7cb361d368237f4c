//! What is waited for, and what a look at it means.

use std::fmt;
use std::sync::Arc;

use super::awaited::{Awaited, Stage};
use super::error::WaitErrorKind;
use crate::Error;

/// What was seen of a resource.
#[derive(Clone, Debug)]
pub(super) enum Sight<T> {
    /// It is there.
    There(T),
    /// It is not, as the API says.
    Gone,
    /// Nothing, this time; the next look may tell. With the trouble there was, if any.
    Nothing(Option<Arc<Error>>),
    /// No look will tell.
    Refused(Arc<Error>),
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Goal<S> {
    Status(S),
    Ready,
    /// At rest, in whatever state.
    Settled,
    Gone,
}

/// What a look at it means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    Reached,
    Wait,
    Ended(WaitErrorKind),
}

impl<S: fmt::Display + PartialEq> Goal<S> {
    /// `was_going` says whether it was seen being deleted before.
    pub(super) fn judge<T: Awaited<Status = S>>(&self, sight: &Sight<T>, was_going: bool) -> Verdict {
        let seen = match sight {
            Sight::There(seen) => seen.status(),
            Sight::Nothing(_) => return Verdict::Wait,
            Sight::Refused(_) => return Verdict::Ended(WaitErrorKind::Refused),
            Sight::Gone if *self == Self::Gone => return Verdict::Reached,
            Sight::Gone => return Verdict::Ended(WaitErrorKind::Gone),
        };
        match (self, T::stage(seen)) {
            (Self::Status(wanted), _) if wanted == seen => Verdict::Reached,
            (Self::Ready, Stage::Ready) => Verdict::Reached,
            (Self::Settled, stage) if stage != Stage::UnderWay => Verdict::Reached,
            // One that was in `error` when it was deleted may be seen so once more.
            (Self::Gone, Stage::Failed) if was_going => Verdict::Ended(WaitErrorKind::Failed),
            (Self::Gone, _) | (_, Stage::UnderWay | Stage::Ready | Stage::Resting) => Verdict::Wait,
            (_, Stage::PendingPayment) => Verdict::Ended(WaitErrorKind::PendingPayment),
            (_, Stage::Going) => Verdict::Ended(WaitErrorKind::Deleting),
            (_, Stage::Failed) => Verdict::Ended(WaitErrorKind::Failed),
        }
    }
}

impl<S: fmt::Display> fmt::Display for Goal<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(wanted) => write!(f, "{wanted}"),
            Self::Ready => f.write_str("ready"),
            Self::Settled => f.write_str("at rest"),
            Self::Gone => f.write_str("gone"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FloatingIp, FloatingIpStatus as Status};

    fn there(status: &str) -> Sight<FloatingIp> {
        Sight::There(
            serde_json::from_value(serde_json::json!({
                "id": "a-1", "name": "entry", "description": "", "region": "NORD-NO-KRS-1", "status": status,
                "version": "ipv4", "is_public": true, "created_at": "2025-03-18T16:25:45.883Z",
            }))
            .unwrap(),
        )
    }

    #[test]
    fn every_goal_is_judged_by_every_status() {
        use Verdict::{Ended, Reached, Wait};
        use WaitErrorKind::{Deleting, Failed, Gone};
        let created = Goal::Status(Status::Created);
        let verdicts = |sight: Sight<FloatingIp>| {
            [&created, &Goal::Ready, &Goal::Settled, &Goal::Gone].map(|goal| goal.judge(&sight, false))
        };
        assert_eq!(verdicts(there("creating")), [Wait, Wait, Wait, Wait]);
        assert_eq!(verdicts(there("created")), [Reached, Reached, Reached, Wait]);
        assert_eq!(verdicts(there("deleting")), [Ended(Deleting), Ended(Deleting), Reached, Wait]);
        assert_eq!(verdicts(there("error")), [Ended(Failed), Ended(Failed), Reached, Wait]);
        assert_eq!(verdicts(Sight::Gone), [Ended(Gone), Ended(Gone), Ended(Gone), Reached]);
        assert_eq!(verdicts(Sight::Nothing(None)), [Wait, Wait, Wait, Wait]);
        // What is wanted is no failure, and what fails to go has failed.
        assert_eq!(Goal::Status(Status::Error).judge(&there("error"), false), Reached);
        assert_eq!(Goal::Gone.judge(&there("error"), true), Ended(Failed));
    }
}
