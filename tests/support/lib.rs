//! Fixtures and helpers that the tests of the SDK share.

pub mod document;
pub mod fixtures;
pub mod leaks;
pub mod ledger;
pub mod mock_api;
pub mod sandbox;
pub mod skipping_clock;
pub mod time;
