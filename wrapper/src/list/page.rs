//! One page of a list, and what has pages.

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;

use crate::call::Call;
use crate::{Client, Result};

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
    use super::{BoxFuture, Client, DateTime, Page, PageRequest, Result, Utc};

    /// How a page of these is fetched, and what tells them apart.
    pub trait Listed: Sized + Send + 'static {
        /// What a list can be narrowed to.
        type Filter: Clone + Send + Sync + Unpin + 'static;

        /// Fetches one page.
        fn fetch(client: Client, filter: Self::Filter, page: PageRequest) -> BoxFuture<'static, Result<Page<Self>>>;

        /// What no other has.
        fn id(&self) -> &str;

        /// When it was created, by the service's clock.
        fn created_at(&self) -> DateTime<Utc>;

        /// What people call it; others may have the same.
        fn name(&self) -> &str;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_cannot_be_are_refused_in_words() {
        let refused = |page, per_page, total| Page::new(2, vec![()], page, per_page, total).unwrap_err();
        assert_eq!(refused(1, 50, 60), "page 2 was asked for, and the answer says it is page 1");
        assert_eq!(refused(2, -1, 60), "per_page is -1");
        assert_eq!(refused(2, 50, -60), "total_count is -60");
    }
}
