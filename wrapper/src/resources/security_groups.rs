//! Security groups: firewall rules that instances share.

#[doc(inline)]
pub use genesiscloud_bindings::types::{
    SecurityGroup, SecurityGroupRule, SecurityGroupRuleDirection, SecurityGroupRuleProtocol, SecurityGroupStatus,
};
use genesiscloud_bindings::{requests, types};

use super::definitions::{parameters, resource};
use crate::Region;
use crate::resource::{with_marker, with_text};

resource! {
    /// The security groups of an account: firewall rules that instances share.
    SecurityGroups of SecurityGroup ("security group", "security groups"), client.security_groups();

    pub fn list, list_page = requests::list_security_groups_paginated(raw, page, per_page) in security_groups;
    pub fn get = requests::get_security_group(raw, id) in SingleSecurityGroupResponse.security_group;

    /// Creates a security group. It is in force when its status is `created`.
    pub fn create, create_or_recover(CreateSecurityGroup) = requests::create_security_group(raw, new);
    example(
        CreateSecurityGroup, Region, SecurityGroupRule, SecurityGroupRuleProtocol;
        let https = SecurityGroupRule::ingress(SecurityGroupRuleProtocol::Tcp).ports(443..=443)
    ): CreateSecurityGroup::new("web", Region::NordNoKrs1, [https]);

    /// The change is in force when the status is `created` again.
    pub fn update(UpdateSecurityGroup) = requests::update_security_group(raw, id, change);
    example(UpdateSecurityGroup): UpdateSecurityGroup::new().rules([]);

    /// Deletes a security group. Fails with a conflict while instances use it.
    pub fn delete, delete_if_exists = requests::delete_security_group(raw, id);

    pub fn wait, watch until "created" = SecurityGroupStatus { Created => Ready, Deleting => Deleting, Error => Failed };

    identified by ["name", "description", "region"];
    marked in description;
}

parameters! {
    pub struct CreateSecurityGroup(types::CreateSecurityGroupBody) for "creating a security group";
    example(
        CreateSecurityGroup, Region, SecurityGroupRule, SecurityGroupRuleProtocol;
        let https = SecurityGroupRule::ingress(SecurityGroupRuleProtocol::Tcp).ports(443..=443)
    ): CreateSecurityGroup::new("web", Region::NordNoKrs1, [https]), .description("Web servers");

    /// Returns parameters for a group in a region that allows the traffic of its rules. The names `default` and `standard`
    /// are reserved.
    pub fn new(name: impl Into<String>, region: Region, rules: impl IntoIterator<Item = SecurityGroupRule>) =
        types::CreateSecurityGroupBody {
            name: name.into(), region, rules: rules.into_iter().collect(), description: None,
        };

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

    /// Sets a marker that no other security group has, such as the id of a job. It becomes the end of the description, `[marker …]`, and
    /// `create_or_recover` recognises its result by it, for certain.
    pub fn marker(mut self, marker: impl AsRef<str>) -> Self {
        self.0.description = Some(with_marker(self.0.description.as_deref(), marker.as_ref()));
        self
    }
}

parameters! {
    pub struct UpdateSecurityGroup(types::UpdateSecurityGroupBody): Default for "updating a security group";
    example(UpdateSecurityGroup): UpdateSecurityGroup::new().name("internal").rules([]);

    /// Sets the name.
    pub fn name(name: impl Into<String>) = self.0.name;

    /// Sets the description.
    pub fn description(description: impl Into<String>) = self.0.description;

    /// Replaces all rules; `[]` removes them. To add a rule, set the present rules as well.
    pub fn rules(mut self, rules: impl IntoIterator<Item = SecurityGroupRule>) -> Self {
        self.0.rules = Some(rules.into_iter().collect());
        self
    }
}
