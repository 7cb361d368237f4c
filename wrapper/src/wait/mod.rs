//! Waits: until a resource is as it is wanted.
//!
//! A [`Waiter`] joins a [`board`], on which the first that is due [`look`]s for all of one kind that are, and judges what it
//! is told by its [`goal`]. What can be waited for is [`awaited`]; how a wait fails, [`error`].

mod awaited;
mod board;
mod error;
mod goal;
mod look;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures::future::{BoxFuture, Either, select};
use futures::stream::{self, BoxStream};
use futures::{FutureExt, Stream, StreamExt, TryStreamExt};

use self::board::{Board, Terms, Ticket};
use self::error::Account;
use self::goal::{Goal, Sight, Verdict};
use crate::{Client, Error, Sleep};

pub use self::awaited::Awaited;
pub(crate) use self::awaited::Boards;
use self::awaited::Stage;
pub use self::error::{WaitError, WaitErrorKind};

/// What the provider's own tools keep to.
pub(crate) const EVERY: Duration = Duration::from_secs(2);
pub(crate) const WITHIN: Duration = Duration::from_secs(20 * 60);

/// What a wait has come to, for [`Waiter::on_progress`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Progress<'a, T> {
    /// The resource as this look saw it; none if it did not.
    pub seen: Option<&'a T>,
    /// What kept this look from seeing it, such as a 503. The wait goes on. (Where a list lacked it, neither is there: the
    /// next look will tell.)
    pub trouble: Option<&'a Error>,
    /// How long it has been waited for.
    pub elapsed: Duration,
    /// How often it has been looked at.
    pub polls: u32,
}

/// A wait for one resource: a future, or by [`states`](Self::states) a stream. It can be spawned, stored, and joined with
/// others; nothing is sent before it is polled, and nothing after it is dropped.
///
/// * **For what**: a status ([`until`](Self::until)), to be gone ([`until_gone`](Self::until_gone)), or else to be ready
///   ([`until_ready`](Self::until_ready)).
/// * **How long**: it looks at once (or within a second, with others), pauses 2 s between looks ([`every`](Self::every)),
///   for 20 minutes at most ([`within`](Self::within)), as the provider's own tools do. The last look is at the end of that
///   time (or when it is polled again, if nobody polled it then), and has one attempt's time ([`ClientBuilder::attempt_timeout`](crate::ClientBuilder::attempt_timeout)) to tell.
/// * **What ends it**: what is wanted; `error`; `deleting`, or a 404 of the API, when something else was wanted;
///   `pending_payment`, since a person has to pay; 401, 403 and whatever else asking again would not change. Lost
///   connections, timeouts, 429, 5xx, and 404s that are not the API's do not: the next look may see it.
/// * **Cost**: waits of one kind on one client, its clones and those made by its methods `with_…` look together, and new
///   ones join them within a second. They read the list if its pages are fewer than the waits, by 100 a page, and ask for
///   each otherwise: 500 waits in an account of 500 machines cost 5 requests a look, 3 in one of 10,000 cost 3 (and one
///   more each minute, to learn that it is so large). What a list lacks may have slipped through its pages: it counts as
///   gone only if two lists make that certain (or one page holds all there is); otherwise it is asked for, one a look, and
///   of those that were missed before as many as the list has pages. Since looks serve many, they are made with the
///   timeouts and headers that the client was built with.
///
/// ```
/// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
/// use genesiscloud::InstanceStatus;
/// use std::time::Duration;
///
/// let vm = client.instances().wait("an-id").until(InstanceStatus::Active).await?;
/// client.instances().delete(&vm.id).await?;
/// client.instances().wait(&vm.id).until_gone().every(Duration::from_secs(5)).await?;
/// # Ok(()) }
/// ```
#[must_use = "a wait does nothing until it is polled"]
pub struct Waiter<T: Awaited, O = T> {
    wait: Option<Wait<T>>,
    /// For what comes too late.
    id: String,
    run: fn(Wait<T>) -> Running<O>,
    running: Option<Running<O>>,
}

type Running<O> = BoxFuture<'static, Result<O, WaitError>>;
type OnProgress<T> = Box<dyn FnMut(Progress<'_, T>) + Send>;

/// What a wait is to do.
struct Wait<T: Awaited> {
    client: Client,
    id: String,
    goal: Goal<T::Status>,
    every: Duration,
    within: Duration,
    on_progress: Option<OnProgress<T>>,
}

impl<T: Awaited> Waiter<T> {
    pub(crate) fn new(client: &Client, id: &str) -> Self {
        let (client, id) = (client.clone(), id.to_owned());
        let wait = Wait { client, id: id.clone(), goal: Goal::Ready, every: EVERY, within: WITHIN, on_progress: None };
        Self { wait: Some(wait), id, run: |wait| Under::begin(wait).end().boxed(), running: None }
    }

    /// Until it has this status. Gives it as it is then.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::InstanceStatus;
    ///
    /// client.instances().stop("an-id").await?;
    /// let vm = client.instances().wait("an-id").until(InstanceStatus::Stopped).await?;
    /// # Ok(()) }
    /// ```
    pub fn until(self, status: T::Status) -> Self {
        self.set(|wait| wait.goal = Goal::Status(status))
    }

    /// Until it can be used: an instance is `active`, anything else `created`. This is what is waited for unless something
    /// else is said.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let disk = client.volumes().wait("an-id").until_ready().await?;
    /// # Ok(()) }
    /// ```
    pub fn until_ready(self) -> Self {
        self.set(|wait| wait.goal = Goal::Ready)
    }

    /// Until it is not on the way from one state to another.
    pub(crate) fn until_settled(self) -> Self {
        self.set(|wait| wait.goal = Goal::Settled)
    }

    /// Until it does not exist any more. It does not delete. A status of `error` ends it only if `deleting` was seen
    /// before: then the deletion failed.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.volumes().delete("an-id").await?;
    /// client.volumes().wait("an-id").until_gone().await?;
    /// # Ok(()) }
    /// ```
    pub fn until_gone(self) -> Waiter<T, ()> {
        let Self { wait, id, running, .. } = self.set(|wait| wait.goal = Goal::Gone);
        let running = running.map(|_| too_late::<T, ()>(&id));
        Waiter { wait, id, run: |wait| wait.states().try_for_each(|_| std::future::ready(Ok(()))).boxed(), running }
    }
}

impl<T: Awaited, O: Send + 'static> Waiter<T, O> {
    /// How long to pause between looks; 2 s if not set.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use std::time::Duration;
    ///
    /// let snapshot = client.snapshots().wait("an-id").every(Duration::from_secs(30)).await?;
    /// # Ok(()) }
    /// ```
    pub fn every(self, pause: Duration) -> Self {
        self.set(|wait| wait.every = pause.max(Duration::from_millis(1)))
    }

    /// How long to wait; 20 minutes if not set. With nothing, it looks once.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use std::time::Duration;
    ///
    /// let vm = client.instances().wait("an-id").within(Duration::from_secs(90)).await?;
    /// # Ok(()) }
    /// ```
    pub fn within(self, time: Duration) -> Self {
        self.set(|wait| wait.within = time)
    }

    /// What to do with every look, when it has been made.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().wait("an-id").on_progress(|so_far| {
    ///     let status = so_far.seen.map(|vm| vm.status.to_string());
    ///     eprintln!("{:?} after {} looks", status, so_far.polls);
    /// }).await?;
    /// # Ok(()) }
    /// ```
    pub fn on_progress(self, told: impl FnMut(Progress<'_, T>) + Send + 'static) -> Self {
        self.set(|wait| wait.on_progress = Some(Box::new(told)))
    }

    /// The states it passes, as a [`Stream`]: the resource each time it is seen with another status, from how it is at
    /// first to what is wanted. Then the stream ends; or with the error that the future would give.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// let mut states = client.instances().wait("an-id").states();
    /// while let Some(vm) = states.try_next().await? {
    ///     println!("{}", vm.status);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn states(self) -> States<T> {
        let late = || too_late::<T, T>(&self.id).into_stream().boxed();
        States { states: self.wait.map_or_else(late, Wait::states) }
    }

    /// Settings are made before the first poll: in mid-wait they would wait for something else than was promised.
    fn set(mut self, change: impl FnOnce(&mut Wait<T>)) -> Self {
        match &mut self.wait {
            Some(wait) => change(wait),
            None => self.running = Some(too_late::<T, O>(&self.id)),
        }
        self
    }
}

fn too_late<T: Awaited, O: Send + 'static>(id: &str) -> Running<O> {
    let error = Error::invalid_input("a wait is configured before its first poll");
    let account = Account { what: T::WHAT, id: id.to_owned(), trouble: Some(Arc::new(error)), ..Account::default() };
    std::future::ready(Err(WaitError::new(WaitErrorKind::Refused, &account))).boxed()
}

impl<T: Awaited, O> Future for Waiter<T, O> {
    type Output = Result<O, WaitError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let waiter = self.get_mut();
        if let Some(wait) = waiter.wait.take() {
            waiter.running = Some((waiter.run)(wait));
        }
        waiter.running.as_mut().map_or(Poll::Pending, |running| running.poll_unpin(context))
    }
}

impl<T: Awaited, O> fmt::Debug for Waiter<T, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.wait {
            Some(Wait { id, goal, every, within, .. }) => {
                let mut shown = f.debug_struct("Waiter");
                shown.field("id", id).field("goal", goal).field("every", every).field("within", within);
                shown.finish_non_exhaustive()
            }
            None => f.debug_struct("Waiter").finish_non_exhaustive(),
        }
    }
}

/// The states a resource passes: a [`Stream`], made by [`Waiter::states`].
#[must_use = "a wait does nothing until it is polled"]
pub struct States<T> {
    states: BoxStream<'static, Result<T, WaitError>>,
}

impl<T> Stream for States<T> {
    type Item = Result<T, WaitError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().states.poll_next_unpin(context)
    }
}

impl<T> fmt::Debug for States<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("States").finish_non_exhaustive()
    }
}

/// A wait under way.
struct Under<T: Awaited> {
    wait: Wait<T>,
    began: Instant,
    deadline: Instant,
    /// Until the last look must have told.
    patience: Sleep,
    /// Whether that has been put off, since nobody polled until it had passed.
    was_late: bool,
    ticket: Option<Ticket<T>>,
    account: Account,
    was_going: bool,
    is_over: bool,
}

impl<T: Awaited> Wait<T> {
    fn states(self) -> BoxStream<'static, Result<T, WaitError>> {
        stream::once(async { Under::begin(self) })
            .flat_map(|under| {
                stream::try_unfold(under, async |mut under| Ok(under.next_state().await?.map(|state| (state, under))))
            })
            .boxed()
    }
}

/// The time that a look has: an attempt's, and a little, so that it can say itself what became of it.
fn for_one_look(client: &Client) -> Duration {
    client.built_attempt_timeout().saturating_add(Duration::from_millis(10))
}

impl<T: Awaited> Under<T> {
    fn begin(wait: Wait<T>) -> Self {
        let clock = wait.client.clock();
        let began = clock.now();
        // Further away than the clock can tell is as good as never.
        let deadline = [wait.within, Duration::from_secs(u32::MAX.into()), Duration::ZERO];
        let deadline = deadline.into_iter().find_map(|within| began.checked_add(within)).unwrap_or(began);
        let patience = clock.timeout(wait.within.saturating_add(for_one_look(&wait.client)));
        let account =
            Account { what: T::WHAT, id: wait.id.clone(), wanted: wait.goal.to_string(), ..Account::default() };
        let (was_late, was_going, is_over) = (false, false, false);
        Self { wait, began, deadline, patience, was_late, ticket: None, account, was_going, is_over }
    }

    /// The state that was wanted.
    async fn end(mut self) -> Result<T, WaitError> {
        let mut last = None;
        while let Some(state) = self.next_state().await? {
            last = Some(state);
        }
        last.ok_or_else(|| WaitError::new(WaitErrorKind::Gone, &self.account))
    }

    /// The next state that differs from the one before, and the one that was wanted; none after that.
    async fn next_state(&mut self) -> Result<Option<T>, WaitError> {
        while !self.is_over {
            let (sight, was_last) = self.look().await?;
            let status_before = self.account.last_seen.clone();
            self.note(&sight);
            let verdict = self.wait.goal.judge(&sight, self.was_going);
            self.was_going |= matches!(&sight, Sight::There(seen) if T::stage(seen.status()) == Stage::Going);
            match verdict {
                Verdict::Ended(kind) => return Err(WaitError::new(kind, &self.account)),
                Verdict::Reached => {
                    self.is_over = true;
                    self.ticket = None;
                }
                Verdict::Wait if was_last => return Err(WaitError::new(WaitErrorKind::TimedOut, &self.account)),
                Verdict::Wait => {}
            }
            if let Sight::There(seen) = sight
                && (self.is_over || self.account.last_seen != status_before)
            {
                return Ok(Some(seen));
            }
        }
        Ok(None)
    }

    /// What the next look shows, and whether it was the last.
    async fn look(&mut self) -> Result<(Sight<T>, bool), WaitError> {
        let Wait { client, id, every, goal, .. } = &self.wait;
        let for_one_look = for_one_look(client);
        if !self.was_late && client.clock().now().saturating_duration_since(self.deadline) >= for_one_look {
            self.was_late = true;
            self.patience = client.clock().timeout(for_one_look);
        }
        let board: &Board<T> = T::board(client);
        let terms = Terms { every: *every, deadline: self.deadline, is_for_gone: *goal == Goal::Gone };
        let ticket = self.ticket.get_or_insert_with(|| board.join(client, id, terms));
        match select(std::pin::pin!(ticket.news()), &mut self.patience).await {
            Either::Left((news, _)) => {
                self.account.polls = news.polls;
                Ok((news.sight, news.began >= self.deadline))
            }
            Either::Right(_) => {
                self.account.elapsed = client.clock().now().saturating_duration_since(self.began);
                Err(WaitError::new(WaitErrorKind::TimedOut, &self.account))
            }
        }
    }

    fn note(&mut self, sight: &Sight<T>) {
        let seen = match sight {
            Sight::There(seen) => Some(seen),
            _ => None,
        };
        let account = &mut self.account;
        account.elapsed = self.wait.client.clock().now().saturating_duration_since(self.began);
        if let Some(seen) = seen {
            account.last_seen = Some(seen.status().to_string());
        }
        account.trouble = match sight {
            Sight::Nothing(trouble) => trouble.clone(),
            Sight::Refused(error) => Some(Arc::clone(error)),
            Sight::There(_) | Sight::Gone => None,
        };
        if let Some(told) = &mut self.wait.on_progress {
            let trouble = account.trouble.as_deref();
            told(Progress { seen, trouble, elapsed: account.elapsed, polls: account.polls });
        }
    }
}
