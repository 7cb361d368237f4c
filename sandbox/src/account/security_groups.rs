//! Operations and lifecycle of security groups.

use genesiscloud_bindings::types::{
    CreateSecurityGroupBody, SecurityGroup, SecurityGroupRule, SecurityGroupRuleProtocol, SecurityGroupStatus,
    UpdateSecurityGroupBody,
};
use serde_json::Value;

use super::request::{OperationRequest, Outcome};
use super::resource::{Resource, ResourceKind, table_accessors};
use super::state::{Account, Table};
use crate::error_response::{ErrorCode, ErrorResponse, ensure};
use crate::filled::filled;
use crate::resource_id;

impl Resource for SecurityGroup {
    const KIND: ResourceKind = ResourceKind {
        schema: "SecurityGroup",
        singular: Some("security_group"),
        plural: "security_groups",
        not_found: ErrorCode::SECURITY_GROUP_NOT_FOUND,
        id_prefix: resource_id::SECURITY_GROUP,
    };
    table_accessors!(security_groups);

    fn is_deleting(&self) -> bool {
        self.status == SecurityGroupStatus::Deleting
    }

    fn become_copy(&mut self, _: &mut Account, id: String, name: String) {
        (self.id, self.name, self.is_internal) = (id, name, false);
    }

    fn schedule_transition(account: &mut Account, id: &str, outcome: Outcome) {
        let Some(group) = account.security_groups.get(id) else { return };
        match group.status {
            SecurityGroupStatus::Creating => {
                let unchanged = |it: &Self| it.status == SecurityGroupStatus::Creating;
                let end =
                    if outcome == Outcome::Error { SecurityGroupStatus::Error } else { SecurityGroupStatus::Created };
                account.schedule_change::<Self>(3, id, unchanged, |group| group.status = end);
            }
            SecurityGroupStatus::Deleting => account.schedule_removal::<Self>(3, id),
            _ => {}
        }
    }
}

pub(super) fn create(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let body: CreateSecurityGroupBody = request.body()?;
    ensure_name(&body.name)?;
    ensure_rules(&body.rules)?;
    account.ensure_quota::<SecurityGroup>(ErrorCode::QUOTA_REACHED)?;
    let group = filled!(SecurityGroup {
        id: account.new_id::<SecurityGroup>(),
        name: body.name,
        description: body.description.unwrap_or_default(),
        region: body.region,
        rules: known_fields(body.rules),
        status: SecurityGroupStatus::Creating,
        is_internal: false,
        created_at: account.now,
        updated_at: Some(account.now),
    });
    account.insert_new(group, request)
}

/// The status is `creating` again until the new rules are applied.
pub(super) fn update(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    let body: UpdateSecurityGroupBody = request.body()?;
    let mut group = account.copy_for_update::<SecurityGroup>(request.id())?;
    ensure_unlocked(&group)?;
    body.name.as_deref().map_or(Ok(()), ensure_name)?;
    body.rules.as_deref().map_or(Ok(()), ensure_rules)?;
    group.name = body.name.unwrap_or(group.name);
    group.description = body.description.unwrap_or(group.description);
    group.rules = body.rules.map_or(group.rules, known_fields);
    group.status = SecurityGroupStatus::Creating;
    let response = account.save(group);
    SecurityGroup::schedule_transition(account, request.id(), request.outcome);
    response
}

pub(super) fn delete(account: &mut Account, request: &OperationRequest) -> Result<Value, ErrorResponse> {
    ensure_unlocked(account.find_mut::<SecurityGroup>(request.id())?)?;
    ensure(!account.is_referred_to(request.id()), ErrorCode::SECURITY_GROUP_IN_USE)?;
    account.start_deletion(request, |group: &mut SecurityGroup| group.status = SecurityGroupStatus::Deleting)
}

const RESERVED_NAMES: [&str; 2] = ["default", "standard"];

fn ensure_name(name: &str) -> Result<(), ErrorResponse> {
    let message = format!("\"name\" must not be one of the reserved names {}", RESERVED_NAMES.join(", "));
    ensure(!RESERVED_NAMES.contains(&name), ErrorResponse::new(ErrorCode::BAD_REQUEST, message))
}

fn ensure_unlocked(group: &SecurityGroup) -> Result<(), ErrorResponse> {
    let is_default = group.is_internal || RESERVED_NAMES.contains(&group.name.as_str());
    ensure(!is_default, ErrorCode::DEFAULT_SECURITY_GROUP)?;
    ensure(group.status != SecurityGroupStatus::Creating, ErrorCode::SECURITY_GROUP_LOCKED)
}

/// Removes the fields that the document does not define. They are ignored, as in all requests.
fn known_fields(mut rules: Vec<SecurityGroupRule>) -> Vec<SecurityGroupRule> {
    rules.iter_mut().for_each(|rule| rule.extra.clear());
    rules
}

/// Ports are valid only with `tcp` and `udp`, and only as a pair.
fn ensure_rules(rules: &[SecurityGroupRule]) -> Result<(), ErrorResponse> {
    for (index, rule) in rules.iter().enumerate() {
        let has_ports = matches!(rule.protocol, SecurityGroupRuleProtocol::Tcp | SecurityGroupRuleProtocol::Udp);
        let problem = match (rule.port_range_min, rule.port_range_max) {
            (None, None) => continue,
            _ if !has_ports => "ports go with tcp and udp only",
            (Some(min), Some(max)) if 1 <= min && min <= max && max <= 65_535 => continue,
            (Some(_), Some(_)) => "ports must be 1 to 65535, and the first no higher than the last",
            _ => "\"port_range_min\" and \"port_range_max\" go together",
        };
        return Err(ErrorResponse::new(ErrorCode::INVALID_RULE, format!("\"rules.{index}\": {problem}")));
    }
    Ok(())
}
