//! What the parameters of a create set beyond what the caller sets: a host name made of the name, and the billing type that a
//! reservation needs. And that all of them take a region alike.

use genesiscloud::{
    CloneSnapshot, CreateFilesystem, CreateFloatingIp, CreateInstance, CreateSecurityGroup, CreateSnapshot,
    CreateVolume, InstanceBillingType as Billing, Region,
};
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

/// What an offer or an instance has as its region is taken by `new` and by a setter, of all that is created in a region.
#[test]
fn all_that_is_created_in_a_region_takes_it_in_the_same_ways() {
    macro_rules! assert_region {
        ($($new:expr),+ $(,)?) => {
            $(
                let (new, old): (fn(Region) -> _, _) = ($new, Region::EucDeMuc1);
                let moved = new(old).region(Region::NordNoKrs1);
                assert_eq!((&moved, &moved.body().region), (&new(Region::NordNoKrs1), &Region::NordNoKrs1));
            )+
        };
    }
    assert_region!(
        |region| CreateInstance::new("a", "vcpu-4", "ubuntu-24.04", region),
        |region| CreateVolume::new("a", region, 50),
        |region| CreateFilesystem::new("a", region, 50),
        |region| CreateSnapshot::new("a", "https://example.com/disk", region, 80),
        |region| CloneSnapshot::new("a", region),
        |region| CreateFloatingIp::new("a", region),
        |region| CreateSecurityGroup::new("a", region, []),
    );
}
