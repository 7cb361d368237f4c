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
            note: "110 (1.17) before: a program took the crate `futures` with its I/O, sinks and macros, of which the SDK needs \
                   `futures-util`; one crate for the path of what cannot be decoded, which is read from the text now; and one for \
                   the dates of headers, which `chrono` reads. What is left is `chrono` (3 crates), the bindings and what their \
                   code calls (2), the streams that this asks of reqwest (2), texts by chance, secrets, and ids as UUIDs.",
        },
        Row {
            name: "program-size",
            title: "the program, built for release and stripped",
            unit: "bytes",
            goal: Some(Goal::AtMost(1.15)),
            guard: None,
            needs_valgrind: false,
            measure: |_| consumer::sizes_of_programs(),
            note: "1.19 in an early version, which did less, and 1.33 before: what cannot be decoded was decoded a second time, by \
                   code that notes the path. Missed: of what is above the floor, 790 KB are code, spread over what a list does: \
                   decoding that goes on behind a mistake, JSON values, verification, layers, the redaction of errors; 250 KB are \
                   the tables for unwinding it.",
        },
        Row {
            name: "program-build",
            title: "a clean development build with one job",
            unit: "CPU seconds",
            goal: Some(Goal::AtMost(1.12)),
            guard: None,
            needs_valgrind: false,
            measure: |_| consumer::clean_builds(),
            note: "1.37 to 1.52 before. Missed: of what is above the floor, some 12 CPU seconds are the wrapper. 4 of them are spent \
                   before code is generated, 5 on code and 4 on its debug information. The code is a seventh less than it was: items \
                   of a page were decoded by four copies of the code for their type, and fields in several forms by one for \
                   each type. With a compiler that leaves out all that a program does not call, it would be 3 less.",
        },
        Row {
            name: "program-rebuild",
            title: "the build after a change of its main file",
            unit: "CPU seconds",
            goal: Some(Goal::AtMost(1.12)),
            guard: None,
            needs_valgrind: false,
            measure: |_| consumer::rebuilds(),
            note: "1.46 to 1.52 before; 0.99 to 1.44 from run to run, of which the floor took 0.54 to 0.77 s. What is above the floor \
                   is the linker's: debug information of the SDK. Code that is generic in the SDK is not compiled with this program, since the SDK itself uses it for instances.",
        },
    ],
};
