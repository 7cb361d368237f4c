//! Token and endpoint: what is valid, and how they are read from the environment.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use crate::{Error, Result};

/// The endpoint of the provider's API.
pub(crate) const DEFAULT_ENDPOINT: &str = "https://api.genesiscloud.com/compute/v1";
const SERVICE_PATH: &str = "/compute/v1";
pub(crate) const TOKEN_VARIABLE: &str = "GENESISCLOUD_TOKEN";
pub(crate) const TOKEN_FILE_VARIABLE: &str = "GENESISCLOUD_TOKEN_FILE";
pub(crate) const ENDPOINT_VARIABLE: &str = "GENESISCLOUD_ENDPOINT";

/// A token that a header can carry. Prints as `<redacted>`, and is zeroised when dropped.
#[derive(Clone)]
pub(crate) struct Token(SecretString);

impl Token {
    /// Removes white space at both ends and refuses a text that cannot be a token. No error repeats the token.
    ///
    /// `name` is its name in errors: the token, or the variable that holds it.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self> {
        let token = text.trim();
        let refused = |what: &str| Err(Error::config(format!("{name} {what}")));
        if token.is_empty() {
            return refused("is empty");
        }
        // No token has any, while an env-file that is not read by a shell keeps them as part of the value.
        if token.contains(is_quote) {
            return refused("has quotes, which are part of the value; set the token without them");
        }
        if token.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer ")) {
            return refused("starts with `Bearer `; set the token alone, the client adds the rest");
        }
        if token.chars().any(char::is_control) {
            return refused("has control characters inside; was more than the token copied?");
        }
        if token.chars().any(|character| character.is_whitespace() || !character.is_ascii()) {
            return refused("has white space or other than ASCII characters inside; was more than the token copied?");
        }
        Ok(Self(SecretString::from(token)))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

/// The URL to which the paths of operations are appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint(Url);

impl Endpoint {
    /// Parses `https://host/compute/v1`, `https://host` and `host`, with or without slashes at the end, which all mean the
    /// same; two slashes in a row in the path are one. Plain `http` is accepted for loopback only, unless `allow_plain_http`.
    ///
    /// `name` is its name in errors: the endpoint, or the variable that holds it.
    pub(crate) fn parse(name: &str, text: &str, allow_plain_http: bool) -> Result<Self> {
        let text = text.trim();
        let refused = |what: &str| Error::config(format!("{name} {what}; for example {DEFAULT_ENDPOINT}"));
        if text.is_empty() {
            return Err(refused("is empty"));
        }
        if text.chars().any(|character| character.is_control() || character.is_whitespace() || character == '\\') {
            return Err(refused("has white space, control characters or backslashes inside"));
        }
        if text.contains(is_quote) {
            return Err(refused("has quotes, which are part of the value; set it without them"));
        }
        let address = with_scheme(text).ok_or_else(|| refused("has a scheme without `//`"))?;
        let authority = address.split('/').nth(2).unwrap_or_default();
        // Checked before parsing, which would take the first part of the path for the host, and drop an empty user name.
        if authority.is_empty() {
            return Err(refused("has no host"));
        }
        if authority.contains('@') {
            return Err(refused("has a user name or password; the token is set with `token(…)`"));
        }
        let mut url = Url::parse(&address).map_err(|error| refused(&format!("is not a URL ({error})")))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(refused("is neither https nor http"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused("has a query or a fragment"));
        }
        if url.scheme() == "http" && !is_loopback(&url) && !allow_plain_http {
            return Err(refused(
                "is plain http, which exposes the token on the network; use https, or the builder's \
                 `dangerously_allow_plain_http()`",
            ));
        }
        // Without empty segments: two slashes in a row are one that was typed or joined twice.
        let segments = url.path().split('/').filter(|segment| !segment.is_empty());
        let path: String = segments.flat_map(|segment| ["/", segment]).collect();
        if path.split('/').any(|part| part == "compute") && !path.ends_with(SERVICE_PATH) {
            return Err(refused("has a path that is not the API's, which ends in /compute/v1"));
        }
        let service = if path.ends_with(SERVICE_PATH) { "" } else { SERVICE_PATH };
        url.set_path(&format!("{path}{service}"));
        Ok(Self(url))
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(crate) fn path(&self) -> &str {
        self.0.path()
    }

    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\'' | '`' | '\u{2018}'..='\u{201f}')
}

/// Returns `host` as `https://host`; `None` for `https:host`, which would otherwise be a host named https.
fn with_scheme(text: &str) -> Option<String> {
    if text.contains("://") {
        return Some(text.to_owned());
    }
    let scheme = text.split([':', '/']).next().unwrap_or_default();
    let is_scheme = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    (!is_scheme).then(|| format!("https://{text}"))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Token and endpoint from the environment.
pub(crate) struct Environment {
    pub(crate) token: EnvironmentToken,
    pub(crate) endpoint: Option<String>,
}

/// Where the environment has the token.
pub(crate) enum EnvironmentToken {
    Text(String),
    File(PathBuf),
}

impl Environment {
    /// Reads `GENESISCLOUD_TOKEN` or `GENESISCLOUD_TOKEN_FILE`, and `GENESISCLOUD_ENDPOINT`, with `variable`.
    ///
    /// A variable that is set but empty is an error. An empty endpoint is most often the result of another variable that was
    /// mistyped, and must not send requests meant for a sandbox to the real, billed API.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self> {
        let text = |name: &str| {
            let Some(value) = variable(name) else { return Ok(None) };
            match value.into_string() {
                Ok(text) if text.trim().is_empty() => Err(Error::config(format!("{name} is set but empty"))),
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(Error::config(format!("{name} is not text"))),
            }
        };
        let token = match (text(TOKEN_VARIABLE)?, variable(TOKEN_FILE_VARIABLE)) {
            (Some(token), None) => EnvironmentToken::Text(token),
            (None, Some(path)) if path.is_empty() => {
                return Err(Error::config(format!("{TOKEN_FILE_VARIABLE} is set but empty")));
            }
            (None, Some(path)) => EnvironmentToken::File(path.into()),
            (Some(_), Some(_)) => {
                // Which of them is the present one cannot be known.
                return Err(Error::config(format!(
                    "{TOKEN_VARIABLE} and {TOKEN_FILE_VARIABLE} are both set; set one of them"
                )));
            }
            (None, None) => {
                return Err(Error::config(
                    "GENESISCLOUD_TOKEN is not set; create a token in the provider's dashboard under Keys and Tokens",
                ));
            }
        };
        Ok(Self { token, endpoint: text(ENDPOINT_VARIABLE)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_prints_as_redacted() {
        assert_eq!(format!("{:?}", Token::parse("the token", "secret").unwrap()), "<redacted>");
    }

    #[test]
    fn three_forms_of_an_endpoint_mean_the_same() {
        for form in ["https://api.genesiscloud.com/compute/v1", "https://api.genesiscloud.com", "api.genesiscloud.com"]
        {
            for end in ["", "/", "//"] {
                let endpoint = Endpoint::parse("it", &format!(" {form}{end}\n"), false).unwrap();
                assert_eq!(endpoint.as_str(), DEFAULT_ENDPOINT);
                assert!(endpoint.is_https());
            }
        }
    }

    #[test]
    fn other_hosts_ports_and_paths_are_kept() {
        for (text, endpoint) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/compute/v1"),
            ("http://127.8.9.10", "http://127.8.9.10/compute/v1"),
            ("http://localhost:1/compute/v1/", "http://localhost:1/compute/v1"),
            ("http://[::1]:8080", "http://[::1]:8080/compute/v1"),
            ("HTTPS://API.GenesisCloud.com", DEFAULT_ENDPOINT),
            ("api.genesiscloud.com:443", DEFAULT_ENDPOINT),
            ("localhost:8443", "https://localhost:8443/compute/v1"),
            ("https://proxy.example/genesis", "https://proxy.example/genesis/compute/v1"),
            ("https://proxy.example/genesis/compute/v1", "https://proxy.example/genesis/compute/v1"),
            ("https://proxy.example//genesis///compute//v1//", "https://proxy.example/genesis/compute/v1"),
            ("api.genesiscloud.com//compute/v1", DEFAULT_ENDPOINT),
        ] {
            assert_eq!(Endpoint::parse("it", text, false).unwrap().as_str(), endpoint);
        }
    }

    #[test]
    fn plain_http_beyond_loopback_must_be_allowed() {
        for text in ["http://api.genesiscloud.com", "http://10.0.0.1", "http://[::2]", "http://localhost.example"] {
            let error = Endpoint::parse("it", text, false).unwrap_err().to_string();
            assert!(error.contains("dangerously_allow_plain_http"), "{text}: {error}");
            assert!(!Endpoint::parse("it", text, true).unwrap().is_https(), "{text}");
        }
    }

    #[test]
    fn an_empty_environment_variable_is_an_error() {
        let read_all = |token: Option<&'static str>, file: Option<&'static str>, endpoint: Option<&'static str>| {
            Environment::read(|name| match name {
                "GENESISCLOUD_TOKEN" => token.map(OsString::from),
                "GENESISCLOUD_TOKEN_FILE" => file.map(OsString::from),
                "GENESISCLOUD_ENDPOINT" => endpoint.map(OsString::from),
                other => panic!("{other} must not be read"),
            })
            .map(|environment| match environment.token {
                EnvironmentToken::Text(token) => (token, environment.endpoint),
                EnvironmentToken::File(path) => (format!("in {}", path.display()), environment.endpoint),
            })
            .map_err(|error| error.message().to_owned())
        };
        let read = |token, endpoint| read_all(token, None, endpoint);
        assert_eq!(read(Some("t"), None), Ok(("t".into(), None)));
        assert_eq!(read(Some("t"), Some("e")), Ok(("t".into(), Some("e".into()))));
        assert!(read(None, None).unwrap_err().starts_with("GENESISCLOUD_TOKEN is not set"));
        assert_eq!(read(Some(" "), None).unwrap_err(), "GENESISCLOUD_TOKEN is set but empty");
        assert_eq!(read(Some("t"), Some("")).unwrap_err(), "GENESISCLOUD_ENDPOINT is set but empty");
        assert_eq!(read_all(None, Some("/run/t"), None), Ok(("in /run/t".into(), None)));
        assert_eq!(read_all(None, Some(""), None).unwrap_err(), "GENESISCLOUD_TOKEN_FILE is set but empty");
        assert!(read_all(Some("t"), Some("/run/t"), None).unwrap_err().contains("are both set"));
    }
}
