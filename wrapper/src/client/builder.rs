//! The builder of a client: its settings, their defaults, and what is refused.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;

use super::Client;
use crate::config::{
    DEFAULT_ENDPOINT, ENDPOINT_VARIABLE, Endpoint, Environment, EnvironmentToken, TOKEN_VARIABLE, Token,
};
use crate::core::{Core, SharedState};
use crate::ledger::{Ledger, Recording};
use crate::transport::{
    AuthScheme, CancelHandle, Connections, Credentials, Deadline, Deprecations, Headers, Jitter, Layers, Limiter,
    MAX_RESPONSE_SIZE, Observer, Observers, Options, Rate, RateLimiter, RetryPolicy, ServiceTime, Shared, TokenFile,
    TokenProvider, user_agent,
};
use crate::{Clock, Error, Result, SystemClock, TlsBackend, proxy, tls};

/// Builds a [`Client`].
///
/// | setting | default |
/// | --- | --- |
/// | [`token`](Self::token) or [`token_provider`](Self::token_provider) | none; required |
/// | [`endpoint`](Self::endpoint) | `https://api.genesiscloud.com/compute/v1` |
/// | [`auth_scheme`](Self::auth_scheme) | [`AuthScheme::Bearer`] |
/// | [`retry_policy`](Self::retry_policy) | [`RetryPolicy::default`] |
/// | [`rate`](Self::rate), [`limiter`](Self::limiter) | 10 requests per second, 9 at once ([`Rate::default`]) |
/// | [`connect_timeout`](Self::connect_timeout) | 10 s |
/// | [`attempt_timeout`](Self::attempt_timeout) | 60 s |
/// | [`deadline`](Self::deadline) | 300 s for a whole call from its first permit on |
/// | [`propagation_timeout`](Self::propagation_timeout) | 60 s |
/// | [`max_response_size`](Self::max_response_size) | 8 MiB |
/// | [`user_agent`](Self::user_agent) | this crate's name and version |
/// | [`tls_backend`](Self::tls_backend) | rustls; native TLS if this crate's features have that alone |
/// | [`root_certificates`](Self::root_certificates) | those of the operating system |
/// | [`configure_http`](Self::configure_http) | no change |
/// | [`observer`](Self::observer) | none |
/// | [`ledger`](Self::ledger), [`owner`](Self::owner) | none |
/// | [`clock`](Self::clock), [`jitter_seed`](Self::jitter_seed) | the system's clock, a random seed |
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
    token: Option<TokenSource>,
    /// The name for error messages, and the value.
    endpoint: (&'static str, String),
    scheme: AuthScheme,
    plain_http: bool,
    retry: RetryPolicy,
    limit: Limit,
    connect_timeout: Duration,
    attempt_timeout: Duration,
    deadline: Deadline,
    propagation_timeout: Duration,
    max_response_size: usize,
    user_agent: Option<String>,
    tls_backend: Option<TlsBackend>,
    /// In PEM.
    root_certificates: Vec<Vec<u8>>,
    configure_http: Option<Arc<ConfigureHttp>>,
    clock: Arc<dyn Clock>,
    jitter_seed: Option<u64>,
    ledger: Option<Arc<dyn Ledger>>,
    owner: Option<String>,
    observer: Option<Arc<dyn Observer>>,
}

/// Where the token is from.
#[derive(Clone)]
enum TokenSource {
    /// Or what is wrong with it.
    Fixed(Result<Token, String>),
    Provider(Arc<dyn TokenProvider>),
}

/// A caller's changes to the builder of the HTTP client.
type ConfigureHttp = dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync;

#[derive(Clone, Debug)]
enum Limit {
    Rate(Option<Rate>),
    Custom(Arc<dyn Limiter>),
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);
const PROPAGATION_TIMEOUT: Duration = Duration::from_secs(60);
/// Servers close connections that were idle for a minute or so. A create that is sent at that moment is lost, and whether it
/// arrived is not known; so the client closes idle connections first.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

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
            deadline: Deadline::DEFAULT,
            propagation_timeout: PROPAGATION_TIMEOUT,
            max_response_size: MAX_RESPONSE_SIZE,
            user_agent: None,
            tls_backend: None,
            root_certificates: vec![],
            configure_http: None,
            clock: Arc::new(SystemClock),
            jitter_seed: None,
            ledger: None,
            owner: None,
            observer: None,
        }
    }

    /// Returns a builder with token and endpoint from the environment, as [`Client::from_env`] reads them.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if there is no token, or both a token and a file, or a variable is set but empty.
    ///
    /// ```
    /// # fn example() -> genesiscloud::Result<()> {
    /// let builder = genesiscloud::ClientBuilder::from_env()?.auth_scheme(genesiscloud::AuthScheme::XAuthToken);
    /// # Ok(()) }
    /// ```
    pub fn from_env() -> Result<Self> {
        let environment = Environment::read(|name| std::env::var_os(name))?;
        let mut builder = Self::new();
        builder = match environment.token {
            EnvironmentToken::Text(token) => builder.fixed_token(TOKEN_VARIABLE, &token),
            EnvironmentToken::File(path) => builder.token_provider(TokenFile::new(path)),
        };
        if let Some(endpoint) = environment.endpoint {
            builder.endpoint = (ENDPOINT_VARIABLE, endpoint);
        }
        Ok(builder)
    }

    /// Sets the secret token. White space at its ends is removed; a text that cannot be a token, such as one in quotes, is an
    /// error of [`build`](Self::build).
    pub fn token(self, token: impl AsRef<str>) -> Self {
        self.fixed_token("the token", token.as_ref())
    }

    fn fixed_token(mut self, name: &str, token: &str) -> Self {
        // Parsed at once, so that the plain text is not kept.
        self.token = Some(TokenSource::Fixed(Token::parse(name, token).map_err(|error| error.message().to_owned())));
        self
    }

    /// Sets what provides the token, in place of a [`token`](Self::token) that is fixed: a [`TokenFile`], a
    /// [`TokenProvider`], or a closure that returns a future of a token. Of tokens and providers, the last one that is set counts.
    ///
    /// The provider is called before the first request, and again when its token has expired or the service has refused it. A
    /// request that was refused (401) is sent once more if there is another token by then, whatever the retry policy. Costs that
    /// request; the [guide](crate::guide::authentication#tokens-that-change) has the details.
    ///
    /// ```
    /// use genesiscloud::Client;
    ///
    /// async fn issue_token() -> std::io::Result<String> {
    ///     Ok("secret".into()) // … of a service that issues them
    /// }
    ///
    /// let client = Client::builder().token_provider(issue_token).build()?;
    /// let client = Client::builder().token_provider(|| async { issue_token().await }).build()?;
    /// # Ok::<(), genesiscloud::Error>(())
    /// ```
    pub fn token_provider(mut self, provider: impl TokenProvider) -> Self {
        self.token = Some(TokenSource::Provider(Arc::new(provider)));
        self
    }

    /// Sets the URL that requests are sent to: `https://host/compute/v1`, `https://host` or `host`, which mean the same.
    /// Two slashes in a row in its path are one.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = ("the endpoint", endpoint.into());
        self
    }

    /// Sets the header that carries the token.
    pub fn auth_scheme(mut self, scheme: AuthScheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// Allows an endpoint with plain `http` on another host than loopback. The token can then be read on the network.
    pub fn dangerously_allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Sets the retry policy; [`RetryPolicy::default`] by default. [`Client::with_retry_policy`] sets it for single calls.
    ///
    /// ```
    /// use genesiscloud::{Client, RetryPolicy};
    /// let client = Client::builder().token("secret").retry_policy(RetryPolicy::default().with_max_attempts(3)).build()?;
    /// # Ok::<(), genesiscloud::Error>(())
    /// ```
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Sets the rate of requests of this client and all its clones together; [`Rate::default`] by default. `None` is no
    /// limit; then requests wait only after a 429.
    ///
    /// ```
    /// use genesiscloud::{Client, Rate};
    /// let client = Client::builder().token("secret").rate(Rate::per_second(5)).build()?;
    /// let unlimited = Client::builder().token("secret").rate(None).build()?;
    /// # Ok::<(), genesiscloud::Error>(())
    /// ```
    pub fn rate(mut self, rate: impl Into<Option<Rate>>) -> Self {
        self.limit = Limit::Rate(rate.into());
        self
    }

    /// Sets the limiter that permits requests, in place of a [`rate`](Self::rate): one that other clients or programs share.
    pub fn limiter(mut self, limiter: impl Limiter) -> Self {
        self.limit = Limit::Custom(Arc::new(limiter));
        self
    }

    /// Sets the time limit for connecting; 10 s by default. It goes by the system's clock, whatever the
    /// [`clock`](Self::clock). If an attempt or a call has less time than that, a connection that is not made looks like a
    /// response that did not arrive.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the time limit for one attempt, from connecting to the last byte of the response; 60 s by default.
    /// [`Client::with_attempt_timeout`] sets it for single calls.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Sets the time limit for each call, from when it is first polled, for waiting for permits, all attempts, and the delays
    /// between them. A page of a list is a call. [`Client::with_deadline`] sets it for single calls.
    ///
    /// Without it, a call has 300 s from its first permit on: the wait for that does not count. So any number of calls can be
    /// begun at once, however long the [rate](Self::rate) makes the last of them wait.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Deadline::set(deadline);
        self
    }

    /// Sets the longest body of a success that is read, in bytes; 8 MiB by default, which a page of 100 items does not reach.
    /// A longer one is an error with the kind [`Decode`](crate::ErrorKind::Decode), or
    /// [`Ambiguous`](crate::ErrorKind::Ambiguous) after a create or an action. Memory and the time for decoding are bounded by
    /// it. Of an error response 64 KiB are read, whatever is set here.
    ///
    /// ```
    /// let client = genesiscloud::Client::builder().token("secret").max_response_size(1024 * 1024).build()?;
    /// # Ok::<(), genesiscloud::Error>(())
    /// ```
    pub fn max_response_size(mut self, bytes: usize) -> Self {
        self.max_response_size = bytes;
        self
    }

    /// Sets your program's part of the `User-Agent`, such as `trainer/1.0`. It is put before this crate's name and version.
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = Some(name.into());
        self
    }

    /// Sets how long after a create the service's reads may not show its result; 60 s by default. Until then, a 404 for a
    /// resource that this client created and has not observed yet ends no wait and no cleanup, and the search for the result
    /// of a create whose response was lost goes on for as long.
    ///
    /// ```
    /// use std::time::Duration;
    /// let builder = genesiscloud::Client::builder().token("secret").propagation_timeout(Duration::from_secs(10));
    /// ```
    pub fn propagation_timeout(mut self, timeout: Duration) -> Self {
        self.propagation_timeout = timeout;
        self
    }

    /// Sets the clock for deadlines, waits and the rate limit; the system's by default. For tests.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets the seed of the random part of the backoff; random by default. For tests.
    pub fn jitter_seed(mut self, seed: u64) -> Self {
        self.jitter_seed = Some(seed);
        self
    }

    /// Keeps a ledger: each create is recorded in it before it is sent, and each deletion when it is accepted, so that a later
    /// process finds what this one leaves ([`Client::reconcile`]). A create that cannot be recorded is not sent. There is none by
    /// default.
    ///
    /// With a ledger, every create that can have a marker has one: an instance whose host name is not set, in its host name;
    /// volumes, filesystems, security groups and floating IPs in their description, `[marker …]`. Creates and deletions by
    /// [`Client::raw`] are not recorded.
    ///
    /// Costs no request. A create costs two records, before and after; a deletion one, and one more if
    /// [`until_gone`](crate::Waiter::until_gone) confirms it. Each takes an attempt's timeout at most, in addition to the call's
    /// deadline. [Never lose a machine](crate::guide::never_lose_a_machine) has the details.
    ///
    /// ```no_run
    /// use genesiscloud::{Client, FileLedger};
    ///
    /// let ledger = FileLedger::open("fleet.ledger")?;
    /// let client = Client::builder().token("secret").ledger(ledger).owner("nightly training").build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ledger(mut self, ledger: impl Ledger) -> Self {
        self.ledger = Some(Arc::new(ledger));
        self
    }

    /// Sets a label for the entries of this client in its [ledger](Self::ledger), such as the name of the program or job. None
    /// by default.
    ///
    /// ```
    /// let builder = genesiscloud::Client::builder().owner("nightly training");
    /// ```
    pub fn owner(mut self, label: impl Into<String>) -> Self {
        self.owner = Some(label.into());
        self
    }

    /// Sets what observes the calls of this client and their attempts, such as for metrics or an audit log; none by default. It is
    /// shown no secrets, bodies or headers. An observer in an [`Arc`] can be read by the program. Costs no request.
    ///
    /// ```
    /// use genesiscloud::{CallEnd, Client, Observer};
    ///
    /// struct Slow;
    ///
    /// impl Observer for Slow {
    ///     fn on_call_end(&self, end: &CallEnd<'_>) {
    ///         if end.duration.as_secs() > 5 {
    ///             eprintln!("{} took {:?} and {} attempts", end.call.operation, end.duration, end.attempts);
    ///         }
    ///     }
    /// }
    ///
    /// let client = Client::builder().token("secret").observer(Slow).build()?;
    /// # Ok::<(), genesiscloud::Error>(())
    /// ```
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Sets the library for TLS. By default it is rustls if the feature `rustls` is on, which any crate of the program can
    /// enable. A backend that this build lacks is an error of [`build`](Self::build).
    ///
    /// ```
    /// use genesiscloud::{Client, TlsBackend};
    ///
    /// # #[cfg(feature = "rustls")] {
    /// let client = Client::builder().token("secret").tls_backend(TlsBackend::Rustls).build()?;
    /// # }
    /// # Ok::<(), genesiscloud::Error>(())
    /// ```
    pub fn tls_backend(mut self, backend: TlsBackend) -> Self {
        self.tls_backend = Some(backend);
        self
    }

    /// Adds certificate authorities, one or more certificates in PEM, to those that the operating system trusts, with either
    /// TLS backend. Text without a certificate, or with one that cannot be read, is an error of [`build`](Self::build); so is
    /// any on Android with rustls.
    ///
    /// ```no_run
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let pem = std::fs::read("/etc/company/authority.pem")?;
    /// let client = genesiscloud::Client::builder().token("secret").root_certificates(pem).build()?;
    /// # Ok(()) }
    /// ```
    pub fn root_certificates(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.root_certificates.push(pem.as_ref().to_vec());
        self
    }

    /// Configures the HTTP client: proxies beyond those of the environment, addresses of your own resolver, the size of the
    /// connection pool. It is called by [`build`](Self::build), and once for each further runtime in which the client is used,
    /// since connections belong to a runtime.
    ///
    /// Two settings are made afterwards and cannot be changed: no redirects are followed, and nothing is retried below this
    /// crate's own retries.
    ///
    /// **It does not take certificates.** The builder comes with this crate's TLS, on which `reqwest`'s functions for
    /// certificates have no effect with rustls. Use [`root_certificates`](Self::root_certificates), or set a configuration of
    /// your own with [`tls_backend_preconfigured`](reqwest::ClientBuilder::tls_backend_preconfigured).
    ///
    /// ```
    /// let proxy = genesiscloud::reqwest::Proxy::all("http://proxy.example:3128").unwrap();
    /// let builder = genesiscloud::Client::builder().token("secret").configure_http(move |http| http.proxy(proxy.clone()));
    /// let client = builder.build()?;
    /// # Ok::<(), genesiscloud::Error>(())
    /// ```
    pub fn configure_http(
        mut self,
        configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.configure_http = Some(Arc::new(configure));
        self
    }

    /// Builds the client. Sends nothing.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config), with a message that states what is invalid: the token, the endpoint, a time
    /// limit or size of zero, the user agent, a proxy variable of the environment, or the HTTP client.
    pub fn build(self) -> Result<Client> {
        let credentials = match self.token {
            Some(TokenSource::Fixed(token)) => Credentials::fixed(token.map_err(Error::config)?, self.scheme),
            Some(TokenSource::Provider(provider)) => Credentials::provided(provider, self.scheme),
            None => {
                return Err(Error::config("there is no token; set one with `token(…)` or use `Client::from_env()`"));
            }
        };
        let (name, endpoint) = &self.endpoint;
        let endpoint = Endpoint::parse(name, endpoint, self.plain_http)?;
        for (what, time) in [
            ("the connect timeout", self.connect_timeout),
            ("the attempt timeout", self.attempt_timeout),
            ("the deadline", self.deadline.limit()),
        ] {
            if time.is_zero() {
                return Err(Error::config(format!("{what} is 0 s, which leaves no time to send anything")));
            }
        }
        if self.max_response_size == 0 {
            return Err(Error::config("the largest response is 0 bytes, which leaves nothing to be read"));
        }
        let headers = Headers::with_user_agent(user_agent(self.user_agent.as_deref())?);
        let tls = tls::Configuration::new(endpoint.is_https(), self.tls_backend, &self.root_certificates)?;
        let http = {
            let endpoint = endpoint.clone();
            move || http_client(&endpoint, self.connect_timeout, &tls, self.configure_http.as_deref())
        };
        let first = http()?;
        let limiter: Arc<dyn Limiter> = match self.limit {
            Limit::Rate(rate) => Arc::new(RateLimiter::from_parts(rate, Arc::clone(&self.clock))),
            Limit::Custom(limiter) => limiter,
        };
        let options = Options {
            retry: self.retry,
            attempt_timeout: self.attempt_timeout,
            deadline: self.deadline,
            propagation_timeout: self.propagation_timeout,
            is_propagating: false,
            headers,
            cancel: CancelHandle::default(),
        };
        let shared = Shared {
            connections: Connections::new(first.clone(), http),
            service_time: ServiceTime::default(),
            deprecations: Deprecations::default(),
            observers: Observers::new(self.observer),
            clock: self.clock,
            jitter: Jitter::new(self.jitter_seed),
            limiter,
            max_response_size: self.max_response_size,
            built_with: options.clone(),
        };
        let layers = Layers { shared: Arc::new(shared), credentials: Arc::new(credentials), options };
        let recording = self.ledger.map(|ledger| Recording { ledger, owner: self.owner });
        Ok(Client::new(Core::new(endpoint, first, layers, recording, SharedState::default())))
    }
}

impl Client {
    /// Creates a client with the token in `GENESISCLOUD_TOKEN`, or in the file that `GENESISCLOUD_TOKEN_FILE` names
    /// ([`TokenFile`]), and the endpoint in `GENESISCLOUD_ENDPOINT`, or the provider's endpoint if that is not set. Sends nothing.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if neither or both of the variables for the token are set, or a variable is set but empty
    /// or invalid. The file is not read before the first call.
    ///
    /// ```
    /// let client = genesiscloud::Client::from_env();
    /// ```
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// Returns a builder with default settings and no token.
    ///
    /// ```
    /// let client = genesiscloud::Client::builder().token("secret").endpoint("http://127.0.0.1:8080").build()?;
    /// # Ok::<(), genesiscloud::Error>(())
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }
}

impl fmt::Debug for ClientBuilder {
    /// Does not show the endpoint, which is not checked yet and may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("scheme", &self.scheme)
            .field("retry", &self.retry)
            .field("limit", &self.limit)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("deadline", &self.deadline.limit())
            .finish_non_exhaustive()
    }
}

fn http_client(
    endpoint: &Endpoint,
    connect_timeout: Duration,
    tls: &tls::Configuration,
    configure: Option<&ConfigureHttp>,
) -> Result<reqwest::Client> {
    if endpoint.is_https() && !tls::AVAILABLE && configure.is_none() {
        return Err(Error::config(
            "the endpoint is https and this build has no TLS; enable the feature `rustls` or `native-tls`",
        ));
    }
    let mut builder = reqwest::Client::builder().connect_timeout(connect_timeout).pool_idle_timeout(IDLE_TIMEOUT);
    // What other crates may enable by features of reqwest, and would otherwise be on here as well.
    builder = builder.http1_only().no_gzip().no_brotli().no_zstd().no_deflate().no_hickory_dns();
    if endpoint.is_loopback() {
        // A proxy of the environment is not meant for loopback, and could read the token in plain http.
        builder = builder.no_proxy();
    } else {
        proxy::check_environment(|name| std::env::var_os(name))?;
    }
    builder = tls.apply(builder);
    if let Some(configure) = configure {
        builder = configure(builder);
    }
    builder
        // The API does not redirect, and a redirect would send the token to another host.
        .redirect(Policy::none())
        // Retries are decided in `transport` alone.
        .retry(reqwest::retry::never())
        .build()
        .map_err(|error| Error::config(format!("the HTTP client cannot be built: {error:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: &str = "http://127.0.0.1:1";

    #[test]
    fn https_needs_a_tls_feature_and_http_on_loopback_does_not() {
        let build = |endpoint| Client::builder().token("secret").endpoint(endpoint).build().map(drop);
        assert!(build(LOOPBACK).is_ok());
        match build(DEFAULT_ENDPOINT) {
            Ok(()) if tls::AVAILABLE => {}
            Err(error) if !tls::AVAILABLE => assert!(error.to_string().contains("feature `rustls`"), "{error}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn limits_of_zero_are_refused() {
        let builder = || Client::builder().token("secret").endpoint(LOOPBACK);
        for (builder, says) in [
            (builder().connect_timeout(Duration::ZERO), "the connect timeout is 0 s"),
            (builder().attempt_timeout(Duration::ZERO), "the attempt timeout is 0 s"),
            (builder().deadline(Duration::ZERO), "the deadline is 0 s"),
            (builder().max_response_size(0), "the largest response is 0 bytes"),
        ] {
            let error = builder.build().unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn debug_of_builder_and_client_does_not_show_the_token() {
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
