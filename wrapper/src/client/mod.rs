//! The client, and the options of the calls made with it.

mod builder;

use std::fmt;
use std::time::Duration;

use genesiscloud_bindings as bindings;

pub use self::builder::ClientBuilder;
use crate::Result;
use crate::config::Token;
use crate::core::Core;
use crate::transport::{Deadline, RetryPolicy};

/// A client of the API, with one accessor for each kind of resource.
///
/// It is cheap to clone. Clones share connections, the rate limiter, polls and background deletions, as do the clients that the
/// methods `with_…` return; those of [`with_token`](Self::with_token) have polls and deletions of their own. Creating a client
/// sends nothing.
///
/// ```
/// # fn example() -> genesiscloud::Result<()> {
/// let client = genesiscloud::Client::from_env()?;
/// let same = client.clone();
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client(Core);

impl Client {
    pub(crate) fn new(core: Core) -> Self {
        Self(core)
    }

    pub(crate) fn core(&self) -> &Core {
        &self.0
    }

    /// Returns the URL that requests are sent to.
    ///
    /// ```
    /// let builder = genesiscloud::Client::builder().token("secret");
    /// let client = builder.endpoint("api.genesiscloud.com").build()?;
    /// assert_eq!(client.endpoint(), "https://api.genesiscloud.com/compute/v1");
    /// # Ok::<(), genesiscloud::Error>(())
    /// ```
    pub fn endpoint(&self) -> &str {
        self.0.endpoint().as_str()
    }

    /// Returns a client with another retry policy for the calls made with it.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::RetryPolicy;
    ///
    /// let quotas = client.with_retry_policy(RetryPolicy::never()).quotas().get().await?;
    /// # Ok(()) }
    /// ```
    pub fn with_retry_policy(&self, policy: RetryPolicy) -> Self {
        Self(self.0.with(|options| options.retry = policy))
    }

    /// Returns a client with another deadline: the time limit of each call made with it, from when it is first polled, for
    /// waiting for permits, all attempts, and the delays between them. With zero, nothing is sent. (The
    /// [default](crate::ClientBuilder::deadline) does not count the wait for the first permit.)
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use std::time::Duration;
    ///
    /// let vm = client.with_deadline(Duration::from_secs(5)).instances().get("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self(self.0.with(|options| options.deadline = Deadline::set(deadline)))
    }

    /// Returns a client with another time limit for each attempt, from connecting to the last byte of the response. With
    /// zero, nothing is sent.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, id: String) -> genesiscloud::Result<()> {
    /// use std::time::Duration;
    ///
    /// client.with_attempt_timeout(Duration::from_secs(10)).instances().delete(&id).await?;
    /// # Ok(()) }
    /// ```
    pub fn with_attempt_timeout(&self, timeout: Duration) -> Self {
        Self(self.0.with(|options| options.attempt_timeout = timeout))
    }

    /// Returns a client whose calls have another token, in the same header. It shares connections, rate limiter, ledger and observer
    /// with this one. Polls and cleanup are its own, so that no wait observes with another's token:
    /// [`wait_for_cleanup`](Self::wait_for_cleanup) of one client does not wait for the other's.
    ///
    /// It is for another token of the same account, whose rate limit and ledger these are. Build a client of its own for
    /// another account: a reconciliation would take what it does not find in its account for gone.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if the text cannot be a token, as for [`ClientBuilder::token`].
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, token: String) -> genesiscloud::Result<()> {
    /// let quotas = client.with_token(token)?.quotas().get().await?;
    /// # Ok(()) }
    /// ```
    pub fn with_token(&self, token: impl AsRef<str>) -> Result<Self> {
        Ok(Self(self.0.with_token(Token::parse("the token", token.as_ref())?)))
    }

    /// Returns a client that adds a header to every request, such as `traceparent`, which this crate does not set itself.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if it is not a valid header, or is one that this crate sets.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    /// let all = client.with_header("traceparent", parent)?.quotas().get().await?;
    /// # Ok(()) }
    /// ```
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self> {
        let mut headers = self.0.layers().options.headers.clone();
        headers.set(name, value)?;
        Ok(Self(self.0.with(|options| options.headers = headers)))
    }

    /// Returns the generated client, whose requests pass the same layers: credentials, retries, rate limit and deadline. It
    /// lacks what the resources add: a lost create is not reported as [`Ambiguous`](crate::ErrorKind::Ambiguous), and errors
    /// show the response as it was received.
    ///
    /// Its types follow the provider's document and change with it, without a new major version of this crate. Its errors are
    /// the generator's: an error response is an `UnexpectedResponse` with its body; a call that this crate ended, as at its
    /// deadline, is a `Custom`.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let response = client.raw().get_instance("an-instance").await;
    /// # Ok(()) }
    /// ```
    pub fn raw(&self) -> &bindings::Client {
        self.0.raw()
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
    use crate::transport::Options;

    #[test]
    fn a_client_can_be_sent_and_a_derived_client_does_not_change_it() {
        fn is_send_and_static<T: Send + Sync + Clone + 'static>(_: &T) {}
        let builder = || Client::builder().token("secret").endpoint("http://127.0.0.1:1");
        let client = builder().build().unwrap();
        is_send_and_static(&client);
        let times = |client: &Client| {
            let Options { attempt_timeout, deadline, .. } = &client.0.layers().options;
            (attempt_timeout.as_secs(), deadline.limit().as_secs())
        };
        let derived = client.with_attempt_timeout(Duration::from_secs(7)).with_deadline(Duration::from_secs(8));
        assert_eq!((times(&client), times(&derived)), ((60, 300), (7, 8)));
        let set = builder().attempt_timeout(Duration::from_secs(9)).deadline(Duration::from_secs(10));
        assert_eq!(times(&set.build().unwrap()), (9, 10));
        assert_eq!(format!("{client:?}"), r#"Client { endpoint: "http://127.0.0.1:1/compute/v1", .. }"#);
    }
}
