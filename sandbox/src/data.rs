//! The resources of a sandbox, and made-up ones that look real.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use genesiscloud_bindings::types::{
    Filesystem, FilesystemStatus, FilesystemType, FloatingIp, FloatingIpStatus, FloatingIpVersion, Image, ImageType,
    Instance, InstanceStatus, InstanceTypeAvailability, OsType, Quota, QuotaFlavor, Reference, Region,
    RegionAvailability, Reservation, ReservationQuota, SecurityGroup, SecurityGroupRule, SecurityGroupRuleProtocol,
    SecurityGroupStatus, Snapshot, SnapshotStatus, SshKey, Volume, VolumeStatus, VolumeType,
};
use serde_json::{Map, Value, json};

/// All resources of a sandbox, in the order they are listed.
///
/// ```
/// use genesiscloud_sandbox::Data;
///
/// let mut data = Data::new().with_instances(2);
/// data.instances[0].name = "trainer".into();
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Data {
    /// What can be created where, a region each.
    pub availability: Vec<RegionAvailability>,
    /// Network filesystems.
    pub filesystems: Vec<Filesystem>,
    /// Floating IPs.
    pub floating_ips: Vec<FloatingIp>,
    /// Images.
    pub images: Vec<Image>,
    /// Machines.
    pub instances: Vec<Instance>,
    /// Quotas.
    pub quotas: Vec<Quota>,
    /// Reservations.
    pub reservations: Vec<Reservation>,
    /// Security groups.
    pub security_groups: Vec<SecurityGroup>,
    /// Snapshots; those taken of an instance name it in `source_instance_id`.
    pub snapshots: Vec<Snapshot>,
    /// SSH keys.
    pub ssh_keys: Vec<SshKey>,
    /// User metadata, by instance id.
    pub user_metadata: HashMap<String, Map<String, Value>>,
    /// Volumes.
    pub volumes: Vec<Volume>,
}

const REGIONS: [Region; 7] = [
    Region::NordNoKrs1,
    Region::EucDeMuc1,
    Region::EuwGbMnc1,
    Region::EuwNlAms1,
    Region::NaCaFts1,
    Region::NaCaMnz1,
    Region::NaCaPrg1,
];

const INSTANCE_TYPES: [&str; 4] = [
    "vcpu-4_memory-12g_disk-80g_nvidia3080-1",
    "vcpu-8_memory-24g_disk-80g_nvidia3090-1",
    "vcpu-2_memory-4g_disk-80g",
    "vcpu-192_memory-1920g_disk-80g_nvidiah100-8",
];

const ROLES: [&str; 5] = ["trainer", "inference", "render", "notebook", "gateway"];

impl Data {
    /// No resources at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// An account in use: 250 instances and what belongs to them. The same every time.
    pub fn realistic() -> Self {
        let mut data = Self::new().with_instances(250);
        data.ssh_keys = (0..3).map(ssh_key).collect();
        data.security_groups = (0..4).map(security_group).collect();
        data.images = images();
        data.volumes = (0..120).map(volume).collect();
        data.snapshots = (0..60).map(snapshot).collect();
        data.filesystems = (0..5).map(filesystem).collect();
        data.floating_ips = (0..12).map(floating_ip).collect();
        data.availability = REGIONS.into_iter().map(availability).collect();
        data.quotas = vec![quota("instances", 300, 250), quota("volumes", 200, 120), quota("snapshots", 100, 60)];
        data.reservations = vec![reservation()];
        let script = json!({ "startup_script": "#!/bin/sh\necho ready > /run/ready\n" });
        data.user_metadata = HashMap::from([(id(INSTANCE, 0), script.as_object().cloned().unwrap_or_default())]);
        data.connect();
        data
    }

    /// The same with this many instances, made up.
    pub fn with_instances(mut self, count: usize) -> Self {
        self.instances = (0..count).map(instance).collect();
        self
    }

    /// Attaches every third volume and the floating IPs to instances, and keys and groups to all.
    fn connect(&mut self) {
        let keys: Vec<_> = self.ssh_keys.iter().take(1).map(|key| reference(&key.id, &key.name)).collect();
        let groups: Vec<_> =
            self.security_groups.iter().take(1).map(|group| reference(&group.id, &group.name)).collect();
        for instance in &mut self.instances {
            instance.ssh_keys.clone_from(&keys);
            instance.security_groups.clone_from(&groups);
        }
        for (volume, instance) in self.volumes.iter_mut().step_by(3).zip(&mut self.instances) {
            volume.region = instance.region.clone();
            volume.instances = vec![reference(&instance.id, &instance.name)];
            instance.volumes = vec![reference(&volume.id, &volume.name)];
        }
        for (address, instance) in self.floating_ips.iter_mut().step_by(2).zip(&mut self.instances) {
            address.region = instance.region.clone();
            address.instance = Some(reference(&instance.id, &instance.name));
            instance.floating_ip = Some(reference(&address.id, &address.name));
            instance.public_ip.clone_from(&address.ip_address);
        }
    }
}

// The first digit of an id tells the kind, which helps when reading logs.
const INSTANCE: u8 = 1;
const VOLUME: u8 = 2;
const SNAPSHOT: u8 = 3;
const FILESYSTEM: u8 = 4;
const SSH_KEY: u8 = 5;
const SECURITY_GROUP: u8 = 6;
const FLOATING_IP: u8 = 7;
const IMAGE: u8 = 8;
const RESERVATION: u8 = 9;

fn id(kind: u8, number: usize) -> String {
    format!("{kind}0000000-0000-4000-8000-{number:012x}")
}

fn reference(id: &str, name: &str) -> Reference {
    Reference { id: id.into(), name: name.into(), extra: Map::new() }
}

/// An hour after the other, from the start of 2025.
fn time(number: usize) -> DateTime<Utc> {
    const START: i64 = 1_735_689_600;
    DateTime::UNIX_EPOCH + TimeDelta::seconds(START) + TimeDelta::hours(number as i64)
}

fn pick<T: Clone>(from: &[T], number: usize) -> T {
    from[number % from.len()].clone()
}

fn instance(number: usize) -> Instance {
    let name = format!("{}-{:03}", pick(&ROLES, number), number + 1);
    let status = match number % 25 {
        7 => InstanceStatus::Stopped,
        13 => InstanceStatus::Creating,
        19 => InstanceStatus::Error,
        _ => InstanceStatus::Active,
    };
    let has_address = matches!(status, InstanceStatus::Active | InstanceStatus::Stopped);
    let address = |network: &str| has_address.then(|| format!("{network}.{}.{}", number / 250 % 250, number % 250 + 1));
    Instance {
        id: id(INSTANCE, number),
        hostname: name.clone(),
        dns_name: Some(format!("{name}.sandbox.invalid")),
        name,
        type_: pick(&INSTANCE_TYPES, number / 5).into(),
        region: pick(&REGIONS, number / 10),
        placement_option: Some("AUTO".into()),
        image: Some(reference(&id(IMAGE, 0), "Ubuntu 24.04")),
        ssh_keys: vec![],
        security_groups: vec![],
        volumes: vec![],
        status,
        private_ip: address("10.0"),
        public_ip: address("198.18"),
        os_type: Some(OsType::Linux),
        created_at: time(number),
        updated_at: Some(time(number + 1)),
        disk_size: Some(80),
        floating_ip: None,
        reservation_id: None,
        is_protected: Some(number.is_multiple_of(50)),
        extra: Map::new(),
    }
}

fn volume(number: usize) -> Volume {
    Volume {
        id: id(VOLUME, number),
        name: format!("data-{:03}", number + 1),
        description: pick(&["", "training data", "checkpoints"], number).into(),
        type_: if number.is_multiple_of(4) { VolumeType::Ssd } else { VolumeType::Hdd },
        size: pick(&[50, 100, 500, 2000], number),
        region: Region::NordNoKrs1,
        instances: vec![],
        status: VolumeStatus::Created,
        created_at: time(number),
        updated_at: Some(time(number)),
        extra: Map::new(),
    }
}

fn snapshot(number: usize) -> Snapshot {
    Snapshot {
        id: id(SNAPSHOT, number),
        name: format!("nightly-{:03}", number + 1),
        size: 80,
        region: pick(&REGIONS, number / 10),
        status: SnapshotStatus::Created,
        os_type: OsType::Linux,
        created_at: time(number),
        updated_at: Some(time(number)),
        source_instance_id: Some(id(INSTANCE, number / 3)),
        source_snapshot_id: None,
        extra: Map::new(),
    }
}

fn filesystem(number: usize) -> Filesystem {
    let created = number != 4;
    Filesystem {
        id: id(FILESYSTEM, number),
        name: format!("shared-{}", number + 1),
        description: "datasets".into(),
        type_: FilesystemType::Vast,
        size: 1000 * (number as i64 + 1),
        mount_endpoint_range: created.then(|| vec!["10.255.0.1".into(), "10.255.0.16".into()]),
        mount_base_path: created.then(|| format!("/shared-{}", number + 1)),
        region: Region::NordNoKrs1,
        status: if created { FilesystemStatus::Created } else { FilesystemStatus::Creating },
        created_at: time(number),
        updated_at: Some(time(number)),
        extra: Map::new(),
    }
}

fn ssh_key(number: usize) -> SshKey {
    let name = pick(&["laptop", "desktop", "ci"], number);
    SshKey {
        id: id(SSH_KEY, number),
        name: name.into(),
        value: format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{number:034} {name}@sandbox.invalid"),
        fingerprint: (0..16).map(|byte| format!("{:02x}", (byte * 7 + number) % 256)).collect::<Vec<_>>().join(":"),
        type_: "ssh-ed25519".into(),
        size: 256,
        created_at: time(number),
        updated_at: Some(time(number)),
        extra: Map::new(),
    }
}

fn security_group(number: usize) -> SecurityGroup {
    let tcp = |port| SecurityGroupRule::ingress(SecurityGroupRuleProtocol::Tcp).ports(port..=port);
    let rules = vec![tcp(22), tcp(443), SecurityGroupRule::ingress(SecurityGroupRuleProtocol::Icmp)];
    SecurityGroup {
        id: id(SECURITY_GROUP, number),
        name: pick(&["standard", "web", "ssh-only", "closed"], number).into(),
        description: String::new(),
        region: Region::NordNoKrs1,
        rules: rules.into_iter().take(3 - number % 4).collect(),
        status: SecurityGroupStatus::Created,
        is_internal: number == 0,
        created_at: time(number),
        updated_at: Some(time(number)),
        extra: Map::new(),
    }
}

fn floating_ip(number: usize) -> FloatingIp {
    let created = number != 11;
    FloatingIp {
        id: id(FLOATING_IP, number),
        name: format!("entry-{:02}", number + 1),
        description: String::new(),
        region: Region::NordNoKrs1,
        status: if created { FloatingIpStatus::Created } else { FloatingIpStatus::Creating },
        ip_address: created.then(|| format!("203.0.113.{}", number + 1)),
        version: FloatingIpVersion::Ipv4,
        is_public: true,
        instance: None,
        created_at: time(number),
        updated_at: Some(time(number)),
        extra: Map::new(),
    }
}

fn images() -> Vec<Image> {
    let image = |number, name: &str, slug: Option<&str>, family: &str, versions: &[&str]| Image {
        id: id(IMAGE, number),
        type_: ImageType::CloudImage,
        family: Some(family.into()),
        name: name.into(),
        os_type: Some(if family == "windows" { OsType::Windows } else { OsType::Linux }),
        slug: slug.map(Into::into),
        versions: Some(versions.iter().map(|&version| version.into()).collect()),
        regions: REGIONS.to_vec(),
        created_at: time(number),
        updated_at: Some(time(number)),
        extra: Map::new(),
    };
    vec![
        image(0, "Ubuntu 24.04", Some("ubuntu-24.04"), "ubuntu", &["v1", "v2"]),
        image(1, "Ubuntu 22.04", Some("ubuntu-22.04"), "ubuntu", &["v1"]),
        image(2, "Ubuntu ML PyTorch", Some("ubuntu-ml-nvidia-pytorch"), "ubuntu-ml", &["v1", "v2", "v3"]),
        image(3, "Debian 12", Some("debian-12"), "debian", &["v1"]),
        image(4, "Windows Server 2022", None, "windows", &[]),
    ]
}

fn availability(region: Region) -> RegionAvailability {
    let has_h100 = region == Region::NordNoKrs1;
    let instance_types = INSTANCE_TYPES.into_iter().map(|name| {
        let available = has_h100 || !name.contains("h100");
        let count = Some(if available { 8.0 } else { 0.0 });
        InstanceTypeAvailability { type_: name.into(), available, count, extra: Map::new() }
    });
    RegionAvailability {
        type_: "instances".into(),
        instance_types: instance_types.collect(),
        region,
        placement: None,
        extra: Map::new(),
    }
}

fn quota(key: &str, capacity: i64, used: i64) -> Quota {
    let flavor = QuotaFlavor {
        product_name: key.into(),
        flavor_name: "all".into(),
        unit: "count".into(),
        used,
        extra: Map::new(),
    };
    Quota { key: key.into(), capacity, used, flavors: vec![flavor], extra: Map::new() }
}

fn reservation() -> Reservation {
    Reservation {
        id: id(RESERVATION, 0),
        flavor_name: INSTANCE_TYPES[3].into(),
        region: Region::NordNoKrs1,
        quota: ReservationQuota { capacity: 16, used: 4, extra: Map::new() },
        metadata: Map::new(),
        extra: Map::new(),
    }
}
