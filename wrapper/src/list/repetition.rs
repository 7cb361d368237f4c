//! Recognises a service that sends the same pages again and again.

use super::ids::Id;
use super::received::{ReceivedPage, error};
use crate::{Error, Result};

/// Repeated items that no change of the account explains. A shift by exactly one page repeats a page as well, but hardly
/// twice, or a page of many items.
const MAX_REPEATED: usize = 10;
/// The same for pages that are not equal to the one before, but hold nothing new. A shift by more than a page, while the list
/// was not polled, explains some.
const MAX_STALE_PAGES: usize = 5;
const MAX_STALE_ITEMS: usize = 50;

/// The pages of a pass that have brought nothing new, since the last one that did.
#[derive(Debug, Default)]
pub(super) struct Repetition {
    last: Option<Last>,
    /// The first of the equal pages.
    first: u32,
    repeated: usize,
    stale_pages: usize,
    stale_items: usize,
}

#[derive(Debug)]
struct Last {
    number: u32,
    operation: &'static str,
    ids: Vec<Option<Id>>,
    total_count: Option<u64>,
}

impl Repetition {
    /// Records the next page of a pass as it was received, with the ids on it, the number of those that are new in this pass,
    /// and that of all items known by now. Returns whether the list ends before it: the service sends its last page again for
    /// any behind it, or has no pages and sends all it has. An error if the pages bring nothing new any more.
    pub(super) fn record<T>(
        &mut self,
        page: &ReceivedPage<T>,
        ids: Vec<Option<Id>>,
        new: usize,
        known: u64,
    ) -> Result<bool> {
        if ids.is_empty() {
            return Ok(false);
        }
        let count = ids.len();
        let (number, operation) = (page.number(), page.operation);
        let last = Last { number, operation, ids, total_count: page.total_count };
        let is_equal = self.last.as_ref().is_some_and(|before| before.is_equal(&last));
        self.last = Some(last);
        if is_equal {
            self.repeated += count;
        } else {
            (self.first, self.repeated) = (number, 0);
        }
        if new > 0 {
            (self.stale_pages, self.stale_items) = (0, 0);
            return Ok(false);
        }
        (self.stale_pages, self.stale_items) = (self.stale_pages + 1, self.stale_items + count);
        let may_be_last = self.first > 1 || (count as u64) < page.full_size();
        if is_equal && may_be_last && page.total_count.is_none_or(|total| total <= known) {
            return Ok(true);
        }
        let says_so = page.page.is_some_and(|stated| stated != i64::from(number));
        if is_equal && (says_so || self.repeated >= MAX_REPEATED) {
            return Err(page.error(repeats(number, self.first)));
        }
        if self.stale_pages >= MAX_STALE_PAGES && self.stale_items >= MAX_STALE_ITEMS {
            return Err(
                page.error(format!("the last {} pages up to page {number} bring nothing new", self.stale_pages))
            );
        }
        Ok(false)
    }

    /// The error of a pass that has ended too early, if all its pages are equal, and there are several.
    pub(super) fn error_if_all_are_equal(&self) -> Option<Error> {
        let last = self.last.as_ref().filter(|_| self.first == 1 && self.repeated > 0)?;
        Some(error(last.operation, repeats(last.number, 1)))
    }
}

fn repeats(number: u32, first: u32) -> String {
    format!("page {number} brings the items of page {first} again, and no others")
}

impl Last {
    fn is_equal(&self, other: &Self) -> bool {
        self.total_count == other.total_count && self.ids == other.ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the list ends before each of these pages, whose first is full; or the message of the error.
    fn after(pages: &[&[u32]], total: Option<u64>, states_number: bool) -> Vec<Result<bool, String>> {
        let mut seen = std::collections::HashSet::new();
        let mut repetition = Repetition::default();
        let mut record = |(number, ids): (u32, &&[u32])| {
            let mut page = ReceivedPage::for_test(ids.to_vec(), number, pages[0].len() as u32, total);
            page.page = Some(if states_number { number.into() } else { 1 });
            let new = ids.iter().filter(|id| seen.insert(**id)).count();
            let ids = ids.iter().map(|id| Some(Id::of(&id.to_string()))).collect();
            repetition.record(&page, ids, new, seen.len() as u64).map_err(|error| error.message().to_owned())
        };
        (1..).zip(pages).map(&mut record).collect()
    }

    fn repeat(number: u32, first: u32) -> Result<bool, String> {
        Err(repeats(number, first))
    }

    #[test]
    fn an_equal_page_shows_that_the_number_is_ignored() {
        let ten: Vec<u32> = (0..10).collect();
        assert_eq!(after(&[&ten, &ten], Some(900), true), [Ok(false), repeat(2, 1)]);
        assert_eq!(after(&[&ten, &ten], None, true), [Ok(false), repeat(2, 1)]);
        assert_eq!(after(&[&[1, 2], &[3, 4], &[3, 4]], Some(9), false), [Ok(false), Ok(false), repeat(3, 2)]);
        // A shift by one item on pages of one item.
        assert_eq!(after(&[&[1], &[1], &[1], &[2]], Some(9), true), [Ok(false), Ok(false), Ok(false), Ok(false)]);
    }

    #[test]
    fn a_page_that_is_sent_again_may_be_the_last() {
        for total in [None, Some(0), Some(4)] {
            assert_eq!(after(&[&[1, 2], &[3, 4], &[3, 4]], total, true), [Ok(false), Ok(false), Ok(true)]);
        }
        assert_eq!(after(&[&[1, 2, 3], &[4], &[4]], None, true), [Ok(false), Ok(false), Ok(true)]);
    }

    #[test]
    fn pages_that_differ_may_bring_nothing_new_for_a_while() {
        let pages: Vec<Vec<u32>> = (0..3).map(|page| (page * 20..page * 20 + 20).collect()).collect();
        let round: Vec<&[u32]> = (0..8).map(|number| &pages[number % 3][..]).collect();
        let ends = after(&round, None, true);
        assert!(ends[..7].iter().all(|end| *end == Ok(false)), "{ends:?}");
        assert_eq!(ends[7], Err("the last 5 pages up to page 8 bring nothing new".into()));
    }
}
