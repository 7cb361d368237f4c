//! Tracks creates in flight and recently created ids, so that a search for the result of one create does not adopt that of
//! another.

use std::any::TypeId;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::Result;
use crate::core::Core;
use crate::list::private::Listable;

/// For how long an id is remembered: longer than a create and the search for its result take together.
const REMEMBERED_FOR: Duration = Duration::from_secs(30 * 60);

#[derive(Debug, Default)]
pub(crate) struct CreateTracker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Creates in flight, by kind of resource and name.
    in_flight: HashMap<Key, usize>,
    /// Created resources, by id.
    created: HashMap<String, Created>,
    /// The same in the order in which they became known, to be forgotten in that order.
    order: VecDeque<(Instant, String)>,
}

#[derive(Debug)]
struct Created {
    at: Instant,
    /// Whether a read of the service has shown it.
    was_observed: bool,
}

/// The kind of resource, and its name.
type Key = (TypeId, String);

fn key<T: 'static>(name: &str) -> Key {
    (TypeId::of::<T>(), name.to_owned())
}

impl CreateTracker {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, key: Key) {
        *self.lock().in_flight.entry(key).or_default() += 1;
    }

    fn end(&self, key: &Key) {
        let mut state = self.lock();
        if let Some(count) = state.in_flight.get_mut(key) {
            *count -= 1;
            if *count == 0 {
                state.in_flight.remove(key);
            }
        }
    }

    /// Whether a create with this name is in flight. A resource with that name may be its result.
    pub(super) fn has_in_flight<T: 'static>(&self, name: &str) -> bool {
        self.lock().in_flight.contains_key(&key::<T>(name))
    }

    pub(super) fn knows(&self, id: &str) -> bool {
        self.lock().created.contains_key(id)
    }

    /// Remembers an id, and returns whether it is new. Of several searches that find a resource, only one gets to adopt it.
    pub(super) fn claim(&self, now: Instant, id: &str) -> bool {
        let State { created, order, .. } = &mut *self.lock();
        while let Some((at, old)) = order.front()
            && now.saturating_duration_since(*at) > REMEMBERED_FOR
        {
            created.remove(old);
            order.pop_front();
        }
        let is_new = !created.contains_key(id);
        if is_new {
            created.insert(id.to_owned(), Created { at: now, was_observed: false });
            order.push_back((now, id.to_owned()));
        }
        is_new
    }

    /// Remembers that a read of the service has shown a resource.
    pub(crate) fn observed(&self, id: &str) {
        if let Some(created) = self.lock().created.get_mut(id) {
            created.was_observed = true;
        }
    }

    /// Whether a 404 for a resource proves nothing: it was created less than `timeout` ago, and no read has shown it yet.
    pub(crate) fn is_propagating(&self, now: Instant, id: &str, timeout: Duration) -> bool {
        let is_young = |created: &Created| now.saturating_duration_since(created.at) < timeout;
        self.lock().created.get(id).is_some_and(|created| !created.was_observed && is_young(created))
    }
}

/// A create in flight, until it is dropped.
struct InFlight {
    core: Core,
    key: Key,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.core.shared::<CreateTracker>().end(&self.key);
    }
}

/// Registers a create while it is in flight, and afterwards the id of its result.
pub(crate) async fn track_create<T: Listable>(
    core: Core,
    name: String,
    create: impl Future<Output = Result<T>>,
) -> Result<T> {
    let in_flight = InFlight { core, key: key::<T>(&name) };
    in_flight.core.shared::<CreateTracker>().begin(in_flight.key.clone());
    let created = create.await?;
    let core = &in_flight.core;
    core.shared::<CreateTracker>().claim(core.clock().now(), created.id());
    Ok(created)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_remembered_for_a_while_and_claimed_once() {
        let creates = CreateTracker::default();
        let start = Instant::now();
        assert!(creates.claim(start, "a") && !creates.claim(start, "a"));
        assert!(creates.claim(start + REMEMBERED_FOR, "b") && creates.knows("a"));
        assert!(creates.claim(start + REMEMBERED_FOR + Duration::from_secs(1), "c"));
        assert!(!creates.knows("a") && creates.knows("b"));
    }

    #[test]
    fn a_created_resource_propagates_until_it_is_observed_or_the_time_is_over() {
        let (creates, start, minute) = (CreateTracker::default(), Instant::now(), Duration::from_secs(60));
        assert!(!creates.is_propagating(start, "a", minute));
        creates.claim(start, "a");
        creates.claim(start, "b");
        assert!(creates.is_propagating(start, "a", minute) && !creates.is_propagating(start + minute, "a", minute));
        creates.observed("a");
        assert!(!creates.is_propagating(start, "a", minute) && creates.is_propagating(start, "b", minute));
    }

    #[test]
    fn creates_with_one_name_are_counted() {
        let creates = CreateTracker::default();
        let a = key::<u8>("a");
        creates.begin(a.clone());
        creates.begin(a.clone());
        creates.end(&a);
        assert!(creates.has_in_flight::<u8>("a"));
        assert!(!creates.has_in_flight::<u8>("b") && !creates.has_in_flight::<u16>("a"));
        creates.end(&a);
        assert!(!creates.has_in_flight::<u8>("a"));
    }
}
