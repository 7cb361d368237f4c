//! Watches: what exists of one kind of resource, as a stream of changes and as a store to read from.
//!
//! * [`shared`]: the polling that all watches share, and what it has found;
//! * [`reading`]: one reading of the list, and what is gone;
//! * [`queue`]: what a watch has not delivered yet;
//! * [`store`]: the store.

mod queue;
mod reading;
mod shared;
mod store;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::stream::{self, BoxStream, Next};
use futures::{Stream, StreamExt};

pub use self::queue::Change;
use self::shared::{SharedWatch, Subscription};
pub use self::store::Store;
use crate::core::Core;
use crate::transport::within_runtimes;
use crate::wait::{DEFAULT_INTERVAL, Waitable};
use crate::{Error, Result};

/// The changes of all resources of one kind in the account: a [`Stream`] that ends only by an error, or when it is dropped.
/// It can be spawned and stored; it sends nothing before it is polled. [`store`](Self::store) returns the same as a cache.
///
/// * **Changes**: first each resource as [`Applied`](Change::Applied), then [`Synced`](Change::Synced) once; after that each that
///   is new or has changed as `Applied`, and each that no longer exists as [`Gone`](Change::Gone). A resource that is created
///   shows at the next poll.
/// * **Gone** is certain: the API has responded with 404 to a request for the resource itself. That a list lacks it shows
///   nothing: pages shift, and services cut lists short. Up to 10 such resources are requested after each poll, so that of 500
///   that are deleted at once the last is reported 50 polls later; until then each is as it was observed last. What is `Gone` and
///   shows again, as from a server that lags behind, is `Applied` again.
/// * **Cost**: one list, 100 items per page, and its pause of 2 s ([`every`](Self::every)), for all watches and stores of one
///   kind on one client, its clones and the clients derived from it; and a request for each resource that the list lacks. A
///   watch that joins others sends nothing. Waits are observed by this list as well.
/// * **Errors** are items, and the watch goes on: lost connections, timeouts, 429, 5xx, what an intermediary responds, and an item
///   of the list that cannot be decoded, at each poll. 401, 403 and any other error that polling again would not change are the
///   last item. A poll is not retried; the next poll takes the place of a retry.
/// * **Slow readers** hold up nothing: what a watch has not delivered is at most one change of each resource, the last one, and
///   one error. Changes in between are not delivered.
/// * **Runtimes**: the polling is on the runtime of the watch that was polled first. A watch on another one takes it over if
///   that ends, or stands still for two seconds.
/// * **Options**: since polls are shared, they use the timeouts and headers that the client was built with.
///
/// ```
/// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
/// use futures::StreamExt;
/// use genesiscloud::Change;
///
/// let mut changes = client.instances().watch();
/// while let Some(change) = changes.next().await {
///     match change {
///         Ok(Change::Applied(vm)) => println!("{} is {}", vm.name, vm.status),
///         Ok(Change::Gone(vm)) => println!("{} is gone", vm.name),
///         Ok(_) => println!("these are all; what follows are changes"),
///         Err(error) => eprintln!("{error}"), // the watch goes on, unless this is its last item
///     }
/// }
/// # Ok(()) }
/// ```
///
/// [`Stream`]: https://docs.rs/futures/0.3/futures/stream/trait.Stream.html
#[must_use = "a watch does nothing until it is polled"]
pub struct Watch<T: Waitable> {
    core: Core,
    every: Duration,
    changes: Option<BoxStream<'static, Result<Change<T>>>>,
}

impl<T: Waitable> Watch<T> {
    pub(crate) fn new(core: &Core) -> Self {
        Self { core: core.clone(), every: DEFAULT_INTERVAL, changes: None }
    }

    /// Sets the pause after each poll; 2 s by default. The shortest pause of all watches and stores counts for all of them. If it
    /// is set after the first poll, the watch ends with [`InvalidInput`](crate::ErrorKind::InvalidInput).
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let changes = client.volumes().watch().every(std::time::Duration::from_secs(30));
    /// # }
    /// ```
    pub fn every(mut self, pause: Duration) -> Self {
        self.every = pause.max(Duration::from_millis(1));
        if self.changes.is_some() {
            let error = Error::invalid_input("a watch is configured before it is polled");
            self.changes = Some(stream::iter([Err(error)]).boxed());
        }
        self
    }

    /// Returns a store with the resources that the polls observe, which needs no watch beside it. Sends nothing.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let store = client.volumes().watch().store();
    /// store.wait_until_ready().await?;
    /// let size: i64 = store.list().iter().map(|disk| disk.size).sum();
    /// # Ok(()) }
    /// ```
    pub fn store(&self) -> Store<T> {
        Store::new(self.core.shared::<SharedWatch<T>>().store(&self.core, self.every))
    }

    fn begin(&self) -> BoxStream<'static, Result<Change<T>>> {
        let subscription = self.core.shared::<SharedWatch<T>>().watch(&self.core, self.every);
        stream::unfold(Some(subscription), next).fuse().boxed()
    }
}

/// The next item of a watch; its subscription is given up with the last one.
async fn next<T: Waitable>(
    subscription: Option<Subscription<T>>,
) -> Option<(Result<Change<T>>, Option<Subscription<T>>)> {
    let subscription = subscription?;
    match within_runtimes(subscription.next_change()).await {
        Ok(change) => Some((change?, Some(subscription))),
        Err(outside) => Some((Err(outside), None)),
    }
}

impl<T: Waitable> Watch<T> {
    /// Returns the next change, or `None` when the watch has ended, as the [`Stream`] does: for programs without the `futures`
    /// crate.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let mut watch = client.volumes().watch();
    /// while let Some(change) = watch.next().await {
    ///     println!("{:?}", change?);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// [`Stream`]: https://docs.rs/futures/0.3/futures/stream/trait.Stream.html
    #[expect(clippy::should_implement_trait, reason = "it is that of streams, for programs without their trait")]
    pub fn next(&mut self) -> Next<'_, Self> {
        StreamExt::next(self)
    }
}

impl<T: Waitable> Stream for Watch<T> {
    type Item = Result<Change<T>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let watch = self.get_mut();
        if watch.changes.is_none() {
            watch.changes = Some(watch.begin());
        }
        watch.changes.as_mut().map_or(Poll::Ready(None), |changes| changes.poll_next_unpin(context))
    }
}

impl<T: Waitable> fmt::Debug for Watch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("every", &self.every)
            .field("started", &self.changes.is_some())
            .finish_non_exhaustive()
    }
}
