//! Processes: cargo as this program runs it, their output, and the CPU time that they take.

use std::process::{Command, Output};
use std::time::Duration;

use crate::files;

/// Cargo, in the root of the workspace, as from a shell: with the variables that it sets for this program, it would compile some
/// crates anew. What is built is built once: what incremental builds write takes time and space, and is not used again.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(files::root()).env("CARGO_INCREMENTAL", "0");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a program to its end.
///
/// # Errors
/// If it cannot be run, or fails: what it says.
pub(crate) fn output(command: &mut Command) -> Result<Output, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(output),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

/// Runs a program to its end, and returns what it prints.
///
/// # Errors
/// As of [`output`].
pub(crate) fn stdout(command: &mut Command) -> Result<String, String> {
    Ok(String::from_utf8_lossy(&output(command)?.stdout).into_owned())
}

/// The CPU time of the processes that this one has run and waited for, and its own. Known on Linux.
pub(crate) fn cpu_time() -> Option<Duration> {
    read_cpu_time(&std::fs::read_to_string("/proc/self/stat").ok()?)
}

fn read_cpu_time(stat: &str) -> Option<Duration> {
    /// Those of `/proc`, whatever those of the kernel are.
    const TICKS_PER_SECOND: u64 = 100;
    // The name of the program, in parentheses, can hold spaces. `utime` is the 12th field after it, and three others follow.
    let fields = stat.rsplit(')').next()?.split_whitespace().skip(11).take(4);
    let ticks: u64 = fields.map(|field| field.parse::<u64>()).sum::<Result<_, _>>().ok()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_time_is_that_of_this_process_and_of_those_that_have_ended() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194560 9 9 9 9 150 25 1000 200 20 0 1 0 31 0 0";
        assert_eq!(read_cpu_time(stat), Some(Duration::from_millis(13_750)));
    }
}
