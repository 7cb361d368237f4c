//! `cargo xtask generate`: the committed bindings from the vendored document.

use crate::files::{self, BINDINGS, DOCUMENT, Mode};

pub(crate) fn run(mode: Mode) -> Result<String, String> {
    let root = files::root();
    let document = files::read(&root, DOCUMENT)?;
    let bindings = genesiscloud_codegen::generate(&document).map_err(|error| format!("{DOCUMENT}: {error}"))?;
    files::ensure(&root, BINDINGS, &bindings, mode, "cargo xtask generate")
}
