//! A ledger in a file, which the processes of one machine share.

mod line;
mod session;
mod storage;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::storage::Storage;
use super::record::{LedgerEntry, LedgerRecord};
use super::{Ledger, LedgerFuture};

/// A ledger in a file, which all processes of one machine can share. Clones are the same ledger.
///
/// * **Durable**: a record is written and flushed to the disk (`fsync`) before a create is sent. A process that is killed
///   while it writes leaves half a record, which is ignored: its create was not sent.
/// * **Shared**: processes exclude one another by a lock on the file `<path>.lock` while they read or write. Each holds a lock on
///   a file `<path>.<session>.session` while it runs, by which others see whether the holder of an entry is still running,
///   also after `kill -9`. The operating system's locks must work there, which those of network file systems may not.
/// * **Small**: the records of closed entries are removed from time to time. A record has some 300 bytes.
/// * **Without secrets**: it holds names, ids, regions and markers. Each line is a record in JSON.
///
/// Use one ledger per account. Entries remember the endpoint, but not the account: with the token of another account, everything
/// seems to be gone.
///
/// ```
/// use genesiscloud::{Client, FileLedger};
///
/// # let path = std::env::temp_dir().join(format!("fleet-{}.ledger", std::process::id()));
/// # let _ = std::fs::remove_file(&path);
/// let ledger = FileLedger::open(&path)?;
/// let client = Client::builder().token("secret").ledger(ledger).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct FileLedger(Arc<Storage>);

impl FileLedger {
    /// Opens the ledger in a file, or creates it. Removes what closed entries have left in it.
    ///
    /// # Errors
    /// If the file or those beside it cannot be read and written, or were written by a newer version of this crate.
    ///
    /// ```no_run
    /// let ledger = genesiscloud::FileLedger::open("fleet.ledger")?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let storage = std::path::absolute(path).and_then(Storage::open).map_err(|error| naming(path, &error))?;
        Ok(Self(Arc::new(storage)))
    }

    /// Returns the absolute path of the file.
    ///
    /// ```no_run
    /// let ledger = genesiscloud::FileLedger::open("fleet.ledger")?;
    /// println!("{}", ledger.path().display());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Does something with the file on a thread that may block.
    fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Storage) -> io::Result<T> + Send + 'static,
    ) -> LedgerFuture<'static, T> {
        let storage = Arc::clone(&self.0);
        Box::pin(async move {
            let path: PathBuf = storage.path().to_owned();
            let done = tokio::task::spawn_blocking(move || work(&storage)).await.map_err(io::Error::other)?;
            done.map_err(|error| naming(&path, &error))
        })
    }
}

/// An error that names the file.
fn naming(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

impl Ledger for FileLedger {
    fn append(&self, record: LedgerRecord) -> LedgerFuture<'_, ()> {
        self.run(move |storage| storage.append(record))
    }

    fn entries(&self) -> LedgerFuture<'_, Vec<LedgerEntry>> {
        self.run(Storage::entries)
    }

    fn claim(&self, key: &str) -> LedgerFuture<'_, bool> {
        let key = key.to_owned();
        self.run(move |storage| storage.claim(&key))
    }
}

impl fmt::Debug for FileLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileLedger").field(&self.path()).finish()
    }
}
