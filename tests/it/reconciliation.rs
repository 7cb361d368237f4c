//! The reconciliation of what a process has left, and sweeps.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use genesiscloud::{
    AnyResource, Client, CreateFilesystem, CreateFloatingIp, CreateInstance, CreateSecurityGroup, CreateSshKey,
    CreateVolume, Decision, Ledger, LedgerEntry, LedgerFuture, LedgerRecord, MemoryLedger,
};
use genesiscloud_sandbox::{Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::ledger::{counts, later, open, with_ledger};
use genesiscloud_tests::sandbox::{KRS, PUBLIC_KEY, SMALL, key, stepped};
use genesiscloud_tests::time::Time;
use tokio::sync::Semaphore;

fn trainer(key: &str) -> CreateInstance {
    CreateInstance::new("trainer", SMALL, "ubuntu-24.04", KRS).ssh_keys([key])
}

fn ids(resources: &[AnyResource]) -> Vec<&str> {
    resources.iter().map(AnyResource::id).collect()
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
