//! How a client is built: what can be set, what it is by default, and what is refused.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;

use crate::client::Together;
use crate::config::{DEFAULT_ENDPOINT, ENDPOINT_VARIABLE, Endpoint, Environment, TOKEN_VARIABLE, Token};
use crate::transport::{
    AuthScheme, Chain, Credentials, Gate, Headers, Jitter, Limiter, Options, Rate, RateLimiter, RetryPolicy,
    ServiceTime, Shared, user_agent,
};
use crate::{Client, Clock, Error, Result, SystemClock, tls};

/// Builds a [`Client`].
///
/// | setting | default |
/// | --- | --- |
/// | [`token`](Self::token) | none, one is needed |
/// | [`endpoint`](Self::endpoint) | `https://api.genesiscloud.com/compute/v1` |
/// | [`auth_scheme`](Self::auth_scheme) | [`AuthScheme::Bearer`] |
/// | [`retry`](Self::retry) | [`RetryPolicy::default`] |
/// | [`rate`](Self::rate), [`limiter`](Self::limiter) | 10 requests a second, 9 at once ([`Rate::default`]) |
/// | [`connect_timeout`](Self::connect_timeout) | 10 s |
/// | [`attempt_timeout`](Self::attempt_timeout) | 60 s |
/// | [`deadline`](Self::deadline) | 300 s for a whole call |
/// | [`user_agent`](Self::user_agent) | this crate's name and version |
/// | [`http`](Self::http) | nothing is changed |
/// | [`clock`](Self::clock), [`seed`](Self::seed) | the machine's time, and any |
///
/// ```
/// use std::time::Duration;
///
/// let client = genesiscloud::Client::builder().token("secret").deadline(Duration::from_secs(20)).build()?;
/// # Ok::<(), genesiscloud::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until build()"]
pub struct ClientBuilder {
    token: Option<Result<Token, String>>,
    /// What an error calls it, and what it is.
    endpoint: (&'static str, String),
    scheme: AuthScheme,
    plain_http: bool,
    retry: RetryPolicy,
    limit: Limit,
    connect_timeout: Duration,
    attempt_timeout: Duration,
    deadline: Duration,
    user_agent: Option<String>,
    http: Option<Arc<ChangeHttp>>,
    clock: Arc<dyn Clock>,
    seed: Option<u64>,
}

/// What a caller does to the HTTP client that is being made.
type ChangeHttp = dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync;

#[derive(Clone, Debug)]
enum Limit {
    Rate(Option<Rate>),
    By(Arc<dyn Limiter>),
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);
const DEADLINE: Duration = Duration::from_secs(300);
/// Servers close connections that were idle for a minute or so. A create that is sent at that very moment is lost, and
/// nobody knows whether it arrived; so this side gives them up first.
const IDLE: Duration = Duration::from_secs(15);

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            token: None,
            endpoint: ("the endpoint", DEFAULT_ENDPOINT.into()),
            scheme: AuthScheme::default(),
            plain_http: false,
            retry: RetryPolicy::default(),
            limit: Limit::Rate(Some(Rate::default())),
            connect_timeout: CONNECT_TIMEOUT,
            attempt_timeout: ATTEMPT_TIMEOUT,
            deadline: DEADLINE,
            user_agent: None,
            http: None,
            clock: Arc::new(SystemClock),
            seed: None,
        }
    }

    /// A builder with token and endpoint from the environment, as [`Client::from_env`] takes them, to set more.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if there is no token, or a variable is set but empty.
    ///
    /// ```
    /// # fn example() -> genesiscloud::Result<()> {
    /// let builder = genesiscloud::ClientBuilder::from_env()?.auth_scheme(genesiscloud::AuthScheme::XAuthToken);
    /// # Ok(()) }
    /// ```
    pub fn from_env() -> Result<Self> {
        let environment = Environment::read(|name| std::env::var_os(name))?;
        let mut builder = Self::new();
        builder.token = Some(read_token(TOKEN_VARIABLE, &environment.token));
        if let Some(endpoint) = environment.endpoint {
            builder.endpoint = (ENDPOINT_VARIABLE, endpoint);
        }
        Ok(builder)
    }

    /// The secret token. White space at its ends is taken off; what no token can be is an error of
    /// [`build`](Self::build).
    pub fn token(mut self, token: impl AsRef<str>) -> Self {
        // Read at once, so that the plain text is not kept.
        self.token = Some(read_token("the token", token.as_ref()));
        self
    }

    /// Where requests go: `https://host/compute/v1`, `https://host` or `host`, which mean the same.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = ("the endpoint", endpoint.into());
        self
    }

    /// The header that carries the token.
    pub fn auth_scheme(mut self, scheme: AuthScheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// Allows an endpoint in plain `http` on another host than loopback. The token is then readable on the way.
    pub fn dangerously_allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// When a call that failed is made again; [`RetryPolicy::default`] if not set. [`Client::with_retry`] sets it for
    /// single calls.
    ///
    /// ```
    /// use genesiscloud::{Client, RetryPolicy};
    /// let client = Client::builder().token("secret").retry(RetryPolicy::default().with_attempts(3)).build()?;
    /// # Ok::<(), genesiscloud::Error>(())
    /// ```
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How many requests are sent, by this client and all its clones together; [`Rate::default`] if not set. `None` is
    /// no limit; then only a 429 makes all of them wait.
    ///
    /// ```
    /// use genesiscloud::{Client, Rate};
    /// let client = Client::builder().token("secret").rate(Rate::per_second(5)).build()?;
    /// let hasty = Client::builder().token("secret").rate(None).build()?;
    /// # Ok::<(), genesiscloud::Error>(())
    /// ```
    pub fn rate(mut self, rate: impl Into<Option<Rate>>) -> Self {
        self.limit = Limit::Rate(rate.into());
        self
    }

    /// Who says when a request may be sent, in place of a [`rate`](Self::rate): a limiter that other clients or programs
    /// share.
    pub fn limiter(mut self, limiter: impl Limiter) -> Self {
        self.limit = Limit::By(Arc::new(limiter));
        self
    }

    /// The longest that connecting may take; 10 s if not set. Kept by the machine's time, whatever the
    /// [`clock`](Self::clock). Where an attempt or a call has less time than that, connecting in vain looks like an answer
    /// that did not come.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The longest that one attempt may take, from connecting to the last byte of the answer; 60 s if not set.
    /// [`Client::with_attempt_timeout`] sets it for single calls.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// The longest that a call may take: waiting for its turn, all attempts, and the waits between them; 300 s if not
    /// set. A page of a list is a call. [`Client::with_deadline`] sets it for single calls.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// What your program is called in the `User-Agent`, such as `trainer/1.0`; this crate's name and version follow.
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = Some(name.into());
        self
    }

    /// The time by which deadlines, waits and the rate are kept; the machine's if not set. For tests.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Where the randomness of waits begins; anywhere if not set. For tests.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Changes how the HTTP client is made: proxies beyond those of the environment, private certificate authorities,
    /// addresses of your own resolver, the size of the pool.
    ///
    /// What this crate answers for is set afterwards, whatever you do: no redirects are followed, and nothing is sent again
    /// below its own retries. Certificates: the builder comes with this crate's TLS, which takes no further ones; bring a
    /// configuration of your own with [`tls_backend_preconfigured`](reqwest::ClientBuilder::tls_backend_preconfigured).
    ///
    /// ```
    /// let proxy = genesiscloud::reqwest::Proxy::all("http://proxy.example:3128").unwrap();
    /// let builder = genesiscloud::Client::builder().token("secret").http(move |http| http.proxy(proxy.clone()));
    /// let client = builder.build()?;
    /// # Ok::<(), genesiscloud::Error>(())
    /// ```
    pub fn http(
        mut self,
        change: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.http = Some(Arc::new(change));
        self
    }

    /// The client. Sends nothing.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config), with a sentence that says what is wrong: the token, the endpoint, a time of
    /// nothing, the user agent, or the HTTP client.
    pub fn build(self) -> Result<Client> {
        let token = match self.token {
            Some(token) => token.map_err(Error::config)?,
            None => {
                return Err(Error::config("there is no token; give one with `token(…)` or use `Client::from_env()`"));
            }
        };
        let (name, endpoint) = &self.endpoint;
        let endpoint = Endpoint::parse(name, endpoint, self.plain_http)?;
        for (what, time) in [
            ("the connect timeout", self.connect_timeout),
            ("the attempt timeout", self.attempt_timeout),
            ("the deadline", self.deadline),
        ] {
            if time.is_zero() {
                return Err(Error::config(format!("{what} is 0 s, which leaves no time to send anything")));
            }
        }
        let headers = Headers::with_user_agent(user_agent(self.user_agent.as_deref())?);
        let http = http_client(&endpoint, self.connect_timeout, self.http.as_deref())?;
        let limiter: Arc<dyn Limiter> = match self.limit {
            Limit::Rate(rate) => Arc::new(RateLimiter::of(rate, Arc::clone(&self.clock))),
            Limit::By(limiter) => limiter,
        };
        let options = Options {
            retry: self.retry,
            attempt_timeout: self.attempt_timeout,
            deadline: self.deadline,
            headers,
            gate: Gate::default(),
        };
        let shared = Shared {
            service_time: ServiceTime::default(),
            credentials: Credentials { token, scheme: self.scheme },
            clock: self.clock,
            jitter: Jitter::new(self.seed),
            limiter,
            built: options.clone(),
        };
        let chain = Chain { shared: Arc::new(shared), options };
        Ok(Client::new(endpoint, http, chain, Together::default()))
    }
}

fn read_token(name: &str, token: &str) -> Result<Token, String> {
    Token::parse(name, token).map_err(|error| error.message().to_owned())
}

impl fmt::Debug for ClientBuilder {
    /// Without the endpoint, which is not checked yet and may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("scheme", &self.scheme)
            .field("retry", &self.retry)
            .field("limit", &self.limit)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

fn http_client(endpoint: &Endpoint, connect_timeout: Duration, change: Option<&ChangeHttp>) -> Result<reqwest::Client> {
    if endpoint.is_https() && !tls::AVAILABLE && change.is_none() {
        return Err(Error::config(
            "the endpoint is https and this build has no TLS; switch on the feature `rustls` or `native-tls`",
        ));
    }
    let mut builder = reqwest::Client::builder().connect_timeout(connect_timeout).pool_idle_timeout(IDLE);
    if endpoint.is_loopback() {
        // A proxy of the environment has no business there, and in plain http would read the token.
        builder = builder.no_proxy();
    }
    builder = tls::configure(builder, endpoint.is_https())?;
    if let Some(change) = change {
        builder = change(builder);
    }
    builder
        // An API does not redirect, and a redirect would carry the token elsewhere.
        .redirect(Policy::none())
        // What is sent again is decided in one place, and that is not there.
        .retry(reqwest::retry::never())
        .build()
        .map_err(|error| Error::config(format!("the HTTP client cannot be set up: {error:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: &str = "http://127.0.0.1:1";

    #[test]
    fn https_needs_tls_in_the_build_and_http_on_loopback_does_not() {
        let build = |endpoint| Client::builder().token("secret").endpoint(endpoint).build().map(drop);
        assert!(build(LOOPBACK).is_ok());
        match build(DEFAULT_ENDPOINT) {
            Ok(()) if tls::AVAILABLE => {}
            Err(error) if !tls::AVAILABLE => assert!(error.to_string().contains("feature `rustls`"), "{error}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn no_time_at_all_is_refused() {
        let builder = || Client::builder().token("secret").endpoint(LOOPBACK);
        for (builder, says) in [
            (builder().connect_timeout(Duration::ZERO), "the connect timeout is 0 s"),
            (builder().attempt_timeout(Duration::ZERO), "the attempt timeout is 0 s"),
            (builder().deadline(Duration::ZERO), "the deadline is 0 s"),
        ] {
            let error = builder.build().unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn neither_builder_nor_client_shows_a_token() {
        let builder = Client::builder().token("s3cr3t-token").endpoint(LOOPBACK).auth_scheme(AuthScheme::XAuthToken);
        let client = builder.clone().build().unwrap();
        let with_password = Client::builder().endpoint("https://user:s3cr3t@host");
        for text in
            [format!("{with_password:?}"), format!("{builder:?}"), format!("{client:?}"), format!("{:?}", client.raw())]
        {
            assert!(!text.contains("s3cr3t"), "{text}");
        }
    }
}
