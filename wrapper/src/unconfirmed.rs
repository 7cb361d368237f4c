//! What may have been done without an answer that says so.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use http::Method;
use serde_json::{Map, Value};

use crate::error::printable;

/// A request that the service may have processed: what is needed to look for what it did.
///
/// Its `Display` is a sentence for people. [`Error::unconfirmed`](crate::Error::unconfirmed) shows how to look.
#[derive(Clone, Debug, PartialEq)]
pub struct Unconfirmed {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) fields: Map<String, Value>,
    pub(crate) since: DateTime<Utc>,
    /// What a search brought, or why it brought nothing; none if nobody has searched.
    pub(crate) found: Option<std::result::Result<Vec<String>, String>>,
}

impl Unconfirmed {
    /// Its HTTP method: `POST` for a create or an action, `PATCH` for a change, `DELETE` for a deletion.
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// Where it was sent, below the endpoint: `/instances` for a create, `/instances/{id}/actions` for an action.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The name that the request gives, if it gives one. Names need not be unique.
    pub fn name(&self) -> Option<&str> {
        self.fields.get("name")?.as_str()
    }

    /// The fields of the request by which one would know a thing again: name, region, type, size, image and such. No
    /// secrets, and nothing that was not set.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// When it was first sent, by this machine's clock: `created_at` is not before that, but for the difference between
    /// the clocks.
    pub fn since(&self) -> DateTime<Utc> {
        self.since
    }

    /// The ids of what it may have made, as far as `create_or_recover` found any; none if nobody looked, or could.
    pub fn found(&self) -> Option<&[String]> {
        self.found.as_ref()?.as_deref().ok()
    }
}

impl fmt::Display for Unconfirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.since.to_rfc3339_opts(SecondsFormat::Secs, true);
        match self.name().filter(|_| self.method == Method::POST) {
            Some(name) => {
                write!(f, "{:?} may exist, made after {since}; look for it before making it again", printable(name))?;
            }
            None => {
                let (method, path) = (&self.method, printable(&self.path));
                write!(f, "{method} {path}, sent at {since}, may have been done; look before doing it again")?;
            }
        }
        match &self.found {
            None => Ok(()),
            Some(Err(trouble)) => write!(f, " (looking for it failed: {})", printable(trouble)),
            Some(Ok(found)) if found.is_empty() => f.write_str(" (it was looked for and not found; it may appear yet)"),
            Some(Ok(found)) => write!(f, " (these may be it: {})", printable(&found.join(", "))),
        }
    }
}
