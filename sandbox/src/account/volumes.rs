//! Operations and lifecycle of volumes.

use genesiscloud_bindings::types::{CreateVolumeBody, Region, UpdateVolumeBody, Volume, VolumeStatus, VolumeType};
use serde_json::Value;

use super::request::{OperationRequest, Outcome};
use super::resource::{Resource, ResourceKind, table_accessors};
use super::state::{Account, Table};
use crate::error_response::{ErrorCode, ErrorResponse, ensure};
use crate::filled::filled;
use crate::resource_id::{self, reference};

impl Resource for Volume {
    const KIND: ResourceKind = ResourceKind {
        schema: "Volume",
        singular: Some("volume"),
        plural: "volumes",
        not_found: ErrorCode::VOLUME_NOT_FOUND,
        id_prefix: resource_id::VOLUME,
    };
    table_accessors!(volumes);

    fn is_deleting(&self) -> bool {
        matches!(self.status, VolumeStatus::PendingDelete | VolumeStatus::Deleting)
    }

    fn with_references(&self, account: &Account) -> Self {
        let attached_to = account.instances_with(&self.id).into_iter();
        let mut shown = self.clone();
        shown.instances = attached_to.map(|it| reference(&it.id, &it.name)).collect();
        shown
    }

    fn schedule_transition(account: &mut Account, id: &str, outcome: Outcome) {
        let Some(volume) = account.volumes.get(id) else { return };
        match volume.status {
            VolumeStatus::Creating => {
                let end = if outcome == Outcome::Error { VolumeStatus::Error } else { VolumeStatus::Created };
                account.schedule_change::<Self>(5, id, |it| it.status == VolumeStatus::Creating, |it| it.status = end);
            }
            VolumeStatus::PendingDelete | VolumeStatus::Deleting => account.schedule_removal::<Self>(3, id),
            _ => {}
        }
    }
}

pub(super) fn create(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let body: CreateVolumeBody = request.body()?;
    let volume_type = body.type_.unwrap_or(VolumeType::Hdd);
    ensure(volume_type != VolumeType::Ssd || body.region == Region::NordNoKrs1, ErrorCode::VOLUME_TYPE_UNAVAILABLE)?;
    account.ensure_quota::<Volume>(ErrorCode::QUOTA_REACHED)?;
    let volume = filled!(Volume {
        id: account.new_id::<Volume>(),
        name: body.name,
        description: body.description.unwrap_or_default(),
        type_: volume_type,
        size: body.size,
        region: body.region,
        instances: vec![],
        status: VolumeStatus::Creating,
        created_at: account.now,
        updated_at: Some(account.now),
    });
    account.insert_new(volume, request)
}

pub(super) fn update(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let body: UpdateVolumeBody = request.body()?;
    let mut volume = account.copy_for_update::<Volume>(request.id())?;
    let size = body.size.unwrap_or(volume.size);
    ensure_not_smaller(volume.size, size)?;
    volume.size = size;
    volume.name = body.name.unwrap_or(volume.name);
    volume.description = body.description.unwrap_or(volume.description);
    account.save(volume)
}

/// Returns an error if the requested size is below the current one.
pub(super) fn ensure_not_smaller(current: i64, requested: i64) -> Result<(), ErrorResponse> {
    let message = format!("\"size\" must be {current} or more: the size can grow, but not shrink");
    ensure(requested >= current, ErrorResponse::new(ErrorCode::BAD_REQUEST, message))
}

pub(super) fn delete(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    account.find_mut::<Volume>(request.id())?;
    ensure(!account.is_referred_to(request.id()), ErrorCode::VOLUME_ATTACHED)?;
    account.start_deletion(request, |volume: &mut Volume| volume.status = VolumeStatus::Deleting)
}
