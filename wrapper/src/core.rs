//! The core of a client, on which calls, lists and waits are built: the raw client, the layers, and state that clones share.
//! It knows none of them.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::future::{Either, select};
use genesiscloud_bindings::{self as bindings, SharedTransport};

use crate::Clock;
use crate::config::{Endpoint, Token};
use crate::ledger::{LedgerFuture, LedgerRecord, Recording};
use crate::transport::{CancelHandle, Layers, Options, Reading, within_runtimes};

/// A client without its resources. Cheap to clone.
#[derive(Clone)]
pub struct Core(Arc<dyn Parts>);

/// What a core is made of, hidden from the compiler: each call, list and wait holds a core, and the debug information of each
/// would describe the HTTP client and the layers again, which every build of a program links.
trait Parts: Send + Sync {
    fn parts(&self) -> &Inner;
}

struct Inner {
    endpoint: Endpoint,
    /// Prepares requests, which the layers send.
    http: reqwest::Client,
    layers: Layers,
    raw: bindings::Client,
    recording: Option<Recording>,
    shared: SharedState,
}

/// One value of each type, shared by a client, its clones and the clients derived from it; created on first use.
#[derive(Clone, Default)]
pub(crate) struct SharedState(Arc<Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>>);

impl SharedState {
    fn get<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = values.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default()));
        Arc::clone(value).downcast().expect("a value under its own type")
    }
}

impl Parts for Inner {
    fn parts(&self) -> &Inner {
        self
    }
}

impl Core {
    pub(crate) fn new(
        endpoint: Endpoint,
        http: reqwest::Client,
        layers: Layers,
        recording: Option<Recording>,
        shared: SharedState,
    ) -> Self {
        let raw =
            bindings::Client::new_with_client(endpoint.as_str(), http.clone(), SharedTransport::new(layers.clone()));
        Self(Arc::new(Inner { endpoint, http, layers, raw, recording, shared }))
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.0.parts().endpoint
    }

    pub(crate) fn raw(&self) -> &bindings::Client {
        &self.0.parts().raw
    }

    pub(crate) fn layers(&self) -> &Layers {
        &self.0.parts().layers
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.parts().layers.shared.clock
    }

    /// The value of this type that is shared with all clones. Layers above keep their state here, unknown to the core.
    pub(crate) fn shared<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        self.0.parts().shared.get()
    }

    /// This core with other options for the calls made with it.
    pub(crate) fn with(&self, change: impl FnOnce(&mut Options)) -> Self {
        let Inner { endpoint, http, layers, recording, shared, .. } = self.0.parts();
        let mut layers = layers.clone();
        change(&mut layers.options);
        Self::new(endpoint.clone(), http.clone(), layers, recording.clone(), shared.clone())
    }

    /// This core with another token. It shares neither polls nor what they and creates have found, which another token may not see.
    pub(crate) fn with_token(&self, token: Token) -> Self {
        let Inner { endpoint, http, layers, recording, .. } = self.0.parts();
        let mut layers = layers.clone();
        layers.credentials = Arc::new(layers.credentials.with_token(token));
        Self::new(endpoint.clone(), http.clone(), layers, recording.clone(), SharedState::default())
    }

    /// This core with another ledger.
    pub(crate) fn with_recording(&self, recording: Recording) -> Self {
        let Inner { endpoint, http, layers, shared, .. } = self.0.parts();
        Self::new(endpoint.clone(), http.clone(), layers.clone(), Some(recording), shared.clone())
    }

    /// The ledger of creates and deletions, if there is one.
    pub(crate) fn recording(&self) -> Option<&Recording> {
        self.0.parts().recording.as_ref()
    }

    /// Writes a record into the ledger, if there is one, without which nothing is lost: the entry stays open for longer than it
    /// need be. Returns whether it was written.
    pub(crate) async fn note(&self, record: LedgerRecord) -> bool {
        let Some(recording) = self.recording() else { return true };
        let written = self.in_time(recording.ledger.append(record)).await;
        if let Err(error) = &written {
            tracing::warn!(%error, "the ledger was not updated; the next reconciliation will find out");
        }
        written.is_ok()
    }

    /// Waits for a ledger no longer than for an attempt, so that one that does not respond holds up no call.
    pub(crate) async fn in_time<T>(&self, operation: LedgerFuture<'_, T>) -> io::Result<T> {
        let in_time = async {
            match select(operation, self.clock().timeout(self.built_attempt_timeout())).await {
                Either::Left((done, _)) => done,
                Either::Right(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "it did not respond in time")),
            }
        };
        within_runtimes(in_time).await.map_err(io::Error::other)?
    }

    pub(crate) fn with_cancel(&self, cancel: CancelHandle) -> Self {
        self.with(|options| options.cancel = cancel)
    }

    /// The service's time, if a response of the API has shown it since then.
    pub(crate) fn service_time_since(&self, start: Instant) -> Option<Reading> {
        self.0.parts().layers.shared.service_time.since(start)
    }

    /// How long after a create the service's reads may not show its result.
    pub(crate) fn propagation_timeout(&self) -> Duration {
        self.0.parts().layers.options.propagation_timeout
    }

    /// This core with the options it was built with, for work that serves other callers as well.
    pub(crate) fn with_built_options(&self) -> Self {
        let built_with = self.0.parts().layers.shared.built_with.clone();
        self.with(|options| *options = built_with)
    }

    /// The attempt timeout of a core with the options it was built with.
    pub(crate) fn built_attempt_timeout(&self) -> Duration {
        self.0.parts().layers.shared.built_with.attempt_timeout
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").field("endpoint", &self.0.parts().endpoint.as_str()).finish_non_exhaustive()
    }
}
