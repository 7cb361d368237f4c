//! The guarantee of a verified list: no item that existed all the time is missing.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::ids::{Id, Ids};
use super::listable::{Listable, id_of};
use super::pass::{Batch, Pass};
use super::received::ReceivedPage;
use super::repetition::Repetition;
use crate::{Error, ErrorKind, Result};

/// The most passes over a list; few enough for a byte.
const MAX_PASSES: usize = 10;

/// Passes over a list until there is one moment at which all existing items are known.
///
/// That moment is the first page of a pass. An item that was read both before and since then existed at that moment, since
/// ids are not used again. If there are as many such items as the page's `total_count`, they are all there were; so any
/// item that existed all the time is among them, however the service sorts and however the pages shifted.
///
/// A `total_count` can be less than there are items, such as that of one page, or a cap. So if the last page of the first pass
/// is full, the page behind it is read as well. If `total_count` lacks or is contradicted by the pages, two passes in a row must
/// read the same items on the same pages, none of them twice: a deletion or an insertion during one of them would show.
#[derive(Debug, Default)]
pub(super) struct Verification {
    pass: Pass,
    moments: Vec<Moment>,
    /// The last pass that had an item.
    seen: Ids<u8>,
    repetition: Repetition,
    /// Whether `total_count` lacks or was contradicted in any pass.
    has_no_total: bool,
    /// Whether an item has no id, so that it is not recognised.
    has_item_without_id: bool,
    is_end_confirmed: bool,
    /// Passes whose pages were all equal.
    equal_passes: usize,
}

/// The moment of the first page of a pass, and what the pass read.
#[derive(Clone, Copy, Debug, Default)]
struct Moment {
    /// How many items existed.
    total: u64,
    /// How many of them are known to have existed.
    known: u64,
    /// Of the ids, page by page.
    hash: u64,
    /// Whether no item was read twice.
    is_clean: bool,
}

/// Passes whose pages are all equal while there should be more items: the service ignores the number of the page.
const MAX_EQUAL_PASSES: usize = 3;

impl Verification {
    /// Returns the pages to read next; `None` at the end. Called when all earlier pages have arrived.
    pub(super) fn next(&mut self) -> Result<Option<Batch>> {
        if let Some(pages) = self.pass.next() {
            return Ok(Some(Batch::Forward(pages)));
        }
        if !std::mem::replace(&mut self.is_end_confirmed, true)
            && let Some(behind) = self.pass.behind_a_full_page()
        {
            return Ok(Some(Batch::Forward(behind)));
        }
        self.has_no_total |= self.pass.has_no_total();
        if self.is_verified() {
            return Ok(None);
        }
        if let Some(error) = self.repetition.error_if_all_are_equal() {
            self.equal_passes += 1;
            if self.equal_passes == MAX_EQUAL_PASSES {
                return Err(error);
            }
        }
        if self.moments.len() == MAX_PASSES || self.has_item_without_id {
            return Err(self.not_verified());
        }
        (self.pass, self.repetition) = (Pass::another(self.has_no_total), Repetition::default());
        Ok(self.pass.next().map(Batch::Forward))
    }

    fn is_verified(&self) -> bool {
        match &self.moments[..] {
            moments if !self.has_no_total => moments.iter().any(|moment| moment.known == moment.total),
            [.., before, last] => {
                let is_clean = before.is_clean && last.is_clean && !self.has_item_without_id;
                is_clean && before.hash == last.hash
            }
            _ => false,
        }
    }

    /// Records a page, and removes the items that an earlier page had. An error if the pages bring nothing new any more.
    pub(super) fn record<T: Listable>(&mut self, page: &mut ReceivedPage<T>) -> Result<()> {
        if self.pass.read() == 0 {
            self.moments.push(Moment { total: page.total_count.unwrap_or(0), is_clean: true, ..Moment::default() });
        }
        self.pass.record(page);
        let is_first_of_all = self.moments.len() == 1 && page.number() == 1;
        let ids: Vec<_> = page.items.iter().map(|item| id_of(item).map(Id::of)).collect();
        let mut new_in_pass = 0;
        let mut ids_of_items = ids.iter();
        page.items.retain(|_| match ids_of_items.next().and_then(Option::as_ref) {
            Some(id) => {
                let seen = self.record_id(id);
                new_in_pass += usize::from(seen != Seen::InThisPass);
                seen == Seen::Never
            }
            None => {
                self.has_item_without_id = true;
                true
            }
        });
        if is_first_of_all {
            // A page shows one moment: if it holds all items, nothing more needs to be read.
            self.moments[0].known = page.items.len() as u64;
        }
        let (hash, is_clean) = (hash_of(&ids), new_in_pass == ids.len());
        if self.repetition.record(page, ids, new_in_pass, self.seen.len())? {
            self.pass.finish();
            page.items.clear();
        } else if let Some(moment) = self.moments.last_mut() {
            moment.hash = hash_of(&(moment.hash, hash));
            moment.is_clean &= is_clean;
        }
        Ok(())
    }

    fn record_id(&mut self, id: &Id) -> Seen {
        let pass = self.moments.len() - 1;
        let Some(last) = self.seen.insert(id, pass as u8).map(usize::from) else { return Seen::Never };
        for moment in &mut self.moments[last + 1..=pass] {
            moment.known += 1;
        }
        if last == pass { Seen::InThisPass } else { Seen::Before }
    }

    fn not_verified(&self) -> Error {
        let Moment { total, known, .. } = self.moments.last().copied().unwrap_or_default();
        let passes = self.moments.len();
        let (last, reason) = match self {
            _ if self.has_item_without_id => ("", "an item has no id, so it is not recognised"),
            _ if self.pass.is_contradicted() => ("", "total_count is more than the pages hold"),
            _ if self.has_no_total => {
                ("no two in a row read the same; ", "total_count lacks or is wrong, and it keeps changing")
            }
            _ => ("", "it keeps changing"),
        };
        let message = format!(
            "after {passes} passes over the list, {last}{known} of {total} items were read both before and since; {reason}"
        );
        Error::new(ErrorKind::ListUnverified, message)
    }
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// When an item was read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Never,
    Before,
    InThisPass,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::model::Item;
    use crate::list::received::Undecoded;

    const NOTHING: [u32; 0] = [];

    fn record(verification: &mut Verification, number: u32, ids: &[u32], total_count: u64) -> usize {
        let items = ids.iter().map(|id| Item::new(*id)).collect();
        let mut page = ReceivedPage::for_test(items, number, 2, Some(total_count));
        verification.record(&mut page).unwrap();
        page.items.len()
    }

    fn next(verification: &mut Verification) -> Vec<u32> {
        verification.next().unwrap().map(|batch| batch.collect()).unwrap_or_default()
    }

    #[test]
    fn one_page_that_holds_all_items_is_enough() {
        for (ids, total) in [(&[][..], 0), (&[1], 1)] {
            let mut verification = Verification::default();
            assert_eq!(next(&mut verification), [1]);
            assert_eq!(record(&mut verification, 1, ids, total), ids.len());
            assert_eq!(next(&mut verification), NOTHING);
        }
    }

    #[test]
    fn behind_a_full_page_there_may_be_another_one() {
        let mut verification = Verification::default();
        next(&mut verification);
        record(&mut verification, 1, &[1, 2], 2);
        assert_eq!(next(&mut verification), [2]);
        record(&mut verification, 2, &[], 2);
        assert_eq!(next(&mut verification), NOTHING);

        // There is: the total is that of a page. Two passes must agree, and the first of them has an item twice.
        let mut verification = Verification::default();
        for pages in [[&[1, 2][..], &[2, 3], &[]], [&[1, 2], &[3, 4], &[]], [&[1, 2], &[3, 4], &[]]] {
            for (number, ids) in (1..).zip(pages) {
                assert_eq!(next(&mut verification), [number]);
                record(&mut verification, number, ids, 2);
            }
        }
        assert_eq!(next(&mut verification), NOTHING);
    }

    #[test]
    fn an_item_without_an_id_cannot_be_verified() {
        let mut verification = Verification::default();
        for (number, ids) in [(1, [1, 2]), (2, [3, 4])] {
            assert_eq!(next(&mut verification), [number]);
            let mut page = ReceivedPage::for_test(ids.map(Item::new).into(), number, 2, Some(4));
            if number == 2 {
                page.items[0] = Err(Undecoded::without_id());
            }
            verification.record(&mut page).unwrap();
            assert_eq!(page.items.len(), 2);
        }
        next(&mut verification);
        record(&mut verification, 3, &[], 4);
        let error = verification.next().unwrap_err();
        assert!(error.message().ends_with("an item has no id, so it is not recognised"), "{error}");
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
