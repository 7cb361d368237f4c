//! A request for an operation, as the account gets it.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error_response::{Code, Refusal};

/// A request that keeps to the document.
pub(crate) struct Call {
    /// Parameters in the path, in their order.
    pub(crate) path: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Value,
    /// How it is to end, should it begin something.
    pub(crate) ending: Ending,
}

/// How what a request begins is to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ending {
    /// In the status that people wait for.
    #[default]
    Settled,
    /// In `error`.
    Error,
    /// In `pending_payment`; what knows no such status settles.
    PendingPayment,
}

impl Call {
    /// The first parameter of the path.
    pub(super) fn id(&self) -> &str {
        self.path.first().map_or("", |(_, value)| value)
    }

    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The body as its type. It kept to the document, so that only numbers nobody could mean are left to refuse.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_path_to_error::deserialize(&self.body).map_err(|error| {
            let message = format!("\"{}\" is out of range", error.path());
            Refusal::new(Code::BAD_REQUEST, message)
        })
    }
}
