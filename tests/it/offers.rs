//! Offers: all instance types of all regions, what their names say, and what is reserved.

use std::collections::BTreeSet;

use genesiscloud::{ErrorKind, Offer, Region};
use genesiscloud_sandbox::{Data, Fault, FaultRule};
use genesiscloud_tests::fixtures::full;
use genesiscloud_tests::mock_api::{MockApi, MockResponse};
use genesiscloud_tests::sandbox::{client, stepped};
use serde_json::{Value, json};

#[tokio::test]
async fn every_type_of_every_region_is_an_offer_and_the_reserved_one_has_its_reservation() {
    let data = Data::realistic();
    let (listed, reserved) = (data.availability.clone(), data.reservations[0].clone());
    let sandbox = stepped(data).await;
    let offers = client(&sandbox).offers().await.unwrap();
    let expected: Vec<_> = listed
        .iter()
        .flat_map(|region| region.instance_types.iter().map(|one| (region.region.clone(), one.type_.clone())))
        .collect();
    let found: BTreeSet<_> = offers.iter().map(|it| (it.region.to_string(), it.instance_type.clone())).collect();
    assert_eq!((offers.len(), found.len()), (expected.len(), expected.len()));
    assert!(expected.iter().all(|(region, name)| found.contains(&(region.to_string(), name.clone()))));
    assert!(offers.iter().all(|offer| offer.spec.is_some()), "the sandbox has no other names");
    assert!(offers.iter().any(|offer| !offer.available), "those without capacity are offers too");
    let with_reservation: Vec<_> = offers.iter().filter(|offer| offer.reservation.is_some()).collect();
    let [offer] = with_reservation[..] else { panic!("{with_reservation:?}") };
    assert_eq!((&offer.region, &offer.instance_type), (&reserved.region, &reserved.flavor_name));
    assert_eq!(sandbox.recorded_requests().len(), Region::ALL.len() + 1);
}

/// The API with these instance types in its only region, and these reservations.
async fn api(types: Value, reservations: Value) -> MockApi {
    MockApi::responding_by(move |request| match &request.path {
        path if path.ends_with("/reservations") => MockResponse::json(200, &json!({ "reservations": reservations })),
        path if path.contains("NORD-NO-KRS-1") => {
            let region = json!({ "type": "instances", "region": "NORD-NO-KRS-1", "instance_types": types });
            MockResponse::json(200, &json!({ "availability": region }))
        }
        _ => MockResponse::json(400, &json!({ "code": "01001", "message": "no such region" })),
    })
    .await
}

fn shown(offers: &[Offer]) -> Vec<(&str, bool, Option<u64>, bool)> {
    let reserved = |offer: &Offer| offer.reservation.is_some();
    offers.iter().map(|one| (one.instance_type.as_str(), one.available, one.count, reserved(one))).collect()
}

#[tokio::test]
async fn counts_of_any_kind_regions_without_offers_and_unlisted_reservations_are_shown_as_they_are() {
    let mut reservation = full::reservation();
    (reservation["region"], reservation["flavor_name"]) = ("NORD-NO-KRS-1".into(), "reserved-only".into());
    let types = json!([
        { "type": "a", "available": true, "count": 2 },
        { "type": "b", "available": true },
        { "type": "c", "available": false, "count": -1 },
        { "type": "d", "available": true, "count": 1e30 },
    ]);
    let offers = api(types, json!([reservation])).await.client().offers().await.unwrap();
    assert_eq!(
        shown(&offers),
        [
            ("a", true, Some(2), false),
            ("b", true, None, false),
            ("c", false, None, false),
            ("d", true, Some(u64::MAX), false),
            ("reserved-only", false, None, true),
        ]
    );
    assert!(offers.iter().all(|offer| offer.spec.is_none()));
}

#[tokio::test]
async fn offers_of_chosen_regions_cost_a_request_for_each() {
    let mock = api(json!([]), json!([])).await.lenient();
    assert_eq!(mock.client().offers_in([Region::NordNoKrs1, "A-NEW-REGION-1".into()]).await.unwrap(), []);
    assert_eq!(mock.requests().len(), 3);
}

#[tokio::test]
async fn offers_that_would_be_incomplete_are_an_error() {
    for (operation, status) in [("GetInstancesAvailability", 503), ("GetReservations", 403)] {
        let sandbox = stepped(Data::realistic()).await;
        sandbox.faults().add(FaultRule::new(operation, Fault::status(status)).times(1)).unwrap();
        let error = client(&sandbox).offers().await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Server | ErrorKind::PermissionDenied), "{error}");
        assert_eq!(error.operation(), Some(operation));
    }
}
