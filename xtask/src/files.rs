//! The files that commands write, or only compare under `--check`.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Whether a command writes its files or checks that they are up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Write,
    Check,
}

impl Mode {
    pub(crate) fn of(check: bool) -> Self {
        if check { Self::Check } else { Self::Write }
    }
}

/// The root of the checkout from which the command is run, as cargo says at run time. Several checkouts can share a target
/// directory, so it need not be the one in which the command was compiled. Without cargo, the one around the working directory.
pub(crate) fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let working = std::env::current_dir().unwrap_or_default();
    let around = || working.ancestors().find(|folder| folder.join("xtask/Cargo.toml").is_file());
    match package.as_deref().and_then(Path::parent).or_else(around) {
        Some(root) => root.to_owned(),
        None => working,
    }
}

/// The vendored document.
pub(crate) const DOCUMENT: &str = "openapi/compute-v1.yaml";
/// Its source and checksum.
pub(crate) const PROVENANCE: &str = "openapi/provenance.json";
/// The bindings generated from it.
pub(crate) const BINDINGS: &str = "generated/bindings.rs";
pub(crate) const CHANGELOG: &str = "CHANGELOG.md";
/// All files that a refresh writes.
pub(crate) const WRITTEN: [&str; 4] = [DOCUMENT, PROVENANCE, BINDINGS, CHANGELOG];

/// Returns all Rust files in a folder below `root`: their paths from there and their contents.
pub(crate) fn sources(root: &Path, folder: &str) -> Result<Vec<(String, String)>, String> {
    let failed = |error: std::io::Error| format!("{folder}: {error}");
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(folder)).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        match entry.file_type().map_err(failed)?.is_dir() {
            true if entry.file_name() != "target" => found.extend(sources(root, &path)?),
            false if path.ends_with(".rs") => found.push((path.clone(), read(root, &path)?)),
            _ => {}
        }
    }
    found.sort();
    Ok(found)
}

/// Reads a file below `root`.
pub(crate) fn read(root: &Path, path: &str) -> Result<String, String> {
    fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))
}

/// Writes `contents` to `path`. Under [`Mode::Check`], fails if they differ, and names the command that writes them.
pub(crate) fn ensure(root: &Path, path: &str, contents: &str, mode: Mode, command: &str) -> Result<String, String> {
    if read(root, path).is_ok_and(|present| present == contents) {
        return Ok(format!("{path} is up to date"));
    }
    match mode {
        Mode::Check => Err(format!("{path} is out of date; run `{command}` and commit the result")),
        Mode::Write => fs::write(root.join(path), contents)
            .map(|()| format!("{path} written"))
            .map_err(|error| format!("{path}: {error}")),
    }
}

/// Writes all of these files or none: each is written to a temporary file before the first one is moved to its place.
pub(crate) fn write_all(root: &Path, contents: &[(&str, &str)]) -> Result<(), String> {
    let temporary = |path: &str| root.join(format!("{path}.new"));
    let clean_up = || contents.iter().for_each(|(path, _)| drop(fs::remove_file(temporary(path))));
    let failed = |path: &str, error: io::Error| format!("{path}: {error}");
    let before: Vec<_> = contents.iter().map(|(path, _)| fs::read(root.join(path)).ok()).collect();
    for (path, content) in contents {
        if let Err(error) = fs::write(temporary(path), content) {
            clean_up();
            return Err(failed(path, error));
        }
    }
    for (path, _) in contents {
        if let Err(error) = fs::rename(temporary(path), root.join(path)) {
            clean_up();
            for ((path, _), before) in contents.iter().zip(before) {
                // A file that did not exist before exists only if its move succeeded.
                let _ = match before {
                    Some(before) => fs::write(root.join(path), before),
                    None => fs::remove_file(root.join(path)),
                };
            }
            return Err(failed(path, error));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_names_the_command_and_write_updates_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let ensure = |contents, mode| ensure(folder.path(), "file", contents, mode, "cargo xtask write");
        let out_of_date = "file is out of date; run `cargo xtask write` and commit the result";

        assert_eq!(ensure("one", Mode::Check), Err(out_of_date.into()));
        assert!(!folder.path().join("file").exists());
        assert_eq!(ensure("one", Mode::Write), Ok("file written".into()));
        assert_eq!(ensure("one", Mode::Check), Ok("file is up to date".into()));
        assert_eq!(ensure("one", Mode::Write), Ok("file is up to date".into()));
        assert_eq!(ensure("two", Mode::Check), Err(out_of_date.into()));
        assert_eq!(read(folder.path(), "file").unwrap(), "one");
    }

    #[test]
    fn several_files_are_written_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let names = || {
            let names = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
            names.collect::<std::collections::BTreeSet<_>>()
        };
        fs::write(root.join("one"), "before").unwrap();
        fs::create_dir(root.join("taken")).unwrap();
        // The first two files are in place when the third one cannot be moved onto a folder.
        let error = write_all(root, &[("one", "after"), ("two", "after"), ("taken", "after")]).unwrap_err();
        assert!(error.starts_with("taken: "), "{error}");
        assert_eq!(read(root, "one").unwrap(), "before");
        assert_eq!(names(), ["one", "taken"].map(str::to_owned).into());
        write_all(root, &[("one", "after"), ("two", "after")]).unwrap();
        assert_eq!(read(root, "two").unwrap(), "after");
    }
}
