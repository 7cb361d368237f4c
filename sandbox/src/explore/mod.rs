//! Programs that use the crate `genesiscloud`, on time that is controlled. Needs the feature `explore`.

mod time;

pub use time::Time;
