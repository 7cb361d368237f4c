//! The SDK.

use genesiscloud_bindings::requests;

use crate::client::{Client, Result, TOKEN};
use crate::responses::PER_PAGE;

/// The SDK's client.
#[derive(Clone, Debug)]
pub struct Ours(genesiscloud::Client);

impl Client for Ours {
    fn new(endpoint: &str) -> Result<Self> {
        Ok(Self(genesiscloud::Client::builder().endpoint(endpoint).token(TOKEN).rate(None).build()?))
    }

    async fn get(&self, id: &'static str) -> Result<usize> {
        Ok(self.0.instances().get(id).await?.id.len())
    }

    async fn page(&self) -> Result<usize> {
        Ok(self.0.instances().list().per_page(PER_PAGE as u32).page(1).await?.items.len())
    }

    fn decode(&self, body: &[u8]) -> Result<usize> {
        let prepared = requests::list_instances_paginated(self.0.raw(), None, None);
        Ok((prepared.decode)(body)?.instances.len())
    }
}
