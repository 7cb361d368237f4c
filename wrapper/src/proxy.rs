//! Proxies: what the environment says of them is checked, and a tunnel that one refuses is explained.
//!
//! The HTTP client ignores a variable that it cannot read, and so connects without the proxy; and its error for a tunnel names
//! neither the proxy nor, but for 407, its answer.

use std::ffi::OsString;
use std::time::Duration;

use futures::future::{Either, select};
use http::Uri;
use reqwest::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{Clock, Error, Result};

/// The variables that hold the address of a proxy, each in both spellings; the first that is set counts.
const ADDRESSES: [[&str; 2]; 3] =
    [["HTTPS_PROXY", "https_proxy"], ["HTTP_PROXY", "http_proxy"], ["ALL_PROXY", "all_proxy"]];
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// How long a proxy is asked once more for the tunnel that it refused.
const STATUS_TIMEOUT: Duration = Duration::from_secs(5);

/// Refuses variables that the HTTP client would ignore because it cannot read them. No error repeats a value, which can hold a
/// password. A variable that is empty is none.
pub(crate) fn check_environment(variable: impl Fn(&str) -> Option<OsString>) -> Result<()> {
    let read = |spellings: [&'static str; 2]| -> Result<Option<(&'static str, String)>> {
        let set = spellings.into_iter().find_map(|name| Some((name, variable(name)?)));
        let Some((name, value)) = set else { return Ok(None) };
        let value = value.into_string().map_err(|_| Error::config(format!("{name} is not text")))?;
        Ok(Some((name, value)))
    };
    read(EXCEPTIONS)?;
    for spellings in ADDRESSES {
        if let Some((name, value)) = read(spellings)?
            && !value.is_empty()
        {
            check_address(&value).map_err(|reason| {
                Error::config(format!(
                    "{name} {reason}; for example http://proxy.example:3128. It is not ignored, so that no request goes \
                     around the proxy"
                ))
            })?;
        }
    }
    Ok(())
}

/// Whether the HTTP client takes this for the address of a proxy.
fn check_address(value: &str) -> Result<(), &'static str> {
    let uri: Uri = value.parse().map_err(|_| "is not the address of a proxy")?;
    if !matches!(uri.scheme_str(), None | Some("http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h")) {
        return Err("has a scheme that is not one of a proxy");
    }
    let authority = uri.authority().ok_or("has no host")?.as_str();
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host_and_port)| host_and_port);
    // The HTTP client ends the user at the first `@`.
    if authority.matches('@').count() > 1 {
        return Err("has an `@` in the user name or password, which must be written `%40`");
    }
    let host_and_port: Uri = host_and_port.parse().map_err(|_| "has an invalid host")?;
    let authority = host_and_port.authority().ok_or("has an invalid host")?;
    if authority.host().is_empty() {
        return Err("has no host");
    }
    let has_port = authority.as_str().len() > authority.host().len();
    if has_port && authority.port_u16().is_none() {
        return Err("has an invalid port");
    }
    Ok(())
}

/// Whether this is the reason of a connection that failed at or behind a proxy.
pub(crate) fn is_tunnel_failure(reason: &str) -> bool {
    reason.contains("tunnel error: ")
}

/// Names the proxy that did not make a tunnel, and the status of its response.
///
/// The HTTP client reports only 407. For another status, the proxy is asked once more, without credentials.
pub(crate) async fn explain_tunnel_failure(
    http: &reqwest::Client,
    target: &Url,
    clock: &dyn Clock,
    reason: &str,
) -> String {
    let address = https_proxy(&format!("{http:?}"));
    let status = match &address {
        _ if reason.contains("proxy authorization required") => Some(407),
        Some(address) if reason.contains("tunnel error: unsuccessful") => {
            let status = std::pin::pin!(status_of_tunnel(address, target));
            match select(status, clock.timeout(STATUS_TIMEOUT)).await {
                Either::Left((status, _)) => status,
                Either::Right(_) => None,
            }
        }
        _ => None,
    };
    let proxy = address.map_or_else(|| "the proxy".to_owned(), |address| format!("the proxy {address}"));
    match status {
        Some(status) => format!("{proxy} answered CONNECT with {status}: {reason}"),
        None => format!("{proxy}: {reason}"),
    }
}

/// Finds the proxy for https in the `Debug` of the HTTP client, which has it from the environment or from `configure_http`, and
/// shows no credentials. `None` if there are several, or `Debug` is different in another version.
fn https_proxy(client: &str) -> Option<String> {
    let mut found = client.split("https: Intercept { uri: ").skip(1).filter_map(|rest| rest.split_once(" }"));
    let (address, _) = found.next()?;
    let is_only = found.all(|(other, _)| other == address);
    let is_safe = !address.contains('@') && !address.chars().any(|character| character.is_control());
    (is_only && is_safe).then(|| address.trim_end_matches('/').to_owned())
}

/// Asks a proxy for a tunnel, and returns the status with which it refuses.
async fn status_of_tunnel(proxy: &str, target: &Url) -> Option<u16> {
    let proxy = Url::parse(proxy).ok().filter(|proxy| proxy.scheme() == "http")?;
    let host = target.host_str()?;
    let port = target.port_or_known_default()?;
    let addresses = proxy.socket_addrs(|| None).ok()?;
    let mut stream = TcpStream::connect(&addresses[..]).await.ok()?;
    let request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    // `HTTP/1.1 403`
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.ok()?;
    let (version, status) = std::str::from_utf8(&start).ok()?.split_once(' ')?;
    let status = status.parse().ok()?;
    // Without credentials, 407 is not the status that the HTTP client was given.
    (version.starts_with("HTTP/1.") && (300..600).contains(&status) && status != 407).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(set: &[(&str, &str)]) -> Result<(), String> {
        let variable = |name: &str| set.iter().find(|(set, _)| *set == name).map(|(_, value)| OsString::from(value));
        check_environment(variable).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn a_proxy_that_can_be_read_is_accepted() {
        for value in [
            "http://proxy.example:3128",
            "http://proxy.example:3128/",
            "https://proxy.example",
            "proxy.example:3128",
            "proxy",
            "10.0.0.1:80",
            "http://[::1]:3128",
            "http://user:p%40ss@proxy.example:3128",
            "socks5h://127.0.0.1:1080",
            "HTTP://Proxy.Example:3128",
            "",
        ] {
            for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
                assert_eq!(check(&[(name, value)]), Ok(()), "{name}={value}");
            }
        }
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&[("NO_PROXY", "localhost,.local,*.corp:80, 169.254/16,")]), Ok(()));
    }

    #[test]
    fn a_proxy_that_cannot_be_read_is_refused_without_being_shown() {
        for value in [
            "http://s3cr3t proxy:3128",
            " http://s3cr3t:3128",
            "http://s3cr3t:3128\n",
            "\"http://s3cr3t:3128\"",
            "http:s3cr3t",
            "http://",
            "http://:3128",
            "/s3cr3t",
            "ftp://s3cr3t:21",
            "http://user:s3cr3t@",
            "http://user:s3cr3t@word@proxy.example:3128",
            "http://s3cr3t:99999",
            "http://s3cr3t:port",
            "http//s3cr3t:3128",
        ] {
            for name in ["HTTPS_PROXY", "http_proxy", "ALL_PROXY"] {
                let message = check(&[(name, value)]).expect_err(value);
                assert!(message.starts_with(&format!("{name} ")), "{message}");
                assert!(!message.contains("s3cr3t"), "{message}");
            }
        }
    }

    #[test]
    fn the_first_spelling_that_is_set_counts() {
        assert_eq!(check(&[("HTTPS_PROXY", "http://proxy"), ("https_proxy", "b d")]), Ok(()));
        assert!(check(&[("HTTPS_PROXY", "b d"), ("https_proxy", "http://proxy")]).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_text_is_refused() {
        use std::os::unix::ffi::OsStringExt;
        for name in ["HTTPS_PROXY", "http_proxy", "ALL_PROXY", "no_proxy"] {
            let variable = |asked: &str| (asked == name).then(|| OsString::from_vec(vec![b'p', 0xff]));
            let error = check_environment(variable).unwrap_err();
            assert_eq!(error.message(), format!("{name} is not text"));
        }
    }

    #[test]
    fn the_proxy_for_https_is_known_and_shown_without_credentials() {
        let client = |proxies: &[reqwest::Proxy]| {
            let tls = crate::tls::Configuration::new(false, None, &[]).unwrap();
            let builder = tls.apply(reqwest::Client::builder().no_proxy());
            let builder = proxies.iter().cloned().fold(builder, reqwest::ClientBuilder::proxy);
            format!("{:?}", builder.build().unwrap())
        };
        let one = reqwest::Proxy::all("http://user:s3cr3t@proxy.example:3128").unwrap();
        let other = reqwest::Proxy::https("http://other.example").unwrap();
        let plain = reqwest::Proxy::http("http://plain.example").unwrap();
        assert_eq!(https_proxy(&client(std::slice::from_ref(&one))).as_deref(), Some("http://proxy.example:3128"));
        assert_eq!(https_proxy(&client(&[plain.clone(), other.clone()])).as_deref(), Some("http://other.example"));
        assert_eq!(https_proxy(&client(&[plain])), None);
        assert_eq!(https_proxy(&client(&[one, other])), None);
    }
}
