//! Parameters of the requests for instances.

use std::time::Duration;

use chrono::{DateTime, Utc};
use genesiscloud_bindings::Secret;
use genesiscloud_bindings::types::{
    self, InstanceUpdateSecurityGroups as SecurityGroupsChange, InstanceUpdateSecurityGroupsList,
    InstanceUpdateVolumes as VolumesChange, InstanceUpdateVolumesList, InstanceUserData,
};

use super::super::as_data::WithSecrets;
use super::super::definitions::parameters;
use super::hostname::hostname_from_name;
use super::lease::{self, Lease};
use crate::ledger::Marker;
use crate::resource::Preparation;
use crate::{InstanceBillingType, Region, UserDataPart};

parameters! {
    ///
    /// Exactly one of [`ssh_keys`](Self::ssh_keys) and [`password`](Self::password) is required, which the API checks. `Debug`
    /// shows no password, startup script or user data.
    ///
    /// It is read and written by serde: [requests and responses](crate::guide::requests_and_responses#parameters-as-data) has a
    /// machine that is specified in a TOML file.
    pub struct CreateInstance(types::CreateInstanceBody) with Lease for "creating an instance";
    example(CreateInstance, Region; let gpu = "vcpu-4_memory-12g_disk-80g_nvidia3080-1"):
        CreateInstance::new("trainer", gpu, "ubuntu-24.04", Region::NordNoKrs1),
        .ssh_keys(["a-key"]), .startup_script("#!/bin/sh\ntouch /hello\n"), .is_protected(true);
    secret ["metadata", "password"];
    derived ["hostname"];

    /// Returns parameters for an instance of a type, such as `vcpu-4_memory-12g_disk-80g_nvidia3080-1`, in a region.
    ///
    /// `image` is the id of an image, its slug (`ubuntu-24.04`), `slug:version`, or the id of a snapshot. The API requires a
    /// host name as well; unless [`hostname`](Self::hostname) sets one, it is derived from the name: `my-trainer-1` for
    /// `My Trainer_1`. Calls that recover a lost create add 12 random characters, by which they recognise their instance.
    pub fn new(
        name: impl Into<String>, instance_type: impl Into<String>, image: impl Into<String>, region: Region
    ) = {
        types::CreateInstanceBody {
            // Derived from the name before it is sent.
            hostname: String::new(),
            name: name.into(),
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
        }
    };

    /// Sets the region, in place of the one that it was made with: such as that of an [`Offer`](crate::Offer) or a volume.
    pub fn region(mut self, region: Region) -> Self {
        self.0.region = region;
        self
    }

    /// Sets the instance type, in place of the one that it was made with.
    pub fn type_(mut self, instance_type: impl Into<String>) -> Self {
        self.0.type_ = instance_type.into();
        self
    }

    /// Sets the host name inside the instance. An empty one is as if none were set: it is derived from the name.
    pub fn hostname(mut self, hostname: impl Into<String>) -> Self {
        self.0.hostname = hostname.into();
        self
    }

    /// Sets the ids of the SSH keys that may log in.
    pub fn ssh_keys(mut self, keys: impl IntoIterator<Item: AsRef<str>>) -> Self {
        self.0.ssh_keys = Some(ids(keys));
        self
    }

    /// Sets the password to log in with: 8 to 72 characters with upper case, lower case and digits.
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.0.password = Some(password.into().into());
        self
    }

    /// Sets the ids of the security groups, in the instance's region.
    pub fn security_groups(mut self, groups: impl IntoIterator<Item: AsRef<str>>) -> Self {
        self.0.security_groups = Some(ids(groups));
        self
    }

    /// Sets the ids of the volumes to attach, in the instance's region.
    pub fn volumes(mut self, volumes: impl IntoIterator<Item: AsRef<str>>) -> Self {
        self.0.volumes = Some(ids(volumes));
        self
    }

    /// Sets the id of the floating IP to assign, which is possible only when the instance is created.
    pub fn floating_ip(mut self, id: impl AsRef<str>) -> Self {
        self.0.floating_ip = Some(id.as_ref().to_owned());
        self
    }

    /// Sets whether deletion is rejected until an update sets this to false.
    pub fn is_protected(protected: bool) = self.0.is_protected;

    /// Sets whether the instance gets a public IPv6 address.
    pub fn public_ipv6(wanted: bool) = self.0.public_ipv6;

    /// Sets whether the instance is destroyed when it is shut down.
    pub fn destroy_on_shutdown(destroy: bool) = self.0.destroy_on_shutdown;

    /// Limits the life of the instance: the machine shuts itself down, and is destroyed by that, this long after the create
    /// is sent, from one minute to 365 days. It needs no program to be running then, so it also ends an instance whose
    /// program crashed. No request in addition.
    ///
    /// The request gets `destroy_on_shutdown`, with which a shutdown from inside destroys the instance, as the provider's Go
    /// client documents it, and a last part of the user data, of type `text/cloud-config`: at each boot, a command in
    /// `bootcmd` starts a systemd timer. It runs before the startup script, which can fail, hang or reboot, and is
    /// merged with commands and files of your own parts.
    ///
    /// **Not verified on the real service**, only on the sandbox. What it depends on, and cannot do:
    ///
    /// - The time of expiry is absolute: this program's system time ([`Clock::system_time`](crate::Clock::system_time)) when
    ///   the create is prepared, plus the lease. The machine compares it with its own clock. Booting, and waits of the client
    ///   before it sends the create, are part of the lease; a machine that boots after its expiry shuts down at once.
    /// - It cannot be renewed or cancelled through the API. Inside the machine, `systemctl stop genesiscloud-lease.timer`
    ///   cancels it until the next boot.
    /// - It needs an image with systemd and with cloud-init, which has to stay enabled. An instance that does not boot, or is
    ///   stopped, does not expire before it boots; services that do not stop delay a shutdown, by systemd's limit of 30
    ///   minutes.
    /// - An instance that is protected later, or that its billing type protects, may be stopped in place of destroyed.
    ///   Whether it is billed then, the provider decides.
    /// - Snapshots do not contain the lease: what is created of one has only its own.
    ///
    /// The backstop is the client's [ledger](crate::ClientBuilder::ledger), by which a later process finds and deletes what this
    /// one left.
    ///
    /// # Errors
    /// The create fails with [`InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, if the lease is too
    /// short or too long; with `destroy_on_shutdown(false)` or `is_protected(true)`; and with what cloud-init could process in
    /// place of the lease, or before it: a startup script that does not begin with `#!`, and parts of the user data other than
    /// `text/cloud-config` and `text/x-shellscript`. If your `bootcmd` is not a list of commands, cloud-init runs neither it
    /// nor the lease, which is not checked.
    ///
    /// ```
    /// use std::time::Duration;
    /// use genesiscloud::{CreateInstance, Region};
    ///
    /// let new = CreateInstance::new("trainer", "vcpu-2_memory-4g_disk-80g", "ubuntu-24.04", Region::NordNoKrs1)
    ///     .lease(Duration::from_secs(6 * 3600));
    /// ```
    pub fn lease(mut self, duration: Duration) -> Self {
        self.1 = Lease::Lasts(duration);
        self
    }

    /// Sets the script that runs when the instance starts, up to 64 KiB.
    pub fn startup_script(mut self, script: impl Into<String>) -> Self {
        self.0.metadata.get_or_insert_default().startup_script = Some(script.into().into());
        self
    }

    /// Sets the parts of the cloud-init user data.
    ///
    /// ```
    /// use genesiscloud::{CreateInstance, Region, UserDataPart};
    ///
    /// let cpu = "vcpu-2_memory-4g_disk-80g";
    /// let new = CreateInstance::new("web", cpu, "ubuntu-24.04", Region::NordNoKrs1)
    ///     .user_data([UserDataPart::new("text/cloud-config", "packages: [htop]")]);
    /// assert!(!format!("{new:?}").contains("htop"));
    /// ```
    pub fn user_data(mut self, parts: impl IntoIterator<Item = UserDataPart>) -> Self {
        self.0.metadata.get_or_insert_default().user_data = Some(InstanceUserData(parts.into_iter().collect()));
        self
    }

    /// Sets how the instance is paid for.
    pub fn billing_type(billing: InstanceBillingType) = self.0.billing_type;

    /// Sets the id of a long-term subscription to go on using.
    pub fn reuse_long_term_subscription(mut self, id: impl AsRef<str>) -> Self {
        self.0.reuse_long_term_subscription = Some(id.as_ref().to_owned());
        self
    }

    /// Sets the id of the reservation to use. The billing type becomes [`InstanceBillingType::Reserved`], unless
    /// [`billing_type`](Self::billing_type) sets another, before or after this.
    pub fn reservation_id(mut self, id: impl AsRef<str>) -> Self {
        self.0.reservation_id = Some(id.as_ref().to_owned());
        self.0.billing_type.get_or_insert(InstanceBillingType::Reserved);
        self
    }

    /// Sets where in the region the instance is placed. The service's default is `AUTO`.
    pub fn placement_option(option: impl Into<String>) = self.0.placement_option;

    /// Sets the size of the boot disk in GiB, at least 80.
    pub fn disk_size(gib: i64) = self.0.disk_size;
}

impl CreateInstance {
    /// Returns these parameters as they are serialised with password, startup script and user data, which `Serialize` leaves out.
    ///
    /// ```
    /// use genesiscloud::{CreateInstance, Region, serde_json};
    ///
    /// let new = CreateInstance::new("trainer", "vcpu-2_memory-4g", "ubuntu-24.04", Region::NordNoKrs1).password("Abcdefg1");
    /// assert_eq!(serde_json::to_value(&new)?.get("password"), None);
    /// assert_eq!(serde_json::to_value(new.with_secrets())?["password"], "Abcdefg1");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn with_secrets(&self) -> WithSecrets<'_, Self> {
        WithSecrets(self)
    }

    /// Begins the lease, and derives the host name if the caller has set none; with a suffix, it is the marker.
    pub(super) fn prepare(&mut self, preparation: &Preparation) -> Result<Option<Marker>, String> {
        self.1.begin(preparation.now)?;
        if let Some(expires_at) = self.expires_at() {
            lease::add_to(&mut self.0, expires_at)?;
        }
        if !self.0.hostname.is_empty() {
            return Ok(None);
        }
        let suffix = preparation.suffix.as_deref();
        let hostname = hostname_from_name(&self.0.name, suffix);
        self.0.hostname.clone_from(&hostname);
        Ok(suffix.map(|_| Marker::new("hostname", hostname)))
    }

    /// When the lease expires, once the parameters are prepared.
    pub(crate) fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.1.expires_at()
    }

    /// The secrets, which no error shows.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let metadata = self.0.metadata.as_ref();
        let script = metadata.and_then(|metadata| metadata.startup_script.as_ref());
        let parts = metadata.and_then(|metadata| metadata.user_data.as_ref()).map(|parts| &parts.0);
        let contents = parts.into_iter().flatten().map(|part| &part.content);
        self.0.password.as_ref().into_iter().chain(script).chain(contents).map(Secret::expose).collect()
    }
}

parameters! {
    pub struct UpdateInstance(types::UpdateInstanceBody): Default for "updating an instance";
    example(UpdateInstance): UpdateInstance::new().name("t2").volumes(["a-volume"]);

    /// Sets the name.
    pub fn name(name: impl Into<String>) = self.0.name;

    /// Sets whether deletion is rejected.
    pub fn is_protected(protected: bool) = self.0.is_protected;

    /// Sets the size of the boot disk in GiB; it can grow, not shrink.
    pub fn disk_size(gib: i64) = self.0.disk_size;

    /// Sets the id of the reservation to use.
    pub fn reservation_id(mut self, id: impl AsRef<str>) -> Self {
        self.0.reservation_id = Some(id.as_ref().to_owned());
        self
    }

    /// Replaces all security groups. [`Instances::attach_security_group`](crate::Instances::attach_security_group) adds one.
    pub fn security_groups(mut self, groups: impl IntoIterator<Item: AsRef<str>>) -> Self {
        self.0.security_groups = Some(SecurityGroupsChange::List(InstanceUpdateSecurityGroupsList(ids(groups))));
        self
    }

    /// Replaces all volumes. [`Instances::attach_volume`](crate::Instances::attach_volume) adds one.
    pub fn volumes(mut self, volumes: impl IntoIterator<Item: AsRef<str>>) -> Self {
        self.0.volumes = Some(VolumesChange::List(InstanceUpdateVolumesList(ids(volumes))));
        self
    }

    /// Detaches all security groups.
    pub fn detach_all_security_groups(self) -> Self {
        self.security_groups([""; 0])
    }

    /// Detaches all volumes.
    pub fn detach_all_volumes(self) -> Self {
        self.volumes([""; 0])
    }
}

impl UpdateInstance {
    pub(super) fn volumes_change(change: impl Into<VolumesChange>) -> Self {
        Self(types::UpdateInstanceBody { volumes: Some(change.into()), ..Default::default() })
    }

    pub(super) fn groups_change(change: impl Into<SecurityGroupsChange>) -> Self {
        Self(types::UpdateInstanceBody { security_groups: Some(change.into()), ..Default::default() })
    }
}

parameters! {
    pub struct CreateInstanceSnapshot(types::CreateInstanceSnapshotBody) for "creating a snapshot of an instance";
    example(CreateInstanceSnapshot, Region): CreateInstanceSnapshot::new("friday").replicated_region(Region::EucDeMuc1);

    /// Returns parameters for a snapshot with a name, in the instance's region.
    pub fn new(name: impl Into<String>) = types::CreateInstanceSnapshotBody { name: name.into(), replicated_region: None };

    /// Sets a region to copy the snapshot to as well.
    pub fn replicated_region(region: Region) = self.0.replicated_region;
}

/// Ids as the API accepts them.
fn ids<I>(ids: I) -> Vec<String>
where
    I: IntoIterator,
    I::Item: AsRef<str>,
{
    ids.into_iter().map(|id| id.as_ref().to_owned()).collect()
}
