//! `cargo xtask generate`: the committed bindings from the vendored document.

use crate::files::{self, Mode};

const DOCUMENT: &str = "openapi/compute-v1.yaml";

pub(crate) fn run(mode: Mode) -> Result<String, String> {
    let bindings =
        genesiscloud_codegen::generate(&files::read(DOCUMENT)?).map_err(|error| format!("{DOCUMENT}: {error}"))?;
    files::ensure("generated/bindings.rs", &bindings, mode, "cargo xtask generate")
}
