//! The error of a scope, and what it has left.

use std::fmt;

use super::any_resource::AnyResource;
use super::orphan::{OrphanedResource, capitals, is_billed};
use crate::error::printable;
use crate::{Error, Instance, WaitError};

/// What went wrong in a scope.
#[derive(Debug)]
#[non_exhaustive]
pub enum ScopeFailure<E> {
    /// The instance of an [`InstanceScope`](crate::InstanceScope) was not created; or, if the error
    /// [is ambiguous](Error::is_ambiguous), it may have been. Of any scope: it does not run within a tokio runtime.
    Create(Error),
    /// The instance did not become ready: `active`, and with
    /// [`InstanceScope::until_addressed`](crate::InstanceScope::until_addressed) with a public address.
    NotReady(WaitError),
    /// The work returned an error.
    Work(E),
    /// The future that stops the scope resolved.
    Stopped,
}

/// Why a scope failed, and what it has left.
///
/// If [`may_be_billed`](Self::may_be_billed), something exists or may exist that costs money. `Display` then begins with that:
/// kind, id and name of each, and why it was not deleted. The error of the work follows; it is never lost.
///
/// ```
/// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) {
/// use genesiscloud::{Error, ScopeFailure};
///
/// let outcome = client.instances().scoped(new).run(async |vm| Ok::<_, Error>(vm.name)).await;
/// if let Err(error) = outcome {
///     for orphan in error.orphans() {
///         eprintln!("delete the {} {:?} yourself: {}", orphan.kind(), orphan.id(), orphan.error());
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
    left: Left,
}

/// What a scope has left.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// What was kept, since the scope was to keep it on errors.
    pub(super) kept: Vec<AnyResource>,
    /// What could not be deleted, or may have been created.
    pub(super) orphans: Vec<OrphanedResource>,
}

impl Left {
    pub(super) fn orphans(orphans: Vec<OrphanedResource>) -> Self {
        Self { kept: vec![], orphans }
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.kept.is_empty() && self.orphans.is_empty()
    }

    fn is_billed(&self) -> bool {
        let mut kinds = self.kept.iter().map(AnyResource::kind).chain(self.orphans.iter().map(OrphanedResource::kind));
        kinds.any(is_billed)
    }

    /// Each of them, as a text that stands out.
    pub(super) fn texts(&self) -> impl Iterator<Item = String> {
        let kept = self.kept.iter().map(|resource| {
            let (kind, id, name) = (capitals(resource.kind()), printable(resource.id()), printable(resource.name()));
            let is_billed = if is_billed(resource.kind()) { " AND IS BILLED" } else { "" };
            format!("{kind} {id} ({name}) WAS KEPT{is_billed}, delete it yourself")
        });
        self.orphans.iter().map(OrphanedResource::to_string).chain(kept)
    }
}

impl<E> ScopeError<E> {
    pub(super) fn not_created(failure: ScopeFailure<E>) -> Self {
        Self::new(Some(failure), None, Left::default())
    }

    pub(super) fn new(failure: Option<ScopeFailure<E>>, instance: Option<Instance>, left: Left) -> Self {
        Self(Box::new(Inner { failure, instance, left }))
    }

    /// Returns what went wrong; `None` if the work succeeded and only deletions failed.
    pub fn failure(&self) -> Option<&ScopeFailure<E>> {
        self.0.failure.as_ref()
    }

    /// Converts the error into its [`failure`](Self::failure).
    pub fn into_failure(self) -> Option<ScopeFailure<E>> {
        self.0.failure
    }

    /// Returns the instance of an [`InstanceScope`](crate::InstanceScope) as it was created; `None` if it was not, and for a
    /// [`Scope`](crate::Scope).
    pub fn instance(&self) -> Option<&Instance> {
        self.0.instance.as_ref()
    }

    /// Returns the resources that exist or may exist, since they could not be deleted, or the results of their creates are not
    /// known.
    pub fn orphans(&self) -> &[OrphanedResource] {
        &self.0.left.orphans
    }

    /// Returns the resources that exist since the scope was built with `keep_on_error`
    /// ([`ScopeBuilder::keep_on_error`](crate::ScopeBuilder::keep_on_error),
    /// [`InstanceScope::keep_on_error`](crate::InstanceScope::keep_on_error)): delete them when you have inspected them.
    /// Without what the work gave up by [`Scope::keep`](crate::Scope::keep), which is the caller's.
    pub fn kept(&self) -> &[AnyResource] {
        &self.0.left.kept
    }

    /// Returns whether something exists or may exist that is billed: orphaned, kept, or created without a response. Security
    /// groups and SSH keys are not billed; [`orphans`](Self::orphans) has them as well.
    pub fn may_be_billed(&self) -> bool {
        self.is_ambiguous_create() || self.0.left.is_billed()
    }

    fn is_ambiguous_create(&self) -> bool {
        matches!(&self.0.failure, Some(ScopeFailure::Create(error)) if error.is_ambiguous())
    }
}

impl<E: fmt::Display> fmt::Display for ScopeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { failure, instance, left } = &*self.0;
        let failure = match failure {
            None => "the work succeeded".into(),
            // The orphan has the error.
            Some(ScopeFailure::Create(_)) if self.is_ambiguous_create() && !left.is_nothing() => {
                return f.write_str(&left.texts().collect::<Vec<_>>().join("; "));
            }
            Some(ScopeFailure::Create(error)) if error.is_ambiguous() => {
                format!("AN INSTANCE MAY EXIST AND BE BILLED, look for it: {error}")
            }
            Some(ScopeFailure::Create(error)) => format!("no instance was created: {error}"),
            Some(ScopeFailure::NotReady(error)) => format!("the instance did not become ready: {error}"),
            Some(ScopeFailure::Work(error)) => format!("the work failed: {error}"),
            Some(ScopeFailure::Stopped) => "the scope was stopped".to_owned(),
        };
        if !left.is_nothing() {
            return write!(f, "{}; before that, {failure}", left.texts().collect::<Vec<_>>().join("; "));
        }
        f.write_str(&failure)?;
        match instance {
            Some(instance) => {
                write!(f, "; instance {} ({}) was deleted", printable(&instance.id), printable(&instance.name))
            }
            None => Ok(()),
        }
    }
}

/// The same text as `Display`: it is what a `main` that returns an error prints.
impl<E: fmt::Display> fmt::Debug for ScopeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// For any error of the work that can be displayed, texts and boxes included; its own sources are available by
/// [`failure`](ScopeError::failure).
impl<E: fmt::Display> std::error::Error for ScopeError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match (&self.0.failure, self.orphans().first()) {
            (Some(ScopeFailure::Create(error)), _) => Some(error),
            (Some(ScopeFailure::NotReady(error)), _) => Some(error),
            (None, Some(orphan)) => Some(orphan),
            _ => None,
        }
    }
}
