//! The provenance of the vendored document.

use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::files;

/// The source and checksum of the vendored document, as in `openapi/provenance.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Provenance {
    /// A URL, or the name of a file.
    pub(crate) source: String,
    pub(crate) fetched: DateTime<Utc>,
    /// The ETag of the response, if it had one.
    pub(crate) etag: Option<String>,
    /// The checksum of the document as fetched, in hexadecimal digits.
    pub(crate) sha256: String,
}

impl Provenance {
    pub(crate) fn new(source: &str, fetched: DateTime<Utc>, etag: Option<String>, document: &str) -> Self {
        Self { source: source.to_owned(), fetched, etag, sha256: digest(document) }
    }

    /// Reads the provenance of a workspace. Returns none if the file is missing or invalid.
    pub(crate) fn of_tree(root: &Path) -> Option<Self> {
        serde_json::from_str(&files::read(root, files::PROVENANCE).ok()?).ok()
    }

    /// Returns whether this is the document as fetched.
    pub(crate) fn is_of(&self, document: &str) -> bool {
        self.sha256 == digest(document)
    }

    pub(crate) fn date(&self) -> String {
        self.fetched.to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("it is plain data") + "\n"
    }
}

fn digest(document: &str) -> String {
    Sha256::digest(document.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Fails if the vendored document does not have the checksum of its provenance.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    let document = files::read(root, files::DOCUMENT)?;
    if Provenance::of_tree(root).is_some_and(|known| known.is_of(&document)) {
        Ok(())
    } else {
        Err(format!(
            "{} does not have the checksum in {}; do not edit it by hand: put changes into the rules of openapi/codegen, \
             or run `cargo xtask refresh`",
            files::DOCUMENT,
            files::PROVENANCE
        ))
    }
}
