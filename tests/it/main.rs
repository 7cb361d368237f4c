//! The SDK from outside: exact requests and odd answers over httpmock, whole stories over the sandbox.

mod answers;
mod conveniences;
mod decoding;
mod faults;
mod inputs;
mod lifecycles;
mod lists;
mod operations;
mod refusals;
mod sandbox;
mod secrets;
mod stories;
mod tls;
