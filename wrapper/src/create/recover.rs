//! Looking for what a create may have made whose answer was lost.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use serde::Serialize;
use serde_json::Value;

use crate::list::private::Listed;
use crate::{Client, Error, List, Pending, Result, Unconfirmed};

/// Pauses before the looks: what was asked for may appear some time after the answer was lost.
const PAUSES: [Duration; 5] =
    [Duration::ZERO, Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8), Duration::from_secs(16)];

/// While another create of the same name is under way, whose thing it may be, it is looked for so often more, with the last
/// pause: as long as that one can take.
const MORE_LOOKS: usize = 20;

/// How much older than the request a thing may seem, if the service's answers tell its time.
const CLOCKS_APART: TimeDelta = TimeDelta::seconds(5);
/// And if they do not.
const CLOCKS_UNKNOWN: TimeDelta = TimeDelta::seconds(30);

/// Creates; and if nobody can say whether that was done, looks for what it made and adopts it.
pub(crate) fn create_or_recover<T>(client: &Client, create: Pending<T>) -> Pending<T>
where
    T: Listed<Filter: Default> + Serialize,
{
    let client = client.clone();
    Pending::new(async move {
        match create.await {
            Err(error) if error.unconfirmed().is_some_and(|lost| lost.name().is_some()) => {
                recover(&client, error).await
            }
            outcome => outcome,
        }
    })
}

async fn recover<T>(client: &Client, error: Error) -> Result<T>
where
    T: Listed<Filter: Default> + Serialize,
{
    let Some(lost) = error.unconfirmed().cloned() else { return Err(error) };
    let creations = &client.made().creations;
    let mut seen = Ok(vec![]);
    let more = std::iter::repeat_n(PAUSES[PAUSES.len() - 1], MORE_LOOKS);
    let is_making = || creations.is_making::<T>(lost.name().unwrap_or_default());
    for pause in PAUSES.into_iter().chain(more.take_while(|_| is_making())) {
        client.clock().sleep(pause).await;
        let mut found = match look::<T>(client, &lost).await {
            Ok(found) => found,
            Err(trouble) => {
                seen = Err(trouble);
                continue;
            }
        };
        let ids = found.iter().map(|item| item.id().to_owned()).collect();
        seen = Ok(ids);
        if is_making() {
            // It may be the other's, whose answer will tell.
            continue;
        }
        match found.pop() {
            None => {}
            Some(_) if !found.is_empty() => break,
            // Unless another search was faster.
            Some(only) if creations.claim(client.clock().now(), only.id()) => {
                tracing::info!("a create whose answer was lost had been done; what it made was found");
                return Ok(only);
            }
            Some(_) => {}
        }
    }
    Err(error.looked_for(seen))
}

/// What the request may have made: of its name and fields, not older than it, and nobody else's here.
async fn look<T>(client: &Client, lost: &Unconfirmed) -> Result<Vec<T>>
where
    T: Listed<Filter: Default> + Serialize,
{
    // By the service's clock, which is that of `created_at`.
    let earliest = match client.clock_offset() {
        Some(offset) => lost.since() + offset - CLOCKS_APART,
        None => lost.since() - CLOCKS_UNKNOWN,
    };
    let mut named = List::<T>::new(client, T::Filter::default()).per_page(100).verified();
    let mut found = vec![];
    while let Some(item) = named.try_next().await? {
        if is_like(&item, lost, earliest) && !client.made().creations.knows(item.id()) {
            found.push(item);
        }
    }
    Ok(found)
}

fn is_like<T: Listed + Serialize>(item: &T, lost: &Unconfirmed, earliest: DateTime<Utc>) -> bool {
    let is_new = item.created_at() >= earliest;
    let is_named = Some(item.name()) == lost.name();
    is_named && is_new && serde_json::to_value(item).is_ok_and(|item| has_fields(&item, lost))
}

/// Whether no field of the request says otherwise. What the service answers with in another form, such as an image, says
/// nothing.
fn has_fields(item: &Value, lost: &Unconfirmed) -> bool {
    lost.fields().iter().all(|(name, asked)| item.get(name).is_none_or(|is| agrees(name, asked, is)))
}

fn agrees(name: &str, asked: &Value, is: &Value) -> bool {
    match (asked, is) {
        // The service may know an SSH key by another comment.
        (Value::String(asked), Value::String(is)) if name == "value" => {
            asked.split_whitespace().take(2).eq(is.split_whitespace().take(2))
        }
        // Ids of what belongs to it. The service may have added some.
        (Value::Array(asked), Value::Array(is)) => {
            asked.iter().all(|id| !id.is_string() || is.iter().any(|one| one["id"] == *id))
        }
        (_, Value::Object(_) | Value::Array(_)) => true,
        _ => is == asked,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_thing_is_alike_unless_a_field_says_otherwise() {
        let lost = |fields: Value| Unconfirmed {
            method: http::Method::POST,
            path: "/instances".into(),
            fields: fields.as_object().unwrap().clone(),
            since: chrono::DateTime::UNIX_EPOCH,
            found: None,
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
            assert!(has_fields(&item, &lost(like.clone())), "{like}");
        }
        for unlike in [
            json!({ "region": "R2" }),
            json!({ "size": 51 }),
            json!({ "description": "mine" }),
            json!({ "value": "ssh-ed25519 BBBB them" }),
            json!({ "ssh_keys": ["k-1", "k-3"] }),
        ] {
            assert!(!has_fields(&item, &lost(unlike.clone())), "{unlike}");
        }
    }
}
