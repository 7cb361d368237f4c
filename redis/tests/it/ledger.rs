//! The ledger.

use std::time::{Duration, Instant};

use futures::future::join_all;
use genesiscloud::{Holder, Ledger, LedgerEntry, LedgerRecord, MemoryLedger, PlannedCreate, ResourceKind};
use genesiscloud_redis::RedisLedger;
use redis::Value;

use crate::server::Server;
use crate::store::Store;

const LONG_AGO: &str = "1000000";

async fn open(store: &Store) -> RedisLedger {
    RedisLedger::builder(&store.url, &store.account).unwrap().open().await.unwrap()
}

fn planned(key: &str, kind: ResourceKind) -> LedgerRecord {
    let planned: PlannedCreate = serde_json::from_value(serde_json::json!({
        "key": key,
        "kind": kind,
        "operation": "Create",
        "endpoint": "https://api.example/compute/v1",
        "name": format!("trainer \"{key}\"\n"),
        "region": null,
        "marker": {"field": "hostname", "value": format!("trainer-{key}")},
        "expires_at": null,
        "owner": "job-7",
        "planned_at": "2026-11-26T12:00:00Z",
    }))
    .unwrap();
    LedgerRecord::Planned(Box::new(planned))
}

pub(crate) fn instance(key: &str) -> LedgerRecord {
    planned(key, ResourceKind::Instance)
}

async fn holders(ledger: &RedisLedger) -> Vec<(String, Holder)> {
    ledger.entries().await.unwrap().into_iter().map(|entry| (entry.planned.key, entry.holder)).collect()
}

fn of(keys: &[&str], holder: Holder) -> Vec<(String, Holder)> {
    keys.iter().map(|key| ((*key).to_owned(), holder)).collect()
}

/// The sessions that are not fenced.
fn sessions(store: &Store) -> Vec<String> {
    let fields: Vec<String> = store.send("HKEYS", "ledger", &[]);
    fields.iter().filter_map(|field| field.strip_prefix("session/")).map(str::to_owned).collect()
}

/// Lets all sessions time out, without a gap.
fn expire_all(store: &Store) {
    for session in sessions(store) {
        store.send::<()>("HSET", "ledger", &[&format!("session/{session}"), LONG_AGO, "since", LONG_AGO]);
    }
}

/// The records that a random number stands for, about a few keys and ids.
fn record(random: u64) -> LedgerRecord {
    let (key, id) = (format!("key-{}", random / 8 % 5), format!("id-{}-{}", random / 8 % 5, random / 64 % 3));
    let kind = if (random / 256).is_multiple_of(4) { ResourceKind::FloatingIp } else { ResourceKind::Instance };
    match random % 8 {
        0 | 1 => planned(&key, kind),
        2..=4 => LedgerRecord::Created { key, id },
        5 => LedgerRecord::DeletionAccepted { kind, id },
        6 => LedgerRecord::Gone { kind, id },
        _ => LedgerRecord::NotCreated { key },
    }
}

/// The entries; the order of ids that are being deleted means nothing.
async fn sorted(ledger: &impl Ledger) -> Vec<LedgerEntry> {
    let mut entries = ledger.entries().await.unwrap();
    entries.iter_mut().for_each(|entry| entry.deleting.sort());
    entries
}

#[tokio::test]
async fn it_holds_what_a_ledger_in_memory_holds() {
    let Some(store) = Store::start() else { return };
    let (ledger, memory) = (open(&store).await, MemoryLedger::new());
    // A linear congruential generator.
    let mut random: u64 = 7;
    let (mut open, mut several) = (0, 0);
    for _ in 0..500 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let record = record(random >> 33);
        ledger.append(record.clone()).await.unwrap();
        memory.append(record.clone()).await.unwrap();
        let expected = sorted(&memory).await;
        assert_eq!(sorted(&ledger).await, expected, "after {record:?}");
        open += expected.len();
        several += expected.iter().filter(|entry| entry.ids.len() > 1 && !entry.deleting.is_empty()).count();
    }
    assert!(open > 1_000 && several > 50, "{open} {several}");
    for number in 0..5 {
        ledger.append(LedgerRecord::NotCreated { key: format!("key-{number}") }).await.unwrap();
    }
    let left: Vec<String> = store.send("HKEYS", "ledger", &[]);
    assert_eq!(left.len(), 5, "closed entries leave nothing: {left:?}");
}

#[tokio::test]
async fn sessions_see_one_another_and_whether_they_have_ended() {
    let Some(store) = Store::start() else { return };
    let (one, other) = (open(&store).await, open(&store).await);
    one.append(instance("a")).await.unwrap();
    other.append(instance("b")).await.unwrap();
    let seen = [of(&["a"], Holder::ThisProcess), of(&["b"], Holder::RunningProcess)].concat();
    assert_eq!(holders(&one).await, seen);
    assert!(!one.claim("b").await.unwrap() && one.claim("a").await.unwrap() && !one.claim("c").await.unwrap());
    let clone = other.clone();
    drop(other);
    assert_eq!(holders(&one).await, seen);
    drop(clone);
    assert_eq!(holders(&one).await[1].1, Holder::EndedProcess);
    assert!(one.claim("b").await.unwrap());
    assert_eq!(holders(&one).await, of(&["a", "b"], Holder::ThisProcess));
}

#[tokio::test]
async fn of_many_that_claim_an_entry_one_succeeds() {
    let Some(store) = Store::start() else { return };
    open(&store).await.append(instance("a")).await.unwrap();
    let ledgers = join_all((0..8).map(|_| open(&store))).await;
    let claims = join_all(ledgers.iter().map(|ledger| ledger.claim("a"))).await;
    assert_eq!(claims.iter().filter(|claimed| *claimed.as_ref().unwrap()).count(), 1, "{claims:?}");
}

#[tokio::test]
async fn a_session_that_timed_out_is_fenced_once_its_entry_is_claimed() {
    let Some(store) = Store::start() else { return };
    let suspended = open(&store).await;
    suspended.append(instance("a")).await.unwrap();
    suspended.append(instance("b")).await.unwrap();
    expire_all(&store);
    // Before it is claimed, it comes back.
    suspended.append(instance("c")).await.unwrap();
    let other = open(&store).await;
    assert_eq!(holders(&other).await, of(&["a", "b", "c"], Holder::RunningProcess));

    expire_all(&store);
    other.append(instance("d")).await.unwrap();
    assert_eq!(holders(&other).await[..3], of(&["a", "b", "c"], Holder::EndedProcess));
    assert!(other.claim("b").await.unwrap());
    let records = [instance("e"), LedgerRecord::Created { key: "a".to_owned(), id: "1".to_owned() }];
    for record in records {
        let error = suspended.append(record).await.unwrap_err();
        assert!(error.kind() == std::io::ErrorKind::PermissionDenied, "{error}");
        assert!(error.to_string().contains("longer than its session timeout"), "{error}");
    }
    assert!(suspended.claim("a").await.is_err(), "nor can it take an entry back");
    assert!(other.claim("a").await.unwrap() && other.claim("c").await.unwrap());
}

#[tokio::test]
async fn after_an_outage_sessions_are_heard_before_one_counts_as_ended() {
    let Some(store) = Store::start() else { return };
    let running = open(&store).await;
    running.append(instance("a")).await.unwrap();
    let other = open(&store).await;
    expire_all(&store);
    store.send::<()>("HSET", "ledger", &["seen", LONG_AGO]);
    assert_eq!(holders(&other).await, of(&["a"], Holder::RunningProcess));
    assert!(!other.claim("a").await.unwrap());
}

#[tokio::test]
async fn one_that_opens_after_all_have_ended_waits_for_those_that_may_be_running() {
    let Some(store) = Store::start() else { return };
    let builder = || {
        let builder = RedisLedger::builder(&store.url, &store.account).unwrap();
        builder.session_timeout(Duration::from_secs(8)).timeout(Duration::from_secs(1))
    };
    let lost = builder().session_timeout(Duration::from_secs(4_000)).open().await.unwrap();
    lost.append(instance("a")).await.unwrap();
    expire_all(&store);
    store.send::<()>("HSET", "ledger", &["seen", LONG_AGO]);
    let start = Instant::now();
    let other = builder().open().await.unwrap();
    // A tenth of the session timeout, and two timeouts.
    assert!((2_800..20_000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
    assert_eq!(holders(&other).await, of(&["a"], Holder::EndedProcess));
    let start = Instant::now();
    builder().open().await.unwrap();
    assert!(start.elapsed() < Duration::from_millis(2_000), "{:?}", start.elapsed());
}

#[tokio::test]
async fn heartbeats_are_sent_while_the_program_does_nothing() {
    let Some(store) = Store::start() else { return };
    let builder = RedisLedger::builder(&store.url, &store.account).unwrap().session_timeout(Duration::from_secs(2));
    let ledger = builder.open().await.unwrap();
    let ends = || store.send::<u64>("HGET", "ledger", &[&format!("session/{}", sessions(&store)[0])]);
    let first = ends();
    let start = Instant::now();
    while ends() == first {
        assert!(start.elapsed() < Duration::from_secs(10), "there is no heartbeat");
        // Blocks the only thread of the program's runtime.
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(ledger);
    assert_eq!(sessions(&store).len(), 0);
}

#[tokio::test]
async fn sessions_that_hold_nothing_are_forgotten_after_a_day() {
    let Some(store) = Store::start() else { return };
    let (idle, holding) = (open(&store).await, open(&store).await);
    holding.append(instance("a")).await.unwrap();
    expire_all(&store);
    let _new = open(&store).await;
    assert_eq!(sessions(&store).len(), 2, "the new one, and the one that holds an entry");
    drop((idle, holding));
}

#[tokio::test]
async fn what_was_accepted_survives_a_kill_of_the_store() {
    let Some(server) = Server::start() else { return };
    let url = server.url();
    let ledger = RedisLedger::builder(&url, "durable").unwrap().open().await.unwrap();
    ledger.append(instance("a")).await.unwrap();
    let killed = server.kill();
    let error = ledger.append(instance("b")).await.unwrap_err().to_string();
    assert!(error.starts_with(r#"the ledger of "durable" in Redis: "#), "{error}");
    assert!(RedisLedger::builder(&url, "durable").unwrap().open().await.is_err());
    let _server = killed.restart();
    ledger.append(instance("c")).await.unwrap();
    assert_eq!(holders(&ledger).await, of(&["a", "c"], Holder::ThisProcess));
}

#[tokio::test]
async fn when_the_store_is_emptied_no_create_is_recorded() {
    let Some(store) = Store::start() else { return };
    let ledger = open(&store).await;
    ledger.append(instance("a")).await.unwrap();
    store.send::<()>("DEL", "ledger", &[]);
    let error = ledger.append(instance("b")).await.unwrap_err().to_string();
    assert!(error.contains("the store was emptied: open the ledger again"), "{error}");
    open(&store).await.append(instance("c")).await.unwrap();
}

#[tokio::test]
async fn a_ledger_of_another_version_is_left_as_it_is() {
    let Some(store) = Store::start() else { return };
    let ledger = open(&store).await;
    ledger.append(instance("a")).await.unwrap();
    store.send::<()>("HSET", "ledger", &["version", "2"]);
    let before: Value = store.send("HGETALL", "ledger", &[]);
    let builder = RedisLedger::builder(&store.url, &store.account).unwrap();
    let error = builder.open().await.unwrap_err().to_string();
    assert!(error.ends_with("it was written by another version of this crate"), "{error}");
    assert!(ledger.append(instance("b")).await.is_err());
    assert_eq!(store.send::<Value>("HGETALL", "ledger", &[]), before);
}

#[tokio::test]
async fn a_connection_that_the_store_has_closed_is_made_again() {
    let Some(server) = Server::start() else { return };
    let ledger = RedisLedger::builder(&server.url(), "closed").unwrap().open().await.unwrap();
    let mut connection = redis::Client::open(server.url()).unwrap().get_connection().unwrap();
    for key in ["a", "b"] {
        let killed: usize = redis::cmd("CLIENT").arg(&["KILL", "TYPE", "normal"]).query(&mut connection).unwrap();
        assert_eq!(killed, 1);
        ledger.append(instance(key)).await.unwrap();
    }
}
