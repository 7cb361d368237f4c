//! The store: a server of Redis or Valkey that runs a script on one key. It is connected to when needed, and again after
//! errors.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{Either, select};
use genesiscloud::{Clock, SystemClock};
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ErrorKind, FromRedisValue, RedisError, RedisResult, Script,
    ToRedisArgs,
};

/// How to reach a store: what the limiter and the ledger have in common.
#[derive(Clone)]
pub(crate) struct Access {
    client: Client,
    pub(crate) account: String,
    pub(crate) timeout: Duration,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Access {
    /// Checks the URL, without connecting, and the name of the account.
    pub(crate) fn new(url: &str, account: &str) -> io::Result<Self> {
        let invalid = |reason: &str| io::Error::new(io::ErrorKind::InvalidInput, reason);
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if account.is_empty() || !account.bytes().all(is_name) {
            return Err(invalid("the name of the account must be letters, digits, `-`, `_` and `.`"));
        }
        let is_tls = url.starts_with("rediss:") || url.starts_with("valkeys:");
        let reason = if is_tls && !cfg!(any(feature = "rustls", feature = "native-tls")) {
            "TLS needs the feature `rustls` or `native-tls` of genesiscloud-redis"
        } else {
            "the URL is not one of Redis, such as redis://127.0.0.1/"
        };
        // The error is not shown: it can contain the password.
        let client = Client::open(url).map_err(|_| invalid(reason))?;
        Ok(Self { client, account: account.to_owned(), timeout: Duration::from_secs(1), clock: Arc::new(SystemClock) })
    }

    /// The key of the account that has this name. On a cluster, the part in braces decides which node has it.
    fn key(&self, name: &str) -> String {
        format!("genesiscloud:{{{}}}:{name}", self.account)
    }
}

/// Without the URL, which can contain a password.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("account", &self.account).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// A script, the key that it works on, and a connection. For one thread.
pub(crate) struct Store {
    access: Access,
    script: Script,
    key: String,
    client: RefCell<Client>,
    connection: RefCell<Option<MultiplexedConnection>>,
}

impl Store {
    pub(crate) fn new(access: Access, name: &str, script: &str) -> Self {
        let (key, client) = (access.key(name), RefCell::new(access.client.clone()));
        Self { script: Script::new(script), key, client, connection: RefCell::default(), access }
    }

    /// Runs the script. It may have run if this fails, and may run twice if it succeeds.
    ///
    /// # Errors
    /// If the store does not respond in time, or with an error.
    pub(crate) async fn run<T: FromRedisValue>(&self, arguments: &[impl ToRedisArgs]) -> io::Result<T> {
        let timeout = self.access.timeout;
        let result = match select(pin!(self.attempts(arguments)), self.access.clock.timeout(timeout)).await {
            Either::Left((result, _)) => result.map_err(io::Error::other),
            Either::Right(_) => Err(io::Error::new(io::ErrorKind::TimedOut, format!("no response within {timeout:?}"))),
        };
        if result.is_err() {
            // Also one that responds: it can have become a replica. One that does not may never again.
            self.connection.replace(None);
            self.client.replace(self.access.client.clone());
        }
        result
    }

    /// Tries again once if the server has closed an idle connection, or if another node of a cluster has the key.
    async fn attempts<T: FromRedisValue>(&self, arguments: &[impl ToRedisArgs]) -> RedisResult<T> {
        let is_old = self.connection.borrow().is_some();
        match self.attempt(arguments).await {
            Err(error) if is_old && error.is_connection_dropped() => {}
            Err(error) if error.redirect_node().is_some_and(|(node, _)| self.redirect(node)) => {}
            result => return result,
        }
        self.connection.replace(None);
        self.attempt(arguments).await
    }

    fn attempt<T: FromRedisValue>(&self, arguments: &[impl ToRedisArgs]) -> impl Future<Output = RedisResult<T>> {
        let mut invocation = self.script.key(&self.key);
        for argument in arguments {
            invocation.arg(argument);
        }
        async move { invocation.invoke_async(&mut self.connect().await?).await }
    }

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let open = self.connection.borrow().clone();
        if let Some(open) = open {
            return Ok(open);
        }
        // The limit is that of `run`.
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let client = self.client.borrow().clone();
        let connection = client.get_multiplexed_async_connection_with_config(&config).await;
        let connection = connection.map_err(without_response)?;
        self.connection.replace(Some(connection.clone()));
        Ok(connection)
    }

    /// Connects to another node until the next error. Returns whether its address is one.
    fn redirect(&self, node: &str) -> bool {
        let info = self.client.borrow().get_connection_info().clone();
        let Some((host, port)) = node.rsplit_once(':') else { return false };
        let Ok(port) = port.parse() else { return false };
        let address = match info.addr().clone() {
            ConnectionAddr::Tcp(same, _) => ConnectionAddr::Tcp(or_same(host, same), port),
            ConnectionAddr::TcpTls { host: same, insecure, tls_params, .. } => {
                ConnectionAddr::TcpTls { host: or_same(host, same), port, insecure, tls_params }
            }
            _ => return false,
        };
        Client::open(info.set_addr(address)).map(|client| self.client.replace(client)).is_ok()
    }
}

/// An error of a connection, without what the server has responded. It can repeat what it was sent, and that has the password.
fn without_response(error: RedisError) -> RedisError {
    // No responses. The operating system's library for TLS has errors of the second kind.
    if matches!(error.kind(), ErrorKind::Io | ErrorKind::Client | ErrorKind::InvalidClientConfig) {
        return error;
    }
    (error.kind(), "the store refuses the connection, or its user, password or database").into()
}

/// A node whose host is not stated is on the same one.
fn or_same(host: &str, same: String) -> String {
    if host.is_empty() { same } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use futures::future::join;
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[test]
    fn neither_errors_nor_debug_show_the_url() {
        let error = Access::new("redis://user:s3cret@host:port/", "training").unwrap_err().to_string();
        assert_eq!(error, "the URL is not one of Redis, such as redis://127.0.0.1/");
        let access = Access::new("redis://user:s3cret@host/", "training").unwrap();
        assert_eq!(format!("{access:?}"), r#"Access { account: "training", timeout: 1s, .. }"#);
    }

    #[test]
    #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
    fn without_tls_the_error_names_the_features() {
        for scheme in ["rediss", "valkeys"] {
            let error = Access::new(&format!("{scheme}://user:s3cret@host/"), "training").unwrap_err().to_string();
            assert_eq!(error, "TLS needs the feature `rustls` or `native-tls` of genesiscloud-redis");
        }
    }

    #[tokio::test]
    async fn a_response_that_repeats_the_password_is_not_shown() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("redis://user:s3cret@{}/?protocol=resp3", listener.local_addr().unwrap());
        let store = Store::new(Access::new(&url, "a").unwrap(), "rate", "");
        let accept = async {
            let (mut connection, _) = listener.accept().await.unwrap();
            let response = "-DENIED HELLO 3 AUTH user s3cret\r\n";
            connection.write_all(response.repeat(3).as_bytes()).await.unwrap();
            connection
        };
        let (result, _connection) = join(store.run::<String>(&[""]), accept).await;
        let error = result.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("the store refuses the connection") && !shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn what_tls_finds_is_shown() {
        let found = RedisError::from((ErrorKind::Client, "TLS error", "certificate verify failed".to_owned()));
        assert!(without_response(found).to_string().contains("certificate verify failed"));
    }

    #[test]
    fn the_name_of_the_account_is_the_part_of_the_key_that_decides_the_node() {
        let access = Access::new("redis://host/", "team-7.training").unwrap();
        assert_eq!(access.key("rate"), "genesiscloud:{team-7.training}:rate");
        for name in ["", "a b", "a{b}", "a\n"] {
            assert!(Access::new("redis://host/", name).is_err(), "{name:?}");
        }
    }

    #[tokio::test]
    async fn after_a_timeout_another_connection_is_made() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut access = Access::new(&format!("redis://{}/", listener.local_addr().unwrap()), "a").unwrap();
        access.timeout = Duration::from_millis(20);
        let store = Store::new(access, "rate", "");
        let mut open = vec![];
        for _ in 0..2 {
            let accept = async {
                let (mut connection, _) = listener.accept().await.unwrap();
                // To what a client says when it connects. The script has no response.
                connection.write_all(b"+OK\r\n+OK\r\n").await.unwrap();
                connection
            };
            let accept = tokio::time::timeout(Duration::from_secs(5), accept);
            let (result, accepted) = join(store.run::<String>(&[""]), accept).await;
            assert_eq!(result.unwrap_err().to_string(), "no response within 20ms");
            open.push(accepted.expect("another connection"));
        }
    }

    #[test]
    fn a_node_without_a_host_is_on_the_same_one() {
        let store = Store::new(Access::new("redis://host:1/", "a").unwrap(), "rate", "");
        let address = || store.client.borrow().get_connection_info().addr().to_string();
        assert!(store.redirect(":2") && address() == "host:2", "{}", address());
        assert!(store.redirect("other:3") && address() == "other:3", "{}", address());
        assert!(!store.redirect("other:x") && !store.redirect("other"));
    }
}
