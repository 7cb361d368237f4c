//! Lists: a stream over all pages, and one page.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt, TryStreamExt};

use crate::call::Call;
use crate::{Client, Error, Pending, Result};

/// One page of a list.
///
/// ```
/// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
/// let page = client.volumes().list_page(2, 50).await?;
/// println!("{} of {} volumes", page.items.len(), page.total_count);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items, in the service's order.
    pub items: Vec<T>,
    /// Number of this page, counted from 1.
    pub page: u32,
    /// Most items a page holds.
    pub per_page: u32,
    /// Number of items on all pages together.
    pub total_count: u64,
}

impl<T> Page<T> {
    /// A page as the service sent it; `items` and the three numbers beside them.
    pub(crate) fn new(asked: u32, items: Vec<T>, page: i64, per_page: i64, total_count: i64) -> Result<Self, String> {
        if page != i64::from(asked) {
            return Err(format!("page {asked} was asked for, and the answer says it is page {page}"));
        }
        let cannot_be = |name: &str, value: i64| format!("{name} is {value}");
        Ok(Self {
            items,
            page: asked,
            per_page: u32::try_from(per_page).map_err(|_| cannot_be("per_page", per_page))?,
            total_count: u64::try_from(total_count).map_err(|_| cannot_be("total_count", total_count))?,
        })
    }
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

/// Which page to ask for.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest {
    pub(crate) page: u32,
    pub(crate) per_page: Option<u32>,
}

impl PageRequest {
    /// The query parameters `page` and `per_page`. Refuses what the API has no answer to: pages count from 1 and hold 1
    /// to 100 items.
    pub(crate) fn query(self, call: &Call) -> Result<(Option<i64>, Option<i64>)> {
        if self.page == 0 {
            return Err(call.invalid_input("page is 0, and pages count from 1"));
        }
        match self.per_page {
            Some(size) if !(1..=100).contains(&size) => {
                Err(call.invalid_input(format!("per_page is {size}, and a page holds 1 to 100 items")))
            }
            _ => Ok((Some(self.page.into()), self.per_page.map(i64::from))),
        }
    }

    /// The page that came.
    pub(crate) fn answer<T>(
        self,
        call: &Call,
        items: Vec<T>,
        (page, per_page, total_count): (i64, i64, i64),
    ) -> Result<Page<T>> {
        Page::new(self.page, items, page, per_page, total_count).map_err(|reason| call.unreadable(reason))
    }
}

/// What can be listed. Sealed: the types are those of this crate.
pub trait Listed: private::Listed {}

impl<T: private::Listed> Listed for T {}

pub(crate) mod private {
    use super::{BoxFuture, Client, Page, PageRequest, Result};

    /// How a page of these is fetched.
    pub trait Listed: Sized + Send + 'static {
        /// What a list can be narrowed to.
        type Filter: Clone + Send + Sync + Unpin + 'static;

        /// Fetches one page.
        fn fetch(client: Client, filter: Self::Filter, page: PageRequest) -> BoxFuture<'static, Result<Page<Self>>>;
    }
}

/// All items of a list, page after page: a [`Stream`] that can be moved to another task.
///
/// * **Lazy**: nothing is sent before the first item is asked for, and the next page is fetched when the last item of
///   the one before has been taken. Dropped after three items, it has cost one request.
/// * **Cost**: one request for every page, of 50 items unless [`per_page`](Self::per_page) says otherwise.
/// * **Errors**: the items before an error are delivered, then the error, then the stream ends.
/// * **Changes while listing**: pages count from the start of the list, so an item may be missed when an earlier one
///   goes away meanwhile, and may come twice when one is added.
///
/// ```
/// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
/// use futures::TryStreamExt;
///
/// let mut all = client.instances().list();
/// while let Some(instance) = all.try_next().await? {
///     println!("{} is {}", instance.name, instance.status);
/// }
/// # Ok(()) }
/// ```
#[must_use = "a list fetches nothing until it is polled"]
pub struct List<T: Listed> {
    client: Client,
    filter: T::Filter,
    per_page: Option<u32>,
    items: Option<BoxStream<'static, Result<T>>>,
}

impl<T: Listed> List<T> {
    pub(crate) fn new(client: &Client, filter: T::Filter) -> Self {
        Self { client: client.clone(), filter, per_page: None, items: None }
    }

    /// Items in a page, 1 to 100; 50 if not set (the API's default). More mean fewer requests.
    ///
    /// Set it before the first item; later, or out of range, the stream gives
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) and sends nothing.
    pub fn per_page(self, items: u32) -> Self {
        self.configure(|list| list.per_page = Some(items))
    }

    pub(crate) fn filter(self, filter: T::Filter) -> Self {
        self.configure(|list| list.filter = filter)
    }

    /// Changes what will be asked for. In mid-list that would skip and repeat items.
    fn configure(mut self, change: impl FnOnce(&mut Self)) -> Self {
        match self.items {
            None => change(&mut self),
            Some(_) => {
                let refused = Error::invalid_input("a list is configured before its first item is asked for");
                self.items = Some(stream::iter([Err(refused)]).boxed());
            }
        }
        self
    }

    /// One page of this list, as narrowed and sized as it is; pages count from 1. One request, none if a number is out
    /// of range. Leaves the stream where it is.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::ImageType;
    ///
    /// let page = client.images().list().kind(ImageType::CloudImage).per_page(10).page(2).await?;
    /// # Ok(()) }
    /// ```
    pub fn page(&self, number: u32) -> Pending<Page<T>> {
        let request = PageRequest { page: number, per_page: self.per_page };
        Pending::new(T::fetch(self.client.clone(), self.filter.clone(), request))
    }

    fn start(&self) -> BoxStream<'static, Result<T>> {
        let (client, filter, per_page) = (self.client.clone(), self.filter.clone(), self.per_page);
        stream::try_unfold(Some(Progress::START), move |progress| {
            let (client, filter) = (client.clone(), filter.clone());
            async move {
                let Some(progress) = progress else { return Ok(None) };
                let page = T::fetch(client, filter, PageRequest { page: progress.next_page, per_page }).await?;
                let next = progress.after(page.items.len(), page.total_count);
                Ok(Some((stream::iter(page.items.into_iter().map(Ok)), next)))
            }
        })
        .try_flatten()
        .boxed()
    }
}

/// How far a list has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Progress {
    next_page: u32,
    items: u64,
}

impl Progress {
    const START: Self = Self { next_page: 1, items: 0 };

    /// How far it has come after a page; none if that was the last.
    ///
    /// Counts what came, not what a page is said to hold, which a service may not keep to. An empty page is the last
    /// whatever `total_count` says, so a list ends even while items go away.
    fn after(self, items: usize, total_count: u64) -> Option<Self> {
        let seen = self.items.saturating_add(items as u64);
        if items == 0 || seen >= total_count {
            return None;
        }
        Some(Self { next_page: self.next_page.checked_add(1)?, items: seen })
    }
}

impl<T: Listed> Stream for List<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let list = self.get_mut();
        if list.items.is_none() {
            list.items = Some(list.start());
        }
        list.items.as_mut().map_or(Poll::Ready(None), |items| items.poll_next_unpin(context))
    }
}

impl<T: Listed> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List")
            .field("per_page", &self.per_page)
            .field("started", &self.items.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_goes_on_until_all_has_come_or_nothing_comes() {
        let after = |next_page, items, came, total| {
            Progress { next_page, items }.after(came, total).map(|next| (next.next_page, next.items))
        };
        assert_eq!(Progress::START, Progress { next_page: 1, items: 0 });
        assert_eq!(after(1, 0, 0, 0), None);
        assert_eq!(after(1, 0, 50, 50), None);
        assert_eq!(after(1, 0, 50, 51), Some((2, 50)));
        assert_eq!(after(2, 50, 1, 51), None);
        // Short pages go on, an empty one ends it.
        assert_eq!(after(1, 0, 49, 51), Some((2, 49)));
        assert_eq!(after(2, 50, 0, 500), None);
        // Numbers that make no sense end as well.
        assert_eq!(after(u32::MAX, 0, 1, u64::MAX), None);
        assert_eq!(after(2, u64::MAX, 1, u64::MAX), None);
    }

    #[test]
    fn numbers_that_cannot_be_are_refused_in_words() {
        let refused = |page, per_page, total| Page::new(2, vec![()], page, per_page, total).unwrap_err();
        assert_eq!(refused(1, 50, 60), "page 2 was asked for, and the answer says it is page 1");
        assert_eq!(refused(2, -1, 60), "per_page is -1");
        assert_eq!(refused(2, 50, -60), "total_count is -60");
    }

    #[test]
    fn a_list_goes_anywhere() {
        fn goes_anywhere<T: Stream + Send + Unpin + 'static>() {}
        let client = Client::builder().token("secret").endpoint("http://127.0.0.1:1").build().unwrap();
        let list = client.instances().list().per_page(7);
        assert_eq!(format!("{list:?}"), "List { per_page: Some(7), started: false, .. }");
        goes_anywhere::<List<crate::Instance>>();
        goes_anywhere::<List<crate::Image>>();
        goes_anywhere::<List<crate::Snapshot>>();
    }
}
