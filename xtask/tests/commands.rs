//! The commands as programs: their output and exit codes.

use std::process::{Command, Output};

const OLD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/compute-v1.2024-10.yaml");
const NEW: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/compute-v1.2025-05.yaml");

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
fn a_refresh_from_a_missing_file_fails() {
    let output = xtask(&["refresh", "--from", "no-such-file.yaml"]);
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(1), true), "{output:?}");
}
