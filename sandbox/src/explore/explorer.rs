//! The explorer: its settings, and the search for schedules under which a program violates an invariant.

use std::collections::HashSet;
use std::fmt::{Debug, Display};
use std::future::Future;

use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use genesiscloud::{Client, ClientBuilder, MemoryLedger};

use super::error::ExploreError;
use super::invariants::violations;
use super::kept::Kept;
use super::plan::{Candidate, Menu, Target, targets};
use super::report::{Report, Stopped};
use super::run::{self, Ending, ErrorText, Program, Record, Setup};
use super::runtime::ServerRuntime;
use super::schedule::Schedule;
use super::trial::Trial;
use crate::data::Data;
use crate::faults::{Fault, FaultRule};

/// Tries a program under every fault at every request, and checks that it keeps the [invariants](super#invariants).
///
/// ```
/// use genesiscloud::{CreateVolume, Region};
/// use genesiscloud_sandbox::explore::Explorer;
///
/// let report = Explorer::new(|client| async move {
///     let new = CreateVolume::new("scratch", Region::NordNoKrs1, 10).marker("job-7");
///     let disk = client.volumes().create_or_recover(new).await?;
///     let ready = client.volumes().wait(&disk.id).await;
///     client.volumes().delete(&disk.id).await.map_err(|error| format!("{} is left: {error}", disk.id))?;
///     ready?;
///     Ok::<_, Box<dyn std::error::Error>>(())
/// })
/// .max_runs(100)
/// .run()?;
/// assert!(report.failures().is_empty(), "{report}");
/// # Ok::<(), genesiscloud_sandbox::explore::ExploreError>(())
/// ```
#[must_use = "an explorer does nothing before `run`"]
pub struct Explorer {
    setup: Setup,
    menu: Menu,
    pairs: usize,
    seed: u64,
    max_runs: usize,
    time_limit: Option<Duration>,
    on_progress: Box<dyn Fn(Progress)>,
}

/// How far an exploration is. [`Explorer::on_progress`] receives it after each run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Runs that have ended.
    pub runs: usize,
    /// Runs that are planned, as far as is known: pairs are planned when all single faults were tried.
    pub planned: usize,
    /// Schedules under which the program violated an invariant.
    pub failures: usize,
}

impl Explorer {
    /// Creates an explorer for a program: a function that takes a client and returns a future.
    ///
    /// The program returns what it leaves in the account on purpose: [`Kept`], or `()` for nothing. When it returns, its
    /// runtime is dropped with all tasks, as when `main` returns. It may return an error under faults, which must name what
    /// may be left. Each run starts with a new account, and the program must do the same each time: it should not use the
    /// system's clock, threads, or the network otherwise. Its pauses go by `tokio::time` or the client's clock.
    ///
    /// ```
    /// use genesiscloud_sandbox::explore::Explorer;
    ///
    /// let explorer = Explorer::new(|client| async move { client.instances().delete("an-id").await });
    /// ```
    pub fn new<P, F, K, E>(program: P) -> Self
    where
        P: Fn(Client) -> F + 'static,
        F: Future<Output = Result<K, E>> + 'static,
        K: Into<Kept>,
        E: Display + Debug,
    {
        Self {
            setup: Setup {
                data: Data::new(),
                program: boxed(move |client, _| program(client)),
                after_kill: None,
                configure_client: Box::new(|builder| builder),
                has_ledger: false,
                ends_within: Duration::from_secs(3600),
            },
            menu: Menu { faults: None, with_kills: false },
            pairs: 200,
            seed: 1,
            max_runs: 2000,
            time_limit: None,
            on_progress: Box::new(|_| {}),
        }
    }

    /// Sets what is in the account at the start. The default is a [new account](Data::new).
    ///
    /// ```
    /// # fn example(explorer: genesiscloud_sandbox::explore::Explorer) {
    /// use genesiscloud_sandbox::Data;
    /// let explorer = explorer.data(Data::new().with_instances(3));
    /// # }
    /// ```
    pub fn data(mut self, data: Data) -> Self {
        self.setup.data = data;
        self
    }

    /// Changes the settings of the client that the program gets. Clock and attempt timeout should be kept. By default, they are
    /// those of [`Client::builder`], with a fixed seed for the backoff.
    ///
    /// ```
    /// # fn example(explorer: genesiscloud_sandbox::explore::Explorer) {
    /// use genesiscloud::RetryPolicy;
    /// let explorer = explorer.configure_client(|builder| builder.retry_policy(RetryPolicy::never()));
    /// # }
    /// ```
    pub fn configure_client(mut self, configure: impl Fn(ClientBuilder) -> ClientBuilder + 'static) -> Self {
        self.setup.configure_client = Box::new(configure);
        self
    }

    /// Sets the faults to try, each at every request that it can affect. The default is what happens in practice: 503 and
    /// 429, pages of intermediaries, reset connections and cut bodies, responses that come too late or after the request was
    /// processed nevertheless, stale reads, resources that end in `error`, and rejections for lack of capacity and of a
    /// deletion that comes too early.
    ///
    /// [`Fault::ItemAdded`] and [`Fault::ItemDeleted`] are not possible, since they change the account in place of the program.
    ///
    /// ```
    /// # fn example(explorer: genesiscloud_sandbox::explore::Explorer) {
    /// use genesiscloud_sandbox::Fault;
    /// let explorer = explorer.faults([Fault::status(500), Fault::ResetAfterProcessing]);
    /// # }
    /// ```
    pub fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.menu.faults = Some(faults.into_iter().collect());
        self
    }

    /// Also kills the program at each request: when it has arrived, and when it was processed. The program's future and all
    /// that it has spawned is dropped, as when its process is killed.
    ///
    /// A program that is killed cannot say what it leaves. With a [`ledger`](Self::ledger), everything must be open in it;
    /// with a recovery, [`after_kill`](Self::after_kill), that can say it. Without both, only duplicates are looked for.
    ///
    /// ```
    /// # fn example(explorer: genesiscloud_sandbox::explore::Explorer) {
    /// let explorer = explorer.kills();
    /// # }
    /// ```
    pub fn kills(mut self) -> Self {
        self.menu.with_kills = true;
        self
    }

    /// Gives the client a ledger in memory, which is new for each run and survives a kill. What is open in it at the end of a
    /// run may be left.
    ///
    /// ```
    /// # fn example(explorer: genesiscloud_sandbox::explore::Explorer) {
    /// let explorer = explorer.ledger().kills();
    /// # }
    /// ```
    pub fn ledger(mut self) -> Self {
        self.setup.has_ledger = true;
        self
    }

    /// Also [kills](Self::kills) the program, and runs this function afterwards, with a new client for the same account, as
    /// when the program is started again; with the [`ledger`](Self::ledger) as the new process finds it, which is empty if
    /// the client keeps none. It is run again, up to five times, if it fails. What it returns last decides what may be left.
    /// It may meet further faults.
    ///
    /// ```
    /// # fn example(explorer: genesiscloud_sandbox::explore::Explorer) {
    /// let explorer = explorer.ledger().after_kill(|client, ledger| async move {
    ///     let reconciled = client.reconcile(&ledger).delete().await?;
    ///     println!("{reconciled}");
    ///     Ok::<_, genesiscloud::Error>(())
    /// });
    /// # }
    /// ```
    pub fn after_kill<P, F, K, E>(mut self, recovery: P) -> Self
    where
        P: Fn(Client, MemoryLedger) -> F + 'static,
        F: Future<Output = Result<K, E>> + 'static,
        K: Into<Kept>,
        E: Display + Debug,
    {
        self.setup.after_kill = Some(boxed(recovery));
        self.kills()
    }

    /// Sets how many pairs of faults to try, after all single ones. They are drawn at random. The default is 200.
    ///
    /// ```
    /// # fn example(explorer: genesiscloud_sandbox::explore::Explorer) {
    /// let explorer = explorer.pairs(1000).max_runs(5000);
    /// # }
    /// ```
    pub fn pairs(self, pairs: usize) -> Self {
        Self { pairs, ..self }
    }

    /// Sets the seed by which pairs are drawn, and single faults if they are more than [`max_runs`](Self::max_runs). The
    /// report is the same for the same seed. The default is 1.
    ///
    /// ```
    /// # fn example(explorer: genesiscloud_sandbox::explore::Explorer) {
    /// let explorer = explorer.seed(7);
    /// # }
    /// ```
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Sets the most runs of the program. The default is 2000.
    ///
    /// ```
    /// # fn example(explorer: genesiscloud_sandbox::explore::Explorer) {
    /// let explorer = explorer.max_runs(500);
    /// # }
    /// ```
    pub fn max_runs(self, runs: usize) -> Self {
        Self { max_runs: runs, ..self }
    }

    /// Starts no run after this much real time. With it, the report may differ from one computer to another. There is no
    /// limit by default.
    ///
    /// ```
    /// # fn example(explorer: genesiscloud_sandbox::explore::Explorer) {
    /// let explorer = explorer.time_limit(std::time::Duration::from_secs(60));
    /// # }
    /// ```
    pub fn time_limit(self, limit: Duration) -> Self {
        Self { time_limit: Some(limit), ..self }
    }

    /// Sets the time within which the program must end under any faults, by the clock of the run, which costs no real time. The
    /// default is an hour.
    ///
    /// ```
    /// # fn example(explorer: genesiscloud_sandbox::explore::Explorer) {
    /// let explorer = explorer.ends_within(std::time::Duration::from_secs(600));
    /// # }
    /// ```
    pub fn ends_within(mut self, limit: Duration) -> Self {
        self.setup.ends_within = limit;
        self
    }

    /// Sets a function that is called after each run.
    ///
    /// ```
    /// # fn example(explorer: genesiscloud_sandbox::explore::Explorer) {
    /// let explorer = explorer.on_progress(|progress| eprintln!("{} of {}", progress.runs, progress.planned));
    /// # }
    /// ```
    pub fn on_progress(self, on_progress: impl Fn(Progress) + 'static) -> Self {
        Self { on_progress: Box::new(on_progress), ..self }
    }

    /// Runs the program without faults, then under each single fault, then under pairs.
    ///
    /// # Errors
    /// Returns an error if the program fails without faults, a fault is invalid, a client cannot be built, or this is called
    /// within an asynchronous runtime.
    ///
    /// ```
    /// # fn example(explorer: genesiscloud_sandbox::explore::Explorer) {
    /// let report = explorer.run().unwrap();
    /// assert!(report.failures().is_empty(), "{report}");
    /// # }
    /// ```
    pub fn run(&self) -> Result<Report, ExploreError> {
        self.check_faults()?;
        let server = server()?;
        let without_faults = self.run_without_faults(&server)?;
        let mut search = Search::new(self, &server, &without_faults);
        search.count(Trial::new(Schedule::new(), 0, &without_faults, &without_faults));
        if search.failures.is_empty() {
            search.try_single_faults()?;
            search.try_pairs()?;
        }
        Ok(search.into_report())
    }

    /// Runs the program under one schedule, such as one that a [`Report`] shows, and without faults for comparison.
    ///
    /// # Errors
    /// Returns the errors of [`run`](Self::run).
    ///
    /// ```
    /// # fn example(explorer: genesiscloud_sandbox::explore::Explorer) {
    /// use genesiscloud_sandbox::explore::Schedule;
    /// use genesiscloud_sandbox::{Fault, FaultRule};
    ///
    /// let schedule = Schedule::new().fault(FaultRule::new("CreateInstance", Fault::ResetAfterProcessing));
    /// let trial = explorer.replay(&schedule).unwrap();
    /// assert!(trial.violations().is_empty(), "{trial}");
    /// # }
    /// ```
    pub fn replay(&self, schedule: &Schedule) -> Result<Trial, ExploreError> {
        schedule.check().map_err(ExploreError::fault)?;
        let server = server()?;
        let without_faults = self.run_without_faults(&server)?;
        let record = run::run(&self.setup, &server, schedule).map_err(ExploreError::io)?;
        Ok(Trial::new(schedule.clone(), 0, &record, &without_faults))
    }

    fn check_faults(&self) -> Result<(), ExploreError> {
        for fault in self.menu.faults.iter().flatten() {
            if matches!(fault, Fault::ItemAdded | Fault::ItemDeleted) {
                return Err(ExploreError::new(format!(
                    "{:?} changes the account in place of the program",
                    fault.to_string()
                )));
            }
            FaultRule::new("*", fault.clone()).check().map_err(ExploreError::fault)?;
        }
        Ok(())
    }

    fn run_without_faults(&self, server: &ServerRuntime) -> Result<Record, ExploreError> {
        let record = run::run(&self.setup, server, &Schedule::new()).map_err(ExploreError::io)?;
        match &record.ending {
            Ending::Failed(error) => Err(ExploreError::without_faults("fails", &error.display)),
            Ending::Panicked(message) => Err(ExploreError::without_faults("panics", message)),
            Ending::Returned(_) | Ending::Killed | Ending::Unfinished(_) => Ok(record),
        }
    }
}

fn boxed<P, F, K, E>(program: P) -> Program
where
    P: Fn(Client, MemoryLedger) -> F + 'static,
    F: Future<Output = Result<K, E>> + 'static,
    K: Into<Kept>,
    E: Display + Debug,
{
    Box::new(move |client, ledger| -> LocalBoxFuture<'static, _> {
        let result = program(client, ledger);
        async move { result.await.map(Into::into).map_err(|error| ErrorText::new(&error)) }.boxed_local()
    })
}

fn server() -> Result<ServerRuntime, ExploreError> {
    if tokio::runtime::Handle::try_current().is_ok() {
        return Err(ExploreError::new(
            "an exploration has runtimes of its own: call it outside of one, as in a plain #[test]",
        ));
    }
    ServerRuntime::new().map_err(ExploreError::io)
}

/// A search under way.
struct Search<'a> {
    explorer: &'a Explorer,
    server: &'a ServerRuntime,
    without_faults: &'a Record,
    started: Instant,
    rng: fastrand::Rng,
    /// The sources of the schedules that were tried.
    tried: HashSet<String>,
    /// Single faults under which all invariants held, with the requests of those runs.
    passed: Vec<(Candidate, Vec<Target>)>,
    runs: usize,
    planned: usize,
    failures: Vec<Trial>,
    stopped: Option<Stopped>,
}

impl<'a> Search<'a> {
    fn new(explorer: &'a Explorer, server: &'a ServerRuntime, without_faults: &'a Record) -> Self {
        Self {
            explorer,
            server,
            without_faults,
            started: Instant::now(),
            rng: fastrand::Rng::with_seed(explorer.seed),
            tried: HashSet::new(),
            passed: vec![],
            runs: 0,
            planned: 1,
            failures: vec![],
            stopped: None,
        }
    }

    fn try_single_faults(&mut self) -> Result<(), ExploreError> {
        let targets = targets(&self.without_faults.requests);
        let mut candidates = self.explorer.menu.extensions(&Schedule::new(), &targets, 0);
        let left = self.explorer.max_runs.saturating_sub(self.runs);
        if candidates.len() > left {
            // A sample of all requests, in place of the first ones only.
            self.rng.shuffle(&mut candidates);
            candidates.truncate(left);
            candidates.sort_by_key(|candidate| candidate.last_request);
            self.stopped = Some(Stopped::MaxRuns);
        }
        self.planned += candidates.len() + self.explorer.pairs.min(left - candidates.len());
        for candidate in candidates {
            if self.is_over() {
                break;
            }
            if let Some(targets) = self.try_candidate(&candidate)? {
                self.passed.push((candidate, targets));
            }
        }
        Ok(())
    }

    /// Tries pairs whose first fault alone violates nothing. Their second faults are those of the run under the first one,
    /// which may send other requests than the run without faults.
    fn try_pairs(&mut self) -> Result<(), ExploreError> {
        let mut pairs = 0;
        // Draws that were tried already, or have no later request, are limited too.
        for _ in 0..self.explorer.pairs.saturating_mul(4) {
            if pairs == self.explorer.pairs || self.is_over() {
                break;
            }
            let Some(pair) = self.draw_pair() else { continue };
            if self.tried.contains(&pair.schedule.source()) {
                continue;
            }
            pairs += 1;
            let failures = self.failures.len();
            self.try_candidate(&pair)?;
            if self.failures.len() > failures {
                self.shrink(&pair)?;
            }
        }
        Ok(())
    }

    fn draw_pair(&mut self) -> Option<Candidate> {
        let index = self.rng.choice(0..self.passed.len())?;
        let (first, targets) = &self.passed[index];
        let from = first.last_request + 1;
        self.explorer.menu.random_extension(&mut self.rng, &first.schedule, targets, from)
    }

    /// Replaces a failing pair by its second fault, if that fails alone. The first one does not.
    fn shrink(&mut self, pair: &Candidate) -> Result<(), ExploreError> {
        let second = Candidate { schedule: pair.schedule.last_step(), last_request: pair.last_request };
        let source = second.schedule.source();
        let is_failing = |search: &Self| search.failures.iter().any(|trial| *trial.schedule() == second.schedule);
        if !self.tried.contains(&source) {
            self.planned += 1;
            self.try_candidate(&second)?;
        }
        if is_failing(self) {
            self.failures.retain(|trial| *trial.schedule() != pair.schedule);
        }
        Ok(())
    }

    /// Runs the program under a schedule. Returns the requests of the run if all invariants held.
    fn try_candidate(&mut self, candidate: &Candidate) -> Result<Option<Vec<Target>>, ExploreError> {
        self.tried.insert(candidate.schedule.source());
        let record = run::run(&self.explorer.setup, self.server, &candidate.schedule).map_err(ExploreError::io)?;
        if violations(&record, self.without_faults).is_empty() {
            self.report_progress();
            return Ok(Some(targets(&record.requests)));
        }
        self.count(Trial::new(candidate.schedule.clone(), candidate.last_request, &record, self.without_faults));
        Ok(None)
    }

    /// Counts a run, and keeps it if it failed.
    fn count(&mut self, trial: Trial) {
        if !trial.violations().is_empty() {
            self.failures.push(trial);
        }
        self.report_progress();
    }

    fn report_progress(&mut self) {
        self.runs += 1;
        let progress =
            Progress { runs: self.runs, planned: self.planned.max(self.runs), failures: self.failures.len() };
        (self.explorer.on_progress)(progress);
    }

    /// Returns whether a limit is reached.
    fn is_over(&mut self) -> bool {
        if self.runs >= self.explorer.max_runs {
            self.stopped = Some(Stopped::MaxRuns);
        } else if self.explorer.time_limit.is_some_and(|limit| self.started.elapsed() >= limit) {
            self.stopped = Some(Stopped::TimeLimit);
        } else {
            return false;
        }
        true
    }

    fn into_report(mut self) -> Report {
        // The shortest first; the sort keeps the order in which they were found.
        self.failures.sort_by_key(|trial| (trial.schedule().len(), trial.last_request()));
        Report {
            seed: self.explorer.seed,
            runs: self.runs,
            requests: self.without_faults.requests.len(),
            stopped: self.stopped,
            failures: self.failures,
        }
    }
}
