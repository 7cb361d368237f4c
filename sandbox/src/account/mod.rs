//! The account that the API manages: its resources, their lifecycles, and the operations on them.

mod catalog;
mod filesystems;
mod floating_ips;
mod images;
mod instances;
mod list;
mod machine;
mod operations;
mod references;
mod request;
mod resource;
mod security_groups;
mod snapshots;
mod ssh_keys;
mod stale_reads;
mod state;
mod volumes;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
pub(crate) use list::{insert_first_item, remove_first_item};
pub(crate) use operations::operation_handler;
use references::References;
pub(crate) use request::{OperationRequest, Outcome};
use resource::{Resource, each_kind};
pub(crate) use state::Account;

use crate::data::Data;

impl Account {
    /// Creates an account with this data. Transitions in progress, such as `creating`, start over at `now`. At a speed of
    /// 60, they take a sixtieth of their duration.
    pub(crate) fn new(data: Data, now: DateTime<Utc>, speed: f64) -> Self {
        let instances = resource::table(data.instances);
        let mut account = Self {
            account_status: data.account_status,
            availability: data.availability,
            filesystems: resource::table(data.filesystems),
            floating_ips: resource::table(data.floating_ips),
            images: resource::table(data.images),
            references: References::of(instances.values()),
            instances,
            machines: BTreeMap::new(),
            placement_options: data.placement_options,
            quotas: data.quotas,
            reservations: data.reservations,
            reserved_types: data.reserved_types,
            security_groups: resource::table(data.security_groups),
            snapshots: resource::table(data.snapshots),
            ssh_keys: resource::table(data.ssh_keys),
            user_metadata: data.user_metadata,
            volumes: resource::table(data.volumes),
            now,
            speed,
            schedule: BTreeMap::new(),
            sequence: 0,
            stale_for: Duration::ZERO,
            stale_reads: vec![],
        };
        account.schedule_transitions();
        account
    }

    /// Replaces all data. Ids that were already generated are not generated again.
    pub(crate) fn replace(&mut self, data: Data) {
        *self = Self { sequence: self.sequence, stale_for: self.stale_for, ..Self::new(data, self.now, self.speed) };
    }

    /// Returns all data, in the form that [`Account::new`] takes.
    pub(crate) fn data(&self) -> Data {
        let mut data = Data::new();
        data.account_status = self.account_status;
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
        data.user_metadata.clone_from(&self.user_metadata);
        data.volumes = self.all();
        data
    }

    fn all<T: Resource>(&self) -> Vec<T> {
        T::table(self).values().map(|resource| resource.with_references(self)).collect()
    }

    /// Schedules the transitions that are in progress.
    fn schedule_transitions(&mut self) {
        fn schedule_transition<T: Resource>(account: &mut Account) {
            for id in T::table(account).keys().cloned().collect::<Vec<_>>() {
                T::schedule_transition(account, &id, Outcome::Ready);
            }
        }
        each_kind!(schedule_transition(self));
    }

    /// Pays for an instance. Returns whether there is one with this id in `pending_payment`.
    pub(crate) fn pay(&mut self, id: &str) -> bool {
        instances::pay(self, id)
    }
}
