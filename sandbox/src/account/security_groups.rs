//! Security groups.

use genesiscloud_bindings::types::{
    CreateSecurityGroupBody, SecurityGroup, SecurityGroupRule, SecurityGroupRuleProtocol, SecurityGroupStatus,
    UpdateSecurityGroupBody,
};
use serde_json::{Map, Value};

use super::request::{Call, Ending};
use super::resource::{Kind, Resource, in_table};
use super::state::{Account, Table};
use crate::error_response::{Code, Refusal, ensure};
use crate::resource_id as id;

impl Resource for SecurityGroup {
    const KIND: Kind = Kind {
        schema: "SecurityGroup",
        one: Some("security_group"),
        many: "security_groups",
        missing: Code::SECURITY_GROUP_NOT_FOUND,
        id: id::SECURITY_GROUP,
    };
    in_table!(security_groups);

    fn is_leaving(&self) -> bool {
        self.status == SecurityGroupStatus::Deleting
    }

    fn become_another(&mut self, _: &mut Account, id: String, name: String) {
        (self.id, self.name, self.is_internal) = (id, name, false);
    }

    fn proceed(account: &mut Account, id: &str, ending: Ending) {
        let Some(group) = account.security_groups.get(id) else { return };
        match group.status {
            SecurityGroupStatus::Creating => {
                let still = |it: &Self| it.status == SecurityGroupStatus::Creating;
                let end =
                    if ending == Ending::Error { SecurityGroupStatus::Error } else { SecurityGroupStatus::Created };
                account.later::<Self>(3, id, still, |group| group.status = end);
            }
            SecurityGroupStatus::Deleting => account.gone_after::<Self>(3, id),
            _ => {}
        }
    }
}

pub(super) fn create(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let body: CreateSecurityGroupBody = call.body()?;
    ensure_name(&body.name)?;
    ensure_rules(&body.rules)?;
    account.ensure_quota::<SecurityGroup>(Code::QUOTA_REACHED)?;
    let group = SecurityGroup {
        id: account.new_id::<SecurityGroup>(),
        name: body.name,
        description: body.description.unwrap_or_default(),
        region: body.region,
        rules: known_fields(body.rules),
        status: SecurityGroupStatus::Creating,
        is_internal: false,
        created_at: account.now,
        updated_at: Some(account.now),
        extra: Map::new(),
    };
    account.add(group, call.ending)
}

/// Its status is `creating` again until the new rules are in force.
pub(super) fn update(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    let body: UpdateSecurityGroupBody = call.body()?;
    let mut group = account.draft::<SecurityGroup>(call.id())?;
    ensure_unlocked(&group)?;
    body.name.as_deref().map_or(Ok(()), ensure_name)?;
    body.rules.as_deref().map_or(Ok(()), ensure_rules)?;
    group.name = body.name.unwrap_or(group.name);
    group.description = body.description.unwrap_or(group.description);
    group.rules = body.rules.map_or(group.rules, known_fields);
    group.status = SecurityGroupStatus::Creating;
    let answer = account.put(group);
    SecurityGroup::proceed(account, call.id(), call.ending);
    answer
}

pub(super) fn delete(account: &mut Account, call: &Call) -> Result<Value, Refusal> {
    ensure_unlocked(account.find_mut::<SecurityGroup>(call.id())?)?;
    let mut used = account.instances.values().flat_map(|instance| &instance.security_groups);
    ensure(!used.any(|group| group.id == call.id()), Code::SECURITY_GROUP_IN_USE)?;
    account.leave(call.id(), |group: &mut SecurityGroup| group.status = SecurityGroupStatus::Deleting)
}

const RESERVED_NAMES: [&str; 2] = ["default", "standard"];

fn ensure_name(name: &str) -> Result<(), Refusal> {
    let message = format!("\"name\" must not be one of the reserved names {}", RESERVED_NAMES.join(", "));
    ensure(!RESERVED_NAMES.contains(&name), Refusal::new(Code::BAD_REQUEST, message))
}

fn ensure_unlocked(group: &SecurityGroup) -> Result<(), Refusal> {
    let is_default = group.is_internal || RESERVED_NAMES.contains(&group.name.as_str());
    ensure(!is_default, Code::DEFAULT_SECURITY_GROUP)?;
    ensure(group.status != SecurityGroupStatus::Creating, Code::SECURITY_GROUP_LOCKED)
}

/// The rules without what the document does not name, which is ignored like everywhere else.
fn known_fields(rules: Vec<SecurityGroupRule>) -> Vec<SecurityGroupRule> {
    rules.into_iter().map(|rule| SecurityGroupRule { extra: Map::new(), ..rule }).collect()
}

/// Ports go with `tcp` and `udp`, both ends or neither.
fn ensure_rules(rules: &[SecurityGroupRule]) -> Result<(), Refusal> {
    for (index, rule) in rules.iter().enumerate() {
        let has_ports = matches!(rule.protocol, SecurityGroupRuleProtocol::Tcp | SecurityGroupRuleProtocol::Udp);
        let problem = match (rule.port_range_min, rule.port_range_max) {
            (None, None) => continue,
            _ if !has_ports => "ports go with tcp and udp only",
            (Some(min), Some(max)) if 1 <= min && min <= max && max <= 65_535 => continue,
            (Some(_), Some(_)) => "ports must be 1 to 65535, and the first no higher than the last",
            _ => "\"port_range_min\" and \"port_range_max\" go together",
        };
        return Err(Refusal::new(Code::INVALID_RULE, format!("\"rules.{index}\": {problem}")));
    }
    Ok(())
}
