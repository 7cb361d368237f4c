//! A cluster of two nodes.

use std::iter;
use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use genesiscloud::{Ledger, Limiter};
use genesiscloud_redis::{RedisLedger, RedisLimiter};

use crate::events;
use crate::server::{Server, free_port};

/// The number of slots of a cluster.
const SLOTS: u16 = 16_384;

/// A node. Others find it at its port plus 10,000; an option for that begins with Redis 7.
fn node() -> Option<Server> {
    let has_bus =
        |port: &u16| port.checked_add(10_000).is_some_and(|bus| TcpListener::bind((Ipv4Addr::LOCALHOST, bus)).is_ok());
    Server::start_at(iter::repeat_with(free_port).find(has_bus)?, &["--cluster-enabled", "yes"])
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// Gives half of the slots to each of two nodes, and waits until both know.
fn connect(one: &Server, other: &Server) {
    for (node, slots) in [(one, 0..SLOTS / 2), (other, SLOTS / 2..SLOTS)] {
        let slots = slots.map(|slot| slot.to_string());
        node.send::<()>("CLUSTER", &[words("ADDSLOTS"), slots.collect()].concat());
    }
    one.send::<()>("CLUSTER", &words(&format!("MEET 127.0.0.1 {}", other.port)));
    let start = Instant::now();
    while ![one, other].iter().all(|node| node.send::<String>("CLUSTER", &words("INFO")).contains("cluster_state:ok")) {
        assert!(start.elapsed() < Duration::from_secs(60), "the cluster is not ready");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn the_node_that_has_the_keys_is_found_from_any_other() {
    let (Some(one), Some(other)) = (node(), node()) else { return };
    connect(&one, &other);
    events::watch();
    // The slots of the names are 15,495 and 3,300.
    for account in ["a", "b"] {
        for url in [one.url(), other.url()] {
            let limiter = RedisLimiter::builder(&url, account).unwrap().build().unwrap();
            limiter.acquire().await;
            let ledger = RedisLedger::builder(&url, account).unwrap().open().await.unwrap();
            assert!(ledger.entries().await.unwrap().is_empty());
        }
        assert!(!events::of(&format!("account={account:?}")).iter().any(|line| line.contains("is away")));
    }
    let keys = [&one, &other].map(|node| node.send::<usize>("DBSIZE", &[] as &[&str]));
    assert_eq!(keys, [2, 2], "each node has the keys of one account");
}
