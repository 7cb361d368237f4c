//! Faults: what goes wrong on purpose, when, and how often.

mod fault;
mod mutation;
mod script;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use fault::Body;
pub use fault::{Answer, Fault, FaultError};
pub(crate) use mutation::distort;
pub use script::{Random, Rule, Script};

/// The faults of a sandbox, from [`Sandbox::faults`](crate::Sandbox::faults). At most one happens to a request: of the
/// first rule that fits, in the order they were added, else one at random. A request refused for its token or for the
/// rate is none of theirs and is not counted.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    rules: Vec<Rule>,
    random: Option<(Random, fastrand::Rng)>,
}

impl Faults {
    /// Adds a rule.
    ///
    /// # Errors
    /// When the document has no such operation, or the fault makes no sense.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// use genesiscloud_sandbox::{Fault, Rule};
    ///
    /// sandbox.faults().add(Rule::new("GetVolume", Fault::status(503)).times(2)).unwrap();
    /// # }
    /// ```
    pub fn add(&self, rule: Rule) -> Result<(), FaultError> {
        rule.check()?;
        self.state().rules.push(rule);
        Ok(())
    }

    /// Adds faults at random, in place of those that were.
    ///
    /// # Errors
    /// When the document has no such operation, or the share is not 0 to 1.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// use genesiscloud_sandbox::{Fault, Random};
    ///
    /// sandbox.faults().random(Random::new(7, 0.2, [Fault::ResetInBody])).unwrap();
    /// # }
    /// ```
    pub fn random(&self, random: Random) -> Result<(), FaultError> {
        random.check()?;
        let rng = random.rng();
        self.state().random = Some((random, rng));
        Ok(())
    }

    /// Adds all of a script.
    ///
    /// # Errors
    /// As for [`add`](Self::add) and [`random`](Self::random); then nothing is added.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox, script: genesiscloud_sandbox::Script) {
    /// sandbox.faults().run(script).unwrap();
    /// # }
    /// ```
    pub fn run(&self, script: Script) -> Result<(), FaultError> {
        script.check()?;
        script.random.map_or(Ok(()), |random| self.random(random))?;
        self.state().rules.extend(script.rules);
        Ok(())
    }

    /// Takes all faults away.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// sandbox.faults().clear();
    /// # }
    /// ```
    pub fn clear(&self) {
        *self.state() = State::default();
    }

    /// How many rules have not happened as often as they are to: 0 once a script has run through.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// assert_eq!(sandbox.faults().outstanding(), 0);
    /// # }
    /// ```
    pub fn outstanding(&self) -> usize {
        self.state().rules.iter().filter(|rule| rule.is_outstanding()).count()
    }

    /// What is to go wrong with the next request for this operation.
    pub(crate) fn pick(&self, operation: &str) -> Option<Fault> {
        let mut state = self.state();
        if let Some(fault) = state.rules.iter_mut().find_map(|rule| rule.fire(operation)) {
            return Some(fault);
        }
        let (random, rng) = state.random.as_mut()?;
        random.roll(rng, operation)
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

    fn picks(faults: &Faults, operation: &str, requests: usize) -> Vec<bool> {
        (0..requests).map(|_| faults.pick(operation).is_some()).collect()
    }

    #[test]
    fn a_rule_fires_as_often_and_as_late_as_told() {
        let faults = Faults::default();
        faults.add(Rule::new("GetVolume", Fault::ResetInBody).skip(1).times(2)).unwrap();
        assert_eq!(picks(&faults, "GetInstance", 2), [false, false]);
        assert_eq!(picks(&faults, "GetVolume", 3), [false, true, true]);
        assert_eq!(faults.outstanding(), 0);
        assert_eq!(picks(&faults, "GetVolume", 1), [false]);
        faults.add(Rule::new("*", Fault::ResetInBody).always()).unwrap();
        assert_eq!(picks(&faults, "ListImagesPaginated", 3), [true; 3]);
        faults.clear();
        assert_eq!(picks(&faults, "ListImagesPaginated", 1), [false]);
    }

    #[test]
    fn a_rule_for_any_request_waits_for_one_that_it_fits() {
        let faults = Faults::default();
        faults.add(Rule::new("*", Fault::ItemDeleted)).unwrap();
        faults.add(Rule::new("*", Fault::EndsInPendingPayment)).unwrap();
        assert_eq!(picks(&faults, "GetVolume", 2), [false, false]);
        assert_eq!(faults.pick("ListVolumesPaginated"), Some(Fault::ItemDeleted));
        assert_eq!(faults.pick("CreateInstance"), Some(Fault::EndsInPendingPayment));
    }

    #[test]
    fn one_rule_after_the_other() {
        let faults = Faults::default();
        faults.add(Rule::new("GetVolume", Fault::status(500))).unwrap();
        faults.add(Rule::new("*", Fault::status(503))).unwrap();
        assert_eq!(faults.outstanding(), 2);
        assert_eq!(faults.pick("GetVolume"), Some(Fault::status(500)));
        assert_eq!(faults.pick("GetVolume"), Some(Fault::status(503)));
        assert_eq!(faults.pick("GetVolume"), None);
    }

    #[test]
    fn chance_is_the_same_for_the_same_seed() {
        let rolls = |seed| {
            let faults = Faults::default();
            faults.random(Random::new(seed, 0.2, [Fault::CutBody, Fault::ResetInBody])).unwrap();
            (0..1000).map(|_| faults.pick("GetVolume")).collect::<Vec<_>>()
        };
        assert_eq!(rolls(7), rolls(7));
        assert_ne!(rolls(7), rolls(8));
        let share = rolls(7).iter().flatten().count();
        assert!((150..250).contains(&share), "{share} of 1000");
        assert!(rolls(7).contains(&Some(Fault::CutBody)) && rolls(7).contains(&Some(Fault::ResetInBody)));
    }

    #[test]
    fn what_cannot_happen_is_refused_with_what_could() {
        let faults = Faults::default();
        for (rule, message) in [
            (Rule::new("GetVolumes", Fault::CutBody), "the document has no operation \"GetVolumes\"; \"*\" is any"),
            (
                Rule::new("getvolume", Fault::CutBody),
                "the document has no operation \"getvolume\"; did you mean GetVolume?",
            ),
            (Rule::new("GetVolume", Fault::EndsInError), "\"ends in error\" has nothing to do with GetVolume"),
            (Rule::new("*", Fault::status(99)), "99 is not a status of an answer: those are 200 to 599"),
            (Rule::new("*", Fault::status(429).retry_after("\n")), "retry_after cannot be the value of a header"),
        ] {
            assert_eq!(faults.add(rule).unwrap_err().to_string(), message);
        }
        let error = faults.random(Random::new(1, 20.0, [])).unwrap_err();
        assert_eq!(error.to_string(), "a share of requests is 0 to 1, not 20");
    }
}
