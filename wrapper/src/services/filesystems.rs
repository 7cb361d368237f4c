//! Filesystems.

use genesiscloud_bindings::types::{CreateFilesystemBody, UpdateFilesystemBody};

use super::{listed, service};
use crate::create::{create_or_recover, creating};
use crate::{Filesystem, FilesystemType, List, Page, Pending, Region, Waiter};

service! {
    /// The filesystems of an account: network filesystems that many instances can mount.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let filesystems = client.filesystems();
    /// # }
    /// ```
    Filesystems
}

listed!(Filesystem, "ListFilesystemsPaginated", list_filesystems_paginated, filesystems);

impl Filesystems {
    /// All filesystems of the account. One request a page.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// let all: Vec<_> = client.filesystems().list().try_collect().await?;
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<Filesystem> {
        List::new(&self.client, ())
    }

    /// One page of filesystems; pages count from 1 and hold 1 to 100 items. One request, none if a number is out of
    /// range.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let page = client.filesystems().list_page(2, 50).await?;
    /// # Ok(()) }
    /// ```
    pub fn list_page(&self, page: u32, per_page: u32) -> Pending<Page<Filesystem>> {
        self.list().per_page(per_page).page(page)
    }

    /// Creates a filesystem, which is billed from then on. It can be mounted when its status is `created`. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::{CreateFilesystem, Region};
    ///
    /// let files = client.filesystems().create(CreateFilesystem::new("data", Region::NordNoKrs1, 500)).await?;
    /// # Ok(()) }
    /// ```
    pub fn create(&self, filesystem: CreateFilesystem) -> Pending<Filesystem> {
        let call = self.client.call("CreateFilesystem");
        Pending::new(creating(self.client.clone(), filesystem.0.name.clone(), async move {
            let answer = call.raw.create_filesystem(&filesystem.0).await;
            Ok(call.finish(answer).await?.filesystem)
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
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateFilesystem) -> genesiscloud::Result<()> {
    /// let made = client.filesystems().create_or_recover(new).await?;
    /// # Ok(()) }
    /// ```
    pub fn create_or_recover(&self, filesystem: CreateFilesystem) -> Pending<Filesystem> {
        create_or_recover(&self.client, self.create(filesystem))
    }

    /// The filesystem as it is now. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let filesystem = client.filesystems().get("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn get(&self, id: impl AsRef<str>) -> Pending<Filesystem> {
        let call = self.client.call("GetFilesystem");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.get_filesystem(&id).await;
            Ok(call.finish(answer).await?.filesystem)
        })
    }

    /// Changes what is set in `change` and nothing else. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::UpdateFilesystem;
    ///
    /// let files = client.filesystems().update("an-id", UpdateFilesystem::new().size(1000)).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(&self, id: impl AsRef<str>, change: UpdateFilesystem) -> Pending<Filesystem> {
        let call = self.client.call("UpdateFilesystem");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.update_filesystem(&id, &change.0).await;
            Ok(call.finish(answer).await?.filesystem)
        })
    }

    /// Waits for one: until it is `created` unless the [`Waiter`] is told something else. Looks at it every 2 s for 20 minutes
    /// at most; what that costs, and what ends it, [`Waiter`] says.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let ready = client.filesystems().wait("an-id").await?;
    /// client.filesystems().delete(&ready.id).await?;
    /// client.filesystems().wait(&ready.id).until_gone().await?;
    /// # Ok(()) }
    /// ```
    pub fn wait(&self, id: impl AsRef<str>) -> Waiter<Filesystem> {
        Waiter::new(&self.client, id.as_ref())
    }

    /// Deletes a filesystem and the data on it. It is listed as `deleting` until it is gone. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.filesystems().delete("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn delete(&self, id: impl AsRef<str>) -> Pending<()> {
        let call = self.client.call("DeleteFilesystem");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.delete_filesystem(&id).await;
            call.finish(answer).await
        })
    }
}

/// What a new filesystem is to be.
///
/// ```
/// use genesiscloud::{CreateFilesystem, Region};
/// let new = CreateFilesystem::new("data", Region::NordNoKrs1, 500);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CreateFilesystem(pub(crate) CreateFilesystemBody);

impl CreateFilesystem {
    /// A filesystem of `size` GiB, at least 1, in a region.
    pub fn new(name: impl Into<String>, region: Region, size: i64) -> Self {
        Self(CreateFilesystemBody { name: name.into(), region, size, description: None, type_: None })
    }

    /// Free text.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(description.into());
        self
    }

    /// Kind of filesystem.
    pub fn filesystem_type(mut self, filesystem_type: FilesystemType) -> Self {
        self.0.type_ = Some(filesystem_type);
        self
    }
}

/// What is to change about a filesystem; what is not set stays as it is.
///
/// ```
/// use genesiscloud::UpdateFilesystem;
/// let change = UpdateFilesystem::new().size(1000);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UpdateFilesystem(pub(crate) UpdateFilesystemBody);

impl UpdateFilesystem {
    /// No change yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The new name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.name = Some(name.into());
        self
    }

    /// The new description.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(description.into());
        self
    }

    /// The new size in GiB; a filesystem can grow, not shrink.
    pub fn size(mut self, size: i64) -> Self {
        self.0.size = Some(size);
        self
    }
}
