//! How the pages of lists deviate from what is documented.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::FaultError;
use crate::yaml;

/// Deviations of the pages of all lists from the document, as servers and gateways have them.
///
/// ```
/// use genesiscloud_sandbox::{PageQuirks, TotalCount};
///
/// let quirks = PageQuirks::new().cap(25).total_count(TotalCount::Absent);
/// let same: PageQuirks = "{ cap: 25, total_count: absent }".parse().unwrap();
/// assert_eq!(quirks, same);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a map such as {cap: 25}")]
pub struct PageQuirks {
    pub(crate) cap: Option<u64>,
    pub(crate) hides_cap: bool,
    pub(crate) page_echo: Option<PageEcho>,
    pub(crate) past_end: Option<u16>,
    pub(crate) total_count: Option<TotalCount>,
    pub(crate) first_page_only: bool,
}

/// What the field `page` of a list contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PageEcho {
    /// The field is missing.
    Absent,
    /// The number that was requested, also if another page is sent.
    Requested,
    /// The number counted from 0.
    FromZero,
    /// 1 on every page.
    First,
}

/// What the field `total_count` of a list contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TotalCount {
    /// The field is missing.
    Absent,
    /// The true number, but at most this.
    Capped(u64),
    /// The true number plus this, but at least 0.
    OffBy(i64),
    /// The number of items on the page.
    OfPage,
}

impl PageQuirks {
    /// Creates a value without deviations.
    ///
    /// ```
    /// let quirks = genesiscloud_sandbox::PageQuirks::new();
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends at most this number of items on a page, at least 1, whatever `per_page` asks for. The field `per_page` of
    /// the response shows it.
    ///
    /// ```
    /// let quirks = genesiscloud_sandbox::PageQuirks::new().cap(25);
    /// ```
    pub fn cap(self, items: u64) -> Self {
        Self { cap: Some(items), hides_cap: false, ..self }
    }

    /// Does the same as [`cap`](Self::cap), but the field `per_page` of the response shows what was requested.
    ///
    /// ```
    /// let quirks = genesiscloud_sandbox::PageQuirks::new().hidden_cap(25);
    /// ```
    pub fn hidden_cap(self, items: u64) -> Self {
        Self { cap: Some(items), hides_cap: true, ..self }
    }

    /// Sets what the field `page` contains.
    ///
    /// ```
    /// use genesiscloud_sandbox::{PageEcho, PageQuirks};
    /// let quirks = PageQuirks::new().page_echo(PageEcho::Absent);
    /// ```
    pub fn page_echo(self, echo: PageEcho) -> Self {
        Self { page_echo: Some(echo), ..self }
    }

    /// Responds with an error of this status, 400 or 404, to a request for a page after the last one, instead of an
    /// empty page. The first page of an empty list is sent as usual.
    ///
    /// ```
    /// let quirks = genesiscloud_sandbox::PageQuirks::new().past_end(404);
    /// ```
    pub fn past_end(self, status: u16) -> Self {
        Self { past_end: Some(status), ..self }
    }

    /// Sets what the field `total_count` contains.
    ///
    /// ```
    /// use genesiscloud_sandbox::{PageQuirks, TotalCount};
    /// let quirks = PageQuirks::new().total_count(TotalCount::Capped(100));
    /// ```
    pub fn total_count(self, total: TotalCount) -> Self {
        Self { total_count: Some(total), ..self }
    }

    /// Sends the first page whatever page is requested, so that a list never ends.
    ///
    /// ```
    /// let quirks = genesiscloud_sandbox::PageQuirks::new().first_page_only();
    /// ```
    pub fn first_page_only(self) -> Self {
        Self { first_page_only: true, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), FaultError> {
        if self.cap == Some(0) {
            return Err(FaultError("cap must be 1 or more".into()));
        }
        match self.past_end {
            Some(status) if status != 400 && status != 404 => {
                Err(FaultError(format!("past_end must be 400 or 404, not {status}")))
            }
            _ => Ok(()),
        }
    }

    /// Returns the query that selects the page to send.
    pub(crate) fn query(&self, requested: &[(String, String)]) -> Vec<(String, String)> {
        let mut query = requested.to_vec();
        if let Some(cap) = self.cap {
            let per_page = number(requested, PER_PAGE).unwrap_or(DEFAULT_PER_PAGE).min(cap);
            set(&mut query, PER_PAGE, per_page);
        }
        if self.first_page_only {
            set(&mut query, PAGE, 1);
        }
        query
    }

    /// Returns the status of the error that is sent instead of this page.
    pub(crate) fn error_status(&self, requested: &[(String, String)], page: &Value) -> Option<u16> {
        let is_past_end = number(requested, PAGE).is_some_and(|page| page > 1) && items(page) == 0;
        self.past_end.filter(|_| is_past_end)
    }

    /// Changes the fields of a page beside its items.
    pub(crate) fn change(&self, requested: &[(String, String)], page: &mut Value) {
        let items = items(page);
        let Some(fields) = page.as_object_mut() else { return };
        if self.hides_cap {
            let per_page = number(requested, PER_PAGE).unwrap_or(DEFAULT_PER_PAGE);
            fields.insert(PER_PAGE.into(), json!(per_page));
        }
        let number = number(requested, PAGE).unwrap_or(1);
        match self.page_echo {
            Some(PageEcho::Absent) => drop(fields.remove(PAGE)),
            Some(PageEcho::Requested) => drop(fields.insert(PAGE.into(), json!(number))),
            Some(PageEcho::FromZero) => drop(fields.insert(PAGE.into(), json!(number - 1))),
            Some(PageEcho::First) => drop(fields.insert(PAGE.into(), json!(1))),
            None => {}
        }
        let total = fields.get(TOTAL_COUNT).and_then(Value::as_u64).unwrap_or(0);
        match self.total_count {
            Some(TotalCount::Absent) => drop(fields.remove(TOTAL_COUNT)),
            Some(TotalCount::Capped(cap)) => drop(fields.insert(TOTAL_COUNT.into(), json!(total.min(cap)))),
            Some(TotalCount::OffBy(by)) => {
                fields.insert(TOTAL_COUNT.into(), json!(total.saturating_add_signed(by)));
            }
            Some(TotalCount::OfPage) => drop(fields.insert(TOTAL_COUNT.into(), json!(items))),
            None => {}
        }
    }
}

/// Lists the deviations as [`FromStr`] reads them.
impl fmt::Display for PageQuirks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cap, hides_cap, page_echo, past_end, total_count, first_page_only } = self;
        let all = [
            cap.map(|cap| format!("cap: {cap}")),
            hides_cap.then(|| "hides_cap: true".to_owned()),
            page_echo.map(|echo| format!("page_echo: {}", echo.name())),
            past_end.map(|status| format!("past_end: {status}")),
            total_count.map(|total| format!("total_count: {}", total.name())),
            first_page_only.then(|| "first_page_only: true".to_owned()),
        ];
        write!(f, "{{ {} }}", all.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

impl PageEcho {
    fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Requested => "requested",
            Self::FromZero => "from_zero",
            Self::First => "first",
        }
    }
}

impl TotalCount {
    fn name(self) -> String {
        match self {
            Self::Absent => "absent".to_owned(),
            Self::Capped(cap) => format!("{{ capped: {cap} }}"),
            Self::OffBy(by) => format!("{{ off_by: {by} }}"),
            Self::OfPage => "of_page".to_owned(),
        }
    }
}

impl FromStr for PageQuirks {
    type Err = FaultError;

    /// Parses YAML or JSON, such as `{ cap: 25, total_count: absent }`.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let quirks = yaml::parse::<Self>(text).map_err(FaultError)?;
        quirks.check()?;
        Ok(quirks)
    }
}

const PAGE: &str = "page";
const PER_PAGE: &str = "per_page";
const TOTAL_COUNT: &str = "total_count";
/// What the document gives as the default.
const DEFAULT_PER_PAGE: u64 = 50;

/// Returns a parameter as a number. The query was validated, so parsing fails only on overflow.
fn number(query: &[(String, String)], name: &str) -> Option<u64> {
    let (_, text) = query.iter().find(|(parameter, _)| parameter == name)?;
    Some(text.parse().unwrap_or(u64::MAX))
}

fn set(query: &mut Vec<(String, String)>, name: &str, value: u64) {
    query.retain(|(parameter, _)| parameter != name);
    query.push((name.to_owned(), value.to_string()));
}

/// Returns the number of items on a page.
fn items(page: &Value) -> usize {
    let mut fields = page.as_object().into_iter().flat_map(|fields| fields.values());
    fields.find_map(Value::as_array).map_or(0, Vec::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_can_express_every_quirk_and_an_invalid_one_is_rejected() {
        for (text, quirks) in [
            ("{}", PageQuirks::new()),
            ("{ cap: 25 }", PageQuirks::new().cap(25)),
            ("{ cap: 25, hides_cap: true }", PageQuirks::new().hidden_cap(25)),
            ("{ page_echo: from_zero }", PageQuirks::new().page_echo(PageEcho::FromZero)),
            ("{ past_end: 404 }", PageQuirks::new().past_end(404)),
            ("{ total_count: { capped: 100 } }", PageQuirks::new().total_count(TotalCount::Capped(100))),
            ("{ total_count: { off_by: -3 } }", PageQuirks::new().total_count(TotalCount::OffBy(-3))),
            ("{ first_page_only: true }", PageQuirks::new().first_page_only()),
        ] {
            assert_eq!(text.parse::<PageQuirks>().as_ref(), Ok(&quirks), "{text}");
            assert_eq!(quirks.to_string().parse::<PageQuirks>(), Ok(quirks), "{text}");
        }
        for (text, message) in
            [("{ cap: 0 }", "cap must be 1 or more"), ("{ past_end: 500 }", "past_end must be 400 or 404, not 500")]
        {
            assert_eq!(text.parse::<PageQuirks>().unwrap_err().to_string(), message);
        }
    }
}
