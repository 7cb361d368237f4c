//! What all kinds of resources have in common: their table, their JSON, and create, update and delete.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::request::{OperationRequest, Outcome};
use super::state::{Account, Table};
use crate::error_response::{ErrorCode, ErrorResponse, ensure};
use crate::openapi::OpenApiDocument;
use crate::resource_id::IdPrefix;

pub(super) fn table<T: Resource>(resources: Vec<T>) -> Table<T> {
    resources.into_iter().map(|resource| (resource.id().to_owned(), resource)).collect()
}

/// How requests and responses name a kind of resource.
pub(super) struct ResourceKind {
    /// Name of its schema in the document.
    pub(super) schema: &'static str,
    /// Field that contains the resource in a response. `None` for SSH keys, which are not wrapped in a field.
    pub(super) singular: Option<&'static str>,
    /// Field that contains the items of a list, and the key of the quota.
    pub(super) plural: &'static str,
    pub(super) not_found: ErrorCode,
    pub(super) id_prefix: IdPrefix,
}

pub(super) trait Resource: Clone + PartialEq + Serialize + Send + 'static {
    const KIND: ResourceKind;
    fn table(account: &Account) -> &Table<Self>;
    fn table_mut(account: &mut Account) -> &mut Table<Self>;
    fn id(&self) -> &str;
    fn id_and_name_mut(&mut self) -> (&mut String, &mut String);
    fn touch(&mut self, now: DateTime<Utc>);

    /// Returns whether the resource is being deleted.
    fn is_deleting(&self) -> bool {
        false
    }

    /// Returns the resource as responses show it, with what other resources know about it.
    fn with_references(&self, account: &Account) -> Self {
        let _ = account;
        self.clone()
    }

    /// Turns a clone into a resource of its own: with another id and name, and without exclusive attachments.
    fn become_copy(&mut self, account: &mut Account, id: String, name: String) {
        let _ = account;
        let (own_id, own_name) = self.id_and_name_mut();
        (*own_id, *own_name) = (id, name);
    }

    /// Adds the resource to the account at the end of its list, or replaces the one with its id.
    fn insert(account: &mut Account, resource: Self) {
        Self::table_mut(account).insert(resource.id().to_owned(), resource);
    }

    /// Removes the resource from the account immediately.
    fn remove(account: &mut Account, id: &str) {
        Self::table_mut(account).shift_remove(id);
        account.detach_from_instances(id);
    }

    /// Schedules the transition that follows from the current status.
    fn schedule_transition(account: &mut Account, id: &str, outcome: Outcome) {
        let _ = (account, id, outcome);
    }
}

impl ResourceKind {
    /// Returns the body of a response with one resource.
    pub(super) fn single_response(&self, resource: &impl Serialize) -> Value {
        let value = self.value(resource);
        match self.singular {
            Some(name) => json!({ name: value }),
            None => value,
        }
    }

    /// Returns the JSON of a resource, with all fields that the document requires.
    pub(super) fn value(&self, resource: &impl Serialize) -> Value {
        let mut value = serde_json::to_value(resource).expect("resources serialize to JSON");
        if let Some(fields) = value.as_object_mut() {
            OpenApiDocument::vendored().add_required_fields(self.schema, fields);
        }
        value
    }
}

impl Account {
    /// Schedules a change of a resource. It is skipped if by then the resource is gone or `is_unchanged` returns false.
    pub(super) fn schedule_change<T: Resource>(
        &mut self,
        seconds: impl Into<f64>,
        id: &str,
        is_unchanged: impl FnOnce(&T) -> bool + Send + 'static,
        change: impl FnOnce(&mut T) + Send + 'static,
    ) {
        let id = id.to_owned();
        self.schedule(seconds, move |account| {
            let now = account.now;
            if let Some(resource) = T::table_mut(account).get_mut(&id).filter(|resource| is_unchanged(resource)) {
                change(resource);
                resource.touch(now);
            }
        });
    }

    /// Schedules the removal of a resource.
    pub(super) fn schedule_removal<T: Resource>(&mut self, seconds: u32, id: &str) {
        let id = id.to_owned();
        self.schedule(seconds, move |account| {
            T::remove(account, &id);
        });
    }

    /// Returns an id that no resource of this kind has.
    pub(super) fn new_id<T: Resource>(&mut self) -> String {
        loop {
            self.sequence += 1;
            let id = T::KIND.id_prefix.created(self.sequence);
            if !T::table(self).contains_key(&id) {
                return id;
            }
        }
    }

    /// Adds a new resource and schedules its first transition.
    pub(super) fn insert_new<T: Resource>(
        &mut self,
        resource: T,
        request: &OperationRequest,
    ) -> Result<Value, ErrorResponse> {
        let id = resource.id().to_owned();
        T::insert(self, resource);
        T::schedule_transition(self, &id, request.outcome);
        self.delay_creation::<T>(&id, request);
        self.single_response::<T>(&id)
    }

    /// Returns the body of a response with one resource.
    pub(super) fn single_response<T: Resource>(&self, id: &str) -> Result<Value, ErrorResponse> {
        Ok(T::KIND.single_response(&self.find::<T>(id)?.with_references(self)))
    }

    pub(super) fn find<T: Resource>(&self, id: &str) -> Result<&T, ErrorResponse> {
        T::table(self).get(id).ok_or_else(|| T::KIND.not_found.into())
    }

    /// Finds a resource to change it. One that is being deleted is not found: it can only be read.
    pub(super) fn find_mut<T: Resource>(&mut self, id: &str) -> Result<&mut T, ErrorResponse> {
        let resource = T::table_mut(self).get_mut(id).filter(|resource| !resource.is_deleting());
        resource.ok_or_else(|| T::KIND.not_found.into())
    }

    /// Returns a copy of a resource to change. [`Account::save`] applies the changes.
    pub(super) fn copy_for_update<T: Resource>(&mut self, id: &str) -> Result<T, ErrorResponse> {
        self.find_mut::<T>(id).cloned()
    }

    /// Replaces a resource by its changed copy. `updated_at` changes only if something else did: attaching a volume
    /// that is already attached changes nothing.
    pub(super) fn save<T: Resource>(&mut self, mut resource: T) -> Result<Value, ErrorResponse> {
        if T::table(self).get(resource.id()) != Some(&resource) {
            resource.touch(self.now);
        }
        let id = resource.id().to_owned();
        T::insert(self, resource);
        self.single_response::<T>(&id)
    }

    /// Sets the status of a resource with `set_deleting`, and schedules its removal.
    pub(super) fn start_deletion<T: Resource>(
        &mut self,
        request: &OperationRequest,
        set_deleting: impl FnOnce(&mut T),
    ) -> Result<Value, ErrorResponse> {
        let now = self.now;
        self.find_mut::<T>(request.id())?;
        self.delay_deletion::<T>(request);
        let resource = self.find_mut::<T>(request.id())?;
        set_deleting(resource);
        resource.touch(now);
        T::schedule_transition(self, request.id(), Outcome::Ready);
        Ok(Value::Null)
    }

    /// Returns an error with this code if the quota for the kind of resource is used up.
    pub(super) fn ensure_quota<T: Resource>(&self, code: ErrorCode) -> Result<(), ErrorResponse> {
        let quota = self.quotas.iter().find(|quota| quota.key == T::KIND.plural);
        let used = T::table(self).len();
        ensure(quota.is_none_or(|quota| used < usize::try_from(quota.capacity).unwrap_or(0)), code)
    }
}

/// Calls a generic function once for each kind of resource.
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

/// Implements the methods of [`Resource`] that are the same for all kinds. The argument is the field of [`Account`].
macro_rules! table_accessors {
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

        fn id_and_name_mut(&mut self) -> (&mut String, &mut String) {
            (&mut self.id, &mut self.name)
        }

        fn touch(&mut self, now: chrono::DateTime<chrono::Utc>) {
            self.updated_at = Some(now);
        }
    };
}
pub(super) use table_accessors;
