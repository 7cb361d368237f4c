//! A schedule: the faults and kills of one run, and the Rust source that builds it.

use std::fmt;
use std::time::Duration;

use super::source::rule_source;
use crate::faults::{Fault, FaultError, FaultRule};

/// The faults that are injected in one run of a program, and the requests at which the program is killed.
///
/// `Display` lists them in words. A [`Report`](super::Report) shows failing schedules as Rust source.
///
/// ```
/// use genesiscloud_sandbox::explore::{Kill, Schedule};
/// use genesiscloud_sandbox::{Fault, FaultRule};
///
/// let schedule = Schedule::new()
///     .fault(FaultRule::new("CreateInstance", Fault::ResetAfterProcessing))
///     .kill(Kill::before("GetInstance").skip(2));
/// assert_eq!(schedule.to_string(), "CreateInstance #1: reset after processing\nGetInstance #3: killed before it");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Fault(FaultRule),
    Kill(Kill),
}

/// A request at which the program is killed: its future, and everything that it has spawned, is dropped, as when its process is
/// killed.
///
/// ```
/// use genesiscloud_sandbox::explore::Kill;
///
/// let kill = Kill::after("CreateInstance");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kill {
    on: String,
    skip: u32,
    moment: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Before,
    After,
}

/// How long the response to a request is held at which the program is killed: longer than any program runs.
const HELD: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// What a step does to a request, for a schedule that is built request by request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Injection {
    Fault(Fault),
    KillBefore,
    KillAfter,
}

impl Kill {
    /// Kills the program when the first request for this operation has arrived. The request is not processed.
    ///
    /// ```
    /// # use genesiscloud_sandbox::explore::Kill;
    /// let kill = Kill::before("DeleteInstance");
    /// ```
    pub fn before(operation: impl Into<String>) -> Self {
        Self { on: operation.into(), skip: 0, moment: Moment::Before }
    }

    /// Kills the program when the first request for this operation has been processed. The program does not receive the
    /// response.
    ///
    /// ```
    /// # use genesiscloud_sandbox::explore::Kill;
    /// let kill = Kill::after("CreateInstance");
    /// ```
    pub fn after(operation: impl Into<String>) -> Self {
        Self { on: operation.into(), skip: 0, moment: Moment::After }
    }

    /// Lets the first `requests` for the operation pass.
    ///
    /// ```
    /// # use genesiscloud_sandbox::explore::Kill;
    /// let third = Kill::before("GetInstance").skip(2);
    /// ```
    pub fn skip(self, requests: u32) -> Self {
        Self { skip: requests, ..self }
    }

    /// Returns the rule that holds the request until the program is gone.
    fn rule(&self) -> FaultRule {
        let fault = match self.moment {
            Moment::Before => Fault::ResetBeforeRequest,
            Moment::After => Fault::Delay(HELD),
        };
        FaultRule::new(&self.on, fault).skip(self.skip)
    }

    fn source(&self) -> String {
        let moment = match self.moment {
            Moment::Before => "before",
            Moment::After => "after",
        };
        let skip = if self.skip > 0 { format!(".skip({})", self.skip) } else { String::new() };
        format!("Kill::{moment}({:?}){skip}", self.on)
    }
}

/// A rule of a schedule, as the sandbox gets it.
pub(super) struct ScheduledRule {
    pub(super) rule: FaultRule,
    /// If the program is killed at that request: how long its response must be held then.
    pub(super) kills_when_held_for: Option<Duration>,
}

impl Schedule {
    /// Creates a schedule without faults.
    ///
    /// ```
    /// assert!(genesiscloud_sandbox::explore::Schedule::new().is_empty());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Injects a fault. A request gets the fault of the first rule that matches it, and later rules do not count it.
    ///
    /// ```
    /// # use genesiscloud_sandbox::explore::Schedule;
    /// use genesiscloud_sandbox::{Fault, FaultRule};
    /// let schedule = Schedule::new().fault(FaultRule::new("CreateInstance", Fault::EndsInError));
    /// ```
    pub fn fault(mut self, rule: FaultRule) -> Self {
        self.steps.push(Step::Fault(rule));
        self
    }

    /// Kills the program at a request.
    ///
    /// ```
    /// # use genesiscloud_sandbox::explore::{Kill, Schedule};
    /// let schedule = Schedule::new().kill(Kill::after("CreateInstance"));
    /// ```
    pub fn kill(mut self, kill: Kill) -> Self {
        self.steps.push(Step::Kill(kill));
        self
    }

    /// Returns whether it has no faults and no kills.
    ///
    /// ```
    /// # use genesiscloud_sandbox::explore::Schedule;
    /// assert!(Schedule::new().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Returns how many faults and kills it has.
    ///
    /// ```
    /// # use genesiscloud_sandbox::explore::Schedule;
    /// assert_eq!(Schedule::new().len(), 0);
    /// ```
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Adds a step at the request for this operation with this number, counted from 0, which comes after those of all other
    /// steps.
    pub(super) fn with(self, operation: &str, number: u32, injection: Injection) -> Self {
        let skip = number.saturating_sub(self.used_up_by_earlier_steps(self.steps.len(), operation));
        match injection {
            Injection::Fault(fault) => self.fault(FaultRule::new(operation, fault).skip(skip)),
            Injection::KillBefore => self.kill(Kill::before(operation).skip(skip)),
            Injection::KillAfter => self.kill(Kill::after(operation).skip(skip)),
        }
    }

    /// Returns how many requests for an operation the steps before this one take.
    fn used_up_by_earlier_steps(&self, step: usize, operation: &str) -> u32 {
        self.steps[..step]
            .iter()
            .filter(|step| step.operation() == operation)
            .map(|step| step.times().unwrap_or(0))
            .sum()
    }

    /// Returns the schedule of the last step alone.
    pub(super) fn last_step(&self) -> Self {
        Self { steps: self.steps.last().cloned().into_iter().collect() }
    }

    pub(super) fn rules(&self) -> Vec<ScheduledRule> {
        let rule = |step: &Step| match step {
            Step::Fault(rule) => ScheduledRule { rule: rule.clone(), kills_when_held_for: None },
            Step::Kill(kill) => {
                let held = if kill.moment == Moment::After { HELD / 2 } else { Duration::ZERO };
                ScheduledRule { rule: kill.rule(), kills_when_held_for: Some(held) }
            }
        };
        self.steps.iter().map(rule).collect()
    }

    pub(super) fn check(&self) -> Result<(), FaultError> {
        self.rules().iter().try_for_each(|scheduled| scheduled.rule.check())
    }

    /// Returns the Rust source that builds this schedule, an expression of several lines.
    pub(super) fn source(&self) -> String {
        let steps = self.steps.iter().map(|step| match step {
            Step::Fault(rule) => format!("\n        .fault({})", rule_source(rule, "        ")),
            Step::Kill(kill) => format!("\n        .kill({})", kill.source()),
        });
        format!("Schedule::new(){}", steps.collect::<String>())
    }

    /// Returns the names of this crate that the source uses, apart from those of this module and `FaultRule`.
    pub(super) fn uses(&self) -> Vec<&'static str> {
        const NAMES: [&str; 6] = ["DateHeader", "IntermediaryPage", "PageEcho", "PageQuirks", "TotalCount", "Duration"];
        let source = self.source();
        NAMES.into_iter().filter(|name| source.contains(&format!("{name}::"))).collect()
    }

    /// Returns the requests at which the program is killed: their operations, and their numbers among those, counted from 1.
    pub(super) fn kills(&self) -> impl Iterator<Item = (&str, u32)> {
        let kills = self.steps.iter().enumerate().filter(|(_, step)| matches!(step, Step::Kill(_)));
        kills.map(|(index, step)| (step.operation(), self.number(index)))
    }

    /// Returns the number of the first request of a step among those for its operation, counted from 1.
    fn number(&self, step: usize) -> u32 {
        let (skip, operation) = (self.steps[step].skip(), self.steps[step].operation());
        skip + self.used_up_by_earlier_steps(step, operation) + 1
    }

    pub(super) fn has_faults(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Fault(_)))
    }

    pub(super) fn has_kills(&self) -> bool {
        self.kills().next().is_some()
    }
}

impl Step {
    fn operation(&self) -> &str {
        match self {
            Self::Fault(rule) => &rule.on,
            Self::Kill(kill) => &kill.on,
        }
    }

    fn skip(&self) -> u32 {
        match self {
            Self::Fault(rule) => rule.skip,
            Self::Kill(kill) => kill.skip,
        }
    }

    /// How often it happens. `None` means always.
    fn times(&self) -> Option<u32> {
        match self {
            Self::Fault(rule) => rule.times,
            Self::Kill(_) => Some(1),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("no faults");
        }
        for (index, step) in self.steps.iter().enumerate() {
            let operation = step.operation();
            let number = self.number(index);
            let separator = if index > 0 { "\n" } else { "" };
            let last = match step.times() {
                Some(1) => String::new(),
                Some(times) => format!(" to #{}", number + times.saturating_sub(1)),
                None => " and all later ones".into(),
            };
            write!(f, "{separator}{operation} #{number}{last}: ")?;
            match step {
                Step::Fault(rule) => write!(f, "{}", rule.fault)?,
                Step::Kill(Kill { moment: Moment::Before, .. }) => f.write_str("killed before it")?,
                Step::Kill(Kill { moment: Moment::After, .. }) => f.write_str("killed after it")?,
            }
        }
        Ok(())
    }
}
