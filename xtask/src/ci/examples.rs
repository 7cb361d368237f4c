//! The examples: each runs as for a reader of the README, and once more with its output closed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use super::steps::Steps;
use crate::process::cargo;

/// Those in the README, in its order.
pub(super) const EXAMPLES: [&str; 21] = [
    "quickstart",
    "gpu_job",
    "scope",
    "blocking_script",
    "snapshot_rotation",
    "web_handler",
    "orchestrator",
    "private_ca",
    "chaos",
    "fleet",
    "lease",
    "ledger",
    "lost_responses",
    "explore",
    "watch",
    "metrics",
    "audit_log",
    "token_rotation",
    "specification",
    "changing_lists",
    "shared_rate",
];

/// Builds and runs them, open and closed all at once, since most of their time is waiting.
pub(super) fn run(ci: &mut Steps) -> Result<(), String> {
    let mut programs = BTreeMap::new();
    ci.step("cargo build --locked --examples", || {
        programs = build()?;
        Ok(String::new())
    })?;
    ci.step("the examples, and again with their output closed", || all(&programs))
}

/// Builds them, and returns the program of each.
fn build() -> Result<BTreeMap<String, PathBuf>, String> {
    let mut command = cargo();
    command.args(["build", "--locked", "--examples", "--message-format", "json-render-diagnostics"]);
    let built = command.stderr(Stdio::inherit()).output().map_err(|error| format!("cannot run cargo: {error}"))?;
    match built.status.success() {
        true => Ok(String::from_utf8_lossy(&built.stdout).lines().filter_map(program).collect()),
        false => Err(built.status.to_string()),
    }
}

/// The example that a message of cargo is about, and its program.
fn program(message: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(message).ok()?;
    let is_example = message["target"]["kind"].as_array()?.iter().any(|kind| kind == "example");
    let name = message["target"]["name"].as_str().filter(|_| is_example)?;
    Some((name.to_owned(), message["executable"].as_str()?.into()))
}

/// Runs all, and once more with their output closed before they write to it, as after `| head -1`: none fails, or complains.
fn all(programs: &BTreeMap<String, PathBuf>) -> Result<String, String> {
    let start = |is_closed| EXAMPLES.map(|example| (example, start(programs, example, is_closed)));
    for (example, process) in start(false).into_iter().chain(start(true)) {
        let output = process?.wait_with_output().map_err(|error| format!("cannot wait for {example}: {error}"))?;
        check(example, &output)?;
        let said = String::from_utf8_lossy(&output.stdout);
        if !said.is_empty() {
            println!("\n-- {example}\n{}", said.trim_end());
        }
    }
    Ok(String::new())
}

fn start(programs: &BTreeMap<String, PathBuf>, example: &str, is_closed: bool) -> Result<Child, String> {
    let program = programs.get(example).ok_or_else(|| format!("cargo has not built the example {example}"))?;
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().map_err(|error| format!("cannot run {}: {error}", program.display()))?;
    if is_closed {
        drop(process.stdout.take());
    }
    Ok(process)
}

fn check(example: &str, output: &Output) -> Result<(), String> {
    let said = String::from_utf8_lossy(&output.stderr);
    let complains = ["panicked", "roken pipe"].iter().any(|word| said.contains(word));
    match output.status.success() && !complains {
        true => Ok(()),
        false => Err(format!("{example}: {}: {said}", output.status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_of_an_example_is_where_cargo_says() {
        let message = |kind: &str, executable: &str| {
            format!(r#"{{"target": {{"kind": ["{kind}"], "name": "scope"}}, "executable": {executable}}}"#)
        };
        assert_eq!(program(&message("example", r#""a/scope""#)), Some(("scope".into(), "a/scope".into())));
        assert_eq!(program(&message("bin", r#""a/scope""#)), None);
        assert_eq!(program(&message("example", "null")), None);
        assert_eq!(program("no message"), None);
    }

    #[cfg(unix)]
    #[test]
    fn an_example_that_fails_or_complains_is_an_error() {
        let ends = |script: &str| {
            let output = Command::new("sh").args(["-c", script]).output().unwrap();
            check("scope", &output)
        };
        assert_eq!(ends("echo waiting >&2"), Ok(()));
        assert_eq!(ends("exit 3").unwrap_err(), "scope: exit status: 3: ");
        assert!(ends("echo thread main panicked >&2").is_err() && ends("echo Broken pipe >&2").is_err());
    }
}
