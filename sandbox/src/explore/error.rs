//! The error of an exploration that cannot be done.

use std::fmt;
use std::io;

use crate::faults::FaultError;

/// Why a program cannot be explored. That it violates an invariant is no error, but a part of the [`Report`](super::Report).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExploreError(String);

impl ExploreError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    pub(super) fn fault(error: FaultError) -> Self {
        Self(error.to_string())
    }

    pub(super) fn io(error: io::Error) -> Self {
        Self(format!("a run cannot be started: {error}"))
    }

    pub(super) fn without_faults(how: &str, message: &str) -> Self {
        Self(format!("the program {how} without any fault: {message}"))
    }
}

impl fmt::Display for ExploreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ExploreError {}
