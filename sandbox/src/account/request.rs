//! A valid request for an operation.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error_response::{ErrorCode, ErrorResponse};

/// A request that conforms to the document.
pub(crate) struct OperationRequest {
    /// Path parameters, in the order of the path.
    pub(crate) path: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Value,
    /// The outcome of the transition that this request starts, if it starts one.
    pub(crate) outcome: Outcome,
    /// How long reads do not show what this request creates or deletes. `None` is the setting of the account.
    pub(crate) stale_reads: Option<Duration>,
}

/// The outcome of a transition that a request starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The resource becomes usable.
    #[default]
    Ready,
    /// The resource changes to `error`.
    Error,
    /// The resource changes to `pending_payment`. Resources without this status become usable.
    PendingPayment,
    /// The instance becomes usable, and has its public address this long after that. Other resources become usable.
    LateAddress(Duration),
}

impl OperationRequest {
    /// Returns the first path parameter.
    pub(super) fn id(&self) -> &str {
        self.path.first().map_or("", |(_, value)| value)
    }

    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(parameter, _)| parameter == name).map(|(_, value)| value.as_str())
    }

    /// Deserializes the body. It conforms to the document, so that the only possible error is a number out of range.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, ErrorResponse> {
        serde_path_to_error::deserialize(&self.body).map_err(|error| {
            let message = format!("\"{}\" is out of range", error.path());
            ErrorResponse::new(ErrorCode::BAD_REQUEST, message)
        })
    }
}
