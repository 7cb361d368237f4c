//! Every documented error code: a request for which the sandbox returns it, and its row in the sandbox's README.

use std::collections::BTreeSet;

use genesiscloud::ErrorCode;
use genesiscloud::bindings::types::{InstanceStatus, Reference, SecurityGroupStatus, SnapshotStatus, VolumeStatus};
use genesiscloud_sandbox::{AccountStatus, Data, Fault, FaultRule};
use genesiscloud_tests::sandbox::{id, instance, send, stepped, volume};
use serde_json::{Value, json};

const KRS: &str = "NORD-NO-KRS-1";
const MUC: &str = "EUC-DE-MUC-1";
const SMALL: &str = "vcpu-2_memory-4g_disk-80g";
const RESERVED: &str = "vcpu-192_memory-1920g_disk-80g_nvidiah100-8";

struct Case {
    code: &'static str,
    status: u16,
    data: fn(&mut Data),
    method: &'static str,
    path: String,
    body: Value,
}

fn case(code: &'static str, status: u16, method: &'static str, path: impl Into<String>, body: Value) -> Case {
    Case { code, status, data: |_| {}, method, path: path.into(), body }
}

impl Case {
    fn with(self, data: fn(&mut Data)) -> Self {
        Self { data, ..self }
    }
}

fn security_group(number: usize) -> String {
    id(6, number)
}

fn reference(id: String) -> Reference {
    let mut reference = Reference::example();
    reference.id = id;
    reference
}

/// The body of a valid create of an instance, with these fields set, or removed if null.
fn instance_with(fields: Value) -> Value {
    let mut body = json!({
        "name": "t", "hostname": "t", "type": SMALL, "image": "ubuntu-24.04", "region": KRS, "ssh_keys": [id(5, 0)],
    });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    body
}

fn create(code: &'static str, fields: Value) -> Case {
    case(code, 400, "POST", "/instances", instance_with(fields))
}

fn update(code: &'static str, number: usize, fields: Value) -> Case {
    case(code, 400, "PATCH", format!("/instances/{}", instance(number)), fields)
}

fn action(code: &'static str, status: u16, number: usize, action: &str) -> Case {
    case(code, status, "POST", format!("/instances/{}/actions", instance(number)), json!({ "action": action }))
}

fn quota(data: &mut Data, key: &str) {
    data.quotas.iter_mut().filter(|quota| quota.key == key).for_each(|quota| quota.capacity = 0);
}

fn disk(region: &str) -> Value {
    json!({ "name": "data", "region": region, "size": 50, "type": "ssd" })
}

/// Instances of the realistic data: 0 is protected, and has volume 0 and floating IP 0; 7 is `stopped`, 13 is `creating`, 19 is
/// in `error`; all others used here are `active`. Security group 0 is the internal one.
fn cases() -> Vec<Case> {
    let snapshot_of = |number| format!("/instances/{}/snapshots", instance(number));
    let key = |value: &str| json!({ "name": "laptop", "value": value });
    let rule = json!({ "direction": "ingress", "protocol": "tcp", "port_range_min": 443, "port_range_max": 80 });
    let list = |code, status, data| case(code, status, "GET", "/instances", Value::Null).with(data);
    vec![
        case("02001", 404, "GET", "/nothing", Value::Null),
        case("02002", 400, "GET", "/volumes/%ff", Value::Null),
        case("02003", 400, "POST", "/volumes", json!({ "name": "data", "region": KRS })),
        case("02004", 400, "POST", "/volumes", json!({ "name": "data", "region": KRS, "size": "50" })),
        create("02005", json!({ "ssh_keys": ["no-such-id"] })),
        create("02006", json!({ "image": "ubuntu-24.04:v9" })),
        create("02007", json!({ "security_groups": ["no-such-id"] })),
        case("02008", 404, "GET", "/instances/no-such-id", Value::Null),
        action("02009", 403, 7, "stop"),
        case("02010", 400, "POST", "/volumes", disk(KRS)).with(|data| quota(data, "volumes")),
        case("02011", 400, "POST", snapshot_of(1), json!({ "name": "s" })).with(|data| {
            data.snapshots[0].status = SnapshotStatus::Creating;
            data.snapshots[0].source_instance_id = Some(instance(1));
        }),
        case("02012", 400, "POST", snapshot_of(1), json!({ "name": "s" })).with(|data| quota(data, "snapshots")),
        case("02013", 400, "DELETE", format!("/instances/{}", instance(13)), Value::Null),
        // Sent without a token below.
        case("02014", 401, "GET", "/instances", Value::Null),
        case("02015", 404, "GET", "/snapshots/no-such-id", Value::Null),
        case("02016", 400, "DELETE", format!("/snapshots/{}", id(3, 5)), Value::Null)
            .with(|data| data.instances[1].image = Some(reference(id(3, 5)))),
        create("02017", json!({ "type": "vcpu-2_memory-4g_disk-220g" })),
        create("02018", json!({ "ssh_keys": null, "password": "short" })),
        case("02019", 403, "POST", "/volumes", disk(KRS))
            .with(|data| data.account_status = AccountStatus::PaymentMethodRequired),
        create("02020", json!({ "type": "vcpu-9" })),
        case("02021", 404, "GET", "/volumes/no-such-id", Value::Null),
        case("02022", 400, "DELETE", format!("/volumes/{}", volume(0)), Value::Null),
        update("02023", 13, json!({ "name": "t2" })),
        case("02024", 403, "PATCH", format!("/security-groups/{}", security_group(0)), json!({ "rules": [] })),
        case("02025", 404, "GET", "/security-groups/no-such-id", Value::Null),
        case("02026", 400, "DELETE", format!("/security-groups/{}", security_group(1)), Value::Null)
            .with(|data| data.security_groups[1].status = SecurityGroupStatus::Creating),
        case("02027", 400, "DELETE", format!("/security-groups/{}", security_group(1)), Value::Null)
            .with(|data| data.instances[1].security_groups = vec![reference(security_group(1))]),
        case("02028", 400, "POST", "/security-groups", json!({ "name": "web", "region": KRS, "rules": [rule] })),
        action("02029", 400, 1, "start"),
        update("02030", 1, json!({ "security_groups": { "attach": "no-such-id" } })),
        update("02031", 1, json!({ "security_groups": { "detach": "no-such-id" } })),
        update("02032", 1, json!({ "volumes": { "attach": volume(0) } })),
        update("02033", 1, json!({ "volumes": { "detach": "no-such-id" } })),
        update("02034", 1, json!({ "disk_size": 100 })).with(|data| data.instances[1].disk_size = Some(200)),
        create("02035", json!({ "image": "ubuntu-ml-nvidia-pytorch" })),
        create("02036", json!({})).with(|data| data.availability[0].instance_types[2].count = Some(0.0)),
        case("02037", 400, "POST", snapshot_of(7), json!({ "name": "s" })),
        case("02038", 403, "DELETE", format!("/instances/{}", instance(0)), Value::Null),
        action("02039", 400, 19, "start"),
        list("02040", 403, |data| data.account_status = AccountStatus::Suspended),
        list("02041", 403, |data| data.account_status = AccountStatus::Banned),
        list("02042", 403, |data| data.account_status = AccountStatus::Disabled),
        case("02043", 403, "POST", "/volumes", disk(KRS)).with(|data| data.account_status = AccountStatus::ReadOnly),
        list("02044", 503, |data| data.account_status = AccountStatus::ApiDisabled),
        create("02045", json!({ "type": RESERVED })),
        update("02046", 1, json!({ "volumes": { "attach": volume(1) } }))
            .with(|data| data.volumes[1].status = VolumeStatus::Creating),
        case("02047", 404, "GET", "/ssh-keys/no-such-id", Value::Null),
        case("02048", 400, "POST", "/ssh-keys", key("ssh-ed25519 AAAA laptop")),
        case("02049", 400, "POST", "/floating-ips", json!({ "name": "entry", "region": KRS }))
            .with(|data| quota(data, "floating_ips")),
        case("02050", 403, "POST", "/volumes", disk(KRS)).with(|data| data.account_status = AccountStatus::NotVerified),
        create("02051", json!({ "region": MUC, "volumes": [volume(1)] })),
        create("02052", json!({ "placement_option": "ELSEWHERE" })),
        case("02053", 400, "POST", "/ssh-keys", key("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n")),
        case("02054", 400, "POST", "/volumes", disk(MUC)),
    ]
}

#[tokio::test]
async fn each_documented_code_is_returned_for_its_request_which_changes_nothing() {
    for Case { code, status, data, method, path, body } in cases() {
        let mut seed = Data::realistic();
        data(&mut seed);
        let sandbox = stepped(seed.clone()).await;
        let (returned, response) = if code == "02014" {
            let url = format!("{}{path}", sandbox.endpoint());
            let response = genesiscloud_tests::sandbox::http().get(url).send().await.unwrap();
            (response.status(), response.json().await.unwrap())
        } else {
            send(&sandbox, method, &path, &body).await
        };
        assert_eq!(
            (returned.as_u16(), response["code"].as_str()),
            (status, Some(code)),
            "{method} {path} {body}: {response}"
        );
        let before = stepped(seed).await.data();
        assert!(sandbox.data() == before, "{code}: a rejected request changed something");
    }
}

/// With the same status and message.
#[tokio::test]
async fn each_code_can_be_injected_as_a_fault() {
    for Case { code, status, .. } in cases() {
        let sandbox = stepped(Data::new()).await;
        sandbox.faults().add(FaultRule::new("*", Fault::error_code(code))).unwrap();
        let body = json!({ "name": "data", "region": KRS, "size": 50 });
        let (injected, response) = send(&sandbox, "POST", "/volumes", &body).await;
        assert_eq!((injected.as_u16(), response["code"].as_str()), (status, Some(code)), "{response}");
        assert!(response["message"].as_str().is_some_and(|message| !message.is_empty()), "{response}");
        assert_eq!(sandbox.data().volumes, []);
    }
    let sandbox = stepped(Data::new()).await;
    let error = sandbox.faults().add(FaultRule::new("*", Fault::error_code("02999"))).unwrap_err();
    assert_eq!(error.to_string(), "the sandbox has no error code \"02999\"");
}

#[test]
fn every_documented_code_has_a_case() {
    let covered = cases().iter().map(|case| ErrorCode::from(case.code).to_string()).collect::<BTreeSet<_>>();
    let documented = ErrorCode::DOCUMENTED.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    assert_eq!(covered, documented);
}

#[test]
fn the_readme_lists_the_same_codes_statuses_and_methods() {
    let readme = include_str!("../../sandbox/README.md");
    let rows = readme.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| 02")?.split(" | ");
        Some((format!("02{}", cells.next()?), cells.next()?.parse::<u16>().ok()?, cells.next()?.to_owned()))
    });
    let rows = rows.collect::<Vec<_>>();
    let expected = cases();
    let listed = rows.iter().map(|(code, status, _)| (code.as_str(), *status)).collect::<Vec<_>>();
    assert_eq!(listed, expected.iter().map(|case| (case.code, case.status)).collect::<Vec<_>>());
    for ((code, _, request), case) in rows.iter().zip(expected) {
        let method = request.trim_start_matches('`').split(['`', ' ']).next().unwrap();
        assert_eq!(method, case.method, "{code} is not returned for: {request}");
    }
}

#[tokio::test]
async fn a_validation_error_names_the_field_and_does_not_repeat_its_value() {
    let sandbox = stepped(Data::realistic()).await;
    let secret = "s3cret-s3cret";
    for (path, body, message) in [
        ("/volumes", json!({ "name": "d", "region": KRS }), "\"size\" is required"),
        ("/volumes", json!({ "name": "d", "region": KRS, "size": 0 }), "\"size\" must be 1 or more"),
        ("/volumes", json!({ "name": "d", "region": KRS, "size": 1.5 }), "\"size\" must be an integer"),
        ("/volumes", json!({ "name": 1, "region": KRS, "size": 1 }), "\"name\" must be a string"),
        ("/volumes", json!([]), "the body must be an object"),
        ("/volumes", json!({ "name": "d", "region": "MOON", "size": 1 }), "\"region\" must be one of NORD-NO-KRS-1, "),
        ("/volumes", json!({ "name": "d", "region": KRS, "size": 1e30 }), "\"size\" is out of range"),
        ("/volumes", json!({ "name": "d", "region": KRS, "size": u64::MAX }), "\"size\" is out of range"),
        ("/instances", instance_with(json!({ "password": secret })), "exactly one of \"ssh_keys\" and \"password\""),
        ("/instances", instance_with(json!({ "password": [secret] })), "\"password\" must be a string"),
        ("/instances", instance_with(json!({ "ssh_keys": null })), "exactly one of \"ssh_keys\" and \"password\""),
        ("/instances", instance_with(json!({ "disk_size": 79 })), "\"disk_size\" must be 80 or more"),
        (
            "/instances",
            instance_with(json!({ "metadata": { "startup_script": secret.repeat(6000) } })),
            "\"metadata.startup_script\" must be 64 KiB or less",
        ),
        (
            "/instances",
            instance_with(json!({ "metadata": { "user_data": [{ "type": "text/x", "content": 1 }] } })),
            "\"metadata.user_data.0.content\" must be a string",
        ),
        (
            "/security-groups",
            json!({ "name": "default", "region": KRS, "rules": [] }),
            "\"name\" must not be one of the reserved names default, standard",
        ),
        (
            "/security-groups",
            json!({ "name": "web", "region": KRS, "rules": [{ "direction": "ingress", "protocol": "icmp", "port_range_min": 1 }] }),
            "\"rules.0\": ports go with tcp and udp only",
        ),
        (
            "/snapshots",
            json!({ "name": "s", "url": "/etc/passwd", "region": KRS, "size": 1 }),
            "\"url\" must begin with",
        ),
    ] {
        let (status, response) = send(&sandbox, "POST", path, &body).await;
        let returned = response["message"].as_str().unwrap();
        assert!(status == 400 && returned.starts_with(message), "{status} {returned}, expected {message}");
        assert!(!returned.contains(secret), "{returned}");
    }
}

#[tokio::test]
async fn passwords_are_checked_against_every_documented_rule() {
    let sandbox = stepped(Data::realistic()).await;
    let long = format!("Ab1{}", "x".repeat(69));
    let too_long = format!("{long}x");
    for (password, status) in [
        ("Abcdefg1", 201),
        ("Abcdef1", 400),
        ("abcdefg1", 400),
        ("ABCDEFG1", 400),
        ("Abcdefgh", 400),
        (long.as_str(), 201),
        (too_long.as_str(), 400),
    ] {
        let body = instance_with(json!({ "ssh_keys": null, "password": password }));
        assert_eq!(send(&sandbox, "POST", "/instances", &body).await.0, status, "{password}");
    }
}

#[tokio::test]
async fn port_ranges_are_validated() {
    let sandbox = stepped(Data::realistic()).await;
    for (protocol, first, last, status) in [
        ("tcp", json!(1), json!(65_535), 201),
        ("udp", Value::Null, Value::Null, 201),
        ("icmp", Value::Null, Value::Null, 201),
        ("tcp", json!(0), json!(80), 400),
        ("tcp", json!(80), json!(65_536), 400),
        ("tcp", json!(80), Value::Null, 400),
        ("all", json!(80), json!(80), 400),
    ] {
        let rule = json!({
            "direction": "ingress", "protocol": protocol, "port_range_min": first, "port_range_max": last,
        });
        let body = json!({ "name": "web", "region": KRS, "rules": [rule] });
        assert_eq!(send(&sandbox, "POST", "/security-groups", &body).await.0, status, "{body}");
    }
}

#[tokio::test]
async fn a_rejected_create_uses_nothing_of_a_reservation() {
    let mut data = Data::realistic();
    data.instances[1].status = InstanceStatus::Active;
    let sandbox = stepped(data).await;
    let reserved = json!({ "type": RESERVED, "billing_type": "reserved", "reservation_id": id(9, 0) });
    let (status, _) = send(&sandbox, "POST", "/instances", &instance_with(reserved.clone())).await;
    assert_eq!(status, 201);
    assert_eq!(sandbox.data().reservations[0].quota.used, 5);
    let mut invalid = instance_with(reserved);
    invalid["volumes"] = json!(["no-such-id"]);
    let (_, response) = send(&sandbox, "POST", "/instances", &invalid).await;
    assert_eq!((response["code"].as_str(), sandbox.data().reservations[0].quota.used), (Some("02032"), 5));
}
