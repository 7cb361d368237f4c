//! What a sandbox, its server and its owner all see.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::account::Account;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::rate_limit::Limiter;
use crate::recorded_requests::{Journal, Received};

pub(crate) type Observer = Arc<dyn Fn(&Received) + Send + Sync>;

pub(crate) struct Shared {
    pub(crate) account: Mutex<Account>,
    pub(crate) clock: Clock,
    pub(crate) endpoint: String,
    pub(crate) faults: Faults,
    pub(crate) is_verified: bool,
    pub(crate) journal: Mutex<Journal>,
    pub(crate) limiter: Option<Limiter>,
    pub(crate) observer: Option<Observer>,
    pub(crate) token: String,
}

impl Shared {
    /// The account as it is by now.
    pub(crate) fn account(&self) -> MutexGuard<'_, Account> {
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        account.advance(self.clock.now());
        account
    }

    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
