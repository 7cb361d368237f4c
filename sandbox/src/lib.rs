#![doc = include_str!("../README.md")]

mod answer;
mod data;
mod document;
mod extract;
mod routes;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use data::Data;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server with its own port and its own resources. Dropped means gone.
///
/// ```
/// # #[tokio::main] async fn main() {
/// let sandbox = genesiscloud_sandbox::Sandbox::start().await;
/// assert!(sandbox.endpoint().starts_with("http://127.0.0.1:"));
/// # }
/// ```
#[must_use = "a sandbox stops when it is dropped"]
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

/// What the server and its owner both see.
pub(crate) struct Shared {
    data: Mutex<Data>,
    journal: Mutex<Vec<Received>>,
}

impl Shared {
    pub(crate) fn data(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn journal(&self) -> MutexGuard<'_, Vec<Received>> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request as it was received; prints as `GET /compute/v1/volumes?page=1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Method, such as `GET`.
    pub method: String,
    /// Path and query.
    pub target: String,
}

impl fmt::Display for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.target)
    }
}

const TOKEN: &str = "sandbox-token-that-opens-nothing-else";

impl Sandbox {
    /// Starts a server on a free port of 127.0.0.1, with the data of [`Data::realistic`]. It runs on the Tokio runtime
    /// this is called on.
    ///
    /// # Panics
    /// When the machine has no free port.
    ///
    /// ```
    /// # async fn example() {
    /// let sandbox = genesiscloud_sandbox::Sandbox::start().await;
    /// # }
    /// ```
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port on loopback");
        let address = listener.local_addr().expect("the port just bound");
        let shared = Arc::new(Shared { data: Mutex::new(Data::realistic()), journal: Mutex::default() });
        let app = routes::app(Arc::clone(&shared), TOKEN);
        let server = tokio::spawn(async move {
            // Ends only by being aborted: accept errors are retried inside.
            let _: std::io::Result<()> = axum::serve(listener, app).await;
        });
        Self { address, shared, server }
    }

    /// The address to give to a client.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// let list = format!("{}/instances", sandbox.endpoint());
    /// # }
    /// ```
    pub fn endpoint(&self) -> String {
        format!("http://{}{}", self.address, routes::BASE)
    }

    /// The token that opens this sandbox, and no account.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// let header = format!("Authorization: Bearer {}", sandbox.token());
    /// # }
    /// ```
    pub fn token(&self) -> &str {
        TOKEN
    }

    /// Replaces all resources.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// use genesiscloud_sandbox::Data;
    ///
    /// sandbox.seed(Data::new().with_instances(3));
    /// # }
    /// ```
    pub fn seed(&self, data: Data) {
        *self.shared.data() = data;
    }

    /// Every request received so far, in order.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// assert_eq!(sandbox.journal().len(), 0);
    /// # }
    /// ```
    pub fn journal(&self) -> Vec<Received> {
        self.shared.journal().clone()
    }
}

impl fmt::Debug for Sandbox {
    /// Without its resources, which are many and can hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("endpoint", &self.endpoint()).finish_non_exhaustive()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}
