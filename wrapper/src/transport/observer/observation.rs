//! The observation of one call: what has started is reported to end, whatever becomes of the call.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use genesiscloud_bindings::Operation;
use http::StatusCode;
use reqwest::Request;

use super::{AttemptEnd, AttemptStart, CallEnd, CallOutcome, ObservedCall, Observer};
use crate::{Clock, ErrorCode};

/// What observes the calls of a client, and how many it has observed.
#[derive(Default)]
pub(crate) struct Observers {
    observer: Option<Arc<dyn Observer>>,
    calls: AtomicU64,
}

impl Observers {
    pub(crate) fn new(observer: Option<Arc<dyn Observer>>) -> Self {
        Self { observer, calls: AtomicU64::new(0) }
    }

    /// Begins to observe a call that starts now, if there is an observer.
    pub(crate) fn begin(
        &self,
        clock: &Arc<dyn Clock>,
        operation: &'static Operation,
        request: &Request,
    ) -> Option<Box<Observation>> {
        let observer = Arc::clone(self.observer.as_ref()?);
        let observation = Observation {
            observer,
            clock: Arc::clone(clock),
            number: self.calls.fetch_add(1, Ordering::Relaxed) + 1,
            operation,
            resource_id: resource_id(operation.path, request.url().path()),
            started: clock.now(),
            attempts: 0,
            attempt_started: None,
            has_ended: false,
        };
        observation.notify(|observer, call| observer.on_call_start(&call));
        Some(Box::new(observation))
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observers").finish_non_exhaustive()
    }
}

/// The observation of a call, which is cancelled if it is dropped before it ends.
pub(crate) struct Observation {
    observer: Arc<dyn Observer>,
    clock: Arc<dyn Clock>,
    number: u64,
    operation: &'static Operation,
    resource_id: Option<String>,
    started: Instant,
    attempts: u32,
    /// When the attempt in flight began.
    attempt_started: Option<Instant>,
    has_ended: bool,
}

/// How a call or an attempt ended, and what its response shows.
#[derive(Clone, Copy)]
pub(crate) struct Ending<'a> {
    pub(crate) outcome: CallOutcome,
    pub(crate) status: Option<StatusCode>,
    pub(crate) code: Option<&'a ErrorCode>,
}

/// What the response to a call shows in addition.
#[derive(Default)]
pub(crate) struct Ids {
    pub(crate) created: Option<String>,
    pub(crate) request: Option<String>,
}

impl Observation {
    pub(crate) fn begin_attempt(&mut self, attempt: u32) {
        (self.attempts, self.attempt_started) = (attempt, Some(self.clock.now()));
        self.notify(|observer, call| observer.on_attempt_start(&AttemptStart { call, attempt }));
    }

    pub(crate) fn end_attempt(&mut self, ending: Ending<'_>, retry_delay: Option<Duration>) {
        let Some(started) = self.attempt_started.take() else { return };
        let duration = self.clock.now().saturating_duration_since(started);
        let Ending { outcome, status, code } = ending;
        let attempt = self.attempts;
        self.notify(|observer, call| {
            observer.on_attempt_end(&AttemptEnd { call, attempt, outcome, status, code, duration, retry_delay });
        });
    }

    /// Ends the call, and the attempt that is in flight, as at a deadline.
    pub(crate) fn end(&mut self, ending: Ending<'_>, ids: Ids) {
        if std::mem::replace(&mut self.has_ended, true) {
            return;
        }
        self.end_attempt(ending, None);
        let duration = self.clock.now().saturating_duration_since(self.started);
        let Ending { outcome, status, code } = ending;
        let (attempts, created_id, request_id) = (self.attempts, ids.created.as_deref(), ids.request.as_deref());
        self.notify(|observer, call| {
            let end = CallEnd { call, outcome, status, code, attempts, duration, created_id, request_id };
            observer.on_call_end(&end);
        });
    }

    /// Calls the observer, whose panic must not become the call's.
    fn notify(&self, notify: impl FnOnce(&dyn Observer, ObservedCall<'_>)) {
        let Operation { id, method, path, .. } = *self.operation;
        let resource_id = self.resource_id.as_deref();
        let call = ObservedCall { number: self.number, operation: id, method, path, resource_id };
        drop(catch_unwind(AssertUnwindSafe(|| notify(&*self.observer, call))));
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        self.end(Ending { outcome: CallOutcome::Cancelled, status: None, code: None }, Ids::default());
    }
}

/// The id that a path has where its template names one.
fn resource_id(template: &str, path: &str) -> Option<String> {
    // From the end, since the endpoint may have a path as well.
    let mut segments = template.rsplit('/').zip(path.rsplit('/'));
    segments.find(|(name, _)| name.ends_with("_id}")).map(|(_, id)| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_id_is_found_where_the_template_names_it() {
        for (template, path, id) in [
            ("/volumes/{volume_id}", "/compute/v1/volumes/v-1", Some("v-1")),
            ("/instances/{instance_id}/actions", "/a/compute/v1/instances/i-1/actions", Some("i-1")),
            ("/availability/{region}/instances", "/compute/v1/availability/ARC-IS-HAF-1/instances", None),
            ("/volumes", "/compute/v1/volumes", None),
        ] {
            assert_eq!(resource_id(template, path).as_deref(), id, "{path}");
        }
    }
}
