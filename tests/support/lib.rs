//! What the tests of the SDK share.

pub mod document;
pub mod fixtures;
pub mod wire;
