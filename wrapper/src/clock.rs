//! The clock that a client uses, which tests can replace.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant, SystemTime};

use pin_project_lite::pin_project;
use tokio::runtime::{Handle, Id};

/// A future that resolves after a duration.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The clock of a client: deadlines, backoff, rate limit and polling go by it. The default is [`SystemClock`];
/// [`ClientBuilder::clock`](crate::ClientBuilder::clock) sets another, so that tests need not wait.
///
/// ```
/// use std::sync::Mutex;
/// use std::time::{Duration, Instant, SystemTime};
/// use genesiscloud::{Clock, Sleep};
///
/// /// Skips every sleep, and lets no timeout expire.
/// #[derive(Debug)]
/// struct SkippingClock(Mutex<Instant>);
///
/// impl Clock for SkippingClock {
///     fn now(&self) -> Instant { *self.0.lock().unwrap() }
///     fn system_time(&self) -> SystemTime { SystemTime::UNIX_EPOCH }
///     fn sleep(&self, duration: Duration) -> Sleep {
///         *self.0.lock().unwrap() += duration;
///         Box::pin(std::future::ready(()))
///     }
///     fn timeout(&self, _: Duration) -> Sleep { Box::pin(std::future::pending()) }
/// }
///
/// let clock = SkippingClock(Mutex::new(Instant::now()));
/// let client = genesiscloud::Client::builder().token("secret").clock(clock).build()?;
/// # Ok::<(), genesiscloud::Error>(())
/// ```
pub trait Clock: Debug + Send + Sync + 'static {
    /// Returns the present instant, for measuring durations; it never goes back.
    fn now(&self) -> Instant;

    /// Returns the date and time of day, for a `Retry-After` that is a date and for the time at which a request was sent.
    fn system_time(&self) -> SystemTime;

    /// Resolves when this much time has passed, and [`now`](Self::now) shows it: a pause in which a call does nothing else.
    fn sleep(&self, duration: Duration) -> Sleep;

    /// Resolves when this much time has passed: a limit on work in progress, such as a response that is awaited. A clock
    /// that skips sleeps must not skip timeouts: it would end work that is in progress.
    fn timeout(&self, duration: Duration) -> Sleep;
}

/// The system's clock. It sleeps with tokio, whose runtime a client needs anyway: a sleep goes by the runtime that polls it, so it
/// ends in time even if the one that polled it before stands still.
///
/// ```
/// use genesiscloud::{Clock, SystemClock};
/// assert!(SystemClock.now() <= SystemClock.now());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        // tokio's clock, which its tests can pause, and which is the system's otherwise.
        tokio::time::Instant::now().into_std()
    }

    fn system_time(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(SystemSleep { end: deadline_after(duration), driver: None, timer: None })
    }

    fn timeout(&self, duration: Duration) -> Sleep {
        self.sleep(duration)
    }
}

pin_project! {
    // A sleep that any runtime can poll. A timer of tokio is driven by the runtime that made it alone.
    #[project = SystemSleepProjection]
    struct SystemSleep {
        end: Option<tokio::time::Instant>,
        // The runtime that drives the timer.
        driver: Option<Id>,
        #[pin]
        timer: Option<tokio::time::Sleep>,
    }
}

/// `None` is later than the clock can express.
fn deadline_after(duration: Duration) -> Option<tokio::time::Instant> {
    tokio::time::Instant::now().checked_add(duration)
}

impl Future for SystemSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let SystemSleepProjection { end, driver, mut timer } = self.project();
        let Some(end) = *end else { return Poll::Pending };
        let runtime = Some(Handle::current().id());
        if *driver != runtime {
            *driver = runtime;
            timer.set(Some(tokio::time::sleep_until(end)));
        }
        timer.as_pin_mut().map_or(Poll::Pending, |timer| timer.poll(context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn time_passes_while_the_system_clock_sleeps() {
        let before = SystemClock.now();
        SystemClock.sleep(Duration::from_secs(3)).await;
        SystemClock.timeout(Duration::from_secs(4)).await;
        assert_eq!((SystemClock.now() - before).as_secs(), 7);
        // Later than any date: it must not panic.
        drop(SystemClock.sleep(Duration::MAX));
    }
}
