//! Floating IPs: public addresses that exist independently of instances.

#[doc(inline)]
pub use genesiscloud_bindings::types::{FloatingIp, FloatingIpStatus, FloatingIpVersion};
use genesiscloud_bindings::{requests, types};

use super::definitions::{parameters, resource};
use crate::Region;
use crate::resource::{with_marker, with_text};

resource! {
    /// The floating IPs of an account: public addresses that exist independently of the instances that use them.
    FloatingIps of FloatingIp ("floating IP", "floating IPs"), client.floating_ips();

    pub fn list, list_page = requests::list_floating_i_ps_paginated(raw, page, per_page) in floating_ips;
    pub fn get = requests::get_floating_ip(raw, id) in SingleFloatingIpResponse.floating_ip;

    /// Creates a floating IP, which is billed from then on. Its address is known when its status is `created`. It can be
    /// assigned to an instance only when the instance is created
    /// ([`CreateInstance::floating_ip`](crate::CreateInstance::floating_ip)).
    pub fn create, create_or_recover(CreateFloatingIp) = requests::create_floating_ip(raw, new);
    example(CreateFloatingIp, Region): CreateFloatingIp::new("web", Region::NordNoKrs1);

    /// The address stays the same.
    pub fn update(UpdateFloatingIp) = requests::update_floating_ip(raw, id, change);
    example(UpdateFloatingIp): UpdateFloatingIp::new().name("mail");

    /// Deletes a floating IP and releases its address. Its status is `deleting` until it is gone.
    pub fn delete, delete_if_exists = requests::delete_floating_ip(raw, id);

    pub fn wait, watch until "created" = FloatingIpStatus { Created => Ready, Deleting => Deleting, Error => Failed };

    identified by ["name", "description", "region", "version"];
    marked in description;
}

parameters! {
    pub struct CreateFloatingIp(types::CreateFloatingIpBody) for "creating a floating IP";
    example(CreateFloatingIp, Region): CreateFloatingIp::new("web", Region::NordNoKrs1), .description("example.com");

    /// Returns parameters for a floating IP in a region.
    pub fn new(name: impl Into<String>, region: Region) =
        types::CreateFloatingIpBody { name: name.into(), region, description: None, version: None };

    /// Sets the region, in place of the one that it was made with: such as that of an [`Offer`](crate::Offer) or an instance.
    pub fn region(mut self, region: Region) -> Self {
        self.0.region = region;
        self
    }

    /// Sets the description, a free text.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(with_text(self.0.description.as_deref(), description.into()));
        self
    }

    /// Sets a marker that no other floating IP has, such as the id of a job. It becomes the end of the description, `[marker …]`, and
    /// `create_or_recover` recognises its result by it, for certain.
    pub fn marker(mut self, marker: impl AsRef<str>) -> Self {
        self.0.description = Some(with_marker(self.0.description.as_deref(), marker.as_ref()));
        self
    }

    /// Sets the address family. The OpenAPI document lists `ipv4` for new floating IPs.
    pub fn version(mut self, version: FloatingIpVersion) -> Self {
        self.0.version = Some(match version {
            FloatingIpVersion::Ipv4 => types::CreateFloatingIpVersion::Ipv4,
            other => types::CreateFloatingIpVersion::Unknown(other.to_string()),
        });
        self
    }
}

parameters! {
    pub struct UpdateFloatingIp(types::UpdateFloatingIpBody): Default for "updating a floating IP";
    example(UpdateFloatingIp): UpdateFloatingIp::new().name("mail").description("mail.example.com");

    /// Sets the name.
    pub fn name(name: impl Into<String>) = self.0.name;

    /// Sets the description.
    pub fn description(description: impl Into<String>) = self.0.description;
}
