//! Fetches the pages of a list, several at once, and hands them over in order.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures::FutureExt;
use futures::task::AtomicWaker;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::listable::Listable;
use super::pass::Batch;
use super::received::ReceivedPage;
use super::request::PageRequest;
use super::survey::Survey;
use super::verification::Verification;
use crate::call::Call;
use crate::core::Core;
use crate::transport::CancelHandle;
use crate::{Error, ErrorCode, Result};

/// Decides which pages to read: those of a plain list, or of a verified one.
#[derive(Debug)]
pub(super) enum Plan {
    Survey(Survey),
    Verification(Verification),
}

impl Plan {
    fn next(&mut self) -> Result<Option<Batch>> {
        match self {
            Self::Survey(survey) => survey.next(),
            Self::Verification(verification) => verification.next(),
        }
    }

    fn record<T: Listable>(&mut self, page: &mut ReceivedPage<T>) -> Result<()> {
        match self {
            Self::Survey(survey) => survey.record(page),
            Self::Verification(verification) => verification.record(page),
        }
    }
}

/// Where pages come from.
pub(super) struct PageSource<T: Listable> {
    core: Core,
    filter: T::Filter,
    per_page: Option<u32>,
    /// Wakes the list when a page has its permit, and is sent.
    on_sent: Arc<AtomicWaker>,
}

impl<T: Listable> PageSource<T> {
    pub(super) fn new(core: Core, filter: T::Filter, per_page: Option<u32>) -> Self {
        Self { core, filter, per_page, on_sent: Arc::default() }
    }

    fn call(&self, page: u32, sent: CancelHandle) -> Call<ReceivedPage<T>> {
        let core = self.core.with_cancel(sent);
        T::fetch(&core, &self.filter, PageRequest { page, per_page: self.per_page })
    }

    /// Fetches a page on a task of its own, so that it gets on while the list is not polled.
    fn spawn(&self, page: u32) -> Fetch<T> {
        let Ok(runtime) = Handle::try_current() else { return self.by_caller(page) };
        let sent = CancelHandle::waking(Arc::clone(&self.on_sent));
        let task = runtime.spawn(self.call(page, sent.clone()).in_current_span());
        Fetch { page, sent, by: By::Task(Task(task), runtime.id()) }
    }

    fn by_caller(&self, page: u32) -> Fetch<T> {
        let sent = CancelHandle::default();
        Fetch { page, sent: sent.clone(), by: By::Caller(self.call(page, sent)) }
    }
}

/// A page that is being fetched; aborted when dropped.
struct Fetch<T> {
    page: u32,
    /// Whether its request was sent, or still waits for a permit.
    sent: CancelHandle,
    by: By<T>,
}

enum By<T> {
    /// A task of this runtime.
    Task(Task<T>, tokio::runtime::Id),
    /// Whatever polls the list.
    Caller(Call<ReceivedPage<T>>),
}

/// A task that is aborted when this is dropped. (That of `tokio-util` is in a feature that brings macros.)
struct Task<T>(JoinHandle<Result<ReceivedPage<T>>>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T: Listable> Fetch<T> {
    fn has_arrived(&self) -> bool {
        matches!(&self.by, By::Task(task, _) if task.0.is_finished())
    }

    /// Resolves to `None` if the runtime of its task has ended before.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<ReceivedPage<T>>>> {
        match &mut self.by {
            By::Caller(call) => Pin::new(call).poll(context).map(Some),
            By::Task(task, _) => match ready!(task.0.poll_unpin(context)) {
                Ok(result) => Poll::Ready(Some(result)),
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => Poll::Ready(None),
                },
            },
        }
    }
}

/// How many pages are fetched at once.
#[derive(Clone, Copy, Debug)]
pub(super) enum Window {
    /// The most that are in flight, or have arrived and wait for those before them.
    Fixed(NonZeroU32),
    /// [`Window::MIN`] at any time. While the list is waited for, one more whenever all pages in flight are sent: as many as
    /// the latency and the rate limit have room for, and never more than one beyond them in the queue for permits.
    Growing,
}

impl Window {
    /// 10 requests per second are reached with round trips of up to 0.8 s.
    const MIN: usize = 8;
    /// Reaches that rate with round trips of up to 2 s.
    const MAX: usize = 20;

    fn has_room<T: Listable>(self, in_flight: &VecDeque<Fetch<T>>, is_waited_for: bool) -> bool {
        match self {
            Self::Fixed(most) => in_flight.len() < most.get() as usize,
            Self::Growing if in_flight.len() < Self::MIN => true,
            Self::Growing => {
                let are_sent = || in_flight.iter().all(|fetch| fetch.sent.is_sent());
                is_waited_for && in_flight.len() < Self::MAX && are_sent()
            }
        }
    }
}

/// A list that is being read.
pub(super) struct PageFetcher<T: Listable> {
    source: PageSource<T>,
    plan: Plan,
    window: Window,
    /// Whether an item that cannot be decoded ends the list.
    is_strict: bool,
    batch: Batch,
    in_flight: VecDeque<Fetch<T>>,
    has_started: bool,
}

impl<T: Listable> PageFetcher<T> {
    pub(super) fn new(source: PageSource<T>, plan: Plan, window: Window, is_strict: bool) -> Self {
        let (batch, in_flight) = (Batch::NONE, VecDeque::new());
        Self { source, plan, window, is_strict, batch, in_flight, has_started: false }
    }

    /// Returns the next page with new items, without those that an earlier page had; the first page in any case.
    pub(super) async fn next(&mut self) -> Result<Option<ReceivedPage<T>>> {
        while let Some(mut page) = self.next_page().await? {
            if self.is_strict
                && let Some(odd) = page.items.iter().position(Result::is_err)
                && let Err(undecoded) = page.items.swap_remove(odd)
            {
                return Err(undecoded.error);
            }
            self.plan.record(&mut page)?;
            if !page.items.is_empty() || !self.has_started {
                self.has_started = true;
                return Ok(Some(page));
            }
        }
        Ok(None)
    }

    async fn next_page(&mut self) -> Result<Option<ReceivedPage<T>>> {
        self.fetch_more(false);
        if self.in_flight.is_empty() {
            let Some(batch) = self.plan.next()? else { return Ok(None) };
            self.batch = batch;
            self.fetch_more(false);
        }
        let Some(fetch) = self.in_flight.front() else { return Ok(None) };
        let (number, had_arrived) = (fetch.page, fetch.has_arrived());
        let mut result = poll_fn(|context| self.poll_first(context)).await;
        if had_arrived && result.as_ref().is_err_and(Error::is_retryable) {
            // It failed while no page was asked for, however long ago.
            self.in_flight[0] = self.source.spawn(number);
            result = poll_fn(|context| self.poll_first(context)).await;
        }
        self.in_flight.pop_front();
        let page = match result {
            Err(error) if number > 1 && is_behind_the_last(&error) => {
                ReceivedPage::behind_the_last(PageRequest { page: number, per_page: self.source.per_page })
            }
            result => result?,
        };
        if page.items.is_empty() && matches!(self.batch, Batch::Forward(_)) {
            // All pages after an empty one are empty.
            self.batch = Batch::NONE;
            self.in_flight.clear();
        }
        Ok(Some(page))
    }

    /// Polls the first page in flight. A task of another runtime may stand still, so its page is fetched here anew.
    fn poll_first(&mut self, context: &mut Context<'_>) -> Poll<Result<ReceivedPage<T>>> {
        let here = Handle::try_current().ok().map(|runtime| runtime.id());
        for fetch in &mut self.in_flight {
            if matches!(&fetch.by, By::Task(task, runtime) if Some(*runtime) != here && !task.0.is_finished()) {
                *fetch = self.source.spawn(fetch.page);
            }
        }
        loop {
            let first = &mut self.in_flight[0];
            match first.poll(context) {
                Poll::Ready(Some(result)) => return Poll::Ready(result),
                Poll::Ready(None) => *first = self.source.by_caller(first.page),
                Poll::Pending => break,
            }
        }
        self.source.on_sent.register(context.waker());
        self.fetch_more(true);
        Poll::Pending
    }

    fn fetch_more(&mut self, is_waited_for: bool) {
        while self.window.has_room(&self.in_flight, is_waited_for)
            && let Some(page) = self.batch.next()
        {
            self.in_flight.push_back(self.source.spawn(page));
        }
    }
}

/// Whether the API refuses a page since the list ends before it. What stands in for the API has no code of its own, and shows
/// nothing.
pub(crate) fn is_behind_the_last(error: &Error) -> bool {
    matches!(error.status().map(|status| status.as_u16()), Some(400 | 404))
        && error.code().is_some_and(ErrorCode::is_of_the_api)
}
