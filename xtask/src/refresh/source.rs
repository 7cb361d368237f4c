//! The source of a document: a URL or a file.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use ureq::http::{StatusCode, header};
use ureq::{Agent, Body};
use url::{Origin, Url};

/// The provider's URL of its document.
const PROVIDER_URL: &str = "https://api.genesiscloud.com/compute/v1/openapi.yaml";

/// The maximum number of redirects.
const REDIRECTS: usize = 5;

/// Where to get a document from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Url(Url),
    File(String),
}

/// The limits of a fetch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// In bytes; the document has about 60,000.
    pub(crate) size: u64,
    pub(crate) connect: Duration,
    /// The total time, redirects included.
    pub(crate) time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { size: 5 * 1024 * 1024, connect: Duration::from_secs(10), time: Duration::from_secs(60) }
    }
}

/// The result of a fetch.
#[derive(Debug)]
pub(super) enum Fetched {
    /// The document still has the known ETag.
    NotModified,
    Document {
        text: String,
        etag: Option<String>,
    },
}

impl Source {
    /// Reads the value of `--from`. The default is the provider's URL.
    pub(crate) fn read(from: Option<&str>) -> Result<Self, String> {
        let from = from.unwrap_or(PROVIDER_URL);
        if from.contains("://") {
            match Url::parse(from) {
                Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                    Err("the URL contains a user name or a password, which would be stored in the provenance"
                        .to_owned())
                }
                Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Self::Url(url)),
                Ok(url) => Err(format!("{from}: only http and https can be fetched, and this is {}", url.scheme())),
                Err(error) => Err(format!("{from} is not a URL: {error}")),
            }
        } else {
            Ok(Self::File(from.to_owned()))
        }
    }

    /// Returns the name to store: a URL without its query, which may contain a secret, or a file name without its folders.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Url(url) => plain(url),
            Self::File(path) => Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }

    /// Fetches the document, unless it still has this ETag.
    pub(super) fn get(&self, etag: Option<&str>, limits: &Limits) -> Result<Fetched, String> {
        let (bytes, etag) = match self {
            Self::File(path) => (read_file(path, limits)?, None),
            Self::Url(url) => match fetch(url, etag, limits)? {
                Some(fetched) => fetched,
                None => return Ok(Fetched::NotModified),
            },
        };
        let text = String::from_utf8(bytes).map_err(|error| format!("{self}: it is not UTF-8: {error}"))?;
        if text.trim_start().starts_with('<') {
            Err(format!("{self}: it is HTML or XML, not an OpenAPI document"))
        } else {
            Ok(Fetched::Document { text, etag })
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.write_str(&plain(url)),
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
    let failed = |error: std::io::Error| format!("{path}: {error}");
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > limits.size {
        return Err(too_large(path, limits));
    }
    std::fs::read(path).map_err(failed)
}

fn too_large(name: &str, limits: &Limits) -> String {
    format!("{name}: it is larger than the limit of {} bytes", limits.size)
}

/// Body and ETag of a response; none if the document has not changed.
type Download = Option<(Vec<u8>, Option<String>)>;

fn fetch(address: &Url, etag: Option<&str>, limits: &Limits) -> Result<Download, String> {
    let (agent, start) = (agent(address, limits), Instant::now());
    let mut url = address.clone();
    for _ in 0..=REDIRECTS {
        let left = limits.time.saturating_sub(start.elapsed()).max(Duration::from_millis(1));
        let mut request = agent.get(url.as_str()).config().timeout_global(Some(left)).build();
        if let Some(etag) = etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        let response = request.call().map_err(|error| describe(address, &error, limits))?;
        match response.status() {
            StatusCode::OK => return body(address, response, limits).map(Some),
            StatusCode::NOT_MODIFIED if etag.is_some() => return Ok(None),
            status if status.is_redirection() && status != StatusCode::NOT_MODIFIED => url = redirect(&url, &response)?,
            status => return Err(format!("{}: the response is {status}", plain(address))),
        }
    }
    Err(format!("{}: it redirects more than {REDIRECTS} times", plain(address)))
}

fn agent(address: &Url, limits: &Limits) -> Agent {
    let mut config = Agent::config_builder()
        .user_agent(concat!("genesiscloud-xtask/", env!("CARGO_PKG_VERSION")))
        // Redirects are followed below, and only to the same origin.
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_connect(Some(limits.connect));
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

/// Returns the target of a redirect, if it has the same origin.
fn redirect<B>(url: &Url, response: &ureq::http::Response<B>) -> Result<Url, String> {
    let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
    let Some(to) = to.and_then(|to| url.join(to).ok()) else {
        return Err(format!("{}: the response is {} without a valid `Location`", plain(url), response.status()));
    };
    match (url.origin(), to.origin()) {
        (Origin::Tuple(..), _) if url.origin() == to.origin() => Ok(to),
        _ => {
            let (url, to) = (plain(url), plain(&to));
            Err(format!("{url}: it redirects to {to}, which is another origin; if that is right, pass it with --from"))
        }
    }
}

fn body(
    address: &Url,
    response: ureq::http::Response<Body>,
    limits: &Limits,
) -> Result<(Vec<u8>, Option<String>), String> {
    // Without a length, a truncated body looks like a complete one.
    let has_length =
        [header::CONTENT_LENGTH, header::TRANSFER_ENCODING].iter().any(|name| response.headers().contains_key(name));
    if !has_length {
        return Err(format!("{}: the response has no length, so it may be truncated", plain(address)));
    }
    let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
    let bytes = response.into_body().into_with_config().limit(limits.size).read_to_vec();
    match bytes {
        Ok(bytes) => Ok((bytes, etag)),
        Err(ureq::Error::BodyExceedsLimit(_)) => Err(too_large(&plain(address), limits)),
        Err(error) => Err(describe(address, &error, limits)),
    }
}

fn describe(address: &Url, error: &ureq::Error, limits: &Limits) -> String {
    let address = plain(address);
    match error {
        ureq::Error::Timeout(_) => format!("{address}: no complete response within {:?}", limits.time),
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            format!("{address}: the response ended early")
        }
        error => format!("{address}: {error}"),
    }
}
