#![doc = include_str!("../README.md")]
// docs.rs builds with nightly, and shows the features that items need.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod account;
mod body_delivery;
mod builder;
mod clock;
mod command_names;
mod connection;
mod data;
mod error_response;
#[cfg(feature = "explore")]
pub mod explore;
mod faults;
mod filled;
mod host;
mod openapi;
mod rate_limit;
mod recorded_requests;
mod request_handler;
mod resource_id;
mod response;
mod sandbox;
mod server;
mod server_state;
mod ssh_public_key;
mod verify;
mod yaml;

pub use builder::Builder;
pub use clock::Clock;
pub use data::{AccountStatus, Data, DataError, UserMetadata};
pub use faults::{
    DateHeader, Fault, FaultError, FaultResponse, FaultRule, FaultScript, Faults, Intermediary, IntermediaryPage,
    PageEcho, PageQuirks, RandomFaults, TotalCount,
};
/// The types of the bindings, which [`Data`] consists of.
pub use genesiscloud_bindings::types;
pub use openapi::{OpenApiDocument, ValidationError};
pub use rate_limit::{Rate, RetryAfter};
pub use recorded_requests::RecordedRequest;
pub use sandbox::Sandbox;
