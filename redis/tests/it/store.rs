//! The server that most tests use: the one at `REDIS_URL`, or one of their own.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::server::Server;

/// A server for tests that do not kill it, and an account that no other test has.
pub(crate) struct Store {
    pub(crate) url: String,
    pub(crate) account: String,
    _own: Option<Server>,
}

impl Store {
    /// `None` if there is no server, which is said once.
    pub(crate) fn start() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let account = format!("test-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        if let Ok(url) = std::env::var("REDIS_URL") {
            return Some(Self { url, account, _own: None });
        }
        let own = Server::start()?;
        Some(Self { url: own.url(), account, _own: Some(own) })
    }

    /// Sends a command about a key of the account.
    pub(crate) fn send<T: redis::FromRedisValue>(&self, command: &str, key: &str, arguments: &[&str]) -> T {
        let mut connection = redis::Client::open(&*self.url).unwrap().get_connection().unwrap();
        let key = format!("genesiscloud:{{{}}}:{key}", self.account);
        redis::cmd(command).arg(key).arg(arguments).query(&mut connection).unwrap()
    }
}

impl Server {
    /// Sends a command.
    pub(crate) fn send<T: redis::FromRedisValue>(&self, command: &str, arguments: &[impl redis::ToRedisArgs]) -> T {
        let mut connection = redis::Client::open(self.url()).unwrap().get_connection().unwrap();
        redis::cmd(command).arg(arguments).query(&mut connection).unwrap()
    }
}

/// Removes what the test has left in a server that is not its own.
impl Drop for Store {
    fn drop(&mut self) {
        for key in ["rate", "ledger"] {
            self.send::<()>("DEL", key, &[]);
        }
    }
}
