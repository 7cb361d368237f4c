//! Random runs of one client in several runtimes, which stand still, are driven again, and end: no call that is being polled
//! outlives its deadline.

use std::fmt::Write as _;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt, TryStreamExt};
use genesiscloud::{Client, CreateVolume, InstanceStatus, Rate};
use genesiscloud_sandbox::{Data, Fault, RandomFaults, Sandbox};
use genesiscloud_tests::sandbox::{KRS, instance, stepped};
use genesiscloud_tests::time::Time;
use tokio::runtime::{Builder, Runtime};

const RUNS: u64 = 500;
/// How far the clock advances at once.
const STEP: Duration = Duration::from_millis(500);
const STEPS: u32 = 20;
/// Steps after which everything has ended, if all runtimes are driven.
const MORE_STEPS: u32 = 600;
const RUNTIMES: usize = 3;
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
/// Of the last poll of a wait: an attempt, and the time in which a wait notices that a poll does not come.
const LAST_POLL: Duration = Duration::from_millis(7010);

fn faults(seed: u64) -> RandomFaults {
    let second = Duration::from_secs(1);
    let faults = [
        Fault::Delay(3 * second),
        Fault::Delay(3600 * second),
        Fault::SlowBody(second),
        Fault::status(503),
        Fault::status(429).retry_after("2"),
        Fault::ResetBeforeRequest,
        Fault::ResetAfterProcessing,
        Fault::CutBody,
    ];
    RandomFaults::new(seed, 0.3, faults)
}

/// Resolves to whether it succeeded.
type Action = BoxFuture<'static, bool>;

struct Running {
    label: String,
    action: Action,
    runtime: usize,
    /// Its time limit; `None` for a list, each of whose pages has one.
    allowed: Option<Duration>,
    /// When it must have ended, if it is polled then; `None` before it is first polled.
    limit: Option<Duration>,
    /// A wait gets its last poll even if it is polled late, or the runtime of that poll ends.
    is_wait: bool,
    /// Whether another runtime may poll it.
    can_move: bool,
}

impl Running {
    /// From now on, a wait has the time for a last poll.
    fn extend(&mut self, now: Duration) {
        if self.is_wait {
            self.limit = self.limit.map(|limit| limit.max(now + STEP + LAST_POLL));
        }
    }
}

struct Run {
    rng: fastrand::Rng,
    time: Time,
    client: Client,
    /// Each with the number of steps for which it stands still.
    runtimes: Vec<(Runtime, u32)>,
    running: Vec<Running>,
    log: String,
    successes: u32,
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

impl Run {
    fn new(sandbox: &Sandbox, seed: u64) -> Self {
        let time = Time::of(sandbox);
        let builder = time.builder(sandbox).attempt_timeout(ATTEMPT_TIMEOUT).rate(Rate::per_second(10));
        let client = builder.build().unwrap();
        let runtimes = (0..RUNTIMES).map(|_| (runtime(), 0)).collect();
        let rng = fastrand::Rng::with_seed(seed);
        Self { rng, time, client, runtimes, running: vec![], log: String::new(), successes: 0 }
    }

    fn start(&mut self) {
        let seconds = Duration::from_secs(self.rng.u64(1..=8));
        let client = self.client.with_deadline(seconds);
        let id = instance(self.rng.usize(0..30));
        let name = format!("v-{}", self.running.len());
        let within = Duration::from_secs(self.rng.u64(0..=6));
        let (kind, allowed, action): (_, _, Action) = match self.rng.u8(0..7) {
            0 | 1 => ("get", Some(seconds), client.instances().get(&id).map(|end| end.is_ok()).boxed()),
            2 => ("page", Some(seconds), client.instances().list().per_page(10).page(1).map(|end| end.is_ok()).boxed()),
            3 => {
                let create = client.volumes().create(CreateVolume::new(name, KRS, 1));
                ("create", Some(seconds), create.map(|end| end.is_ok()).boxed())
            }
            4 => {
                let all = client.instances().list().per_page(10);
                ("list", None, async move { all.try_collect::<Vec<_>>().await.is_ok() }.boxed())
            }
            _ => {
                let wait = client.instances().wait(&id).until(InstanceStatus::Error).within(within);
                let every = Duration::from_secs(self.rng.u64(1..=3));
                ("wait", Some(within + LAST_POLL), wait.every(every).map(|end| end.is_ok()).boxed())
            }
        };
        let runtime = self.rng.usize(0..RUNTIMES);
        let now = self.time.passed();
        let _ = writeln!(self.log, "{now:?} {kind} on {runtime}, limit {allowed:?}");
        self.running.push(Running {
            label: format!("{kind} of {now:?}"),
            action,
            runtime,
            allowed,
            limit: None,
            is_wait: kind == "wait",
            can_move: kind != "list",
        });
    }

    /// Lets runtimes stand still, end, and take over calls of others.
    fn disturb(&mut self) {
        let now = self.time.passed();
        for index in 0..RUNTIMES {
            match self.rng.u8(0..100) {
                0..10 if self.runtimes[index].1 == 0 => {
                    self.runtimes[index].1 = self.rng.u32(1..20);
                    let _ = writeln!(self.log, "{now:?} {index} stands still for {} steps", self.runtimes[index].1);
                }
                10..14 => {
                    self.runtimes[index] = (runtime(), 0);
                    // What its polls were to observe is polled for anew.
                    self.running.iter_mut().for_each(|running| running.extend(now));
                    let survives = self.rng.bool();
                    self.running.retain(|running| running.runtime != index || survives && running.can_move);
                    let _ = writeln!(self.log, "{now:?} {index} ended");
                }
                14..20 => {
                    let to = self.rng.usize(0..RUNTIMES);
                    for running in self.running.iter_mut().filter(|one| one.runtime == index && one.can_move) {
                        running.runtime = to;
                    }
                    let _ = writeln!(self.log, "{now:?} {index} hands over to {to}");
                }
                _ => {}
            }
        }
    }

    /// Drives the runtimes that do not stand still, and checks the deadlines of their calls.
    fn drive(&mut self) {
        let Self { time, runtimes, running, log, successes, .. } = self;
        let now = time.passed();
        for (index, (runtime, still)) in runtimes.iter_mut().enumerate() {
            if *still > 0 {
                *still -= 1;
                running.iter_mut().filter(|one| one.runtime == index).for_each(|one| one.extend(now));
                continue;
            }
            for one in running.iter_mut().filter(|one| one.runtime == index) {
                one.limit = one.limit.or(one.allowed.map(|allowed| now + allowed));
            }
            let is_used = running.iter().any(|one| one.runtime == index);
            runtime.block_on(async {
                // Tasks of the client may run where no call is polled.
                for _ in 0..if is_used { 8 } else { 2 } {
                    running.retain_mut(|one| {
                        if one.runtime != index {
                            return true;
                        }
                        let ended = one.action.as_mut().now_or_never();
                        *successes += u32::from(ended == Some(true));
                        ended.is_none()
                    });
                    tokio::task::yield_now().await;
                }
            });
            let late = |one: &&Running| one.runtime == index && one.limit.is_some_and(|limit| limit + STEP < now);
            if let Some(late) = running.iter().find(late) {
                panic!("{now:?}: the {} is still running\n{log}", late.label);
            }
        }
    }

    fn run(mut self) -> u32 {
        for _ in 0..STEPS {
            for _ in 0..self.rng.u8(0..3) {
                self.start();
            }
            self.disturb();
            self.drive();
            self.time.advance(STEP);
        }
        for _ in 0..MORE_STEPS {
            if self.running.is_empty() {
                break;
            }
            self.drive();
            self.time.advance(STEP);
        }
        let left: Vec<_> = self.running.iter().map(|running| &running.label).collect();
        assert!(left.is_empty(), "{left:?} never ended\n{}", self.log);
        self.successes
    }
}

#[test]
fn no_polled_call_outlives_its_deadline_in_random_runtimes() {
    let server = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut successes = 0;
    for seed in 0..RUNS {
        let sandbox = server.block_on(stepped(Data::new().with_instances(30)));
        sandbox.faults().set_random(faults(seed)).unwrap();
        let run = std::panic::AssertUnwindSafe(|| Run::new(&sandbox, seed).run());
        successes += std::panic::catch_unwind(run).unwrap_or_else(|_| panic!("seed {seed}"));
    }
    assert!(successes > 0, "no call had time to succeed");
}
