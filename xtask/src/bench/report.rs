//! The results of all rows, as JSON and as a table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::measured::Measured;
use super::row::{Goal, Row};
use super::rows::GROUPS;

/// The results of all rows, each of its last run.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Results {
    pub(super) machine: String,
    pub(super) crates: String,
    rows: BTreeMap<String, Result>,
}

/// The result of one row.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Result {
    #[serde(flatten)]
    pub(super) measured: Measured,
    pub(super) commit: String,
}

impl Results {
    pub(super) fn read(path: &Path) -> std::result::Result<Self, String> {
        match std::fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    pub(super) fn write(&self, path: &Path) -> std::result::Result<(), String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        std::fs::write(path, text + "\n").map_err(|error| format!("{}: {error}", path.display()))
    }

    pub(super) fn set(&mut self, name: &str, result: Result) {
        self.rows.insert(name.to_owned(), result);
    }
}

/// One result on a line.
pub(super) fn line(row: &Row, measured: &Measured) -> String {
    let (ours, floor) = (number(measured.ours), number(measured.floor));
    format!("{ours} / {floor} {} = {:.2} {} {}", row.unit, measured.ratio(), goal(row), is_met(row, measured.ratio()))
}

/// The table of all rows.
pub(super) fn markdown(results: &Results) -> String {
    let mut text = String::from(HEAD);
    let _ = writeln!(text, "Machine: {}. Crates: {}.", results.machine, results.crates);
    for group in GROUPS {
        let _ = writeln!(text, "\n## {}\n\n{}\n\n{TABLE}", group.title, group.about);
        for row in group.rows {
            let _ = writeln!(text, "{}", table_row(row, results.rows.get(row.name)));
        }
        let notes: Vec<_> = group.rows.iter().filter(|row| !row.note.is_empty()).collect();
        for (index, row) in notes.iter().enumerate() {
            let _ = writeln!(text, "{}* `{}`: {}", if index == 0 { "\n" } else { "" }, row.name, row.note);
        }
    }
    text
}

const HEAD: &str = "\
# Benchmarks

Written by `cargo xtask bench`, which measures the SDK and what it is compared with in one run. The floor is the least code
that does the same over reqwest and serde, written by hand (`benches/src/floor.rs`); the lower bound is hyper alone
(`benches/src/lower_bound.rs`). A ratio is the SDK's number divided by that of the floor.

";

const TABLE: &str = "\
| row | what | unit | SDK | floor | lower bound | ratio | goal | | commit |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- | --- |";

fn table_row(row: &Row, result: Option<&Result>) -> String {
    let Row { name, title, unit, .. } = row;
    let goal_text = goal(row);
    let Some(Result { measured, commit }) = result else {
        return format!("| `{name}` | {title} | {unit} | | | | | {goal_text} | not measured | |");
    };
    let (ours, floor, ratio) = (number(measured.ours), number(measured.floor), measured.ratio());
    let lower_bound = measured.lower_bound.map(number).unwrap_or_default();
    let is_met = is_met(row, ratio);
    format!(
        "| `{name}` | {title} | {unit} | {ours} | {floor} | {lower_bound} | {ratio:.2} | {goal_text} | {is_met} | {commit} |"
    )
}

fn goal(row: &Row) -> String {
    match row.goal {
        Some(Goal::AtMost(most)) => format!("≤ {most:.2}"),
        Some(Goal::AtLeast(least)) => format!("≥ {least:.2}"),
        None => String::new(),
    }
}

fn is_met(row: &Row, ratio: f64) -> &'static str {
    match row.goal {
        Some(goal) if goal.is_met_by(ratio) => "met",
        Some(_) => "**missed**",
        None => "",
    }
}

/// A number of instructions, bytes or the like with thousands apart; one of a few with its digits.
fn number(number: f64) -> String {
    if number < 100.0 && number.fract() != 0.0 {
        return format!("{number:.3}");
    }
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let texts = [7.0, 123.0, 97_627.4, 2_850_000.0, 2.0113].map(number);
        assert_eq!(texts, ["7", "123", "97,627", "2,850,000", "2.011"]);
    }

    #[test]
    fn a_row_shows_whether_its_goal_is_met() {
        let row = &GROUPS[0].rows[0];
        let shown = |ours| {
            let measured = Measured { ours, floor: 100.0, lower_bound: None };
            table_row(row, Some(&Result { measured, commit: "abc".into() }))
        };
        assert!(shown(110.0).contains("| 1.10 | ≤ 1.10 | met |"), "{}", shown(110.0));
        assert!(shown(111.0).contains("| 1.11 | ≤ 1.10 | **missed** |"), "{}", shown(111.0));
        assert!(table_row(row, None).contains("not measured"));
    }
}
