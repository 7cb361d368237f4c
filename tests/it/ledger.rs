//! The ledger, and the reconciliation of what a process has left.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use genesiscloud::{
    AnyResource, Client, CreateFilesystem, CreateFloatingIp, CreateInstance, CreateSecurityGroup, CreateSshKey,
    CreateVolume, Decision, ErrorKind, Holder, Ledger, LedgerEntry, LedgerFuture, LedgerRecord, MemoryLedger,
    Reconciliation,
};
use genesiscloud_sandbox::{Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::sandbox::{KRS, PUBLIC_KEY, SMALL, key, stepped};
use genesiscloud_tests::time::Time;
use tokio::sync::Semaphore;

/// A sandbox, its time, and a client that keeps this ledger.
async fn with_ledger(ledger: impl Ledger) -> (Sandbox, Time, Client) {
    let sandbox = stepped(Data::new()).await;
    let time = Time::of(&sandbox);
    let client = time.builder(&sandbox).ledger(ledger).owner("job-7").build().unwrap();
    (sandbox, time, client)
}

/// A client of a later process.
fn later(sandbox: &Sandbox, time: &Time, ledger: &(impl Ledger + Clone)) -> Client {
    time.builder(sandbox).ledger(ledger.clone()).build().unwrap()
}

fn trainer(key: &str) -> CreateInstance {
    CreateInstance::new("trainer", SMALL, "ubuntu-24.04", KRS).ssh_keys([key])
}

async fn open(ledger: &impl Ledger) -> Vec<LedgerEntry> {
    ledger.entries().await.unwrap()
}

fn ids(resources: &[AnyResource]) -> Vec<&str> {
    resources.iter().map(AnyResource::id).collect()
}

/// The numbers of adopted, deleted, closed, skipped and undecided ones.
fn counts(result: &Reconciliation) -> [usize; 5] {
    let Reconciliation { adopted, deleted, closed, skipped, undecided, .. } = result;
    [adopted.len(), deleted.len(), closed.len(), skipped.len(), undecided.len()]
}

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
struct Full;

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

/// Creates one of each kind that has a marker, and loses all responses.
async fn create_and_lose_all(sandbox: &Sandbox, client: &Client, key: &str) {
    for operation in ["CreateInstance", "CreateVolume", "CreateFilesystem", "CreateSecurityGroup", "CreateFloatingIP"] {
        sandbox.faults().add(FaultRule::new(operation, Fault::ResetAfterProcessing)).unwrap();
    }
    let lost = [
        client.instances().create(trainer(key)).await.map(drop),
        client.volumes().create(CreateVolume::new("data", KRS, 50)).await.map(drop),
        client.filesystems().create(CreateFilesystem::new("shared", KRS, 50)).await.map(drop),
        client.security_groups().create(CreateSecurityGroup::new("web", KRS, [])).await.map(drop),
        client.floating_ips().create(CreateFloatingIp::new("address", KRS)).await.map(drop),
    ];
    assert!(lost.iter().all(|lost| lost.as_ref().is_err_and(genesiscloud::Error::is_ambiguous)), "{lost:?}");
}

fn number_of_billed(sandbox: &Sandbox) -> usize {
    let Data { instances, volumes, filesystems, floating_ips, security_groups, .. } = sandbox.data();
    instances.len() + volumes.len() + filesystems.len() + floating_ips.len() + security_groups.len()
}

#[tokio::test]
async fn what_a_process_has_lost_is_adopted_by_a_later_one() {
    let ledger = MemoryLedger::new();
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    time.run(async {
        let key = key(&client).await;
        create_and_lose_all(&sandbox, &client, &key).await;
    })
    .await;
    let ledger = ledger.after_restart();
    let client = later(&sandbox, &time, &ledger);
    let result = time.run(client.reconcile(&ledger).adopt()).await.unwrap();
    // The SSH key as well: its id is known.
    assert_eq!(counts(&result), [6, 0, 0, 0, 0], "{result}");
    let data = sandbox.data();
    assert!(
        ids(&result.adopted).contains(&&*data.instances[0].id) && ids(&result.adopted).contains(&&*data.volumes[0].id)
    );
    // This process holds them now.
    let again = time.run(client.reconcile(&ledger).delete()).await.unwrap();
    assert_eq!(counts(&again), [0, 0, 0, 6, 0], "{again}");
    // Until it has ended.
    let ledger = ledger.after_restart();
    let last = time.run(later(&sandbox, &time, &ledger).reconcile(&ledger).delete()).await.unwrap();
    assert_eq!(counts(&last), [0, 6, 0, 0, 0], "{last}");
    assert_eq!((number_of_billed(&sandbox), open(&ledger).await), (0, vec![]));
}

#[tokio::test]
async fn nothing_but_the_ledgers_own_is_touched() {
    let ledger = MemoryLedger::new();
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    let other = time.client(&sandbox);
    time.run(async {
        let key = key(&other).await;
        // Another program's, with the same names and fields, and markers of their own.
        let twin = other.instances().create_or_recover(trainer(&key)).await.unwrap();
        other.volumes().create(CreateVolume::new("data", KRS, 50).marker("other")).await.unwrap();
        create_and_lose_all(&sandbox, &client, &key).await;
        other.instances().create_or_recover(trainer(&key)).await.unwrap();
        other.instances().wait(&twin.id).await.unwrap();
    })
    .await;
    let ledger = ledger.after_restart();
    let client = later(&sandbox, &time, &ledger);
    let result = time.run(client.reconcile(&ledger).delete()).await.unwrap();
    assert_eq!(counts(&result), [0, 5, 0, 0, 0], "{result}");
    let Data { instances, volumes, .. } = sandbox.data();
    assert_eq!((instances.len(), volumes.len(), number_of_billed(&sandbox)), (2, 1, 3));
    assert_eq!(volumes[0].description, "[marker other]");
}

#[tokio::test]
async fn a_create_that_was_not_processed_is_closed_after_a_minute() {
    let ledger = MemoryLedger::new();
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    sandbox.faults().add(FaultRule::new("CreateVolume", Fault::ResetBeforeRequest).always()).unwrap();
    let lost = time.run(client.volumes().create(CreateVolume::new("data", KRS, 50))).await;
    assert!(lost.unwrap_err().is_ambiguous());
    let before = time.passed();
    // By this process: the create had no response.
    let result = time.run(client.reconcile(&ledger).delete()).await.unwrap();
    assert_eq!(counts(&result), [0, 0, 1, 0, 0], "{result}");
    assert_eq!(result.to_string(), "1 gone or never created");
    assert_eq!(((time.passed() - before).as_secs(), open(&ledger).await), (60, vec![]));
}

#[tokio::test]
async fn reads_that_lag_behind_hide_nothing() {
    let ledger = MemoryLedger::new();
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    sandbox.set_stale_reads(Duration::from_secs(45));
    sandbox.faults().add(FaultRule::new("CreateVolume", Fault::ResetAfterProcessing)).unwrap();
    time.run(client.volumes().create(CreateVolume::new("data", KRS, 50))).await.unwrap_err();
    let created = time.run(client.volumes().create(CreateVolume::new("more", KRS, 50))).await.unwrap();
    let ledger = ledger.after_restart();
    let result = time.run(later(&sandbox, &time, &ledger).reconcile(&ledger).adopt()).await.unwrap();
    assert_eq!(counts(&result), [2, 0, 0, 0, 0], "{result}");
    assert!(ids(&result.adopted).contains(&&*created.id));
}

#[tokio::test]
async fn without_id_and_marker_nothing_is_decided() {
    let ledger = MemoryLedger::new();
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    let key = time.run(key(&client)).await;
    sandbox.faults().add(FaultRule::new("CreateInstance", Fault::ResetAfterProcessing)).unwrap();
    time.run(client.instances().create(trainer(&key).hostname("my-host"))).await.unwrap_err();
    let ledger = ledger.after_restart();
    let client = later(&sandbox, &time, &ledger);
    let result = time.run(client.reconcile(&ledger).delete()).await.unwrap();
    assert_eq!(counts(&result), [0, 1, 0, 0, 1], "{result}");
    let instance = &sandbox.data().instances[0].id;
    assert_eq!(result.undecided[0].candidates, [instance.as_str()]);
    let text = result.to_string();
    assert!(text.contains("instance \"trainer\" of \"job-7\" MAY EXIST AND BE BILLED"), "{text}");
    assert!(text.ends_with(&format!("; check {instance}")), "{text}");
    // Once there is none with its name, there is nothing to decide.
    time.run(async {
        client.instances().wait(instance).await.unwrap();
        client.instances().delete(instance).await.unwrap();
        client.instances().wait(instance).until_gone().await.unwrap();
    })
    .await;
    let result = time.run(client.reconcile(&ledger).delete()).await.unwrap();
    assert_eq!((counts(&result), open(&ledger).await), ([0, 0, 1, 0, 0], vec![]));
}

#[tokio::test]
async fn a_search_that_fails_decides_nothing() {
    let ledger = MemoryLedger::new();
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    sandbox.faults().add(FaultRule::new("CreateVolume", Fault::ResetAfterProcessing)).unwrap();
    time.run(client.volumes().create(CreateVolume::new("data", KRS, 50))).await.unwrap_err();
    let ledger = ledger.after_restart();
    sandbox.faults().add(FaultRule::new("ListVolumesPaginated", Fault::UndecodableItem).always()).unwrap();
    let client = later(&sandbox, &time, &ledger);
    let result = time.run(client.reconcile(&ledger).delete()).await.unwrap();
    assert_eq!((counts(&result), sandbox.data().volumes.len()), ([0, 0, 0, 0, 1], 1), "{result}");
    sandbox.faults().clear();
    let result = time.run(client.reconcile(&ledger).delete()).await.unwrap();
    assert_eq!((counts(&result), sandbox.data().volumes.len()), ([0, 1, 0, 0, 0], 0), "{result}");
}

#[tokio::test]
async fn both_results_of_a_create_that_an_intermediary_repeated_are_found() {
    let ledger = MemoryLedger::new();
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    let key = time.run(key(&client)).await;
    let first = time.run(client.instances().create(trainer(&key))).await.unwrap();
    let repeated = trainer(&key).hostname(&first.hostname);
    time.run(time.client(&sandbox).instances().create(repeated)).await.unwrap();
    let ledger = ledger.after_restart();
    let result = time.run(later(&sandbox, &time, &ledger).reconcile(&ledger).delete()).await.unwrap();
    assert_eq!((counts(&result), sandbox.data().instances.len()), ([0, 3, 0, 0, 0], 0), "{result}");
    assert_eq!(open(&ledger).await, []);
}

#[tokio::test]
async fn a_caller_decides_for_each_and_an_accepted_deletion_is_finished() {
    let ledger = MemoryLedger::new();
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    let ids = time
        .run(async {
            let mut ids = vec![];
            for name in ["a", "b", "c", "d"] {
                ids.push(client.volumes().create(CreateVolume::new(name, KRS, 50)).await.unwrap().id);
            }
            client.volumes().wait(&ids[3]).await.unwrap();
            client.volumes().delete(&ids[3]).await.unwrap();
            ids
        })
        .await;
    let ledger = ledger.after_restart();
    let decide = |entry: &LedgerEntry, volume: &AnyResource| match volume.name() {
        "a" => Decision::Adopt,
        "b" => Decision::Delete,
        "c" if entry.planned.owner.as_deref() == Some("job-7") => Decision::Leave,
        other => panic!("asked about {other}"),
    };
    let result = time.run(later(&sandbox, &time, &ledger).reconcile(&ledger).decide(decide)).await.unwrap();
    assert_eq!(counts(&result), [1, 2, 0, 0, 0], "{result}");
    assert_eq!(result.left[0].id(), ids[2]);
    let left: Vec<_> = open(&ledger).await.into_iter().flat_map(|entry| entry.ids).collect();
    assert_eq!(left, [ids[0].clone(), ids[2].clone()]);
}

#[tokio::test]
async fn creates_in_flight_and_other_endpoints_are_skipped() {
    let ledger = MemoryLedger::new();
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    sandbox.faults().add(FaultRule::new("CreateVolume", Fault::Delay(Duration::from_secs(20)))).unwrap();
    let create = client.volumes().create(CreateVolume::new("data", KRS, 50));
    let (created, result) = time.run(futures::future::join(create, client.reconcile(&ledger).delete())).await;
    assert_eq!((counts(&result.unwrap()), created.is_ok()), ([0, 0, 0, 1, 0], true));

    let elsewhere = stepped(Data::new()).await;
    let time = Time::of(&elsewhere);
    let ledger = ledger.after_restart();
    let result = time.run(later(&elsewhere, &time, &ledger).reconcile(&ledger).delete()).await.unwrap();
    assert_eq!((counts(&result), open(&ledger).await.len()), ([0, 0, 0, 1, 0], 1));
    assert_eq!(elsewhere.recorded_requests(), []);
}

#[tokio::test]
async fn an_ssh_key_that_may_be_another_programs_is_not_deleted() {
    let ledger = MemoryLedger::new();
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    sandbox.faults().add(FaultRule::new("CreateSSHKey", Fault::ResetAfterProcessing)).unwrap();
    time.run(client.ssh_keys().create(CreateSshKey::new("laptop", PUBLIC_KEY))).await.unwrap_err();
    let ledger = ledger.after_restart();
    let result = time.run(later(&sandbox, &time, &ledger).reconcile(&ledger).delete()).await.unwrap();
    assert_eq!((counts(&result), sandbox.data().ssh_keys.len()), ([0, 0, 0, 0, 1], 1), "{result}");
}

#[tokio::test]
async fn a_sweep_finds_marked_instances_by_their_names_and_deletes_on_a_second_call() {
    let (sandbox, time, client) = with_ledger(MemoryLedger::new()).await;
    time.run(async {
        let key = key(&client).await;
        let new = |name: &str| CreateInstance::new(name, SMALL, "ubuntu-24.04", KRS).ssh_keys([&key]);
        client.instances().create_or_recover(new("Trainer 1")).await.unwrap();
        client.instances().create(new("trainer-2")).await.unwrap();
        client.instances().create(new("web")).await.unwrap();
        // Without a marker: one that only looks like it, and one of a client without a ledger.
        client.instances().create(new("trainer-3").hostname("trainer-production")).await.unwrap();
        time.client(&sandbox).instances().create(new("trainer-4")).await.unwrap();
    })
    .await;
    let sweep = time.run(client.instances().sweep("Trainer")).await.unwrap();
    let mut names: Vec<_> = sweep.instances().iter().map(|vm| vm.name.clone()).collect();
    names.sort();
    assert_eq!(
        (names.as_slice(), sandbox.data().instances.len()),
        (["Trainer 1", "trainer-2"].map(String::from).as_slice(), 5)
    );
    let sweep = sweep.retain(|vm| vm.name != "trainer-2");
    assert!(time.run(sweep.delete()).await.is_empty());
    assert_eq!(sandbox.data().instances.len(), 4);
    assert_eq!(time.run(client.instances().sweep("")).await.unwrap().instances().len(), 2);
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

/// The API responds with 404 to the deletion of what is being deleted.
#[tokio::test]
async fn what_is_being_deleted_is_deleted_once_it_is_gone() {
    let ledger = MemoryLedger::new();
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    time.run(async {
        let volume = client.volumes().create(CreateVolume::new("data", KRS, 50)).await.unwrap();
        client.volumes().wait(&volume.id).await.unwrap();
        client.volumes().delete(&volume.id).await.unwrap();
        // Deleted again, as by a program that is careful: it is not gone.
        assert!(client.volumes().delete(&volume.id).await.is_err_and(|error| error.is_not_found()));
    })
    .await;
    assert_eq!(open(&ledger).await.len(), 1);
    let ledger = ledger.after_restart();
    let result = time.run(later(&sandbox, &time, &ledger).reconcile(&ledger).delete()).await.unwrap();
    assert_eq!((counts(&result), sandbox.data().volumes.len()), ([0, 1, 0, 0, 0], 0), "{result}");
    assert_eq!(open(&ledger).await, []);
}

/// A ledger whose entries arrive late: as they were before a permit is given.
#[derive(Clone, Debug)]
struct Late {
    inner: MemoryLedger,
    permits: Arc<Semaphore>,
}

impl Ledger for Late {
    fn append(&self, record: LedgerRecord) -> LedgerFuture<'_, ()> {
        self.inner.append(record)
    }

    fn entries(&self) -> LedgerFuture<'_, Vec<LedgerEntry>> {
        let entries = self.inner.entries();
        Box::pin(async {
            let entries = entries.await;
            let _permit = self.permits.acquire().await.map_err(io::Error::other)?;
            entries
        })
    }

    fn claim(&self, key: &str) -> LedgerFuture<'_, bool> {
        self.inner.claim(key)
    }
}

#[tokio::test]
async fn a_create_that_ends_while_the_entries_are_read_is_not_taken_for_a_lost_one() {
    let ledger = Late { inner: MemoryLedger::new(), permits: Arc::new(Semaphore::new(0)) };
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    let create = async {
        let created = client.volumes().create(CreateVolume::new("data", KRS, 50)).await;
        ledger.permits.add_permits(1);
        created
    };
    let (created, result) = time.run(futures::future::join(create, client.reconcile(&ledger).delete())).await;
    assert_eq!((created.is_ok(), counts(&result.unwrap())), (true, [0, 0, 0, 1, 0]));
    assert_eq!(sandbox.data().volumes.len(), 1);
}

#[tokio::test]
async fn what_a_reconciliation_has_not_adopted_is_reconciled_again_by_the_same_process() {
    let ledger = MemoryLedger::new();
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    time.run(client.volumes().create(CreateVolume::new("data", KRS, 50))).await.unwrap();
    let ledger = ledger.after_restart();
    let client = later(&sandbox, &time, &ledger);
    // It claims the entry, and is dropped.
    assert!(client.reconcile(&ledger).delete().now_or_never().is_none());
    let left = time.run(client.reconcile(&ledger).decide(|_, _| Decision::Leave)).await.unwrap();
    assert_eq!(left.left.len(), 1, "{left}");
    for operation in ["ListVolumesPaginated", "GetVolume"] {
        sandbox.faults().add(FaultRule::new(operation, Fault::ResetBeforeRequest).always()).unwrap();
    }
    let failed = time.run(client.reconcile(&ledger).delete()).await.unwrap();
    assert_eq!(counts(&failed), [0, 0, 0, 0, 1], "{failed}");
    sandbox.faults().clear();
    let deleted = time.run(client.reconcile(&ledger).delete()).await.unwrap();
    assert_eq!((counts(&deleted), sandbox.data().volumes.len()), ([0, 1, 0, 0, 0], 0), "{deleted}");
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

#[tokio::test]
async fn an_accepted_deletion_is_finished_by_the_same_process() {
    let ledger = MemoryLedger::new();
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    time.run(async {
        let volume = client.volumes().create(CreateVolume::new("data", KRS, 50)).await.unwrap();
        client.volumes().wait(&volume.id).await.unwrap();
        client.volumes().delete(&volume.id).await.unwrap();
    })
    .await;
    let result = time.run(client.reconcile(&ledger).adopt()).await.unwrap();
    assert_eq!((counts(&result), sandbox.data().volumes.len()), ([0, 1, 0, 0, 0], 0), "{result}");
    assert_eq!(open(&ledger).await, []);
}

#[tokio::test]
async fn what_has_the_same_marker_and_another_name_is_not_touched() {
    let ledger = MemoryLedger::new();
    let (sandbox, time, client) = with_ledger(ledger.clone()).await;
    let other = time.run(time.client(&sandbox).volumes().create(CreateVolume::new("archive", KRS, 50).marker("job")));
    let other = other.await.unwrap();
    sandbox.faults().add(FaultRule::new("CreateVolume", Fault::ResetBeforeRequest)).unwrap();
    time.run(client.volumes().create(CreateVolume::new("data", KRS, 50).marker("job"))).await.unwrap_err();
    let ledger = ledger.after_restart();
    let result = time.run(later(&sandbox, &time, &ledger).reconcile(&ledger).delete()).await.unwrap();
    assert_eq!((counts(&result), sandbox.data().volumes.len()), ([0, 0, 0, 0, 1], 1), "{result}");
    assert_eq!(result.undecided[0].candidates, [other.id]);
}
