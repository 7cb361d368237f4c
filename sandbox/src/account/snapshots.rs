//! Snapshots: taken of an instance, cloned, or imported.

use genesiscloud_bindings::types::{
    CloneSnapshotBody, CreateInstanceSnapshotBody, CreateSnapshotBody, Instance, InstanceStatus, OsType, Region,
    Snapshot, SnapshotStatus, UpdateSnapshotBody,
};
use serde_json::{Map, Value};

use super::list::list_where;
use super::request::{Call, Ending};
use super::resource::{Kind, Resource, in_table};
use super::state::{Account, Table};
use crate::error_response::{Code, Refusal, ensure};
use crate::resource_id as id;

impl Resource for Snapshot {
    const KIND: Kind = Kind {
        schema: "Snapshot",
        one: Some("snapshot"),
        many: "snapshots",
        missing: Code::SNAPSHOT_NOT_FOUND,
        id: id::SNAPSHOT,
    };
    in_table!(snapshots);

    fn is_leaving(&self) -> bool {
        matches!(self.status, SnapshotStatus::PendingDelete | SnapshotStatus::Deleting)
    }

    fn proceed(account: &mut Account, id: &str, ending: Ending) {
        let Some(snapshot) = account.snapshots.get(id) else { return };
        match snapshot.status {
            SnapshotStatus::Creating => {
                let still = |it: &Self| it.status == SnapshotStatus::Creating;
                let end = if ending == Ending::Error { SnapshotStatus::Error } else { SnapshotStatus::Created };
                account.later::<Self>(20, id, still, |snapshot| snapshot.status = end);
            }
            SnapshotStatus::PendingDelete | SnapshotStatus::Deleting => account.gone_after::<Self>(5, id),
            _ => {}
        }
    }
}

pub(super) fn list_of_instance(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    account.find::<Instance>(call.id())?;
    Ok(list_where::<Snapshot>(account, call, |snapshot| snapshot.source_instance_id.as_deref() == Some(call.id())))
}

pub(super) fn create_of_instance(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let body: CreateInstanceSnapshotBody = call.body()?;
    let instance = account.draft::<Instance>(call.id())?;
    ensure(instance.status == InstanceStatus::Active, Code::ONLY_ACTIVE_SNAPSHOTTED)?;
    let mut of_instance = account.snapshots.values().filter(|it| it.source_instance_id.as_ref() == Some(&instance.id));
    ensure(!of_instance.any(|it| it.status == SnapshotStatus::Creating), Code::SNAPSHOT_BEING_CREATED)?;
    account.ensure_quota::<Snapshot>(Code::INSTANCE_SNAPSHOTS_REACHED)?;
    let new = account.new_snapshot(
        body.name,
        body.replicated_region.unwrap_or(instance.region),
        instance.disk_size.unwrap_or(super::instances::SMALLEST_DISK),
        instance.os_type.unwrap_or(OsType::Linux),
    );
    account.add(Snapshot { source_instance_id: Some(instance.id), ..new }, call.ending)
}

pub(super) fn import(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let body: CreateSnapshotBody = call.body()?;
    let is_address = |scheme: &str| body.url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty());
    let no_address = Refusal::new(Code::BAD_REQUEST, "\"url\" must begin with https:// or http://");
    ensure(is_address("https://") || is_address("http://"), no_address)?;
    account.ensure_quota::<Snapshot>(Code::QUOTA_REACHED)?;
    let new = account.new_snapshot(body.name, body.region, body.size, body.os_type.unwrap_or(OsType::Linux));
    account.add(new, call.ending)
}

pub(super) fn clone(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let body: CloneSnapshotBody = call.body()?;
    let source = account.draft::<Snapshot>(call.id())?;
    let unready = Refusal::new(Code::NOT_ALLOWED, "only a created snapshot can be cloned");
    ensure(source.status == SnapshotStatus::Created, unready)?;
    account.ensure_quota::<Snapshot>(Code::QUOTA_REACHED)?;
    let new = account.new_snapshot(body.name, body.region, source.size, source.os_type);
    account.add(Snapshot { source_snapshot_id: Some(source.id), ..new }, call.ending)
}

impl Account {
    fn new_snapshot(&mut self, name: String, region: Region, size: i64, os_type: OsType) -> Snapshot {
        Snapshot {
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
            extra: Map::new(),
        }
    }
}

pub(super) fn update(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let body: UpdateSnapshotBody = call.body()?;
    let mut snapshot = account.draft::<Snapshot>(call.id())?;
    snapshot.name = body.name.unwrap_or(snapshot.name);
    account.put(snapshot)
}

/// Refused while an instance made of it exists, or a clone of it is being made.
pub(super) fn delete(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    account.find_mut::<Snapshot>(call.id())?;
    let mut images = account.instances.values().filter_map(|instance| instance.image.as_ref());
    let mut clones = account.snapshots.values().filter(|it| it.status == SnapshotStatus::Creating);
    let in_use = images.any(|image| image.id == call.id())
        || clones.any(|clone| clone.source_snapshot_id.as_deref() == Some(call.id()));
    ensure(!in_use, Code::SNAPSHOT_IN_USE)?;
    account.leave(call.id(), |snapshot: &mut Snapshot| snapshot.status = SnapshotStatus::Deleting)
}
