//! Instances: virtual machines.

mod parameters;

use std::fmt;

use genesiscloud_bindings::requests;
#[doc(inline)]
pub use genesiscloud_bindings::types::{Instance, InstanceAction, InstanceBillingType, InstanceStatus, UserDataPart};
use genesiscloud_bindings::types::{
    InstanceUpdateSecurityGroupsAttach, InstanceUpdateSecurityGroupsDetach, InstanceUpdateVolumesAttach,
    InstanceUpdateVolumesDetach, PerformInstanceActionBody, SingleInstanceResponse,
};
use serde_json::{Map, Value};

pub use self::parameters::{CreateInstance, CreateInstanceSnapshot, UpdateInstance};

use super::{identified_by_fields, resource_service};
use crate::call::Disclosure;
use crate::core::Core;
use crate::list::{PageRequest, private::Listable};
use crate::resource::{Create, Delete, Get, Resource, Update, create_by};
use crate::wait::{Phase, private::Waitable};
use crate::{Call, List, Page, Snapshot};

resource_service! {
    /// The instances of an account: virtual machines, most of them with GPUs.
    Instances of Instance ("instance", "instances"),
    /// Returns the instances of the account.
    client.instances();

    pub fn list;

    /// Creates an instance, which is billed from then on. It is ready when its status is `active`; its id is known at once.
    /// One request.
    ///
    /// The request is never sent again if it may have been processed. An error that
    /// [is ambiguous](crate::Error::is_ambiguous) means that the instance may exist; look for it, as
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
    pub fn create(CreateInstance);

    /// Updates the fields that are set in `change` and no others. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::UpdateInstance;
    ///
    /// let vm = client.instances().update("an-id", UpdateInstance::new().name("t2").is_protected(true)).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(UpdateInstance);

    /// Deletes an instance. Fails with a conflict while it is protected. Its status is `deleting` until it is gone. One
    /// request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.instances().delete("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn delete;

    wait until "active";
}

impl Resource for Instance {
    type Create = CreateInstance;
    type Update = UpdateInstance;
    type Body = SingleInstanceResponse;

    const CREATE: Create<Self> = |raw, new| requests::create_instance(raw, &new.0);
    const GET: Get<Self> = requests::get_instance;
    const UPDATE: Update<Self> = |raw, id, change| requests::update_instance(raw, id, &change.0);
    const DELETE: Delete = requests::delete_instance;

    const OPEN: fn(Self::Body) -> Self = |body| body.instance;
    const NAME: fn(&CreateInstance) -> &str = |new| &new.0.name;
    const IDENTITY: &'static [&'static str] = &[
        "action",
        "description",
        "disk_size",
        "hostname",
        "image",
        "name",
        "placement_option",
        "region",
        "reservation_id",
        "security_groups",
        "ssh_keys",
        "type",
        "volumes",
    ];

    fn secrets(new: &CreateInstance) -> Vec<&str> {
        new.secrets().collect()
    }
}

impl Listable for Instance {
    type Filter = ();

    fn fetch(core: &Core, (): &(), page: PageRequest) -> Call<Page<Self>> {
        page.fetch(core, requests::list_instances_paginated, |l| (l.instances, l.page, l.per_page, l.total_count))
    }

    identified_by_fields!();
}

impl Waitable for Instance {
    type Status = InstanceStatus;

    const KIND: &'static str = "instance";

    fn status(&self) -> &Self::Status {
        &self.status
    }

    fn phase(status: &Self::Status) -> Phase {
        match status {
            InstanceStatus::Active => Phase::Ready,
            InstanceStatus::Stopped => Phase::AtRest,
            InstanceStatus::PendingPayment => Phase::PendingPayment,
            InstanceStatus::Deleting => Phase::Deleting,
            InstanceStatus::Error => Phase::Failed,
            InstanceStatus::Unknown(other) => Phase::of_unlisted(other),
            _ => Phase::InTransition,
        }
    }
}

impl Instances {
    /// Returns the actions that the instance's present status allows. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::InstanceAction;
    ///
    /// let can_stop = client.instances().actions("an-id").await?.contains(&InstanceAction::Stop);
    /// # Ok(()) }
    /// ```
    pub fn actions(&self, id: impl AsRef<str>) -> Call<Vec<InstanceAction>> {
        self.core.call(requests::get_instance_actions(self.core.raw(), id.as_ref()), &[], |body| Ok(body.actions))
    }

    /// Performs an action; the response arrives before the action has ended. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::InstanceAction;
    ///
    /// client.instances().perform("an-id", InstanceAction::Reset).await?;
    /// # Ok(()) }
    /// ```
    pub fn perform(&self, id: impl AsRef<str>, action: InstanceAction) -> Call<()> {
        let body = PerformInstanceActionBody { action };
        let prepared = requests::perform_instance_action(self.core.raw(), id.as_ref(), &body);
        self.core.call(prepared, Instance::IDENTITY, Ok)
    }

    /// Starts a stopped instance: `stopped` → `starting` → `active`. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.instances().start("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn start(&self, id: impl AsRef<str>) -> Call<()> {
        self.perform(id, InstanceAction::Start)
    }

    /// Stops an active instance: `active` → `stopping` → `stopped`. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.instances().stop("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn stop(&self, id: impl AsRef<str>) -> Call<()> {
        self.perform(id, InstanceAction::Stop)
    }

    /// Resets an active instance: `active` → `resetting` → `active`. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.instances().reset("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn reset(&self, id: impl AsRef<str>) -> Call<()> {
        self.perform(id, InstanceAction::Reset)
    }

    /// Attaches a volume and keeps the others. Attaching an attached volume changes nothing. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().attach_volume("an-id", "a-volume").await?;
    /// # Ok(()) }
    /// ```
    pub fn attach_volume(&self, id: impl AsRef<str>, volume: impl AsRef<str>) -> Call<Instance> {
        let attach = volume.as_ref().to_owned();
        self.update(id, UpdateInstance::volumes_change(InstanceUpdateVolumesAttach { attach }))
    }

    /// Detaches a volume and keeps the others. Detaching a volume that is not attached changes nothing. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().detach_volume("an-id", "a-volume").await?;
    /// # Ok(()) }
    /// ```
    pub fn detach_volume(&self, id: impl AsRef<str>, volume: impl AsRef<str>) -> Call<Instance> {
        let detach = volume.as_ref().to_owned();
        self.update(id, UpdateInstance::volumes_change(InstanceUpdateVolumesDetach { detach }))
    }

    /// Attaches a security group and keeps the others. Attaching an attached group changes nothing. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().attach_security_group("an-id", "a-group").await?;
    /// # Ok(()) }
    /// ```
    pub fn attach_security_group(&self, id: impl AsRef<str>, group: impl AsRef<str>) -> Call<Instance> {
        let attach = group.as_ref().to_owned();
        self.update(id, UpdateInstance::groups_change(InstanceUpdateSecurityGroupsAttach { attach }))
    }

    /// Detaches a security group and keeps the others. Detaching a group that is not attached changes nothing. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().detach_security_group("an-id", "a-group").await?;
    /// # Ok(()) }
    /// ```
    pub fn detach_security_group(&self, id: impl AsRef<str>, group: impl AsRef<str>) -> Call<Instance> {
        let detach = group.as_ref().to_owned();
        self.update(id, UpdateInstance::groups_change(InstanceUpdateSecurityGroupsDetach { detach }))
    }

    /// Lists the snapshots of an instance. One request per page.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// let all: Vec<_> = client.instances().list_snapshots("an-id").try_collect().await?;
    /// # Ok(()) }
    /// ```
    pub fn list_snapshots(&self, id: impl AsRef<str>) -> List<Snapshot> {
        List::new(&self.core, Some(id.as_ref().to_owned()))
    }

    /// Returns one page of the snapshots of an instance; pages count from 1 and hold 1 to 100 items. One request, none if a
    /// number is out of range.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let page = client.instances().list_snapshots_page("an-id", 1, 10).await?;
    /// # Ok(()) }
    /// ```
    pub fn list_snapshots_page(&self, id: impl AsRef<str>, page: u32, per_page: u32) -> Call<Page<Snapshot>> {
        self.list_snapshots(id).per_page(per_page).page(page)
    }

    /// Creates a snapshot of an `active` instance. It can be used when its status is `created`. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::CreateInstanceSnapshot;
    ///
    /// let snapshot = client.instances().create_snapshot("an-id", CreateInstanceSnapshot::new("friday")).await?;
    /// # Ok(()) }
    /// ```
    pub fn create_snapshot(&self, id: impl AsRef<str>, snapshot: CreateInstanceSnapshot) -> Call<Snapshot> {
        let prepared = requests::create_instance_snapshot(self.core.raw(), id.as_ref(), &snapshot.0);
        create_by(&self.core, snapshot.0.name, prepared)
    }

    /// Returns the metadata that the instance was created with. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let metadata = client.instances().user_metadata("an-id").await?;
    /// let script = metadata.get("startup_script");
    /// # Ok(()) }
    /// ```
    pub fn user_metadata(&self, id: impl AsRef<str>) -> Call<UserMetadata> {
        let prepared = requests::get_instance_user_metadata(self.core.raw(), id.as_ref());
        let core = self.core.clone();
        Call::new(async move {
            let disclosure = Disclosure { is_confidential: true, ..Disclosure::default() };
            core.send(prepared, &disclosure, |metadata| Ok(UserMetadata(metadata))).await
        })
    }
}

/// The metadata of an instance: a JSON object without a fixed schema. It can hold secrets, so `Debug` shows the names and not
/// the values.
#[derive(Clone, PartialEq)]
pub struct UserMetadata(Map<String, Value>);

impl UserMetadata {
    /// Returns the value of a field.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Returns all fields.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Converts it into its fields.
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }
}

impl fmt::Debug for UserMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.keys().map(|name| (name, format_args!("<redacted>")))).finish()
    }
}
