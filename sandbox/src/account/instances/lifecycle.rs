//! The lifecycle of an instance, and the operations that only read or change its status.

use genesiscloud_bindings::types::{Instance, InstanceAction, InstanceStatus, PerformInstanceActionBody, Reference};
use serde_json::{Value, json};

use super::capacity;
use crate::account::request::{OperationRequest, Outcome};
use crate::account::resource::{Resource, ResourceKind, table_accessors};
use crate::account::state::{Account, Table};
use crate::error_response::{ErrorCode, ErrorResponse, ensure};
use crate::resource_id;

/// The size of the smallest boot disk, in GiB.
pub(crate) const MIN_DISK_SIZE: i64 = 80;

impl Resource for Instance {
    const KIND: ResourceKind = ResourceKind {
        schema: "Instance",
        singular: Some("instance"),
        plural: "instances",
        not_found: ErrorCode::INSTANCE_NOT_FOUND,
        id_prefix: resource_id::INSTANCE,
    };
    table_accessors!(instances);

    fn is_deleting(&self) -> bool {
        self.status == InstanceStatus::Deleting
    }

    /// Updates the names of the referenced resources, which can have changed.
    fn with_references(&self, account: &Account) -> Self {
        let mut instance = self.clone();
        refresh_names(&mut instance.volumes, &account.volumes, |it| &it.name);
        refresh_names(&mut instance.security_groups, &account.security_groups, |it| &it.name);
        refresh_names(&mut instance.ssh_keys, &account.ssh_keys, |it| &it.name);
        refresh_names(&mut instance.floating_ip, &account.floating_ips, |it| &it.name);
        instance
    }

    fn schedule_transition(account: &mut Account, id: &str, outcome: Outcome) {
        use InstanceStatus as Is;
        let Some(instance) = account.instances.get(id) else { return };
        match instance.status {
            Is::Creating => schedule_creation(account, id, outcome),
            Is::Starting => schedule_status(account, 15, id, Is::Starting, Is::Active),
            Is::Stopping => schedule_status(account, 10, id, Is::Stopping, Is::Stopped),
            Is::Resetting => schedule_status(account, 12, id, Is::Resetting, Is::Active),
            Is::Deleting => account.schedule_removal::<Self>(10, id),
            _ => {}
        }
    }

    fn become_copy(&mut self, account: &mut Account, id: String, name: String) {
        (self.id, self.name) = (id, name);
        self.volumes.clear();
        (self.floating_ip, self.reservation_id) = (None, None);
        capacity::acquire_unchecked(account, self);
    }

    fn insert(account: &mut Account, instance: Self) {
        if let Some(before) = account.instances.get(&instance.id) {
            account.references.remove(before);
        }
        account.references.add(&instance);
        account.instances.insert(instance.id.clone(), instance);
    }

    /// Also releases the capacity that the instance uses.
    fn remove(account: &mut Account, id: &str) {
        account.user_metadata.remove(id);
        account.machines.remove(id);
        if let Some(instance) = account.instances.shift_remove(id) {
            account.references.remove(&instance);
            capacity::release(account, &instance);
        }
    }
}

fn refresh_names<'a, T>(
    references: impl IntoIterator<Item = &'a mut Reference>,
    table: &Table<T>,
    name: impl Fn(&T) -> &String,
) {
    for reference in references {
        if let Some(resource) = table.get(&reference.id) {
            reference.name.clone_from(name(resource));
        }
    }
}

fn schedule_status(account: &mut Account, seconds: u32, id: &str, from: InstanceStatus, to: InstanceStatus) {
    let id = id.to_owned();
    account.schedule(seconds, move |account| {
        let has_booted = to == InstanceStatus::Active;
        if change_status(account, &id, &from, to) && has_booted {
            boot(account, &id);
        }
    });
}

/// Changes the status of an instance, if it is still this one.
fn change_status(account: &mut Account, id: &str, from: &InstanceStatus, to: InstanceStatus) -> bool {
    let now = account.now;
    let Some(instance) = account.instances.get_mut(id).filter(|it| it.status == *from) else { return false };
    instance.status = to;
    instance.touch(now);
    true
}

/// Boots the machine of an instance, and schedules the shutdown by which it ends itself.
fn boot(account: &mut Account, id: &str) {
    let now = account.now;
    let Some(machine) = account.machines.get_mut(id) else { return };
    let Some(due) = machine.boot(now) else { return };
    let (id, boots) = (id.to_owned(), machine.boots);
    account.schedule_at(due.max(now), move |account| {
        // What was scheduled inside a machine ends with its boot.
        if account.machines.get(&id).is_some_and(|machine| machine.boots == boots) {
            shut_down(account, &id);
        }
    });
}

/// Shuts an instance down from within, which destroys it if it was created so, and is not protected.
fn shut_down(account: &mut Account, id: &str) {
    let is_destroyed = account.machines.get(id).is_some_and(|machine| machine.destroy_on_shutdown)
        && account.instances.get(id).is_some_and(|it| it.is_protected != Some(true));
    let status = if is_destroyed { InstanceStatus::Deleting } else { InstanceStatus::Stopping };
    if change_status(account, id, &InstanceStatus::Active, status) {
        Instance::schedule_transition(account, id, Outcome::Ready);
    }
}

/// Schedules the creation: the private address after 10 seconds, the public one after 20, and `active` after 30.
fn schedule_creation(account: &mut Account, id: &str, outcome: Outcome) {
    match outcome {
        Outcome::Ready => schedule_activation(account, id, 20.0),
        Outcome::LateAddress(by) => schedule_activation(account, id, 30.0 + by.as_secs_f64()),
        Outcome::Error => schedule_status(account, 15, id, InstanceStatus::Creating, InstanceStatus::Error),
        Outcome::PendingPayment => {
            schedule_status(account, 5, id, InstanceStatus::Creating, InstanceStatus::PendingPayment)
        }
    }
}

/// Schedules `active` and the addresses, the public one after this many seconds.
fn schedule_activation(account: &mut Account, id: &str, public_after: f64) {
    let (private, public) = (account.next_address("10.1"), account.next_address("198.19"));
    let exists = |it: &Instance| !matches!(it.status, InstanceStatus::Deleting | InstanceStatus::Error);
    account.schedule_change::<Instance>(10, id, exists, |it| {
        it.private_ip.get_or_insert(private);
    });
    schedule_status(account, 30, id, InstanceStatus::Creating, InstanceStatus::Active);
    account.schedule_change::<Instance>(public_after, id, exists, |it| {
        it.public_ip.get_or_insert(public);
    });
}

/// Pays for an instance in `pending_payment`, which changes to `creating`.
pub(crate) fn pay(account: &mut Account, id: &str) -> bool {
    let now = account.now;
    let is_unpaid = |it: &&mut Instance| it.status == InstanceStatus::PendingPayment;
    let Some(instance) = account.instances.get_mut(id).filter(is_unpaid) else { return false };
    instance.status = InstanceStatus::Creating;
    instance.touch(now);
    Instance::schedule_transition(account, id, Outcome::Ready);
    true
}

pub(crate) fn delete(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let instance = account.find_mut::<Instance>(request.id())?;
    ensure(instance.is_protected != Some(true), ErrorCode::PROTECTED)?;
    ensure(is_stable(instance), ErrorCode::ONLY_ACTIVE_DELETED)?;
    account.start_deletion(request, |instance: &mut Instance| instance.status = InstanceStatus::Deleting)
}

/// Returns whether no transition to another status is in progress.
pub(super) fn is_stable(instance: &Instance) -> bool {
    use InstanceStatus as Is;
    !matches!(instance.status, Is::Creating | Is::Starting | Is::Stopping | Is::Resetting | Is::Deleting)
}

pub(crate) fn actions(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let actions = match account.read::<Instance>(request.id())?.status {
        InstanceStatus::Active => vec![InstanceAction::Stop, InstanceAction::Reset],
        InstanceStatus::Stopped => vec![InstanceAction::Start],
        _ => vec![],
    };
    Ok(json!({ "actions": actions }))
}

pub(crate) fn perform_action(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    use InstanceStatus as Is;
    let body: PerformInstanceActionBody = request.body()?;
    let now = account.now;
    let instance = account.find_mut::<Instance>(request.id())?;
    instance.status = match (body.action, &instance.status) {
        (InstanceAction::Start, Is::Stopped) => Is::Starting,
        (InstanceAction::Start, Is::Active) => return Err(ErrorCode::ALREADY_STARTED.into()),
        (InstanceAction::Start, _) => return Err(ErrorCode::NOT_STARTED.into()),
        (InstanceAction::Stop, Is::Active) => Is::Stopping,
        (InstanceAction::Reset, Is::Active) => Is::Resetting,
        (action, status) => {
            let message = format!("the action {action} is not allowed on an instance in status {status}");
            return Err(ErrorResponse::new(ErrorCode::NOT_ALLOWED, message));
        }
    };
    instance.touch(now);
    Instance::schedule_transition(account, request.id(), request.outcome);
    Ok(Value::Null)
}

pub(crate) fn user_metadata(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    account.read::<Instance>(request.id())?;
    Ok(account.user_metadata.get(request.id()).cloned().unwrap_or_default().0.into())
}
