//! Filesystems: network filesystems that many instances can mount.

use genesiscloud_bindings::requests;
use genesiscloud_bindings::types::{CreateFilesystemBody, SingleFilesystemResponse, UpdateFilesystemBody};
#[doc(inline)]
pub use genesiscloud_bindings::types::{Filesystem, FilesystemStatus, FilesystemType};

use super::{identified_by_fields, resource_service};
use crate::core::Core;
use crate::list::{PageRequest, private::Listable};
use crate::resource::{Create, Delete, Get, Resource, Update};
use crate::wait::{Phase, private::Waitable};
use crate::{Call, Page, Region};

resource_service! {
    /// The filesystems of an account: network filesystems that many instances can mount.
    Filesystems of Filesystem ("filesystem", "filesystems"),
    /// Returns the filesystems of the account.
    client.filesystems();

    pub fn list;

    /// Creates a filesystem, which is billed from then on. It can be mounted when its status is `created`. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::{CreateFilesystem, Region};
    ///
    /// let files = client.filesystems().create(CreateFilesystem::new("data", Region::NordNoKrs1, 500)).await?;
    /// # Ok(()) }
    /// ```
    pub fn create(CreateFilesystem);

    /// Updates the fields that are set in `change` and no others. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::UpdateFilesystem;
    ///
    /// let files = client.filesystems().update("an-id", UpdateFilesystem::new().size(1000)).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(UpdateFilesystem);

    /// Deletes a filesystem and the data on it. Its status is `deleting` until it is gone. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.filesystems().delete("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn delete;

    wait until "created";
}

impl Resource for Filesystem {
    type Create = CreateFilesystem;
    type Update = UpdateFilesystem;
    type Body = SingleFilesystemResponse;

    const CREATE: Create<Self> = |raw, new| requests::create_filesystem(raw, &new.0);
    const GET: Get<Self> = requests::get_filesystem;
    const UPDATE: Update<Self> = |raw, id, change| requests::update_filesystem(raw, id, &change.0);
    const DELETE: Delete = requests::delete_filesystem;

    const OPEN: fn(Self::Body) -> Self = |body| body.filesystem;
    const NAME: fn(&CreateFilesystem) -> &str = |new| &new.0.name;
    const IDENTITY: &'static [&'static str] = &["name", "description", "region", "size", "type"];
}

impl Listable for Filesystem {
    type Filter = ();

    fn fetch(core: &Core, (): &(), page: PageRequest) -> Call<Page<Self>> {
        page.fetch(core, requests::list_filesystems_paginated, |l| (l.filesystems, l.page, l.per_page, l.total_count))
    }

    identified_by_fields!();
}

impl Waitable for Filesystem {
    type Status = FilesystemStatus;

    const KIND: &'static str = "filesystem";

    fn status(&self) -> &Self::Status {
        &self.status
    }

    fn phase(status: &Self::Status) -> Phase {
        match status {
            FilesystemStatus::Created => Phase::Ready,
            FilesystemStatus::Deleting => Phase::Deleting,
            FilesystemStatus::Error => Phase::Failed,
            FilesystemStatus::Unknown(other) => Phase::of_unlisted(other),
            _ => Phase::InTransition,
        }
    }
}

/// Parameters for creating a filesystem.
///
/// ```
/// use genesiscloud::{CreateFilesystem, Region};
/// let new = CreateFilesystem::new("data", Region::NordNoKrs1, 500);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CreateFilesystem(pub(crate) CreateFilesystemBody);

impl CreateFilesystem {
    /// Returns parameters for a filesystem of `size` GiB, at least 1, in a region.
    pub fn new(name: impl Into<String>, region: Region, size: i64) -> Self {
        Self(CreateFilesystemBody { name: name.into(), region, size, description: None, type_: None })
    }

    /// Sets the description, a free text.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(description.into());
        self
    }

    /// Sets the type of filesystem.
    pub fn filesystem_type(mut self, filesystem_type: FilesystemType) -> Self {
        self.0.type_ = Some(filesystem_type);
        self
    }
}

/// Parameters for updating a filesystem; fields that are not set stay as they are.
///
/// ```
/// use genesiscloud::UpdateFilesystem;
/// let change = UpdateFilesystem::new().size(1000);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UpdateFilesystem(pub(crate) UpdateFilesystemBody);

impl UpdateFilesystem {
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

    /// Sets the size in GiB; a filesystem can grow, not shrink.
    pub fn size(mut self, size: i64) -> Self {
        self.0.size = Some(size);
        self
    }
}
