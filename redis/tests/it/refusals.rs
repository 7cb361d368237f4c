//! Stores that respond, and refuse: a user without rights, a replica, a store whose memory is full.

use std::time::{Duration, Instant};

use genesiscloud::{Ledger, LedgerRecord, Limiter, Rate, ResourceKind};
use genesiscloud_redis::{RedisLedger, RedisLimiter};

use crate::events;
use crate::ledger::instance;
use crate::server::{Server, free_port};

/// The line of the documentation that makes a user, for the account `training`.
fn documented() -> &'static str {
    let mut lines = include_str!("../../README.md").lines();
    lines.find(|line| line.starts_with("ACL SETUSER ")).expect("a line for a user")
}

fn created() -> LedgerRecord {
    LedgerRecord::Created { key: "a".to_owned(), id: "1".to_owned() }
}

/// All commands of the ledger's script.
async fn use_ledger(url: &str, account: &str) -> std::io::Result<()> {
    let ledger = RedisLedger::builder(url, account)?.open().await?;
    ledger.append(instance("a")).await?;
    ledger.append(created()).await?;
    ledger.append(LedgerRecord::Gone { kind: ResourceKind::Instance, id: "1".to_owned() }).await?;
    ledger.entries().await.map(drop)
}

/// The events of a limiter that gives a permit: those that say that the store is away.
async fn use_limiter(url: &str, account: &str) -> Vec<String> {
    let of = || events::of(&format!("account={account:?}"));
    let before = of().len();
    let builder = RedisLimiter::builder(url, account).unwrap().share(Rate::per_second(1_000));
    builder.build().unwrap().acquire().await;
    of().split_off(before).into_iter().filter(|line| line.contains("is away")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_rights_are_enough_and_each_of_them_is_needed() {
    let Some(server) = Server::start() else { return };
    if server.send::<String>("INFO", &["server"]).contains("redis_version:5.") {
        return; // Users with rights begin with Redis 6.
    }
    events::watch();
    let line = documented().replace("PASSWORD", "s3cret");
    let words: Vec<&str> = line.split(' ').collect();
    let url = server.url().replace("://", "://genesiscloud:s3cret@");
    let rights = words.iter().filter(|word| word.starts_with(['+', '~']));
    for left_out in rights.map(Some).chain([None]) {
        let left: Vec<&str> = words[1..].iter().filter(|word| Some(*word) != left_out).copied().collect();
        server.send::<()>("ACL", &left);
        for (command, arguments) in [("FLUSHALL", &[][..]), ("SCRIPT", &["FLUSH"][..])] {
            server.send::<()>(command, arguments);
        }
        let (ledger, limiter) = (use_ledger(&url, "training").await, use_limiter(&url, "training").await);
        let works = ledger.is_ok() && limiter.is_empty();
        assert_eq!(works, left_out.is_none(), "without {left_out:?}: {ledger:?}, {limiter:?}");
        let shown = format!("{ledger:?} {limiter:?}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }
    assert!(use_ledger(&url, "other").await.is_err(), "the key of another account");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_not_accepted_is_not_shown() {
    let Some(server) = Server::start() else { return };
    events::watch();
    let mut open = redis::Client::open(server.url()).unwrap().get_connection().unwrap();
    redis::cmd("CONFIG").arg(&["SET", "requirepass", "right"]).query::<()>(&mut open).unwrap();
    let url = |user: &str| server.url().replace("://", &format!("://{user}"));
    use_ledger(&url(":right@"), "password").await.unwrap();
    for user in ["", ":s3cret@", "user:s3cret@"] {
        for suffix in ["", "?protocol=resp3"] {
            let url = url(user) + suffix;
            let error = use_ledger(&url, "password").await.unwrap_err();
            let away = use_limiter(&url, "password").await;
            assert_eq!(away.len(), 1, "{away:?}");
            let shown = format!("{error} {error:?} {away:?}");
            // The third version of the protocol begins with a command that needs the password.
            let is_open = user.is_empty() && suffix.is_empty();
            let reason = if is_open { "NOAUTH" } else { "the store refuses the connection" };
            assert!(shown.contains(reason) && !shown.contains("s3cret"), "{shown}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_whose_memory_is_full_takes_no_record() {
    let Some(server) = Server::start() else { return };
    events::watch();
    let limit = |bytes: &str| server.send::<()>("CONFIG", &["SET", "maxmemory", bytes]);
    let ledger = RedisLedger::builder(&server.url(), "full").unwrap().open().await.unwrap();
    ledger.append(instance("a")).await.unwrap();
    limit("1");
    // Also of those that would free some.
    for record in [instance("b"), LedgerRecord::NotCreated { key: "a".to_owned() }] {
        let error = ledger.append(record).await.unwrap_err().to_string();
        assert!(error.contains("OOM"), "{error}");
    }
    let away = use_limiter(&server.url(), "full").await;
    assert!(away.len() == 1 && away[0].contains("OOM"), "{away:?}");
    limit("0");
    ledger.append(instance("c")).await.unwrap();
    let keys: Vec<_> = ledger.entries().await.unwrap().into_iter().map(|entry| entry.planned.key).collect();
    assert_eq!(keys, ["a", "c"]);
    assert_eq!(use_limiter(&server.url(), "full").await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_refuses_until_it_is_promoted_and_then_has_the_ledger() {
    let Some(primary) = Server::start() else { return };
    let replica = Server::start_at(free_port(), &["--replicaof", "127.0.0.1", &primary.port.to_string()]).unwrap();
    events::watch();
    let ledger = RedisLedger::builder(&primary.url(), "replicated").unwrap().open().await.unwrap();
    ledger.append(instance("a")).await.unwrap();
    let start = Instant::now();
    while replica.send::<usize>("EXISTS", &["genesiscloud:{replicated}:ledger"]) == 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "the ledger is not replicated");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let error = RedisLedger::builder(&replica.url(), "replicated").unwrap().open().await.unwrap_err().to_string();
    assert!(error.contains("read only replica"), "{error}");
    let away = use_limiter(&replica.url(), "replicated").await;
    assert!(away.len() == 1 && away[0].contains("read only replica"), "{away:?}");

    replica.send::<()>("REPLICAOF", &["NO", "ONE"]);
    let promoted = RedisLedger::builder(&replica.url(), "replicated").unwrap().open().await.unwrap();
    assert_eq!(promoted.entries().await.unwrap().len(), 1);
}
