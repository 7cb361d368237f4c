//! Costs that grow with the work and no faster: what one of many costs beside one of few.

use crate::bench::row::{Goal, Group, Row};

pub(super) const GROUP: Group = Group {
    title: "Many at once",
    about: "For each of many, beside each of 100 (the column *floor*): what grows no faster than the work has a ratio of about 1.",
    rows: &[
        Row {
            name: "permits-1000",
            title: "a permit while 1,000 wait",
            unit: "instructions",
            goal: Some(Goal::AtMost(1.3)),
            guard: Some(Goal::AtMost(1.4)),
            needs_valgrind: true,
            measure: |programs| programs.each_of("permits", 1_000, 100),
            note: "",
        },
        Row {
            name: "permits-10000",
            title: "a permit while 10,000 wait",
            unit: "instructions",
            goal: Some(Goal::AtMost(1.3)),
            guard: Some(Goal::AtMost(1.4)),
            needs_valgrind: true,
            measure: |programs| programs.each_of("permits", 10_000, 100),
            note: "The queue, and the timers of the program's clock, are in ordered maps, whose operations grow by the logarithm. A cost \
                   that grows with the queue would have a ratio of 7 and more.",
        },
    ],
};
