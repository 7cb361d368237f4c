//! The error type of all steps.

/// The reason why a document cannot be generated: one sentence that names the place in the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Error {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

/// The result of a step.
pub type Result<T> = std::result::Result<T, Error>;
