//! What the hash of a ledger holds, read.

use std::collections::{HashMap, HashSet};
use std::io;
use std::time::Duration;

use genesiscloud::{Holder, LedgerEntry};

/// All that a ledger holds, at one moment of the store.
pub(super) struct Snapshot {
    now: u64,
    /// Since when sessions have been in touch with the store, without a gap.
    since: u64,
    fields: HashMap<String, String>,
}

/// A session that timed out so long ago, and holds nothing, is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(24 * 3600);

impl Snapshot {
    pub(super) fn new(now: u64, since: u64, fields: HashMap<String, String>) -> Self {
        Self { now, since, fields }
    }

    /// The open entries as a session sees them, in the order in which they were planned.
    pub(super) fn entries(&self, me: &str, settling: Duration) -> io::Result<Vec<LedgerEntry>> {
        let planned = self.fields.iter().filter_map(|(field, value)| Some((field.strip_prefix("planned/")?, value)));
        let mut entries = planned
            .map(|(key, value)| self.entry(key, value, me, settling).ok_or_else(|| not_an_entry(key)))
            .collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(|(number, _)| *number);
        Ok(entries.into_iter().map(|(_, entry)| entry).collect())
    }

    fn entry(&self, key: &str, value: &str, me: &str, settling: Duration) -> Option<(u64, LedgerEntry)> {
        let mut parts = value.splitn(3, ' ');
        let (number, _kind, planned) = (parts.next()?, parts.next()?, parts.next()?);
        let holder = self.fields.get(&format!("holder/{key}")).map_or("", String::as_str);
        let holder = match holder {
            holder if holder == me => Holder::ThisProcess,
            holder if self.is_running(holder, settling) => Holder::RunningProcess,
            _ => Holder::EndedProcess,
        };
        let mut entry = LedgerEntry::new(serde_json::from_str(planned).ok()?, holder);
        let results = self.fields.get(&format!("results/{key}")).map_or("", String::as_str);
        entry.ids = results.lines().map(str::to_owned).collect();
        let is_deleting = |id: &&String| self.fields.contains_key(&format!("deleting/{id}"));
        entry.deleting = entry.ids.iter().filter(is_deleting).cloned().collect();
        Some((number.parse().ok()?, entry))
    }

    fn end_of(&self, session: &str) -> Option<u64> {
        self.fields.get(&format!("session/{session}"))?.parse().ok()
    }

    fn is_running(&self, session: &str, settling: Duration) -> bool {
        self.end_of(session).is_some_and(|end| end > self.now || !self.unsettled(settling).is_zero())
    }

    /// For how long no session counts as ended, since those that are running have to be heard first.
    fn unsettled(&self, settling: Duration) -> Duration {
        settling.saturating_sub(Duration::from_micros(self.now.saturating_sub(self.since)))
    }

    /// The same, if any entry is of a session that may have ended.
    pub(super) fn to_wait(&self, settling: Duration) -> Duration {
        let is_over = |holder: &String| self.end_of(holder).is_some_and(|end| end <= self.now);
        if self.holders().any(is_over) { self.unsettled(settling) } else { Duration::ZERO }
    }

    fn holders(&self) -> impl Iterator<Item = &String> {
        self.fields.iter().filter(|(field, _)| field.starts_with("holder/")).map(|(_, holder)| holder)
    }

    /// Sessions that have not been heard of for long and hold nothing.
    pub(super) fn forgotten(&self) -> Vec<&str> {
        let holders: HashSet<&str> = self.holders().map(String::as_str).collect();
        let long_ago = self.now.saturating_sub(FORGOTTEN.as_micros().try_into().unwrap_or(u64::MAX));
        let sessions = self.fields.keys().filter_map(|field| field.strip_prefix("session/"));
        sessions
            .filter(|session| !holders.contains(session) && self.end_of(session).is_some_and(|end| end < long_ago))
            .collect()
    }
}

fn not_an_entry(key: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the entry {key:?} is not one of a ledger"))
}
