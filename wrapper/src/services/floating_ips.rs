//! Floating IPs.

use genesiscloud_bindings::types::{CreateFloatingIpBody, CreateFloatingIpVersion, UpdateFloatingIpBody};

use super::{listed, service};
use crate::create::{create_or_recover, creating};
use crate::{FloatingIp, FloatingIpVersion, List, Page, Pending, Region, Waiter};

service! {
    /// The floating IPs of an account: public addresses that outlive the instances using them.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let floating_ips = client.floating_ips();
    /// # }
    /// ```
    FloatingIps
}

listed!(FloatingIp, "ListFloatingIPsPaginated", list_floating_i_ps_paginated, floating_ips);

impl FloatingIps {
    /// All floating IPs of the account. One request a page.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// let all: Vec<_> = client.floating_ips().list().try_collect().await?;
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<FloatingIp> {
        List::new(&self.client, ())
    }

    /// One page of floating IPs; pages count from 1 and hold 1 to 100 items. One request, none if a number is out of
    /// range.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let page = client.floating_ips().list_page(2, 50).await?;
    /// # Ok(()) }
    /// ```
    pub fn list_page(&self, page: u32, per_page: u32) -> Pending<Page<FloatingIp>> {
        self.list().per_page(per_page).page(page)
    }

    /// Reserves an address, which is billed from then on. It is known when the status is `created`. A floating IP goes
    /// to an instance when that is created ([`CreateInstance::floating_ip`](crate::CreateInstance::floating_ip)), not
    /// later. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::{CreateFloatingIp, Region};
    ///
    /// let address = client.floating_ips().create(CreateFloatingIp::new("web", Region::NordNoKrs1)).await?;
    /// # Ok(()) }
    /// ```
    pub fn create(&self, floating_ip: CreateFloatingIp) -> Pending<FloatingIp> {
        let call = self.client.call("CreateFloatingIP");
        Pending::new(creating(self.client.clone(), floating_ip.0.name.clone(), async move {
            let answer = call.raw.create_floating_ip(&floating_ip.0).await;
            Ok(call.finish(answer).await?.floating_ip)
        }))
    }

    /// Creates one like [`create`](Self::create), and if the answer is lost, looks for what may have been made: of the
    /// same name and fields, not older than the request by the service's clock (but for 5 s; 30 s if no answer told its
    /// time), and not made by another create of this client. Exactly one is adopted. It is never created twice.
    ///
    /// One request; and after a lost answer up to 5 looks at the whole list, each [verified](List::verified), with pauses of
    /// half a minute in all. While another create of this name is under way, whose it may be, it goes on looking.
    ///
    /// Names need not be unique: if another program makes one of the same name and fields at the same time, nobody can tell
    /// them apart. Give each a name of its own.
    ///
    /// # Errors
    /// [`Ambiguous`](crate::ErrorKind::Ambiguous) if none was found, or several;
    /// [`Unconfirmed::found`](crate::Unconfirmed::found) names them.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateFloatingIp) -> genesiscloud::Result<()> {
    /// let made = client.floating_ips().create_or_recover(new).await?;
    /// # Ok(()) }
    /// ```
    pub fn create_or_recover(&self, floating_ip: CreateFloatingIp) -> Pending<FloatingIp> {
        create_or_recover(&self.client, self.create(floating_ip))
    }

    /// The floating IP as it is now. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let floating_ip = client.floating_ips().get("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn get(&self, id: impl AsRef<str>) -> Pending<FloatingIp> {
        let call = self.client.call("GetFloatingIP");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.get_floating_ip(&id).await;
            Ok(call.finish(answer).await?.floating_ip)
        })
    }

    /// Changes what is set in `change` and nothing else; the address stays. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::UpdateFloatingIp;
    ///
    /// let address = client.floating_ips().update("an-id", UpdateFloatingIp::new().name("mail")).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(&self, id: impl AsRef<str>, change: UpdateFloatingIp) -> Pending<FloatingIp> {
        let call = self.client.call("UpdateFloatingIP");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.update_floating_ip(&id, &change.0).await;
            Ok(call.finish(answer).await?.floating_ip)
        })
    }

    /// Waits for one: until it is `created` unless the [`Waiter`] is told something else. Looks at it every 2 s for 20 minutes
    /// at most; what that costs, and what ends it, [`Waiter`] says.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let ready = client.floating_ips().wait("an-id").await?;
    /// client.floating_ips().delete(&ready.id).await?;
    /// client.floating_ips().wait(&ready.id).until_gone().await?;
    /// # Ok(()) }
    /// ```
    pub fn wait(&self, id: impl AsRef<str>) -> Waiter<FloatingIp> {
        Waiter::new(&self.client, id.as_ref())
    }

    /// Gives an address back. It is listed as `deleting` until it is gone. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.floating_ips().delete("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn delete(&self, id: impl AsRef<str>) -> Pending<()> {
        let call = self.client.call("DeleteFloatingIP");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.delete_floating_ip(&id).await;
            call.finish(answer).await
        })
    }
}

/// What a new floating IP is to be.
///
/// ```
/// use genesiscloud::{CreateFloatingIp, Region};
/// let new = CreateFloatingIp::new("web", Region::NordNoKrs1);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CreateFloatingIp(pub(crate) CreateFloatingIpBody);

impl CreateFloatingIp {
    /// A floating IP in a region.
    pub fn new(name: impl Into<String>, region: Region) -> Self {
        Self(CreateFloatingIpBody { name: name.into(), region, description: None, version: None })
    }

    /// Free text.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(description.into());
        self
    }

    /// Address family. The document lists `ipv4` for new floating IPs.
    pub fn version(mut self, version: FloatingIpVersion) -> Self {
        self.0.version = Some(match version {
            FloatingIpVersion::Ipv4 => CreateFloatingIpVersion::Ipv4,
            other => CreateFloatingIpVersion::Unknown(other.to_string()),
        });
        self
    }
}

/// What is to change about a floating IP; what is not set stays as it is.
///
/// ```
/// use genesiscloud::UpdateFloatingIp;
/// let change = UpdateFloatingIp::new().name("mail");
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UpdateFloatingIp(pub(crate) UpdateFloatingIpBody);

impl UpdateFloatingIp {
    /// No change yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The new name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.name = Some(name.into());
        self
    }

    /// The new description.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(description.into());
        self
    }
}
