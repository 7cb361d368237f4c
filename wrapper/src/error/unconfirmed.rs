//! A request that may have been processed although no response confirms it.

use std::fmt;
use std::time::Instant;

use chrono::{DateTime, SecondsFormat, Utc};
use http::Method;
use serde_json::{Map, Value};

use super::text::printable;

/// A request that the service may have processed: what is needed to look for its result.
///
/// `Display` is a sentence for people. [`Error::unconfirmed`](crate::Error::unconfirmed) shows how to look for the result.
#[derive(Clone, Debug, PartialEq)]
pub struct Unconfirmed {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) fields: Map<String, Value>,
    pub(crate) first_sent_at: DateTime<Utc>,
    /// When the first attempt that may have been processed was sent, by the monotonic clock.
    pub(crate) first_maybe_processed: Option<Instant>,
    /// The ids that a search found, or why it failed; `None` if there was no search.
    pub(crate) candidates: Option<std::result::Result<Vec<String>, String>>,
}

impl Unconfirmed {
    /// Returns the HTTP method: `POST` for a create or an action, `PATCH` for an update, `DELETE` for a deletion.
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// Returns the path below the endpoint: `/instances` for a create, `/instances/{id}/actions` for an action.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the name that the request sets, if it sets one. Names need not be unique.
    pub fn name(&self) -> Option<&str> {
        self.fields.get("name")?.as_str()
    }

    /// Returns the fields of the request by which its result can be recognised: name, region, type, size, image and such; and
    /// for a snapshot of an instance or a copy, the id of what it is made of.
    /// Holds no secrets, and only fields that were set.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// Returns when the request was first sent, by the local clock. The `created_at` of its result is not earlier, apart
    /// from the skew between the clocks.
    pub fn first_sent_at(&self) -> DateTime<Utc> {
        self.first_sent_at
    }

    /// Returns the ids of the resources that may be the result, as found by `create_or_recover`; `None` if there was no
    /// search, or it failed.
    pub fn candidates(&self) -> Option<&[String]> {
        self.candidates.as_ref()?.as_deref().ok()
    }
}

impl fmt::Display for Unconfirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent_at = self.first_sent_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        match self.name().filter(|_| self.method == Method::POST) {
            Some(name) => {
                let name = printable(name);
                write!(f, "{name:?} may exist, created after {sent_at}; look for it before creating it again")?;
            }
            None => {
                let (method, path) = (&self.method, printable(&self.path));
                write!(f, "{method} {path} was sent at {sent_at}; check its effect before sending it again")?;
            }
        }
        match &self.candidates {
            None => Ok(()),
            Some(Err(error)) => write!(f, " (the search for it failed: {})", printable(error)),
            Some(Ok(ids)) if ids.is_empty() => f.write_str(" (a search did not find it; it may still appear)"),
            Some(Ok(ids)) => write!(f, " (candidates: {})", printable(&ids.join(", "))),
        }
    }
}
