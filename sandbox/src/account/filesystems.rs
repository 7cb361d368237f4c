//! Operations and lifecycle of filesystems.

use genesiscloud_bindings::types::{
    CreateFilesystemBody, Filesystem, FilesystemStatus, FilesystemType, UpdateFilesystemBody,
};
use serde_json::Value;

use super::request::{OperationRequest, Outcome};
use super::resource::{Resource, ResourceKind, table_accessors};
use super::state::{Account, Table};
use super::volumes::ensure_not_smaller;
use crate::error_response::{ErrorCode, ErrorResponse};
use crate::filled::filled;
use crate::resource_id;

impl Resource for Filesystem {
    const KIND: ResourceKind = ResourceKind {
        schema: "Filesystem",
        singular: Some("filesystem"),
        plural: "filesystems",
        not_found: ErrorCode::FILESYSTEM_NOT_FOUND,
        id_prefix: resource_id::FILESYSTEM,
    };
    table_accessors!(filesystems);

    fn is_deleting(&self) -> bool {
        self.status == FilesystemStatus::Deleting
    }

    fn schedule_transition(account: &mut Account, id: &str, outcome: Outcome) {
        let Some(filesystem) = account.filesystems.get(id) else { return };
        match filesystem.status {
            FilesystemStatus::Creating => {
                let unchanged = |it: &Self| it.status == FilesystemStatus::Creating;
                account.schedule_change::<Self>(10, id, unchanged, move |filesystem| match outcome {
                    Outcome::Error => filesystem.status = FilesystemStatus::Error,
                    _ => set_created(filesystem),
                });
            }
            FilesystemStatus::Deleting => account.schedule_removal::<Self>(5, id),
            _ => {}
        }
    }
}

/// Completes the creation: the filesystem can be mounted.
fn set_created(filesystem: &mut Filesystem) {
    filesystem.status = FilesystemStatus::Created;
    filesystem.mount_endpoint_range = Some(vec!["10.255.0.1".into(), "10.255.0.16".into()]);
    filesystem.mount_base_path = Some(format!("/{}", filesystem.id));
}

pub(super) fn create(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let body: CreateFilesystemBody = request.body()?;
    account.ensure_quota::<Filesystem>(ErrorCode::QUOTA_REACHED)?;
    let filesystem = filled!(Filesystem {
        id: account.new_id::<Filesystem>(),
        name: body.name,
        description: body.description.unwrap_or_default(),
        type_: body.type_.unwrap_or(FilesystemType::Vast),
        size: body.size,
        mount_endpoint_range: None,
        mount_base_path: None,
        region: body.region,
        status: FilesystemStatus::Creating,
        created_at: account.now,
        updated_at: Some(account.now),
    });
    account.insert_new(filesystem, request)
}

pub(super) fn update(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let body: UpdateFilesystemBody = request.body()?;
    let mut filesystem = account.copy_for_update::<Filesystem>(request.id())?;
    let size = body.size.unwrap_or(filesystem.size);
    ensure_not_smaller(filesystem.size, size)?;
    filesystem.size = size;
    filesystem.name = body.name.unwrap_or(filesystem.name);
    filesystem.description = body.description.unwrap_or(filesystem.description);
    account.save(filesystem)
}

pub(super) fn delete(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    account.start_deletion(request, |filesystem: &mut Filesystem| filesystem.status = FilesystemStatus::Deleting)
}
