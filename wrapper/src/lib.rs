// The targets of the README's links, as rustdoc resolves and checks them. The README ends with the same links as URLs, for
// readers outside of rustdoc. In Markdown the first definition of a link counts, so these come before the README. Crates
// that may not be documented beside this one have URLs here as well.
//! [authentication]: crate::guide::authentication
//! [`Availability`]: crate::Availability
//! [`bindings`]: https://docs.rs/genesiscloud-bindings
//! [`Call`]: crate::Call
//! [`Client`]: crate::Client
//! [`Client::offers`]: crate::Client::offers
//! [`Client::raw`]: crate::Client::raw
//! [`Client::reconcile`]: crate::Client::reconcile
//! [`ClientBuilder`]: crate::ClientBuilder
//! [`Clock`]: crate::Clock
//! [`CreateInstance::lease`]: crate::CreateInstance::lease
//! [`Deletion`]: crate::Deletion
//! [`Error`]: crate::Error
//! [`ErrorCode`]: crate::ErrorCode
//! [`ErrorKind`]: crate::ErrorKind
//! [errors]: crate::guide::errors
//! [`FAULTS.md`]: https://docs.rs/crate/genesiscloud/latest/source/FAULTS.md
//! [`FileLedger`]: crate::FileLedger
//! [`Filesystems`]: crate::Filesystems
//! [`FloatingIps`]: crate::FloatingIps
//! [guide]: crate::guide
//! [`Images`]: crate::Images
//! [`Instances`]: crate::Instances
//! [`InstanceScope`]: crate::InstanceScope
//! [`InstanceTypeSpec`]: crate::InstanceTypeSpec
//! [`Instances::sweep`]: crate::Instances::sweep
//! [`Ledger`]: crate::Ledger
//! [lifecycle]: crate::guide::lifecycle
//! [`Limiter`]: crate::Limiter
//! [`List`]: crate::List
//! [lists]: crate::guide::lists
//! [never lose a machine]: crate::guide::never_lose_a_machine
//! [`NoCapacity`]: crate::NoCapacity
//! [observability]: crate::guide::observability
//! [`Observer`]: crate::Observer
//! [`OrphanedResource`]: crate::OrphanedResource
//! [`Page`]: crate::Page
//! [`Quotas`]: crate::Quotas
//! [`Rate`]: crate::Rate
//! [rate limits]: crate::guide::rate_limits
//! [`RateLimiter`]: crate::RateLimiter
//! [recovery]: crate::guide::recovery
//! [requests and responses]: crate::guide::requests_and_responses
//! [`Reservations`]: crate::Reservations
//! [`resources`]: crate::resources
//! [retries]: crate::guide::retries
//! [`RetryPolicy`]: crate::RetryPolicy
//! [`Scope`]: crate::Scope
//! [`SecurityGroups`]: crate::SecurityGroups
//! [`Snapshots`]: crate::Snapshots
//! [`SshKeys`]: crate::SshKeys
//! [`Store`]: crate::Store
//! [synchronous code]: crate::guide::blocking
//! [testing]: crate::guide::testing
//! [TLS and proxies]: crate::guide::tls_and_proxies
//! [`TokenFile`]: crate::TokenFile
//! [`TokenProvider`]: crate::TokenProvider
//! [`Unconfirmed`]: crate::Unconfirmed
//! [`Volumes`]: crate::Volumes
//! [`Waiter`]: crate::Waiter
//! [`WaitError`]: crate::WaitError
//! [waits]: crate::guide::waits
//! [`Watch`]: crate::Watch
//! [watches]: crate::guide::watches
//!
#![doc = include_str!("../README.md")]
// docs.rs builds with nightly, and shows the features that items need.
#![cfg_attr(docsrs, feature(doc_cfg))]

/// Compiles the code of the repository's README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme_of_the_repository {}

#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(feature = "blocking")]
mod blocking_thread;
mod call;
mod client;
mod clock;
mod config;
mod core;
mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod guide;
mod ledger;
mod list;
mod liveness;
mod proxy;
mod random;
mod resource;
pub mod resources;
mod tls;
mod transport;
mod wait;
mod watch;

// After `resources`, so that the documentation shows its methods after theirs.
mod lifecycle;

pub use call::Call;
pub use client::{Client, ClientBuilder};
pub use clock::{Clock, Sleep, SystemClock};
pub use error::{Error, ErrorCode, ErrorKind, Result, Unconfirmed};
pub use genesiscloud_bindings as bindings;
#[doc(inline)]
pub use genesiscloud_bindings::types::{Reference, Region};
pub use http::StatusCode;
pub use ledger::{
    FileLedger, Holder, Ledger, LedgerEntry, LedgerFuture, LedgerRecord, Marker, MemoryLedger, PlannedCreate,
    ResourceKind,
};
pub use lifecycle::{
    AnyResource, CreateParameters, Decision, Deletion, FailedPlacement, InstanceScope, NoCapacity, OrphanedResource,
    PlacementFailure, PlacementSearch, Reconcile, Reconciliation, Scope, ScopeBuilder, ScopeError, ScopeFailure, Sweep,
    Undecided,
};
pub use list::{FindByName, List, Listable, Page, Pages};
#[doc(inline)]
pub use resources::*;
pub use tls::TlsBackend;
pub use transport::{
    AccessToken, Acquire, AttemptEnd, AttemptStart, AuthScheme, CallEnd, CallOutcome, Limiter, ObservedCall, Observer,
    Rate, RateLimiter, RetryPolicy, TokenFile, TokenFuture, TokenProvider,
};
pub use wait::{Progress, StatusChanges, WaitError, WaitErrorKind, Waitable, Waiter};
pub use watch::{Change, Store, Watch};
// The versions of the crates whose types appear in this crate's signatures.
pub use {chrono, reqwest, serde_json};
