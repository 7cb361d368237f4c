//! A ledger in memory, for tests.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::entries::OpenEntries;
use super::record::{Holder, LedgerEntry, LedgerRecord};
use super::{Ledger, LedgerFuture};

/// A ledger in memory, for tests. Clones share the same entries.
///
/// ```
/// use genesiscloud::{Client, MemoryLedger};
///
/// let client = Client::builder().token("secret").ledger(MemoryLedger::new()).build()?;
/// # Ok::<(), genesiscloud::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryLedger {
    entries: Arc<Mutex<OpenEntries>>,
    /// The number of the process that a test plays. Those before it have ended.
    process: u64,
}

impl MemoryLedger {
    /// Creates a ledger without entries.
    ///
    /// ```
    /// let ledger = genesiscloud::MemoryLedger::new();
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the same ledger as the next process finds it: the entries so far are those of a process that has ended.
    ///
    /// ```
    /// let ledger = genesiscloud::MemoryLedger::new();
    /// // … a client keeps it, and the test ends that part of the program
    /// let found = ledger.after_restart();
    /// ```
    pub fn after_restart(&self) -> Self {
        Self { entries: Arc::clone(&self.entries), process: self.process + 1 }
    }

    fn lock(&self) -> MutexGuard<'_, OpenEntries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn session(&self) -> String {
        self.process.to_string()
    }

    fn holder(&self, session: &str) -> Holder {
        if session == self.session() { Holder::ThisProcess } else { Holder::EndedProcess }
    }
}

impl Ledger for MemoryLedger {
    fn append(&self, record: LedgerRecord) -> LedgerFuture<'_, ()> {
        self.lock().apply(&self.session(), record);
        Box::pin(async { Ok(()) })
    }

    fn entries(&self) -> LedgerFuture<'_, Vec<LedgerEntry>> {
        let entries = self.lock().to_entries(|session| self.holder(session));
        Box::pin(async { Ok(entries) })
    }

    fn claim(&self, key: &str) -> LedgerFuture<'_, bool> {
        let mut entries = self.lock();
        let is_open = entries.find(key).is_some();
        entries.apply(&self.session(), LedgerRecord::Claimed { key: key.to_owned() });
        Box::pin(async move { Ok(is_open) })
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::super::entries::tests::planned;
    use super::*;

    fn holders(ledger: &MemoryLedger) -> Vec<Holder> {
        let entries = ledger.entries().now_or_never().unwrap().unwrap();
        entries.iter().map(|entry| entry.holder).collect()
    }

    #[test]
    fn a_restart_ends_the_process_before_and_a_claim_takes_over() {
        let ledger = MemoryLedger::new();
        ledger.append(planned("a")).now_or_never().unwrap().unwrap();
        assert_eq!(holders(&ledger), [Holder::ThisProcess]);
        let next = ledger.after_restart();
        assert_eq!(holders(&next), [Holder::EndedProcess]);
        assert!(next.claim("a").now_or_never().unwrap().unwrap());
        assert!(!next.claim("b").now_or_never().unwrap().unwrap());
        assert_eq!(holders(&next), [Holder::ThisProcess]);
    }
}
