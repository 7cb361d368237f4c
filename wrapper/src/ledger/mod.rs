//! The ledger: what a program has created and not yet deleted, written down before it is sent, so that a later process finds it.

mod entries;
mod file;
mod memory;
mod record;

use std::fmt;
use std::io;
use std::sync::Arc;

use futures::future::BoxFuture;

pub use self::file::FileLedger;
pub use self::memory::MemoryLedger;
pub use self::record::{Holder, LedgerEntry, LedgerRecord, Marker, PlannedCreate, ResourceKind};

/// The result of an operation of a [`Ledger`].
pub type LedgerFuture<'a, T> = BoxFuture<'a, io::Result<T>>;

/// A ledger of the resources that a program creates. [`ClientBuilder::ledger`](crate::ClientBuilder::ledger) has a client keep
/// one: each create is recorded before it is sent, and is an open entry until its resource is gone.
/// [`Client::reconcile`](crate::Client::reconcile) finds what the open entries are about.
///
/// [`FileLedger`] keeps it in a file, [`MemoryLedger`] in memory for tests. An implementation must not lose a record that it
/// has accepted. Calls wait for each operation, an [attempt's timeout](crate::ClientBuilder::attempt_timeout) at most.
///
/// One that sees by heartbeats whether a process is running must not take one for ended that can still send a create or use
/// its result: a process that was suspended, or cut off from the ledger, comes back. So it reports
/// [`EndedProcess`](Holder::EndedProcess) only when the last heartbeat is older than the clients'
/// [deadline](crate::ClientBuilder::deadline), which must be set for that, since the default one does not count how long a
/// create waits for its permit, and than any such pause, and fails the records of a process whose entries
/// another one has claimed.
///
/// ```
/// use std::sync::Mutex;
/// use genesiscloud::{Ledger, LedgerEntry, LedgerFuture, LedgerRecord, MemoryLedger};
///
/// /// Prints the records of another ledger.
/// #[derive(Debug)]
/// struct Printed(MemoryLedger);
///
/// impl Ledger for Printed {
///     fn append(&self, record: LedgerRecord) -> LedgerFuture<'_, ()> {
///         println!("{record:?}");
///         self.0.append(record)
///     }
///     fn entries(&self) -> LedgerFuture<'_, Vec<LedgerEntry>> { self.0.entries() }
///     fn claim(&self, key: &str) -> LedgerFuture<'_, bool> { self.0.claim(key) }
/// }
/// ```
pub trait Ledger: fmt::Debug + Send + Sync + 'static {
    /// Writes a record. When this resolves, the record is found again even if the process or its machine fails.
    ///
    /// # Errors
    /// If the record may not have been written. A create is then not sent.
    fn append(&self, record: LedgerRecord) -> LedgerFuture<'_, ()>;

    /// Returns the open entries, in the order in which they were planned.
    ///
    /// # Errors
    /// If the ledger cannot be read, or was written by a newer version of this crate.
    fn entries(&self) -> LedgerFuture<'_, Vec<LedgerEntry>>;

    /// Makes this process the holder of an entry, unless a running process holds it or it is no longer open. Returns whether
    /// this process holds it now. Of several processes that claim an entry, one succeeds.
    ///
    /// # Errors
    /// If the ledger cannot be read or written.
    fn claim(&self, key: &str) -> LedgerFuture<'_, bool>;
}

impl<L: Ledger + ?Sized> Ledger for Arc<L> {
    fn append(&self, record: LedgerRecord) -> LedgerFuture<'_, ()> {
        (**self).append(record)
    }

    fn entries(&self) -> LedgerFuture<'_, Vec<LedgerEntry>> {
        (**self).entries()
    }

    fn claim(&self, key: &str) -> LedgerFuture<'_, bool> {
        (**self).claim(key)
    }
}

/// How a client records what it creates.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    pub(crate) ledger: Arc<dyn Ledger>,
    /// A label for the entries.
    pub(crate) owner: Option<String>,
}
