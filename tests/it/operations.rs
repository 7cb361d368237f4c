//! Each operation of the document: the exact request, and a full and a minimal response.

use std::collections::BTreeSet;
use std::future::Future;

use futures::TryStreamExt;
use genesiscloud::{
    Client, CloneSnapshot, CreateFilesystem, CreateFloatingIp, CreateInstance, CreateInstanceSnapshot,
    CreateSecurityGroup, CreateSnapshot, CreateSshKey, CreateVolume, FilesystemType, FloatingIpVersion, ImageType,
    InstanceAction, InstanceBillingType, OsType, Region, Result, SecurityGroupRule, SecurityGroupRuleProtocol,
    UpdateFilesystem, UpdateFloatingIp, UpdateInstance, UpdateSecurityGroup, UpdateSnapshot, UpdateSshKey,
    UpdateVolume, UserDataPart, VolumeType,
};
use serde::Serialize;
use serde_json::{Value, json};

use genesiscloud_tests::document;
use genesiscloud_tests::fixtures::{full, minimal, page};
use genesiscloud_tests::mock_api::{MockApi, MockResponse, TOKEN};

/// The request that must be sent.
struct Request {
    method: &'static str,
    path: &'static str,
    query: &'static [(&'static str, &'static str)],
    body: Value,
}

fn get(path: &'static str) -> Request {
    Request { method: "GET", path, query: &[], body: Value::Null }
}

fn list(path: &'static str, query: &'static [(&'static str, &'static str)]) -> Request {
    Request { method: "GET", path, query, body: Value::Null }
}

fn post(path: &'static str, body: Value) -> Request {
    Request { method: "POST", path, query: &[], body }
}

fn patch(path: &'static str, body: Value) -> Request {
    Request { method: "PATCH", path, query: &[], body }
}

fn delete(path: &'static str) -> Request {
    Request { method: "DELETE", path, query: &[], body: Value::Null }
}

/// A test of one operation of the document.
struct Operation {
    id: &'static str,
    mock: MockApi,
}

impl Operation {
    async fn new(id: &'static str) -> Self {
        Self { id, mock: MockApi::new().await }
    }

    /// Makes a call, checks its request, responds, and returns the result of the call as JSON.
    async fn exchange<T: Serialize, F: Future<Output = Result<T>>>(
        &self,
        request: Request,
        answer: (u16, Value),
        call: impl FnOnce(Client) -> F,
    ) -> Value {
        let before = self.mock.requests().len();
        self.mock.respond_with(match answer {
            (status, Value::Null) => MockResponse::new(status, "text/plain", ""),
            (status, body) => MockResponse::json(status, &body),
        });
        let value = call(self.mock.client()).await.unwrap();

        let [seen] = &self.mock.requests()[before..] else { panic!("not one request: {:?}", self.mock.requests()) };
        assert_eq!(seen.method, request.method);
        assert_eq!(seen.path, format!("/compute/v1{}", request.path));
        let query: Vec<_> = seen.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(query, request.query);
        assert_eq!(seen.body, request.body);

        assert_eq!(seen.headers["authorization"], format!("Bearer {TOKEN}"));
        assert_eq!(seen.headers["accept"], "application/json");
        assert!(seen.headers["user-agent"].starts_with("genesiscloud-rust/"), "{:?}", seen.headers);
        let mut names = BTreeSet::from(["accept", "authorization", "host", "user-agent"]);
        if !request.body.is_null() {
            assert_eq!(seen.headers["content-type"], "application/json");
            names.extend(["content-length", "content-type"]);
        }
        assert_eq!(seen.headers.keys().map(String::as_str).collect::<BTreeSet<_>>(), names);
        serde_json::to_value(value).unwrap()
    }

    /// Checks the exchanges together against the document: they are of this operation, and each of its query
    /// parameters and body fields was sent at least once, so all of them can be set.
    fn finish(self) {
        let (method, template, operation) = document::operation(self.id);
        let seen = self.mock.requests();
        assert!(seen.len() >= 2, "a full and a minimal answer");
        for request in &seen {
            assert_eq!(request.method, method);
            let path = request.path.strip_prefix("/compute/v1").unwrap();
            let parts = |path: &'static str| path.split('/');
            let fits = path.split('/').count() == parts(template).count()
                && path.split('/').zip(parts(template)).all(|(part, slot)| slot.starts_with('{') || part == slot);
            assert!(fits, "{path} is not {template}");
        }
        let query: BTreeSet<_> = seen.iter().flat_map(|one| one.query.iter().map(|(name, _)| name.clone())).collect();
        assert_eq!(query, document::query_names(operation), "query parameters sent, and those of the document");
        let fields: BTreeSet<_> = seen.iter().flat_map(|one| document::value_fields(&one.body)).collect();
        assert_eq!(fields, document::body_fields(operation), "body fields sent, and those of the document");
    }
}

/// A test function for each operation, and the list of those that have one.
macro_rules! operations {
    ($($name:ident $id:literal |$operation:ident| $exchanges:block)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                let $operation = Operation::new($id).await;
                $exchanges
                $operation.finish();
            }
        )*

        #[test]
        fn every_operation_of_the_document_has_a_test() {
            let tested = [$($id),*];
            let tested = BTreeSet::from(tested.map(str::to_owned));
            let untested: Vec<_> = document::operation_ids().difference(&tested).cloned().collect();
            assert!(untested.is_empty(), "no test for {untested:?}");
            let gone: Vec<_> = tested.difference(&document::operation_ids()).cloned().collect();
            assert!(gone.is_empty(), "not in the document: {gone:?}");
        }
    };
}

const PAGE_2: &[(&str, &str)] = &[("page", "2"), ("per_page", "10")];
const PAGE_1: &[(&str, &str)] = &[("page", "1")];

/// The same with another id, as items of a list have.
fn another(mut resource: Value) -> Value {
    resource["id"] = "another".into();
    resource
}

/// A page of a list with its size, and the stream, which requests the first page only.
macro_rules! lists {
    ($operation:ident, $path:literal, $service:ident, $item:ident) => {
        let items = [full::$item(), another(minimal::$item())];
        let answer = page(stringify!($service), &items, 2, 10, 12);
        let got = $operation
            .exchange(list($path, PAGE_2), (200, answer), |client| async move {
                let page = client.$service().list_page(2, 10).await?;
                assert_eq!((page.page, page.per_page, page.total_count), (2, 10, 12));
                Ok(page.items)
            })
            .await;
        assert_eq!(got, json!(items));

        let answer = page(stringify!($service), &items, 1, 50, 2);
        let got = $operation
            .exchange(list($path, PAGE_1), (200, answer), |client| async move {
                client.$service().list().try_collect::<Vec<_>>().await
            })
            .await;
        assert_eq!(got, json!(items));
    };
}

/// A get, with a full and a minimal response.
macro_rules! gets {
    ($operation:ident, $path:literal, $service:ident, $id:literal, |$item:ident| $answer:expr) => {
        for $item in [full::$item(), minimal::$item()] {
            let call = |client: Client| async move { client.$service().get($id).await };
            assert_eq!($operation.exchange(get($path), (200, $answer), call).await, $item);
        }
    };
}

/// A delete, with the documented status, and with another success without a body.
macro_rules! deletes {
    ($operation:ident, $path:literal, $service:ident, $id:literal) => {
        for answer in [(204, Value::Null), (202, Value::Null)] {
            let call = |client: Client| async move { client.$service().delete($id).await };
            assert_eq!($operation.exchange(delete($path), answer, call).await, Value::Null);
        }
    };
}

operations! {
    get_instances_availability "GetInstancesAvailability" |operation| {
        const PATH: &str = "/availability/NORD-NO-KRS-1/instances";
        let answer = json!({ "availability": full::availability() });
        let got = operation.exchange(list(PATH, &[("placement", "AUTO")]), (200, answer), |client| async move {
            client.availability().instances_with_placement_option(Region::NordNoKrs1, "AUTO").await
        });
        assert_eq!(got.await, full::availability());
        let answer = json!({ "availability": minimal::availability() });
        let got = operation.exchange(get(PATH), (200, answer), |client| async move {
            client.availability().instances(Region::NordNoKrs1).await
        });
        assert_eq!(got.await, minimal::availability());
    }

    list_filesystems "ListFilesystemsPaginated" |operation| {
        lists!(operation, "/filesystems", filesystems, filesystem);
    }

    create_filesystem "CreateFilesystem" |operation| {
        let body = json!({ "name": "shared", "region": "EUC-DE-MUC-1", "size": 1000, "description": "d", "type": "vast" });
        let answer = json!({ "filesystem": full::filesystem() });
        let got = operation.exchange(post("/filesystems", body), (201, answer), |client| async move {
            let new = CreateFilesystem::new("shared", Region::EucDeMuc1, 1000);
            client.filesystems().create(new.description("d").type_(FilesystemType::Vast)).await
        });
        assert_eq!(got.await, full::filesystem());
        let body = json!({ "name": "shared", "region": "EUC-DE-MUC-1", "size": 1000 });
        let answer = json!({ "filesystem": minimal::filesystem() });
        let got = operation.exchange(post("/filesystems", body), (201, answer), |client| async move {
            client.filesystems().create(CreateFilesystem::new("shared", Region::EucDeMuc1, 1000)).await
        });
        assert_eq!(got.await, minimal::filesystem());
    }

    get_filesystem "GetFilesystem" |operation| {
        gets!(operation, "/filesystems/f-1", filesystems, "f-1", |filesystem| json!({ "filesystem": filesystem }));
    }

    update_filesystem "UpdateFilesystem" |operation| {
        let answer = json!({ "filesystem": full::filesystem() });
        let body = json!({ "name": "n", "description": "", "size": 2000 });
        let got = operation.exchange(patch("/filesystems/f-1", body), (200, answer), |client| async move {
            let change = UpdateFilesystem::new().name("n").description("").size(2000);
            client.filesystems().update("f-1", change).await
        });
        assert_eq!(got.await, full::filesystem());
        let answer = json!({ "filesystem": minimal::filesystem() });
        let got = operation.exchange(patch("/filesystems/f-1", json!({})), (200, answer), |client| async move {
            client.filesystems().update("f-1", UpdateFilesystem::new()).await
        });
        assert_eq!(got.await, minimal::filesystem());
    }

    delete_filesystem "DeleteFilesystem" |operation| {
        deletes!(operation, "/filesystems/f-1", filesystems, "f-1");
    }

    list_floating_ips "ListFloatingIPsPaginated" |operation| {
        lists!(operation, "/floating-ips", floating_ips, floating_ip);
    }

    create_floating_ip "CreateFloatingIP" |operation| {
        let body = json!({ "name": "entry", "region": "NORD-NO-KRS-1", "description": "d", "version": "ipv4" });
        let answer = json!({ "floating_ip": full::floating_ip() });
        let got = operation.exchange(post("/floating-ips", body), (201, answer), |client| async move {
            let new = CreateFloatingIp::new("entry", Region::NordNoKrs1);
            client.floating_ips().create(new.description("d").version(FloatingIpVersion::Ipv4)).await
        });
        assert_eq!(got.await, full::floating_ip());
        let body = json!({ "name": "entry", "region": "NORD-NO-KRS-1" });
        let answer = json!({ "floating_ip": minimal::floating_ip() });
        let got = operation.exchange(post("/floating-ips", body), (201, answer), |client| async move {
            client.floating_ips().create(CreateFloatingIp::new("entry", Region::NordNoKrs1)).await
        });
        assert_eq!(got.await, minimal::floating_ip());
    }

    get_floating_ip "GetFloatingIP" |operation| {
        gets!(operation, "/floating-ips/a-1", floating_ips, "a-1", |floating_ip| json!({ "floating_ip": floating_ip }));
    }

    update_floating_ip "UpdateFloatingIP" |operation| {
        let answer = json!({ "floating_ip": full::floating_ip() });
        let body = json!({ "name": "n", "description": "d" });
        let got = operation.exchange(patch("/floating-ips/a-1", body), (200, answer), |client| async move {
            client.floating_ips().update("a-1", UpdateFloatingIp::new().name("n").description("d")).await
        });
        assert_eq!(got.await, full::floating_ip());
        let answer = json!({ "floating_ip": minimal::floating_ip() });
        let got = operation.exchange(patch("/floating-ips/a-1", json!({})), (200, answer), |client| async move {
            client.floating_ips().update("a-1", UpdateFloatingIp::new()).await
        });
        assert_eq!(got.await, minimal::floating_ip());
    }

    delete_floating_ip "DeleteFloatingIP" |operation| {
        deletes!(operation, "/floating-ips/a-1", floating_ips, "a-1");
    }

    list_images "ListImagesPaginated" |operation| {
        lists!(operation, "/images", images, image);
        let query = &[("page", "1"), ("per_page", "100"), ("type", "cloud-image")];
        let answer = page("images", &[full::image()], 1, 100, 1);
        let got = operation.exchange(list("/images", query), (200, answer), |client| async move {
            client.images().list().per_page(100).type_(ImageType::CloudImage).try_collect::<Vec<_>>().await
        });
        assert_eq!(got.await, json!([full::image()]));
        let query = &[("page", "1"), ("type", "cloud-image")];
        let answer = page("images", &[minimal::image()], 1, 50, 1);
        let got = operation.exchange(list("/images", query), (200, answer), |client| async move {
            client.images().list().type_(ImageType::CloudImage).try_collect::<Vec<_>>().await
        });
        assert_eq!(got.await, json!([minimal::image()]));
    }

    list_instances "ListInstancesPaginated" |operation| {
        lists!(operation, "/instances", instances, instance);
    }

    create_instance "CreateInstance" |operation| {
        let body = json!({
            "name": "trainer", "hostname": "gpu-1", "type": "vcpu-4", "image": "ubuntu-24.04",
            "region": "NORD-NO-KRS-1", "ssh_keys": ["k-1", "k-2"], "password": "Passw0rd", "security_groups": ["g-1"],
            "volumes": ["v-1"], "floating_ip": "a-1", "is_protected": true, "public_ipv6": false,
            "destroy_on_shutdown": true,
            "metadata": {
                "startup_script": "#!/bin/sh",
                "user_data": [{ "type": "text/cloud-config", "content": "packages: []", "filename": "a.yaml" }],
            },
            "billing_type": "prepaid-3-month", "reuse_long_term_subscription": "l-1", "reservation_id": "r-1",
            "placement_option": "DC-1", "disk_size": 120,
        });
        let answer = json!({ "instance": full::instance() });
        let got = operation.exchange(post("/instances", body), (201, answer), |client| async move {
            let part = UserDataPart::new("text/cloud-config", "packages: []").filename("a.yaml");
            let new = CreateInstance::new("trainer", "vcpu-4", "ubuntu-24.04", Region::NordNoKrs1)
                .hostname("gpu-1")
                .ssh_keys(["k-1", "k-2"])
                .password("Passw0rd")
                .security_groups(vec!["g-1".to_owned()])
                .volumes(&["v-1"])
                .floating_ip("a-1")
                .is_protected(true)
                .public_ipv6(false)
                .destroy_on_shutdown(true)
                .startup_script("#!/bin/sh")
                .user_data([part])
                .billing_type(InstanceBillingType::Prepaid3Month)
                .reuse_long_term_subscription("l-1")
                .reservation_id("r-1")
                .placement_option("DC-1")
                .disk_size(120);
            client.instances().create(new).await
        });
        assert_eq!(got.await, full::instance());
        let body = json!({
            "name": "trainer", "hostname": "trainer", "type": "vcpu-4", "image": "s-1", "region": "NORD-NO-KRS-1",
        });
        let answer = json!({ "instance": minimal::instance() });
        let got = operation.exchange(post("/instances", body), (201, answer), |client| async move {
            client.instances().create(CreateInstance::new("trainer", "vcpu-4", "s-1", Region::NordNoKrs1)).await
        });
        assert_eq!(got.await, minimal::instance());
    }

    get_instance "GetInstance" |operation| {
        gets!(operation, "/instances/i-1", instances, "i-1", |instance| json!({ "instance": instance }));
    }

    update_instance "UpdateInstance" |operation| {
        let body = json!({
            "name": "t2", "is_protected": false, "disk_size": 100, "reservation_id": "r-1", "security_groups": [],
            "volumes": ["v-1", "v-2"],
        });
        let answer = json!({ "instance": full::instance() });
        let got = operation.exchange(patch("/instances/i-1", body), (200, answer), |client| async move {
            let change = UpdateInstance::new()
                .name("t2")
                .is_protected(false)
                .disk_size(100)
                .reservation_id("r-1")
                .detach_all_security_groups()
                .volumes(["v-1", "v-2"]);
            client.instances().update("i-1", change).await
        });
        assert_eq!(got.await, full::instance());
        let answer = json!({ "instance": minimal::instance() });
        let got = operation.exchange(patch("/instances/i-1", json!({})), (200, answer), |client| async move {
            client.instances().update("i-1", UpdateInstance::new()).await
        });
        assert_eq!(got.await, minimal::instance());
    }

    delete_instance "DeleteInstance" |operation| {
        deletes!(operation, "/instances/i-1", instances, "i-1");
    }

    get_instance_actions "GetInstanceActions" |operation| {
        for actions in [json!(["start", "stop", "reset"]), json!([])] {
            let answer = json!({ "actions": actions });
            let got = operation.exchange(get("/instances/i-1/actions"), (200, answer), |client| async move {
                client.instances().actions("i-1").await
            });
            assert_eq!(got.await, actions);
        }
    }

    perform_instance_action "PerformInstanceAction" |operation| {
        for (action, word) in [
            (InstanceAction::Start, "start"), (InstanceAction::Stop, "stop"), (InstanceAction::Reset, "reset"),
        ] {
            let request = post("/instances/i-1/actions", json!({ "action": word }));
            let got = operation.exchange(request, (204, Value::Null), |client| async move {
                client.instances().perform("i-1", action).await
            });
            assert_eq!(got.await, Value::Null);
        }
    }

    list_instance_snapshots "ListInstanceSnapshotsPaginated" |operation| {
        const PATH: &str = "/instances/i-1/snapshots";
        let items = [full::snapshot(), another(minimal::snapshot())];
        let answer = page("snapshots", &items, 2, 10, 12);
        let got = operation.exchange(list(PATH, PAGE_2), (200, answer), |client| async move {
            Ok(client.instances().list_snapshots_page("i-1", 2, 10).await?.items)
        });
        assert_eq!(got.await, json!(items));
        let answer = page("snapshots", &items, 1, 50, 2);
        let got = operation.exchange(list(PATH, PAGE_1), (200, answer), |client| async move {
            client.instances().list_snapshots("i-1").try_collect::<Vec<_>>().await
        });
        assert_eq!(got.await, json!(items));
    }

    create_instance_snapshot "CreateInstanceSnapshot" |operation| {
        let answer = json!({ "snapshot": full::snapshot() });
        let body = json!({ "name": "s", "replicated_region": "EUC-DE-MUC-1" });
        let got = operation.exchange(post("/instances/i-1/snapshots", body), (201, answer), |client| async move {
            let new = CreateInstanceSnapshot::new("s").replicated_region(Region::EucDeMuc1);
            client.instances().create_snapshot("i-1", new).await
        });
        assert_eq!(got.await, full::snapshot());
        let answer = json!({ "snapshot": minimal::snapshot() });
        let body = json!({ "name": "s" });
        let got = operation.exchange(post("/instances/i-1/snapshots", body), (201, answer), |client| async move {
            client.instances().create_snapshot("i-1", CreateInstanceSnapshot::new("s")).await
        });
        assert_eq!(got.await, minimal::snapshot());
    }

    get_instance_user_metadata "GetInstanceUserMetadata" |operation| {
        for metadata in [json!({ "startup_script": "#!/bin/sh", "anything": [1, { "else": null }] }), json!({})] {
            let request = get("/instances/i-1/user-metadata");
            let got = operation.exchange(request, (200, metadata.clone()), |client| async move {
                Ok(client.instances().user_metadata("i-1").await?.into_map())
            });
            assert_eq!(got.await, metadata);
        }
    }

    get_quotas "GetQuotas" |operation| {
        for quotas in [json!([full::quota(), minimal::quota()]), json!([])] {
            let got = operation.exchange(get("/quotas"), (200, json!({ "quotas": quotas })), |client| async move {
                client.quotas().get().await
            });
            assert_eq!(got.await, quotas);
        }
    }

    get_reservations "GetReservations" |operation| {
        for reservations in [json!([full::reservation(), minimal::reservation()]), json!([])] {
            let answer = json!({ "reservations": reservations });
            let got = operation.exchange(get("/reservations"), (200, answer), |client| async move {
                client.reservations().get().await
            });
            assert_eq!(got.await, reservations);
        }
    }

    list_security_groups "ListSecurityGroupsPaginated" |operation| {
        lists!(operation, "/security-groups", security_groups, security_group);
    }

    create_security_group "CreateSecurityGroup" |operation| {
        let body = json!({
            "name": "web", "region": "NORD-NO-KRS-1", "description": "d", "rules": [
                { "direction": "ingress", "protocol": "tcp", "port_range_min": 8000, "port_range_max": 8080 },
                { "direction": "egress", "protocol": "all" },
            ],
        });
        let answer = json!({ "security_group": full::security_group() });
        let got = operation.exchange(post("/security-groups", body), (201, answer), |client| async move {
            let rules = [
                SecurityGroupRule::ingress(SecurityGroupRuleProtocol::Tcp).ports(8000..=8080),
                SecurityGroupRule::egress(SecurityGroupRuleProtocol::All),
            ];
            let new = CreateSecurityGroup::new("web", Region::NordNoKrs1, rules).description("d");
            client.security_groups().create(new).await
        });
        assert_eq!(got.await, full::security_group());
        let body = json!({ "name": "web", "region": "NORD-NO-KRS-1", "rules": [] });
        let answer = json!({ "security_group": minimal::security_group() });
        let got = operation.exchange(post("/security-groups", body), (201, answer), |client| async move {
            client.security_groups().create(CreateSecurityGroup::new("web", Region::NordNoKrs1, [])).await
        });
        assert_eq!(got.await, minimal::security_group());
    }

    get_security_group "GetSecurityGroup" |operation| {
        gets!(operation, "/security-groups/g-1", security_groups, "g-1", |security_group| {
            json!({ "security_group": security_group })
        });
    }

    update_security_group "UpdateSecurityGroup" |operation| {
        let body = json!({
            "name": "n", "description": "d",
            "rules": [{ "direction": "ingress", "protocol": "udp", "port_range_min": 53, "port_range_max": 53 }],
        });
        let answer = json!({ "security_group": full::security_group() });
        let got = operation.exchange(patch("/security-groups/g-1", body), (200, answer), |client| async move {
            let rule = SecurityGroupRule::ingress(SecurityGroupRuleProtocol::Udp).ports(53..=53);
            let change = UpdateSecurityGroup::new().name("n").description("d").rules([rule]);
            client.security_groups().update("g-1", change).await
        });
        assert_eq!(got.await, full::security_group());
        let answer = json!({ "security_group": minimal::security_group() });
        let request = patch("/security-groups/g-1", json!({ "rules": [] }));
        let got = operation.exchange(request, (200, answer), |client| async move {
            client.security_groups().update("g-1", UpdateSecurityGroup::new().rules([])).await
        });
        assert_eq!(got.await, minimal::security_group());
    }

    delete_security_group "DeleteSecurityGroup" |operation| {
        deletes!(operation, "/security-groups/g-1", security_groups, "g-1");
    }

    list_snapshots "ListSnapshotsPaginated" |operation| {
        lists!(operation, "/snapshots", snapshots, snapshot);
    }

    create_snapshot "CreateSnapshot" |operation| {
        let body = json!({
            "name": "s", "url": "https://example.com/i", "region": "NA-CA-FTS-1", "size": 80, "os_type": "windows",
        });
        let answer = json!({ "snapshot": full::snapshot() });
        let got = operation.exchange(post("/snapshots", body), (201, answer), |client| async move {
            let new = CreateSnapshot::new("s", "https://example.com/i", Region::NaCaFts1, 80).os_type(OsType::Windows);
            client.snapshots().create(new).await
        });
        assert_eq!(got.await, full::snapshot());
        let body = json!({ "name": "s", "url": "https://example.com/i", "region": "NA-CA-FTS-1", "size": 80 });
        let answer = json!({ "snapshot": minimal::snapshot() });
        let got = operation.exchange(post("/snapshots", body), (201, answer), |client| async move {
            let new = CreateSnapshot::new("s", "https://example.com/i", Region::NaCaFts1, 80);
            client.snapshots().create(new).await
        });
        assert_eq!(got.await, minimal::snapshot());
    }

    get_snapshot "GetSnapshot" |operation| {
        gets!(operation, "/snapshots/s-1", snapshots, "s-1", |snapshot| json!({ "snapshot": snapshot }));
    }

    update_snapshot "UpdateSnapshot" |operation| {
        let answer = json!({ "snapshot": full::snapshot() });
        let request = patch("/snapshots/s-1", json!({ "name": "n" }));
        let got = operation.exchange(request, (200, answer), |client| async move {
            client.snapshots().update("s-1", UpdateSnapshot::new().name("n")).await
        });
        assert_eq!(got.await, full::snapshot());
        let answer = json!({ "snapshot": minimal::snapshot() });
        let got = operation.exchange(patch("/snapshots/s-1", json!({})), (200, answer), |client| async move {
            client.snapshots().update("s-1", UpdateSnapshot::new()).await
        });
        assert_eq!(got.await, minimal::snapshot());
    }

    delete_snapshot "DeleteSnapshot" |operation| {
        deletes!(operation, "/snapshots/s-1", snapshots, "s-1");
    }

    clone_snapshot "CloneSnapshot" |operation| {
        for snapshot in [full::snapshot(), minimal::snapshot()] {
            let request = post("/snapshots/s-1/clone", json!({ "name": "copy", "region": "EUW-GB-MNC-1" }));
            let answer = json!({ "snapshot": snapshot });
            let got = operation.exchange(request, (201, answer), |client| async move {
                client.snapshots().clone_snapshot("s-1", CloneSnapshot::new("copy", Region::EuwGbMnc1)).await
            });
            assert_eq!(got.await, snapshot);
        }
    }

    list_ssh_keys "ListSSHKeysPaginated" |operation| {
        lists!(operation, "/ssh-keys", ssh_keys, ssh_key);
    }

    create_ssh_key "CreateSSHKey" |operation| {
        for ssh_key in [full::ssh_key(), minimal::ssh_key()] {
            let request = post("/ssh-keys", json!({ "name": "laptop", "value": "ssh-ed25519 AAAA me@laptop" }));
            let got = operation.exchange(request, (201, ssh_key.clone()), |client| async move {
                client.ssh_keys().create(CreateSshKey::new("laptop", "ssh-ed25519 AAAA me@laptop")).await
            });
            assert_eq!(got.await, ssh_key);
        }
    }

    get_ssh_key "GetSSHKey" |operation| {
        gets!(operation, "/ssh-keys/k-1", ssh_keys, "k-1", |ssh_key| ssh_key.clone());
    }

    update_ssh_key "UpdateSSHKey" |operation| {
        let request = patch("/ssh-keys/k-1", json!({ "name": "n" }));
        let got = operation.exchange(request, (200, full::ssh_key()), |client| async move {
            client.ssh_keys().update("k-1", UpdateSshKey::new().name("n")).await
        });
        assert_eq!(got.await, full::ssh_key());
        let request = patch("/ssh-keys/k-1", json!({}));
        let got = operation.exchange(request, (200, minimal::ssh_key()), |client| async move {
            client.ssh_keys().update("k-1", UpdateSshKey::new()).await
        });
        assert_eq!(got.await, minimal::ssh_key());
    }

    delete_ssh_key "DeleteSSHKey" |operation| {
        deletes!(operation, "/ssh-keys/k-1", ssh_keys, "k-1");
    }

    list_volumes "ListVolumesPaginated" |operation| {
        lists!(operation, "/volumes", volumes, volume);
    }

    create_volume "CreateVolume" |operation| {
        let body = json!({ "name": "data", "region": "NORD-NO-KRS-1", "size": 50, "description": "d", "type": "ssd" });
        let answer = json!({ "volume": full::volume() });
        let got = operation.exchange(post("/volumes", body), (201, answer), |client| async move {
            let new = CreateVolume::new("data", Region::NordNoKrs1, 50).description("d").type_(VolumeType::Ssd);
            client.volumes().create(new).await
        });
        assert_eq!(got.await, full::volume());
        let body = json!({ "name": "data", "region": "NORD-NO-KRS-1", "size": 50 });
        let answer = json!({ "volume": minimal::volume() });
        let got = operation.exchange(post("/volumes", body), (201, answer), |client| async move {
            client.volumes().create(CreateVolume::new("data", Region::NordNoKrs1, 50)).await
        });
        assert_eq!(got.await, minimal::volume());
    }

    get_volume "GetVolume" |operation| {
        gets!(operation, "/volumes/v-1", volumes, "v-1", |volume| json!({ "volume": volume }));
    }

    update_volume "UpdateVolume" |operation| {
        let answer = json!({ "volume": full::volume() });
        let body = json!({ "name": "n", "description": "d", "size": 100 });
        let got = operation.exchange(patch("/volumes/v-1", body), (200, answer), |client| async move {
            client.volumes().update("v-1", UpdateVolume::new().name("n").description("d").size(100)).await
        });
        assert_eq!(got.await, full::volume());
        let answer = json!({ "volume": minimal::volume() });
        let got = operation.exchange(patch("/volumes/v-1", json!({})), (200, answer), |client| async move {
            client.volumes().update("v-1", UpdateVolume::new()).await
        });
        assert_eq!(got.await, minimal::volume());
    }

    delete_volume "DeleteVolume" |operation| {
        deletes!(operation, "/volumes/v-1", volumes, "v-1");
    }
}
