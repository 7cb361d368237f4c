//! The price of one call: instructions and allocations.

use crate::bench::row::{Goal, Group, Row};

const GETS: usize = 1_000;
const PAGES: usize = 50;

pub(super) const GROUP: Group = Group {
    title: "One call",
    about: "Per call, beside the floor; on one thread, release build.",
    rows: &[
        Row {
            name: "get-instructions",
            title: "`instances().get`",
            unit: "instructions",
            goal: Goal::AtMost(1.10),
            guard: None,
            needs_valgrind: true,
            measure: |programs| programs.instructions("get", GETS),
            note: "",
        },
        Row {
            name: "get-allocations",
            title: "`instances().get`",
            unit: "allocations",
            goal: Goal::AtMost(1.35),
            guard: None,
            needs_valgrind: false,
            measure: |programs| programs.counted("get", GETS, |run| run.allocations),
            note: "",
        },
        Row {
            name: "get-bytes",
            title: "`instances().get`",
            unit: "bytes allocated",
            goal: Goal::AtMost(1.60),
            guard: None,
            needs_valgrind: false,
            measure: |programs| programs.counted("get", GETS, |run| run.bytes),
            note: "",
        },
        Row {
            name: "page-instructions",
            title: "a page of 100",
            unit: "instructions",
            goal: Goal::AtMost(1.05),
            guard: None,
            needs_valgrind: true,
            measure: |programs| programs.instructions("page", PAGES),
            note: "",
        },
        Row {
            name: "decode-instructions",
            title: "decoding a page of 100",
            unit: "instructions",
            goal: Goal::AtMost(1.04),
            guard: None,
            needs_valgrind: true,
            measure: |programs| programs.instructions("decode", PAGES),
            note: "",
        },
        Row {
            name: "page-allocations",
            title: "a page of 100",
            unit: "allocations",
            goal: Goal::AtMost(1.35),
            guard: None,
            needs_valgrind: false,
            measure: |programs| programs.counted("page", PAGES, |run| run.allocations),
            note: "",
        },
    ],
};
