//! The search for the result of a create whose response was lost.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use serde::Serialize;
use serde_json::Value;

use super::in_flight::CreateTracker;
use crate::call::Call;
use crate::core::Core;
use crate::list::private::Listable;
use crate::{Error, List, Result, Unconfirmed};

/// The delays before each search: the resource may appear some time after the response was lost.
const DELAYS: [Duration; 5] =
    [Duration::ZERO, Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8), Duration::from_secs(16)];

/// The number of further searches, with the last delay, while another create with the same name is in flight, whose result
/// the resource may be: as long as that create can take.
const MORE_SEARCHES: usize = 20;

/// How much older than the request its result may seem, if responses show the service's time.
const TOLERANCE: TimeDelta = TimeDelta::seconds(5);
/// The same if they do not.
const TOLERANCE_WITHOUT_SKEW: TimeDelta = TimeDelta::seconds(30);

/// Creates a resource. If the result is ambiguous, searches for the resource and adopts it.
pub(crate) fn create_or_recover<T>(core: &Core, create: Call<T>) -> Call<T>
where
    T: Listable<Filter: Default> + Serialize,
{
    let core = core.clone();
    Call::new(async move {
        match create.await {
            Err(error) if error.unconfirmed().is_some_and(|lost| lost.name().is_some()) => recover(&core, error).await,
            outcome => outcome,
        }
    })
}

async fn recover<T>(core: &Core, ambiguous: Error) -> Result<T>
where
    T: Listable<Filter: Default> + Serialize,
{
    let Some(lost) = ambiguous.unconfirmed().cloned() else { return Err(ambiguous) };
    let creates = core.shared::<CreateTracker>();
    let mut candidates = Ok(vec![]);
    let more = std::iter::repeat_n(DELAYS[DELAYS.len() - 1], MORE_SEARCHES);
    let may_be_another = || creates.has_in_flight::<T>(lost.name().unwrap_or_default());
    for delay in DELAYS.into_iter().chain(more.take_while(|_| may_be_another())) {
        core.clock().sleep(delay).await;
        let mut found = match search::<T>(core, &lost).await {
            Ok(found) => found,
            Err(error) => {
                candidates = Err(error);
                continue;
            }
        };
        let ids = found.iter().map(|item| item.id().to_owned()).collect();
        candidates = Ok(ids);
        if may_be_another() {
            // It may be the result of that create, whose response will show it.
            continue;
        }
        match found.pop() {
            None => {}
            Some(_) if !found.is_empty() => break,
            // Unless another search has adopted it.
            Some(only) if creates.claim(core.clock().now(), only.id()) => {
                tracing::info!("found the result of a create whose response was lost");
                return Ok(only);
            }
            Some(_) => {}
        }
    }
    Err(ambiguous.with_candidates(candidates))
}

/// Returns the resources that may be the result of the request: with its name and fields, not older than it, and not created
/// by another create of this client.
async fn search<T>(core: &Core, lost: &Unconfirmed) -> Result<Vec<T>>
where
    T: Listable<Filter: Default> + Serialize,
{
    // By the service's clock, as `created_at` is.
    let earliest = match core.clock_skew() {
        Some(skew) => lost.first_sent_at() + skew - TOLERANCE,
        None => lost.first_sent_at() - TOLERANCE_WITHOUT_SKEW,
    };
    let mut named = List::<T>::new(core, T::Filter::default()).per_page(100).verified();
    let mut found = vec![];
    while let Some(item) = named.try_next().await? {
        if may_be_result(&item, lost, earliest) && !core.shared::<CreateTracker>().knows(item.id()) {
            found.push(item);
        }
    }
    Ok(found)
}

fn may_be_result<T: Listable + Serialize>(item: &T, lost: &Unconfirmed, earliest: DateTime<Utc>) -> bool {
    let is_new = item.created_at() >= earliest;
    let is_named = Some(item.name()) == lost.name();
    is_named && is_new && serde_json::to_value(item).is_ok_and(|item| matches_fields(&item, lost))
}

/// Whether no field of the request differs. A field that the service returns in another form, such as an image, is not
/// compared.
fn matches_fields(item: &Value, lost: &Unconfirmed) -> bool {
    lost.fields().iter().all(|(name, sent)| item.get(name).is_none_or(|found| is_equal(name, sent, found)))
}

fn is_equal(name: &str, sent: &Value, found: &Value) -> bool {
    match (sent, found) {
        // The comment of an SSH key may differ.
        (Value::String(sent), Value::String(found)) if name == "value" => {
            sent.split_whitespace().take(2).eq(found.split_whitespace().take(2))
        }
        // Ids of related resources. The service may have added some.
        (Value::Array(sent), Value::Array(found)) => {
            sent.iter().all(|id| !id.is_string() || found.iter().any(|one| one["id"] == *id))
        }
        (_, Value::Object(_) | Value::Array(_)) => true,
        _ => found == sent,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_resource_matches_unless_a_field_differs() {
        let lost = |fields: Value| Unconfirmed {
            method: http::Method::POST,
            path: "/instances".into(),
            fields: fields.as_object().unwrap().clone(),
            first_sent_at: chrono::DateTime::UNIX_EPOCH,
            candidates: None,
        };
        let item = json!({
            "region": "R1", "size": 50, "image": { "id": "i" }, "description": null, "value": "ssh-ed25519 AAAA them",
            "ssh_keys": [{ "id": "k-1", "name": "one" }, { "id": "k-2", "name": "two" }],
        });
        for like in [
            json!({}),
            json!({ "region": "R1", "size": 50 }),
            json!({ "image": "ubuntu", "hostname": "h" }),
            json!({ "value": "ssh-ed25519  AAAA" }),
            json!({ "ssh_keys": ["k-2"] }),
        ] {
            assert!(matches_fields(&item, &lost(like.clone())), "{like}");
        }
        for unlike in [
            json!({ "region": "R2" }),
            json!({ "size": 51 }),
            json!({ "description": "mine" }),
            json!({ "value": "ssh-ed25519 BBBB them" }),
            json!({ "ssh_keys": ["k-1", "k-3"] }),
        ] {
            assert!(!matches_fields(&item, &lost(unlike.clone())), "{unlike}");
        }
    }
}
