//! Floating IPs: public addresses that exist independently of instances.

use genesiscloud_bindings::requests;
use genesiscloud_bindings::types::{
    CreateFloatingIpBody, CreateFloatingIpVersion, SingleFloatingIpResponse, UpdateFloatingIpBody,
};
#[doc(inline)]
pub use genesiscloud_bindings::types::{FloatingIp, FloatingIpStatus, FloatingIpVersion};

use super::{identified_by_fields, resource_service};
use crate::core::Core;
use crate::list::{PageRequest, private::Listable};
use crate::resource::{Create, Delete, Get, Resource, Update};
use crate::wait::{Phase, private::Waitable};
use crate::{Call, Page, Region};

resource_service! {
    /// The floating IPs of an account: public addresses that exist independently of the instances that use them.
    FloatingIps of FloatingIp ("floating IP", "floating IPs"),
    /// Returns the floating IPs of the account.
    client.floating_ips();

    pub fn list;

    /// Creates a floating IP, which is billed from then on. Its address is known when its status is `created`. It can be
    /// assigned to an instance only when the instance is created
    /// ([`CreateInstance::floating_ip`](crate::CreateInstance::floating_ip)). One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::{CreateFloatingIp, Region};
    ///
    /// let address = client.floating_ips().create(CreateFloatingIp::new("web", Region::NordNoKrs1)).await?;
    /// # Ok(()) }
    /// ```
    pub fn create(CreateFloatingIp);

    /// Updates the fields that are set in `change` and no others; the address stays the same. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::UpdateFloatingIp;
    ///
    /// let address = client.floating_ips().update("an-id", UpdateFloatingIp::new().name("mail")).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(UpdateFloatingIp);

    /// Deletes a floating IP and releases its address. Its status is `deleting` until it is gone. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.floating_ips().delete("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn delete;

    wait until "created";
}

impl Resource for FloatingIp {
    type Create = CreateFloatingIp;
    type Update = UpdateFloatingIp;
    type Body = SingleFloatingIpResponse;

    const CREATE: Create<Self> = |raw, new| requests::create_floating_ip(raw, &new.0);
    const GET: Get<Self> = requests::get_floating_ip;
    const UPDATE: Update<Self> = |raw, id, change| requests::update_floating_ip(raw, id, &change.0);
    const DELETE: Delete = requests::delete_floating_ip;

    const OPEN: fn(Self::Body) -> Self = |body| body.floating_ip;
    const NAME: fn(&CreateFloatingIp) -> &str = |new| &new.0.name;
    const IDENTITY: &'static [&'static str] = &["name", "description", "region", "version"];
}

impl Listable for FloatingIp {
    type Filter = ();

    fn fetch(core: &Core, (): &(), page: PageRequest) -> Call<Page<Self>> {
        page.fetch(core, requests::list_floating_i_ps_paginated, |l| {
            (l.floating_ips, l.page, l.per_page, l.total_count)
        })
    }

    identified_by_fields!();
}

impl Waitable for FloatingIp {
    type Status = FloatingIpStatus;

    const KIND: &'static str = "floating IP";

    fn status(&self) -> &Self::Status {
        &self.status
    }

    fn phase(status: &Self::Status) -> Phase {
        match status {
            FloatingIpStatus::Created => Phase::Ready,
            FloatingIpStatus::Deleting => Phase::Deleting,
            FloatingIpStatus::Error => Phase::Failed,
            FloatingIpStatus::Unknown(other) => Phase::of_unlisted(other),
            _ => Phase::InTransition,
        }
    }
}

/// Parameters for creating a floating IP.
///
/// ```
/// use genesiscloud::{CreateFloatingIp, Region};
/// let new = CreateFloatingIp::new("web", Region::NordNoKrs1);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CreateFloatingIp(pub(crate) CreateFloatingIpBody);

impl CreateFloatingIp {
    /// Returns parameters for a floating IP in a region.
    pub fn new(name: impl Into<String>, region: Region) -> Self {
        Self(CreateFloatingIpBody { name: name.into(), region, description: None, version: None })
    }

    /// Sets the description, a free text.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(description.into());
        self
    }

    /// Sets the address family. The document lists `ipv4` for new floating IPs.
    pub fn version(mut self, version: FloatingIpVersion) -> Self {
        self.0.version = Some(match version {
            FloatingIpVersion::Ipv4 => CreateFloatingIpVersion::Ipv4,
            other => CreateFloatingIpVersion::Unknown(other.to_string()),
        });
        self
    }
}

/// Parameters for updating a floating IP; fields that are not set stay as they are.
///
/// ```
/// use genesiscloud::UpdateFloatingIp;
/// let change = UpdateFloatingIp::new().name("mail");
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UpdateFloatingIp(pub(crate) UpdateFloatingIpBody);

impl UpdateFloatingIp {
    /// Returns parameters that change nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.name = Some(name.into());
        self
    }

    /// Sets the description.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(description.into());
        self
    }
}
