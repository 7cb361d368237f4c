//! The fixed responses: one instance, and a page of 100.

use serde_json::{Value, json};

/// Items on a page.
pub const PER_PAGE: usize = 100;

/// The id of the instance that [`instance`] holds.
pub const ID: &str = "2bb9ba41-8a96-4f5e-a8f5-7c0b4f1d3a00";

/// The body of the response to a get.
pub fn instance() -> Vec<u8> {
    json!({ "instance": item(0) }).to_string().into_bytes()
}

/// The body of a page of a list of 100 items.
pub fn page() -> Vec<u8> {
    let items: Vec<_> = (0..PER_PAGE).map(item).collect();
    json!({ "instances": items, "total_count": PER_PAGE, "page": 1, "per_page": PER_PAGE }).to_string().into_bytes()
}

fn item(number: usize) -> Value {
    let (id, name) = (format!("2bb9ba41-8a96-4f5e-a8f5-7c0b4f1d3a{number:02}"), format!("trainer-{number}"));
    json!({
        "id": id, "name": name, "hostname": name, "type": "vcpu-4_memory-12g_disk-80g_nvidia3080-1",
        "region": "NORD-NO-KRS-1", "image": { "id": "8aa2b9f0-33c0-4a91-9d5a-6f2f8a5e0001", "name": "Ubuntu 24.04" },
        "ssh_keys": [{ "id": "8aa2b9f0-33c0-4a91-9d5a-6f2f8a5e0002", "name": "laptop" }],
        "security_groups": [{ "id": "8aa2b9f0-33c0-4a91-9d5a-6f2f8a5e0003", "name": "web" }], "volumes": [],
        "status": "active", "private_ip": "10.0.0.7", "public_ip": "203.0.113.7", "os_type": "linux", "disk_size": 80,
        "floating_ip": null, "is_protected": false, "placement_option": "AUTO",
        "created_at": "2025-03-18T16:25:45.883Z", "updated_at": "2025-03-18T16:26:38.938Z",
    })
}
