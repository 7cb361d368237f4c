//! Instances: virtual machines.

mod hostname;
mod lease;
mod parameters;

use std::fmt;

#[doc(inline)]
pub use genesiscloud_bindings::InstancePhase;
#[doc(inline)]
pub use genesiscloud_bindings::types::{Instance, InstanceAction, InstanceBillingType, InstanceStatus, UserDataPart};
use genesiscloud_bindings::{requests, types};
use serde_json::{Map, Value};

pub(crate) use self::hostname::hostname_prefix;
pub use self::parameters::{CreateInstance, CreateInstanceSnapshot, UpdateInstance};

use super::definitions::{operations, resource};
use crate::call::Disclosure;
use crate::error::Class;
use crate::resource::{CreateOf, Resource, create_of, get, is_gone};
use crate::{Call, List, Page, Snapshot, Waiter, wait};

resource! {
    /// The instances of an account: virtual machines, most of them with GPUs.
    Instances of Instance ("instance", "instances"), client.instances();

    pub fn list, list_page = requests::list_instances_paginated(raw, page, per_page) in instances;
    pub fn get = requests::get_instance(raw, id) in SingleInstanceResponse.instance;

    /// Creates an instance, which is billed from then on. It is ready when its status is `active`; its id is known at once.
    ///
    /// The request is never sent again if it may have been processed. An error that
    /// [is ambiguous](crate::Error::is_ambiguous) means that the instance may exist; look for it, as
    /// [`Error::unconfirmed`](crate::Error::unconfirmed) shows, before creating it again.
    pub fn create, create_or_recover(CreateInstance) = requests::create_instance(raw, new);
    example(CreateInstance, Region; let gpu = "vcpu-4_memory-12g_disk-80g_nvidia3080-1"):
        CreateInstance::new("trainer", gpu, "ubuntu-24.04", Region::NordNoKrs1), .ssh_keys(["a-key"]);

    pub fn update(UpdateInstance) = requests::update_instance(raw, id, change);
    example(UpdateInstance): UpdateInstance::new().name("t2").is_protected(true);

    /// Deletes an instance. Fails with a conflict while it is protected. Its status is `deleting` until it is gone.
    pub fn delete, delete_if_exists = requests::delete_instance(raw, id);

    pub fn wait, watch until "active" = InstanceStatus { Active => Ready, by wait_phase };

    identified by [
        "action", "disk_size", "hostname", "image", "name", "placement_option", "region", "reservation_id",
        "security_groups", "ssh_keys", "type", "volumes"
    ];
    secrets = CreateInstance::secrets;
    prepare = CreateInstance::prepare;
    expires_at = CreateInstance::expires_at;
}

/// What the phase of an instance means for a wait.
fn wait_phase(status: &InstanceStatus) -> wait::Phase {
    match status.phase() {
        _ if *status == InstanceStatus::PendingPayment => wait::Phase::PendingPayment,
        InstancePhase::Running => wait::Phase::Ready,
        InstancePhase::Stopped => wait::Phase::AtRest,
        InstancePhase::Deleting | InstancePhase::Gone => wait::Phase::Deleting,
        InstancePhase::Failed => wait::Phase::Failed,
        _ => wait::Phase::InTransition,
    }
}

operations! { impl Instances {
    /// Returns the phase of the instance with this id: [`Instance::phase`], or [`Gone`](InstancePhase::Gone) if the API responds
    /// that there is none. One that this client has just created, and that no read has shown yet, is
    /// [`Pending`](InstancePhase::Pending) ([`propagation_timeout`](crate::ClientBuilder::propagation_timeout)). One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::InstancePhase;
    ///
    /// let state = match client.instances().phase("an-id").await? {
    ///     InstancePhase::Running => "up",
    ///     InstancePhase::Stopping | InstancePhase::Stopped => "stopped",
    ///     InstancePhase::Gone => "terminated",
    ///     InstancePhase::Failed => "failed",
    ///     _ => "in transition", // pending, being deleted, or new in a later version
    /// };
    /// # Ok(()) }
    /// ```
    pub fn phase(&self, id: impl AsRef<str>) -> Call<InstancePhase> {
        let (core, id) = (self.core.clone(), id.as_ref().to_owned());
        Call::new(async move {
            match get::<Instance>(&core, &id).await {
                Ok(instance) => Ok(instance.phase()),
                Err(error) if is_gone(&core, &id, &error) => Ok(InstancePhase::Gone),
                Err(error) if error.class() == Class::NotFound => Ok(InstancePhase::Pending),
                Err(error) => Err(error),
            }
        })
    }

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
        let body = types::PerformInstanceActionBody { action };
        let prepared = requests::perform_instance_action(self.core.raw(), id.as_ref(), &body);
        self.core.call(prepared, Instance::IDENTIFYING_FIELDS, Ok)
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
        self.update(id, UpdateInstance::volumes_change(types::InstanceUpdateVolumesAttach { attach }))
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
        self.update(id, UpdateInstance::volumes_change(types::InstanceUpdateVolumesDetach { detach }))
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
        self.update(id, UpdateInstance::groups_change(types::InstanceUpdateSecurityGroupsAttach { attach }))
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
        self.update(id, UpdateInstance::groups_change(types::InstanceUpdateSecurityGroupsDetach { detach }))
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
    /// let new = CreateInstanceSnapshot::new("friday");
    /// let snapshot = client.instances().create_snapshot("an-id", new).await?;
    /// # Ok(()) }
    /// ```
    pub fn create_snapshot(&self, id: impl AsRef<str>, snapshot: CreateInstanceSnapshot) -> Call<Snapshot> {
        self.snapshot_or_recover(id.as_ref(), snapshot, false)
    }

    /// Creates a snapshot like [`create_snapshot`](Self::create_snapshot). If the response is lost, searches for the result as
    /// [`create_or_recover`](Self::create_or_recover) does: a snapshot with the same name and `source_instance_id`. The request
    /// is never sent twice. Use unique names.
    ///
    /// One request. After a lost response, up to 7 [verified](crate::List::verified) readings of the list.
    ///
    /// # Errors
    /// [`Ambiguous`](crate::ErrorKind::Ambiguous) if none was found, or several;
    /// [`Unconfirmed::candidates`](crate::Unconfirmed::candidates) has their ids.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::CreateInstanceSnapshot;
    ///
    /// let new = CreateInstanceSnapshot::new("friday-2025-05-02");
    /// let snapshot = client.instances().create_snapshot_or_recover("an-id", new).await?;
    /// # Ok(()) }
    /// ```
    pub fn create_snapshot_or_recover(&self, id: impl AsRef<str>, snapshot: CreateInstanceSnapshot) -> Call<Snapshot> {
        self.snapshot_or_recover(id.as_ref(), snapshot, true)
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
} }

impl Instances {
    #[inline]
    fn snapshot_or_recover(&self, id: &str, new: CreateInstanceSnapshot, is_recoverable: bool) -> Call<Snapshot> {
        let prepared = requests::create_instance_snapshot(self.core.raw(), id, &new.0);
        create_of(
            &self.core,
            CreateOf { name: new.0.name, source: ("source_instance_id", id), is_recoverable },
            prepared,
        )
    }
}

impl Waiter<Instance> {
    /// Waits until the instance is `active` *and* has a public address, and returns it as it is then. An instance may be `active`
    /// before it has one: the provider's documentation does not say when addresses come. Otherwise the wait ends as that of
    /// [`until_ready`](Self::until_ready). An instance that never gets a public address is waited for until the time limit.
    ///
    /// The address is `public_ip`, which is that of the floating IP if the instance was created with one.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let vm = client.instances().wait("an-id").until_addressed().await?;
    /// println!("ssh ubuntu@{}", vm.public_ip.unwrap_or_default());
    /// # Ok(()) }
    /// ```
    pub fn until_addressed(self) -> Self {
        let is_addressed = |vm: &Instance| vm.status == InstanceStatus::Active && vm.public_ip.is_some();
        self.until_described("a public address", Box::new(is_addressed))
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
