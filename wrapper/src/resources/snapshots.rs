//! Snapshots: copies of boot disks, from which instances can be created.

use genesiscloud_bindings::requests;
use genesiscloud_bindings::types::{CloneSnapshotBody, CreateSnapshotBody, SingleSnapshotResponse, UpdateSnapshotBody};
#[doc(inline)]
pub use genesiscloud_bindings::types::{OsType, Snapshot, SnapshotStatus};

use super::{identified_by_fields, resource_service};
use crate::core::Core;
use crate::list::{PageRequest, private::Listable};
use crate::resource::{Create, Delete, Get, Resource, Update, create_by};
use crate::wait::{Phase, private::Waitable};
use crate::{Call, Page, Region};

resource_service! {
    /// The snapshots of an account: copies of boot disks, from which instances can be created.
    Snapshots of Snapshot ("snapshot", "snapshots"),
    /// Returns the snapshots of the account.
    client.snapshots();

    pub fn list;

    /// Creates a snapshot from a disk image that the service downloads. It can be used when its status is `created`.
    /// [`Instances::create_snapshot`](super::Instances::create_snapshot) creates one of an instance. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::{CreateSnapshot, Region};
    ///
    /// let import = CreateSnapshot::new("golden", "https://example.com/golden.qcow2", Region::NordNoKrs1, 80);
    /// let snapshot = client.snapshots().create(import).await?;
    /// # Ok(()) }
    /// ```
    pub fn create(CreateSnapshot);

    /// Updates the fields that are set in `change` and no others. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::UpdateSnapshot;
    ///
    /// let snapshot = client.snapshots().update("an-id", UpdateSnapshot::new().name("older")).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(UpdateSnapshot);

    /// Deletes a snapshot. Fails with a conflict while it is in use. Its status is `deleting` until it is gone. One
    /// request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.snapshots().delete("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn delete;

    wait until "created";
}

impl Resource for Snapshot {
    type Create = CreateSnapshot;
    type Update = UpdateSnapshot;
    type Body = SingleSnapshotResponse;

    const CREATE: Create<Self> = |raw, new| requests::create_snapshot(raw, &new.0);
    const GET: Get<Self> = requests::get_snapshot;
    const UPDATE: Update<Self> = |raw, id, change| requests::update_snapshot(raw, id, &change.0);
    const DELETE: Delete = requests::delete_snapshot;

    const OPEN: fn(Self::Body) -> Self = |body| body.snapshot;
    const NAME: fn(&CreateSnapshot) -> &str = |new| &new.0.name;
    const IDENTITY: &'static [&'static str] = &["name", "os_type", "region", "replicated_region", "size"];
}

impl Listable for Snapshot {
    /// The id of the instance whose snapshots are listed; all snapshots if there is none.
    type Filter = Option<String>;

    fn fetch(core: &Core, instance: &Self::Filter, page: PageRequest) -> Call<Page<Self>> {
        let operation = |raw: &_, number, size| match instance {
            None => requests::list_snapshots_paginated(raw, number, size),
            Some(id) => requests::list_instance_snapshots_paginated(raw, id, number, size),
        };
        page.fetch(core, operation, |l| (l.snapshots, l.page, l.per_page, l.total_count))
    }

    identified_by_fields!();
}

impl Waitable for Snapshot {
    type Status = SnapshotStatus;

    const KIND: &'static str = "snapshot";

    fn status(&self) -> &Self::Status {
        &self.status
    }

    fn phase(status: &Self::Status) -> Phase {
        match status {
            SnapshotStatus::Created => Phase::Ready,
            SnapshotStatus::PendingDelete | SnapshotStatus::Deleting => Phase::Deleting,
            SnapshotStatus::Error => Phase::Failed,
            SnapshotStatus::Unknown(other) => Phase::of_unlisted(other),
            _ => Phase::InTransition,
        }
    }
}

impl Snapshots {
    /// Copies a snapshot into a region, its own or another. The copy can be used when its status is `created`. One
    /// request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::{CloneSnapshot, Region};
    ///
    /// let copy = client.snapshots().clone_snapshot("an-id", CloneSnapshot::new("copy", Region::EucDeMuc1)).await?;
    /// # Ok(()) }
    /// ```
    pub fn clone_snapshot(&self, id: impl AsRef<str>, copy: CloneSnapshot) -> Call<Snapshot> {
        let prepared = requests::clone_snapshot(self.core.raw(), id.as_ref(), &copy.0);
        create_by(&self.core, copy.0.name, prepared)
    }
}

/// Parameters for creating a snapshot from a disk image.
///
/// ```
/// use genesiscloud::{CreateSnapshot, OsType, Region};
/// let new = CreateSnapshot::new("golden", "https://example.com/golden.qcow2", Region::NordNoKrs1, 80)
///     .os_type(OsType::Linux);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CreateSnapshot(pub(crate) CreateSnapshotBody);

impl CreateSnapshot {
    /// Returns parameters for a snapshot of `size` GiB, at least 1, in a region, from the disk image at a URL.
    pub fn new(name: impl Into<String>, url: impl Into<String>, region: Region, size: i64) -> Self {
        Self(CreateSnapshotBody { name: name.into(), url: url.into(), region, size, os_type: None })
    }

    /// Sets the operating system on the image.
    pub fn os_type(mut self, os_type: OsType) -> Self {
        self.0.os_type = Some(os_type);
        self
    }
}

/// Parameters for updating a snapshot; fields that are not set stay as they are.
///
/// ```
/// use genesiscloud::UpdateSnapshot;
/// let change = UpdateSnapshot::new().name("older");
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UpdateSnapshot(pub(crate) UpdateSnapshotBody);

impl UpdateSnapshot {
    /// Returns parameters that change nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.name = Some(name.into());
        self
    }
}

/// Parameters for copying a snapshot.
///
/// ```
/// use genesiscloud::{CloneSnapshot, Region};
/// let copy = CloneSnapshot::new("copy", Region::EucDeMuc1);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CloneSnapshot(pub(crate) CloneSnapshotBody);

impl CloneSnapshot {
    /// Returns parameters for a copy with a name, in a region.
    pub fn new(name: impl Into<String>, region: Region) -> Self {
        Self(CloneSnapshotBody { name: name.into(), region })
    }
}
