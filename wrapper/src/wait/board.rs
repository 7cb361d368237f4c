//! Where all waits of one kind meet, so that one question serves many.
//!
//! Each wait keeps its own time. Whichever is due first asks for all that are due with it, on a task of its own; a wait
//! whose question is on its way does not ask again, and one that has been told is free to, whatever the others still wait
//! for. So nobody depends on anybody else being polled; and where a question does not come along, because the runtime it was
//! asked on stands still, others ask again.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::{Either, select};
use tokio::sync::{Notify, watch};
use tracing::Instrument;

use super::awaited::Awaited;
use super::goal::Sight;
use super::look::{Asked, Knowledge, look};
use crate::list::is_uuid;
use crate::{Client, RetryPolicy};

/// For so long at most the first look waits for company.
const COMPANY: Duration = Duration::from_secs(1);

/// A question that has not been asked after so long is on a runtime that stands still.
const STANDSTILL: Duration = Duration::from_secs(1);
/// So is one that has not been answered: twice what a call may take, unless that is set.
const ABANDONED: Duration = Duration::from_secs(600);

/// The waits of one kind.
pub struct Board<T>(Arc<Shared<T>>);

struct Shared<T> {
    waits: Mutex<Waits<T>>,
    deserted: Notify,
}

struct Waits<T> {
    /// Of the next wait or question.
    next_number: u64,
    waiting: BTreeMap<u64, Waiting<T>>,
    /// Since when a question is about to be asked, for all that are due by then.
    gathering: Option<Instant>,
    /// What the looks so far have taught.
    knowledge: Knowledge,
}

struct Waiting<T> {
    id: String,
    schedule: Schedule,
    /// Looks so far.
    polls: u32,
    is_for_gone: bool,
    /// Whether a list has shown it.
    was_listed: bool,
    /// Looks in a row in which the lists did not have it.
    missed: u32,
    turn: Turn,
    news: watch::Sender<Option<News<T>>>,
}

/// Whether it may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Free,
    /// A question is on its way.
    Asked {
        question: u64,
        since: Instant,
    },
    /// It was told for the last time.
    Over,
}

/// When to look. All times are of the client's clock.
#[derive(Clone, Copy, Debug)]
struct Schedule {
    every: Duration,
    deadline: Instant,
    /// From when on a look that is made for others serves this one.
    from: Instant,
    /// When a look is made for this one, if none is made for others.
    by: Instant,
}

impl Schedule {
    /// A first look at once, or within half a pause together with others.
    fn first(now: Instant, every: Duration, deadline: Instant, has_others: bool) -> Self {
        let by = if has_others { now + COMPANY.min(every / 2) } else { now };
        Self { every, deadline, from: now, by: by.min(deadline.max(now)) }
    }

    /// The next look after one that ended now: after a pause, but at the deadline at the latest.
    fn after(self, now: Instant) -> Self {
        let latest = self.deadline.max(now);
        let by = now.checked_add(self.every).unwrap_or(latest).min(latest);
        Self { from: by.checked_sub(self.every / 2).unwrap_or(by).max(now), by, ..self }
    }
}

/// What a look brought for one wait.
#[derive(Clone, Debug)]
pub(super) struct News<T> {
    /// When the look began.
    pub(super) began: Instant,
    pub(super) polls: u32,
    pub(super) sight: Sight<T>,
}

/// What a wait tells the board about itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) every: Duration,
    pub(super) deadline: Instant,
    pub(super) is_for_gone: bool,
}

impl<T> Default for Board<T> {
    fn default() -> Self {
        let waits =
            Waits { next_number: 0, waiting: BTreeMap::new(), gathering: None, knowledge: Knowledge::default() };
        Self(Arc::new(Shared { waits: Mutex::new(waits), deserted: Notify::new() }))
    }
}

impl<T: Awaited> Board<T> {
    /// Joins those who wait, until the ticket is dropped.
    pub(super) fn join(&self, client: &Client, id: &str, terms: Terms) -> Ticket<T> {
        let Terms { every, deadline, is_for_gone } = terms;
        let (sender, news) = watch::channel(None);
        let mut waits = self.0.lock();
        let number = waits.take_number();
        let schedule = Schedule::first(client.clock().now(), every, deadline, !waits.waiting.is_empty());
        let id = id.to_owned();
        let (polls, was_listed, missed, turn) = (0, false, 0, Turn::Free);
        let waiting = Waiting { id, schedule, polls, is_for_gone, was_listed, missed, turn, news: sender };
        waits.waiting.insert(number, waiting);
        Ticket { board: Arc::clone(&self.0), client: client.clone(), number, news }
    }
}

/// A place on the board, given back when dropped.
pub(super) struct Ticket<T: Awaited> {
    board: Arc<Shared<T>>,
    client: Client,
    number: u64,
    news: watch::Receiver<Option<News<T>>>,
}

impl<T: Awaited> Ticket<T> {
    /// What the next look brings, this one's own or another's.
    pub(super) async fn news(&mut self) -> News<T> {
        let clock = Arc::clone(self.client.clock());
        loop {
            let now = clock.now();
            let pause = match self.board.when(self.number, now) {
                Some(by) => clock.sleep(by.saturating_duration_since(now)),
                None => Box::pin(std::future::pending()),
            };
            let changed = self.news.changed();
            let is_due = matches!(select(pin!(changed), pause).await, Either::Right(_));
            if is_due {
                self.board.ask(&self.client);
            } else if let Some(news) = self.news.borrow_and_update().clone() {
                return news;
            }
        }
    }
}

impl<T: Awaited> Drop for Ticket<T> {
    fn drop(&mut self) {
        let mut waits = self.board.lock();
        waits.waiting.remove(&self.number);
        if waits.waiting.is_empty() {
            waits.knowledge = Knowledge::default();
            self.board.deserted.notify_waiters();
        }
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, Waits<T>> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When this one is to be asked for, if it is not told before; none if it was told for the last time.
    fn when(&self, number: u64, now: Instant) -> Option<Instant> {
        let waits = self.lock();
        let waiting = waits.waiting.get(&number)?;
        let by = match waiting.turn {
            Turn::Free => waiting.schedule.by,
            Turn::Asked { since, .. } => since + ABANDONED,
            Turn::Over => return None,
        };
        match waits.gathering {
            // That question will take it along.
            Some(since) if by <= now => Some(by.max(since + STANDSTILL)),
            _ => Some(by),
        }
    }
}

impl<T: Awaited> Shared<T> {
    /// Asks for all that are due and not asked for, on a task of the runtime that this is called on.
    fn ask(self: &Arc<Self>, client: &Client) {
        let began = client.clock().now();
        let mut waits = self.lock();
        if waits.gathering.is_some_and(|since| began < since + STANDSTILL) {
            return;
        }
        waits.gathering = Some(began);
        let number = waits.take_number();
        drop(waits);
        let question = Question { board: Arc::clone(self), client: client.clone(), number, began, is_gathering: true };
        // The lock is free by now: a runtime that has ended drops the task at once, which wants it.
        tokio::spawn(question.ask().in_current_span());
    }

    /// Resolves when nobody waits any more.
    async fn is_deserted(&self) {
        loop {
            let mut deserted = pin!(self.deserted.notified());
            deserted.as_mut().enable();
            if self.lock().waiting.is_empty() {
                return;
            }
            deserted.await;
        }
    }
}

impl<T> Waits<T> {
    fn take_number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    fn take_due(&mut self, question: u64, now: Instant) -> Vec<Asked> {
        let is_due = |waiting: &Waiting<T>| match waiting.turn {
            Turn::Free => waiting.schedule.from <= now,
            Turn::Asked { since, .. } => since + ABANDONED <= now,
            Turn::Over => false,
        };
        let due = self.waiting.iter_mut().filter(|(_, waiting)| is_due(waiting));
        let ask = |(number, waiting): (&u64, &mut Waiting<T>)| {
            waiting.turn = Turn::Asked { question, since: now };
            Asked {
                number: *number,
                id: waiting.id.clone(),
                can_be_told_gone: waiting.is_for_gone && (waiting.was_listed || is_uuid(&waiting.id)),
                missed: waiting.missed,
                is_last: now >= waiting.schedule.deadline,
            }
        };
        due.map(ask).collect()
    }
}

/// A question under way.
struct Question<T: Awaited> {
    board: Arc<Shared<T>>,
    client: Client,
    number: u64,
    began: Instant,
    is_gathering: bool,
}

impl<T: Awaited> Question<T> {
    async fn ask(mut self) {
        // Waits that begin together are polled one after the other.
        tokio::task::yield_now().await;
        let (asked, mut knowledge) = self.gather();
        let tell = |asked: Asked, sight, is_listed| self.tell(&asked, sight, is_listed);
        // It serves others as well, so it is not made in the way of the one that happens to ask.
        let client = self.client.as_built().with_retry(RetryPolicy::never());
        select(look(&client, &mut knowledge, asked, &tell).boxed(), pin!(self.board.is_deserted())).await;
        let mut waits = self.board.lock();
        if !waits.waiting.is_empty() {
            waits.knowledge = knowledge;
        }
    }

    fn gather(&mut self) -> (Vec<Asked>, Knowledge) {
        let mut waits = self.board.lock();
        // Later than anybody who counts on being gathered joined or became due.
        self.began = self.client.clock().now();
        (self.is_gathering, waits.gathering) = (false, None);
        (waits.take_due(self.number, self.began), std::mem::take(&mut waits.knowledge))
    }

    fn tell(&self, asked: &Asked, sight: Sight<T>, is_listed: bool) {
        let now = self.client.clock().now();
        let mut waits = self.board.lock();
        let Some(waiting) = waits.waiting.get_mut(&asked.number) else { return };
        waiting.schedule = waiting.schedule.after(now);
        waiting.polls = waiting.polls.saturating_add(1);
        waiting.missed = if matches!(sight, Sight::Nothing(None)) { asked.missed + 1 } else { 0 };
        waiting.was_listed |= is_listed;
        // After its last look it is not asked for again, whether somebody takes notice or not.
        waiting.turn = if asked.is_last { Turn::Over } else { Turn::Free };
        waiting.news.send_replace(Some(News { began: self.began, polls: waiting.polls, sight }));
    }
}

/// Ended before all were told, as when its runtime ends: the others ask again, after a pause.
impl<T: Awaited> Drop for Question<T> {
    fn drop(&mut self) {
        let now = self.client.clock().now();
        let again = now + COMPANY;
        let mut waits = self.board.lock();
        let was_gathering = std::mem::take(&mut self.is_gathering);
        if was_gathering {
            waits.gathering = None;
        }
        for waiting in waits.waiting.values_mut() {
            let was_due = was_gathering && waiting.turn == Turn::Free && waiting.schedule.from <= now;
            let was_asked = matches!(waiting.turn, Turn::Asked { question, .. } if question == self.number);
            if was_due || was_asked {
                waiting.turn = Turn::Free;
                (waiting.schedule.from, waiting.schedule.by) = (again, again);
                waiting.news.send_replace(None);
            }
        }
    }
}

impl<T> fmt::Debug for Board<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Board").field("waiting", &self.0.lock().waiting.len()).finish_non_exhaustive()
    }
}
