//! The client and its builder.

use std::time::Duration;

use super::definitions::setters;
use crate::{
    AuthScheme, Clock, Ledger, Limiter, Observer, Rate, Result, RetryPolicy, TlsBackend, TokenProvider, reqwest,
};

/// A client of the API whose calls block, with one accessor for each kind of resource.
///
/// It wraps a [`Client`](crate::Client), from which it can be made, and which [`as_async`](Self::as_async) returns: both share
/// connections of the same settings, rate limiter, polls and background deletions. It is cheap to clone, and can be used by
/// many threads at once. Creating one sends nothing. The first call starts the thread that drives all blocking calls of the
/// process.
///
/// ```no_run
/// # fn example() -> genesiscloud::Result<()> {
/// use genesiscloud::blocking::Client;
///
/// let client = Client::from_env()?;
/// let volume = client.volumes().get("an-id")?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Client(pub(crate) crate::Client);

impl From<crate::Client> for Client {
    fn from(client: crate::Client) -> Self {
        Self(client)
    }
}

/// Options of the calls made with a client.
macro_rules! options {
    ($($name:ident($option:ident: $Option:ty)),+) => {
        $(
            #[doc = concat!(
                "Returns a client with another option, as [`Client::", stringify!($name), "`](crate::Client::",
                stringify!($name), "), which documents it."
            )]
            pub fn $name(&self, $option: $Option) -> Self {
                Self(self.0.$name($option))
            }
        )+
    };
}

impl Client {
    /// Creates a client with token and endpoint from the environment, as [`Client::from_env`](crate::Client::from_env), which
    /// documents it.
    pub fn from_env() -> Result<Self> {
        crate::Client::from_env().map(Self)
    }

    /// Returns a builder with default settings and no token.
    ///
    /// ```
    /// use genesiscloud::blocking::Client;
    ///
    /// let client = Client::builder().token("secret").endpoint("http://127.0.0.1:8080").build()?;
    /// # Ok::<(), genesiscloud::Error>(())
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder(crate::Client::builder())
    }

    /// Returns the client whose calls are futures.
    ///
    /// ```
    /// # fn example(client: genesiscloud::blocking::Client) {
    /// let volumes = client.as_async().volumes(); // for a program that has a runtime as well
    /// # }
    /// ```
    pub fn as_async(&self) -> &crate::Client {
        &self.0
    }

    /// Returns the URL that requests are sent to.
    pub fn endpoint(&self) -> &str {
        self.0.endpoint()
    }

    options! {
        with_retry_policy(policy: RetryPolicy), with_deadline(deadline: Duration), with_attempt_timeout(timeout: Duration)
    }

    /// Returns a client whose calls have another token, as [`Client::with_token`](crate::Client::with_token), which documents
    /// it.
    pub fn with_token(&self, token: impl AsRef<str>) -> Result<Self> {
        self.0.with_token(token).map(Self)
    }

    /// Returns a client that adds a header to every request, as [`Client::with_header`](crate::Client::with_header), which
    /// documents it.
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self> {
        self.0.with_header(name, value).map(Self)
    }
}

/// Builds a [`Client`]. Its settings and their defaults are those of [`ClientBuilder`](crate::ClientBuilder).
///
/// ```
/// use genesiscloud::blocking::Client;
/// use std::time::Duration;
///
/// let client = Client::builder().token("secret").deadline(Duration::from_secs(20)).build()?;
/// # Ok::<(), genesiscloud::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until build()"]
pub struct ClientBuilder(crate::ClientBuilder);

impl ClientBuilder {
    /// Returns a builder with token and endpoint from the environment, as
    /// [`ClientBuilder::from_env`](crate::ClientBuilder::from_env), which documents it.
    pub fn from_env() -> Result<Self> {
        crate::ClientBuilder::from_env().map(Self)
    }

    setters! {
        ClientBuilder: token(token: impl AsRef<str>), token_provider(provider: impl TokenProvider),
        endpoint(endpoint: impl Into<String>), auth_scheme(scheme: AuthScheme), dangerously_allow_plain_http(),
        retry_policy(policy: RetryPolicy), rate(rate: impl Into<Option<Rate>>), limiter(limiter: impl Limiter),
        connect_timeout(timeout: Duration), attempt_timeout(timeout: Duration), deadline(deadline: Duration),
        max_response_size(bytes: usize), user_agent(name: impl Into<String>), propagation_timeout(timeout: Duration),
        clock(clock: impl Clock), jitter_seed(seed: u64), ledger(ledger: impl Ledger), owner(label: impl Into<String>),
        observer(observer: impl Observer), tls_backend(backend: TlsBackend), root_certificates(pem: impl AsRef<[u8]>),
        configure_http(
            configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static
        ),
    }

    /// Builds the client. Sends nothing, and starts no thread.
    ///
    /// # Errors
    /// Those of [`ClientBuilder::build`](crate::ClientBuilder::build).
    pub fn build(self) -> Result<Client> {
        self.0.build().map(Client)
    }
}
