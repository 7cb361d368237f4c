//! Instances.

mod requests;

use std::fmt;
use std::ops::Deref;

use futures::future::BoxFuture;
use genesiscloud_bindings::types::{
    InstanceUpdateSecurityGroupsAttach, InstanceUpdateSecurityGroupsDetach, InstanceUpdateVolumesAttach,
    InstanceUpdateVolumesDetach, PerformInstanceActionBody,
};
use serde_json::{Map, Value};

pub use self::requests::{CreateInstance, CreateInstanceSnapshot, UpdateInstance};
use super::{listed, service};
use crate::create::{create_first_available, create_or_recover, creating};
use crate::{Instance, InstanceAction, List, NoRoom, Page, Pending, Region, Scope, Snapshot, Waiter};

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
    /// It is never sent twice where the first may have been processed. An error that
    /// [is ambiguous](crate::Error::is_ambiguous) says that the machine may exist; look for it, as
    /// [`Error::unconfirmed`](crate::Error::unconfirmed) shows, before creating it again.
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
        Pending::new(creating(self.client.clone(), instance.0.name.clone(), async move {
            let answer = call.raw.create_instance(&instance.0).await;
            Ok(call.finish(answer).await?.instance)
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
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) -> genesiscloud::Result<()> {
    /// let made = client.instances().create_or_recover(new).await?;
    /// # Ok(()) }
    /// ```
    pub fn create_or_recover(&self, instance: CreateInstance) -> Pending<Instance> {
        create_or_recover(&self.client, self.create(instance))
    }

    /// A machine for as long as something is done with it: it is deleted whatever happens. [`Scope`] says how; nothing is
    /// sent before [`Scope::run`] is polled.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) -> Result<(), Box<dyn std::error::Error>> {
    /// let ip = client.instances().scoped(new).run(async |vm| Ok::<_, genesiscloud::Error>(vm.public_ip)).await?;
    /// # Ok(()) }
    /// ```
    pub fn scoped(&self, instance: CreateInstance) -> Scope {
        Scope::new(&self.client, instance)
    }

    /// Creates a machine at the first of these regions and instance types where one can be had; region and type of
    /// `instance` itself do not count. Where the answer to a create is lost, it is looked for as by
    /// [`create_or_recover`](Self::create_or_recover).
    ///
    /// What the service says is not available, or beyond the account's quota of instances, is left out; out of stock
    /// (02036) and quota refusals lead to the next choice; anything else ends it. Volumes and security groups belong to a
    /// region: with them, choose within theirs.
    ///
    /// One request for the quotas, one for each region's availability, and one for each create that is tried. If quotas or
    /// availability cannot be read, the creates will tell.
    ///
    /// # Errors
    /// [`NoRoom`] says why each choice failed, and what ended it.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateInstance) -> Result<(), genesiscloud::NoRoom> {
    /// use genesiscloud::Region;
    ///
    /// let vm = client.instances().create_first_available(new, [
    ///     (Region::NordNoKrs1, "vcpu-4_memory-12g_disk-80g_nvidia3080-1"),
    ///     (Region::NordNoKrs1, "vcpu-8_memory-24g_disk-80g_nvidia3090-1"),
    /// ]).await?;
    /// println!("{} in {}", vm.type_, vm.region);
    /// # Ok(()) }
    /// ```
    pub fn create_first_available<T: Into<String>>(
        &self,
        instance: CreateInstance,
        choices: impl IntoIterator<Item = (Region, T)>,
    ) -> BoxFuture<'static, Result<Instance, NoRoom>> {
        let choices = choices.into_iter().map(|(region, instance_type)| (region, instance_type.into())).collect();
        Box::pin(create_first_available(self.client.clone(), instance, choices))
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

    /// Waits for one: until it is `active` unless the [`Waiter`] is told something else. Looks at it every 2 s for 20 minutes
    /// at most; what that costs, and what ends it, [`Waiter`] says.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let ready = client.instances().wait("an-id").await?;
    /// client.instances().delete(&ready.id).await?;
    /// client.instances().wait(&ready.id).until_gone().await?;
    /// # Ok(()) }
    /// ```
    pub fn wait(&self, id: impl AsRef<str>) -> Waiter<Instance> {
        Waiter::new(&self.client, id.as_ref())
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
        Pending::new(creating(self.client.clone(), snapshot.0.name.clone(), async move {
            let answer = call.raw.create_instance_snapshot(&id, &snapshot.0).await;
            Ok(call.finish(answer).await?.snapshot)
        }))
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
