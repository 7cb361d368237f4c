//! Raw bindings to the Genesis Cloud Compute API, generated from its OpenAPI document.
//!
//! People use the crate `genesiscloud`, which adds credentials, page streams and errors; its `raw()` lends the
//! [`Client`] of this crate. Here live
//!
//! * the generated operations ([`Client`], [`OPERATIONS`]) and [`types`],
//! * the seam through which every request of theirs passes ([`Transport`]),
//! * and the few pieces the generated code calls: [`Secret`], lenient integers, checked path segments,
//!   constructors.
//!
//! Nothing here is stable across versions of the provider's document.

mod constructors;
mod lenient;
mod operation;
mod secret;
mod segment;
mod transport;

pub use operation::Operation;
pub use secret::Secret;
use segment::path_segment;
pub use transport::{Ended, Seam, Transport};

/// The provider's document that the bindings are generated from, in YAML.
pub const DOCUMENT: &str = include_str!("../openapi/compute-v1.yaml");

// Module and export as one, so that the code is at the crate root either way.
pub use bindings::*;

#[allow(missing_docs, unreachable_pub, clippy::all, rustdoc::all)]
mod bindings {
    #[cfg(feature = "codegen")]
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
    #[cfg(not(feature = "codegen"))]
    include!("bindings.rs");
}
