//! Instances.

use std::fmt;
use std::ops::Deref;

use genesiscloud_bindings::types::{
    CreateInstanceBody, CreateInstanceSnapshotBody, InstanceUpdateSecurityGroups as SecurityGroupsChange,
    InstanceUpdateSecurityGroupsAttach, InstanceUpdateSecurityGroupsDetach, InstanceUpdateSecurityGroupsList,
    InstanceUpdateVolumes as VolumesChange, InstanceUpdateVolumesAttach, InstanceUpdateVolumesDetach,
    InstanceUpdateVolumesList, InstanceUserData, PerformInstanceActionBody, UpdateInstanceBody,
};
use serde_json::{Map, Value};

use super::{ids, listed, service};
use crate::{Instance, InstanceAction, InstanceBillingType, List, Page, Region, Result, Snapshot, UserDataPart};

service! {
    /// The instances of an account: machines.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let instances = client.instances();
    /// # }
    /// ```
    Instances
}

listed!(Instance, "ListInstancesPaginated", list_instances_paginated, instances);

impl Instances {
    /// All instances of the account. One request a page.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// let mut all = client.instances().list().per_page(100);
    /// while let Some(instance) = all.try_next().await? {
    ///     println!("{} is {}", instance.name, instance.status);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<Instance> {
        List::new(&self.client, ())
    }

    /// One page of instances; pages count from 1 and hold 1 to 100 items. One request, none if a number is out of
    /// range.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let page = client.instances().list_page(2, 50).await?;
    /// # Ok(()) }
    /// ```
    pub async fn list_page(&self, page: u32, per_page: u32) -> Result<Page<Instance>> {
        super::page(&self.client, (), page, per_page).await
    }

    /// Creates a machine, which is billed from then on. It is up when its status is `active`. One request.
    ///
    /// Unless the error [is retryable](crate::Error::is_retryable), do not send the same create again without looking:
    /// after a timeout the machine may exist.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::{CreateInstance, Region};
    ///
    /// let trainer = CreateInstance::new(
    ///     "trainer", "vcpu-4_memory-12g_disk-80g_nvidia3080-1", "ubuntu-24.04", Region::NordNoKrs1,
    /// );
    /// let vm = client.instances().create(trainer.ssh_keys(["a-key"])).await?;
    /// # Ok(()) }
    /// ```
    pub async fn create(&self, instance: CreateInstance) -> Result<Instance> {
        let call = self.client.call("CreateInstance");
        let answer = call.raw.create_instance(&instance.0).await;
        Ok(call.finish(answer).await?.instance)
    }

    /// The instance as it is now. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().get("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: impl AsRef<str>) -> Result<Instance> {
        let call = self.client.call("GetInstance");
        let answer = call.raw.get_instance(id.as_ref()).await;
        Ok(call.finish(answer).await?.instance)
    }

    /// Changes what is set in `change` and nothing else. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::UpdateInstance;
    ///
    /// let vm = client.instances().update("an-id", UpdateInstance::new().name("t2").is_protected(true)).await?;
    /// # Ok(()) }
    /// ```
    pub async fn update(&self, id: impl AsRef<str>, change: UpdateInstance) -> Result<Instance> {
        let call = self.client.call("UpdateInstance");
        let answer = call.raw.update_instance(id.as_ref(), &change.0).await;
        Ok(call.finish(answer).await?.instance)
    }

    /// Deletes a machine. Refused as a conflict while it is protected. It is listed as `deleting` until it is gone. One
    /// request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.instances().delete("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub async fn delete(&self, id: impl AsRef<str>) -> Result<()> {
        let call = self.client.call("DeleteInstance");
        let answer = call.raw.delete_instance(id.as_ref()).await;
        call.finish(answer).await
    }

    /// Which actions the instance's present status allows. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::InstanceAction;
    ///
    /// let can_stop = client.instances().actions("an-id").await?.contains(&InstanceAction::Stop);
    /// # Ok(()) }
    /// ```
    pub async fn actions(&self, id: impl AsRef<str>) -> Result<Vec<InstanceAction>> {
        let call = self.client.call("GetInstanceActions");
        let answer = call.raw.get_instance_actions(id.as_ref()).await;
        Ok(call.finish(answer).await?.actions)
    }

    /// Tells the instance to do something; the answer comes before it is done. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::InstanceAction;
    ///
    /// client.instances().perform("an-id", InstanceAction::Reset).await?;
    /// # Ok(()) }
    /// ```
    pub async fn perform(&self, id: impl AsRef<str>, action: InstanceAction) -> Result<()> {
        let call = self.client.call("PerformInstanceAction");
        let answer = call.raw.perform_instance_action(id.as_ref(), &PerformInstanceActionBody { action }).await;
        call.finish(answer).await
    }

    /// Starts a stopped machine: `stopped` → `starting` → `active`. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.instances().start("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub async fn start(&self, id: impl AsRef<str>) -> Result<()> {
        self.perform(id, InstanceAction::Start).await
    }

    /// Stops a running machine: `active` → `stopping` → `stopped`. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.instances().stop("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub async fn stop(&self, id: impl AsRef<str>) -> Result<()> {
        self.perform(id, InstanceAction::Stop).await
    }

    /// Resets a running machine: `active` → `resetting` → `active`. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.instances().reset("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub async fn reset(&self, id: impl AsRef<str>) -> Result<()> {
        self.perform(id, InstanceAction::Reset).await
    }

    /// Attaches one volume and leaves the others. Attaching an attached one changes nothing. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().attach_volume("an-id", "a-volume").await?;
    /// # Ok(()) }
    /// ```
    pub async fn attach_volume(&self, id: impl AsRef<str>, volume: impl AsRef<str>) -> Result<Instance> {
        let attach = volume.as_ref().to_owned();
        self.update(id, UpdateInstance::volumes_change(InstanceUpdateVolumesAttach { attach })).await
    }

    /// Detaches one volume and leaves the others. Detaching one that is not attached changes nothing. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().detach_volume("an-id", "a-volume").await?;
    /// # Ok(()) }
    /// ```
    pub async fn detach_volume(&self, id: impl AsRef<str>, volume: impl AsRef<str>) -> Result<Instance> {
        let detach = volume.as_ref().to_owned();
        self.update(id, UpdateInstance::volumes_change(InstanceUpdateVolumesDetach { detach })).await
    }

    /// Attaches one security group and leaves the others. Attaching an attached one changes nothing. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().attach_security_group("an-id", "a-group").await?;
    /// # Ok(()) }
    /// ```
    pub async fn attach_security_group(&self, id: impl AsRef<str>, group: impl AsRef<str>) -> Result<Instance> {
        let attach = group.as_ref().to_owned();
        self.update(id, UpdateInstance::groups_change(InstanceUpdateSecurityGroupsAttach { attach })).await
    }

    /// Detaches one security group and leaves the others. Detaching one that is not attached changes nothing. One
    /// request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().detach_security_group("an-id", "a-group").await?;
    /// # Ok(()) }
    /// ```
    pub async fn detach_security_group(&self, id: impl AsRef<str>, group: impl AsRef<str>) -> Result<Instance> {
        let detach = group.as_ref().to_owned();
        self.update(id, UpdateInstance::groups_change(InstanceUpdateSecurityGroupsDetach { detach })).await
    }

    /// All snapshots taken of an instance. One request a page.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// let all: Vec<_> = client.instances().list_snapshots("an-id").try_collect().await?;
    /// # Ok(()) }
    /// ```
    pub fn list_snapshots(&self, id: impl AsRef<str>) -> List<Snapshot> {
        List::new(&self.client, Some(id.as_ref().to_owned()))
    }

    /// One page of the snapshots of an instance; pages count from 1 and hold 1 to 100 items. One request, none if a
    /// number is out of range.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let page = client.instances().list_snapshots_page("an-id", 1, 10).await?;
    /// # Ok(()) }
    /// ```
    pub async fn list_snapshots_page(&self, id: impl AsRef<str>, page: u32, per_page: u32) -> Result<Page<Snapshot>> {
        super::page(&self.client, Some(id.as_ref().to_owned()), page, per_page).await
    }

    /// Takes a snapshot of an `active` instance. It can be used when its status is `created`. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::CreateInstanceSnapshot;
    ///
    /// let snapshot = client.instances().create_snapshot("an-id", CreateInstanceSnapshot::new("friday")).await?;
    /// # Ok(()) }
    /// ```
    pub async fn create_snapshot(&self, id: impl AsRef<str>, snapshot: CreateInstanceSnapshot) -> Result<Snapshot> {
        let call = self.client.call("CreateInstanceSnapshot");
        let answer = call.raw.create_instance_snapshot(id.as_ref(), &snapshot.0).await;
        Ok(call.finish(answer).await?.snapshot)
    }

    /// What the instance was given as metadata when it was created. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let metadata = client.instances().user_metadata("an-id").await?;
    /// let script = metadata.get("startup_script");
    /// # Ok(()) }
    /// ```
    pub async fn user_metadata(&self, id: impl AsRef<str>) -> Result<UserMetadata> {
        let call = self.client.call("GetInstanceUserMetadata");
        let answer = call.raw.get_instance_user_metadata(id.as_ref()).await;
        call.finish(answer).await.map(UserMetadata)
    }
}

/// What an instance was given as metadata: a JSON object of no fixed form. It can hold secrets, so its debug output
/// shows the names and not the values.
#[derive(Clone, PartialEq)]
pub struct UserMetadata(Map<String, Value>);

impl UserMetadata {
    /// The object itself.
    pub fn into_inner(self) -> Map<String, Value> {
        self.0
    }
}

impl Deref for UserMetadata {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl fmt::Debug for UserMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.keys().map(|name| (name, format_args!("<redacted>")))).finish()
    }
}

/// What a new instance is to be.
///
/// Needs exactly one of [`ssh_keys`](Self::ssh_keys) and [`password`](Self::password), which the API checks. Debug
/// output shows no password, startup script or user data.
///
/// ```
/// use genesiscloud::{CreateInstance, Region};
///
/// let new = CreateInstance::new("trainer", "vcpu-4_memory-12g_disk-80g_nvidia3080-1", "ubuntu-24.04", Region::NordNoKrs1)
///     .ssh_keys(["a-key"])
///     .startup_script("#!/bin/sh\ntouch /hello\n")
///     .is_protected(true);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CreateInstance(pub(crate) CreateInstanceBody);

impl CreateInstance {
    /// A machine of an instance type, such as `vcpu-4_memory-12g_disk-80g_nvidia3080-1`, in a region.
    ///
    /// `image` is the id of an image, its slug (`ubuntu-24.04`), `slug:version`, or the id of a snapshot. The API wants
    /// a host name as well; it is the name unless [`hostname`](Self::hostname) sets another.
    pub fn new(
        name: impl Into<String>,
        instance_type: impl Into<String>,
        image: impl Into<String>,
        region: Region,
    ) -> Self {
        let name = name.into();
        Self(CreateInstanceBody {
            hostname: name.clone(),
            name,
            type_: instance_type.into(),
            image: image.into(),
            region,
            billing_type: None,
            destroy_on_shutdown: None,
            disk_size: None,
            floating_ip: None,
            is_protected: None,
            metadata: None,
            password: None,
            placement_option: None,
            public_ipv6: None,
            reservation_id: None,
            reuse_long_term_subscription: None,
            security_groups: None,
            ssh_keys: None,
            volumes: None,
        })
    }

    /// The host name inside the machine.
    pub fn hostname(mut self, hostname: impl Into<String>) -> Self {
        self.0.hostname = hostname.into();
        self
    }

    /// Ids of the SSH keys that may log in.
    pub fn ssh_keys<I: IntoIterator<Item: AsRef<str>>>(mut self, keys: I) -> Self {
        self.0.ssh_keys = Some(ids(keys));
        self
    }

    /// The password to log in with: 8 to 72 characters with upper case, lower case and digits.
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.0.password = Some(password.into().into());
        self
    }

    /// Ids of the security groups, in the instance's region.
    pub fn security_groups<I: IntoIterator<Item: AsRef<str>>>(mut self, groups: I) -> Self {
        self.0.security_groups = Some(ids(groups));
        self
    }

    /// Ids of the volumes to attach, in the instance's region.
    pub fn volumes<I: IntoIterator<Item: AsRef<str>>>(mut self, volumes: I) -> Self {
        self.0.volumes = Some(ids(volumes));
        self
    }

    /// Id of the floating IP to give to the machine, which can be done only now.
    pub fn floating_ip(mut self, id: impl AsRef<str>) -> Self {
        self.0.floating_ip = Some(id.as_ref().to_owned());
        self
    }

    /// Whether deletion is refused until this is changed to false.
    pub fn is_protected(mut self, protected: bool) -> Self {
        self.0.is_protected = Some(protected);
        self
    }

    /// Whether the machine gets a public IPv6 address.
    pub fn public_ipv6(mut self, wanted: bool) -> Self {
        self.0.public_ipv6 = Some(wanted);
        self
    }

    /// Whether shutting the machine down destroys it.
    pub fn destroy_on_shutdown(mut self, destroy: bool) -> Self {
        self.0.destroy_on_shutdown = Some(destroy);
        self
    }

    /// A script to run when the machine starts, up to 64 KiB.
    pub fn startup_script(mut self, script: impl Into<String>) -> Self {
        self.0.metadata.get_or_insert_default().startup_script = Some(script.into().into());
        self
    }

    /// The parts of cloud-init user data.
    ///
    /// ```
    /// use genesiscloud::{CreateInstance, Region, UserDataPart};
    ///
    /// let new = CreateInstance::new("web", "vcpu-2_memory-4g_disk-80g", "ubuntu-24.04", Region::NordNoKrs1)
    ///     .user_data([UserDataPart::new("text/cloud-config", "packages: [htop]")]);
    /// assert!(!format!("{new:?}").contains("htop"));
    /// ```
    pub fn user_data(mut self, parts: impl IntoIterator<Item = UserDataPart>) -> Self {
        self.0.metadata.get_or_insert_default().user_data = Some(InstanceUserData(parts.into_iter().collect()));
        self
    }

    /// How the machine is paid for.
    pub fn billing_type(mut self, billing: InstanceBillingType) -> Self {
        self.0.billing_type = Some(billing);
        self
    }

    /// Id of a long-term subscription to go on using.
    pub fn reuse_long_term_subscription(mut self, id: impl AsRef<str>) -> Self {
        self.0.reuse_long_term_subscription = Some(id.as_ref().to_owned());
        self
    }

    /// Id of the reservation to draw on; goes with [`InstanceBillingType::Reserved`].
    pub fn reservation_id(mut self, id: impl AsRef<str>) -> Self {
        self.0.reservation_id = Some(id.as_ref().to_owned());
        self
    }

    /// Where in the region to place the machine. The service takes `AUTO` unless told otherwise.
    pub fn placement_option(mut self, option: impl Into<String>) -> Self {
        self.0.placement_option = Some(option.into());
        self
    }

    /// The size of the boot disk in GiB, at least 80.
    pub fn disk_size(mut self, gib: i64) -> Self {
        self.0.disk_size = Some(gib);
        self
    }
}

/// What is to change about an instance; what is not set stays as it is.
///
/// ```
/// use genesiscloud::UpdateInstance;
/// let change = UpdateInstance::new().name("t2").volumes(["a-volume"]);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UpdateInstance(pub(crate) UpdateInstanceBody);

impl UpdateInstance {
    /// No change yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The new name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.name = Some(name.into());
        self
    }

    /// Whether deletion is refused.
    pub fn is_protected(mut self, protected: bool) -> Self {
        self.0.is_protected = Some(protected);
        self
    }

    /// The new size of the boot disk in GiB; it can grow, not shrink.
    pub fn disk_size(mut self, gib: i64) -> Self {
        self.0.disk_size = Some(gib);
        self
    }

    /// Id of the reservation to draw on.
    pub fn reservation_id(mut self, id: impl AsRef<str>) -> Self {
        self.0.reservation_id = Some(id.as_ref().to_owned());
        self
    }

    /// All security groups from now on, instead of the present ones. For one:
    /// [`Instances::attach_security_group`].
    pub fn security_groups<I: IntoIterator<Item: AsRef<str>>>(mut self, groups: I) -> Self {
        self.0.security_groups = Some(SecurityGroupsChange::List(InstanceUpdateSecurityGroupsList(ids(groups))));
        self
    }

    /// All volumes from now on, instead of the present ones. For one: [`Instances::attach_volume`].
    ///
    /// ```
    /// use genesiscloud::UpdateInstance;
    /// let detach_all = UpdateInstance::new().volumes([""; 0]);
    /// ```
    pub fn volumes<I: IntoIterator<Item: AsRef<str>>>(mut self, volumes: I) -> Self {
        self.0.volumes = Some(VolumesChange::List(InstanceUpdateVolumesList(ids(volumes))));
        self
    }

    fn volumes_change(change: impl Into<VolumesChange>) -> Self {
        Self(UpdateInstanceBody { volumes: Some(change.into()), ..Default::default() })
    }

    fn groups_change(change: impl Into<SecurityGroupsChange>) -> Self {
        Self(UpdateInstanceBody { security_groups: Some(change.into()), ..Default::default() })
    }
}

/// What a snapshot of an instance is to be.
///
/// ```
/// use genesiscloud::{CreateInstanceSnapshot, Region};
/// let new = CreateInstanceSnapshot::new("friday").replicated_region(Region::EucDeMuc1);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CreateInstanceSnapshot(pub(crate) CreateInstanceSnapshotBody);

impl CreateInstanceSnapshot {
    /// A snapshot with a name, in the instance's region.
    pub fn new(name: impl Into<String>) -> Self {
        Self(CreateInstanceSnapshotBody { name: name.into(), replicated_region: None })
    }

    /// A region to copy the snapshot to as well.
    pub fn replicated_region(mut self, region: Region) -> Self {
        self.0.replicated_region = Some(region);
        self
    }
}
