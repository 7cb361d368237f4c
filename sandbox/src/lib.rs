#![doc = include_str!("../README.md")]

mod account;
mod body_delivery;
mod builder;
mod clock;
mod connection;
mod data;
mod error_response;
mod faults;
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
pub use data::{Data, DataError, Standing, UserMetadata};
pub use faults::{Answer, Fault, FaultError, Faults, Random, Rule, Script};
/// The provider's types, of which [`Data`] is made, as the bindings of this version have them.
pub use genesiscloud_bindings::types;
pub use openapi::{Contract, Violation};
pub use rate_limit::{Rate, RetryAfter};
pub use recorded_requests::Received;
pub use sandbox::Sandbox;
