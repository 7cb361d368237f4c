//! Lists: all items as a stream, whole pages, or only what one page tells.
//!
//! A [`reader`] fetches pages, several at once. Which, and what of them is new, a plan says: a [`survey`] what is promised
//! always, a [`verification`] what is promised on request. Both read a list by [`pass`]es and know items by their [`ids`].

mod ids;
#[cfg(test)]
pub(crate) mod model;
mod page;
mod pass;
mod reader;
mod survey;
mod verification;

use std::fmt;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt, TryStreamExt};

use self::reader::{Plan, Reader, Source};
use self::survey::Survey;
use self::verification::Verification;
use crate::{Client, Error, Pending, Result};

pub(crate) use self::ids::is_uuid;
pub use self::page::{Listed, Page};
pub(crate) use self::page::{PageRequest, private};

/// Pages under way at once: with these, 9 pages take two round trips, and 10 requests a second are reached with round trips
/// of up to 0.8 s.
const PREFETCH: NonZeroU32 = NonZeroU32::new(8).unwrap();

/// All items of a list, page after page: a [`Stream`] that can be moved to another task.
///
/// * **Lazy**: nothing is sent before the first item is asked for, and no other page before an item beyond the first page
///   is. Dropped after three items, it has cost one request.
/// * **Cost**: one request for every page, of 50 items unless [`per_page`](Self::per_page) says otherwise.
/// * **Speed**: from the second page on, up to 8 are fetched at once ([`prefetch`](Self::prefetch)), on tasks of their own,
///   and delivered in order. What is fetched and not yet asked for is no more than that; dropping the list gives it up.
/// * **Patience**: each page is a call, with the client's retries, limit and deadlines of its own.
/// * **Memory**: the pages under way, and some 18 bytes for each item that came ([verified](Self::verified), a few times as
///   many), by which none comes twice: a program that reads 100,000 machines needs about 1.15 times what it needs for 2,000.
/// * **Errors**: the items before an error are delivered, then the error, then the stream ends.
///
/// **Changes while listing.** Pages count from the start of the list, so what comes or goes meanwhile shifts those behind
/// it, and an item that is there all the time may slip onto a page that was read already.
///
/// * *Always*: no item comes twice. Where the pages' `total_count` or an item that came before shows that they shifted, the
///   pages that may hide something are read again (three times at most), and what they hid comes at the end. An account in
///   which nothing changes costs no request more. Changes that balance out, so that no total shows them, go unnoticed.
/// * [`verified`](Self::verified): an item that was there all the time is not missed, for at least twice the requests.
///
/// A test reads 6,000 random accounts, in six sort orders, that change between the pages: a plain loop over the pages misses
/// something in 20 % of them and doubles something in 19 %; a list misses something in 3 %, for a fifth more requests; a
/// verified one in none, for 2.6 times the requests (and 6 of them it gives up).
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
    prefetch: NonZeroU32,
    is_verified: bool,
    items: Option<BoxStream<'static, Result<T>>>,
}

impl<T: Listed> List<T> {
    pub(crate) fn new(client: &Client, filter: T::Filter) -> Self {
        let client = client.clone();
        Self { client, filter, per_page: None, prefetch: PREFETCH, is_verified: false, items: None }
    }

    /// Items in a page, 1 to 100; 50 if not set (the API's default). More mean fewer requests.
    ///
    /// Set it before the first item; later, or out of range, the stream gives
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

    /// How many pages are on their way at once, or have come and wait to be asked for; 8 if not set. With 1 or 0, each is
    /// fetched when its first item is asked for. The first page is fetched alone, since it tells how many there are.
    ///
    /// Set it before the first item; later, the stream gives [`InvalidInput`](crate::ErrorKind::InvalidInput).
    ///
    /// ```
    /// # fn example(client: genesiscloud::Client) {
    /// let one_by_one = client.instances().list().prefetch(1);
    /// # }
    /// ```
    pub fn prefetch(self, pages: u32) -> Self {
        self.configure(|list| list.prefetch = NonZeroU32::new(pages).unwrap_or(NonZeroU32::MIN))
    }

    /// The same list, read until it is certain that no item that was there all the time is missing, however pages shift
    /// and whatever the order. Items come as they are found; one that came or went meanwhile may be among them or not.
    ///
    /// Costs one request where a page holds all; two for every page in an account where nothing changes; and as many again
    /// for each further pass. A pass settles the list if all that was there when it began came both before and during it.
    /// If 10 passes do not, the stream ends with [`Unsettled`](crate::ErrorKind::Unsettled).
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

    pub(crate) fn filter(self, filter: T::Filter) -> Self {
        self.configure(|list| list.filter = filter)
    }

    /// Changes what will be asked for. In mid-list that would skip and repeat items.
    fn configure(mut self, change: impl FnOnce(&mut Self)) -> Self {
        match self.items {
            None => change(&mut self),
            Some(_) => self.items = Some(stream::iter([Err(too_late())]).boxed()),
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
        self.page_of(number, self.per_page)
    }

    fn page_of(&self, page: u32, per_page: Option<u32>) -> Pending<Page<T>> {
        Pending::new(T::fetch(self.client.clone(), self.filter.clone(), PageRequest { page, per_page }))
    }

    /// The pages of this list instead of its items: a [`Stream`] with the same promises at the same cost. The first page
    /// comes in any case, others if something new is on them; items that an earlier page had are left out.
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
    pub fn pages(self) -> Pages<T> {
        let pages = match self.items {
            None => self.read(),
            Some(_) => stream::iter([Err(too_late())]).boxed(),
        };
        Pages { pages }
    }

    /// All items of this name, as a [`Stream`]: the list with the others left out, at its cost, for the API has no such
    /// filter. Names need not be unique; whoever wants one match takes one, and nothing is asked for behind it but what is
    /// on its way by then.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// use futures::TryStreamExt;
    ///
    /// let trainer = client.instances().list().find_by_name("trainer").try_next().await?;
    /// let all: Vec<_> = client.instances().list().verified().find_by_name("trainer").try_collect().await?;
    /// # Ok(()) }
    /// ```
    pub fn find_by_name(self, name: impl Into<String>) -> FindByName<T> {
        // Refused in mid-list, where it would find some.
        FindByName { name: name.into(), list: self.configure(|_| ()) }
    }

    /// The first item of the list, if it has any. One request, whatever [`per_page`](Self::per_page) says.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// let any = client.ssh_keys().list().first().await?;
    /// # Ok(()) }
    /// ```
    pub fn first(self) -> Pending<Option<T>> {
        let page = self.page_of(1, Some(1));
        Pending::new(async move { Ok(page.await?.items.into_iter().next()) })
    }

    /// How many items the list has, by the service's own count (`total_count`). One request, and no item is read.
    ///
    /// ```
    /// # async fn example(client: genesiscloud::Client) -> genesiscloud::Result<()> {
    /// println!("{} machines", client.instances().list().count().await?);
    /// # Ok(()) }
    /// ```
    pub fn count(self) -> Pending<u64> {
        let page = self.page_of(1, Some(1));
        Pending::new(async move { Ok(page.await?.total_count) })
    }

    fn read(&self) -> BoxStream<'static, Result<Page<T>>> {
        let (client, filter, per_page) = (self.client.clone(), self.filter.clone(), self.per_page);
        let plan = match self.is_verified {
            true => Plan::Verification(Verification::default()),
            false => Plan::Survey(Survey::default()),
        };
        let reader = Reader::new(Source { client, filter, per_page }, plan, self.prefetch);
        stream::try_unfold(reader, async |mut reader| Ok(reader.next().await?.map(|page| (page, reader)))).boxed()
    }
}

fn too_late() -> Error {
    Error::invalid_input("a list is configured before its first item is asked for")
}

impl<T: Listed> Stream for List<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let list = self.get_mut();
        if list.items.is_none() {
            let items = list.read().map_ok(|page| stream::iter(page.items.into_iter().map(Ok))).try_flatten();
            list.items = Some(items.boxed());
        }
        list.items.as_mut().map_or(Poll::Ready(None), |items| items.poll_next_unpin(context))
    }
}

impl<T: Listed> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List")
            .field("per_page", &self.per_page)
            .field("prefetch", &self.prefetch)
            .field("verified", &self.is_verified)
            .field("started", &self.items.is_some())
            .finish_non_exhaustive()
    }
}

/// The pages of a list: a [`Stream`], made by [`List::pages`].
#[must_use = "pages are not fetched until they are polled"]
pub struct Pages<T: Listed> {
    pages: BoxStream<'static, Result<Page<T>>>,
}

impl<T: Listed> Stream for Pages<T> {
    type Item = Result<Page<T>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().pages.poll_next_unpin(context)
    }
}

impl<T: Listed> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

/// The items of one name: a [`Stream`], made by [`List::find_by_name`].
#[derive(Debug)]
#[must_use = "nothing is looked for until it is polled"]
pub struct FindByName<T: Listed> {
    name: String,
    list: List<T>,
}

impl<T: Listed> Stream for FindByName<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { name, list } = self.get_mut();
        loop {
            match std::task::ready!(list.poll_next_unpin(context)) {
                Some(Ok(item)) if item.name() != name => {}
                end_or_match => return Poll::Ready(end_or_match),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_goes_anywhere() {
        fn goes_anywhere<T: Stream + Send + Unpin + 'static>() {}
        let client = Client::builder().token("secret").endpoint("http://127.0.0.1:1").build().unwrap();
        let list = client.instances().list().per_page(7);
        let shown = "List { per_page: Some(7), prefetch: 8, verified: false, started: false, .. }";
        assert_eq!(format!("{list:?}"), shown);
        goes_anywhere::<List<crate::Instance>>();
        goes_anywhere::<List<crate::Image>>();
        goes_anywhere::<Pages<crate::Snapshot>>();
        goes_anywhere::<FindByName<crate::Snapshot>>();
    }
}
