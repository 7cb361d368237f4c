//! Operations and lifecycle of snapshots, which are created from an instance, cloned, or imported.

use genesiscloud_bindings::types::{
    CloneSnapshotBody, CreateInstanceSnapshotBody, CreateSnapshotBody, Instance, InstanceStatus, OsType, Region,
    Snapshot, SnapshotStatus, UpdateSnapshotBody,
};
use serde_json::Value;

use super::list::list_where;
use super::request::{OperationRequest, Outcome};
use super::resource::{Resource, ResourceKind, table_accessors};
use super::state::{Account, Table};
use crate::error_response::{ErrorCode, ErrorResponse, ensure};
use crate::filled::filled;
use crate::resource_id;

impl Resource for Snapshot {
    const KIND: ResourceKind = ResourceKind {
        schema: "Snapshot",
        singular: Some("snapshot"),
        plural: "snapshots",
        not_found: ErrorCode::SNAPSHOT_NOT_FOUND,
        id_prefix: resource_id::SNAPSHOT,
    };
    table_accessors!(snapshots);

    fn is_deleting(&self) -> bool {
        matches!(self.status, SnapshotStatus::PendingDelete | SnapshotStatus::Deleting)
    }

    fn schedule_transition(account: &mut Account, id: &str, outcome: Outcome) {
        let Some(snapshot) = account.snapshots.get(id) else { return };
        match snapshot.status {
            SnapshotStatus::Creating => {
                let unchanged = |it: &Self| it.status == SnapshotStatus::Creating;
                let end = if outcome == Outcome::Error { SnapshotStatus::Error } else { SnapshotStatus::Created };
                account.schedule_change::<Self>(20, id, unchanged, |snapshot| snapshot.status = end);
            }
            SnapshotStatus::PendingDelete | SnapshotStatus::Deleting => account.schedule_removal::<Self>(5, id),
            _ => {}
        }
    }
}

pub(super) fn list_of_instance(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    account.read::<Instance>(request.id())?;
    Ok(list_where::<Snapshot>(account, request, |snapshot| {
        snapshot.source_instance_id.as_deref() == Some(request.id())
    }))
}

pub(super) fn create_of_instance(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let body: CreateInstanceSnapshotBody = request.body()?;
    let instance = account.copy_for_update::<Instance>(request.id())?;
    ensure(instance.status == InstanceStatus::Active, ErrorCode::ONLY_ACTIVE_SNAPSHOTTED)?;
    let mut of_instance = account.snapshots.values().filter(|it| it.source_instance_id.as_ref() == Some(&instance.id));
    ensure(!of_instance.any(|it| it.status == SnapshotStatus::Creating), ErrorCode::SNAPSHOT_BEING_CREATED)?;
    account.ensure_quota::<Snapshot>(ErrorCode::INSTANCE_SNAPSHOTS_REACHED)?;
    let mut new = account.new_snapshot(
        body.name,
        body.replicated_region.unwrap_or(instance.region),
        instance.disk_size.unwrap_or(super::instances::MIN_DISK_SIZE),
        instance.os_type.unwrap_or(OsType::Linux),
    );
    new.source_instance_id = Some(instance.id);
    account.insert_new(new, request)
}

pub(super) fn import(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let body: CreateSnapshotBody = request.body()?;
    let has_scheme = |scheme: &str| body.url.expose().strip_prefix(scheme).is_some_and(|rest| !rest.is_empty());
    let invalid_url = ErrorResponse::new(ErrorCode::BAD_REQUEST, "\"url\" must begin with https:// or http://");
    ensure(has_scheme("https://") || has_scheme("http://"), invalid_url)?;
    account.ensure_quota::<Snapshot>(ErrorCode::QUOTA_REACHED)?;
    let new = account.new_snapshot(body.name, body.region, body.size, body.os_type.unwrap_or(OsType::Linux));
    account.insert_new(new, request)
}

pub(super) fn clone(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let body: CloneSnapshotBody = request.body()?;
    let source = account.copy_for_update::<Snapshot>(request.id())?;
    let not_created = ErrorResponse::new(ErrorCode::NOT_ALLOWED, "only a created snapshot can be cloned");
    ensure(source.status == SnapshotStatus::Created, not_created)?;
    account.ensure_quota::<Snapshot>(ErrorCode::QUOTA_REACHED)?;
    let mut new = account.new_snapshot(body.name, body.region, source.size, source.os_type);
    new.source_snapshot_id = Some(source.id);
    account.insert_new(new, request)
}

impl Account {
    fn new_snapshot(&mut self, name: String, region: Region, size: i64, os_type: OsType) -> Snapshot {
        filled!(Snapshot {
            id: self.new_id::<Snapshot>(),
            name,
            size,
            region,
            status: SnapshotStatus::Creating,
            os_type,
            created_at: self.now,
            updated_at: Some(self.now),
            source_instance_id: None,
            source_snapshot_id: None,
        })
    }
}

pub(super) fn update(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let body: UpdateSnapshotBody = request.body()?;
    let mut snapshot = account.copy_for_update::<Snapshot>(request.id())?;
    snapshot.name = body.name.unwrap_or(snapshot.name);
    account.save(snapshot)
}

/// Fails while an instance created from the snapshot exists, or a clone of it is being created.
pub(super) fn delete(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    account.find_mut::<Snapshot>(request.id())?;
    let mut images = account.instances.values().filter_map(|instance| instance.image.as_ref());
    let mut clones = account.snapshots.values().filter(|it| it.status == SnapshotStatus::Creating);
    let in_use = images.any(|image| image.id == request.id())
        || clones.any(|clone| clone.source_snapshot_id.as_deref() == Some(request.id()));
    ensure(!in_use, ErrorCode::SNAPSHOT_IN_USE)?;
    account.start_deletion(request, |snapshot: &mut Snapshot| snapshot.status = SnapshotStatus::Deleting)
}
