//! `cargo xtask`: the project's own commands.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod coverage;
mod diff;
mod files;
mod generate;

/// The project's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Lists what of the document cannot be reached from the wrapper, and fails if there is any
    Coverage,
    /// What changes for users of this SDK from one document to another: exit code 1 if something breaks, 2 if they cannot be
    /// compared
    Diff {
        /// The document before
        old: String,
        /// The document now
        new: String,
        /// The form of the report
        #[arg(long, value_enum, default_value = "text")]
        format: diff::Format,
    },
    /// Writes generated/bindings.rs from openapi/compute-v1.yaml
    Generate {
        /// Writes nothing, and fails if it would change something
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Diff { old, new, format } => return diff::run(&old, &new, format),
        Command::Coverage => coverage::run(),
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
