//! The steps of CI: each runs, and is reported with its duration and the CPU time that it and its processes took.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::process::{cargo, cpu_time};

/// The steps that have run, and those that were left out.
pub(super) struct Steps {
    is_full: bool,
    costs: Vec<Cost>,
    left_out: Vec<String>,
    of_the_full_half: Vec<&'static str>,
}

/// What a step took.
struct Cost {
    name: String,
    time: Duration,
    /// On many cores or on a busy machine, what can be compared is this.
    cpu: Option<Duration>,
}

impl Steps {
    pub(super) fn new(is_full: bool) -> Self {
        Self { is_full, costs: vec![], left_out: vec![], of_the_full_half: vec![] }
    }

    /// Runs steps in the full half only.
    pub(super) fn in_full(
        &mut self,
        what: &'static str,
        steps: impl FnOnce(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        if self.is_full {
            return steps(self);
        }
        self.of_the_full_half.push(what);
        Ok(())
    }

    /// Notes that steps cannot run here, and why.
    pub(super) fn leave_out(&mut self, what: &str) {
        println!("\n== left out: {what}");
        self.left_out.push(what.to_owned());
    }

    pub(super) fn cargo(&mut self, arguments: &[&str]) -> Result<(), String> {
        self.cargo_with(&[], arguments)
    }

    pub(super) fn cargo_with(&mut self, variables: &[(&str, &OsStr)], arguments: &[&str]) -> Result<(), String> {
        self.step(&format!("cargo {}", arguments.join(" ")), || {
            let status = cargo().envs(variables.iter().copied()).args(arguments).status();
            match status {
                Ok(status) if status.success() => Ok(String::new()),
                Ok(status) => Err(status.to_string()),
                Err(error) => Err(format!("cannot run cargo: {error}")),
            }
        })
    }

    pub(super) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<String, String>) -> Result<(), String> {
        println!("\n== {name}");
        let (start, cpu) = (Instant::now(), cpu_time());
        let outcome = work();
        let cpu = cpu_time().zip(cpu).map(|(after, before)| after.saturating_sub(before));
        let cost = Cost { name: name.to_owned(), time: start.elapsed(), cpu };
        println!("{}", cost.numbers());
        self.costs.push(cost);
        match outcome {
            Ok(message) if message.is_empty() => Ok(()),
            Ok(message) => {
                println!("{message}");
                Ok(())
            }
            Err(error) => Err(format!("{}\nfailed: {name}: {error}", self.summary())),
        }
    }

    /// The cost of each step and of all, and in one line what did not run.
    pub(super) fn summary(&self) -> String {
        let mut text = String::from("\n");
        for cost in &self.costs {
            let _ = writeln!(text, "{}  {}", cost.numbers(), cost.name);
        }
        let time = self.costs.iter().map(|cost| cost.time).sum();
        let cpu = self.costs.iter().map(|cost| cost.cpu).sum();
        let _ = write!(text, "{}  total", Cost { name: String::new(), time, cpu }.numbers());
        let only_full = (!self.of_the_full_half.is_empty())
            .then(|| format!("{} (only with --full)", self.of_the_full_half.join(", ")));
        let left_out: Vec<_> = self.left_out.iter().cloned().chain(only_full).collect();
        if !left_out.is_empty() {
            let _ = write!(text, "\nleft out: {}", left_out.join("; "));
        }
        text
    }
}

impl Cost {
    fn numbers(&self) -> String {
        let cpu = self.cpu.map_or(String::new(), |cpu| format!(" {:>7.1} s CPU", cpu.as_secs_f64()));
        format!("{:>7.1} s{cpu}", self.time.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done() -> Result<String, String> {
        Ok(String::new())
    }

    #[test]
    fn the_last_line_says_what_did_not_run() {
        let mut ci = Steps::new(false);
        ci.leave_out("native-tls (OpenSSL is not installed)");
        ci.in_full("packages", |ci| ci.step("package", done)).unwrap();
        ci.in_full("sizes", |ci| ci.step("size", done)).unwrap();
        let line = "left out: native-tls (OpenSSL is not installed); packages, sizes (only with --full)";
        assert_eq!(ci.summary().lines().last(), Some(line));

        let mut full = Steps::new(true);
        full.in_full("packages", |ci| ci.step("package", done)).unwrap();
        assert!(full.summary().contains("  package\n") && !full.summary().contains("left out"), "{}", full.summary());
    }
}
