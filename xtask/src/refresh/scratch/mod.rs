//! A scratch copy of a checkout, in which changes are type-checked before they are written to the checkout itself.
//!
//! The copy lies in the target directory of the checkout and builds into it, so that dependencies are not built again. The
//! packages of the workspace are: cargo identifies them by their paths within the workspace, and would take what it built of
//! the copy for what it built of the checkout. A setting of their profile, which changes nothing else, keeps the two apart.

mod diagnostic;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) use self::diagnostic::Diagnostic;

/// The beginning of the names of scratch folders.
const PREFIX: &str = "scratch-";
/// The file in a scratch folder that is locked while the folder is in use.
const LOCK: &str = "lock";

/// A scratch copy of a checkout. It is removed when it is dropped, or by the next one if its process was killed.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: TempDir,
    target: PathBuf,
    /// Locked.
    _lock: File,
}

impl Scratch {
    /// Copies the files of the checkout at `root` that git knows or does not ignore; without git, all but `target`.
    ///
    /// # Errors
    /// One sentence, if cargo cannot read the workspace, or a file cannot be copied.
    pub(crate) fn of(root: &Path) -> Result<Self, String> {
        let workspace = Workspace::read(root)?;
        let at = |error: io::Error| format!("a scratch copy of the checkout cannot be made: {error}");
        fs::create_dir_all(&workspace.target).map_err(at)?;
        remove_unused(&workspace.target);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&workspace.target).map_err(at)?;
        let lock = File::create(folder.path().join(LOCK)).map_err(at)?;
        lock.lock().map_err(at)?;
        // Cargo also reads the configuration of the folders above.
        write(&folder.path().join(".cargo/config.toml"), &workspace.configuration()).map_err(at)?;
        let scratch = Self { folder, target: workspace.target, _lock: lock };
        for path in files(root).map_err(at)? {
            scratch.copy(root, &path).map_err(at)?;
        }
        Ok(scratch)
    }

    /// The root of the copy.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("checkout")
    }

    fn copy(&self, root: &Path, path: &Path) -> io::Result<()> {
        let to = self.root().join(path);
        fs::create_dir_all(to.parent().unwrap_or(&to))?;
        // The copy is newer than all that was built before, so that cargo builds it.
        fs::copy(root.join(path), to).map(drop)
    }

    /// Writes a file of the copy.
    ///
    /// # Errors
    /// One sentence, if it cannot be written.
    pub(crate) fn write(&self, path: &str, text: &str) -> Result<(), String> {
        write(&self.root().join(path), text).map_err(|error| format!("the scratch copy's {path}: {error}"))
    }

    /// Returns cargo, to be run in the copy. It fetches nothing.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = cargo(&self.root());
        // Nothing is built twice, so that increments only take time and space.
        cargo.env("CARGO_TARGET_DIR", &self.target).env("CARGO_INCREMENTAL", "0").env("CARGO_NET_OFFLINE", "true");
        cargo
    }

    /// Type-checks all packages of the copy, with tests, examples and benches, and returns the compiler's errors, each once.
    ///
    /// Packages that depend on one with errors are not checked, so these errors need not be all.
    ///
    /// # Errors
    /// One sentence, if the compiler cannot be run, or fails without saying where.
    pub(crate) fn check(&self) -> Result<Vec<Diagnostic>, String> {
        let arguments = ["check", "--workspace", "--all-targets", "--keep-going", "--message-format=json"];
        let (is_success, stdout, stderr) = run(self.cargo().args(arguments))?;
        let errors = Diagnostic::errors(&stdout, &self.root());
        match errors.is_empty() && !is_success {
            true => Err(format!("`cargo check` failed: {}", reason(&stderr))),
            false => Ok(errors),
        }
    }
}

/// Type-checks a checkout as it is with these files. See [`Scratch::check`].
pub(crate) fn check(root: &Path, files: &[(&str, &str)]) -> Result<Vec<Diagnostic>, String> {
    let scratch = Scratch::of(root)?;
    files.iter().try_for_each(|(path, text)| scratch.write(path, text))?;
    scratch.check()
}

/// What cargo knows of a checkout.
struct Workspace {
    packages: Vec<String>,
    target: PathBuf,
}

impl Workspace {
    fn read(root: &Path) -> Result<Self, String> {
        let arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
        let (is_success, stdout, stderr) = run(cargo(root).args(arguments))?;
        let metadata: Value = serde_json::from_str(&stdout).unwrap_or_default();
        match (is_success, metadata["target_directory"].as_str()) {
            (true, Some(target)) => {
                let names = metadata["packages"].as_array().into_iter().flatten();
                let packages = names.filter_map(|package| package["name"].as_str()).map(str::to_owned).collect();
                Ok(Self { packages, target: target.into() })
            }
            _ => Err(format!("cargo cannot read the workspace: {}", reason(&stderr))),
        }
    }

    /// Returns settings of cargo: the packages of the scratch copy are others than those of the checkout, and a scratch copy of
    /// this one has the same target directory.
    fn configuration(&self) -> String {
        let target = format!("[build]\ntarget-dir = {}\n\n", Value::from(self.target.to_string_lossy()));
        self.packages.iter().fold(target, |mut text, package| {
            let _ = writeln!(text, "[profile.dev.package.{package}]\ncodegen-units = 17\n");
            text
        })
    }
}

/// Returns the cargo that runs this program.
fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    cargo.current_dir(root);
    cargo
}

/// Runs a command, and returns whether it succeeded, and what it wrote.
fn run(command: &mut Command) -> Result<(bool, String, String), String> {
    let failed = |error: io::Error| format!("cargo cannot be run: {error}");
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().map_err(failed)?;
    // Both pipes are read at once, since the child waits while one is full.
    let mut stderr = child.stderr.take().ok_or("cargo has no standard error")?;
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stderr.read_to_end(&mut bytes).map(|_| bytes)
    });
    let output = child.wait_with_output().map_err(failed)?;
    let stderr = reader.join().unwrap_or_else(|_| Ok(Vec::new())).map_err(failed)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((output.status.success(), text(&output.stdout), text(&stderr)))
}

/// Returns cargo's errors and their causes in one line.
fn reason(stderr: &str) -> String {
    let lines = stderr.lines().skip_while(|line| !line.starts_with("error")).map(str::trim);
    let words: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    let hint = match words.iter().any(|line| line.contains("offline")) {
        true => "; `cargo fetch` downloads what is missing",
        false => "",
    };
    match &words[..] {
        [] => "it gave no reason".to_owned(),
        words => format!("{}{hint}", words.join(" ").trim_start_matches("error: ")),
    }
}

/// Removes scratch folders whose processes have ended.
fn remove_unused(target: &Path) {
    for entry in fs::read_dir(target).into_iter().flatten().flatten() {
        let is_scratch = entry.file_name().to_string_lossy().starts_with(PREFIX);
        // One without a lock is just being made.
        let is_unused = || File::open(entry.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if is_scratch && is_unused() {
            // It is only in the way, and the next time is another chance.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    fs::write(path, text)
}

/// Returns the files of a checkout, from its root.
pub(super) fn files(root: &Path) -> io::Result<Vec<PathBuf>> {
    let known = known_to_git(root);
    // A checkout in a folder that git ignores has files of which git knows none.
    if known.iter().any(|path| path == Path::new("Cargo.toml")) {
        return Ok(known);
    }
    let mut found = Vec::new();
    all_files(root, Path::new(""), &mut found)?;
    Ok(found)
}

fn known_to_git(root: &Path) -> Vec<PathBuf> {
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").current_dir(root).args(arguments).output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    let paths = text.split(|byte| *byte == 0).map(|path| PathBuf::from(String::from_utf8_lossy(path).into_owned()));
    // Git also knows files that were removed, and submodules.
    paths.filter(|path| root.join(path).is_file()).collect()
}

fn all_files(root: &Path, folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true if entry.file_name() != "target" && entry.file_name() != ".git" => all_files(root, &path, found)?,
            false => found.push(path),
            true => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace of two packages; the second one uses the first one.
    fn workspace() -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let manifest = |name: &str, rest: &str| {
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}\n")
        };
        for (path, text) in [
            ("Cargo.toml", manifest("one", "[workspace]\nmembers = [\"two\"]")),
            ("src/lib.rs", "pub struct One { pub a: u8 }\n".to_owned()),
            ("two/Cargo.toml", manifest("two", "[dependencies]\none = { path = \"..\" }")),
            ("two/src/lib.rs", "pub fn two(one: &one::One) -> u8 {\n    one.a\n}\n".to_owned()),
            ("target/kept", String::new()),
        ] {
            write(&folder.path().join(path), &text).unwrap();
        }
        folder
    }

    fn check_in(root: &Path, files: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let scratch = Scratch::of(root)?;
        files.iter().try_for_each(|(path, text)| scratch.write(path, text))?;
        // Where the tests share a target directory, its lock would make them wait for one another, and for builds.
        let scratch = Scratch { target: root.join("target"), ..scratch };
        Ok(scratch.check()?.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_copy_has_the_errors_and_the_checkout_no_change() {
        let folder = workspace();
        let root = folder.path();
        assert_eq!(check_in(root, &[]).unwrap(), [""; 0]);
        assert_eq!(
            check_in(root, &[("src/lib.rs", "pub struct One { pub b: u8 }\n")]).unwrap(),
            ["two/src/lib.rs:2: no field `a` on type `&One` (E0609)"]
        );
        // An older file is checked all the same.
        assert_eq!(check_in(root, &[]).unwrap(), [""; 0]);
        let broken = check_in(root, &[("src/lib.rs", "pub struct One { pub a: Two }\n")]).unwrap();
        assert_eq!(broken, ["src/lib.rs:1: cannot find type `Two` in this scope (E0425)"], "two is not checked");
        let scratch = Scratch::of(root).unwrap();
        let of_scratch = Scratch::of(&scratch.root()).unwrap();
        assert_eq!(of_scratch.target, scratch.target);
        assert!(of_scratch.root().join("two/src/lib.rs").is_file() && !of_scratch.root().join("target").exists());
        assert_eq!(fs::read_to_string(root.join("src/lib.rs")).unwrap(), "pub struct One { pub a: u8 }\n");
    }

    #[test]
    fn what_is_built_of_the_copy_is_not_taken_for_the_checkout() {
        let folder = workspace();
        let root = folder.path();
        assert_eq!(check_in(root, &[("src/lib.rs", "pub struct One { pub a: u8, pub b: u8 }\n")]).unwrap(), [""; 0]);
        // The checkout has no field `b`, in a file that is older than what was built of the copy.
        fs::write(root.join("two/src/lib.rs"), "pub fn two(one: &one::One) -> u8 {\n    one.b\n}\n").unwrap();
        let check = || run(cargo(root).env("CARGO_TARGET_DIR", root.join("target")).args(["check", "--workspace"]));
        let (is_success, _, stderr) = check().unwrap();
        assert!(!is_success && stderr.contains("no field `b`"), "{stderr}");
    }

    #[test]
    fn a_workspace_that_cannot_be_checked_is_an_error_in_one_sentence() {
        let folder = workspace();
        let root = folder.path();
        let failed = |files: &[(&str, &str)]| {
            let sentence = check_in(root, files).unwrap_err();
            assert!(!sentence.contains('\n'), "{sentence}");
            sentence
        };
        let sentence = failed(&[("build.rs", "fn main() { println!(\"cargo::error=it has no text\") }")]);
        assert!(sentence.starts_with("`cargo check` failed: ") && sentence.contains("it has no text"), "{sentence}");
        let no_compiler = "[build]\nrustc = \"no-such-compiler\"\n";
        let sentence = failed(&[(".cargo/config.toml", no_compiler)]);
        assert!(sentence.contains("no-such-compiler"), "{sentence}");
        let unknown = "[package]\nname = \"two\"\n[dependencies]\none = { path = \"..\" }\nno-such-crate = \"1\"\n";
        let sentence = failed(&[("two/Cargo.toml", unknown)]);
        assert!(sentence.contains("no-such-crate") && sentence.contains("; `cargo fetch` downloads"), "{sentence}");
        fs::write(root.join("Cargo.toml"), "no TOML").unwrap();
        let sentence = failed(&[]);
        assert!(sentence.starts_with("cargo cannot read the workspace: "), "{sentence}");
    }

    #[test]
    fn what_git_ignores_is_not_copied_and_without_git_all_is() {
        let folder = workspace();
        let root = folder.path();
        let paths = |root: &Path| {
            let mut paths: Vec<_> = files(root).unwrap().iter().map(|path| path.display().to_string()).collect();
            paths.sort();
            paths
        };
        let all = ["Cargo.toml", "src/lib.rs", "two/Cargo.toml", "two/src/lib.rs"];
        assert_eq!(paths(root), all);
        write(&root.join(".gitignore"), "/target\n/checkout\n").unwrap();
        let status = Command::new("git").current_dir(root).args(["init", "--quiet"]).status().unwrap();
        assert!(status.success());
        assert_eq!(paths(root), [&[".gitignore"], &all[..]].concat());
        // A checkout in a folder that git ignores, such as a scratch copy.
        for path in all {
            write(&root.join("checkout").join(path), "").unwrap();
        }
        assert_eq!(paths(&root.join("checkout")), all);
    }

    #[test]
    fn folders_of_killed_processes_are_removed_and_those_in_use_are_not() {
        let folder = workspace();
        let target = folder.path().join("target");
        for name in ["scratch-old", "scratch-new", "scratch-used", "other"] {
            fs::create_dir(target.join(name)).unwrap();
        }
        fs::write(target.join("scratch-old/lock"), "").unwrap();
        let used = File::create(target.join("scratch-used/lock")).unwrap();
        used.lock().unwrap();
        remove_unused(&target);
        let mut names: Vec<_> =
            fs::read_dir(&target).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["kept", "other", "scratch-new", "scratch-used"]);
    }
}
