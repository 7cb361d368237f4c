//! What a sandbox knows of its account, and what is still to happen to it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use genesiscloud_bindings::types::{
    Filesystem, FloatingIp, Image, Instance, InstanceTypeAvailability, Quota, Region, RegionAvailability, Reservation,
    SecurityGroup, Snapshot, SshKey, Volume,
};
use indexmap::IndexMap;

use crate::data::{Standing, UserMetadata};
use crate::error_response::{Code, Refusal};

/// All resources of a kind by id, in the order they are listed.
pub(super) type Table<T> = IndexMap<String, T>;

/// All that a sandbox knows of its account.
pub(crate) struct Account {
    pub(super) availability: Vec<RegionAvailability>,
    pub(super) filesystems: Table<Filesystem>,
    pub(super) floating_ips: Table<FloatingIp>,
    pub(super) images: Table<Image>,
    pub(super) instances: Table<Instance>,
    pub(super) placement_options: Vec<String>,
    pub(super) quotas: Vec<Quota>,
    pub(super) reservations: Vec<Reservation>,
    pub(super) reserved_types: Vec<String>,
    pub(super) security_groups: Table<SecurityGroup>,
    pub(super) snapshots: Table<Snapshot>,
    pub(super) ssh_keys: Table<SshKey>,
    pub(super) standing: Standing,
    pub(super) user_metadata: BTreeMap<String, UserMetadata>,
    pub(super) volumes: Table<Volume>,

    pub(super) now: DateTime<Utc>,
    /// What is still to happen, by time and then by the order it was scheduled in.
    pub(super) schedule: BTreeMap<(DateTime<Utc>, u64), Change>,
    /// Counts what was created and scheduled, so that no two ids or places in the schedule are the same.
    pub(super) count: u64,
}

pub(super) type Change = Box<dyn FnOnce(&mut Account) + Send>;

impl Account {
    /// Lets happen what was to happen until then, each thing at its own time.
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
    }

    /// What is to happen after so many seconds.
    pub(super) fn after(&mut self, seconds: i64, change: impl FnOnce(&mut Self) + Send + 'static) {
        self.count += 1;
        self.schedule.insert((self.now + TimeDelta::seconds(seconds), self.count), Box::new(change));
    }

    /// An address in a /16 that nothing created here has had, for the first 65,536.
    pub(super) fn free_address(&mut self, network: &str) -> String {
        self.count += 1;
        format!("{network}.{}.{}", self.count / 256 % 256, self.count % 256)
    }

    /// No instance has a resource any more that is gone.
    pub(super) fn detach_from_instances(&mut self, id: &str) {
        for instance in self.instances.values_mut() {
            instance.volumes.retain(|volume| volume.id != id);
            instance.security_groups.retain(|group| group.id != id);
            instance.floating_ip = instance.floating_ip.take().filter(|address| address.id != id);
        }
    }

    /// What is known of an instance type in a region.
    pub(super) fn stock(&mut self, region: &Region, kind: &str) -> Option<&mut InstanceTypeAvailability> {
        let region = self.availability.iter_mut().find(|answer| answer.region == *region)?;
        region.instance_types.iter_mut().find(|known| known.type_ == kind)
    }

    /// Refuses where the provider has something against the account.
    pub(crate) fn ensure_standing(&self, method: &str) -> Result<(), Refusal> {
        let refusal = match self.standing {
            Standing::Suspended => Code::SUSPENDED,
            Standing::Banned => Code::BANNED,
            Standing::Disabled => Code::DISABLED,
            Standing::ApiDisabled => Code::API_DISABLED,
            Standing::ReadOnly if method != "GET" => Code::PERMISSION_DENIED,
            Standing::PaymentMethodRequired if method == "POST" => Code::PAYMENT_METHOD_REQUIRED,
            Standing::NotVerified if method == "POST" => Code::NOT_VERIFIED,
            _ => return Ok(()),
        };
        Err(refusal.into())
    }
}
