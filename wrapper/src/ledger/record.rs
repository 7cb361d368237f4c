//! Records, and the entries they add up to.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A kind of resource that can be created.
///
/// ```
/// assert_eq!(genesiscloud::ResourceKind::FloatingIp.to_string(), "floating IP");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResourceKind {
    /// An instance.
    Instance,
    /// A volume.
    Volume,
    /// A filesystem.
    Filesystem,
    /// A snapshot.
    Snapshot,
    /// A floating IP.
    FloatingIp,
    /// A security group.
    SecurityGroup,
    /// An SSH key.
    SshKey,
}

impl ResourceKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::Volume => "volume",
            Self::Filesystem => "filesystem",
            Self::Snapshot => "snapshot",
            Self::FloatingIp => "floating IP",
            Self::SecurityGroup => "security group",
            Self::SshKey => "SSH key",
        }
    }
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A field of a create whose value no other resource has, by which its result is recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Marker {
    /// The name of the field, such as `hostname`.
    pub field: Cow<'static, str>,
    /// Its value.
    pub value: String,
}

impl Marker {
    pub(crate) fn new(field: &'static str, value: String) -> Self {
        Self { field: field.into(), value }
    }
}

/// A create as it is recorded before it is sent. It has no secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PlannedCreate {
    /// Identifies the entry; no other has it.
    pub key: String,
    /// What is created.
    pub kind: ResourceKind,
    /// The id of the operation in the provider's document, such as `CreateInstance`.
    pub operation: String,
    /// The endpoint of the client.
    pub endpoint: String,
    /// The name of the resource.
    pub name: String,
    /// The region of the resource, if the request has one.
    pub region: Option<String>,
    /// The marker by which the result is recognised, if the request has one.
    pub marker: Option<Marker>,
    /// When the instance destroys itself, if it has a lease.
    pub expires_at: Option<DateTime<Utc>>,
    /// The label that [`ClientBuilder::owner`](crate::ClientBuilder::owner) has set.
    pub owner: Option<String>,
    /// When it was recorded, by the system time of the process.
    pub planned_at: DateTime<Utc>,
}

/// A record of a ledger: what has become of a create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
#[non_exhaustive]
pub enum LedgerRecord {
    /// A create will be sent.
    Planned(Box<PlannedCreate>),
    /// The create was processed, and this is its result.
    Created {
        /// The key of the entry.
        key: String,
        /// The id of the resource.
        id: String,
    },
    /// The create was not processed.
    NotCreated {
        /// The key of the entry.
        key: String,
    },
    /// Another process has become the holder of the entry.
    Claimed {
        /// The key of the entry.
        key: String,
    },
    /// The API has accepted the deletion of a resource, which may take some time, or has found none to delete.
    DeletionAccepted {
        /// The kind of the resource. A record about an entry of another kind changes nothing.
        kind: ResourceKind,
        /// The id of the resource, which need not be one of the ledger's.
        id: String,
    },
    /// A resource does not exist any more.
    Gone {
        /// The kind of the resource. A record about an entry of another kind changes nothing: an id that a program gave to the
        /// wrong service is not found there, and its resource exists.
        kind: ResourceKind,
        /// The id of the resource, which need not be one of the ledger's.
        id: String,
    },
}

/// Who holds an entry: the process that has recorded or claimed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Holder {
    /// The process that reads the ledger.
    ThisProcess,
    /// Another process, which is running.
    RunningProcess,
    /// A process that has ended or failed.
    EndedProcess,
}

/// An open entry of a ledger: a create whose resource exists or may exist.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LedgerEntry {
    /// The create, as it was recorded.
    pub planned: PlannedCreate,
    /// The ids of its results: none while they are not known, and several only if an intermediary has repeated the request.
    pub ids: Vec<String>,
    /// Those of the ids whose deletion was accepted.
    pub deleting: Vec<String>,
    /// Who holds the entry.
    pub holder: Holder,
}

impl LedgerEntry {
    /// Creates an entry, for ledgers that keep their entries in another place.
    ///
    /// ```
    /// use genesiscloud::{Holder, LedgerEntry, PlannedCreate};
    ///
    /// fn recorded_by_another(planned: PlannedCreate, id: &str) -> LedgerEntry {
    ///     let mut entry = LedgerEntry::new(planned, Holder::EndedProcess);
    ///     entry.ids.push(id.to_owned());
    ///     entry
    /// }
    /// ```
    pub fn new(planned: PlannedCreate, holder: Holder) -> Self {
        Self { planned, ids: vec![], deleting: vec![], holder }
    }
}

impl fmt::Display for LedgerEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PlannedCreate { kind, name, owner, .. } = &self.planned;
        write!(f, "{kind} {name:?}")?;
        if let Some(owner) = owner {
            write!(f, " of {owner:?}")?;
        }
        match &self.ids[..] {
            [] => Ok(()),
            ids => write!(f, " ({})", ids.join(", ")),
        }
    }
}
