//! `cargo xtask`: the project's own commands.

use std::process::ExitCode;

mod files;
mod generate;

const USAGE: &str = "\
usage: cargo xtask generate [--check]

  generate           writes generated/bindings.rs from openapi/compute-v1.yaml
  generate --check   fails when generated/bindings.rs is not what that would write";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["generate"] => generate::run(files::Mode::Write),
        ["generate", "--check"] => generate::run(files::Mode::Check),
        ["help" | "--help" | "-h"] => Ok(USAGE.into()),
        _ => Err(USAGE.into()),
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
