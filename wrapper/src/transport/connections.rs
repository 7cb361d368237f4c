//! The connections of a client, which belong to the runtime that made them.
//!
//! The tasks that read and write a connection run on the runtime on which it was made. On another runtime a call would wait
//! for them, and for as long as theirs stands still. So each runtime has an HTTP client, and thereby a pool, of its own.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{Error, Result};

/// The most runtimes whose connections are kept. The calls of others work as well, with connections of their own each time.
const MAX_RUNTIMES: usize = 32;

/// Builds an HTTP client without connections.
type Build = dyn Fn() -> Result<reqwest::Client> + Send + Sync;

/// The HTTP clients of the runtimes in which a client is used.
pub(crate) struct Connections {
    build: Box<Build>,
    clients: Mutex<Clients>,
}

struct Clients {
    /// For the first runtime.
    spare: Option<reqwest::Client>,
    /// The runtime used last is the last.
    by_runtime: VecDeque<Arc<RuntimeConnections>>,
}

/// The connections of one runtime.
pub(super) struct RuntimeConnections {
    pub(super) http: reqwest::Client,
    runtime: Handle,
    has_ended: CancellationToken,
    _in_use: DropGuard,
}

impl Connections {
    /// `first` is for the first runtime; the others get one of `build`, with the same settings.
    pub(crate) fn new(
        first: reqwest::Client,
        build: impl Fn() -> Result<reqwest::Client> + Send + Sync + 'static,
    ) -> Self {
        let clients = Clients { spare: Some(first), by_runtime: VecDeque::new() };
        Self { build: Box::new(build), clients: Mutex::new(clients) }
    }

    /// Those of the runtime that polls this call.
    pub(super) fn of_this_runtime(&self) -> Result<Arc<RuntimeConnections>> {
        let runtime = this_runtime()?;
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).of(runtime, &*self.build)
    }
}

impl Clients {
    fn of(&mut self, runtime: Handle, build: &Build) -> Result<Arc<RuntimeConnections>> {
        self.by_runtime.retain(|connections| !connections.has_ended.is_cancelled());
        // That of most calls, which stays where it is.
        if let Some(latest) = self.by_runtime.back().filter(|connections| connections.runtime.id() == runtime.id()) {
            return Ok(Arc::clone(latest));
        }
        let known = self.by_runtime.iter().position(|connections| connections.runtime.id() == runtime.id());
        let connections = match known.and_then(|index| self.by_runtime.remove(index)) {
            Some(connections) => connections,
            None => RuntimeConnections::new(self.spare.take().map_or_else(build, Ok)?, runtime),
        };
        self.by_runtime.push_back(Arc::clone(&connections));
        if self.by_runtime.len() > MAX_RUNTIMES {
            self.by_runtime.pop_front();
        }
        Ok(connections)
    }
}

impl RuntimeConnections {
    fn new(http: reqwest::Client, runtime: Handle) -> Arc<Self> {
        let (has_ended, unused) = (CancellationToken::new(), CancellationToken::new());
        // A runtime that ends drops its tasks.
        let (guard, is_unused) = (has_ended.clone().drop_guard(), unused.clone());
        runtime.spawn(async move {
            is_unused.cancelled().await;
            drop(guard);
        });
        Arc::new(Self { http, runtime, has_ended, _in_use: unused.drop_guard() })
    }

    /// Runs an exchange over these connections.
    pub(super) fn run<F: Future>(self: Arc<Self>, exchange: F) -> OnRuntime<F> {
        OnRuntime { connections: self, exchange: Some(Box::pin(exchange)) }
    }
}

/// An exchange that is polled and dropped in the context of the runtime to which its connection belongs, wherever that is done: both
/// can start tasks, which serve further exchanges of that runtime. `None` if it has ended.
pub(super) struct OnRuntime<F> {
    connections: Arc<RuntimeConnections>,
    exchange: Option<Pin<Box<F>>>,
}

impl<F: Future> Future for OnRuntime<F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { connections, exchange } = self.get_mut();
        let Some(exchange) = exchange.as_mut().filter(|_| !connections.has_ended.is_cancelled()) else {
            return Poll::Ready(None);
        };
        let _context = connections.runtime.enter();
        exchange.as_mut().poll(context).map(Some)
    }
}

impl<F> Drop for OnRuntime<F> {
    fn drop(&mut self) {
        let _context = self.connections.runtime.enter();
        self.exchange = None;
    }
}

/// The runtime that polls the caller.
///
/// # Errors
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is none. Timers, connections and tasks would panic.
pub(crate) fn this_runtime() -> Result<Handle> {
    Handle::try_current().map_err(|_| {
        #[cfg(feature = "blocking")]
        if let Some(reason) = crate::blocking_thread::failure() {
            return Error::invalid_input(format!(
                "a call needs a tokio runtime, and that of blocking calls has failed: {reason}"
            ));
        }
        Error::invalid_input(
            "a call needs a tokio runtime: await it within one, such as `#[tokio::main]` starts; synchronous code uses \
             `genesiscloud::blocking`, with the feature `blocking`",
        )
    })
}

/// Polls a call or a wait as long as that is done within a runtime, whichever it is.
pub(crate) async fn within_runtimes<T>(call: impl Future<Output = T>) -> Result<T> {
    let mut call = pin!(call);
    poll_fn(|context| match this_runtime() {
        Ok(_) => call.as_mut().poll(context).map(Ok),
        Err(error) => Poll::Ready(Err(error)),
    })
    .await
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}
