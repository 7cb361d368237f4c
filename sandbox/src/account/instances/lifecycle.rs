//! Instances: their lives, and what can be done to them.

use genesiscloud_bindings::types::{Instance, InstanceAction, InstanceStatus, PerformInstanceActionBody, Reference};
use serde_json::{Value, json};

use super::capacity;
use crate::account::request::{Call, Ending};
use crate::account::resource::{Kind, Resource, in_table};
use crate::account::state::{Account, Table};
use crate::error_response::{Code, Refusal, ensure};
use crate::resource_id as id;

/// GiB of boot disk.
pub(crate) const SMALLEST_DISK: i64 = 80;

impl Resource for Instance {
    const KIND: Kind = Kind {
        schema: "Instance",
        one: Some("instance"),
        many: "instances",
        missing: Code::INSTANCE_NOT_FOUND,
        id: id::INSTANCE,
    };
    in_table!(instances);

    fn is_leaving(&self) -> bool {
        self.status == InstanceStatus::Deleting
    }

    /// Names of other resources as they are now.
    fn shown(&self, account: &Account) -> Self {
        let mut instance = self.clone();
        refresh_names(&mut instance.volumes, &account.volumes, |it| &it.name);
        refresh_names(&mut instance.security_groups, &account.security_groups, |it| &it.name);
        refresh_names(&mut instance.ssh_keys, &account.ssh_keys, |it| &it.name);
        refresh_names(&mut instance.floating_ip, &account.floating_ips, |it| &it.name);
        instance
    }

    fn proceed(account: &mut Account, id: &str, ending: Ending) {
        use InstanceStatus as Is;
        let Some(instance) = account.instances.get(id) else { return };
        match instance.status {
            Is::Creating => creating(account, id, ending),
            Is::Starting => turns(account, 15, id, Is::Starting, Is::Active),
            Is::Stopping => turns(account, 10, id, Is::Stopping, Is::Stopped),
            Is::Resetting => turns(account, 12, id, Is::Resetting, Is::Active),
            Is::Deleting => account.gone_after::<Self>(10, id),
            _ => {}
        }
    }

    fn become_another(&mut self, account: &mut Account, id: String, name: String) {
        (self.id, self.name) = (id, name);
        self.volumes.clear();
        (self.floating_ip, self.reservation_id) = (None, None);
        capacity::occupy(account, self);
    }

    /// What it took is to be had again.
    fn vanish(account: &mut Account, id: &str) {
        account.user_metadata.remove(id);
        if let Some(instance) = account.instances.shift_remove(id) {
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

fn turns(account: &mut Account, seconds: i64, id: &str, from: InstanceStatus, to: InstanceStatus) {
    account.later::<Instance>(seconds, id, move |it| it.status == from, move |it| it.status = to);
}

/// A new machine gets its addresses one after the other, and is up a while later.
fn creating(account: &mut Account, id: &str, ending: Ending) {
    let still = |it: &Instance| it.status == InstanceStatus::Creating;
    match ending {
        Ending::Settled => {
            let (private, public) = (account.free_address("10.1"), account.free_address("198.19"));
            account.later::<Instance>(10, id, still, |it| {
                it.private_ip.get_or_insert(private);
            });
            account.later::<Instance>(20, id, still, |it| {
                it.public_ip.get_or_insert(public);
            });
            turns(account, 30, id, InstanceStatus::Creating, InstanceStatus::Active);
        }
        Ending::Error => turns(account, 15, id, InstanceStatus::Creating, InstanceStatus::Error),
        Ending::PendingPayment => turns(account, 5, id, InstanceStatus::Creating, InstanceStatus::PendingPayment),
    }
}

/// A person pays: the machine is made now.
pub(crate) fn pay(account: &mut Account, id: &str) -> bool {
    let now = account.now;
    let waiting = |it: &&mut Instance| it.status == InstanceStatus::PendingPayment;
    let Some(instance) = account.instances.get_mut(id).filter(waiting) else { return false };
    instance.status = InstanceStatus::Creating;
    instance.touch(now);
    Instance::proceed(account, id, Ending::Settled);
    true
}

pub(crate) fn delete(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let instance = account.find_mut::<Instance>(call.id())?;
    ensure(instance.is_protected != Some(true), Code::PROTECTED)?;
    ensure(is_settled(instance), Code::ONLY_ACTIVE_DELETED)?;
    account.leave(call.id(), |instance: &mut Instance| instance.status = InstanceStatus::Deleting)
}

/// Whether it is not on its way to another status.
pub(super) fn is_settled(instance: &Instance) -> bool {
    use InstanceStatus as Is;
    !matches!(instance.status, Is::Creating | Is::Starting | Is::Stopping | Is::Resetting | Is::Deleting)
}

pub(crate) fn actions(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let actions = match account.find::<Instance>(call.id())?.status {
        InstanceStatus::Active => vec![InstanceAction::Stop, InstanceAction::Reset],
        InstanceStatus::Stopped => vec![InstanceAction::Start],
        _ => vec![],
    };
    Ok(json!({ "actions": actions }))
}

pub(crate) fn act(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    use InstanceStatus as Is;
    let body: PerformInstanceActionBody = call.body()?;
    let now = account.now;
    let instance = account.find_mut::<Instance>(call.id())?;
    instance.status = match (body.action, &instance.status) {
        (InstanceAction::Start, Is::Stopped) => Is::Starting,
        (InstanceAction::Start, Is::Active) => return Err(Code::ALREADY_STARTED.into()),
        (InstanceAction::Start, _) => return Err(Code::NOT_STARTED.into()),
        (InstanceAction::Stop, Is::Active) => Is::Stopping,
        (InstanceAction::Reset, Is::Active) => Is::Resetting,
        (action, status) => {
            let message = format!("an instance that is {status} cannot be told to {action}");
            return Err(Refusal::new(Code::NOT_ALLOWED, message));
        }
    };
    instance.touch(now);
    Instance::proceed(account, call.id(), call.ending);
    Ok(Value::Null)
}

pub(crate) fn user_metadata(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    account.find::<Instance>(call.id())?;
    Ok(account.user_metadata.get(call.id()).cloned().unwrap_or_default().0.into())
}
