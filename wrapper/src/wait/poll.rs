//! One poll for many waits: by listing, or one by one, whichever costs fewer requests.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::{StreamExt, stream};

use super::condition::Observation;
use super::phase::Waitable;
use crate::core::Core;
use crate::error::Class;
use crate::list::{Page, PageRequest};
use crate::resource::in_flight::CreateTracker;
use crate::{ErrorKind, Result, resource};

/// The most items that a page holds.
const PER_PAGE: u32 = 100;
/// Requests in flight at once; the client's rate limiter spreads them.
const CONCURRENCY: usize = 16;
/// Polls after which the account's size is determined again, while polling one by one is cheaper or the list fails.
const RECOUNT_AFTER: u32 = 30;

/// A resource to observe for one wait.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) subscriber: u64,
    pub(super) id: String,
    /// Whether a list without it can prove that it is gone: the wait is for that, and the id has the form in which lists show it.
    pub(super) can_be_proven_gone: bool,
    /// Consecutive polls in which the lists did not have it.
    pub(super) missed: u32,
    /// Whether this is the wait's last poll.
    pub(super) is_last: bool,
}

/// What earlier polls found out about the list, for those that follow.
#[derive(Debug, Default)]
pub(super) struct ListHistory {
    /// Items in the account, as counted last; `None` if not known, or too long ago.
    total: Option<u64>,
    polls_since_count: u32,
    /// The ids in the list before, if it was read to its end.
    previous_ids: Option<HashSet<String>>,
}

/// Receives the observation of each target as soon as it is made, and whether a list had it.
pub(super) type OnObservation<'a, T> = dyn Fn(Target, Observation<T>, bool) + Send + Sync + 'a;

/// Observes all targets.
pub(super) async fn poll<T: Waitable>(
    core: &Core,
    history: &mut ListHistory,
    targets: Vec<Target>,
    on_observation: &OnObservation<'_, T>,
) {
    let creates = core.shared::<CreateTracker>();
    let on_observation = &|target: Target, observation: Observation<T>, is_listed: bool| {
        let now = core.clock().now();
        let observation = match observation {
            // What this client has just created may not be known to every server yet.
            Observation::Gone if creates.is_propagating(now, &target.id, core.propagation_timeout()) => {
                Observation::Inconclusive(None)
            }
            Observation::Found(found) => {
                creates.observed(&target.id);
                Observation::Found(found)
            }
            observation => observation,
        };
        on_observation(target, observation, is_listed);
    };
    let mut open = OpenTargets::default();
    targets.into_iter().for_each(|target| open.0.entry(target.id.clone()).or_default().push(target));
    if !history.is_list_cheaper(open.len()) {
        history.previous_ids = None;
        return get_each(core, open, on_observation).await;
    }
    match list(core, history, &mut open, on_observation).await {
        Ok(ListEnd::OnePage) => {
            open.report_gone(on_observation);
            get_each(core, open, on_observation).await;
        }
        Ok(ListEnd::ProvenComplete(pages)) => {
            open.report_gone(on_observation);
            get_some(core, open, pages, on_observation).await;
        }
        Ok(ListEnd::MayHaveShifted(pages)) => get_some(core, open, pages, on_observation).await,
        Ok(ListEnd::TooExpensive) => get_each(core, open, on_observation).await,
        Err(error) if error.kind() == ErrorKind::Unauthenticated => {
            open.report_all(&Observation::Failed(Arc::new(error)), on_observation);
        }
        Err(error) if error.class().keeps_polling() => {
            open.report_all(&Observation::Inconclusive(Some(Arc::new(error))), on_observation);
        }
        Err(_) => {
            // Another item of the list may be the one that cannot be decoded, or the token may not list.
            *history = ListHistory { total: Some(u64::MAX), ..ListHistory::default() };
            get_each(core, open, on_observation).await;
        }
    }
}

impl ListHistory {
    /// Compares the number of pages with that of single requests. The account's size is not known at first, and ages.
    fn is_list_cheaper(&mut self, ids: u64) -> bool {
        if ids < 2 {
            return false;
        }
        self.polls_since_count += 1;
        if self.polls_since_count >= RECOUNT_AFTER {
            self.total = None;
        }
        self.total.is_none_or(|total| pages(total) < ids)
    }
}

/// Targets without an observation so far, by id; several waits may have the same.
#[derive(Debug, Default)]
struct OpenTargets(HashMap<String, Vec<Target>>);

impl OpenTargets {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn report_page<T: Waitable>(&mut self, page: Page<T>, on_observation: &OnObservation<'_, T>) {
        for item in page {
            let targets = self.0.remove(item.id()).unwrap_or_default();
            targets.into_iter().for_each(|target| on_observation(target, Observation::Found(item.clone()), true));
        }
    }

    fn report_gone<T: Waitable>(&mut self, on_observation: &OnObservation<'_, T>) {
        let is_provable = |targets: &Vec<Target>| targets.iter().all(|target| target.can_be_proven_gone);
        let gone = self.0.extract_if(|_, targets| is_provable(targets));
        gone.flat_map(|(_, targets)| targets).for_each(|target| on_observation(target, Observation::Gone, false));
    }

    fn report_all<T: Waitable>(self, observation: &Observation<T>, on_observation: &OnObservation<'_, T>) {
        self.0.into_values().flatten().for_each(|target| on_observation(target, observation.clone(), false));
    }
}

/// How the reading of a list ended. Holds the number of pages.
enum ListEnd {
    /// One page holds all items, so what it lacks does not exist.
    OnePage,
    /// All items that existed at its first page are known, so what is in neither this list nor the one before is gone.
    ProvenComplete(usize),
    /// Items may have moved between pages unseen.
    MayHaveShifted(usize),
    /// It was not read to its end, since the remaining targets are cheaper one by one.
    TooExpensive,
}

/// Reads the list, as long as that is the cheapest way, and reports the targets on it.
async fn list<T: Waitable>(
    core: &Core,
    history: &mut ListHistory,
    open: &mut OpenTargets,
    on_observation: &OnObservation<'_, T>,
) -> Result<ListEnd> {
    let previous_ids = history.previous_ids.take();
    let first = page::<T>(core, 1).await?;
    let total = first.total_count;
    let is_only_page = first.items.len() as u64 >= total;
    (history.total, history.polls_since_count) = (Some(total), 0);
    let mut ids: HashSet<_> = first.items.iter().map(|item| item.id().to_owned()).collect();
    open.report_page(first, on_observation);
    if is_only_page {
        return Ok(ListEnd::OnePage);
    }
    if open.len() < pages(total) {
        return Ok(ListEnd::TooExpensive);
    }
    let last = u32::try_from(pages(total)).unwrap_or(u32::MAX);
    let mut rest = stream::iter(2..=last).map(|number| page::<T>(core, number)).buffer_unordered(CONCURRENCY);
    while let Some(page) = rest.next().await {
        let page = page?;
        ids.extend(page.items.iter().map(|item| item.id().to_owned()));
        open.report_page(page, on_observation);
    }
    // What is in the previous list and in this one existed when this one began. If there were no more items then, all of
    // them are known, and what is in neither list is gone. (`list::verification` has the proof.)
    let known = previous_ids.map(|previous| previous.intersection(&ids).count() as u64);
    history.previous_ids = Some(ids);
    let pages = usize::try_from(pages(total)).unwrap_or(usize::MAX);
    Ok(if known == Some(total) { ListEnd::ProvenComplete(pages) } else { ListEnd::MayHaveShifted(pages) })
}

async fn page<T: Waitable>(core: &Core, page: u32) -> Result<Page<T>> {
    T::fetch(core, &T::Filter::default(), PageRequest { page, per_page: Some(PER_PAGE) }).await
}

/// Gets some of the resources that the list lacks: those polled for the last time, one other, and as many as the list has
/// pages of those that were missed before. The rest is left to the next poll.
async fn get_some<T: Waitable>(core: &Core, open: OpenTargets, pages: usize, on_observation: &OnObservation<'_, T>) {
    let OpenTargets(mut now) = open;
    let mut later: Vec<_> = now.extract_if(|_, targets| targets.iter().all(|target| !target.is_last)).collect();
    later.sort_by_key(|(_, targets)| std::cmp::Reverse(targets.iter().map(|target| target.missed).max()));
    let was_missed = |(_, targets): &&(String, Vec<Target>)| targets.iter().any(|target| target.missed > 0);
    let count = later.iter().filter(was_missed).count().clamp(1, pages).min(later.len());
    let rest = later.split_off(count);
    now.extend(later);
    OpenTargets(rest.into_iter().collect()).report_all(&Observation::Inconclusive(None), on_observation);
    get_each(core, OpenTargets(now), on_observation).await;
}

async fn get_each<T: Waitable>(core: &Core, open: OpenTargets, on_observation: &OnObservation<'_, T>) {
    let get = |(id, targets): (String, Vec<Target>)| async move {
        let observation = observation(resource::get::<T>(core, &id).await);
        targets.into_iter().for_each(|target| on_observation(target, observation.clone(), false));
    };
    stream::iter(open.0).for_each_concurrent(CONCURRENCY, get).await;
}

fn pages(total: u64) -> u64 {
    total.div_ceil(PER_PAGE.into()).max(1)
}

/// What the result of a get means.
fn observation<T>(result: Result<T>) -> Observation<T> {
    match result {
        Ok(resource) => Observation::Found(resource),
        Err(error) if error.class() == Class::NotFound => Observation::Gone,
        Err(error) if error.class().keeps_polling() => Observation::Inconclusive(Some(Arc::new(error))),
        Err(error) => Observation::Failed(Arc::new(error)),
    }
}
