//! The lower bound: hyper and serde alone. It sends a request and decodes its response, and can do nothing else: no timeout, no
//! retry.

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, HeaderValue, USER_AGENT};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::de::DeserializeOwned;

use crate::client::{Client, Result, TOKEN};
use crate::floor::{Page, SingleInstance};
use crate::responses::PER_PAGE;

/// hyper's client with a pool.
#[derive(Clone, Debug)]
pub struct LowerBound {
    http: HyperClient<HttpConnector, Empty<Bytes>>,
    endpoint: String,
    authorization: HeaderValue,
}

impl Client for LowerBound {
    fn new(endpoint: &str) -> Result<Self> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let http = HyperClient::builder(TokioExecutor::new()).build(connector);
        Ok(Self { http, endpoint: endpoint.to_owned(), authorization: format!("Bearer {TOKEN}").try_into()? })
    }

    async fn get(&self, id: &'static str) -> Result<usize> {
        let body: SingleInstance = self.fetch(&format!("{}/instances/{id}", self.endpoint)).await?;
        Ok(body.instance.id.len())
    }

    async fn page(&self) -> Result<usize> {
        let page: Page = self.fetch(&format!("{}/instances?per_page={PER_PAGE}&page=1", self.endpoint)).await?;
        Ok(page.instances.len())
    }

    fn decode(&self, body: &[u8]) -> Result<usize> {
        Ok(serde_json::from_slice::<Page>(body)?.instances.len())
    }
}

impl LowerBound {
    async fn fetch<T: DeserializeOwned>(&self, uri: &str) -> Result<T> {
        let request = hyper::Request::get(uri)
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, "lower-bound/0.1")
            .header(AUTHORIZATION, &self.authorization)
            .body(Empty::new())?;
        let body = self.http.request(request).await?.into_body().collect().await?.to_bytes();
        Ok(serde_json::from_slice(&body)?)
    }
}
