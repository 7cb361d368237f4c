//! Waits as calls: the condition is what blocks.

use std::iter::FusedIterator;
use std::time::Duration;

use super::IntoBlocking;
use super::definitions::{calls, setters};
use crate::blocking_thread::block_on;
use crate::{Instance, Progress, WaitError, Waitable};

/// A wait for one resource, with the cost and the shared polls of [`Waiter`](crate::Waiter). The settings come first, and the
/// condition last: a method `until_…` blocks until it is met, and returns the resource.
///
/// ```no_run
/// # fn example(client: genesiscloud::blocking::Client) -> genesiscloud::Result<()> {
/// use std::time::Duration;
///
/// let vm = client.instances().wait("an-id").within(Duration::from_secs(300)).until_addressed()?;
/// client.instances().delete(&vm.id)?;
/// client.instances().wait(&vm.id).until_gone()?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a wait does nothing until one of its conditions is called"]
pub struct Waiter<T: Waitable>(crate::Waiter<T>);

impl<T: Waitable> IntoBlocking for crate::Waiter<T> {
    type Blocking = Waiter<T>;

    fn into_blocking(self) -> Waiter<T> {
        Waiter(self)
    }
}

impl<T: Waitable> Waiter<T> {
    setters! {
        Waiter: every(pause: Duration), within(time: Duration),
        on_progress(on_progress: impl FnMut(Progress<'_, T>) + Send + 'static),
    }

    calls! {
        Waiter: until(status: T::Status) -> Result<T, WaitError>,
        until_ready() -> Result<T, WaitError>,
        until_matching(predicate: impl FnMut(&T) -> bool + Send + 'static) -> Result<T, WaitError>,
        until_gone() -> Result<(), WaitError>,
    }

    /// Returns the status changes until the resource is ready, as [`Waiter::status_changes`](crate::Waiter::status_changes),
    /// which documents them. With another condition, [`on_progress`](Self::on_progress) shows them.
    pub fn status_changes(self) -> StatusChanges<T> {
        StatusChanges(self.0.status_changes())
    }
}

impl Waiter<Instance> {
    calls! { Waiter: until_addressed() -> Result<Instance, WaitError> }
}

/// The status changes of a resource: an iterator, returned by [`Waiter::status_changes`].
///
/// ```no_run
/// # fn example(client: genesiscloud::blocking::Client) -> Result<(), genesiscloud::WaitError> {
/// for vm in client.instances().wait("an-id").status_changes() {
///     println!("{}", vm?.status);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a wait does nothing until its first item is asked for"]
pub struct StatusChanges<T>(crate::StatusChanges<T>);

impl<T: Waitable> Iterator for StatusChanges<T> {
    type Item = Result<T, WaitError>;

    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.0.next())
    }
}

impl<T: Waitable> FusedIterator for StatusChanges<T> {}
