//! One call: lends the raw client, and turns what it gives into a value or an [`Error`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use genesiscloud_bindings::{self as bindings, ClientInfo, ResponseValue, Seam, Transport};
use http::header::LOCATION;
use http::{Method, StatusCode};
use reqwest::{Request, Response, Url};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tracing::Span;
use url::Position;

use crate::error::printable;
use crate::redact::Redactor;
use crate::refusal::{self, excerpt};
use crate::transport::{Arrival, Chain, Course, Outcome, into_arrival, record_failure, retry_after};
use crate::{Clock, Error, ErrorKind, Result, Unconfirmed};

/// What the generated operations return.
type RawAnswer<T> = std::result::Result<ResponseValue<T>, bindings::Error<()>>;

/// A call under way.
pub(crate) struct Call {
    /// The raw client whose next operation is this call.
    pub(crate) raw: bindings::Client,
    operation: &'static str,
    record: Arc<Mutex<Option<Record>>>,
    clock: Arc<dyn Clock>,
    redactor: Redactor,
    confidential: bool,
}

/// What passed on the way, which the raw client would forget.
#[derive(Clone, Debug)]
struct Record {
    method: Method,
    asked: Url,
    /// What of the request's body tells what it asks for.
    fields: Map<String, Value>,
    passed: Option<Passed>,
}

/// What came of it.
#[derive(Clone, Debug)]
struct Passed {
    course: Course,
    span: Span,
    status: Option<StatusCode>,
    /// Why there is none.
    failure: Option<(ErrorKind, String)>,
    is_lasting: bool,
}

impl Record {
    fn of(request: &Request) -> Self {
        Self {
            method: request.method().clone(),
            asked: request.url().clone(),
            fields: telling_fields(request),
            passed: None,
        }
    }
}

impl Passed {
    fn of(outcome: &Outcome, course: Course, span: Span) -> Self {
        match outcome {
            Ok(answer) => Self { course, span, status: Some(answer.status), failure: None, is_lasting: false },
            Err(failure) => Self {
                course,
                span,
                status: failure.status,
                failure: Some((failure.kind, failure.reason.clone())),
                is_lasting: failure.is_lasting,
            },
        }
    }
}

/// Fields by which one would know a thing again. Secrets are none of them; nor are addresses, which can hold some.
const TELLING: [&str; 18] = [
    "action",
    "description",
    "disk_size",
    "hostname",
    "image",
    "name",
    "os_type",
    "placement_option",
    "region",
    "replicated_region",
    "reservation_id",
    "security_groups",
    "size",
    "ssh_keys",
    "type",
    "value",
    "version",
    "volumes",
];

fn telling_fields(request: &Request) -> Map<String, Value> {
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    let mut fields: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    fields.retain(|name, _| TELLING.contains(&name.as_str()));
    fields
}

/// The chain, with a record of what passed.
#[derive(Debug)]
struct Recorded {
    chain: Chain,
    record: Arc<Mutex<Option<Record>>>,
    operation: &'static str,
}

impl Transport for Recorded {
    fn execute<'a>(&'a self, http: &'a reqwest::Client, request: Request, method_name: &'static str) -> Arrival<'a> {
        debug_assert_eq!(
            Some(self.operation),
            bindings::Operation::of(method_name).map(|operation| operation.id),
            "a service calls one operation and names another"
        );
        Box::pin(async move {
            let record = Record::of(&request);
            *lock(&self.record) = Some(record.clone());
            let (outcome, course, span) = self.chain.carry(http, request, method_name).await;
            *lock(&self.record) = Some(Record { passed: Some(Passed::of(&outcome, course, span)), ..record });
            into_arrival(outcome)
        })
    }
}

fn lock<T>(record: &Mutex<T>) -> MutexGuard<'_, T> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Call {
    /// A call of the operation with this id in the document.
    pub(crate) fn new(endpoint: &str, http: &reqwest::Client, chain: &Chain, operation: &'static str) -> Self {
        let record = Arc::<Mutex<Option<Record>>>::default();
        let recorded = Recorded { chain: chain.clone(), record: Arc::clone(&record), operation };
        let raw = bindings::Client::new_with_client(endpoint, http.clone(), Seam::new(recorded));
        let redactor = Redactor::new([chain.shared.credentials.token.expose()]);
        let clock = Arc::clone(&chain.shared.clock);
        Self { raw, operation, record, clock, redactor, confidential: false }
    }

    /// The same call, whose request holds these secrets: no error shows them.
    pub(crate) fn hiding<'a>(mut self, secrets: impl IntoIterator<Item = &'a str>) -> Self {
        secrets.into_iter().for_each(|secret| self.redactor.hide(secret));
        self
    }

    /// The same call, whose answer can hold secrets: no error shows anything of a success.
    pub(crate) fn confidential(mut self) -> Self {
        self.confidential = true;
        self
    }

    /// The value that came, or what went wrong.
    pub(crate) async fn finish<T: DeserializeOwned>(&self, answer: RawAnswer<T>) -> Result<T> {
        let error = match answer {
            Ok(value) => return Ok(value.into_inner()),
            Err(error) => error,
        };
        let error = match error {
            bindings::Error::InvalidRequest(reason) => Error::invalid_input(reason),
            bindings::Error::UnexpectedResponse(answer) => self.refusal(answer).await,
            bindings::Error::InvalidResponsePayload(body, _) => self.undecodable::<T>(&body),
            bindings::Error::ErrorResponse(answer) => {
                Error::answer(answer.status(), None, "an error that the document gives a type of its own".into())
            }
            bindings::Error::Custom(reason) => self.broken(reason),
            bindings::Error::CommunicationError(error)
            | bindings::Error::ResponseBodyError(error)
            | bindings::Error::InvalidUpgrade(error) => self.broken(error.to_string()),
        };
        Err(self.told(error))
    }

    /// An answer that the document does not foresee.
    pub(crate) fn unreadable(&self, message: impl Into<String>) -> Error {
        self.told(Error::new(ErrorKind::Decode, message))
    }

    /// An argument that is refused before anything is sent.
    pub(crate) fn invalid_input(&self, message: impl Into<String>) -> Error {
        self.told(Error::invalid_input(message))
    }

    fn record(&self) -> Option<Record> {
        lock(&self.record).clone()
    }

    /// The error with what it is an error of, and how that went.
    fn told(&self, error: Error) -> Error {
        let error = error.of(self.operation);
        let Some((record, passed)) = self.record().and_then(|record| Some((record.clone(), record.passed?))) else {
            return error;
        };
        let Passed { course, span, status, .. } = &passed;
        if status.is_some_and(|status| status.is_success()) && passed.failure.is_none() {
            record_failure(span, error.kind());
        }
        let error = error
            .with_status(*status)
            .repeatable((course.repeatable.0 || course.is_unprocessed()) && !passed.is_lasting)
            .after(course.attempts, course.elapsed);
        match course.is_ambiguous(&record.method, &error) {
            true => error.unconfirmed_as(self.unconfirmed(&record, course)),
            false => error,
        }
    }

    fn unconfirmed(&self, record: &Record, course: &Course) -> Unconfirmed {
        let path = record.asked.path();
        let base = Url::parse(self.raw.baseurl()).map(|base| base.path().trim_end_matches('/').to_owned());
        let path = base.ok().and_then(|base| path.strip_prefix(&base)).unwrap_or(path).to_owned();
        let since = course.first_sent.map_or_else(|| self.clock.date(), |(_, date)| date);
        Unconfirmed {
            method: record.method.clone(),
            path,
            fields: record.fields.clone(),
            since: DateTime::<Utc>::from(since),
            found: None,
        }
    }

    /// An answer that is no success.
    async fn refusal(&self, answer: Response) -> Error {
        let status = answer.status();
        let wait = retry_after(answer.headers(), self.clock.date());
        let location = answer.headers().get(LOCATION).map(|to| String::from_utf8_lossy(to.as_bytes()).into_owned());
        // It is here already; the transport has read it.
        let body = String::from_utf8_lossy(&answer.bytes().await.unwrap_or_default()).into_owned();
        let (code, message) = match location {
            Some(to) if status.is_redirection() => {
                let to = printable(&self.redactor.text(&to));
                let message = format!("not followed to {to}, since the API does not redirect; is the endpoint right?");
                (None, message)
            }
            _ => {
                let (code, message) = refusal::read(&self.redactor.body(&body));
                // A message may hold the request as a text: once it is read, less of it is escaped.
                (code, self.redactor.text(&message))
            }
        };
        Error::answer(status, code, message).with_retry_after(wait)
    }

    /// A success whose body is not what the document promises.
    pub(crate) fn undecodable<T: DeserializeOwned>(&self, body: &[u8]) -> Error {
        let read = serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(body));
        let (place, reason) = match read {
            Ok(_) => (".".into(), "text follows the JSON".into()),
            // Fields that the service named are part of the place.
            Err(error) => (self.redactor.text(&error.path().to_string()), error.inner().to_string()),
        };
        let start = excerpt(&self.redactor.body(&String::from_utf8_lossy(body)));
        let message = match body {
            [] => "it is empty".to_owned(),
            _ if self.confidential => {
                format!("{place}: not what the document says, and not shown: it can hold secrets")
            }
            _ if place == "." => format!("{}, in {start}", self.redactor.text(&reason)),
            _ => format!("{place}: {}, in {start}", self.redactor.text(&reason)),
        };
        Error::new(ErrorKind::Decode, message)
    }

    /// A request that got no whole answer, for this reason if nothing better is known.
    fn broken(&self, reason: String) -> Error {
        let failed = self.record().and_then(|record| Some((record.clone(), record.passed?)));
        let Some((record, Passed { failure: Some((kind, reason)), course, .. })) = failed else {
            // The request could not even be made.
            return Error::invalid_input(self.redactor.text(&reason));
        };
        let host = &record.asked[Position::BeforeHost..Position::AfterPort];
        let reason = self.redactor.text(&format!("{host}: {reason}"));
        match kind {
            // Which says that nothing was sent; and before the last attempt, something was.
            ErrorKind::Connect if course.is_repeat && record.method != Method::GET => {
                Error::new(ErrorKind::Interrupted, format!("{reason}; an earlier attempt may have been processed"))
            }
            _ => Error::new(kind, reason),
        }
    }
}
