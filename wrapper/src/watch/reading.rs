//! One reading of a list for all watches: what it has, and what it lacks that is gone for certain.

use std::collections::HashSet;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Instant;

use futures::{StreamExt, stream};

use crate::core::Core;
use crate::error::Class;
use crate::resource::in_flight::CreateTracker;
use crate::wait::{ListForWaits, Waitable};
use crate::{Error, List, RetryPolicy, resource};

/// The most items that a page can hold.
const PER_PAGE: u32 = 100;
/// How many resources that the list lacks are requested after one reading: half of what the rate limit allows in its pause.
pub(super) const MOST_REQUESTED: usize = 10;

/// A resource that earlier readings have found, and in how many readings in a row it lacked and was not requested.
pub(super) struct KnownId {
    pub(super) id: Arc<str>,
    pub(super) missed: u32,
}

/// What one reading has found.
pub(super) struct Reading<T> {
    /// What is found existed then, or later.
    pub(super) started: Instant,
    pub(super) found: Vec<T>,
    /// What does not exist, as the API reports of each.
    pub(super) gone: Vec<Arc<str>>,
    /// What the list lacks and was not requested. Nothing is known of it.
    pub(super) missed: Vec<Arc<str>>,
    /// The last error, apart from the one that ended the list.
    pub(super) error: Option<Error>,
    /// Why the list was not read to its end.
    pub(super) failure: Option<Error>,
}

/// Reads the list, and requests what it lacks: only the API's 404 for a resource itself shows that it is gone, since a list may
/// lack what exists, whatever it says of itself. The list observes waits as well.
pub(super) async fn read<T: Waitable>(core: &Core, known: Vec<KnownId>, waits: ListForWaits<T>) -> Reading<T> {
    // The next reading takes the place of a retry, and this one serves others as well.
    let core = core.with_built_options().with(|options| options.retry = RetryPolicy::never());
    let started = core.clock().now();
    let mut reading = Reading { started, found: vec![], gone: vec![], missed: vec![], error: None, failure: None };
    let (creates, mut listed) = (core.shared::<CreateTracker>(), HashSet::new());
    let mut list = List::<T>::new(&core, T::Filter::default()).per_page(PER_PAGE);
    while let Some(item) = poll_fn(|context| list.poll_item(context)).await {
        match item {
            Ok(Ok(resource)) => {
                creates.observed(resource.id());
                waits.observe(&resource);
                listed.insert(resource.id().to_owned());
                reading.found.push(resource);
            }
            Ok(Err(undecoded)) => {
                listed.extend(undecoded.id);
                reading.error = Some(undecoded.error);
            }
            Err(error) => reading.failure = Some(error),
        }
    }
    if reading.failure.is_none() {
        let missing = known.into_iter().filter(|known| !listed.contains(&*known.id)).collect();
        request_missing(&core, missing, &mut reading).await;
    }
    reading
}

/// Requests what the list lacks, first what has waited longest for it.
async fn request_missing<T: Waitable>(core: &Core, mut missing: Vec<KnownId>, reading: &mut Reading<T>) {
    missing.sort_by_key(|known| std::cmp::Reverse(known.missed));
    let later = missing.split_off(missing.len().min(MOST_REQUESTED));
    reading.missed.extend(later.into_iter().map(|known| known.id));
    let get = |known: KnownId| async move {
        let found = resource::get::<T>(core, &known.id).await;
        (known.id, found)
    };
    let mut requested = stream::iter(missing).map(get).buffer_unordered(MOST_REQUESTED);
    while let Some((id, found)) = requested.next().await {
        match found {
            Ok(resource) => reading.found.push(resource),
            Err(error) if error.class() == Class::NotFound => reading.gone.push(id),
            Err(error) => reading.error = Some(error),
        }
    }
}
