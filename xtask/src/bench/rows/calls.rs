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
            goal: Some(Goal::AtMost(1.10)),
            guard: Some(Goal::AtMost(1.12)),
            needs_valgrind: true,
            measure: |programs| programs.instructions("get", GETS),
            note: "118,726 (1.21) before: the base URL was parsed anew for each request, the request copied with its headers, \
                   the header of the token formatted, headers and body of the response copied, `Date` parsed each time, and the \
                   future of the attempts passed by value. What remains above the floor: a timer each for call and attempt, the \
                   limiter, the span, and the copy of the request that a retry would need.",
        },
        Row {
            name: "get-allocations",
            title: "`instances().get`",
            unit: "allocations",
            goal: Some(Goal::AtMost(1.35)),
            guard: Some(Goal::AtMost(1.20)),
            needs_valgrind: false,
            measure: |programs| programs.counted("get", GETS, |run| run.allocations),
            note: "95 (1.44) before.",
        },
        Row {
            name: "get-bytes",
            title: "`instances().get`",
            unit: "bytes allocated",
            goal: Some(Goal::AtMost(1.35)),
            guard: Some(Goal::AtMost(1.32)),
            needs_valgrind: false,
            measure: |programs| programs.counted("get", GETS, |run| run.bytes),
            note: "29,373 (1.60) before. What remains is the future of the call, and that of the exchange.",
        },
        Row {
            name: "page-instructions",
            title: "a page of 100",
            unit: "instructions",
            goal: Some(Goal::AtMost(1.05)),
            guard: Some(Goal::AtMost(1.05)),
            needs_valgrind: true,
            measure: |programs| programs.instructions("page", PAGES),
            note: "3,103,222 (1.08) before: the body was copied twice, and see `decode-instructions`.",
        },
        Row {
            name: "decode-instructions",
            title: "decoding a page of 100",
            unit: "instructions",
            goal: Some(Goal::AtMost(1.04)),
            guard: Some(Goal::AtMost(1.04)),
            needs_valgrind: true,
            measure: |programs| programs.instructions("decode", PAGES),
            note: "2,926,269 (1.04) before: each value of an enum and each time was copied as a text before it was read, and each \
                   optional text once more to see whether it is empty.",
        },
        Row {
            name: "page-allocations",
            title: "a page of 100",
            unit: "allocations",
            goal: Some(Goal::AtMost(1.35)),
            guard: Some(Goal::AtMost(0.95)),
            needs_valgrind: false,
            measure: |programs| programs.counted("page", PAGES, |run| run.allocations),
            note: "2,184 (1.24) before; less than the floor, which keeps regions and operating systems as texts.",
        },
    ],
};
