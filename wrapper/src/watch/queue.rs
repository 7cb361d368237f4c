//! What a watch has not delivered yet: at most one change of each resource and one error, however slowly it is read.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::{Error, Result};

/// A change that a [`Watch`](crate::Watch) delivers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Change<T> {
    /// The resource is new, or differs from what was delivered of it before.
    Applied(T),
    /// The resource no longer exists. Holds it as it was observed last.
    Gone(T),
    /// All resources that existed when the watch began have been delivered: what follows are changes. Once per watch.
    Synced,
}

/// A change of one resource.
#[derive(Debug)]
pub(super) enum ResourceChange<T> {
    Applied(Arc<T>),
    Gone(Arc<T>),
}

/// The changes of one watch that it has not delivered, in the order in which the resources first changed.
#[derive(Debug)]
pub(super) struct Queue<T> {
    order: VecDeque<Entry>,
    changes: HashMap<Arc<str>, ResourceChange<T>>,
    error: Option<Error>,
    is_closed: bool,
}

#[derive(Debug)]
enum Entry {
    Resource(Arc<str>),
    Synced,
    Error,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { order: VecDeque::new(), changes: HashMap::new(), error: None, is_closed: false }
    }
}

impl<T: Clone> Queue<T> {
    /// Adds a change. One of the same resource that was not delivered is replaced.
    pub(super) fn push(&mut self, id: &Arc<str>, change: ResourceChange<T>) {
        if self.changes.insert(Arc::clone(id), change).is_none() {
            self.order.push_back(Entry::Resource(Arc::clone(id)));
        }
    }

    pub(super) fn push_synced(&mut self) {
        self.order.push_back(Entry::Synced);
    }

    /// Adds an error. One that was not delivered is replaced.
    pub(super) fn push_error(&mut self, error: Error) {
        if self.error.replace(error).is_none() {
            self.order.push_back(Entry::Error);
        }
    }

    /// Adds nothing more: what is in the queue is delivered, and then it ends.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Takes out what is to be delivered next.
    pub(super) fn pop(&mut self) -> Option<Result<Change<T>>> {
        loop {
            let next = match self.order.pop_front()? {
                Entry::Synced => Some(Ok(Change::Synced)),
                Entry::Error => self.error.take().map(Err),
                Entry::Resource(id) => self.changes.remove(&id).map(|change| Ok(change.into())),
            };
            if next.is_some() {
                return next;
            }
        }
    }
}

impl<T: Clone> From<ResourceChange<T>> for Change<T> {
    fn from(change: ResourceChange<T>) -> Self {
        match change {
            ResourceChange::Applied(resource) => Self::Applied(Arc::unwrap_or_clone(resource)),
            ResourceChange::Gone(resource) => Self::Gone(Arc::unwrap_or_clone(resource)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivered(queue: &mut Queue<u8>) -> Vec<String> {
        std::iter::from_fn(|| queue.pop())
            .map(|next| next.map_or_else(|error| error.to_string(), |change| format!("{change:?}")))
            .collect()
    }

    #[test]
    fn a_resource_and_the_errors_take_one_place_each() {
        let mut queue = Queue::default();
        let (a, b): (Arc<str>, Arc<str>) = ("a".into(), "b".into());
        for number in 0..100 {
            queue.push(&a, ResourceChange::Applied(Arc::new(number)));
            queue.push_error(Error::config(format!("error {number}")));
            queue.push(&b, ResourceChange::Applied(Arc::new(number)));
        }
        queue.push_synced();
        queue.push(&a, ResourceChange::Gone(Arc::new(100)));
        assert_eq!(queue.order.len(), 4);
        let expected = ["Gone(100)", "the client cannot be built: error 99", "Applied(99)", "Synced"];
        assert_eq!(delivered(&mut queue), expected);
        // What was delivered takes a new place.
        queue.push(&a, ResourceChange::Applied(Arc::new(1)));
        queue.push_error(Error::config("again"));
        queue.close();
        assert_eq!(delivered(&mut queue), ["Applied(1)", "the client cannot be built: again"]);
        assert!(queue.is_closed());
    }
}
