//! The error of a scope, and what became of its instance.

use std::fmt;

use super::cleanup::OrphanedInstance;
use crate::error::printable;
use crate::{Error, Instance, WaitError};

/// What went wrong in a scope.
#[derive(Debug)]
#[non_exhaustive]
pub enum ScopeFailure<E> {
    /// The instance was not created; or, if the error [is ambiguous](Error::is_ambiguous), it may have been.
    Create(Error),
    /// The instance did not become ready: `active`, and with [`Scope::until_addressed`](crate::Scope::until_addressed) with a
    /// public address.
    NotReady(WaitError),
    /// The work returned an error.
    Work(E),
    /// The future given to [`Scope::stop_when`](crate::Scope::stop_when) resolved.
    Stopped,
}

/// What became of the instance.
#[derive(Debug)]
pub(super) enum Disposal {
    NotCreated,
    Deleted,
    Kept,
    Orphaned(OrphanedInstance),
}

/// Why a scope failed, and what became of its instance.
///
/// If [`may_be_billed`](Self::may_be_billed), an instance exists or may exist. `Display` then begins with that, and the id.
///
/// ```
/// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) {
/// use genesiscloud::{Error, ScopeFailure};
///
/// let outcome = client.instances().scoped(new).run(async |vm| Ok::<_, Error>(vm.name)).await;
/// if let Err(error) = outcome {
///     if let Some(orphan) = error.orphaned_instance() {
///         eprintln!("delete {:?} yourself: {}", orphan.id(), orphan.error());
///     }
///     match error.failure() {
///         Some(ScopeFailure::Work(cause)) => eprintln!("the work failed: {cause}"),
///         _ => eprintln!("{error}"),
///     }
/// }
/// # }
/// ```
pub struct ScopeError<E>(Box<Inner<E>>);

struct Inner<E> {
    failure: Option<ScopeFailure<E>>,
    instance: Option<Instance>,
    disposal: Disposal,
}

impl<E> ScopeError<E> {
    pub(super) fn not_created(failure: ScopeFailure<E>) -> Self {
        Self(Box::new(Inner { failure: Some(failure), instance: None, disposal: Disposal::NotCreated }))
    }

    pub(super) fn new(failure: Option<ScopeFailure<E>>, instance: Instance, disposal: Disposal) -> Self {
        Self(Box::new(Inner { failure, instance: Some(instance), disposal }))
    }

    /// Returns what went wrong; `None` if the work succeeded and only the deletion failed.
    pub fn failure(&self) -> Option<&ScopeFailure<E>> {
        self.0.failure.as_ref()
    }

    /// Converts the error into its [`failure`](Self::failure).
    pub fn into_failure(self) -> Option<ScopeFailure<E>> {
        self.0.failure
    }

    /// Returns the instance as it was created; `None` if it was not.
    pub fn instance(&self) -> Option<&Instance> {
        self.0.instance.as_ref()
    }

    /// Returns the instance if it could not be deleted: it exists or may exist, and is billed.
    pub fn orphaned_instance(&self) -> Option<&OrphanedInstance> {
        match &self.0.disposal {
            Disposal::Orphaned(orphan) => Some(orphan),
            Disposal::NotCreated | Disposal::Deleted | Disposal::Kept => None,
        }
    }

    /// Returns whether an instance exists or may exist, and is billed: orphaned, kept, or created without a response.
    pub fn may_be_billed(&self) -> bool {
        let may_exist = matches!(&self.0.failure, Some(ScopeFailure::Create(error)) if error.is_ambiguous());
        may_exist || matches!(self.0.disposal, Disposal::Kept | Disposal::Orphaned(_))
    }

    /// Returns the instance if it was kept because of [`Scope::keep_on_error`](crate::Scope::keep_on_error): it exists, and is
    /// billed.
    pub fn kept_instance(&self) -> Option<&Instance> {
        self.0.instance.as_ref().filter(|_| matches!(self.0.disposal, Disposal::Kept))
    }
}

/// What became of an instance, as a text that stands out if the instance still exists.
pub(super) struct DisposalText<'a> {
    pub(super) instance: &'a Instance,
    pub(super) disposal: &'a Disposal,
}

impl fmt::Display for DisposalText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, name) = (printable(&self.instance.id), printable(&self.instance.name));
        match self.disposal {
            Disposal::NotCreated => Ok(()),
            Disposal::Deleted => write!(f, "instance {id} ({name}) was deleted"),
            Disposal::Kept => write!(f, "INSTANCE {id} ({name}) WAS KEPT AND IS BILLED, delete it yourself"),
            Disposal::Orphaned(orphan) => write!(f, "{orphan}"),
        }
    }
}

impl<E: fmt::Display> fmt::Display for ScopeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failure = match &self.0.failure {
            None => "the work succeeded".into(),
            Some(ScopeFailure::Create(error)) if error.is_ambiguous() => {
                format!("AN INSTANCE MAY EXIST AND BE BILLED, look for it: {error}")
            }
            Some(ScopeFailure::Create(error)) => format!("no instance was created: {error}"),
            Some(ScopeFailure::NotReady(error)) => format!("the instance did not become ready: {error}"),
            Some(ScopeFailure::Work(error)) => format!("the work failed: {error}"),
            Some(ScopeFailure::Stopped) => "the scope was stopped".to_owned(),
        };
        match &self.0.instance {
            None => f.write_str(&failure),
            Some(instance) if matches!(self.0.disposal, Disposal::Deleted) => {
                write!(f, "{failure}; {}", DisposalText { instance, disposal: &self.0.disposal })
            }
            Some(instance) => {
                write!(f, "{}; before that, {failure}", DisposalText { instance, disposal: &self.0.disposal })
            }
        }
    }
}

/// For any error of the work that can be displayed, texts and boxes included; its own sources are available by
/// [`failure`](ScopeError::failure).
/// The same text as `Display`: it is what a `main` that returns an error prints.
impl<E: fmt::Display> fmt::Debug for ScopeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<E: fmt::Display> std::error::Error for ScopeError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match (&self.0.failure, &self.0.disposal) {
            (Some(ScopeFailure::Create(error)), _) => Some(error),
            (Some(ScopeFailure::NotReady(error)), _) => Some(error),
            (None, Disposal::Orphaned(orphan)) => Some(orphan),
            _ => None,
        }
    }
}
