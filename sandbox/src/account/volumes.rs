//! Volumes.

use genesiscloud_bindings::types::{
    CreateVolumeBody, Instance, Reference, Region, UpdateVolumeBody, Volume, VolumeStatus, VolumeType,
};
use serde_json::{Map, Value};

use super::request::{Call, Ending};
use super::resource::{Kind, Resource, in_table};
use super::state::{Account, Table};
use crate::error_response::{Code, Refusal, ensure};
use crate::resource_id::{self as id, reference};

impl Resource for Volume {
    const KIND: Kind = Kind {
        schema: "Volume",
        one: Some("volume"),
        many: "volumes",
        missing: Code::VOLUME_NOT_FOUND,
        id: id::VOLUME,
    };
    in_table!(volumes);

    fn is_leaving(&self) -> bool {
        matches!(self.status, VolumeStatus::PendingDelete | VolumeStatus::Deleting)
    }

    fn shown(&self, account: &Account) -> Self {
        Self { instances: users(account, &self.id).collect(), ..self.clone() }
    }

    fn proceed(account: &mut Account, id: &str, ending: Ending) {
        let Some(volume) = account.volumes.get(id) else { return };
        match volume.status {
            VolumeStatus::Creating => {
                let end = if ending == Ending::Error { VolumeStatus::Error } else { VolumeStatus::Created };
                account.later::<Self>(5, id, |it| it.status == VolumeStatus::Creating, |it| it.status = end);
            }
            VolumeStatus::PendingDelete | VolumeStatus::Deleting => account.gone_after::<Self>(3, id),
            _ => {}
        }
    }
}

/// The instances a volume is attached to.
fn users<'a>(account: &'a Account, id: &'a str) -> impl Iterator<Item = Reference> + use<'a> {
    let uses = move |instance: &&Instance| instance.volumes.iter().any(|volume| volume.id == id);
    account.instances.values().filter(uses).map(|it| reference(&it.id, &it.name))
}

pub(super) fn create(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let body: CreateVolumeBody = call.body()?;
    let kind = body.type_.unwrap_or(VolumeType::Hdd);
    ensure(kind != VolumeType::Ssd || body.region == Region::NordNoKrs1, Code::VOLUME_TYPE_UNAVAILABLE)?;
    account.ensure_quota::<Volume>(Code::QUOTA_REACHED)?;
    let volume = Volume {
        id: account.new_id::<Volume>(),
        name: body.name,
        description: body.description.unwrap_or_default(),
        type_: kind,
        size: body.size,
        region: body.region,
        instances: vec![],
        status: VolumeStatus::Creating,
        created_at: account.now,
        updated_at: Some(account.now),
        extra: Map::new(),
    };
    account.add(volume, call.ending)
}

pub(super) fn update(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let body: UpdateVolumeBody = call.body()?;
    let mut volume = account.draft::<Volume>(call.id())?;
    let size = body.size.unwrap_or(volume.size);
    ensure_grows(volume.size, size)?;
    volume.size = size;
    volume.name = body.name.unwrap_or(volume.name);
    volume.description = body.description.unwrap_or(volume.description);
    account.put(volume)
}

/// Refuses a size below the present one.
pub(super) fn ensure_grows(present: i64, wanted: i64) -> Result<(), Refusal> {
    let message = format!("\"size\" must be {present} or more: this can grow, not shrink");
    ensure(wanted >= present, Refusal::new(Code::BAD_REQUEST, message))
}

pub(super) fn delete(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    account.find_mut::<Volume>(call.id())?;
    ensure(users(account, call.id()).next().is_none(), Code::VOLUME_ATTACHED)?;
    account.leave(call.id(), |volume: &mut Volume| volume.status = VolumeStatus::Deleting)
}
