//! Waits: until a resource meets a condition.
//!
//! A [`Waiter`] subscribes to the shared poll of its kind of resource and evaluates each observation.
//!
//! * [`shared_poll`]: when to poll, and for which waits together;
//! * [`poll`]: how to observe many resources with few requests, by a list or one by one;
//! * [`condition`]: what a wait is for, and whether an observation meets it;
//! * [`phase`]: what the statuses of a resource mean;
//! * [`error`]: how a wait fails.

mod condition;
mod error;
mod phase;
mod poll;
mod shared_poll;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures::future::{BoxFuture, Either, select};
use futures::stream::{self, BoxStream, Next};
use futures::{FutureExt, Stream, StreamExt, TryStreamExt};

use self::condition::{Condition, Observation, Predicate, Verdict};
use self::error::WaitRecord;
pub use self::error::{WaitError, WaitErrorKind};
pub use self::phase::Waitable;
pub(crate) use self::phase::{Phase, private};
pub(crate) use self::shared_poll::{ListForWaits, SharedPoll};
use self::shared_poll::{NOTICED_WITHIN, Subscription};
use crate::core::Core;
use crate::ledger::LedgerRecord;
use crate::transport::within_runtimes;
use crate::{Error, Sleep};

/// The pause after each poll, as in the provider's own tools.
pub(crate) const DEFAULT_INTERVAL: Duration = Duration::from_secs(2);
/// The time limit of a wait, as in the provider's own tools.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(20 * 60);

/// The progress of a wait, for [`Waiter::on_progress`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Progress<'a, T> {
    /// The resource as this poll observed it; `None` if it did not.
    pub resource: Option<&'a T>,
    /// The error of this poll, such as a 503. The wait goes on. If a list did not contain the resource, both
    /// are `None`.
    pub error: Option<&'a Error>,
    /// How long the wait has taken so far.
    pub elapsed: Duration,
    /// How often the resource has been polled.
    pub polls: u32,
}

/// A wait for one resource: a future, or by [`status_changes`](Self::status_changes) a stream. It can be spawned, stored, and
/// joined with others. It sends nothing before it is polled, and nothing after it is dropped.
///
/// * **Condition**: a status ([`until`](Self::until)), what a predicate decides ([`until_matching`](Self::until_matching)), gone
///   ([`until_gone`](Self::until_gone)), or by default ready ([`until_ready`](Self::until_ready)). Instances can be waited for
///   [`until_addressed`](Waiter::until_addressed) as well.
/// * **Time**: it polls at once (within a second if there are other waits), then 2 s after each poll has ended
///   ([`every`](Self::every)), for 20 minutes at most ([`within`](Self::within)), as the provider's own tools do. The last poll
///   is at the end of that time, or when the future is next polled after it, and takes no longer than one attempt
///   ([`ClientBuilder::attempt_timeout`](crate::ClientBuilder::attempt_timeout)), and 2 s more if it was left to a runtime that
///   stands still.
/// * **What ends it**: the condition; `error`; `deleting` or the API's 404, unless the condition is gone; `pending_payment`,
///   since a person has to pay; 401, 403 and any other error that polling again would not change. Lost connections,
///   timeouts, 429, 5xx, and a 404 of an intermediary do not end it: the next poll may observe the resource.
/// * **Cost**: waits for one kind of resource on one client, its clones and the clients derived from it share their polls; a
///   new wait joins them within a second. A poll reads the list, 100 items per page, if that takes fewer requests than to
///   get each resource: 500 waits in an account of 500 instances cost 5 requests per poll. 3 waits in an account of 10,000
///   instances cost 3, and one more each minute to determine the account's size. The [guide](crate::guide::waits) has the rule
///   for resources that a list does not contain. While a [`Watch`](crate::Watch) reads the list, waits are observed by it, and
///   cost little more than their first poll.
/// * **Options**: since polls are shared, they use the timeouts and headers that the client was built with.
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
pub struct Waiter<T: Waitable, O = T> {
    settings: Option<Settings<T>>,
    /// Kept to report a setter that is called after the first poll.
    id: String,
    start: fn(Settings<T>) -> BoxWait<O>,
    running: Option<BoxWait<O>>,
}

type BoxWait<O> = BoxFuture<'static, Result<O, WaitError>>;
type OnProgress<T> = Box<dyn FnMut(Progress<'_, T>) + Send>;

/// The settings of a wait.
struct Settings<T: Waitable> {
    core: Core,
    id: String,
    condition: Condition<T>,
    every: Duration,
    within: Duration,
    on_progress: Option<OnProgress<T>>,
}

impl<T: Waitable> Waiter<T> {
    pub(crate) fn new(core: &Core, id: &str) -> Self {
        let settings = Settings {
            core: core.clone(),
            id: id.to_owned(),
            condition: Condition::Ready,
            every: DEFAULT_INTERVAL,
            within: DEFAULT_TIMEOUT,
            on_progress: None,
        };
        let start = |settings| RunningWait::start(settings).finish().boxed();
        Self { settings: Some(settings), id: id.to_owned(), start, running: None }
    }

    /// Waits until the resource has this status, and returns it as it is then.
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
        self.set(|settings| settings.condition = Condition::Status(status))
    }

    /// Waits until the resource can be used: an instance is `active`, any other resource `created`. This is the default.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let disk = client.volumes().wait("an-id").until_ready().await?;
    /// # Ok(()) }
    /// ```
    pub fn until_ready(self) -> Self {
        self.set(|settings| settings.condition = Condition::Ready)
    }

    /// Waits until the predicate is true of the resource, and returns the resource as it is then. The predicate is called with the
    /// resource each time that a poll observes it, and decides first: also a resource in `error` or `deleting` meets the condition
    /// if the predicate is true of it. Otherwise the wait ends as that of [`until_ready`](Self::until_ready).
    ///
    /// The predicate runs within this wait. If it panics, so does the wait; the shared polls and other waits go on.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let disk = client.volumes().wait("an-id").until_matching(|disk| !disk.instances.is_empty()).await?; // it is attached
    /// # Ok(()) }
    /// ```
    pub fn until_matching(self, predicate: impl FnMut(&T) -> bool + Send + 'static) -> Self {
        self.until_described("a match", Box::new(predicate))
    }

    /// Waits until the predicate is true, which errors describe so: "waited for {description}".
    pub(crate) fn until_described(self, description: &'static str, predicate: Predicate<T>) -> Self {
        self.set(|settings| settings.condition = Condition::Matching(description, predicate))
    }

    /// Waits until the status is not a transitional one.
    pub(crate) fn until_at_rest(self) -> Self {
        self.set(|settings| settings.condition = Condition::AtRest)
    }

    /// Waits until the resource does not exist any more. Does not delete it. The status `error` ends the wait only if
    /// `deleting` was observed before: then the deletion failed.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.volumes().delete("an-id").await?;
    /// client.volumes().wait("an-id").until_gone().await?;
    /// # Ok(()) }
    /// ```
    pub fn until_gone(self) -> Waiter<T, ()> {
        let Self { settings, id, running, .. } = self.set(|settings| settings.condition = Condition::Gone);
        let running = running.map(|_| set_too_late::<T, ()>(&id));
        let start =
            |settings: Settings<T>| settings.status_changes().try_for_each(|_| std::future::ready(Ok(()))).boxed();
        Waiter { settings, id, start, running }
    }
}

impl<T: Waitable, O: Send + 'static> Waiter<T, O> {
    /// Sets the pause after each poll; 2 s by default.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use std::time::Duration;
    ///
    /// let snapshot = client.snapshots().wait("an-id").every(Duration::from_secs(30)).await?;
    /// # Ok(()) }
    /// ```
    pub fn every(self, pause: Duration) -> Self {
        self.set(|settings| settings.every = pause.max(Duration::from_millis(1)))
    }

    /// Sets the time limit of the wait; 20 minutes by default. With zero, it polls once.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use std::time::Duration;
    ///
    /// let vm = client.instances().wait("an-id").within(Duration::from_secs(90)).await?;
    /// # Ok(()) }
    /// ```
    pub fn within(self, time: Duration) -> Self {
        self.set(|settings| settings.within = time)
    }

    /// Sets a function that is called after every poll.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().wait("an-id").on_progress(|progress| {
    ///     let status = progress.resource.map(|vm| vm.status.to_string());
    ///     eprintln!("{status:?} after {} polls", progress.polls);
    /// }).await?;
    /// # Ok(()) }
    /// ```
    pub fn on_progress(self, on_progress: impl FnMut(Progress<'_, T>) + Send + 'static) -> Self {
        self.set(|settings| settings.on_progress = Some(Box::new(on_progress)))
    }

    /// Returns the status changes during the wait as a [`Stream`]: the resource each time it is observed with another
    /// status, from the first observation to the one that meets the condition. Then the stream ends; or it ends with the
    /// error that the future would return.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// let mut changes = client.instances().wait("an-id").status_changes();
    /// while let Some(vm) = changes.try_next().await? {
    ///     println!("{}", vm.status);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// [`Stream`]: https://docs.rs/futures/0.3/futures/stream/trait.Stream.html
    pub fn status_changes(self) -> StatusChanges<T> {
        let too_late = || set_too_late::<T, T>(&self.id).into_stream().boxed();
        StatusChanges { changes: self.settings.map_or_else(too_late, Settings::status_changes) }
    }

    /// Changes the settings; fails the wait if it has already been polled.
    fn set(mut self, change: impl FnOnce(&mut Settings<T>)) -> Self {
        match &mut self.settings {
            Some(settings) => change(settings),
            None => self.running = Some(set_too_late::<T, O>(&self.id)),
        }
        self
    }
}

fn set_too_late<T: Waitable, O: Send + 'static>(id: &str) -> BoxWait<O> {
    let error = Error::invalid_input("a wait is configured before it is polled");
    let record = WaitRecord {
        resource: T::KIND.as_str(),
        id: id.to_owned(),
        error: Some(Arc::new(error)),
        ..WaitRecord::default()
    };
    std::future::ready(Err(record.to_error(WaitErrorKind::InvalidInput))).boxed()
}

impl<T: Waitable, O> Future for Waiter<T, O> {
    type Output = Result<O, WaitError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let waiter = self.get_mut();
        if let Some(settings) = waiter.settings.take() {
            waiter.running = Some((waiter.start)(settings));
        }
        waiter.running.as_mut().map_or(Poll::Pending, |running| running.poll_unpin(context))
    }
}

impl<T: Waitable, O> fmt::Debug for Waiter<T, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.settings {
            Some(Settings { id, condition, every, within, .. }) => f
                .debug_struct("Waiter")
                .field("id", id)
                .field("condition", &format_args!("{condition}"))
                .field("every", every)
                .field("within", within)
                .finish_non_exhaustive(),
            None => f.debug_struct("Waiter").finish_non_exhaustive(),
        }
    }
}

/// The status changes of a resource: a [`Stream`], returned by [`Waiter::status_changes`].
///
/// [`Stream`]: https://docs.rs/futures/0.3/futures/stream/trait.Stream.html
#[must_use = "a wait does nothing until it is polled"]
pub struct StatusChanges<T> {
    changes: BoxStream<'static, Result<T, WaitError>>,
}

impl<T> StatusChanges<T> {
    /// Returns the resource with its next status, or `None` at the end, as the [`Stream`] does.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> Result<(), genesiscloud::WaitError> {
    /// let mut changes = client.instances().wait("an-id").status_changes();
    /// while let Some(vm) = changes.next().await {
    ///     println!("{}", vm?.status);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// [`Stream`]: https://docs.rs/futures/0.3/futures/stream/trait.Stream.html
    #[expect(clippy::should_implement_trait, reason = "it is that of streams, for programs without their trait")]
    pub fn next(&mut self) -> Next<'_, Self> {
        StreamExt::next(self)
    }
}

impl<T> Stream for StatusChanges<T> {
    type Item = Result<T, WaitError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().changes.poll_next_unpin(context)
    }
}

impl<T> fmt::Debug for StatusChanges<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusChanges").finish_non_exhaustive()
    }
}

impl<T: Waitable> Settings<T> {
    fn status_changes(self) -> BoxStream<'static, Result<T, WaitError>> {
        stream::once(async { RunningWait::start(self) })
            .flat_map(|wait| {
                stream::try_unfold(wait, async |mut wait| Ok(wait.next_change().await?.map(|change| (change, wait))))
            })
            .boxed()
    }
}

/// A wait that has been polled.
struct RunningWait<T: Waitable> {
    settings: Settings<T>,
    started: Instant,
    deadline: Instant,
    /// Expires when the last poll must have ended.
    last_poll_timeout: Sleep,
    /// Set once that timeout was restarted because the future was driven only after it had expired.
    was_timeout_restarted: bool,
    subscription: Option<Subscription<T>>,
    record: WaitRecord,
    was_deleting: bool,
    is_over: bool,
}

/// A wait that notices the end of its last poll's time limit so late was not driven when it came.
const OVERDUE: Duration = Duration::from_secs(1);

/// The time limit of the last poll: that of an attempt, and a little more, so that the attempt can report its own timeout, and
/// that the wait can start a poll itself if another one's does not come.
fn poll_timeout(core: &Core) -> Duration {
    core.built_attempt_timeout().saturating_add(NOTICED_WITHIN + Duration::from_millis(10))
}

impl<T: Waitable> RunningWait<T> {
    fn start(settings: Settings<T>) -> Self {
        let clock = settings.core.clock();
        let started = clock.now();
        // A deadline later than the clock can express is treated as no deadline.
        let candidates = [settings.within, Duration::from_secs(u32::MAX.into()), Duration::ZERO];
        let deadline = candidates.into_iter().find_map(|within| started.checked_add(within)).unwrap_or(started);
        let last_poll_timeout = clock.timeout(settings.within.saturating_add(poll_timeout(&settings.core)));
        let (id, condition) = (settings.id.clone(), settings.condition.to_string());
        let record = WaitRecord { resource: T::KIND.as_str(), id, condition, ..WaitRecord::default() };
        let (was_timeout_restarted, was_deleting, is_over) = (false, false, false);
        let subscription = None;
        Self {
            settings,
            started,
            deadline,
            last_poll_timeout,
            was_timeout_restarted,
            subscription,
            record,
            was_deleting,
            is_over,
        }
    }

    /// Waits for the condition, and returns the resource.
    async fn finish(mut self) -> Result<T, WaitError> {
        let mut last = None;
        while let Some(resource) = self.next_change().await? {
            last = Some(resource);
        }
        last.ok_or_else(|| self.record.to_error(WaitErrorKind::Gone))
    }

    /// Returns the resource when its status differs from the one before, or meets the condition; `None` after that.
    async fn next_change(&mut self) -> Result<Option<T>, WaitError> {
        while !self.is_over {
            let (observation, was_last) = self.observe().await?;
            let previous_status = self.record.last_status.clone();
            self.update_record(&observation);
            let verdict = self.settings.condition.evaluate(&observation, self.was_deleting);
            self.was_deleting |= matches!(
                &observation,
                Observation::Found(resource) if T::phase(resource.status()) == Phase::Deleting
            );
            match verdict {
                Verdict::Ended(kind) => return Err(self.record.to_error(kind)),
                Verdict::Met => {
                    self.note_if_gone(&observation).await;
                    self.is_over = true;
                    self.subscription = None;
                }
                Verdict::NotYet if was_last => return Err(self.record.to_error(WaitErrorKind::TimedOut)),
                Verdict::NotYet => {}
            }
            if let Observation::Found(resource) = observation
                && (self.is_over || self.record.last_status != previous_status)
            {
                return Ok(Some(resource));
            }
        }
        Ok(None)
    }

    /// Closes the entry of the resource in the ledger, if it was waited for to be gone. After a 404 that was not expected, which a
    /// replica of the service may send that lags behind, the entry stays open: the next reconciliation finds out.
    fn note_if_gone(&self, observation: &Observation<T>) -> impl Future<Output = ()> + Send + use<T> {
        let Settings { core, id, .. } = &self.settings;
        let gone = matches!(observation, Observation::Gone).then(|| (core.clone(), id.clone()));
        async move {
            if let Some((core, id)) = gone {
                core.note(LedgerRecord::Gone { kind: T::KIND, id }).await;
            }
        }
    }

    /// Returns what the next poll observes, and whether it was the last.
    async fn observe(&mut self) -> Result<(Observation<T>, bool), WaitError> {
        let Settings { core, id, every, condition, .. } = &self.settings;
        let clock = core.clock();
        let subscription = self.subscription.get_or_insert_with(|| {
            let waits_until_gone = condition.is_gone();
            core.shared::<SharedPoll<T>>().subscribe(core, id, *every, self.deadline, waits_until_gone)
        });
        let kind = loop {
            let next = async {
                match select(std::pin::pin!(subscription.next()), &mut self.last_poll_timeout).await {
                    Either::Left((update, _)) => Some(update),
                    Either::Right(_) => None,
                }
            };
            match within_runtimes(next).await {
                Ok(Some(update)) => {
                    self.record.polls = update.polls;
                    return Ok((update.observation, update.requested >= self.deadline));
                }
                Ok(None) => {}
                Err(outside) => {
                    self.record.error = Some(Arc::new(outside));
                    break WaitErrorKind::InvalidInput;
                }
            }
            // It was not driven meanwhile, and neither, perhaps, was its last poll.
            let timeout = poll_timeout(core);
            let overdue = clock.now().saturating_duration_since(self.deadline).saturating_sub(timeout);
            if self.was_timeout_restarted || overdue < OVERDUE && subscription.has_begun_last_poll() {
                break WaitErrorKind::TimedOut;
            }
            self.was_timeout_restarted = true;
            self.last_poll_timeout = clock.timeout(timeout);
        };
        self.record.elapsed = clock.now().saturating_duration_since(self.started);
        Err(self.record.to_error(kind))
    }

    fn update_record(&mut self, observation: &Observation<T>) {
        let resource = match observation {
            Observation::Found(resource) => Some(resource),
            _ => None,
        };
        let record = &mut self.record;
        record.elapsed = self.settings.core.clock().now().saturating_duration_since(self.started);
        if let Some(resource) = resource {
            record.last_status = Some(resource.status().to_string());
        }
        record.error = match observation {
            Observation::Inconclusive(error) => error.clone(),
            Observation::Failed(error) => Some(Arc::clone(error)),
            Observation::Found(_) | Observation::Gone => None,
        };
        if let Some(on_progress) = &mut self.settings.on_progress {
            let error = record.error.as_deref();
            on_progress(Progress { resource, error, elapsed: record.elapsed, polls: record.polls });
        }
    }
}
