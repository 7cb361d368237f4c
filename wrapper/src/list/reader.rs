//! Reads pages: as many at once as may be, and hands them over in order.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;

use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::page::{Listed, Page, PageRequest};
use super::survey::Survey;
use super::verification::Verification;
use crate::{Client, Error, ErrorKind, Result};

/// Pages that can be read all at once.
#[derive(Clone, Debug)]
pub(super) enum Batch {
    /// For the first time, one after the other.
    Forward(RangeInclusive<u32>),
    /// Read before.
    Again(VecDeque<u32>),
}

impl Batch {
    const NONE: Self = Self::Again(VecDeque::new());
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

/// What is promised of a list, and so what is to be read.
#[derive(Debug)]
pub(super) enum Plan {
    Survey(Survey),
    Verification(Verification),
}

impl Plan {
    fn next(&mut self) -> Result<Option<Batch>> {
        match self {
            Self::Survey(survey) => Ok(survey.next()),
            Self::Verification(verification) => verification.next(),
        }
    }

    fn note<T: Listed>(&mut self, page: &mut Page<T>) {
        match self {
            Self::Survey(survey) => survey.note(page),
            Self::Verification(verification) => verification.note(page),
        }
    }
}

/// How pages are asked for.
pub(super) struct Source<T: Listed> {
    pub(super) client: Client,
    pub(super) filter: T::Filter,
    pub(super) per_page: Option<u32>,
}

impl<T: Listed> Source<T> {
    /// Fetches a page on a task of its own, so that it comes along while nobody asks the list for it; given up when
    /// dropped.
    fn fetch(&self, page: u32) -> AbortOnDropHandle<Result<Page<T>>> {
        let request = PageRequest { page, per_page: self.per_page };
        let fetch = T::fetch(self.client.clone(), self.filter.clone(), request);
        AbortOnDropHandle::new(tokio::spawn(fetch.in_current_span()))
    }
}

/// A list as far as it has been read.
pub(super) struct Reader<T: Listed> {
    source: Source<T>,
    plan: Plan,
    /// How many pages may be on their way, or have come and wait for those before them.
    most_under_way: NonZeroU32,
    batch: Batch,
    under_way: VecDeque<AbortOnDropHandle<Result<Page<T>>>>,
    is_begun: bool,
}

impl<T: Listed> Reader<T> {
    pub(super) fn new(source: Source<T>, plan: Plan, most_under_way: NonZeroU32) -> Self {
        let under_way = VecDeque::new();
        Self { source, plan, most_under_way, batch: Batch::NONE, under_way, is_begun: false }
    }

    /// The next page that holds something new, with what is new on it; the first in any case.
    pub(super) async fn next(&mut self) -> Result<Option<Page<T>>> {
        while let Some(mut page) = self.read().await? {
            self.plan.note(&mut page);
            if !page.items.is_empty() || !self.is_begun {
                self.is_begun = true;
                return Ok(Some(page));
            }
        }
        Ok(None)
    }

    async fn read(&mut self) -> Result<Option<Page<T>>> {
        self.ask();
        if self.under_way.is_empty() {
            let Some(batch) = self.plan.next()? else { return Ok(None) };
            self.batch = batch;
            self.ask();
        }
        let Some(fetch) = self.under_way.pop_front() else { return Ok(None) };
        let page = fetch.await.unwrap_or_else(|lost| Err(not_fetched(lost)))?;
        if page.items.is_empty() && matches!(self.batch, Batch::Forward(_)) {
            // What follows an empty page is empty.
            self.batch = Batch::NONE;
            self.under_way.clear();
        }
        Ok(Some(page))
    }

    fn ask(&mut self) {
        while self.under_way.len() < self.most_under_way.get() as usize
            && let Some(page) = self.batch.next()
        {
            self.under_way.push_back(self.source.fetch(page));
        }
    }
}

fn not_fetched(lost: tokio::task::JoinError) -> Error {
    match lost.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Error::new(ErrorKind::Interrupted, "the runtime ended in which the page was being fetched"),
    }
}
