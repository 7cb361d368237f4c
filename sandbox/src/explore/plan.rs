//! Which schedules are tried: every fault at every request, then pairs of them.

use std::time::Duration;

use super::schedule::{Injection, Schedule};
use crate::faults::{Fault, IntermediaryPage};
use crate::recorded_requests::RecordedRequest;

/// A schedule to try.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) schedule: Schedule,
    /// The number of the request at which its last step happens, counted from 0 over all operations.
    pub(super) last_request: usize,
}

/// A request that can get a fault.
#[derive(Clone)]
pub(super) struct Target {
    operation: String,
    /// Counted from 0 among the requests for the operation.
    number: u32,
    is_read: bool,
}

/// What can happen to each request.
pub(super) struct Menu {
    /// `None` for the default ones.
    pub(super) faults: Option<Vec<Fault>>,
    pub(super) with_kills: bool,
}

/// Returns the requests of a run, in the order of their arrival.
pub(super) fn targets(requests: &[RecordedRequest]) -> Vec<Target> {
    let operation = |request: &RecordedRequest| request.operation.clone().unwrap_or_default();
    let target = |(index, request): (usize, &RecordedRequest)| {
        let operation = operation(request);
        let number =
            requests[..index].iter().filter(|earlier| earlier.operation.as_deref() == Some(&operation)).count();
        Target { operation, number: u32::try_from(number).unwrap_or(u32::MAX), is_read: request.method == "GET" }
    };
    requests.iter().enumerate().map(target).collect()
}

impl Menu {
    /// Returns the schedules that add one step to this one, at the request with this number or a later one.
    pub(super) fn extensions(&self, schedule: &Schedule, targets: &[Target], from: usize) -> Vec<Candidate> {
        let later = targets.iter().enumerate().skip(from);
        let candidates = later.flat_map(|(request, target)| {
            self.injections(target).into_iter().map(move |injection| Candidate {
                schedule: schedule.clone().with(&target.operation, target.number, injection),
                last_request: request,
            })
        });
        candidates.collect()
    }

    /// Returns one of these schedules.
    pub(super) fn random_extension(
        &self,
        rng: &mut fastrand::Rng,
        schedule: &Schedule,
        targets: &[Target],
        from: usize,
    ) -> Option<Candidate> {
        let request = rng.choice(from..targets.len())?;
        let injection = rng.choice(self.injections(&targets[request]))?;
        let schedule = schedule.clone().with(&targets[request].operation, targets[request].number, injection);
        Some(Candidate { schedule, last_request: request })
    }

    fn injections(&self, target: &Target) -> Vec<Injection> {
        // A request outside of the document gets none.
        if target.operation.is_empty() {
            return vec![];
        }
        let faults = self.faults.clone().unwrap_or_else(|| default_faults(target));
        let faults = faults.into_iter().filter(|fault| fault.applies_to(&target.operation)).map(Injection::Fault);
        let kills = [Injection::KillBefore, Injection::KillAfter].into_iter().filter(|_| self.with_kills);
        faults.chain(kills).collect()
    }
}

/// Longer than an attempt may take.
const TOO_LATE: Duration = Duration::from_secs(120);

/// How long a replica of the service may lag behind.
const LAG: Duration = Duration::from_secs(5);

/// What happens to requests in practice: what a program receives when the request was processed and when it was not. For a read
/// the two are the same.
fn default_faults(target: &Target) -> Vec<Fault> {
    let mut faults = vec![
        Fault::status(503),
        Fault::status(429).retry_after("2"),
        Fault::intermediary(IntermediaryPage::Login200),
        Fault::intermediary(IntermediaryPage::Proxy404Html),
        Fault::ResetBeforeRequest,
        Fault::CutBody,
        Fault::Delay(TOO_LATE),
    ];
    if !target.is_read {
        faults.extend([
            Fault::status(502).html().processed(),
            Fault::status(503).processed(),
            Fault::ResetAfterProcessing,
            Fault::StaleReads(LAG),
            Fault::EndsInError,
        ]);
    }
    match target.operation.as_str() {
        "CreateInstance" => faults.push(Fault::error_code("02036")),
        "DeleteInstance" => faults.push(Fault::error_code("02013")),
        _ => {}
    }
    faults
}
