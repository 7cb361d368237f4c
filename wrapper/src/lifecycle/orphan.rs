//! Resources that no program will delete.

use std::fmt;

use super::any_resource::AnyResource;
use crate::Error;
use crate::error::printable;
use crate::ledger::ResourceKind;

/// A resource that exists or may exist, and that no program will delete. Most are billed until they are deleted by other means.
///
/// ```
/// # async fn example(client: genesiscloud::Client) {
/// for orphan in client.wait_for_cleanup().await {
///     eprintln!("{orphan}"); // names kind, id and name, and why it was not deleted
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct OrphanedResource {
    kind: ResourceKind,
    id: Option<String>,
    name: String,
    certainty: Certainty,
    error: Error,
}

/// What is known of an orphaned resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    /// Its deletion was rejected or failed, or a read has shown it since.
    NotDeleted,
    /// Its deletion was accepted, but it was not observed to be gone.
    NotConfirmed,
    /// Its deletion may have been processed, and no read has shown it since.
    MayBeDeleted,
    /// Whether it was created is not known.
    MayExist,
}

impl OrphanedResource {
    /// A resource that is there, or was before its deletion was accepted.
    pub(super) fn new(kind: ResourceKind, id: &str, name: &str, (certainty, error): (Certainty, Error)) -> Self {
        Self { kind, id: Some(id.to_owned()), name: name.to_owned(), certainty, error }
    }

    /// A resource of which it is not known whether it was created.
    pub(super) fn of_ambiguous_create(kind: ResourceKind, name: &str, error: Error) -> Self {
        Self { kind, id: None, name: name.to_owned(), certainty: Certainty::MayExist, error }
    }

    /// Returns its kind.
    pub fn kind(&self) -> ResourceKind {
        self.kind
    }

    /// Returns its id; `None` if it is not known whether it was created at all.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the error of the last attempt to delete it, or of its creation.
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// Whether it is this resource.
    pub(super) fn is_of(&self, resource: &AnyResource) -> bool {
        self.kind == resource.kind() && self.id() == Some(resource.id())
    }

    /// Converts it into that error.
    pub(super) fn into_error(self) -> Error {
        self.error
    }
}

/// Whether resources of a kind cost money while they exist.
pub(super) fn is_billed(kind: ResourceKind) -> bool {
    !matches!(kind, ResourceKind::SecurityGroup | ResourceKind::SshKey)
}

/// A kind in capitals.
pub(super) fn capitals(kind: ResourceKind) -> String {
    kind.to_string().to_uppercase()
}

/// Begins with the resource, in capitals, so that it stands out.
impl fmt::Display for OrphanedResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, id, name, certainty, error } = self;
        let (id, name) = (printable(id.as_deref().unwrap_or_default()), printable(name));
        let (is_billed, be_billed) = if is_billed(*kind) { (" AND IS BILLED", " AND BE BILLED") } else { ("", "") };
        let article = if matches!(kind, ResourceKind::Instance | ResourceKind::SshKey) { "AN" } else { "A" };
        let kind = capitals(*kind);
        match certainty {
            Certainty::NotDeleted => {
                write!(f, "{kind} {id} ({name}) STILL EXISTS{is_billed}, delete it yourself: {error}")
            }
            Certainty::NotConfirmed => write!(
                f,
                "{kind} {id} ({name}) MAY STILL EXIST{be_billed}, check it: its deletion was accepted, but then {error}"
            ),
            Certainty::MayBeDeleted => {
                write!(f, "{kind} {id} ({name}) MAY STILL EXIST{be_billed}, check it: {error}")
            }
            Certainty::MayExist => {
                write!(f, "{article} {kind} NAMED {name} MAY EXIST{be_billed}, look for it: {error}")
            }
        }
    }
}

impl std::error::Error for OrphanedResource {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
