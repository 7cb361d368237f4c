//! The rate limit of an account, which the processes that use it share.

mod driver;
mod queue;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use genesiscloud::{Acquire, Clock, Limiter, Rate};

use self::driver::Driver;
use self::queue::Queue;
use crate::store::Access;
use crate::worker::Worker;

/// Limits the requests of all processes that use one account to one [`Rate`], by a store of Redis or Valkey.
///
/// * **One rate**: a script in the store reserves a slot for each request, by GCRA and the store's clock. The clocks of the
///   machines are not compared. It costs a round trip for a request that may be sent at once, and up to two for one that waits.
/// * **Fair**: within a process, first come, first served. A process reserves one slot at a time, so that processes take turns:
///   while 20 of them are busy, each sends every twentieth request.
/// * **After a 429**, all processes stop for as long as the service asks, an hour at most: slots that were reserved before are
///   void, and a process asks the store before it uses one. The burst is halved, and doubled after ten minutes without a 429,
///   as [`RateLimiter`](genesiscloud::RateLimiter) does.
/// * **Cancel-safe**: a future that is dropped gives up its place, and its slot goes to the next one of the process. One that
///   is not polled delays the others no longer than if it had sent its request.
/// * **Crash-safe**: a slot is only a time. A process that is killed has at most one, which passes unused.
/// * **Without the store**, each process sends its [`share`](RedisLimiterBuilder::share). A `warn` event of `tracing` says when
///   that begins, and an `info` event when it ends. The store is asked again every 100 ms while a request waits. When it is
///   back, no slot is granted until all processes are: 100 ms and the [`timeout`](RedisLimiterBuilder::timeout).
/// * **A store that has lost the key**, such as after a restart without persistence, begins without a burst, as a new
///   one does. The key expires after a day without use.
///
/// All processes must be given the same account and rate. The store's clock being set forward grants one burst; if it is set
/// back, the rate begins without a burst. The connection belongs to a thread of the limiter, and to no runtime of the program.
///
/// ```
/// use genesiscloud::{Client, Rate};
/// use genesiscloud_redis::RedisLimiter;
///
/// // Of 20 processes, each sends a request every two seconds while the store is away.
/// let share = Rate::every(std::time::Duration::from_secs(2));
/// let limiter = RedisLimiter::builder("redis://127.0.0.1/", "training")?.share(share).build()?;
/// let client = Client::builder().token("secret").limiter(limiter).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RedisLimiter {
    access: Access,
    queue: Arc<Queue>,
    rate: Rate,
    share: Rate,
    _worker: Worker,
}

/// Configures a [`RedisLimiter`]. Created by [`RedisLimiter::builder`].
///
/// ```
/// use genesiscloud_redis::RedisLimiter;
///
/// let builder = RedisLimiter::builder("redis://127.0.0.1/", "training")?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing before `build`"]
pub struct RedisLimiterBuilder {
    access: Access,
    rate: Rate,
    share: Rate,
}

impl RedisLimiter {
    /// Returns a builder for the store at this URL, such as `redis://user:password@host:6379/0`, and with the feature `rustls`
    /// or `native-tls`, `rediss://…`.
    ///
    /// The account is a name for what is limited together, the same in all processes. It is part of the key in the store, so it
    /// is no token, nor made from one: letters, digits, `-`, `_` and `.`.
    ///
    /// # Errors
    /// If the URL or the name is invalid.
    ///
    /// ```
    /// use genesiscloud_redis::RedisLimiter;
    ///
    /// let limiter = RedisLimiter::builder("redis://127.0.0.1/", "training")?.build()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn builder(url: &str, account: &str) -> io::Result<RedisLimiterBuilder> {
        let access = Access::new(url, account)?;
        Ok(RedisLimiterBuilder { access, rate: Rate::default(), share: Rate::every(Duration::from_secs(2)) })
    }
}

impl RedisLimiterBuilder {
    /// Sets the rate of all processes together. The default is [`Rate::default`]: 10 requests per second, and 9 at once.
    ///
    /// ```
    /// # fn example(builder: genesiscloud_redis::RedisLimiterBuilder) {
    /// let builder = builder.rate(genesiscloud::Rate::per_second(5));
    /// # }
    /// ```
    pub fn rate(self, rate: Rate) -> Self {
        Self { rate, ..self }
    }

    /// Sets the rate of this process while the store is away: the account's rate divided by the number of processes. It is sent
    /// without bursts. The default is one request every two seconds, for 20 processes.
    ///
    /// ```
    /// # fn example(builder: genesiscloud_redis::RedisLimiterBuilder) {
    /// // For 5 processes.
    /// let builder = builder.share(genesiscloud::Rate::per_second(2));
    /// # }
    /// ```
    pub fn share(self, rate: Rate) -> Self {
        Self { share: rate, ..self }
    }

    /// Sets how long the store may take for a response, connecting included, before it counts as away. The default is a second.
    /// It should be the same in all processes.
    ///
    /// ```
    /// # fn example(builder: genesiscloud_redis::RedisLimiterBuilder) {
    /// let builder = builder.timeout(std::time::Duration::from_millis(200));
    /// # }
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.access.timeout = timeout;
        self
    }

    /// Sets the clock for waits and timeouts; the system's by default. For tests. Its sleeps are polled on another thread.
    ///
    /// ```
    /// # fn example(builder: genesiscloud_redis::RedisLimiterBuilder) {
    /// let builder = builder.clock(genesiscloud::SystemClock);
    /// # }
    /// ```
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.access.clock = Arc::new(clock);
        self
    }

    /// Starts the limiter. It connects when it is first used, so that the store may be away.
    ///
    /// # Errors
    /// If no thread can be started.
    ///
    /// ```
    /// # fn example(builder: genesiscloud_redis::RedisLimiterBuilder) -> std::io::Result<()> {
    /// // For several clients of one process.
    /// let limiter = std::sync::Arc::new(builder.build()?);
    /// # Ok(()) }
    /// ```
    pub fn build(self) -> io::Result<RedisLimiter> {
        let Self { access, rate, share } = self;
        let queue = Arc::new(Queue::new(Arc::clone(&access.clock)));
        let (shared, driven) = (Arc::clone(&queue), access.clone());
        let worker = Worker::start(move || async move {
            // Also if it panics, so that none waits for ever.
            let _closed = Closed(Arc::clone(&shared));
            Driver::new(shared, driven, rate, share).run().await;
        })?;
        Ok(RedisLimiter { access, queue, rate, share, _worker: worker })
    }
}

/// Closes the queue when dropped.
struct Closed(Arc<Queue>);

impl Drop for Closed {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Limiter for RedisLimiter {
    fn acquire(&self) -> Acquire<'_> {
        Box::pin(async {
            if !self.queue.enter().permit().await {
                // Its thread has failed.
                self.access.clock.sleep(self.share.period()).await;
            }
        })
    }

    fn on_throttled(&self, delay: Duration) {
        self.queue.on_throttled(delay);
    }

    fn throttled_for(&self) -> Option<Duration> {
        self.queue.held_for()
    }
}

impl Drop for RedisLimiter {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl fmt::Debug for RedisLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { access, rate, share, .. } = self;
        f.debug_struct("RedisLimiter")
            .field("account", &access.account)
            .field("rate", rate)
            .field("share", share)
            .finish()
    }
}
