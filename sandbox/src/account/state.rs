//! The state of an account, and the changes that are scheduled for it.

use std::any::Any;
use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use genesiscloud_bindings::types::{
    Filesystem, FloatingIp, Image, Instance, InstanceTypeAvailability, Quota, Region, RegionAvailability, Reservation,
    SecurityGroup, Snapshot, SshKey, Volume,
};
use indexmap::IndexMap;

use super::machine::Machine;
use super::references::References;
use crate::data::{AccountStatus, UserMetadata};
use crate::error_response::{ErrorCode, ErrorResponse};

/// All resources of a kind by id, in the order they are listed.
pub(super) type Table<T> = IndexMap<String, T>;

/// An account: its resources and settings.
pub(crate) struct Account {
    pub(super) account_status: AccountStatus,
    pub(super) availability: Vec<RegionAvailability>,
    pub(super) filesystems: Table<Filesystem>,
    pub(super) floating_ips: Table<FloatingIp>,
    pub(super) images: Table<Image>,
    /// Inserted, replaced and removed by the methods of [`Resource`](super::resource::Resource), which keep `references`.
    pub(super) instances: Table<Instance>,
    pub(super) references: References,
    /// What runs inside the instances that were created by a request, by their ids.
    pub(super) machines: BTreeMap<String, Machine>,
    pub(super) placement_options: Vec<String>,
    pub(super) quotas: Vec<Quota>,
    pub(super) reservations: Vec<Reservation>,
    pub(super) reserved_types: Vec<String>,
    pub(super) security_groups: Table<SecurityGroup>,
    pub(super) snapshots: Table<Snapshot>,
    pub(super) ssh_keys: Table<SshKey>,
    pub(super) user_metadata: BTreeMap<String, UserMetadata>,
    pub(super) volumes: Table<Volume>,

    pub(super) now: DateTime<Utc>,
    /// How many times as fast as documented transitions are.
    pub(super) speed: f64,
    /// Changes that are due later, by time and then by the order of scheduling.
    pub(super) schedule: BTreeMap<(DateTime<Utc>, u64), Change>,
    /// Incremented for each id, address and scheduled change, which makes each of them unique.
    pub(super) sequence: u64,
    /// How long reads are stale after each create and deletion.
    pub(super) stale_for: Duration,
    /// In the order of the changes that reads do not show yet.
    pub(super) stale_reads: Vec<StaleRead>,
}

/// A thousand years, which keeps dates within their range.
const MAX_MILLISECONDS: f64 = 3.2e13;

pub(super) type Change = Box<dyn FnOnce(&mut Account) + Send>;

/// A resource that reads show as it was before a change.
pub(super) struct StaleRead {
    /// The kind of the resource, as its list names it.
    pub(super) kind: &'static str,
    pub(super) id: String,
    /// When reads show the change.
    pub(super) until: DateTime<Utc>,
    /// What reads show until then. `None` if they do not find the resource.
    pub(super) shown: Option<Shown>,
}

/// A resource as it was, and its position in the list.
pub(super) struct Shown {
    pub(super) position: usize,
    pub(super) resource: Box<dyn Any + Send>,
}

impl Account {
    /// Applies all changes that are due until `to`, each at its own time.
    pub(crate) fn advance(&mut self, to: DateTime<Utc>) {
        while let Some(next) = self.schedule.first_entry() {
            let due = next.key().0;
            if due > to {
                break;
            }
            let change = next.remove();
            self.now = due;
            change(self);
        }
        self.now = to;
        self.end_stale_reads();
    }

    /// Schedules a change in `seconds`, or earlier by the speed.
    pub(super) fn schedule(&mut self, seconds: impl Into<f64>, change: impl FnOnce(&mut Self) + Send + 'static) {
        // Timestamps have milliseconds. A speed of zero makes this infinite, so that the change never comes.
        let milliseconds = (seconds.into() * 1000.0 / self.speed).round();
        if milliseconds.is_finite() {
            self.schedule_at(self.now + TimeDelta::milliseconds(milliseconds.min(MAX_MILLISECONDS) as i64), change);
        }
    }

    /// Schedules a change at a time, whatever the speed.
    pub(super) fn schedule_at(&mut self, due: DateTime<Utc>, change: impl FnOnce(&mut Self) + Send + 'static) {
        self.sequence += 1;
        self.schedule.insert((due, self.sequence), Box::new(change));
    }

    /// Returns an address of a /16 network. Addresses repeat only after 65,536 calls.
    pub(super) fn next_address(&mut self, network: &str) -> String {
        self.sequence += 1;
        format!("{network}.{}.{}", self.sequence / 256 % 256, self.sequence % 256)
    }

    /// Returns whether any instance refers to this resource.
    pub(super) fn is_referred_to(&self, id: &str) -> bool {
        self.references.to(id).next().is_some()
    }

    /// Returns the instances that refer to a resource, in the order they are listed.
    pub(super) fn instances_with(&self, id: &str) -> Vec<&Instance> {
        let ids = self.references.to(id);
        let mut found: Vec<_> = ids.filter_map(|id| self.instances.get_full(id)).collect();
        found.sort_unstable_by_key(|(index, ..)| *index);
        found.into_iter().map(|(.., instance)| instance).collect()
    }

    /// Removes the references of all instances to a resource that no longer exists.
    pub(super) fn detach_from_instances(&mut self, id: &str) {
        for instance in self.references.remove_resource(id) {
            let Some(instance) = self.instances.get_mut(&instance) else { continue };
            instance.volumes.retain(|volume| volume.id != id);
            instance.security_groups.retain(|group| group.id != id);
            instance.floating_ip = instance.floating_ip.take().filter(|address| address.id != id);
        }
    }

    /// Returns the availability of an instance type in a region, or `None` if the region does not have the type.
    pub(super) fn instance_type_availability(
        &mut self,
        region: &Region,
        instance_type: &str,
    ) -> Option<&mut InstanceTypeAvailability> {
        let region = self.availability.iter_mut().find(|availability| availability.region == *region)?;
        region.instance_types.iter_mut().find(|availability| availability.type_ == instance_type)
    }

    /// Returns an error if the status of the account does not permit requests with this method.
    pub(crate) fn ensure_permitted(&self, method: &str) -> Result<(), ErrorResponse> {
        let code = match self.account_status {
            AccountStatus::Suspended => ErrorCode::SUSPENDED,
            AccountStatus::Banned => ErrorCode::BANNED,
            AccountStatus::Disabled => ErrorCode::DISABLED,
            AccountStatus::ApiDisabled => ErrorCode::API_DISABLED,
            AccountStatus::ReadOnly if method != "GET" => ErrorCode::PERMISSION_DENIED,
            AccountStatus::PaymentMethodRequired if method == "POST" => ErrorCode::PAYMENT_METHOD_REQUIRED,
            AccountStatus::NotVerified if method == "POST" => ErrorCode::NOT_VERIFIED,
            _ => return Ok(()),
        };
        Err(code.into())
    }
}

#[cfg(test)]
mod tests {
    use genesiscloud_bindings::types::{FloatingIp, Volume};

    use super::*;
    use crate::Data;
    use crate::account::resource::Resource;
    use crate::resource_id::reference;

    #[test]
    fn the_index_is_that_of_the_instances_after_any_change() {
        let mut account = Account::new(Data::realistic(), chrono::DateTime::UNIX_EPOCH, 1.0);
        let mut random = fastrand::Rng::with_seed(7);
        for step in 0..2_000 {
            let some = |table: Vec<&String>, random: &mut fastrand::Rng| random.choice(table).cloned();
            let instance = some(account.instances.keys().collect(), &mut random).unwrap();
            let volume = some(account.volumes.keys().collect(), &mut random);
            let address = some(account.floating_ips.keys().collect(), &mut random);
            match (random.u8(..20), volume, address) {
                (0, ..) if account.instances.len() > 9 => Instance::remove(&mut account, &instance),
                (1, Some(volume), _) => Volume::remove(&mut account, &volume),
                (2, _, Some(address)) => FloatingIp::remove(&mut account, &address),
                (_, volume, address) => {
                    let mut changed = account.instances[&instance].clone();
                    changed.volumes.truncate(random.usize(..4));
                    changed.volumes.extend(volume.map(|id| reference(&id, "")));
                    changed.floating_ip = address.map(|id| reference(&id, "")).filter(|_| random.bool());
                    if random.u8(..5) == 0 {
                        changed.id = format!("copy-{step}");
                    }
                    Instance::insert(&mut account, changed);
                }
            }
            assert_eq!(account.references, References::of(account.instances.values()), "step {step}");
        }
        let is_shared = |volume: &&String| account.references.to(volume).count() > 1;
        let shared = account.volumes.keys().find(is_shared).unwrap().clone();
        let positions: Vec<_> =
            account.instances_with(&shared).iter().map(|it| account.instances.get_index_of(&it.id)).collect();
        assert!(positions.is_sorted() && positions.len() > 1);
    }
}
