//! Files that commands own: written, or under `--check` only compared.

use std::fs;
use std::path::{Path, PathBuf};

/// Whether a command writes its files or says what it would write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Write,
    Check,
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads a file of the workspace.
pub(crate) fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}"))
}

/// Makes `path` hold `contents`; under [`Mode::Check`] fails when it does not, naming the command that mends it.
pub(crate) fn ensure(path: &str, contents: &str, mode: Mode, command: &str) -> Result<String, String> {
    if read(path).is_ok_and(|present| present == contents) {
        return Ok(format!("{path} is up to date"));
    }
    match mode {
        Mode::Check => Err(format!("{path} is out of date; run `{command}` and commit the result")),
        Mode::Write => fs::write(root().join(path), contents)
            .map(|()| format!("{path} written"))
            .map_err(|error| format!("{path}: {error}")),
    }
}
