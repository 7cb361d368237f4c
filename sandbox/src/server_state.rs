//! The state that the connections of a server and the owner of the sandbox share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::account::Account;
use crate::clock::Clock;
use crate::faults::{DateHeader, Faults, PageQuirks};
use crate::host::AllowedHosts;
use crate::rate_limit::RateLimiter;
use crate::recorded_requests::{RecordedRequest, RequestRecorder};

pub(crate) type RequestCallback = Arc<dyn Fn(&RecordedRequest) + Send + Sync>;

pub(crate) struct ServerState {
    pub(crate) allowed_hosts: AllowedHosts,
    pub(crate) account: Mutex<Account>,
    pub(crate) clock: Clock,
    pub(crate) date_header: Mutex<DateHeader>,
    pub(crate) endpoint: String,
    pub(crate) faults: Faults,
    pub(crate) is_verified: bool,
    pub(crate) limiter: Option<RateLimiter>,
    pub(crate) on_request: Option<RequestCallback>,
    pub(crate) page_quirks: Mutex<PageQuirks>,
    pub(crate) recorder: Mutex<RequestRecorder>,
    pub(crate) token: String,
}

impl ServerState {
    /// Locks the account, after applying every change that is due by now.
    pub(crate) fn account(&self) -> MutexGuard<'_, Account> {
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        account.advance(self.clock.now());
        account
    }

    pub(crate) fn date_header(&self) -> MutexGuard<'_, DateHeader> {
        self.date_header.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn page_quirks(&self) -> MutexGuard<'_, PageQuirks> {
        self.page_quirks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn recorder(&self) -> MutexGuard<'_, RequestRecorder> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
