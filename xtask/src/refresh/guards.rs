//! What a refresh refuses unless it is forced: a document of another API, and to overwrite a document that was edited.

use std::path::Path;

use genesiscloud_codegen::document::{self, Operation};

use super::provenance::Provenance;
use crate::files;

/// Fails if the vendored document is not the one that was received.
pub(super) fn ensure_unedited(root: &Path, document: &str) -> Result<(), String> {
    match Provenance::of_tree(root) {
        Some(known) if !known.is_of(document) => Err(format!(
            "{} was edited since it was received, and a refresh would overwrite that; put the change into a rule of \
             openapi/codegen and restore the file, or overwrite it with --force",
            files::DOCUMENT
        )),
        _ => Ok(()),
    }
}

/// Fails if most operations of the old document are missing in the new one, by id and by path.
pub(super) fn ensure_same_api(old: &str, new: &str) -> Result<(), String> {
    let read = |text: &str| genesiscloud_codegen::read(text).map_err(|error| error.to_string());
    let (old, new) = (read(old)?, read(new)?);
    let (operations, candidates) = (document::operations(&old), document::operations(&new));
    let is_found = |one: &&Operation<'_>| {
        let is_same =
            |other: &Operation<'_>| one.name() == other.name() || (one.method, one.path) == (other.method, other.path);
        candidates.iter().any(is_same)
    };
    let found = operations.iter().filter(is_found).count();
    if 2 * found >= operations.len() {
        return Ok(());
    }
    Err(format!(
        "it has {found} of the {} operations of this API, and its title is {:?}, so it seems to be another API's; take it with \
         --force if it is not",
        operations.len(),
        new["info"]["title"].as_str().unwrap_or_default()
    ))
}
