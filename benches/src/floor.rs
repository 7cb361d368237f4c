//! The floor: the least code that does what a call of the SDK does, over reqwest and serde. It sends the same headers over the
//! same connections, and sends again what failed for a while. Only connecting has a time limit.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::client::{Client, Result, TOKEN};
use crate::responses::PER_PAGE;

const MAX_ATTEMPTS: u32 = 5;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
const BACKOFF: Duration = Duration::from_millis(500);

/// A client of a few lines.
#[derive(Clone, Debug)]
pub struct Floor {
    http: reqwest::Client,
    endpoint: String,
}

impl Client for Floor {
    fn new(endpoint: &str) -> Result<Self> {
        let mut token = HeaderValue::try_from(format!("Bearer {TOKEN}"))?;
        token.set_sensitive(true);
        let accept = HeaderValue::from_static("application/json");
        let headers = HeaderMap::from_iter([(ACCEPT, accept), (AUTHORIZATION, token)]);
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls()?)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .user_agent("floor/0.1")
            .default_headers(headers)
            .build()?;
        Ok(Self { http, endpoint: endpoint.to_owned() })
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

impl Floor {
    async fn fetch<T: DeserializeOwned>(&self, url: &str) -> Result<T> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let sent = self.http.get(url).send().await;
            let is_transient = match &sent {
                Ok(response) => response.status() == 429 || response.status().is_server_error(),
                Err(error) => error.is_connect() || error.is_timeout(),
            };
            if !is_transient || attempts == MAX_ATTEMPTS {
                return Ok(sent?.error_for_status()?.json().await?);
            }
            tokio::time::sleep(BACKOFF * attempts).await;
        }
    }
}

/// The SDK's configuration of TLS for loopback, which is not used there.
fn tls() -> Result<rustls::ClientConfig> {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

/// The body of the response to a get.
#[derive(Debug, Deserialize)]
pub struct SingleInstance {
    /// The instance.
    pub instance: Instance,
    /// What is not known.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The body of a page.
#[derive(Debug, Deserialize)]
pub struct Page {
    /// The items.
    pub instances: Vec<Instance>,
    /// All items of the list.
    pub total_count: i64,
    /// The number of the page.
    pub page: i64,
    /// The most items of a page.
    pub per_page: i64,
    /// What is not known.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An instance, with the fields of the SDK's.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Instance {
    pub created_at: DateTime<Utc>,
    pub disk_size: Option<i64>,
    pub dns_name: Option<String>,
    pub floating_ip: Option<Reference>,
    pub hostname: String,
    pub id: String,
    pub image: Option<Reference>,
    pub is_protected: Option<bool>,
    pub name: String,
    pub os_type: Option<String>,
    pub placement_option: Option<String>,
    pub private_ip: Option<String>,
    pub public_ip: Option<String>,
    pub region: String,
    pub reservation_id: Option<String>,
    #[serde(default)]
    pub security_groups: Vec<Reference>,
    #[serde(default)]
    pub ssh_keys: Vec<Reference>,
    pub status: Status,
    #[serde(rename = "type")]
    pub type_: String,
    pub updated_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub volumes: Vec<Reference>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A status.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Status {
    Creating,
    PendingPayment,
    Active,
    Stopping,
    Stopped,
    Starting,
    Resetting,
    Error,
    Deleting,
    #[serde(other)]
    Unknown,
}

/// A reference to another resource.
#[derive(Debug, Deserialize)]
#[allow(missing_docs)]
pub struct Reference {
    pub id: String,
    pub name: String,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
