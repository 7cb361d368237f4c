//! One pass over a list, from its first page to its last.

use std::collections::VecDeque;
use std::ops::RangeInclusive;

use super::received::ReceivedPage;

/// Pages that can be fetched at the same time.
#[derive(Clone, Debug)]
pub(super) enum Batch {
    /// Pages not read before, in ascending order.
    Forward(RangeInclusive<u32>),
    /// Pages that were read before.
    Again(VecDeque<u32>),
}

impl Batch {
    pub(super) const NONE: Self = Self::Again(VecDeque::new());
}

impl Iterator for Batch {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        match self {
            Self::Forward(pages) => pages.next(),
            Self::Again(pages) => pages.pop_front(),
        }
    }
}

/// One pass over a list, as far as it has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Pass {
    /// The number of the last page read.
    read: u32,
    /// Items on the pages read.
    items: u64,
    /// Items on the largest page: the size of a page as the service gives it, whatever it states or was asked for.
    largest_page: u64,
    /// Whether the last page may be followed by another one.
    is_last_page_full: bool,
    /// The `total_count` of the last page read.
    expected: u64,
    /// The latest `total_count`, of these pages or of one that was read again.
    total: u64,
    /// Whether a page had no `total_count`, or one that is less than its items.
    has_no_total: bool,
    end: Option<End>,
}

/// What an empty page means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The list ends before it.
    Consistent,
    /// The same, but its `total_count` promises more items.
    Contradicted,
}

impl Pass {
    /// A further pass over a list whose `total_count` lacks or is wrong, if that was seen before.
    pub(super) fn another(has_no_total: bool) -> Self {
        Self { has_no_total, ..Self::default() }
    }

    /// Returns the pages to read next; `None` at the end of the list. Called when all earlier pages have arrived.
    ///
    /// Counts the items that arrived, since a page may hold fewer than `per_page`. An empty page is the last one whatever
    /// `total_count` promises, so that a list ends even while items are deleted. Without a `total_count` that can be true,
    /// there is no other end.
    pub(super) fn next(&self) -> Option<RangeInclusive<u32>> {
        let next = self.read.checked_add(1)?;
        if self.read == 0 {
            return Some(1..=1);
        }
        let pages = self.pages();
        match self.end {
            Some(_) => None,
            None if self.has_no_total => Some(next..=next),
            None if self.read < pages => Some(next..=pages),
            None if self.items < self.expected => Some(next..=self.last_by_average()),
            None => None,
        }
    }

    /// The last page if those to come have as many items as those read so far.
    fn last_by_average(&self) -> u32 {
        let average = self.items.div_ceil(self.read.into()).max(1);
        let more = (self.expected - self.items).div_ceil(average);
        self.read.saturating_add(u32::try_from(more).unwrap_or(u32::MAX))
    }

    /// Records the next page.
    pub(super) fn record<T>(&mut self, page: &ReceivedPage<T>) {
        let items = page.items.len() as u64;
        // What the pages before it hold at least, at the moment that it shows, if it holds anything.
        let before = u64::from(self.read) * self.largest_page;
        self.read = page.number();
        self.items = self.items.saturating_add(items);
        if items == 0 {
            let promised = page.total_count.unwrap_or(self.expected);
            self.end = Some(if promised > before { End::Contradicted } else { End::Consistent });
        } else {
            self.is_last_page_full = items >= page.full_size() || (before > 0 && items >= self.largest_page);
            self.has_no_total |= page.total_count.is_none_or(|total| total < before.saturating_add(items));
        }
        self.largest_page = self.largest_page.max(items);
        if let Some(total) = page.total_count {
            self.expected = total;
        }
        self.resize(page);
    }

    /// Records the size of the list that a page reports.
    pub(super) fn resize<T>(&mut self, page: &ReceivedPage<T>) {
        if let Some(total) = page.total_count.filter(|_| !self.has_no_total) {
            self.total = total;
        }
    }

    /// Ends the pass with the pages read.
    pub(super) fn finish(&mut self) {
        self.end = Some(End::Consistent);
    }

    /// Returns the page behind the last one, if that is full and no empty page has shown that it is the last.
    pub(super) fn behind_a_full_page(&self) -> Option<RangeInclusive<u32>> {
        let next = self.read.checked_add(1)?;
        (self.end.is_none() && self.is_last_page_full).then_some(next..=next)
    }

    /// Returns the number of pages that the list should have.
    pub(super) fn pages(&self) -> u32 {
        u32::try_from(self.total.div_ceil(self.largest_page.max(1))).unwrap_or(u32::MAX)
    }

    pub(super) fn read(&self) -> u32 {
        self.read
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Whether `total_count` lacks or is wrong, so that it does not show where the list ends.
    pub(super) fn has_no_total(&self) -> bool {
        self.has_no_total
    }

    /// Whether the service's `total_count` is more than its pages hold.
    pub(super) fn is_contradicted(&self) -> bool {
        self.end == Some(End::Contradicted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(items: usize, page: u32, per_page: u32, total_count: u64) -> ReceivedPage<()> {
        ReceivedPage::for_test(vec![(); items], page, per_page, Some(total_count))
    }

    fn after(pages: &[(usize, u32, u64)]) -> Option<RangeInclusive<u32>> {
        let mut pass = Pass::default();
        for (number, &(items, per_page, total_count)) in (1..).zip(pages) {
            pass.record(&page(items, number, per_page, total_count));
        }
        pass.next()
    }

    #[test]
    fn a_pass_ends_when_all_items_have_arrived_or_a_page_is_empty() {
        assert_eq!(after(&[]), Some(1..=1));
        assert_eq!(after(&[(0, 50, 0)]), None);
        assert_eq!(after(&[(50, 50, 50)]), None);
        assert_eq!(after(&[(50, 50, 51)]), Some(2..=2));
        assert_eq!(after(&[(50, 50, 500)]), Some(2..=10));
        assert_eq!(after(&[(50, 50, 51), (1, 50, 51)]), None);
        // The list grows or shrinks meanwhile.
        assert_eq!(after(&[(50, 50, 51), (50, 50, 160)]), Some(3..=4));
        assert_eq!(after(&[(50, 50, 151), (50, 50, 100)]), None);
        // Short pages do not end it, an empty one does.
        assert_eq!(after(&[(49, 50, 51)]), Some(2..=2));
        assert_eq!(after(&[(20, 50, 51), (20, 50, 51)]), Some(3..=3));
        assert_eq!(after(&[(50, 50, 500), (0, 50, 500)]), None);
        // Absurd numbers end as well.
        assert_eq!(after(&[(1, 1, u64::MAX)]), Some(2..=u32::MAX));
        let mut last = Pass { read: u32::MAX, ..Pass::default() };
        assert_eq!(last.next(), None);
        last.items = u64::MAX;
        last.record(&page(1, u32::MAX, 1, 0));
        assert_eq!(last.items, u64::MAX);
    }

    #[test]
    fn pages_are_planned_by_the_size_that_the_service_gives() {
        // 100 per page, as stated; 50 come.
        assert_eq!(after(&[(50, 100, 900)]), Some(2..=18));
        assert_eq!(after(&[(20, 100, 130)]), Some(2..=7));
        // Pages that differ: the first is the largest.
        assert_eq!(after(&[(50, 50, 140), (20, 50, 140), (20, 50, 140)]), Some(4..=5));
        assert_eq!(after(&[(50, 10, 120)]), Some(2..=3));
    }

    #[test]
    fn a_total_count_that_cannot_be_true_does_not_end_a_pass() {
        assert_eq!(after(&[(50, 50, 0)]), Some(2..=2));
        assert_eq!(after(&[(50, 50, 49), (50, 50, 49), (3, 50, 49)]), Some(4..=4));
        assert_eq!(after(&[(50, 50, 70), (50, 50, 70)]), Some(3..=3));
        assert_eq!(after(&[(50, 50, 0), (0, 50, 0)]), None);
        let mut pass = Pass::default();
        pass.record(&ReceivedPage::for_test(vec![(); 50], 1, 50, None));
        assert_eq!((pass.next(), pass.has_no_total()), (Some(2..=2), true));
        pass.record(&ReceivedPage::for_test(vec![(); 0], 2, 50, None));
        assert_eq!((pass.next(), pass.is_contradicted()), (None, false));
    }

    #[test]
    fn a_full_last_page_may_be_followed_by_another() {
        let behind = |pages: &[(usize, u32, u64)]| {
            let mut pass = Pass::default();
            for (number, &(items, per_page, total_count)) in (1..).zip(pages) {
                pass.record(&page(items, number, per_page, total_count));
            }
            pass.behind_a_full_page()
        };
        assert_eq!(behind(&[(50, 50, 50)]), Some(2..=2));
        assert_eq!(behind(&[(49, 50, 49)]), None);
        assert_eq!(behind(&[(20, 50, 40), (20, 50, 40)]), Some(3..=3));
        assert_eq!(behind(&[(50, 50, 50), (0, 50, 50)]), None);
    }

    #[test]
    fn an_empty_page_may_contradict_its_total_count() {
        let ends = |read, total_count| {
            let mut pass = Pass { read, largest_page: 50, ..Pass::default() };
            pass.record(&page(0, read + 1, 50, total_count));
            pass.is_contradicted()
        };
        assert!(!ends(0, 0) && !ends(1, 50) && !ends(2, 60));
        assert!(ends(0, 1) && ends(1, 51) && ends(2, 101));
    }
}
