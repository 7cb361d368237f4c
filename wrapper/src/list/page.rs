//! One page of a list.

use genesiscloud_bindings::{self as bindings, PreparedRequest};
use serde::de::DeserializeOwned;

use super::received::{ReceivedPage, Undecoded, by_item};
use super::request::PageRequest;
use crate::call::{Call, Disclosure, boxed, unreadable};
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
    /// The most items that a page holds, as the response states it, or else as it was requested.
    pub per_page: u32,
    /// The number of items on all pages together, as the response states it; if it does not, that of the items up to this
    /// page, if all pages before it are full.
    pub total_count: u64,
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

/// The parts of a page's response: the items, `page`, `per_page` and `total_count`.
type Parts<T> = (Vec<T>, i64, i64, i64);

impl PageRequest {
    /// Fetches the page by an operation that takes `page` and `per_page`. `open` takes its response apart, whose items are in
    /// the field `items`. If the response cannot be decoded as a whole, it is decoded item by item. Numbers that the API does
    /// not accept are refused before sending: pages count from 1 and hold 1 to 100 items.
    pub(crate) fn fetch<B: DeserializeOwned + 'static, T: DeserializeOwned + Send + 'static>(
        self,
        core: &Core,
        operation: impl FnOnce(&bindings::Client, Option<i64>, Option<i64>) -> PreparedRequest<B>,
        items: &'static str,
        open: fn(B) -> Parts<T>,
    ) -> Call<ReceivedPage<T>> {
        let Self { page, per_page } = self;
        let PreparedRequest { operation, request, decode } =
            operation(core.raw(), Some(page.into()), per_page.map(i64::from));
        if let Some(reason) = self.invalid() {
            let error = Error::invalid_input(reason).with_operation(operation.id);
            return Call::new(async move { Err(error) });
        }
        let (core, request) = (core.clone(), boxed(request));
        Call::new(async move {
            let disclosure = Disclosure::default();
            core.exchange(operation, request, &disclosure, |response, redactor| match decode(&response.body) {
                Ok(typed) => Ok(ReceivedPage::typed(self, operation.id, open(typed))),
                Err(error) => by_item(&response.body, self, operation.id, items, &redactor())
                    .ok_or_else(|| unreadable(response, &error, &redactor(), &disclosure)),
            })
            .await
        })
    }

    fn invalid(self) -> Option<String> {
        match (self.page, self.per_page) {
            (0, _) => Some("page is 0, and pages count from 1".to_owned()),
            (_, Some(size)) if !(1..=100).contains(&size) => {
                Some(format!("per_page is {size}, and a page holds 1 to 100 items"))
            }
            _ => None,
        }
    }
}

impl<T> ReceivedPage<T> {
    /// The page as the result of a call: an item that cannot be decoded is the call's error, and so is another page's number.
    pub(super) fn into_page(self) -> Result<Page<T>> {
        if let Some(error) = self.other_page() {
            return Err(error);
        }
        let operation = self.operation;
        let (page, odd) = self.into_parts();
        odd.into_iter().next().map_or(Ok(page), |odd| Err(odd.into_error_of_page(operation)))
    }

    /// The page with the items that can be decoded, and the others.
    pub(super) fn into_parts(self) -> (Page<T>, Vec<Undecoded>) {
        let per_page = self.per_page.unwrap_or(self.request.size());
        let before = u64::from(self.request.page - 1) * u64::from(per_page);
        let total_count = self.total_count.unwrap_or(before + self.items.len() as u64);
        let (mut items, mut odd) = (Vec::with_capacity(self.items.len()), vec![]);
        for item in self.items {
            match item {
                Ok(item) => items.push(item),
                Err(undecoded) => odd.push(undecoded),
            }
        }
        (Page { items, page: self.request.page, per_page, total_count }, odd)
    }

    /// The error of a single page that says that it is another one.
    fn other_page(&self) -> Option<Error> {
        let (requested, page) = (self.request.page, self.page?);
        let message = || format!("page {requested} was requested, but the response is page {page}");
        (page != i64::from(requested)).then(|| self.error(message()))
    }
}
