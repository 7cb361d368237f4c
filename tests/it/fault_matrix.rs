//! The fault matrix: every fault of the sandbox against every kind of call, with the number of requests, what exists afterwards
//! and the outcome. Writes `wrapper/FAULTS.md`, to which the README of the crate refers.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use futures::TryStreamExt;
use genesiscloud::{Client, CreateInstance, Instance, UpdateVolume};
use genesiscloud_sandbox::{Data, FaultScript, Sandbox};
use genesiscloud_tests::sandbox::{KRS, SMALL, instance, stepped, volume};
use genesiscloud_tests::time::Time;

/// In the form of a fault script: every fault of the sandbox, and every form of a status.
const FAULTS: [&str; 57] = [
    "status: { code: 400 }",
    "status: { code: 401 }",
    "status: { code: 408 }",
    "status: { code: 429 }",
    "status: { code: 429, retry_after: '3' }",
    "status: { code: 500 }",
    "status: { code: 500, processed: true }",
    "status: { code: 500, body: cut }",
    "status: { code: 502, body: html }",
    "status: { code: 503, body: empty, retry_after: '3' }",
    "status: { code: 504, body: html, processed: true }",
    "status: { code: 302, body: html }",
    "error_code: '02013'",
    "intermediary: { page: maintenance_503 }",
    "intermediary: { page: maintenance_200 }",
    "intermediary: { page: maintenance_200, processed: true }",
    "intermediary: { page: login_200 }",
    "intermediary: { page: captive_portal_302 }",
    "intermediary: { page: firewall_403 }",
    "intermediary: { page: firewall_403, processed: true }",
    "intermediary: { page: firewall_418 }",
    "intermediary: { page: proxy_401_html }",
    "intermediary: { page: proxy_404_json }",
    "intermediary: { page: proxy_200_json }",
    "intermediary: { page: see_other_303, processed: true }",
    "intermediary: { page: gateway_522 }",
    "intermediary: { page: gateway_522, processed: true }",
    "delay: 20",
    "delay: 3600",
    "slow_body: 20",
    "reset_before_request",
    "reset_after_processing",
    "reset_in_body",
    "cut_body",
    "wrong_content_type",
    "unknown_enum_value",
    "unknown_field",
    "missing_optional_field",
    "date_header: { offset: -7200 }",
    "date_header: absent",
    "integer_as_float",
    "integer_as_text",
    "size_in_bytes",
    "null_list",
    "null_optional_field",
    "empty_optional_field",
    "time_without_zone",
    "undecodable_item",
    "page_quirks: { cap: 25 }",
    "page_quirks: { cap: 25, hides_cap: true }",
    "page_quirks: { page_echo: absent }",
    "page_quirks: { past_end: 404 }",
    "page_quirks: { total_count: absent }",
    "item_deleted",
    "item_added",
    "stale_reads: 5",
    "ends_in_error",
];
/// Faults that affect instances only.
const OF_INSTANCES: [&str; 2] = ["ends_in_pending_payment", "late_address: 20"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Get,
    List,
    Create,
    Update,
    Attach,
    Delete,
    Wait,
}

const KINDS: [Kind; 7] = [Kind::Get, Kind::List, Kind::Create, Kind::Update, Kind::Attach, Kind::Delete, Kind::Wait];

/// The result of a call.
struct Cell {
    requests: usize,
    existing: usize,
    outcome: String,
}

/// The default deadline of a call.
const DEADLINE: Duration = Duration::from_secs(300);
const MINUTE: Duration = Duration::from_secs(60);
const TOLERANCE: Duration = Duration::from_millis(50);

async fn cell(kind: Kind, fault: &str, times: &str, deadline: Duration) -> Cell {
    let sandbox = stepped(Data::realistic()).await;
    let time = Time::of(&sandbox);
    let client = time.builder(&sandbox).deadline(deadline).build().unwrap();
    let fault_in_yaml = if fault.contains(':') { format!("{{ {fault} }}") } else { fault.to_owned() };
    let script: FaultScript =
        format!("rules: [{{ on: '*', fault: {fault_in_yaml}, times: {times} }}]").parse().unwrap();
    let affects_the_create = ["ends_in", "late_address", "stale_reads"].iter().any(|name| fault.starts_with(name));
    // The instance to wait for is created before the fault is added, unless the fault affects its create.
    let created = match kind {
        Kind::Wait if !affects_the_create => {
            Some(time.run(client.instances().create(new_instance(&sandbox))).await.unwrap())
        }
        _ => None,
    };
    let before = sandbox.recorded_requests().len();
    sandbox.faults().add_script(script).unwrap();
    let (started, outcome) = (time.passed(), time.run(call(kind, &client, deadline, &sandbox, created)).await);
    let took = time.passed() - started;
    // A wait ends after a minute, and its last poll may take as long as one attempt; a list has a deadline for each page.
    let limit = match kind {
        Kind::List => Duration::MAX,
        Kind::Wait if affects_the_create => deadline + 2 * MINUTE + TOLERANCE,
        Kind::Wait => 2 * MINUTE + TOLERANCE,
        _ => deadline + TOLERANCE,
    };
    assert!(took <= limit, "{kind:?} took {took:?} with {fault}");
    sandbox.faults().clear();
    Cell {
        requests: sandbox.recorded_requests().len() - before,
        existing: existing(kind, &sandbox, &outcome),
        outcome: outcome.text,
    }
}

struct Outcome {
    text: String,
    /// Items yielded by a list, each counted once.
    items: usize,
}

fn new_instance(sandbox: &Sandbox) -> CreateInstance {
    CreateInstance::new("new", SMALL, "ubuntu-24.04", KRS).ssh_keys([&sandbox.data().ssh_keys[0].id])
}

async fn call(
    kind: Kind,
    client: &Client,
    deadline: Duration,
    sandbox: &Sandbox,
    created: Option<Instance>,
) -> Outcome {
    let mut items = BTreeSet::new();
    let result = match kind {
        Kind::Get => client.volumes().get(volume(1)).await.map(|_| "ok".to_owned()),
        Kind::List => {
            // One page after the other, so that a fault affects the same page every time.
            let mut list = client.volumes().list().prefetch(1);
            loop {
                match list.try_next().await {
                    Ok(Some(volume)) => items.insert(volume.id),
                    Ok(None) => break Ok("ok".to_owned()),
                    Err(error) => break Err(error),
                };
            }
        }
        Kind::Create => client.instances().create(new_instance(sandbox)).await.map(|_| "ok".to_owned()),
        Kind::Update => {
            client.volumes().update(volume(1), UpdateVolume::new().name("new")).await.map(|_| "ok".to_owned())
        }
        Kind::Attach => client.instances().attach_volume(instance(1), volume(119)).await.map(|_| "ok".to_owned()),
        Kind::Delete => client.volumes().delete(volume(119)).await.map(|()| "ok".to_owned()),
        Kind::Wait => wait(client, sandbox, created).await,
    };
    if let Err(error) = &result {
        assert!(error.elapsed() <= deadline + TOLERANCE, "{error}");
        assert_eq!(error.is_ambiguous(), error.unconfirmed().is_some());
    }
    let text = result.unwrap_or_else(|error| format!("{:?}", error.kind()));
    Outcome { text, items: items.len() }
}

/// Waits for an instance, for a minute at most.
async fn wait(client: &Client, sandbox: &Sandbox, created: Option<Instance>) -> genesiscloud::Result<String> {
    let id = match created {
        Some(instance) => instance.id,
        None => client.instances().create(new_instance(sandbox)).await?.id,
    };
    match client.instances().wait(&id).within(MINUTE).await {
        Ok(vm) => Ok(vm.status.to_string()),
        Err(error) => Ok(format!("{:?}", error.kind())),
    }
}

/// Returns how many of the resources that the call affects exist.
fn existing(kind: Kind, sandbox: &Sandbox, outcome: &Outcome) -> usize {
    let data = sandbox.data();
    match kind {
        Kind::Get => data.volumes.iter().filter(|it| it.id == volume(1)).count(),
        Kind::List => outcome.items,
        Kind::Create | Kind::Wait => data.instances.iter().filter(|it| it.name == "new").count(),
        Kind::Update => data.volumes.iter().filter(|it| it.name == "new").count(),
        Kind::Attach => data.instances.iter().flat_map(|it| &it.volumes).filter(|it| it.id == volume(119)).count(),
        Kind::Delete => data.volumes.iter().filter(|it| it.id == volume(119) && it.status != "deleting").count(),
    }
}

/// Asserts what must hold for every cell, independently of the documented matrix.
fn check(kind: Kind, fault: &str, cell: &Cell) {
    let Cell { requests, existing, outcome } = cell;
    let details = || format!("{kind:?} with {fault}: {requests} requests, {existing} existing, {outcome}");
    let is_ok = outcome == "ok";
    let is_rejected = ["Connect", "BadRequest", "Throttled", "Unauthenticated"].contains(&outcome.as_str());
    match kind {
        Kind::Create => {
            assert!(*existing <= 1, "duplicated: {}", details());
            assert!(!is_ok || *existing == 1, "reported as created but missing: {}", details());
            let reports_none = !is_ok && outcome != "Ambiguous";
            assert!(!reports_none || *existing == 0, "exists but is not reported: {}", details());
        }
        Kind::List if fault == "item_added" => assert!(!is_ok || *existing >= 120, "lost items: {}", details()),
        Kind::List => assert!(!is_ok || *existing == 120, "lost items: {}", details()),
        Kind::Update | Kind::Attach => {
            assert!(!is_ok || *existing == 1, "reported as done but not done: {}", details());
            assert!(!is_rejected || *existing == 0, "reported as rejected but done: {}", details());
        }
        Kind::Delete => {
            assert!(!is_ok || *existing == 0, "reported as deleted but still exists: {}", details());
            assert!(!is_rejected || *existing == 1, "reported as rejected but done: {}", details());
        }
        Kind::Get | Kind::Wait => assert_eq!(*existing, 1, "{}", details()),
    }
}

async fn table(times: &str) -> String {
    let mut table = String::from("| fault | get | list | create | update | attach | delete | wait |\n");
    table.push_str("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for fault in FAULTS.into_iter().chain(OF_INSTANCES) {
        write!(table, "| `{fault}` |").unwrap();
        for kind in KINDS {
            let cell = cell(kind, fault, times, DEADLINE).await;
            check(kind, fault, &cell);
            write!(table, " {} · {} · {} |", cell.requests, cell.existing, cell.outcome).unwrap();
        }
        table.push('\n');
    }
    table
}

const INTRODUCTION: &str = "\
Every fault of the sandbox, against every kind of call of a client with default settings. A cell shows the number of
requests sent, the number of resources that exist afterwards, and the outcome of the call: `ok`, or the kind of its error.
This file is written by `tests/it/fault_matrix.rs`.

The resources counted are, for *get*, the volume; for *list*, the items yielded, of 120; for *create*, the instances
created; for *update*, the volumes with the new name; for *attach*, the attachments of the volume; for *delete*, the
volumes left; for *wait*, the instance. *wait* waits at most a minute for a new instance to be `active`; its outcome is
`active` or the kind of its `WaitError`.
";

#[tokio::test]
async fn the_fault_matrix_is_as_documented() {
    let once = table("1").await;
    let always = table("always").await;
    let text = format!("# Faults\n\n{INTRODUCTION}\n## Once\n\n{once}\n## Every time\n\n{always}");
    // At run time: checkouts that share a target directory can run the same program.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let path = Path::new(&package).join("../wrapper/FAULTS.md");
    if std::env::var_os("GENESISCLOUD_WRITE_TABLES").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let documented = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        documented == text,
        "wrapper/FAULTS.md is outdated; GENESISCLOUD_WRITE_TABLES=1 cargo test --test it fault_matrix:: updates it"
    );
}

/// One deadline is shorter than all attempts of a call can take, the other is shorter than one attempt.
#[tokio::test]
async fn no_call_exceeds_its_deadline() {
    for deadline in [Duration::from_secs(90), Duration::from_secs(7)] {
        for fault in FAULTS {
            for kind in KINDS {
                check(kind, fault, &cell(kind, fault, "always", deadline).await);
            }
        }
    }
}

#[test]
fn every_fault_of_the_sandbox_is_in_the_matrix() {
    let readme = include_str!("../../sandbox/README.md");
    let (_, rows) = readme.split_once("| fault | what happens |").unwrap();
    let rows: Vec<_> = rows.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
    let names: BTreeSet<_> = rows
        .iter()
        .flat_map(|row| row.split('|').nth(1).unwrap().split(',').filter(|name| name.contains('`')))
        .map(|name| name.trim().trim_matches('`').split(':').next().unwrap())
        .collect();
    let covered: BTreeSet<_> =
        FAULTS.into_iter().chain(OF_INSTANCES).map(|fault| fault.split(':').next().unwrap()).collect();
    assert_eq!(names, covered);
    assert_eq!(names.len(), 29);
}
