//! Filesystems: network filesystems that many instances can mount.

#[doc(inline)]
pub use genesiscloud_bindings::types::{Filesystem, FilesystemStatus, FilesystemType};
use genesiscloud_bindings::{requests, types};

use super::definitions::{parameters, resource};
use crate::Region;
use crate::resource::{with_marker, with_text};

resource! {
    /// The filesystems of an account: network filesystems that many instances can mount.
    Filesystems of Filesystem ("filesystem", "filesystems"), client.filesystems();

    pub fn list, list_page = requests::list_filesystems_paginated(raw, page, per_page) in filesystems;
    pub fn get = requests::get_filesystem(raw, id) in SingleFilesystemResponse.filesystem;

    /// Creates a filesystem, which is billed from then on. It can be mounted when its status is `created`.
    pub fn create, create_or_recover(CreateFilesystem) = requests::create_filesystem(raw, new);
    example(CreateFilesystem, Region): CreateFilesystem::new("data", Region::NordNoKrs1, 500);

    pub fn update(UpdateFilesystem) = requests::update_filesystem(raw, id, change);
    example(UpdateFilesystem): UpdateFilesystem::new().size(1000);

    /// Deletes a filesystem and the data on it. Its status is `deleting` until it is gone.
    pub fn delete, delete_if_exists = requests::delete_filesystem(raw, id);

    pub fn wait, watch until "created" = FilesystemStatus { Created => Ready, Deleting => Deleting, Error => Failed };

    identified by ["name", "description", "region", "size", "type"];
    marked in description;
}

parameters! {
    pub struct CreateFilesystem(types::CreateFilesystemBody) for "creating a filesystem";
    example(CreateFilesystem, Region):
        CreateFilesystem::new("data", Region::NordNoKrs1, 500), .description("Training data");

    /// Returns parameters for a filesystem of `size` GiB, at least 1, in a region.
    pub fn new(name: impl Into<String>, region: Region, size: i64) =
        types::CreateFilesystemBody { name: name.into(), region, size, description: None, type_: None };

    /// Sets the region, in place of the one that it was made with: such as that of an [`Offer`](crate::Offer) or an instance.
    pub fn region(mut self, region: Region) -> Self {
        self.0.region = region;
        self
    }

    /// Sets the description, a free text.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(with_text(self.0.description.as_deref(), description.into()));
        self
    }

    /// Sets a marker that no other filesystem has, such as the id of a job. It becomes the end of the description, `[marker …]`, and
    /// `create_or_recover` recognises its result by it, for certain.
    pub fn marker(mut self, marker: impl AsRef<str>) -> Self {
        self.0.description = Some(with_marker(self.0.description.as_deref(), marker.as_ref()));
        self
    }

    /// Sets the type of filesystem.
    pub fn type_(filesystem_type: FilesystemType) = self.0.type_;
}

parameters! {
    pub struct UpdateFilesystem(types::UpdateFilesystemBody): Default for "updating a filesystem";
    example(UpdateFilesystem): UpdateFilesystem::new().name("archive").size(1000);

    /// Sets the name.
    pub fn name(name: impl Into<String>) = self.0.name;

    /// Sets the description.
    pub fn description(description: impl Into<String>) = self.0.description;

    /// Sets the size in GiB; a filesystem can grow, not shrink.
    pub fn size(size: i64) = self.0.size;
}
