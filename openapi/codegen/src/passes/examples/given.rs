//! Examples that are given as JSON: at the end of the documentation, or in the table here.

use serde_json::Value;
use syn::{Attribute, Field};

use super::super::syntax::{documentation, wire_name};
use crate::rules::described_example;

/// A type, a field as it is called in JSON, and its value, where the document has no example and the form of the value does not
/// follow from its name. They go together: a machine that is active and has an address, a rule for a port of TCP.
pub(super) const CHOSEN: &[(&str, &str, &str)] = &[
    ("Filesystem", "mount_base_path", r#""/example""#),
    ("Filesystem", "mount_endpoint_range", r#"["192.0.2.1", "192.0.2.16"]"#),
    ("Filesystem", "size", "1000"),
    ("Filesystem", "status", r#""created""#),
    ("FloatingIp", "is_public", "true"),
    ("FloatingIp", "status", r#""created""#),
    ("Image", "family", r#""ubuntu""#),
    ("Image", "name", r#""Ubuntu 24.04""#),
    ("Image", "slug", r#""ubuntu-24.04""#),
    ("Image", "versions", r#"["v1"]"#),
    ("Instance", "disk_size", "80"),
    ("Instance", "dns_name", r#""example.example.com""#),
    ("Instance", "placement_option", r#""AUTO""#),
    ("Instance", "private_ip", r#""10.0.0.2""#),
    ("Instance", "status", r#""active""#),
    ("InstanceTypeAvailability", "available", "true"),
    ("Quota", "capacity", "10"),
    ("Quota", "key", r#""instances""#),
    ("QuotaFlavor", "unit", r#""count""#),
    ("RegionAvailability", "placement", r#""AUTO""#),
    ("RegionAvailability", "type", r#""instances""#),
    ("Reservation", "flavor_name", r#""vcpu-4_memory-12g_disk-80g_nvidia3080-1""#),
    ("ReservationQuota", "capacity", "10"),
    ("SecurityGroup", "status", r#""created""#),
    ("SecurityGroupRule", "port_range_max", "22"),
    ("SecurityGroupRule", "port_range_min", "22"),
    ("SecurityGroupRule", "protocol", r#""tcp""#),
    ("Snapshot", "size", "80"),
    ("Snapshot", "source_snapshot_id", "null"),
    ("Snapshot", "status", r#""created""#),
    ("SshKey", "fingerprint", r#""SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA""#),
    ("SshKey", "size", "256"),
    (
        "SshKey",
        "value",
        r#""ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f example""#,
    ),
    ("Volume", "size", "50"),
    ("Volume", "status", r#""created""#),
];

/// Returns the example in the documentation of a type.
pub(super) fn of_type(attributes: &[Attribute]) -> Option<Value> {
    described_example(&documentation(attributes))
}

/// Returns the example for a field of a type, of the document or else of the table.
pub(super) fn of_field(owner: &str, field: &Field) -> Option<Value> {
    let name = wire_name(field);
    let is_it = |(of, field, _): &&(&str, &str, &str)| *of == owner && *field == name;
    let chosen = || serde_json::from_str(CHOSEN.iter().find(is_it)?.2).ok();
    of_type(&field.attrs).or_else(chosen)
}
