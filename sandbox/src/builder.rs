//! Configures and starts a sandbox.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;

use crate::account::Account;
use crate::clock::Clock;
use crate::data::Data;
use crate::faults::{DateHeader, FaultScript, Faults, PageQuirks};
use crate::host::AllowedHosts;
use crate::openapi::BASE_PATH;
use crate::rate_limit::{Rate, RateLimiter};
use crate::recorded_requests::{RecordedRequest, RequestRecorder};
use crate::sandbox::Sandbox;
use crate::server_state::{RequestCallback, ServerState};
use crate::{server, verify};

/// Configures a [`Sandbox`]. Created by [`Sandbox::builder`].
///
/// ```
/// # #[tokio::main] async fn main() -> std::io::Result<()> {
/// use genesiscloud_sandbox::{Clock, Data, Rate, Sandbox};
///
/// let builder = Sandbox::builder().clock(Clock::stepped()).data(Data::new());
/// let sandbox = builder.rate(Rate::per_second(10)).start().await?;
/// # Ok(()) }
/// ```
#[must_use = "a builder does nothing before `start`"]
pub struct Builder {
    allowed_hosts: Vec<String>,
    clock: Clock,
    /// `None` for the default, which takes longer to generate than a sandbox takes to start.
    data: Option<Data>,
    date_header: DateHeader,
    faults: FaultScript,
    host: IpAddr,
    is_verified: bool,
    max_recorded_requests: usize,
    on_request: Option<RequestCallback>,
    page_quirks: PageQuirks,
    port: u16,
    rate: Option<Rate>,
    stale_reads: Duration,
    token: String,
}

/// The default token. It is valid for sandboxes only.
const DEFAULT_TOKEN: &str = "sandbox-token-that-opens-nothing-else";

/// The speed of the default clock: a transition of 30 seconds takes half a second.
const DEFAULT_SPEED: f64 = 60.0;

impl Sandbox {
    /// Starts a sandbox on a free port of 127.0.0.1, with the data of [`Data::realistic`] and status transitions that
    /// are 60 times as fast as documented. [`builder`](Self::builder) changes each of these.
    ///
    /// The server runs on the Tokio runtime that this is called on.
    ///
    /// # Panics
    /// Panics if there is no free port.
    ///
    /// ```
    /// # async fn example() {
    /// let sandbox = genesiscloud_sandbox::Sandbox::start().await;
    /// # }
    /// ```
    pub async fn start() -> Self {
        Self::builder().start().await.expect("a free port on loopback")
    }

    /// Returns a builder with the default settings.
    ///
    /// ```
    /// # async fn example() -> std::io::Result<()> {
    /// use genesiscloud_sandbox::{Clock, Sandbox};
    ///
    /// let sandbox = Sandbox::builder().clock(Clock::stepped()).start().await?;
    /// # Ok(()) }
    /// ```
    pub fn builder() -> Builder {
        Builder::new()
    }
}

impl Builder {
    fn new() -> Self {
        Self {
            allowed_hosts: vec![],
            clock: Clock::running(DEFAULT_SPEED),
            data: None,
            date_header: DateHeader::Correct,
            faults: FaultScript::default(),
            host: Ipv4Addr::LOCALHOST.into(),
            is_verified: std::env::var_os(verify::ENV_VAR).is_some_and(|value| value == "1"),
            max_recorded_requests: usize::MAX,
            on_request: None,
            page_quirks: PageQuirks::new(),
            port: 0,
            rate: None,
            stale_reads: Duration::ZERO,
            token: DEFAULT_TOKEN.to_owned(),
        }
    }

    /// Sets the clock. The default is [`Clock::running`] at speed 60.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{Clock, Sandbox};
    /// let builder = Sandbox::builder().clock(Clock::stepped());
    /// ```
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Sets the resources that exist at the start. The default is [`Data::realistic`].
    ///
    /// ```
    /// # use genesiscloud_sandbox::{Data, Sandbox};
    /// let builder = Sandbox::builder().data(Data::new());
    /// ```
    pub fn data(self, data: Data) -> Self {
        Self { data: Some(data), ..self }
    }

    /// Sets the faults that are injected from the first request on. The default is none.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{FaultScript, Sandbox};
    /// # fn example(script: FaultScript) {
    /// let builder = Sandbox::builder().faults(script);
    /// # }
    /// ```
    pub fn faults(self, script: FaultScript) -> Self {
        Self { faults: script, ..self }
    }

    /// Limits the rate of requests. The default is no limit, because the result of a test must not depend on how fast
    /// the test runs.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{Rate, Sandbox};
    /// let builder = Sandbox::builder().rate(Rate::per_second(10));
    /// ```
    pub fn rate(self, rate: Rate) -> Self {
        Self { rate: Some(rate), ..self }
    }

    /// Makes reads stale: for this time after each create and deletion, they show the account as it was before. A new
    /// resource is not found and not listed, and a deleted one has its former status. The default is zero.
    ///
    /// Everything else uses the current state: [`Sandbox::data`], and requests that change a resource.
    /// [`Fault::StaleReads`](crate::Fault::StaleReads) does the same after a single request.
    ///
    /// ```
    /// # use genesiscloud_sandbox::Sandbox;
    /// let builder = Sandbox::builder().stale_reads(std::time::Duration::from_secs(5));
    /// ```
    pub fn stale_reads(self, duration: Duration) -> Self {
        Self { stale_reads: duration, ..self }
    }

    /// Lets the pages of all lists deviate from the document. The default is none.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{PageQuirks, Sandbox};
    /// let builder = Sandbox::builder().page_quirks(PageQuirks::new().hidden_cap(25).past_end(404));
    /// ```
    pub fn page_quirks(self, quirks: PageQuirks) -> Self {
        Self { page_quirks: quirks, ..self }
    }

    /// Sets what the `Date` header of all responses contains. The default is the time of the clock.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{DateHeader, Sandbox};
    /// let builder = Sandbox::builder().date_header(DateHeader::Offset(-7200));
    /// ```
    pub fn date_header(self, date: DateHeader) -> Self {
        Self { date_header: date, ..self }
    }

    /// Sets the token that requests must send. It must consist of visible ASCII characters without spaces.
    ///
    /// ```
    /// # use genesiscloud_sandbox::Sandbox;
    /// let builder = Sandbox::builder().token("another-token");
    /// ```
    pub fn token(self, token: impl Into<String>) -> Self {
        Self { token: token.into(), ..self }
    }

    /// Sets the port to listen on. The default is 0, which selects a free port.
    ///
    /// ```
    /// # use genesiscloud_sandbox::Sandbox;
    /// let builder = Sandbox::builder().port(8080);
    /// ```
    pub fn port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// Sets the address to listen on. The default is 127.0.0.1. With any other address, other hosts can connect, over
    /// plain HTTP.
    ///
    /// ```
    /// # use genesiscloud_sandbox::Sandbox;
    /// let builder = Sandbox::builder().host([0, 0, 0, 0]);
    /// ```
    pub fn host(self, address: impl Into<IpAddr>) -> Self {
        Self { host: address.into(), ..self }
    }

    /// Also serves requests that name this host, without a port, in `Host`. Other hosts than loopback addresses,
    /// `localhost` and the address that a request arrived at are refused with 421, so that no page in a browser can reach
    /// the sandbox through a name of its own (DNS rebinding).
    ///
    /// ```
    /// # use genesiscloud_sandbox::Sandbox;
    /// let builder = Sandbox::builder().host([0, 0, 0, 0]).allow_host("sandbox.test");
    /// ```
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.allowed_hosts.push(name.into());
        self
    }

    /// Limits how many requests are kept for [`Sandbox::recorded_requests`]. The oldest are dropped first. The default
    /// is no limit.
    ///
    /// ```
    /// # use genesiscloud_sandbox::Sandbox;
    /// let builder = Sandbox::builder().max_recorded_requests(1000);
    /// ```
    pub fn max_recorded_requests(self, requests: usize) -> Self {
        Self { max_recorded_requests: requests, ..self }
    }

    /// Sets a function that is called when a request is finished. It runs on the server's task and should return soon.
    ///
    /// ```
    /// # use genesiscloud_sandbox::Sandbox;
    /// let builder = Sandbox::builder().on_request(|request| println!("{request}"));
    /// ```
    pub fn on_request(self, callback: impl Fn(&RecordedRequest) + Send + Sync + 'static) -> Self {
        Self { on_request: Some(Arc::new(callback)), ..self }
    }

    /// Enables or disables verification: every request and its response are validated against the provider's OpenAPI
    /// document, and the first that does not conform ends the process.
    ///
    /// The default is disabled, unless the environment variable `GENESISCLOUD_SANDBOX_VERIFY` is `1`. The response is
    /// validated before faults change it. Seed data that does not conform itself, such as statuses of older accounts,
    /// ends the process too.
    ///
    /// ```
    /// # use genesiscloud_sandbox::Sandbox;
    /// let builder = Sandbox::builder().verify(true);
    /// ```
    pub fn verify(self, is_verified: bool) -> Self {
        Self { is_verified, ..self }
    }

    /// Starts the sandbox on the Tokio runtime that this is called on.
    ///
    /// # Errors
    /// Returns an error if the address cannot be bound, the token is not valid in a header, two resources of the same
    /// kind have the same id, or a fault, a page quirk or the `Date` header is invalid.
    ///
    /// ```
    /// # async fn example() -> std::io::Result<()> {
    /// let sandbox = genesiscloud_sandbox::Sandbox::builder().port(8080).start().await?;
    /// # Ok(()) }
    /// ```
    pub async fn start(self) -> io::Result<Sandbox> {
        let invalid = |message: String| io::Error::new(io::ErrorKind::InvalidInput, message);
        let is_token = !self.token.is_empty() && self.token.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_token {
            return Err(invalid("the token must be visible ASCII, without spaces".into()));
        }
        let data = self.data.unwrap_or_else(Data::realistic);
        data.check().map_err(invalid)?;
        let faults = Faults::default();
        faults.add_script(self.faults).map_err(|error| invalid(error.to_string()))?;
        self.date_header.check().map_err(|error| invalid(error.to_string()))?;
        self.page_quirks.check().map_err(|error| invalid(error.to_string()))?;
        let listener = TcpListener::bind((self.host, self.port)).await?;
        let mut address = listener.local_addr()?;
        if address.ip().is_unspecified() {
            // The unspecified address can be listened on, but it is no address to connect to.
            address.set_ip(if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
        }
        let endpoint = format!("http://{address}{BASE_PATH}");
        let mut account = Account::new(data, self.clock.now(), self.clock.speed());
        account.set_stale_for(self.stale_reads);
        let state = Arc::new(ServerState {
            account: Mutex::new(account),
            allowed_hosts: AllowedHosts::new(&self.allowed_hosts),
            date_header: Mutex::new(self.date_header),
            endpoint,
            faults,
            is_verified: self.is_verified,
            limiter: self.rate.map(|rate| RateLimiter::new(rate, &self.clock)),
            on_request: self.on_request,
            page_quirks: Mutex::new(self.page_quirks),
            recorder: Mutex::new(RequestRecorder::new(self.max_recorded_requests)),
            token: self.token,
            clock: self.clock,
        });
        let server = tokio::spawn(server::serve(listener, Arc::clone(&state)));
        Ok(Sandbox { state, server })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("clock", &self.clock)
            .field("data", &self.data)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("rate", &self.rate)
            .finish_non_exhaustive()
    }
}
