//! A page as it was received: items that cannot be decoded are errors in their places, and the numbers beside the items may
//! lack.

use std::collections::HashMap;

use genesiscloud_bindings::decode_json;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::request::PageRequest;
use crate::error::{Redactor, printable, undecodable};
use crate::{Error, ErrorKind};

/// Items on a page if none are asked for.
const DEFAULT_SIZE: u32 = 50;

/// A page as it was received.
#[derive(Debug)]
pub struct ReceivedPage<T> {
    pub(crate) items: Vec<Item<T>>,
    pub(crate) request: PageRequest,
    pub(crate) operation: &'static str,
    /// The number of the page as the response states it.
    pub(crate) page: Option<i64>,
    pub(crate) per_page: Option<u32>,
    pub(crate) total_count: Option<u64>,
}

/// An item of a page, or why it cannot be decoded.
pub(crate) type Item<T> = Result<T, Undecoded>;

/// An item that cannot be decoded.
#[derive(Debug)]
pub(crate) struct Undecoded {
    /// Its id and its name, if these can be.
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) error: Error,
    /// The reason alone, with the path from the response's body.
    reason: String,
}

impl Undecoded {
    /// The error of a page that is wanted as a whole.
    pub(super) fn into_error_of_page(self, operation: &'static str) -> Error {
        error(operation, self.reason)
    }

    #[cfg(test)]
    pub(super) fn without_id() -> Self {
        Self { id: None, name: None, error: error("ListItems", "odd".into()), reason: "odd".into() }
    }
}

impl PageRequest {
    /// The most items that are asked for.
    pub(super) fn size(self) -> u32 {
        self.per_page.unwrap_or(DEFAULT_SIZE)
    }
}

impl<T> ReceivedPage<T> {
    pub(super) fn typed(
        request: PageRequest,
        operation: &'static str,
        (items, page, per_page, total_count): (Vec<T>, i64, i64, i64),
    ) -> Self {
        let items = items.into_iter().map(Ok).collect();
        Self::new(request, operation, items, Some(page), Some(per_page), Some(total_count))
    }

    /// A number that cannot be is taken as missing.
    fn new(
        request: PageRequest,
        operation: &'static str,
        items: Vec<Item<T>>,
        page: Option<i64>,
        per_page: Option<i64>,
        total_count: Option<i64>,
    ) -> Self {
        let per_page = per_page.and_then(|size| u32::try_from(size).ok()).filter(|size| *size > 0);
        let total_count = total_count.and_then(|total| u64::try_from(total).ok());
        Self { items, request, operation, page, per_page, total_count }
    }

    /// What stands for a page behind the last one, which the service refused.
    pub(crate) fn behind_the_last(request: PageRequest) -> Self {
        Self::new(request, "", vec![], None, None, None)
    }

    /// A page of a service that states its numbers.
    #[cfg(test)]
    pub(super) fn for_test(items: Vec<T>, page: u32, per_page: u32, total_count: Option<u64>) -> Self {
        let request = PageRequest { page, per_page: Some(per_page) };
        let items = items.into_iter().map(Ok).collect();
        let (page, per_page) = (Some(page.into()), Some(per_page));
        Self { items, request, operation: "ListItems", page, per_page, total_count }
    }

    /// The number of the page, counted from 1.
    pub(super) fn number(&self) -> u32 {
        self.request.page
    }

    /// An error of what this page says.
    pub(super) fn error(&self, message: String) -> Error {
        error(self.operation, message)
    }

    /// How many items a full page has: no more than are asked for, nor than the response states.
    pub(crate) fn full_size(&self) -> u64 {
        let asked = self.request.size();
        self.per_page.map_or(asked, |stated| stated.min(asked)).into()
    }
}

/// Decodes a page item by item; `None` if it has no items in this field.
pub(super) fn by_item<T: DeserializeOwned>(
    body: &[u8],
    request: PageRequest,
    operation: &'static str,
    field: &'static str,
    redactor: &Redactor,
) -> Option<ReceivedPage<T>> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}');
    let mut body: HashMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    let raw: Option<Vec<&RawValue>> = serde_json::from_str(body.remove(field)?.get()).ok()?;
    let decode = |(index, raw): (usize, &RawValue)| {
        let raw = raw.get();
        decode_json(raw.as_bytes())
            .map_err(|error| undecoded(raw, &error, &format!("{field}[{index}]"), request.page, operation, redactor))
    };
    let items = raw.unwrap_or_default().into_iter().enumerate().map(decode).collect();
    let number = |name| body.get(name).and_then(|raw| integer(raw.get()));
    let (page, per_page, total) = (number("page"), number("per_page"), number("total_count"));
    Some(ReceivedPage::new(request, operation, items, page, per_page, total))
}

fn undecoded(
    raw: &str,
    error: &serde_json::Error,
    place: &str,
    page: u32,
    operation: &'static str,
    redactor: &Redactor,
) -> Undecoded {
    let fields: HashMap<String, &RawValue> = serde_json::from_str(raw).unwrap_or_default();
    let text = |name| fields.get(name).and_then(|raw| decode_json::<String>(raw.get().as_bytes()).ok());
    let (id, name) = (text("id").filter(|id| !id.is_empty()), text("name"));
    let reason = undecodable(raw.as_bytes(), error, place, redactor, false).message().to_owned();
    let item = match &id {
        Some(id) => format!("the item with the id \"{}\"", printable(&redactor.text(id))),
        None => "an item without an id".to_owned(),
    };
    Undecoded { id, name, error: self::error(operation, format!("{item} on page {page}: {reason}")), reason }
}

/// An error of what the response of a list says.
pub(super) fn error(operation: &'static str, message: String) -> Error {
    Error::new(ErrorKind::Decode, message).with_operation(operation).with_status(Some(http::StatusCode::OK))
}

/// An integer in any form in which the service may send it.
fn integer(raw: &str) -> Option<i64> {
    let number = match serde_json::from_str(raw).ok()? {
        Value::String(text) => serde_json::from_str(&text).ok()?,
        Value::Number(number) => number,
        _ => return None,
    };
    let whole = |float: f64| (float.fract() == 0.0 && float.abs() < 9e15).then_some(float as i64);
    number.as_i64().or_else(|| number.as_f64().and_then(whole))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Named {
        id: String,
        name: String,
        size: u8,
    }

    fn read(body: &str) -> Option<ReceivedPage<Named>> {
        let request = PageRequest { page: 3, per_page: None };
        by_item(body.as_bytes(), request, "ListAll", "all", &Redactor::new(["s3cr3t-t0ken"]))
    }

    #[test]
    fn numbers_are_read_in_any_form_and_may_lack() {
        let numbers = |body: &str| read(body).map(|page| (page.page, page.per_page, page.total_count));
        let all = Some((Some(3), Some(50), Some(120)));
        assert_eq!(numbers(r#"{"all": [], "page": 3, "per_page": "50", "total_count": 120.0}"#), all);
        assert_eq!(
            numbers("\u{feff}{\"page\": \"3.0\", \"per_page\": 5e1, \"total_count\": \"120\", \"all\": null}"),
            all
        );
        for odd in ["null", "-1", "{}", "\"many\"", "1e300", "0.5", "\"\""] {
            let body = format!(r#"{{"all": [], "page": 3, "per_page": {odd}, "total_count": {odd}}}"#);
            assert_eq!(numbers(&body), Some((Some(3), None, None)), "{odd}");
        }
        assert_eq!(numbers(r#"{"all": [], "per_page": 0}"#), Some((None, None, None)));
        for no_page in ["", "[]", "{}", r#"{"all": 7}"#, r#"{"all": [1"#, r#"{"other": []}"#, "<html>"] {
            assert!(read(no_page).is_none(), "{no_page}");
        }
    }

    #[test]
    fn each_item_is_decoded_by_itself() {
        let good = r#"{"id": "a", "name": "n", "size": 1}"#;
        let page = read(&format!(
            r#"{{"all": [{good}, {{"id": "b", "name": "\ud800", "size": "1"}}, {{"id": "c s3cr3t-t0ken", "name": "m", "size": 256}},
                {{"name": 7}}, null, {{"id": "d", "name": "\ud800", "size": 1}}]}}"#
        ));
        let items = page.unwrap().items;
        assert_eq!(items[0].as_ref().unwrap().name, "n");
        // As in a page that can be decoded as a whole.
        assert_eq!(items[5].as_ref().unwrap().name, "\u{fffd}");
        let odd: Vec<_> = items[1..5].iter().map(|item| item.as_ref().unwrap_err()).collect();
        let identities: Vec<_> = odd.iter().map(|odd| (odd.id.as_deref(), odd.name.as_deref())).collect();
        assert_eq!(
            identities,
            [(Some("b"), Some("\u{fffd}")), (Some("c s3cr3t-t0ken"), Some("m")), (None, None), (None, None)]
        );
        let messages: Vec<_> = odd.iter().map(|odd| odd.error.message()).collect();
        assert!(
            messages[0].starts_with("the item with the id \"b\" on page 3: all[1].size: invalid type"),
            "{messages:?}"
        );
        assert!(
            messages[1].starts_with("the item with the id \"c <redacted>\" on page 3: all[2].size: "),
            "{messages:?}"
        );
        assert!(messages[2].starts_with("an item without an id on page 3: all[3]"), "{messages:?}");
        assert!(!messages.concat().contains("s3cr3t-t0ken"));
    }
}
