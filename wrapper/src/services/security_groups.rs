//! Security groups.

use genesiscloud_bindings::types::{CreateSecurityGroupBody, UpdateSecurityGroupBody};

use super::{listed, service};
use crate::create::{create_or_recover, creating};
use crate::{List, Page, Pending, Region, SecurityGroup, SecurityGroupRule, Waiter};

service! {
    /// The security groups of an account: firewall rules that instances share.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let security_groups = client.security_groups();
    /// # }
    /// ```
    SecurityGroups
}

listed!(SecurityGroup, "ListSecurityGroupsPaginated", list_security_groups_paginated, security_groups);

impl SecurityGroups {
    /// All security groups of the account. One request a page.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// let all: Vec<_> = client.security_groups().list().try_collect().await?;
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<SecurityGroup> {
        List::new(&self.client, ())
    }

    /// One page of security groups; pages count from 1 and hold 1 to 100 items. One request, none if a number is out of
    /// range.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let page = client.security_groups().list_page(2, 50).await?;
    /// # Ok(()) }
    /// ```
    pub fn list_page(&self, page: u32, per_page: u32) -> Pending<Page<SecurityGroup>> {
        self.list().per_page(per_page).page(page)
    }

    /// Creates a security group. It is in force when its status is `created`. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::{CreateSecurityGroup, Region, SecurityGroupRule, SecurityGroupRuleProtocol};
    ///
    /// let https = SecurityGroupRule::ingress(SecurityGroupRuleProtocol::Tcp).ports(443..=443);
    /// let group = client.security_groups().create(CreateSecurityGroup::new("web", Region::NordNoKrs1, [https])).await?;
    /// # Ok(()) }
    /// ```
    pub fn create(&self, security_group: CreateSecurityGroup) -> Pending<SecurityGroup> {
        let call = self.client.call("CreateSecurityGroup");
        Pending::new(creating(self.client.clone(), security_group.0.name.clone(), async move {
            let answer = call.raw.create_security_group(&security_group.0).await;
            Ok(call.finish(answer).await?.security_group)
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
    /// # async fn example(client: genesiscloud::Client, new: genesiscloud::CreateSecurityGroup) -> genesiscloud::Result<()> {
    /// let made = client.security_groups().create_or_recover(new).await?;
    /// # Ok(()) }
    /// ```
    pub fn create_or_recover(&self, security_group: CreateSecurityGroup) -> Pending<SecurityGroup> {
        create_or_recover(&self.client, self.create(security_group))
    }

    /// The security group as it is now. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let security_group = client.security_groups().get("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn get(&self, id: impl AsRef<str>) -> Pending<SecurityGroup> {
        let call = self.client.call("GetSecurityGroup");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.get_security_group(&id).await;
            Ok(call.finish(answer).await?.security_group)
        })
    }

    /// Changes what is set in `change` and nothing else. The change is in force when the status is `created` again. One
    /// request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::UpdateSecurityGroup;
    ///
    /// let group = client.security_groups().update("an-id", UpdateSecurityGroup::new().rules([])).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(&self, id: impl AsRef<str>, change: UpdateSecurityGroup) -> Pending<SecurityGroup> {
        let call = self.client.call("UpdateSecurityGroup");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.update_security_group(&id, &change.0).await;
            Ok(call.finish(answer).await?.security_group)
        })
    }

    /// Waits for one: until it is `created` unless the [`Waiter`] is told something else. Looks at it every 2 s for 20 minutes
    /// at most; what that costs, and what ends it, [`Waiter`] says.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let ready = client.security_groups().wait("an-id").await?;
    /// client.security_groups().delete(&ready.id).await?;
    /// client.security_groups().wait(&ready.id).until_gone().await?;
    /// # Ok(()) }
    /// ```
    pub fn wait(&self, id: impl AsRef<str>) -> Waiter<SecurityGroup> {
        Waiter::new(&self.client, id.as_ref())
    }

    /// Deletes a security group. Refused as a conflict while instances use it. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.security_groups().delete("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn delete(&self, id: impl AsRef<str>) -> Pending<()> {
        let call = self.client.call("DeleteSecurityGroup");
        let id = id.as_ref().to_owned();
        Pending::new(async move {
            let answer = call.raw.delete_security_group(&id).await;
            call.finish(answer).await
        })
    }
}

/// What a new security group is to be.
///
/// ```
/// use genesiscloud::{CreateSecurityGroup, Region, SecurityGroupRule, SecurityGroupRuleProtocol};
/// let https = SecurityGroupRule::ingress(SecurityGroupRuleProtocol::Tcp).ports(443..=443);
/// let new = CreateSecurityGroup::new("web", Region::NordNoKrs1, [https]).description("Web servers");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CreateSecurityGroup(pub(crate) CreateSecurityGroupBody);

impl CreateSecurityGroup {
    /// A group in a region that lets through what its rules say. The names `default` and `standard` are reserved.
    pub fn new(name: impl Into<String>, region: Region, rules: impl IntoIterator<Item = SecurityGroupRule>) -> Self {
        Self(CreateSecurityGroupBody {
            name: name.into(),
            region,
            rules: rules.into_iter().collect(),
            description: None,
        })
    }

    /// Free text.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(description.into());
        self
    }
}

/// What is to change about a security group; what is not set stays as it is.
///
/// ```
/// use genesiscloud::UpdateSecurityGroup;
/// let change = UpdateSecurityGroup::new().rules([]);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UpdateSecurityGroup(pub(crate) UpdateSecurityGroupBody);

impl UpdateSecurityGroup {
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

    /// All rules from now on, instead of the present ones; `[]` removes them all. To add one, send the present rules as
    /// well.
    pub fn rules(mut self, rules: impl IntoIterator<Item = SecurityGroupRule>) -> Self {
        self.0.rules = Some(rules.into_iter().collect());
        self
    }
}
