//! The store: what the watches of one kind of resource know, to be read without a request.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::shared::Subscription;
use crate::Result;
use crate::transport::within_runtimes;
use crate::wait::Waitable;

/// The resources of one kind in the account, as the last poll observed them: a cache that is read without a request. Returned by
/// [`Watch::store`](crate::Watch::store). It is cheap to clone, and can be read from any thread.
///
/// * **Up to date**: as long as a store or a watch of this kind of resource exists on the client, its clones and the clients
///   derived from it, one list for all of them is read every 2 s ([`Watch::every`](crate::Watch::every)), on the runtime of the
///   first that was polled. [`age`](Self::age) says how old what it has is. What a program changes itself shows after the next
///   poll.
/// * **Begins with** [`wait_until_ready`](Self::wait_until_ready), or with a watch that is polled. Before, it is empty.
/// * **If the polling ends**, by an error that polling again would not change or with its runtime, the store keeps what it has,
///   and its age grows. [`wait_until_ready`](Self::wait_until_ready), or another watch, begins it again.
///
/// ```
/// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
/// let store = client.instances().watch().store();
/// store.wait_until_ready().await?;
/// for vm in store.list() {
///     println!("{} is {}", vm.name, vm.status);
/// }
/// # Ok(()) }
/// ```
pub struct Store<T: Waitable>(Arc<Subscription<T>>);

impl<T: Waitable> Store<T> {
    pub(super) fn new(subscription: Subscription<T>) -> Self {
        Self(Arc::new(subscription))
    }

    /// Returns the resource with this id; `None` if no poll has observed it, or if it is gone. Sends nothing.
    ///
    /// ```
    /// # fn example(store: genesiscloud::Store<genesiscloud::Instance>) {
    /// let status = store.get("an-id").map(|vm| vm.status.clone());
    /// # }
    /// ```
    pub fn get(&self, id: impl AsRef<str>) -> Option<Arc<T>> {
        self.0.get(id.as_ref())
    }

    /// Returns all resources, in the order in which they were created. Sends nothing.
    ///
    /// ```
    /// # fn example(store: genesiscloud::Store<genesiscloud::Instance>) {
    /// use genesiscloud::InstancePhase;
    ///
    /// let running = store.list().iter().filter(|vm| vm.phase() == InstancePhase::Running).count();
    /// # }
    /// ```
    pub fn list(&self) -> Vec<Arc<T>> {
        self.0.all()
    }

    /// Returns how long ago the last poll began that read the list to its end; `None` before the first.
    ///
    /// ```
    /// # fn example(store: genesiscloud::Store<genesiscloud::Instance>) {
    /// let is_current = store.age().is_some_and(|age| age.as_secs() < 30);
    /// # }
    /// ```
    pub fn age(&self) -> Option<Duration> {
        self.0.age()
    }

    /// Waits until the store has all resources of the account, and begins the polling if there is none.
    ///
    /// # Errors
    /// The error that ended the polling, such as 401 or 403. Other errors do not end it, so that this can take as long as the
    /// service does not respond.
    ///
    /// ```
    /// # async fn example(store: genesiscloud::Store<genesiscloud::Instance>) -> genesiscloud::Result<()> {
    /// store.wait_until_ready().await?;
    /// println!("{} instances", store.list().len());
    /// # Ok(()) }
    /// ```
    pub async fn wait_until_ready(&self) -> Result<()> {
        within_runtimes(self.0.until_synced()).await?
    }
}

impl<T: Waitable> Clone for Store<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Waitable> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (resources, age) = (self.0.all().len(), self.0.age());
        f.debug_struct("Store").field("resources", &resources).field("age", &age).finish_non_exhaustive()
    }
}
