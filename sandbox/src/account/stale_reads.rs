//! Stale reads: for a while after a create or a deletion, reads show the account as it was before, as those of a replica
//! that lags behind.

use std::time::Duration;

use chrono::TimeDelta;

use super::request::OperationRequest;
use super::resource::Resource;
use super::state::{Account, Shown, StaleRead};
use crate::error_response::ErrorResponse;

impl Account {
    /// Keeps reads from finding a resource that this request created.
    pub(super) fn delay_creation<T: Resource>(&mut self, id: &str, request: &OperationRequest) {
        self.delay::<T>(id, None, request);
    }

    /// Keeps reads finding a resource that this request is about to delete.
    pub(super) fn delay_deletion<T: Resource>(&mut self, request: &OperationRequest) {
        let shown = T::table(self)
            .get_full(request.id())
            .map(|(position, _, resource)| Shown { position, resource: Box::new(resource.with_references(self)) });
        self.delay::<T>(request.id(), shown, request);
    }

    fn delay<T: Resource>(&mut self, id: &str, shown: Option<Shown>, request: &OperationRequest) {
        let duration = request.stale_reads.unwrap_or(self.stale_for);
        if duration.is_zero() {
            return;
        }
        let until = self.now + TimeDelta::from_std(duration).unwrap_or(TimeDelta::days(365));
        self.stale_reads.push(StaleRead { kind: T::KIND.plural, id: id.to_owned(), until, shown });
    }

    /// Sets how long reads are stale after each create and deletion from now on.
    pub(crate) fn set_stale_for(&mut self, duration: Duration) {
        self.stale_for = duration;
    }

    /// Finds a resource for a read.
    pub(super) fn read<T: Resource>(&self, id: &str) -> Result<&T, ErrorResponse> {
        match self.stale::<T>().find(|stale| stale.id == id) {
            Some(stale) => stale.resource().ok_or_else(|| T::KIND.not_found.into()),
            None => self.find::<T>(id),
        }
    }

    /// Returns all resources of a kind as a list shows them, or `None` if none of them is stale.
    pub(super) fn stale_list<T: Resource>(&self) -> Option<Vec<&T>> {
        self.stale::<T>().next()?;
        let is_stale = |id: &str| self.stale::<T>().any(|stale| stale.id == id);
        let mut list = T::table(self).values().filter(|resource| !is_stale(resource.id())).collect::<Vec<_>>();
        let mut seen = Vec::new();
        let mut shown = Vec::new();
        for stale in self.stale::<T>() {
            // Of several changes of a resource, reads show the state before the first.
            if !seen.contains(&stale.id.as_str()) {
                seen.push(&stale.id);
                shown.extend(stale.shown.as_ref().map(|it| it.position).zip(stale.resource::<T>()));
            }
        }
        shown.sort_by_key(|(position, _)| *position);
        for (position, resource) in shown {
            list.insert(position.min(list.len()), resource);
        }
        Some(list)
    }

    /// Returns the stale reads of a kind, in the order of the changes.
    fn stale<T: Resource>(&self) -> impl Iterator<Item = &StaleRead> {
        self.stale_reads.iter().filter(|stale| stale.kind == T::KIND.plural)
    }

    /// Ends the stale reads that are over.
    pub(super) fn end_stale_reads(&mut self) {
        let now = self.now;
        self.stale_reads.retain(|stale| stale.until > now);
    }
}

impl StaleRead {
    fn resource<T: Resource>(&self) -> Option<&T> {
        self.shown.as_ref()?.resource.downcast_ref()
    }
}
