//! One page of a list.

use genesiscloud_bindings::{self as bindings, PreparedRequest};
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::core::Core;
use crate::{Error, Result};

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
    /// The number of this page, counted from 1.
    pub page: u32,
    /// The most items that a page holds.
    pub per_page: u32,
    /// The number of items on all pages together.
    pub total_count: u64,
}

impl<T> Page<T> {
    /// A page as received: its items and the three numbers beside them.
    pub(crate) fn new(
        requested: u32,
        items: Vec<T>,
        page: i64,
        per_page: i64,
        total_count: i64,
    ) -> Result<Self, String> {
        if page != i64::from(requested) {
            return Err(format!("page {requested} was requested, but the response is page {page}"));
        }
        let invalid = |name: &str, value: i64| format!("{name} is {value}");
        Ok(Self {
            items,
            page: requested,
            per_page: u32::try_from(per_page).map_err(|_| invalid("per_page", per_page))?,
            total_count: u64::try_from(total_count).map_err(|_| invalid("total_count", total_count))?,
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

/// The page to request.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest {
    pub(crate) page: u32,
    pub(crate) per_page: Option<u32>,
}

/// The parts of a page's response: the items, `page`, `per_page` and `total_count`.
type Parts<T> = (Vec<T>, i64, i64, i64);

impl PageRequest {
    /// Fetches the page by an operation that takes `page` and `per_page`; `open` takes its response apart. Numbers that the
    /// API does not accept are refused before sending: pages count from 1 and hold 1 to 100 items.
    pub(crate) fn fetch<B: DeserializeOwned + 'static, T: 'static>(
        self,
        core: &Core,
        operation: impl FnOnce(&bindings::Client, Option<i64>, Option<i64>) -> PreparedRequest<B>,
        open: fn(B) -> Parts<T>,
    ) -> Call<Page<T>> {
        let Self { page, per_page } = self;
        let prepared = operation(core.raw(), Some(page.into()), per_page.map(i64::from));
        let reason = match (page, per_page) {
            (0, _) => "page is 0, and pages count from 1".to_owned(),
            (_, Some(size)) if !(1..=100).contains(&size) => {
                format!("per_page is {size}, and a page holds 1 to 100 items")
            }
            _ => {
                return core.call(prepared, &[], move |body| {
                    let (items, number, size, total) = open(body);
                    Page::new(page, items, number, size, total)
                });
            }
        };
        let error = Error::invalid_input(reason).with_operation(prepared.operation.id);
        Call::new(async move { Err(error) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_numbers_in_a_response_are_refused() {
        let refused = |page, per_page, total| Page::new(2, vec![()], page, per_page, total).unwrap_err();
        assert_eq!(refused(1, 50, 60), "page 2 was requested, but the response is page 1");
        assert_eq!(refused(2, -1, 60), "per_page is -1");
        assert_eq!(refused(2, 50, -60), "total_count is -60");
    }
}
