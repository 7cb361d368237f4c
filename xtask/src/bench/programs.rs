//! The programs of `benches/`: built once, and run as often as a row needs.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde::Deserialize;

use super::measured::Measured;
use crate::files;

/// The programs, and a server of fixed responses that runs as long as this lives.
pub(super) struct Programs {
    folder: PathBuf,
    server: Child,
    endpoint: String,
    has_valgrind: bool,
}

/// What is measured of one run of a work with one client.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Run {
    pub(super) seconds: f64,
    pub(super) cpu_seconds: f64,
    pub(super) allocations: usize,
    pub(super) bytes: usize,
}

const OURS: &str = "ours";
const FLOOR: &str = "floor";
const LOWER_BOUND: &str = "hyper";

impl Programs {
    /// Builds the programs in release, and starts the server.
    pub(super) fn build() -> Result<Self, String> {
        let arguments = ["build", "--locked", "--release", "--package", "genesiscloud-benches"];
        let status = cargo().args(arguments).status();
        if !status.map_err(|error| format!("cannot run cargo: {error}"))?.success() {
            return Err("the programs cannot be built".into());
        }
        let folder = target()?.join("release");
        let mut server = Command::new(folder.join("canned-server"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the server cannot be started: {error}"))?;
        let mut endpoint = String::new();
        let output = server.stdout.take().ok_or("the server has no output")?;
        BufReader::new(output).read_line(&mut endpoint).map_err(|error| format!("the server: {error}"))?;
        let has_valgrind = Command::new("valgrind").arg("--version").output().is_ok_and(|it| it.status.success());
        Ok(Self { folder, server, endpoint: endpoint.trim().to_owned(), has_valgrind })
    }

    pub(super) fn has_valgrind(&self) -> bool {
        self.has_valgrind
    }

    /// The instructions per call: twice as many calls less as many, so that the start does not count.
    pub(super) fn instructions(&self, work: &str, calls: usize) -> Result<Measured, String> {
        compare(|client| {
            let (few, many) = (self.collected(client, work, calls)?, self.collected(client, work, 2 * calls)?);
            Ok((many - few) / calls as f64)
        })
    }

    /// The instructions for each of many in a work of the program `scale`, beside those for each of few. A run with one is
    /// subtracted, so that the start does not count.
    pub(super) fn each_of(&self, work: &str, many: usize, few: usize) -> Result<Measured, String> {
        let run = |count: usize| self.callgrind("scale", &[work.to_owned(), count.to_string()]);
        let start = run(1)?;
        let each = |count: usize| Ok::<_, String>((run(count)? - start) / (count - 1) as f64);
        Ok(Measured { ours: each(many)?, floor: each(few)?, lower_bound: None })
    }

    /// The allocations per call, or their bytes, as `select` takes them from a run.
    pub(super) fn counted(&self, work: &str, calls: usize, select: fn(Run) -> usize) -> Result<Measured, String> {
        compare(|client| {
            let run = self.run("load-counted", client, work, calls)?;
            Ok((select(run) as f64 / calls as f64).round())
        })
    }

    /// The time of several runs, ours and the floor's in turn, as `select` takes it from each: the medians.
    pub(super) fn time(
        &self,
        work: &str,
        calls: usize,
        rounds: usize,
        select: fn(Run) -> f64,
    ) -> Result<Measured, String> {
        let mut times = [OURS, FLOOR, LOWER_BOUND].map(|client| (client, Vec::new()));
        for _ in 0..rounds {
            for (client, times) in &mut times {
                times.push(select(self.run("load", client, work, calls)?));
            }
        }
        let [ours, floor, lower_bound] = times.map(|(_, times)| median(times));
        Ok(Measured { ours, floor, lower_bound: Some(lower_bound) })
    }

    fn run(&self, program: &str, client: &str, work: &str, calls: usize) -> Result<Run, String> {
        let mut command = Command::new(self.folder.join(program));
        let output = output(command.args(self.arguments(client, work, calls)))?;
        serde_json::from_slice(&output.stdout).map_err(|error| format!("{program}: {error}"))
    }

    /// All instructions of a run, as callgrind counts them.
    fn collected(&self, client: &str, work: &str, calls: usize) -> Result<f64, String> {
        self.callgrind("load", &self.arguments(client, work, calls))
    }

    fn callgrind(&self, program: &str, arguments: &[String]) -> Result<f64, String> {
        let mut command = Command::new("valgrind");
        command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(self.folder.join(program));
        let output = output(command.args(arguments))?;
        let text = String::from_utf8_lossy(&output.stderr);
        let collected = text.lines().find_map(|line| line.split_once("Collected : "));
        collected.and_then(|(_, count)| count.trim().parse().ok()).ok_or_else(|| format!("callgrind: {text}"))
    }

    fn arguments(&self, client: &str, work: &str, calls: usize) -> [String; 4] {
        [client.to_owned(), work.to_owned(), calls.to_string(), self.endpoint.clone()]
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        // It ends by itself when its input does.
        drop(self.server.stdin.take());
        let _ = self.server.wait();
    }
}

/// Measures each client by itself, where a run's result does not depend on the moment.
fn compare(measure: impl Fn(&str) -> Result<f64, String>) -> Result<Measured, String> {
    let (ours, floor, lower_bound) = (measure(OURS)?, measure(FLOOR)?, measure(LOWER_BOUND)?);
    Ok(Measured { ours, floor, lower_bound: Some(lower_bound) })
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn output(command: &mut Command) -> Result<Output, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(output),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

/// cargo as from a shell: with the variables that it sets for this program, it would compile some crates anew.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(files::root());
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    command
}

/// The folder in which cargo builds.
fn target() -> Result<PathBuf, String> {
    #[derive(Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let output = output(cargo().args(["metadata", "--locked", "--no-deps", "--format-version=1"]))?;
    let metadata: Metadata = serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo: {error}"))?;
    Ok(metadata.target_directory)
}
