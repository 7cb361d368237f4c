//! One pass over a list, from its first page to its last.

use std::collections::VecDeque;
use std::ops::RangeInclusive;

use super::page::Page;

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
    /// The `total_count` of the last page read.
    expected: u64,
    per_page: u64,
    /// The latest `total_count`, of these pages or of one that was read again.
    total: u64,
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
    /// Returns the pages to read next; `None` at the end of the list. Called when all earlier pages have arrived.
    ///
    /// Counts the items that arrived, since a page may hold fewer than `per_page`. An empty page is the last one whatever
    /// `total_count` promises, so that a list ends even while items are deleted.
    pub(super) fn next(&self) -> Option<RangeInclusive<u32>> {
        let next = self.read.checked_add(1)?;
        if self.read == 0 {
            return Some(1..=1);
        }
        let pages = self.pages();
        match self.end {
            Some(_) => None,
            None if self.read < pages => Some(next..=pages),
            None if self.items < self.expected => Some(next..=next),
            None => None,
        }
    }

    /// Records the next page.
    pub(super) fn record<T>(&mut self, page: &Page<T>) {
        let before = u64::from(self.read) * u64::from(page.per_page);
        self.read = page.page;
        self.items = self.items.saturating_add(page.items.len() as u64);
        self.expected = page.total_count;
        self.resize(page);
        if page.items.is_empty() {
            self.end = Some(if page.total_count > before { End::Contradicted } else { End::Consistent });
        }
    }

    /// Records the size of the list that a page reports.
    pub(super) fn resize<T>(&mut self, page: &Page<T>) {
        (self.per_page, self.total) = (u64::from(page.per_page).max(1), page.total_count);
    }

    /// Returns the number of pages that the list should have.
    pub(super) fn pages(&self) -> u32 {
        u32::try_from(self.total.div_ceil(self.per_page)).unwrap_or(u32::MAX)
    }

    pub(super) fn read(&self) -> u32 {
        self.read
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Whether the service's `total_count` is more than its pages hold.
    pub(super) fn is_contradicted(&self) -> bool {
        self.end == Some(End::Contradicted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(pages: &[(usize, u32, u64)]) -> Option<RangeInclusive<u32>> {
        let mut pass = Pass::default();
        for (number, &(items, per_page, total_count)) in (1..).zip(pages) {
            pass.record(&Page { items: vec![(); items], page: number, per_page, total_count });
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
        assert_eq!(after(&[(1, 0, u64::MAX)]), Some(2..=u32::MAX));
        let mut last = Pass { read: u32::MAX, ..Pass::default() };
        assert_eq!(last.next(), None);
        last.items = u64::MAX;
        last.record(&Page { items: vec![()], page: u32::MAX, per_page: 1, total_count: 0 });
        assert_eq!(last.items, u64::MAX);
    }

    #[test]
    fn an_empty_page_may_contradict_its_total_count() {
        let ends = |read, total_count| {
            let mut pass = Pass { read, ..Pass::default() };
            pass.record(&Page::<()> { items: vec![], page: read + 1, per_page: 50, total_count });
            pass.is_contradicted()
        };
        assert!(!ends(0, 0) && !ends(1, 50) && !ends(2, 60));
        assert!(ends(0, 1) && ends(1, 51) && ends(2, 101));
    }
}
