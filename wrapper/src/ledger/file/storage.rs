//! The file on the disk: locked, read, appended to, and compacted.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::line;
use super::session::{self, Session};
use crate::ledger::entries::{OpenEntries, OpenEntry};
use crate::ledger::record::{Holder, LedgerEntry, LedgerRecord};
use crate::random::random_text;

/// A file is compacted when it has doubled since, and is larger than this.
const MIN_COMPACTED: u64 = 1024 * 1024;

#[derive(Debug)]
pub(super) struct Storage {
    path: PathBuf,
    session: Session,
    /// The lock among processes, and what it protects among threads.
    lock: Mutex<Lock>,
}

#[derive(Debug)]
struct Lock {
    file: File,
    /// The size of the file from which on it is compacted.
    compacted_from: u64,
}

impl Storage {
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        // Before anything is replaced, so that a file that must not be written is left as it is.
        OpenOptions::new().create(true).append(true).open(&path)?;
        // What a link leads to, which is replaced and not the link.
        let path = path.canonicalize()?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(beside(&path, ".lock"))?;
        file.lock()?;
        session::remove_ended(&path)?;
        let session = Session::begin(&path, random_text(12))?;
        let storage = Self { path, session, lock: Mutex::new(Lock { file, compacted_from: 0 }) };
        storage.compact_if_possible(&mut storage.lock_threads())?;
        storage.lock_threads().file.unlock()?;
        Ok(storage)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn append(&self, record: LedgerRecord) -> io::Result<()> {
        self.append_with(record, File::sync_data)
    }

    #[cfg(test)]
    pub(super) fn append_unflushed(&self, record: LedgerRecord) -> io::Result<()> {
        self.append_with(record, |_| Ok(()))
    }

    fn append_with(&self, record: LedgerRecord, flush: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
        self.locked(|lock| {
            let size = self.write(record, flush)?;
            if size > lock.compacted_from { self.compact_if_possible(lock) } else { Ok(()) }
        })
    }

    pub(super) fn entries(&self) -> io::Result<Vec<LedgerEntry>> {
        self.locked(|_| Ok(self.read()?.to_entries(|session| self.holder(session))))
    }

    pub(super) fn claim(&self, key: &str) -> io::Result<bool> {
        self.locked(|_| match self.read()?.find(key).map(|entry| self.holder(&entry.session)) {
            None | Some(Holder::RunningProcess) => Ok(false),
            Some(Holder::ThisProcess) => Ok(true),
            Some(Holder::EndedProcess) => {
                self.write(LedgerRecord::Claimed { key: key.to_owned() }, File::sync_data)?;
                Ok(true)
            }
        })
    }

    fn holder(&self, session: &str) -> Holder {
        if session == self.session.id {
            Holder::ThisProcess
        } else if session::is_running(&self.path, session) {
            Holder::RunningProcess
        } else {
            Holder::EndedProcess
        }
    }

    fn lock_threads(&self) -> MutexGuard<'_, Lock> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something while no other thread or process reads or writes.
    fn locked<T>(&self, work: impl FnOnce(&mut Lock) -> io::Result<T>) -> io::Result<T> {
        let mut lock = self.lock_threads();
        lock.file.lock()?;
        let done = work(&mut lock);
        // Without it, other processes would wait for ever.
        lock.file.unlock()?;
        done
    }

    fn read(&self) -> io::Result<OpenEntries> {
        line::decode(&fs::read(&self.path)?)
    }

    /// Appends a record, and returns the size of the file. What was not written to its end is removed.
    fn write(&self, record: LedgerRecord, flush: impl FnOnce(&File) -> io::Result<()>) -> io::Result<u64> {
        let mut record = line::encode(&self.session.id, record)?;
        let mut file = OpenOptions::new().create(true).append(true).read(true).open(&self.path)?;
        let before = file.seek(SeekFrom::End(0))?;
        if before > 0 && last_byte(&mut file)? != b'\n' {
            record.insert(0, b'\n');
        }
        let written = file.write_all(&record).and_then(|()| flush(&file));
        if let Err(error) = written {
            // If this fails as well, half a record is left, which is ignored.
            let _ = file.set_len(before);
            return Err(error);
        }
        Ok(before + record.len() as u64)
    }

    /// Replaces the file by one with the records of the open entries only. Without room on the disk, it stays as it is.
    fn compact_if_possible(&self, lock: &mut Lock) -> io::Result<()> {
        let entries = self.read()?;
        let new = beside(&self.path, ".new");
        match self.replace(&entries, &new) {
            Ok(size) => lock.compacted_from = MIN_COMPACTED.max(2 * size),
            Err(error) => {
                tracing::warn!(%error, "the file of the ledger could not be compacted");
                let _ = fs::remove_file(new);
            }
        }
        Ok(())
    }

    /// Writes the entries to a new file, which then replaces this one. Returns its size.
    fn replace(&self, entries: &OpenEntries, new: &Path) -> io::Result<u64> {
        let mut file = File::create(new)?;
        file.set_permissions(fs::metadata(&self.path)?.permissions())?;
        for entry in entries.iter() {
            file.write_all(&lines(entry)?)?;
        }
        file.sync_all()?;
        let size = file.metadata()?.len();
        drop(file);
        fs::rename(new, &self.path)?;
        sync_folder(&self.path)?;
        Ok(size)
    }
}

/// The lines that add up to an entry.
fn lines(entry: &OpenEntry) -> io::Result<Vec<u8>> {
    let lines = entry.to_records().into_iter().map(|record| line::encode(&entry.session, record));
    lines.collect::<io::Result<Vec<_>>>().map(|lines| lines.concat())
}

fn last_byte(file: &mut File) -> io::Result<u8> {
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last[0])
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut path = OsString::from(path);
    path.push(suffix);
    path.into()
}

/// Flushes the folder of a file, so that the file's new name is found after a power failure.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Elsewhere, a folder cannot be opened for this, and the file system does it by itself.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
