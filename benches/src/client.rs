//! What is measured of every client.

use std::error::Error;
use std::future::Future;

/// Any error ends a run.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The token, which the server does not check.
pub const TOKEN: &str = "a-token-of-the-usual-length-0123456789";

/// A client of the API at an endpoint.
pub trait Client: Clone + Send + Sync + 'static {
    /// Returns a client of this endpoint, without a rate limit.
    ///
    /// # Errors
    /// If it cannot be built.
    fn new(endpoint: &str) -> Result<Self>;

    /// Gets one instance, and returns the length of its id.
    fn get(&self, id: &'static str) -> impl Future<Output = Result<usize>> + Send;

    /// Gets the first page of instances, and returns how many it holds.
    fn page(&self) -> impl Future<Output = Result<usize>> + Send;

    /// Decodes the body of a page, and returns how many items it holds.
    ///
    /// # Errors
    /// If the body is not a page.
    fn decode(&self, body: &[u8]) -> Result<usize>;
}
