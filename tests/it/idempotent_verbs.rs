//! Verbs that a program may repeat: deleting what may be gone, and having an SSH key that may exist.

use genesiscloud::{Call, Client, CreateSshKey, Error, ErrorKind, Result};
use genesiscloud_sandbox::Data;
use genesiscloud_tests::fixtures::{full, page};
use genesiscloud_tests::mock_api::{MockApi, MockResponse};
use genesiscloud_tests::sandbox::{PUBLIC_KEY, client, new_account, stepped};
use serde_json::{Value, json};

const NOT_FOUND: &str = "02047";

/// Deletes one of each kind if it exists.
fn each_deletion(client: &Client) -> [Call<bool>; 7] {
    [
        client.instances().delete_if_exists("an-id"),
        client.volumes().delete_if_exists("an-id"),
        client.snapshots().delete_if_exists("an-id"),
        client.filesystems().delete_if_exists("an-id"),
        client.ssh_keys().delete_if_exists("an-id"),
        client.security_groups().delete_if_exists("an-id"),
        client.floating_ips().delete_if_exists("an-id"),
    ]
}

fn error_body(code: &str) -> Value {
    json!({ "code": code, "message": "no" })
}

#[tokio::test]
async fn a_deletion_says_whether_the_resource_existed() {
    let html = MockResponse::new(404, "text/html", "<h1>Not Found</h1>");
    let kind = |result: Result<bool>| result.map_err(|error: Error| error.kind());
    for (response, expected) in [
        (MockResponse::json(204, &Value::Null), Ok(true)),
        (MockResponse::json(404, &error_body(NOT_FOUND)), Ok(false)),
        (MockResponse::json(409, &error_body("09999")), Err(ErrorKind::Conflict)),
        (MockResponse::json(403, &error_body("09999")), Err(ErrorKind::PermissionDenied)),
        (html, Err(ErrorKind::NotFound)),
    ] {
        let mock = MockApi::responding_with(response).await;
        for deletion in each_deletion(&mock.client()) {
            assert_eq!(kind(deletion.await), expected);
        }
        assert_eq!(mock.requests().len(), 7);
    }
}

#[tokio::test]
async fn a_resource_that_was_just_created_is_not_taken_for_absent() {
    let mut created = full::ssh_key();
    created["id"] = "k-9".into();
    let mock = MockApi::new().await;
    mock.respond_in_turn([MockResponse::json(201, &created), MockResponse::json(404, &error_body(NOT_FOUND))]);
    let client = mock.client();
    let key = client.ssh_keys().create(CreateSshKey::new("laptop", PUBLIC_KEY)).await.unwrap();
    assert_eq!(client.ssh_keys().delete_if_exists(&key.id).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn an_ssh_key_is_created_once_however_often_it_is_ensured() {
    let (sandbox, client) = new_account().await;
    let keys = client.ssh_keys();
    let first = keys.ensure(CreateSshKey::new("laptop", PUBLIC_KEY)).await.unwrap();
    let other_comment = PUBLIC_KEY.replace("laptop@sandbox.invalid", "desktop");
    for (name, value) in [("laptop", PUBLIC_KEY), ("another", &other_comment)] {
        let again = keys.ensure(CreateSshKey::new(name, value)).await.unwrap();
        assert_eq!((again.id, again.name), (first.id.clone(), "laptop".to_owned()));
    }
    assert_eq!(keys.list().total_count().await.unwrap(), 1);
    let sent: Vec<_> = sandbox.recorded_requests().into_iter().map(|request| request.method).collect();
    assert_eq!(sent, ["GET", "POST", "GET", "GET", "GET"]);
}

#[tokio::test]
async fn of_several_keys_with_the_same_material_the_oldest_is_taken() {
    let key = |id: &str, created: &str| {
        let mut key = full::ssh_key();
        (key["id"], key["created_at"]) = (id.into(), created.into());
        key
    };
    let all = [
        key("k-3", "2025-01-01T00:00:03.000Z"),
        key("k-2", "2025-01-01T00:00:01.000Z"),
        key("k-1", "2025-01-01T00:00:02.000Z"),
    ];
    let mock = MockApi::responding_with(MockResponse::json(200, &page("ssh_keys", &all, 1, 100, 3))).await;
    let found = mock.client().ssh_keys().ensure(CreateSshKey::new("x", "ssh-ed25519 AAAA")).await.unwrap();
    assert_eq!((found.id.as_str(), mock.requests().len()), ("k-2", 1));
}

#[tokio::test]
async fn a_key_that_appears_meanwhile_is_found_after_the_conflict() {
    let list = |keys: &[Value]| MockResponse::json(200, &page("ssh_keys", keys, 1, 100, keys.len()));
    for (second, expected) in [(vec![full::ssh_key()], Ok("k-1".to_owned())), (vec![], Err(ErrorKind::Conflict))] {
        let mock = MockApi::new().await;
        mock.respond_in_turn([list(&[]), MockResponse::json(409, &error_body("09999")), list(&second)]);
        let ensured = mock.client().ssh_keys().ensure(CreateSshKey::new("laptop", "ssh-ed25519 AAAA me@laptop")).await;
        assert_eq!(ensured.map(|key| key.id).map_err(|error| error.kind()), expected);
        assert_eq!(mock.requests().len(), 3);
    }
}

#[tokio::test]
async fn what_is_no_public_key_is_refused_before_any_request() {
    let mock = MockApi::new().await;
    for value in ["", "ssh-ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE", "ssh-rsa A\nssh-rsa B"]
    {
        let error = mock.client().ssh_keys().ensure(CreateSshKey::new("laptop", value)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{value}");
    }
    assert_eq!(mock.requests(), []);
}

#[tokio::test]
async fn items_are_found_by_the_start_of_their_names() {
    let mut data = Data::new().with_instances(120);
    for (number, name) in [(3, "job-1-a"), (60, "job-1-b"), (100, "job-10-a"), (110, "Job-1-c")] {
        data.instances[number].name = name.into();
    }
    let sandbox = stepped(data).await;
    let client = client(&sandbox);
    let found = client.instances().list().find_by_prefix("job-1-").into_vec().await.unwrap();
    assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["job-1-a", "job-1-b"]);
    let before = sandbox.recorded_requests().len();
    let mut all = client.instances().list().find_by_prefix("");
    assert_eq!(all.next().await.unwrap().unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(all.next().await.is_none());
    assert_eq!(sandbox.recorded_requests().len(), before);
}

#[tokio::test]
async fn lists_are_read_without_the_futures_crate() {
    let sandbox = stepped(Data::new().with_instances(120)).await;
    let client = client(&sandbox);
    let all = client.instances().list().into_vec().await.unwrap();
    let mut list = client.instances().list();
    let mut one_by_one = Vec::new();
    while let Some(instance) = list.next().await {
        one_by_one.push(instance.unwrap());
    }
    let mut pages = client.instances().list().pages();
    let mut counts = Vec::new();
    while let Some(page) = pages.next().await {
        counts.push(page.unwrap().items.len());
    }
    assert_eq!((all.len(), &all, counts), (120, &one_by_one, vec![50, 50, 20]));
    assert_eq!(client.volumes().list().into_vec().await.unwrap(), []);
}
