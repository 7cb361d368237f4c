//! Instances.

mod requests;

use std::fmt;
use std::ops::Deref;

use genesiscloud_bindings::types::{
    InstanceUpdateSecurityGroupsAttach, InstanceUpdateSecurityGroupsDetach, InstanceUpdateVolumesAttach,
    InstanceUpdateVolumesDetach, PerformInstanceActionBody,
};
use serde_json::{Map, Value};

pub use self::requests::{CreateInstance, CreateInstanceSnapshot, UpdateInstance};
use super::{listed, service};
use crate::{Instance, InstanceAction, List, Page, Pending, Snapshot};

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
    pub fn list_page(&self, page: u32, per_page: u32) -> Pending<Page<Instance>> {
        self.list().per_page(per_page).page(page)
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
    pub fn create(&self, instance: CreateInstance) -> Pending<Instance> {
        let call = self.client.call("CreateInstance").hiding(instance.secrets());
        Pending::new(async move {
            let answer = call.raw.create_instance(&instance.0).await;
            Ok(call.finish(answer).await?.instance)
        })
    }

    /// The instance as it is now. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().get("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn get(&self, id: impl AsRef<str>) -> Pending<Instance> {
        let call = self.client.call("GetInstance");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.get_instance(&id).await;
            Ok(call.finish(answer).await?.instance)
        })
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
    pub fn update(&self, id: impl AsRef<str>, change: UpdateInstance) -> Pending<Instance> {
        let call = self.client.call("UpdateInstance");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.update_instance(&id, &change.0).await;
            Ok(call.finish(answer).await?.instance)
        })
    }

    /// Deletes a machine. Refused as a conflict while it is protected. It is listed as `deleting` until it is gone. One
    /// request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.instances().delete("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn delete(&self, id: impl AsRef<str>) -> Pending<()> {
        let call = self.client.call("DeleteInstance");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.delete_instance(&id).await;
            call.finish(answer).await
        })
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
    pub fn actions(&self, id: impl AsRef<str>) -> Pending<Vec<InstanceAction>> {
        let call = self.client.call("GetInstanceActions");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.get_instance_actions(&id).await;
            Ok(call.finish(answer).await?.actions)
        })
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
    pub fn perform(&self, id: impl AsRef<str>, action: InstanceAction) -> Pending<()> {
        let call = self.client.call("PerformInstanceAction");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.perform_instance_action(&id, &PerformInstanceActionBody { action }).await;
            call.finish(answer).await
        })
    }

    /// Starts a stopped machine: `stopped` → `starting` → `active`. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.instances().start("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn start(&self, id: impl AsRef<str>) -> Pending<()> {
        self.perform(id, InstanceAction::Start)
    }

    /// Stops a running machine: `active` → `stopping` → `stopped`. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.instances().stop("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn stop(&self, id: impl AsRef<str>) -> Pending<()> {
        self.perform(id, InstanceAction::Stop)
    }

    /// Resets a running machine: `active` → `resetting` → `active`. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.instances().reset("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn reset(&self, id: impl AsRef<str>) -> Pending<()> {
        self.perform(id, InstanceAction::Reset)
    }

    /// Attaches one volume and leaves the others. Attaching an attached one changes nothing. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().attach_volume("an-id", "a-volume").await?;
    /// # Ok(()) }
    /// ```
    pub fn attach_volume(&self, id: impl AsRef<str>, volume: impl AsRef<str>) -> Pending<Instance> {
        let attach = volume.as_ref().to_owned();
        self.update(id, UpdateInstance::volumes_change(InstanceUpdateVolumesAttach { attach }))
    }

    /// Detaches one volume and leaves the others. Detaching one that is not attached changes nothing. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().detach_volume("an-id", "a-volume").await?;
    /// # Ok(()) }
    /// ```
    pub fn detach_volume(&self, id: impl AsRef<str>, volume: impl AsRef<str>) -> Pending<Instance> {
        let detach = volume.as_ref().to_owned();
        self.update(id, UpdateInstance::volumes_change(InstanceUpdateVolumesDetach { detach }))
    }

    /// Attaches one security group and leaves the others. Attaching an attached one changes nothing. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().attach_security_group("an-id", "a-group").await?;
    /// # Ok(()) }
    /// ```
    pub fn attach_security_group(&self, id: impl AsRef<str>, group: impl AsRef<str>) -> Pending<Instance> {
        let attach = group.as_ref().to_owned();
        self.update(id, UpdateInstance::groups_change(InstanceUpdateSecurityGroupsAttach { attach }))
    }

    /// Detaches one security group and leaves the others. Detaching one that is not attached changes nothing. One
    /// request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().detach_security_group("an-id", "a-group").await?;
    /// # Ok(()) }
    /// ```
    pub fn detach_security_group(&self, id: impl AsRef<str>, group: impl AsRef<str>) -> Pending<Instance> {
        let detach = group.as_ref().to_owned();
        self.update(id, UpdateInstance::groups_change(InstanceUpdateSecurityGroupsDetach { detach }))
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
    pub fn list_snapshots_page(&self, id: impl AsRef<str>, page: u32, per_page: u32) -> Pending<Page<Snapshot>> {
        self.list_snapshots(id).per_page(per_page).page(page)
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
    pub fn create_snapshot(&self, id: impl AsRef<str>, snapshot: CreateInstanceSnapshot) -> Pending<Snapshot> {
        let call = self.client.call("CreateInstanceSnapshot");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.create_instance_snapshot(&id, &snapshot.0).await;
            Ok(call.finish(answer).await?.snapshot)
        })
    }

    /// What the instance was given as metadata when it was created. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let metadata = client.instances().user_metadata("an-id").await?;
    /// let script = metadata.get("startup_script");
    /// # Ok(()) }
    /// ```
    pub fn user_metadata(&self, id: impl AsRef<str>) -> Pending<UserMetadata> {
        let call = self.client.call("GetInstanceUserMetadata").confidential();
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.get_instance_user_metadata(&id).await;
            call.finish(answer).await.map(UserMetadata)
        })
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
