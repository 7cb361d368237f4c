//! What can go wrong with a request.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

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
    pub(super) fn fits(&self, operation: &str) -> bool {
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

    pub(super) fn check(&self) -> Result<(), FaultError> {
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
pub struct FaultError(pub(super) String);

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FaultError {}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    Duration::try_from_secs_f64(seconds).map_err(serde::de::Error::custom)
}
