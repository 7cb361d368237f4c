//! What an exploration found.

use std::fmt;

use super::invariants::Violation;
use super::trial::Trial;

/// What an exploration found. `Display` shows a summary, and of each violated invariant the shortest schedule, with a test to
/// paste.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub(super) seed: u64,
    pub(super) runs: usize,
    /// Of the run without faults.
    pub(super) requests: usize,
    pub(super) stopped: Option<Stopped>,
    pub(super) failures: Vec<Trial>,
}

/// Why not all planned schedules were tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    MaxRuns,
    TimeLimit,
}

impl Report {
    /// Returns the runs in which the program violated an invariant, the shortest schedule first: fewest faults, then the
    /// earliest request.
    ///
    /// ```
    /// # fn example(report: genesiscloud_sandbox::explore::Report) {
    /// assert!(report.failures().is_empty(), "{report}");
    /// # }
    /// ```
    pub fn failures(&self) -> &[Trial] {
        &self.failures
    }

    /// Returns the run with the shortest schedule under which the program violated an invariant.
    ///
    /// ```
    /// # fn example(report: genesiscloud_sandbox::explore::Report) {
    /// if let Some(trial) = report.shortest() {
    ///     println!("{}", trial.test());
    /// }
    /// # }
    /// ```
    pub fn shortest(&self) -> Option<&Trial> {
        self.failures.first()
    }

    /// Returns how often the program was run.
    ///
    /// ```
    /// # fn example(report: genesiscloud_sandbox::explore::Report) {
    /// println!("{} runs", report.runs());
    /// # }
    /// ```
    pub fn runs(&self) -> usize {
        self.runs
    }

    /// Returns whether all planned schedules were tried; not if [`max_runs`](super::Explorer::max_runs) or
    /// [`time_limit`](super::Explorer::time_limit) ended the exploration.
    ///
    /// ```
    /// # fn example(report: genesiscloud_sandbox::explore::Report) {
    /// assert!(report.is_complete());
    /// # }
    /// ```
    pub fn is_complete(&self) -> bool {
        self.stopped.is_none()
    }

    /// Returns the shortest run for each violated invariant, and how many runs violate it.
    fn by_invariant(&self) -> Vec<(&Violation, &Trial, usize)> {
        let mut found: Vec<(&Violation, &Trial, usize)> = Vec::new();
        for (trial, violation) in
            self.failures.iter().flat_map(|trial| trial.violations().first().map(|it| (trial, it)))
        {
            match found.iter_mut().find(|(known, ..)| known.is_like(violation)) {
                Some((.., count)) => *count += 1,
                None => found.push((violation, trial, 1)),
            }
        }
        found
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, runs, requests, stopped, failures } = self;
        writeln!(f, "{runs} runs of a program of {requests} requests, seed {seed}: {} failed.", failures.len())?;
        match stopped {
            None => {}
            Some(Stopped::MaxRuns) => writeln!(f, "More schedules were possible than runs: see `max_runs`.")?,
            Some(Stopped::TimeLimit) => writeln!(f, "The time limit ended it: see `time_limit`.")?,
        }
        for (violation, trial, count) in self.by_invariant() {
            let schedules = if count == 1 { "1 schedule" } else { &format!("{count} schedules, the shortest") };
            writeln!(f, "\n== {}: {schedules}\n\n{trial}", violation.title().0)?;
        }
        Ok(())
    }
}
