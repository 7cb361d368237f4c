//! Validates the security groups and volumes of an instance.

use genesiscloud_bindings::types::{Reference, Region, SecurityGroupStatus, VolumeStatus};

use crate::account::state::Account;
use crate::error_response::{ErrorCode, ErrorResponse, ensure};
use crate::resource_id::reference;

/// Validates the security groups for an instance in a region. Groups that the instance already has are not validated
/// again.
pub(super) fn security_groups(
    account: &Account,
    ids: &[String],
    region: &Region,
    current: &[Reference],
) -> Result<Vec<Reference>, ErrorResponse> {
    let mut groups = Vec::new();
    for id in ids {
        if let Some(group) = current.iter().find(|group| group.id == *id) {
            add(&mut groups, group.clone());
            continue;
        }
        let group = account.security_groups.get(id).ok_or(ErrorCode::INVALID_SECURITY_GROUP)?;
        ensure(group.status != SecurityGroupStatus::Deleting, ErrorCode::INVALID_SECURITY_GROUP)?;
        ensure(group.region == *region, ErrorResponse::region_mismatch("security_groups"))?;
        add(&mut groups, reference(&group.id, &group.name));
    }
    Ok(groups)
}

/// Validates the volumes to attach to an instance in a region. `instance` is its id, or `None` for a new one.
pub(super) fn volumes(
    account: &Account,
    ids: &[String],
    region: &Region,
    instance: Option<&str>,
) -> Result<Vec<Reference>, ErrorResponse> {
    let mut volumes = Vec::new();
    for id in ids {
        let volume = account.volumes.get(id).ok_or(ErrorCode::VOLUME_NOT_ATTACHED)?;
        let attached_to = account.instances_with(id);
        let is_attached_here = attached_to.iter().any(|it| Some(it.id.as_str()) == instance);
        if !is_attached_here {
            ensure(volume.region == *region, ErrorResponse::region_mismatch("volumes"))?;
            ensure(volume.status == VolumeStatus::Created, ErrorCode::VOLUME_LOCKED)?;
            ensure(attached_to.is_empty(), ErrorCode::VOLUME_NOT_ATTACHED)?;
        }
        add(&mut volumes, reference(&volume.id, &volume.name));
    }
    Ok(volumes)
}

/// Adds a reference unless it is already in the list.
pub(super) fn add(references: &mut Vec<Reference>, new: Reference) {
    if references.iter().all(|existing| existing.id != new.id) {
        references.push(new);
    }
}
