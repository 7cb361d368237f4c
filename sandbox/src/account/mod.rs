//! An account: its resources, what happens to them in time, and what requests do to them.

mod catalog;
mod filesystems;
mod floating_ips;
pub(crate) mod id;
mod images;
mod instances;
mod operations;
mod resource;
mod security_groups;
mod snapshots;
pub(crate) mod ssh_keys;
mod volumes;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use genesiscloud_bindings::types::{
    Filesystem, FloatingIp, Image, Instance, Quota, RegionAvailability, Reservation, SecurityGroup, Snapshot, SshKey,
    Volume,
};
use serde_json::Value;

pub(crate) use operations::{Call, Ending, handler};
use resource::{Resource, Table, each_kind};
pub(crate) use resource::{add_item, reference, remove_item};

use crate::data::{Data, Standing, UserMetadata};
use crate::refusal::{Code, Refusal, ensure};

/// All that a sandbox knows of its account.
pub(crate) struct Account {
    availability: Vec<RegionAvailability>,
    filesystems: Table<Filesystem>,
    floating_ips: Table<FloatingIp>,
    images: Table<Image>,
    instances: Table<Instance>,
    placement_options: Vec<String>,
    quotas: Vec<Quota>,
    reservations: Vec<Reservation>,
    reserved_types: Vec<String>,
    security_groups: Table<SecurityGroup>,
    snapshots: Table<Snapshot>,
    ssh_keys: Table<SshKey>,
    standing: Standing,
    user_metadata: BTreeMap<String, UserMetadata>,
    volumes: Table<Volume>,

    now: DateTime<Utc>,
    /// What is still to happen, by time and then by the order it was scheduled in.
    schedule: BTreeMap<(DateTime<Utc>, u64), Change>,
    /// Counts what was created and scheduled, so that no two ids or places in the schedule are the same.
    count: u64,
}

type Change = Box<dyn FnOnce(&mut Account) + Send>;

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
    fn after(&mut self, seconds: i64, change: impl FnOnce(&mut Self) + Send + 'static) {
        self.count += 1;
        self.schedule.insert((self.now + TimeDelta::seconds(seconds), self.count), Box::new(change));
    }

    /// What is to happen to a resource after so many seconds, if it still exists and is still as it was told to be.
    fn later<T: Resource>(
        &mut self,
        seconds: i64,
        id: &str,
        still: impl FnOnce(&T) -> bool + Send + 'static,
        change: impl FnOnce(&mut T) + Send + 'static,
    ) {
        let id = id.to_owned();
        self.after(seconds, move |account| {
            let now = account.now;
            if let Some(resource) = T::table_mut(account).get_mut(&id).filter(|resource| still(resource)) {
                change(resource);
                resource.touch(now);
            }
        });
    }

    /// Removes a resource after so many seconds.
    fn gone_after<T: Resource>(&mut self, seconds: i64, id: &str) {
        let id = id.to_owned();
        self.after(seconds, move |account| {
            T::vanish(account, &id);
        });
    }

    /// An id that no resource has.
    fn new_id<T: Resource>(&mut self) -> String {
        loop {
            self.count += 1;
            let id = T::KIND.id.created(self.count);
            if !T::table(self).contains_key(&id) {
                return id;
            }
        }
    }

    /// Puts a resource in, and lets its life begin.
    fn add<T: Resource>(&mut self, resource: T, ending: Ending) -> Result<Value, Refusal> {
        let id = resource.id().to_owned();
        T::table_mut(self).insert(id.clone(), resource);
        T::proceed(self, &id, ending);
        self.single::<T>(&id)
    }

    /// The answer for one resource.
    fn single<T: Resource>(&self, id: &str) -> Result<Value, Refusal> {
        Ok(T::KIND.single(&self.find::<T>(id)?.shown(self)))
    }

    fn find<T: Resource>(&self, id: &str) -> Result<&T, Refusal> {
        T::table(self).get(id).ok_or_else(|| T::KIND.missing.into())
    }

    /// A resource that can still be changed: one that is being deleted counts as gone for everything but looking.
    fn find_mut<T: Resource>(&mut self, id: &str) -> Result<&mut T, Refusal> {
        let resource = T::table_mut(self).get_mut(id).filter(|resource| !resource.is_leaving());
        resource.ok_or_else(|| T::KIND.missing.into())
    }

    /// A resource to make changes to, which count only once it is put back with [`Account::put`].
    fn draft<T: Resource>(&mut self, id: &str) -> Result<T, Refusal> {
        self.find_mut::<T>(id).cloned()
    }

    fn put<T: Resource>(&mut self, mut resource: T) -> Result<Value, Refusal> {
        // Attaching what is attached, for one, changes nothing.
        if T::table(self).get(resource.id()) != Some(&resource) {
            resource.touch(self.now);
        }
        let id = resource.id().to_owned();
        T::table_mut(self).insert(id.clone(), resource);
        self.single::<T>(&id)
    }

    /// Begins to delete a resource.
    fn leave<T: Resource>(&mut self, id: &str, deleting: impl FnOnce(&mut T)) -> Result<Value, Refusal> {
        let now = self.now;
        let resource = self.find_mut::<T>(id)?;
        deleting(resource);
        resource.touch(now);
        T::proceed(self, id, Ending::Settled);
        Ok(Value::Null)
    }

    /// An address in a /16 that nothing created here has had, for the first 65,536.
    fn free_address(&mut self, network: &str) -> String {
        self.count += 1;
        format!("{network}.{}.{}", self.count / 256 % 256, self.count % 256)
    }

    /// Refuses where the account has all it may have of a kind.
    fn ensure_quota<T: Resource>(&self, code: Code) -> Result<(), Refusal> {
        let quota = self.quotas.iter().find(|quota| quota.key == T::KIND.many);
        let used = T::table(self).len();
        ensure(quota.is_none_or(|quota| used < usize::try_from(quota.capacity).unwrap_or(0)), code)
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

    /// A person pays for an instance in `pending_payment`; whether there was one to pay for.
    pub(crate) fn pay(&mut self, id: &str) -> bool {
        instances::pay(self, id)
    }
}
