//! The guarantee of every list: no item twice, and pages are read again where a visible shift may have hidden items.

use super::ids::{Id, Ids};
use super::listable::{Listable, id_of};
use super::pass::{Batch, Pass};
use super::received::ReceivedPage;
use super::repetition::Repetition;
use crate::Result;

/// How often pages are read again, in a list that keeps changing.
const MAX_ROUNDS: u32 = 3;

/// One pass over a list, and the pages at which it may have missed items.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pass: Pass,
    seen: Ids,
    /// Items that have no id, so that they are not recognised.
    without_id: u64,
    repetition: Repetition,
    /// One entry for each page read.
    totals: Vec<Totals>,
    rounds: u32,
    was_read_again: bool,
}

/// The range of `total_count` in the readings of one page: it shows in which states of the list they were made.
#[derive(Clone, Copy, Debug)]
struct Totals {
    min: u64,
    max: u64,
}

impl Survey {
    /// Returns the pages to read next; `None` at the end. Called when all earlier pages have arrived.
    pub(super) fn next(&mut self) -> Result<Option<Batch>> {
        if let Some(pages) = self.pass.next() {
            return Ok(Some(Batch::Forward(pages)));
        }
        let again = if self.rounds < MAX_ROUNDS { self.suspects() } else { vec![] };
        self.rounds += 1;
        match self.repetition.error_if_all_are_equal().filter(|_| again.is_empty() && self.is_short()) {
            Some(error) => Err(error),
            None => Ok((!again.is_empty()).then(|| Batch::Again(again.into()))),
        }
    }

    /// Records a page, and removes the items that an earlier page had. An error if the pages bring nothing new any more.
    pub(super) fn record<T: Listable>(&mut self, page: &mut ReceivedPage<T>) -> Result<()> {
        match page.number() as usize - 1 {
            index if index < self.totals.len() => self.record_again(index, page),
            _ => self.record_next(page)?,
        }
        Ok(())
    }

    fn record_again<T: Listable>(&mut self, index: usize, page: &mut ReceivedPage<T>) {
        self.pass.resize(page);
        if page.total_count.is_some() {
            let (total, totals) = (self.pass.total(), &mut self.totals[index]);
            *totals = Totals { min: totals.min.min(total), max: totals.max.max(total) };
        }
        page.items.retain(|item| id_of(item).is_some_and(|id| self.seen.insert(&Id::of(id), ()).is_none()));
    }

    fn record_next<T: Listable>(&mut self, page: &mut ReceivedPage<T>) -> Result<()> {
        self.pass.record(page);
        let total = self.pass.total();
        self.totals.push(Totals { min: total, max: total });
        let ids: Vec<_> = page.items.iter().map(|item| id_of(item).map(Id::of)).collect();
        let known = self.seen.len();
        let mut ids_of_items = ids.iter();
        // Without an id, it is taken as new.
        let mut is_new = |id: Option<&Id>| id.is_none_or(|id| self.seen.insert(id, ()).is_none());
        page.items.retain(|_| is_new(ids_of_items.next().and_then(Option::as_ref)));
        self.without_id += ids.iter().filter(|id| id.is_none()).count() as u64;
        let new = self.seen.len() - known;
        if self.repetition.record(page, ids, new as usize, self.known())? {
            self.pass.finish();
            page.items.clear();
        }
        Ok(())
    }

    /// How many items were read.
    fn known(&self) -> u64 {
        self.seen.len() + self.without_id
    }

    /// Returns the pages that may hold unseen items, the last one first: reading backwards loses nothing to deletions.
    fn suspects(&mut self) -> Vec<u32> {
        let mut pages: Vec<u32> =
            (1..).zip(self.totals.windows(2)).flat_map(|(page, two)| self.gap(page, two)).collect();
        if pages.is_empty() && self.is_short() && !self.was_read_again && !self.pass.is_contradicted() {
            // An item was on two pages, so another one is missing, and its place is not known.
            self.was_read_again = true;
            pages = (1..=self.pass.pages().min(self.pass.read())).collect();
        }
        pages.sort_unstable();
        pages.dedup();
        pages.reverse();
        pages
    }

    /// Whether there were more items at any time than were read.
    fn is_short(&self) -> bool {
        self.totals.iter().map(|totals| totals.min).min().is_some_and(|min| self.known() < min)
    }

    /// Returns which of two neighbouring pages to read again. A deletion before them moves the first item of the second page
    /// to the first page. That item was seen on neither if there were more items when the first page was read than when the
    /// second was.
    fn gap(&self, page: u32, two: &[Totals]) -> impl Iterator<Item = u32> + use<> {
        let (first, second, now) = (two[0], two[1], self.pass.total());
        let is_open = first.min > second.max;
        let again_first = is_open && (now <= second.max || now < first.min);
        let again_second = is_open && now > second.max;
        [(again_first, page), (again_second, page + 1)].into_iter().filter(|(again, _)| *again).map(|(_, page)| page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::model::Item;

    const NOTHING: [u32; 0] = [];

    /// What is read next, after pages of two with these totals.
    fn next_after(pages: &[(u32, &[u32], u64)]) -> Vec<u32> {
        let mut survey = Survey::default();
        for &(number, ids, total_count) in pages {
            let items = ids.iter().map(|id| Item::new(*id)).collect();
            survey.record(&mut ReceivedPage::for_test(items, number, 2, Some(total_count))).unwrap();
        }
        survey.next().unwrap().map(|batch| batch.collect()).unwrap_or_default()
    }

    #[test]
    fn an_unchanged_list_is_read_once() {
        assert_eq!(next_after(&[]), [1]);
        assert_eq!(next_after(&[(1, &[1, 2], 5)]), [2, 3]);
        assert_eq!(next_after(&[(1, &[1, 2], 5), (2, &[3, 4], 5), (3, &[5], 5)]), NOTHING);
    }

    #[test]
    fn the_page_before_a_deletion_is_read_again() {
        assert_eq!(next_after(&[(1, &[1, 2], 5), (2, &[4, 5], 4)]), [1]);
        assert_eq!(next_after(&[(1, &[1, 2], 6), (2, &[3, 4], 6), (3, &[6], 5)]), [2]);
        assert_eq!(next_after(&[(1, &[1, 2], 6), (2, &[4, 5], 5), (3, &[], 4)]), [2, 1]);
        // Once is enough.
        assert_eq!(next_after(&[(1, &[1, 2], 5), (2, &[4, 5], 4), (1, &[2, 3], 4)]), NOTHING);
    }

    #[test]
    fn of_pages_read_out_of_order_the_one_that_holds_more_now_is_read_again() {
        // The second page was read before an item was inserted in front of it, the first after.
        assert_eq!(next_after(&[(1, &[0, 1], 4), (2, &[3], 3), (2, &[2, 3], 4)]), NOTHING);
        assert_eq!(next_after(&[(1, &[0, 1], 6), (2, &[3, 4], 5), (3, &[4, 5], 6)]), [2]);
        assert_eq!(next_after(&[(1, &[0, 1], 7), (2, &[3, 4], 4), (3, &[4, 5], 6)]), [2, 1]);
    }

    #[test]
    fn a_list_with_a_missing_item_is_read_again_once() {
        assert_eq!(next_after(&[(1, &[1, 2], 4), (2, &[2, 3], 4)]), [2, 1]);
        assert_eq!(next_after(&[(1, &[1, 2], 4), (2, &[2, 3], 4), (2, &[2, 3], 4), (1, &[0, 1], 4)]), NOTHING);
        // But not if the service reports more items than it has: it would do so again.
        assert_eq!(next_after(&[(1, &[1, 2], 9), (2, &[], 9)]), NOTHING);
    }

    #[test]
    fn a_list_that_keeps_changing_is_not_read_for_ever() {
        let mut survey = Survey::default();
        let mut total = 1_000;
        let mut read = 0;
        while let Some(batch) = survey.next().unwrap() {
            for number in batch {
                total -= 1;
                read += 1;
                let first = 100 * (number - 1);
                let items = (first..(first + 100).min(total as u32)).map(Item::new).collect();
                survey.record(&mut ReceivedPage::for_test(items, number, 100, Some(total))).unwrap();
            }
        }
        assert!((10..40).contains(&read), "{read}");
    }
}
