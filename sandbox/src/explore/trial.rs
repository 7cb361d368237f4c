//! One run of a program under a schedule, as a report shows it.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use super::invariants::{Violation, violations};
use super::run::{Ending, Limit, Record};
use super::schedule::Schedule;
use crate::recorded_requests::RecordedRequest;

/// One run of a program under a schedule. `Display` shows all of it, with a test to paste that runs it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    schedule: Schedule,
    last_request: usize,
    violations: Vec<Violation>,
    requests: Vec<String>,
    ending: String,
    /// By the clock of the run.
    passed: Duration,
}

impl Trial {
    pub(super) fn new(schedule: Schedule, last_request: usize, record: &Record, without_faults: &Record) -> Self {
        let violations = violations(record, without_faults);
        let is_secret = violations.iter().any(|violation| matches!(violation, Violation::LeakedSecret(_)));
        Self {
            requests: lines(&record.requests, &schedule),
            schedule,
            last_request,
            ending: if is_secret { "ended with an error that is not shown".into() } else { ending(record) },
            violations,
            passed: record.passed,
        }
    }

    /// Returns the faults and kills of the run.
    ///
    /// ```
    /// # fn example(trial: genesiscloud_sandbox::explore::Trial) {
    /// println!("{}", trial.schedule());
    /// # }
    /// ```
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// Returns what the program violated.
    ///
    /// ```
    /// # fn example(trial: genesiscloud_sandbox::explore::Trial) {
    /// assert!(trial.violations().is_empty(), "{trial}");
    /// # }
    /// ```
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// Returns the requests of the run, each in one line with its status and fault.
    ///
    /// ```
    /// # fn example(trial: genesiscloud_sandbox::explore::Trial) {
    /// trial.requests().iter().for_each(|request| println!("{request}"));
    /// # }
    /// ```
    pub fn requests(&self) -> &[String] {
        &self.requests
    }

    /// Returns the source of a test that runs the program again under this schedule, to be pasted beside a function `explorer`
    /// that returns the [`Explorer`](super::Explorer) of the program.
    ///
    /// ```
    /// # fn example(trial: genesiscloud_sandbox::explore::Trial) {
    /// std::fs::write("replay.rs", trial.test()).unwrap();
    /// # }
    /// ```
    pub fn test(&self) -> String {
        let name = self.violations.first().map_or("replay", |violation| violation.title().1);
        let mut text = format!("#[test]\nfn {name}() {{\n");
        let kill = if self.schedule.has_kills() { "{Kill, Schedule}" } else { "Schedule" };
        text.push_str(&format!("    use genesiscloud_sandbox::explore::{kill};\n"));
        let (durations, mut names): (Vec<_>, Vec<_>) =
            self.schedule.uses().into_iter().partition(|name| *name == "Duration");
        if self.schedule.has_faults() {
            names.extend(["Fault", "FaultRule"]);
        }
        names.sort_unstable();
        if !names.is_empty() {
            text.push_str(&format!("    use genesiscloud_sandbox::{{{}}};\n", names.join(", ")));
        }
        if !durations.is_empty() {
            text.push_str("    use std::time::Duration;\n");
        }
        text.push_str(&format!("\n    let schedule = {};\n", self.schedule.source()));
        text.push_str("    let trial = explorer().replay(&schedule).unwrap();\n");
        text.push_str("    assert!(trial.violations().is_empty(), \"{trial}\");\n}\n");
        text
    }

    pub(super) fn last_request(&self) -> usize {
        self.last_request
    }
}

/// Returns each request in one line.
fn lines(requests: &[RecordedRequest], schedule: &Schedule) -> Vec<String> {
    let mut counts = HashMap::<&str, u32>::new();
    let line = |request: &RecordedRequest, is_killed: bool| {
        let operation = request.operation.clone().unwrap_or_else(|| request.to_string());
        let status = request.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
        let fault = request.fault.clone().unwrap_or_default();
        let line = format!("{status:<3}  {operation:<24}  {}", if is_killed { "killed" } else { &fault });
        line.trim_end().to_owned()
    };
    let lines = requests.iter().map(|request| {
        let operation = request.operation.as_deref().unwrap_or_default();
        let number = counts.entry(operation).or_default();
        *number += 1;
        line(request, schedule.kills().any(|kill| kill == (operation, *number)))
    });
    lines.collect()
}

/// Returns how the program ended.
fn ending(record: &Record) -> String {
    let who = if record.was_killed { "killed, then " } else { "" };
    match &record.ending {
        Ending::Returned(_) => format!("{who}ended with success"),
        Ending::Failed(error) => format!("{who}ended with the error: {}", record.without_endpoint(&error.display)),
        Ending::Panicked(message) => format!("{who}ended with a panic: {}", record.without_endpoint(message)),
        Ending::Killed => "killed".into(),
        Ending::Unfinished(Limit::Time(_) | Limit::Requests(_)) => format!("{who}had not ended"),
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "schedule:")?;
        self.schedule.to_string().lines().try_for_each(|step| writeln!(f, "    {step}"))?;
        writeln!(f, "violations:{}", if self.violations.is_empty() { " none" } else { "" })?;
        self.violations.iter().try_for_each(|violation| writeln!(f, "    {}", wrapped(&violation.to_string())))?;
        writeln!(f, "requests:")?;
        let groups = groups(&self.requests);
        for (index, (numbers, request)) in groups.iter().enumerate() {
            match index {
                _ if groups.len() <= 2 * SHOWN || index < SHOWN || index >= groups.len() - SHOWN => {
                    writeln!(f, "    {numbers:>7}  {request}")?;
                }
                SHOWN => writeln!(f, "    ...")?,
                _ => {}
            }
        }
        let passed = self.passed.as_secs_f64();
        writeln!(f, "after {passed:.3} s:\n    {}\n", wrapped(&self.ending))?;
        write!(f, "{}", self.test())
    }
}

/// How many lines of a long list are shown at its start and at its end.
const SHOWN: usize = 15;

/// Returns the numbers of the requests in a row that are alike, counted from 1, and their line.
fn groups(requests: &[String]) -> Vec<(String, &String)> {
    let mut first = 1;
    let groups = requests.chunk_by(|one, next| one == next).map(|group| {
        let last = first + group.len() - 1;
        let numbers = if first == last { first.to_string() } else { format!("{first}-{last}") };
        first = last + 1;
        (numbers, &group[0])
    });
    groups.collect()
}

/// Returns a text in lines of at most 76 characters, apart from longer words, with the indent of a report.
fn wrapped(text: &str) -> String {
    let (mut lines, mut width) = (String::new(), 0);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        let separator = if width == 0 {
            ""
        } else if width + 1 + length > 76 {
            width = 0;
            "\n    "
        } else {
            width += 1;
            " "
        };
        lines.push_str(separator);
        lines.push_str(word);
        width += length;
    }
    lines
}
