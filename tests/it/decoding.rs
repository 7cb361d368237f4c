//! Decoding of responses: unknown values and fields are kept, and an error names the path of what cannot be decoded.

use futures::TryStreamExt;
use genesiscloud::{
    FilesystemType, FloatingIpStatus, ImageType, Instance, InstanceAction, InstanceBillingType, InstanceStatus, OsType,
    Region, SecurityGroupRuleProtocol, SnapshotStatus, VolumeStatus,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use genesiscloud_tests::fixtures::{full, minimal, page, without};
use genesiscloud_tests::mock_api::{MockApi, MockResponse};

async fn instance(json: Value) -> genesiscloud::Result<Instance> {
    let mock = MockApi::responding_with(MockResponse::json(200, &json!({ "instance": json }))).await;
    mock.client().instances().get("i-1").await
}

#[tokio::test]
async fn instances_decode_with_and_without_their_optional_fields() {
    let with = instance(full::instance()).await.unwrap();
    let floating_ip = with.floating_ip.unwrap();
    assert_eq!((floating_ip.id.as_str(), floating_ip.name.as_str()), ("a-1", "entry"));

    let absent = instance(without(full::instance(), &["floating_ip"], json!({}))).await.unwrap();
    assert_eq!(absent.floating_ip, None);

    let nullable = ["floating_ip", "private_ip", "public_ip", "reservation_id"];
    let nulls = nullable.map(|name| (name.to_owned(), Value::Null)).into_iter().collect();
    let null = instance(without(full::instance(), &[], Value::Object(nulls))).await.unwrap();
    let absent = instance(without(full::instance(), &nullable, json!({}))).await.unwrap();
    assert_eq!(
        (&null.floating_ip, &null.private_ip, &null.public_ip, &null.reservation_id),
        (&None, &None, &None, &None)
    );
    assert_eq!(null, absent);
}

#[tokio::test]
async fn what_only_the_documentation_describes_is_decoded() {
    let vm =
        instance(without(full::instance(), &[], json!({ "is_protected": true, "updated_at": null }))).await.unwrap();
    assert_eq!(vm.is_protected, Some(true));
    assert_eq!(vm.updated_at, None);
}

#[tokio::test]
async fn the_documented_example_of_an_instance_decodes() {
    let example = serde_json::from_str(include_str!("../fixtures/example-instance.json")).unwrap();
    let vm = instance(example).await.unwrap();
    assert_eq!(vm.region, Region::Unknown("ARC-IS-HAF-1".into()));
    assert_eq!(vm.region.to_string(), "ARC-IS-HAF-1");
    assert_eq!(vm.status, InstanceStatus::Active);
    assert_eq!(vm.created_at.to_rfc3339(), "2020-03-18T16:25:45.883+00:00");
    assert_eq!((vm.image, vm.volumes, vm.os_type), (None, vec![], None));
}

#[tokio::test]
async fn the_documented_example_of_a_list_decodes() {
    let example: Value = serde_json::from_str(include_str!("../fixtures/example-images.json")).unwrap();
    let mock = MockApi::responding_with(MockResponse::json(200, &example)).await;
    let page = mock.client().images().list_page(1, 50).await.unwrap();
    assert_eq!(page.total_count, 3);
    let kinds: Vec<_> = page.items.iter().map(|image| image.type_.to_string()).collect();
    assert_eq!(kinds, ["distribution", "distribution", "snapshot"]);
    assert_eq!(serde_json::to_value(&page.items).unwrap(), example["images"]);
}

#[tokio::test]
async fn unknown_values_and_fields_are_serialized_unchanged() {
    let extended = without(
        full::instance(),
        &[],
        json!({
            "status": "hibernating", "region": "MARS-1", "os_type": "plan9", "gpu_count": 8, "nested": { "a": [1, null] },
            "volumes": [{ "id": "v-1", "name": "data", "bus": "nvme" }],
        }),
    );
    let vm = instance(extended.clone()).await.unwrap();
    assert_eq!(vm.status.to_string(), "hibernating");
    assert_eq!(vm.extra["gpu_count"], 8);
    assert_eq!(vm.volumes[0].extra["bus"], "nvme");
    assert_eq!(serde_json::to_value(&vm).unwrap(), extended);
}

#[tokio::test]
async fn security_group_rules_are_sent_back_with_their_unknown_fields() {
    let mut group = full::security_group();
    group["rules"][0]["remote"] = json!("10.0.0.0/8");
    let mock = MockApi::responding_with(MockResponse::json(200, &json!({ "security_group": group }))).await;
    let groups = mock.client().security_groups();
    let rules = groups.get("g-1").await.unwrap().rules;
    groups.update("g-1", genesiscloud::UpdateSecurityGroup::new().rules(rules)).await.unwrap();
    assert_eq!(mock.requests()[1].body, json!({ "rules": group["rules"] }));
}

#[test]
fn every_enum_accepts_unknown_values_and_displays_what_it_sends() {
    fn assert_open<T: Serialize + DeserializeOwned + ToString + std::str::FromStr<Err: std::fmt::Debug> + PartialEq>(
        known: &str,
    ) {
        for text in [known, "", "a-future-value", "Unknown"] {
            let value: T = serde_json::from_value(json!(text)).unwrap();
            assert_eq!(value.to_string(), text);
            assert_eq!(serde_json::to_value(&value).unwrap(), json!(text));
            assert!(text.parse::<T>().unwrap() == value, "{text}");
        }
        assert!(serde_json::from_value::<T>(json!(7)).is_err());
    }
    assert_eq!(
        format!("{:>8}|{:<8}|", InstanceStatus::Active, InstanceStatus::Unknown("odd".into())),
        "  active|odd     |"
    );
    assert_open::<Region>("NORD-NO-KRS-1");
    assert_open::<InstanceStatus>("active");
    assert_open::<InstanceAction>("reset");
    assert_open::<InstanceBillingType>("prepaid-3-month");
    assert_open::<ImageType>("cloud-image");
    assert_open::<OsType>("windows");
    assert_open::<VolumeStatus>("created");
    assert_open::<SnapshotStatus>("pending_delete");
    assert_open::<FilesystemType>("vast");
    assert_open::<FloatingIpStatus>("error");
    assert_open::<SecurityGroupRuleProtocol>("icmp");
    // A status of older accounts, which the provider's own tools handle.
    assert_eq!("in-use".parse::<VolumeStatus>().unwrap(), VolumeStatus::Unknown("in-use".into()));
}

#[tokio::test]
async fn integers_are_decoded_from_integers_floats_and_strings() {
    for (size, expected) in
        [(json!(80), 80), (json!(80.0), 80), (json!("80"), 80), (json!("85899345920"), 85_899_345_920)]
    {
        let volume = without(full::volume(), &[], json!({ "size": size }));
        let mock = MockApi::responding_with(MockResponse::json(200, &json!({ "volume": volume }))).await;
        assert_eq!(mock.client().volumes().get("v-1").await.unwrap().size, expected);
    }
    let disk = instance(without(full::instance(), &[], json!({ "disk_size": "80" }))).await.unwrap();
    assert_eq!(disk.disk_size, Some(80));
    let numbers = json!({ "volumes": [minimal::volume()], "total_count": "1", "page": 1.0, "per_page": "50" });
    let mock = MockApi::responding_with(MockResponse::json(200, &numbers)).await;
    assert_eq!(mock.client().volumes().list_page(1, 50).await.unwrap().total_count, 1);
}

#[tokio::test]
async fn a_decode_error_begins_with_the_path_of_the_field() {
    let mut items = vec![full::instance(); 5];
    items[3]["status"] = json!(7);
    let cases = [
        (page("instances", &items, 1, 50, 5), "instances[3].status: "),
        (
            page("instances", &[without(full::instance(), &["id"], json!({}))], 1, 50, 1),
            "instances[0]: missing field `id`",
        ),
        (
            page("instances", &[without(full::instance(), &[], json!({ "created_at": "yesterday" }))], 1, 50, 1),
            "instances[0].created_at: ",
        ),
        (
            page("instances", &[without(full::instance(), &[], json!({ "disk_size": 80.5 }))], 1, 50, 1),
            "instances[0].disk_size: 80.5 is not an integer",
        ),
        (
            page("instances", &[without(full::instance(), &[], json!({ "volumes": [{ "id": "v" }] }))], 1, 50, 1),
            "instances[0].volumes[0]: missing field `name`",
        ),
        (json!({ "machines": [] }), "missing field `instances`"),
    ];
    for (response, path) in cases {
        let mock = MockApi::responding_with(MockResponse::json(200, &response)).await;
        let error = mock.client().instances().list_page(1, 50).await.unwrap_err();
        assert_eq!(error.kind(), genesiscloud::ErrorKind::Decode);
        assert_eq!(error.status().unwrap(), 200);
        assert!(error.message().starts_with(path), "{error}");
    }
}

#[tokio::test]
async fn enum_values_that_the_document_does_not_list_are_sent_unchanged() {
    let mock = MockApi::responding_with(MockResponse::json(200, &page("images", &[], 1, 50, 0))).await.lenient();
    let images = mock.client().images().list().type_(ImageType::Unknown("base-os".into()));
    assert_eq!(images.try_collect::<Vec<_>>().await.unwrap().len(), 0);
    assert_eq!(mock.requests()[0].query, [("page".into(), "1".into()), ("type".into(), "base-os".into())]);
}
