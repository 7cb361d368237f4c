//! Availability: the instance types that a region has capacity for.

use genesiscloud_bindings::requests;
#[doc(inline)]
pub use genesiscloud_bindings::types::{InstanceTypeAvailability, RegionAvailability};

use super::definitions::{operations, service};
use crate::{Call, Region};

service! {
    /// The availability of instance types by region.
    Availability,
    /// Returns the availability of instance types by region.
    client.availability()
}

operations! { impl Availability {
    /// Returns the instance types of a region, and whether there is capacity for one at present. Reserves nothing. One
    /// request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::Region;
    ///
    /// let availability = client.availability().instances(Region::NordNoKrs1).await?;
    /// for one in availability.instance_types.iter().filter(|one| one.available) {
    ///     println!("{}", one.type_);
    /// }
    /// # Ok(()) }
    /// ```
    #[inline]
    pub fn instances(&self, region: Region) -> Call<RegionAvailability> {
        self.fetch(region, None)
    }

    /// Returns the same for one placement option only. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::Region;
    ///
    /// let availability =
    ///     client.availability().instances_with_placement_option(Region::NordNoKrs1, "AUTO").await?;
    /// # Ok(()) }
    /// ```
    pub fn instances_with_placement_option(
        &self,
        region: Region,
        option: impl Into<String>,
    ) -> Call<RegionAvailability> {
        self.fetch(region, Some(option.into()))
    }
} }

impl Availability {
    #[inline]
    fn fetch(&self, region: Region, placement_option: Option<String>) -> Call<RegionAvailability> {
        let prepared = requests::get_instances_availability(self.core.raw(), region, placement_option.as_deref());
        self.core.call(prepared, &[], |body| Ok(body.availability))
    }
}
