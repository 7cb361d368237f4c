//! Faults: what goes wrong on purpose, when, and how often.

mod distort;
mod script;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Deserializer};

pub(crate) use distort::distort;

pub use script::{Random, Rule, Script};

/// Something that goes wrong with one request.
///
/// ```
/// use genesiscloud_sandbox::Fault;
///
/// let gateway = Fault::status(502).html();
/// let lost_answer = Fault::ResetAfterProcessing;
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// Another answer than the API's own; see [`Fault::status`].
    Status(Answer),
    /// The request is processed at once, and its answer held back for so long (in files: seconds).
    Delay(#[serde(deserialize_with = "seconds")] Duration),
    /// The answer's body comes in eight pieces, so long apart (in files: seconds).
    SlowBody(#[serde(deserialize_with = "seconds")] Duration),
    /// The connection is reset when the head of the request is there. Its body is not read and nothing is processed.
    ResetBeforeRequest,
    /// The request is processed, and the connection reset before any of the answer is sent.
    ResetAfterProcessing,
    /// The request is processed, and the connection reset in the middle of the answer's body; before the answer, where
    /// it has none.
    ResetInBody,
    /// The request is processed, and the connection closed in the middle of the answer's body, which its length
    /// promised in full. An answer without a body comes whole.
    CutBody,
    /// The answer says it is `text/html`; it is JSON as usual.
    WrongContentType,
    /// Every value of an enum in the answer is one that the document does not list.
    UnknownEnumValue,
    /// Every object in the answer has a field that the document does not name.
    UnknownField,
    /// The answer lacks every field that the document does not require.
    MissingOptionalField,
    /// Every integer in the answer is sent as `80.0`.
    IntegerAsFloat,
    /// After this page of a list was sent, its first item is deleted, so that all later ones move up.
    ItemDeleted,
    /// After this page of a list was sent, an item is added before all others, so that they move down.
    ItemAdded,
    /// What this request creates ends in status `error`.
    EndsInError,
    /// The instance this request creates rests in `pending_payment`, until [`Sandbox::pay`](crate::Sandbox::pay).
    EndsInPendingPayment,
}

/// An answer with a status, made by [`Fault::status`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map such as {code: 503}")]
pub struct Answer {
    pub(crate) code: u16,
    #[serde(default)]
    pub(crate) body: Body,
    #[serde(default)]
    pub(crate) processed: bool,
    #[serde(default)]
    pub(crate) retry_after: Option<String>,
}

/// The body of such an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Body {
    /// A documented error, its code in no table.
    #[default]
    Json,
    /// A gateway's page.
    Html,
    /// None.
    Empty,
    /// A documented error that ends in the middle.
    Cut,
}

impl Fault {
    /// This status, 200 to 599, instead of the API's answer, with an error body as documented. The request is not
    /// processed, unless told otherwise by [`processed`](Self::processed).
    ///
    /// ```
    /// use genesiscloud_sandbox::Fault;
    /// let busy = Fault::status(429).retry_after("2");
    /// let lost = Fault::status(504).html().processed();
    /// ```
    pub fn status(code: u16) -> Self {
        Self::Status(Answer { code, body: Body::Json, processed: false, retry_after: None })
    }

    /// With an HTML body, as gateways send. Like the others below, it changes nothing but a [`Fault::status`].
    ///
    /// ```
    /// let fault = genesiscloud_sandbox::Fault::status(502).html();
    /// ```
    pub fn html(self) -> Self {
        self.with(|status| status.body = Body::Html)
    }

    /// Without a body.
    ///
    /// ```
    /// let fault = genesiscloud_sandbox::Fault::status(503).empty();
    /// ```
    pub fn empty(self) -> Self {
        self.with(|status| status.body = Body::Empty)
    }

    /// With a body that ends in the middle, before its promised length.
    ///
    /// ```
    /// let fault = genesiscloud_sandbox::Fault::status(500).cut();
    /// ```
    pub fn cut(self) -> Self {
        self.with(|status| status.body = Body::Cut)
    }

    /// With a `Retry-After` of this text, whatever it says.
    ///
    /// ```
    /// let fault = genesiscloud_sandbox::Fault::status(503).retry_after("Sun, 01 Jun 2025 00:00:30 GMT");
    /// ```
    pub fn retry_after(self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.with(|status| status.retry_after = Some(text))
    }

    /// Sent after the request was processed, as by a gateway that lost patience.
    ///
    /// ```
    /// let fault = genesiscloud_sandbox::Fault::status(504).processed();
    /// ```
    pub fn processed(self) -> Self {
        self.with(|status| status.processed = true)
    }

    fn with(mut self, change: impl FnOnce(&mut Answer)) -> Self {
        if let Self::Status(status) = &mut self {
            change(status);
        }
        self
    }

    /// Whether there is something about a request for this operation that it could change.
    fn fits(&self, operation: &str) -> bool {
        match self {
            Self::EndsInPendingPayment => operation == "CreateInstance",
            Self::EndsInError => {
                let lasts = operation.starts_with("Create") && operation != "CreateSSHKey";
                lasts || ["CloneSnapshot", "UpdateSecurityGroup"].contains(&operation)
            }
            Self::ItemAdded | Self::ItemDeleted => operation.starts_with("List"),
            _ => true,
        }
    }

    fn check(&self) -> Result<(), FaultError> {
        match self {
            Self::Status(status) if !(200..=599).contains(&status.code) => {
                Err(FaultError(format!("{} is not a status of an answer: those are 200 to 599", status.code)))
            }
            Self::Status(Answer { retry_after: Some(text), .. }) if http::HeaderValue::from_str(text).is_err() => {
                Err(FaultError("retry_after cannot be the value of a header".into()))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Status(status) => {
                let body = match status.body {
                    Body::Json => "",
                    Body::Html => " in HTML",
                    Body::Empty => " without a body",
                    Body::Cut => " with a cut-off body",
                };
                let processed = if status.processed { " after processing" } else { "" };
                return write!(f, "{}{body}{processed}", status.code);
            }
            Self::Delay(by) => return write!(f, "answer delayed by {by:?}"),
            Self::SlowBody(by) => return write!(f, "slow body, a piece every {by:?}"),
            Self::ResetBeforeRequest => "reset before the request",
            Self::ResetAfterProcessing => "reset after processing",
            Self::ResetInBody => "reset in the body",
            Self::CutBody => "cut-off body",
            Self::WrongContentType => "wrong content type",
            Self::UnknownEnumValue => "unknown enum values",
            Self::UnknownField => "unknown fields",
            Self::MissingOptionalField => "optional fields missing",
            Self::IntegerAsFloat => "integers as floats",
            Self::ItemDeleted => "an item deleted after the page",
            Self::ItemAdded => "an item added after the page",
            Self::EndsInError => "ends in error",
            Self::EndsInPendingPayment => "ends in pending_payment",
        };
        f.write_str(words)
    }
}

/// A fault that cannot happen: what is wrong with it, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError(String);

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FaultError {}

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

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    Duration::try_from_secs_f64(seconds).map_err(serde::de::Error::custom)
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
