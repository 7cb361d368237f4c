#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("../README.md")]

mod ledger;
mod limiter;
mod random;
mod store;
mod worker;

pub use ledger::{RedisLedger, RedisLedgerBuilder};
pub use limiter::{RedisLimiter, RedisLimiterBuilder};
