//! What a small program that uses the SDK is made of, beside one that sends the same requests by hand: the number of crates,
//! and the size of the result. Both are ratios with the same compiler and the same versions, so they are the same on any
//! machine.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::steps::cargo;
use crate::files;

/// The most that the SDK may add. It needs a date type, the raw bindings, and what their code calls; one more crate is within
/// the slack, two are not.
const MAX_CRATES: f64 = 1.19;
/// The slack is about 2 %.
const MAX_SIZE: f64 = 1.20;

/// A program with its dependencies.
struct Program {
    name: &'static str,
    code: &'static str,
    dependencies: &'static str,
}

const OURS: Program = Program {
    name: "ours",
    code: include_str!("../../consumer/ours.rs"),
    dependencies: r#"genesiscloud = { path = "ROOT/wrapper" }
        futures = { version = "0.3", default-features = false, features = ["std"] }"#,
};

const FLOOR: Program = Program {
    name: "floor",
    code: include_str!("../../consumer/floor.rs"),
    dependencies: r#"reqwest = { version = "0.13", default-features = false, features = ["json", "query", "rustls-no-provider"] }
        rustls = { version = "0.23", default-features = false, features = ["ring", "std", "tls12"] }
        serde = { version = "1", features = ["derive"] }"#,
};

/// Fails if a program with the SDK has too many crates.
pub(super) fn check_crates() -> Result<String, String> {
    compare("crates", MAX_CRATES, &|folder| Ok(crates(folder)?.len() as u64))
}

/// Fails if a program with the SDK is too large: built for release, and stripped.
pub(super) fn check_size() -> Result<String, String> {
    compare("bytes", MAX_SIZE, &|folder| {
        // One folder for both, so that what they share is built once.
        let target = folder.with_file_name("target");
        output(cargo().current_dir(folder).env("CARGO_TARGET_DIR", &target).args(["build", "--quiet", "--release"]))?;
        let name = format!("program{}", std::env::consts::EXE_SUFFIX);
        let size = fs::metadata(target.join("release").join(name)).map_err(|error| format!("no program: {error}"))?;
        Ok(size.len())
    })
}

fn compare(unit: &str, most: f64, measure: &dyn Fn(&Path) -> Result<u64, String>) -> Result<String, String> {
    let folder = tempfile::tempdir().map_err(|error| format!("cannot create a folder for programs: {error}"))?;
    let [floor, ours] = [FLOOR, OURS].map(|program| measure(&program.write(folder.path())?));
    judge(unit, ours?, floor?, most)
}

fn judge(unit: &str, ours: u64, floor: u64, most: f64) -> Result<String, String> {
    let ratio = ours as f64 / floor as f64;
    let text = format!("{ours} {unit} with the SDK, {floor} by hand: {ratio:.3}, and {most:.2} is the most");
    if ratio <= most { Ok(text) } else { Err(text) }
}

impl Program {
    /// Writes the package of the program, with the versions of this workspace.
    fn write(&self, parent: &Path) -> Result<PathBuf, String> {
        let (root, folder) = (files::root(), parent.join(self.name));
        let manifest = format!(
            "[package]\nname = \"program\"\nedition = \"2024\"\n[profile.release]\nstrip = true\n[workspace]\n\
             [dependencies]\ntokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n{}",
            self.dependencies.replace("ROOT", &root.display().to_string()),
        );
        let write = || {
            fs::create_dir_all(folder.join("src"))?;
            fs::write(folder.join("Cargo.toml"), manifest)?;
            fs::write(folder.join("src/main.rs"), self.code)?;
            fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))
        };
        write().map_err(|error| format!("cannot write the program {}: {error}", self.name))?;
        Ok(folder)
    }
}

/// The crates that a program is built of, those of its build scripts included, and itself.
fn crates(folder: &Path) -> Result<BTreeSet<String>, String> {
    let arguments = ["tree", "--quiet", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"];
    let tree = output(cargo().current_dir(folder).args(arguments))?;
    Ok(tree.lines().map(|line| line.split(" (").next().unwrap_or(line).to_owned()).collect())
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("cannot run cargo: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_most_is_an_error_with_the_numbers() {
        assert!(judge("crates", 112, 100, 1.12).is_ok());
        let error = judge("crates", 113, 100, 1.12).unwrap_err();
        assert_eq!(error, "113 crates with the SDK, 100 by hand: 1.130, and 1.12 is the most");
    }

    #[test]
    fn the_crates_of_a_program_are_those_it_needs_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let crates = crates(&FLOOR.write(folder.path()).unwrap()).unwrap();
        let has = |name: &str| crates.iter().any(|one| one.split(' ').next() == Some(name));
        assert!(has("reqwest") && has("ring") && has("program") && !has("genesiscloud"), "{crates:?}");
    }
}
