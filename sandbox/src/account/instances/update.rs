//! Updates an instance: either all requested changes are applied, or none.

use genesiscloud_bindings::types::{
    Instance, InstanceUpdateSecurityGroups, InstanceUpdateVolumes, Reference, UpdateInstanceBody, VolumeStatus,
};
use serde_json::Value;

use super::attachments::{security_groups, volumes};
use super::capacity;
use super::lifecycle::{MIN_DISK_SIZE, is_stable};
use crate::account::request::OperationRequest;
use crate::account::state::Account;
use crate::error_response::{ErrorCode, ErrorResponse, ensure};

pub(crate) fn update(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let body: UpdateInstanceBody = request.body()?;
    let mut instance = account.copy_for_update::<Instance>(request.id())?;
    ensure(is_stable(&instance), ErrorCode::ONLY_ACTIVE_UPDATED)?;
    if let Some(size) = body.disk_size {
        ensure(size >= instance.disk_size.unwrap_or(MIN_DISK_SIZE), ErrorCode::INSTANCE_NOT_UPDATED)?;
        instance.disk_size = Some(size);
    }
    if let Some(change) = body.security_groups {
        instance.security_groups = updated_security_groups(account, &instance, change)?;
    }
    if let Some(change) = body.volumes {
        instance.volumes = updated_volumes(account, &instance, change)?;
    }
    // Last, because it takes capacity, which a check that fails later would not release.
    if let Some(id) = body.reservation_id.filter(|id| instance.reservation_id.as_ref() != Some(id)) {
        capacity::reserve(account, &id, &instance.region, &instance.type_)?;
        capacity::release(account, &instance);
        instance.reservation_id = Some(id);
    }
    instance.is_protected = body.is_protected.or(instance.is_protected);
    instance.name = body.name.unwrap_or(instance.name);
    account.save(instance)
}

fn updated_security_groups(
    account: &Account,
    instance: &Instance,
    change: InstanceUpdateSecurityGroups,
) -> Result<Vec<Reference>, ErrorResponse> {
    let ids = match change {
        InstanceUpdateSecurityGroups::List(list) => list.0,
        InstanceUpdateSecurityGroups::Attach(change) => ids_with(&instance.security_groups, change.attach),
        InstanceUpdateSecurityGroups::Detach(change) => {
            ensure(account.security_groups.contains_key(&change.detach), ErrorCode::GROUP_NOT_DETACHED)?;
            return Ok(without(&instance.security_groups, &change.detach));
        }
    };
    security_groups(account, &ids, &instance.region, &instance.security_groups).map_err(|error| match error.code {
        ErrorCode::INVALID_SECURITY_GROUP => ErrorCode::GROUP_NOT_ATTACHED.into(),
        _ => error,
    })
}

fn updated_volumes(
    account: &Account,
    instance: &Instance,
    change: InstanceUpdateVolumes,
) -> Result<Vec<Reference>, ErrorResponse> {
    let ids = match change {
        InstanceUpdateVolumes::List(list) => list.0,
        InstanceUpdateVolumes::Attach(change) => ids_with(&instance.volumes, change.attach),
        InstanceUpdateVolumes::Detach(change) => {
            ensure(account.volumes.contains_key(&change.detach), ErrorCode::VOLUME_NOT_DETACHED)?;
            without(&instance.volumes, &change.detach).into_iter().map(|volume| volume.id).collect()
        }
    };
    let mut detached = instance.volumes.iter().filter(|volume| !ids.contains(&volume.id));
    let is_locked = |volume: &Reference| {
        account.volumes.get(&volume.id).is_some_and(|volume| volume.status == VolumeStatus::Creating)
    };
    ensure(!detached.any(is_locked), ErrorCode::VOLUME_LOCKED)?;
    volumes(account, &ids, &instance.region, Some(&instance.id))
}

fn ids_with(current: &[Reference], id: String) -> Vec<String> {
    current.iter().map(|reference| reference.id.clone()).chain([id]).collect()
}

fn without(current: &[Reference], id: &str) -> Vec<Reference> {
    current.iter().filter(|reference| reference.id != id).cloned().collect()
}
