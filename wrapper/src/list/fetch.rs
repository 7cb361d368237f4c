//! Fetches the pages of a list, several at once, and hands them over in order.

use std::collections::VecDeque;
use std::num::NonZeroU32;

use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use super::listable::Listable;
use super::page::{Page, PageRequest};
use super::pass::Batch;
use super::survey::Survey;
use super::verification::Verification;
use crate::core::Core;
use crate::{Error, ErrorKind, Result};

/// Decides which pages to read: those of a plain list, or of a verified one.
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

    fn record<T: Listable>(&mut self, page: &mut Page<T>) {
        match self {
            Self::Survey(survey) => survey.record(page),
            Self::Verification(verification) => verification.record(page),
        }
    }
}

/// Where pages come from.
pub(super) struct PageSource<T: Listable> {
    pub(super) core: Core,
    pub(super) filter: T::Filter,
    pub(super) per_page: Option<u32>,
}

impl<T: Listable> PageSource<T> {
    /// Fetches a page on a task of its own, so that it gets on while the list is not polled; aborted when dropped.
    fn fetch(&self, page: u32) -> AbortOnDropHandle<Result<Page<T>>> {
        let request = PageRequest { page, per_page: self.per_page };
        let fetch = T::fetch(&self.core, &self.filter, request);
        AbortOnDropHandle::new(tokio::spawn(fetch.in_current_span()))
    }
}

/// A list that is being read.
pub(super) struct PageFetcher<T: Listable> {
    source: PageSource<T>,
    plan: Plan,
    /// The most pages that are in flight, or have arrived and wait for those before them.
    max_in_flight: NonZeroU32,
    batch: Batch,
    in_flight: VecDeque<AbortOnDropHandle<Result<Page<T>>>>,
    has_started: bool,
}

impl<T: Listable> PageFetcher<T> {
    pub(super) fn new(source: PageSource<T>, plan: Plan, max_in_flight: NonZeroU32) -> Self {
        let in_flight = VecDeque::new();
        Self { source, plan, max_in_flight, batch: Batch::NONE, in_flight, has_started: false }
    }

    /// Returns the next page with new items, without those that an earlier page had; the first page in any case.
    pub(super) async fn next(&mut self) -> Result<Option<Page<T>>> {
        while let Some(mut page) = self.next_page().await? {
            self.plan.record(&mut page);
            if !page.items.is_empty() || !self.has_started {
                self.has_started = true;
                return Ok(Some(page));
            }
        }
        Ok(None)
    }

    async fn next_page(&mut self) -> Result<Option<Page<T>>> {
        self.fetch_more();
        if self.in_flight.is_empty() {
            let Some(batch) = self.plan.next()? else { return Ok(None) };
            self.batch = batch;
            self.fetch_more();
        }
        let Some(fetch) = self.in_flight.pop_front() else { return Ok(None) };
        let page = fetch.await.unwrap_or_else(|error| Err(fetch_failed(error)))?;
        if page.items.is_empty() && matches!(self.batch, Batch::Forward(_)) {
            // All pages after an empty one are empty.
            self.batch = Batch::NONE;
            self.in_flight.clear();
        }
        Ok(Some(page))
    }

    fn fetch_more(&mut self) {
        while self.in_flight.len() < self.max_in_flight.get() as usize
            && let Some(page) = self.batch.next()
        {
            self.in_flight.push_back(self.source.fetch(page));
        }
    }
}

fn fetch_failed(error: tokio::task::JoinError) -> Error {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Error::new(ErrorKind::ConnectionLost, "the runtime that fetched the page has ended"),
    }
}
