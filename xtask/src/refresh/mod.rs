//! `cargo xtask refresh`: fetches the provider's current document, and reports what it changes.
//!
//! The document comes from a [`source`]. From it, the bindings are generated, the changes are reported and added to the
//! [`changelog`], all that uses the bindings is type-checked in a [scratch copy](scratch), the work that is left is
//! [listed](mod@todo), and the [`provenance`] is recorded. Nothing is
//! written before all of this has succeeded, and then [all files are written or none](files::write_all).

mod changelog;
mod code;
mod guards;
pub(crate) mod provenance;
#[cfg(test)]
mod rehearsal;
pub(crate) mod scratch;
mod source;
#[cfg(test)]
mod tests;
mod todo;
mod uses;

use std::path::Path;
use std::time::{Instant, SystemTime};

use chrono::{DateTime, Utc};

use self::provenance::Provenance;
use self::scratch::Diagnostic;
use self::source::Fetched;
pub(crate) use self::source::{Limits, Source};
use crate::bindings::Inventory;
use crate::{coverage, diff, files};

/// What a refresh may do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// It reports, and writes nothing.
    pub(crate) is_dry_run: bool,
    /// It also takes what the [`guards`] refuse.
    pub(crate) is_forced: bool,
}

/// Type-checks a checkout as it is with these files, and returns the compiler's errors.
pub(crate) type Check<'a> = &'a dyn Fn(&Path, &[(&str, &str)]) -> Result<Vec<Diagnostic>, String>;

/// Refreshes the workspace, and returns the report.
pub(crate) fn run(from: Option<&str>, options: Options) -> Result<String, String> {
    let now = SystemTime::now().into();
    refresh(&files::root(), &Source::read(from)?, &Limits::default(), now, options, &with_progress)
}

/// Type-checks as [`scratch::check`] does, which takes a while, and says so.
fn with_progress(root: &Path, files: &[(&str, &str)]) -> Result<Vec<Diagnostic>, String> {
    eprintln!("type-checking the new bindings and all that uses them, in a scratch copy; this can take minutes …");
    let start = Instant::now();
    let errors = scratch::check(root, files)?;
    eprintln!("type-checked in {:.1} s; errors of the compiler: {}", start.elapsed().as_secs_f64(), errors.len());
    Ok(errors)
}

/// Refreshes the workspace at this root.
pub(crate) fn refresh(
    root: &Path,
    source: &Source,
    limits: &Limits,
    now: DateTime<Utc>,
    options: Options,
    check: Check<'_>,
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
    let entry = diff::report::write(&findings, diff::Format::Markdown);
    let changelog = match (files::read(root, files::CHANGELOG)?, findings.is_empty()) {
        // No entry for no changes.
        (changelog, true) => changelog,
        (changelog, false) => changelog::with_report(&changelog, &entry, &source.name(), now)?,
    };
    let provenance = Provenance::new(&source.name(), now, etag, &new).to_text();
    let written = [
        (files::DOCUMENT, new.as_str()),
        (files::PROVENANCE, &provenance),
        (files::BINDINGS, &bindings),
        (files::CHANGELOG, &changelog),
    ];
    let errors = type_check(root, &written, check).map_err(at_source)?;
    let todo = todo::list(&todo::Given {
        old: &Inventory::read(&files::read(root, files::BINDINGS)?)?,
        new: &Inventory::read(&bindings)?,
        findings: &findings,
        gaps: &coverage::coverage(&new, &bindings, &files::sources(root, "wrapper/src")?)?.gaps,
        errors: &errors,
        sources: &sources(root)?,
    });
    let report = diff::report::write(&findings, diff::Format::Text);
    if options.is_dry_run {
        return Ok(format!("{report}\nNothing was written.\n\n{todo}"));
    }
    files::write_all(root, &written)?;
    Ok(format!("{report}\nWritten from {source}: {}.\n\n{todo}", files::WRITTEN.join(", ")))
}

/// Returns the compiler's errors in what uses the bindings. Those in the bindings themselves cannot be mended in the checkout.
///
/// # Errors
/// One sentence, if the bindings have errors, or the compiler cannot be run.
fn type_check(root: &Path, written: &[(&str, &str)], check: Check<'_>) -> Result<Vec<Diagnostic>, String> {
    let bindings = written.iter().find(|(path, _)| *path == files::BINDINGS).map_or("", |(_, text)| *text);
    if files::read(root, files::BINDINGS).is_ok_and(|present| present == bindings) {
        return Ok(Vec::new());
    }
    let failed = |error| format!("the new bindings cannot be type-checked, so that nothing was written: {error}");
    let errors = check(root, written).map_err(failed)?;
    // The workspace compiles the bindings that its build script generates.
    let is_generated = |file: &Path| file.ends_with("out/bindings.rs") || file == Path::new(files::BINDINGS);
    match errors.iter().find(|error| is_generated(Path::new(&error.file))) {
        None => Ok(errors),
        Some(error) => {
            let item = code::item_at(bindings, error.line).map(|(name, _)| format!(" in `{name}`"));
            Err(format!("its bindings do not compile: {}{}", error.message, item.unwrap_or_default()))
        }
    }
}

/// Returns the files that can name something of the bindings: paths and texts.
fn sources(root: &Path) -> Result<Vec<(String, String)>, String> {
    let paths = scratch::files(root).map_err(|error| format!("the files of the checkout cannot be listed: {error}"))?;
    let paths = paths.iter().map(|path| path.to_string_lossy().replace('\\', "/"));
    let is_source = |path: &String| {
        let is_written = files::WRITTEN.contains(&path.as_str()) || path.starts_with("xtask/fixtures/");
        [".rs", ".md", ".json"].iter().any(|end| path.ends_with(end)) && !is_written
    };
    paths.filter(is_source).map(|path| Ok((path.clone(), files::read(root, &path)?))).collect()
}
