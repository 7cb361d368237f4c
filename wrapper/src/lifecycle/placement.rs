//! Placement: one region and instance type after the other, until there is capacity for an instance.

use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, Instant};

use super::orphan::OrphanedResource;
use crate::core::Core;
use crate::error::printable;
use crate::resources::{Availability, Quotas};
use crate::{CreateInstance, Error, ErrorKind, Region, WaitError, WaitErrorKind};

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
    /// The instance was created, and failed or was gone before it was active. It is deleted.
    NotReady(WaitError),
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
            Self::NotReady(error) => write!(f, "{error}; it is deleted"),
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
/// `Display` is one line with the reason of each placement. If an instance is left, it begins with that, and the id.
#[derive(Debug)]
pub struct NoCapacity {
    placements: Vec<FailedPlacement>,
    stopped_by: Option<Error>,
    orphan: Option<OrphanedResource>,
    rounds: u32,
}

impl NoCapacity {
    /// Returns the placements that were tried, in their order, with the reason why each failed: those of the last round, if
    /// there were several.
    pub fn placements(&self) -> &[FailedPlacement] {
        &self.placements
    }

    /// Returns the error that ended the search before all placements were tried, if there was one: any error but lack of
    /// capacity or quota. If it [is ambiguous](Error::is_ambiguous), an instance may exist.
    pub fn stopped_by(&self) -> Option<&Error> {
        self.stopped_by.as_ref()
    }

    /// Returns the instance that did not become active and could not be deleted: it exists or may exist, and is billed. It
    /// ended the search, so that there are never two.
    pub fn orphaned_instance(&self) -> Option<&OrphanedResource> {
        self.orphan.as_ref()
    }

    /// Returns how many rounds over the placements were begun.
    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    pub(super) fn stop(mut self, error: Error) -> Self {
        self.stopped_by = Some(error);
        self
    }

    pub(super) fn with_orphan(mut self, orphan: OrphanedResource) -> Self {
        self.orphan = Some(orphan);
        self
    }
}

impl fmt::Display for NoCapacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(orphan) = &self.orphan {
            write!(f, "{orphan}; before that, ")?;
        }
        match (&self.stopped_by, self.rounds) {
            (Some(error), _) => write!(f, "{error}")?,
            (None, ..=1) => f.write_str("no placement succeeded")?,
            (None, rounds) => write!(f, "no placement succeeded in {rounds} rounds, in the last one")?,
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
            Self::Unavailable | Self::NotOffered | Self::NotReady(_) => false,
        }
    }
}

/// The error that ended the search, if there was one. Otherwise [`QuotaExceeded`](ErrorKind::QuotaExceeded) if every placement
/// failed for a quota, or else [`NoCapacity`](ErrorKind::NoCapacity), with the reasons in its message. If an instance is left,
/// the message begins with that.
impl From<NoCapacity> for Error {
    fn from(error: NoCapacity) -> Self {
        let message = error.to_string();
        if error.orphan.is_some() {
            return Self::new(ErrorKind::WaitFailed, message);
        }
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

/// Where to create an instance, and for how long to try.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) placements: Vec<(Region, String)>,
    /// For how long rounds begin; one round if there is no time.
    pub(super) within: Option<Duration>,
    /// The pause between rounds.
    pub(super) every: Duration,
}

impl Plan {
    pub(super) const DEFAULT_PAUSE: Duration = Duration::from_secs(30);

    pub(super) fn new<T: Into<String>>(placements: impl IntoIterator<Item = (Region, T)>) -> Self {
        let placements = placements.into_iter().map(|(region, instance_type)| (region, instance_type.into())).collect();
        Self { placements, within: None, every: Self::DEFAULT_PAUSE }
    }
}

/// Rounds over the placements of a plan. Each placement that [`next`](Self::next) returns is one to create an instance at;
/// those that cannot succeed are skipped, with their reason.
pub(super) struct Rounds {
    core: Core,
    new: CreateInstance,
    plan: Plan,
    /// When no further create begins; not before the first round has ended.
    deadline: Option<Instant>,
    /// How many placements of the present round were tried.
    tried: usize,
    forecast: Option<Forecast>,
    failed: NoCapacity,
}

impl Rounds {
    /// Fails if there is no placement.
    pub(super) fn new(core: &Core, new: CreateInstance, plan: Plan) -> Result<Self, NoCapacity> {
        let failed = NoCapacity { placements: vec![], stopped_by: None, orphan: None, rounds: 0 };
        if plan.placements.is_empty() {
            return Err(failed.stop(Error::invalid_input("there is no placement: give a region and an instance type")));
        }
        let now = core.clock().now();
        // A deadline later than the clock can express is none that matters.
        let far = Duration::from_secs(u32::MAX.into());
        let deadline = plan.within.and_then(|within| now.checked_add(within.min(far)));
        Ok(Self { core: core.clone(), new, plan, deadline, tried: 0, forecast: None, failed })
    }

    /// Returns what to create next, after a pause if a new round begins with it; `None` if the last round has ended, or the
    /// time is up.
    pub(super) async fn next(&mut self) -> Option<CreateInstance> {
        loop {
            if self.tried == self.plan.placements.len() {
                self.pause().await?;
                self.tried = 0;
            }
            if self.failed.rounds > 1 && self.is_over(Duration::ZERO) {
                return None;
            }
            if self.tried == 0 {
                self.failed.rounds += 1;
                self.failed.placements.clear();
                self.forecast = None;
            }
            let (region, instance_type) = self.plan.placements[self.tried].clone();
            let forecast = match &mut self.forecast {
                Some(forecast) => forecast,
                none => none.insert(Forecast::new(self.core.clone()).await),
            };
            let reason = forecast.failure_of(&region, &instance_type).await;
            self.tried += 1;
            match reason {
                Some(reason) => self.fail(reason),
                None => return Some(self.new.clone().region(region).type_(instance_type)),
            }
        }
    }

    /// Sets why the placement that was returned last failed.
    pub(super) fn fail(&mut self, reason: PlacementFailure) {
        let (region, instance_type) = self.plan.placements[self.tried - 1].clone();
        self.failed.placements.push(FailedPlacement { region, instance_type, reason });
    }

    /// Returns why no placement succeeded.
    pub(super) fn into_failure(self) -> NoCapacity {
        self.failed
    }

    async fn pause(&self) -> Option<()> {
        if self.is_over(self.plan.every) {
            return None;
        }
        self.core.clock().sleep(self.plan.every).await;
        Some(())
    }

    /// Whether the time is up after this pause.
    fn is_over(&self, pause: Duration) -> bool {
        let resumes_at = self.core.clock().now().checked_add(pause);
        !matches!((self.deadline, resumes_at), (Some(deadline), Some(resumes_at)) if resumes_at < deadline)
    }
}

/// Whether an instance that was created ended for lack of capacity, as far as that can be seen: it failed, or was gone before
/// it was active.
pub(super) fn is_lack_of_capacity(error: &WaitError) -> bool {
    matches!(error.kind(), WaitErrorKind::Failed | WaitErrorKind::Deleting | WaitErrorKind::Gone)
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
