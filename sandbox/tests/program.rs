//! The program as people run it, and its README as they follow it.

#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use genesiscloud_sandbox::Script;
use serde_json::Value;

/// A running program, ended when dropped.
struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    variables: Vec<(String, String)>,
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_genesiscloud-sandbox");

impl Program {
    fn start(arguments: &[&str]) -> Self {
        Self::unverified(&[arguments, &["--verify"]].concat())
    }

    fn unverified(arguments: &[&str]) -> Self {
        let mut child =
            Command::new(PROGRAM).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let variables = ["GENESISCLOUD_ENDPOINT", "GENESISCLOUD_TOKEN"].map(|name| {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            let value = line.trim_end().strip_prefix(&format!("export {name}=")).unwrap_or_else(|| panic!("{line}"));
            (name.to_owned(), value.to_owned())
        });
        Self { child, stdout, variables: variables.into() }
    }

    fn shell(&self, script: &str) -> String {
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        let output = Command::new("bash").args(["-euc", script]).envs(variables).output().unwrap();
        assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What `curl` gives for a path; `more` are further arguments.
    fn curl(&self, path: &str, more: &str) -> String {
        self.shell(&format!(
            "curl -sS {more} -H \"Authorization: Bearer $GENESISCLOUD_TOKEN\" \"$GENESISCLOUD_ENDPOINT{path}\""
        ))
    }

    /// Presses Ctrl-C; gives whether that was a success, and what stood in the log.
    fn interrupt(mut self) -> (bool, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "nothing but the two lines on the standard output");
        (self.child.wait().unwrap().success(), log)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn verified_it_ends_at_the_first_answer_that_leaves_the_document() {
    let volume = r#"{"id": "v", "name": "old", "description": "", "type": "hdd", "size": 1, "region": "NORD-NO-KRS-1",
        "status": "available", "created_at": "2020-01-01T00:00:00Z", "instances": []}"#;
    let seed = file("old.json", &format!(r#"{{"volumes": [{volume}]}}"#));
    let seed = seed.to_str().unwrap();
    // As it is in accounts of long standing; a client must be able to see it.
    assert!(Program::unverified(&["--seed", seed]).curl("/volumes/v", "").contains("available"));
    let mut program = Program::start(&["--seed", seed]);
    assert!(program.curl("/volumes", "-X DELETE -d ignored").contains("02001"));
    program.shell("! curl -sS -H \"X-Auth-Token: $GENESISCLOUD_TOKEN\" \"$GENESISCLOUD_ENDPOINT/volumes/v\"");
    assert_eq!(program.child.wait().unwrap().code(), Some(1));
    let mut log = String::new();
    program.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let last = log.lines().last().unwrap();
    assert!(last.starts_with("GET /compute/v1/volumes/v, answered 200 OK, leaves the document: \"volume."), "{log}");
}

#[test]
fn a_closed_log_costs_no_answer() {
    let mut program = Program::start(&[]);
    drop(program.child.stderr.take());
    for _ in 0..3 {
        assert!(program.curl("/quotas", "").contains("instances"));
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

/// A file for this test run.
fn file(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).unwrap();
    path
}

/// Pairs of a block of commands and the block of JSON it prints.
fn examples(readme: &str) -> Vec<(String, Vec<Value>)> {
    let mut blocks = readme.split("```").skip(1).step_by(2).peekable();
    let mut examples = Vec::new();
    while let Some(block) = blocks.next() {
        let Some(commands) = block.strip_prefix("sh\n") else { continue };
        let expected = blocks.peek().and_then(|block| block.strip_prefix("json\n"));
        let expected = expected.unwrap_or_else(|| panic!("what does this print?\n{commands}"));
        examples.push((commands.to_owned(), values(expected)));
    }
    examples
}

fn values(text: &str) -> Vec<Value> {
    serde_json::Deserializer::from_str(text).into_iter().map(|value| value.unwrap()).collect()
}

/// Whether an answer has all that is told of it; it may have more.
fn has(answer: &Value, told: &Value) -> bool {
    match (answer, told) {
        (Value::Object(answer), Value::Object(told)) => {
            told.iter().all(|(name, told)| answer.get(name).is_some_and(|answer| has(answer, told)))
        }
        (Value::Array(answer), Value::Array(told)) => {
            answer.len() == told.len() && answer.iter().zip(told).all(|(answer, told)| has(answer, told))
        }
        _ => answer == told,
    }
}

#[test]
fn the_examples_of_the_readme_print_what_it_says() {
    let examples = examples(include_str!("../README.md"));
    assert_eq!(examples.len(), 4);
    let program = Program::start(&[]);
    for (commands, expected) in examples {
        let answers = values(&program.shell(&commands));
        assert_eq!(answers.len(), expected.len(), "{commands}");
        for (answer, expected) in answers.iter().zip(&expected) {
            assert!(has(answer, expected), "{commands}{answer}\nis not\n{expected}");
        }
    }
    let (success, log) = program.interrupt();
    assert!(success);
    let lines = log.lines().collect::<Vec<_>>();
    assert_eq!(lines[0], "Serving until Ctrl-C. Nothing here is real, and nothing costs money.");
    let requests = lines[1..].iter().map(|line| line.split_once("  ").unwrap().1).collect::<Vec<_>>();
    assert_eq!(
        requests,
        [
            "200  GET    /compute/v1/instances?per_page=1",
            "201  POST   /compute/v1/volumes",
            "400  PATCH  /compute/v1/volumes/20000000-0000-4000-8000-000000000000  code 02004",
            "401  GET    /compute/v1/quotas  code 02014",
            "200  GET    /compute/v1/openapi.json",
        ]
    );
}

#[test]
fn every_flag_of_the_readme_is_one_of_the_program() {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    let table = include_str!("../README.md").lines().filter(|line| line.starts_with("| `--"));
    let told = table.flat_map(|line| line.split('|').nth(1).unwrap().split('`')).filter(|part| part.starts_with("--"));
    let mut told = told.map(|flag| flag.split(' ').next().unwrap()).collect::<Vec<_>>();
    told.dedup();
    told.iter().for_each(|flag| assert!(help.contains(flag), "{flag}"));
    let flags = help.split_whitespace().filter(|word| word.starts_with("--")).map(|it| it.trim_end_matches([',', '.']));
    for flag in flags.filter(|flag| !["--help", "--version"].contains(flag)) {
        assert!(told.contains(&flag), "{flag} is not told");
    }
}

#[test]
fn an_account_and_faults_come_from_files() {
    let seed = file("seed.yaml", "ssh_keys: []\nquotas: []\nvolumes: []\nstanding: read_only\n");
    let faults =
        file("faults.json", r#"{"rules": [{"on": "GetQuotas", "fault": {"status": {"code": 418, "body": "empty"}}}]}"#);
    let program = Program::start(&["--seed", seed.to_str().unwrap(), "--faults", faults.to_str().unwrap()]);
    assert_eq!(program.curl("/quotas", "-o /dev/null -w '%{http_code}'"), "418");
    assert_eq!(program.curl("/quotas", ""), r#"{"quotas":[]}"#);
    assert!(program.curl("/volumes/x", "-X DELETE").contains("02043"));
    let (_, log) = program.interrupt();
    assert!(log.contains("418  GET    /compute/v1/quotas  fault: 418 without a body\n"), "{log}");
}

#[test]
fn a_printed_seed_is_one_and_can_be_changed() {
    let printed = String::from_utf8(run(&["--print-seed"]).stdout).unwrap();
    let seed = file("printed.json", &printed.replace("trainer-001", "changed-001"));
    let program = Program::start(&["--seed", seed.to_str().unwrap()]);
    assert!(program.curl("/instances?per_page=1", "").contains("changed-001"));
    let empty: Value = serde_json::from_slice(&run(&["--print-seed", "--empty"]).stdout).unwrap();
    assert_eq!((&empty["instances"], &empty["standing"]), (&Value::Array(vec![]), &"good".into()));
}

#[test]
fn the_faults_of_the_readme_are_all_there_are() {
    let readme = include_str!("../README.md");
    let example = readme.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    example.parse::<Script>().unwrap();
    let table = readme.split("| fault | what happens |").nth(1).unwrap().split("\n\n").next().unwrap();
    let told = table.lines().skip(2).flat_map(|row| row.split('|').nth(1).unwrap().split("`, `"));
    let told = told.map(|fault| fault.trim_matches([' ', '`'])).collect::<Vec<_>>();
    for fault in &told {
        let fault = if fault.contains(':') { format!("{{ {fault} }}") } else { (*fault).to_owned() };
        format!("rules: [{{ on: '*', fault: {fault} }}]").parse::<Script>().unwrap();
    }
    let error = "rules: [{ on: '*', fault: none }]".parse::<Script>().unwrap_err().to_string();
    let known = error.split("expected one of ").nth(1).unwrap().split(", ").map(|name| name.trim_matches('`'));
    let told = told.iter().map(|fault| fault.split(':').next().unwrap()).collect::<Vec<_>>();
    known.for_each(|fault| assert!(told.contains(&fault), "{fault} is not told"));
}

#[test]
fn any_token_can_be_pasted() {
    let program = Program::start(&["--token", "it's;$(touch)"]);
    assert_eq!(program.variables[1].1, r"'it'\''s;$(touch)'");
    let script =
        format!("export T={}; curl -sS -H \"X-Auth-Token: $T\" $GENESISCLOUD_ENDPOINT/quotas", program.variables[1].1);
    assert!(program.shell(&script).contains("instances"));
}

#[test]
fn flags_do_what_they_say() {
    let program =
        Program::start(&["--empty", "--token", "mine", "--rate", "1", "--burst", "2", "--retry-after", "absent"]);
    assert_eq!(program.variables[1].1, "mine");
    // In one go, so that they come within a second on any machine.
    let statuses = program.shell(
        "curl -sS -H \"X-Auth-Token: mine\" -w '%{http_code} ' $(printf -- \"-o /dev/null $GENESISCLOUD_ENDPOINT/volumes %.0s\" {1..20})",
    );
    assert!(statuses.starts_with("200 200 ") && statuses.contains("429"), "{statuses}");

    let program = Program::start(&["--rate", "off", "--quiet", "--speed", "0"]);
    let volume = r#"-H 'content-type: application/json' -d '{"name":"d","region":"NORD-NO-KRS-1","size":1}'"#;
    let created: Value = serde_json::from_str(&program.curl("/volumes", volume)).unwrap();
    let path = format!("/volumes/{}", created["volume"]["id"].as_str().unwrap());
    assert!(program.curl(&path, "").contains("creating"));
    let (success, log) = program.interrupt();
    assert!(success && log.lines().count() == 1, "{log}");
}

#[test]
fn wrong_flags_and_files_are_told_in_a_line() {
    let bad_seed = file("bad.yaml", "machines: []");
    let bad_faults = file("bad-faults.yaml", "rules: [{on: GetVolumes, fault: cut_body}]");
    let (bad_seed, bad_faults) = (bad_seed.to_str().unwrap(), bad_faults.to_str().unwrap());
    for (arguments, message) in [
        (&["--speed", "fast"][..], "this must be a number, 0 to 100000"),
        (&["--speed=-1"], "this must be a number, 0 to 100000"),
        (&["--retry-after", "never"], "possible values: seconds, date, absent"),
        (&["--rate", "0"], "this must be a number, 1 or more, or off"),
        (&["--burst", "0"], "0 is not in 1.."),
        (&["--host", "here", "--port", "0"], "invalid IP address syntax"),
        (&["--token", ""], "the token must be visible ASCII, without spaces"),
        (&["--seed", "nowhere.yaml"], "nowhere.yaml: No such file or directory"),
        (&["--seed", bad_seed], "machines: unknown field `machines`"),
        (&["--faults", bad_faults], "the document has no operation \"GetVolumes\""),
    ] {
        let output = run(arguments);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && told.contains(message), "{arguments:?}: {told}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}
