//! What the parameters of a create are completed with.

use chrono::{DateTime, Utc};

use super::marker::{marker_of_description, random_suffix, with_marker};
use crate::core::Core;
use crate::ledger::Marker;

/// What the parameters of a create are completed with before they are sent.
#[derive(Clone, Debug)]
pub struct Preparation {
    /// A text that no other create has, if the result is to be recognised by it.
    pub(crate) suffix: Option<String>,
    /// Whether a ledger keeps the marker, so that each create has one that can.
    is_recorded: bool,
    /// The client's system time.
    pub(crate) now: DateTime<Utc>,
}

impl Preparation {
    /// With a suffix if the result may have to be recognised: by a search for a lost one, or by the ledger.
    pub(super) fn new(core: &Core, is_recoverable: bool) -> Self {
        let is_recorded = core.recording().is_some();
        let suffix = (is_recoverable || is_recorded).then(random_suffix);
        Self { suffix, is_recorded, now: core.clock().system_time().into() }
    }

    /// Returns the marker in a description. If the create is recorded and the caller has set none, adds one.
    pub(crate) fn mark(&self, description: &mut Option<String>) -> Option<Marker> {
        let suffix = self.suffix.as_deref()?;
        let marker = marker_of_description(description.as_deref());
        if marker.is_some() || !self.is_recorded {
            return marker;
        }
        *description = Some(with_marker(description.as_deref(), suffix));
        marker_of_description(description.as_deref())
    }
}
