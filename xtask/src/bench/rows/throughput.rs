//! Many calls: how many a second.

use crate::bench::measured::Measured;
use crate::bench::programs::Programs;
use crate::bench::row::{Goal, Group, Row};

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
            goal: Some(Goal::AtLeast(0.95)),
            guard: None,
            needs_valgrind: false,
            measure: |programs| rate(programs, "throughput", 20_000),
            note: "0.90 before: see `throughput-cpu`. 0.91 to 0.95 from run to run.",
        },
        Row {
            name: "throughput-cpu",
            title: "the same, at work",
            unit: "CPU seconds of the client",
            goal: Some(Goal::AtMost(1.05)),
            guard: None,
            needs_valgrind: false,
            measure: |programs| programs.time("throughput", 20_000, ROUNDS, |run| run.cpu_seconds),
            note: "what `throughput` comes to where other programs do not disturb it. 1.15 before and 1.07 after, in one \
                   run of both: a call that waits had 3.8 KB of future, eight requests of 264 bytes among them, in pieces beyond what the allocator keeps \
                   at hand, and a second timer; it has 1 KB, and the deadline has a timer only if the attempt's own would be too \
                   late. What remains is 1.08 times the instructions.",
        },
        Row {
            name: "burst",
            title: "1,000 gets at once",
            unit: "gets per second",
            goal: Some(Goal::AtLeast(0.95)),
            guard: None,
            needs_valgrind: false,
            measure: |programs| rate(programs, "burst", 1_000),
            note: "0.90 before: see `throughput-cpu`. 0.94 to 0.96 from run to run.",
        },
        Row {
            name: "sequence",
            title: "10,000 gets one after another, on tokio's default runtime",
            unit: "seconds",
            goal: Some(Goal::AtMost(1.02)),
            guard: None,
            needs_valgrind: false,
            measure: |programs| programs.time("sequence", 10_000, ROUNDS, |run| run.seconds),
            note: "every response crosses threads, for both. Missed: 1.2 to 1.3 on a quiet machine. System calls and switches of \
                   threads are as many as the floor's, by `perf trace`, and instructions 1.08 times as many; but a call runs \
                   through 3,231 lines of 64 bytes of code in place of 2,645 (1.22), by callgrind, and these are cold each time \
                   that the threads have slept: decoding that is lenient, the layers, the copy for a retry, headers. Idle \
                   processors do not explain it: with both kept busy by programs of the lowest priority it is 1.18. Where \
                   calls are in flight together, as in `throughput`, the code stays warm.",
        },
    ],
};

fn rate(programs: &Programs, work: &str, calls: usize) -> Result<Measured, String> {
    let Measured { ours, floor, lower_bound } = programs.time(work, calls, ROUNDS, |run| run.seconds)?;
    let rate = |seconds: f64| calls as f64 / seconds;
    Ok(Measured { ours: rate(ours), floor: rate(floor), lower_bound: lower_bound.map(rate) })
}
