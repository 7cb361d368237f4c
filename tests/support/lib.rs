//! What the tests of the SDK share.

pub mod document;
pub mod fixtures;
pub mod leaks;
pub mod sandbox;
pub mod time;
pub mod wire;
