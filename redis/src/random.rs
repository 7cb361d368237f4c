//! Random numbers that no other process draws.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Returns a random number. Its randomness is the operating system's, by way of the seeds of a hash map: equal machines draw
/// different ones.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
