//! What is beside the SDK: the sandbox, and the commands of this program.

use std::process::Command;

use crate::bench::measured::Measured;
use crate::bench::row::{Goal, Group, Row};
use crate::files;
use crate::process::{cpu_time, output};

pub(super) const SANDBOX: Group = Group {
    title: "The sandbox",
    about: "Beside the server of fixed responses, which does nothing but send them.",
    rows: &[
        Row {
            name: "sandbox-gets",
            title: "gets by hyper, 1,000 at a time",
            unit: "gets per second",
            goal: None,
            guard: None,
            needs_valgrind: false,
            measure: |programs| programs.gets_per_second([SERVE, &["canned-server"]], 20_000, 5),
            note: "without `--verify`.",
        },
        Row {
            name: "sandbox-verify",
            title: "the same with `--verify`, beside without",
            unit: "gets per second",
            goal: None,
            guard: None,
            needs_valgrind: false,
            measure: |programs| programs.gets_per_second([&["sandboxed", "serve", "verify"], SERVE], 20_000, 5),
            note: "",
        },
        Row {
            name: "sandbox-start",
            title: "until it serves, as a process",
            unit: "milliseconds",
            goal: None,
            guard: None,
            needs_valgrind: false,
            measure: |programs| programs.start(9),
            note: "",
        },
    ],
};

const SERVE: &[&str] = &["sandboxed", "serve", "unverified"];

pub(super) const COMMANDS: Group = Group {
    title: "The commands",
    about: "CPU time of `cargo xtask`, a development build, beside one second (the column *floor*). `cargo xtask ci` prints the time \
            of each of its steps itself.",
    rows: &[
        Row {
            name: "xtask-diff",
            title: "`diff` of the vendored document with itself",
            unit: "CPU seconds",
            goal: Some(Goal::AtMost(1.0)),
            guard: None,
            needs_valgrind: false,
            measure: |_| command(&["diff", DOCUMENT, DOCUMENT]),
            note: "",
        },
        Row {
            name: "xtask-generate",
            title: "`generate --check`",
            unit: "CPU seconds",
            goal: Some(Goal::AtMost(1.0)),
            guard: None,
            needs_valgrind: false,
            measure: |_| command(&["generate", "--check"]),
            note: "",
        },
        Row {
            name: "xtask-refresh",
            title: "`refresh --dry-run` from the vendored document",
            unit: "CPU seconds",
            goal: None,
            guard: None,
            needs_valgrind: false,
            measure: |_| command(&["refresh", "--dry-run", "--from", DOCUMENT]),
            note: "of a document that changes something, the compiler checks the bindings and their uses as well, which takes a minute.",
        },
    ],
};

const DOCUMENT: &str = "openapi/compute-v1.yaml";

/// The CPU time of a command of this program, beside one second.
fn command(arguments: &[&str]) -> Result<Measured, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let before = cpu_time();
    output(Command::new(program).current_dir(files::root()).args(arguments))?;
    let took = cpu_time().zip(before).map(|(after, before)| after.saturating_sub(before));
    let took = took.ok_or("CPU times are known on Linux only")?;
    Ok(Measured { ours: took.as_secs_f64(), floor: 1.0, lower_bound: None })
}
