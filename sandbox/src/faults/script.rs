//! When faults happen: rules, chance, and the files that hold them.

use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use super::fault::{Fault, FaultError};
use crate::openapi::Contract;
use crate::yaml;

/// When a fault happens: at the first request for an operation, unless told otherwise.
///
/// ```
/// use genesiscloud_sandbox::{Fault, Rule};
///
/// let third_page = Rule::new("ListInstancesPaginated", Fault::status(503)).skip(2);
/// let always = Rule::new("*", Fault::Delay(std::time::Duration::from_secs(1))).always();
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    on: String,
    fault: Fault,
    #[serde(default)]
    skip: u32,
    /// None is always.
    #[serde(default = "once", deserialize_with = "times")]
    times: Option<u32>,
}

impl Rule {
    /// At the first request for this operation, by its id in the provider's document such as `CreateInstance`; `*` is
    /// any request.
    ///
    /// ```
    /// use genesiscloud_sandbox::{Fault, Rule};
    /// let rule = Rule::new("CreateInstance", Fault::ResetAfterProcessing);
    /// ```
    pub fn new(on: impl Into<String>, fault: Fault) -> Self {
        Self { on: on.into(), fault, skip: 0, times: once() }
    }

    /// After so many requests went well.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{Fault, Rule};
    /// let rule = Rule::new("GetInstance", Fault::status(500)).skip(3);
    /// ```
    pub fn skip(self, requests: u32) -> Self {
        Self { skip: requests, ..self }
    }

    /// So many times in a row.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{Fault, Rule};
    /// let rule = Rule::new("GetInstance", Fault::status(500)).times(2);
    /// ```
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Every time.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{Fault, Rule};
    /// let rule = Rule::new("GetInstance", Fault::status(500)).always();
    /// ```
    pub fn always(self) -> Self {
        Self { times: None, ..self }
    }

    pub(super) fn check(&self) -> Result<(), FaultError> {
        check_operation(&self.on)?;
        if self.on != ANY && !self.fault.fits(&self.on) {
            return Err(FaultError(format!("{:?} has nothing to do with {}", self.fault.to_string(), self.on)));
        }
        self.fault.check()
    }

    /// Whether it is still to happen a number of times.
    pub(super) fn is_outstanding(&self) -> bool {
        self.times.is_some_and(|times| times > 0)
    }

    /// The fault, if this request is one it is for; counts it.
    pub(super) fn fire(&mut self, operation: &str) -> Option<Fault> {
        if self.times == Some(0) || !matches(&self.on, operation) || !self.fault.fits(operation) {
            return None;
        }
        if let Some(left) = self.skip.checked_sub(1) {
            self.skip = left;
            return None;
        }
        self.times = self.times.map(|times| times - 1);
        Some(self.fault.clone())
    }
}

/// Faults at random, the same for the same seed and the same order of requests.
///
/// ```
/// use genesiscloud_sandbox::{Fault, Random};
///
/// let weather = Random::new(7, 0.2, [Fault::status(502).html(), Fault::ResetInBody]);
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Random {
    seed: u64,
    share: f64,
    faults: Vec<Fault>,
    #[serde(default = "any")]
    on: String,
}

impl Random {
    /// Dice for it.
    pub(super) fn rng(&self) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.seed)
    }

    /// A fault, if the dice say so and it fits.
    pub(super) fn roll(&self, rng: &mut fastrand::Rng, operation: &str) -> Option<Fault> {
        if !matches(&self.on, operation) || rng.f64() >= self.share {
            return None;
        }
        rng.choice(&self.faults).filter(|fault| fault.fits(operation)).cloned()
    }

    /// One of these faults, all equally likely, on this share of the requests: 0.2 is every fifth on average.
    ///
    /// ```
    /// use genesiscloud_sandbox::{Fault, Random};
    /// let weather = Random::new(7, 0.2, [Fault::status(503)]);
    /// ```
    pub fn new(seed: u64, share: f64, faults: impl IntoIterator<Item = Fault>) -> Self {
        Self { seed, share, faults: faults.into_iter().collect(), on: any() }
    }

    /// Only on requests for this operation.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{Fault, Random};
    /// let weather = Random::new(7, 0.2, [Fault::status(503)]).on("GetInstance");
    /// ```
    pub fn on(self, operation: impl Into<String>) -> Self {
        Self { on: operation.into(), ..self }
    }

    pub(super) fn check(&self) -> Result<(), FaultError> {
        check_operation(&self.on)?;
        if !(0.0..=1.0).contains(&self.share) {
            return Err(FaultError(format!("a share of requests is 0 to 1, not {}", self.share)));
        }
        if self.faults.is_empty() {
            return Err(FaultError("there are no faults to choose from".into()));
        }
        self.faults.iter().try_for_each(Fault::check)
    }
}

/// What a `--faults` file holds: rules, faults at random, or both.
///
/// ```
/// use genesiscloud_sandbox::Script;
///
/// let script: Script = "
/// rules:
/// - { on: CreateInstance, fault: reset_after_processing, times: 2 }
/// random: { seed: 7, share: 0.1, faults: [{ status: { code: 502, body: html } }] }
/// ".parse().unwrap();
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    pub(super) rules: Vec<Rule>,
    pub(super) random: Option<Random>,
}

impl Script {
    pub(super) fn check(&self) -> Result<(), FaultError> {
        self.rules.iter().try_for_each(Rule::check)?;
        self.random.as_ref().map_or(Ok(()), Random::check)
    }
}

impl FromStr for Script {
    type Err = FaultError;

    /// Reads YAML or JSON, and checks it as [`Faults::run`](crate::Faults::run) does.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let script = yaml::parse::<Self>(text).map_err(FaultError)?;
        script.check()?;
        Ok(script)
    }
}

const ANY: &str = "*";

fn any() -> String {
    ANY.to_owned()
}

fn matches(on: &str, operation: &str) -> bool {
    on == ANY || on == operation
}

fn check_operation(on: &str) -> Result<(), FaultError> {
    let mut known = Contract::vendored().operation_ids();
    if on == ANY || known.any(|id| id == on) {
        return Ok(());
    }
    let near = Contract::vendored().operation_ids().find(|id| id.eq_ignore_ascii_case(on) || id.contains(on));
    let near = near.map_or("\"*\" is any".to_owned(), |id| format!("did you mean {id}?"));
    Err(FaultError(format!("the document has no operation {on:?}; {near}")))
}

#[expect(clippy::unnecessary_wraps, reason = "the type of the field")]
fn once() -> Option<u32> {
    Some(1)
}

fn times<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a number, or \"always\"")]
    enum Times {
        Count(u32),
        Word(Always),
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Always {
        Always,
    }
    Ok(match Times::deserialize(deserializer)? {
        Times::Count(times) => Some(times),
        Times::Word(Always::Always) => None,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_file_says_all_that_a_program_can() {
        let text = "
rules:
- {on: CreateInstance, fault: reset_after_processing, times: 2, skip: 1}
- {on: '*', fault: {status: {code: 502, body: html, processed: true}}, times: always}
- {on: GetVolume, fault: {delay: 0.5}}
random: {seed: 7, share: 0.1, faults: [cut_body]}
";
        let script: Script = text.parse().unwrap();
        let expected = Script {
            rules: vec![
                Rule::new("CreateInstance", Fault::ResetAfterProcessing).times(2).skip(1),
                Rule::new("*", Fault::status(502).html().processed()).always(),
                Rule::new("GetVolume", Fault::Delay(Duration::from_millis(500))),
            ],
            random: Some(Random::new(7, 0.1, [Fault::CutBody])),
        };
        assert_eq!(script, expected);
        let error = "rules: [{on: '*', fault: cut_body, times: often}]".parse::<Script>().unwrap_err();
        assert_eq!(error.to_string(), "rules[0].times: a number, or \"always\"");
    }
}
