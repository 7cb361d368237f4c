//! The base URL of a client, parsed once. A URL of it differs in its path alone, so only that is parsed for each request.

use std::fmt;

use reqwest::{Method, RequestBuilder, Url};

use crate::bindings::Client;

/// The base URL of a client.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    text: String,
    /// What it is parsed to, if it has neither a query nor a fragment.
    parsed: Option<Url>,
}

impl BaseUrl {
    pub(crate) fn new(text: &str) -> Self {
        let parsed = Url::parse(text).ok().filter(|url| url.query().is_none() && url.fragment().is_none());
        Self { text: text.to_owned(), parsed }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL that parsing a text gives, if it is that of another path than this one's, and no more.
    fn with_path_of(&self, text: &str) -> Option<Url> {
        let parsed = self.parsed.as_ref()?;
        let path = text.strip_prefix(parsed.as_str().strip_suffix(parsed.path())?)?;
        let is_path = path.starts_with('/') && !path.contains(['?', '#']) && !path.ends_with(|end| end <= ' ');
        is_path.then(|| {
            let mut url = parsed.clone();
            url.set_path(path);
            url
        })
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Client {
    /// Begins a request of this URL, which begins with the base URL.
    pub(crate) fn request(&self, method: Method, url: String) -> RequestBuilder {
        match self.baseurl.with_path_of(&url) {
            Some(url) => self.client.request(method, url),
            None => self.client.request(method, url),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_the_base_is_what_parsing_it_gives() {
        for (base, is_parsed_once) in [
            ("https://api.genesiscloud.com/compute/v1", true),
            ("http://127.0.0.1:8080/compute/v1", true),
            ("http://[::1]:8080", true),
            ("http://host/", true),
            ("HTTP://HOST/a/../b", false),
            ("http://host:80/compute/v1", false),
            ("http://host/?a=b", false),
            ("http://host/#a", false),
            (" http://host", false),
            ("data:text", false),
        ] {
            for path in [
                "",
                "/",
                "/instances",
                "/instances/a%2Fb",
                "/a/../b",
                "//a",
                "/a b",
                "/ü\t",
                "/a\\b",
                "/a?b=c#d",
                "/a ",
            ] {
                let text = format!("{base}{path}");
                let url = BaseUrl::new(base).with_path_of(&text);
                assert!(url.is_none() || url == Url::parse(&text).ok(), "{text}: {url:?}");
                let is_plain = path.starts_with("/instances");
                assert!(!is_plain || url.is_some() == is_parsed_once, "{text}: {url:?}");
            }
        }
    }
}
