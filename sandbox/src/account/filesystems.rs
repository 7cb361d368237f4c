//! Filesystems.

use genesiscloud_bindings::types::{
    CreateFilesystemBody, Filesystem, FilesystemStatus, FilesystemType, UpdateFilesystemBody,
};
use serde_json::{Map, Value};

use super::request::{Call, Ending};
use super::resource::{Kind, Resource, in_table};
use super::state::{Account, Table};
use super::volumes::ensure_grows;
use crate::error_response::{Code, Refusal};
use crate::resource_id as id;

impl Resource for Filesystem {
    const KIND: Kind = Kind {
        schema: "Filesystem",
        one: Some("filesystem"),
        many: "filesystems",
        missing: Code::FILESYSTEM_NOT_FOUND,
        id: id::FILESYSTEM,
    };
    in_table!(filesystems);

    fn is_leaving(&self) -> bool {
        self.status == FilesystemStatus::Deleting
    }

    fn proceed(account: &mut Account, id: &str, ending: Ending) {
        let Some(filesystem) = account.filesystems.get(id) else { return };
        match filesystem.status {
            FilesystemStatus::Creating => {
                let still = |it: &Self| it.status == FilesystemStatus::Creating;
                account.later::<Self>(10, id, still, move |filesystem| match ending {
                    Ending::Error => filesystem.status = FilesystemStatus::Error,
                    _ => mounted(filesystem),
                });
            }
            FilesystemStatus::Deleting => account.gone_after::<Self>(5, id),
            _ => {}
        }
    }
}

/// It can be mounted from now on.
fn mounted(filesystem: &mut Filesystem) {
    filesystem.status = FilesystemStatus::Created;
    filesystem.mount_endpoint_range = Some(vec!["10.255.0.1".into(), "10.255.0.16".into()]);
    filesystem.mount_base_path = Some(format!("/{}", filesystem.id));
}

pub(super) fn create(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let body: CreateFilesystemBody = call.body()?;
    account.ensure_quota::<Filesystem>(Code::QUOTA_REACHED)?;
    let filesystem = Filesystem {
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
        extra: Map::new(),
    };
    account.add(filesystem, call.ending)
}

pub(super) fn update(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let body: UpdateFilesystemBody = call.body()?;
    let mut filesystem = account.draft::<Filesystem>(call.id())?;
    let size = body.size.unwrap_or(filesystem.size);
    ensure_grows(filesystem.size, size)?;
    filesystem.size = size;
    filesystem.name = body.name.unwrap_or(filesystem.name);
    filesystem.description = body.description.unwrap_or(filesystem.description);
    account.put(filesystem)
}

pub(super) fn delete(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    account.leave(call.id(), |filesystem: &mut Filesystem| filesystem.status = FilesystemStatus::Deleting)
}
