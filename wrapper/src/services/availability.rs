//! Availability.

use std::future::IntoFuture;

use futures::future::BoxFuture;

use super::service;
use crate::{Client, Region, RegionAvailability, Result};

service! {
    /// Where there is room for what.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let availability = client.availability();
    /// # }
    /// ```
    Availability
}

impl Availability {
    /// Which instance types can be created in a region now. One request when awaited. The answer reserves nothing.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::Region;
    ///
    /// let answer = client.availability().instances(Region::NordNoKrs1).placement("AUTO").await?;
    /// for one in answer.instance_types.iter().filter(|one| one.available) {
    ///     println!("{}", one.type_);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn instances(&self, region: Region) -> InstancesAvailability {
        InstancesAvailability { client: self.client.clone(), region, placement: None }
    }
}

/// The question which instance types can be created; asked when awaited.
#[derive(Clone, Debug)]
#[must_use = "nothing is asked until this is awaited"]
pub struct InstancesAvailability {
    client: Client,
    region: Region,
    placement: Option<String>,
}

impl InstancesAvailability {
    /// Asks for one placement option only.
    pub fn placement(mut self, option: impl Into<String>) -> Self {
        self.placement = Some(option.into());
        self
    }
}

impl IntoFuture for InstancesAvailability {
    type Output = Result<RegionAvailability>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let call = self.client.call("GetInstancesAvailability");
            let answer = call.raw.get_instances_availability(self.region, self.placement.as_deref()).await;
            Ok(call.finish(answer).await?.availability)
        })
    }
}
