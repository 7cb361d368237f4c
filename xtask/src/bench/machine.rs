//! What results depend on: the machine, the compiler, the versions of crates, the commit.

use std::path::Path;
use std::process::Command;

/// The crates that a call passes.
const CRATES: [&str; 6] = ["hyper", "hyper-util", "reqwest", "serde", "serde_json", "tokio"];

/// The processor, the number of its cores, and the compiler.
pub(super) fn describe() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("a processor without a name", |(_, model)| model.trim());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let compiler = first_line(Command::new("rustc").arg("--version")).unwrap_or_default();
    format!("{cores} × {model}, {}, {compiler}", std::env::consts::OS)
}

/// The commit, with a plus sign if files have changed since, other than the results.
pub(super) fn commit() -> String {
    let commit = first_line(Command::new("git").args(["rev-parse", "--short", "HEAD"])).unwrap_or_default();
    let changes = Command::new("git")
        .args(["status", "--porcelain", "--untracked-files=no", "--", ".", ":!BENCHMARKS.md", ":!benches/results.json"])
        .output();
    let is_changed = changes.is_ok_and(|changes| !changes.stdout.is_empty());
    format!("{commit}{}", if is_changed { "+" } else { "" })
}

/// The versions of crates in the lockfile.
pub(super) fn crates(root: &Path) -> Result<String, String> {
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).map_err(|error| format!("Cargo.lock: {error}"))?;
    let version = |name: &&str| {
        let (_, after) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        Some(format!("{name} {}", after.split('"').next()?))
    };
    Ok(CRATES.iter().filter_map(version).collect::<Vec<_>>().join(", "))
}

fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()?.lines().next().map(str::to_owned)
}
