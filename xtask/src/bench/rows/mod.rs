//! The rows, one file per group.

mod calls;
mod scale;
mod throughput;

use super::row::Group;

/// All groups, in the order of the table.
pub(super) const GROUPS: &[Group] = &[calls::GROUP, throughput::GROUP, scale::GROUP];
