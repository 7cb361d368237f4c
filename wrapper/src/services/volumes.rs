//! Volumes.

use genesiscloud_bindings::types::{CreateVolumeBody, UpdateVolumeBody};

use super::{listed, service};
use crate::create::{create_or_recover, creating};
use crate::{List, Page, Pending, Region, Volume, VolumeType, Waiter};

service! {
    /// The volumes of an account: disks of their own life that can be attached to instances.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let volumes = client.volumes();
    /// # }
    /// ```
    Volumes
}

listed!(Volume, "ListVolumesPaginated", list_volumes_paginated, volumes);

impl Volumes {
    /// All volumes of the account. One request a page.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// let all: Vec<_> = client.volumes().list().try_collect().await?;
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<Volume> {
        List::new(&self.client, ())
    }

    /// One page of volumes; pages count from 1 and hold 1 to 100 items. One request, none if a number is out of range.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let page = client.volumes().list_page(2, 50).await?;
    /// # Ok(()) }
    /// ```
    pub fn list_page(&self, page: u32, per_page: u32) -> Pending<Page<Volume>> {
        self.list().per_page(per_page).page(page)
    }

    /// Creates a volume, which is billed from then on. It can be attached when its status is `created`. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::{CreateVolume, Region};
    ///
    /// let disk = client.volumes().create(CreateVolume::new("data", Region::NordNoKrs1, 50)).await?;
    /// # Ok(()) }
    /// ```
    pub fn create(&self, volume: CreateVolume) -> Pending<Volume> {
        let call = self.client.call("CreateVolume");
        Pending::new(creating(self.client.clone(), volume.0.name.clone(), async move {
            let answer = call.raw.create_volume(&volume.0).await;
            Ok(call.finish(answer).await?.volume)
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
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateVolume) -> genesiscloud::Result<()> {
    /// let made = client.volumes().create_or_recover(new).await?;
    /// # Ok(()) }
    /// ```
    pub fn create_or_recover(&self, volume: CreateVolume) -> Pending<Volume> {
        create_or_recover(&self.client, self.create(volume))
    }

    /// The volume as it is now. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let volume = client.volumes().get("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn get(&self, id: impl AsRef<str>) -> Pending<Volume> {
        let call = self.client.call("GetVolume");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.get_volume(&id).await;
            Ok(call.finish(answer).await?.volume)
        })
    }

    /// Changes what is set in `change` and nothing else. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::UpdateVolume;
    ///
    /// let disk = client.volumes().update("an-id", UpdateVolume::new().size(100)).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(&self, id: impl AsRef<str>, change: UpdateVolume) -> Pending<Volume> {
        let call = self.client.call("UpdateVolume");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.update_volume(&id, &change.0).await;
            Ok(call.finish(answer).await?.volume)
        })
    }

    /// Waits for one: until it is `created` unless the [`Waiter`] is told something else. Looks at it every 2 s for 20 minutes
    /// at most; what that costs, and what ends it, [`Waiter`] says.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let ready = client.volumes().wait("an-id").await?;
    /// client.volumes().delete(&ready.id).await?;
    /// client.volumes().wait(&ready.id).until_gone().await?;
    /// # Ok(()) }
    /// ```
    pub fn wait(&self, id: impl AsRef<str>) -> Waiter<Volume> {
        Waiter::new(&self.client, id.as_ref())
    }

    /// Deletes a volume and the data on it. Refused as a conflict while it is attached. It is listed as `deleting`
    /// until it is gone. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.volumes().delete("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn delete(&self, id: impl AsRef<str>) -> Pending<()> {
        let call = self.client.call("DeleteVolume");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.delete_volume(&id).await;
            call.finish(answer).await
        })
    }
}

/// What a new volume is to be.
///
/// ```
/// use genesiscloud::{CreateVolume, Region};
/// let new = CreateVolume::new("data", Region::NordNoKrs1, 50);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CreateVolume(pub(crate) CreateVolumeBody);

impl CreateVolume {
    /// A volume of `size` GiB, at least 1, in a region.
    pub fn new(name: impl Into<String>, region: Region, size: i64) -> Self {
        Self(CreateVolumeBody { name: name.into(), region, size, description: None, type_: None })
    }

    /// Free text. The provider's documentation calls it required, its document optional.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(description.into());
        self
    }

    /// Kind of disk. The service takes `hdd` unless told otherwise; `ssd` is documented for
    /// [`Region::NordNoKrs1`] only.
    pub fn volume_type(mut self, volume_type: VolumeType) -> Self {
        self.0.type_ = Some(volume_type);
        self
    }
}

/// What is to change about a volume; what is not set stays as it is.
///
/// ```
/// use genesiscloud::UpdateVolume;
/// let change = UpdateVolume::new().size(100);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UpdateVolume(pub(crate) UpdateVolumeBody);

impl UpdateVolume {
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

    /// The new size in GiB; a volume can grow, not shrink.
    pub fn size(mut self, size: i64) -> Self {
        self.0.size = Some(size);
        self
    }
}
