//! The examples `metrics` and `audit_log`, run as programs.

use std::path::PathBuf;
use std::process::Command;

use genesiscloud::serde_json::{Value, json};

/// Runs an example without arguments and returns its output.
fn run(name: &str) -> String {
    // Cargo builds examples before it runs the tests of their package, one directory above the tests.
    let deps = std::env::current_exe().unwrap();
    let profile: PathBuf = deps.parent().and_then(|deps| deps.parent()).unwrap().into();
    let program = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let output = Command::new(program).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_example_metrics_prints_what_prometheus_reads() {
    let text = run("metrics");
    for line in [
        "# TYPE genesiscloud_calls counter",
        "genesiscloud_calls_in_flight 0",
        "genesiscloud_calls_total{operation=\"CreateVolume\",outcome=\"success\"} 5",
        "genesiscloud_calls_total{operation=\"GetVolume\",outcome=\"NotFound\"} 1",
        "genesiscloud_calls_total{operation=\"GetQuotas\",outcome=\"cancelled\"} 1",
        "genesiscloud_attempts_total{operation=\"GetVolume\",outcome=\"Server\"} 3",
        "genesiscloud_attempts_total{operation=\"GetVolume\",outcome=\"success\"} 5",
        "genesiscloud_call_duration_seconds_count{operation=\"GetVolume\"} 6",
        "# EOF",
    ] {
        assert!(text.lines().any(|printed| printed == line), "{line} is not in:\n{text}");
    }
}

#[test]
fn the_example_audit_log_has_a_line_for_each_change() {
    let text = run("audit_log");
    let lines: Vec<Value> = text.lines().map(|line| genesiscloud::serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| lines.iter().map(|line| line[name].clone()).collect::<Vec<_>>();
    let operations = ["CreateVolume", "UpdateVolume", "DeleteVolume", "DeleteVolume", "CreateVolume"];
    assert_eq!(of("operation"), operations.map(Value::from));
    let statuses = [json!(201), json!(200), json!(204), json!(404), json!(null)];
    assert_eq!(of("status"), statuses, "{text}");
    assert_eq!(of("is_certain"), [true, true, true, true, false].map(Value::from));
    let ids = of("resource_id");
    assert!(ids[0].is_string() && ids[0] == ids[1] && ids[1] == ids[2], "{text}");
    assert_eq!(ids[3..], [json!("no-such-volume"), json!(null)]);
}
