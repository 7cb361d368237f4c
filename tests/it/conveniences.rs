//! Convenience methods, and the requests that they send.

use std::future::Future;

use genesiscloud::{Client, Result};
use serde_json::{Value, json};

use genesiscloud_tests::fixtures::full;
use genesiscloud_tests::mock_api::{MockApi, MockResponse, SentRequest};

/// Returns the only request that a call sends.
async fn request_of<T, F: Future<Output = Result<T>>>(response: Value, call: impl FnOnce(Client) -> F) -> SentRequest {
    let mock = MockApi::responding_with(MockResponse::json(200, &response)).await;
    call(mock.client()).await.unwrap();
    let [request] = &mock.requests()[..] else { panic!("expected one request") };
    request.clone()
}

#[tokio::test]
async fn start_stop_and_reset_send_the_action_of_their_name() {
    let path = "/compute/v1/instances/i-1/actions";
    for (request, action) in [
        (request_of(Value::Null, |client| async move { client.instances().start("i-1").await }).await, "start"),
        (request_of(Value::Null, |client| async move { client.instances().stop("i-1").await }).await, "stop"),
        (request_of(Value::Null, |client| async move { client.instances().reset("i-1").await }).await, "reset"),
    ] {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", path));
        assert_eq!(request.body, json!({ "action": action }));
    }
}

#[tokio::test]
async fn attach_and_detach_send_only_the_given_id() {
    let response = || json!({ "instance": full::instance() });
    let instances = |client: Client| client.instances();
    for (request, body) in [
        (
            request_of(response(), |c| async move { instances(c).attach_volume("i-1", "v-9").await }).await,
            json!({ "volumes": { "attach": "v-9" } }),
        ),
        (
            request_of(response(), |c| async move { instances(c).detach_volume("i-1", "v-9").await }).await,
            json!({ "volumes": { "detach": "v-9" } }),
        ),
        (
            request_of(response(), |c| async move { instances(c).attach_security_group("i-1", "g-9").await }).await,
            json!({ "security_groups": { "attach": "g-9" } }),
        ),
        (
            request_of(response(), |c| async move { instances(c).detach_security_group("i-1", "g-9").await }).await,
            json!({ "security_groups": { "detach": "g-9" } }),
        ),
    ] {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("PATCH", "/compute/v1/instances/i-1"));
        assert_eq!(request.body, body);
    }
}

#[tokio::test]
async fn detach_all_sends_empty_lists() {
    let change = genesiscloud::UpdateInstance::new().detach_all_volumes().detach_all_security_groups();
    let response = json!({ "instance": full::instance() });
    let request = request_of(response, |client| async move { client.instances().update("i-1", change).await }).await;
    assert_eq!(request.body, json!({ "volumes": [], "security_groups": [] }));
}

#[tokio::test]
async fn ids_are_accepted_as_any_type_of_string_and_as_resources_and_references() {
    let mock = MockApi::responding_with(MockResponse::json(200, &json!({ "instance": full::instance() }))).await;
    let instances = mock.client().instances();
    let vm = instances.get("i-1").await.unwrap();
    instances.get(&vm.id).await.unwrap();
    instances.get(&vm).await.unwrap();
    instances.get(vm.id.clone()).await.unwrap();
    instances.get(std::borrow::Cow::from("i-1")).await.unwrap();
    let mut reference = genesiscloud::Reference::example();
    reference.id = vm.id;
    instances.get(reference).await.unwrap();
    assert!(mock.requests().iter().all(|request| request.path == "/compute/v1/instances/i-1"));
}

#[tokio::test]
async fn calls_can_be_spawned_on_other_tasks() {
    let mock = MockApi::responding_with(MockResponse::json(200, &json!({ "volume": full::volume() }))).await;
    let volumes = mock.client().volumes();
    let client = mock.client();
    let wrapped = tokio::spawn(async move { volumes.get("v-1").await.map(|volume| volume.name) });
    let raw =
        tokio::spawn(async move { client.raw().get_volume("v-1").await.map(|response| response.volume.name.clone()) });
    assert_eq!(wrapped.await.unwrap().unwrap(), "data");
    assert_eq!(raw.await.unwrap().unwrap(), "data");
}

#[tokio::test]
async fn calls_borrow_nothing_and_send_nothing_until_awaited() {
    let mock = MockApi::responding_with(MockResponse::json(200, &json!({ "volume": full::volume() }))).await;
    let client = mock.client();
    let ids = ["v-1".to_owned(), "v-2".to_owned()];
    let all = futures::future::try_join_all(ids.iter().map(|id| client.volumes().get(id))).await.unwrap();
    assert_eq!(all.len(), 2);
    let spawned = tokio::spawn(client.volumes().get(&ids[0]));
    let stored = client.volumes().get(&ids[1]);
    let (stored, direct) = tokio::try_join!(stored, client.volumes().get("v-3")).unwrap();
    assert_eq!((spawned.await.unwrap().unwrap(), stored), (direct, all[0].clone()));
    assert_eq!(mock.requests().len(), 5);

    drop(client.volumes().delete("v-1"));
    assert_eq!(mock.requests().len(), 5, "a call that is not awaited sends nothing");
}

#[tokio::test]
async fn raw_calls_send_the_same_request_as_the_wrapper() {
    let mock = MockApi::responding_with(MockResponse::json(204, &Value::Null)).await;
    let client = mock.client();
    client.raw().delete_volume("v-1").await.unwrap();
    client.volumes().delete("v-1").await.unwrap();
    let [raw, wrapped] = &mock.requests()[..] else { panic!("expected two requests") };
    assert_eq!(raw, wrapped);
}
