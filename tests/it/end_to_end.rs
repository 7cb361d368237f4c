//! The life of each kind of resource through the SDK: created, waited for, updated, listed, used, deleted, gone.

use std::time::Duration;

use futures::TryStreamExt;
use genesiscloud::bindings::types::{
    FilesystemStatus, FloatingIpStatus, SecurityGroupStatus, SnapshotStatus, VolumeStatus, VolumeType,
};
use genesiscloud::{
    CloneSnapshot, CreateFilesystem, CreateFloatingIp, CreateInstance, CreateInstanceSnapshot, CreateSecurityGroup,
    CreateSnapshot, CreateSshKey, CreateVolume, ErrorCode, InstanceStatus, Region, Result, SecurityGroupRule,
    SecurityGroupRuleProtocol, UpdateFilesystem, UpdateFloatingIp, UpdateInstance, UpdateSecurityGroup, UpdateSnapshot,
    UpdateSshKey, UpdateVolume,
};
use genesiscloud_sandbox::{Data, Fault, FaultRule};
use genesiscloud_tests::sandbox::{KRS, PUBLIC_KEY, SMALL, client, key, machine, new_account, pass, stepped};

fn code<T: std::fmt::Debug>(result: Result<T>) -> ErrorCode {
    result.unwrap_err().code().unwrap().clone()
}

#[tokio::test]
async fn an_instance() {
    let (sandbox, client) = new_account().await;
    let instances = client.instances();
    let create = CreateInstance::new("trainer", SMALL, "ubuntu-24.04:v2", KRS)
        .ssh_keys([key(&client).await])
        .startup_script("#!/bin/sh\ntrue\n");
    let vm = instances.create(create).await.unwrap();
    assert_eq!((&vm.status, &vm.private_ip, &vm.public_ip), (&InstanceStatus::Creating, &None, &None));
    assert_eq!(vm.created_at, sandbox.clock().now());

    let mut seen = Vec::new();
    for seconds in [0, 9, 1, 9, 1, 9, 1] {
        pass(&sandbox, seconds);
        let vm = instances.get(&vm.id).await.unwrap();
        seen.push((vm.status, vm.private_ip.is_some(), vm.public_ip.is_some()));
    }
    use InstanceStatus::{Active, Creating};
    let [no, one, both] = [(Creating, false, false), (Creating, true, false), (Creating, true, true)];
    assert_eq!(seen, [no.clone(), no, one.clone(), one, both.clone(), both, (Active, true, true)]);

    pass(&sandbox, 60);
    let renamed = instances.update(&vm.id, UpdateInstance::new().name("trainer-2").is_protected(true)).await.unwrap();
    assert_eq!(
        (renamed.name.as_str(), renamed.is_protected, renamed.hostname.as_str()),
        ("trainer-2", Some(true), "trainer")
    );
    assert_eq!(renamed.updated_at, Some(sandbox.clock().now()));
    let all: Vec<_> = instances.list().try_collect().await.unwrap();
    assert_eq!(all, [renamed]);
    assert!(instances.user_metadata(&vm.id).await.unwrap().get("startup_script").is_some());

    for (action, passing, settled, seconds) in [
        (instances.stop(&vm.id), InstanceStatus::Stopping, InstanceStatus::Stopped, 10),
        (instances.start(&vm.id), InstanceStatus::Starting, InstanceStatus::Active, 15),
        (instances.reset(&vm.id), InstanceStatus::Resetting, InstanceStatus::Active, 12),
    ] {
        action.await.unwrap();
        assert_eq!(instances.get(&vm.id).await.unwrap().status, passing);
        assert_eq!(code(instances.delete(&vm.id).await), ErrorCode::TerminationProtected);
        pass(&sandbox, seconds);
        assert_eq!(instances.get(&vm.id).await.unwrap().status, settled);
    }

    instances.update(&vm.id, UpdateInstance::new().is_protected(false)).await.unwrap();
    instances.delete(&vm.id).await.unwrap();
    assert_eq!(instances.get(&vm.id).await.unwrap().status, InstanceStatus::Deleting);
    assert!(instances.delete(&vm.id).await.unwrap_err().is_not_found());
    pass(&sandbox, 10);
    assert!(instances.get(&vm.id).await.unwrap_err().is_not_found());
    assert!(instances.user_metadata(&vm.id).await.unwrap_err().is_not_found());
    assert!(sandbox.data().user_metadata.is_empty());
    assert_eq!(sandbox.data().availability, Data::new().availability);
}

#[tokio::test]
async fn an_instance_that_fails_and_one_with_a_pending_payment() {
    let (sandbox, client) = new_account().await;
    sandbox.faults().add(FaultRule::new("CreateInstance", Fault::EndsInError)).unwrap();
    let failed = machine(&sandbox, &client).await;
    assert_eq!(client.instances().get(&failed).await.unwrap().status, InstanceStatus::Error);
    client.instances().delete(&failed).await.unwrap();

    sandbox.faults().add(FaultRule::new("CreateInstance", Fault::EndsInPendingPayment)).unwrap();
    let unpaid = machine(&sandbox, &client).await;
    pass(&sandbox, 3600);
    assert_eq!(client.instances().get(&unpaid).await.unwrap().status, InstanceStatus::PendingPayment);
    assert!(sandbox.pay(&unpaid) && !sandbox.pay(&unpaid));
    pass(&sandbox, 30);
    let paid = client.instances().get(&unpaid).await.unwrap();
    assert!(paid.status == InstanceStatus::Active && paid.public_ip.is_some());
}

#[tokio::test]
async fn a_volume() {
    let (sandbox, client) = new_account().await;
    let volumes = client.volumes();
    let disk = volumes.create(CreateVolume::new("data", KRS, 50).type_(VolumeType::Ssd)).await.unwrap();
    assert_eq!(disk.status, VolumeStatus::Creating);
    let vm = machine(&sandbox, &client).await;
    assert_eq!(volumes.get(&disk.id).await.unwrap().status, VolumeStatus::Created);
    let grown = volumes.update(&disk.id, UpdateVolume::new().size(100)).await.unwrap();
    assert_eq!((grown.size, grown.name.as_str()), (100, "data"));
    assert_eq!(code(volumes.update(&disk.id, UpdateVolume::new().size(99)).await), ErrorCode::BadRequest);

    let mut attached_for = 0;
    for _ in 0..2 {
        let vm = client.instances().attach_volume(&vm, &disk.id).await.unwrap();
        assert_eq!(vm.volumes.len(), 1, "attaching twice attaches once");
        assert_eq!(vm.updated_at, Some(sandbox.clock().now() - Duration::from_secs(attached_for)));
        attached_for += 60;
        pass(&sandbox, 60);
    }
    volumes.update(&disk.id, UpdateVolume::new().name("checkpoints")).await.unwrap();
    let vm_now = client.instances().get(&vm).await.unwrap();
    assert_eq!(vm_now.volumes[0].name, "checkpoints", "names of others are as they are now");
    let all: Vec<_> = volumes.list().try_collect().await.unwrap();
    assert_eq!(all[0].instances[0].id, vm);
    assert_eq!(code(volumes.delete(&disk.id).await), ErrorCode::VolumeAttached);
    for _ in 0..2 {
        let vm = client.instances().detach_volume(&vm, &disk.id).await.unwrap();
        assert!(vm.volumes.is_empty(), "detaching twice detaches once");
    }

    volumes.delete(&disk.id).await.unwrap();
    assert_eq!(volumes.get(&disk.id).await.unwrap().status, VolumeStatus::Deleting);
    pass(&sandbox, 3);
    assert!(volumes.get(&disk.id).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_volume_is_detached_when_its_instance_is_gone() {
    let (sandbox, client) = new_account().await;
    let disk = client.volumes().create(CreateVolume::new("data", KRS, 50)).await.unwrap();
    pass(&sandbox, 5);
    let create = || CreateInstance::new("t", SMALL, "ubuntu-24.04", KRS).password("Abcdefg1").volumes([&disk.id]);
    let vm = client.instances().create(create()).await.unwrap();
    assert_eq!(code(client.instances().create(create()).await), ErrorCode::VolumeCannotBeAttached);
    pass(&sandbox, 30);
    client.instances().delete(&vm.id).await.unwrap();
    assert_eq!(code(client.volumes().delete(&disk.id).await), ErrorCode::VolumeAttached);
    pass(&sandbox, 10);
    client.volumes().delete(&disk.id).await.unwrap();
}

#[tokio::test]
async fn a_snapshot() {
    let (sandbox, client) = new_account().await;
    let vm = machine(&sandbox, &client).await;
    let snapshots = client.snapshots();
    let taken = client.instances().create_snapshot(&vm, CreateInstanceSnapshot::new("nightly")).await.unwrap();
    assert_eq!((taken.status, taken.source_instance_id.as_ref()), (SnapshotStatus::Creating, Some(&vm)));
    let again = client.instances().create_snapshot(&vm, CreateInstanceSnapshot::new("too-soon")).await;
    assert_eq!(code(again), ErrorCode::SnapshotAlreadyBeingCreated);
    assert_eq!(
        code(snapshots.clone_snapshot(&taken.id, CloneSnapshot::new("too-soon", KRS)).await),
        ErrorCode::NotAllowed
    );
    pass(&sandbox, 20);
    assert_eq!(snapshots.get(&taken.id).await.unwrap().status, SnapshotStatus::Created);
    snapshots.update(&taken.id, UpdateSnapshot::new().name("weekly")).await.unwrap();

    let copy = snapshots.clone_snapshot(&taken.id, CloneSnapshot::new("copy", Region::EucDeMuc1)).await.unwrap();
    assert_eq!((copy.region, copy.source_snapshot_id.as_ref()), (Region::EucDeMuc1, Some(&taken.id)));
    assert_eq!(code(snapshots.delete(&taken.id).await), ErrorCode::SnapshotInUse);
    let import = CreateSnapshot::new("import", "https://images.example/disk.raw", KRS, 20);
    let imported = snapshots.create(import).await.unwrap();
    pass(&sandbox, 20);
    let names: Vec<_> = snapshots.list().map_ok(|it| it.name).try_collect().await.unwrap();
    assert_eq!(names, ["weekly", "copy", "import"]);
    let of_vm: Vec<_> = client.instances().list_snapshots(&vm).map_ok(|it| it.id).try_collect().await.unwrap();
    assert_eq!(of_vm, std::slice::from_ref(&taken.id));

    let create = CreateInstance::new("restored", SMALL, &taken.id, KRS).password("Abcdefg1");
    let restored = client.instances().create(create).await.unwrap();
    assert_eq!(restored.image.unwrap().id, taken.id);
    pass(&sandbox, 30);
    assert_eq!(code(snapshots.delete(&taken.id).await), ErrorCode::SnapshotInUse);
    client.instances().delete(&restored.id).await.unwrap();
    pass(&sandbox, 10);
    for id in [&taken.id, &copy.id, &imported.id] {
        snapshots.delete(id).await.unwrap();
        pass(&sandbox, 5);
        assert!(snapshots.get(id).await.unwrap_err().is_not_found());
    }
}

#[tokio::test]
async fn a_filesystem() {
    let (sandbox, client) = new_account().await;
    let filesystems = client.filesystems();
    let new = filesystems.create(CreateFilesystem::new("shared", KRS, 1000)).await.unwrap();
    assert_eq!((new.status, new.mount_base_path), (FilesystemStatus::Creating, None));
    pass(&sandbox, 10);
    let ready = filesystems.get(&new.id).await.unwrap();
    assert!(ready.status == FilesystemStatus::Created && ready.mount_base_path.is_some());
    let update = UpdateFilesystem::new().size(2000).description("datasets");
    let updated = filesystems.update(&new.id, update).await.unwrap();
    assert_eq!((updated.size, updated.description.as_str(), updated.name.as_str()), (2000, "datasets", "shared"));
    assert_eq!(code(filesystems.update(&new.id, UpdateFilesystem::new().size(1)).await), ErrorCode::BadRequest);
    let all: Vec<_> = filesystems.list().try_collect().await.unwrap();
    assert_eq!(all, [updated]);
    filesystems.delete(&new.id).await.unwrap();
    assert_eq!(filesystems.get(&new.id).await.unwrap().status, FilesystemStatus::Deleting);
    pass(&sandbox, 5);
    assert!(filesystems.get(&new.id).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn an_ssh_key() {
    let (_sandbox, client) = new_account().await;
    let keys = client.ssh_keys();
    let key = keys.create(CreateSshKey::new("laptop", PUBLIC_KEY)).await.unwrap();
    assert_eq!((key.type_.as_str(), key.size), ("ssh-ed25519", 256));
    // As `ssh-keygen -lf` prints it.
    assert_eq!(key.fingerprint, "SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA");
    let renamed = keys.update(&key.id, UpdateSshKey::new().name("desktop")).await.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.value.as_str()), ("desktop", PUBLIC_KEY));
    let all: Vec<_> = keys.list().try_collect().await.unwrap();
    assert_eq!(all, [renamed]);
    let create = CreateInstance::new("t", SMALL, "ubuntu-24.04", KRS).ssh_keys([&key.id]);
    assert_eq!(client.instances().create(create).await.unwrap().ssh_keys[0].name, "desktop");
    keys.delete(&key.id).await.unwrap();
    assert!(keys.get(&key.id).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_security_group() {
    let (sandbox, client) = new_account().await;
    let groups = client.security_groups();
    let https = SecurityGroupRule::ingress(SecurityGroupRuleProtocol::Tcp).ports(443..=443);
    let web = groups.create(CreateSecurityGroup::new("web", KRS, [https])).await.unwrap();
    assert_eq!(code(groups.delete(&web.id).await), ErrorCode::SecurityGroupLocked);
    let vm = machine(&sandbox, &client).await;
    assert_eq!(groups.get(&web.id).await.unwrap().status, SecurityGroupStatus::Created);

    let updated = groups.update(&web.id, UpdateSecurityGroup::new().rules([])).await.unwrap();
    assert!(updated.rules.is_empty() && updated.status == SecurityGroupStatus::Creating && updated.name == "web");
    pass(&sandbox, 3);
    let all: Vec<_> = groups.list().try_collect().await.unwrap();
    assert_eq!((all.len(), &all[0].status), (1, &SecurityGroupStatus::Created));

    client.instances().attach_security_group(&vm, &web.id).await.unwrap();
    assert_eq!(code(groups.delete(&web.id).await), ErrorCode::SecurityGroupInUse);
    client.instances().detach_security_group(&vm, &web.id).await.unwrap();
    groups.delete(&web.id).await.unwrap();
    assert_eq!(groups.get(&web.id).await.unwrap().status, SecurityGroupStatus::Deleting);
    pass(&sandbox, 3);
    assert!(groups.get(&web.id).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_floating_ip() {
    let (sandbox, client) = new_account().await;
    let addresses = client.floating_ips();
    let entry = addresses.create(CreateFloatingIp::new("entry", KRS)).await.unwrap();
    assert_eq!((entry.status, entry.ip_address), (FloatingIpStatus::Creating, None));
    pass(&sandbox, 5);
    let address = addresses.get(&entry.id).await.unwrap().ip_address;
    addresses.update(&entry.id, UpdateFloatingIp::new().description("of the cluster")).await.unwrap();

    let create = || CreateInstance::new("t", SMALL, "ubuntu-24.04", KRS).password("Abcdefg1").floating_ip(&entry.id);
    let vm = client.instances().create(create()).await.unwrap();
    assert!(vm.public_ip == address && address.is_some());
    assert_eq!(code(client.instances().create(create()).await), ErrorCode::NotAllowed);
    let all: Vec<_> = addresses.list().try_collect().await.unwrap();
    assert_eq!((all[0].description.as_str(), &all[0].instance.as_ref().unwrap().id), ("of the cluster", &vm.id));
    assert_eq!(code(addresses.delete(&entry.id).await), ErrorCode::NotAllowed);
    pass(&sandbox, 30);
    client.instances().delete(&vm.id).await.unwrap();
    pass(&sandbox, 10);

    addresses.delete(&entry.id).await.unwrap();
    assert_eq!(addresses.get(&entry.id).await.unwrap().status, FloatingIpStatus::Deleting);
    pass(&sandbox, 3);
    assert!(addresses.get(&entry.id).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn availability_quotas_and_reservations_follow_what_is_created() {
    let mut data = Data::realistic();
    data.availability[0].instance_types[2].count = Some(1.0);
    let sandbox = stepped(data).await;
    let client = client(&sandbox);
    let create = || CreateInstance::new("t", SMALL, "ubuntu-24.04", KRS).password("Abcdefg1");
    let vm = client.instances().create(create()).await.unwrap();
    let small = || async {
        let availability = client.availability().instances(KRS).await.unwrap();
        let small = availability.instance_types.into_iter().find(|it| it.type_ == SMALL).unwrap();
        (small.available, small.count)
    };
    let used = || async { client.quotas().get().await.unwrap()[0].used };
    assert_eq!((small().await, used().await), ((false, Some(0.0)), 251));
    assert_eq!(code(client.instances().create(create()).await), ErrorCode::OutOfStock);
    pass(&sandbox, 30);
    client.instances().delete(&vm.id).await.unwrap();
    pass(&sandbox, 10);
    assert_eq!((small().await, used().await), ((true, Some(1.0)), 250));
}

#[tokio::test]
async fn an_instance_can_move_into_a_reservation() {
    let mut data = Data::realistic();
    let flavor = data.reservations[0].flavor_name.clone();
    let vm = data.instances[1].id.clone();
    data.instances[1].type_.clone_from(&flavor);
    let reservation = data.reservations[0].id.clone();
    let sandbox = stepped(data).await;
    let count = || {
        let types = sandbox.data().availability.remove(0).instance_types;
        types.into_iter().find(|it| it.type_ == flavor).unwrap().count
    };
    assert_eq!((count(), sandbox.data().reservations[0].quota.used), (Some(64.0), 4));
    let update = || UpdateInstance::new().reservation_id(&reservation);
    let client = client(&sandbox);
    for _ in 0..2 {
        let vm = client.instances().update(&vm, update()).await.unwrap();
        assert_eq!(vm.reservation_id.as_ref(), Some(&reservation));
        assert_eq!((count(), sandbox.data().reservations[0].quota.used), (Some(65.0), 5));
    }
    pass(&sandbox, 30);
    client.instances().delete(&vm).await.unwrap();
    pass(&sandbox, 10);
    assert_eq!((count(), client.reservations().get().await.unwrap()[0].quota.used), (Some(65.0), 4));
    let other = client.instances().update(&sandbox.data().instances[2].id, update()).await;
    assert_eq!(code(other), ErrorCode::BadRequest);
}
