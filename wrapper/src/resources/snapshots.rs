//! Snapshots: copies of boot disks, from which instances can be created.

#[doc(inline)]
pub use genesiscloud_bindings::types::{OsType, Snapshot, SnapshotStatus};
use genesiscloud_bindings::{requests, types};

use super::as_data::WithSecrets;
use super::definitions::{listed_by_fields, operations, parameters, resource};
use crate::core::Core;
use crate::list::{PageRequest, ReceivedPage, private::Listable};
use crate::resource::{CreateOf, create_of};
use crate::{Call, Region};

resource! {
    /// The snapshots of an account: copies of boot disks, from which instances can be created.
    Snapshots of Snapshot ("snapshot", "snapshots"), client.snapshots();

    pub fn list, list_page;
    pub fn get = requests::get_snapshot(raw, id) in SingleSnapshotResponse.snapshot;

    /// Creates a snapshot from a disk image that the service downloads. It can be used when its status is `created`.
    /// [`Instances::create_snapshot`](super::Instances::create_snapshot) creates one of an instance.
    pub fn create, create_or_recover(CreateSnapshot) = requests::create_snapshot(raw, new);
    example(CreateSnapshot, Region; let url = "https://example.com/golden.qcow2"):
        CreateSnapshot::new("golden", url, Region::NordNoKrs1, 80);

    pub fn update(UpdateSnapshot) = requests::update_snapshot(raw, id, change);
    example(UpdateSnapshot): UpdateSnapshot::new().name("older");

    /// Deletes a snapshot. Fails with a conflict while it is in use. Its status is `deleting` until it is gone.
    pub fn delete, delete_if_exists = requests::delete_snapshot(raw, id);

    pub fn wait, watch until "created" = SnapshotStatus { Created => Ready, PendingDelete | Deleting => Deleting, Error => Failed };

    identified by ["name", "os_type", "region", "size"];
    secrets = CreateSnapshot::secrets;
}

impl Listable for Snapshot {
    /// The id of the instance whose snapshots are listed; all snapshots if there is none.
    type Filter = Option<String>;

    #[inline]
    fn fetch(core: &Core, instance: &Self::Filter, page: PageRequest) -> Call<ReceivedPage<Self>> {
        let operation = |raw: &_, number, size| match instance {
            None => requests::list_snapshots_paginated(raw, number, size),
            Some(id) => requests::list_instance_snapshots_paginated(raw, id, number, size),
        };
        page.fetch(core, operation, "snapshots", |l| (l.snapshots, l.page, l.per_page, l.total_count))
    }

    listed_by_fields!();
}

operations! { impl Snapshots {
    /// Copies a snapshot into a region, its own or another. The copy can be used when its status is `created`. One
    /// request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::{CloneSnapshot, Region};
    ///
    /// let new = CloneSnapshot::new("copy", Region::EucDeMuc1);
    /// let copy = client.snapshots().clone_snapshot("an-id", new).await?;
    /// # Ok(()) }
    /// ```
    pub fn clone_snapshot(&self, id: impl AsRef<str>, copy: CloneSnapshot) -> Call<Snapshot> {
        self.clone_or_recover(id.as_ref(), copy, false)
    }

    /// Copies a snapshot like [`clone_snapshot`](Self::clone_snapshot). If the response is lost, searches for the result as
    /// [`create_or_recover`](Self::create_or_recover) does: a snapshot with the same name, region and `source_snapshot_id`. The
    /// request is never sent twice. Use unique names.
    ///
    /// One request. After a lost response, up to 7 [verified](crate::List::verified) readings of the list.
    ///
    /// # Errors
    /// [`Ambiguous`](crate::ErrorKind::Ambiguous) if none was found, or several;
    /// [`Unconfirmed::candidates`](crate::Unconfirmed::candidates) has their ids.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::{CloneSnapshot, Region};
    ///
    /// let new = CloneSnapshot::new("copy-of-friday", Region::EucDeMuc1);
    /// let copy = client.snapshots().clone_snapshot_or_recover("an-id", new).await?;
    /// # Ok(()) }
    /// ```
    pub fn clone_snapshot_or_recover(&self, id: impl AsRef<str>, copy: CloneSnapshot) -> Call<Snapshot> {
        self.clone_or_recover(id.as_ref(), copy, true)
    }
} }

impl Snapshots {
    #[inline]
    fn clone_or_recover(&self, id: &str, copy: CloneSnapshot, is_recoverable: bool) -> Call<Snapshot> {
        let prepared = requests::clone_snapshot(self.core.raw(), id, &copy.0);
        create_of(
            &self.core,
            CreateOf { name: copy.0.name, source: ("source_snapshot_id", id), is_recoverable },
            prepared,
        )
    }
}

parameters! {
    ///
    /// An address can hold credentials: a signature in its query, or a user name and a password. `Debug` does not show it, and
    /// no error shows these parts.
    pub struct CreateSnapshot(types::CreateSnapshotBody) for "creating a snapshot from a disk image";
    example(CreateSnapshot, OsType, Region; let url = "https://example.com/golden.qcow2"):
        CreateSnapshot::new("golden", url, Region::NordNoKrs1, 80), .os_type(OsType::Linux);
    secret ["url"];

    /// Returns parameters for a snapshot of `size` GiB, at least 1, in a region, from the disk image at a URL.
    pub fn new(name: impl Into<String>, url: impl Into<String>, region: Region, size: i64) =
        types::CreateSnapshotBody { name: name.into(), url: url.into().into(), region, size, os_type: None };

    /// Sets the region, in place of the one that it was made with: such as that of an [`Offer`](crate::Offer) or an instance.
    pub fn region(mut self, region: Region) -> Self {
        self.0.region = region;
        self
    }

    /// Sets the operating system on the image.
    pub fn os_type(os_type: OsType) = self.0.os_type;
}

impl CreateSnapshot {
    /// Returns these parameters as they are serialised with the address, which `Serialize` leaves out.
    ///
    /// ```
    /// use genesiscloud::{CreateSnapshot, Region, serde_json};
    ///
    /// let new = CreateSnapshot::new("golden", "https://example.com/a?signature=b", Region::NordNoKrs1, 80);
    /// assert_eq!(serde_json::to_value(&new)?.get("url"), None);
    /// assert_eq!(serde_json::to_value(new.with_secrets())?["url"], "https://example.com/a?signature=b");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn with_secrets(&self) -> WithSecrets<'_, Self> {
        WithSecrets(self)
    }

    /// The parts of the address that can hold credentials: what is before the host, the password alone, and all after the path.
    fn secrets(&self) -> Vec<&str> {
        let url = self.0.url.expose();
        let (address, query) = url.split_once(['?', '#']).unwrap_or((url, ""));
        let authority =
            address.split_once("://").map_or(address, |(_, rest)| rest).split('/').next().unwrap_or_default();
        let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
        let password = user.split_once(':').map_or("", |(_, password)| password);
        vec![query, user, password]
    }
}

parameters! {
    pub struct UpdateSnapshot(types::UpdateSnapshotBody): Default for "updating a snapshot";
    example(UpdateSnapshot): UpdateSnapshot::new().name("older");

    /// Sets the name.
    pub fn name(name: impl Into<String>) = self.0.name;
}

parameters! {
    pub struct CloneSnapshot(types::CloneSnapshotBody) for "copying a snapshot";
    example(CloneSnapshot, Region): CloneSnapshot::new("copy", Region::EucDeMuc1);

    /// Returns parameters for a copy with a name, in a region.
    pub fn new(name: impl Into<String>, region: Region) = types::CloneSnapshotBody { name: name.into(), region };

    /// Sets the region, in place of the one that it was made with: such as that of an [`Offer`](crate::Offer) or an instance.
    pub fn region(mut self, region: Region) -> Self {
        self.0.region = region;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_an_address_are_secrets() {
        for (url, secrets) in [
            ("https://x.example/a.qcow2", ["", "", ""]),
            ("https://x.example/a?X-Amz-Signature=abc&b=c#d", ["X-Amz-Signature=abc&b=c#d", "", ""]),
            ("https://bot:p@ss@x.example/a", ["", "bot:p@ss", "p@ss"]),
            ("https://x.example/a@b:c", ["", "", ""]),
            ("bot:pass@x.example", ["", "bot:pass", "pass"]),
            ("https://x.example#sig=abc", ["sig=abc", "", ""]),
        ] {
            let new = CreateSnapshot::new("a", url, Region::NordNoKrs1, 80);
            assert_eq!(new.secrets(), secrets, "{url}");
            assert!(format!("{new:?}").contains("url: <redacted>"), "{new:?}");
        }
    }
}
