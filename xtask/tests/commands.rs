//! The commands as programs: their output and exit codes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

// From the folder of the package, where cargo runs the tests.
const OLD: &str = "fixtures/compute-v1.2024-10.yaml";
const NEW: &str = "fixtures/compute-v1.2025-05.yaml";

fn xtask(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).output().unwrap()
}

#[test]
fn the_exit_code_of_a_comparison_is_its_result() {
    for (old, new, code) in [(NEW, NEW, 0), (OLD, NEW, 1), (OLD, "no-such-file.yaml", 2), (OLD, file!(), 2)] {
        let output = xtask(&["diff", old, new]);
        assert_eq!(output.status.code(), Some(code), "{old} {new}: {output:?}");
        // An error is one line on standard error, and no report.
        assert_eq!(output.stdout.is_empty(), code == 2);
        assert_eq!(output.stderr.iter().filter(|byte| **byte == b'\n').count(), usize::from(code == 2), "{output:?}");
    }
}

#[test]
fn a_report_for_programs_is_json_with_the_same_exit_code() {
    let output = xtask(&["diff", OLD, NEW, "--format", "json"]);
    let findings: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &findings[0]["kind"]), (Some(1), &"operation-removed".into()));
    let output = xtask(&["diff", NEW, NEW, "--format", "json"]);
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(0), &b"[]\n"[..]));
}

#[test]
fn a_refresh_from_a_missing_file_fails() {
    let output = xtask(&["refresh", "--from", "no-such-file.yaml"]);
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(1), true), "{output:?}");
}

/// Copies what `generate` reads and writes to another checkout.
fn checkout(folder: &Path) {
    for path in ["openapi/compute-v1.yaml", "openapi/provenance.json", "generated/bindings.rs", "xtask/Cargo.toml"] {
        let to = folder.join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(Path::new("..").join(path), to).unwrap();
    }
}

#[test]
fn a_command_works_on_the_checkout_in_which_it_is_run() {
    let other = tempfile::tempdir().unwrap();
    checkout(other.path());
    let bindings = other.path().join("generated/bindings.rs");
    fs::write(&bindings, "// out of date\n").unwrap();
    let generate = |set: &dyn Fn(&mut Command) -> &mut Command| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        set(command.args(["generate", "--check"])).output().unwrap().status.success()
    };
    // As cargo runs it in the other checkout, and without cargo; the program itself was compiled in this one.
    assert!(generate(&|it| it));
    assert!(!generate(&|it| it.env("CARGO_MANIFEST_DIR", other.path().join("xtask"))));
    assert!(!generate(&|it| it.env_remove("CARGO_MANIFEST_DIR").current_dir(other.path().join("openapi"))));
}
