//! The resources of a sandbox, as they are put in and taken out.

mod generated;

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::str::FromStr;

use genesiscloud_bindings::types::{
    Filesystem, FloatingIp, Image, Instance, InstanceStatus, Quota, Region, RegionAvailability, Reservation,
    SecurityGroup, Snapshot, SshKey, Volume, VolumeType,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::resource_id::{self as id, reference};
use crate::yaml;

/// Everything in an account, in the order it is listed. As YAML or JSON, it is what `--seed` reads; what is left out is
/// that of [`Data::new`].
///
/// ```
/// use genesiscloud_sandbox::Data;
///
/// let mut data = Data::new().with_instances(2);
/// data.instances[0].name = "trainer".into();
/// ```
#[derive(Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Data {
    /// What can be created where, a region each. Creating an instance takes one off `count`, deleting gives it back;
    /// at 0 the type is out of stock there. Without a `count`, `available` decides.
    pub availability: Vec<RegionAvailability>,
    /// Network filesystems.
    pub filesystems: Vec<Filesystem>,
    /// Floating IPs.
    pub floating_ips: Vec<FloatingIp>,
    /// Images.
    pub images: Vec<Image>,
    /// Machines.
    pub instances: Vec<Instance>,
    /// Values that `placement_option` takes.
    pub placement_options: Vec<String>,
    /// How much there may be of `instances`, `volumes`, `snapshots`, `filesystems`, `floating_ips`, `security_groups`
    /// and `ssh_keys`; without an entry, as much as you like. What is `used` is counted, not taken from here.
    pub quotas: Vec<Quota>,
    /// Reservations. Instances with billing type `reserved` add to what is used of them.
    pub reservations: Vec<Reservation>,
    /// Instance types that are to be had by reservation only.
    pub reserved_types: Vec<String>,
    /// Security groups.
    pub security_groups: Vec<SecurityGroup>,
    /// Snapshots; those taken of an instance name it in `source_instance_id`.
    pub snapshots: Vec<Snapshot>,
    /// SSH keys.
    pub ssh_keys: Vec<SshKey>,
    /// What the provider lets the account do.
    pub standing: Standing,
    /// User metadata, by instance id.
    pub user_metadata: BTreeMap<String, UserMetadata>,
    /// Volumes. The instances they are attached to are told by the instances, not taken from here.
    pub volumes: Vec<Volume>,
}

/// What an instance was given to read when it starts. It holds secrets: `Debug` shows the names of its fields only.
#[derive(Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct UserMetadata(pub Map<String, Value>);

impl fmt::Debug for UserMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.keys().map(|name| (name, "<redacted>"))).finish()
    }
}

/// What the provider lets an account do. Each but the first refuses with the documented code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Standing {
    /// Everything.
    #[default]
    Good,
    /// No `POST`: 02019.
    PaymentMethodRequired,
    /// No `POST`: 02050.
    NotVerified,
    /// No changing anything: 02043.
    ReadOnly,
    /// Nothing: 02040.
    Suspended,
    /// Nothing: 02041.
    Banned,
    /// Nothing: 02042.
    Disabled,
    /// Nothing, and nobody else either: 02044.
    ApiDisabled,
}

impl Default for Data {
    fn default() -> Self {
        Self::new()
    }
}

impl Data {
    /// A new account: no resources yet, but the provider's images, instance types and quotas.
    ///
    /// ```
    /// use genesiscloud_sandbox::Data;
    /// assert!(Data::new().instances.is_empty() && !Data::new().images.is_empty());
    /// ```
    pub fn new() -> Self {
        let quotas = [
            ("instances", 300),
            ("volumes", 200),
            ("snapshots", 100),
            ("filesystems", 20),
            ("floating_ips", 50),
            ("security_groups", 50),
            ("ssh_keys", 50),
        ];
        Self {
            availability: generated::REGIONS.into_iter().map(generated::availability).collect(),
            filesystems: vec![],
            floating_ips: vec![],
            images: generated::images(),
            instances: vec![],
            placement_options: vec!["AUTO".into()],
            quotas: quotas.into_iter().map(|(key, capacity)| generated::quota(key, capacity)).collect(),
            reservations: vec![],
            reserved_types: vec![generated::RESERVED_TYPE.into()],
            security_groups: vec![],
            snapshots: vec![],
            ssh_keys: vec![],
            standing: Standing::Good,
            user_metadata: BTreeMap::new(),
            volumes: vec![],
        }
    }

    /// An account in use: 250 instances and what belongs to them. The same every time.
    ///
    /// ```
    /// use genesiscloud_sandbox::Data;
    /// assert_eq!(Data::realistic().instances.len(), 250);
    /// ```
    pub fn realistic() -> Self {
        let mut data = Self::new().with_instances(250);
        data.ssh_keys = (0..3).map(generated::ssh_key).collect();
        data.security_groups = (0..4).map(generated::security_group).collect();
        data.volumes = (0..120).map(generated::volume).collect();
        data.snapshots = (0..60).map(generated::snapshot).collect();
        data.filesystems = (0..5).map(generated::filesystem).collect();
        data.floating_ips = (0..12).map(generated::floating_ip).collect();
        data.reservations = vec![generated::reservation()];
        let script = json!({ "startup_script": "#!/bin/sh\necho ready > /run/ready\n" });
        let script = script.as_object().cloned().unwrap_or_default();
        data.user_metadata = BTreeMap::from([(id::INSTANCE.made(0), UserMetadata(script))]);
        data.connect();
        data
    }

    /// The same with this many instances, made up, and room for 50 more at least.
    ///
    /// ```
    /// use genesiscloud_sandbox::Data;
    /// assert_eq!(Data::new().with_instances(3).instances.len(), 3);
    /// ```
    pub fn with_instances(mut self, count: usize) -> Self {
        self.instances = (0..count).map(generated::instance).collect();
        for quota in self.quotas.iter_mut().filter(|quota| quota.key == "instances") {
            quota.capacity = quota.capacity.max(count as i64 + 50);
        }
        self
    }

    /// Attaches every third volume and the floating IPs to instances, keys to all, and groups to those of their region;
    /// and takes out of the reservation what is used of it.
    fn connect(&mut self) {
        let keys: Vec<_> = self.ssh_keys.iter().take(1).map(|key| reference(&key.id, &key.name)).collect();
        let groups: Vec<_> =
            self.security_groups.iter().take(1).map(|group| reference(&group.id, &group.name)).collect();
        for instance in &mut self.instances {
            instance.ssh_keys.clone_from(&keys);
            if instance.region == Region::NordNoKrs1 {
                instance.security_groups.clone_from(&groups);
            }
        }
        for (volume, instance) in self.volumes.iter_mut().step_by(3).zip(&mut self.instances) {
            volume.region = instance.region.clone();
            if volume.region != Region::NordNoKrs1 {
                volume.type_ = VolumeType::Hdd;
            }
            volume.instances = vec![reference(&instance.id, &instance.name)];
            instance.volumes = vec![reference(&volume.id, &volume.name)];
        }
        for (address, instance) in self.floating_ips.iter_mut().step_by(2).zip(&mut self.instances) {
            address.region = instance.region.clone();
            address.instance = Some(reference(&instance.id, &instance.name));
            instance.floating_ip = Some(reference(&address.id, &address.name));
            instance.public_ip.clone_from(&address.ip_address);
        }
        for reservation in &self.reservations {
            let fits = |instance: &&mut Instance| {
                instance.region == reservation.region && instance.status == InstanceStatus::Active
            };
            // Not the first ones: they are what people look at.
            let reserved = self.instances.iter_mut().filter(fits).skip(16).take(reservation.quota.used as usize);
            for instance in reserved {
                instance.type_.clone_from(&reservation.flavor_name);
                instance.reservation_id = Some(reservation.id.clone());
            }
        }
    }

    /// Whether no two resources of a kind share an id.
    pub(crate) fn check(&self) -> Result<(), String> {
        unique("instances", self.instances.iter().map(|it| &it.id))?;
        unique("images", self.images.iter().map(|it| &it.id))?;
        unique("volumes", self.volumes.iter().map(|it| &it.id))?;
        unique("snapshots", self.snapshots.iter().map(|it| &it.id))?;
        unique("filesystems", self.filesystems.iter().map(|it| &it.id))?;
        unique("ssh_keys", self.ssh_keys.iter().map(|it| &it.id))?;
        unique("security_groups", self.security_groups.iter().map(|it| &it.id))?;
        unique("floating_ips", self.floating_ips.iter().map(|it| &it.id))?;
        unique("reservations", self.reservations.iter().map(|it| &it.id))
    }
}

fn unique<'a>(kind: &str, ids: impl Iterator<Item = &'a String>) -> Result<(), String> {
    let mut seen = HashSet::new();
    match ids.into_iter().find(|id| !seen.insert(*id)) {
        Some(id) => Err(format!("two of the {kind} have the id {id}")),
        None => Ok(()),
    }
}

impl FromStr for Data {
    type Err = DataError;

    /// Reads YAML or JSON.
    fn from_str(text: &str) -> Result<Self, DataError> {
        let data = yaml::parse::<Self>(text).map_err(DataError)?;
        data.check().map_err(DataError)?;
        Ok(data)
    }
}

/// Data that cannot be: what is wrong with it, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataError(String);

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DataError {}

impl fmt::Debug for Data {
    /// Counts only: metadata holds secrets, and the rest is long.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data")
            .field("filesystems", &self.filesystems.len())
            .field("floating_ips", &self.floating_ips.len())
            .field("instances", &self.instances.len())
            .field("security_groups", &self.security_groups.len())
            .field("snapshots", &self.snapshots.len())
            .field("ssh_keys", &self.ssh_keys.len())
            .field("standing", &self.standing)
            .field("volumes", &self.volumes.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_read_as_it_is_written() {
        let data = Data::realistic();
        assert!(serde_json::to_string(&data).unwrap().parse::<Data>().unwrap() == data);
    }

    #[test]
    fn what_a_file_leaves_out_is_that_of_a_new_account() {
        let data = "standing: suspended\nquotas: []".parse::<Data>().unwrap();
        assert_eq!((data.standing, data.quotas.len(), data.images), (Standing::Suspended, 0, Data::new().images));
        assert!("".parse::<Data>().unwrap() == Data::new());
    }

    #[test]
    fn a_file_that_cannot_be_is_told_by_its_place() {
        let twice =
            serde_json::json!({ "reservations": [generated::reservation(), generated::reservation()] }).to_string();
        for (text, message) in [
            ("standing: splendid", "standing: unknown variant `splendid`, expected one of `good`, "),
            ("instances: [{id: 1}]", "instances[0].id: must be a string"),
            ("machines: []", "machines: unknown field `machines`, expected one of `availability`, "),
            ("user_metadata: {i: '#!/bin/sh s3cret'}", "user_metadata.i: must be a map"),
            ("a: b: c", "neither YAML nor JSON: "),
            (twice.as_str(), "two of the reservations have the id 90000000-0000-4000-8000-000000000000"),
        ] {
            let error = text.parse::<Data>().unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn no_secret_is_printed() {
        let data = Data::realistic();
        assert!(!format!("{data:?} {:?}", data.user_metadata).contains("echo"));
        assert_eq!(
            format!("{:?}", data.user_metadata),
            "{\"10000000-0000-4000-8000-000000000000\": {\"startup_script\": \"<redacted>\"}}"
        );
    }
}
