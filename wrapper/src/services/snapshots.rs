//! Snapshots.

use futures::future::BoxFuture;
use genesiscloud_bindings::types::{CloneSnapshotBody, CreateSnapshotBody, UpdateSnapshotBody};

use super::{known_by_its_fields, service};
use crate::create::{create_or_recover, creating};
use crate::list::{PageRequest, private};
use crate::{Client, List, OsType, Page, Pending, Region, Result, Snapshot, Waiter};

service! {
    /// The snapshots of an account: copies of boot disks, from which instances can be created.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let snapshots = client.snapshots();
    /// # }
    /// ```
    Snapshots
}

impl private::Listed for Snapshot {
    /// The id of the instance whose snapshots to list; all snapshots without.
    type Filter = Option<String>;

    fn fetch(client: Client, instance: Self::Filter, page: PageRequest) -> BoxFuture<'static, Result<Page<Self>>> {
        Box::pin(async move {
            let (call, answer) = match instance {
                None => {
                    let call = client.call("ListSnapshotsPaginated");
                    let (number, size) = page.query(&call)?;
                    let answer = call.raw.list_snapshots_paginated(number, size).await;
                    (call, answer)
                }
                Some(id) => {
                    let call = client.call("ListInstanceSnapshotsPaginated");
                    let (number, size) = page.query(&call)?;
                    let answer = call.raw.list_instance_snapshots_paginated(&id, number, size).await;
                    (call, answer)
                }
            };
            let list = call.finish(answer).await?;
            page.answer(&call, list.snapshots, (list.page, list.per_page, list.total_count))
        })
    }

    known_by_its_fields!();
}

impl Snapshots {
    /// All snapshots of the account. One request a page. Those of one instance:
    /// [`Instances::list_snapshots`](super::Instances::list_snapshots).
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// let all: Vec<_> = client.snapshots().list().try_collect().await?;
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<Snapshot> {
        List::new(&self.client, None)
    }

    /// One page of snapshots; pages count from 1 and hold 1 to 100 items. One request, none if a number is out of
    /// range.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let page = client.snapshots().list_page(2, 50).await?;
    /// # Ok(()) }
    /// ```
    pub fn list_page(&self, page: u32, per_page: u32) -> Pending<Page<Snapshot>> {
        self.list().per_page(per_page).page(page)
    }

    /// Imports a snapshot from a disk image that the service downloads. It can be used when its status is `created`. To
    /// take one of an instance: [`Instances::create_snapshot`](super::Instances::create_snapshot). One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::{CreateSnapshot, Region};
    ///
    /// let import = CreateSnapshot::new("golden", "https://example.com/golden.qcow2", Region::NordNoKrs1, 80);
    /// let snapshot = client.snapshots().create(import).await?;
    /// # Ok(()) }
    /// ```
    pub fn create(&self, snapshot: CreateSnapshot) -> Pending<Snapshot> {
        let call = self.client.call("CreateSnapshot");
        Pending::new(creating(self.client.clone(), snapshot.0.name.clone(), async move {
            let answer = call.raw.create_snapshot(&snapshot.0).await;
            Ok(call.finish(answer).await?.snapshot)
        }))
    }

    /// Creates one like [`create`](Self::create), and if the answer is lost, looks for what may have been made: of the
    /// same name and fields, not older than the request by the service's clock (but for 5 s; 30 s if no answer told its
    /// time), and not made by another create of this client. Exactly one is adopted. It is never created twice.
    ///
    /// One request; and after a lost answer up to 5 looks at the whole list, each [verified](List::verified), with pauses of
    /// half a minute in all. While another create of this name is under way, whose it may be, it goes on looking.
    ///
    /// Names need not be unique: if another program makes one of the same name and fields at the same time, nobody can tell
    /// them apart. Give each a name of its own.
    ///
    /// # Errors
    /// [`Ambiguous`](crate::ErrorKind::Ambiguous) if none was found, or several;
    /// [`Unconfirmed::found`](crate::Unconfirmed::found) names them.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateSnapshot) -> genesiscloud::Result<()> {
    /// let made = client.snapshots().create_or_recover(new).await?;
    /// # Ok(()) }
    /// ```
    pub fn create_or_recover(&self, snapshot: CreateSnapshot) -> Pending<Snapshot> {
        create_or_recover(&self.client, self.create(snapshot))
    }

    /// The snapshot as it is now. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let snapshot = client.snapshots().get("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn get(&self, id: impl AsRef<str>) -> Pending<Snapshot> {
        let call = self.client.call("GetSnapshot");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.get_snapshot(&id).await;
            Ok(call.finish(answer).await?.snapshot)
        })
    }

    /// Changes what is set in `change` and nothing else. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::UpdateSnapshot;
    ///
    /// let snapshot = client.snapshots().update("an-id", UpdateSnapshot::new().name("older")).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(&self, id: impl AsRef<str>, change: UpdateSnapshot) -> Pending<Snapshot> {
        let call = self.client.call("UpdateSnapshot");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.update_snapshot(&id, &change.0).await;
            Ok(call.finish(answer).await?.snapshot)
        })
    }

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
    pub fn clone_snapshot(&self, id: impl AsRef<str>, copy: CloneSnapshot) -> Pending<Snapshot> {
        let call = self.client.call("CloneSnapshot");
        let id = id.as_ref().to_owned();
        Pending::new(creating(self.client.clone(), copy.0.name.clone(), async move {
            let answer = call.raw.clone_snapshot(&id, &copy.0).await;
            Ok(call.finish(answer).await?.snapshot)
        }))
    }

    /// Waits for one: until it is `created` unless the [`Waiter`] is told something else. Looks at it every 2 s for 20 minutes
    /// at most; what that costs, and what ends it, [`Waiter`] says.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let ready = client.snapshots().wait("an-id").await?;
    /// client.snapshots().delete(&ready.id).await?;
    /// client.snapshots().wait(&ready.id).until_gone().await?;
    /// # Ok(()) }
    /// ```
    pub fn wait(&self, id: impl AsRef<str>) -> Waiter<Snapshot> {
        Waiter::new(&self.client, id.as_ref())
    }

    /// Deletes a snapshot. Refused as a conflict while it is in use. It is listed as `deleting` until it is gone. One
    /// request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.snapshots().delete("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn delete(&self, id: impl AsRef<str>) -> Pending<()> {
        let call = self.client.call("DeleteSnapshot");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.delete_snapshot(&id).await;
            call.finish(answer).await
        })
    }
}

/// What an imported snapshot is to be.
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
    /// A snapshot of `size` GiB, at least 1, in a region, from the disk image at a URL.
    pub fn new(name: impl Into<String>, url: impl Into<String>, region: Region, size: i64) -> Self {
        Self(CreateSnapshotBody { name: name.into(), url: url.into(), region, size, os_type: None })
    }

    /// The operating system on the image.
    pub fn os_type(mut self, os_type: OsType) -> Self {
        self.0.os_type = Some(os_type);
        self
    }
}

/// What is to change about a snapshot; what is not set stays as it is.
///
/// ```
/// use genesiscloud::UpdateSnapshot;
/// let change = UpdateSnapshot::new().name("older");
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UpdateSnapshot(pub(crate) UpdateSnapshotBody);

impl UpdateSnapshot {
    /// No change yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The new name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.name = Some(name.into());
        self
    }
}

/// What the copy of a snapshot is to be.
///
/// ```
/// use genesiscloud::{CloneSnapshot, Region};
/// let copy = CloneSnapshot::new("copy", Region::EucDeMuc1);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CloneSnapshot(pub(crate) CloneSnapshotBody);

impl CloneSnapshot {
    /// A copy with a name, in a region.
    pub fn new(name: impl Into<String>, region: Region) -> Self {
        Self(CloneSnapshotBody { name: name.into(), region })
    }
}
