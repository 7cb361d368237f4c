//! Processes that share an account: 20 of them with one rate, while the store is killed and started again; the same without a
//! store; and 20 that are killed, whose resources one process deletes.
//!
//! It starts itself for each process. How many requests per second they get out of the account depends on the machine as well, so
//! that this is measured only with `GENESISCLOUD_FLEET_RATE`, the account's limit: 50 takes a minute; 10, the service's, takes
//! five.

#[path = "../it/server.rs"]
mod server;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures::future::join_all;
use genesiscloud::{Client, CreateInstance, CreateVolume, Rate, Region};
use genesiscloud_redis::{RedisLedger, RedisLedgerBuilder, RedisLimiter};
use genesiscloud_sandbox::{Clock, Data, RecordedRequest, Sandbox};

use self::server::Server;

const PROCESSES: usize = 20;
/// How many calls each of them makes.
const CALLS: usize = 100;
const ACCOUNT: &str = "fleet";
const NO_STORE: &str = "no store";
const TIMEOUT: Duration = Duration::from_millis(500);
const SESSION_TIMEOUT: Duration = Duration::from_secs(4);
/// The sandbox's clock runs a thousand times as fast, so what is waited for is there at once.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["calls", endpoint, token, store, per_second, calls] => {
            call(endpoint, token, store, per_second.parse()?, calls.parse()?).await
        }
        ["creates", endpoint, token, store] => create(endpoint, token, store).await,
        // The arguments of `cargo test` that ask for other tests.
        ref asked if asked.iter().any(|it| ["--list", "--ignored"].contains(it)) => Ok(()),
        ref asked if asked.iter().any(|it| !it.starts_with('-') && !"fleet".contains(it)) => Ok(()),
        _ => all().await,
    }
}

async fn all() -> Result<(), Failure> {
    let Some(server) = Server::start() else { return Ok(()) };
    killed_processes(&server).await?;
    let Ok(per_second) = std::env::var("GENESISCLOUD_FLEET_RATE") else {
        println!("left out without GENESISCLOUD_FLEET_RATE: the rate of 20 processes");
        return Ok(());
    };
    let per_second = per_second.parse()?;
    drop(one_rate(per_second, server).await?);
    without_a_store(per_second).await
}

/// A sandbox without resources, whose limit is this rate, and as much at once.
async fn sandbox(per_second: Option<u32>) -> std::io::Result<Sandbox> {
    let builder = Sandbox::builder().clock(Clock::running(1.0)).data(Data::new());
    let rate = |rate| genesiscloud_sandbox::Rate::per_second(rate);
    match per_second {
        Some(per_second) => builder.rate(rate(per_second)).start().await,
        None => builder.clock(Clock::running(1_000.0)).start().await,
    }
}

fn start(arguments: &[&str]) -> std::io::Result<Child> {
    Command::new(std::env::current_exe()?).args(arguments).stdout(Stdio::piped()).spawn()
}

/// What the calls of all processes took.
struct Outcome {
    failed: usize,
    /// When each request arrived, in seconds since the first one, and the status of its response.
    requests: Vec<(f64, Option<u16>)>,
}

impl Outcome {
    fn seconds(&self) -> f64 {
        self.requests.iter().map(|(at, _)| *at).fold(0.0, f64::max)
    }

    /// How many requests were throttled after this time.
    fn throttled_after(&self, seconds: f64) -> usize {
        self.requests.iter().filter(|(at, status)| *at >= seconds && *status == Some(429)).count()
    }

    /// What was processed, of what the account's limit allows in this time.
    fn share(&self, per_second: u32) -> f64 {
        let processed = self.requests.iter().filter(|(_, status)| *status == Some(200)).count();
        processed as f64 / (self.seconds() * f64::from(per_second))
    }

    fn print(&self, name: &str, per_second: u32) {
        let (seconds, percent) = (self.seconds(), 100.0 * self.share(per_second));
        let (throttled, late, failed) = (self.throttled_after(0.0), self.throttled_after(1.0), self.failed);
        println!(
            "{name}: {seconds:.1} s, {percent:.1} % of {per_second} requests per second; {throttled} throttled, {late} of them \
             after the first second; {failed} calls failed"
        );
    }
}

/// Runs the processes, and something meanwhile.
async fn run<T>(
    per_second: u32,
    calls: usize,
    store: &str,
    meanwhile: impl Future<Output = T>,
) -> Result<(Outcome, T), Failure> {
    let sandbox = sandbox(Some(per_second)).await?;
    let (endpoint, token) = (sandbox.endpoint(), sandbox.token().to_owned());
    let process = ["calls", &endpoint, &token, store, &per_second.to_string(), &calls.to_string()];
    let children = (0..PROCESSES).map(|_| start(&process)).collect::<Result<Vec<_>, _>>()?;
    let failed = children.into_iter().map(|child| tokio::task::spawn_blocking(move || failures(child)));
    let (failed, meanwhile) = futures::future::join(join_all(failed), meanwhile).await;
    let failed = failed.into_iter().sum::<Result<usize, _>>()?;
    let requests = sandbox.recorded_requests();
    let first = requests.iter().map(|request| request.at).min().ok_or("there was no request")?;
    let since = |request: &RecordedRequest| (request.at - first).as_seconds_f64();
    let requests = requests.iter().map(|request| (since(request), request.status)).collect();
    Ok((Outcome { failed, requests }, meanwhile))
}

fn failures(child: Child) -> usize {
    let output = child.wait_with_output().expect("a process that ends");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("the number of calls that failed")
}

/// A process: its calls, four at once. Prints how many failed.
async fn call(endpoint: &str, token: &str, store: &str, per_second: u32, calls: usize) -> Result<(), Failure> {
    let rate = Rate::per_second(per_second).with_burst(per_second - 1);
    let client = Client::builder().token(token).endpoint(endpoint);
    let client = if store == NO_STORE {
        client.rate(rate).build()?
    } else {
        let share = Rate::every(rate.period() * u32::try_from(PROCESSES)?);
        let limiter = RedisLimiter::builder(store, ACCOUNT)?.rate(rate).share(share).timeout(TIMEOUT).build()?;
        client.limiter(limiter).build()?
    };
    let task = async || {
        let mut failed = 0;
        for _ in 0..calls / 4 {
            failed += usize::from(client.quotas().get().await.is_err());
        }
        failed
    };
    println!("{}", join_all((0..4).map(|_| task())).await.into_iter().sum::<usize>());
    Ok(())
}

/// One rate, while the store is killed and started again.
async fn one_rate(per_second: u32, server: Server) -> Result<Server, Failure> {
    let url = server.url();
    let expected = Duration::from_secs((PROCESSES * CALLS) as u64) / per_second;
    let kill = async {
        tokio::time::sleep(expected / 4).await;
        let killed = server.kill();
        tokio::time::sleep(expected / 8).await;
        killed.restart()
    };
    let (outcome, server) = run(per_second, CALLS, &url, kill).await?;
    outcome.print("with a store that is killed and started again", per_second);
    let share = outcome.share(per_second);
    assert!((0.97..1.0).contains(&share), "{share} of what the limit allows");
    assert_eq!((outcome.throttled_after(1.0), outcome.failed), (0, 0));
    Ok(server)
}

/// The same where each process keeps the limit by itself, for a quarter of the time.
async fn without_a_store(per_second: u32) -> Result<(), Failure> {
    let (outcome, ()) = run(per_second, CALLS / 4, NO_STORE, async {}).await?;
    outcome.print("without a store", per_second);
    assert!(outcome.throttled_after(1.0) > 0, "the processes do not need to share a rate");
    Ok(())
}

/// A process: creates a volume and an instance with it again and again, until it is killed.
async fn create(endpoint: &str, token: &str, store: &str) -> Result<(), Failure> {
    let ledger = ledger(store).open().await?;
    let client = Client::builder().token(token).endpoint(endpoint).rate(None).deadline(SESSION_TIMEOUT / 2);
    let client = client.ledger(ledger).build()?;
    loop {
        let disk = client.volumes().create(CreateVolume::new("data", Region::NordNoKrs1, 50)).await?;
        client.volumes().wait(&disk.id).every(POLL_INTERVAL).await?;
        let vm = CreateInstance::new("trainer", "vcpu-2_memory-4g_disk-80g", "ubuntu-24.04", Region::NordNoKrs1);
        let vm = client.instances().create(vm.password("Passw0rd").volumes([&disk.id])).await?;
        client.instances().wait(&vm.id).every(POLL_INTERVAL).await?;
        client.instances().delete(&vm.id).await?;
    }
}

fn ledger(store: &str) -> RedisLedgerBuilder {
    RedisLedger::builder(store, ACCOUNT).expect("a URL").session_timeout(SESSION_TIMEOUT)
}

/// 20 processes are killed at different moments. One process reconciles what they have left.
async fn killed_processes(server: &Server) -> Result<(), Failure> {
    let sandbox = sandbox(None).await?;
    let before = existing(&sandbox);
    let (endpoint, token) = (sandbox.endpoint(), sandbox.token().to_owned());
    let process = ["creates", &endpoint, &token, &server.url()];
    let mut children = (0..PROCESSES).map(|_| start(&process)).collect::<Result<Vec<_>, _>>()?;
    for (number, child) in (1..).zip(&mut children) {
        // Between two of their requests, or during one.
        while sandbox.recorded_requests().len() < 40 * number {
            assert!(child.try_wait()?.is_none(), "it ends by itself");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        child.kill()?;
        child.wait()?;
    }
    let left = existing(&sandbox).len() - before.len();

    let ledger = ledger(&server.url()).open().await?;
    let client =
        Client::builder().token(&token).endpoint(&endpoint).rate(None).propagation_timeout(Duration::ZERO).build()?;
    let start = Instant::now();
    let mut deleted = 0;
    loop {
        let result = client.reconcile(&ledger).delete().await?;
        deleted += result.deleted.len();
        assert!(result.not_deleted.is_empty() && result.undecided.is_empty(), "{result}");
        if result.skipped.is_empty() {
            break;
        }
        // Their sessions have not timed out.
        assert!(start.elapsed() < 10 * SESSION_TIMEOUT, "{result}");
        tokio::time::sleep(SESSION_TIMEOUT / 10).await;
    }
    println!("20 processes were killed and left {left} resources; one process deleted {deleted}, and none exists");
    assert_eq!(existing(&sandbox), before);
    assert!(left > PROCESSES, "they have left too little to find: {left}");
    Ok(())
}

/// The ids of instances and volumes.
fn existing(sandbox: &Sandbox) -> Vec<String> {
    let Data { instances, volumes, .. } = sandbox.data();
    instances.into_iter().map(|vm| vm.id).chain(volumes.into_iter().map(|volume| volume.id)).collect()
}
