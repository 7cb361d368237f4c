//! Raw bindings to the Genesis Cloud Compute API, generated from its OpenAPI document.
//!
//! Most programs use the crate `genesiscloud` instead, which adds authentication, retries, rate limits, lists as
//! streams and typed errors. Its `Client::raw()` returns the [`Client`] of this crate.
//!
//! This crate contains
//!
//! * the generated code: the [`Client`], the [`operations`], their [`requests`] and the [`types`];
//! * the interface to the code that sends requests: [`PreparedRequest`] and [`Transport`];
//! * the functions and types that the generated code uses: [`Secret`], [`decode_json`], deserializers of fields that come
//!   in several forms, the encoding of path segments, constructors of request types, and the phases of an instance.
//!
//! Any change of the provider's document can change this crate's API.

mod base_url;
mod client;
mod constructors;
mod instance_phase;
mod json;
mod lenient;
mod operation;
mod path_segment;
mod secret;
mod transport;

use base_url::BaseUrl;
pub use instance_phase::InstancePhase;
pub use json::{decode_json, json_text};
pub use operation::Operation;
use path_segment::path_segment;
pub use secret::Secret;
pub use transport::{PreparedRequest, ResponseFuture, SharedTransport, Transport};

/// The OpenAPI document that the bindings are generated from, in YAML.
pub const DOCUMENT: &str = include_str!("../openapi/compute-v1.yaml");

// The module is private and its items are exported here, so that their paths do not depend on the feature.
pub use bindings::*;

#[allow(missing_docs, clippy::all)]
mod bindings {
    #[cfg(feature = "codegen")]
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
    #[cfg(not(feature = "codegen"))]
    include!("bindings.rs");
}
