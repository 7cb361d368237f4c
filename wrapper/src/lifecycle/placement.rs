//! Placement: one region and instance type after the other, until there is capacity for an instance.

use std::collections::HashMap;
use std::fmt;

use crate::core::Core;
use crate::error::printable;
use crate::resources::{Availability, Instances, Quotas};
use crate::{CreateInstance, Error, ErrorKind, Instance, Region, Result};

/// Why a placement failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum PlacementFailure {
    /// The service reports no capacity there at present. No create was sent.
    Unavailable,
    /// The service does not offer this instance type in this region. No create was sent.
    NotOffered,
    /// The account's quota of instances is used up. No create was sent.
    QuotaExceeded {
        /// How many instances the account may have.
        capacity: i64,
        /// How many it has.
        used: i64,
    },
    /// The create was rejected for lack of capacity, or for a quota.
    Rejected(Error),
}

impl fmt::Display for PlacementFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable => f.write_str("not available at present"),
            Self::NotOffered => f.write_str("not offered there"),
            Self::QuotaExceeded { capacity, used } => {
                write!(f, "the quota is used up, {used} of {capacity} instances")
            }
            Self::Rejected(error) => write!(f, "{error}"),
        }
    }
}

/// A placement that failed, and why.
#[derive(Debug)]
#[non_exhaustive]
pub struct FailedPlacement {
    /// The region.
    pub region: Region,
    /// The instance type.
    pub instance_type: String,
    /// The reason.
    pub reason: PlacementFailure,
}

/// No placement had capacity for an instance; or another error ended the search.
///
/// `Display` is one line with the reason of each placement.
#[derive(Debug)]
pub struct NoCapacity {
    placements: Vec<FailedPlacement>,
    stopped_by: Option<Error>,
}

impl NoCapacity {
    /// Returns the placements that were tried, in their order, with the reason why each failed.
    pub fn placements(&self) -> &[FailedPlacement] {
        &self.placements
    }

    /// Returns the error that ended the search before all placements were tried, if there was one: any error but lack of
    /// capacity or quota. If it [is ambiguous](Error::is_ambiguous), an instance may exist.
    pub fn stopped_by(&self) -> Option<&Error> {
        self.stopped_by.as_ref()
    }
}

impl fmt::Display for NoCapacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.stopped_by {
            Some(error) => write!(f, "{error}")?,
            None => f.write_str("no placement succeeded")?,
        }
        for (position, FailedPlacement { region, instance_type, reason }) in self.placements.iter().enumerate() {
            let separator = match (position, &self.stopped_by) {
                (0, Some(_)) => "; before that, ",
                (0, None) => ": ",
                _ => "; ",
            };
            write!(f, "{separator}{} in {}: {reason}", printable(instance_type), printable(&region.to_string()))?;
        }
        Ok(())
    }
}

impl PlacementFailure {
    fn is_quota(&self) -> bool {
        match self {
            Self::QuotaExceeded { .. } => true,
            Self::Rejected(error) => !error.is_no_capacity(),
            Self::Unavailable | Self::NotOffered => false,
        }
    }
}

/// The error that ended the search, if there was one. Otherwise [`QuotaExceeded`](ErrorKind::QuotaExceeded) if every placement
/// failed for a quota, or else [`NoCapacity`](ErrorKind::NoCapacity), with the reasons in its message.
impl From<NoCapacity> for Error {
    fn from(error: NoCapacity) -> Self {
        let message = error.to_string();
        let is_quota = error.placements.iter().all(|placement| placement.reason.is_quota());
        let kind = if is_quota { ErrorKind::QuotaExceeded } else { ErrorKind::NoCapacity };
        error.stopped_by.unwrap_or_else(|| Self::new(kind, message))
    }
}

impl std::error::Error for NoCapacity {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.stopped_by.as_ref().map(|error| error as _)
    }
}

/// Creates the instance at the first placement with capacity.
pub(super) async fn create_first_available(
    core: Core,
    new: CreateInstance,
    placements: Vec<(Region, String)>,
) -> Result<Instance, NoCapacity> {
    let mut failed = NoCapacity { placements: vec![], stopped_by: None };
    if placements.is_empty() {
        failed.stopped_by = Some(Error::invalid_input("there is no placement: give a region and an instance type"));
        return Err(failed);
    }
    let mut forecast = Forecast::new(core.clone()).await;
    for (region, instance_type) in placements {
        let reason = match forecast.failure_of(&region, &instance_type).await {
            Some(reason) => reason,
            None => {
                let new = new.clone().at(region.clone(), instance_type.clone());
                match Instances::new(&core).create_or_recover(new).await {
                    Ok(instance) => return Ok(instance),
                    Err(error) if error.is_out_of_resources() => PlacementFailure::Rejected(error),
                    Err(error) => {
                        failed.stopped_by = Some(error);
                        return Err(failed);
                    }
                }
            }
        };
        failed.placements.push(FailedPlacement { region, instance_type, reason });
    }
    Err(failed)
}

/// What quotas and availability predict for a create. They guarantee nothing, so if they cannot be read, the create decides.
struct Forecast {
    core: Core,
    /// By region: the instance types, and whether there is capacity for one; `None` if the availability cannot be read.
    regions: HashMap<String, Option<HashMap<String, bool>>>,
    /// Capacity and use of the quota of instances.
    quota: Option<(i64, i64)>,
}

impl Forecast {
    async fn new(core: Core) -> Self {
        let quotas = Quotas::new(&core).get().await.unwrap_or_default();
        let quota = quotas.into_iter().find(|quota| quota.key == "instances");
        Self { core, regions: HashMap::new(), quota: quota.map(|quota| (quota.capacity, quota.used)) }
    }

    async fn failure_of(&mut self, region: &Region, instance_type: &str) -> Option<PlacementFailure> {
        if let Some((capacity, used)) = self.quota.filter(|(capacity, used)| *capacity > 0 && used >= capacity) {
            return Some(PlacementFailure::QuotaExceeded { capacity, used });
        }
        let types = match self.regions.get(&region.to_string()) {
            Some(known) => known,
            None => {
                let response = Availability::new(&self.core).instances(region.clone()).await.ok();
                let types =
                    response.map(|response| response.instance_types.into_iter().map(|one| (one.type_, one.available)));
                self.regions.entry(region.to_string()).or_insert(types.map(Iterator::collect))
            }
        };
        match types.as_ref()?.get(instance_type) {
            Some(true) => None,
            Some(false) => Some(PlacementFailure::Unavailable),
            None => Some(PlacementFailure::NotOffered),
        }
    }
}
