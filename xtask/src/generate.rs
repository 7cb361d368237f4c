//! `cargo xtask generate`: generates the committed bindings from the vendored document.

use crate::files::{self, BINDINGS, DOCUMENT, Mode};
use crate::refresh::provenance;

pub(crate) fn run(mode: Mode) -> Result<String, String> {
    let root = files::root();
    provenance::check(&root)?;
    let document = files::read(&root, DOCUMENT)?;
    let bindings = genesiscloud_codegen::generate(&document).map_err(|error| format!("{DOCUMENT}: {error}"))?;
    files::ensure(&root, BINDINGS, &bindings, mode, "cargo xtask generate")
}
