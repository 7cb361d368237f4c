//! The time that client and sandbox share.

pub use genesiscloud_sandbox::explore::Time;
