//! Where the vendored document comes from.

use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::files;

/// What is known of the vendored document. `openapi/provenance.json`, beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Provenance {
    /// An address, or the name of a file.
    pub(crate) source: String,
    pub(crate) fetched: DateTime<Utc>,
    /// What the source called this state of it, if it did.
    pub(crate) etag: Option<String>,
    /// Of the document as it came, in hexadecimal digits.
    pub(crate) sha256: String,
}

impl Provenance {
    pub(crate) fn new(source: &str, fetched: DateTime<Utc>, etag: Option<String>, document: &str) -> Self {
        Self { source: source.to_owned(), fetched, etag, sha256: digest(document) }
    }

    /// None where nothing is known.
    pub(crate) fn of_tree(root: &Path) -> Option<Self> {
        serde_json::from_str(&files::read(root, files::PROVENANCE).ok()?).ok()
    }

    /// Whether the document is as it came.
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

/// Fails where the vendored document is not the one that its provenance tells of.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    let document = files::read(root, files::DOCUMENT)?;
    match Provenance::of_tree(root).is_some_and(|known| known.is_of(&document)) {
        true => Ok(()),
        false => Err(format!(
            "{} is not the document that {} tells of; it is not edited by hand: put changes into the rules of \
             openapi/codegen, or run `cargo xtask refresh`",
            files::DOCUMENT,
            files::PROVENANCE
        )),
    }
}
