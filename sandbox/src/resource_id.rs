//! Ids: UUIDs whose first digit tells the kind, which helps when reading logs.

use genesiscloud_bindings::types::Reference;
use serde_json::Map;

/// The first digit of the ids of a kind.
#[derive(Clone, Copy)]
pub(crate) struct Kind(u8);

pub(crate) const INSTANCE: Kind = Kind(1);
pub(crate) const VOLUME: Kind = Kind(2);
pub(crate) const SNAPSHOT: Kind = Kind(3);
pub(crate) const FILESYSTEM: Kind = Kind(4);
pub(crate) const SSH_KEY: Kind = Kind(5);
pub(crate) const SECURITY_GROUP: Kind = Kind(6);
pub(crate) const FLOATING_IP: Kind = Kind(7);
pub(crate) const IMAGE: Kind = Kind(8);
pub(crate) const RESERVATION: Kind = Kind(9);

impl Kind {
    /// The id of a made-up resource.
    pub(crate) fn made(self, number: usize) -> String {
        self.numbered(number as u64)
    }

    /// The id of a resource that a request created.
    pub(crate) fn created(self, number: u64) -> String {
        const FIRST: u64 = 0x1_0000_0000;
        self.numbered(FIRST + number)
    }

    fn numbered(self, number: u64) -> String {
        format!("{}0000000-0000-4000-8000-{number:012x}", self.0)
    }
}

/// How one resource names another.
pub(crate) fn reference(id: &str, name: &str) -> Reference {
    Reference { id: id.to_owned(), name: name.to_owned(), extra: Map::new() }
}
