//! Constructors and setters of generated types that requests contain, and the resources that stand for their ids.

use std::ops::RangeInclusive;

use crate::bindings::types::{
    Filesystem, FloatingIp, Image, Instance, Reference, Reservation, SecurityGroup, SecurityGroupRule,
    SecurityGroupRuleDirection as Direction, SecurityGroupRuleProtocol as Protocol, Snapshot, SshKey, UserDataPart,
    Volume,
};
use crate::secret::Secret;

impl SecurityGroupRule {
    /// Creates a rule that allows incoming traffic of a protocol, on all ports unless [`ports`](Self::ports) limits it.
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

    /// Creates a rule that allows outgoing traffic of a protocol, on all ports unless [`ports`](Self::ports) limits it.
    pub fn egress(protocol: Protocol) -> Self {
        Self::new(Direction::Egress, protocol)
    }

    fn new(direction: Direction, protocol: Protocol) -> Self {
        Self { direction, protocol, ..Self::default() }
    }

    /// Limits the rule to one port.
    pub fn port(self, port: u16) -> Self {
        self.ports(port..=port)
    }

    /// Limits the rule to a range of ports, first and last included.
    pub fn ports(mut self, ports: RangeInclusive<u16>) -> Self {
        self.port_range_min = Some((*ports.start()).into());
        self.port_range_max = Some((*ports.end()).into());
        self
    }
}

/// Lets resources and references to them be given wherever an id is.
macro_rules! stand_for_their_ids {
    ($($Resource:ident),+) => {
        $(
            /// Returns the id.
            impl AsRef<str> for $Resource {
                fn as_ref(&self) -> &str {
                    &self.id
                }
            }
        )+
    };
}

stand_for_their_ids!(
    Filesystem,
    FloatingIp,
    Image,
    Instance,
    Reference,
    Reservation,
    SecurityGroup,
    Snapshot,
    SshKey,
    Volume
);

impl UserDataPart {
    /// Creates a part of cloud-init user data with a MIME type, such as `text/cloud-config`.
    ///
    /// ```
    /// use genesiscloud_bindings::types::UserDataPart;
    /// let part = UserDataPart::new("text/cloud-config", "packages: [htop]").filename("tools.yaml");
    /// assert!(format!("{part:?}").contains("content: <redacted>"));
    /// ```
    pub fn new(mime_type: impl Into<String>, content: impl Into<Secret>) -> Self {
        Self { type_: mime_type.into(), content: content.into(), ..Self::default() }
    }

    /// Sets the file name of the part.
    pub fn filename(mut self, name: impl Into<String>) -> Self {
        self.filename = Some(name.into());
        self
    }
}
