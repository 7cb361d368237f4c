//! Resources as JSON. Full: every field of the document. Minimal: only the fields that no response can lack.

use serde_json::{Value, json};

const CREATED: &str = "2025-03-18T16:25:45.883Z";
const UPDATED: &str = "2025-03-18T16:26:38.938Z";

pub mod full {
    use super::*;

    pub fn volume() -> Value {
        json!({
            "id": "v-1", "name": "data", "description": "training data", "type": "hdd", "size": 50,
            "region": "NORD-NO-KRS-1", "instances": [{ "id": "i-1", "name": "trainer" }], "status": "created",
            "created_at": CREATED, "updated_at": UPDATED,
        })
    }

    pub fn filesystem() -> Value {
        json!({
            "id": "f-1", "name": "shared", "description": "datasets", "type": "vast", "size": 1000,
            "mount_endpoint_range": ["10.0.0.1", "10.0.0.16"], "mount_base_path": "/shared",
            "region": "EUC-DE-MUC-1", "status": "created", "created_at": CREATED, "updated_at": UPDATED,
        })
    }

    pub fn floating_ip() -> Value {
        json!({
            "id": "a-1", "name": "entry", "description": "web", "region": "NORD-NO-KRS-1", "status": "created",
            "ip_address": "203.0.113.7", "version": "ipv4", "is_public": true,
            "instance": { "id": "i-1", "name": "trainer" }, "created_at": CREATED, "updated_at": UPDATED,
        })
    }

    pub fn image() -> Value {
        json!({
            "id": "m-1", "type": "cloud-image", "family": "ubuntu", "name": "Ubuntu 24.04", "os_type": "linux",
            "slug": "ubuntu-24.04", "versions": ["v1", "v2"], "regions": ["NORD-NO-KRS-1", "NA-CA-PRG-1"],
            "created_at": CREATED, "updated_at": UPDATED,
        })
    }

    pub fn instance() -> Value {
        json!({
            "id": "i-1", "name": "trainer", "hostname": "trainer", "dns_name": "trainer.example.com",
            "type": "vcpu-4_memory-12g_disk-80g_nvidia3080-1", "region": "NORD-NO-KRS-1", "placement_option": "AUTO",
            "image": { "id": "m-1", "name": "Ubuntu 24.04" }, "ssh_keys": [{ "id": "k-1", "name": "laptop" }],
            "security_groups": [{ "id": "g-1", "name": "web" }], "volumes": [{ "id": "v-1", "name": "data" }],
            "status": "active", "private_ip": "10.0.0.7", "public_ip": "203.0.113.7", "os_type": "linux",
            "created_at": CREATED, "updated_at": UPDATED, "disk_size": 80,
            "floating_ip": { "id": "a-1", "name": "entry" }, "reservation_id": "r-1",
        })
    }

    pub fn security_group() -> Value {
        json!({
            "id": "g-1", "name": "web", "description": "web servers", "region": "NORD-NO-KRS-1",
            "rules": [
                { "direction": "ingress", "protocol": "tcp", "port_range_min": 443, "port_range_max": 443 },
                { "direction": "egress", "protocol": "all" },
            ],
            "status": "created", "is_internal": false, "created_at": CREATED, "updated_at": UPDATED,
        })
    }

    pub fn snapshot() -> Value {
        json!({
            "id": "s-1", "name": "nightly", "size": 80, "region": "NORD-NO-KRS-1", "status": "created",
            "os_type": "linux", "created_at": CREATED, "updated_at": UPDATED, "source_instance_id": "i-1",
            "source_snapshot_id": "s-0",
        })
    }

    pub fn ssh_key() -> Value {
        json!({
            "id": "k-1", "name": "laptop", "value": "ssh-ed25519 AAAA me@laptop", "fingerprint": "aa:bb:cc",
            "type": "ssh-ed25519", "size": 256, "created_at": CREATED, "updated_at": UPDATED,
        })
    }

    pub fn quota() -> Value {
        json!({
            "key": "instances", "capacity": 10, "used": 3,
            "flavors": [{ "product_name": "gpu", "flavor_name": "nvidia3080", "unit": "count", "used": 3 }],
        })
    }

    pub fn reservation() -> Value {
        json!({
            "id": "r-1", "flavor_name": "h100", "region": "NORD-NO-KRS-1", "quota": { "capacity": 16, "used": 4 },
            "metadata": { "contract": 7 },
        })
    }

    pub fn availability() -> Value {
        json!({
            "type": "instances", "region": "NORD-NO-KRS-1", "placement": "AUTO",
            "instance_types": [{ "type": "vcpu-2_memory-4g_disk-80g", "available": true, "count": 3.0 }],
        })
    }
}

pub mod minimal {
    use super::*;

    pub fn volume() -> Value {
        without(full::volume(), &["updated_at"], json!({ "instances": [] }))
    }

    pub fn filesystem() -> Value {
        without(full::filesystem(), &["updated_at", "mount_endpoint_range", "mount_base_path"], json!({}))
    }

    pub fn floating_ip() -> Value {
        without(full::floating_ip(), &["updated_at", "ip_address", "instance"], json!({}))
    }

    pub fn image() -> Value {
        let absent = ["updated_at", "family", "slug", "versions", "os_type", "regions"];
        without(full::image(), &absent, json!({}))
    }

    pub fn instance() -> Value {
        let absent = [
            "updated_at",
            "dns_name",
            "placement_option",
            "image",
            "ssh_keys",
            "security_groups",
            "volumes",
            "private_ip",
            "public_ip",
            "os_type",
            "disk_size",
            "floating_ip",
            "reservation_id",
        ];
        without(full::instance(), &absent, json!({}))
    }

    pub fn security_group() -> Value {
        without(full::security_group(), &["updated_at"], json!({ "rules": [] }))
    }

    pub fn snapshot() -> Value {
        without(full::snapshot(), &["updated_at", "source_instance_id", "source_snapshot_id"], json!({}))
    }

    pub fn ssh_key() -> Value {
        without(full::ssh_key(), &["updated_at"], json!({}))
    }

    pub fn quota() -> Value {
        without(full::quota(), &[], json!({ "flavors": [] }))
    }

    pub fn reservation() -> Value {
        without(full::reservation(), &[], json!({ "metadata": {} }))
    }

    pub fn availability() -> Value {
        without(full::availability(), &["placement"], json!({ "instance_types": [] }))
    }
}

/// A resource without some of its fields, and with others instead.
pub fn without(mut resource: Value, absent: &[&str], instead: Value) -> Value {
    let fields = resource.as_object_mut().unwrap();
    absent.iter().for_each(|name| assert!(fields.remove(*name).is_some(), "{name} is not there to be absent"));
    fields.extend(instead.as_object().unwrap().clone());
    resource
}

/// A page as the service sends it.
pub fn page(plural: &str, items: &[Value], number: u32, per_page: u32, total_count: usize) -> Value {
    json!({ plural: items, "total_count": total_count, "page": number, "per_page": per_page })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::document;

    #[test]
    fn full_resources_have_every_field_of_the_document() {
        let wrapped = |name: &str, inner: Value| json!({ name: inner });
        for (schema, resource) in [
            ("Volume", full::volume()),
            ("Filesystem", full::filesystem()),
            ("FloatingIP", full::floating_ip()),
            ("Image", full::image()),
            ("Instance", full::instance()),
            ("SecurityGroup", full::security_group()),
            ("Snapshot", full::snapshot()),
            ("SSHKey", full::ssh_key()),
            ("Quota", full::quota()),
            ("Reservation", without(full::reservation(), &["metadata"], json!({ "metadata": {} }))),
            ("InstancesAvailability", wrapped("availability", full::availability())),
        ] {
            assert_eq!(document::value_fields(&resource), document::fields(schema), "{schema}");
        }
    }

    #[test]
    fn minimal_resources_have_the_required_fields_that_examples_have() {
        let required = |schema: &str| -> BTreeSet<&str> {
            let names = &document::document()["components"]["schemas"][schema]["required"];
            names.as_array().unwrap().iter().filter_map(Value::as_str).collect()
        };
        for (schema, resource) in [
            ("Volume", minimal::volume()),
            ("SSHKey", minimal::ssh_key()),
            ("SecurityGroup", minimal::security_group()),
        ] {
            let mut names: BTreeSet<&str> = resource.as_object().unwrap().keys().map(String::as_str).collect();
            names.insert("updated_at");
            assert_eq!(names, required(schema), "{schema}");
        }
    }
}
