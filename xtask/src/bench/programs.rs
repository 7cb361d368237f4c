//! The programs of `benches/`: built once, and run as often as a row needs.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde::Deserialize;

use super::measured::Measured;
use crate::process::{cargo, output};

/// The programs, and a server of fixed responses that runs as long as this lives.
pub(super) struct Programs {
    folder: PathBuf,
    server: Server,
    has_valgrind: bool,
}

/// A server that prints its endpoint, and ends when its input does.
struct Server {
    process: Child,
    endpoint: String,
}

impl Server {
    fn start(command: &mut Command) -> Result<Self, String> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the server cannot be started: {error}"))?;
        let mut endpoint = String::new();
        let output = process.stdout.take().ok_or("the server has no output")?;
        BufReader::new(output).read_line(&mut endpoint).map_err(|error| format!("the server: {error}"))?;
        Ok(Self { process, endpoint: endpoint.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
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
        let server = Server::start(&mut Command::new(folder.join("canned-server")))?;
        let has_valgrind = Command::new("valgrind").arg("--version").output().is_ok_and(|it| it.status.success());
        Ok(Self { folder, server, has_valgrind })
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

    /// What a work of the program `sandboxed` reports.
    pub(super) fn reported(&self, arguments: &[&str]) -> Result<Measured, String> {
        let text = self.sandboxed(arguments)?;
        serde_json::from_str(&text).map_err(|error| format!("sandboxed {arguments:?}: {error}"))
    }

    /// The numbers of two works of the program `sandboxed`, in turn: the medians.
    pub(super) fn numbers(&self, ours: &[&str], floor: &[&str], rounds: usize) -> Result<Measured, String> {
        let mut numbers = [ours, floor].map(|arguments| (arguments, Vec::new()));
        for _ in 0..rounds {
            for (arguments, numbers) in &mut numbers {
                let text = self.sandboxed(arguments)?;
                numbers.push(text.trim().parse().map_err(|error| format!("sandboxed {arguments:?}: {error}"))?);
            }
        }
        let [ours, floor] = numbers.map(|(_, numbers)| median(numbers));
        Ok(Measured { ours, floor, lower_bound: None })
    }

    fn sandboxed(&self, arguments: &[&str]) -> Result<String, String> {
        let output = output(Command::new(self.folder.join("sandboxed")).args(arguments))?;
        String::from_utf8(output.stdout).map_err(|error| error.to_string())
    }

    /// The gets a second that a server answers, the sandbox or the one of fixed responses: asked by hyper, in turn.
    pub(super) fn gets_per_second(
        &self,
        servers: [&[&str]; 2],
        calls: usize,
        rounds: usize,
    ) -> Result<Measured, String> {
        let mut rates = [Vec::new(), Vec::new()];
        for _ in 0..rounds {
            for (server, rates) in servers.iter().zip(&mut rates) {
                let server = Server::start(Command::new(self.folder.join(server[0])).args(&server[1..]))?;
                let arguments = [LOWER_BOUND, "throughput", &calls.to_string(), &server.endpoint];
                let output = output(Command::new(self.folder.join("load")).args(arguments))?;
                let run: Run = serde_json::from_slice(&output.stdout).map_err(|error| format!("load: {error}"))?;
                rates.push(calls as f64 / run.seconds);
            }
        }
        let [ours, floor] = rates.map(median);
        Ok(Measured { ours, floor, lower_bound: None })
    }

    /// How long the sandbox takes until it serves, beside the server of fixed responses, in milliseconds.
    pub(super) fn start(&self, rounds: usize) -> Result<Measured, String> {
        let start = |arguments: &[&str]| {
            let start = Instant::now();
            Server::start(Command::new(self.folder.join(arguments[0])).args(&arguments[1..]))?;
            Ok::<_, String>(start.elapsed().as_secs_f64() * 1e3)
        };
        let (mut ours, mut floor) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            ours.push(start(&["sandboxed", "serve", "verify"])?);
            floor.push(start(&["canned-server"])?);
        }
        Ok(Measured { ours: median(ours), floor: median(floor), lower_bound: None })
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
        [client.to_owned(), work.to_owned(), calls.to_string(), self.server.endpoint.clone()]
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
