//! Records the requests that a sandbox receives.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::Value;

/// A request that the sandbox received, with the status, error code and fault of its response.
///
/// `Display` prints `GET /compute/v1/volumes?page=1`. Neither `Display` nor `Debug` prints headers or the body, because
/// they contain secrets.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Method, such as `GET`.
    pub method: String,
    /// Request target: path and query.
    pub target: String,
    /// Id of the operation in the provider's document, such as `GetVolume`. `None` if no operation matches.
    pub operation: Option<String>,
    /// Headers in the order received, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body. Empty if it was not read, and for a request that did not authenticate.
    pub body: Vec<u8>,
    /// When the request arrived, in the [HTTP time](crate::Clock::http_time) of the sandbox's clock.
    pub at: DateTime<Utc>,
    /// Status of the response. `None` while the request is in progress, and if the connection was reset before the
    /// response.
    pub status: Option<u16>,
    /// Error code of the response.
    pub code: Option<String>,
    /// Description of the fault that was injected.
    pub fault: Option<String>,
    started: u64,
    finished: Option<u64>,
}

impl RecordedRequest {
    /// Returns the value of a header. `name` must be in lower case.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// for request in sandbox.recorded_requests() {
    ///     println!("{request} was sent by {:?}", request.header("user-agent"));
    /// }
    /// # }
    /// ```
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// Returns the body as JSON, or `None` if it is not JSON.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// let requests = sandbox.recorded_requests();
    /// let names = requests.iter().filter_map(|it| Some(it.json()?["name"].to_string()));
    /// println!("{:?}", names.collect::<Vec<_>>());
    /// # }
    /// ```
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Returns whether the two requests were in progress at the same time: each arrived before the response to the
    /// other was sent.
    ///
    /// ```
    /// # async fn example(sandbox: genesiscloud_sandbox::Sandbox) {
    /// let requests = sandbox.recorded_requests();
    /// assert!(!requests[0].overlaps(&requests[1]));
    /// # }
    /// ```
    pub fn overlaps(&self, other: &Self) -> bool {
        let end = |it: &Self| it.finished.unwrap_or(u64::MAX);
        self.started < end(other) && other.started < end(self)
    }
}

impl fmt::Display for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.target)
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedRequest")
            .field("method", &self.method)
            .field("target", &self.target)
            .field("status", &self.status)
            .field("code", &self.code)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

/// Keeps the most recent requests up to a limit, and all that are in progress.
pub(crate) struct RequestRecorder {
    /// By number, in the order of arrival.
    requests: BTreeMap<usize, RecordedRequest>,
    limit: usize,
    count: usize,
    /// Counts starts and finishes, which orders them independently of the clock.
    events: u64,
}

impl RequestRecorder {
    pub(crate) fn new(limit: usize) -> Self {
        Self { requests: BTreeMap::new(), limit, count: 0, events: 0 }
    }

    /// Records a request that has arrived, and returns its number.
    pub(crate) fn start(&mut self, method: &str, target: &str, headers: &http::HeaderMap, at: DateTime<Utc>) -> usize {
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let started = self.next_event();
        self.count += 1;
        let request = RecordedRequest {
            method: method.to_owned(),
            target: target.to_owned(),
            operation: None,
            headers,
            body: vec![],
            at,
            status: None,
            code: None,
            fault: None,
            started,
            finished: None,
        };
        self.requests.insert(self.count, request);
        self.count
    }

    pub(crate) fn update(&mut self, number: usize, change: impl FnOnce(&mut RecordedRequest)) {
        if let Some(request) = self.requests.get_mut(&number) {
            change(request);
        }
    }

    /// Marks a request as finished and returns it.
    pub(crate) fn finish(&mut self, number: usize) -> Option<RecordedRequest> {
        let event = self.next_event();
        self.update(number, |request| request.finished = Some(event));
        let request = self.requests.get(&number).cloned();
        if self.requests.len() > self.limit {
            let finished = |(_, request): &(&usize, &RecordedRequest)| request.finished.is_some();
            let oldest = self.requests.iter().find(finished).map(|(number, _)| *number);
            oldest.and_then(|oldest| self.requests.remove(&oldest));
        }
        request
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.requests.values().cloned().collect()
    }

    /// Returns how many requests have arrived, and how many starts and finishes of requests there were.
    #[cfg(feature = "explore")]
    pub(crate) fn counts(&self) -> (usize, u64) {
        (self.count, self.events)
    }

    fn next_event(&mut self) -> u64 {
        self.events += 1;
        self.events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(recorder: &mut RequestRecorder, target: &str) -> usize {
        recorder.start("GET", target, &http::HeaderMap::new(), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn requests_overlap_when_each_starts_before_the_other_finishes() {
        let mut recorder = RequestRecorder::new(usize::MAX);
        let first = start(&mut recorder, "/1");
        let second = start(&mut recorder, "/2");
        recorder.finish(first);
        start(&mut recorder, "/3");
        recorder.finish(second);
        let [first, second, third] = recorder.requests().try_into().unwrap();
        assert!(first.overlaps(&second) && second.overlaps(&first));
        assert!(second.overlaps(&third) && third.overlaps(&second));
        assert!(!first.overlaps(&third) && !third.overlaps(&first));
    }

    #[test]
    fn the_limit_drops_the_oldest_finished_request_and_none_in_progress() {
        let mut recorder = RequestRecorder::new(2);
        let slow = start(&mut recorder, "/slow");
        for _ in 0..5 {
            let quick = start(&mut recorder, "/quick");
            assert_eq!(recorder.finish(quick).unwrap().target, "/quick");
        }
        let targets = |recorder: &RequestRecorder| {
            recorder.requests().into_iter().map(|request| request.target).collect::<Vec<_>>()
        };
        assert_eq!(targets(&recorder), ["/slow", "/quick"]);
        assert_eq!(recorder.finish(slow).unwrap().target, "/slow");
        assert_eq!(targets(&recorder), ["/slow", "/quick"]);
    }

    #[test]
    fn headers_and_bodies_are_not_printed() {
        let mut recorder = RequestRecorder::new(1);
        let headers = [("authorization", "Bearer s3cret")];
        let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let number = recorder.start("POST", "/instances", &headers.into_iter().collect(), DateTime::UNIX_EPOCH);
        recorder.update(number, |request| request.body = br#"{"password":"s3cret"}"#.to_vec());
        let request = recorder.finish(number).unwrap();
        assert_eq!(request.header("authorization"), Some("Bearer s3cret"));
        assert!(!format!("{request} {request:?}").contains("s3cret"));
    }
}
