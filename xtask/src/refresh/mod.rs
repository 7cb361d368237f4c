//! `cargo xtask refresh`: fetches the provider's current document, and reports what it changes.
//!
//! The document comes from a [`source`]. From it, the bindings are generated, the changes are reported and added to the
//! [`changelog`], the work that is left in the wrapper is [listed](mod@todo), and the [`provenance`] is recorded. Nothing is
//! written before all of this has succeeded, and then [all files are written or none](files::write_all).

mod changelog;
mod guards;
pub(crate) mod provenance;
#[allow(dead_code, reason = "refreshes do not use it yet")]
pub(crate) mod scratch;
mod source;
#[cfg(test)]
mod tests;
mod todo;

use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use self::provenance::Provenance;
use self::source::Fetched;
pub(crate) use self::source::{Limits, Source};
use crate::{coverage, diff, files};

/// What a refresh may do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// It reports, and writes nothing.
    pub(crate) is_dry_run: bool,
    /// It also takes what the [`guards`] refuse.
    pub(crate) is_forced: bool,
}

/// Refreshes the workspace, and returns the report.
pub(crate) fn run(from: Option<&str>, options: Options) -> Result<String, String> {
    refresh(&files::root(), &Source::read(from)?, &Limits::default(), SystemTime::now().into(), options)
}

/// Refreshes the workspace at this root.
pub(crate) fn refresh(
    root: &Path,
    source: &Source,
    limits: &Limits,
    now: DateTime<Utc>,
    options: Options,
) -> Result<String, String> {
    let old = files::read(root, files::DOCUMENT)?;
    if !options.is_forced {
        guards::ensure_unedited(root, &old)?;
    }
    let known = Provenance::of_tree(root).filter(|known| known.is_of(&old) && known.source == source.name());
    // The ETag is sent only if the vendored document is unmodified.
    let etag = known.as_ref().and_then(|known| known.etag.as_deref());
    let (new, etag) = match source.get(etag, limits)? {
        Fetched::NotModified => {
            let date = known.map(|known| known.date()).unwrap_or_default();
            return Ok(format!("{source} has not changed since {date}; nothing to do"));
        }
        Fetched::Document { text, etag } => (text, etag),
    };
    let at_source = |sentence: String| format!("{source}: {sentence}");
    if !options.is_forced {
        guards::ensure_same_api(&old, &new).map_err(at_source)?;
    }
    let bindings = genesiscloud_codegen::generate(&new).map_err(|error| at_source(error.to_string()))?;
    if new == old && provenance::check(root).is_ok() && files::read(root, files::BINDINGS)? == bindings {
        return Ok(format!("{source} is the document that is vendored already; nothing to do"));
    }
    let findings = diff::compare_generated(&old, &new, &bindings)?;
    let sources = [files::sources(root, "wrapper")?, files::sources(root, "sandbox")?, files::sources(root, "tests")?];
    let wrapper = files::sources(root, "wrapper/src")?;
    let gaps = coverage::coverage(&new, &bindings, &wrapper)?.gaps;
    let counts = (todo::counts(&old)?, todo::counts(&new)?);
    let todo = todo::list(&gaps, &findings, counts, &sources.concat());
    let entry = diff::report::write(&findings, diff::Format::Markdown);
    let changelog = match (files::read(root, files::CHANGELOG)?, findings.is_empty()) {
        // No entry for no changes.
        (changelog, true) => changelog,
        (changelog, false) => changelog::with_report(&changelog, &entry, &source.name(), now)?,
    };
    let provenance = Provenance::new(&source.name(), now, etag, &new);
    let report = diff::report::write(&findings, diff::Format::Text);
    if options.is_dry_run {
        return Ok(format!("{report}\nNothing was written.\n\n{todo}"));
    }

    files::write_all(
        root,
        &[
            (files::DOCUMENT, &new),
            (files::PROVENANCE, &provenance.to_text()),
            (files::BINDINGS, &bindings),
            (files::CHANGELOG, &changelog),
        ],
    )?;
    Ok(format!("{report}\nWritten from {source}: {}.\n\n{todo}", files::WRITTEN.join(", ")))
}
