//! Volumes: disks that exist independently of instances.

#[doc(inline)]
pub use genesiscloud_bindings::types::{Volume, VolumeStatus, VolumeType};
use genesiscloud_bindings::{requests, types};

use super::definitions::{parameters, resource};
use crate::Region;
use crate::resource::{with_marker, with_text};

resource! {
    /// The volumes of an account: disks that exist independently of the instances they are attached to.
    Volumes of Volume ("volume", "volumes"), client.volumes();

    pub fn list, list_page = requests::list_volumes_paginated(raw, page, per_page) in volumes;
    pub fn get = requests::get_volume(raw, id) in SingleVolumeResponse.volume;

    /// Creates a volume, which is billed from then on. It can be attached when its status is `created`.
    pub fn create, create_or_recover(CreateVolume) = requests::create_volume(raw, new);
    example(CreateVolume, Region): CreateVolume::new("data", Region::NordNoKrs1, 50);

    pub fn update(UpdateVolume) = requests::update_volume(raw, id, change);
    example(UpdateVolume): UpdateVolume::new().size(100);

    /// Deletes a volume and the data on it. Fails with a conflict while it is attached. Its status is `deleting`
    /// until it is gone.
    pub fn delete, delete_if_exists = requests::delete_volume(raw, id);

    pub fn wait, watch until "created" = VolumeStatus { Created => Ready, PendingDelete | Deleting => Deleting, Error => Failed };

    identified by ["name", "description", "region", "size", "type"];
    marked in description;
}

parameters! {
    pub struct CreateVolume(types::CreateVolumeBody) for "creating a volume";
    example(CreateVolume, Region, VolumeType):
        CreateVolume::new("data", Region::NordNoKrs1, 50), .type_(VolumeType::Ssd);

    /// Returns parameters for a volume of `size` GiB, at least 1, in a region.
    pub fn new(name: impl Into<String>, region: Region, size: i64) =
        types::CreateVolumeBody { name: name.into(), region, size, description: None, type_: None };

    /// Sets the region, in place of the one that it was made with: such as that of an [`Offer`](crate::Offer) or an instance.
    pub fn region(mut self, region: Region) -> Self {
        self.0.region = region;
        self
    }

    /// Sets the description, a free text. The provider's documentation marks it as required, its OpenAPI document as
    /// optional.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(with_text(self.0.description.as_deref(), description.into()));
        self
    }

    /// Sets a marker that no other volume has, such as the id of a job. It becomes the end of the description, `[marker …]`, and
    /// `create_or_recover` recognises its result by it, for certain.
    pub fn marker(mut self, marker: impl AsRef<str>) -> Self {
        self.0.description = Some(with_marker(self.0.description.as_deref(), marker.as_ref()));
        self
    }

    /// Sets the type of disk. The service's default is `hdd`; `ssd` is documented for [`Region::NordNoKrs1`] only.
    pub fn type_(volume_type: VolumeType) = self.0.type_;
}

parameters! {
    pub struct UpdateVolume(types::UpdateVolumeBody): Default for "updating a volume";
    example(UpdateVolume): UpdateVolume::new().name("backup").size(100);

    /// Sets the name.
    pub fn name(name: impl Into<String>) = self.0.name;

    /// Sets the description.
    pub fn description(description: impl Into<String>) = self.0.description;

    /// Sets the size in GiB; a volume can grow, not shrink.
    pub fn size(size: i64) = self.0.size;
}
