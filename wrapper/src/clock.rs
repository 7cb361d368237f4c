//! Time, as a client takes it from its surroundings.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime};

/// A future that resolves when its time has come.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The time a client keeps: its deadlines, pauses and rate. [`SystemClock`] unless
/// [`ClientBuilder::clock`](crate::ClientBuilder::clock) sets another, so that tests need not wait.
///
/// ```
/// use std::sync::Mutex;
/// use std::time::{Duration, Instant, SystemTime};
/// use genesiscloud::{Clock, Sleep};
///
/// /// Skips every pause, and ends no call.
/// #[derive(Debug)]
/// struct Skipping(Mutex<Instant>);
///
/// impl Clock for Skipping {
///     fn now(&self) -> Instant { *self.0.lock().unwrap() }
///     fn date(&self) -> SystemTime { SystemTime::UNIX_EPOCH }
///     fn sleep(&self, duration: Duration) -> Sleep {
///         *self.0.lock().unwrap() += duration;
///         Box::pin(std::future::ready(()))
///     }
///     fn timeout(&self, _: Duration) -> Sleep { Box::pin(std::future::pending()) }
/// }
///
/// let clock = Skipping(Mutex::new(Instant::now()));
/// let client = genesiscloud::Client::builder().token("secret").clock(clock).build()?;
/// # Ok::<(), genesiscloud::Error>(())
/// ```
pub trait Clock: Debug + Send + Sync + 'static {
    /// The moment, for measuring; never goes back.
    fn now(&self) -> Instant;

    /// The date and time of day, for `Retry-After` as a date and for saying when something was sent.
    fn date(&self) -> SystemTime;

    /// Resolves when this much time has passed, and [`now`](Self::now) says so: a pause, in which a call does nothing else.
    fn sleep(&self, duration: Duration) -> Sleep;

    /// Resolves when this much time has passed: a limit to what goes on meanwhile, such as an answer that is waited for.
    /// A clock that skips pauses must not skip limits: it would end what goes on well.
    fn timeout(&self, duration: Duration) -> Sleep;
}

/// The machine's time. Sleeps with tokio, whose runtime a client needs anyway.
///
/// ```
/// use genesiscloud::{Clock, SystemClock};
/// assert!(SystemClock.now() <= SystemClock.now());
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        // tokio's, which its tests can pause, and which is the machine's otherwise.
        tokio::time::Instant::now().into_std()
    }

    fn date(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }

    fn timeout(&self, duration: Duration) -> Sleep {
        self.sleep(duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_machines_time_passes_while_it_sleeps() {
        let before = SystemClock.now();
        SystemClock.sleep(Duration::from_secs(3)).await;
        SystemClock.timeout(Duration::from_secs(4)).await;
        assert_eq!((SystemClock.now() - before).as_secs(), 7);
        // Longer than any calendar: it must not panic.
        drop(SystemClock.sleep(Duration::MAX));
    }
}
