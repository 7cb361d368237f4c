//! `cargo xtask ci`: the checks that a change must pass, step by step, each with its duration.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::files;

/// Packages that must not be dependencies of the wrapper.
const GENERATOR: [&str; 5] = ["progenitor", "progenitor-impl", "typify", "openapiv3", "genesiscloud-codegen"];

const DENY: &[&str] = &["--", "-D", "warnings"];
const WRAPPER: &[&str] = &["--locked", "--package", "genesiscloud"];

/// Runs all steps up to the first one that fails.
pub(crate) fn run() -> Result<String, String> {
    let mut ci = Ci { times: Vec::new() };
    ci.cargo(&["fmt", "--all", "--check"])?;
    ci.cargo(&["xtask", "generate", "--check"])?;
    ci.cargo(&["xtask", "coverage"])?;
    ci.cargo(&["xtask", "layers"])?;
    ci.step("the wrapper does not depend on the generator", no_generator)?;

    ci.cargo(&[&["clippy", "--locked", "--workspace", "--all-targets"], DENY].concat())?;
    ci.cargo(&[&["clippy"], WRAPPER, &["--no-default-features"], DENY].concat())?;
    // What takes long does not depend on features, and runs with all tests.
    const SKIPPED: &[&str] = &["--", "--skip", "redact", "--skip", "excerpt", "--skip", "fuzz", "--skip", "model"];
    ci.cargo(&[&["test"], WRAPPER, &["--no-default-features", "--lib"], SKIPPED].concat())?;
    ci.cargo(&[&["clippy", "--locked", "--package", "genesiscloud-sandbox", "--no-default-features"], DENY].concat())?;
    native_tls(&mut ci)?;
    ci.cargo_with(&[("RUSTDOCFLAGS", "-D warnings".as_ref())], &["doc", "--locked", "--workspace", "--no-deps"])?;
    package(&mut ci)?;

    // The commands of the README.
    for example in ["quickstart", "chaos", "fleet", "lease", "ledger", "lost_responses", "explore"] {
        ci.cargo(&["run", "--locked", "--example", example])?;
    }
    ci.cargo(&["test"])?;
    Ok(ci.summary())
}

fn native_tls(ci: &mut Ci) -> Result<(), String> {
    let has_openssl = Command::new("pkg-config").args(["--exists", "openssl"]).status();
    if !has_openssl.is_ok_and(|status| status.success()) {
        println!("\n== SKIPPED: native-tls, because OpenSSL is not installed");
        return Ok(());
    }
    const FEATURES: &[&str] = &["--no-default-features", "--features", "native-tls"];
    ci.cargo(&[&["clippy"], WRAPPER, FEATURES, DENY].concat())?;
    ci.cargo(&[&["test"], WRAPPER, FEATURES, &["--test", "tls"]].concat())?;
    // Both features; and those of other crates. The test expects the messages of each backend.
    for features in ["native-tls", "reqwest/native-tls"] {
        ci.cargo(&[&["test"], WRAPPER, &["--features", features, "--test", "tls"]].concat())?;
    }
    Ok(())
}

/// Packages and verifies in a new folder each time. Cargo caches unpacked packages by the path of the folder, the name and the
/// version, and would otherwise verify these packages with the contents of an earlier run.
fn package(ci: &mut Ci) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| format!("cannot create a folder for packages: {error}"))?;
    let unpublished = ["--exclude", "genesiscloud-tests", "--exclude", "genesiscloud-benches", "--exclude", "xtask"];
    let arguments = [&["package", "--locked", "--workspace", "--allow-dirty"], &unpublished[..]].concat();
    // The result is not run. Without debug information, verification takes about 30 % less time.
    let variables = [("CARGO_TARGET_DIR", folder.path().as_os_str()), ("CARGO_PROFILE_DEV_DEBUG", "0".as_ref())];
    ci.cargo_with(&variables, &arguments)
}

fn no_generator() -> Result<(), String> {
    let arguments = ["tree", "--locked", "--package", "genesiscloud", "--edges", "normal,build", "--prefix", "none"];
    let output = cargo().args(arguments).output().map_err(|error| format!("cannot run cargo: {error}"))?;
    let tree = String::from_utf8_lossy(&output.stdout);
    let found = tree.lines().find(|line| GENERATOR.iter().any(|name| line.split(' ').next() == Some(name)));
    match (found, output.status.success()) {
        (Some(found), _) => Err(format!("the wrapper depends on {found}")),
        (None, true) => Ok(()),
        (None, false) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(files::root());
    command
}

/// The steps that have run.
struct Ci {
    times: Vec<(String, Duration)>,
}

impl Ci {
    fn cargo(&mut self, arguments: &[&str]) -> Result<(), String> {
        self.cargo_with(&[], arguments)
    }

    fn cargo_with(&mut self, variables: &[(&str, &OsStr)], arguments: &[&str]) -> Result<(), String> {
        self.step(&format!("cargo {}", arguments.join(" ")), || {
            let status = cargo().envs(variables.iter().copied()).args(arguments).status();
            match status {
                Ok(status) if status.success() => Ok(()),
                Ok(status) => Err(status.to_string()),
                Err(error) => Err(format!("cannot run cargo: {error}")),
            }
        })
    }

    fn step(&mut self, name: &str, work: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = work();
        let took = start.elapsed();
        println!("   {:.1} s", took.as_secs_f64());
        self.times.push((name.to_owned(), took));
        outcome.map_err(|error| format!("{}\nfailed: {name}: {error}", self.summary()))
    }

    fn summary(&self) -> String {
        let mut text = String::from("\n");
        for (name, took) in &self.times {
            let _ = writeln!(text, "{:>7.1} s  {name}", took.as_secs_f64());
        }
        let all: Duration = self.times.iter().map(|(_, took)| *took).sum();
        let _ = write!(text, "{:>7.1} s  total", all.as_secs_f64());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_reported_with_the_durations_of_all_steps() {
        let mut ci = Ci { times: Vec::new() };
        ci.step("one", || Ok(())).unwrap();
        let report = ci.step("two", || Err("no".to_owned())).unwrap_err();
        assert!(report.contains("s  one\n") && report.contains("s  total\n"), "{report}");
        assert!(report.ends_with("failed: two: no"), "{report}");
    }

    #[test]
    fn the_wrapper_does_not_depend_on_the_generator() {
        no_generator().unwrap();
    }
}
