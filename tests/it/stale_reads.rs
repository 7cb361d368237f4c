//! Stale reads of the sandbox: what GET and lists show shortly after a create and after a deletion.

use std::time::Duration;

use genesiscloud_sandbox::{Clock, Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::sandbox::{KRS, PUBLIC_KEY, SMALL, instance, pass, send, stepped, volume};
use serde_json::{Value, json};

const WINDOW: Duration = Duration::from_secs(5);

async fn sandbox(data: Data) -> Sandbox {
    Sandbox::builder().clock(Clock::stepped()).data(data).stale_reads(WINDOW).start().await.unwrap()
}

async fn status(sandbox: &Sandbox, path: &str) -> u16 {
    send(sandbox, "GET", path, &Value::Null).await.0.as_u16()
}

/// The ids on the first page of a list, and its total count.
async fn ids(sandbox: &Sandbox, kind: &str) -> (Vec<String>, u64) {
    let (_, page) = send(sandbox, "GET", &format!("/{}", kind.replace('_', "-")), &Value::Null).await;
    let items = page[kind].as_array().unwrap();
    (items.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect(), page["total_count"].as_u64().unwrap())
}

#[tokio::test]
async fn a_new_resource_of_any_kind_is_not_found_for_a_while() {
    let data = Data::new();
    let other = json!({ "name": "n", "region": KRS, "size": 1, "rules": [], "url": "https://images.example/disk.raw" });
    let machine = json!({
        "name": "a", "hostname": "a", "type": SMALL, "image": "ubuntu-24.04", "region": KRS, "password": "Abcdefg1",
    });
    for (kind, body) in [
        ("instances", machine),
        ("volumes", other.clone()),
        ("filesystems", other.clone()),
        ("snapshots", other.clone()),
        ("floating_ips", other.clone()),
        ("security_groups", other.clone()),
        ("ssh_keys", json!({ "name": "laptop", "value": PUBLIC_KEY })),
    ] {
        let sandbox = sandbox(data.clone()).await;
        let path = format!("/{}", kind.replace('_', "-"));
        let before = ids(&sandbox, kind).await;
        let (created, response) = send(&sandbox, "POST", &path, &body).await;
        assert_eq!(created, 201, "{kind}");
        let id = response["id"].as_str().or_else(|| response[kind.trim_end_matches('s')]["id"].as_str()).unwrap();
        let path = format!("{path}/{id}");
        sandbox.clock().advance(WINDOW - Duration::from_millis(1));
        assert_eq!((status(&sandbox, &path).await, ids(&sandbox, kind).await), (404, before.clone()), "{kind}");
        sandbox.clock().advance(Duration::from_millis(1));
        assert_eq!((status(&sandbox, &path).await, ids(&sandbox, kind).await.1), (200, before.1 + 1), "{kind}");
    }
}

#[tokio::test]
async fn reads_below_a_new_instance_do_not_find_it_either() {
    let sandbox = sandbox(Data::new()).await;
    let body = json!({
        "name": "a", "hostname": "a", "type": SMALL, "image": "ubuntu-24.04", "region": KRS, "password": "Abcdefg1",
    });
    let (_, created) = send(&sandbox, "POST", "/instances", &body).await;
    for below in ["", "/actions", "/snapshots", "/user-metadata"] {
        let path = format!("/instances/{}{below}", created["instance"]["id"].as_str().unwrap());
        assert_eq!(status(&sandbox, &path).await, 404, "{path}");
    }
    assert_eq!(sandbox.data().instances.len(), 1, "the account itself is current");
}

#[tokio::test]
async fn a_deleted_resource_stays_as_it_was_and_where_it_was() {
    let sandbox = sandbox(Data::realistic()).await;
    sandbox.set_stale_reads(Duration::from_secs(60));
    let before = ids(&sandbox, "volumes").await;
    for number in [31, 34, 32] {
        let (deleted, _) = send(&sandbox, "DELETE", &format!("/volumes/{}", volume(number)), &Value::Null).await;
        assert_eq!(deleted, 204, "{number}");
    }
    for seconds in [0, 3, 56] {
        pass(&sandbox, seconds);
        assert_eq!(ids(&sandbox, "volumes").await, before, "after {seconds} s more");
        let (_, shown) = send(&sandbox, "GET", &format!("/volumes/{}", volume(31)), &Value::Null).await;
        assert_eq!(shown["volume"]["status"], "created");
    }
    assert_eq!(send(&sandbox, "DELETE", &format!("/volumes/{}", volume(31)), &Value::Null).await.0, 404);
    pass(&sandbox, 1);
    assert_eq!(ids(&sandbox, "volumes").await.1, 117);
    assert_eq!(status(&sandbox, &format!("/volumes/{}", volume(31))).await, 404);
}

/// The reads of a replica that is five seconds behind.
#[tokio::test]
async fn a_resource_that_is_deleted_while_it_is_not_found_is_shown_afterwards() {
    let sandbox = sandbox(Data::new()).await;
    let key = json!({ "name": "laptop", "value": PUBLIC_KEY });
    let (_, created) = send(&sandbox, "POST", "/ssh-keys", &key).await;
    let path = format!("/ssh-keys/{}", created["id"].as_str().unwrap());
    pass(&sandbox, 3);
    assert_eq!(send(&sandbox, "DELETE", &path, &Value::Null).await.0, 204);
    let mut seen = vec![status(&sandbox, &path).await];
    for _ in 0..5 {
        pass(&sandbox, 1);
        seen.push(status(&sandbox, &path).await);
    }
    assert_eq!(seen, [404, 404, 200, 200, 200, 404]);
}

#[tokio::test]
async fn the_fault_makes_the_reads_after_one_request_stale() {
    let sandbox = stepped(Data::realistic()).await;
    sandbox.faults().add(FaultRule::new("DeleteInstance", Fault::StaleReads(WINDOW))).unwrap();
    for (number, shown) in [(1, "active"), (2, "deleting")] {
        let path = format!("/instances/{}", instance(number));
        send(&sandbox, "DELETE", &path, &Value::Null).await;
        let (_, body) = send(&sandbox, "GET", &path, &Value::Null).await;
        assert_eq!(body["instance"]["status"], shown);
    }
    let error = FaultRule::new("GetVolume", Fault::StaleReads(WINDOW));
    let error = sandbox.faults().add(error).unwrap_err().to_string();
    assert_eq!(error, "\"stale reads for 5s\" does not affect GetVolume");
}
