//! Creating without duplicates: recovery of a create whose response was lost, and the search for a placement with capacity.

use std::time::Duration;

use futures::future::join;
use genesiscloud::{
    Client, CloneSnapshot, CreateFilesystem, CreateFloatingIp, CreateInstance, CreateInstanceSnapshot,
    CreateSecurityGroup, CreateSnapshot, CreateSshKey, CreateVolume, ErrorCode, ErrorKind, PlacementFailure, Region,
    SnapshotStatus,
};
use genesiscloud_sandbox::{Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::mock_api::{MockApi, MockResponse};
use genesiscloud_tests::sandbox::{KRS, PUBLIC_KEY, SMALL, instance, key, pass, stepped};
use genesiscloud_tests::time::Time;

const LARGE: &str = "vcpu-4_memory-12g_disk-80g_nvidia3080-1";

/// A new account with a key: its id comes last.
async fn account() -> (Sandbox, Time, Client, String) {
    let sandbox = stepped(Data::new()).await;
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    let key = time.run(key(&client)).await;
    (sandbox, time, client, key)
}

/// Parameters for creating a small instance.
fn new(name: &str, key: &str) -> CreateInstance {
    CreateInstance::new(name, SMALL, "ubuntu-24.04", KRS).ssh_keys([key])
}

/// Injects a fault into the next create.
fn fail_next_create(sandbox: &Sandbox, fault: Fault) {
    sandbox.faults().add(FaultRule::new("CreateInstance", fault)).unwrap();
}

/// Returns how many creates of instances were sent.
fn sent_creates(sandbox: &Sandbox) -> usize {
    sandbox.recorded_requests().iter().filter(|request| request.operation.as_deref() == Some("CreateInstance")).count()
}

#[tokio::test]
async fn a_create_whose_response_was_lost_is_recovered_without_a_second_create() {
    for fault in [
        Fault::ResetAfterProcessing,
        Fault::ResetInBody,
        Fault::CutBody,
        Fault::status(504).html().processed(),
        Fault::Delay(Duration::from_secs(3600)),
    ] {
        let (sandbox, time, client, key) = account().await;
        fail_next_create(&sandbox, fault.clone());
        let vm = time.run(client.instances().create_or_recover(new("mine", &key))).await.unwrap();
        let existing: Vec<_> = sandbox.data().instances.into_iter().map(|vm| vm.id).collect();
        assert_eq!((existing, sent_creates(&sandbox)), (vec![vm.id], 1), "{fault}");
    }
}

#[tokio::test]
async fn a_create_of_every_resource_type_can_be_recovered() {
    let sandbox = stepped(Data::realistic()).await;
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    macro_rules! recovered {
        ($($service:ident $operation:literal $new:expr;)*) => {$(
            sandbox.faults().add(FaultRule::new($operation, Fault::ResetAfterProcessing)).unwrap();
            let before = sandbox.data().$service.len();
            let created = time.run(client.$service().create_or_recover($new)).await.unwrap();
            assert_eq!(created.name, "mine");
            assert!(sandbox.data().$service.iter().any(|one| one.id == created.id));
            assert_eq!(sandbox.data().$service.len(), before + 1);
        )*};
    }
    recovered! {
        ssh_keys "CreateSSHKey" CreateSshKey::new("mine", PUBLIC_KEY);
        volumes "CreateVolume" CreateVolume::new("mine", KRS, 5).description("training data");
        filesystems "CreateFilesystem" CreateFilesystem::new("mine", KRS, 5);
        security_groups "CreateSecurityGroup" CreateSecurityGroup::new("mine", KRS, []);
        floating_ips "CreateFloatingIP" CreateFloatingIp::new("mine", KRS);
        snapshots "CreateSnapshot" CreateSnapshot::new("mine", "https://images.invalid/disk.qcow2", KRS, 80);
        instances "CreateInstance" new("mine", &sandbox.data().ssh_keys[0].id);
    }
}

#[tokio::test]
async fn a_snapshot_is_recovered_by_what_it_was_made_of() {
    let mut data = Data::realistic();
    data.snapshots[0].status = SnapshotStatus::Created;
    let sources = [data.snapshots[0].id.clone(), data.snapshots[1].id.clone()];
    data.snapshots[1].status = SnapshotStatus::Created;
    let sandbox = stepped(data).await;
    let time = Time::of(&sandbox);
    // Another program creates the same of another source at the same time.
    let (client, other) = (time.client(&sandbox), time.client(&sandbox));
    let of_instance = || CreateInstanceSnapshot::new("mine");
    time.run(other.instances().create_snapshot(instance(1), of_instance())).await.unwrap();
    sandbox.faults().add(FaultRule::new("CreateInstanceSnapshot", Fault::ResetAfterProcessing)).unwrap();
    let taken = time.run(client.instances().create_snapshot_or_recover(instance(2), of_instance())).await.unwrap();
    assert_eq!((taken.name.as_str(), taken.source_instance_id), ("mine", Some(instance(2))));

    let clone = || CloneSnapshot::new("copy", Region::EucDeMuc1);
    time.run(other.snapshots().clone_snapshot(&sources[1], clone())).await.unwrap();
    sandbox.faults().add(FaultRule::new("CloneSnapshot", Fault::ResetAfterProcessing)).unwrap();
    let copy = time.run(client.snapshots().clone_snapshot_or_recover(&sources[0], clone())).await.unwrap();
    assert_eq!((copy.name.as_str(), copy.source_snapshot_id.as_ref()), ("copy", Some(&sources[0])));

    // Never processed: nothing is adopted, and the error has the source.
    sandbox.faults().add(FaultRule::new("CloneSnapshot", Fault::ResetBeforeRequest)).unwrap();
    let lost = CloneSnapshot::new("copy", Region::NordNoKrs1);
    let error = time.run(client.snapshots().clone_snapshot_or_recover(&sources[0], lost)).await.unwrap_err();
    let unconfirmed = error.unconfirmed().unwrap();
    assert_eq!(unconfirmed.candidates(), Some(&[][..]));
    assert_eq!(unconfirmed.fields()["source_snapshot_id"], sources[0]);
    let sent = |operation: &str| {
        let requests = sandbox.recorded_requests();
        requests.iter().filter(|request| request.operation.as_deref() == Some(operation)).count()
    };
    assert_eq!((sent("CreateInstanceSnapshot"), sent("CloneSnapshot")), (2, 3));
}

#[tokio::test]
async fn an_unprocessed_create_is_searched_for_a_minute_and_then_is_ambiguous() {
    let (sandbox, time, client, key) = account().await;
    fail_next_create(&sandbox, Fault::ResetBeforeRequest);
    let error = time.run(client.instances().create_or_recover(new("mine", &key))).await.unwrap_err();
    assert!(error.is_ambiguous());
    assert_eq!(error.unconfirmed().unwrap().candidates(), Some(&[][..]));
    assert!(error.to_string().contains("(a search did not find it; it may still appear)"), "{error}");
    assert_eq!((time.passed(), sent_creates(&sandbox)), (Duration::from_secs(60), 1));
    assert!(sandbox.data().instances.is_empty());

    sandbox.faults().add(FaultRule::new("ListInstancesPaginated", Fault::status(401)).always()).unwrap();
    fail_next_create(&sandbox, Fault::ResetAfterProcessing);
    let error = time.run(client.instances().create_or_recover(new("mine", &key))).await.unwrap_err();
    assert_eq!(error.unconfirmed().unwrap().candidates(), None);
    assert!(error.to_string().contains("(the search for it failed: ListInstancesPaginated: "), "{error}");
}

#[tokio::test]
async fn an_older_or_different_instance_is_not_recovered() {
    let (sandbox, time, client, key) = account().await;
    for other in [new("mine", &key), new("other", &key)] {
        time.run(client.instances().create(other)).await.unwrap();
    }
    pass(&sandbox, 60);
    // Another client creates one of the same name and age, and of another type.
    let other_client = time.client(&sandbox);
    let different = CreateInstance::new("mine", LARGE, "ubuntu-24.04", KRS).ssh_keys([&key]);
    let different = time.run(other_client.instances().create(different)).await.unwrap();
    fail_next_create(&sandbox, Fault::ResetAfterProcessing);
    let vm = time.run(client.instances().create_or_recover(new("mine", &key))).await.unwrap();
    assert_eq!(vm.type_, SMALL);
    assert_ne!(vm.id, different.id);
    assert_eq!(sandbox.data().instances.len(), 4);
}

#[tokio::test]
async fn the_age_of_a_candidate_is_judged_by_the_service_clock() {
    // Another client's instance of the same name, created 20 s before a create that is never processed.
    let (sandbox, time, client, key) = account().await;
    let other_client = time.client(&sandbox);
    time.run(other_client.instances().create(new("mine", &key))).await.unwrap();
    pass(&sandbox, 20);
    fail_next_create(&sandbox, Fault::ResetBeforeRequest);
    let error = time.run(client.instances().create_or_recover(new("mine", &key))).await.unwrap_err();
    assert_eq!(error.unconfirmed().unwrap().candidates(), Some(&[][..]));
}

#[tokio::test]
async fn several_candidates_are_reported_and_none_is_recovered() {
    let (sandbox, time, client, key) = account().await;
    let other_client = time.client(&sandbox);
    let other = time.run(other_client.instances().create(new("mine", &key))).await.unwrap();
    fail_next_create(&sandbox, Fault::ResetAfterProcessing);
    let without_marker = new("mine", &key).hostname("mine");
    let error = time.run(client.instances().create_or_recover(without_marker)).await.unwrap_err();
    let found = error.unconfirmed().unwrap().candidates().unwrap();
    assert_eq!(found.len(), 2);
    assert!(found.contains(&other.id) && error.to_string().contains("(candidates: "), "{error}");
    assert_eq!((time.passed(), sent_creates(&sandbox)), (Duration::ZERO, 2));
}

#[tokio::test]
async fn a_marker_tells_equal_creates_of_two_programs_apart() {
    let (sandbox, time, client, key) = account().await;
    let other_client = time.client(&sandbox);
    let other = time.run(other_client.instances().create(new("mine", &key))).await.unwrap();
    fail_next_create(&sandbox, Fault::ResetAfterProcessing);
    let vm = time.run(client.instances().create_or_recover(new("mine", &key))).await.unwrap();
    assert_ne!(vm.id, other.id);
    assert!(vm.hostname.starts_with("mine-") && vm.hostname.len() == "mine-".len() + 12, "{}", vm.hostname);
    // One that was not processed has no result, whatever else there is.
    fail_next_create(&sandbox, Fault::ResetBeforeRequest);
    let error = time.run(client.instances().create_or_recover(new("mine", &key))).await.unwrap_err();
    let alike = error.unconfirmed().unwrap().candidates().unwrap().to_vec();
    assert_eq!(alike, [other.id], "the one that is alike is reported, not adopted");
}

#[tokio::test]
async fn volumes_and_their_like_are_recognised_by_a_marker_in_the_description() {
    let (sandbox, time, client, _) = account().await;
    let other_client = time.client(&sandbox);
    let volume = |marker| CreateVolume::new("mine", KRS, 5).description("Training data").marker(marker);
    let other = time.run(other_client.volumes().create(volume("job-1"))).await.unwrap();
    sandbox.faults().add(FaultRule::new("CreateVolume", Fault::ResetAfterProcessing)).unwrap();
    let mine = time.run(client.volumes().create_or_recover(volume("job-2"))).await.unwrap();
    assert_ne!(mine.id, other.id);
    assert_eq!(mine.description, "Training data [marker job-2]");
}

/// A client that makes one search, of a mock that loses the response to the create and then lists these instances.
async fn search_among(items: &[serde_json::Value], date: &str) -> (MockApi, Client) {
    let mock = MockApi::new().await;
    let count = items.len();
    let list = serde_json::json!({ "instances": items, "page": 1, "per_page": 100, "total_count": count });
    let list = MockResponse::json(200, &list).header("date", date);
    mock.respond_in_turn([MockResponse::new(504, "text/html", "<html>"), list]);
    let builder = Client::builder().token("secret").endpoint(mock.endpoint()).rate(None);
    (mock, builder.propagation_timeout(Duration::ZERO).build().unwrap())
}

fn instance_like_mine(id: &str, hostname: &str, created_at: &str) -> serde_json::Value {
    let mut instance = genesiscloud_tests::fixtures::full::instance();
    for (name, value) in [("id", id), ("name", "mine"), ("hostname", hostname), ("created_at", created_at)] {
        instance[name] = value.into();
    }
    instance["region"] = "NORD-NO-KRS-1".into();
    instance["type"] = SMALL.into();
    instance["ssh_keys"] = serde_json::json!([{ "id": "a-key", "name": "laptop" }]);
    instance
}

#[tokio::test]
async fn a_marker_that_comes_back_altered_is_reported_and_nothing_is_adopted() {
    let altered = instance_like_mine("i-1", "mine", "2030-01-01T00:00:00Z");
    let (_mock, client) = search_among(&[altered], "Tue, 01 Jan 2030 00:00:00 GMT").await;
    let error = client.instances().create_or_recover(new("mine", "a-key")).await.unwrap_err();
    assert_eq!(error.unconfirmed().unwrap().candidates(), Some(&["i-1".to_owned()][..]), "{error}");
}

#[tokio::test]
async fn without_a_marker_only_a_date_of_the_api_decides() {
    let mine = || instance_like_mine("i-1", "Mine", "2030-01-01T00:00:00Z");
    let create = || new("mine", "a-key").hostname("mine");
    let recover = async |items: &[serde_json::Value], date| {
        let (_mock, client) = search_among(items, date).await;
        client.instances().create_or_recover(create()).await
    };
    let at = "Tue, 01 Jan 2030 00:00:02 GMT";
    assert_eq!(recover(&[mine()], at).await.unwrap().id, "i-1");
    let older = recover(&[mine()], "Tue, 01 Jan 2030 00:01:00 GMT").await.unwrap_err();
    assert_eq!(older.unconfirmed().unwrap().candidates(), Some(&[][..]), "{older}");
    let undated = recover(&[mine()], "unknown").await.unwrap_err();
    assert_eq!(undated.unconfirmed().unwrap().candidates(), Some(&["i-1".to_owned()][..]), "{undated}");
    // A field that was sent and is absent does not agree.
    let mut without_keys = mine();
    without_keys.as_object_mut().unwrap().remove("ssh_keys");
    let error = recover(&[without_keys], at).await.unwrap_err();
    assert_eq!(error.unconfirmed().unwrap().candidates(), Some(&[][..]), "{error}");
}

#[tokio::test]
async fn an_ssh_key_is_recognised_by_its_material_whatever_its_age() {
    let (sandbox, time, client, _) = account().await;
    let other_client = time.client(&sandbox);
    let existing = time.run(other_client.ssh_keys().create(CreateSshKey::new("mine", PUBLIC_KEY))).await.unwrap();
    pass(&sandbox, 600);
    sandbox.faults().add(FaultRule::new("CreateSSHKey", Fault::ResetBeforeRequest)).unwrap();
    let key = time.run(client.ssh_keys().create_or_recover(CreateSshKey::new("mine", PUBLIC_KEY))).await.unwrap();
    assert_eq!(key.id, existing.id);
}

#[tokio::test]
async fn the_result_of_another_create_of_this_client_is_not_recovered() {
    // Of two equal creates at the same time, one is never processed, and the other's response is delayed.
    let (sandbox, time, client, key) = account().await;
    sandbox.faults().add(FaultRule::new("CreateInstance", Fault::ResetBeforeRequest)).unwrap();
    sandbox.faults().add(FaultRule::new("CreateInstance", Fault::Delay(Duration::from_secs(5)))).unwrap();
    let create = || client.instances().create_or_recover(new("mine", &key));
    let (one, other) = time.run(join(create(), create())).await;
    let (recovered, lost) = if one.is_ok() { (one, other) } else { (other, one) };
    assert_eq!(lost.unwrap_err().unconfirmed().unwrap().candidates(), Some(&[][..]));
    assert_eq!(sandbox.data().instances[0].id, recovered.unwrap().id);
    assert_eq!((sandbox.data().instances.len(), sent_creates(&sandbox)), (1, 2));

    // A create of another resource type with the same name does not prevent recovery.
    let (sandbox, time, client, key) = account().await;
    fail_next_create(&sandbox, Fault::ResetAfterProcessing);
    sandbox.faults().add(FaultRule::new("CreateVolume", Fault::Delay(Duration::from_secs(50)))).unwrap();
    let volume = client.volumes().create(CreateVolume::new("mine", KRS, 1));
    let (vm, _) = time.run(join(client.instances().create_or_recover(new("mine", &key)), volume)).await;
    assert_eq!(sandbox.data().instances[0].id, vm.unwrap().id);

    // Of two equal creates that are both processed, the one whose response is lost recovers its own instance.
    let (sandbox, time, client, key) = account().await;
    fail_next_create(&sandbox, Fault::ResetAfterProcessing);
    let create = || client.instances().create_or_recover(new("mine", &key));
    let (one, other) = time.run(join(create(), create())).await;
    assert_ne!(one.unwrap().id, other.unwrap().id);
    assert_eq!(sent_creates(&sandbox), 2);
}

#[tokio::test]
async fn an_error_response_is_returned_without_a_search() {
    let (sandbox, time, client, _) = account().await;
    let unknown_key = CreateInstance::new("mine", SMALL, "ubuntu-24.04", KRS).ssh_keys(["none-such"]);
    let error = time.run(client.instances().create_or_recover(unknown_key)).await.unwrap_err();
    assert_eq!((error.is_ambiguous(), sent_creates(&sandbox)), (false, 1));
    assert_eq!(sandbox.recorded_requests().len(), 2);
}

/// A new account for which only small instances are available.
async fn scarce_account() -> (Sandbox, Time, Client, String) {
    let mut data = Data::new();
    for region in &mut data.availability {
        region.instance_types.iter_mut().for_each(|one| one.available = one.type_ == SMALL);
    }
    let sandbox = stepped(data).await;
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    let key = time.run(key(&client)).await;
    (sandbox, time, client, key)
}

#[tokio::test]
async fn the_first_placement_with_capacity_is_used() {
    let (sandbox, time, client, key) = scarce_account().await;
    let placements = [(KRS, LARGE), (KRS, "vcpu-1000"), (KRS, SMALL), (Region::EucDeMuc1, SMALL)];
    let vm = time.run(client.instances().create_first_available(new("mine", &key), placements)).await.unwrap();
    assert_eq!((vm.type_.as_str(), vm.region), (SMALL, KRS));
    // The key, the quotas, the availability once, the create.
    assert_eq!((sandbox.recorded_requests().len(), sent_creates(&sandbox)), (4, 1));
}

#[tokio::test]
async fn the_reason_of_each_failed_placement_is_reported() {
    let (sandbox, time, client, key) = scarce_account().await;
    // The availability cannot be read at the first placement, so the create reports the lack of capacity.
    sandbox.faults().add(FaultRule::new("GetInstancesAvailability", Fault::status(404)).times(1)).unwrap();
    let placements = [(KRS, LARGE), (Region::EucDeMuc1, LARGE), (Region::EucDeMuc1, "vcpu-1000")];
    let error = time.run(client.instances().create_first_available(new("mine", &key), placements)).await.unwrap_err();
    let [rejected, unavailable, not_offered] = error.placements() else { panic!("{error}") };
    assert!(
        matches!(&rejected.reason, PlacementFailure::Rejected(error) if error.code() == Some(&ErrorCode::OutOfStock)),
        "{error}"
    );
    assert!(
        matches!(unavailable.reason, PlacementFailure::Unavailable) && unavailable.region == Region::EucDeMuc1,
        "{error}"
    );
    assert!(matches!(not_offered.reason, PlacementFailure::NotOffered), "{error}");
    assert!(error.stopped_by().is_none());
    let line = error.to_string();
    assert!(
        line.starts_with(&format!("no placement succeeded: {LARGE} in NORD-NO-KRS-1: CreateInstance: no capacity")),
        "{line}"
    );
    assert!(line.ends_with("; vcpu-1000 in EUC-DE-MUC-1: not offered there"), "{line}");
    assert_eq!(sent_creates(&sandbox), 1);
}

#[tokio::test]
async fn a_used_up_quota_is_read_beforehand_or_reported_by_the_create() {
    for is_readable in [true, false] {
        let mut data = Data::new();
        data.quotas.iter_mut().find(|quota| quota.key == "instances").unwrap().capacity = 1;
        let sandbox = stepped(data).await;
        let time = Time::of(&sandbox);
        let client = time.client(&sandbox);
        let key = time.run(key(&client)).await;
        time.run(client.instances().create(new("first", &key))).await.unwrap();
        if !is_readable {
            sandbox.faults().add(FaultRule::new("GetQuotas", Fault::status(403)).always()).unwrap();
        }
        let create = client.instances().create_first_available(new("mine", &key), [(KRS, SMALL), (KRS, SMALL)]);
        let error = time.run(create).await.unwrap_err();
        assert_eq!((error.placements().len(), error.stopped_by().is_none()), (2, true), "{error}");
        let is_known =
            |reason: &PlacementFailure| matches!(reason, PlacementFailure::QuotaExceeded { capacity: 1, used: 1 });
        assert!(error.placements().iter().all(|placement| is_known(&placement.reason) == is_readable), "{error}");
        assert_eq!(sent_creates(&sandbox), if is_readable { 1 } else { 3 });
        assert_eq!(genesiscloud::Error::from(error).kind(), ErrorKind::QuotaExceeded);
    }
}

#[tokio::test]
async fn any_other_error_ends_the_search() {
    let (sandbox, time, client, key) = scarce_account().await;
    let placements = || [(KRS, LARGE), (KRS, SMALL), (KRS, SMALL)];
    fail_next_create(&sandbox, Fault::status(403));
    let error = time.run(client.instances().create_first_available(new("mine", &key), placements())).await.unwrap_err();
    assert_eq!(error.stopped_by().unwrap().kind(), ErrorKind::PermissionDenied);
    assert!(
        error.to_string().contains(&format!("; before that, {LARGE} in NORD-NO-KRS-1: not available at present")),
        "{error}"
    );
    assert_eq!(sent_creates(&sandbox), 1);
    let nothing: [(Region, &str); 0] = [];
    let error = time.run(client.instances().create_first_available(new("mine", &key), nothing)).await.unwrap_err();
    assert_eq!(error.stopped_by().unwrap().kind(), ErrorKind::InvalidInput);
    // A create whose response is lost is recovered, and no second instance is created.
    fail_next_create(&sandbox, Fault::ResetAfterProcessing);
    time.run(client.instances().create_first_available(new("mine", &key), placements())).await.unwrap();
    assert_eq!((sandbox.data().instances.len(), sent_creates(&sandbox)), (1, 2));
}
