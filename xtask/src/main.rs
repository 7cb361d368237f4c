//! `cargo xtask`: the project's own commands.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod bindings;
mod ci;
mod coverage;
mod diff;
mod files;
mod generate;
mod layers;
mod modules;
mod process;
mod refresh;

/// The project's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures the SDK beside the least code that does the same, and writes BENCHMARKS.md and benches/results.json
    Bench {
        /// The rows to measure [default: all]
        rows: Vec<String>,
        /// Writes nothing, and fails if a row that is stable is beyond its guard
        #[arg(long)]
        guard: bool,
    },
    /// Runs the checks that a change must pass
    Ci {
        /// Also runs what takes long: packages, sets of features, ignored tests, the size of a program
        #[arg(long)]
        full: bool,
    },
    /// Fails if the wrapper does not reach everything in the document, and lists what is missing
    Coverage,
    /// Reports the changes from one document to another for users of this SDK: exit code 1 if one is breaking, 2 if the
    /// documents cannot be compared
    Diff {
        /// The old document
        old: String,
        /// The new document
        new: String,
        /// The format of the report
        #[arg(long, value_enum, default_value = "text")]
        format: diff::Format,
    },
    /// Fails if files import one another in a cycle, or a module of the wrapper imports one of a higher layer
    Layers {
        /// The root of the workspace to check [default: this workspace]
        root: Option<PathBuf>,
    },
    /// Fetches the provider's document, and reports what it changes and what is left to do; writes all files or none
    Refresh {
        /// A URL, or a file in YAML or JSON [default: the provider's URL]
        #[arg(long, value_name = "URL|FILE")]
        from: Option<String>,
        /// Reports the changes and what is left to do, and writes nothing
        #[arg(long)]
        dry_run: bool,
        /// Also takes a document that seems to be another API's, and overwrites one that was edited
        #[arg(long)]
        force: bool,
    },
    /// Writes generated/bindings.rs from openapi/compute-v1.yaml
    Generate {
        /// Writes nothing, and fails if a file is out of date
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Diff { old, new, format } => return diff::run(&old, &new, format),
        Command::Bench { rows, guard } => bench::run(&rows, guard),
        Command::Ci { full } => ci::run(full),
        Command::Coverage => coverage::run(),
        Command::Layers { root } => layers::run(&root.unwrap_or_else(files::root)),
        Command::Refresh { from, dry_run, force } => {
            refresh::run(from.as_deref(), refresh::Options { is_dry_run: dry_run, is_forced: force })
        }
        Command::Generate { check } => generate::run(files::Mode::of(check)),
    };
    match outcome {
        Ok(message) => {
            println!("{message}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
