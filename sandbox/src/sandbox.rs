//! A running sandbox, as its owner controls it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::data::Data;
use crate::faults::{DateHeader, FaultError, Faults, PageQuirks};
use crate::recorded_requests::RecordedRequest;
use crate::server_state::ServerState;

/// A mock server of the API with its own port and its own account.
///
/// Dropping it stops the server and closes its connections as soon as the runtime polls the server's task.
/// [`stop`](Self::stop) waits until that has happened.
///
/// ```
/// # #[tokio::main] async fn main() {
/// let sandbox = genesiscloud_sandbox::Sandbox::start().await;
/// assert!(sandbox.endpoint().starts_with("http://127.0.0.1:"));
/// # }
/// ```
#[must_use = "a sandbox stops when it is dropped"]
pub struct Sandbox {
    pub(crate) state: Arc<ServerState>,
    pub(crate) server: JoinHandle<()>,
}

impl Sandbox {
    /// Returns the endpoint to configure a client with.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// let list = format!("{}/instances", sandbox.endpoint());
    /// # }
    /// ```
    pub fn endpoint(&self) -> String {
        self.state.endpoint.clone()
    }

    /// Returns the token that this sandbox accepts. It is not valid for any real account.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// let header = format!("Authorization: Bearer {}", sandbox.token());
    /// # }
    /// ```
    pub fn token(&self) -> &str {
        &self.state.token
    }

    /// Returns a handle to the clock of this sandbox.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// sandbox.clock().advance(std::time::Duration::from_secs(60));
    /// # }
    /// ```
    pub fn clock(&self) -> Clock {
        self.state.clock.clone()
    }

    /// Returns a handle to the faults that this sandbox injects.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// use genesiscloud_sandbox::{Fault, FaultRule};
    ///
    /// sandbox.faults().add(FaultRule::new("CreateInstance", Fault::ResetAfterProcessing)).unwrap();
    /// # }
    /// ```
    pub fn faults(&self) -> Faults {
        self.state.faults.clone()
    }

    /// Replaces everything in the account.
    ///
    /// # Panics
    /// Panics if two resources of the same kind have the same id.
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
            panic!("invalid data: {problem}");
        }
        self.state.account().replace(data);
    }

    /// Returns a copy of everything in the account at this moment. Sends no request.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// assert_eq!(sandbox.data().instances.len(), 250);
    /// # }
    /// ```
    pub fn data(&self) -> Data {
        self.state.account().data()
    }

    /// Pays for an instance in status `pending_payment`, as a person does in the provider's console. The instance
    /// changes to `creating`.
    ///
    /// Returns `false` if there is no instance with this id in status `pending_payment`.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// assert!(!sandbox.pay("no-such-instance"));
    /// # }
    /// ```
    pub fn pay(&self, instance: &str) -> bool {
        self.state.account().pay(instance)
    }

    /// Changes how long reads are stale after each create and deletion from now on; see
    /// [`Builder::stale_reads`](crate::Builder::stale_reads).
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// sandbox.set_stale_reads(std::time::Duration::from_secs(5));
    /// # }
    /// ```
    pub fn set_stale_reads(&self, duration: Duration) {
        self.state.account().set_stale_for(duration);
    }

    /// Changes how the pages of all lists deviate from the document from now on; see
    /// [`Builder::page_quirks`](crate::Builder::page_quirks).
    ///
    /// # Errors
    /// Returns an error if a value is out of range. Then nothing changes.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// use genesiscloud_sandbox::PageQuirks;
    ///
    /// sandbox.set_page_quirks(PageQuirks::new().cap(25)).unwrap();
    /// # }
    /// ```
    pub fn set_page_quirks(&self, quirks: PageQuirks) -> Result<(), FaultError> {
        quirks.check()?;
        *self.state.page_quirks() = quirks;
        Ok(())
    }

    /// Changes what the `Date` header of all responses contains from now on; see
    /// [`Builder::date_header`](crate::Builder::date_header).
    ///
    /// # Errors
    /// Returns an error if the value is not valid. Then nothing changes.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// use genesiscloud_sandbox::DateHeader;
    ///
    /// sandbox.set_date_header(DateHeader::Absent).unwrap();
    /// # }
    /// ```
    pub fn set_date_header(&self, date: DateHeader) -> Result<(), FaultError> {
        date.check()?;
        *self.state.date_header() = date;
        Ok(())
    }

    /// Returns every request received so far, in the order of arrival.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// assert_eq!(sandbox.recorded_requests().len(), 0);
    /// # }
    /// ```
    pub fn recorded_requests(&self) -> Vec<RecordedRequest> {
        self.state.recorder().requests()
    }

    /// Stops the server and waits until its port is free again. Dropping the sandbox stops it too, without waiting.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// sandbox.stop().await;
    /// # }
    /// ```
    pub async fn stop(mut self) {
        self.server.abort();
        // The result is always the cancellation that `abort` requested.
        let _ = (&mut self.server).await;
    }
}

impl fmt::Debug for Sandbox {
    /// Omits the resources: there are many of them, and they can contain secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("endpoint", &self.endpoint()).finish_non_exhaustive()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}
