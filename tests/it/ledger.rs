//! What a client records in its ledger, and ledgers that fail.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use genesiscloud::{
    Client, CreateInstance, CreateVolume, ErrorKind, Holder, Ledger, LedgerEntry, LedgerFuture, LedgerRecord,
    MemoryLedger,
};
use genesiscloud_sandbox::{Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::ledger::{counts, open, with_ledger};
use genesiscloud_tests::sandbox::{KRS, SMALL, stepped};
use genesiscloud_tests::time::Time;

/// A ledger that notes how many requests the sandbox had received at each record.
#[derive(Clone, Debug)]
struct Witness {
    inner: MemoryLedger,
    seen: Arc<Mutex<Vec<(String, usize)>>>,
    requests: Arc<AtomicUsize>,
}

impl Witness {
    fn new() -> Self {
        let (seen, requests) = Default::default();
        Self { inner: MemoryLedger::new(), seen, requests }
    }
}

impl Ledger for Witness {
    fn append(&self, record: LedgerRecord) -> LedgerFuture<'_, ()> {
        let name = format!("{record:?}").split([' ', '(']).next().unwrap_or_default().to_owned();
        self.seen.lock().unwrap().push((name, self.requests.load(Ordering::SeqCst)));
        self.inner.append(record)
    }

    fn entries(&self) -> LedgerFuture<'_, Vec<LedgerEntry>> {
        self.inner.entries()
    }

    fn claim(&self, key: &str) -> LedgerFuture<'_, bool> {
        self.inner.claim(key)
    }
}

#[tokio::test]
async fn a_create_is_recorded_before_it_is_sent_and_a_deletion_when_it_is_accepted() {
    let ledger = Witness::new();
    let requests = Arc::clone(&ledger.requests);
    let count = move |_: &_| {
        requests.fetch_add(1, Ordering::SeqCst);
    };
    let clock = genesiscloud_sandbox::Clock::stepped();
    let sandbox = Sandbox::builder().clock(clock).data(Data::new()).on_request(count).start().await.unwrap();
    let time = Time::of(&sandbox);
    let client = time.builder(&sandbox).ledger(ledger.clone()).owner("job-7").build().unwrap();
    time.run(async {
        let volume = client.volumes().create(CreateVolume::new("data", KRS, 50)).await.unwrap();
        let [entry] = open(&ledger).await.try_into().unwrap();
        assert_eq!((entry.ids, entry.deleting, entry.holder), (vec![volume.id.clone()], vec![], Holder::ThisProcess));
        assert_eq!((entry.planned.owner.as_deref(), &*entry.planned.name), (Some("job-7"), "data"));
        assert_eq!(entry.planned.region.as_deref(), Some("NORD-NO-KRS-1"));
        assert_eq!(entry.planned.marker.unwrap().value, volume.description);
        client.volumes().wait(&volume.id).await.unwrap();
        client.volumes().delete(&volume.id).await.unwrap();
        assert_eq!(open(&ledger).await[0].deleting, [volume.id.as_str()]);
        client.volumes().wait(&volume.id).until_gone().await.unwrap();
        assert_eq!(open(&ledger).await, []);
    })
    .await;
    let seen = ledger.seen.lock().unwrap().clone();
    let names: Vec<_> = seen.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Planned", "Created", "DeletionAccepted", "Gone"]);
    assert_eq!((seen[0].1, seen[1].1), (0, 1));
    assert_eq!(seen[2].1, 1 + sandbox.recorded_requests().iter().position(|it| it.method == "DELETE").unwrap());
}

/// A ledger whose disk is full.
#[derive(Clone, Debug)]
pub(crate) struct Full;

impl Ledger for Full {
    fn append(&self, _: LedgerRecord) -> LedgerFuture<'_, ()> {
        Box::pin(async { Err(io::Error::new(io::ErrorKind::StorageFull, "no space left on device")) })
    }

    fn entries(&self) -> LedgerFuture<'_, Vec<LedgerEntry>> {
        Box::pin(async { Err(io::Error::other("unreadable")) })
    }

    fn claim(&self, _: &str) -> LedgerFuture<'_, bool> {
        Box::pin(async { Ok(false) })
    }
}

/// A ledger that does not respond.
#[derive(Clone, Debug)]
struct Stuck;

impl Ledger for Stuck {
    fn append(&self, _: LedgerRecord) -> LedgerFuture<'_, ()> {
        Box::pin(std::future::pending())
    }

    fn entries(&self) -> LedgerFuture<'_, Vec<LedgerEntry>> {
        Box::pin(std::future::pending())
    }

    fn claim(&self, _: &str) -> LedgerFuture<'_, bool> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_create_that_cannot_be_recorded_is_not_sent() {
    let (sandbox, time, client) = with_ledger(Full).await;
    let new = || CreateVolume::new("data", KRS, 50);
    for create in [client.volumes().create(new()), client.volumes().create_or_recover(new())] {
        let error = time.run(create).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ledger);
        assert_eq!(error.to_string(), "CreateVolume: the ledger failed: no space left on device");
        assert!(!error.is_ambiguous());
    }
    let scope = client.instances().scoped(CreateInstance::new("t", SMALL, "ubuntu-24.04", KRS).password("Passw0rd"));
    let failed = time.run(scope.run(async |vm| Ok::<_, genesiscloud::Error>(vm))).await.unwrap_err();
    assert!(!failed.may_be_billed(), "{failed}");
    let reconciled = time.run(client.reconcile(&Full).adopt()).await.unwrap_err();
    assert_eq!(reconciled.to_string(), "the ledger failed: unreadable");
    assert_eq!(sandbox.recorded_requests(), []);
}

#[tokio::test]
async fn a_ledger_that_does_not_respond_ends_the_create_in_time() {
    let sandbox = stepped(Data::new()).await;
    let time = Time::of(&sandbox);
    // Not the timeout by which the clock recognises an attempt in flight, during which it would not advance.
    let builder = time.builder(&sandbox).attempt_timeout(Duration::from_secs(30));
    let client = builder.ledger(Stuck).build().unwrap();
    let error = time.run(client.volumes().create(CreateVolume::new("data", KRS, 50))).await.unwrap_err();
    assert_eq!((error.kind(), time.passed().as_secs()), (ErrorKind::Ledger, 30));
    assert_eq!(sandbox.recorded_requests(), []);
}

#[tokio::test]
async fn an_entry_has_the_end_of_the_lease() {
    let ledger = MemoryLedger::new();
    let (_sandbox, time, client) = with_ledger(ledger.clone()).await;
    let new = CreateInstance::new("trainer", SMALL, "ubuntu-24.04", KRS).password("Passw0rd");
    time.run(client.instances().create(new.lease(Duration::from_secs(3600)))).await.unwrap();
    let [entry] = open(&ledger).await.try_into().unwrap();
    assert_eq!(entry.planned.expires_at, Some("2025-06-01T01:00:00Z".parse().unwrap()));
}

/// A ledger that does not write the results of creates: it fails, or does not respond.
#[derive(Clone, Debug)]
struct WithoutResults {
    inner: MemoryLedger,
    is_stuck: bool,
}

impl Ledger for WithoutResults {
    fn append(&self, record: LedgerRecord) -> LedgerFuture<'_, ()> {
        match record {
            LedgerRecord::Created { .. } if self.is_stuck => Box::pin(std::future::pending()),
            LedgerRecord::Created { .. } => Box::pin(async { Err(io::ErrorKind::StorageFull.into()) }),
            record => self.inner.append(record),
        }
    }

    fn entries(&self) -> LedgerFuture<'_, Vec<LedgerEntry>> {
        self.inner.entries()
    }

    fn claim(&self, key: &str) -> LedgerFuture<'_, bool> {
        self.inner.claim(key)
    }
}

#[tokio::test]
async fn a_result_that_is_not_recorded_is_returned_and_not_taken_for_a_lost_one() {
    for is_stuck in [false, true] {
        let ledger = WithoutResults { inner: MemoryLedger::new(), is_stuck };
        let sandbox = stepped(Data::new()).await;
        let time = Time::of(&sandbox);
        // Not the timeout by which the clock recognises an attempt in flight, during which it would not advance.
        let builder = time.builder(&sandbox).attempt_timeout(Duration::from_secs(30));
        let client = builder.ledger(ledger.clone()).build().unwrap();
        time.run(client.volumes().create(CreateVolume::new("data", KRS, 50))).await.unwrap();
        assert_eq!(time.passed().as_secs(), if is_stuck { 30 } else { 0 });
        // The program has it.
        let result = time.run(client.reconcile(&ledger).delete()).await.unwrap();
        assert_eq!((counts(&result), sandbox.data().volumes.len()), ([0, 0, 0, 1, 0], 1), "{result}");
    }
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_adopted() {
    let ledger = WithoutResults { inner: MemoryLedger::new(), is_stuck: false };
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    sandbox.faults().add(FaultRule::new("CreateVolume", Fault::ResetAfterProcessing)).unwrap();
    time.run(client.volumes().create(CreateVolume::new("data", KRS, 50))).await.unwrap_err();
    let result = time.run(client.reconcile(&ledger).adopt()).await.unwrap();
    assert_eq!(counts(&result), [0, 0, 0, 0, 1], "{result}");
    let result = time.run(client.reconcile(&ledger).delete()).await.unwrap();
    assert_eq!((counts(&result), sandbox.data().volumes.len()), ([0, 1, 0, 0, 0], 0), "{result}");
}

#[test]
fn outside_a_runtime_a_create_fails() {
    let client = Client::builder().token("secret").ledger(Stuck).build().unwrap();
    let create = client.volumes().create(CreateVolume::new("data", KRS, 50));
    let error = create.now_or_never().unwrap().unwrap_err();
    assert!(error.to_string().contains("a call needs a tokio runtime"), "{error}");
}

#[tokio::test]
async fn an_id_of_another_kind_closes_no_entry() {
    let ledger = MemoryLedger::new();
    let (_sandbox, time, client) = with_ledger(ledger.clone()).await;
    time.run(async {
        let volume = client.volumes().create(CreateVolume::new("data", KRS, 50)).await.unwrap();
        client.volumes().wait(&volume.id).await.unwrap();
        assert!(client.instances().delete(&volume.id).await.unwrap_err().is_not_found());
        client.instances().wait(&volume.id).await.unwrap_err();
        assert_eq!(open(&ledger).await.len(), 1);
        client.volumes().delete(&volume.id).await.unwrap();
        assert_eq!(open(&ledger).await[0].deleting, [volume.id.as_str()]);
        // It still exists.
        assert!(client.volumes().delete(&volume.id).await.unwrap_err().is_not_found());
        assert_eq!(open(&ledger).await[0].deleting, [volume.id]);
    })
    .await;
}
