//! How the examples look: what they print, tables and progress bars.

// Each example uses a part.
#![allow(dead_code, unused_macros)]

use std::fmt::{Arguments, Display};
use std::io::{self, ErrorKind, Write};
use std::time::Duration;

use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, presets};
use console::{Term, measure_text_width, style};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// In place of `println!`, which panics when the reader has closed the output, as `| head -1` does: an example goes on, and
/// deletes what it has created.
macro_rules! println {
    ($($argument:tt)+) => {
        $crate::support::print(format_args!($($argument)+))
    };
}

/// In place of `eprintln!`, likewise.
macro_rules! eprintln {
    ($($argument:tt)+) => {
        $crate::support::eprint(format_args!($($argument)+))
    };
}

pub(crate) fn print(text: Arguments<'_>) {
    write!(stdout(), "{}", lines(&text.to_string(), &Term::stdout())).expect("the output can be written");
}

pub(crate) fn eprint(text: Arguments<'_>) {
    // There is no other place to report an error.
    let _ = write!(io::stderr(), "{}", lines(&text.to_string(), &Term::stderr()));
}

/// Breaks lines that are longer than those of the terminal, between words. What follows has the same indentation.
fn lines(text: &str, terminal: &Term) -> String {
    let width = if terminal.is_term() { usize::from(terminal.size().1) } else { usize::MAX };
    let mut lines = String::new();
    for line in text.split('\n') {
        let indentation = &line[..line.len() - line.trim_start().len()];
        let mut at = 0;
        for word in line.split(' ') {
            let length = measure_text_width(word);
            if at > indentation.len() && at + length > width {
                lines = format!("{}\n{indentation}", lines.trim_end_matches(' '));
                at = indentation.len();
            }
            lines.push_str(word);
            lines.push(' ');
            at += length + 1;
        }
        lines.pop();
        lines.push('\n');
    }
    lines
}

/// Returns the standard output. What is written after its reader has closed it goes nowhere.
pub(crate) fn stdout() -> impl Write {
    Output(io::stdout())
}

struct Output(io::Stdout);

impl Write for Output {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        match self.0.write(text) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(text.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}

/// Returns a table, in which the widest column is cut where the terminal ends; where the output is no terminal, nothing is.
pub(crate) fn table<const N: usize>(header: [&str; N], rows: Vec<[String; N]>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header(header).set_truncation_indicator("…");
    for row in rows {
        let mut row = Row::from(row);
        row.max_height(1);
        table.add_row(row);
    }
    let terminal = Term::stdout();
    if terminal.is_term() {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(terminal.size().1);
        let widths = table.column_max_content_widths();
        let widest = widths.iter().max().copied();
        for (column, width) in table.column_iter_mut().zip(widths) {
            if Some(width) < widest {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
    }
    table
}

/// Returns a bar for some steps.
pub(crate) fn bar(steps: u64) -> ProgressBar {
    ProgressBar::with_draw_target(Some(steps), target()).with_style(style_of("{bar:30} {pos:>3}/{len} {wide_msg}"))
}

/// Returns a spinner, for work of which the end is not known.
pub(crate) fn spinner(message: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, target()).with_style(style_of("{spinner} {wide_msg}"));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar.with_message(message)
}

/// Returns bars below each other, each with a name.
pub(crate) fn bars() -> MultiProgress {
    MultiProgress::with_draw_target(target())
}

/// Returns one of several bars.
pub(crate) fn named_bar(name: String, steps: u64) -> ProgressBar {
    ProgressBar::new(steps).with_style(style_of("{prefix} {bar:20} {wide_msg}")).with_prefix(name)
}

/// How work has ended.
pub(crate) enum End<'a> {
    Done(&'a str),
    Stopped(&'a str),
    Failed(&'a dyn Display),
}

/// Ends a bar, which is full only if the work is done, and stands where it was otherwise.
pub(crate) fn end(bar: &ProgressBar, end: End<'_>) {
    let (mark, text) = match end {
        End::Done(text) => return bar.finish_with_message(format!("{} {text}", style("✔").for_stderr().green())),
        End::Stopped(text) => (style("■").for_stderr().yellow(), text.to_owned()),
        End::Failed(error) => (style("✘").for_stderr().red(), error.to_string()),
    };
    bar.abandon_with_message(format!("{mark} {text}"));
}

/// Bars are for terminals that can move their cursor.
fn target() -> ProgressDrawTarget {
    if console::is_dumb() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() }
}

fn style_of(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("a template")
}
