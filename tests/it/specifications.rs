//! Parameters as data: specifications of machines in TOML, what is written of them, and what errors say.

use std::fmt::Debug;
use std::time::Duration;

use genesiscloud::{
    CloneSnapshot, CreateFilesystem, CreateFloatingIp, CreateInstance, CreateInstanceSnapshot, CreateSecurityGroup,
    CreateSnapshot, CreateSshKey, CreateVolume, OsType, Region, SecurityGroupRule, SecurityGroupRuleProtocol,
    UpdateFilesystem, UpdateFloatingIp, UpdateInstance, UpdateSecurityGroup, UpdateSnapshot, UpdateSshKey,
    UpdateVolume, UserDataPart, VolumeType,
};
use genesiscloud_tests::fixtures::full;
use genesiscloud_tests::mock_api::{MockApi, MockResponse};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

const SECRETS: [&str; 4] = ["Abcdefg1", "#!/bin/sh s3cr3t", "packages: [s3cr3t]", "signature=s3cr3t"];

fn machine() -> CreateInstance {
    CreateInstance::new("trainer", "vcpu-2_memory-4g", "ubuntu-24.04", Region::NordNoKrs1)
        .ssh_keys(["a-key"])
        .disk_size(120)
        .is_protected(false)
}

#[tokio::test]
async fn a_machine_is_specified_in_toml_and_sent_as_it_is() {
    let specified: CreateInstance = toml::from_str(
        r#"
        name = "trainer"
        type = "vcpu-2_memory-4g"
        image = "ubuntu-24.04"
        region = "NORD-NO-KRS-1"
        ssh_keys = ["a-key"]
        disk_size = 120
        is_protected = false
        "#,
    )
    .unwrap();
    assert_eq!(specified, machine());
    assert_eq!((specified.body().name.as_str(), specified.body().disk_size), ("trainer", Some(120)));
    let mock = MockApi::responding_with(MockResponse::json(201, &json!({ "instance": full::instance() }))).await;
    mock.client().instances().create(specified).await.unwrap();
    assert_eq!(mock.requests()[0].body["hostname"], "trainer");
}

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(parameters: T) {
    let text = toml::to_string(&parameters).unwrap();
    assert_eq!(toml::from_str::<T>(&text).unwrap(), parameters, "{text}");
    let json = serde_json::to_string(&parameters).unwrap();
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), parameters, "{json}");
}

#[test]
fn what_is_written_is_read_again() {
    let krs = || Region::NordNoKrs1;
    let https = SecurityGroupRule::ingress(SecurityGroupRuleProtocol::Tcp).ports(443..=443);
    round_trip(machine());
    round_trip(machine().hostname("other").lease(Duration::from_secs(6 * 3600)));
    round_trip(machine().lease(Duration::from_millis(61_500)));
    round_trip(CreateInstanceSnapshot::new("friday").replicated_region("A-NEW-REGION".into()));
    round_trip(CreateVolume::new("data", krs(), 50).type_(VolumeType::Ssd).marker("job-1"));
    round_trip(CreateFilesystem::new("data", krs(), 50));
    round_trip(CreateSshKey::new("laptop", "ssh-ed25519 AAAA me@laptop"));
    round_trip(CreateSecurityGroup::new("web", krs(), [https.clone()]).description(""));
    round_trip(CreateFloatingIp::new("entry", krs()));
    round_trip(CloneSnapshot::new("copy", krs()));
    round_trip(UpdateInstance::new().name("t2").volumes(["a-volume"]).detach_all_security_groups());
    round_trip(UpdateVolume::new());
    round_trip(UpdateVolume::new().size(100));
    round_trip(UpdateSnapshot::new().name("older"));
    round_trip(UpdateFilesystem::new().name("older"));
    round_trip(UpdateSshKey::new().name("desktop"));
    round_trip(UpdateFloatingIp::new().name("exit"));
    round_trip(UpdateSecurityGroup::new().rules([https]));
}

#[test]
fn secrets_are_written_only_where_that_is_asked_for() {
    let machine = machine()
        .password(SECRETS[0])
        .startup_script(SECRETS[1])
        .user_data([UserDataPart::new("text/cloud-config", SECRETS[2])]);
    let url = format!("https://images.example/a?{}", SECRETS[3]);
    let snapshot = CreateSnapshot::new("golden", url, Region::NordNoKrs1, 80).os_type(OsType::Linux);
    let texts = [serde_json::to_string(&machine).unwrap(), serde_json::to_string(&snapshot).unwrap()];
    assert!(!texts[0].contains("hostname"), "it is derived: {}", texts[0]);
    for secret in SECRETS {
        assert!(texts.iter().all(|text| !text.contains(secret)), "{texts:?}");
    }
    let texts = [
        serde_json::to_string(&machine.with_secrets()).unwrap(),
        serde_json::to_string(&snapshot.with_secrets()).unwrap(),
    ];
    for secret in SECRETS {
        assert!(texts.iter().any(|text| text.contains(secret)), "{texts:?}");
    }
    assert_eq!(serde_json::from_str::<CreateInstance>(&texts[0]).unwrap(), machine);
    assert_eq!(serde_json::from_str::<CreateSnapshot>(&texts[1]).unwrap(), snapshot);
    assert!(!format!("{:?}", machine.with_secrets()).contains("Abcdefg1"));
}

#[test]
fn errors_name_the_field_and_show_no_secret() {
    let with = |fields: &str| {
        let fields = format!("name = 'a'\ntype = 't'\nimage = 'i'\nregion = 'NORD-NO-KRS-1'\n{fields}");
        toml::from_str::<CreateInstance>(&fields).unwrap_err().message().to_owned()
    };
    assert!(with("ssh_key = ['k']").starts_with("unknown field `ssh_key`, expected one of `billing_type`"));
    assert!(with("disk_size = 'large'").contains("large"), "{}", with("disk_size = 'large'"));
    assert_eq!(with("lease_seconds = 'long'"), "`lease_seconds` is a number of seconds, not \"long\"");
    assert_eq!(with("lease_seconds = -1"), "`lease_seconds` is a number of seconds, not -1");
    let missing = toml::from_str::<CreateInstance>("name = 'a'").unwrap_err();
    assert_eq!(missing.message(), "missing field `image`");
    for fields in ["password = 12345678", "password = ['12345678']", "[metadata]\nstartup_script = 12345678"] {
        let error = with(fields);
        assert!(!error.contains("12345678"), "{error}");
        assert!(error.contains("`password`") && error.contains("`metadata`"), "{error}");
    }
}
