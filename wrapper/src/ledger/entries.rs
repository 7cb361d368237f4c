//! The open entries that records add up to.

use std::collections::{BTreeMap, HashMap};

use super::record::{Holder, LedgerEntry, LedgerRecord, PlannedCreate, ResourceKind};

/// The open entries of a ledger.
#[derive(Debug, Default)]
pub(super) struct OpenEntries {
    /// In the order in which they were planned.
    entries: BTreeMap<u64, OpenEntry>,
    /// The number of an entry, by its key and by the ids of its results.
    by_key: HashMap<String, u64>,
    by_id: HashMap<String, u64>,
    next: u64,
}

/// An open entry, and the session that holds it.
#[derive(Clone, Debug)]
pub(super) struct OpenEntry {
    pub(super) session: String,
    planned: PlannedCreate,
    ids: Vec<String>,
    deleting: Vec<String>,
}

impl OpenEntries {
    /// Applies a record that a session has written. One about an entry that is not open changes nothing.
    pub(super) fn apply(&mut self, session: &str, record: LedgerRecord) {
        match record {
            LedgerRecord::Planned(planned) => self.open(session, *planned),
            LedgerRecord::Created { key, id } => self.add_result(&key, id),
            LedgerRecord::NotCreated { key } => {
                if let Some(number) = self.by_key.get(&key).copied() {
                    self.close(number);
                }
            }
            LedgerRecord::Claimed { key } => {
                if let Some(entry) = self.find_mut(&key) {
                    session.clone_into(&mut entry.session);
                }
            }
            LedgerRecord::DeletionAccepted { kind, id } => {
                if let Some(entry) = self.number_of(kind, &id).and_then(|number| self.entries.get_mut(&number))
                    && !entry.deleting.contains(&id)
                {
                    entry.deleting.push(id);
                }
            }
            LedgerRecord::Gone { kind, id } => self.remove_result(kind, &id),
        }
    }

    fn open(&mut self, session: &str, planned: PlannedCreate) {
        if self.by_key.contains_key(&planned.key) {
            return;
        }
        self.by_key.insert(planned.key.clone(), self.next);
        let entry = OpenEntry { session: session.to_owned(), planned, ids: vec![], deleting: vec![] };
        self.entries.insert(self.next, entry);
        self.next += 1;
    }

    fn add_result(&mut self, key: &str, id: String) {
        let Some(number) = self.by_key.get(key).copied() else { return };
        let Some(entry) = self.entries.get_mut(&number).filter(|entry| !entry.ids.contains(&id)) else { return };
        entry.ids.push(id.clone());
        self.by_id.insert(id, number);
    }

    /// Closes the entry when its last result is gone.
    fn remove_result(&mut self, kind: ResourceKind, id: &str) {
        let Some(number) = self.number_of(kind, id) else { return };
        let Some(entry) = self.entries.get_mut(&number) else { return };
        self.by_id.remove(id);
        entry.ids.retain(|other| other != id);
        entry.deleting.retain(|other| other != id);
        if entry.ids.is_empty() {
            self.close(number);
        }
    }

    fn close(&mut self, number: u64) {
        let Some(entry) = self.entries.remove(&number) else { return };
        self.by_key.remove(&entry.planned.key);
        for id in &entry.ids {
            self.by_id.remove(id);
        }
    }

    /// The number of the entry with this result.
    fn number_of(&self, kind: ResourceKind, id: &str) -> Option<u64> {
        self.by_id.get(id).copied().filter(|number| self.entries.get(number).is_some_and(|it| it.planned.kind == kind))
    }

    fn find_mut(&mut self, key: &str) -> Option<&mut OpenEntry> {
        self.by_key.get(key).and_then(|number| self.entries.get_mut(number))
    }

    pub(super) fn find(&self, key: &str) -> Option<&OpenEntry> {
        self.by_key.get(key).and_then(|number| self.entries.get(number))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &OpenEntry> {
        self.entries.values()
    }

    /// The entries as others see them; `holder` says who a session is.
    pub(super) fn to_entries(&self, mut holder: impl FnMut(&str) -> Holder) -> Vec<LedgerEntry> {
        self.iter().map(|entry| entry.to_entry(holder(&entry.session))).collect()
    }
}

impl OpenEntry {
    fn to_entry(&self, holder: Holder) -> LedgerEntry {
        let Self { planned, ids, deleting, .. } = self.clone();
        LedgerEntry { planned, ids, deleting, holder }
    }

    /// The records that add up to this entry.
    pub(super) fn to_records(&self) -> Vec<LedgerRecord> {
        let Self { planned, ids, deleting, .. } = self.clone();
        let key = &planned.key;
        let kind = planned.kind;
        let created = ids.into_iter().map(|id| LedgerRecord::Created { key: key.clone(), id });
        let accepted = deleting.into_iter().map(|id| LedgerRecord::DeletionAccepted { kind, id });
        let results: Vec<_> = created.chain(accepted).collect();
        std::iter::once(LedgerRecord::Planned(Box::new(planned))).chain(results).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::ledger::Marker;
    use crate::ledger::ResourceKind::{Instance, Volume};

    pub(in crate::ledger) fn planned(key: &str) -> LedgerRecord {
        LedgerRecord::Planned(Box::new(PlannedCreate {
            key: key.to_owned(),
            kind: ResourceKind::Instance,
            operation: "CreateInstance".to_owned(),
            endpoint: "https://api.example/compute/v1".to_owned(),
            name: format!("trainer {key}"),
            region: Some("NORD-NO-KRS-1".to_owned()),
            marker: Some(Marker::new("hostname", format!("trainer-{key}"))),
            expires_at: None,
            owner: Some("job-7".to_owned()),
            planned_at: DateTime::UNIX_EPOCH,
        }))
    }

    fn created(key: &str, id: &str) -> LedgerRecord {
        LedgerRecord::Created { key: key.to_owned(), id: id.to_owned() }
    }

    fn accepted(kind: ResourceKind, id: &str) -> LedgerRecord {
        LedgerRecord::DeletionAccepted { kind, id: id.to_owned() }
    }

    fn gone(kind: ResourceKind, id: &str) -> LedgerRecord {
        LedgerRecord::Gone { kind, id: id.to_owned() }
    }

    fn shown(entries: &OpenEntries) -> Vec<String> {
        entries.iter().map(|entry| format!("{} {:?} {:?}", entry.planned.key, entry.ids, entry.deleting)).collect()
    }

    fn of(records: impl IntoIterator<Item = LedgerRecord>) -> OpenEntries {
        let mut entries = OpenEntries::default();
        records.into_iter().for_each(|record| entries.apply("s", record));
        entries
    }

    #[test]
    fn an_entry_is_open_from_its_plan_until_its_last_result_is_gone() {
        let accepted = accepted(Instance, "1");
        let mut entries = of([planned("a"), planned("b"), created("a", "1"), created("a", "2"), accepted]);
        assert_eq!(shown(&entries), [r#"a ["1", "2"] ["1"]"#, "b [] []"]);
        entries.apply("s", gone(Instance, "1"));
        assert_eq!(shown(&entries), [r#"a ["2"] []"#, "b [] []"]);
        entries.apply("s", gone(Instance, "2"));
        entries.apply("s", LedgerRecord::NotCreated { key: "b".to_owned() });
        assert_eq!(shown(&entries), [""; 0]);
    }

    #[test]
    fn records_about_other_resources_change_nothing() {
        let (accepted_9, gone_9) = (accepted(Instance, "9"), gone(Instance, "9"));
        let (accepted_1, gone_1) = (accepted(Volume, "1"), gone(Volume, "1"));
        let created = [created("b", "9"), created("a", "1"), created("a", "1")];
        let entries = of([planned("a")].into_iter().chain(created).chain([accepted_9, gone_9, accepted_1, gone_1]));
        assert_eq!(shown(&entries), [r#"a ["1"] []"#]);
    }

    #[test]
    fn a_claim_changes_the_holder() {
        let mut entries = of([planned("a"), planned("b")]);
        entries.apply("t", LedgerRecord::Claimed { key: "b".to_owned() });
        let sessions: Vec<_> = entries.iter().map(|entry| entry.session.clone()).collect();
        assert_eq!(sessions, ["s", "t"]);
    }

    #[test]
    fn the_records_of_an_entry_add_up_to_it() {
        let entries = of([planned("a"), created("a", "1"), created("a", "2"), accepted(Instance, "2")]);
        let again = of(entries.iter().flat_map(OpenEntry::to_records));
        assert_eq!(shown(&again), shown(&entries));
    }
}
