//! How a scope ends that does not end well, and what has become of its machine.

use std::fmt;

use super::deletion::LeftBehind;
use crate::error::printable;
use crate::{Error, Instance, WaitError};

/// What went wrong in a scope.
#[derive(Debug)]
#[non_exhaustive]
pub enum ScopeFailure<E> {
    /// The machine was not created; or, if the error [is ambiguous](Error::is_ambiguous), nobody can say.
    Create(Error),
    /// The machine did not become active.
    NotReady(WaitError),
    /// The work failed.
    Work(E),
    /// It was stopped by what [`Scope::stop_when`](crate::Scope::stop_when) was given.
    Stopped,
}

/// What has become of the machine.
#[derive(Debug)]
pub(super) enum Fate {
    Unmade,
    Deleted,
    Kept,
    LeftBehind(LeftBehind),
}

/// Why a scope did not end well, and what has become of its machine.
///
/// Where [`may_be_billed`](Self::may_be_billed), a machine is there, or may be. Its `Display` then says so first, with the id.
///
/// ```
/// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) {
/// use genesiscloud::{Error, ScopeFailure};
///
/// let outcome = client.instances().scoped(new).run(async |vm| Ok::<_, Error>(vm.name)).await;
/// if let Err(error) = outcome {
///     if let Some(machine) = error.left_behind() {
///         eprintln!("delete {:?} yourself: {}", machine.id(), machine.error());
///     }
///     match error.failure() {
///         Some(ScopeFailure::Work(cause)) => eprintln!("the work failed: {cause}"),
///         _ => eprintln!("{error}"),
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct ScopeError<E>(Box<Inner<E>>);

#[derive(Debug)]
struct Inner<E> {
    failure: Option<ScopeFailure<E>>,
    vm: Option<Instance>,
    fate: Fate,
}

impl<E> ScopeError<E> {
    pub(super) fn unmade(failure: ScopeFailure<E>) -> Self {
        Self(Box::new(Inner { failure: Some(failure), vm: None, fate: Fate::Unmade }))
    }

    pub(super) fn new(failure: Option<ScopeFailure<E>>, vm: Instance, fate: Fate) -> Self {
        Self(Box::new(Inner { failure, vm: Some(vm), fate }))
    }

    /// What went wrong; none if the work succeeded and only the deletion failed.
    pub fn failure(&self) -> Option<&ScopeFailure<E>> {
        self.0.failure.as_ref()
    }

    /// The same, to keep.
    pub fn into_failure(self) -> Option<ScopeFailure<E>> {
        self.0.failure
    }

    /// The machine as it was created; none if it was not.
    pub fn machine(&self) -> Option<&Instance> {
        self.0.vm.as_ref()
    }

    /// The machine, if it could not be deleted: it is there, and billed.
    pub fn left_behind(&self) -> Option<&LeftBehind> {
        match &self.0.fate {
            Fate::LeftBehind(machine) => Some(machine),
            Fate::Unmade | Fate::Deleted | Fate::Kept => None,
        }
    }

    /// Whether a machine is or may be there and billed: left behind, kept, or perhaps created without an answer.
    pub fn may_be_billed(&self) -> bool {
        let may_exist = matches!(&self.0.failure, Some(ScopeFailure::Create(error)) if error.is_ambiguous());
        may_exist || matches!(self.0.fate, Fate::Kept | Fate::LeftBehind(_))
    }

    /// The machine, if it was kept as [`Scope::keep_on_error`](crate::Scope::keep_on_error) asks: it is there, and billed.
    pub fn kept(&self) -> Option<&Instance> {
        self.0.vm.as_ref().filter(|_| matches!(self.0.fate, Fate::Kept))
    }
}

/// What has become of a machine, in words that stand out where it is still there.
pub(super) struct Told<'a> {
    pub(super) vm: &'a Instance,
    pub(super) fate: &'a Fate,
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, name) = (printable(&self.vm.id), printable(&self.vm.name));
        match self.fate {
            Fate::Unmade => Ok(()),
            Fate::Deleted => write!(f, "machine {id} ({name}) was deleted"),
            Fate::Kept => write!(f, "MACHINE {id} ({name}) WAS KEPT AND IS BILLED, delete it yourself"),
            Fate::LeftBehind(machine) => write!(f, "{machine}"),
        }
    }
}

impl<E: fmt::Display> fmt::Display for ScopeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failure = match &self.0.failure {
            None => "the work was done".into(),
            Some(ScopeFailure::Create(error)) if error.is_ambiguous() => {
                format!("A MACHINE MAY EXIST AND BE BILLED, look for it: {error}")
            }
            Some(ScopeFailure::Create(error)) => format!("no machine was created: {error}"),
            Some(ScopeFailure::NotReady(error)) => format!("the machine did not become active: {error}"),
            Some(ScopeFailure::Work(error)) => format!("the work failed: {error}"),
            Some(ScopeFailure::Stopped) => "it was stopped".to_owned(),
        };
        match &self.0.vm {
            None => f.write_str(&failure),
            Some(vm) if matches!(self.0.fate, Fate::Deleted) => {
                write!(f, "{failure}; {}", Told { vm, fate: &self.0.fate })
            }
            Some(vm) => write!(f, "{}; before that, {failure}", Told { vm, fate: &self.0.fate }),
        }
    }
}

/// For whatever the work's error is that can be shown, texts and boxes included; its own sources are behind
/// [`failure`](ScopeError::failure).
impl<E: fmt::Debug + fmt::Display> std::error::Error for ScopeError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match (&self.0.failure, &self.0.fate) {
            (Some(ScopeFailure::Create(error)), _) => Some(error),
            (Some(ScopeFailure::NotReady(error)), _) => Some(error),
            (None, Fate::LeftBehind(machine)) => Some(machine),
            _ => None,
        }
    }
}
