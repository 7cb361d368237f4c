//! The commands as they are called: what they print, and how they end.

use std::process::{Command, Output};

const OLD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/compute-v1.2024-10.yaml");
const NEW: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/compute-v1.2025-05.yaml");

fn xtask(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).output().unwrap()
}

#[test]
fn a_comparison_ends_with_what_it_found() {
    for (old, new, code) in [(NEW, NEW, 0), (OLD, NEW, 1), (OLD, "no-such-file.yaml", 2), (OLD, file!(), 2)] {
        let output = xtask(&["diff", old, new]);
        assert_eq!(output.status.code(), Some(code), "{old} {new}: {output:?}");
        // What cannot be compared is said in one line, and not where a report would be.
        assert_eq!(output.stdout.is_empty(), code == 2);
        assert_eq!(output.stderr.iter().filter(|byte| **byte == b'\n').count(), usize::from(code == 2), "{output:?}");
    }
}

#[test]
fn a_refresh_from_nothing_fails() {
    let output = xtask(&["refresh", "--from", "no-such-file.yaml"]);
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(1), true), "{output:?}");
}
