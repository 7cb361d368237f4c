//! Fault injection: which fault a request gets.

mod date_header;
mod error;
mod fault;
mod intermediary;
mod mutation;
mod page_quirks;
mod script;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use date_header::DateHeader;
pub use error::FaultError;
pub(crate) use fault::FaultBody;
pub use fault::{Fault, FaultResponse};
pub(crate) use intermediary::PageForm;
pub use intermediary::{Intermediary, IntermediaryPage};
pub(crate) use mutation::mutate_response;
pub use page_quirks::{PageEcho, PageQuirks, TotalCount};
pub use script::{FaultRule, FaultScript, RandomFaults};

/// A handle to the faults that a sandbox injects. Returned by [`Sandbox::faults`](crate::Sandbox::faults).
///
/// A request gets at most one fault: that of the first matching rule, in the order they were added, else a random one.
/// A request that is rejected for its token or by the rate limit gets no fault, and rules do not count it.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    rules: Vec<FaultRule>,
    random: Option<(RandomFaults, fastrand::Rng)>,
}

impl Faults {
    /// Adds a rule.
    ///
    /// # Errors
    /// Returns an error if the document has no such operation, or if the fault is invalid or cannot affect the
    /// operation.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// use genesiscloud_sandbox::{Fault, FaultRule};
    ///
    /// sandbox.faults().add(FaultRule::new("GetVolume", Fault::status(503)).times(2)).unwrap();
    /// # }
    /// ```
    pub fn add(&self, rule: FaultRule) -> Result<(), FaultError> {
        rule.check()?;
        self.state().rules.push(rule);
        Ok(())
    }

    /// Sets the random faults, and replaces those set before.
    ///
    /// # Errors
    /// Returns an error if the document has no such operation, there are no faults to choose from, a fault is invalid,
    /// or the share is not between 0 and 1.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// use genesiscloud_sandbox::{Fault, RandomFaults};
    ///
    /// sandbox.faults().set_random(RandomFaults::new(7, 0.2, [Fault::ResetInBody])).unwrap();
    /// # }
    /// ```
    pub fn set_random(&self, random: RandomFaults) -> Result<(), FaultError> {
        random.check()?;
        let rng = random.rng();
        self.state().random = Some((random, rng));
        Ok(())
    }

    /// Adds the rules of a script and sets its random faults, if it has any.
    ///
    /// # Errors
    /// Returns the errors of [`add`](Self::add) and [`set_random`](Self::set_random). If there is one, nothing changes.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox, script: genesiscloud_sandbox::FaultScript) {
    /// sandbox.faults().add_script(script).unwrap();
    /// # }
    /// ```
    pub fn add_script(&self, script: FaultScript) -> Result<(), FaultError> {
        script.check()?;
        script.random.map_or(Ok(()), |random| self.set_random(random))?;
        self.state().rules.extend(script.rules);
        Ok(())
    }

    /// Removes all rules and random faults.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// sandbox.faults().clear();
    /// # }
    /// ```
    pub fn clear(&self) {
        *self.state() = State::default();
    }

    /// Returns how many rules still have injections left. This is 0 when a script is used up. Rules that apply
    /// [`always`](FaultRule::always) do not count.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// assert_eq!(sandbox.faults().remaining_rules(), 0);
    /// # }
    /// ```
    pub fn remaining_rules(&self) -> usize {
        self.state().rules.iter().filter(|rule| rule.has_injections_left()).count()
    }

    /// Returns whether a rule, counted from 0 in the order they were added, has injected all its faults.
    #[cfg(feature = "explore")]
    pub(crate) fn is_used_up(&self, rule: usize) -> bool {
        self.state().rules.get(rule).is_some_and(|rule| rule.times == Some(0))
    }

    /// Chooses the fault for the next request for this operation, and counts the request.
    pub(crate) fn next_fault(&self, operation: &str) -> Option<Fault> {
        let mut state = self.state();
        if let Some(fault) = state.rules.iter_mut().find_map(|rule| rule.apply(operation)) {
            return Some(fault);
        }
        let (random, rng) = state.random.as_mut()?;
        random.choose(rng, operation)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").field("rules", &self.state().rules).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn injections(faults: &Faults, operation: &str, requests: usize) -> Vec<bool> {
        (0..requests).map(|_| faults.next_fault(operation).is_some()).collect()
    }

    #[test]
    fn a_rule_skips_requests_and_then_applies_a_number_of_times() {
        let faults = Faults::default();
        faults.add(FaultRule::new("GetVolume", Fault::ResetInBody).skip(1).times(2)).unwrap();
        assert_eq!(injections(&faults, "GetInstance", 2), [false, false]);
        assert_eq!(injections(&faults, "GetVolume", 3), [false, true, true]);
        assert_eq!(faults.remaining_rules(), 0);
        assert_eq!(injections(&faults, "GetVolume", 1), [false]);
        faults.add(FaultRule::new("*", Fault::ResetInBody).always()).unwrap();
        assert_eq!(injections(&faults, "ListImagesPaginated", 3), [true; 3]);
        faults.clear();
        assert_eq!(injections(&faults, "ListImagesPaginated", 1), [false]);
    }

    #[test]
    fn a_rule_for_any_operation_applies_to_the_first_that_its_fault_can_affect() {
        let faults = Faults::default();
        faults.add(FaultRule::new("*", Fault::ItemDeleted)).unwrap();
        faults.add(FaultRule::new("*", Fault::EndsInPendingPayment)).unwrap();
        assert_eq!(injections(&faults, "GetVolume", 2), [false, false]);
        assert_eq!(faults.next_fault("ListVolumesPaginated"), Some(Fault::ItemDeleted));
        assert_eq!(faults.next_fault("CreateInstance"), Some(Fault::EndsInPendingPayment));
    }

    #[test]
    fn the_first_matching_rule_is_used_up_before_the_next() {
        let faults = Faults::default();
        faults.add(FaultRule::new("GetVolume", Fault::status(500))).unwrap();
        faults.add(FaultRule::new("*", Fault::status(503))).unwrap();
        assert_eq!(faults.remaining_rules(), 2);
        assert_eq!(faults.next_fault("GetVolume"), Some(Fault::status(500)));
        assert_eq!(faults.next_fault("GetVolume"), Some(Fault::status(503)));
        assert_eq!(faults.next_fault("GetVolume"), None);
    }

    #[test]
    fn random_faults_are_the_same_for_the_same_seed() {
        let chosen = |seed| {
            let faults = Faults::default();
            faults.set_random(RandomFaults::new(seed, 0.2, [Fault::CutBody, Fault::ResetInBody])).unwrap();
            (0..1000).map(|_| faults.next_fault("GetVolume")).collect::<Vec<_>>()
        };
        assert_eq!(chosen(7), chosen(7));
        assert_ne!(chosen(7), chosen(8));
        let share = chosen(7).iter().flatten().count();
        assert!((150..250).contains(&share), "{share} of 1000");
        assert!(chosen(7).contains(&Some(Fault::CutBody)) && chosen(7).contains(&Some(Fault::ResetInBody)));
    }

    #[test]
    fn an_invalid_rule_is_rejected_with_what_is_valid() {
        let faults = Faults::default();
        for (rule, message) in [
            (
                FaultRule::new("GetVolumes", Fault::CutBody),
                "the document has no operation \"GetVolumes\"; use \"*\" for any operation",
            ),
            (
                FaultRule::new("getvolume", Fault::CutBody),
                "the document has no operation \"getvolume\"; did you mean GetVolume?",
            ),
            (FaultRule::new("GetVolume", Fault::EndsInError), "\"ends in error\" does not affect GetVolume"),
            (FaultRule::new("*", Fault::status(99)), "99 is not a response status: use 200 to 599"),
            (FaultRule::new("*", Fault::status(429).retry_after("\n")), "retry_after is not a valid header value"),
        ] {
            assert_eq!(faults.add(rule).unwrap_err().to_string(), message);
        }
        let error = faults.set_random(RandomFaults::new(1, 20.0, [])).unwrap_err();
        assert_eq!(error.to_string(), "share must be between 0 and 1, not 20");
    }
}
