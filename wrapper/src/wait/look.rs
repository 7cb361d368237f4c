//! One look for many: by a list of all there is, or one by one, whichever costs fewer requests.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::{StreamExt, stream};

use super::awaited::Awaited;
use super::goal::Sight;
use crate::list::{Page, PageRequest};
use crate::{Client, Error, ErrorKind, Result};

/// The most a page holds.
const PER_PAGE: u32 = 100;
/// Requests under way at once; the client's limit spreads them.
const AT_ONCE: usize = 16;
/// Looks after which the size of the account is asked for again, while one by one is cheaper or the list cannot be read.
const COUNTED_EVERY: u32 = 30;

/// One of those that are looked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) number: u64,
    pub(super) id: String,
    /// Whether a list without it can be the answer: it is to be gone, and its id is as lists show them.
    pub(super) can_be_told_gone: bool,
    /// Looks in a row in which the lists did not have it.
    pub(super) missed: u32,
    /// Whether there is no next look.
    pub(super) is_last: bool,
}

/// What looks teach about the next ones.
#[derive(Debug, Default)]
pub(super) struct Knowledge {
    /// Items in the account when they were counted last; none if that is not known, or too long ago.
    total: Option<u64>,
    looks_since_count: u32,
    /// What the list before held, if it was read to its end.
    before: Option<HashSet<String>>,
}

/// Told of each what was seen, as soon as it is, and whether that was in a list.
pub(super) type Tell<'a, T> = dyn Fn(Asked, Sight<T>, bool) + Send + Sync + 'a;

/// Looks for all of these.
pub(super) async fn look<T: Awaited>(
    client: &Client,
    knowledge: &mut Knowledge,
    asked: Vec<Asked>,
    tell: &Tell<'_, T>,
) {
    let mut looked_for = LookedFor::default();
    asked.into_iter().for_each(|asked| looked_for.0.entry(asked.id.clone()).or_default().push(asked));
    if !knowledge.is_list_cheaper(looked_for.len()) {
        knowledge.before = None;
        return one_by_one(client, looked_for, tell).await;
    }
    match list(client, knowledge, &mut looked_for, tell).await {
        Ok(End::Whole) => {
            looked_for.told_gone(tell);
            one_by_one(client, looked_for, tell).await;
        }
        Ok(End::Certain(pages)) => {
            looked_for.told_gone(tell);
            look_closer(client, looked_for, pages, tell).await;
        }
        Ok(End::Uncertain(pages)) => look_closer(client, looked_for, pages, tell).await,
        Ok(End::Dear) => one_by_one(client, looked_for, tell).await,
        Err(error) if error.kind() == ErrorKind::Unauthenticated => {
            looked_for.all(&Sight::Refused(Arc::new(error)), tell);
        }
        Err(error) if is_passing(&error) => looked_for.all(&Sight::Nothing(Some(Arc::new(error))), tell),
        Err(_) => {
            // Another item of the list may be what cannot be read, or lists what may not be.
            *knowledge = Knowledge { total: Some(u64::MAX), ..Knowledge::default() };
            one_by_one(client, looked_for, tell).await;
        }
    }
}

impl Knowledge {
    /// Pages against single requests. The size of the account is not known at first, and ages.
    fn is_list_cheaper(&mut self, ids: u64) -> bool {
        if ids < 2 {
            return false;
        }
        self.looks_since_count += 1;
        if self.looks_since_count >= COUNTED_EVERY {
            self.total = None;
        }
        self.total.is_none_or(|total| pages(total) < ids)
    }
}

/// Those that have not been seen yet, by id; several may wait for one.
#[derive(Debug, Default)]
struct LookedFor(HashMap<String, Vec<Asked>>);

impl LookedFor {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// Tells of those on a page.
    fn seen<T: Awaited>(&mut self, page: Page<T>, tell: &Tell<'_, T>) {
        for item in page {
            let asked = self.0.remove(item.id()).unwrap_or_default();
            asked.into_iter().for_each(|asked| tell(asked, Sight::There(item.clone()), true));
        }
    }

    fn told_gone<T: Awaited>(&mut self, tell: &Tell<'_, T>) {
        let can_be_told = |asked: &Vec<Asked>| asked.iter().all(|asked| asked.can_be_told_gone);
        let gone = self.0.extract_if(|_, asked| can_be_told(asked));
        gone.flat_map(|(_, asked)| asked).for_each(|asked| tell(asked, Sight::Gone, false));
    }

    fn all<T: Awaited>(self, sight: &Sight<T>, tell: &Tell<'_, T>) {
        self.0.into_values().flatten().for_each(|asked| tell(asked, sight.clone(), false));
    }
}

/// How a list came out, of so many pages.
enum End {
    /// One page holds all there is, so what it lacks is not there.
    Whole,
    /// Neither did the list before have what this one lacks, and nothing else was there.
    Certain(usize),
    /// A page may have shifted.
    Uncertain(usize),
    /// It was not read to its end, since the rest is cheaper one by one.
    Dear,
}

/// Reads the list, as far as it is the cheapest way, and tells of all on it.
async fn list<T: Awaited>(
    client: &Client,
    knowledge: &mut Knowledge,
    looked_for: &mut LookedFor,
    tell: &Tell<'_, T>,
) -> Result<End> {
    let before = knowledge.before.take();
    let first = page::<T>(client, 1).await?;
    let total = first.total_count;
    let is_whole = first.items.len() as u64 >= total;
    (knowledge.total, knowledge.looks_since_count) = (Some(total), 0);
    let mut ids: HashSet<_> = first.items.iter().map(|item| item.id().to_owned()).collect();
    looked_for.seen(first, tell);
    if is_whole {
        return Ok(End::Whole);
    }
    if looked_for.len() < pages(total) {
        return Ok(End::Dear);
    }
    let last = u32::try_from(pages(total)).unwrap_or(u32::MAX);
    let mut rest = stream::iter(2..=last).map(|number| page::<T>(client, number)).buffer_unordered(AT_ONCE);
    while let Some(page) = rest.next().await {
        let page = page?;
        ids.extend(page.items.iter().map(|item| item.id().to_owned()));
        looked_for.seen(page, tell);
    }
    // What came in the list before and in this one was there when this one began: if that is all there was then, what is in
    // neither is gone. (`list::verification` says why.)
    let known = before.map(|before| before.intersection(&ids).count() as u64);
    knowledge.before = Some(ids);
    let pages = usize::try_from(pages(total)).unwrap_or(usize::MAX);
    Ok(if known == Some(total) { End::Certain(pages) } else { End::Uncertain(pages) })
}

async fn page<T: Awaited>(client: &Client, page: u32) -> Result<Page<T>> {
    T::fetch(client.clone(), T::Filter::default(), PageRequest { page, per_page: Some(PER_PAGE) }).await
}

/// Asks for what the list lacks: at once for one, for those that have no next look, and for as many as the list has pages
/// of those that were missed before. The others are left to the next list.
async fn look_closer<T: Awaited>(client: &Client, looked_for: LookedFor, pages: usize, tell: &Tell<'_, T>) {
    let LookedFor(mut now) = looked_for;
    let mut later: Vec<_> = now.extract_if(|_, asked| asked.iter().all(|asked| !asked.is_last)).collect();
    later.sort_by_key(|(_, asked)| std::cmp::Reverse(asked.iter().map(|asked| asked.missed).max()));
    let was_missed = |(_, asked): &&(String, Vec<Asked>)| asked.iter().any(|asked| asked.missed > 0);
    let count = later.iter().filter(was_missed).count().clamp(1, pages).min(later.len());
    let rest = later.split_off(count);
    now.extend(later);
    LookedFor(rest.into_iter().collect()).all(&Sight::Nothing(None), tell);
    one_by_one(client, LookedFor(now), tell).await;
}

async fn one_by_one<T: Awaited>(client: &Client, looked_for: LookedFor, tell: &Tell<'_, T>) {
    let ask = |(id, asked): (String, Vec<Asked>)| async move {
        let sight = sight(T::get(client, &id).await);
        asked.into_iter().for_each(|asked| tell(asked, sight.clone(), false));
    };
    stream::iter(looked_for.0).for_each_concurrent(AT_ONCE, ask).await;
}

fn pages(total: u64) -> u64 {
    total.div_ceil(PER_PAGE.into()).max(1)
}

/// What a request for one tells.
fn sight<T>(answer: Result<T>) -> Sight<T> {
    match answer {
        Ok(seen) => Sight::There(seen),
        Err(error) if error.is_surely_not_found() => Sight::Gone,
        Err(error) if is_passing(&error) => Sight::Nothing(Some(Arc::new(error))),
        Err(error) => Sight::Refused(Arc::new(error)),
    }
}

/// Whether the next look may bring something else, as after a stranger's 404.
fn is_passing(error: &Error) -> bool {
    error.is_retryable() || error.is_not_found() && !error.is_surely_not_found()
}
