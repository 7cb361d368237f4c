//! Which hosts a request may name. A page in a browser can make the name of its own site resolve to this computer, and then
//! send requests here (DNS rebinding); but these name the site in `Host`.

use std::net::IpAddr;

use hyper::header;
use hyper::http::request::Parts;
use hyper::http::uri::Authority;

/// The names that requests may use besides addresses of this computer.
pub(crate) struct AllowedHosts(Vec<String>);

impl AllowedHosts {
    pub(crate) fn new(names: &[String]) -> Self {
        Self(names.iter().map(|name| without_dot(name).to_ascii_lowercase()).collect())
    }

    /// Returns whether a request names a loopback address, the address that it arrived at, or an allowed name.
    pub(crate) fn permit(&self, head: &Parts, arrived_at: Option<IpAddr>) -> bool {
        let header = head.headers.get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or_default());
        let target = head.uri.authority().map(Authority::as_str);
        let mut named = header.chain(target).peekable();
        named.peek().is_some() && named.all(|host| self.permits(host, arrived_at))
    }

    fn permits(&self, host: &str, arrived_at: Option<IpAddr>) -> bool {
        let Ok(authority) = host.parse::<Authority>() else { return false };
        let name = without_dot(authority.host()).to_ascii_lowercase();
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
        match address {
            Some(address) if address.is_loopback() || Some(address) == arrived_at => true,
            _ => name == "localhost" || self.0.contains(&name),
        }
    }
}

/// Returns a name without the dot that a fully qualified one may end with.
fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_computer_and_allowed_names_are_permitted() {
        let hosts = AllowedHosts::new(&["Sandbox.Test".to_owned()]);
        let permit = |host: &str, target: &str| {
            let request = hyper::Request::builder().uri(target).header("host", host).body(()).unwrap();
            hosts.permit(&request.into_parts().0, "192.0.2.7".parse().ok())
        };
        for host in [
            "127.0.0.1:33177",
            "127.8.9.10",
            "[::1]:80",
            "localhost",
            "LOCALHOST:8080",
            "localhost.",
            "192.0.2.7:80",
            "sandbox.test",
            "SANDBOX.TEST.:8080",
        ] {
            assert!(permit(host, "/"), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "192.0.2.8",
            "0.0.0.0",
            "[::]",
            "sandbox.test.evil.example",
            "127.0.0.1@evil.example",
            "evil.example:80:80",
            "a b",
        ] {
            assert!(!permit(host, "/"), "{host}");
        }
        assert!(!permit("localhost", "http://evil.example/"), "the target names another host");
        let (without, ()) = hyper::Request::new(()).into_parts();
        assert!(!hosts.permit(&without, None), "no host");
    }
}
