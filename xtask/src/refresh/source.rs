//! Where a document is to be had: an address, or a file.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use ureq::http::{StatusCode, header};
use ureq::{Agent, Body};
use url::{Origin, Url};

/// The provider's own address for its document.
const PROVIDERS: &str = "https://api.genesiscloud.com/compute/v1/openapi.yaml";

/// Redirects that are followed.
const REDIRECTS: usize = 5;

/// Where to get a document.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Address(Url),
    File(String),
}

/// What is put up with on the way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes; the document has some 60,000.
    pub(crate) size: u64,
    pub(crate) connecting: Duration,
    /// All of it, redirects included.
    pub(crate) time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { size: 5 * 1024 * 1024, connecting: Duration::from_secs(10), time: Duration::from_secs(60) }
    }
}

/// What a source gives.
#[derive(Debug)]
pub(super) enum Answer {
    /// It is what it was when it was got last.
    Unchanged,
    Document {
        text: String,
        etag: Option<String>,
    },
}

impl Source {
    /// What `--from` says; the provider's address where it says nothing.
    pub(crate) fn read(from: Option<&str>) -> Result<Self, String> {
        let from = from.unwrap_or(PROVIDERS);
        match from.contains("://") {
            true => match Url::parse(from) {
                Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                    Err("the address has a user name or a password in it; it would be written down".to_owned())
                }
                Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Self::Address(url)),
                Ok(url) => Err(format!("{from}: only http and https can be fetched, and this is {}", url.scheme())),
                Err(error) => Err(format!("{from} is no address: {error}")),
            },
            false => Ok(Self::File(from.to_owned())),
        }
    }

    /// What it is called where that is written down: without a query, which may hold a secret, or the folders of a machine.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Address(url) => plain(url),
            Self::File(path) => Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }

    /// Gets it, if it is not what had this ETag.
    pub(super) fn get(&self, etag: Option<&str>, limits: &Limits) -> Result<Answer, String> {
        let (bytes, etag) = match self {
            Self::File(path) => (read_file(path, limits)?, None),
            Self::Address(url) => match fetch(url, etag, limits)? {
                Some(fetched) => fetched,
                None => return Ok(Answer::Unchanged),
            },
        };
        let text = String::from_utf8(bytes).map_err(|error| format!("{self}: it is no text: {error}"))?;
        match text.trim_start().starts_with('<') {
            true => Err(format!("{self}: it is a page in HTML or XML, and no OpenAPI document")),
            false => Ok(Answer::Document { text, etag }),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(url) => f.write_str(&plain(url)),
            Self::File(path) => f.write_str(path),
        }
    }
}

fn plain(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

fn read_file(path: &str, limits: &Limits) -> Result<Vec<u8>, String> {
    let told = |error: std::io::Error| format!("{path}: {error}");
    let size = std::fs::metadata(path).map_err(told)?.len();
    if size > limits.size {
        return Err(too_large(path, limits));
    }
    std::fs::read(path).map_err(told)
}

fn too_large(name: &str, limits: &Limits) -> String {
    format!("{name}: it is larger than {} bytes, which no such document is", limits.size)
}

/// What was fetched, with its ETag; none if it has not changed.
type Fetched = Option<(Vec<u8>, Option<String>)>;

fn fetch(address: &Url, etag: Option<&str>, limits: &Limits) -> Result<Fetched, String> {
    let (agent, start) = (agent(address, limits), Instant::now());
    let mut url = address.clone();
    for _ in 0..=REDIRECTS {
        let left = limits.time.saturating_sub(start.elapsed()).max(Duration::from_millis(1));
        let mut request = agent.get(url.as_str()).config().timeout_global(Some(left)).build();
        if let Some(etag) = etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        let answer = request.call().map_err(|error| told(address, &error, limits))?;
        match answer.status() {
            StatusCode::OK => return body(address, answer, limits).map(Some),
            StatusCode::NOT_MODIFIED if etag.is_some() => return Ok(None),
            status if status.is_redirection() && status != StatusCode::NOT_MODIFIED => url = redirect(&url, &answer)?,
            status => return Err(format!("{}: the answer is {status}", plain(address))),
        }
    }
    Err(format!("{}: it redirects more than {REDIRECTS} times", plain(address)))
}

fn agent(address: &Url, limits: &Limits) -> Agent {
    let mut config = Agent::config_builder()
        .user_agent(concat!("genesiscloud-xtask/", env!("CARGO_PKG_VERSION")))
        // Followed below, and not everywhere.
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_connect(Some(limits.connecting));
    let is_loopback = match address.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if is_loopback {
        config = config.proxy(None);
    }
    config.build().into()
}

/// Where a redirect leads, if it stays where it is.
fn redirect<B>(url: &Url, answer: &ureq::http::Response<B>) -> Result<Url, String> {
    let to = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
    let Some(to) = to.and_then(|to| url.join(to).ok()) else {
        return Err(format!("{}: the answer is {}, and does not say where to", plain(url), answer.status()));
    };
    match (url.origin(), to.origin()) {
        (Origin::Tuple(..), _) if url.origin() == to.origin() => Ok(to),
        _ => {
            let (url, to) = (plain(url), plain(&to));
            Err(format!("{url}: it redirects to {to}, which is elsewhere; if that is right, give it with --from"))
        }
    }
}

fn body(
    address: &Url,
    answer: ureq::http::Response<Body>,
    limits: &Limits,
) -> Result<(Vec<u8>, Option<String>), String> {
    // One that ends where the connection does may have been cut off, and nobody could tell.
    let says_its_end =
        [header::CONTENT_LENGTH, header::TRANSFER_ENCODING].iter().any(|name| answer.headers().contains_key(name));
    if !says_its_end {
        return Err(format!("{}: the answer does not say how long it is, so it may have been cut off", plain(address)));
    }
    let etag = answer.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
    let bytes = answer.into_body().into_with_config().limit(limits.size).read_to_vec();
    match bytes {
        Ok(bytes) => Ok((bytes, etag)),
        Err(ureq::Error::BodyExceedsLimit(_)) => Err(too_large(&plain(address), limits)),
        Err(error) => Err(told(address, &error, limits)),
    }
}

fn told(address: &Url, error: &ureq::Error, limits: &Limits) -> String {
    let address = plain(address);
    match error {
        ureq::Error::Timeout(_) => format!("{address}: no whole answer within {:?}", limits.time),
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            format!("{address}: the answer breaks off before its end")
        }
        error => format!("{address}: {error}"),
    }
}
