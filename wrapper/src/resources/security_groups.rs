//! Security groups: firewall rules that instances share.

use genesiscloud_bindings::requests;
use genesiscloud_bindings::types::{CreateSecurityGroupBody, SingleSecurityGroupResponse, UpdateSecurityGroupBody};
#[doc(inline)]
pub use genesiscloud_bindings::types::{
    SecurityGroup, SecurityGroupRule, SecurityGroupRuleDirection, SecurityGroupRuleProtocol, SecurityGroupStatus,
};

use super::{identified_by_fields, resource_service};
use crate::core::Core;
use crate::list::{PageRequest, private::Listable};
use crate::resource::{Create, Delete, Get, Resource, Update};
use crate::wait::{Phase, private::Waitable};
use crate::{Call, Page, Region};

resource_service! {
    /// The security groups of an account: firewall rules that instances share.
    SecurityGroups of SecurityGroup ("security group", "security groups"),
    /// Returns the security groups of the account.
    client.security_groups();

    pub fn list;

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
    pub fn create(CreateSecurityGroup);

    /// Updates the fields that are set in `change` and no others. The change is in force when the status is `created` again. One
    /// request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::UpdateSecurityGroup;
    ///
    /// let group = client.security_groups().update("an-id", UpdateSecurityGroup::new().rules([])).await?;
    /// # Ok(()) }
    /// ```
    pub fn update(UpdateSecurityGroup);

    /// Deletes a security group. Fails with a conflict while instances use it. One request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// client.security_groups().delete("an-id").await?;
    /// # Ok(()) }
    /// ```
    pub fn delete;

    wait until "created";
}

impl Resource for SecurityGroup {
    type Create = CreateSecurityGroup;
    type Update = UpdateSecurityGroup;
    type Body = SingleSecurityGroupResponse;

    const CREATE: Create<Self> = |raw, new| requests::create_security_group(raw, &new.0);
    const GET: Get<Self> = requests::get_security_group;
    const UPDATE: Update<Self> = |raw, id, change| requests::update_security_group(raw, id, &change.0);
    const DELETE: Delete = requests::delete_security_group;

    const OPEN: fn(Self::Body) -> Self = |body| body.security_group;
    const NAME: fn(&CreateSecurityGroup) -> &str = |new| &new.0.name;
    const IDENTITY: &'static [&'static str] = &["name", "description", "region"];
}

impl Listable for SecurityGroup {
    type Filter = ();

    fn fetch(core: &Core, (): &(), page: PageRequest) -> Call<Page<Self>> {
        page.fetch(core, requests::list_security_groups_paginated, |l| {
            (l.security_groups, l.page, l.per_page, l.total_count)
        })
    }

    identified_by_fields!();
}

impl Waitable for SecurityGroup {
    type Status = SecurityGroupStatus;

    const KIND: &'static str = "security group";

    fn status(&self) -> &Self::Status {
        &self.status
    }

    fn phase(status: &Self::Status) -> Phase {
        match status {
            SecurityGroupStatus::Created => Phase::Ready,
            SecurityGroupStatus::Deleting => Phase::Deleting,
            SecurityGroupStatus::Error => Phase::Failed,
            SecurityGroupStatus::Unknown(other) => Phase::of_unlisted(other),
            _ => Phase::InTransition,
        }
    }
}

/// Parameters for creating a security group.
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
    /// Returns parameters for a group in a region that allows the traffic of its rules. The names `default` and `standard` are reserved.
    pub fn new(name: impl Into<String>, region: Region, rules: impl IntoIterator<Item = SecurityGroupRule>) -> Self {
        Self(CreateSecurityGroupBody {
            name: name.into(),
            region,
            rules: rules.into_iter().collect(),
            description: None,
        })
    }

    /// Sets the description, a free text.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Some(description.into());
        self
    }
}

/// Parameters for updating a security group; fields that are not set stay as they are.
///
/// ```
/// use genesiscloud::UpdateSecurityGroup;
/// let change = UpdateSecurityGroup::new().rules([]);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct UpdateSecurityGroup(pub(crate) UpdateSecurityGroupBody);

impl UpdateSecurityGroup {
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

    /// Replaces all rules; `[]` removes them. To add a rule, set the present rules as well.
    pub fn rules(mut self, rules: impl IntoIterator<Item = SecurityGroupRule>) -> Self {
        self.0.rules = Some(rules.into_iter().collect());
        self
    }
}
