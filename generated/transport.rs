//! The interface between the generated client and the code that sends its requests.
//!
//! A function of [`requests`](crate::requests) prepares a request. The method of [`Client`](crate::Client) with the
//! same name passes it to the client's [`Transport`] and decodes the response.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use progenitor_client::Error;
use serde::de::DeserializeOwned;

use crate::json::decode_json;
use crate::operation::Operation;

/// The request of one operation, ready to be sent, and the decoder of its response.
///
/// The functions of [`requests`](crate::requests) return it and send nothing. Code that sends requests itself passes
/// `request` to its HTTP client and the body of a successful response to `decode`.
///
/// ```no_run
/// use genesiscloud_bindings::{Client, Error, requests};
///
/// # fn prepare(client: &Client) -> Result<(), Error<()>> {
/// let prepared = requests::get_instance(client, "an-id");
/// assert_eq!(prepared.operation.id, "GetInstance");
/// assert!(prepared.request?.url().path().ends_with("/instances/an-id"));
/// let body = br#"{"instance": {}}"#;
/// assert!((prepared.decode)(body).is_err(), "the fields of the instance are missing");
///
/// // No request is made for an id that would change the path. The operation is known all the same.
/// let prepared = requests::get_instance(client, "..");
/// assert_eq!(prepared.operation.id, "GetInstance");
/// assert!(matches!(prepared.request, Err(Error::InvalidRequest(_))));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PreparedRequest<T> {
    /// The operation that the request is for.
    pub operation: &'static Operation,
    /// The request, or the reason why it cannot be built: an id that would change the path, or a value that cannot be
    /// serialized.
    pub request: Result<reqwest::Request, Error<()>>,
    /// Decodes the body of a successful response. An operation whose success has no body accepts none but white space: a page
    /// with status 200 is not the API's success.
    pub decode: fn(&[u8]) -> serde_json::Result<T>,
}

impl<T: DeserializeOwned> PreparedRequest<T> {
    /// Prepares a request whose successful response has a JSON body.
    pub(crate) fn with_json_response(
        operation: &'static Operation,
        build: impl FnOnce() -> Result<reqwest::Request, Error<()>>,
    ) -> Self {
        Self { operation, request: build(), decode: decode_json }
    }
}

impl PreparedRequest<()> {
    /// Prepares a request whose successful response has no body.
    pub(crate) fn with_empty_response(
        operation: &'static Operation,
        build: impl FnOnce() -> Result<reqwest::Request, Error<()>>,
    ) -> Self {
        Self { operation, request: build(), decode: expect_no_body }
    }
}

/// Accepts a body without content.
pub(crate) fn expect_no_body(body: &[u8]) -> serde_json::Result<()> {
    match body.trim_ascii() {
        [] => Ok(()),
        _ => Err(serde::de::Error::custom("a body where the operation's success has none")),
    }
}

/// The future that [`Transport::execute`] returns: a response with any status, or the error that prevented one.
///
/// ```
/// use genesiscloud_bindings::{Error, ResponseFuture};
///
/// fn send(http: &reqwest::Client, request: reqwest::Request) -> ResponseFuture<'_> {
///     Box::pin(async move { http.execute(request).await.map_err(Error::CommunicationError) })
/// }
/// ```
pub type ResponseFuture<'a> = Pin<Box<dyn Future<Output = Result<reqwest::Response, Error<()>>> + Send + 'a>>;

/// Sends the requests of a [`Client`](crate::Client).
///
/// A prepared request has a URL, query parameters, a body and the headers that describe the body. The transport adds
/// all others, such as `Authorization` and `Accept`, and decides on timeouts, retries and rate limits.
///
/// ```
/// use genesiscloud_bindings::{Error, Operation, ResponseFuture, Transport};
/// use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
///
/// /// Sends each request once, with a token.
/// #[derive(Debug)]
/// struct Authenticated(HeaderValue);
///
/// impl Transport for Authenticated {
///     fn execute<'a>(
///         &'a self,
///         http: &'a reqwest::Client,
///         mut request: reqwest::Request,
///         _operation: &'static Operation,
///     ) -> ResponseFuture<'a> {
///         request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
///         request.headers_mut().insert(AUTHORIZATION, self.0.clone());
///         Box::pin(async move { http.execute(request).await.map_err(Error::CommunicationError) })
///     }
/// }
/// ```
pub trait Transport: Debug + Send + Sync {
    /// Sends the request of an operation with `http`.
    ///
    /// A response is returned whatever its status; the client decides which one is a success.
    ///
    /// # Errors
    /// The future returns an error when there is no response.
    fn execute<'a>(
        &'a self,
        http: &'a reqwest::Client,
        request: reqwest::Request,
        operation: &'static Operation,
    ) -> ResponseFuture<'a>;
}

/// A [`Transport`] that the clones of a [`Client`](crate::Client) share.
///
/// ```no_run
/// use genesiscloud_bindings::{Client, SharedTransport, Transport};
///
/// fn client(transport: impl Transport + 'static) -> Client {
///     Client::new_with_client("http://127.0.0.1:8080", reqwest::Client::new(), SharedTransport::new(transport))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct SharedTransport(pub(crate) Arc<dyn Transport>);

impl SharedTransport {
    /// Wraps a transport for [`Client::new_with_client`](crate::Client::new_with_client).
    pub fn new(transport: impl Transport + 'static) -> Self {
        Self(Arc::new(transport))
    }
}
