//! Runs one work with one client, and counts allocations.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> genesiscloud_benches::client::Result<()> {
    genesiscloud_benches::work::run(|| {
        let stats = ALLOCATOR.stats();
        (stats.allocations + stats.reallocations, stats.bytes_allocated)
    })
}
