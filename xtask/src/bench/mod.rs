//! `cargo xtask bench`: what the SDK costs beside the least code that does the same, as ratios of both in one run.
//!
//! The programs are those of the package in `benches/`. [`rows`] has one file per group of rows; each row measures the SDK and
//! what it is compared with in turn, and has a goal for their ratio. Results are kept in [`RESULTS`], row by row, and written as
//! a table to [`REPORT`].

pub(crate) mod consumer;
mod machine;
mod measured;
mod programs;
mod report;
mod row;
mod rows;

use self::measured::Measured;
use self::programs::Programs;
use self::report::{Result as RowResult, Results};
use self::row::Row;
use crate::files;

/// The results of the last run of each row.
const RESULTS: &str = "benches/results.json";
/// The table of all rows.
const REPORT: &str = "BENCHMARKS.md";

/// Runs the rows with these names, or all of them, and writes the results; with `is_guard` it writes nothing, runs the rows
/// that have a guard, and fails if one is above it.
///
/// # Errors
/// If there is no such row, a program fails, or a guard does.
pub(crate) fn run(names: &[String], is_guard: bool) -> Result<String, String> {
    let rows = select(names, is_guard)?;
    let programs = Programs::build()?;
    if !programs.has_valgrind() {
        println!("rows that count instructions are left out: valgrind is not installed");
    }
    let mut results = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        print!("[{}/{}] {}: ", index + 1, rows.len(), row.name);
        if row.needs_valgrind && !programs.has_valgrind() {
            println!("left out");
            continue;
        }
        let measured = (row.measure)(&programs).map_err(|error| format!("{}: {error}", row.name))?;
        println!("{}", report::line(row, &measured));
        results.push((row.name, measured));
    }
    if is_guard { guard(&rows, &results) } else { write(results) }
}

fn select(names: &[String], is_guard: bool) -> Result<Vec<&'static Row>, String> {
    let all = || rows::GROUPS.iter().flat_map(|group| group.rows);
    if let Some(unknown) = names.iter().find(|name| all().all(|row| row.name != **name)) {
        let known: Vec<_> = all().map(|row| row.name).collect();
        return Err(format!("there is no row {unknown}; there are: {}", known.join(", ")));
    }
    let is_selected = |row: &&Row| {
        (names.is_empty() || names.iter().any(|name| *name == row.name)) && (!is_guard || row.guard.is_some())
    };
    Ok(all().filter(is_selected).collect())
}

fn guard(rows: &[&Row], results: &[(&str, Measured)]) -> Result<String, String> {
    let measured = |name| results.iter().find(|(known, _)| *known == name).map(|(_, measured)| measured);
    let is_above = |row: &&&Row| {
        let ratio = measured(row.name).map(Measured::ratio);
        ratio.zip(row.guard).is_some_and(|(ratio, guard)| !guard.is_met_by(ratio))
    };
    let above: Vec<_> = rows.iter().filter(is_above).map(|row| row.name).collect();
    match &above[..] {
        [] => Ok(format!("{} rows are within their guards", results.len())),
        _ => Err(format!("beyond their guards: {}; `cargo xtask bench ROW` shows more", above.join(", "))),
    }
}

fn write(new: Vec<(&'static str, Measured)>) -> Result<String, String> {
    let root = files::root();
    let mut results = Results::read(&root.join(RESULTS))?;
    let commit = machine::commit();
    for (name, measured) in new {
        results.set(name, RowResult { measured, commit: commit.clone() });
    }
    results.machine = machine::describe();
    results.crates = machine::crates(&root)?;
    results.write(&root.join(RESULTS))?;
    let report = report::markdown(&results);
    std::fs::write(root.join(REPORT), &report).map_err(|error| format!("{REPORT}: {error}"))?;
    Ok(format!("\n{report}\n{REPORT} and {RESULTS} are written"))
}
