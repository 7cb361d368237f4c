//! What a small program that uses the SDK is made of, beside one that sends the same requests by hand: the number of crates,
//! the size of the result, and the time of a build. The first two are ratios with the same compiler and the same versions, so
//! they are the same on any machine.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::measured::Measured;
use crate::files;
use crate::process::{cargo, cpu_time, output, stdout};

/// The most that the SDK may add. It needs a date type, the raw bindings, and what their code calls; one more crate is within
/// the slack, two are not.
const MAX_CRATES: f64 = 1.13;
/// The slack is about 2 %. The goal, 1.15, is missed: see the row `program-size`.
const MAX_SIZE: f64 = 1.33;

/// A program with its dependencies.
struct Program {
    name: &'static str,
    code: &'static str,
    dependencies: &'static str,
}

const OURS: Program = Program {
    name: "ours",
    code: include_str!("../../consumer/ours.rs"),
    dependencies: r#"genesiscloud = { path = "ROOT/wrapper" }"#,
};

const FLOOR: Program = Program {
    name: "floor",
    code: include_str!("../../consumer/floor.rs"),
    dependencies: r#"reqwest = { version = "0.13", default-features = false, features = ["json", "query", "rustls-no-provider"] }
        rustls = { version = "0.23", default-features = false, features = ["ring", "std", "tls12"] }
        serde = { version = "1", features = ["derive"] }"#,
};

/// Fails if a program with the SDK has too many crates.
pub(crate) fn check_crates() -> Result<String, String> {
    judge("crates", crates_of_programs()?, MAX_CRATES)
}

/// Fails if a program with the SDK is too large: built for release, and stripped.
pub(crate) fn check_size() -> Result<String, String> {
    judge("bytes", sizes_of_programs()?, MAX_SIZE)
}

/// The numbers of crates.
pub(super) fn crates_of_programs() -> Result<Measured, String> {
    compare(&|folder| Ok(crates(folder)?.len() as f64))
}

/// The sizes of the programs, built for release and stripped.
pub(super) fn sizes_of_programs() -> Result<Measured, String> {
    compare(&|folder| {
        // One folder for both, so that what they share is built once.
        let target = folder.with_file_name("target");
        output(cargo().current_dir(folder).env("CARGO_TARGET_DIR", &target).args(["build", "--quiet", "--release"]))?;
        let name = format!("program{}", std::env::consts::EXE_SUFFIX);
        let size = fs::metadata(target.join("release").join(name)).map_err(|error| format!("no program: {error}"))?;
        Ok(size.len() as f64)
    })
}

/// The CPU seconds of a clean development build with one job.
pub(super) fn clean_builds() -> Result<Measured, String> {
    compare(&|folder| cpu_of(|| build(folder)))
}

/// The CPU seconds of a build after a change of the main file: the median of several.
pub(super) fn rebuilds() -> Result<Measured, String> {
    compare(&|folder| {
        build(folder)?;
        let main = folder.join("src/main.rs");
        let code = fs::read_to_string(&main).map_err(|error| error.to_string())?;
        let mut times = (0..5)
            .map(|change| {
                fs::write(&main, format!("{code}\nconst _CHANGE: u8 = {change};\n"))
                    .map_err(|error| error.to_string())?;
                cpu_of(|| build(folder))
            })
            .collect::<Result<Vec<_>, String>>()?;
        times.sort_by(f64::total_cmp);
        Ok(times[times.len() / 2])
    })
}

/// Builds with one job, as a program is built while it is developed.
fn build(folder: &Path) -> Result<(), String> {
    let mut command = cargo();
    let command = command.current_dir(folder).env("CARGO_TARGET_DIR", folder.join("target"));
    output(command.env_remove("CARGO_INCREMENTAL").args(["build", "--quiet", "--jobs", "1"])).map(drop)
}

fn cpu_of(work: impl FnOnce() -> Result<(), String>) -> Result<f64, String> {
    let before = cpu_time();
    work()?;
    let took = cpu_time().zip(before).map(|(after, before)| after.saturating_sub(before));
    Ok(took.ok_or("CPU times are known on Linux only")?.as_secs_f64())
}

fn compare(measure: &dyn Fn(&Path) -> Result<f64, String>) -> Result<Measured, String> {
    let folder = tempfile::tempdir().map_err(|error| format!("cannot create a folder for programs: {error}"))?;
    let [floor, ours] = [FLOOR, OURS].map(|program| measure(&program.write(folder.path())?));
    Ok(Measured { ours: ours?, floor: floor?, lower_bound: None })
}

fn judge(unit: &str, measured: Measured, most: f64) -> Result<String, String> {
    let (Measured { ours, floor, .. }, ratio) = (measured, measured.ratio());
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
            // In TOML, a backslash begins an escape; Windows takes slashes as well.
            self.dependencies.replace("ROOT", &root.display().to_string().replace('\\', "/")),
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
    let tree = stdout(cargo().current_dir(folder).args(arguments))?;
    Ok(tree.lines().map(|line| line.split(" (").next().unwrap_or(line).to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_most_is_an_error_with_the_numbers() {
        let measured = |ours| Measured { ours, floor: 100.0, lower_bound: None };
        assert!(judge("crates", measured(112.0), 1.12).is_ok());
        let error = judge("crates", measured(113.0), 1.12).unwrap_err();
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
