//! Availability.

use super::service;
use crate::{Pending, Region, RegionAvailability};

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
    /// Which instance types can be created in a region now. One request. The answer reserves nothing.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::Region;
    ///
    /// let answer = client.availability().instances(Region::NordNoKrs1).await?;
    /// for one in answer.instance_types.iter().filter(|one| one.available) {
    ///     println!("{}", one.type_);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn instances(&self, region: Region) -> Pending<RegionAvailability> {
        self.ask(region, None)
    }

    /// The same for one placement option only. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::Region;
    ///
    /// let answer = client.availability().instances_placed(Region::NordNoKrs1, "AUTO").await?;
    /// # Ok(()) }
    /// ```
    pub fn instances_placed(&self, region: Region, placement: impl Into<String>) -> Pending<RegionAvailability> {
        self.ask(region, Some(placement.into()))
    }

    fn ask(&self, region: Region, placement: Option<String>) -> Pending<RegionAvailability> {
        let call = self.client.call("GetInstancesAvailability");
        Pending::new(async move {
            let answer = call.raw.get_instances_availability(region, placement.as_deref()).await;
            Ok(call.finish(answer).await?.availability)
        })
    }
}
