//! The example `quickstart`, run as a newcomer would.

use std::path::PathBuf;
use std::process::{Command, Output};

use genesiscloud_sandbox::{Data, Sandbox};

/// Runs the example with these variables, and without those of the test's environment.
fn quickstart(variables: &[(&str, &str)]) -> (Output, String) {
    let output = Command::new(program())
        .env_remove("GENESISCLOUD_TOKEN")
        .env_remove("GENESISCLOUD_TOKEN_FILE")
        .env_remove("GENESISCLOUD_ENDPOINT")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    (output, text)
}

/// Cargo builds examples before it runs the tests of their package, one directory above the tests.
fn program() -> PathBuf {
    let deps = std::env::current_exe().unwrap();
    let profile = deps.parent().and_then(|deps| deps.parent()).unwrap();
    profile.join("examples").join(format!("quickstart{}", std::env::consts::EXE_SUFFIX))
}

#[test]
fn without_a_token_the_example_uses_a_sandbox() {
    let (output, text) = quickstart(&[]);
    assert!(output.status.success(), "{output:?}");
    for part in [
        "starts a sandbox",
        "│ trainer-001   ┆ vcpu-4_memory-12g_disk-80g_nvidia3080-1 ┆ NORD-NO-KRS-1 ┆ active",
        "… and 240 more: 250 instances.",
        "trainer-001 runs Ubuntu 24.04 in NORD-NO-KRS-1.",
        "GetVolume: not found (404, code 02021): volume not found",
        "GET /compute/v1/instances?page=5",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_the_example_reads_the_account() {
    let sandbox = Sandbox::start().await;
    sandbox.seed(Data::new().with_instances(3));
    let endpoint = sandbox.endpoint();
    let (output, text) = quickstart(&[("GENESISCLOUD_TOKEN", sandbox.token()), ("GENESISCLOUD_ENDPOINT", &endpoint)]);
    assert!(output.status.success(), "{output:?}");
    assert!(text.contains("3 instances.") && !text.contains("starts a sandbox"), "{text}");
    assert_eq!(sandbox.recorded_requests().len(), 3);

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, format!("{}\n", sandbox.token())).unwrap();
    let path = file.path().to_str().unwrap();
    let (output, text) = quickstart(&[("GENESISCLOUD_TOKEN_FILE", path), ("GENESISCLOUD_ENDPOINT", &endpoint)]);
    assert!(output.status.success() && text.contains("3 instances."), "{output:?}");
}

#[test]
fn an_empty_token_or_endpoint_is_one_line_of_error() {
    for (variables, line) in [
        (&[("GENESISCLOUD_TOKEN", "")][..], "the client cannot be built: GENESISCLOUD_TOKEN is set but empty\n"),
        (
            &[("GENESISCLOUD_TOKEN", "a-token"), ("GENESISCLOUD_ENDPOINT", "")],
            "the client cannot be built: GENESISCLOUD_ENDPOINT is set but empty\n",
        ),
    ] {
        let (output, _) = quickstart(variables);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), line);
    }
}
