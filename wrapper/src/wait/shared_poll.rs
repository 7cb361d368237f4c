//! Polls shared by all waits for one kind of resource.
//!
//! Each wait keeps its own schedule. The first that is due starts a poll for all that are due with it, on a task of its own.
//! A wait whose poll is in flight does not start another one, and a wait that has its observation may start the next,
//! whatever the others still wait for. So no wait depends on another one being polled as a future.
//!
//! A list that takes long is an exception: a poll beside it would read it again, for the few that have their observations
//! already. While its pages arrive, they are not due, and it is as if they had been observed at its end.
//!
//! A watch reads the list anyway, and what is on it is observed for the waits as well ([`ListForWaits`]): while there is a watch,
//! waits poll for themselves only at first, at last, and for what the list lacks.
//!
//! Where a poll does not come, a wait starts another one on its own runtime: where the task has not started, or does not answer
//! ([`Liveness`]), because its runtime stands still; and at the deadline of the wait, if the poll in flight began before it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::{Either, select};
use tokio::sync::{Notify, watch};
use tracing::Instrument;

use super::condition::Observation;
use super::phase::Waitable;
use super::poll::{ListHistory, Observed, Target, poll};
use crate::RetryPolicy;
use crate::core::Core;
use crate::list::is_uuid;
use crate::liveness::{ANSWERS_WITHIN, Liveness};

/// The longest that the first poll of a wait is delayed so that other waits can join it.
const JOIN_DELAY: Duration = Duration::from_secs(1);

/// How late a wait notices that its last poll does not come: a poll that began just before, and then does not answer.
pub(super) const NOTICED_WITHIN: Duration = ANSWERS_WITHIN.saturating_mul(2);

/// The waits for one kind of resource on one client and its clones.
pub(crate) struct SharedPoll<T>(Arc<PollGroup<T>>);

struct PollGroup<T> {
    state: Mutex<GroupState<T>>,
    emptied: Notify,
}

struct GroupState<T> {
    /// The number of the last subscriber or poll.
    last_number: u64,
    subscribers: BTreeMap<u64, Subscriber<T>>,
    /// Since when a poll is about to start, for all that are due by then.
    starting_since: Option<Instant>,
    /// The polls in flight, by number.
    polls: HashMap<u64, PollInFlight>,
    history: ListHistory,
}

struct PollInFlight {
    liveness: Arc<Liveness>,
    /// While it reads a list, when the last of its pages arrived.
    listing: Option<Instant>,
}

struct Subscriber<T> {
    id: String,
    schedule: Schedule,
    polls: u32,
    waits_until_gone: bool,
    /// Whether a list has had it.
    was_listed: bool,
    /// Consecutive polls in which the lists did not have it.
    missed: u32,
    progress: PollProgress,
    /// The poll that observed it last.
    observed_by: u64,
    /// The poll that was in flight at the deadline, beside which the last one began. What it observes counts as well.
    earlier_poll: Option<u64>,
    updates: watch::Sender<Option<PollResult<T>>>,
}

/// How far the present poll of a subscriber is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PollProgress {
    /// There is none.
    Idle,
    InFlight {
        poll: u64,
        is_last: bool,
    },
    /// The last poll of the wait is over.
    Finished,
}

impl PollProgress {
    fn is_in(self, number: u64) -> bool {
        matches!(self, Self::InFlight { poll, .. } if poll == number)
    }
}

/// What a wait does next, unless an observation arrives before.
enum Step {
    /// It is due, or its poll does not come.
    Poll,
    /// Nothing, until it is due.
    Sleep(Instant),
    /// Its poll is in flight; it checks again whether the poll gets on.
    Check(Instant),
    /// Its last poll is over.
    End,
}

impl Step {
    fn is_due(&self, now: Instant) -> bool {
        matches!(self, Self::Sleep(at) | Self::Check(at) if *at <= now)
    }
}

/// When to poll for a wait, by the client's clock.
#[derive(Clone, Copy, Debug)]
struct Schedule {
    every: Duration,
    deadline: Instant,
    /// From when on a poll for others serves this wait as well.
    earliest: Instant,
    /// When this wait starts a poll itself.
    due: Instant,
}

impl Schedule {
    /// The first poll is due at once, or, if others wait as well, within half an interval.
    fn first(now: Instant, every: Duration, deadline: Instant, has_others: bool) -> Self {
        let due = if has_others { now + JOIN_DELAY.min(every / 2) } else { now };
        Self { every, deadline, earliest: now, due: due.min(deadline.max(now)) }
    }

    /// The poll after one that ended now is due after an interval, but at the deadline at the latest.
    fn after(self, now: Instant) -> Self {
        let latest = self.deadline.max(now);
        let due = now.checked_add(self.every).unwrap_or(latest).min(latest);
        Self { earliest: due.checked_sub(self.every / 2).unwrap_or(due).max(now), due, ..self }
    }

    /// The same if the list of a watch observed it: its next one is given time to come first.
    fn after_watch(self, now: Instant) -> Self {
        let next = self.after(now);
        let due = next.due.checked_add(JOIN_DELAY.min(self.every / 2)).unwrap_or(next.due);
        Self { due: due.min(self.deadline.max(now)), ..next }
    }

    /// When a wait whose poll reads a list, which had a page then, need no longer wait for the list to end: as after its
    /// observation, or soon if it is for the last poll.
    fn after_page(&self, page_at: Instant) -> Instant {
        let soon = page_at + JOIN_DELAY.min(self.every);
        let next = page_at.checked_add(self.every).unwrap_or(self.deadline);
        next.min(self.deadline.max(soon))
    }
}

impl<T> Subscriber<T> {
    /// Hands an observation to the wait.
    fn note(&mut self, requested: Instant, observation: Observation<T>, is_listed: bool) {
        self.polls = self.polls.saturating_add(1);
        self.was_listed |= is_listed;
        self.updates.send_replace(Some(PollResult { requested, polls: self.polls, observation }));
    }

    /// When it starts a poll, if it has none in flight.
    fn due(&self, polls: &HashMap<u64, PollInFlight>) -> Instant {
        self.schedule.due.max(self.held_until(self.observed_by, polls))
    }

    /// When it no longer waits for the list that this poll reads to end; a time that has passed if it reads none.
    fn held_until(&self, poll: u64, polls: &HashMap<u64, PollInFlight>) -> Instant {
        let page_at = polls.get(&poll).and_then(|poll| poll.listing);
        page_at.map_or(self.schedule.earliest, |page_at| self.schedule.after_page(page_at))
    }

    /// Whether a poll that starts now observes it.
    fn is_due(&self, polls: &HashMap<u64, PollInFlight>, now: Instant) -> bool {
        match self.progress {
            PollProgress::Idle => self.held_until(self.observed_by, polls) <= now,
            PollProgress::InFlight { poll, is_last: false } if self.schedule.deadline <= now => {
                self.held_until(poll, polls) <= now
            }
            PollProgress::InFlight { poll, .. } => is_stalled(polls, poll, now),
            PollProgress::Finished => false,
        }
    }
}

fn is_stalled(polls: &HashMap<u64, PollInFlight>, poll: u64, now: Instant) -> bool {
    polls.get(&poll).is_none_or(|poll| poll.liveness.is_stalled(now))
}

/// What a poll observed for one subscriber.
#[derive(Clone, Debug)]
pub(super) struct PollResult<T> {
    /// When the request was begun that observed it.
    pub(super) requested: Instant,
    pub(super) polls: u32,
    pub(super) observation: Observation<T>,
}

impl<T> Default for SharedPoll<T> {
    fn default() -> Self {
        let history = ListHistory::default();
        let (subscribers, polls) = (BTreeMap::new(), HashMap::new());
        let state = GroupState { last_number: 0, subscribers, starting_since: None, polls, history };
        Self(Arc::new(PollGroup { state: Mutex::new(state), emptied: Notify::new() }))
    }
}

impl<T: Waitable> SharedPoll<T> {
    /// Lets a list that begins now observe the waits that there are, whether they are due or not: it costs nothing.
    pub(crate) fn join_list(&self, core: &Core) -> ListForWaits<T> {
        let mut waits = HashMap::<_, Vec<_>>::new();
        for (number, subscriber) in &self.0.lock().subscribers {
            waits.entry(subscriber.id.clone()).or_default().push(*number);
        }
        ListForWaits { group: Arc::clone(&self.0), core: core.clone(), started: core.clock().now(), waits }
    }

    /// Joins the group until the subscription is dropped.
    pub(super) fn subscribe(
        &self,
        core: &Core,
        id: &str,
        every: Duration,
        deadline: Instant,
        waits_until_gone: bool,
    ) -> Subscription<T> {
        let (sender, updates) = watch::channel(None);
        let mut state = self.0.lock();
        let number = state.next_number();
        let schedule = Schedule::first(core.clock().now(), every, deadline, !state.subscribers.is_empty());
        let subscriber = Subscriber {
            id: id.to_owned(),
            schedule,
            polls: 0,
            waits_until_gone,
            was_listed: false,
            missed: 0,
            progress: PollProgress::Idle,
            observed_by: 0,
            earlier_poll: None,
            updates: sender,
        };
        state.subscribers.insert(number, subscriber);
        Subscription { group: Arc::clone(&self.0), core: core.clone(), number, updates }
    }
}

/// The membership of one wait in its group, given up when dropped.
pub(super) struct Subscription<T: Waitable> {
    group: Arc<PollGroup<T>>,
    core: Core,
    number: u64,
    updates: watch::Receiver<Option<PollResult<T>>>,
}

impl<T: Waitable> Subscription<T> {
    pub(super) fn has_begun_last_poll(&self) -> bool {
        let state = self.group.lock();
        let progress = state.subscribers.get(&self.number).map(|subscriber| subscriber.progress);
        matches!(progress, Some(PollProgress::InFlight { is_last: true, .. } | PollProgress::Finished))
    }

    /// Returns what the next poll observes, whichever wait starts it.
    pub(super) async fn next(&mut self) -> PollResult<T> {
        let clock = Arc::clone(self.core.clock());
        loop {
            let now = clock.now();
            let step = self.group.lock().step(self.number, now);
            let timer = match step {
                Step::Poll => std::future::ready(()).boxed(),
                Step::Sleep(due) => clock.sleep(due.saturating_duration_since(now)),
                Step::Check(at) => clock.timeout(at.saturating_duration_since(now)),
                Step::End => std::future::pending().boxed(),
            };
            let changed = self.updates.changed();
            let is_update = matches!(select(pin!(changed), timer).await, Either::Left(_));
            if is_update {
                if let Some(update) = self.updates.borrow_and_update().clone() {
                    return update;
                }
            } else if matches!(step, Step::Poll) {
                self.group.start_poll(&self.core);
            }
        }
    }
}

impl<T: Waitable> Drop for Subscription<T> {
    fn drop(&mut self) {
        let mut state = self.group.lock();
        state.subscribers.remove(&self.number);
        if state.subscribers.is_empty() {
            state.history = ListHistory::default();
            self.group.emptied.notify_waiters();
        }
    }
}

impl<T> PollGroup<T> {
    fn lock(&self) -> MutexGuard<'_, GroupState<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Waitable> PollGroup<T> {
    /// Starts a poll for all that are due and have none in flight, on a task of the runtime that this is called on.
    fn start_poll(self: &Arc<Self>, core: &Core) {
        let started = core.clock().now();
        let mut state = self.lock();
        if state.starting_since.is_some_and(|since| started < since + ANSWERS_WITHIN) {
            return;
        }
        state.starting_since = Some(started);
        let number = state.next_number();
        drop(state);
        let task = PollTask { group: Arc::clone(self), core: core.clone(), number, started, is_starting: true };
        // The lock must be free by now: a runtime that has ended drops the task at once, which takes the lock.
        tokio::spawn(task.run().in_current_span());
    }

    /// Resolves when there are no subscribers any more.
    async fn is_empty(&self) {
        loop {
            let mut emptied = pin!(self.emptied.notified());
            emptied.as_mut().enable();
            if self.lock().subscribers.is_empty() {
                return;
            }
            emptied.await;
        }
    }
}

impl<T> GroupState<T> {
    fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    fn step(&self, number: u64, now: Instant) -> Step {
        let Some(subscriber) = self.subscribers.get(&number) else { return Step::End };
        let deadline = subscriber.schedule.deadline;
        let later = match subscriber.progress {
            PollProgress::Finished => return Step::End,
            PollProgress::Idle => Some(Step::Sleep(subscriber.due(&self.polls))),
            PollProgress::InFlight { poll, is_last: false } if deadline <= now => {
                Some(Step::Check(subscriber.held_until(poll, &self.polls)))
            }
            PollProgress::InFlight { poll, is_last } => {
                let check = self.polls.get(&poll).and_then(|poll| poll.liveness.check(now));
                check.map(|at| Step::Check(if is_last { at } else { at.min(deadline) }))
            }
        };
        later.filter(|step| !step.is_due(now)).unwrap_or_else(|| {
            match self.starting_since.map(|since| since + ANSWERS_WITHIN) {
                // The poll that is about to start includes it.
                Some(until) if until > now => Step::Check(until),
                _ => Step::Poll,
            }
        })
    }

    /// The targets of a poll that starts now: those that are due, and those whose own poll does not come.
    fn take_due(&mut self, poll: u64, now: Instant) -> Vec<Target> {
        let polls = &self.polls;
        let due = self.subscribers.iter_mut().filter(|(_, subscriber)| subscriber.is_due(polls, now));
        let take = |(number, subscriber): (&u64, &mut Subscriber<T>)| {
            let is_last = now >= subscriber.schedule.deadline;
            subscriber.earlier_poll = match subscriber.progress {
                PollProgress::InFlight { poll, .. } if !is_stalled(polls, poll, now) => Some(poll),
                _ => None,
            };
            subscriber.progress = PollProgress::InFlight { poll, is_last };
            Target {
                subscriber: *number,
                id: subscriber.id.clone(),
                can_be_proven_gone: subscriber.waits_until_gone && (subscriber.was_listed || is_uuid(&subscriber.id)),
                missed: subscriber.missed,
                is_last,
            }
        };
        due.map(take).collect()
    }
}

/// A poll in flight.
struct PollTask<T: Waitable> {
    group: Arc<PollGroup<T>>,
    core: Core,
    number: u64,
    started: Instant,
    is_starting: bool,
}

impl<T: Waitable> PollTask<T> {
    async fn run(mut self) {
        // Lets waits join that begin at the same time, and are polled one after the other.
        tokio::task::yield_now().await;
        let (targets, mut history, liveness) = self.start();
        let report = |target: Target, observed| self.report(&target, observed);
        let on_list = |goes_on| self.on_list(goes_on);
        // The poll serves other waits as well, so it does not use the options of the wait that happens to start it.
        let core = self.core.with_built_options().with(|options| options.retry = RetryPolicy::never());
        let observing = poll(&core, &mut history, targets, &on_list, &report).boxed();
        liveness.answering(&**core.clock(), select(observing, pin!(self.group.is_empty()))).await;
        let mut state = self.group.lock();
        if !state.subscribers.is_empty() {
            state.history = history;
        }
    }

    fn start(&mut self) -> (Vec<Target>, ListHistory, Arc<Liveness>) {
        let mut state = self.group.lock();
        // Taken anew, since waits have joined or become due since the task was spawned.
        self.started = self.core.clock().now();
        (self.is_starting, state.starting_since) = (false, None);
        let liveness = Arc::new(Liveness::new(self.started));
        let targets = state.take_due(self.number, self.started);
        state.polls.insert(self.number, PollInFlight { liveness: Arc::clone(&liveness), listing: None });
        (targets, std::mem::take(&mut state.history), liveness)
    }

    /// Notes that a page of the list has arrived; or, if it does not go on, has those that it observed poll again as if that
    /// had been now.
    fn on_list(&self, goes_on: bool) {
        let now = self.core.clock().now();
        let mut state = self.group.lock();
        if let Some(poll) = state.polls.get_mut(&self.number) {
            poll.listing = goes_on.then_some(now);
        }
        if goes_on {
            return;
        }
        for subscriber in state.subscribers.values_mut() {
            if subscriber.observed_by == self.number && subscriber.progress == PollProgress::Idle {
                subscriber.schedule = subscriber.schedule.after(now);
            }
        }
    }

    fn report(&self, target: &Target, observed: Observed<T>) {
        let Observed { observation, requested, is_listed } = observed;
        let now = self.core.clock().now();
        let mut state = self.group.lock();
        let Some(subscriber) = state.subscribers.get_mut(&target.subscriber) else { return };
        let is_missed = matches!(observation, Observation::Inconclusive(None));
        if subscriber.progress.is_in(self.number) {
            subscriber.schedule = subscriber.schedule.after(now);
            subscriber.missed = if is_missed { target.missed + 1 } else { 0 };
            let is_last = requested >= subscriber.schedule.deadline;
            subscriber.progress = if is_last { PollProgress::Finished } else { PollProgress::Idle };
            subscriber.observed_by = self.number;
        } else if subscriber.earlier_poll.take_if(|poll| *poll == self.number).is_none() {
            // Another poll has taken over, since this one did not get on. What it observed may be old.
            return;
        }
        subscriber.note(requested, observation, is_listed);
    }
}

/// A list that a watch reads, which observes waits beside their own polls.
pub(crate) struct ListForWaits<T> {
    group: Arc<PollGroup<T>>,
    core: Core,
    started: Instant,
    /// The subscribers by the ids that they wait for.
    waits: HashMap<String, Vec<u64>>,
}

impl<T: Waitable> ListForWaits<T> {
    /// Reports an item of the list to the waits that began before the list. What a wait's own poll shows, or will, is newer; and
    /// the last poll is its own.
    pub(crate) fn observe(&self, item: &T) {
        let Some(waits) = self.waits.get(item.id()) else { return };
        let (now, requested) = (self.core.clock().now(), self.started);
        let mut state = self.group.lock();
        for number in waits {
            let Some(subscriber) = state.subscribers.get_mut(number) else { continue };
            let is_newer = subscriber.updates.borrow().as_ref().is_none_or(|update| update.requested <= requested);
            let is_before_last = requested < subscriber.schedule.deadline;
            if subscriber.progress == PollProgress::Idle && is_newer && is_before_last {
                subscriber.schedule = subscriber.schedule.after_watch(now);
                subscriber.note(requested, Observation::Found(item.clone()), true);
            }
        }
    }
}

/// If a poll ends before all its targets have an observation, as when its runtime ends, they are polled again after a delay.
impl<T: Waitable> Drop for PollTask<T> {
    fn drop(&mut self) {
        let now = self.core.clock().now();
        let again = now + JOIN_DELAY;
        let mut state = self.group.lock();
        state.polls.remove(&self.number);
        let was_starting = std::mem::take(&mut self.is_starting);
        if was_starting {
            state.starting_since = None;
        }
        for subscriber in state.subscribers.values_mut() {
            let was_due =
                was_starting && subscriber.progress == PollProgress::Idle && subscriber.schedule.earliest <= now;
            if was_due || subscriber.progress.is_in(self.number) {
                subscriber.progress = PollProgress::Idle;
                (subscriber.schedule.earliest, subscriber.schedule.due) = (again, again);
                subscriber.updates.send_replace(None);
            }
        }
    }
}

impl<T> fmt::Debug for SharedPoll<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedPoll").field("subscribers", &self.0.lock().subscribers.len()).finish_non_exhaustive()
    }
}
