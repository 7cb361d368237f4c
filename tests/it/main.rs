//! The SDK from outside: exact requests and odd answers over httpmock, whole stories over the sandbox.

mod answers;
mod conveniences;
mod creation;
mod decoding;
mod faults;
mod inputs;
mod lifecycles;
mod lists;
mod matrix;
mod operations;
mod rate;
mod refusals;
mod resilience;
mod sandbox;
mod scopes;
mod secrets;
mod spans;
mod stories;
mod tls;
mod waits;
mod weather;
