//! Watches as iterators, and their stores.

use std::iter::FusedIterator;
use std::sync::Arc;
use std::time::Duration;

use super::IntoBlocking;
use super::definitions::setters;
use crate::blocking_thread::block_on;
use crate::{Change, Result, Waitable};

/// The changes of all resources of one kind in the account: an iterator, with the guarantees and cost of
/// [`Watch`](crate::Watch). It ends only by an error, so that it is for a thread of its own. The polling goes on between two
/// calls of `next`.
///
/// ```no_run
/// # fn example(client: genesiscloud::blocking::Client) -> genesiscloud::Result<()> {
/// use genesiscloud::Change;
///
/// for change in client.instances().watch() {
///     match change {
///         Ok(Change::Applied(vm)) => println!("{} is {}", vm.name, vm.status),
///         Ok(Change::Gone(vm)) => println!("{} is gone", vm.name),
///         Ok(_) => println!("these are all; what follows are changes"),
///         Err(error) => eprintln!("{error}"), // the watch goes on, unless this is its last item
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a watch does nothing until its first change is asked for"]
pub struct Watch<T: Waitable>(crate::Watch<T>);

impl<T: Waitable> IntoBlocking for crate::Watch<T> {
    type Blocking = Watch<T>;

    fn into_blocking(self) -> Watch<T> {
        Watch(self)
    }
}

impl<T: Waitable> Watch<T> {
    setters! { Watch: every(pause: Duration) }

    /// Returns a store with the resources that the polls observe, as [`Watch::store`](crate::Watch::store), which documents it.
    pub fn store(&self) -> Store<T> {
        Store(self.0.store())
    }
}

impl<T: Waitable> Iterator for Watch<T> {
    type Item = Result<Change<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.0.next())
    }
}

impl<T: Waitable> FusedIterator for Watch<T> {}

/// The resources of one kind in the account, as the last poll observed them, with the guarantees and cost of
/// [`Store`](crate::Store). The thread of blocking calls keeps it up to date.
///
/// ```no_run
/// # fn example(client: genesiscloud::blocking::Client) -> genesiscloud::Result<()> {
/// let store = client.instances().watch().store();
/// store.wait_until_ready()?;
/// println!("{} instances", store.list().len());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Store<T: Waitable>(crate::Store<T>);

impl<T: Waitable> Store<T> {
    /// Returns the resource with this id, as [`Store::get`](crate::Store::get), which documents it.
    pub fn get(&self, id: impl AsRef<str>) -> Option<Arc<T>> {
        self.0.get(id)
    }

    /// Returns all resources, as [`Store::list`](crate::Store::list), which documents it.
    pub fn list(&self) -> Vec<Arc<T>> {
        self.0.list()
    }

    /// Returns how old it is, as [`Store::age`](crate::Store::age), which documents it.
    pub fn age(&self) -> Option<Duration> {
        self.0.age()
    }

    /// Blocks until [`Store::wait_until_ready`](crate::Store::wait_until_ready) has ended, which documents it.
    pub fn wait_until_ready(&self) -> Result<()> {
        block_on(self.0.wait_until_ready())
    }
}

impl<T: Waitable> Clone for Store<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
