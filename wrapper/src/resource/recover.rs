//! The search for the result of a create whose response was lost.
//!
//! A result is recognised by its [`Marker`], for certain. Without one, it is recognised by its name and fields, and by the
//! service's time: it is not older than the first attempt that may have been processed.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use serde_json::Value;

use super::Resource;
use super::in_flight::CreateTracker;
use super::marker::{has_marker, means_the_same};
use crate::core::Core;
use crate::ledger::Marker;
use crate::{Error, List, Result, Unconfirmed};

/// The delay before the second search, which doubles before each further one up to [`MAX_DELAY`].
const FIRST_DELAY: Duration = Duration::from_secs(2);
const MAX_DELAY: Duration = Duration::from_secs(16);

/// The number of further searches, with the longest delay, while another create with the same name is in flight, whose result
/// the resource may be: as long as that create can take.
const MORE_SEARCHES: usize = 20;

/// How much older than the first attempt its result may seem: the service's clocks differ, and a `Date` has whole seconds.
const TOLERANCE: TimeDelta = TimeDelta::seconds(5);

/// Searches for the result of a create if it is ambiguous.
pub(super) async fn or_recover<R: Resource>(core: &Core, outcome: Result<R>, marker: Option<&Marker>) -> Result<R> {
    match outcome {
        Err(error) if error.unconfirmed().is_some_and(|lost| lost.name().is_some()) => {
            recover(core, error, marker).await
        }
        outcome => outcome,
    }
}

async fn recover<R: Resource>(core: &Core, ambiguous: Error, marker: Option<&Marker>) -> Result<R> {
    let Some(lost) = ambiguous.unconfirmed().cloned() else { return Err(ambiguous) };
    let creates = core.shared::<CreateTracker>();
    let mut candidates = Ok(vec![]);
    let more = std::iter::repeat_n(MAX_DELAY, MORE_SEARCHES);
    let may_be_another = || marker.is_none() && creates.has_in_flight::<R>(lost.name().unwrap_or_default());
    for delay in delays(core.propagation_timeout()).chain(more.take_while(|_| may_be_another())) {
        core.clock().sleep(delay).await;
        let found = match search::<R>(core, &lost, marker).await {
            Ok(found) => found,
            Err(error) => {
                candidates = Err(error);
                continue;
            }
        };
        let Found { mut results, alike } = found;
        candidates = Ok(if results.is_empty() { alike } else { ids(&results) });
        if may_be_another() {
            // It may be the result of that create, whose response will show it.
            continue;
        }
        match results.pop() {
            None => {}
            Some(_) if !results.is_empty() => break,
            // Unless another search has adopted it.
            Some(only) if creates.claim(core.clock().now(), only.id()) => {
                creates.observed(only.id());
                tracing::info!("found the result of a create whose response was lost");
                return Ok(only);
            }
            Some(_) => {}
        }
    }
    Err(ambiguous.with_candidates(candidates))
}

/// The delays before each search: none, and then growing ones that add up to `timeout`.
pub(crate) fn delays(timeout: Duration) -> impl Iterator<Item = Duration> {
    let growing = std::iter::successors(Some(FIRST_DELAY), |delay| Some((*delay * 2).min(MAX_DELAY)));
    let within = growing.scan(timeout, |left, delay| {
        let delay = delay.min(*left);
        *left -= delay;
        (!delay.is_zero()).then_some(delay)
    });
    std::iter::once(Duration::ZERO).chain(within)
}

/// What a search found.
struct Found<R> {
    /// The resources that are results of the request, which is one unless an intermediary has repeated it.
    results: Vec<R>,
    /// The ids of others that are alike: they lack the marker, or it is not known whether they are older than the request.
    alike: Vec<String>,
}

/// Searches the whole list. An item that cannot be decoded makes the search fail: it may be the one.
async fn search<R: Resource>(core: &Core, lost: &Unconfirmed, marker: Option<&Marker>) -> Result<Found<R>> {
    let start = core.clock().now();
    let mut all = List::<R>::new(core, Default::default()).per_page(100).verified();
    let mut named = vec![];
    while let Some(item) = all.try_next().await? {
        if Some(item.name()) == lost.name() && !core.shared::<CreateTracker>().knows(item.id()) {
            named.push(item);
        }
    }
    let earliest = earliest(core, start, lost);
    let is_new = |item: &R| earliest.is_some_and(|earliest| item.created_at() >= earliest);
    let matches = |item: &R, except| serde_json::to_value(item).is_ok_and(|item| matches_fields(&item, lost, except));
    let (results, others): (Vec<_>, Vec<_>) = named.into_iter().partition(|item| match marker {
        Some(marker) => has_marker(item, marker),
        None => is_new(item) && matches(item, None),
    });
    let is_alike =
        |item: &R| (is_new(item) || earliest.is_none()) && matches(item, marker.map(|marker| &*marker.field));
    Ok(Found { results, alike: ids(others.iter().filter(|item| is_alike(item))) })
}

fn ids<'a, R: Resource + 'a>(items: impl IntoIterator<Item = &'a R>) -> Vec<String> {
    items.into_iter().map(|item| item.id().to_owned()).collect()
}

/// The earliest time, by the service's clock, at which the result can have been created. It is reckoned back from the `Date`
/// of a response that arrived during the search, by the monotonic clock; `None` if no response had one that can be believed.
fn earliest(core: &Core, search_started: Instant, lost: &Unconfirmed) -> Option<DateTime<Utc>> {
    let sent = lost.first_maybe_processed?;
    let reading = core.service_time_since(search_started)?;
    reading.at(sent).checked_sub_signed(TOLERANCE)
}

/// Whether the item has all fields of the request, with the same meaning. A field that it lacks does not agree.
fn matches_fields(item: &Value, lost: &Unconfirmed, except: Option<&str>) -> bool {
    let compared = lost.fields().iter().filter(|(name, _)| Some(name.as_str()) != except);
    compared.into_iter().all(|(name, sent)| item.get(name).is_some_and(|found| means_the_same(name, sent, found)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_delays_add_up_to_the_timeout() {
        let seconds = |timeout| delays(Duration::from_secs(timeout)).map(|delay| delay.as_secs()).collect::<Vec<_>>();
        assert_eq!(seconds(60), [0, 2, 4, 8, 16, 16, 14]);
        assert_eq!(seconds(5), [0, 2, 3]);
        assert_eq!(seconds(0), [0]);
    }

    #[test]
    fn a_resource_matches_if_it_has_all_fields() {
        let lost = |fields: Value| Unconfirmed {
            method: http::Method::POST,
            path: "/instances".into(),
            fields: fields.as_object().unwrap().clone(),
            first_sent_at: DateTime::UNIX_EPOCH,
            first_maybe_processed: None,
            candidates: None,
        };
        let item = json!({ "region": "R1", "size": 50, "description": null });
        assert!(matches_fields(&item, &lost(json!({})), None));
        assert!(matches_fields(&item, &lost(json!({ "region": "R1", "size": 50 })), None));
        for other in [json!({ "region": "R2" }), json!({ "description": "mine" }), json!({ "hostname": "h" })] {
            assert!(!matches_fields(&item, &lost(other.clone()), None), "{other}");
        }
        assert!(matches_fields(&item, &lost(json!({ "region": "R1", "hostname": "h" })), Some("hostname")));
    }
}
