//! The limiter and the ledger against a real server.

mod cluster;
mod events;
mod ledger;
mod limiter;
mod refusals;
mod server;
mod store;
