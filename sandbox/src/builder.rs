//! How a sandbox is set up.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;

use crate::account::Account;
use crate::clock::Clock;
use crate::data::Data;
use crate::faults::{Faults, Script};
use crate::openapi::BASE;
use crate::rate_limit::{Limiter, Rate};
use crate::recorded_requests::{Journal, Received};
use crate::sandbox::Sandbox;
use crate::server_state::{Observer, Shared};
use crate::{server, verify};

/// Settings of a [`Sandbox`], from [`Sandbox::builder`].
///
/// ```
/// # #[tokio::main] async fn main() -> std::io::Result<()> {
/// use genesiscloud_sandbox::{Clock, Data, Rate, Sandbox};
///
/// let sandbox =
///     Sandbox::builder().clock(Clock::stepped()).data(Data::new()).rate(Rate::per_second(10)).start().await?;
/// # Ok(()) }
/// ```
#[must_use = "settings do nothing before `start`"]
pub struct Builder {
    clock: Clock,
    data: Data,
    faults: Script,
    host: IpAddr,
    is_verified: bool,
    journal: usize,
    observer: Option<Observer>,
    port: u16,
    rate: Option<Rate>,
    token: String,
}

/// The token unless another is chosen. It opens sandboxes and no account.
const TOKEN: &str = "sandbox-token-that-opens-nothing-else";

/// How much faster machines live unless another clock is chosen: what takes half a minute takes half a second.
const SPEED: f64 = 60.0;

impl Sandbox {
    /// Starts one on a free port of 127.0.0.1, with the data of [`Data::realistic`] and machines that live 60 times as
    /// fast. It runs on the Tokio runtime this is called on. [`builder`](Self::builder) sets all of that.
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
        Self::builder().start().await.expect("a free port on loopback")
    }

    /// Settings for one.
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
    pub(crate) fn new() -> Self {
        Self {
            clock: Clock::running(SPEED),
            data: Data::realistic(),
            faults: Script::default(),
            host: Ipv4Addr::LOCALHOST.into(),
            is_verified: std::env::var_os(verify::VARIABLE).is_some_and(|value| value == "1"),
            journal: usize::MAX,
            observer: None,
            port: 0,
            rate: None,
            token: TOKEN.to_owned(),
        }
    }

    /// The time it keeps: [`Clock::running`] at 60 unless set.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{Clock, Sandbox};
    /// let builder = Sandbox::builder().clock(Clock::stepped());
    /// ```
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The resources it begins with: [`Data::realistic`] unless set.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{Data, Sandbox};
    /// let builder = Sandbox::builder().data(Data::new());
    /// ```
    pub fn data(self, data: Data) -> Self {
        Self { data, ..self }
    }

    /// What is to go wrong, from the first request on: nothing unless set.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{Sandbox, Script};
    /// # fn example(script: Script) {
    /// let builder = Sandbox::builder().faults(script);
    /// # }
    /// ```
    pub fn faults(self, script: Script) -> Self {
        Self { faults: script, ..self }
    }

    /// How many requests it takes: any number unless set, for a test should not depend on how fast it runs.
    ///
    /// ```
    /// # use genesiscloud_sandbox::{Rate, Sandbox};
    /// let builder = Sandbox::builder().rate(Rate::per_second(10));
    /// ```
    pub fn rate(self, rate: Rate) -> Self {
        Self { rate: Some(rate), ..self }
    }

    /// The token it takes. Must be able to stand in a header.
    ///
    /// ```
    /// # use genesiscloud_sandbox::Sandbox;
    /// let builder = Sandbox::builder().token("another-token");
    /// ```
    pub fn token(self, token: impl Into<String>) -> Self {
        Self { token: token.into(), ..self }
    }

    /// The port it listens on: one that is free unless set, as with 0.
    ///
    /// ```
    /// # use genesiscloud_sandbox::Sandbox;
    /// let builder = Sandbox::builder().port(8080);
    /// ```
    pub fn port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// The address it listens on: 127.0.0.1 unless set. Any other lets whoever reaches it in, over plain HTTP.
    ///
    /// ```
    /// # use genesiscloud_sandbox::Sandbox;
    /// let builder = Sandbox::builder().host([0, 0, 0, 0]);
    /// ```
    pub fn host(self, address: impl Into<IpAddr>) -> Self {
        Self { host: address.into(), ..self }
    }

    /// How many requests the journal keeps, the last ones: all of them unless set.
    ///
    /// ```
    /// # use genesiscloud_sandbox::Sandbox;
    /// let builder = Sandbox::builder().journal(1000);
    /// ```
    pub fn journal(self, requests: usize) -> Self {
        Self { journal: requests, ..self }
    }

    /// Called when a request is done with, on the server's task: it should return soon.
    ///
    /// ```
    /// # use genesiscloud_sandbox::Sandbox;
    /// let builder = Sandbox::builder().on_request(|request| println!("{request}"));
    /// ```
    pub fn on_request(self, observer: impl Fn(&Received) + Send + Sync + 'static) -> Self {
        Self { observer: Some(Arc::new(observer)), ..self }
    }

    /// Whether to hold every exchange against the provider's document and end the process at the first that leaves it:
    /// not unless set, or unless `GENESISCLOUD_SANDBOX_VERIFY` is `1`. It looks before faults change the answer. Data that
    /// leaves the document itself, such as the statuses of older accounts, ends it too.
    ///
    /// ```
    /// # use genesiscloud_sandbox::Sandbox;
    /// let builder = Sandbox::builder().verified(true);
    /// ```
    pub fn verified(self, verified: bool) -> Self {
        Self { is_verified: verified, ..self }
    }

    /// Starts it, on the Tokio runtime this is called on.
    ///
    /// # Errors
    /// When it cannot listen there, the token cannot stand in a header, two resources share an id, or a fault makes no
    /// sense.
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
        self.data.check().map_err(invalid)?;
        let faults = Faults::default();
        faults.run(self.faults).map_err(|error| invalid(error.to_string()))?;
        let listener = TcpListener::bind((self.host, self.port)).await?;
        let mut address = listener.local_addr()?;
        if address.ip().is_unspecified() {
            // It listens everywhere, but nobody can connect to everywhere.
            address.set_ip(if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
        }
        let endpoint = format!("http://{address}{BASE}");
        let now = self.clock.now();
        let shared = Arc::new(Shared {
            account: Mutex::new(Account::new(self.data, now)),
            endpoint,
            faults,
            is_verified: self.is_verified,
            journal: Mutex::new(Journal::new(self.journal)),
            limiter: self.rate.map(|rate| Limiter::new(rate, &self.clock)),
            observer: self.observer,
            token: self.token,
            clock: self.clock,
        });
        let server = tokio::spawn(server::serve(listener, Arc::clone(&shared)));
        Ok(Sandbox { shared, server })
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
