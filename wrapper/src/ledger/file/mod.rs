//! A ledger in a file, which the processes of one machine share.

mod line;
mod session;
mod storage;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::runtime::Handle;

use self::storage::Storage;
use super::record::{LedgerEntry, LedgerRecord};
use super::{Ledger, LedgerFuture};

/// A ledger in a file, which all processes of one machine can share. Clones are the same ledger.
///
/// * **Durable**: a record is written and flushed to the disk (`fsync`) before a create is sent. A process that is killed
///   while it writes leaves half a record, which is ignored: its create was not sent.
/// * **Shared**: processes exclude one another by a lock on the file `<path>.lock` while they read or write. Each holds a lock on
///   a file `<path>.<session>.session`, by which others see whether the holder of an entry is still running, also after
///   `kill -9`. The lock lasts as long as this ledger, its clones and the clients that keep it. **Open it once, and keep it as
///   long as the program runs**: what was recorded by one that is dropped counts as left by a process that has ended, and any
///   reconciliation may delete it.
/// * **For one machine**: where the operating system's locks do not reach other machines, as on some network file systems, the
///   processes there seem to have ended. The same goes for a copy of the file, and if the files beside it are removed.
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
            let runtime = Handle::try_current().map_err(|_| io::Error::other("it is used outside a Tokio runtime"))?;
            let done = runtime.spawn_blocking(move || work(&storage)).await.map_err(io::Error::other)?;
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

#[cfg(test)]
mod tests {
    use std::fs;

    use futures::FutureExt;

    use super::super::entries::tests::planned;
    use super::*;
    use crate::ledger::Holder;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn path(&self) -> PathBuf {
            self.0.path().join("fleet.ledger")
        }

        fn open(&self) -> FileLedger {
            FileLedger::open(self.path()).unwrap()
        }

        fn files(&self) -> Vec<String> {
            let files = fs::read_dir(self.0.path()).unwrap();
            let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    fn not_created(key: &str) -> LedgerRecord {
        LedgerRecord::NotCreated { key: key.to_owned() }
    }

    async fn keys(ledger: &FileLedger) -> Vec<(String, Holder)> {
        ledger.entries().await.unwrap().into_iter().map(|entry| (entry.planned.key, entry.holder)).collect()
    }

    #[tokio::test]
    async fn sessions_of_the_same_file_see_one_another_and_whether_they_have_ended() {
        let folder = Folder::new();
        let (one, other) = (folder.open(), folder.open());
        one.append(planned("a")).await.unwrap();
        other.append(planned("b")).await.unwrap();
        let of = |holders: [Holder; 2]| ["a", "b"].map(str::to_owned).into_iter().zip(holders).collect::<Vec<_>>();
        assert_eq!(keys(&one).await, of([Holder::ThisProcess, Holder::RunningProcess]));
        assert!(!one.claim("b").await.unwrap() && one.claim("a").await.unwrap() && !one.claim("c").await.unwrap());
        drop(other);
        assert_eq!(keys(&one).await, of([Holder::ThisProcess, Holder::EndedProcess]));
        assert!(one.claim("b").await.unwrap());
        assert_eq!(keys(&one).await, of([Holder::ThisProcess, Holder::ThisProcess]));
        drop(one);
        assert_eq!(folder.files(), ["fleet.ledger", "fleet.ledger.lock"]);
    }

    #[test]
    fn outside_a_runtime_it_fails() {
        let folder = Folder::new();
        let error = folder.open().append(planned("a")).now_or_never().unwrap().unwrap_err().to_string();
        assert!(error.contains("outside a Tokio runtime"), "{error}");
    }

    #[tokio::test]
    async fn of_many_that_claim_an_entry_one_succeeds() {
        let folder = Folder::new();
        folder.open().append(planned("a")).await.unwrap();
        let ledgers: Vec<_> = std::iter::repeat_with(|| folder.open()).take(8).collect();
        let claims = ledgers.iter().map(|ledger| ledger.claim("a"));
        let claims = futures::future::try_join_all(claims).await.unwrap();
        assert_eq!(claims.iter().filter(|claimed| **claimed).count(), 1, "{claims:?}");
    }

    #[tokio::test]
    async fn a_torn_record_is_ignored_and_the_next_one_is_not_joined_to_it() {
        let folder = Folder::new();
        let ledger = folder.open();
        ledger.append(planned("a")).await.unwrap();
        let whole = fs::read(folder.path()).unwrap();
        fs::write(folder.path(), [&whole[..], &whole[..whole.len() / 2]].concat()).unwrap();
        ledger.append(planned("b")).await.unwrap();
        assert_eq!(keys(&ledger).await.len(), 2);
        assert_eq!(keys(&folder.open()).await.len(), 2);
    }

    #[tokio::test]
    async fn closed_entries_are_removed_when_the_file_is_opened_and_when_it_has_grown() {
        let folder = Folder::new();
        let ledger = folder.open();
        ledger.append(planned("kept")).await.unwrap();
        let size = fs::metadata(folder.path()).unwrap().len();
        let mut largest = 0;
        for number in 0..4_000 {
            let key = number.to_string();
            // Without the flush to the disk, which takes most of the time.
            ledger.0.append_unflushed(planned(&key)).unwrap();
            ledger.0.append_unflushed(not_created(&key)).unwrap();
            largest = largest.max(fs::metadata(folder.path()).unwrap().len());
        }
        assert!((1000 * 1024..1025 * 1024).contains(&largest), "{largest}");
        drop(folder.open());
        assert_eq!(fs::metadata(folder.path()).unwrap().len(), size);
        assert_eq!(keys(&ledger).await, [("kept".to_owned(), Holder::ThisProcess)]);
    }

    #[tokio::test]
    async fn what_is_no_ledger_is_left_as_it_is() {
        let folder = Folder::new();
        fs::write(folder.path(), "{\"v\": 7}\n").unwrap();
        let error = FileLedger::open(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with("fleet.ledger: line 1 was written by a newer version of this crate"), "{error}");
        assert_eq!(fs::read_to_string(folder.path()).unwrap(), "{\"v\": 7}\n");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_link_leads_to_the_same_ledger() {
        let folder = Folder::new();
        folder.open().append(planned("a")).await.unwrap();
        let link = folder.0.path().join("link");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        assert_eq!(keys(&FileLedger::open(&link).unwrap()).await.len(), 1);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
