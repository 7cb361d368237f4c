//! A program that keeps a ledger, creates 20 instances with a volume each and deletes them, and can be killed at an exact moment.
//! `tests/it/ledger_kills.rs` runs it.
//!
//! Arguments: endpoint, token, the file of the ledger, and when to be killed: `record N` kills it when its Nth record is written,
//! `permit N` before its Nth request is sent, `hold` lets it stop before the deletions until its input ends, `never` does neither.

use std::io::Read;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use genesiscloud::{
    Acquire, Client, CreateInstance, CreateVolume, FileLedger, Ledger, LedgerEntry, LedgerFuture, LedgerRecord,
    Limiter, Region,
};
use genesiscloud_tests::skipping_clock::SkippingClock;

/// Kills this process when it has been asked this many times.
#[derive(Debug)]
struct Kill {
    left: AtomicUsize,
}

impl Kill {
    fn at(number: Option<usize>) -> Self {
        Self { left: AtomicUsize::new(number.unwrap_or(usize::MAX)) }
    }

    fn count(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            // As `kill -9` does: no destructor runs, and nothing is flushed.
            let _ = Command::new("kill").args(["-9", &std::process::id().to_string()]).status();
            unreachable!("the process was killed");
        }
    }
}

#[derive(Debug)]
struct KilledAtRecord(FileLedger, Kill);

impl Ledger for KilledAtRecord {
    fn append(&self, record: LedgerRecord) -> LedgerFuture<'_, ()> {
        Box::pin(async {
            self.0.append(record).await?;
            self.1.count();
            Ok(())
        })
    }

    fn entries(&self) -> LedgerFuture<'_, Vec<LedgerEntry>> {
        self.0.entries()
    }

    fn claim(&self, key: &str) -> LedgerFuture<'_, bool> {
        self.0.claim(key)
    }
}

#[derive(Debug)]
struct KilledAtPermit(Kill);

impl Limiter for KilledAtPermit {
    fn acquire(&self) -> Acquire<'_> {
        self.0.count();
        Box::pin(async {})
    }

    fn on_throttled(&self, _: Duration) {}
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [endpoint, token, path, when] = arguments.as_slice() else { return Err("4 arguments are needed".into()) };
    let number = |prefix: &str| when.strip_prefix(prefix).map(|number| number.parse()).transpose();
    let ledger = KilledAtRecord(FileLedger::open(path)?, Kill::at(number("record ")?));
    let client = Client::builder()
        .token(token)
        .endpoint(endpoint.as_str())
        .limiter(KilledAtPermit(Kill::at(number("permit ")?)))
        .clock(SkippingClock::default())
        .ledger(ledger)
        .owner(when.as_str())
        .build()?;

    let mut created = vec![];
    for number in 0..20 {
        let disk = CreateVolume::new(format!("data-{number}"), Region::NordNoKrs1, 50);
        let disk = client.volumes().create(disk).await?;
        client.volumes().wait(&disk.id).await?;
        let vm = CreateInstance::new(
            format!("trainer-{number}"),
            "vcpu-2_memory-4g_disk-80g",
            "ubuntu-24.04",
            Region::NordNoKrs1,
        );
        let vm = client.instances().create(vm.password("Passw0rd").volumes([&disk.id])).await?;
        created.push((vm.id, disk.id));
    }
    if when == "hold" {
        println!("holding");
        std::io::stdin().read_to_end(&mut vec![])?;
        return Ok(());
    }
    for (vm, disk) in created {
        client.instances().wait(&vm).await?;
        client.instances().delete(&vm).await?;
        client.instances().wait(&vm).until_gone().await?;
        client.volumes().delete(&disk).await?;
        client.volumes().wait(&disk).until_gone().await?;
    }
    Ok(())
}
