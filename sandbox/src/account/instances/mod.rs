//! Instances.

mod attachments;
mod capacity;
mod create;
mod lifecycle;
mod update;

pub(super) use create::create;
pub(super) use lifecycle::{SMALLEST_DISK, act, actions, delete, pay, user_metadata};
pub(super) use update::update;
