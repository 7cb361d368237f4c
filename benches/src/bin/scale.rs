//! Many at once, by a clock that skips the time in which all wait: what they cost is compared with what few cost.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

use futures::FutureExt;
use futures::future::join_all;
use genesiscloud::{Clock, Limiter, Rate, RateLimiter, Sleep};
use genesiscloud_benches::client::Result;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [work, count] = &arguments[..] else { return Err("usage: scale permits COUNT".into()) };
    let (clock, count) = (SkippingClock::default(), count.parse()?);
    match work.as_str() {
        "permits" => {
            let limiter = RateLimiter::new(Rate::default(), clock.clone());
            clock.run(join_all((0..count).map(|_: usize| limiter.acquire())));
        }
        _ => return Err(format!("there is no work {work}").into()),
    }
    Ok(())
}

/// A clock that advances when nothing else is left to do.
#[derive(Clone, Debug)]
struct SkippingClock(Arc<Mutex<Timers>>);

#[derive(Debug)]
struct Timers {
    now: Instant,
    next: u64,
    waiting: BTreeMap<(Instant, u64), Option<Waker>>,
}

impl Default for SkippingClock {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Timers { now: Instant::now(), next: 0, waiting: BTreeMap::new() })))
    }
}

impl SkippingClock {
    fn timers(&self) -> MutexGuard<'_, Timers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = std::pin::pin!(future);
        loop {
            if let Some(output) = (&mut future).now_or_never() {
                return output;
            }
            let mut timers = self.timers();
            let now = timers.now;
            let due = timers.waiting.range_mut((now, 0)..).find_map(|((end, _), waker)| Some((*end, waker.take()?)));
            if let Some((end, waker)) = due {
                timers.now = end;
                drop(timers);
                waker.wake();
            }
        }
    }
}

struct Timer {
    clock: SkippingClock,
    key: (Instant, u64),
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut timers = self.clock.timers();
        if timers.now >= self.key.0 {
            return Poll::Ready(());
        }
        timers.waiting.insert(self.key, Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.clock.timers().waiting.remove(&self.key);
    }
}

impl Clock for SkippingClock {
    fn now(&self) -> Instant {
        self.timers().now
    }

    fn system_time(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let mut timers = self.timers();
        let key = (timers.now + duration, timers.next);
        timers.next += 1;
        Box::pin(Timer { clock: self.clone(), key })
    }

    fn timeout(&self, duration: Duration) -> Sleep {
        self.sleep(duration)
    }
}
