//! Many calls: how many a second.

use crate::bench::programs::Programs;
use crate::bench::row::{Goal, Group, Measured, Row};

/// Runs of each client, in turn.
const ROUNDS: usize = 7;

pub(super) const GROUP: Group = Group {
    title: "Many calls",
    about: "Beside the floor, each in a process of its own, in turn: medians. Client and server share the machine.",
    rows: &[
        Row {
            name: "throughput",
            title: "20,000 gets, 1,000 at a time",
            unit: "gets per second",
            goal: Goal::AtLeast(0.95),
            guard: None,
            needs_valgrind: false,
            measure: |programs| rate(programs, "throughput", 20_000),
            note: "",
        },
        Row {
            name: "burst",
            title: "1,000 gets at once",
            unit: "gets per second",
            goal: Goal::AtLeast(0.95),
            guard: None,
            needs_valgrind: false,
            measure: |programs| rate(programs, "burst", 1_000),
            note: "",
        },
        Row {
            name: "sequence",
            title: "10,000 gets one after another, on tokio's default runtime",
            unit: "seconds",
            goal: Goal::AtMost(1.02),
            guard: None,
            needs_valgrind: false,
            measure: |programs| programs.seconds("sequence", 10_000, ROUNDS),
            note: "",
        },
    ],
};

fn rate(programs: &Programs, work: &str, calls: usize) -> Result<Measured, String> {
    let Measured { ours, floor, lower_bound } = programs.seconds(work, calls, ROUNDS)?;
    let rate = |seconds: f64| calls as f64 / seconds;
    Ok(Measured { ours: rate(ours), floor: rate(floor), lower_bound: lower_bound.map(rate) })
}
