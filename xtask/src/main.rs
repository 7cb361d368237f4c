//! `cargo xtask`: the project's own commands.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod ci;
mod coverage;
mod diff;
mod files;
mod generate;
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
    /// Runs what decides whether a change lands
    Ci,
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
    /// Gets the provider's document as it is now, and tells what that changes and what is to be done; all or nothing
    Refresh {
        /// An address, or a file in YAML or JSON; the provider's address if not given
        #[arg(long, value_name = "URL|FILE")]
        from: Option<String>,
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
        Command::Ci => ci::run(),
        Command::Coverage => coverage::run(),
        Command::Refresh { from } => refresh::run(from.as_deref()),
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
