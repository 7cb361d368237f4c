//! The faults that can be injected into one request and its response.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

use super::date_header::DateHeader;
use super::error::FaultError;
use super::intermediary::{Intermediary, IntermediaryPage};
use super::page_quirks::PageQuirks;
use crate::error_response::ErrorCode;

/// A fault that is injected into one request or its response. How often is up to its [`FaultRule`](crate::FaultRule), by
/// default once.
///
/// In files, a fault has the name of its variant in snake case: `ResetAfterProcessing` is `reset_after_processing`. The README
/// has a table of these, and of what each does on the wire.
///
/// ```
/// use genesiscloud_sandbox::Fault;
///
/// let gateway = Fault::status(502).html();
/// let lost_response = Fault::ResetAfterProcessing;
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// Sends another response instead of the API's own; see [`Fault::status`].
    Status(FaultResponse),
    /// Sends the error response with this code, such as `02036`, with the status and message that belong to it in this
    /// sandbox; see [`Fault::error_code`].
    ErrorCode(String),
    /// Sends the page of an intermediary, such as a login page, instead of the API's own response; see
    /// [`Fault::intermediary`].
    Intermediary(Intermediary),
    /// Processes the request at once and sends the response after this delay (in files: seconds).
    Delay(#[serde(deserialize_with = "seconds")] Duration),
    /// Sends the response body in eight chunks, with this pause after each (in files: seconds).
    SlowBody(#[serde(deserialize_with = "seconds")] Duration),
    /// Resets the connection as soon as the head of the request has arrived. The body is not read, and the request is
    /// not processed.
    ResetBeforeRequest,
    /// Processes the request and resets the connection before any of the response is sent.
    ResetAfterProcessing,
    /// Processes the request and resets the connection in the middle of the response body. A response without a body is
    /// not sent at all.
    ResetInBody,
    /// Processes the request and closes the connection in the middle of the response body, so that it is shorter than
    /// its `Content-Length`. A response without a body is sent as usual.
    CutBody,
    /// Sends the usual JSON with the content type `text/html`.
    WrongContentType,
    /// Replaces every enum value in the response by one that the document does not list.
    UnknownEnumValue,
    /// Adds a field that the document does not define to every object in the response.
    UnknownField,
    /// Removes every field that the document does not require from the response.
    MissingOptionalField,
    /// Sends every integer in the response as a float, such as `80.0`.
    IntegerAsFloat,
    /// Sends the usual response with another `Date` header. [`Builder::date_header`] does the same for all responses, and
    /// together with other faults.
    ///
    /// [`Builder::date_header`]: crate::Builder::date_header
    DateHeader(DateHeader),
    /// Sends every integer in the response as text, such as `"80"`.
    IntegerAsText,
    /// Sends the sizes of disks, volumes, filesystems and snapshots as text in bytes, such as `"85899345920"` for 80 GiB.
    SizeInBytes,
    /// Sends null for every list in a resource, and for the list itself if it is empty.
    NullList,
    /// Sends null for every optional field of a resource that is no list, such as a description, an address or
    /// `updated_at`.
    NullOptionalField,
    /// Sends an empty text for every optional text and time of a resource.
    EmptyOptionalField,
    /// Sends times without a time zone, such as `2025-06-01T00:00:00.000`.
    TimeWithoutZone,
    /// Sends one item of a list, that in the middle of the page, with a `created_at` that is no time.
    UndecodableItem,
    /// Sends a page of a list that deviates from the document in one of these ways. [`Builder::page_quirks`] does the same
    /// for all lists, and together with other faults.
    ///
    /// [`Builder::page_quirks`]: crate::Builder::page_quirks
    PageQuirks(PageQuirks),
    /// Deletes the first item of a list page after the page was read, so that all later items move up by one.
    ItemDeleted,
    /// Adds an item at the start of the list after a page was read, so that all other items move down by one.
    ItemAdded,
    /// For this time (in files: seconds) after the create or deletion that this request performs, reads show the account
    /// as it was before: a new resource is not found, and a deleted one has its former status.
    StaleReads(#[serde(deserialize_with = "seconds")] Duration),
    /// The resource that this request creates changes to status `error`.
    EndsInError,
    /// The instance that this request creates stays in status `pending_payment` until
    /// [`Sandbox::pay`](crate::Sandbox::pay).
    EndsInPendingPayment,
    /// The instance that this request creates gets its public address this long (in files: seconds) after it has become
    /// `active`, instead of before. The speed shortens it, as all of the creation. With a floating IP it has no effect.
    LateAddress(#[serde(deserialize_with = "seconds")] Duration),
}

/// The response that a fault sends instead of the API's own. Created by [`Fault::status`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map such as {code: 503}")]
pub struct FaultResponse {
    pub(crate) code: u16,
    #[serde(default)]
    pub(crate) body: FaultBody,
    #[serde(default)]
    pub(crate) processed: bool,
    #[serde(default)]
    pub(crate) retry_after: Option<String>,
}

/// The body of a [`FaultResponse`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultBody {
    /// An error as documented, with a code that no table lists.
    #[default]
    Json,
    /// An HTML page as gateways send.
    Html,
    /// No body.
    Empty,
    /// An error as documented that ends in the middle.
    Cut,
}

impl Fault {
    /// Creates a fault that responds with this status, 200 to 599, and with an error body as documented. The request is
    /// not processed, unless [`processed`](Self::processed) is called.
    ///
    /// ```
    /// use genesiscloud_sandbox::Fault;
    /// let throttled = Fault::status(429).retry_after("2");
    /// let lost = Fault::status(504).html().processed();
    /// ```
    pub fn status(code: u16) -> Self {
        Self::Status(FaultResponse { code, body: FaultBody::Json, processed: false, retry_after: None })
    }

    /// Creates a fault that rejects the request with an error code, such as `02036`. The request is not processed. The
    /// status and the message are those with which the sandbox sends this code itself.
    ///
    /// ```
    /// let no_capacity = genesiscloud_sandbox::Fault::error_code("02036");
    /// ```
    pub fn error_code(code: impl Into<String>) -> Self {
        Self::ErrorCode(code.into())
    }

    /// Creates a fault that sends the page of an intermediary instead of the API's response. The request is not
    /// processed, unless [`processed`](Self::processed) is called.
    ///
    /// ```
    /// use genesiscloud_sandbox::{Fault, IntermediaryPage};
    ///
    /// let login = Fault::intermediary(IntermediaryPage::Login200);
    /// let lost = Fault::intermediary(IntermediaryPage::Gateway524).processed();
    /// ```
    pub fn intermediary(page: IntermediaryPage) -> Self {
        Self::Intermediary(Intermediary { page, processed: false })
    }

    /// Sends an HTML body, as gateways do. This and the methods below only affect [`Fault::status`], except for
    /// [`processed`](Self::processed).
    ///
    /// ```
    /// let fault = genesiscloud_sandbox::Fault::status(502).html();
    /// ```
    pub fn html(self) -> Self {
        self.with(|status| status.body = FaultBody::Html)
    }

    /// Sends no body.
    ///
    /// ```
    /// let fault = genesiscloud_sandbox::Fault::status(503).empty();
    /// ```
    pub fn empty(self) -> Self {
        self.with(|status| status.body = FaultBody::Empty)
    }

    /// Sends a body that ends in the middle, so that it is shorter than its `Content-Length`.
    ///
    /// ```
    /// let fault = genesiscloud_sandbox::Fault::status(500).cut();
    /// ```
    pub fn cut(self) -> Self {
        self.with(|status| status.body = FaultBody::Cut)
    }

    /// Sends a `Retry-After` header with this value. The value is not checked, except that it must be valid in a
    /// header.
    ///
    /// ```
    /// let fault = genesiscloud_sandbox::Fault::status(503).retry_after("Sun, 01 Jun 2025 00:00:30 GMT");
    /// ```
    pub fn retry_after(self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.with(|status| status.retry_after = Some(text))
    }

    /// Processes the request before the response is sent, as behind a gateway that times out. Affects
    /// [`Fault::status`] and [`Fault::intermediary`].
    ///
    /// ```
    /// let fault = genesiscloud_sandbox::Fault::status(504).processed();
    /// ```
    pub fn processed(mut self) -> Self {
        if let Self::Intermediary(intermediary) = &mut self {
            intermediary.processed = true;
        }
        self.with(|status| status.processed = true)
    }

    fn with(mut self, change: impl FnOnce(&mut FaultResponse)) -> Self {
        if let Self::Status(status) = &mut self {
            change(status);
        }
        self
    }

    /// Returns whether this fault can affect a request for this operation.
    pub(crate) fn applies_to(&self, operation: &str) -> bool {
        match self {
            Self::EndsInPendingPayment | Self::LateAddress(_) => operation == "CreateInstance",
            Self::EndsInError => {
                let has_lifecycle = operation.starts_with("Create") && operation != "CreateSSHKey";
                has_lifecycle || ["CloneSnapshot", "UpdateSecurityGroup"].contains(&operation)
            }
            Self::StaleReads(_) => ["Create", "Clone", "Delete"].iter().any(|verb| operation.starts_with(verb)),
            Self::ItemAdded | Self::ItemDeleted | Self::UndecodableItem | Self::PageQuirks(_) => {
                operation.starts_with("List")
            }
            _ => true,
        }
    }

    pub(super) fn check(&self) -> Result<(), FaultError> {
        match self {
            Self::PageQuirks(quirks) => quirks.check(),
            Self::DateHeader(date) => date.check(),
            Self::ErrorCode(code) if ErrorCode::find(code).is_none() => {
                Err(FaultError(format!("the sandbox has no error code {code:?}")))
            }
            Self::Status(status) if !(200..=599).contains(&status.code) => {
                Err(FaultError(format!("{} is not a response status: use 200 to 599", status.code)))
            }
            Self::Status(FaultResponse { retry_after: Some(text), .. })
                if http::HeaderValue::from_str(text).is_err() =>
            {
                Err(FaultError("retry_after is not a valid header value".into()))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let description = match self {
            Self::Status(status) => {
                let body = match status.body {
                    FaultBody::Json => "",
                    FaultBody::Html => " in HTML",
                    FaultBody::Empty => " without a body",
                    FaultBody::Cut => " with a truncated body",
                };
                let processed = if status.processed { " after processing" } else { "" };
                return write!(f, "{}{body}{processed}", status.code);
            }
            Self::Intermediary(Intermediary { page, processed }) => {
                let processed = if *processed { " after processing" } else { "" };
                return write!(f, "intermediary's page {}{processed}", page.name());
            }
            Self::Delay(by) => return write!(f, "response delayed by {by:?}"),
            Self::SlowBody(by) => return write!(f, "slow body, a chunk every {by:?}"),
            Self::DateHeader(date) => return write!(f, "date header {date}"),
            Self::ErrorCode(code) => return write!(f, "error code {code}"),
            Self::PageQuirks(quirks) => return write!(f, "page with {quirks}"),
            Self::StaleReads(until) => return write!(f, "stale reads for {until:?}"),
            Self::LateAddress(by) => return write!(f, "public address {by:?} after active"),
            Self::ResetBeforeRequest => "reset before the request",
            Self::ResetAfterProcessing => "reset after processing",
            Self::ResetInBody => "reset in the body",
            Self::CutBody => "truncated body",
            Self::WrongContentType => "wrong content type",
            Self::UnknownEnumValue => "unknown enum values",
            Self::UnknownField => "unknown fields",
            Self::MissingOptionalField => "missing optional fields",
            Self::IntegerAsFloat => "integers as floats",
            Self::IntegerAsText => "integers as text",
            Self::SizeInBytes => "sizes in bytes",
            Self::NullList => "null for lists",
            Self::NullOptionalField => "null for optional fields",
            Self::EmptyOptionalField => "empty optional fields",
            Self::TimeWithoutZone => "times without a zone",
            Self::UndecodableItem => "undecodable item",
            Self::ItemDeleted => "item deleted after the page",
            Self::ItemAdded => "item added after the page",
            Self::EndsInError => "ends in error",
            Self::EndsInPendingPayment => "ends in pending_payment",
        };
        f.write_str(description)
    }
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    Duration::try_from_secs_f64(seconds).map_err(serde::de::Error::custom)
}
