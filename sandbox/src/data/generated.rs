//! Generated resources that look realistic. They are the same every time.

use chrono::{DateTime, TimeDelta, Utc};
use genesiscloud_bindings::types::{
    Filesystem, FilesystemStatus, FilesystemType, FloatingIp, FloatingIpStatus, FloatingIpVersion, Image, ImageType,
    Instance, InstanceStatus, InstanceTypeAvailability, OsType, Quota, QuotaFlavor, Region, RegionAvailability,
    Reservation, ReservationQuota, SecurityGroup, SecurityGroupRule, SecurityGroupRuleProtocol, SecurityGroupStatus,
    Snapshot, SnapshotStatus, SshKey, Volume, VolumeStatus, VolumeType,
};
use serde_json::Map;

use crate::filled::filled;
use crate::resource_id::{self, reference};
use crate::ssh_public_key;

pub(super) const REGIONS: [Region; 7] = [
    Region::NordNoKrs1,
    Region::EucDeMuc1,
    Region::EuwGbMnc1,
    Region::EuwNlAms1,
    Region::NaCaFts1,
    Region::NaCaMnz1,
    Region::NaCaPrg1,
];

/// The last two are those of the examples of the provider's Terraform provider.
const INSTANCE_TYPES: [&str; 6] = [
    "vcpu-4_memory-12g_disk-80g_nvidia3080-1",
    "vcpu-8_memory-24g_disk-80g_nvidia3090-1",
    "vcpu-2_memory-4g_disk-80g",
    RESERVED_TYPE,
    "vcpu-2_memory-4g",
    "vcpu-4_memory-16g_nvidia-rtx-3080-1",
];

/// Available by reservation only.
pub(super) const RESERVED_TYPE: &str = "vcpu-192_memory-1920g_disk-80g_nvidiah100-8";

const ROLES: [&str; 5] = ["trainer", "inference", "render", "notebook", "gateway"];

/// Returns a time `number` hours after the start of 2025.
fn time(number: usize) -> DateTime<Utc> {
    const START: i64 = 1_735_689_600;
    DateTime::UNIX_EPOCH + TimeDelta::seconds(START) + TimeDelta::hours(number as i64)
}

fn pick<T: Clone>(from: &[T], number: usize) -> T {
    from[number % from.len()].clone()
}

pub(super) fn instance(number: usize) -> Instance {
    let name = format!("{}-{:03}", pick(&ROLES, number), number + 1);
    let status = match number % 25 {
        7 => InstanceStatus::Stopped,
        13 => InstanceStatus::Creating,
        19 => InstanceStatus::Error,
        _ => InstanceStatus::Active,
    };
    let has_address = matches!(status, InstanceStatus::Active | InstanceStatus::Stopped);
    let address = |network: &str| has_address.then(|| format!("{network}.{}.{}", number / 250 % 250, number % 250 + 1));
    filled!(Instance {
        id: resource_id::INSTANCE.seeded(number),
        hostname: name.clone(),
        dns_name: Some(format!("{name}.sandbox.invalid")),
        name,
        type_: pick(&INSTANCE_TYPES[..3], number / 5).into(),
        region: pick(&REGIONS, number / 10),
        placement_option: Some("AUTO".into()),
        image: Some(reference(&resource_id::IMAGE.seeded(0), "Ubuntu 24.04")),
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
    })
}

pub(super) fn volume(number: usize) -> Volume {
    filled!(Volume {
        id: resource_id::VOLUME.seeded(number),
        name: format!("data-{:03}", number + 1),
        description: pick(&["", "training data", "checkpoints"], number).into(),
        type_: if number.is_multiple_of(4) { VolumeType::Ssd } else { VolumeType::Hdd },
        size: pick(&[50, 100, 500, 2000], number),
        region: Region::NordNoKrs1,
        instances: vec![],
        status: VolumeStatus::Created,
        created_at: time(number),
        updated_at: Some(time(number)),
    })
}

pub(super) fn snapshot(number: usize) -> Snapshot {
    filled!(Snapshot {
        id: resource_id::SNAPSHOT.seeded(number),
        name: format!("nightly-{:03}", number + 1),
        size: 80,
        region: pick(&REGIONS, number / 10),
        status: SnapshotStatus::Created,
        os_type: OsType::Linux,
        created_at: time(number),
        updated_at: Some(time(number)),
        source_instance_id: Some(resource_id::INSTANCE.seeded(number / 3)),
        source_snapshot_id: None,
    })
}

pub(super) fn filesystem(number: usize) -> Filesystem {
    let created = number != 4;
    filled!(Filesystem {
        id: resource_id::FILESYSTEM.seeded(number),
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
    })
}

pub(super) fn ssh_key(number: usize) -> SshKey {
    let name = pick(&["laptop", "desktop", "ci"], number);
    // Digits are valid base64, so that this parses as a public key, although it has no private key.
    let value = format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{number:043} {name}@sandbox.invalid");
    let mut key = ssh_public_key::parse(name.into(), value, time(number)).expect("a public key");
    key.id = resource_id::SSH_KEY.seeded(number);
    key
}

pub(super) fn security_group(number: usize) -> SecurityGroup {
    let tcp = |port| SecurityGroupRule::ingress(SecurityGroupRuleProtocol::Tcp).ports(port..=port);
    let rules = vec![tcp(22), tcp(443), SecurityGroupRule::ingress(SecurityGroupRuleProtocol::Icmp)];
    filled!(SecurityGroup {
        id: resource_id::SECURITY_GROUP.seeded(number),
        name: pick(&["standard", "web", "ssh-only", "closed"], number).into(),
        description: String::new(),
        region: Region::NordNoKrs1,
        rules: rules.into_iter().take(3 - number % 4).collect(),
        status: SecurityGroupStatus::Created,
        is_internal: number == 0,
        created_at: time(number),
        updated_at: Some(time(number)),
    })
}

pub(super) fn floating_ip(number: usize) -> FloatingIp {
    let created = number != 11;
    filled!(FloatingIp {
        id: resource_id::FLOATING_IP.seeded(number),
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
    })
}

pub(super) fn images() -> Vec<Image> {
    let image = |number, name: &str, slug: Option<&str>, family: &str, versions: &[&str]| {
        filled!(Image {
            id: resource_id::IMAGE.seeded(number),
            type_: ImageType::CloudImage,
            family: Some(family.into()),
            name: name.into(),
            os_type: Some(if family == "windows" { OsType::Windows } else { OsType::Linux }),
            slug: slug.map(Into::into),
            versions: Some(versions.iter().map(|&version| version.into()).collect()),
            regions: REGIONS.to_vec(),
            created_at: time(number),
            updated_at: Some(time(number)),
        })
    };
    vec![
        image(0, "Ubuntu 24.04", Some("ubuntu-24.04"), "ubuntu", &["v1", "v2"]),
        image(1, "Ubuntu 22.04", Some("ubuntu-22.04"), "ubuntu", &["v1"]),
        image(2, "Ubuntu ML PyTorch", Some("ubuntu-ml-nvidia-pytorch"), "ubuntu-ml", &["v1", "v2", "v3"]),
        image(3, "Debian 12", Some("debian-12"), "debian", &["v1"]),
        image(4, "Windows Server 2022", None, "windows", &[]),
        // The examples of the provider's Terraform provider write `ubuntu:22.04` as well as `ubuntu-22.04`.
        image(5, "Ubuntu", Some("ubuntu"), "ubuntu", &["20.04", "22.04", "24.04"]),
    ]
}

pub(super) fn availability(region: Region) -> RegionAvailability {
    let has_h100 = region == Region::NordNoKrs1;
    let instance_types = INSTANCE_TYPES.into_iter().map(|name| {
        let available = has_h100 || !name.contains("h100");
        let count = Some(if available { 64.0 } else { 0.0 });
        filled!(InstanceTypeAvailability { type_: name.into(), available, count })
    });
    filled!(RegionAvailability {
        type_: "instances".into(),
        instance_types: instance_types.collect(),
        region,
        placement: None,
    })
}

pub(super) fn quota(key: &str, capacity: i64) -> Quota {
    let flavor =
        filled!(QuotaFlavor { product_name: key.into(), flavor_name: "all".into(), unit: "count".into(), used: 0 });
    filled!(Quota { key: key.into(), capacity, used: 0, flavors: vec![flavor] })
}

pub(super) fn reservation() -> Reservation {
    filled!(Reservation {
        id: resource_id::RESERVATION.seeded(0),
        flavor_name: RESERVED_TYPE.into(),
        region: Region::NordNoKrs1,
        quota: filled!(ReservationQuota { capacity: 16, used: 4 }),
        metadata: Map::new(),
    })
}
