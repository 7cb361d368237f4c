#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! * [`Client`] and [`ClientBuilder`]: token, endpoint, and how patient a client is.
//! * [`RetryPolicy`], [`Rate`], [`Limiter`], [`Clock`]: what is repeated, how many requests are sent, by whose time.
//! * [`services`]: what each kind of resource can do.
//! * [`Pending`]: a call, as a future that owns what it needs.
//! * [`List`] and [`Page`]: reading lists.
//! * [`Waiter`]: waiting until a resource is as it is wanted. [`WaitError`]: why it is not.
//! * [`Scope`]: a machine for as long as it is used. [`NoRoom`]: why none was to be had.
//! * [`Error`], [`ErrorKind`] and [`ErrorCode`]: what went wrong. [`Unconfirmed`]: what may have been done all the same.
//! * [`fault_table`]: what goes wrong, and what comes of it.
//! * [`bindings`]: the generated client behind [`Client::raw`], and the provider's document.

mod builder;
mod call;
mod client;
mod clock;
mod code;
mod config;
mod create;
mod error;
#[doc = include_str!("../FAULTS.md")]
pub mod fault_table {}
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod kind;
mod list;
mod pending;
mod redact;
mod refusal;
pub mod services;
mod tls;
mod transport;
mod unconfirmed;
mod wait;

pub use builder::ClientBuilder;
pub use client::Client;
pub use clock::{Clock, Sleep, SystemClock};
pub use code::ErrorCode;
pub use create::{Choice, LeftBehind, NoRoom, Scope, ScopeError, ScopeFailure, WhyNot};
pub use error::{Error, Result};
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
pub use kind::ErrorKind;
pub use list::{FindByName, List, Listed, Page, Pages};
pub use pending::Pending;
pub use services::filesystems::{CreateFilesystem, UpdateFilesystem};
pub use services::floating_ips::{CreateFloatingIp, UpdateFloatingIp};
pub use services::instances::{CreateInstance, CreateInstanceSnapshot, UpdateInstance, UserMetadata};
pub use services::security_groups::{CreateSecurityGroup, UpdateSecurityGroup};
pub use services::snapshots::{CloneSnapshot, CreateSnapshot, UpdateSnapshot};
pub use services::ssh_keys::{CreateSshKey, UpdateSshKey};
pub use services::volumes::{CreateVolume, UpdateVolume};
pub use transport::{AuthScheme, Limiter, Rate, RateLimiter, RetryPolicy, Turn};
pub use unconfirmed::Unconfirmed;
pub use wait::{Awaited, Progress, States, WaitError, WaitErrorKind, Waiter};
pub use {chrono, reqwest, serde_json};
