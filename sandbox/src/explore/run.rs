//! One run of a program under a schedule, on a sandbox of its own, and what came of it.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::Duration;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use genesiscloud::{Client, ClientBuilder, Ledger, LedgerEntry, MemoryLedger};

use super::census::{Census, Named, Resource};
use super::kept::Kept;
use super::runtime::{ProgramRuntime, ServerRuntime};
use super::schedule::{Schedule, ScheduledRule};
use super::time::Time;
use crate::clock::Clock;
use crate::data::Data;
use crate::recorded_requests::RecordedRequest;
use crate::sandbox::Sandbox;

/// A program, as the explorer runs it.
pub(super) type Program = Box<dyn Fn(Client, MemoryLedger) -> LocalBoxFuture<'static, Result<Kept, ErrorText>>>;

pub(super) type ConfigureClient = Box<dyn Fn(ClientBuilder) -> ClientBuilder>;

/// The error of a program, as people see it.
#[derive(Clone, Debug)]
pub(super) struct ErrorText {
    pub(super) display: String,
    /// Everything that a program may print of it: the forms of `Display` and `Debug`.
    pub(super) all: String,
}

impl ErrorText {
    pub(super) fn new<E: fmt::Display + fmt::Debug>(error: &E) -> Self {
        Self { display: error.to_string(), all: format!("{error}\n{error:#}\n{error:?}") }
    }
}

/// How the program ended, or the recovery after it was killed.
#[derive(Debug)]
pub(super) enum Ending {
    Returned(Kept),
    Failed(ErrorText),
    Panicked(String),
    Killed,
    /// It ran into this limit.
    Unfinished(Limit),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Time(Duration),
    Requests(usize),
}

/// What to run.
pub(super) struct Setup {
    pub(super) data: Data,
    pub(super) program: Program,
    pub(super) after_kill: Option<Program>,
    pub(super) configure_client: ConfigureClient,
    pub(super) has_ledger: bool,
    pub(super) ends_within: Duration,
}

/// What came of a run.
pub(super) struct Record {
    /// Of the program, or of the recovery after it was killed.
    pub(super) ending: Ending,
    pub(super) was_killed: bool,
    pub(super) requests: Vec<RecordedRequest>,
    pub(super) token: String,
    pub(super) endpoint: String,
    /// The billed resources that the program created and that exist after all transitions have ended.
    pub(super) left: Vec<Resource>,
    /// The open entries of the ledger; `None` if the client keeps none.
    pub(super) open: Option<Vec<LedgerEntry>>,
    /// The most resources of a name that existed at once.
    pub(super) peaks: BTreeMap<Named, usize>,
    pub(super) passed: Duration,
}

impl Record {
    /// Returns a text in which the sandbox's address, which is another one each time, has a fixed name.
    pub(super) fn without_endpoint(&self, text: &str) -> String {
        let host = self.endpoint.trim_start_matches("http://").split('/').next().unwrap_or_default();
        text.replace(host, "sandbox")
    }
}

/// After this many requests a program is taken to send requests for ever without letting time pass.
const MAX_REQUESTS: usize = 3_000;

/// After this many rounds in which nothing was in flight, time passes. In each, all tasks run until they wait.
const QUIET_ROUNDS: u32 = 2;

/// After this many rounds, time passes although a request seems to be in flight.
const MAX_ROUNDS: u32 = 100_000;

/// Longer than any transition of a resource takes.
const TRANSITIONS: Duration = Duration::from_secs(3600);

/// How often a program that was killed is started again until it does not fail.
const MAX_RECOVERIES: usize = 5;

/// Runs the program, and after a kill the recovery, again if it is killed or fails itself.
pub(super) fn run(setup: &Setup, server: &ServerRuntime, schedule: &Schedule) -> io::Result<Record> {
    let builder = Sandbox::builder().clock(Clock::stepped()).data(setup.data.clone());
    let sandbox = server.block_on(builder.start())?;
    let rules = schedule.rules();
    for scheduled in &rules {
        sandbox.faults().add(scheduled.rule.clone()).map_err(io::Error::other)?;
    }
    let census = Census::new(&setup.data);
    let (time, ledger) = (Time::of(&sandbox), MemoryLedger::new());
    let mut run = Run { setup, server, sandbox, time, ledger, rules, census, events: 0, was_killed: false };
    let mut ending = run.execute(&setup.program)?;
    for recovery in setup.after_kill.iter().cycle().take(MAX_RECOVERIES) {
        let is_recovered = !run.was_killed || !matches!(ending, Ending::Killed | Ending::Failed(_));
        if is_recovered {
            break;
        }
        run.ledger = run.ledger.after_restart();
        ending = run.execute(recovery)?;
    }
    run.finish(ending)
}

struct Run<'a> {
    setup: &'a Setup,
    server: &'a ServerRuntime,
    sandbox: Sandbox,
    time: Time,
    ledger: MemoryLedger,
    rules: Vec<ScheduledRule>,
    census: Census,
    /// How many starts and finishes of requests the census has seen.
    events: u64,
    was_killed: bool,
}

impl Run<'_> {
    /// Runs a program in a runtime of its own, and drops both.
    fn execute(&mut self, program: &Program) -> io::Result<Ending> {
        let runtime = ProgramRuntime::new()?;
        let (builder, ledger) = (self.time.builder(&self.sandbox), self.ledger.clone());
        let builder = if self.setup.has_ledger { builder.ledger(ledger.clone()) } else { builder };
        let client = (self.setup.configure_client)(builder).build().map_err(io::Error::other)?;
        let mut running = Box::pin(AssertUnwindSafe(async { program(client, ledger).await }).catch_unwind());
        let ending = self.drive(&runtime, running.as_mut());
        runtime.end(running);
        self.settle();
        Ok(ending)
    }

    /// Drives program and sandbox in turn until the program ends, is killed, or reaches a limit.
    fn drive<F>(&mut self, runtime: &ProgramRuntime, mut running: Pin<&mut F>) -> Ending
    where
        F: Future<Output = Result<Result<Kept, ErrorText>, Box<dyn Any + Send>>>,
    {
        let started = self.time.passed();
        let end = started.saturating_add(self.setup.ends_within);
        let (mut quiet, mut rounds) = (0, 0);
        loop {
            match runtime.drive(running.as_mut()) {
                Some(Ok(Ok(kept))) => return Ending::Returned(kept),
                Some(Ok(Err(error))) => return Ending::Failed(error),
                Some(Err(panic)) => return Ending::Panicked(panic_message(&*panic)),
                None => {}
            }
            self.server.drive();
            let requests = self.take_census();
            if self.is_killed() {
                return Ending::Killed;
            }
            if requests > MAX_REQUESTS {
                return Ending::Unfinished(Limit::Requests(MAX_REQUESTS));
            }
            quiet = if self.time.is_quiet() { quiet + 1 } else { 0 };
            rounds += 1;
            if quiet >= QUIET_ROUNDS || rounds > MAX_ROUNDS {
                if self.time.passed() > end {
                    return Ending::Unfinished(Limit::Time(self.setup.ends_within));
                }
                self.pass(runtime, started, end);
                (quiet, rounds) = (0, 0);
            }
        }
    }

    /// Lets time pass until the next timer is due, of the client, the sandbox or tokio, or just beyond `end`.
    fn pass(&self, runtime: &ProgramRuntime, started: Duration, end: Duration) {
        let beyond = end.saturating_add(Duration::from_millis(1));
        let due = self.time.next_due().map_or(beyond, |due| due.min(beyond));
        // tokio's time has a resolution of a millisecond and may be ahead by one.
        let reached = started + runtime.pass(due - started);
        self.time.advance(reached.min(due) - self.time.passed());
    }

    /// Counts the resources if requests were processed. Returns how many requests have arrived.
    fn take_census(&mut self) -> usize {
        let (requests, events) = self.sandbox.state.recorder().counts();
        if events != self.events {
            self.events = events;
            self.census.take(&self.sandbox.data());
        }
        requests
    }

    /// Returns whether a kill is due, once for each.
    fn is_killed(&mut self) -> bool {
        let held = self.sandbox.clock().pending_delays().last().copied().unwrap_or_default();
        let mut is_killed = false;
        for (index, scheduled) in self.rules.iter_mut().enumerate() {
            let is_due = scheduled.kills_when_held_for.is_some_and(|least| least <= held);
            if is_due && self.sandbox.state.faults.is_used_up(index) {
                scheduled.kills_when_held_for = None;
                is_killed = true;
            }
        }
        self.was_killed |= is_killed;
        is_killed
    }

    /// Lets the sandbox notice that the connections of a program are closed.
    fn settle(&self) {
        for _ in 0..64 {
            self.server.drive();
            if self.sandbox.clock().pending_delays().is_empty() {
                break;
            }
        }
    }

    fn finish(mut self, ending: Ending) -> io::Result<Record> {
        let passed = self.time.passed();
        self.time.advance(TRANSITIONS);
        let left = self.census.take(&self.sandbox.data());
        let open = self.setup.has_ledger.then(|| self.server.block_on(self.ledger.entries())).transpose()?;
        let record = Record {
            ending,
            was_killed: self.was_killed,
            requests: self.sandbox.recorded_requests(),
            token: self.sandbox.token().to_owned(),
            endpoint: self.sandbox.endpoint(),
            left,
            open,
            peaks: self.census.into_peaks(),
            passed,
        };
        self.server.block_on(self.sandbox.stop());
        Ok(record)
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a value that is no text".into())
}
