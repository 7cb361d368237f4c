//! The data of an account, as seed files contain it and as `Sandbox::data` returns it.

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

use crate::resource_id::{self, reference};
use crate::yaml;

/// Everything in an account, in the order of the lists.
///
/// A `--seed` file contains this as YAML or JSON. A field that the file omits has the value of [`Data::new`].
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
    /// Status of the account, which restricts the requests that are permitted.
    pub account_status: AccountStatus,
    /// Availability of instance types, one entry per region. Creating an instance decrements `count` and deleting it
    /// increments it. At 0, the type has no capacity in the region. Without a `count`, `available` decides.
    pub availability: Vec<RegionAvailability>,
    /// Network filesystems.
    pub filesystems: Vec<Filesystem>,
    /// Floating IPs.
    pub floating_ips: Vec<FloatingIp>,
    /// Images.
    pub images: Vec<Image>,
    /// Instances.
    pub instances: Vec<Instance>,
    /// Valid values of `placement_option`.
    pub placement_options: Vec<String>,
    /// Quotas of `instances`, `volumes`, `snapshots`, `filesystems`, `floating_ips`, `security_groups` and `ssh_keys`.
    /// Without an entry there is no limit. `used` is computed from the resources and ignored here.
    pub quotas: Vec<Quota>,
    /// Reservations. Creating an instance with billing type `reserved` increments `used`, and deleting it decrements
    /// it.
    pub reservations: Vec<Reservation>,
    /// Instance types that are available by reservation only.
    pub reserved_types: Vec<String>,
    /// Security groups.
    pub security_groups: Vec<SecurityGroup>,
    /// Snapshots. One of an instance has its id in `source_instance_id`.
    pub snapshots: Vec<Snapshot>,
    /// SSH keys.
    pub ssh_keys: Vec<SshKey>,
    /// User metadata by instance id.
    pub user_metadata: BTreeMap<String, UserMetadata>,
    /// Volumes. Their `instances` are computed from the instances and ignored here.
    pub volumes: Vec<Volume>,
}

/// The user metadata of an instance, such as its startup script. It contains secrets, so that `Debug` prints only the
/// names of its fields.
#[derive(Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct UserMetadata(pub Map<String, Value>);

impl fmt::Debug for UserMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.keys().map(|name| (name, "<redacted>"))).finish()
    }
}

/// Status of an account. Each status but [`Active`](Self::Active) rejects requests with a documented error code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AccountStatus {
    /// All requests are permitted.
    #[default]
    Active,
    /// Rejects `POST` with 02019.
    PaymentMethodRequired,
    /// Rejects `POST` with 02050.
    NotVerified,
    /// Rejects everything but `GET` with 02043.
    ReadOnly,
    /// Rejects every request with 02040.
    Suspended,
    /// Rejects every request with 02041.
    Banned,
    /// Rejects every request with 02042.
    Disabled,
    /// Rejects every request with 02044: the API is disabled for all accounts.
    ApiDisabled,
}

impl Default for Data {
    fn default() -> Self {
        Self::new()
    }
}

impl Data {
    /// Creates the data of a new account: no resources, but the images, instance types and quotas of the provider.
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
            account_status: AccountStatus::Active,
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
            user_metadata: BTreeMap::new(),
            volumes: vec![],
        }
    }

    /// Creates the data of an account in use: 250 instances with volumes, snapshots, filesystems, SSH keys, security
    /// groups, floating IPs and a reservation. It is the same every time.
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
        data.user_metadata = BTreeMap::from([(resource_id::INSTANCE.seeded(0), UserMetadata(script))]);
        data.connect();
        data
    }

    /// Replaces the instances by this number of generated ones, and raises the quota of instances to at least 50 more
    /// than that.
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

    /// Connects the resources: attaches every third volume and every second floating IP to an instance, an SSH key to
    /// all instances, and a security group to those of its region. Assigns instances to the used part of the
    /// reservation.
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
            let is_candidate = |instance: &&mut Instance| {
                instance.region == reservation.region && instance.status == InstanceStatus::Active
            };
            // Skips the first instances, which tests and examples refer to.
            let reserved =
                self.instances.iter_mut().filter(is_candidate).skip(16).take(reservation.quota.used as usize);
            for instance in reserved {
                instance.type_.clone_from(&reservation.flavor_name);
                instance.reservation_id = Some(reservation.id.clone());
            }
        }
    }

    /// Returns an error if two resources of the same kind have the same id.
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
        Some(id) => Err(format!("two {kind} have the id {id}")),
        None => Ok(()),
    }
}

impl FromStr for Data {
    type Err = DataError;

    /// Parses YAML or JSON.
    fn from_str(text: &str) -> Result<Self, DataError> {
        let data = yaml::parse::<Self>(text).map_err(DataError)?;
        data.check().map_err(DataError)?;
        Ok(data)
    }
}

/// Invalid data. The message contains what is wrong, and the path of the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataError(String);

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DataError {}

impl fmt::Debug for Data {
    /// Prints counts only: user metadata contains secrets, and the rest is long.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data")
            .field("account_status", &self.account_status)
            .field("filesystems", &self.filesystems.len())
            .field("floating_ips", &self.floating_ips.len())
            .field("instances", &self.instances.len())
            .field("security_groups", &self.security_groups.len())
            .field("snapshots", &self.snapshots.len())
            .field("ssh_keys", &self.ssh_keys.len())
            .field("volumes", &self.volumes.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_survives_serialization() {
        let data = Data::realistic();
        assert!(serde_json::to_string(&data).unwrap().parse::<Data>().unwrap() == data);
    }

    #[test]
    fn a_field_that_a_file_omits_has_the_value_of_a_new_account() {
        let data = "account_status: suspended\nquotas: []".parse::<Data>().unwrap();
        assert_eq!(
            (data.account_status, data.quotas.len(), data.images),
            (AccountStatus::Suspended, 0, Data::new().images)
        );
        assert!("".parse::<Data>().unwrap() == Data::new());
    }

    #[test]
    fn the_error_for_an_invalid_file_names_the_field() {
        let twice =
            serde_json::json!({ "reservations": [generated::reservation(), generated::reservation()] }).to_string();
        for (text, message) in [
            ("account_status: splendid", "account_status: unknown variant `splendid`, expected one of `active`, "),
            ("instances: [{id: 1}]", "instances[0].id: must be a string"),
            ("servers: []", "servers: unknown field `servers`, expected one of `account_status`, "),
            ("user_metadata: {i: '#!/bin/sh s3cret'}", "user_metadata.i: must be a map"),
            ("a: b: c", "neither YAML nor JSON: "),
            (twice.as_str(), "two reservations have the id 90000000-0000-4000-8000-000000000000"),
        ] {
            let error = text.parse::<Data>().unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn user_metadata_is_not_printed() {
        let data = Data::realistic();
        assert!(!format!("{data:?} {:?}", data.user_metadata).contains("echo"));
        assert_eq!(
            format!("{:?}", data.user_metadata),
            "{\"10000000-0000-4000-8000-000000000000\": {\"startup_script\": \"<redacted>\"}}"
        );
    }
}
