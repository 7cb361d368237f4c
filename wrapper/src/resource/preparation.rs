//! What the parameters of a create are completed with.

use chrono::{DateTime, Utc};

use super::marker::random_suffix;
use crate::core::Core;

/// What the parameters of a create are completed with before they are sent.
#[derive(Clone, Debug)]
pub struct Preparation {
    /// A text that no other create has, if the result is to be recognised by it.
    pub(crate) suffix: Option<String>,
    /// The client's system time.
    pub(crate) now: DateTime<Utc>,
}

impl Preparation {
    pub(super) fn new(core: &Core) -> Self {
        Self { suffix: None, now: core.clock().system_time().into() }
    }

    /// With a suffix, by which the result is to be recognised.
    pub(super) fn with_suffix(self) -> Self {
        Self { suffix: Some(random_suffix()), ..self }
    }
}
