//! The guarantee of a verified list: no item that existed all the time is missing.

use std::collections::HashMap;

use super::ids::Id;
use super::listable::Listable;
use super::page::Page;
use super::pass::{Batch, Pass};
use crate::{Error, ErrorKind, Result};

/// The most passes over a list.
const MAX_PASSES: usize = 10;

/// Passes over a list until there is one moment at which all existing items are known.
///
/// That moment is the first page of a pass. An item that was read both before and since then existed at that moment, since
/// ids are not used again. If there are as many such items as the page's `total_count`, they are all there were; so any
/// item that existed all the time is among them, however the service sorts and however the pages shifted.
#[derive(Debug, Default)]
pub(super) struct Verification {
    pass: Pass,
    moments: Vec<Moment>,
    /// The last pass that had an item.
    seen: HashMap<Id, usize>,
}

/// The moment of the first page of a pass.
#[derive(Clone, Copy, Debug)]
struct Moment {
    /// How many items existed.
    total: u64,
    /// How many of them are known to have existed.
    known: u64,
}

impl Verification {
    /// Returns the pages to read next; `None` at the end. Called when all earlier pages have arrived.
    pub(super) fn next(&mut self) -> Result<Option<Batch>> {
        if let Some(pages) = self.pass.next() {
            return Ok(Some(Batch::Forward(pages)));
        }
        if self.moments.iter().any(|moment| moment.known == moment.total) {
            return Ok(None);
        }
        if self.moments.len() == MAX_PASSES {
            return Err(self.not_verified());
        }
        self.pass = Pass::default();
        Ok(self.pass.next().map(Batch::Forward))
    }

    /// Records a page, and removes the items that an earlier page had.
    pub(super) fn record<T: Listable>(&mut self, page: &mut Page<T>) {
        if self.pass.read() == 0 {
            self.moments.push(Moment { total: page.total_count, known: 0 });
        }
        self.pass.record(page);
        let is_first_of_all = self.moments.len() == 1 && page.page == 1;
        page.items.retain(|item| self.is_new(Id::of(item.id())));
        if is_first_of_all {
            // A page shows one moment: if it holds all items, nothing more needs to be read.
            self.moments[0].known = page.items.len() as u64;
        }
    }

    /// Records an id, and returns whether it is new.
    fn is_new(&mut self, id: Id) -> bool {
        let pass = self.moments.len() - 1;
        let Some(last) = self.seen.insert(id, pass) else { return true };
        for moment in &mut self.moments[last + 1..=pass] {
            moment.known += 1;
        }
        false
    }

    fn not_verified(&self) -> Error {
        let last = self.moments.last().copied().unwrap_or(Moment { total: 0, known: 0 });
        let Moment { total, known } = last;
        let reason =
            if self.pass.is_contradicted() { "total_count is more than the pages hold" } else { "it keeps changing" };
        let message = format!(
            "after {MAX_PASSES} passes over the list, {known} of {total} items were read both before and since; {reason}"
        );
        Error::new(ErrorKind::ListUnverified, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::model::Item;

    const NOTHING: [u32; 0] = [];

    fn record(verification: &mut Verification, number: u32, ids: &[u32], total_count: u64) -> usize {
        let items = ids.iter().map(|id| Item::new(*id)).collect();
        let mut page = Page { items, page: number, per_page: 2, total_count };
        verification.record(&mut page);
        page.items.len()
    }

    fn next(verification: &mut Verification) -> Vec<u32> {
        verification.next().unwrap().map(|batch| batch.collect()).unwrap_or_default()
    }

    #[test]
    fn one_page_that_holds_all_items_is_enough() {
        for (ids, total) in [(&[][..], 0), (&[1, 2], 2)] {
            let mut verification = Verification::default();
            assert_eq!(next(&mut verification), [1]);
            assert_eq!(record(&mut verification, 1, ids, total), ids.len());
            assert_eq!(next(&mut verification), NOTHING);
        }
    }

    #[test]
    fn an_unchanged_list_is_read_twice_with_the_first_page_of_a_pass_on_its_own() {
        let mut verification = Verification::default();
        for fresh in [[2, 1], [0, 0]] {
            assert_eq!(next(&mut verification), [1]);
            assert_eq!(record(&mut verification, 1, &[1, 2], 3), fresh[0]);
            assert_eq!(next(&mut verification), [2]);
            assert_eq!(record(&mut verification, 2, &[3], 3), fresh[1]);
        }
        assert_eq!(next(&mut verification), NOTHING);
    }

    #[test]
    fn a_change_costs_another_pass() {
        let mut verification = Verification::default();
        // 3 moves to the first page, unseen, when 1 is deleted.
        for (first, total) in [([1, 2], 4), ([2, 3], 3), ([2, 3], 3)] {
            assert_eq!(next(&mut verification), [1]);
            record(&mut verification, 1, &first, total);
            assert_eq!(next(&mut verification), [2]);
            record(&mut verification, 2, &[4], 3);
        }
        assert_eq!(next(&mut verification), NOTHING);
    }

    #[test]
    fn a_list_that_is_never_verified_is_an_error() {
        let mut verification = Verification::default();
        for pass in 0..10 {
            assert_eq!(next(&mut verification), [1]);
            record(&mut verification, 1, &[pass, pass + 1], 3);
            assert_eq!(next(&mut verification), [2]);
            record(&mut verification, 2, &[], 3);
        }
        let error = verification.next().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ListUnverified);
        assert_eq!(
            error.message(),
            "after 10 passes over the list, 1 of 3 items were read both before and since; total_count is more than the pages hold"
        );
    }
}
