//! A real process with a ledger in a file is killed at exact moments: when a record was written, before a request is sent, and
//! when a request was processed. A later process finds all that it has left.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::StreamExt;
use genesiscloud::{Client, CreateInstance, CreateVolume, FileLedger, Reconciliation};
use genesiscloud_sandbox::{Clock, Data, Sandbox};
use genesiscloud_tests::sandbox::{KRS, SMALL, builder};
use genesiscloud_tests::skipping_clock::SkippingClock;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ledger-fleet");

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn ledger(&self) -> PathBuf {
        self.0.path().join("fleet.ledger")
    }
}

/// The moment at which the program is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Record(usize),
    Permit(usize),
    Processed(usize),
    Never,
}

impl Moment {
    fn argument(self) -> String {
        match self {
            Self::Record(number) => format!("record {number}"),
            Self::Permit(number) => format!("permit {number}"),
            Self::Processed(_) | Self::Never => "never".to_owned(),
        }
    }
}

fn start(sandbox: &Sandbox, ledger: &Path, when: &str) -> Child {
    let mut program = Command::new(PROGRAM);
    program.args([sandbox.endpoint(), sandbox.token().to_owned()]).arg(ledger).arg(when);
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

/// A client of a later process, which does not wait for what may still be on its way: nothing is.
fn later(sandbox: &Sandbox) -> Client {
    let builder = builder(sandbox).clock(SkippingClock::default()).rate(None);
    builder.propagation_timeout(Duration::ZERO).build().unwrap()
}

async fn reconcile(sandbox: &Sandbox, ledger: &Path) -> Reconciliation {
    let ledger = FileLedger::open(ledger).unwrap();
    later(sandbox).reconcile(&ledger).delete().await.unwrap()
}

/// How many instances and volumes there are of each name.
fn numbers(sandbox: &Sandbox) -> BTreeMap<String, usize> {
    let Data { instances, volumes, .. } = sandbox.data();
    let mut numbers = BTreeMap::new();
    for name in instances.into_iter().map(|it| it.name).chain(volumes.into_iter().map(|it| it.name)) {
        *numbers.entry(name).or_default() += 1;
    }
    numbers
}

/// An account with other programs' instances and volumes, some with the same names.
async fn account(on_request: impl Fn() + Send + Sync + 'static) -> Sandbox {
    let clock = Clock::running(100_000.0);
    let sandbox = Sandbox::builder().clock(clock).data(Data::new().with_instances(3)).on_request(move |_| on_request());
    let sandbox = sandbox.start().await.unwrap();
    let other = later(&sandbox);
    for number in [0, 7, 19] {
        let vm = CreateInstance::new(format!("trainer-{number}"), SMALL, "ubuntu-24.04", KRS).password("Passw0rd");
        other.instances().create_or_recover(vm).await.unwrap();
        other.volumes().create(CreateVolume::new(format!("data-{number}"), KRS, 50).marker("other")).await.unwrap();
    }
    sandbox
}

/// Kills a process of a test.
fn kill(pid: u32) {
    let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
}

async fn end(mut child: Child) -> ExitStatus {
    tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap()
}

/// Runs the program until that moment, then reconciles. Returns whether it was killed, and how many were left by it.
async fn killed_at(moment: Moment) -> (bool, usize) {
    let folder = Folder::new();
    let (processed, pid) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(None)));
    let (count, victim) = (Arc::clone(&processed), Arc::clone(&pid));
    let sandbox = account(move || {
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        if let (Some(pid), Moment::Processed(at)) = (*victim.lock().unwrap(), moment)
            && number == at
        {
            kill(pid);
        }
    })
    .await;
    let before = numbers(&sandbox);
    let child = {
        let mut pid = pid.lock().unwrap();
        processed.store(0, Ordering::SeqCst);
        let child = start(&sandbox, &folder.ledger(), &moment.argument());
        *pid = Some(child.id());
        child
    };
    let was_killed = !end(child).await.success();
    *pid.lock().unwrap() = None;
    let left = numbers(&sandbox);
    for (name, number) in &left {
        let others = before.get(name).copied().unwrap_or_default();
        assert!(*number <= others + 1, "{moment:?}: {name} was created twice");
    }
    let number_left = left.values().sum::<usize>() - before.values().sum::<usize>();
    let result = reconcile(&sandbox, &folder.ledger()).await;
    assert_eq!(numbers(&sandbox), before, "{moment:?}: {result}");
    assert!(result.undecided.is_empty() && result.skipped.is_empty(), "{moment:?}: {result}");
    let again = reconcile(&sandbox, &folder.ledger()).await;
    assert_eq!(again.to_string(), "nothing to reconcile", "{moment:?}");
    (was_killed, number_left)
}

/// All moments at which the program can be killed: it writes 160 records and sends at least as many requests.
fn moments() -> Vec<Moment> {
    (1..=160).flat_map(|number| [Moment::Record(number), Moment::Permit(number), Moment::Processed(number)]).collect()
}

async fn kill_at_all(moments: Vec<Moment>) {
    let number = moments.len();
    let runs: Vec<_> = futures::stream::iter(moments).map(killed_at).buffer_unordered(4).collect().await;
    let killed = runs.iter().filter(|(was_killed, _)| *was_killed).count();
    let left: usize = runs.iter().map(|(_, left)| left).sum();
    println!("{killed} kills left {left} instances and volumes, and a later process deleted all of them");
    assert_eq!(killed, number);
    assert!(left > 10 * number, "they have left too little to find: {left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_by_a_kill_at_some_moments() {
    let mut random = fastrand::Rng::with_seed(11);
    kill_at_all(random.choose_multiple(moments(), 24)).await;
}

#[ignore = "480 processes take minutes; `cargo test --test it ledger_kills:: -- --ignored` runs them"]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_by_a_kill_at_any_moment() {
    kill_at_all(moments()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_not_killed_leaves_nothing() {
    assert_eq!(killed_at(Moment::Never).await, (false, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_running_process_holds_is_not_touched() {
    let folder = Folder::new();
    let sandbox = account(|| ()).await;
    let before = numbers(&sandbox);
    let mut running = start(&sandbox, &folder.ledger(), "hold");
    let output = BufReader::new(running.stdout.take().unwrap());
    let killed = start(&sandbox, &folder.ledger(), "record 50");
    let holding = tokio::task::spawn_blocking(|| output.lines().next().unwrap().unwrap()).await.unwrap();
    assert_eq!((holding.as_str(), end(killed).await.success()), ("holding", false));

    let result = reconcile(&sandbox, &folder.ledger()).await;
    assert_eq!((result.skipped.len(), result.undecided.len()), (40, 0), "{result}");
    assert!(result.deleted.len() >= 23, "{result}");
    let others = numbers(&sandbox).values().sum::<usize>() - before.values().sum::<usize>();
    assert_eq!(others, 40, "{result}");

    drop(running.stdin.take());
    assert!(end(running).await.success());
    let result = reconcile(&sandbox, &folder.ledger()).await;
    assert_eq!((result.deleted.len(), numbers(&sandbox)), (40, before), "{result}");
}

#[tokio::test]
async fn a_ledger_that_cannot_be_written_is_refused_before_anything_is_sent() {
    let folder = Folder::new();
    let error = FileLedger::open(folder.0.path()).unwrap_err().to_string();
    assert!(error.starts_with(&folder.0.path().display().to_string()), "{error}");
    FileLedger::open(folder.0.path().join("no/such/folder")).unwrap_err();

    // A file that may not grow is like a full disk.
    let sandbox = account(|| ()).await;
    let before = sandbox.recorded_requests().len();
    let limited = format!("trap '' XFSZ; ulimit -f 0; exec {PROGRAM} \"$@\"");
    let arguments = [sandbox.endpoint(), sandbox.token().to_owned(), folder.ledger().display().to_string()];
    let output = Command::new("bash").args(["-c", &limited, "bash"]).args(arguments).arg("never").output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("the ledger failed"), "{text}");
    assert_eq!(sandbox.recorded_requests().len(), before);
}
