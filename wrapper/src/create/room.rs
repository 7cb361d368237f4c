//! Where there is room: one place after the other, until a machine can be had.

use std::collections::HashMap;
use std::fmt;

use crate::error::printable;
use crate::{Client, CreateInstance, Error, ErrorCode, ErrorKind, Instance, Region, Result};

/// Why a choice was not taken.
#[derive(Debug)]
#[non_exhaustive]
pub enum WhyNot {
    /// The service says that no such machine can be created there now; it was not asked for one.
    Unavailable,
    /// The service does not know this instance type in this region; it was not asked for one.
    NotOffered,
    /// The account's quota of instances is used up; the service was not asked.
    QuotaUsedUp {
        /// How many the account may have.
        capacity: i64,
        /// How many it has.
        used: i64,
    },
    /// The service refused: out of stock, or a quota.
    Refused(Error),
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable => f.write_str("not available now"),
            Self::NotOffered => f.write_str("not offered there"),
            Self::QuotaUsedUp { capacity, used } => write!(f, "the quota is used up, {used} of {capacity} instances"),
            Self::Refused(error) => write!(f, "{error}"),
        }
    }
}

/// A choice that was not taken, and why.
#[derive(Debug)]
#[non_exhaustive]
pub struct Choice {
    /// Where.
    pub region: Region,
    /// What.
    pub instance_type: String,
    /// Why not.
    pub why_not: WhyNot,
}

/// None of the choices could be had; or something else went wrong while they were tried.
///
/// Its `Display` is one line with the reason of each.
#[derive(Debug)]
pub struct NoRoom {
    choices: Vec<Choice>,
    stopped_by: Option<Error>,
}

impl NoRoom {
    /// The choices that were tried, in their order, and why each failed.
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// What ended it before all were tried, if something did: anything but lack of stock or quota. If it
    /// [is ambiguous](Error::is_ambiguous), a machine may exist.
    pub fn stopped_by(&self) -> Option<&Error> {
        self.stopped_by.as_ref()
    }
}

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.stopped_by {
            Some(error) => write!(f, "{error}")?,
            None => f.write_str("no machine to be had")?,
        }
        for (position, Choice { region, instance_type, why_not }) in self.choices.iter().enumerate() {
            let before = match (position, &self.stopped_by) {
                (0, Some(_)) => "; before that, ",
                (0, None) => ": ",
                _ => "; ",
            };
            write!(f, "{before}{} in {}: {why_not}", printable(instance_type), printable(&region.to_string()))?;
        }
        Ok(())
    }
}

impl WhyNot {
    fn is_quota(&self) -> bool {
        match self {
            Self::QuotaUsedUp { .. } => true,
            Self::Refused(error) => !error.is_out_of_stock(),
            Self::Unavailable | Self::NotOffered => false,
        }
    }
}

/// Keeps what ended the search; otherwise [`QuotaExceeded`](ErrorKind::QuotaExceeded) if that is what every choice failed by,
/// or [`OutOfStock`](ErrorKind::OutOfStock), with the reasons in its message.
impl From<NoRoom> for Error {
    fn from(no_room: NoRoom) -> Self {
        let message = no_room.to_string();
        let is_quota = no_room.choices.iter().all(|choice| choice.why_not.is_quota());
        let kind = if is_quota { ErrorKind::QuotaExceeded } else { ErrorKind::OutOfStock };
        no_room.stopped_by.unwrap_or_else(|| Self::new(kind, message))
    }
}

impl std::error::Error for NoRoom {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.stopped_by.as_ref().map(|error| error as _)
    }
}

/// Creates the machine at the first of the choices where one can be had.
pub(crate) async fn create_first_available(
    client: Client,
    create: CreateInstance,
    choices: Vec<(Region, String)>,
) -> Result<Instance, NoRoom> {
    let mut no_room = NoRoom { choices: vec![], stopped_by: None };
    if choices.is_empty() {
        no_room.stopped_by = Some(Error::invalid_input("there is nothing to choose from: no region and instance type"));
        return Err(no_room);
    }
    let mut advice = Advice::of(client.clone()).await;
    for (region, instance_type) in choices {
        let why_not = match advice.against(&region, &instance_type).await {
            Some(why_not) => why_not,
            None => {
                let create = create.clone().at(region.clone(), instance_type.clone());
                match client.instances().create_or_recover(create).await {
                    Ok(vm) => return Ok(vm),
                    Err(error) if is_for_lack(&error) => WhyNot::Refused(error),
                    Err(error) => {
                        no_room.stopped_by = Some(error);
                        return Err(no_room);
                    }
                }
            }
        };
        no_room.choices.push(Choice { region, instance_type, why_not });
    }
    Err(no_room)
}

/// Whether there is none to be had there, and may be elsewhere. The code for quotas counts whatever status it comes with.
fn is_for_lack(error: &Error) -> bool {
    error.is_out_of_stock() || error.is_quota_exceeded() || error.code() == Some(&ErrorCode::MaxQuotaReached)
}

/// What the service says can be had. It promises nothing, so that asking for it may fail: then the create will tell.
struct Advice {
    client: Client,
    /// Instance types, and whether one can be had, by region.
    regions: HashMap<String, Option<HashMap<String, bool>>>,
    /// Capacity and use of the quota of instances.
    quota: Option<(i64, i64)>,
}

impl Advice {
    async fn of(client: Client) -> Self {
        let quotas = client.quotas().get().await.unwrap_or_default();
        let quota = quotas.into_iter().find(|quota| quota.key == "instances");
        Self { client, regions: HashMap::new(), quota: quota.map(|quota| (quota.capacity, quota.used)) }
    }

    async fn against(&mut self, region: &Region, instance_type: &str) -> Option<WhyNot> {
        if let Some((capacity, used)) = self.quota.filter(|(capacity, used)| *capacity > 0 && used >= capacity) {
            return Some(WhyNot::QuotaUsedUp { capacity, used });
        }
        let types = match self.regions.get(&region.to_string()) {
            Some(known) => known,
            None => {
                let answer = self.client.availability().instances(region.clone()).await.ok();
                let types =
                    answer.map(|answer| answer.instance_types.into_iter().map(|one| (one.type_, one.available)));
                self.regions.entry(region.to_string()).or_insert(types.map(Iterator::collect))
            }
        };
        match types.as_ref()?.get(instance_type) {
            Some(true) => None,
            Some(false) => Some(WhyNot::Unavailable),
            None => Some(WhyNot::NotOffered),
        }
    }
}
