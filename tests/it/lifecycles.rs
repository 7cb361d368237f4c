//! How the sandbox's resources change over time, to the millisecond, and what interrupts them.

use std::time::Duration;

use genesiscloud::bindings::types::{
    FilesystemStatus, FloatingIpStatus, SecurityGroupStatus, SnapshotStatus, VolumeStatus,
};
use genesiscloud::{CreateFilesystem, CreateVolume, InstanceStatus};
use genesiscloud_sandbox::{Clock, Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::sandbox::{KRS, PUBLIC_KEY, SMALL, machine, new_account, pass, request, send, stepped};
use serde_json::{Value, json};

/// Holds however far the clock is advanced at once.
#[tokio::test]
async fn a_status_change_is_dated_at_the_instant_it_was_due() {
    let (sandbox, client) = new_account().await;
    let vm = machine(&sandbox, &client).await;
    pass(&sandbox, 3600);
    let vm = client.instances().get(&vm).await.unwrap();
    assert_eq!(vm.updated_at, Some(vm.created_at + Duration::from_secs(30)));
}

/// At any speed: a client compares both.
#[tokio::test]
async fn created_at_and_the_date_header_follow_one_clock() {
    let clock = Clock::running(100_000.0);
    let sandbox = Sandbox::builder().clock(clock.clone()).data(Data::new()).start().await.unwrap();
    let volume = json!({ "name": "data", "region": KRS, "size": 1 });
    for round in 0..3 {
        let before = clock.now();
        let response = request(&sandbox, "POST", "/volumes").json(&volume).send().await.unwrap();
        let after = clock.now();
        let created = sandbox.data().volumes.last().unwrap().created_at;
        assert!((before..=after).contains(&created), "round {round}: {created} is not between {before} and {after}");
        let date = response.headers()["date"].to_str().unwrap();
        let dates = (0..).map(|seconds| before + Duration::from_secs(seconds));
        let mut dates = dates.take_while(|date| *date <= after + Duration::from_secs(1));
        let is_now = dates.any(|now| now.format("%a, %d %b %Y %H:%M:%S GMT").to_string() == date);
        assert!(is_now, "round {round}: {date} is not between {before} and {after}");
    }
}

/// The speed shortens transitions, also those of an advanced clock, and nothing else.
#[tokio::test]
async fn a_transition_takes_its_time_divided_by_the_speed() {
    let volume = json!({ "name": "data", "region": KRS, "size": 1 });
    for (speed, milliseconds) in [(60.0, 83), (0.001, 5_000_000)] {
        let clock = Clock::running(speed);
        let sandbox = Sandbox::builder().clock(clock.clone()).data(Data::new()).start().await.unwrap();
        send(&sandbox, "POST", "/volumes", &volume).await;
        clock.advance(Duration::from_millis(milliseconds));
        let created = &sandbox.data().volumes[0];
        assert_eq!(created.status, VolumeStatus::Created, "at a speed of {speed}");
        assert_eq!((created.updated_at.unwrap() - created.created_at).num_milliseconds(), milliseconds as i64);
    }
    let sandbox = Sandbox::builder().clock(Clock::running(0.0)).data(Data::new()).start().await.unwrap();
    send(&sandbox, "POST", "/volumes", &volume).await;
    sandbox.clock().advance(Duration::MAX);
    assert_eq!(sandbox.data().volumes[0].status, VolumeStatus::Creating, "at a speed of zero");
}

#[tokio::test]
async fn a_resource_deleted_during_creation_does_not_reappear() {
    let (sandbox, client) = new_account().await;
    let new = client.filesystems().create(CreateFilesystem::new("shared", KRS, 1000)).await.unwrap();
    pass(&sandbox, 6);
    client.filesystems().delete(&new.id).await.unwrap();
    pass(&sandbox, 4);
    assert_eq!(client.filesystems().get(&new.id).await.unwrap().status, FilesystemStatus::Deleting);
    pass(&sandbox, 1);
    assert!(client.filesystems().get(&new.id).await.unwrap_err().is_not_found());
}

/// The times are those of the sandbox's README, and no change happens a millisecond earlier.
#[tokio::test]
async fn creations_and_deletions_take_the_documented_time() {
    let millisecond = Duration::from_millis(1);
    let key = json!({ "name": "laptop", "value": PUBLIC_KEY });
    let instance = |name: &str| {
        json!({
            "name": name, "hostname": name, "type": SMALL, "image": "ubuntu-24.04", "region": KRS,
            "password": "Abcdefg1",
        })
    };
    let other = json!({ "name": "n", "region": KRS, "size": 1, "rules": [], "url": "https://images.example/disk.raw" });
    for (path, body, fault, transitional, settled, seconds) in [
        ("/instances", instance("a"), None, "creating", "active", 30),
        ("/instances", instance("b"), Some(Fault::EndsInError), "creating", "error", 15),
        ("/instances", instance("c"), Some(Fault::EndsInPendingPayment), "creating", "pending_payment", 5),
        ("/volumes", other.clone(), None, "creating", "created", 5),
        ("/volumes", other.clone(), Some(Fault::EndsInError), "creating", "error", 5),
        ("/filesystems", other.clone(), None, "creating", "created", 10),
        ("/filesystems", other.clone(), Some(Fault::EndsInError), "creating", "error", 10),
        ("/snapshots", other.clone(), None, "creating", "created", 20),
        ("/snapshots", other.clone(), Some(Fault::EndsInError), "creating", "error", 20),
        ("/floating-ips", other.clone(), None, "creating", "created", 5),
        ("/floating-ips", other.clone(), Some(Fault::EndsInError), "creating", "error", 5),
        ("/security-groups", other.clone(), None, "creating", "created", 3),
        ("/security-groups", other.clone(), Some(Fault::EndsInError), "creating", "error", 3),
    ] {
        let sandbox = stepped(Data::new()).await;
        if let Some(fault) = fault {
            sandbox.faults().add(FaultRule::new("*", fault)).unwrap();
        }
        let (_, created) = send(&sandbox, "POST", path, &body).await;
        let (kind, created) = created.as_object().unwrap().iter().next().unwrap();
        let path = format!("{path}/{}", created["id"].as_str().unwrap());
        let status = async || send(&sandbox, "GET", &path, &Value::Null).await.1[kind]["status"].clone();
        sandbox.clock().advance(Duration::from_secs(seconds) - millisecond);
        assert_eq!(status().await, transitional, "{path}");
        sandbox.clock().advance(millisecond);
        assert_eq!(status().await, settled, "{path}");

        let deletion = match kind.as_str() {
            "instance" => 10,
            "filesystem" | "snapshot" => 5,
            _ => 3,
        };
        send(&sandbox, "DELETE", &path, &Value::Null).await;
        sandbox.clock().advance(Duration::from_secs(deletion) - millisecond);
        assert_eq!(status().await, "deleting", "{path}");
        sandbox.clock().advance(millisecond);
        assert_eq!(send(&sandbox, "GET", &path, &Value::Null).await.0, 404, "{path}");
    }
    let sandbox = stepped(Data::new()).await;
    assert_eq!(send(&sandbox, "POST", "/ssh-keys", &key).await.0, 201);
}

#[tokio::test]
async fn actions_take_the_documented_time() {
    let (sandbox, client) = new_account().await;
    let vm = machine(&sandbox, &client).await;
    let status = async || client.instances().get(&vm).await.unwrap().status;
    for (action, transitional, settled, seconds) in [
        (client.instances().stop(&vm), InstanceStatus::Stopping, InstanceStatus::Stopped, 10),
        (client.instances().start(&vm), InstanceStatus::Starting, InstanceStatus::Active, 15),
        (client.instances().reset(&vm), InstanceStatus::Resetting, InstanceStatus::Active, 12),
    ] {
        action.await.unwrap();
        sandbox.clock().advance(Duration::from_millis(seconds * 1000 - 1));
        assert_eq!(status().await, transitional);
        sandbox.clock().advance(Duration::from_millis(1));
        assert_eq!(status().await, settled);
    }
}

#[tokio::test]
async fn transitions_in_seeded_data_continue() {
    let mut data = Data::realistic();
    let statuses = [
        InstanceStatus::Creating,
        InstanceStatus::Starting,
        InstanceStatus::Stopping,
        InstanceStatus::Resetting,
        InstanceStatus::Deleting,
    ];
    for (instance, status) in data.instances.iter_mut().zip(statuses) {
        instance.status = status;
    }
    data.volumes[1].status = VolumeStatus::PendingDelete;
    data.snapshots[1].status = SnapshotStatus::Creating;
    data.filesystems[1].status = FilesystemStatus::Deleting;
    data.security_groups[1].status = SecurityGroupStatus::Creating;
    data.floating_ips[1].status = FloatingIpStatus::Deleting;
    let sandbox = stepped(Data::new()).await;
    sandbox.seed(data);
    pass(&sandbox, 60);
    let data = sandbox.data();
    let statuses = data.instances.iter().take(4).map(|instance| instance.status.to_string()).collect::<Vec<_>>();
    assert_eq!(statuses, ["active", "active", "stopped", "active"]);
    let counts = [data.instances.len(), data.volumes.len(), data.filesystems.len(), data.floating_ips.len()];
    assert_eq!(counts, [249, 119, 4, 11]);
    assert_eq!(data.snapshots[1].status, SnapshotStatus::Created);
    assert_eq!(data.security_groups[1].status, SecurityGroupStatus::Created);
}

#[tokio::test]
async fn ids_are_not_reused_after_seeding_again() {
    let (sandbox, client) = new_account().await;
    let first = client.volumes().create(CreateVolume::new("data", KRS, 50)).await.unwrap();
    sandbox.seed(Data::new());
    let second = client.volumes().create(CreateVolume::new("data", KRS, 50)).await.unwrap();
    assert_ne!(first.id, second.id);
}

#[tokio::test]
async fn a_rejected_update_changes_nothing() {
    let sandbox = stepped(Data::realistic()).await;
    let before = sandbox.data();
    let vm = &before.instances[1].id;
    let group = &before.security_groups[1].id;
    for invalid in [
        json!({ "volumes": ["no-such-id"] }),
        json!({ "security_groups": ["no-such-id"] }),
        json!({ "reservation_id": "no-such-id" }),
        json!({ "disk_size": 10 }),
    ] {
        let mut body = json!({ "name": "new", "is_protected": true, "disk_size": 200, "security_groups": [group] });
        body.as_object_mut().unwrap().extend(invalid.as_object().unwrap().clone());
        assert_eq!(send(&sandbox, "PATCH", &format!("/instances/{vm}"), &body).await.0, 400, "{body}");
        assert!(sandbox.data() == before, "{body}");
    }
}

#[tokio::test]
async fn a_late_address_comes_after_active() {
    let sandbox = stepped(Data::new()).await;
    sandbox.faults().add(FaultRule::new("CreateInstance", Fault::LateAddress(Duration::from_millis(7_500)))).unwrap();
    let body = json!({
        "name": "a", "hostname": "a", "type": SMALL, "image": "ubuntu-24.04", "region": KRS, "password": "Abcdefg1",
    });
    send(&sandbox, "POST", "/instances", &body).await;
    let state = || {
        let vm = sandbox.data().instances.remove(0);
        (vm.status, vm.private_ip.is_some(), vm.public_ip.is_some())
    };
    pass(&sandbox, 30);
    assert_eq!(state(), (InstanceStatus::Active, true, false));
    sandbox.clock().advance(Duration::from_millis(7_499));
    assert_eq!(state(), (InstanceStatus::Active, true, false));
    sandbox.clock().advance(Duration::from_millis(1));
    assert_eq!(state(), (InstanceStatus::Active, true, true));
}
