//! What an instance may have to do with other resources.

use genesiscloud_bindings::types::{Reference, Region, SecurityGroupStatus, VolumeStatus};

use crate::account::state::Account;
use crate::error_response::{Code, Refusal, ensure};
use crate::resource_id::reference;

/// Security groups to put in force on an instance in a region; those it has are not asked again.
pub(super) fn security_groups(
    account: &Account,
    ids: &[String],
    region: &Region,
    present: &[Reference],
) -> Result<Vec<Reference>, Refusal> {
    let mut groups = Vec::new();
    for id in ids {
        if let Some(group) = present.iter().find(|group| group.id == *id) {
            add(&mut groups, group.clone());
            continue;
        }
        let group = account.security_groups.get(id).ok_or(Code::INVALID_SECURITY_GROUP)?;
        ensure(group.status != SecurityGroupStatus::Deleting, Code::INVALID_SECURITY_GROUP)?;
        ensure(group.region == *region, Refusal::region_mismatch("security_groups"))?;
        add(&mut groups, reference(&group.id, &group.name));
    }
    Ok(groups)
}

/// Volumes to attach to an instance in a region: to a new one, or to this one.
pub(super) fn volumes(
    account: &Account,
    ids: &[String],
    region: &Region,
    instance: Option<&str>,
) -> Result<Vec<Reference>, Refusal> {
    let mut volumes = Vec::new();
    for id in ids {
        let volume = account.volumes.get(id).ok_or(Code::VOLUME_NOT_ATTACHED)?;
        let mut users = account.instances.values().filter(|user| user.volumes.iter().any(|volume| volume.id == *id));
        let is_attached_here = instance.is_some_and(|instance| users.clone().any(|user| user.id == instance));
        if !is_attached_here {
            ensure(volume.region == *region, Refusal::region_mismatch("volumes"))?;
            ensure(volume.status == VolumeStatus::Created, Code::VOLUME_LOCKED)?;
            ensure(users.next().is_none(), Code::VOLUME_NOT_ATTACHED)?;
        }
        add(&mut volumes, reference(&volume.id, &volume.name));
    }
    Ok(volumes)
}

/// Naming something twice names it once.
pub(super) fn add(references: &mut Vec<Reference>, new: Reference) {
    if references.iter().all(|known| known.id != new.id) {
        references.push(new);
    }
}
