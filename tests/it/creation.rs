//! Creating without making twice: what becomes of a create whose answer was lost, and of one where there is no room.

use std::time::Duration;

use futures::future::join;
use genesiscloud::{
    Client, CreateFilesystem, CreateFloatingIp, CreateInstance, CreateSecurityGroup, CreateSnapshot, CreateSshKey,
    CreateVolume, ErrorCode, ErrorKind, Region, WhyNot,
};
use genesiscloud_sandbox::{Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::sandbox::{KRS, PUBLIC_KEY, SMALL, key, pass, stepped};
use genesiscloud_tests::time::Time;

const LARGE: &str = "vcpu-4_memory-12g_disk-80g_nvidia3080-1";

async fn account() -> (Sandbox, Time, Client, String) {
    let sandbox = stepped(Data::new()).await;
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    let key = time.run(key(&client)).await;
    (sandbox, time, client, key)
}

fn new(name: &str, key: &str) -> CreateInstance {
    CreateInstance::new(name, SMALL, "ubuntu-24.04", KRS).ssh_keys([key])
}

fn lose(sandbox: &Sandbox, fault: Fault) {
    sandbox.faults().add(FaultRule::new("CreateInstance", fault)).unwrap();
}

fn posts(sandbox: &Sandbox) -> usize {
    sandbox.recorded_requests().iter().filter(|request| request.operation.as_deref() == Some("CreateInstance")).count()
}

#[tokio::test]
async fn what_a_lost_answer_made_is_found_and_not_made_again() {
    for fault in [
        Fault::ResetAfterProcessing,
        Fault::ResetInBody,
        Fault::CutBody,
        Fault::status(504).html().processed(),
        Fault::Delay(Duration::from_secs(3600)),
    ] {
        let (sandbox, time, client, key) = account().await;
        lose(&sandbox, fault.clone());
        let vm = time.run(client.instances().create_or_recover(new("mine", &key))).await.unwrap();
        let there: Vec<_> = sandbox.data().instances.into_iter().map(|vm| vm.id).collect();
        assert_eq!((there, posts(&sandbox)), (vec![vm.id], 1), "{fault}");
    }
}

#[tokio::test]
async fn every_kind_can_be_recovered() {
    let sandbox = stepped(Data::realistic()).await;
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    macro_rules! recovered {
        ($($service:ident $operation:literal $new:expr;)*) => {$(
            sandbox.faults().add(FaultRule::new($operation, Fault::ResetAfterProcessing)).unwrap();
            let before = sandbox.data().$service.len();
            let made = time.run(client.$service().create_or_recover($new)).await.unwrap();
            assert_eq!(made.name, "mine");
            assert!(sandbox.data().$service.iter().any(|thing| thing.id == made.id));
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
async fn what_was_never_made_is_looked_for_half_a_minute_and_told() {
    let (sandbox, time, client, key) = account().await;
    lose(&sandbox, Fault::ResetBeforeRequest);
    let error = time.run(client.instances().create_or_recover(new("mine", &key))).await.unwrap_err();
    assert!(error.is_ambiguous());
    assert_eq!(error.unconfirmed().unwrap().found(), Some(&[][..]));
    assert!(error.to_string().contains("(it was looked for and not found; it may appear yet)"), "{error}");
    assert_eq!((time.passed(), posts(&sandbox)), (Duration::from_secs(30), 1));
    assert!(sandbox.data().instances.is_empty());

    sandbox.faults().add(FaultRule::new("ListInstancesPaginated", Fault::status(401)).always()).unwrap();
    lose(&sandbox, Fault::ResetAfterProcessing);
    let error = time.run(client.instances().create_or_recover(new("mine", &key))).await.unwrap_err();
    assert_eq!(error.unconfirmed().unwrap().found(), None);
    assert!(error.to_string().contains("(looking for it failed: ListInstancesPaginated: "), "{error}");
}

#[tokio::test]
async fn what_is_older_or_other_is_not_adopted() {
    let (sandbox, time, client, key) = account().await;
    for other in [new("mine", &key), new("other", &key)] {
        time.run(client.instances().create(other)).await.unwrap();
    }
    pass(&sandbox, 60);
    // Of the same name and age, and another type.
    let stranger = time.client(&sandbox);
    let unlike = CreateInstance::new("mine", LARGE, "ubuntu-24.04", KRS).ssh_keys([&key]);
    let unlike = time.run(stranger.instances().create(unlike)).await.unwrap();
    lose(&sandbox, Fault::ResetAfterProcessing);
    let vm = time.run(client.instances().create_or_recover(new("mine", &key))).await.unwrap();
    assert_eq!(vm.type_, SMALL);
    assert_ne!(vm.id, unlike.id);
    assert_eq!(sandbox.data().instances.len(), 4);
}

#[tokio::test]
async fn the_services_clock_tells_what_is_older() {
    // Another program's machine of the same name, made 20 s before a create that is never processed.
    let (sandbox, time, client, key) = account().await;
    let stranger = time.client(&sandbox);
    time.run(stranger.instances().create(new("mine", &key))).await.unwrap();
    pass(&sandbox, 20);
    lose(&sandbox, Fault::ResetBeforeRequest);
    let error = time.run(client.instances().create_or_recover(new("mine", &key))).await.unwrap_err();
    assert_eq!(error.unconfirmed().unwrap().found(), Some(&[][..]));
}

#[tokio::test]
async fn several_that_may_be_it_are_told_and_none_adopted() {
    let (sandbox, time, client, key) = account().await;
    let stranger = time.client(&sandbox);
    let other = time.run(stranger.instances().create(new("mine", &key))).await.unwrap();
    lose(&sandbox, Fault::ResetAfterProcessing);
    let error = time.run(client.instances().create_or_recover(new("mine", &key))).await.unwrap_err();
    let found = error.unconfirmed().unwrap().found().unwrap();
    assert_eq!(found.len(), 2);
    assert!(found.contains(&other.id) && error.to_string().contains("(these may be it: "), "{error}");
    assert_eq!((time.passed(), posts(&sandbox)), (Duration::ZERO, 2));
}

#[tokio::test]
async fn what_another_create_of_this_client_made_is_not_adopted() {
    // Of two alike at the same time, one is never made, and the other's answer comes late.
    let (sandbox, time, client, key) = account().await;
    sandbox.faults().add(FaultRule::new("CreateInstance", Fault::ResetBeforeRequest)).unwrap();
    sandbox.faults().add(FaultRule::new("CreateInstance", Fault::Delay(Duration::from_secs(5)))).unwrap();
    let create = || client.instances().create_or_recover(new("mine", &key));
    let (one, other) = time.run(join(create(), create())).await;
    let (made, lost) = if one.is_ok() { (one, other) } else { (other, one) };
    assert_eq!(lost.unwrap_err().unconfirmed().unwrap().found(), Some(&[][..]));
    assert_eq!(sandbox.data().instances[0].id, made.unwrap().id);
    assert_eq!((sandbox.data().instances.len(), posts(&sandbox)), (1, 2));

    // Something else of that name is no hindrance.
    let (sandbox, time, client, key) = account().await;
    lose(&sandbox, Fault::ResetAfterProcessing);
    sandbox.faults().add(FaultRule::new("CreateVolume", Fault::Delay(Duration::from_secs(50)))).unwrap();
    let volume = client.volumes().create(CreateVolume::new("mine", KRS, 1));
    let (vm, _) = time.run(join(client.instances().create_or_recover(new("mine", &key)), volume)).await;
    assert_eq!(sandbox.data().instances[0].id, vm.unwrap().id);

    // And of two alike that are both made, the one whose answer is lost finds its own.
    let (sandbox, time, client, key) = account().await;
    lose(&sandbox, Fault::ResetAfterProcessing);
    let create = || client.instances().create_or_recover(new("mine", &key));
    let (one, other) = time.run(join(create(), create())).await;
    assert_ne!(one.unwrap().id, other.unwrap().id);
    assert_eq!(posts(&sandbox), 2);
}

#[tokio::test]
async fn a_refusal_is_told_as_it_is() {
    let (sandbox, time, client, _) = account().await;
    let nobody = CreateInstance::new("mine", SMALL, "ubuntu-24.04", KRS).ssh_keys(["none-such"]);
    let error = time.run(client.instances().create_or_recover(nobody)).await.unwrap_err();
    assert_eq!((error.is_ambiguous(), posts(&sandbox)), (false, 1));
    assert_eq!(sandbox.recorded_requests().len(), 2);
}

/// An account where small machines can be had, and others cannot.
async fn crowded() -> (Sandbox, Time, Client, String) {
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
async fn the_first_place_with_room_is_taken() {
    let (sandbox, time, client, key) = crowded().await;
    let choices = [(KRS, LARGE), (KRS, "vcpu-1000"), (KRS, SMALL), (Region::EucDeMuc1, SMALL)];
    let vm = time.run(client.instances().create_first_available(new("mine", &key), choices)).await.unwrap();
    assert_eq!((vm.type_.as_str(), vm.region), (SMALL, KRS));
    // The key, quotas, availability once, the create.
    assert_eq!((sandbox.recorded_requests().len(), posts(&sandbox)), (4, 1));
}

#[tokio::test]
async fn why_each_place_has_no_room_is_told() {
    let (sandbox, time, client, key) = crowded().await;
    // What is available in general, and gone when it is asked for: the create tells.
    sandbox.faults().add(FaultRule::new("GetInstancesAvailability", Fault::status(404)).times(1)).unwrap();
    let choices = [(KRS, LARGE), (Region::EucDeMuc1, LARGE), (Region::EucDeMuc1, "vcpu-1000")];
    let error = time.run(client.instances().create_first_available(new("mine", &key), choices)).await.unwrap_err();
    let [refused, unavailable, not_offered] = error.choices() else { panic!("{error}") };
    assert!(
        matches!(&refused.why_not, WhyNot::Refused(error) if error.code() == Some(&ErrorCode::OutOfStock)),
        "{error}"
    );
    assert!(matches!(unavailable.why_not, WhyNot::Unavailable) && unavailable.region == Region::EucDeMuc1, "{error}");
    assert!(matches!(not_offered.why_not, WhyNot::NotOffered), "{error}");
    assert!(error.stopped_by().is_none());
    let line = error.to_string();
    assert!(
        line.starts_with(&format!("no machine to be had: {LARGE} in NORD-NO-KRS-1: CreateInstance: out of stock")),
        "{line}"
    );
    assert!(line.ends_with("; vcpu-1000 in EUC-DE-MUC-1: not offered there"), "{line}");
    assert_eq!(posts(&sandbox), 1);
}

#[tokio::test]
async fn a_used_up_quota_is_known_without_asking_or_by_asking() {
    for can_be_read in [true, false] {
        let mut data = Data::new();
        data.quotas.iter_mut().find(|quota| quota.key == "instances").unwrap().capacity = 1;
        let sandbox = stepped(data).await;
        let time = Time::of(&sandbox);
        let client = time.client(&sandbox);
        let key = time.run(key(&client)).await;
        time.run(client.instances().create(new("first", &key))).await.unwrap();
        if !can_be_read {
            sandbox.faults().add(FaultRule::new("GetQuotas", Fault::status(403)).always()).unwrap();
        }
        let create = client.instances().create_first_available(new("mine", &key), [(KRS, SMALL), (KRS, SMALL)]);
        let error = time.run(create).await.unwrap_err();
        assert_eq!((error.choices().len(), error.stopped_by().is_none()), (2, true), "{error}");
        let is_known = |why_not: &WhyNot| matches!(why_not, WhyNot::QuotaUsedUp { capacity: 1, used: 1 });
        assert!(error.choices().iter().all(|choice| is_known(&choice.why_not) == can_be_read), "{error}");
        assert_eq!(posts(&sandbox), if can_be_read { 1 } else { 3 });
        assert_eq!(genesiscloud::Error::from(error).kind(), ErrorKind::QuotaExceeded);
    }
}

#[tokio::test]
async fn anything_else_ends_the_search() {
    let (sandbox, time, client, key) = crowded().await;
    let choices = || [(KRS, LARGE), (KRS, SMALL), (KRS, SMALL)];
    lose(&sandbox, Fault::status(403));
    let error = time.run(client.instances().create_first_available(new("mine", &key), choices())).await.unwrap_err();
    assert_eq!(error.stopped_by().unwrap().kind(), ErrorKind::PermissionDenied);
    assert!(
        error.to_string().contains(&format!("; before that, {LARGE} in NORD-NO-KRS-1: not available now")),
        "{error}"
    );
    assert_eq!(posts(&sandbox), 1);
    let nothing: [(Region, &str); 0] = [];
    let error = time.run(client.instances().create_first_available(new("mine", &key), nothing)).await.unwrap_err();
    assert_eq!(error.stopped_by().unwrap().kind(), ErrorKind::InvalidInput);
    // A lost answer is looked for, and leads to no second machine.
    lose(&sandbox, Fault::ResetAfterProcessing);
    time.run(client.instances().create_first_available(new("mine", &key), choices())).await.unwrap();
    assert_eq!((sandbox.data().instances.len(), posts(&sandbox)), (1, 2));
}
