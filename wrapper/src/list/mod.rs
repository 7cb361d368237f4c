//! Lists: all items as a stream, whole pages, or the totals of one page.
//!
//! [`fetch`] gets pages, several at once. Which pages, and which of their items are new, a plan decides: a [`survey`] for a plain
//! list, a [`verification`] for a verified one. Both read a list in [`pass`]es, recognise items by their [`ids`], and end where
//! the pages bring nothing new any more ([`repetition`]). A page is [`received`] with items that may not be decodable, and with
//! numbers beside them that may lack.

mod fetch;
mod ids;
mod listable;
#[cfg(test)]
pub(crate) mod model;
mod page;
mod pass;
mod received;
mod repetition;
mod request;
mod survey;
mod verification;

use std::fmt;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::stream::{self, BoxStream, Next};
use futures::{Stream, StreamExt, TryStreamExt};

use self::fetch::{PageFetcher, PageSource, Plan, Window};
use self::received::Item;
use self::survey::Survey;
use self::verification::Verification;
use crate::core::Core;
use crate::{Call, Error, Result};

pub(crate) use self::fetch::is_behind_the_last;
pub(crate) use self::ids::is_uuid;
pub use self::listable::Listable;
pub(crate) use self::listable::id_of;
pub(crate) use self::listable::private;
pub use self::page::Page;
pub(crate) use self::received::ReceivedPage;
pub(crate) use self::request::PageRequest;

/// The most, whatever is asked for: each is a task and a response, and a `total_count` may promise any number of them.
const MAX_PREFETCH: NonZeroU32 = NonZeroU32::new(64).unwrap();

/// All items of a list, page after page: a [`Stream`] that can be moved to another task.
///
/// * **Lazy**: it sends nothing before it is polled, and requests a second page only when an item beyond the first page is
///   polled for. Dropped after three items, it has cost one request.
/// * **Cost**: one request per page; a page has 50 items by default ([`per_page`](Self::per_page)).
/// * **Speed**: from the second page on, 8 to 20 pages are fetched at once ([`prefetch`](Self::prefetch)), on tasks of their
///   own, and delivered in order. So 21 pages take two round trips, unless the rate limit requires more. No more pages
///   than that are fetched ahead; dropping the list aborts them.
/// * **Time limits**: each page is a call, with the client's retries, rate limit and a deadline of its own.
/// * **Memory**: the pages in flight, and some 33 bytes for each item to deliver none twice: a program that reads 100,000
///   instances needs 3.2 MB more than it needs for 2,000, about 1.4 times as much.
/// * **Errors**: the items before an error are delivered, then the error, then the stream ends. A page that failed with a
///   [retryable](crate::Error::is_retryable) error before it was asked for is fetched again then.
/// * **Items that cannot be decoded**: each is an error of the kind [`Decode`](crate::ErrorKind::Decode) in its place, with its id
///   and its page, and the stream goes on. A loop over `next()` gets the other items; `try_next()` does as well if it is called
///   again; `try_collect()` ends at the first error. With [`strict`](Self::strict), the stream ends there.
/// * **Runtimes**: a list may be polled on another runtime than before. Pages that the earlier one has not fetched are fetched
///   again.
///
/// **What a service says of its pages** is not relied on: a page may hold fewer items than were asked for; `page`, `per_page`
/// and `total_count` may lack or be wrong. Without a `total_count`, or with one that is less than the items that came, the list
/// ends at an empty page, or at one that the API refuses with 400 or 404. A list ends with a `Decode` error if its pages bring
/// nothing new any more, as those of a service that ignores `page`. A `total_count` that is too small is not noticed if it fits
/// the pages read, such as that of the first page alone; [`verified`](Self::verified) notices it.
///
/// **Changes while listing.** Pages are numbered from the start of the list, so a resource that is created or deleted meanwhile
/// shifts the items behind it, and an item that exists all the time may move to a page that was read already.
///
/// * *Always*: no item is delivered twice. If `total_count` or an item that was delivered before shows that pages have
///   shifted, the pages that may hide items are read again, three times at most, and hidden items are delivered at the
///   end. An account in which nothing changes costs no further request. Changes that balance out, so that no total shows them,
///   go unnoticed.
/// * [`verified`](Self::verified): no item that exists all the time is missing, for at least twice the requests.
///
/// A test reads 6,000 random accounts, in six sort orders, that change between the pages: a plain loop over the pages misses
/// an item in 20 % of them and delivers one twice in 19 %; a list misses an item in 3 %, for a fifth more requests; a
/// verified list in none, for 2.7 times the requests (6 of them end unverified).
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
///
/// [`Stream`]: https://docs.rs/futures/0.3/futures/stream/trait.Stream.html
#[must_use = "a list fetches nothing until it is polled"]
pub struct List<T: Listable> {
    core: Core,
    filter: T::Filter,
    per_page: Option<u32>,
    prefetch: Option<NonZeroU32>,
    is_verified: bool,
    is_strict: bool,
    items: Option<BoxStream<'static, Result<Item<T>>>>,
}

impl<T: Listable> List<T> {
    pub(crate) fn new(core: &Core, filter: T::Filter) -> Self {
        let (core, per_page, prefetch) = (core.clone(), None, None);
        Self { core, filter, per_page, prefetch, is_verified: false, is_strict: false, items: None }
    }

    /// Sets the number of items per page, 1 to 100; 50 by default, as the API's. More items per page mean fewer requests.
    ///
    /// It must be set before the first item. If it is set later, or out of range, the stream ends with
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) and sends nothing.
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let all = client.instances().list().per_page(100);
    /// # }
    /// ```
    pub fn per_page(self, items: u32) -> Self {
        self.configure(|list| list.per_page = Some(items))
    }

    /// Sets how many pages are in flight at once, or have arrived and wait to be polled for. With 1 or 0, each page is fetched
    /// when its first item is polled for; more than 64 are 64. The first page is fetched alone, since it has the number of
    /// pages.
    ///
    /// By default, it is 8, and while an item is awaited it grows up to 20: by one page whenever all those in flight have their
    /// permits. So a list is as fast as latency and rate limit allow, and its pages take no more places in the queue for permits;
    /// a program that reads more slowly than pages arrive holds 8 of them.
    ///
    /// It must be set before the first item. If it is set later, the stream ends with
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput).
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let one_by_one = client.instances().list().prefetch(1);
    /// # }
    /// ```
    pub fn prefetch(self, pages: u32) -> Self {
        let pages = NonZeroU32::new(pages).unwrap_or(NonZeroU32::MIN).min(MAX_PREFETCH);
        self.configure(|list| list.prefetch = Some(pages))
    }

    /// Reads the list until it is certain that no item that exists all the time is missing, however pages shift and
    /// whatever the sort order. Items are delivered as they are found; an item that is created or deleted meanwhile may be
    /// among them or not.
    ///
    /// Costs one request if one page holds all items; two per page in an account where nothing changes; and as many as there
    /// are pages for each further pass. If the last page of the first pass is full, one request more shows whether another one
    /// follows. A pass verifies the list if all items that existed when it began were read both before and during it. If 10
    /// passes do not, the stream ends with [`ListUnverified`](crate::ErrorKind::ListUnverified).
    ///
    /// If the service states no `total_count`, or less than it has, two passes in a row must read the same items on the same
    /// pages instead. If it states more than it has, the list is not verified. A service that sends smaller pages than it states
    /// *and* the `total_count` of a page is not noticed.
    ///
    /// An item that cannot be decoded is delivered as an error and counts by its id. Without an id it cannot be recognised, so
    /// that a list of more than one page ends with `ListUnverified`.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// let billed: Vec<_> = client.instances().list().per_page(100).verified().try_collect().await?;
    /// # Ok(()) }
    /// ```
    pub fn verified(self) -> Self {
        self.configure(|list| list.is_verified = true)
    }

    /// Ends the list with an error at the first page that has an item that cannot be decoded, without the items of that
    /// page. By default, only that item is an error, and the list goes on. Costs no request.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::StreamExt;
    ///
    /// let mut all = client.instances().list().strict();
    /// while let Some(instance) = all.next().await {
    ///     println!("{}", instance?.name); // an error is the last item
    /// }
    /// # Ok(()) }
    /// ```
    pub fn strict(self) -> Self {
        self.configure(|list| list.is_strict = true)
    }

    pub(crate) fn filter(self, filter: T::Filter) -> Self {
        self.configure(|list| list.filter = filter)
    }

    /// Changes the settings. After the first item that is an error: it would skip and repeat items.
    fn configure(mut self, change: impl FnOnce(&mut Self)) -> Self {
        match self.items {
            None => change(&mut self),
            Some(_) => self.items = Some(stream::iter([Err(set_too_late())]).boxed()),
        }
        self
    }

    /// Returns one page of this list, with its filter and page size; pages count from 1. One request, none if a number is
    /// out of range. Does not advance the stream. An error if an item cannot be decoded, or if the response says that it is
    /// another page.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use genesiscloud::ImageType;
    ///
    /// let page = client.images().list().type_(ImageType::CloudImage).per_page(10).page(2).await?;
    /// # Ok(()) }
    /// ```
    pub fn page(&self, number: u32) -> Call<Page<T>> {
        let page = self.page_of(number, self.per_page);
        Call::new(async move { page.await?.into_page() })
    }

    fn page_of(&self, page: u32, per_page: Option<u32>) -> Call<ReceivedPage<T>> {
        T::fetch(&self.core, &self.filter, PageRequest { page, per_page })
    }

    /// Returns the pages of this list instead of its items: a [`Stream`] with the same guarantees at the same cost. The first
    /// page is always delivered, others if they have new items; items that an earlier page had are left out. Items that cannot be
    /// decoded follow their page as errors.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// let mut pages = client.instances().list().per_page(100).pages();
    /// while let Some(page) = pages.try_next().await? {
    ///     println!("{} of {}", page.items.len(), page.total_count);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// [`Stream`]: https://docs.rs/futures/0.3/futures/stream/trait.Stream.html
    pub fn pages(self) -> Pages<T> {
        let pages = match self.items {
            None => self.read().map(parts_of).flatten().boxed(),
            Some(_) => stream::iter([Err(set_too_late())]).boxed(),
        };
        Pages { pages }
    }

    /// Returns all items with this name, as a [`Stream`]. The API has no such filter, so this reads the list at its full cost
    /// and leaves out the others. Names need not be unique. A caller that needs one match takes the first: no page is
    /// requested after it, apart from those in flight by then. An item that cannot be decoded is left out if it shows another
    /// name; otherwise it is delivered as an error, since it may be a match.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// let trainer = client.instances().list().find_by_name("trainer").try_next().await?;
    /// let all: Vec<_> = client.instances().list().verified().find_by_name("trainer").try_collect().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// [`Stream`]: https://docs.rs/futures/0.3/futures/stream/trait.Stream.html
    pub fn find_by_name(self, name: impl Into<String>) -> FindByName<T> {
        self.find(Wanted::Name(name.into()))
    }

    /// Returns all items whose names begin with `prefix`, as a [`Stream`], in the manner of
    /// [`find_by_name`](Self::find_by_name): such as the machines of one job, if their names begin with the job's.
    ///
    /// # Errors
    /// An empty prefix ends the stream with [`InvalidInput`](crate::ErrorKind::InvalidInput) before any request: all names
    /// begin with it, and what is found may be deleted.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// let of_job: Vec<_> = client.instances().list().verified().find_by_prefix("job-17-").try_collect().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// [`Stream`]: https://docs.rs/futures/0.3/futures/stream/trait.Stream.html
    pub fn find_by_prefix(mut self, prefix: impl Into<String>) -> FindByName<T> {
        let prefix = prefix.into();
        if prefix.is_empty() {
            let error =
                Error::invalid_input("the prefix is empty, and all names begin with it; read the whole list instead");
            self.items = Some(stream::iter([Err(error)]).boxed());
            return FindByName { wanted: Wanted::Prefix(prefix), list: self };
        }
        self.find(Wanted::Prefix(prefix))
    }

    fn find(self, wanted: Wanted) -> FindByName<T> {
        // An error after the first item, since it would find only some.
        FindByName { wanted, list: self.configure(|_| ()) }
    }

    /// Returns the next item, or `None` at the end of the list, as the [`Stream`] does: for programs without the `futures` crate.
    /// It may be dropped before it ends, and loses no item.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let mut all = client.instances().list();
    /// while let Some(instance) = all.next().await {
    ///     println!("{}", instance?.name);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// [`Stream`]: https://docs.rs/futures/0.3/futures/stream/trait.Stream.html
    #[expect(clippy::should_implement_trait, reason = "it is that of streams, for programs without their trait")]
    pub fn next(&mut self) -> Next<'_, Self> {
        StreamExt::next(self)
    }

    /// Returns all items, or those that have not been read yet, or the first error, as `try_collect` of the `futures` crate does:
    /// for programs without that crate.
    /// The list's full [cost](Self); all items are held in memory.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let all = client.instances().list().per_page(100).into_vec().await?;
    /// # Ok(()) }
    /// ```
    pub fn into_vec(self) -> Call<Vec<T>> {
        Call::new(self.try_collect())
    }

    /// Returns the first item of the list, if it has any. One request, whatever [`per_page`](Self::per_page) is.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let any = client.ssh_keys().list().first().await?;
    /// # Ok(()) }
    /// ```
    pub fn first(self) -> Call<Option<T>> {
        let page = self.page_of(1, Some(1));
        Call::new(async move {
            let first = page.await?.items.into_iter().next();
            first.transpose().map_err(|undecoded| undecoded.error)
        })
    }

    /// Returns how many items the list has, by the service's `total_count`, and an error if that lacks. One request, which reads
    /// at most one item.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// println!("{} instances", client.instances().list().total_count().await?);
    /// # Ok(()) }
    /// ```
    pub fn total_count(self) -> Call<u64> {
        let page = self.page_of(1, Some(1));
        Call::new(async move {
            let page = page.await?;
            page.total_count.ok_or_else(|| page.error("it has no total_count, or none that can be".into()))
        })
    }

    fn read(&self) -> BoxStream<'static, Result<ReceivedPage<T>>> {
        let (core, filter, per_page) = (self.core.clone(), self.filter.clone(), self.per_page);
        let plan = if self.is_verified {
            Plan::Verification(Verification::default())
        } else {
            Plan::Survey(Survey::default())
        };
        let window = self.prefetch.map_or(Window::Growing, Window::Fixed);
        let fetcher = PageFetcher::new(PageSource::new(core, filter, per_page), plan, window, self.is_strict);
        stream::try_unfold(fetcher, async |mut fetcher| Ok(fetcher.next().await?.map(|page| (page, fetcher)))).boxed()
    }
}

/// The items of a page, or why there is none.
fn items_of<T>(page: Result<ReceivedPage<T>>) -> impl Stream<Item = Result<Item<T>>> {
    let (items, error) = match page {
        Ok(page) => (page.items, None),
        Err(error) => (vec![], Some(Err(error))),
    };
    stream::iter(items.into_iter().map(Ok).chain(error))
}

/// A page with the items that can be decoded, and the errors of the others.
fn parts_of<T>(page: Result<ReceivedPage<T>>) -> impl Stream<Item = Result<Page<T>>> {
    let (page, errors) = match page {
        Ok(page) => {
            let (page, odd) = page.into_parts();
            (Some(Ok(page)), odd.into_iter().map(|undecoded| undecoded.error).collect())
        }
        Err(error) => (None, vec![error]),
    };
    stream::iter(page.into_iter().chain(errors.into_iter().map(Err)))
}

fn set_too_late() -> Error {
    Error::invalid_input("a list is configured before its first item is polled for")
}

impl<T: Listable> List<T> {
    /// The next item, also one that cannot be decoded; an error ends the list.
    pub(crate) fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Item<T>>>> {
        if self.items.is_none() {
            self.items = Some(self.read().map(items_of).flatten().boxed());
        }
        self.items.as_mut().map_or(Poll::Ready(None), |items| items.poll_next_unpin(context))
    }
}

impl<T: Listable> Stream for List<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = self.get_mut().poll_item(context);
        item.map(|item| Some(item?.and_then(|item| item.map_err(|undecoded| undecoded.error))))
    }
}

impl<T: Listable> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List")
            .field("per_page", &self.per_page)
            .field("prefetch", &self.prefetch)
            .field("verified", &self.is_verified)
            .field("strict", &self.is_strict)
            .field("started", &self.items.is_some())
            .finish_non_exhaustive()
    }
}

/// The pages of a list: a [`Stream`], returned by [`List::pages`].
///
/// [`Stream`]: https://docs.rs/futures/0.3/futures/stream/trait.Stream.html
#[must_use = "pages are not fetched until they are polled"]
pub struct Pages<T: Listable> {
    pages: BoxStream<'static, Result<Page<T>>>,
}

impl<T: Listable> Pages<T> {
    /// Returns the next page, or `None` at the end of the list, as the [`Stream`] does.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let mut pages = client.instances().list().pages();
    /// while let Some(page) = pages.next().await {
    ///     println!("{} instances", page?.items.len());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// [`Stream`]: https://docs.rs/futures/0.3/futures/stream/trait.Stream.html
    #[expect(clippy::should_implement_trait, reason = "it is that of streams, for programs without their trait")]
    pub fn next(&mut self) -> Next<'_, Self> {
        StreamExt::next(self)
    }
}

impl<T: Listable> Stream for Pages<T> {
    type Item = Result<Page<T>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().pages.poll_next_unpin(context)
    }
}

impl<T: Listable> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

/// The items with some name: a [`Stream`], returned by [`List::find_by_name`] and [`List::find_by_prefix`].
///
/// [`Stream`]: https://docs.rs/futures/0.3/futures/stream/trait.Stream.html
#[derive(Debug)]
#[must_use = "a list fetches nothing until it is polled"]
pub struct FindByName<T: Listable> {
    wanted: Wanted,
    list: List<T>,
}

/// Which names are searched for.
#[derive(Debug)]
enum Wanted {
    Name(String),
    Prefix(String),
}

impl Wanted {
    fn is(&self, name: &str) -> bool {
        match self {
            Self::Name(wanted) => name == wanted,
            Self::Prefix(prefix) => name.starts_with(prefix.as_str()),
        }
    }
}

impl<T: Listable> FindByName<T> {
    /// Returns the next item, or `None` if there are no more, as the [`Stream`] does.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let trainer = client.instances().list().find_by_name("trainer").next().await.transpose()?;
    /// # Ok(()) }
    /// ```
    ///
    /// [`Stream`]: https://docs.rs/futures/0.3/futures/stream/trait.Stream.html
    #[expect(clippy::should_implement_trait, reason = "it is that of streams, for programs without their trait")]
    pub fn next(&mut self) -> Next<'_, Self> {
        StreamExt::next(self)
    }

    /// Returns all of them, or the first error.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let of_job = client.instances().list().find_by_prefix("job-17-").into_vec().await?;
    /// # Ok(()) }
    /// ```
    pub fn into_vec(self) -> Call<Vec<T>> {
        Call::new(self.try_collect())
    }
}

impl<T: Listable> Stream for FindByName<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { wanted, list } = self.get_mut();
        loop {
            let Some(item) = std::task::ready!(list.poll_item(context)) else { return Poll::Ready(None) };
            match item? {
                Ok(item) if wanted.is(item.name()) => return Poll::Ready(Some(Ok(item))),
                // It may be one of those that are searched for, unless it shows another name.
                Err(odd) if odd.name.as_ref().is_none_or(|shown| wanted.is(shown)) => {
                    return Poll::Ready(Some(Err(odd.error)));
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_can_be_sent_to_another_task() {
        fn is_send_and_static<T: Stream + Send + Unpin + 'static>() {}
        let client = crate::Client::builder().token("secret").endpoint("http://127.0.0.1:1").build().unwrap();
        let list = client.instances().list().per_page(7);
        let shown = "List { per_page: Some(7), prefetch: None, verified: false, strict: false, started: false, .. }";
        assert_eq!(format!("{list:?}"), shown);
        is_send_and_static::<List<crate::Instance>>();
        is_send_and_static::<List<crate::Image>>();
        is_send_and_static::<Pages<crate::Snapshot>>();
        is_send_and_static::<FindByName<crate::Snapshot>>();
    }
}
