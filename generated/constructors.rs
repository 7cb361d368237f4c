//! Making by hand what requests hold; the types themselves are generated.

use std::ops::RangeInclusive;

use crate::Secret;
use crate::types::{
    Reference, SecurityGroupRule, SecurityGroupRuleDirection as Direction, SecurityGroupRuleProtocol as Protocol,
    UserDataPart,
};

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

    /// Only this port.
    pub fn port(self, port: u16) -> Self {
        self.ports(port..=port)
    }

    /// Only the ports from first to last.
    pub fn ports(mut self, ports: RangeInclusive<u16>) -> Self {
        self.port_range_min = Some((*ports.start()).into());
        self.port_range_max = Some((*ports.end()).into());
        self
    }
}

/// A reference serves as the id it holds, so what one resource names can be named to another.
impl AsRef<str> for Reference {
    fn as_ref(&self) -> &str {
        &self.id
    }
}

impl UserDataPart {
    /// A part of cloud-init user data of a MIME type, such as `text/cloud-config`.
    ///
    /// ```
    /// use genesiscloud_bindings::types::UserDataPart;
    /// let part = UserDataPart::new("text/cloud-config", "packages: [htop]").filename("tools.yaml");
    /// assert!(format!("{part:?}").contains("content: <redacted>"));
    /// ```
    pub fn new(mime_type: impl Into<String>, content: impl Into<Secret>) -> Self {
        Self { type_: mime_type.into(), content: content.into(), filename: None }
    }

    /// The file name of the part.
    pub fn filename(mut self, name: impl Into<String>) -> Self {
        self.filename = Some(name.into());
        self
    }
}
