//! Resource ids: UUIDs whose first digit identifies the kind of the resource, which makes logs easier to read.

use crate::filled::filled;
use genesiscloud_bindings::types::Reference;

/// The first digit of the ids of one kind.
#[derive(Clone, Copy)]
pub(crate) struct IdPrefix(u8);

pub(crate) const INSTANCE: IdPrefix = IdPrefix(1);
pub(crate) const VOLUME: IdPrefix = IdPrefix(2);
pub(crate) const SNAPSHOT: IdPrefix = IdPrefix(3);
pub(crate) const FILESYSTEM: IdPrefix = IdPrefix(4);
pub(crate) const SSH_KEY: IdPrefix = IdPrefix(5);
pub(crate) const SECURITY_GROUP: IdPrefix = IdPrefix(6);
pub(crate) const FLOATING_IP: IdPrefix = IdPrefix(7);
pub(crate) const IMAGE: IdPrefix = IdPrefix(8);
pub(crate) const RESERVATION: IdPrefix = IdPrefix(9);

impl IdPrefix {
    /// Returns the id of a resource that exists from the start.
    pub(crate) fn seeded(self, number: usize) -> String {
        self.numbered(number as u64)
    }

    /// Returns the id of a resource that a request created.
    pub(crate) fn created(self, number: u64) -> String {
        const FIRST: u64 = 0x1_0000_0000;
        self.numbered(FIRST + number)
    }

    fn numbered(self, number: u64) -> String {
        format!("{}0000000-0000-4000-8000-{number:012x}", self.0)
    }
}

/// Creates the reference by which one resource names another.
pub(crate) fn reference(id: &str, name: &str) -> Reference {
    filled!(Reference { id: id.to_owned(), name: name.to_owned() })
}
