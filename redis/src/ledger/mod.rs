//! A ledger that processes on many machines share.

mod entries;
mod keeper;
mod record;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::channel::{mpsc, oneshot};
use genesiscloud::{Clock, Ledger, LedgerEntry, LedgerFuture, LedgerRecord};
use redis::{FromRedisValue, Value};

use self::entries::Snapshot;
use self::keeper::{Fields, Keeper, Request, SessionTimeout};
use crate::random::random;
use crate::store::Access;
use crate::worker::Worker;

/// A ledger in a store of Redis or Valkey, which processes on many machines share: any of them reconciles what any other has
/// left. Clones are the same ledger.
///
/// * **Sessions**: each opening begins a session with a random id, so that machines and processes of the same name differ. A
///   thread sends heartbeats as long as the ledger, its clones and the clients that keep it exist. When the last one is
///   dropped, which waits for the store for two timeouts at most, the session ends at once; after a crash, at its
///   [`session_timeout`](RedisLedgerBuilder::session_timeout), by the store's clock.
/// * **Fenced**: when another session has claimed an entry of one that had timed out, all further records of that one fail, so
///   its creates are not sent. It has to open the ledger again.
/// * **Atomic**: each operation is one script on one key.
/// * **After an outage of the store**, sessions that are running are heard before any of them counts as ended.
/// * **As durable as the store**: a record is accepted when the store has responded. With `appendonly yes` and `appendfsync
///   always`, it is then on the disk; with `everysec`, a power failure costs the records of a second; without persistence, a
///   restart costs all of them. A failover to a replica costs what was not yet replicated. Set `maxmemory-policy noeviction`,
///   or one for keys that expire: the key does not, and its eviction, or `FLUSHALL`, loses the ledger. All its sessions then
///   get an error.
/// * **Without secrets**: it holds names, ids, regions and markers, as [`FileLedger`](genesiscloud::FileLedger) does. Who can
///   write to the store can make a reconciliation delete resources of the account.
///
/// **Set the clients' [`deadline`](genesiscloud::ClientBuilder::deadline)**, to less than the session timeout. A process that
/// is cut off from the store for a whole session timeout is taken for ended although it runs, and a reconciliation may delete
/// what it uses. The timeout must also be longer than any time for which a machine is suspended while it has a create to send.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use genesiscloud::Client;
/// use genesiscloud_redis::RedisLedger;
///
/// let ledger = RedisLedger::builder("redis://127.0.0.1/", "training")?.open().await?;
/// let client = Client::builder().token("secret").ledger(ledger.clone()).deadline(Duration::from_secs(300)).build()?;
/// println!("{}", client.reconcile(&ledger).delete().await?);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct RedisLedger(Arc<Inner>);

struct Inner {
    account: String,
    session: String,
    settling: Duration,
    /// Before the worker: it ends when there are no more senders.
    requests: mpsc::UnboundedSender<Request>,
    _worker: Worker,
}

/// Configures a [`RedisLedger`]. Created by [`RedisLedger::builder`].
///
/// ```
/// let builder = genesiscloud_redis::RedisLedger::builder("redis://127.0.0.1/", "training")?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing before `open`"]
pub struct RedisLedgerBuilder {
    access: Access,
    session_timeout: SessionTimeout,
}

/// Twice the default deadline of a client.
const SESSION_TIMEOUT: Duration = Duration::from_secs(600);

impl RedisLedger {
    /// Returns a builder for the ledger of an account in the store at this URL. Both are as for
    /// [`RedisLimiter::builder`](crate::RedisLimiter::builder), and the same store and name serve both.
    ///
    /// # Errors
    /// If the URL or the name is invalid.
    ///
    /// ```
    /// let builder = genesiscloud_redis::RedisLedger::builder("redis://127.0.0.1/", "training")?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn builder(url: &str, account: &str) -> io::Result<RedisLedgerBuilder> {
        Ok(RedisLedgerBuilder { access: Access::new(url, account)?, session_timeout: SessionTimeout(SESSION_TIMEOUT) })
    }

    /// Sends an operation to the thread, and reads its result.
    fn run<T: FromRedisValue + Send + 'static>(&self, arguments: io::Result<Vec<String>>) -> LedgerFuture<'_, T> {
        Box::pin(async move {
            let (result, answer) = oneshot::channel();
            let ended = || io::Error::other("its thread has ended");
            let request = Request { arguments: arguments?, result };
            self.0.requests.unbounded_send(request).map_err(|_| ended())?;
            let value = answer.await.unwrap_or_else(|_| Err(ended()));
            value.and_then(keeper::read).map_err(|error| self.naming(&error))
        })
    }

    /// An error that names the ledger.
    fn naming(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("the ledger of {:?} in Redis: {error}", self.0.account))
    }

    async fn snapshot(&self) -> io::Result<Snapshot> {
        let (now, since, fields) = self.run::<Fields>(Ok(vec!["entries".to_owned()])).await?;
        Ok(Snapshot::new(now, since, fields))
    }
}

impl RedisLedgerBuilder {
    /// Sets for how long this process counts as running without a heartbeat. The default is 10 minutes. 20 heartbeats are sent
    /// in that time. It should be the same in all processes.
    ///
    /// ```
    /// # fn example(builder: genesiscloud_redis::RedisLedgerBuilder) {
    /// let builder = builder.session_timeout(std::time::Duration::from_secs(3600));
    /// # }
    /// ```
    pub fn session_timeout(self, timeout: Duration) -> Self {
        Self { session_timeout: SessionTimeout(timeout), ..self }
    }

    /// Sets how long the store may take for a response, connecting included. The default is a second.
    ///
    /// ```
    /// # fn example(builder: genesiscloud_redis::RedisLedgerBuilder) {
    /// let builder = builder.timeout(std::time::Duration::from_secs(5));
    /// # }
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.access.timeout = timeout;
        self
    }

    /// Sets the clock for heartbeats and timeouts; the system's by default. For tests. Its sleeps are polled on another thread.
    ///
    /// ```
    /// # fn example(builder: genesiscloud_redis::RedisLedgerBuilder) {
    /// let builder = builder.clock(genesiscloud::SystemClock);
    /// # }
    /// ```
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.access.clock = Arc::new(clock);
        self
    }

    /// Opens the ledger, and begins a session. Open it once, and keep it as long as the program runs: what was recorded by one
    /// that is dropped counts as left by a process that has ended.
    ///
    /// If no session was in touch with the store for a quarter of the session timeout, and there are entries of sessions that
    /// have timed out, it waits for a tenth of the session timeout and two timeouts, so that those that are running are heard
    /// before.
    ///
    /// # Errors
    /// If the store cannot be reached, or the ledger was written by another version of this crate.
    ///
    /// ```no_run
    /// # async fn example() -> std::io::Result<()> {
    /// let ledger = genesiscloud_redis::RedisLedger::builder("redis://127.0.0.1/", "training")?.open().await?;
    /// # Ok(()) }
    /// ```
    pub async fn open(self) -> io::Result<RedisLedger> {
        let Self { access, session_timeout } = self;
        let (account, clock) = (access.account.clone(), Arc::clone(&access.clock));
        let settling = session_timeout.settling(access.timeout);
        let session = format!("{:016x}{:016x}", random(), random());
        let keeper = (access, session_timeout, session.clone());
        let (requests, received) = mpsc::unbounded();
        let worker = Worker::start(move || {
            let (access, session_timeout, session) = keeper;
            Keeper::new(access, session_timeout, session).run(received)
        })?;
        let ledger = RedisLedger(Arc::new(Inner { account, session, settling, requests, _worker: worker }));
        ledger.run::<Value>(Ok(vec!["open".to_owned()])).await?;
        let snapshot = ledger.snapshot().await?;
        for session in snapshot.forgotten() {
            ledger.run::<Value>(Ok(vec!["forget".to_owned(), session.to_owned()])).await?;
        }
        clock.sleep(snapshot.to_wait(settling)).await;
        Ok(ledger)
    }
}

impl Ledger for RedisLedger {
    fn append(&self, record: LedgerRecord) -> LedgerFuture<'_, ()> {
        Box::pin(async { self.run::<Value>(record::arguments(record)).await.map(drop) })
    }

    fn entries(&self) -> LedgerFuture<'_, Vec<LedgerEntry>> {
        Box::pin(async {
            let entries = self.snapshot().await?.entries(&self.0.session, self.0.settling);
            entries.map_err(|error| self.naming(&error))
        })
    }

    fn claim(&self, key: &str) -> LedgerFuture<'_, bool> {
        let arguments = vec!["claim".to_owned(), key.to_owned()];
        Box::pin(async { self.run::<(bool,)>(Ok(arguments)).await.map(|(is_held,)| is_held) })
    }
}

impl fmt::Debug for RedisLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLedger").field("account", &self.0.account).field("session", &self.0.session).finish()
    }
}
