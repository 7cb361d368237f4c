//! The sandbox as a program: prints the two variables that a client needs, and serves until Ctrl-C.

use std::io::{self, Write};
use std::net::{AddrParseError, IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use clap::Parser;
use genesiscloud_sandbox::{
    Clock, Data, DateHeader, FaultScript, PageQuirks, Rate, RecordedRequest, RetryAfter, Sandbox,
};

/// A stateful mock of the Genesis Cloud Compute API on this computer, with rate limits and fault injection
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Port to listen on; 0 selects a free port
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// Address to listen on; with any but a loopback address, other hosts can connect
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = host)]
    host: IpAddr,

    /// Name by which other hosts reach the sandbox; can be given several times
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,

    /// Token that requests must send
    #[arg(long)]
    token: Option<String>,

    /// Speed of status transitions: at 60, a transition of one minute takes one second
    #[arg(long, value_name = "TIMES", default_value_t = 1.0, value_parser = speed)]
    speed: f64,

    /// Requests per second that are allowed on average, or off
    #[arg(long, value_name = "REQUESTS|off", default_value = "10", value_parser = rate)]
    rate: std::option::Option<u32>,

    /// Requests that are allowed at once [default: the number allowed per second]
    #[arg(long, value_name = "REQUESTS", value_parser = clap::value_parser!(u32).range(1..))]
    burst: Option<u32>,

    /// Form of the Retry-After header of a 429
    #[arg(long, value_name = "FORM", default_value = "seconds", value_parser = ["seconds", "date", "absent"])]
    retry_after: String,

    /// Resources that exist at the start, as YAML or JSON [default: a generated account with 250 instances]
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,

    /// Start with a new account, which has images and instance types but no resources
    #[arg(long, conflicts_with = "seed")]
    empty: bool,

    /// Print the account in the format of --seed and exit
    #[arg(long)]
    print_seed: bool,

    /// For how long after each create and deletion reads show the account as it was before
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    stale_reads: u32,

    /// How the pages of lists deviate from the document, as YAML or JSON, such as '{ cap: 25 }'
    #[arg(long, value_name = "QUIRKS", default_value = "{}")]
    page_quirks: PageQuirks,

    /// What the Date header contains, as YAML or JSON: correct, absent, { offset: -7200 } or { text: yesterday }
    #[arg(long, value_name = "DATE", default_value = "correct")]
    date_header: DateHeader,

    /// Faults to inject, as YAML or JSON
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,

    /// Exit at the first request or response that does not conform to the provider's OpenAPI document
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
    speed.ok_or_else(|| "must be a number between 0 and 100000".to_owned())
}

/// The full path keeps clap from treating `None`, which is no limit, as an optional flag.
fn rate(text: &str) -> Result<std::option::Option<u32>, String> {
    match text.parse::<u32>() {
        Ok(rate) if rate > 0 => Ok(Some(rate)),
        _ if text == "off" => Ok(None),
        _ => Err("must be a number of at least 1, or off".to_owned()),
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
    let script = arguments.faults.as_deref().map(read::<FaultScript>).transpose()?.unwrap_or_default();

    let mut builder = Sandbox::builder()
        .host(arguments.host)
        .port(arguments.port)
        .clock(Clock::running(arguments.speed))
        .data(data)
        .faults(script)
        .date_header(arguments.date_header)
        .page_quirks(arguments.page_quirks)
        .stale_reads(Duration::from_secs(arguments.stale_reads.into()))
        .verify(arguments.verify)
        // The program only logs requests, so that it need not keep them.
        .max_recorded_requests(0);
    for name in arguments.allow_host {
        builder = builder.allow_host(name);
    }
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
        builder = builder.on_request(log_request);
    }
    let address = format!("{}:{}", arguments.host, arguments.port);
    let sandbox = builder.start().await.map_err(|error| format!("the sandbox cannot start at {address}: {error}"))?;

    let (endpoint, token) = (sandbox.endpoint(), quoted(sandbox.token()));
    print(&format!("export GENESISCLOUD_ENDPOINT={endpoint}\nexport GENESISCLOUD_TOKEN={token}"))?;
    if !arguments.host.is_loopback() {
        log_line(&format!(
            "Listening on {}: every host that can reach it and knows the token has access.",
            arguments.host
        ));
    }
    log_line("Serving until Ctrl-C. All resources are simulated and free of charge.");
    tokio::signal::ctrl_c().await.map_err(|error| format!("cannot wait for Ctrl-C: {error}"))
}

fn print(text: &str) -> Result<(), String> {
    writeln!(io::stdout(), "{text}").map_err(|error| format!("cannot print: {error}"))
}

/// Quotes a word for a shell.
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

/// Logs one line per request: time, status, method, target, error code and fault. Headers and bodies are not logged,
/// because they contain secrets.
fn log_request(request: &RecordedRequest) {
    let status = request.status.map_or("---".to_owned(), |status| status.to_string());
    let code = request.code.as_ref().map(|code| format!("  code {code}")).unwrap_or_default();
    let fault = request.fault.as_ref().map(|fault| format!("  fault: {fault}")).unwrap_or_default();
    let time = request.at.format("%H:%M:%S%.3f");
    log_line(&format!("{time}  {status}  {:<6} {}{code}{fault}", request.method, request.target));
}

/// Writes to standard error. Errors are ignored: a closed log must not end the program.
fn log_line(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
