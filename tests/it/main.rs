//! The SDK from outside: exact requests and unusual responses with httpmock, end-to-end tests with the sandbox.

mod chaos;
mod conveniences;
mod creation;
mod decoding;
mod end_to_end;
mod error_codes;
mod error_responses;
mod fault_matrix;
mod faults;
mod inputs;
mod lenient_decoding;
mod lifecycles;
mod lists;
mod operations;
mod page_quirks;
mod pages;
mod parameters;
mod rate;
mod resilience;
mod sandbox;
mod scopes;
mod secrets;
mod stale_reads;
mod tls;
mod tracing;
mod waits;
