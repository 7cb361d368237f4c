//! A clock for programs whose sandbox runs in real time.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use genesiscloud::Sleep;

/// A clock that skips every pause, and lets no timeout expire.
#[derive(Debug)]
pub struct SkippingClock(Mutex<Instant>);

impl Default for SkippingClock {
    fn default() -> Self {
        Self(Mutex::new(Instant::now()))
    }
}

impl genesiscloud::Clock for SkippingClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }

    fn system_time(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        *self.0.lock().unwrap() += duration;
        Box::pin(tokio::task::yield_now())
    }

    fn timeout(&self, _: Duration) -> Sleep {
        Box::pin(std::future::pending())
    }
}
