//! The chain around every raw call, in order: credentials and headers, deadline, then the HTTP client.
//!
//! Calls of the services, pages and `client.raw()` all pass it. The future it gives resolves when the head of the
//! answer is here; the deadline goes on until its body is read.

mod auth;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use genesiscloud_bindings::Transport;
use http::header::{ACCEPT, HeaderValue};
use reqwest::{Request, Response};

pub use auth::AuthScheme;
pub(crate) use auth::Credentials;

/// The future of an answer.
pub(crate) type Answer<'a> = Pin<Box<dyn Future<Output = reqwest::Result<Response>> + Send + 'a>>;

/// What every request passes.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) credentials: Credentials,
    pub(crate) timeout: Option<Duration>,
    /// Whether the HTTP client is a caller's own, which may follow redirects.
    pub(crate) may_redirect: bool,
}

impl Transport for Chain {
    fn execute<'a>(&'a self, http: &'a reqwest::Client, mut request: Request, _operation: &'static str) -> Answer<'a> {
        // The generator adds it to every request; the API knows no such header.
        request.headers_mut().remove("api-version");
        // The generator leaves it out where success has no body; errors have one.
        request.headers_mut().entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        self.credentials.add_to(request.headers_mut());
        *request.timeout_mut() = request.timeout().copied().or(self.timeout);
        Box::pin(http.execute(request))
    }
}
