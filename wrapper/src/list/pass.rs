//! Reading a list once, from its first page to its last.

use std::ops::RangeInclusive;

use super::page::Page;

/// One reading of a list, as far as it has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Pass {
    /// Pages read.
    read: u32,
    /// Items on them.
    items: u64,
    /// The `total_count` of the last of them.
    expected: u64,
    per_page: u64,
    /// The `total_count` that came last, with these pages or with one that was read again.
    total: u64,
    end: Option<End>,
}

/// What an empty page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// There is nothing from here on.
    Here,
    /// The same, and its `total_count` says otherwise.
    Contradicted,
}

impl Pass {
    /// The pages to read next; none if the list has come to its end. Asked for when all pages before have come.
    ///
    /// Counts what came, not only what a page is said to hold, which a service may not keep to. An empty page is the last
    /// whatever `total_count` says, so that a list ends even while items go away.
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

    /// The next page, as it came.
    pub(super) fn note<T>(&mut self, page: &Page<T>) {
        let before = u64::from(self.read) * u64::from(page.per_page);
        self.read = page.page;
        self.items = self.items.saturating_add(page.items.len() as u64);
        self.expected = page.total_count;
        self.resize(page);
        if page.items.is_empty() {
            self.end = Some(if page.total_count > before { End::Contradicted } else { End::Here });
        }
    }

    /// The size of the list, as a page tells it.
    pub(super) fn resize<T>(&mut self, page: &Page<T>) {
        (self.per_page, self.total) = (u64::from(page.per_page).max(1), page.total_count);
    }

    /// Number of pages the list is said to have.
    pub(super) fn pages(&self) -> u32 {
        u32::try_from(self.total.div_ceil(self.per_page)).unwrap_or(u32::MAX)
    }

    pub(super) fn read(&self) -> u32 {
        self.read
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Whether the service does not keep to its own `total_count`.
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
            pass.note(&Page { items: vec![(); items], page: number, per_page, total_count });
        }
        pass.next()
    }

    #[test]
    fn a_list_goes_on_until_all_has_come_or_nothing_comes() {
        assert_eq!(after(&[]), Some(1..=1));
        assert_eq!(after(&[(0, 50, 0)]), None);
        assert_eq!(after(&[(50, 50, 50)]), None);
        assert_eq!(after(&[(50, 50, 51)]), Some(2..=2));
        assert_eq!(after(&[(50, 50, 500)]), Some(2..=10));
        assert_eq!(after(&[(50, 50, 51), (1, 50, 51)]), None);
        // It grows or shrinks meanwhile.
        assert_eq!(after(&[(50, 50, 51), (50, 50, 160)]), Some(3..=4));
        assert_eq!(after(&[(50, 50, 151), (50, 50, 100)]), None);
        // Short pages go on, an empty one ends it.
        assert_eq!(after(&[(49, 50, 51)]), Some(2..=2));
        assert_eq!(after(&[(20, 50, 51), (20, 50, 51)]), Some(3..=3));
        assert_eq!(after(&[(50, 50, 500), (0, 50, 500)]), None);
        // Numbers that make no sense end as well.
        assert_eq!(after(&[(1, 0, u64::MAX)]), Some(2..=u32::MAX));
        let mut last = Pass { read: u32::MAX, ..Pass::default() };
        assert_eq!(last.next(), None);
        last.items = u64::MAX;
        last.note(&Page { items: vec![()], page: u32::MAX, per_page: 1, total_count: 0 });
        assert_eq!(last.items, u64::MAX);
    }

    #[test]
    fn an_empty_page_may_contradict_its_total() {
        let ends = |read, total_count| {
            let mut pass = Pass { read, ..Pass::default() };
            pass.note(&Page::<()> { items: vec![], page: read + 1, per_page: 50, total_count });
            pass.is_contradicted()
        };
        assert!(!ends(0, 0) && !ends(1, 50) && !ends(2, 60));
        assert!(ends(0, 1) && ends(1, 51) && ends(2, 101));
    }
}
