//! Volumes: disks that exist independently of instances.

use genesiscloud_bindings::requests;
use genesiscloud_bindings::types::{CreateVolumeBody, SingleVolumeResponse, UpdateVolumeBody};
#[doc(inline)]
pub use genesiscloud_bindings::types::{Volume, VolumeStatus, VolumeType};

use super::{identified_by_fields, resource_service};
use crate::core::Core;
use crate::list::{PageRequest, private::Listable};
use crate::resource::{Create, Delete, Get, Resource, Update};
use crate::wait::{Phase, private::Waitable};
use crate::{Call, Page, Region};

resource_service! {
    /// The volumes of an account: disks that exist independently of the instances they are attached to.
    Volumes of Volume ("volume", "volumes"),
    /// Returns the volumes of the account.
    client.volumes();

    pub fn list;

    /// Creates a volume, which is billed from then on. It can be attached when its status is `created`. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::{CreateVolume, Region};
    ///
    /// let disk = client.volumes().create(CreateVolume::new("data", Region::NordNoKrs1, 50)).await?;
    /// # Ok(()) }
    /// ```
    pub fn create(CreateVolume);

    /// Updates the fields that are set in `change` and no others. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::UpdateVolume;
    ///
    /// let disk = client.volumes().update("an-id", UpdateVolume::new().size(100)).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(UpdateVolume);

    /// Deletes a volume and the data on it. Fails with a conflict while it is attached. Its status is `deleting`
    /// until it is gone. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.volumes().delete("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn delete;

    wait until "created";
}

impl Resource for Volume {
    type Create = CreateVolume;
    type Update = UpdateVolume;
    type Body = SingleVolumeResponse;

    const CREATE: Create<Self> = |raw, new| requests::create_volume(raw, &new.0);
    const GET: Get<Self> = requests::get_volume;
    const UPDATE: Update<Self> = |raw, id, change| requests::update_volume(raw, id, &change.0);
    const DELETE: Delete = requests::delete_volume;

    const OPEN: fn(Self::Body) -> Self = |body| body.volume;
    const NAME: fn(&CreateVolume) -> &str = |new| &new.0.name;
    const IDENTITY: &'static [&'static str] = &["name", "description", "region", "size", "type"];
}

impl Listable for Volume {
    type Filter = ();

    fn fetch(core: &Core, (): &(), page: PageRequest) -> Call<Page<Self>> {
        page.fetch(core, requests::list_volumes_paginated, |l| (l.volumes, l.page, l.per_page, l.total_count))
    }

    identified_by_fields!();
}

impl Waitable for Volume {
    type Status = VolumeStatus;

    const KIND: &'static str = "volume";

    fn status(&self) -> &VolumeStatus {
        &self.status
    }

    fn phase(status: &VolumeStatus) -> Phase {
        match status {
            VolumeStatus::Created => Phase::Ready,
            VolumeStatus::PendingDelete | VolumeStatus::Deleting => Phase::Deleting,
            VolumeStatus::Error => Phase::Failed,
            VolumeStatus::Unknown(other) => Phase::of_unlisted(other),
            _ => Phase::InTransition,
        }
    }
}

/// Parameters for creating a volume.
///
/// ```
/// use genesiscloud::{CreateVolume, Region};
/// let new = CreateVolume::new("data", Region::NordNoKrs1, 50);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CreateVolume(pub(crate) CreateVolumeBody);

impl CreateVolume {
    /// Returns parameters for a volume of `size` GiB, at least 1, in a region.
    pub fn new(name: impl Into<String>, region: Region, size: i64) -> Self {
        Self(CreateVolumeBody { name: name.into(), region, size, description: None, type_: None })
    }

    /// Sets the description, a free text. The provider's documentation marks it as
    /// required, its OpenAPI document as optional.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(description.into());
        self
    }

    /// Sets the type of disk. The service's default is `hdd`; `ssd` is documented for [`Region::NordNoKrs1`] only.
    pub fn volume_type(mut self, volume_type: VolumeType) -> Self {
        self.0.type_ = Some(volume_type);
        self
    }
}

/// Parameters for updating a volume; fields that are not set stay as they are.
///
/// ```
/// use genesiscloud::UpdateVolume;
/// let change = UpdateVolume::new().size(100);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UpdateVolume(pub(crate) UpdateVolumeBody);

impl UpdateVolume {
    /// Returns parameters that change nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.name = Some(name.into());
        self
    }

    /// Sets the description.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(description.into());
        self
    }

    /// Sets the size in GiB; a volume can grow, not shrink.
    pub fn size(mut self, size: i64) -> Self {
        self.0.size = Some(size);
        self
    }
}
