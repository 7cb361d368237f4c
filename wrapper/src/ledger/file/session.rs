//! Sessions: the processes that have opened the file. Each locks a file of its own for as long as it runs, so that others see
//! whether it does, however it ended.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// The session of this process. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: String,
    path: PathBuf,
    /// Holds the lock.
    _file: File,
}

impl Session {
    /// Begins a session. The lock of the ledger must be held, so that [`remove_ended`] removes no file that is not locked yet.
    pub(super) fn begin(ledger: &Path, id: String) -> io::Result<Self> {
        let path = path_of(ledger, &id);
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        file.lock()?;
        Ok(Self { id, path, _file: file })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // If it stays, the next process that opens the ledger removes it.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether the process of a session is running. If that cannot be seen, it is taken to be.
pub(super) fn is_running(ledger: &Path, id: &str) -> bool {
    match File::open(path_of(ledger, id)) {
        Ok(file) => !is_free(&file),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// Removes the files of sessions that have ended. The lock of the ledger must be held.
pub(super) fn remove_ended(ledger: &Path) -> io::Result<()> {
    let (Some(folder), Some(name)) = (ledger.parent(), ledger.file_name()) else { return Ok(()) };
    let prefix = format!("{}.", name.to_string_lossy());
    for file in fs::read_dir(folder)? {
        let file = file?;
        let name = file.file_name();
        let id = name.to_str().and_then(|name| name.strip_prefix(&prefix)?.strip_suffix(SUFFIX));
        // Not those of a ledger whose name only begins like this one's.
        let is_session = id.is_some_and(|id| !id.contains('.'));
        if is_session && File::open(file.path()).is_ok_and(|file| is_free(&file)) {
            // Its process may remove it at this moment, and another user's may not be removed.
            let _ = fs::remove_file(file.path());
        }
    }
    Ok(())
}

const SUFFIX: &str = ".session";

fn path_of(ledger: &Path, id: &str) -> PathBuf {
    let mut path = OsString::from(ledger);
    path.push(format!(".{id}{SUFFIX}"));
    path.into()
}

/// Whether no process holds the lock. Dropping the file gives up the one that this took.
fn is_free(file: &File) -> bool {
    file.try_lock_shared().is_ok()
}
