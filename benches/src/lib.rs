//! What the programs of `cargo xtask bench` have in common: the clients that are compared, and what is measured of them.
//!
//! * [`ours`]: the SDK;
//! * [`floor`]: the least code that does the same, as one would write it by hand over reqwest and serde;
//! * [`lower_bound`]: hyper alone, without redirects, timeouts or retries.
//!
//! All decode into types with the same fields, and keep fields that they do not know. `cargo xtask bench` runs the programs
//! `canned-server`, `load` and `load-counted`; each run of the latter two is one [`work`] of one client.

pub mod client;
pub mod floor;
pub mod lower_bound;
pub mod ours;
pub mod responses;
pub mod work;
