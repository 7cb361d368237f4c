//! Operations and lifecycle of instances.

mod attachments;
mod capacity;
mod create;
mod lifecycle;
mod update;

pub(super) use create::create;
pub(super) use lifecycle::{MIN_DISK_SIZE, actions, delete, pay, perform_action, user_metadata};
pub(super) use update::update;
