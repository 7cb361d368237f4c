//! What a small program that uses the SDK is made of, beside one that sends the same requests by hand.

use crate::bench::consumer;
use crate::bench::row::{Goal, Group, Row};

pub(super) const GROUP: Group = Group {
    title: "A program",
    about: "One that lists instances with the SDK, beside one that does it by hand with reqwest and serde.",
    rows: &[
        Row {
            name: "program-crates",
            title: "crates, its own included",
            unit: "crates",
            goal: Some(Goal::AtMost(1.12)),
            guard: None,
            needs_valgrind: false,
            measure: |_| consumer::crates_of_programs(),
            note: "missed: what is above the goal are the date type `chrono`, the bindings and what their code calls, and the `futures` \
                   of a stream.",
        },
        Row {
            name: "program-size",
            title: "the program, built for release and stripped",
            unit: "bytes",
            goal: Some(Goal::AtMost(1.15)),
            guard: None,
            needs_valgrind: false,
            measure: |_| consumer::sizes_of_programs(),
            note: "",
        },
        Row {
            name: "program-build",
            title: "a clean development build with one job",
            unit: "CPU seconds",
            goal: Some(Goal::AtMost(1.12)),
            guard: None,
            needs_valgrind: false,
            measure: |_| consumer::clean_builds(),
            note: "1.36 before. Missed by the wrapper's own code, some 10 CPU seconds, and the bindings.",
        },
        Row {
            name: "program-rebuild",
            title: "the build after a change of its main file",
            unit: "CPU seconds",
            goal: Some(Goal::AtMost(1.12)),
            guard: None,
            needs_valgrind: false,
            measure: |_| consumer::rebuilds(),
            note: "1.29 before. What is generic in the SDK is compiled with the program: a list is, with the code that decodes its items.",
        },
    ],
};
