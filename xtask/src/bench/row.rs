//! A row: what is measured, and its goal.

use super::measured::Measured;
use super::programs::Programs;

/// Rows that belong together.
pub(super) struct Group {
    pub(super) title: &'static str,
    /// What is compared with what.
    pub(super) about: &'static str,
    pub(super) rows: &'static [Row],
}

/// What is measured.
pub(super) struct Row {
    /// Its name on the command line.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) unit: &'static str,
    /// `None` for what is measured to be known.
    pub(super) goal: Option<Goal>,
    /// What `--guard` holds the ratio to: the goal, or what was reached, with some slack. `None` for what is not stable.
    pub(super) guard: Option<Goal>,
    pub(super) needs_valgrind: bool,
    /// Measures the SDK and what it is compared with in turn.
    pub(super) measure: fn(&Programs) -> Result<Measured, String>,
    /// What the costs are, and why the goal is missed if it is.
    pub(super) note: &'static str,
}

/// A limit for the ratio of the SDK to what it is compared with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

impl Goal {
    /// Ratios are compared as they are shown, with two digits.
    pub(super) fn is_met_by(self, ratio: f64) -> bool {
        let ratio = (ratio * 100.0).round() / 100.0;
        match self {
            Self::AtMost(most) => ratio <= most,
            Self::AtLeast(least) => ratio >= least,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_met_by_the_ratio_that_is_shown() {
        assert!(Goal::AtMost(1.1).is_met_by(1.104) && !Goal::AtMost(1.1).is_met_by(1.106));
        assert!(Goal::AtLeast(0.95).is_met_by(0.946) && !Goal::AtLeast(0.95).is_met_by(0.944));
    }
}
