//! Runs the program as a user does, and follows the examples of its README.

#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use genesiscloud_sandbox::FaultScript;
use serde_json::Value;

/// A running program. Dropping it kills the process.
struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    variables: Vec<(String, String)>,
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_genesiscloud-sandbox");

impl Program {
    fn start(arguments: &[&str]) -> Self {
        Self::start_unverified(&[arguments, &["--verify"]].concat())
    }

    fn start_unverified(arguments: &[&str]) -> Self {
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

    /// Returns what `curl` prints for a path. `arguments` are passed to `curl`.
    fn curl(&self, path: &str, arguments: &str) -> String {
        self.shell(&format!(
            "curl -sS {arguments} -H \"Authorization: Bearer $GENESISCLOUD_TOKEN\" \"$GENESISCLOUD_ENDPOINT{path}\""
        ))
    }

    /// Sends the signal of Ctrl-C. Returns whether the exit status was 0, and the log.
    fn interrupt(mut self) -> (bool, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "standard output has only the two lines");
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
fn with_verify_the_first_response_that_does_not_conform_ends_the_process() {
    let volume = r#"{"id": "v", "name": "old", "description": "", "type": "hdd", "size": 1, "region": "NORD-NO-KRS-1",
        "status": "available", "created_at": "2020-01-01T00:00:00Z", "instances": []}"#;
    let seed = file("old.json", &format!(r#"{{"volumes": [{volume}]}}"#));
    let seed = seed.to_str().unwrap();
    // Older accounts have such statuses, and clients must be able to read them.
    assert!(Program::start_unverified(&["--seed", seed]).curl("/volumes/v", "").contains("available"));
    let mut program = Program::start(&["--seed", seed]);
    assert!(program.curl("/volumes", "-X DELETE -d ignored").contains("02001"));
    program.shell("! curl -sS -H \"X-Auth-Token: $GENESISCLOUD_TOKEN\" \"$GENESISCLOUD_ENDPOINT/volumes/v\"");
    assert_eq!(program.child.wait().unwrap().code(), Some(1));
    let mut log = String::new();
    program.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let last = log.lines().last().unwrap();
    assert!(
        last.starts_with("GET /compute/v1/volumes/v and its response 200 OK do not conform to the document: \"volume."),
        "{log}"
    );
}

#[test]
fn requests_succeed_after_the_log_was_closed() {
    let mut program = Program::start(&[]);
    drop(program.child.stderr.take());
    for _ in 0..3 {
        assert!(program.curl("/quotas", "").contains("instances"));
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

/// Writes a file for this test run and returns its path.
fn file(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).unwrap();
    path
}

/// Returns the pairs of a block of commands and the block of JSON that they print.
fn examples(readme: &str) -> Vec<(String, Vec<Value>)> {
    let mut blocks = readme.split("```").skip(1).step_by(2).peekable();
    let mut examples = Vec::new();
    while let Some(block) = blocks.next() {
        let Some(commands) = block.strip_prefix("sh\n") else { continue };
        let expected = blocks.peek().and_then(|block| block.strip_prefix("json\n"));
        let expected = expected.unwrap_or_else(|| panic!("no output block follows:\n{commands}"));
        examples.push((commands.to_owned(), values(expected)));
    }
    examples
}

fn values(text: &str) -> Vec<Value> {
    serde_json::Deserializer::from_str(text).into_iter().map(|value| value.unwrap()).collect()
}

/// Returns whether the output contains everything that is expected. It may contain more.
fn contains(output: &Value, expected: &Value) -> bool {
    match (output, expected) {
        (Value::Object(output), Value::Object(expected)) => {
            expected.iter().all(|(name, expected)| output.get(name).is_some_and(|output| contains(output, expected)))
        }
        (Value::Array(output), Value::Array(expected)) => {
            output.len() == expected.len()
                && output.iter().zip(expected).all(|(output, expected)| contains(output, expected))
        }
        _ => output == expected,
    }
}

#[test]
fn the_examples_of_the_readme_print_the_output_it_shows() {
    let examples = examples(include_str!("../README.md"));
    assert_eq!(examples.len(), 4);
    let program = Program::start(&[]);
    for (commands, expected) in examples {
        let outputs = values(&program.shell(&commands));
        assert_eq!(outputs.len(), expected.len(), "{commands}");
        for (output, expected) in outputs.iter().zip(&expected) {
            assert!(contains(output, expected), "{commands}{output}\ndoes not contain\n{expected}");
        }
    }
    let (success, log) = program.interrupt();
    assert!(success);
    let lines = log.lines().collect::<Vec<_>>();
    assert_eq!(lines[0], "Serving until Ctrl-C. All resources are simulated and free of charge.");
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
fn the_readme_documents_every_flag_of_the_program() {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    let table = include_str!("../README.md").lines().filter(|line| line.starts_with("| `--"));
    let documented =
        table.flat_map(|line| line.split('|').nth(1).unwrap().split('`')).filter(|part| part.starts_with("--"));
    let mut documented = documented.map(|flag| flag.split(' ').next().unwrap()).collect::<Vec<_>>();
    documented.dedup();
    documented.iter().for_each(|flag| assert!(help.contains(flag), "{flag}"));
    let flags = help.split_whitespace().filter(|word| word.starts_with("--")).map(|it| it.trim_end_matches([',', '.']));
    for flag in flags.filter(|flag| !["--help", "--version"].contains(flag)) {
        assert!(documented.contains(&flag), "{flag} is not documented");
    }
}

#[test]
fn the_account_and_the_faults_are_read_from_files() {
    let seed = file("seed.yaml", "ssh_keys: []\nquotas: []\nvolumes: []\naccount_status: read_only\n");
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
fn a_printed_seed_can_be_changed_and_used() {
    let printed = String::from_utf8(run(&["--print-seed"]).stdout).unwrap();
    let seed = file("printed.json", &printed.replace("trainer-001", "changed-001"));
    let program = Program::start(&["--seed", seed.to_str().unwrap()]);
    assert!(program.curl("/instances?per_page=1", "").contains("changed-001"));
    let empty: Value = serde_json::from_slice(&run(&["--print-seed", "--empty"]).stdout).unwrap();
    assert_eq!((&empty["instances"], &empty["account_status"]), (&Value::Array(vec![]), &"active".into()));
}

#[test]
fn the_readme_documents_every_fault() {
    let readme = include_str!("../README.md");
    let example = readme.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    example.parse::<FaultScript>().unwrap();
    let table = readme.split("| fault | what happens |").nth(1).unwrap().split("\n\n").next().unwrap();
    let documented = table.lines().skip(2).flat_map(|row| row.split('|').nth(1).unwrap().split("`, `"));
    let documented = documented.map(|fault| fault.trim_matches([' ', '`'])).collect::<Vec<_>>();
    for fault in &documented {
        let fault = if fault.contains(':') { format!("{{ {fault} }}") } else { (*fault).to_owned() };
        format!("rules: [{{ on: '*', fault: {fault} }}]").parse::<FaultScript>().unwrap();
    }
    let error = "rules: [{ on: '*', fault: none }]".parse::<FaultScript>().unwrap_err().to_string();
    let known = error.split("expected one of ").nth(1).unwrap().split(", ").map(|name| name.trim_matches('`'));
    let documented = documented.iter().map(|fault| fault.split(':').next().unwrap()).collect::<Vec<_>>();
    known.for_each(|fault| assert!(documented.contains(&fault), "{fault} is not documented"));
}

#[test]
fn the_printed_token_is_quoted_for_the_shell() {
    let program = Program::start(&["--token", "it's;$(touch)"]);
    assert_eq!(program.variables[1].1, r"'it'\''s;$(touch)'");
    let script =
        format!("export T={}; curl -sS -H \"X-Auth-Token: $T\" $GENESISCLOUD_ENDPOINT/quotas", program.variables[1].1);
    assert!(program.shell(&script).contains("instances"));
}

#[test]
fn flags_set_the_token_the_rate_the_speed_and_the_log() {
    let program =
        Program::start(&["--empty", "--token", "mine", "--rate", "1", "--burst", "2", "--retry-after", "absent"]);
    assert_eq!(program.variables[1].1, "mine");
    // One command sends all, so that they arrive within a second even on a slow computer.
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
fn flags_set_how_the_sandbox_deviates_from_the_document() {
    let program = Program::start(&[
        "--page-quirks",
        "{ cap: 25, total_count: absent }",
        "--date-header",
        "{ offset: -86400 }",
        "--stale-reads",
        "600",
        "--allow-host",
        "sandbox.test",
    ]);
    let page: Value = serde_json::from_str(&program.curl("/volumes?per_page=100", "")).unwrap();
    assert_eq!((&page["per_page"], &page["total_count"]), (&25.into(), &Value::Null));
    let volume = r#"-H 'content-type: application/json' -d '{"name":"d","region":"NORD-NO-KRS-1","size":1}'"#;
    let created: Value = serde_json::from_str(&program.curl("/volumes", volume)).unwrap();
    let path = format!("/volumes/{}", created["volume"]["id"].as_str().unwrap());
    assert!(program.curl(&path, "").contains("02021"), "not found yet");
    let day = &created["volume"]["created_at"].as_str().unwrap()[8..10];
    let head = program.curl("/quotas", "-o /dev/null -D -");
    let date = head.lines().find_map(|line| line.strip_prefix("date: ")).unwrap();
    // Such as "Sat, 31 May 2025 22:00:00 GMT".
    assert_ne!(&date[5..7], day, "{date} is a day behind");
    for (host, code) in [("sandbox.test", "200"), ("evil.example", "421")] {
        let status = program.curl("/quotas", &format!("-o /dev/null -w '%{{http_code}}' -H 'host: {host}'"));
        assert_eq!(status, code, "{host}");
    }
}

#[test]
fn invalid_flags_and_files_are_reported_on_standard_error() {
    let bad_seed = file("bad.yaml", "servers: []");
    let bad_faults = file("bad-faults.yaml", "rules: [{on: GetVolumes, fault: cut_body}]");
    let (bad_seed, bad_faults) = (bad_seed.to_str().unwrap(), bad_faults.to_str().unwrap());
    for (arguments, message) in [
        (&["--speed", "fast"][..], "must be a number between 0 and 100000"),
        (&["--speed=-1"], "must be a number between 0 and 100000"),
        (&["--retry-after", "never"], "possible values: seconds, date, absent"),
        (&["--rate", "0"], "must be a number of at least 1, or off"),
        (&["--burst", "0"], "0 is not in 1.."),
        (&["--host", "here", "--port", "0"], "invalid IP address syntax"),
        (&["--token", ""], "the token must be visible ASCII, without spaces"),
        (&["--page-quirks", "{ cap: 0 }"], "cap must be 1 or more"),
        (&["--page-quirks", "{ caps: 1 }"], "unknown field `caps`"),
        (&["--date-header", "never"], "unknown variant `never`"),
        (&["--stale-reads=-1"], "invalid value"),
        (&["--seed", "nowhere.yaml"], "nowhere.yaml: No such file or directory"),
        (&["--seed", bad_seed], "servers: unknown field `servers`"),
        (&["--faults", bad_faults], "the document has no operation \"GetVolumes\""),
    ] {
        let output = run(arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(message), "{arguments:?}: {error}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}
