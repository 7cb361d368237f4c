//! The polling that all watches and stores of one kind of resource share, and what it has found so far.
//!
//! A task polls: it reads the list, applies what it found, and pauses. A watch that waits for a change starts it where there is
//! none, and on its own runtime where it does not get on ([`Liveness`]). It ends with the last watch and the last store.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::select;
use tokio::sync::Notify;
use tracing::Instrument;

use super::queue::{Change, Queue, ResourceChange};
use super::reading::{KnownId, Reading, read};
use crate::core::Core;
use crate::liveness::{ANSWERS_WITHIN, Liveness};
use crate::wait::{SharedPoll, Waitable};
use crate::{Error, Result};

/// The watches of one kind of resource on one client and its clones.
pub(super) struct SharedWatch<T>(Arc<Group<T>>);

struct Group<T> {
    state: Mutex<State<T>>,
    /// Wakes those that wait for a change.
    changed: Notify,
    /// Wakes the task: a watch has joined or left, or another task has taken over.
    rescheduled: Notify,
}

struct State<T> {
    /// The number of the last subscriber or task.
    last_number: u64,
    subscribers: BTreeMap<u64, Subscriber<T>>,
    resources: BTreeMap<Arc<str>, Known<T>>,
    task: Option<TaskState>,
    /// When the last reading began that came to its end.
    synced: Option<Instant>,
    /// The error that ended the polling.
    failure: Option<Error>,
}

/// A watch; or a store, which has no queue.
struct Subscriber<T> {
    every: Duration,
    queue: Option<Queue<T>>,
}

struct Known<T> {
    resource: Arc<T>,
    missed: u32,
}

struct TaskState {
    number: u64,
    liveness: Arc<Liveness>,
    /// Until when it pauses.
    pauses_until: Option<Instant>,
    /// Whether one of its readings has come to its end.
    has_synced: bool,
}

impl<T> Default for SharedWatch<T> {
    fn default() -> Self {
        let (subscribers, resources) = (BTreeMap::new(), BTreeMap::new());
        let state = State { last_number: 0, subscribers, resources, task: None, synced: None, failure: None };
        Self(Arc::new(Group { state: Mutex::new(state), changed: Notify::new(), rescheduled: Notify::new() }))
    }
}

impl<T: Waitable> SharedWatch<T> {
    /// Subscribes a watch, which begins with what is known by now.
    pub(super) fn watch(&self, core: &Core, every: Duration) -> Subscription<T> {
        self.subscribe(core, every, |state| {
            let mut queue = Queue::default();
            for resource in state.all() {
                queue.push(&resource.id().into(), ResourceChange::Applied(resource));
            }
            if state.synced.is_some() {
                queue.push_synced();
            }
            Some(queue)
        })
    }

    /// Subscribes a store.
    pub(super) fn store(&self, core: &Core, every: Duration) -> Subscription<T> {
        self.subscribe(core, every, |_| None)
    }

    fn subscribe(
        &self,
        core: &Core,
        every: Duration,
        queue: impl FnOnce(&State<T>) -> Option<Queue<T>>,
    ) -> Subscription<T> {
        let mut state = self.0.lock();
        let (number, queue) = (state.next_number(), queue(&state));
        state.subscribers.insert(number, Subscriber { every, queue });
        drop(state);
        self.0.rescheduled.notify_waiters();
        Subscription { group: Arc::clone(&self.0), core: core.clone(), number }
    }
}

/// The membership of a watch or a store, given up when dropped.
pub(super) struct Subscription<T: Waitable> {
    group: Arc<Group<T>>,
    core: Core,
    number: u64,
}

impl<T: Waitable> Subscription<T> {
    /// Returns the next change; `None` after the error that ended the polling.
    pub(super) async fn next_change(&self) -> Option<Result<Change<T>>> {
        self.until(|state| {
            let queue = state.subscribers.get_mut(&self.number).and_then(|subscriber| subscriber.queue.as_mut());
            let Some(queue) = queue else { return Some(None) };
            queue.pop().map(Some).or_else(|| queue.is_closed().then_some(None))
        })
        .await
    }

    /// Waits until all resources are known, and kept up to date.
    pub(super) async fn until_synced(&self) -> Result<()> {
        self.group.lock().failure = None;
        self.until(|state| match &state.failure {
            Some(error) => Some(Err(error.clone())),
            None => state.task.as_ref().is_some_and(|task| task.has_synced).then_some(Ok(())),
        })
        .await
    }

    pub(super) fn get(&self, id: &str) -> Option<Arc<T>> {
        self.group.lock().resources.get(id).map(|known| Arc::clone(&known.resource))
    }

    pub(super) fn all(&self) -> Vec<Arc<T>> {
        self.group.lock().all()
    }

    /// How long ago the last reading began that came to its end.
    pub(super) fn age(&self) -> Option<Duration> {
        let synced = self.group.lock().synced?;
        Some(self.core.clock().now().saturating_duration_since(synced))
    }

    /// Waits until the state has what is asked for, and starts the polling where it does not go on.
    async fn until<R>(&self, mut find: impl FnMut(&mut State<T>) -> Option<R>) -> R {
        let clock = self.core.clock();
        loop {
            let mut changed = pin!(self.group.changed.notified());
            changed.as_mut().enable();
            let now = clock.now();
            let check = {
                let mut state = self.group.lock();
                if let Some(found) = find(&mut state) {
                    return found;
                }
                state.next_check(now)
            };
            let check = check.unwrap_or_else(|| {
                self.group.start(&self.core, now);
                now + ANSWERS_WITHIN
            });
            select(changed, clock.timeout(check.saturating_duration_since(now))).await;
        }
    }
}

impl<T: Waitable> Drop for Subscription<T> {
    fn drop(&mut self) {
        let mut state = self.group.lock();
        state.subscribers.remove(&self.number);
        if state.subscribers.is_empty() {
            state.forget();
        }
        drop(state);
        self.group.rescheduled.notify_waiters();
    }
}

impl<T> Group<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Waitable> Group<T> {
    /// Starts a task on the runtime that this is called on, unless another one gets on.
    fn start(self: &Arc<Self>, core: &Core, now: Instant) {
        let mut state = self.lock();
        if state.task.as_ref().is_some_and(|task| !task.liveness.is_stalled(now)) {
            return;
        }
        let (number, liveness) = (state.next_number(), Arc::new(Liveness::new(now)));
        state.task = Some(TaskState { number, liveness: Arc::clone(&liveness), pauses_until: None, has_synced: false });
        state.failure = None;
        drop(state);
        self.rescheduled.notify_waiters();
        let task = PollTask { group: Arc::clone(self), core: core.clone(), number };
        // The lock must be free by now: a runtime that has ended drops the task at once, which takes the lock.
        tokio::spawn(task.run(liveness).in_current_span());
    }

    /// Resolves when a value can be had of the state, which is asked whenever the subscribers or the task have changed.
    async fn rescheduled<R>(&self, mut find: impl FnMut(&State<T>) -> Option<R>) -> R {
        loop {
            let mut rescheduled = pin!(self.rescheduled.notified());
            rescheduled.as_mut().enable();
            if let Some(found) = find(&self.lock()) {
                return found;
            }
            rescheduled.await;
        }
    }
}

/// The task that polls.
struct PollTask<T: Waitable> {
    group: Arc<Group<T>>,
    core: Core,
    number: u64,
}

impl<T: Waitable> PollTask<T> {
    async fn run(self, liveness: Arc<Liveness>) {
        let is_over = self.group.rescheduled(|state| (!state.is_of(self.number)).then_some(()));
        let polling = pin!(self.poll_on());
        liveness.answering(&**self.core.clock(), select(polling, pin!(is_over))).await;
    }

    async fn poll_on(&self) {
        loop {
            let Some(known) = self.begin() else { return };
            let waits = self.core.shared::<SharedPoll<T>>().join_list(&self.core);
            let reading = read(&self.core, known, waits).await;
            if !self.apply(reading) {
                return;
            }
            self.pause().await;
        }
    }

    /// The ids that are known; `None` if another task has taken over.
    fn begin(&self) -> Option<Vec<KnownId>> {
        let mut state = self.group.lock();
        state.task.as_mut().filter(|task| task.number == self.number)?.pauses_until = None;
        let known = state.resources.iter().map(|(id, known)| KnownId { id: Arc::clone(id), missed: known.missed });
        Some(known.collect())
    }

    /// Applies what a reading found, and returns whether to go on.
    fn apply(&self, reading: Reading<T>) -> bool {
        let mut state = self.group.lock();
        let goes_on = state.is_of(self.number) && state.apply(reading);
        drop(state);
        self.group.changed.notify_waiters();
        goes_on
    }

    /// Waits as long as the watch with the shortest pause.
    async fn pause(&self) {
        let (clock, ended) = (self.core.clock(), self.core.clock().now());
        loop {
            let every = self.group.lock().shortest_pause();
            // Without a watch the task is over, and with a pause longer than the clock can express it waits for another one.
            let due = every.and_then(|every| ended.checked_add(every));
            let now = clock.now();
            let rest = due.map(|due| due.saturating_duration_since(now));
            if rest == Some(Duration::ZERO) {
                return;
            }
            if let Some(task) = self.group.lock().task.as_mut().filter(|task| task.number == self.number) {
                task.pauses_until = due;
            }
            let timer = rest.map_or_else(|| std::future::pending().boxed(), |rest| clock.sleep(rest));
            let rescheduled = self.group.rescheduled(|state| (state.shortest_pause() != every).then_some(()));
            select(timer, pin!(rescheduled)).await;
        }
    }
}

/// If a task ends before its watches, as with its runtime, they start another one.
impl<T: Waitable> Drop for PollTask<T> {
    fn drop(&mut self) {
        let mut state = self.group.lock();
        if state.is_of(self.number) {
            state.task = None;
        }
        drop(state);
        self.group.changed.notify_waiters();
    }
}

impl<T> State<T> {
    fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    fn is_of(&self, task: u64) -> bool {
        self.task.as_ref().is_some_and(|state| state.number == task)
    }

    fn shortest_pause(&self) -> Option<Duration> {
        self.subscribers.values().map(|subscriber| subscriber.every).min()
    }

    /// When to check again whether the task gets on; `None` if there is none, or it does not.
    fn next_check(&self, now: Instant) -> Option<Instant> {
        let task = self.task.as_ref()?;
        task.pauses_until.filter(|until| *until > now).or_else(|| task.liveness.check(now))
    }

    /// Nothing is read any more, and the next watch begins anew.
    fn forget(&mut self) {
        self.resources.clear();
        (self.task, self.synced, self.failure) = (None, None, None);
    }

    fn queues(&mut self) -> impl Iterator<Item = &mut Queue<T>> {
        self.subscribers.values_mut().filter_map(|subscriber| subscriber.queue.as_mut())
    }
}

impl<T: Waitable> State<T> {
    /// All resources, in the order in which they were created.
    fn all(&self) -> Vec<Arc<T>> {
        let mut all: Vec<_> = self.resources.values().map(|known| Arc::clone(&known.resource)).collect();
        all.sort_by_key(|resource| resource.created_at());
        all
    }

    /// Applies what a reading found, and returns whether the polling goes on.
    fn apply(&mut self, reading: Reading<T>) -> bool {
        reading.found.into_iter().for_each(|resource| self.found(resource));
        reading.gone.iter().for_each(|id| self.gone(id));
        for id in &reading.missed {
            if let Some(known) = self.resources.get_mut(id) {
                known.missed = known.missed.saturating_add(1);
            }
        }
        let is_first = self.synced.is_none();
        if reading.failure.is_none() {
            self.synced = Some(reading.started);
            self.task.iter_mut().for_each(|task| task.has_synced = true);
        }
        let is_synced = is_first && reading.failure.is_none();
        let ends = reading.failure.as_ref().is_some_and(|error| !error.class().keeps_polling());
        let error = reading.failure.or(reading.error);
        for queue in self.queues() {
            if is_synced {
                queue.push_synced();
            }
            error.iter().for_each(|error| queue.push_error(error.clone()));
            if ends {
                queue.close();
            }
        }
        if ends {
            (self.task, self.failure) = (None, error);
        }
        !ends
    }

    fn found(&mut self, resource: T) {
        if let Some(known) = self.resources.get_mut(resource.id()) {
            known.missed = 0;
            if *known.resource == resource {
                return;
            }
        }
        let (id, resource): (Arc<str>, _) = (resource.id().into(), Arc::new(resource));
        self.queues().for_each(|queue| queue.push(&id, ResourceChange::Applied(Arc::clone(&resource))));
        self.resources.insert(id, Known { resource, missed: 0 });
    }

    fn gone(&mut self, id: &Arc<str>) {
        if let Some(known) = self.resources.remove(id) {
            self.queues().for_each(|queue| queue.push(id, ResourceChange::Gone(Arc::clone(&known.resource))));
        }
    }
}

impl<T> fmt::Debug for SharedWatch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedWatch").field("subscribers", &self.0.lock().subscribers.len()).finish_non_exhaustive()
    }
}
