//! Runs one work with one client: for time and instructions, with the system's allocator as it is.

fn main() -> genesiscloud_benches::client::Result<()> {
    genesiscloud_benches::work::run(|| (0, 0))
}
