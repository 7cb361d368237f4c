//! Methods that are another's shorthand: what they send.

use std::future::Future;

use genesiscloud::{Client, Result};
use serde_json::{Value, json};

use genesiscloud_tests::fixtures::full;
use genesiscloud_tests::wire::{Answer, Seen, Wire};

async fn sent<T, F: Future<Output = Result<T>>>(answer: Value, call: impl FnOnce(Client) -> F) -> Seen {
    let wire = Wire::answering(Answer::json(200, &answer)).await;
    call(wire.client()).await.unwrap();
    let [seen] = &wire.seen()[..] else { panic!("not one request") };
    seen.clone()
}

#[tokio::test]
async fn actions_have_a_method_each() {
    let path = "/compute/v1/instances/i-1/actions";
    for (seen, action) in [
        (sent(Value::Null, |client| async move { client.instances().start("i-1").await }).await, "start"),
        (sent(Value::Null, |client| async move { client.instances().stop("i-1").await }).await, "stop"),
        (sent(Value::Null, |client| async move { client.instances().reset("i-1").await }).await, "reset"),
    ] {
        assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", path));
        assert_eq!(seen.body, json!({ "action": action }));
    }
}

#[tokio::test]
async fn attaching_and_detaching_name_one_and_leave_the_others() {
    let answer = || json!({ "instance": full::instance() });
    let instances = |client: Client| client.instances();
    for (seen, body) in [
        (
            sent(answer(), |c| async move { instances(c).attach_volume("i-1", "v-9").await }).await,
            json!({ "volumes": { "attach": "v-9" } }),
        ),
        (
            sent(answer(), |c| async move { instances(c).detach_volume("i-1", "v-9").await }).await,
            json!({ "volumes": { "detach": "v-9" } }),
        ),
        (
            sent(answer(), |c| async move { instances(c).attach_security_group("i-1", "g-9").await }).await,
            json!({ "security_groups": { "attach": "g-9" } }),
        ),
        (
            sent(answer(), |c| async move { instances(c).detach_security_group("i-1", "g-9").await }).await,
            json!({ "security_groups": { "detach": "g-9" } }),
        ),
    ] {
        assert_eq!((seen.method.as_str(), seen.path.as_str()), ("PATCH", "/compute/v1/instances/i-1"));
        assert_eq!(seen.body, body);
    }
}

#[tokio::test]
async fn detaching_all_sends_empty_lists() {
    let change = genesiscloud::UpdateInstance::new().detach_all_volumes().detach_all_security_groups();
    let answer = json!({ "instance": full::instance() });
    let seen = sent(answer, |client| async move { client.instances().update("i-1", change).await }).await;
    assert_eq!(seen.body, json!({ "volumes": [], "security_groups": [] }));
}

#[tokio::test]
async fn ids_are_taken_in_any_form_that_reads_as_text() {
    let wire = Wire::answering(Answer::json(200, &json!({ "instance": full::instance() }))).await;
    let instances = wire.client().instances();
    let vm = instances.get("i-1").await.unwrap();
    instances.get(&vm.id).await.unwrap();
    instances.get(vm.id.clone()).await.unwrap();
    instances.get(std::borrow::Cow::from("i-1")).await.unwrap();
    instances.get(genesiscloud::Reference { id: vm.id, name: String::new(), extra: Default::default() }).await.unwrap();
    assert!(wire.seen().iter().all(|seen| seen.path == "/compute/v1/instances/i-1"));
}

#[tokio::test]
async fn calls_can_be_moved_to_other_tasks() {
    let wire = Wire::answering(Answer::json(200, &json!({ "volume": full::volume() }))).await;
    let volumes = wire.client().volumes();
    let raw = wire.client();
    let service = tokio::spawn(async move { volumes.get("v-1").await.map(|volume| volume.name) });
    let raw = tokio::spawn(async move { raw.raw().get_volume("v-1").await.map(|answer| answer.volume.name.clone()) });
    assert_eq!(service.await.unwrap().unwrap(), "data");
    assert_eq!(raw.await.unwrap().unwrap(), "data");
}

#[tokio::test]
async fn calls_can_be_made_of_temporaries_and_joined() {
    let wire = Wire::answering(Answer::json(200, &json!({ "volume": full::volume() }))).await;
    let client = wire.client();
    let ids = ["v-1".to_owned(), "v-2".to_owned()];
    let all = futures::future::try_join_all(ids.iter().map(|id| client.volumes().get(id))).await.unwrap();
    assert_eq!(all.len(), 2);
    let spawned = tokio::spawn(client.volumes().get(&ids[0]));
    let stored = client.volumes().get(&ids[1]);
    let (one, other) = tokio::try_join!(stored, client.volumes().get("v-3")).unwrap();
    assert_eq!((spawned.await.unwrap().unwrap(), one), (other, all[0].clone()));
    assert_eq!(wire.seen().len(), 5);

    drop(client.volumes().delete("v-1"));
    assert_eq!(wire.seen().len(), 5, "a call that is not awaited sends nothing");
}

#[tokio::test]
async fn raw_calls_carry_the_same_headers() {
    let wire = Wire::answering(Answer::json(204, &Value::Null)).await;
    let client = wire.client();
    client.raw().delete_volume("v-1").await.unwrap();
    client.volumes().delete("v-1").await.unwrap();
    let [raw, service] = &wire.seen()[..] else { panic!("not two requests") };
    assert_eq!(raw, service);
}
