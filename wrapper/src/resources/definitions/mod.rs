//! Macros that define the resources: what they have in common is written here, what is particular to one is in its file.
//! Methods take their names from that file, so that a search finds them and compiler errors point there.

pub(super) mod examples;
pub(super) mod parameters;
pub(super) mod services;

pub(super) use self::parameters::parameters;
pub(super) use self::services::{listed_by_fields, operations, resource, service};
