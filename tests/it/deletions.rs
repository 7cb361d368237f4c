//! `delete_when_possible`: what is waited out, what ends it, and what it costs.

use std::time::Duration;

use genesiscloud::{
    Client, Clock, CreateFloatingIp, CreateInstance, CreateSecurityGroup, CreateSshKey, CreateVolume, Deletion, Error,
    ErrorCode, ErrorKind, Result, UpdateInstance,
};
use genesiscloud_sandbox::{Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::fixtures::full;
use genesiscloud_tests::mock_api::{MockApi, MockResponse};
use genesiscloud_tests::sandbox::{KRS, PUBLIC_KEY, SMALL, stepped};
use genesiscloud_tests::time::Time;
use serde_json::{Value, json};

const SECOND: Duration = Duration::from_secs(1);

struct Account {
    sandbox: Sandbox,
    time: Time,
    client: Client,
}

impl Account {
    async fn new() -> Self {
        let sandbox = stepped(Data::new()).await;
        let time = Time::of(&sandbox);
        let client = time.client(&sandbox);
        Self { sandbox, time, client }
    }

    fn add(&self, rule: FaultRule) {
        self.sandbox.faults().add(rule).unwrap();
    }

    fn sent(&self, operation: &str) -> usize {
        let requests = self.sandbox.recorded_requests();
        requests.iter().filter(|request| request.operation.as_deref() == Some(operation)).count()
    }

    async fn volume(&self) -> String {
        let disk = self.client.volumes().create(CreateVolume::new("data", KRS, 50)).await.unwrap();
        self.client.volumes().wait(&disk).await.unwrap().id
    }

    async fn active(&self, change: impl FnOnce(CreateInstance) -> CreateInstance) -> String {
        let new = CreateInstance::new("user", SMALL, "ubuntu-24.04", KRS).password("Passw0rd");
        let vm = self.client.instances().create(change(new)).await.unwrap();
        self.client.instances().wait(&vm).await.unwrap().id
    }
}

/// A deletion of each kind.
fn each(client: &Client) -> [Deletion; 7] {
    [
        client.instances().delete_when_possible("an-id"),
        client.volumes().delete_when_possible("an-id"),
        client.snapshots().delete_when_possible("an-id"),
        client.filesystems().delete_when_possible("an-id"),
        client.ssh_keys().delete_when_possible("an-id"),
        client.security_groups().delete_when_possible("an-id"),
        client.floating_ips().delete_when_possible("an-id"),
    ]
}

fn api_error(status: u16, code: &str) -> MockResponse {
    MockResponse::json(status, &json!({ "code": code, "message": "no" }))
}

#[tokio::test]
async fn an_absent_resource_of_any_kind_is_deleted_and_a_rejection_that_stays_ends_it() {
    let kind = |result: Result<()>| result.map_err(|error: Error| error.kind());
    for (response, expected, requests) in [
        // The deletion, and the poll that shows that it is gone.
        (api_error(404, "02021"), Ok(()), 14),
        (api_error(403, "02043"), Err(ErrorKind::PermissionDenied), 7),
        (api_error(403, "02038"), Err(ErrorKind::Conflict), 7),
        (api_error(403, "02024"), Err(ErrorKind::PermissionDenied), 7),
    ] {
        let mock = MockApi::responding_with(response).await;
        for deletion in each(&mock.client()) {
            assert_eq!(kind(deletion.await), expected);
        }
        assert_eq!(mock.requests().len(), requests, "{expected:?}");
    }
}

#[tokio::test]
async fn a_key_that_was_just_created_is_not_taken_for_absent() {
    let mut created = full::ssh_key();
    created["id"] = "k-9".into();
    let mock = MockApi::new().await;
    let (not_found, deleted) = (|| api_error(404, "02047"), MockResponse::json(204, &Value::Null));
    mock.respond_in_turn([MockResponse::json(201, &created), not_found(), not_found(), deleted, not_found()]);
    let client = mock.client();
    let key = client.ssh_keys().create(CreateSshKey::new("laptop", PUBLIC_KEY)).await.unwrap();
    // Reads may not show it yet, so a 404 proves nothing until the deletion is accepted, nor does that of the last read.
    let deletion = client.ssh_keys().delete_when_possible(&key).within(Duration::ZERO);
    assert_eq!(deletion.await.unwrap_err().kind(), ErrorKind::NotFound);
    client.ssh_keys().delete_when_possible(&key).await.unwrap();
    assert_eq!(mock.requests().len(), 5);
}

#[tokio::test]
async fn what_an_instance_uses_is_deleted_once_the_instance_is_gone() {
    let account = Account::new().await;
    let Account { sandbox, time, client } = &account;
    time.run(async {
        let disk = account.volume().await;
        let group = client.security_groups().create(CreateSecurityGroup::new("web", KRS, [])).await.unwrap();
        let ip = client.floating_ips().create(CreateFloatingIp::new("entry", KRS)).await.unwrap();
        client.security_groups().wait(&group).await.unwrap();
        client.floating_ips().wait(&ip).await.unwrap();
        let vm = account.active(|new| new.volumes([&disk]).security_groups([&group]).floating_ip(&ip)).await;
        let meanwhile = async {
            time.sleep(60 * SECOND).await;
            assert_eq!(sandbox.data().volumes.len(), 1);
            client.instances().delete(&vm).await.unwrap();
        };
        let (volumes, groups, ips) = (client.volumes(), client.security_groups(), client.floating_ips());
        let (first, second, third, ()) = tokio::join!(
            volumes.delete_when_possible(&disk),
            groups.delete_when_possible(&group),
            ips.delete_when_possible(&ip),
            meanwhile,
        );
        [first, second, third].into_iter().for_each(Result::unwrap);
    })
    .await;
    let data = sandbox.data();
    assert!(data.volumes.is_empty() && data.floating_ips.is_empty(), "{:?}", data.volumes);
    assert!(!data.security_groups.iter().any(|group| group.name == "web"));
}

#[tokio::test]
async fn an_instance_is_deleted_as_soon_as_it_can_be() {
    let account = Account::new().await;
    account
        .time
        .run(async {
            let new = CreateInstance::new("early", SMALL, "ubuntu-24.04", KRS).password("Passw0rd");
            let vm = account.client.instances().create(new).await.unwrap();
            account.client.instances().delete_when_possible(&vm).await.unwrap();
        })
        .await;
    assert_eq!((account.sandbox.data().instances.len(), account.sent("DeleteInstance")), (0, 2));
    assert!(account.time.passed() < 46 * SECOND, "30 s to come, 10 s to go: {:?}", account.time.passed());
}

#[tokio::test]
async fn a_protected_instance_is_not_waited_for() {
    let account = Account::new().await;
    let (started, outcome) = account
        .time
        .run(async {
            let vm = account.active(|new| new).await;
            let protect = UpdateInstance::new().is_protected(true);
            account.client.instances().update(&vm, protect).await.unwrap();
            (account.time.passed(), account.client.instances().delete_when_possible(&vm).await)
        })
        .await;
    assert_eq!(outcome.unwrap_err().code(), Some(&ErrorCode::TerminationProtected));
    assert_eq!((account.time.passed() - started, account.sent("DeleteInstance")), (Duration::ZERO, 1));
}

#[tokio::test]
async fn a_resource_in_use_is_waited_for_no_longer_than_the_limit() {
    // The attempts begin 2 s after one another, then 4, 8, 16 and 30; the last one is at the limit.
    for (within, attempts) in [(None, 44), (Some(60), 6), (Some(1), 2), (Some(0), 1)] {
        let account = Account::new().await;
        let disk = account.time.run(account.volume()).await;
        account.add(FaultRule::new("DeleteVolume", Fault::error_code("02022")).always());
        let (started, polls) = (account.time.passed(), account.sent("GetVolume"));
        let deletion = account.client.volumes().delete_when_possible(&disk);
        let deletion = match within {
            Some(seconds) => deletion.within(seconds * SECOND),
            None => deletion,
        };
        let error = account.time.run(deletion).await.unwrap_err();
        assert_eq!(error.code(), Some(&ErrorCode::VolumeAttached));
        let limit = within.map_or(1200 * SECOND, |seconds| seconds * SECOND);
        assert_eq!((account.time.passed() - started, account.sent("DeleteVolume")), (limit, attempts), "{within:?}");
        assert_eq!(account.sent("GetVolume") - polls, attempts - 1, "{within:?}: one poll after each but the last");
    }
}

#[tokio::test]
async fn whatever_is_temporary_is_waited_out() {
    for (fault, times) in [
        (Fault::status(503), 9),
        (Fault::status(404).html(), 3),
        (Fault::ResetBeforeRequest, 9),
        (Fault::ResetAfterProcessing, 9),
        (Fault::Delay(3600 * SECOND), 3),
        // A success that is not the API's.
        (Fault::status(204).empty(), 2),
    ] {
        for operation in ["DeleteVolume", "DeleteSSHKey"] {
            let account = Account::new().await;
            let (disk, key) = account
                .time
                .run(async {
                    let key = CreateSshKey::new("laptop", PUBLIC_KEY);
                    (account.volume().await, account.client.ssh_keys().create(key).await.unwrap())
                })
                .await;
            account.add(FaultRule::new(operation, fault.clone()).times(times));
            let volume = account.client.volumes().delete_when_possible(&disk);
            let key = account.client.ssh_keys().delete_when_possible(&key);
            let (volume, key) = account.time.run(futures::future::join(volume, key)).await;
            assert!(volume.is_ok() && key.is_ok(), "{operation} {fault}: {volume:?} {key:?}");
            let data = account.sandbox.data();
            assert!(data.volumes.is_empty() && data.ssh_keys.is_empty(), "{operation} {fault}");
        }
    }
}
