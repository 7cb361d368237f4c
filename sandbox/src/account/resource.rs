//! What all kinds of resources have in common: a table, an answer, pages.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::request::Ending;
use super::state::{Account, Table};
use crate::error_response::{Code, Refusal, ensure};
use crate::openapi::Contract;
use crate::resource_id as id;

pub(super) fn table<T: Resource>(resources: Vec<T>) -> Table<T> {
    resources.into_iter().map(|resource| (resource.id().to_owned(), resource)).collect()
}

/// A kind of resource, as answers name it.
pub(super) struct Kind {
    /// Schema in the document.
    pub(super) schema: &'static str,
    /// Field of a single answer; none for SSH keys, which come bare.
    pub(super) one: Option<&'static str>,
    /// Field of a list, and key of the quota.
    pub(super) many: &'static str,
    pub(super) missing: Code,
    pub(super) id: id::Kind,
}

pub(super) trait Resource: Clone + PartialEq + Serialize + Send + 'static {
    const KIND: Kind;
    fn table(account: &Account) -> &Table<Self>;
    fn table_mut(account: &mut Account) -> &mut Table<Self>;
    fn id(&self) -> &str;
    /// Its id and its name.
    fn identity(&mut self) -> (&mut String, &mut String);
    fn touch(&mut self, now: DateTime<Utc>);

    /// Whether it is being deleted.
    fn is_leaving(&self) -> bool {
        false
    }

    /// As an answer shows it, with what other resources know of it.
    fn shown(&self, account: &Account) -> Self {
        let _ = account;
        self.clone()
    }

    /// Makes it another of its like, with a name of its own and nothing that only one can have.
    fn become_another(&mut self, account: &mut Account, id: String, name: String) {
        let _ = account;
        let (own_id, own_name) = self.identity();
        (*own_id, *own_name) = (id, name);
    }

    /// Takes it out of the account, now.
    fn vanish(account: &mut Account, id: &str) {
        Self::table_mut(account).shift_remove(id);
        account.detach_from_instances(id);
    }

    /// Schedules what follows from its status.
    fn proceed(account: &mut Account, id: &str, ending: Ending) {
        let _ = (account, id, ending);
    }
}

impl Kind {
    /// The answer for one resource.
    pub(super) fn single(&self, resource: &impl Serialize) -> Value {
        let value = self.value(resource);
        match self.one {
            Some(name) => json!({ name: value }),
            None => value,
        }
    }

    pub(super) fn value(&self, resource: &impl Serialize) -> Value {
        let mut value = serde_json::to_value(resource).expect("resources are JSON");
        if let Some(fields) = value.as_object_mut() {
            Contract::vendored().complete(self.schema, fields);
        }
        value
    }
}

impl Account {
    /// What is to happen to a resource after so many seconds, if it still exists and is still as it was told to be.
    pub(super) fn later<T: Resource>(
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
    pub(super) fn gone_after<T: Resource>(&mut self, seconds: i64, id: &str) {
        let id = id.to_owned();
        self.after(seconds, move |account| {
            T::vanish(account, &id);
        });
    }

    /// An id that no resource has.
    pub(super) fn new_id<T: Resource>(&mut self) -> String {
        loop {
            self.count += 1;
            let id = T::KIND.id.created(self.count);
            if !T::table(self).contains_key(&id) {
                return id;
            }
        }
    }

    /// Puts a resource in, and lets its life begin.
    pub(super) fn add<T: Resource>(&mut self, resource: T, ending: Ending) -> Result<Value, Refusal> {
        let id = resource.id().to_owned();
        T::table_mut(self).insert(id.clone(), resource);
        T::proceed(self, &id, ending);
        self.single::<T>(&id)
    }

    /// The answer for one resource.
    pub(super) fn single<T: Resource>(&self, id: &str) -> Result<Value, Refusal> {
        Ok(T::KIND.single(&self.find::<T>(id)?.shown(self)))
    }

    pub(super) fn find<T: Resource>(&self, id: &str) -> Result<&T, Refusal> {
        T::table(self).get(id).ok_or_else(|| T::KIND.missing.into())
    }

    /// A resource that can still be changed: one that is being deleted counts as gone for everything but looking.
    pub(super) fn find_mut<T: Resource>(&mut self, id: &str) -> Result<&mut T, Refusal> {
        let resource = T::table_mut(self).get_mut(id).filter(|resource| !resource.is_leaving());
        resource.ok_or_else(|| T::KIND.missing.into())
    }

    /// A resource to make changes to, which count only once it is put back with [`Account::put`].
    pub(super) fn draft<T: Resource>(&mut self, id: &str) -> Result<T, Refusal> {
        self.find_mut::<T>(id).cloned()
    }

    pub(super) fn put<T: Resource>(&mut self, mut resource: T) -> Result<Value, Refusal> {
        // Attaching what is attached, for one, changes nothing.
        if T::table(self).get(resource.id()) != Some(&resource) {
            resource.touch(self.now);
        }
        let id = resource.id().to_owned();
        T::table_mut(self).insert(id.clone(), resource);
        self.single::<T>(&id)
    }

    /// Begins to delete a resource.
    pub(super) fn leave<T: Resource>(&mut self, id: &str, deleting: impl FnOnce(&mut T)) -> Result<Value, Refusal> {
        let now = self.now;
        let resource = self.find_mut::<T>(id)?;
        deleting(resource);
        resource.touch(now);
        T::proceed(self, id, Ending::Settled);
        Ok(Value::Null)
    }

    /// Refuses where the account has all it may have of a kind.
    pub(super) fn ensure_quota<T: Resource>(&self, code: Code) -> Result<(), Refusal> {
        let quota = self.quotas.iter().find(|quota| quota.key == T::KIND.many);
        let used = T::table(self).len();
        ensure(quota.is_none_or(|quota| used < usize::try_from(quota.capacity).unwrap_or(0)), code)
    }
}

/// Calls a function once for each kind of resource, as the first type parameter.
macro_rules! each_kind {
    ($function:ident($($argument:expr),*)) => {{
        use genesiscloud_bindings::types as kinds;
        $function::<kinds::Filesystem>($($argument),*);
        $function::<kinds::FloatingIp>($($argument),*);
        $function::<kinds::Image>($($argument),*);
        $function::<kinds::Instance>($($argument),*);
        $function::<kinds::SecurityGroup>($($argument),*);
        $function::<kinds::Snapshot>($($argument),*);
        $function::<kinds::SshKey>($($argument),*);
        $function::<kinds::Volume>($($argument),*);
    }};
}
pub(super) use each_kind;

/// The part of [`Resource`] that reads the same for all kinds, for the table of that name.
macro_rules! in_table {
    ($table:ident) => {
        fn table(account: &Account) -> &Table<Self> {
            &account.$table
        }

        fn table_mut(account: &mut Account) -> &mut Table<Self> {
            &mut account.$table
        }

        fn id(&self) -> &str {
            &self.id
        }

        fn identity(&mut self) -> (&mut String, &mut String) {
            (&mut self.id, &mut self.name)
        }

        fn touch(&mut self, now: chrono::DateTime<chrono::Utc>) {
            self.updated_at = Some(now);
        }
    };
}
pub(super) use in_table;
