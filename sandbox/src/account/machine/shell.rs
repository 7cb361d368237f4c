//! Reads the commands of a shell script, as far as they write files or can shut a machine down.
//!
//! It is no shell: conditions and loops are not understood, and each command is assumed to succeed.

use chrono::{DateTime, Utc};

/// What a script does.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    Write {
        path: String,
        content: String,
        appends: bool,
    },
    Run {
        words: Vec<String>,
        condition: Option<Condition>,
    },
    /// A script of its own, which can exit without the one that runs it.
    Script(Vec<Step>),
}

/// A comparison of the machine's time with another one, such as `[ "$(date +%s)" -lt 1748736000 ]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Condition {
    time: DateTime<Utc>,
    /// Whether it holds from that time on, or before it.
    is_from: bool,
}

impl Condition {
    pub(super) fn holds(self, now: DateTime<Utc>) -> bool {
        (now >= self.time) == self.is_from
    }
}

/// Reads a command that is given as a list of words.
pub(super) fn command(words: Vec<String>) -> Step {
    match words.as_slice() {
        [shell, flag, script, ..] if is_shell(shell) && flag.starts_with('-') && flag.ends_with('c') => {
            Step::Script(script_steps(script))
        }
        _ => Step::Run { words, condition: None },
    }
}

fn is_shell(word: &str) -> bool {
    matches!(word.rsplit('/').next(), Some("sh" | "bash" | "dash"))
}

/// Reads the text of a script.
pub(super) fn script_steps(script: &str) -> Vec<Step> {
    let mut steps = vec![];
    let mut lines = script.lines();
    while let Some(line) = lines.next() {
        let tokens = tokens(line);
        match here_document(&tokens) {
            Some((path, end, appends)) => {
                let content = lines.by_ref().take_while(|line| *line != end).flat_map(|line| [line, "\n"]).collect();
                steps.push(Step::Write { path, content, appends });
            }
            None => add_commands(&mut steps, tokens),
        }
    }
    steps
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Operator(&'static str),
}

/// The longer ones first.
const OPERATORS: [&str; 10] = ["<<", ">>", ">&", "&&", "||", "&", "|", ";", ">", "<"];

/// Splits a line into words without their quotes, and operators.
fn tokens(line: &str) -> Vec<Token> {
    let (mut tokens, mut word, mut quote) = (vec![], None::<String>, None);
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        let operator = OPERATORS.into_iter().find(|operator| quote.is_none() && rest.starts_with(operator));
        if let Some(operator) = operator {
            // The number of what is redirected is no word.
            let is_number = |word: &String| operator.starts_with('>') && word.bytes().all(|byte| byte.is_ascii_digit());
            tokens.extend(word.take().filter(|word| !is_number(word)).map(Token::Word));
            tokens.push(Token::Operator(operator));
            rest = &rest[operator.len()..];
            continue;
        }
        rest = &rest[character.len_utf8()..];
        match (character, quote) {
            (_, Some(open)) if character == open => quote = None,
            ('\'' | '"', None) => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            ('\\', None | Some('"')) => {
                let escaped = rest.chars().next();
                rest = &rest[escaped.map_or(0, char::len_utf8)..];
                word.get_or_insert_default().extend(escaped);
            }
            ('#', None) if word.is_none() => break,
            (_, None) if character.is_whitespace() => tokens.extend(word.take().map(Token::Word)),
            _ => word.get_or_insert_default().push(character),
        }
    }
    tokens.extend(word.map(Token::Word));
    tokens
}

/// Reads the start of a here-document, `cat >PATH <<END` or `tee PATH <<END`: its path, its end, and whether it is appended.
fn here_document(tokens: &[Token]) -> Option<(String, String, bool)> {
    let after = |operator: &str| {
        let place = tokens.iter().position(|token| matches!(token, Token::Operator(it) if *it == operator))?;
        word(tokens.get(place + 1)?)
    };
    let end = after("<<")?;
    let (path, appends) = match word(tokens.first()?)? {
        "cat" => after(">").map(|path| (path, false)).or_else(|| after(">>").map(|path| (path, true)))?,
        "tee" => match (word(tokens.get(1)?)?, tokens.get(2).and_then(word)) {
            ("-a", Some(path)) => (path, true),
            (path, _) => (path, false),
        },
        _ => return None,
    };
    Some((path.to_owned(), end.to_owned(), appends))
}

fn word(token: &Token) -> Option<&str> {
    match token {
        Token::Word(word) => Some(word),
        Token::Operator(_) => None,
    }
}

/// Adds the commands of a line. What follows `||` runs only after a comparison of times, since other commands succeed.
fn add_commands(steps: &mut Vec<Step>, tokens: Vec<Token>) {
    let (mut words, mut condition, mut is_skipped) = (vec![], None, false);
    let mut tokens = tokens.into_iter();
    loop {
        let operator = match tokens.next() {
            Some(Token::Word(word)) => {
                words.push(word);
                continue;
            }
            Some(Token::Operator(">" | ">>" | ">&" | "<" | "<<")) => {
                tokens.next();
                continue;
            }
            Some(Token::Operator(operator)) => Some(operator),
            None => None,
        };
        let words = std::mem::take(&mut words);
        let (comparison, was_skipped) = (comparison(&words, operator), std::mem::take(&mut is_skipped));
        if comparison.is_some() {
            condition = comparison;
            continue;
        }
        if !words.is_empty() && !was_skipped {
            steps.push(match (command(words), condition.take()) {
                (Step::Run { words, .. }, condition) => Step::Run { words, condition },
                (step, _) => step,
            });
        }
        is_skipped = operator == Some("||");
        if operator.is_none() {
            return;
        }
    }
}

/// Reads a comparison of the time in seconds with a number, and on which outcome the next command runs.
fn comparison(words: &[String], operator: Option<&str>) -> Option<Condition> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (["[", "$(date +%s)", comparison, number, "]"] | ["test", "$(date +%s)", comparison, number]) = words[..]
    else {
        return None;
    };
    let is_from = match (comparison, operator?) {
        ("-ge", "&&") | ("-lt", "||") => true,
        ("-lt", "&&") | ("-ge", "||") => false,
        _ => return None,
    };
    Some(Condition { time: DateTime::from_timestamp(number.parse().ok()?, 0)?, is_from })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(words: &str) -> Step {
        Step::Run { words: words.split(' ').map(str::to_owned).collect(), condition: None }
    }

    fn write(path: &str, content: &str, appends: bool) -> Step {
        Step::Write { path: path.into(), content: content.into(), appends }
    }

    #[test]
    fn commands_are_read_without_quotes_comments_and_redirections() {
        for (script, expected) in [
            ("#!/bin/sh\n\n  poweroff # now\n", vec![run("poweroff")]),
            ("shutdown -h '+5' \"a\\\"b\" >/dev/null 2>&1", vec![run("shutdown -h +5 a\"b")]),
            ("a && b; c || d; e|f", vec![run("a"), run("b"), run("c"), run("e"), run("f")]),
            ("a\\ b ''", vec![Step::Run { words: vec!["a b".into(), String::new()], condition: None }]),
            ("/bin/bash -ec 'exit 1; x'", vec![Step::Script(vec![run("exit 1"), run("x")])]),
            ("echo a#b 'c;d'", vec![run("echo a#b c;d")]),
        ] {
            assert_eq!(script_steps(script), expected, "{script}");
        }
    }

    #[test]
    fn here_documents_are_files() {
        let script = "cat > /a <<'END'\n  one $x\nEND\ncat <<EOF >>/b\ntwo\nEOF\n\
                      tee -a /c <<E >/dev/null\nE\ntee /d << \"E\"\nthree";
        let expected = [
            write("/a", "  one $x\n", false),
            write("/b", "two\n", true),
            write("/c", "", true),
            write("/d", "three\n", false),
        ];
        assert_eq!(script_steps(script), expected);
    }

    #[test]
    fn a_comparison_of_times_decides_over_the_next_command() {
        let (early, late) = (DateTime::from_timestamp(99, 0).unwrap(), DateTime::from_timestamp(100, 0).unwrap());
        for (script, expected) in [
            ("[ \"$(date +%s)\" -lt 100 ] || a; b", [false, true]),
            ("[ \"$(date +%s)\" -ge 100 ] && a; b", [false, true]),
            ("test \"$(date +%s)\" -lt 100 && a; b", [true, false]),
            ("[ \"$(date +%s)\" -ge 100 ] || a; b", [true, false]),
        ] {
            let steps = script_steps(script);
            let [Step::Run { words, condition: Some(condition) }, then] = &steps[..] else {
                panic!("{script}: {steps:?}")
            };
            assert_eq!((words[0].as_str(), then), ("a", &run("b")), "{script}");
            assert_eq!([condition.holds(early), condition.holds(late)], expected, "{script}");
        }
    }
}
