//! Making security group rules by hand; the type itself is generated.

use std::ops::RangeInclusive;

use crate::types::{SecurityGroupRule, SecurityGroupRuleDirection as Direction, SecurityGroupRuleProtocol as Protocol};

impl SecurityGroupRule {
    /// Lets traffic of a protocol come to the instance, on all ports unless [`ports`](Self::ports) are given.
    ///
    /// ```
    /// use genesiscloud_bindings::types::{SecurityGroupRule, SecurityGroupRuleProtocol};
    /// let ssh = SecurityGroupRule::ingress(SecurityGroupRuleProtocol::Tcp).ports(22..=22);
    /// assert_eq!(serde_json::to_string(&ssh).unwrap(),
    ///     r#"{"direction":"ingress","port_range_max":22,"port_range_min":22,"protocol":"tcp"}"#);
    /// ```
    pub fn ingress(protocol: Protocol) -> Self {
        Self::new(Direction::Ingress, protocol)
    }

    /// Lets traffic of a protocol leave the instance, on all ports unless [`ports`](Self::ports) are given.
    pub fn egress(protocol: Protocol) -> Self {
        Self::new(Direction::Egress, protocol)
    }

    fn new(direction: Direction, protocol: Protocol) -> Self {
        Self { direction, protocol, port_range_min: None, port_range_max: None, extra: Default::default() }
    }

    /// Only the ports from first to last.
    pub fn ports(mut self, ports: RangeInclusive<u16>) -> Self {
        self.port_range_min = Some((*ports.start()).into());
        self.port_range_max = Some((*ports.end()).into());
        self
    }
}
