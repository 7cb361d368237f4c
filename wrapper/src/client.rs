//! The client and how it is built.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use genesiscloud_bindings::{self as bindings, Seam};
use reqwest::redirect::Policy;

use crate::call::Call;
use crate::config::{DEFAULT_ENDPOINT, ENDPOINT_VARIABLE, Endpoint, Environment, TOKEN_VARIABLE, Token};
use crate::services::{
    Availability, Filesystems, FloatingIps, Images, Instances, Quotas, Reservations, SecurityGroups, Snapshots,
    SshKeys, Volumes,
};
use crate::transport::{AuthScheme, Chain, Credentials};
use crate::{Error, Result, tls};

/// The way to the API: one service for each kind of resource.
///
/// Cheap to clone; clones share connections. Making one sends nothing.
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
    chain: Arc<Chain>,
    raw: bindings::Client,
}

impl Client {
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

    /// The generated client, with this client's credentials and deadlines. Its types follow the provider's document
    /// and change with it, without a new major version of this crate. Its errors are the generator's: an answer that is
    /// no success is an `UnexpectedResponse`, whose body is still to be read.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let answer = client.raw().get_instance("an-instance").await;
    /// # Ok(()) }
    /// ```
    pub fn raw(&self) -> &bindings::Client {
        &self.0.raw
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

/// Builds a [`Client`].
///
/// | setting | default |
/// | --- | --- |
/// | [`token`](Self::token) | none, one is needed |
/// | [`endpoint`](Self::endpoint) | `https://api.genesiscloud.com/compute/v1` |
/// | [`auth_scheme`](Self::auth_scheme) | [`AuthScheme::Bearer`] |
/// | [`timeout`](Self::timeout) | 60 s a request; connecting 10 s, which cannot be changed here |
/// | [`http_client`](Self::http_client) | one that follows no redirects |
///
/// ```
/// use std::time::Duration;
///
/// let client = genesiscloud::Client::builder().token("secret").timeout(Duration::from_secs(20)).build()?;
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
    timeout: Option<Duration>,
    http: Option<reqwest::Client>,
}

const TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl ClientBuilder {
    fn new() -> Self {
        Self {
            token: None,
            endpoint: ("the endpoint", DEFAULT_ENDPOINT.into()),
            scheme: AuthScheme::default(),
            plain_http: false,
            timeout: None,
            http: None,
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

    /// The longest a request may take, from connecting to the last byte of the answer; 60 s if not set, and what
    /// [`http_client`](Self::http_client) says if one is given. Connecting may take 10 s of it.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// An HTTP client of your own, for proxies and private certificate authorities. It brings its own connection
    /// settings; a [`timeout`](Self::timeout) set here still holds.
    ///
    /// Make it with [`redirect(Policy::none())`](reqwest::redirect::Policy::none). A client that follows redirects
    /// repeats request bodies, passwords included, where it is sent. It takes `Authorization` off on the way to another
    /// host but knows nothing of `X-Auth-Token`, so [`AuthScheme::XAuthToken`] is refused beside a client of your own.
    /// An answer that came by a redirect is an error, whatever it says; and where such a client cannot connect, a create
    /// or an update may have been sent before, so it is told as [`Interrupted`](crate::ErrorKind::Interrupted).
    ///
    /// ```
    /// # fn example(own: reqwest::Client) -> genesiscloud::Result<()> {
    /// let client = genesiscloud::Client::builder().token("secret").http_client(own).build()?;
    /// # Ok(()) }
    /// ```
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }

    /// The client. Sends nothing.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config), with a sentence that says what is wrong with token or endpoint.
    pub fn build(self) -> Result<Client> {
        let token = match self.token {
            Some(token) => token.map_err(Error::config)?,
            None => {
                return Err(Error::config("there is no token; give one with `token(…)` or use `Client::from_env()`"));
            }
        };
        let (name, endpoint) = &self.endpoint;
        let endpoint = Endpoint::parse(name, endpoint, self.plain_http)?;
        let may_redirect = self.http.is_some();
        let (http, timeout) = match self.http {
            Some(_) if self.scheme == AuthScheme::XAuthToken => {
                return Err(Error::config(
                    "`AuthScheme::XAuthToken` cannot go with `http_client(…)`: a redirect that client follows would \
                     carry the token to another host; use `AuthScheme::Bearer`",
                ));
            }
            Some(http) => (http, self.timeout),
            None => (http_client(&endpoint)?, Some(self.timeout.unwrap_or(TIMEOUT))),
        };
        let credentials = Credentials { token, scheme: self.scheme };
        let chain = Arc::new(Chain { credentials, timeout, may_redirect });
        let raw = bindings::Client::new_with_client(endpoint.as_str(), http.clone(), Seam::new(Arc::clone(&chain)));
        Ok(Client(Arc::new(Shared { endpoint, http, chain, raw })))
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
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

fn http_client(endpoint: &Endpoint) -> Result<reqwest::Client> {
    if endpoint.is_https() && !tls::AVAILABLE {
        return Err(Error::config(
            "the endpoint is https and this build has no TLS; switch on the feature `rustls` or `native-tls`",
        ));
    }
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("genesiscloud-rust/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        // An API does not redirect, and a redirect would carry the token elsewhere.
        .redirect(Policy::none());
    if endpoint.is_loopback() {
        // A proxy of the environment has no business there, and in plain http would read the token.
        builder = builder.no_proxy();
    }
    tls::configure(builder, endpoint.is_https())?
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
    fn a_request_has_the_time_that_was_set_or_a_minute_or_what_ones_own_client_says() {
        let builder = || Client::builder().token("secret").endpoint(LOOPBACK);
        let timeout = |builder: ClientBuilder| builder.build().unwrap().0.chain.timeout.map(|time| time.as_secs());
        assert_eq!(timeout(builder()), Some(60));
        assert_eq!(timeout(builder().timeout(Duration::from_secs(7))), Some(7));
        assert_eq!(timeout(builder().http_client(client_of_ones_own())), None);
        assert_eq!(timeout(builder().http_client(client_of_ones_own()).timeout(Duration::from_secs(7))), Some(7));
    }

    #[test]
    fn a_client_goes_anywhere_and_shows_no_token() {
        fn goes_anywhere<T: Send + Sync + Clone + 'static>(_: &T) {}
        let builder = Client::builder().token("s3cr3t-token").endpoint(LOOPBACK).auth_scheme(AuthScheme::XAuthToken);
        let client = builder.clone().build().unwrap();
        goes_anywhere(&client);
        assert_eq!(format!("{client:?}"), r#"Client { endpoint: "http://127.0.0.1:1/compute/v1", .. }"#);
        assert_eq!(format!("{builder:?}"), "ClientBuilder { scheme: XAuthToken, timeout: None, .. }");
        let with_password = Client::builder().endpoint("https://user:s3cr3t@host");
        for text in
            [format!("{with_password:?}"), format!("{builder:?}"), format!("{client:?}"), format!("{:?}", client.raw())]
        {
            assert!(!text.contains("s3cr3t"), "{text}");
        }
    }

    #[test]
    fn the_older_header_and_a_client_of_ones_own_are_refused_together() {
        let own = client_of_ones_own();
        let build =
            |scheme| Client::builder().token("secret").http_client(own.clone()).auth_scheme(scheme).build().map(drop);
        assert!(build(AuthScheme::Bearer).is_ok());
        assert!(build(AuthScheme::XAuthToken).unwrap_err().to_string().contains("http_client"));
    }

    fn client_of_ones_own() -> reqwest::Client {
        tls::configure(reqwest::Client::builder(), false).unwrap().build().unwrap()
    }
}
