//! What a row has measured: the SDK's number, and that of what it is compared with.

use serde::{Deserialize, Serialize};

/// What one row has measured.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Measured {
    pub(super) ours: f64,
    /// What it is compared with.
    pub(super) floor: f64,
    /// hyper alone, where that is measured.
    pub(super) lower_bound: Option<f64>,
}

impl Measured {
    pub(super) fn ratio(&self) -> f64 {
        self.ours / self.floor
    }
}
