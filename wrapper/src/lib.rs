#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! * [`Client`] and [`ClientBuilder`]: token, endpoint, timeouts.
//! * [`services`]: what each kind of resource can do.
//! * [`Pending`]: a call, as a future that owns what it needs.
//! * [`List`] and [`Page`]: reading lists.
//! * [`Error`], [`ErrorKind`] and [`ErrorCode`]: what went wrong.
//! * [`bindings`]: the generated client behind [`Client::raw`], and the provider's document.

mod call;
mod client;
mod code;
mod config;
mod error;
mod page;
mod pending;
mod redact;
pub mod services;
mod tls;
mod transport;

pub use client::{Client, ClientBuilder};
pub use code::ErrorCode;
pub use error::{Error, ErrorKind, Result};
pub use genesiscloud_bindings as bindings;
// The versions that this crate's types and methods speak of.
#[doc(inline)]
pub use genesiscloud_bindings::types::{
    Filesystem, FilesystemStatus, FilesystemType, FloatingIp, FloatingIpStatus, FloatingIpVersion, Image, ImageType,
    Instance, InstanceAction, InstanceBillingType, InstanceStatus, InstanceTypeAvailability, OsType, Quota,
    QuotaFlavor, Reference, Region, RegionAvailability, Reservation, ReservationQuota, SecurityGroup,
    SecurityGroupRule, SecurityGroupRuleDirection, SecurityGroupRuleProtocol, SecurityGroupStatus, Snapshot,
    SnapshotStatus, SshKey, UserDataPart, Volume, VolumeStatus, VolumeType,
};
pub use http::StatusCode;
pub use page::{List, Listed, Page};
pub use pending::Pending;
pub use services::filesystems::{CreateFilesystem, UpdateFilesystem};
pub use services::floating_ips::{CreateFloatingIp, UpdateFloatingIp};
pub use services::instances::{CreateInstance, CreateInstanceSnapshot, UpdateInstance, UserMetadata};
pub use services::security_groups::{CreateSecurityGroup, UpdateSecurityGroup};
pub use services::snapshots::{CloneSnapshot, CreateSnapshot, UpdateSnapshot};
pub use services::ssh_keys::{CreateSshKey, UpdateSshKey};
pub use services::volumes::{CreateVolume, UpdateVolume};
pub use transport::AuthScheme;
pub use {chrono, reqwest};
