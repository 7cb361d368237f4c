//! Creating without making twice, and without leaving behind.
//!
//! [`creations`] knows what this program's own creates made; [`recover`] finds what a lost answer may have made;
//! [`scope`] deletes what it created, by a [`deletion`] that does not give up early; [`room`] tries one place after another.

mod creations;
mod deletion;
mod recover;
mod room;
mod scope;
mod scope_error;

use std::sync::Arc;

pub(crate) use self::creations::{Creations, creating};
pub(crate) use self::deletion::Deletions;
pub use self::deletion::LeftBehind;
pub(crate) use self::recover::create_or_recover;
pub(crate) use self::room::create_first_available;
pub use self::room::{Choice, NoRoom, WhyNot};
pub use self::scope::Scope;
pub use self::scope_error::{ScopeError, ScopeFailure};

/// What clients made from one another know together of what they made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Made {
    pub(crate) creations: Arc<Creations>,
    pub(crate) deletions: Arc<Deletions>,
}
