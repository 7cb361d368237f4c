//! Changing an instance: all of what is asked for, or nothing.

use genesiscloud_bindings::types::{
    Instance, InstanceUpdateSecurityGroups, InstanceUpdateVolumes, Reference, UpdateInstanceBody, VolumeStatus,
};
use serde_json::Value;

use super::attachments::{security_groups, volumes};
use super::capacity;
use super::lifecycle::{SMALLEST_DISK, is_settled};
use crate::account::request::Call;
use crate::account::state::Account;
use crate::error_response::{Code, Refusal, ensure};

pub(crate) fn update(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let body: UpdateInstanceBody = call.body()?;
    let mut instance = account.draft::<Instance>(call.id())?;
    ensure(is_settled(&instance), Code::ONLY_ACTIVE_UPDATED)?;
    if let Some(size) = body.disk_size {
        ensure(size >= instance.disk_size.unwrap_or(SMALLEST_DISK), Code::INSTANCE_NOT_UPDATED)?;
        instance.disk_size = Some(size);
    }
    if let Some(change) = body.security_groups {
        instance.security_groups = groups_after(account, &instance, change)?;
    }
    if let Some(change) = body.volumes {
        instance.volumes = volumes_after(account, &instance, change)?;
    }
    // Last, since it takes something that none of the above may then refuse.
    if let Some(id) = body.reservation_id.filter(|id| instance.reservation_id.as_ref() != Some(id)) {
        capacity::reserve(account, &id, &instance.region, &instance.type_)?;
        capacity::release(account, &instance);
        instance.reservation_id = Some(id);
    }
    instance.is_protected = body.is_protected.or(instance.is_protected);
    instance.name = body.name.unwrap_or(instance.name);
    account.put(instance)
}

fn groups_after(
    account: &Account,
    instance: &Instance,
    change: InstanceUpdateSecurityGroups,
) -> Result<Vec<Reference>, Refusal> {
    let ids = match change {
        InstanceUpdateSecurityGroups::List(list) => list.0,
        InstanceUpdateSecurityGroups::Attach(change) => with(&instance.security_groups, change.attach),
        InstanceUpdateSecurityGroups::Detach(change) => {
            ensure(account.security_groups.contains_key(&change.detach), Code::GROUP_NOT_DETACHED)?;
            return Ok(without(&instance.security_groups, &change.detach));
        }
    };
    security_groups(account, &ids, &instance.region, &instance.security_groups).map_err(|refusal| match refusal.code {
        Code::INVALID_SECURITY_GROUP => Code::GROUP_NOT_ATTACHED.into(),
        _ => refusal,
    })
}

fn volumes_after(
    account: &Account,
    instance: &Instance,
    change: InstanceUpdateVolumes,
) -> Result<Vec<Reference>, Refusal> {
    let ids = match change {
        InstanceUpdateVolumes::List(list) => list.0,
        InstanceUpdateVolumes::Attach(change) => with(&instance.volumes, change.attach),
        InstanceUpdateVolumes::Detach(change) => {
            ensure(account.volumes.contains_key(&change.detach), Code::VOLUME_NOT_DETACHED)?;
            without(&instance.volumes, &change.detach).into_iter().map(|volume| volume.id).collect()
        }
    };
    let mut leaving = instance.volumes.iter().filter(|volume| !ids.contains(&volume.id));
    let is_locked = |volume: &Reference| {
        account.volumes.get(&volume.id).is_some_and(|volume| volume.status == VolumeStatus::Creating)
    };
    ensure(!leaving.any(is_locked), Code::VOLUME_LOCKED)?;
    volumes(account, &ids, &instance.region, Some(&instance.id))
}

fn with(present: &[Reference], id: String) -> Vec<String> {
    present.iter().map(|reference| reference.id.clone()).chain([id]).collect()
}

fn without(present: &[Reference], id: &str) -> Vec<Reference> {
    present.iter().filter(|reference| reference.id != id).cloned().collect()
}
