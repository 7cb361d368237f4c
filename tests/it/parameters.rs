//! What the parameters of a create set beyond what the caller sets: a host name made of the name, and the billing type that a
//! reservation needs.

use genesiscloud::{CreateInstance, InstanceBillingType as Billing, Region};
use genesiscloud_tests::mock_api::MockApi;
use serde_json::{Value, json};

fn named(name: &str) -> CreateInstance {
    CreateInstance::new(name, "vcpu-4", "ubuntu-24.04", Region::NordNoKrs1).ssh_keys(["a-key"])
}

/// The body of the request that creates this.
async fn body_of(new: CreateInstance) -> Value {
    let mock = MockApi::new().await;
    mock.client().instances().create(new).await.unwrap_err();
    mock.requests().remove(0).body
}

#[tokio::test]
async fn a_host_name_is_derived_from_the_name_unless_one_is_set() {
    let body = body_of(named("My Trainer_1")).await;
    assert_eq!((&body["name"], &body["hostname"]), (&json!("My Trainer_1"), &json!("my-trainer-1")));
    let body = body_of(named("Größe 3.5 — läuft")).await;
    assert_eq!(body["hostname"], json!("gr-e-3-5-l-uft"));
    let body = body_of(named("My Trainer_1").hostname("As_It.is")).await;
    assert_eq!(body["hostname"], json!("As_It.is"));
}

#[tokio::test]
async fn a_reservation_is_billed_as_one_unless_another_billing_type_is_set() {
    let reserved = || named("a").reservation_id("r-1");
    for (new, billing) in [
        (reserved(), "reserved"),
        (reserved().billing_type(Billing::OnDemand), "on-demand"),
        (named("a").billing_type(Billing::PrepaidMonthly).reservation_id("r-1"), "prepaid-monthly"),
    ] {
        let body = body_of(new).await;
        assert_eq!((&body["reservation_id"], &body["billing_type"]), (&json!("r-1"), &json!(billing)));
    }
    assert_eq!(body_of(named("a")).await.get("billing_type"), None);
}
