//! What a list promises always: no item twice, and what a shift of the pages that shows may have hidden is read again.

use super::ids::Ids;
use super::page::{Listed, Page};
use super::pass::Pass;
use super::reader::Batch;

/// How often what may be hidden is looked for, in a list that changes all the time.
const ROUNDS: u32 = 3;

/// One pass over a list, and the pages at which it may have missed something.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pass: Pass,
    seen: Ids,
    /// For each page read.
    totals: Vec<Totals>,
    rounds: u32,
    was_read_again: bool,
}

/// The `total_count` that came with the readings of one page: it tells in which state of the list they were made.
#[derive(Clone, Copy, Debug)]
struct Totals {
    least: u64,
    most: u64,
}

impl Survey {
    /// The pages to read next; none at the end. Asked for when all pages before have come.
    pub(super) fn next(&mut self) -> Option<Batch> {
        if let Some(pages) = self.pass.next() {
            return Some(Batch::Forward(pages));
        }
        if self.rounds == ROUNDS {
            return None;
        }
        self.rounds += 1;
        let again = self.suspects();
        (!again.is_empty()).then(|| Batch::Again(again.into()))
    }

    /// Notes a page that came, and leaves in it what has not come before.
    pub(super) fn note<T: Listed>(&mut self, page: &mut Page<T>) {
        let total = page.total_count;
        match self.totals.get_mut(page.page as usize - 1) {
            Some(totals) => {
                *totals = Totals { least: totals.least.min(total), most: totals.most.max(total) };
                self.pass.resize(page);
            }
            None => {
                self.totals.push(Totals { least: total, most: total });
                self.pass.note(page);
            }
        }
        page.items.retain(|item| self.seen.insert(item.id()));
    }

    /// Pages that may hold what has not come, the last first: those that are read backwards lose nothing to deletions.
    fn suspects(&mut self) -> Vec<u32> {
        let mut pages: Vec<u32> =
            (1..).zip(self.totals.windows(2)).flat_map(|(page, two)| self.gap(page, two)).collect();
        let least = self.totals.iter().map(|totals| totals.least).min();
        let is_short = least.is_some_and(|least| self.seen.len() < least);
        if pages.is_empty() && is_short && !self.was_read_again && !self.pass.is_contradicted() {
            // Something came twice, so something else has not come, and nothing says where.
            self.was_read_again = true;
            pages = (1..=self.pass.pages().min(self.pass.read())).collect();
        }
        pages.sort_unstable();
        pages.dedup();
        pages.reverse();
        pages
    }

    /// Which of two neighbours to read again. What left a place before them moved the first item of the second page onto
    /// the first page; it was seen on neither if the first was read while more items were there than when the second was.
    fn gap(&self, page: u32, two: &[Totals]) -> impl Iterator<Item = u32> + use<> {
        let (first, second, now) = (two[0], two[1], self.pass.total());
        let is_open = first.least > second.most;
        let again_first = is_open && (now <= second.most || now < first.least);
        let again_second = is_open && now > second.most;
        [(again_first, page), (again_second, page + 1)].into_iter().filter(|(again, _)| *again).map(|(_, page)| page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::model::Thing;

    const NOTHING: [u32; 0] = [];

    /// What is read next, after pages of two with these totals.
    fn next_after(pages: &[(u32, &[u32], u64)]) -> Vec<u32> {
        let mut survey = Survey::default();
        for &(number, ids, total_count) in pages {
            let items = ids.iter().map(|id| Thing::new(*id)).collect();
            survey.note(&mut Page { items, page: number, per_page: 2, total_count });
        }
        survey.next().map(|batch| batch.collect()).unwrap_or_default()
    }

    #[test]
    fn a_quiet_list_is_read_once() {
        assert_eq!(next_after(&[]), [1]);
        assert_eq!(next_after(&[(1, &[1, 2], 5)]), [2, 3]);
        assert_eq!(next_after(&[(1, &[1, 2], 5), (2, &[3, 4], 5), (3, &[5], 5)]), NOTHING);
    }

    #[test]
    fn the_page_before_a_loss_is_read_again() {
        assert_eq!(next_after(&[(1, &[1, 2], 5), (2, &[4, 5], 4)]), [1]);
        assert_eq!(next_after(&[(1, &[1, 2], 6), (2, &[3, 4], 6), (3, &[6], 5)]), [2]);
        assert_eq!(next_after(&[(1, &[1, 2], 6), (2, &[4, 5], 5), (3, &[], 4)]), [2, 1]);
        // And when it has been, that is all.
        assert_eq!(next_after(&[(1, &[1, 2], 5), (2, &[4, 5], 4), (1, &[2, 3], 4)]), NOTHING);
    }

    #[test]
    fn of_pages_read_out_of_order_the_one_with_more_now_is_read_again() {
        // The second was read before something came in front, the first after.
        assert_eq!(next_after(&[(1, &[0, 1], 4), (2, &[3], 3), (2, &[2, 3], 4)]), NOTHING);
        assert_eq!(next_after(&[(1, &[0, 1], 6), (2, &[3, 4], 5), (3, &[4, 5], 6)]), [2]);
        assert_eq!(next_after(&[(1, &[0, 1], 7), (2, &[3, 4], 4), (3, &[4, 5], 6)]), [2, 1]);
    }

    #[test]
    fn a_list_that_came_short_is_read_again_once() {
        assert_eq!(next_after(&[(1, &[1, 2], 4), (2, &[2, 3], 4)]), [2, 1]);
        assert_eq!(next_after(&[(1, &[1, 2], 4), (2, &[2, 3], 4), (2, &[2, 3], 4), (1, &[0, 1], 4)]), NOTHING);
        // Not where the service says more than it has: it would go on saying so.
        assert_eq!(next_after(&[(1, &[1, 2], 9), (2, &[], 9)]), NOTHING);
    }

    #[test]
    fn what_changes_all_the_time_is_not_read_for_ever() {
        let mut survey = Survey::default();
        let mut total = 1_000;
        let mut read = 0;
        while let Some(batch) = survey.next() {
            for number in batch {
                total -= 1;
                read += 1;
                let items = (0..100).map(|id| Thing::new(100 * number + id)).collect();
                survey.note(&mut Page { items, page: number, per_page: 100, total_count: total });
            }
        }
        assert!((10..40).contains(&read), "{read}");
    }
}
