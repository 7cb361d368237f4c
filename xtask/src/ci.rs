//! `cargo xtask ci`: what decides whether a change lands, step by step, each with the time it took.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::files;

/// What must not be in the tree of those who depend on the wrapper.
const GENERATOR: [&str; 5] = ["progenitor", "progenitor-impl", "typify", "openapiv3", "genesiscloud-codegen"];

const DENY: &[&str] = &["--", "-D", "warnings"];
const WRAPPER: &[&str] = &["--locked", "--package", "genesiscloud"];

/// Runs all steps up to the first that fails.
pub(crate) fn run() -> Result<String, String> {
    let mut ci = Ci { times: Vec::new() };
    ci.cargo(&["fmt", "--all", "--check"])?;
    ci.cargo(&["xtask", "generate", "--check"])?;
    ci.cargo(&["xtask", "coverage"])?;
    ci.step("what a consumer compiles has no generator", no_generator)?;

    ci.cargo(&[&["clippy", "--locked", "--workspace", "--all-targets"], DENY].concat())?;
    ci.cargo(&[&["clippy"], WRAPPER, &["--no-default-features"], DENY].concat())?;
    ci.cargo(&[&["test"], WRAPPER, &["--no-default-features", "--lib"]].concat())?;
    ci.cargo(&[&["clippy", "--locked", "--package", "genesiscloud-sandbox", "--no-default-features"], DENY].concat())?;
    native_tls(&mut ci)?;
    ci.cargo_with(&[("RUSTDOCFLAGS", "-D warnings".as_ref())], &["doc", "--locked", "--workspace", "--no-deps"])?;
    package(&mut ci)?;

    // README's commands.
    for example in ["quickstart", "bad_weather", "fleet"] {
        ci.cargo(&["run", "--locked", "--example", example])?;
    }
    ci.cargo(&["test"])?;
    // Ignored by `cargo test`, since it builds all of this a second time.
    ci.cargo(&["test", "--locked", "--package", "xtask", "--test", "rehearsal", "--", "--ignored", "--nocapture"])?;
    Ok(ci.summary())
}

fn native_tls(ci: &mut Ci) -> Result<(), String> {
    let has_openssl = Command::new("pkg-config").args(["--exists", "openssl"]).status();
    if !has_openssl.is_ok_and(|status| status.success()) {
        println!("\n== SKIPPED: native-tls, since there is no OpenSSL to build it with");
        return Ok(());
    }
    const FEATURES: &[&str] = &["--no-default-features", "--features", "native-tls"];
    ci.cargo(&[&["clippy"], WRAPPER, FEATURES, DENY].concat())?;
    ci.cargo(&[&["test"], WRAPPER, FEATURES, &["--lib"]].concat())?;
    // With both, rustls is used: the test knows its words.
    let both = ["--locked", "--package", "genesiscloud-tests", "--features", "genesiscloud/native-tls"];
    ci.cargo(&[&["test"], &both[..], &["--test", "it", "tls::"]].concat())
}

/// In a new folder each time: cargo keeps what it unpacks by the folder's path, the package's name and its version, and
/// would verify these packages with what an earlier run left of the others.
fn package(ci: &mut Ci) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| format!("no folder for packages: {error}"))?;
    let unpublished = ["--exclude", "genesiscloud-tests", "--exclude", "xtask"];
    let arguments = [&["package", "--locked", "--workspace", "--allow-dirty"], &unpublished[..]].concat();
    ci.cargo_with(&[("CARGO_TARGET_DIR", folder.path().as_os_str())], &arguments)
}

fn no_generator() -> Result<(), String> {
    let arguments = ["tree", "--locked", "--package", "genesiscloud", "--edges", "normal,build", "--prefix", "none"];
    let output = cargo().args(arguments).output().map_err(|error| format!("cargo does not start: {error}"))?;
    let tree = String::from_utf8_lossy(&output.stdout);
    let found = tree.lines().find(|line| GENERATOR.iter().any(|name| line.split(' ').next() == Some(name)));
    match (found, output.status.success()) {
        (Some(found), _) => Err(format!("{found} is in the tree of the wrapper")),
        (None, true) => Ok(()),
        (None, false) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(files::root());
    command
}

/// The steps so far.
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
                Err(error) => Err(format!("cargo does not start: {error}")),
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
        let _ = write!(text, "{:>7.1} s  in all", all.as_secs_f64());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_ends_it_and_is_named_with_the_times_of_all() {
        let mut ci = Ci { times: Vec::new() };
        ci.step("one", || Ok(())).unwrap();
        let told = ci.step("two", || Err("no".to_owned())).unwrap_err();
        assert!(told.contains("s  one\n") && told.contains("s  in all\n"), "{told}");
        assert!(told.ends_with("failed: two: no"), "{told}");
    }

    #[test]
    fn no_consumer_compiles_the_generator() {
        no_generator().unwrap();
    }
}
