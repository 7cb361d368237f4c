//! An account: its resources, what happens to them in time, and what requests do to them.

mod catalog;
mod filesystems;
mod floating_ips;
mod images;
mod instances;
mod list;
mod operations;
mod request;
mod resource;
mod security_groups;
mod snapshots;
mod ssh_keys;
mod state;
mod volumes;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
pub(crate) use list::{add_item, remove_item};
pub(crate) use operations::handler;
pub(crate) use request::{Call, Ending};
use resource::{Resource, each_kind};
pub(crate) use state::Account;

use crate::data::Data;

impl Account {
    pub(crate) fn new(data: Data, now: DateTime<Utc>) -> Self {
        let mut account = Self {
            availability: data.availability,
            filesystems: resource::table(data.filesystems),
            floating_ips: resource::table(data.floating_ips),
            images: resource::table(data.images),
            instances: resource::table(data.instances),
            placement_options: data.placement_options,
            quotas: data.quotas,
            reservations: data.reservations,
            reserved_types: data.reserved_types,
            security_groups: resource::table(data.security_groups),
            snapshots: resource::table(data.snapshots),
            ssh_keys: resource::table(data.ssh_keys),
            standing: data.standing,
            user_metadata: data.user_metadata,
            volumes: resource::table(data.volumes),
            now,
            schedule: BTreeMap::new(),
            count: 0,
        };
        account.resume();
        account
    }

    /// Puts other data in place of all there is. No id comes again that was given before.
    pub(crate) fn replace(&mut self, data: Data) {
        *self = Self { count: self.count, ..Self::new(data, self.now) };
    }

    /// Everything, as it could be put in again.
    pub(crate) fn data(&self) -> Data {
        let mut data = Data::new();
        data.availability.clone_from(&self.availability);
        data.filesystems = self.all();
        data.floating_ips = self.all();
        data.images = self.all();
        data.instances = self.all();
        data.placement_options.clone_from(&self.placement_options);
        data.quotas = self.quotas();
        data.reservations.clone_from(&self.reservations);
        data.reserved_types.clone_from(&self.reserved_types);
        data.security_groups = self.all();
        data.snapshots = self.all();
        data.ssh_keys = self.all();
        data.standing = self.standing;
        data.user_metadata.clone_from(&self.user_metadata);
        data.volumes = self.all();
        data
    }

    fn all<T: Resource>(&self) -> Vec<T> {
        T::table(self).values().map(|resource| resource.shown(self)).collect()
    }

    /// What was under way when it was put in goes on from now.
    fn resume(&mut self) {
        fn proceed<T: Resource>(account: &mut Account) {
            for id in T::table(account).keys().cloned().collect::<Vec<_>>() {
                T::proceed(account, &id, Ending::Settled);
            }
        }
        each_kind!(proceed(self));
    }

    /// A person pays for an instance in `pending_payment`; whether there was one to pay for.
    pub(crate) fn pay(&mut self, id: &str) -> bool {
        instances::pay(self, id)
    }
}
