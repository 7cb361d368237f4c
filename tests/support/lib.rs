//! What the tests of the SDK share.

pub mod document;
pub mod fixtures;
pub mod sandbox;
pub mod wire;
