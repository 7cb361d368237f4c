//! The client: one service for each kind of resource, and calls made with other options.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use genesiscloud_bindings::{self as bindings, Seam};

use crate::call::Call;
use crate::config::Endpoint;
use crate::create::{LeftBehind, Made};
use crate::services::{
    Availability, Filesystems, FloatingIps, Images, Instances, Quotas, Reservations, SecurityGroups, Snapshots,
    SshKeys, Volumes,
};
use crate::transport::{Chain, Gate, Options, RetryPolicy};
use crate::wait::Boards;
use crate::{ClientBuilder, Clock, Result};

/// The way to the API: one service for each kind of resource.
///
/// Cheap to clone; clones share connections and the rate limit, those made by the methods `with_…` too. Making one sends
/// nothing.
///
/// ```
/// # fn example() -> genesiscloud::Result<()> {
/// let client = genesiscloud::Client::from_env()?;
/// let same = client.clone();
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    endpoint: Endpoint,
    http: reqwest::Client,
    chain: Chain,
    raw: bindings::Client,
    together: Together,
}

/// What a client has in common with its clones and those made from it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Together {
    boards: Arc<Boards>,
    made: Made,
}

impl Client {
    pub(crate) fn new(endpoint: Endpoint, http: reqwest::Client, chain: Chain, together: Together) -> Self {
        let raw = bindings::Client::new_with_client(endpoint.as_str(), http.clone(), Seam::new(chain.clone()));
        Self(Arc::new(Shared { endpoint, http, chain, raw, together }))
    }

    /// A client with the token in `GENESISCLOUD_TOKEN` and the endpoint in `GENESISCLOUD_ENDPOINT`, or the provider's
    /// endpoint if that is not set. Sends nothing.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if there is no token, or a variable is set but empty or wrong.
    ///
    /// ```
    /// let client = genesiscloud::Client::from_env();
    /// ```
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// A builder with everything at its default and no token.
    ///
    /// ```
    /// let client = genesiscloud::Client::builder().token("secret").endpoint("http://127.0.0.1:8080").build()?;
    /// # Ok::<(), genesiscloud::Error>(())
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// The address that requests go to.
    ///
    /// ```
    /// let client = genesiscloud::Client::builder().token("secret").endpoint("api.genesiscloud.com").build()?;
    /// assert_eq!(client.endpoint(), "https://api.genesiscloud.com/compute/v1");
    /// # Ok::<(), genesiscloud::Error>(())
    /// ```
    pub fn endpoint(&self) -> &str {
        self.0.endpoint.as_str()
    }

    /// Machines.
    pub fn instances(&self) -> Instances {
        Instances::new(self)
    }

    /// What instances are created from.
    pub fn images(&self) -> Images {
        Images::new(self)
    }

    /// Copies of boot disks.
    pub fn snapshots(&self) -> Snapshots {
        Snapshots::new(self)
    }

    /// Disks.
    pub fn volumes(&self) -> Volumes {
        Volumes::new(self)
    }

    /// Network filesystems.
    pub fn filesystems(&self) -> Filesystems {
        Filesystems::new(self)
    }

    /// Keys that may log in.
    pub fn ssh_keys(&self) -> SshKeys {
        SshKeys::new(self)
    }

    /// Firewall rules.
    pub fn security_groups(&self) -> SecurityGroups {
        SecurityGroups::new(self)
    }

    /// Addresses that outlive instances.
    pub fn floating_ips(&self) -> FloatingIps {
        FloatingIps::new(self)
    }

    /// Where there is room for what.
    pub fn availability(&self) -> Availability {
        Availability::new(self)
    }

    /// What the account may have.
    pub fn quotas(&self) -> Quotas {
        Quotas::new(self)
    }

    /// Capacity set aside for the account.
    pub fn reservations(&self) -> Reservations {
        Reservations::new(self)
    }

    /// This client with another retry policy, for the calls made with it.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::RetryPolicy;
    ///
    /// let quotas = client.with_retry(RetryPolicy::never()).quotas().get().await?;
    /// # Ok(()) }
    /// ```
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        self.with(|options| options.retry = policy)
    }

    /// This client with another limit to the time of a whole call: waiting for its turn, all attempts, and the waits
    /// between them. With none at all, nothing is sent.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use std::time::Duration;
    ///
    /// let vm = client.with_deadline(Duration::from_secs(5)).instances().get("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        self.with(|options| options.deadline = deadline)
    }

    /// This client with another limit to the time of one attempt, from connecting to the last byte of the answer. With
    /// none at all, nothing is sent.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, id: String) -> genesiscloud::Result<()> {
    /// use std::time::Duration;
    ///
    /// client.with_attempt_timeout(Duration::from_secs(10)).instances().delete(&id).await?;
    /// # Ok(()) }
    /// ```
    pub fn with_attempt_timeout(&self, timeout: Duration) -> Self {
        self.with(|options| options.attempt_timeout = timeout)
    }

    /// This client with another header on every request, such as `traceparent`. This crate sets none of that name itself.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if it cannot be a header, or is one that this crate sets.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    /// let all = client.with_header("traceparent", parent)?.quotas().get().await?;
    /// # Ok(()) }
    /// ```
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self> {
        let mut headers = self.0.chain.options.headers.clone();
        headers.set(name, value)?;
        Ok(self.with(|options| options.headers = headers))
    }

    fn with(&self, change: impl FnOnce(&mut Options)) -> Self {
        let Shared { endpoint, http, chain, together, .. } = &*self.0;
        let mut chain = chain.clone();
        change(&mut chain.options);
        Self::new(endpoint.clone(), http.clone(), chain, together.clone())
    }

    /// The generated client, with this client's credentials, retries, limit and deadlines. What services add is missing:
    /// lost creates are not reported as [`Ambiguous`](crate::ErrorKind::Ambiguous), and errors show what the service sent.
    ///
    /// Its types follow the provider's document and change with it, without a new major version of this crate. Its errors
    /// are the generator's: an answer that is no success is an `UnexpectedResponse` with its body; a call that this crate
    /// ended, as at its deadline, a `Custom`.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let answer = client.raw().get_instance("an-instance").await;
    /// # Ok(()) }
    /// ```
    pub fn raw(&self) -> &bindings::Client {
        &self.0.raw
    }

    /// Waits until all deletions are done that scopes handed to the runtime when they were dropped
    /// ([`Scope::run`](crate::Scope::run)), and the creates that come before them. Gives the machines that could not be
    /// deleted, each once; an `ERROR` event told of them as well.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) {
    /// for machine in client.deletions().await {
    ///     eprintln!("{machine}");
    /// }
    /// # }
    /// ```
    pub async fn deletions(&self) -> Vec<LeftBehind> {
        self.0.together.made.deletions.done().await
    }

    pub(crate) fn with_gate(&self, gate: Gate) -> Self {
        self.with(|options| options.gate = gate)
    }

    pub(crate) fn made(&self) -> &Made {
        &self.0.together.made
    }

    pub(crate) fn boards(&self) -> &Boards {
        &self.0.together.boards
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.chain.shared.clock
    }

    /// By how much the service's clock is ahead of this machine's, if that is known.
    pub(crate) fn clock_offset(&self) -> Option<chrono::TimeDelta> {
        self.0.chain.shared.service_time.offset()
    }

    /// This client with the options it was built with, for what serves other callers as well.
    pub(crate) fn as_built(&self) -> Self {
        let built = self.0.chain.shared.built.clone();
        self.with(|options| *options = built)
    }

    /// The longest that one attempt of such a client takes.
    pub(crate) fn built_attempt_timeout(&self) -> Duration {
        self.0.chain.shared.built.attempt_timeout
    }

    pub(crate) fn call(&self, operation: &'static str) -> Call {
        Call::new(self.endpoint(), &self.0.http, &self.0.chain, operation)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.endpoint()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_goes_anywhere_and_another_made_from_it_leaves_it_as_it_was() {
        fn goes_anywhere<T: Send + Sync + Clone + 'static>(_: &T) {}
        let builder = || Client::builder().token("secret").endpoint("http://127.0.0.1:1");
        let client = builder().build().unwrap();
        goes_anywhere(&client);
        let times = |client: &Client| {
            let Options { attempt_timeout, deadline, .. } = &client.0.chain.options;
            (attempt_timeout.as_secs(), deadline.as_secs())
        };
        let other = client.with_attempt_timeout(Duration::from_secs(7)).with_deadline(Duration::from_secs(8));
        assert_eq!((times(&client), times(&other)), ((60, 300), (7, 8)));
        let set = builder().attempt_timeout(Duration::from_secs(9)).deadline(Duration::from_secs(10));
        assert_eq!(times(&set.build().unwrap()), (9, 10));
        assert_eq!(format!("{client:?}"), r#"Client { endpoint: "http://127.0.0.1:1/compute/v1", .. }"#);
    }
}
