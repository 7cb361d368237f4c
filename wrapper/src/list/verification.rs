//! What a verified list promises: an item that was there all the time has come.

use std::collections::HashMap;

use super::ids::Id;
use super::page::{Listed, Page};
use super::pass::Pass;
use super::reader::Batch;
use crate::{Error, ErrorKind, Result};

/// After so many passes without an answer, a list is given up.
const PASSES: usize = 10;

/// Passes over a list until one moment is found at which all that was there is known.
///
/// That moment is the first reading of a pass. What came both before it and since was there, for ids do not come back. If
/// that is as much as the reading's `total_count`, it is all there was; so whatever was there all the time is among it,
/// however the service sorts, and however the pages shifted.
#[derive(Debug, Default)]
pub(super) struct Verification {
    pass: Pass,
    moments: Vec<Moment>,
    /// The last pass that held an item.
    seen: HashMap<Id, usize>,
}

/// The first reading of a pass.
#[derive(Clone, Copy, Debug)]
struct Moment {
    /// How many items there were.
    total: u64,
    /// How many of them are known.
    known: u64,
}

impl Verification {
    /// The pages to read next; none at the end. Asked for when all pages before have come.
    pub(super) fn next(&mut self) -> Result<Option<Batch>> {
        if let Some(pages) = self.pass.next() {
            return Ok(Some(Batch::Forward(pages)));
        }
        if self.moments.iter().any(|moment| moment.known == moment.total) {
            return Ok(None);
        }
        if self.moments.len() == PASSES {
            return Err(self.gave_up());
        }
        self.pass = Pass::default();
        Ok(self.pass.next().map(Batch::Forward))
    }

    /// Notes a page that came, and leaves in it what has not come before.
    pub(super) fn note<T: Listed>(&mut self, page: &mut Page<T>) {
        if self.pass.read() == 0 {
            self.moments.push(Moment { total: page.total_count, known: 0 });
        }
        self.pass.note(page);
        let is_first_of_all = self.moments.len() == 1 && page.page == 1;
        page.items.retain(|item| self.see(Id::of(item.id())));
        if is_first_of_all {
            // One page is of one moment: where it holds all there is, nothing more is to be asked.
            self.moments[0].known = page.items.len() as u64;
        }
    }

    /// Whether it is seen for the first time.
    fn see(&mut self, id: Id) -> bool {
        let pass = self.moments.len() - 1;
        let Some(last) = self.seen.insert(id, pass) else { return true };
        for moment in &mut self.moments[last + 1..=pass] {
            moment.known += 1;
        }
        false
    }

    fn gave_up(&self) -> Error {
        let last = self.moments.last().copied().unwrap_or(Moment { total: 0, known: 0 });
        let Moment { total, known } = last;
        let reason = match self.pass.is_contradicted() {
            true => "total_count is more than the pages hold",
            false => "it goes on changing",
        };
        let message = format!(
            "{PASSES} passes over the list never agreed: of {total} items, {known} were seen both before and after; {reason}"
        );
        Error::new(ErrorKind::Unsettled, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::model::Thing;

    const NOTHING: [u32; 0] = [];

    fn note(verification: &mut Verification, number: u32, ids: &[u32], total_count: u64) -> usize {
        let items = ids.iter().map(|id| Thing::new(*id)).collect();
        let mut page = Page { items, page: number, per_page: 2, total_count };
        verification.note(&mut page);
        page.items.len()
    }

    fn next(verification: &mut Verification) -> Vec<u32> {
        verification.next().unwrap().map(|batch| batch.collect()).unwrap_or_default()
    }

    #[test]
    fn one_page_that_holds_all_is_enough() {
        for (ids, total) in [(&[][..], 0), (&[1, 2], 2)] {
            let mut verification = Verification::default();
            assert_eq!(next(&mut verification), [1]);
            assert_eq!(note(&mut verification, 1, ids, total), ids.len());
            assert_eq!(next(&mut verification), NOTHING);
        }
    }

    #[test]
    fn a_quiet_list_is_read_twice_with_the_first_page_of_a_pass_on_its_own() {
        let mut verification = Verification::default();
        for fresh in [[2, 1], [0, 0]] {
            assert_eq!(next(&mut verification), [1]);
            assert_eq!(note(&mut verification, 1, &[1, 2], 3), fresh[0]);
            assert_eq!(next(&mut verification), [2]);
            assert_eq!(note(&mut verification, 2, &[3], 3), fresh[1]);
        }
        assert_eq!(next(&mut verification), NOTHING);
    }

    #[test]
    fn a_change_costs_another_pass() {
        let mut verification = Verification::default();
        // 3 slips onto the first page, unseen, when 1 goes.
        for (first, total) in [([1, 2], 4), ([2, 3], 3), ([2, 3], 3)] {
            assert_eq!(next(&mut verification), [1]);
            note(&mut verification, 1, &first, total);
            assert_eq!(next(&mut verification), [2]);
            note(&mut verification, 2, &[4], 3);
        }
        assert_eq!(next(&mut verification), NOTHING);
    }

    #[test]
    fn what_never_agrees_is_an_error_in_the_end() {
        let mut verification = Verification::default();
        for pass in 0..10 {
            assert_eq!(next(&mut verification), [1]);
            note(&mut verification, 1, &[pass, pass + 1], 3);
            assert_eq!(next(&mut verification), [2]);
            note(&mut verification, 2, &[], 3);
        }
        let error = verification.next().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsettled);
        assert_eq!(
            error.message(),
            "10 passes over the list never agreed: of 3 items, 1 were seen both before and after; total_count is more than \
             the pages hold"
        );
    }
}
