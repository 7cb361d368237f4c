//! What a sandbox was asked, as it was received.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::Value;

/// A request as it was received, and what became of it. Prints as `GET /compute/v1/volumes?page=1`; neither that nor its
/// `Debug` shows headers or the body, which hold secrets.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Received {
    /// Method, such as `GET`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Id of the operation in the provider's document, such as `GetVolume`; none for what is not in it.
    pub operation: Option<String>,
    /// Headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; empty where it was not read.
    pub body: Vec<u8>,
    /// When it came, by the wire's time of the sandbox's [`Clock`](crate::Clock).
    pub at: DateTime<Utc>,
    /// Status it was answered with; none while it is under way, and where the connection was reset instead.
    pub status: Option<u16>,
    /// Error code it was answered with.
    pub code: Option<String>,
    /// The fault that was injected, in words.
    pub fault: Option<String>,
    began: u64,
    ended: Option<u64>,
}

impl Received {
    /// The value of a header, asked for in lower case.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// for request in sandbox.journal() {
    ///     println!("{request} came from {:?}", request.header("user-agent"));
    /// }
    /// # }
    /// ```
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON, if it is some.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// let names = sandbox.journal().iter().filter_map(|it| Some(it.json()?["name"].to_string())).collect::<Vec<_>>();
    /// # }
    /// ```
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether the two were under way at the same time: each came before the other's answer was sent.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// let journal = sandbox.journal();
    /// assert!(!journal[0].overlaps(&journal[1]));
    /// # }
    /// ```
    pub fn overlaps(&self, other: &Self) -> bool {
        let ends = |it: &Self| it.ended.unwrap_or(u64::MAX);
        self.began < ends(other) && other.began < ends(self)
    }
}

impl fmt::Display for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.target)
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("method", &self.method)
            .field("target", &self.target)
            .field("status", &self.status)
            .field("code", &self.code)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

/// The last requests, as many as are kept, and all that are under way.
pub(crate) struct Journal {
    /// By their number.
    kept: BTreeMap<usize, Received>,
    limit: usize,
    count: usize,
    /// Counts beginnings and ends, to tell which came first whatever the clock says.
    moments: u64,
}

impl Journal {
    pub(crate) fn new(limit: usize) -> Self {
        Self { kept: BTreeMap::new(), limit, count: 0, moments: 0 }
    }

    /// Enters a request and gives its number.
    pub(crate) fn begin(&mut self, method: &str, target: &str, headers: &http::HeaderMap, at: DateTime<Utc>) -> usize {
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let began = self.moment();
        self.count += 1;
        let received = Received {
            method: method.to_owned(),
            target: target.to_owned(),
            operation: None,
            headers,
            body: vec![],
            at,
            status: None,
            code: None,
            fault: None,
            began,
            ended: None,
        };
        self.kept.insert(self.count, received);
        self.count
    }

    pub(crate) fn change(&mut self, number: usize, change: impl FnOnce(&mut Received)) {
        if let Some(entry) = self.kept.get_mut(&number) {
            change(entry);
        }
    }

    /// Marks a request as done with, and gives the entry.
    pub(crate) fn end(&mut self, number: usize) -> Option<Received> {
        let moment = self.moment();
        self.change(number, |entry| entry.ended = Some(moment));
        let entry = self.kept.get(&number).cloned();
        if self.kept.len() > self.limit {
            let oldest = self.kept.iter().find(|(_, entry)| entry.ended.is_some()).map(|(number, _)| *number);
            oldest.and_then(|oldest| self.kept.remove(&oldest));
        }
        entry
    }

    pub(crate) fn entries(&self) -> Vec<Received> {
        self.kept.values().cloned().collect()
    }

    fn moment(&mut self) -> u64 {
        self.moments += 1;
        self.moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(journal: &mut Journal, target: &str) -> usize {
        journal.begin("GET", target, &http::HeaderMap::new(), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn requests_overlap_when_one_begins_before_the_other_ends() {
        let mut journal = Journal::new(usize::MAX);
        let first = begin(&mut journal, "/1");
        let second = begin(&mut journal, "/2");
        journal.end(first);
        begin(&mut journal, "/3");
        journal.end(second);
        let [first, second, third] = journal.entries().try_into().unwrap();
        assert!(first.overlaps(&second) && second.overlaps(&first));
        assert!(second.overlaps(&third) && third.overlaps(&second));
        assert!(!first.overlaps(&third) && !third.overlaps(&first));
    }

    #[test]
    fn only_so_many_are_kept_and_none_that_is_under_way_is_dropped() {
        let mut journal = Journal::new(2);
        let slow = begin(&mut journal, "/slow");
        for _ in 0..5 {
            let quick = begin(&mut journal, "/quick");
            assert_eq!(journal.end(quick).unwrap().target, "/quick");
        }
        let targets = |journal: &Journal| journal.entries().into_iter().map(|it| it.target).collect::<Vec<_>>();
        assert_eq!(targets(&journal), ["/slow", "/quick"]);
        assert_eq!(journal.end(slow).unwrap().target, "/slow");
        assert_eq!(targets(&journal), ["/slow", "/quick"]);
    }

    #[test]
    fn secrets_are_not_printed() {
        let mut journal = Journal::new(1);
        let headers = [("authorization", "Bearer s3cret")];
        let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let number = journal.begin("POST", "/instances", &headers.into_iter().collect(), DateTime::UNIX_EPOCH);
        journal.change(number, |entry| entry.body = br#"{"password":"s3cret"}"#.to_vec());
        let entry = journal.end(number).unwrap();
        assert_eq!(entry.header("authorization"), Some("Bearer s3cret"));
        assert!(!format!("{entry} {entry:?}").contains("s3cret"));
    }
}
