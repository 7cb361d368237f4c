//! A cluster of two nodes.

use std::time::{Duration, Instant};

use genesiscloud::{Ledger, Limiter};
use genesiscloud_redis::{RedisLedger, RedisLimiter};

use crate::events;
use crate::server::{Server, free_port};

/// The number of slots of a cluster.
const SLOTS: u16 = 16_384;

/// A node, and the port at which others find it.
fn node() -> Option<(Server, u16)> {
    let bus = free_port();
    let server = Server::start_with(&["--cluster-enabled", "yes", "--cluster-port", &bus.to_string()])?;
    Some((server, bus))
}

fn send<T: redis::FromRedisValue>(node: &Server, command: &str, arguments: &[String]) -> T {
    let mut connection = redis::Client::open(node.url()).unwrap().get_connection().unwrap();
    redis::cmd(command).arg(arguments).query(&mut connection).unwrap()
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// Gives half of the slots to each of two nodes, and waits until both know.
fn connect(one: &Server, other: &Server, bus: u16) {
    for (node, slots) in [(one, 0..SLOTS / 2), (other, SLOTS / 2..SLOTS)] {
        let slots = slots.map(|slot| slot.to_string());
        send::<()>(node, "CLUSTER", &[words("ADDSLOTS"), slots.collect()].concat());
    }
    let address = other.url().replace("redis://", "").replace(['/', ':'], " ");
    send::<()>(one, "CLUSTER", &words(&format!("MEET {address}{bus}")));
    let start = Instant::now();
    while ![one, other].iter().all(|node| send::<String>(node, "CLUSTER", &words("INFO")).contains("cluster_state:ok"))
    {
        assert!(start.elapsed() < Duration::from_secs(60), "the cluster is not ready");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn the_node_that_has_the_keys_is_found_from_any_other() {
    let (Some((one, _)), Some((other, bus))) = (node(), node()) else { return };
    connect(&one, &other, bus);
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
    let keys = [&one, &other].map(|node| send::<usize>(node, "DBSIZE", &[]));
    assert_eq!(keys, [2, 2], "each node has the keys of one account");
}
