//! The sandbox as a program: prints the two variables a client needs, and serves until Ctrl-C.

use std::io::{self, Write};
use std::net::{AddrParseError, IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use clap::Parser;
use genesiscloud_sandbox::{Clock, Data, Rate, Received, RetryAfter, Sandbox, Script};

/// The Genesis Cloud Compute API on this machine: stateful, with limits and faults, and nothing to pay.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Port to listen on; 0 is any that is free
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// Address to listen on; any but a loopback one lets others in
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = host)]
    host: IpAddr,

    /// Token to take
    #[arg(long)]
    token: Option<String>,

    /// How many times as fast machines live: at 60, what takes a minute takes a second
    #[arg(long, value_name = "TIMES", default_value_t = 1.0, value_parser = speed)]
    speed: f64,

    /// Requests to take a second on average, or off
    #[arg(long, value_name = "REQUESTS|off", default_value = "10", value_parser = rate)]
    rate: std::option::Option<u32>,

    /// Requests to take at once [default: as many as a second]
    #[arg(long, value_name = "REQUESTS", value_parser = clap::value_parser!(u32).range(1..))]
    burst: Option<u32>,

    /// How a 429 says when to come again
    #[arg(long, value_name = "FORM", default_value = "seconds", value_parser = ["seconds", "date", "absent"])]
    retry_after: String,

    /// Resources to begin with, YAML or JSON [default: 250 made-up instances and what belongs to them]
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,

    /// Begin as a new account, with images and instance types but no resources
    #[arg(long, conflicts_with = "seed")]
    empty: bool,

    /// Print the account it would begin with, as --seed takes it, and end
    #[arg(long)]
    print_seed: bool,

    /// What is to go wrong, YAML or JSON
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,

    /// End at the first exchange that leaves the provider's document
    #[arg(long)]
    verify: bool,

    /// Do not log requests
    #[arg(long)]
    quiet: bool,
}

fn host(text: &str) -> Result<IpAddr, String> {
    match text {
        "localhost" => Ok(Ipv4Addr::LOCALHOST.into()),
        text => text.parse().map_err(|error: AddrParseError| error.to_string()),
    }
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse::<f64>().ok().filter(|speed| (0.0..=100_000.0).contains(speed));
    speed.ok_or_else(|| "this must be a number, 0 to 100000".to_owned())
}

/// The full path keeps clap from taking the absence of a limit for the absence of the flag.
fn rate(text: &str) -> Result<std::option::Option<u32>, String> {
    match text.parse::<u32>() {
        Ok(rate) if rate > 0 => Ok(Some(rate)),
        _ if text == "off" => Ok(None),
        _ => Err("this must be a number, 1 or more, or off".to_owned()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let data = match &arguments.seed {
        Some(path) => read(path)?,
        None if arguments.empty => Data::new(),
        None => Data::realistic(),
    };
    if arguments.print_seed {
        let seed = serde_json::to_string_pretty(&data).map_err(|error| error.to_string())?;
        return print(&seed);
    }
    let script = arguments.faults.as_deref().map(read::<Script>).transpose()?.unwrap_or_default();

    let mut builder = Sandbox::builder()
        .host(arguments.host)
        .port(arguments.port)
        .clock(Clock::running(arguments.speed))
        .data(data)
        .faults(script)
        .verified(arguments.verify)
        // Nobody asks this process for its journal: what was logged need not be kept.
        .journal(0);
    if let Some(token) = arguments.token {
        builder = builder.token(token);
    }
    if let Some(rate) = arguments.rate {
        let form = match arguments.retry_after.as_str() {
            "date" => RetryAfter::Date,
            "absent" => RetryAfter::Absent,
            _ => RetryAfter::Seconds,
        };
        let rate = Rate::per_second(rate).retry_after(form);
        builder = builder.rate(arguments.burst.map_or(rate, |burst| rate.burst(burst)));
    }
    if !arguments.quiet {
        builder = builder.on_request(log);
    }
    let address = format!("{}:{}", arguments.host, arguments.port);
    let sandbox = builder.start().await.map_err(|error| format!("the sandbox cannot start at {address}: {error}"))?;

    let (endpoint, token) = (sandbox.endpoint(), quoted(sandbox.token()));
    print(&format!("export GENESISCLOUD_ENDPOINT={endpoint}\nexport GENESISCLOUD_TOKEN={token}"))?;
    if !arguments.host.is_loopback() {
        tell(&format!("Listening on {}: whoever reaches it and knows the token is let in.", arguments.host));
    }
    tell("Serving until Ctrl-C. Nothing here is real, and nothing costs money.");
    tokio::signal::ctrl_c().await.map_err(|error| format!("cannot wait for Ctrl-C: {error}"))
}

fn print(text: &str) -> Result<(), String> {
    writeln!(io::stdout(), "{text}").map_err(|error| format!("cannot print: {error}"))
}

/// A word that a shell takes as it is.
fn quoted(word: &str) -> String {
    if word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn read<T: FromStr<Err: std::fmt::Display>>(path: &Path) -> Result<T, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    text.parse().map_err(|error| format!("{}: {error}", path.display()))
}

/// One line a request: time, answer, what was asked, what went wrong. No headers and no bodies, which hold secrets.
fn log(request: &Received) {
    let status = request.status.map_or("---".to_owned(), |status| status.to_string());
    let code = request.code.as_ref().map(|code| format!("  code {code}")).unwrap_or_default();
    let fault = request.fault.as_ref().map(|fault| format!("  fault: {fault}")).unwrap_or_default();
    let time = request.at.format("%H:%M:%S%.3f");
    tell(&format!("{time}  {status}  {:<6} {}{code}{fault}", request.method, request.target));
}

/// Whoever has closed the log does not want it: that is no reason to end.
fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
