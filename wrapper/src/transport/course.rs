//! How a call goes: what has become of its requests, which may be sent again, and what nobody knows.

use std::time::{Duration, Instant, SystemTime};

use http::{Method, StatusCode};

use super::attempt::{Answer, Outcome};
use crate::{Error, ErrorCode, ErrorKind, refusal};

/// Whether the service did what a request asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The request was not processed: it was never sent whole, or answered 429.
    NotProcessed,
    /// Nobody knows: no whole answer came, or one from a server or gateway in trouble.
    Unknown,
    /// The answer tells.
    Answered,
}

impl Fate {
    pub(crate) fn of(outcome: &Outcome) -> Self {
        match outcome {
            Ok(answer) => Self::of_status(answer.status),
            Err(failure) => match failure.kind {
                ErrorKind::Connect | ErrorKind::InvalidInput => Self::NotProcessed,
                _ => Self::Unknown,
            },
        }
    }

    fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            429 => Self::NotProcessed,
            408 | 500..=599 => Self::Unknown,
            _ => Self::Answered,
        }
    }
}

/// Whether sending a request twice leaves the same as sending it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeatable(pub(crate) bool);

/// The operations that change a resource to what the request says, whatever it was. All of them set fields; attaching and
/// detaching is documented to change nothing the second time.
const SETS: [&str; 7] = [
    "update_filesystem",
    "update_floating_ip",
    "update_instance",
    "update_security_group",
    "update_snapshot",
    "update_ssh_key",
    "update_volume",
];

impl Repeatable {
    pub(crate) fn of(method: &Method, operation: &str) -> Self {
        Self(match *method {
            Method::GET | Method::DELETE => true,
            Method::PATCH => SETS.contains(&operation),
            _ => false,
        })
    }

    /// Whether to send again what came to this.
    pub(crate) fn after(self, outcome: &Outcome, fate: Fate) -> bool {
        let is_safe = match fate {
            Fate::NotProcessed => true,
            // The refusal that broke off may be of what an earlier attempt did.
            Fate::Unknown | Fate::Answered => self.0,
        };
        is_safe && is_passing(outcome)
    }
}

/// Whether it may well be otherwise the next time.
fn is_passing(outcome: &Outcome) -> bool {
    match outcome {
        Ok(answer) => answer.is_cut || matches!(answer.status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504),
        Err(failure) => !failure.is_lasting,
    }
}

/// Whether an answer to a repeated DELETE says that an earlier one was processed: a 404 of the API, and not of whatever
/// stands in for it while it is away.
pub(crate) fn is_gone(method: &Method, answer: &Answer) -> bool {
    let says_so = || Error::answer(answer.status, refusal::code(&answer.body), String::new()).is_surely_not_found();
    *method == Method::DELETE && says_so()
}

/// How a call went.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    pub(crate) began: Instant,
    pub(crate) repeatable: Repeatable,
    /// When the first request was sent, if one was.
    pub(crate) first_sent: Option<(Instant, SystemTime)>,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
    /// Of the last attempt; of one that is under way, nobody knows.
    pub(crate) fate: Fate,
    /// Whether an attempt before the last may have been processed.
    pub(crate) is_repeat: bool,
    /// Whether a 404 was taken for the success of a repeated DELETE.
    pub(crate) was_gone: bool,
}

impl Course {
    pub(crate) fn begin(now: Instant, repeatable: Repeatable) -> Self {
        Self {
            began: now,
            repeatable,
            first_sent: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            fate: Fate::NotProcessed,
            is_repeat: false,
            was_gone: false,
        }
    }

    /// A request is about to be sent.
    pub(crate) fn send(&mut self, now: Instant, date: SystemTime) {
        self.is_repeat |= self.fate == Fate::Unknown;
        self.first_sent.get_or_insert((now, date));
        self.attempts += 1;
        self.fate = Fate::Unknown;
    }

    /// Whether nothing of what was sent can have been processed.
    pub(crate) fn is_unprocessed(&self) -> bool {
        self.fate == Fate::NotProcessed && !self.is_repeat
    }

    /// Whether a call that came to this error may have been done, and sending it again could do it twice, or would tell
    /// nothing.
    pub(crate) fn is_ambiguous(&self, method: &Method, error: &Error) -> bool {
        let is_refused = error.code().is_some_and(|code| !matches!(code, ErrorCode::Unknown(_)));
        if *method == Method::GET {
            return false;
        }
        if !self.repeatable.0 {
            return error.kind() == ErrorKind::Decode || (self.fate == Fate::Unknown && !is_refused);
        }
        // A refusal of what was sent again says nothing about the one before, unless there is nothing left to be done to.
        let is_gone = error.is_surely_not_found();
        self.is_repeat && self.fate == Fate::Answered && error.kind() != ErrorKind::Decode && !is_gone
    }
}

#[cfg(test)]
mod tests {
    use genesiscloud_bindings::OPERATIONS;

    use super::*;
    use crate::transport::attempt::Failure;

    #[test]
    fn every_patch_of_the_document_is_known_to_be_a_set() {
        let patches = OPERATIONS.iter().filter(|operation| operation.method == "PATCH");
        let mut ids: Vec<_> = patches.map(|operation| operation.id).collect();
        let mut known: Vec<_> =
            SETS.iter().map(|name| genesiscloud_bindings::Operation::of(name).unwrap().id).collect();
        ids.sort_unstable();
        known.sort_unstable();
        assert_eq!(ids, known, "a new PATCH must be looked at before it is repeated");
    }

    #[test]
    fn reads_deletes_and_sets_are_repeated_and_nothing_else() {
        let repeatable = |method, operation| Repeatable::of(&method, operation).0;
        assert!(repeatable(Method::GET, "get_volume") && repeatable(Method::DELETE, "delete_volume"));
        assert!(repeatable(Method::PATCH, "update_volume") && !repeatable(Method::PATCH, "increment_volume"));
        assert!(!repeatable(Method::POST, "create_volume") && !repeatable(Method::PUT, "update_volume"));
    }

    fn outcome(status: u16) -> Outcome {
        Ok(Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: http::HeaderMap::new(),
            url: "http://127.0.0.1/".parse().unwrap(),
            body: bytes::Bytes::new(),
            is_cut: false,
        })
    }

    #[test]
    fn statuses_tell_the_fate_of_a_request_and_whether_it_is_sent_again() {
        let fated = |fate| (200..600).filter(|status| Fate::of(&outcome(*status)) == fate).collect::<Vec<_>>();
        assert_eq!(fated(Fate::NotProcessed), [429]);
        assert_eq!(fated(Fate::Unknown), [[408].as_slice(), &(500..600).collect::<Vec<_>>()].concat());
        let again = |repeatable| {
            let after = |outcome: &Outcome| Repeatable(repeatable).after(outcome, Fate::of(outcome));
            (200..600).filter(|status| after(&outcome(*status))).collect::<Vec<_>>()
        };
        assert_eq!(again(true), [408, 429, 500, 502, 503, 504]);
        assert_eq!(again(false), [429]);
    }

    #[test]
    fn a_refusal_that_breaks_off_is_asked_for_again_where_that_is_safe() {
        let cut = outcome(404).map(|answer| Answer { is_cut: true, ..answer });
        assert!(Repeatable(true).after(&cut, Fate::of(&cut)) && !Repeatable(false).after(&cut, Fate::of(&cut)));
    }

    #[test]
    fn failures_tell_the_fate_of_a_request_and_whether_it_is_sent_again() {
        for (kind, fate, again) in [
            (ErrorKind::Connect, Fate::NotProcessed, (true, true)),
            (ErrorKind::Timeout, Fate::Unknown, (false, true)),
            (ErrorKind::Interrupted, Fate::Unknown, (false, true)),
            (ErrorKind::Decode, Fate::Unknown, (false, true)),
        ] {
            let outcome = Err(Failure::new(kind, String::new()));
            let found = Fate::of(&outcome);
            let after = |repeatable| Repeatable(repeatable).after(&outcome, found);
            assert_eq!((found, (after(false), after(true))), (fate, again), "{kind:?}");
            let lasting = Err(Failure { is_lasting: true, ..Failure::new(kind, String::new()) });
            assert!(!Repeatable(true).after(&lasting, found), "{kind:?}");
        }
    }

    /// Every method, with what came of the attempts before the last, the last, and the error it gave.
    #[test]
    fn what_nobody_knows_is_told_and_nothing_else() {
        let answered = |status: u16, code: &str| {
            let code = Some(code).filter(|code| !code.is_empty()).map(ErrorCode::from);
            Error::answer(StatusCode::from_u16(status).unwrap(), code, "m".into())
        };
        let without = |kind| Error::new(kind, "m");
        for (fate, error, post, first_delete, repeated_delete) in [
            (Fate::NotProcessed, answered(429, ""), false, false, false),
            (Fate::NotProcessed, without(ErrorKind::Connect), false, false, false),
            (Fate::NotProcessed, without(ErrorKind::Timeout), false, false, false),
            (Fate::Unknown, without(ErrorKind::Timeout), true, false, false),
            (Fate::Unknown, without(ErrorKind::Interrupted), true, false, false),
            (Fate::Unknown, answered(408, ""), true, false, false),
            (Fate::Unknown, answered(500, ""), true, false, false),
            (Fate::Unknown, answered(503, "01204"), true, false, false),
            (Fate::Unknown, answered(503, "02036"), false, false, false),
            (Fate::Answered, without(ErrorKind::Decode), true, false, false),
            (Fate::Answered, answered(400, "02003"), false, false, true),
            (Fate::Answered, answered(401, ""), false, false, true),
            (Fate::Answered, answered(404, "02021"), false, false, false),
            (Fate::Answered, answered(404, ""), false, false, true),
            (Fate::Answered, answered(404, "02001"), false, false, true),
            (Fate::Answered, answered(409, "02022"), false, false, true),
        ] {
            let course = |method: &Method, is_repeat| {
                let begun = Course::begin(Instant::now(), Repeatable::of(method, "update_volume"));
                Course { fate, is_repeat, ..begun }
            };
            for is_repeat in [false, true] {
                assert!(!course(&Method::GET, is_repeat).is_ambiguous(&Method::GET, &error), "{error}");
            }
            assert_eq!(course(&Method::POST, false).is_ambiguous(&Method::POST, &error), post, "{error}");
            for method in [Method::DELETE, Method::PATCH] {
                assert_eq!(course(&method, false).is_ambiguous(&method, &error), first_delete, "{error}");
                assert_eq!(course(&method, true).is_ambiguous(&method, &error), repeated_delete, "{error}");
            }
        }
    }
}
