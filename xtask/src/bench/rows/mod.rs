//! The rows, one file per subject.

mod calls;
mod lists;
mod program;
mod scale;
mod throughput;
mod tools;

use super::row::Group;

/// All groups, in the order of the table.
pub(super) const GROUPS: &[Group] = &[
    calls::GROUP,
    throughput::GROUP,
    lists::LISTS,
    lists::WAITS,
    scale::GROUP,
    program::GROUP,
    tools::SANDBOX,
    tools::COMMANDS,
];
