//! A clock that client and sandbox share, and that advances only when both wait for it.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use futures::FutureExt;
use genesiscloud::{Client, ClientBuilder, Sleep};
use genesiscloud_sandbox::{Clock, Sandbox};
use tokio::sync::watch;

use crate::sandbox::builder;

/// The clock of one client and one sandbox.
///
/// [`run`](Self::run) advances it from one moment at which a timer is due to the next, but never while a request is in flight or
/// being processed. So a test can assert the instants at which things happen, however slow the computer is.
#[derive(Clone)]
pub struct Time(Arc<Inner>);

struct Inner {
    sandbox: Clock,
    start: Instant,
    passed: watch::Sender<Duration>,
    timers: Mutex<Timers>,
}

#[derive(Default)]
struct Timers {
    next: u64,
    waiting: BTreeMap<u64, Timer>,
}

#[derive(Clone, Copy, Debug)]
struct Timer {
    end: Duration,
    kind: Kind,
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
    /// The clock of this sandbox, which must have a stepped clock.
    pub fn of(sandbox: &Sandbox) -> Self {
        let (sandbox, start) = (sandbox.clock().clone(), Instant::now());
        Self(Arc::new(Inner { sandbox, start, passed: watch::Sender::new(Duration::ZERO), timers: Mutex::default() }))
    }

    /// A builder with this clock and otherwise default settings, apart from a nanosecond.
    pub fn builder(&self, sandbox: &Sandbox) -> ClientBuilder {
        builder(sandbox).clock(self.clone()).jitter_seed(1).attempt_timeout(ATTEMPT_TIMEOUT)
    }

    pub fn client(&self, sandbox: &Sandbox) -> Client {
        self.builder(sandbox).build().unwrap()
    }

    /// How much time has passed.
    pub fn passed(&self) -> Duration {
        *self.0.passed.borrow()
    }

    /// Runs a future to its end, and advances the clock when all of it waits.
    pub async fn run<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        let (mut quiet, mut since) = (0, Instant::now());
        loop {
            if let Some(output) = future.as_mut().now_or_never() {
                self.forget_what_was_given_up().await;
                return output;
            }
            tokio::task::yield_now().await;
            quiet = if self.is_quiet() { quiet + 1 } else { 0 };
            // Several rounds, for tasks that wake one another; more if a timer is due and its future is not polled, or if only time
            // limits are left, as of a task that does not get on.
            if quiet >= if self.is_anything_due() || !self.is_pausing() { 64 } else { 8 } {
                self.pass();
                (quiet, since) = (0, Instant::now());
            }
            assert!(since.elapsed() < PATIENCE, "nothing happens any more: {self:?}");
        }
    }

    /// Waits until the sandbox has dropped the delayed responses whose connections are closed.
    async fn forget_what_was_given_up(&self) {
        let under_way = || {
            let timers = self.0.timers.lock().unwrap();
            timers.waiting.values().filter(|timer| timer.kind == Kind::Attempt).count()
        };
        let since = Instant::now();
        while self.0.sandbox.pending_delays().len() > under_way() {
            tokio::task::yield_now().await;
            assert!(since.elapsed() < PATIENCE, "a delayed response of a closed connection is still pending: {self:?}");
        }
    }

    /// Whether everything waits for the clock.
    fn is_quiet(&self) -> bool {
        let passed = self.passed();
        let timers = self.0.timers.lock().unwrap();
        let under_way = timers.waiting.values().filter(|timer| timer.kind == Kind::Attempt).count();
        let held = self.0.sandbox.pending_delays().len();
        let is_anything_left = held > 0 || timers.waiting.values().any(|timer| timer.end > passed);
        under_way == held && is_anything_left
    }

    fn is_pausing(&self) -> bool {
        let passed = self.passed();
        let timers = self.0.timers.lock().unwrap();
        let is_paused = timers.waiting.values().any(|timer| timer.kind == Kind::Pause && timer.end > passed);
        is_paused || !self.0.sandbox.pending_delays().is_empty()
    }

    fn is_anything_due(&self) -> bool {
        let passed = self.passed();
        self.0.timers.lock().unwrap().waiting.values().any(|timer| timer.end <= passed)
    }

    /// Advances the clock to the next moment at which a timer is due.
    fn pass(&self) {
        let passed = self.passed();
        let timers = self.0.timers.lock().unwrap();
        let own = timers.waiting.values().filter(|timer| timer.end > passed).map(|timer| timer.end - passed).min();
        drop(timers);
        let next = self.0.sandbox.pending_delays().first().copied().into_iter().chain(own).min();
        self.advance(next.expect("something waits"));
    }

    pub fn advance(&self, by: Duration) {
        self.0.sandbox.advance(by);
        self.0.passed.send_modify(|passed| *passed += by);
    }

    fn timer(&self, duration: Duration, kind: Kind) -> Sleep {
        let end = self.passed() + duration;
        let registered = Registered::new(self.clone(), Timer { end, kind });
        Box::pin(async move {
            let mut passed = registered.time.0.passed.subscribe();
            passed.wait_for(|passed| *passed >= end).await.expect("time lives as long as who waits for it");
            drop(registered);
        })
    }
}

struct Registered {
    time: Time,
    number: u64,
}

impl Registered {
    fn new(time: Time, timer: Timer) -> Self {
        let mut timers = time.0.timers.lock().unwrap();
        let number = timers.next;
        timers.next += 1;
        timers.waiting.insert(number, timer);
        drop(timers);
        Self { time, number }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.time.0.timers.lock().unwrap().waiting.remove(&self.number);
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
        let timers = self.0.timers.lock().unwrap();
        f.debug_struct("Time")
            .field("passed", &self.passed())
            .field("timers", &timers.waiting.values().collect::<Vec<_>>())
            .field("held", &self.0.sandbox.pending_delays())
            .finish()
    }
}
