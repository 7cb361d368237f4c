//! Offers: which instance types there are in which region, and which of them the account can have at present.

mod instance_type;

use futures::future::{try_join, try_join_all};

pub use self::instance_type::{Accelerators, InstanceTypeSpec};
use super::definitions::operations;
use super::{Availability, InstanceTypeAvailability, Reservation, Reservations};
use crate::{Call, Client, ErrorKind, Region, Result};

/// An instance type in a region: what it has, whether there is capacity for one at present, and what the account has reserved.
/// Returned by [`Client::offers`]. The API states no prices.
///
/// ```
/// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
/// use genesiscloud::Offer;
///
/// let has_two_gpus = |offer: &Offer| {
///     offer.available && offer.spec.as_ref().and_then(|spec| spec.accelerators.as_ref()).is_some_and(|gpus| gpus.count == 2)
/// };
/// if let Some(offer) = client.offers().await?.into_iter().find(has_two_gpus) {
///     // What belongs to the instance has to be in its region.
///     let disk = genesiscloud::CreateVolume::new("data", offer.region.clone(), 50);
///     client.volumes().create_or_recover(disk).await?;
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Offer {
    /// The region, as all parameters take it that create something in a region: in `new`, and by their `region`.
    pub region: Region,
    /// The name of the instance type, as [`CreateInstance::new`](crate::CreateInstance::new) takes it.
    pub instance_type: String,
    /// What the name says of the instance type; `None` if it has another form than those known.
    pub spec: Option<InstanceTypeSpec>,
    /// Whether one more can be created at present, as the service states it. It is no promise: the create decides.
    pub available: bool,
    /// How many more can be created at present, where the service states it.
    pub count: Option<u64>,
    /// What the account has reserved of it in this region. It is used by instances with billing type `reserved`.
    pub reservation: Option<Reservation>,
}

operations! { impl Client {
    /// Returns all instance types of all regions in [`Region::ALL`], those without capacity too, in the order of regions and
    /// of the service. Reserves nothing.
    ///
    /// A region that the service does not know (400, 404) has no offers. An instance type that the account has reserved is an
    /// offer also if the service does not list it; then it is not `available`. One request per region, at once, and one for the
    /// reservations.
    ///
    /// # Errors
    /// If the availability of a region or the reservations cannot be read: the offers would be incomplete.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// for offer in client.offers().await?.iter().filter(|offer| offer.available) {
    ///     println!("{} {}", offer.region, offer.instance_type);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn offers(&self) -> Call<Vec<Offer>> {
        self.offers_in(Region::ALL.iter().cloned())
    }

    /// Returns the [offers](Self::offers) of these regions: one request for each, and one for the reservations.
    ///
    /// # Errors
    /// As for [`offers`](Self::offers).
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::Region;
    ///
    /// let offers = client.offers_in([Region::NordNoKrs1, Region::from("A-NEW-REGION-1")]).await?;
    /// # Ok(()) }
    /// ```
    pub fn offers_in(&self, regions: impl IntoIterator<Item = Region>) -> Call<Vec<Offer>> {
        let (availability, reservations) = (Availability::new(self.core()), Reservations::new(self.core()));
        let regions: Vec<_> = regions.into_iter().collect();
        Call::new(async move {
            let of_regions = regions.into_iter().map(|region| listed(&availability, region));
            let (listed, mut reservations) = try_join(try_join_all(of_regions), reservations.get()).await?;
            Ok(listed.into_iter().flat_map(|(region, types)| offers_of(region, types, &mut reservations)).collect())
        })
    }
} }

/// The instance types of a region; none if the service does not know the region.
async fn listed(availability: &Availability, region: Region) -> Result<(Region, Vec<InstanceTypeAvailability>)> {
    match availability.instances(region.clone()).await {
        Ok(listed) => Ok((region, listed.instance_types)),
        Err(error) if matches!(error.kind(), ErrorKind::BadRequest | ErrorKind::NotFound) => Ok((region, Vec::new())),
        Err(error) => Err(error),
    }
}

/// The offers of a region. Takes its reservations out of those that are given.
fn offers_of(region: Region, types: Vec<InstanceTypeAvailability>, all: &mut Vec<Reservation>) -> Vec<Offer> {
    let (mut reserved, others) = std::mem::take(all).into_iter().partition::<Vec<_>, _>(|one| one.region == region);
    *all = others;
    let mut offers = Vec::new();
    for listed in types {
        let position = reserved.iter().position(|one| one.flavor_name == listed.type_);
        let reservation = position.map(|position| reserved.remove(position));
        offers.push(offer(&region, listed, reservation));
    }
    for reservation in reserved {
        let mut unlisted = InstanceTypeAvailability::default();
        unlisted.type_.clone_from(&reservation.flavor_name);
        offers.push(offer(&region, unlisted, Some(reservation)));
    }
    offers
}

fn offer(region: &Region, listed: InstanceTypeAvailability, reservation: Option<Reservation>) -> Offer {
    Offer {
        region: region.clone(),
        spec: InstanceTypeSpec::parse(&listed.type_),
        instance_type: listed.type_,
        available: listed.available,
        // The service's numbers are of any kind; a conversion from `f64` saturates.
        count: listed.count.filter(|count| *count >= 0.0).map(|count| count as u64),
        reservation,
    }
}
