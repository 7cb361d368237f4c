//! When faults are injected: rules, random faults, and the files that contain both.

use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use super::error::FaultError;
use super::fault::Fault;
use crate::openapi::OpenApiDocument;
use crate::yaml;

/// Injects a fault into requests for one operation: into the first one only, unless [`skip`](Self::skip),
/// [`times`](Self::times) or [`always`](Self::always) say otherwise. Requests of all clients count, each attempt of a call by
/// itself, but not those that are rejected for their token or by the rate limit. Of several rules for a request, the first
/// applies that is not used up.
///
/// ```
/// use genesiscloud_sandbox::{Fault, FaultRule};
///
/// let third_page = FaultRule::new("ListInstancesPaginated", Fault::status(503)).skip(2);
/// let always = FaultRule::new("*", Fault::Delay(std::time::Duration::from_secs(1))).always();
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    pub(crate) on: String,
    pub(crate) fault: Fault,
    #[serde(default)]
    pub(crate) skip: u32,
    /// How often the fault is still injected. `None` means always.
    #[serde(default = "once", deserialize_with = "times")]
    pub(crate) times: Option<u32>,
}

impl FaultRule {
    /// Injects the fault into the first request for this operation. `on` is the operation's id in the provider's
    /// document, such as `CreateInstance`, or `*` for any operation that the fault can affect.
    ///
    /// ```
    /// use genesiscloud_sandbox::{Fault, FaultRule};
    /// let rule = FaultRule::new("CreateInstance", Fault::ResetAfterProcessing);
    /// ```
    pub fn new(on: impl Into<String>, fault: Fault) -> Self {
        Self { on: on.into(), fault, skip: 0, times: once() }
    }

    /// Injects nothing into the first `requests` matching requests.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{Fault, FaultRule};
    /// let rule = FaultRule::new("GetInstance", Fault::status(500)).skip(3);
    /// ```
    pub fn skip(self, requests: u32) -> Self {
        Self { skip: requests, ..self }
    }

    /// Injects the fault into this number of requests in a row.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{Fault, FaultRule};
    /// let rule = FaultRule::new("GetInstance", Fault::status(500)).times(2);
    /// ```
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Injects the fault into every request.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{Fault, FaultRule};
    /// let rule = FaultRule::new("GetInstance", Fault::status(500)).always();
    /// ```
    pub fn always(self) -> Self {
        Self { times: None, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), FaultError> {
        check_operation(&self.on)?;
        if self.on != ANY && !self.fault.applies_to(&self.on) {
            return Err(FaultError(format!("{:?} does not affect {}", self.fault.to_string(), self.on)));
        }
        self.fault.check()
    }

    /// Returns whether the number of injections is limited and not used up.
    pub(super) fn has_injections_left(&self) -> bool {
        self.times.is_some_and(|times| times > 0)
    }

    /// Counts a request, and returns the fault if the rule applies to it.
    pub(super) fn apply(&mut self, operation: &str) -> Option<Fault> {
        if self.times == Some(0) || !matches(&self.on, operation) || !self.fault.applies_to(operation) {
            return None;
        }
        if let Some(remaining) = self.skip.checked_sub(1) {
            self.skip = remaining;
            return None;
        }
        self.times = self.times.map(|times| times - 1);
        Some(self.fault.clone())
    }
}

/// Injects random faults. They are the same for the same seed and the same order of requests.
///
/// ```
/// use genesiscloud_sandbox::{Fault, RandomFaults};
///
/// let random = RandomFaults::new(7, 0.2, [Fault::status(502).html(), Fault::ResetInBody]);
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomFaults {
    seed: u64,
    share: f64,
    faults: Vec<Fault>,
    #[serde(default = "any")]
    on: String,
}

impl RandomFaults {
    /// Creates the random number generator for the seed.
    pub(super) fn rng(&self) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.seed)
    }

    /// Chooses a fault for a request, or none.
    pub(super) fn choose(&self, rng: &mut fastrand::Rng, operation: &str) -> Option<Fault> {
        if !matches(&self.on, operation) || rng.f64() >= self.share {
            return None;
        }
        rng.choice(&self.faults).filter(|fault| fault.applies_to(operation)).cloned()
    }

    /// Injects one of these faults, all equally likely, into this share of the requests: 0.2 is every fifth on average.
    ///
    /// ```
    /// use genesiscloud_sandbox::{Fault, RandomFaults};
    /// let random = RandomFaults::new(7, 0.2, [Fault::status(503)]);
    /// ```
    pub fn new(seed: u64, share: f64, faults: impl IntoIterator<Item = Fault>) -> Self {
        Self { seed, share, faults: faults.into_iter().collect(), on: any() }
    }

    /// Restricts the faults to requests for this operation.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{Fault, RandomFaults};
    /// let random = RandomFaults::new(7, 0.2, [Fault::status(503)]).on("GetInstance");
    /// ```
    pub fn on(self, operation: impl Into<String>) -> Self {
        Self { on: operation.into(), ..self }
    }

    pub(super) fn check(&self) -> Result<(), FaultError> {
        check_operation(&self.on)?;
        if !(0.0..=1.0).contains(&self.share) {
            return Err(FaultError(format!("share must be between 0 and 1, not {}", self.share)));
        }
        if self.faults.is_empty() {
            return Err(FaultError("faults must not be empty".into()));
        }
        self.faults.iter().try_for_each(Fault::check)
    }
}

/// The content of a `--faults` file: rules, random faults, or both.
///
/// ```
/// use genesiscloud_sandbox::FaultScript;
///
/// let script: FaultScript = "
/// rules:
/// - { on: CreateInstance, fault: reset_after_processing, times: 2 }
/// random: { seed: 7, share: 0.1, faults: [{ status: { code: 502, body: html } }] }
/// ".parse().unwrap();
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultScript {
    pub(super) rules: Vec<FaultRule>,
    pub(super) random: Option<RandomFaults>,
}

impl FaultScript {
    pub(super) fn check(&self) -> Result<(), FaultError> {
        self.rules.iter().try_for_each(FaultRule::check)?;
        self.random.as_ref().map_or(Ok(()), RandomFaults::check)
    }
}

impl FromStr for FaultScript {
    type Err = FaultError;

    /// Parses YAML or JSON, and validates it as [`Faults::add_script`](crate::Faults::add_script) does.
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
    let mut known = OpenApiDocument::vendored().operation_ids();
    if on == ANY || known.any(|id| id == on) {
        return Ok(());
    }
    let near = OpenApiDocument::vendored().operation_ids().find(|id| id.eq_ignore_ascii_case(on) || id.contains(on));
    let near = near.map_or("use \"*\" for any operation".to_owned(), |id| format!("did you mean {id}?"));
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
    fn a_file_can_express_every_rule_that_the_library_can() {
        let text = "
rules:
- {on: CreateInstance, fault: reset_after_processing, times: 2, skip: 1}
- {on: '*', fault: {status: {code: 502, body: html, processed: true}}, times: always}
- {on: GetVolume, fault: {delay: 0.5}}
random: {seed: 7, share: 0.1, faults: [cut_body]}
";
        let script: FaultScript = text.parse().unwrap();
        let expected = FaultScript {
            rules: vec![
                FaultRule::new("CreateInstance", Fault::ResetAfterProcessing).times(2).skip(1),
                FaultRule::new("*", Fault::status(502).html().processed()).always(),
                FaultRule::new("GetVolume", Fault::Delay(Duration::from_millis(500))),
            ],
            random: Some(RandomFaults::new(7, 0.1, [Fault::CutBody])),
        };
        assert_eq!(script, expected);
        let error = "rules: [{on: '*', fault: cut_body, times: often}]".parse::<FaultScript>().unwrap_err();
        assert_eq!(error.to_string(), "rules[0].times: a number, or \"always\"");
    }
}
