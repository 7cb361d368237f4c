//! A running sandbox.

use std::fmt;
use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::data::Data;
use crate::faults::Faults;
use crate::recorded_requests::Received;
use crate::server_state::Shared;

/// A server with its own port and its own account. Dropped means gone, connections and all, once the runtime gets to it;
/// [`stop`](Self::stop) waits for that.
///
/// ```
/// # #[tokio::main] async fn main() {
/// let sandbox = genesiscloud_sandbox::Sandbox::start().await;
/// assert!(sandbox.endpoint().starts_with("http://127.0.0.1:"));
/// # }
/// ```
#[must_use = "a sandbox stops when it is dropped"]
pub struct Sandbox {
    pub(crate) shared: Arc<Shared>,
    pub(crate) server: JoinHandle<()>,
}

impl Sandbox {
    /// The address to give to a client.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// let list = format!("{}/instances", sandbox.endpoint());
    /// # }
    /// ```
    pub fn endpoint(&self) -> String {
        self.shared.endpoint.clone()
    }

    /// The token that opens this sandbox, and no account.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// let header = format!("Authorization: Bearer {}", sandbox.token());
    /// # }
    /// ```
    pub fn token(&self) -> &str {
        &self.shared.token
    }

    /// The time it keeps.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// sandbox.clock().advance(std::time::Duration::from_secs(60));
    /// # }
    /// ```
    pub fn clock(&self) -> Clock {
        self.shared.clock.clone()
    }

    /// What is to go wrong.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// use genesiscloud_sandbox::{Fault, Rule};
    ///
    /// sandbox.faults().add(Rule::new("CreateInstance", Fault::ResetAfterProcessing)).unwrap();
    /// # }
    /// ```
    pub fn faults(&self) -> Faults {
        self.shared.faults.clone()
    }

    /// Replaces everything in the account.
    ///
    /// # Panics
    /// When two resources of a kind share an id.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// use genesiscloud_sandbox::Data;
    ///
    /// sandbox.seed(Data::new().with_instances(3));
    /// # }
    /// ```
    pub fn seed(&self, data: Data) {
        if let Err(problem) = data.check() {
            panic!("this data cannot be: {problem}");
        }
        self.shared.account().replace(data);
    }

    /// Everything in the account as it is now. Costs no request.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// assert_eq!(sandbox.data().instances.len(), 250);
    /// # }
    /// ```
    pub fn data(&self) -> Data {
        self.shared.account().data()
    }

    /// Pays for an instance in `pending_payment`, as a person does in the provider's console: it is created now.
    /// Whether there was one of this id to pay for.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// assert!(!sandbox.pay("no-such-instance"));
    /// # }
    /// ```
    pub fn pay(&self, instance: &str) -> bool {
        self.shared.account().pay(instance)
    }

    /// Every request received so far, in order.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// assert_eq!(sandbox.journal().len(), 0);
    /// # }
    /// ```
    pub fn journal(&self) -> Vec<Received> {
        self.shared.journal().entries()
    }
}

impl Sandbox {
    /// Ends it, and returns when its port is free again. Dropping it ends it too, as soon as the runtime gets to it.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// sandbox.stop().await;
    /// # }
    /// ```
    pub async fn stop(mut self) {
        self.server.abort();
        // It was aborted, which is what this waits to be told.
        let _ = (&mut self.server).await;
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
