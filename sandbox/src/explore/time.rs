//! A clock that client and sandbox share, and that advances only when both wait for it.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

use futures::FutureExt;
use genesiscloud::{Client, ClientBuilder, Sleep};

use crate::clock::Clock;
use crate::sandbox::Sandbox;

/// The clock of one client and one sandbox. Clones share the same time.
///
/// [`run`](Self::run) advances it from one moment at which a timer is due to the next, but never while a request is in flight or
/// being processed. So a test can assert the instants at which things happen, however slow the computer is.
///
/// It needs a runtime with one thread, as that of `#[tokio::test]`: whether all of the program waits cannot be seen while other
/// threads run.
///
/// ```
/// use std::time::Duration;
/// use genesiscloud::{CreateVolume, Region};
/// use genesiscloud_sandbox::explore::Time;
/// use genesiscloud_sandbox::{Clock, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::builder().clock(Clock::stepped()).start().await?;
/// let time = Time::of(&sandbox);
/// let client = time.client(&sandbox);
/// time.run(async {
///     let disk = client.volumes().create(CreateVolume::new("data", Region::NordNoKrs1, 50)).await?;
///     client.volumes().wait(&disk.id).await?;
///     Ok::<_, Box<dyn std::error::Error>>(())
/// }).await?;
/// // It is created after 5 seconds, and polled every 2.
/// assert_eq!(time.passed(), Duration::from_secs(6));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Time(Arc<Inner>);

struct Inner {
    sandbox: Clock,
    start: Instant,
    timers: Mutex<Timers>,
}

#[derive(Debug, Default)]
struct Timers {
    passed: Duration,
    next: u64,
    pauses: Waiting,
    attempts: Waiting,
    deadlines: Waiting,
}

/// Timers by when they end, and their number; each with what wakes its future, once that was polled.
type Waiting = BTreeMap<(Duration, u64), Option<Waker>>;

impl Timers {
    fn of(&mut self, kind: Kind) -> &mut Waiting {
        match kind {
            Kind::Pause => &mut self.pauses,
            Kind::Attempt => &mut self.attempts,
            Kind::Deadline => &mut self.deadlines,
        }
    }

    fn all(&self) -> [&Waiting; 3] {
        [&self.pauses, &self.attempts, &self.deadlines]
    }

    fn next_due(&self) -> Option<Duration> {
        let next = |waiting: &Waiting| waiting.range((self.passed, u64::MAX)..).next().map(|((end, _), _)| *end);
        self.all().into_iter().filter_map(next).min()
    }

    fn is_any_due(&self) -> bool {
        self.all().into_iter().filter_map(BTreeMap::first_key_value).any(|((end, _), _)| *end <= self.passed)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Pause,
    /// Of an attempt.
    Attempt,
    /// Of a whole call.
    Deadline,
}

/// The default and a nanosecond, by which the timeout of an attempt is distinguished from other timers.
const ATTEMPT_TIMEOUT: Duration = Duration::new(60, 1);

/// In real time: the longest wait for something to happen.
const PATIENCE: Duration = Duration::from_secs(60);

impl Time {
    /// Returns the time of this sandbox, which must have a stepped clock.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// let time = genesiscloud_sandbox::explore::Time::of(&sandbox);
    /// # }
    /// ```
    pub fn of(sandbox: &Sandbox) -> Self {
        Self(Arc::new(Inner { sandbox: sandbox.clock(), start: Instant::now(), timers: Mutex::default() }))
    }

    /// Returns a builder of a client for the sandbox, with this clock and a fixed seed for the backoff. Other settings have
    /// their defaults; the timeout of an attempt is a nanosecond longer, by which this clock recognises it, and should be kept.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox, time: genesiscloud_sandbox::explore::Time) {
    /// let client = time.builder(&sandbox).rate(None).build().unwrap();
    /// # }
    /// ```
    pub fn builder(&self, sandbox: &Sandbox) -> ClientBuilder {
        let builder = Client::builder().token(sandbox.token()).endpoint(sandbox.endpoint());
        builder.clock(self.clone()).jitter_seed(1).attempt_timeout(ATTEMPT_TIMEOUT)
    }

    /// Returns a client for the sandbox, as [`builder`](Self::builder) configures it.
    ///
    /// # Panics
    /// Panics if the HTTP client cannot be built, as without a TLS library that works.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox, time: genesiscloud_sandbox::explore::Time) {
    /// let client = time.client(&sandbox);
    /// # }
    /// ```
    pub fn client(&self, sandbox: &Sandbox) -> Client {
        self.builder(sandbox).build().expect("a sandbox has a valid token and endpoint")
    }

    /// Returns how much time has passed.
    ///
    /// ```
    /// # async fn example(time: genesiscloud_sandbox::explore::Time) {
    /// assert_eq!(time.passed().as_secs(), 30);
    /// # }
    /// ```
    pub fn passed(&self) -> Duration {
        self.timers().passed
    }

    /// Runs a future to its end on the runtime of the sandbox, and advances the clock whenever all of it waits.
    ///
    /// # Panics
    /// Panics after a minute of real time in which nothing happened: the future waits for something that cannot come.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, time: genesiscloud_sandbox::explore::Time) {
    /// let gone = time.run(client.instances().wait("an-id").until_gone()).await;
    /// # }
    /// ```
    pub async fn run<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        let (mut quiet, mut since) = (0, Instant::now());
        loop {
            if let Some(output) = future.as_mut().now_or_never() {
                self.forget_what_was_given_up().await;
                return output;
            }
            tokio::task::yield_now().await;
            let next = self.next_due().filter(|_| self.is_quiet());
            quiet = if next.is_some() { quiet + 1 } else { 0 };
            if let Some(next) = next.filter(|_| quiet >= self.rounds_before_passing()) {
                self.advance(next - self.passed());
                (quiet, since) = (0, Instant::now());
            }
            assert!(since.elapsed() < PATIENCE, "nothing happens any more: {self:?}");
        }
    }

    /// Waits until the sandbox has dropped the delayed responses whose connections are closed.
    async fn forget_what_was_given_up(&self) {
        let since = Instant::now();
        while self.0.sandbox.pending_delays().len() > self.attempts_under_way() {
            tokio::task::yield_now().await;
            assert!(since.elapsed() < PATIENCE, "a delayed response of a closed connection is still pending: {self:?}");
        }
    }

    fn attempts_under_way(&self) -> usize {
        self.timers().attempts.len()
    }

    /// Returns whether every request in flight waits for the clock.
    pub(super) fn is_quiet(&self) -> bool {
        self.attempts_under_way() == self.0.sandbox.pending_delays().len()
    }

    /// Returns for how many rounds it must be quiet before time passes: several, for tasks that wake one another; more if a
    /// timer is due and its future is not polled, or if only time limits are left, as of a task that does not get on.
    fn rounds_before_passing(&self) -> u32 {
        let timers = self.timers();
        let is_paused = timers.pauses.last_key_value().is_some_and(|((end, _), _)| *end > timers.passed);
        if !timers.is_any_due() && (is_paused || !self.0.sandbox.pending_delays().is_empty()) { 8 } else { 64 }
    }

    /// Returns when the next timer is due, counted as [`passed`](Self::passed) is.
    pub(super) fn next_due(&self) -> Option<Duration> {
        let (passed, own) = {
            let timers = self.timers();
            (timers.passed, timers.next_due())
        };
        let held = self.0.sandbox.pending_delays().first().map(|delay| passed.saturating_add(*delay));
        own.into_iter().chain(held).min()
    }

    /// Advances client and sandbox by this much.
    ///
    /// ```
    /// # async fn example(time: genesiscloud_sandbox::explore::Time) {
    /// time.advance(std::time::Duration::from_secs(60));
    /// # }
    /// ```
    pub fn advance(&self, by: Duration) {
        self.0.sandbox.advance(by);
        let mut timers = self.timers();
        let passed = timers.passed.saturating_add(by);
        timers.passed = passed;
        let due = [Kind::Pause, Kind::Attempt, Kind::Deadline].map(|kind| {
            let due = timers.of(kind).range_mut(..=(passed, u64::MAX));
            due.filter_map(|(_, waker)| waker.take()).collect::<Vec<_>>()
        });
        drop(timers);
        due.into_iter().flatten().for_each(Waker::wake);
    }

    fn timers(&self) -> MutexGuard<'_, Timers> {
        self.0.timers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn timer(&self, duration: Duration, kind: Kind) -> Sleep {
        let mut timers = self.timers();
        let key = (timers.passed.saturating_add(duration), timers.next);
        timers.next += 1;
        timers.of(kind).insert(key, None);
        Box::pin(Timer { time: self.clone(), kind, key })
    }
}

/// A future that ends at a time; registered until it is dropped.
struct Timer {
    time: Time,
    kind: Kind,
    key: (Duration, u64),
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut timers = self.time.timers();
        if timers.passed >= self.key.0 {
            // What has ended no longer holds up the clock.
            timers.of(self.kind).remove(&self.key);
            return Poll::Ready(());
        }
        timers.of(self.kind).insert(self.key, Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.time.timers().of(self.kind).remove(&self.key);
    }
}

impl genesiscloud::Clock for Time {
    fn now(&self) -> Instant {
        self.0.start + self.passed()
    }

    fn system_time(&self) -> SystemTime {
        self.0.sandbox.http_time().into()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.timer(duration, Kind::Pause)
    }

    fn timeout(&self, duration: Duration) -> Sleep {
        let kind = if duration == ATTEMPT_TIMEOUT { Kind::Attempt } else { Kind::Deadline };
        self.timer(duration, kind)
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timers = self.timers();
        f.debug_struct("Time")
            .field("passed", &timers.passed)
            .field("timers", &*timers)
            .field("held", &self.0.sandbox.pending_delays())
            .finish()
    }
}
