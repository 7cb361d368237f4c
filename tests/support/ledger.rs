//! Clients with a ledger, and what they find.

use genesiscloud::{Client, Ledger, LedgerEntry, Reconciliation};
use genesiscloud_sandbox::{Data, Sandbox};

use crate::sandbox::stepped;
use crate::time::Time;

/// A sandbox, its time, and a client that keeps this ledger.
pub async fn with_ledger(ledger: impl Ledger) -> (Sandbox, Time, Client) {
    let sandbox = stepped(Data::new()).await;
    let time = Time::of(&sandbox);
    let client = time.builder(&sandbox).ledger(ledger).owner("job-7").build().unwrap();
    (sandbox, time, client)
}

/// A client of a later process.
pub fn later(sandbox: &Sandbox, time: &Time, ledger: &(impl Ledger + Clone)) -> Client {
    time.builder(sandbox).ledger(ledger.clone()).build().unwrap()
}

pub async fn open(ledger: &impl Ledger) -> Vec<LedgerEntry> {
    ledger.entries().await.unwrap()
}

/// The numbers of adopted, deleted, closed, skipped and undecided ones.
pub fn counts(result: &Reconciliation) -> [usize; 5] {
    let Reconciliation { adopted, deleted, closed, skipped, undecided, .. } = result;
    [adopted.len(), deleted.len(), closed.len(), skipped.len(), undecided.len()]
}
