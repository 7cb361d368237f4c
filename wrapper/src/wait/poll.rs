//! One poll for many waits: by listing, or one by one, whichever costs fewer requests.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use futures::{StreamExt, stream};

use super::condition::Observation;
use super::phase::Waitable;
use crate::core::Core;
use crate::error::Class;
use crate::list::{PageRequest, ReceivedPage, id_of, is_behind_the_last};
use crate::resource::in_flight::CreateTracker;
use crate::{ErrorKind, Result, resource};

/// The most items that a page can hold. The service may give fewer.
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
    /// Pages of the list, as counted last; `None` if not known, or too long ago.
    pages: Option<u64>,
    polls_since_count: u32,
    /// The ids in the list before, if it was read to its end.
    previous_ids: Option<HashSet<String>>,
}

/// An observation and how it was made.
#[derive(Clone, Debug)]
pub(super) struct Observed<T> {
    pub(super) observation: Observation<T>,
    /// When the request was begun that shows it.
    pub(super) requested: Instant,
    /// Whether a list had the resource.
    pub(super) is_listed: bool,
}

/// Receives the observation of each target as soon as it is made.
pub(super) type OnObservation<'a, T> = dyn Fn(Target, Observed<T>) + Send + Sync + 'a;

/// Called with `true` when the poll begins to read the list and after each page, and with `false` at its end.
pub(super) type OnList<'a> = dyn Fn(bool) + Send + Sync + 'a;

/// Observes all targets.
pub(super) async fn poll<T: Waitable>(
    core: &Core,
    history: &mut ListHistory,
    targets: Vec<Target>,
    on_list: &OnList<'_>,
    on_observation: &OnObservation<'_, T>,
) {
    let started = core.clock().now();
    let creates = core.shared::<CreateTracker>();
    let on_observation = &|target: Target, observed: Observed<T>| {
        let now = core.clock().now();
        let observation = match observed.observation {
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
        on_observation(target, Observed { observation, ..observed });
    };
    let mut open = OpenTargets::default();
    targets.into_iter().for_each(|target| open.0.entry(target.id.clone()).or_default().push(target));
    if !history.is_list_cheaper(open.len()) {
        history.previous_ids = None;
        return get_each(core, open, on_observation).await;
    }
    on_list(true);
    let listed = list(core, history, &mut open, on_list, on_observation).await;
    on_list(false);
    match listed {
        Ok(ListEnd::OnePage(listed)) => {
            open.report_gone(&listed, started, on_observation);
            get_each(core, open, on_observation).await;
        }
        Ok(ListEnd::ProvenComplete(pages, listed)) => {
            open.report_gone(&listed, started, on_observation);
            get_some(core, open, pages, on_observation).await;
        }
        Ok(ListEnd::MayHaveShifted(pages)) => get_some(core, open, pages, on_observation).await,
        Ok(ListEnd::TooExpensive) => get_each(core, open, on_observation).await,
        Err(error) if error.kind() == ErrorKind::Unauthenticated => {
            open.report_all(&Observation::Failed(Arc::new(error)), started, on_observation);
        }
        Err(error) if error.class().keeps_polling() => {
            open.report_all(&Observation::Inconclusive(Some(Arc::new(error))), started, on_observation);
        }
        Err(_) => {
            // The token may not list, or the response is not a list.
            *history = ListHistory { pages: Some(u64::MAX), ..ListHistory::default() };
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
            self.pages = None;
        }
        self.pages.is_none_or(|pages| pages < ids)
    }
}

/// Targets without an observation so far, by id; several waits may have the same.
#[derive(Debug, Default)]
struct OpenTargets(HashMap<String, Vec<Target>>);

impl OpenTargets {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// An item that cannot be decoded is left open, to be got by itself.
    fn report_page<T: Waitable>(&mut self, page: RequestedPage<T>, on_observation: &OnObservation<'_, T>) {
        for item in page.received.items.into_iter().flatten() {
            let mut targets = self.0.remove(item.id()).unwrap_or_default();
            let last = targets.pop();
            let observed =
                |item| Observed { observation: Observation::Found(item), requested: page.requested, is_listed: true };
            targets.into_iter().for_each(|target| on_observation(target, observed(item.clone())));
            if let Some(target) = last {
                on_observation(target, observed(item));
            }
        }
    }

    /// Reports those gone that the list lacks.
    fn report_gone<T: Waitable>(&mut self, listed: &Listed, requested: Instant, on_observation: &OnObservation<'_, T>) {
        let is_provable = |targets: &Vec<Target>| targets.iter().all(|target| target.can_be_proven_gone);
        let gone = self.0.extract_if(|id, targets| is_provable(targets) && !listed.ids.contains(id));
        let observed = Observed { observation: Observation::Gone, requested, is_listed: false };
        gone.flat_map(|(_, targets)| targets).for_each(|target| on_observation(target, observed.clone()));
    }

    fn report_all<T: Waitable>(
        self,
        observation: &Observation<T>,
        requested: Instant,
        on_observation: &OnObservation<'_, T>,
    ) {
        let observed = |observation| Observed { observation, requested, is_listed: false };
        self.0.into_values().flatten().for_each(|target| on_observation(target, observed(observation.clone())));
    }
}

/// The ids on the pages read, also those of items that cannot be decoded.
#[derive(Debug, Default)]
struct Listed {
    ids: HashSet<String>,
    /// Whether an item has no id, so that it may be any resource.
    has_item_without_id: bool,
}

impl Listed {
    /// Returns whether the page has an item that earlier pages had not.
    fn add<T: Waitable>(&mut self, page: &ReceivedPage<T>) -> bool {
        let before = self.ids.len();
        for item in &page.items {
            match id_of(item) {
                Some(id) => drop(self.ids.insert(id.to_owned())),
                None => self.has_item_without_id = true,
            }
        }
        self.ids.len() > before
    }
}

/// How the reading of a list ended. Holds the number of pages.
enum ListEnd {
    /// One page holds all items, so what it lacks does not exist.
    OnePage(Listed),
    /// All items that existed at its first page are known, so what is in neither this list nor the one before is gone.
    ProvenComplete(usize, Listed),
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
    on_list: &OnList<'_>,
    on_observation: &OnObservation<'_, T>,
) -> Result<ListEnd> {
    let previous_ids = history.previous_ids.take();
    let page_one = page::<T>(core, 1).await?;
    on_list(true);
    let first = &page_one.received;
    let size = first.items.len() as u64;
    // A `total_count` that is less than the items of the page is wrong, and so is one of more pages than can be asked for.
    let pages = |total: u64| u32::try_from(total.div_ceil(size.max(1)).max(1)).ok();
    let total = first.total_count.filter(|total| *total >= size).and_then(|total| Some((total, pages(total)?)));
    let is_full = size >= first.full_size();
    let mut listed = Listed::default();
    listed.add(first);
    open.report_page(page_one, on_observation);
    let Some((total, pages)) = total else {
        return list_without_total(core, history, open, listed, size, on_list, on_observation).await;
    };
    (history.pages, history.polls_since_count) = (Some(pages.into()), 0);
    // Behind a full last page there may be another one, if `total_count` is that of the page, or a cap.
    if size == total && !is_full && !listed.has_item_without_id {
        return Ok(ListEnd::OnePage(listed));
    }
    if open.len() < u64::from(pages) {
        return Ok(ListEnd::TooExpensive);
    }
    // A list ends before an empty page, whatever `total_count` says.
    let has_ended = AtomicBool::new(false);
    let numbers = (2..=pages).take_while(|_| !has_ended.load(Ordering::Relaxed));
    let mut rest = stream::iter(numbers).map(|number| page::<T>(core, number)).buffer_unordered(CONCURRENCY);
    while let Some(page) = rest.next().await {
        let page = page?;
        on_list(true);
        has_ended.fetch_or(page.received.items.is_empty(), Ordering::Relaxed);
        listed.add(&page.received);
        open.report_page(page, on_observation);
    }
    // What is in the previous list and in this one existed when this one began. If there were no more items then, all of
    // them are known, and what is in neither list is gone. (`list::verification` has the proof.)
    let known = previous_ids.map(|previous| previous.intersection(&listed.ids).count() as u64);
    history.previous_ids = Some(listed.ids.clone());
    let pages = pages as usize;
    let is_last_full = total.is_multiple_of(size.max(1));
    let is_proven = known == Some(total) && !is_last_full && !listed.has_item_without_id;
    Ok(if is_proven { ListEnd::ProvenComplete(pages, listed) } else { ListEnd::MayHaveShifted(pages) })
}

/// Reads on page by page where no `total_count` shows how many there are: until a page is smaller than the first or has
/// nothing new, or the remaining targets are cheaper one by one.
async fn list_without_total<T: Waitable>(
    core: &Core,
    history: &mut ListHistory,
    open: &mut OpenTargets,
    mut listed: Listed,
    size: u64,
    on_list: &OnList<'_>,
    on_observation: &OnObservation<'_, T>,
) -> Result<ListEnd> {
    let (mut pages, mut last_size) = (1, size);
    while last_size >= size && last_size > 0 {
        if open.len() <= u64::from(pages) {
            (history.pages, history.polls_since_count) = (Some(u64::from(pages) + 1), 0);
            return Ok(ListEnd::TooExpensive);
        }
        let page = page::<T>(core, pages + 1).await?;
        on_list(true);
        last_size = page.received.items.len() as u64;
        if !listed.add(&page.received) {
            break;
        }
        pages += 1;
        open.report_page(page, on_observation);
    }
    (history.pages, history.polls_since_count) = (Some(pages.into()), 0);
    Ok(ListEnd::MayHaveShifted(pages as usize))
}

/// A page, and when its request was begun.
struct RequestedPage<T> {
    received: ReceivedPage<T>,
    requested: Instant,
}

/// A page; an empty one if the service refuses it since it is behind the last.
async fn page<T: Waitable>(core: &Core, page: u32) -> Result<RequestedPage<T>> {
    let (request, requested) = (PageRequest { page, per_page: Some(PER_PAGE) }, core.clock().now());
    let received = match T::fetch(core, &T::Filter::default(), request).await {
        Err(error) if page > 1 && is_behind_the_last(&error) => ReceivedPage::behind_the_last(request),
        result => result?,
    };
    Ok(RequestedPage { received, requested })
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
    let (rest, now) = (OpenTargets(rest.into_iter().collect()), OpenTargets(now));
    rest.report_all(&Observation::Inconclusive(None), core.clock().now(), on_observation);
    get_each(core, now, on_observation).await;
}

async fn get_each<T: Waitable>(core: &Core, open: OpenTargets, on_observation: &OnObservation<'_, T>) {
    let get = |(id, targets): (String, Vec<Target>)| async move {
        let requested = core.clock().now();
        let observation = observation(resource::get::<T>(core, &id).await);
        let observed = Observed { observation, requested, is_listed: false };
        targets.into_iter().for_each(|target| on_observation(target, observed.clone()));
    };
    stream::iter(open.0).for_each_concurrent(CONCURRENCY, get).await;
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
