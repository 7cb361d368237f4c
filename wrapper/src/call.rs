//! One call: lends the raw client, and turns what it gives into a value or an [`Error`].

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use genesiscloud_bindings::{self as bindings, ResponseValue, Seam, Transport};
use http::header::{DATE, HeaderMap, LOCATION, RETRY_AFTER};
use http::{Method, StatusCode};
use reqwest::{Request, Response, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Position;

use crate::error::printable;
use crate::redact::Redactor;
use crate::transport::{Answer, Chain};
use crate::{Error, ErrorCode, ErrorKind, Result};

/// What the generated operations return.
type RawAnswer<T> = std::result::Result<ResponseValue<T>, bindings::Error<()>>;

/// A call under way.
pub(crate) struct Call {
    /// The raw client whose next operation is this call.
    pub(crate) raw: bindings::Client,
    operation: &'static str,
    record: Arc<Mutex<Record>>,
    redactor: Redactor,
    confidential: bool,
    may_redirect: bool,
}

/// What passed on the way, which the raw client would forget.
#[derive(Debug, Default)]
struct Record {
    method: Method,
    asked: Option<Url>,
    answered: Option<Url>,
    status: Option<StatusCode>,
}

/// The chain, with a record of what passed.
#[derive(Debug)]
struct Recorded {
    chain: Arc<Chain>,
    record: Arc<Mutex<Record>>,
    operation: &'static str,
}

impl Transport for Recorded {
    fn execute<'a>(&'a self, http: &'a reqwest::Client, request: Request, raw_operation: &'static str) -> Answer<'a> {
        debug_assert_eq!(
            self.operation.to_lowercase(),
            raw_operation.replace('_', ""),
            "a service calls one operation and names another"
        );
        Box::pin(async move {
            let (method, asked) = (request.method().clone(), Some(request.url().clone()));
            *lock(&self.record) = Record { method, asked, ..Record::default() };
            let answer = self.chain.execute(http, request, raw_operation).await?;
            let mut record = lock(&self.record);
            record.status = Some(answer.status());
            record.answered = Some(answer.url().clone());
            Ok(answer)
        })
    }
}

fn lock(record: &Mutex<Record>) -> MutexGuard<'_, Record> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Call {
    /// A call of the operation with this id in the document.
    pub(crate) fn new(endpoint: &str, http: &reqwest::Client, chain: &Arc<Chain>, operation: &'static str) -> Self {
        let record = Arc::<Mutex<Record>>::default();
        let recorded = Recorded { chain: Arc::clone(chain), record: Arc::clone(&record), operation };
        let raw = bindings::Client::new_with_client(endpoint, http.clone(), Seam::new(recorded));
        let redactor = Redactor::new([chain.credentials.token.expose()]);
        Self { raw, operation, record, redactor, confidential: false, may_redirect: chain.may_redirect }
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
        if let Some(moved) = self.moved() {
            return Err(self.told(moved));
        }
        let error = match answer {
            Ok(value) => return Ok(value.into_inner()),
            Err(error) => error,
        };
        let status = lock(&self.record).status;
        Err(self.told(match error {
            bindings::Error::InvalidRequest(reason) => Error::invalid_input(reason),
            bindings::Error::UnexpectedResponse(answer) => self.refusal(answer).await,
            bindings::Error::InvalidResponsePayload(body, _) => self.undecodable::<T>(&body).with_status(status),
            bindings::Error::CommunicationError(error)
            | bindings::Error::ResponseBodyError(error)
            | bindings::Error::InvalidUpgrade(error) => self.broken(&error).with_status(status),
            bindings::Error::ErrorResponse(answer) => {
                Error::answer(answer.status(), None, "an error that the document gives a type of its own".into())
            }
            bindings::Error::Custom(reason) => Error::new(ErrorKind::Interrupted, self.redactor.text(&reason)),
        }))
    }

    /// An answer that the document does not foresee.
    pub(crate) fn unreadable(&self, message: impl Into<String>) -> Error {
        let status = lock(&self.record).status;
        self.told(Error::new(ErrorKind::Decode, message).with_status(status))
    }

    /// An argument that is refused before anything is sent.
    pub(crate) fn invalid_input(&self, message: impl Into<String>) -> Error {
        self.told(Error::invalid_input(message))
    }

    /// The error with what it is an error of.
    fn told(&self, error: Error) -> Error {
        error.of(self.operation, self.is_repeatable())
    }

    /// Whether sending it twice does no more than sending it once.
    fn is_repeatable(&self) -> bool {
        matches!(lock(&self.record).method, Method::GET | Method::DELETE)
    }

    /// An answer from where nobody asked: a caller's own HTTP client has followed a redirect.
    fn moved(&self) -> Option<Error> {
        let record = lock(&self.record);
        let answered = record.answered.as_ref().filter(|answered| Some(*answered) != record.asked.as_ref())?;
        let to = printable(&self.redactor.text(answered.as_str()));
        let message = format!(
            "the HTTP client followed a redirect to {to}; the API does not redirect, so the answer is not its own. Make \
             the client with `redirect(Policy::none())`"
        );
        Some(Error::new(ErrorKind::UnexpectedStatus, message).with_status(record.status))
    }

    /// An answer that is no success.
    async fn refusal(&self, mut answer: Response) -> Error {
        let status = answer.status();
        let wait = retry_after(answer.headers(), SystemTime::now());
        let location = answer.headers().get(LOCATION).map(|to| String::from_utf8_lossy(to.as_bytes()).into_owned());
        let body = String::from_utf8_lossy(&start_of(&mut answer).await).into_owned();
        let (code, message) = match location {
            Some(to) if status.is_redirection() => {
                let to = printable(&self.redactor.text(&to));
                let message = format!("not followed to {to}, since the API does not redirect; is the endpoint right?");
                (None, message)
            }
            _ => read_refusal(&self.redactor.body(&body)),
        };
        Error::answer(status, code, message).with_retry_after(wait)
    }

    /// A success whose body is not what the document promises.
    fn undecodable<T: DeserializeOwned>(&self, body: &[u8]) -> Error {
        let read = serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(body));
        let (place, reason) = match read {
            Ok(_) => (".".into(), "text follows the JSON".into()),
            Err(error) => (error.path().to_string(), error.inner().to_string()),
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

    /// A request that got no whole answer.
    fn broken(&self, error: &reqwest::Error) -> Error {
        // Connecting that took too long is both, and that nothing was sent is what matters. A caller's own client may
        // have sent it once, been redirected, and failed to connect then; it does not tell.
        let kind = if error.is_connect() && (!self.may_redirect || self.is_repeatable()) {
            ErrorKind::Connect
        } else if error.is_timeout() {
            ErrorKind::Timeout
        } else if error.is_builder() {
            ErrorKind::InvalidInput
        } else {
            ErrorKind::Interrupted
        };
        let record = lock(&self.record);
        let host = record.asked.as_ref().map(|asked| asked[Position::BeforeHost..Position::AfterPort].to_owned());
        Error::new(kind, self.redactor.text(&format!("{}: {}", host.unwrap_or_default(), causes(error))))
    }
}

/// The most of an error body that is read, in bytes.
const MOST: usize = 64 * 1024;

/// The body up to [`MOST`] bytes, or up to where it breaks off.
async fn start_of(answer: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < MOST
        && let Ok(Some(chunk)) = answer.chunk().await
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(MOST);
    body
}

/// Code and message of an error body; for any other body a message that shows the start of it.
fn read_refusal(body: &str) -> (Option<ErrorCode>, String) {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let code = match &json["code"] {
        Value::String(code) => Some(code.clone()),
        Value::Number(code) => Some(code.to_string()),
        _ => None,
    };
    let code = code.filter(|code| !code.trim().is_empty()).map(|code| ErrorCode::from(code.as_str()));
    let meaning = code.as_ref().map_or("", ErrorCode::meaning);
    let says_more = json.as_object().is_some_and(|fields| fields.keys().any(|name| name != "code"));
    let message = match json["message"].as_str().filter(|message| !message.trim().is_empty()) {
        Some(message) => message.to_owned(),
        None if body.trim().is_empty() => "the answer has no body".to_owned(),
        None if meaning.is_empty() => format!("the answer is not the documented error but {}", excerpt(body)),
        None if says_more => format!("{meaning}, says {}", excerpt(body)),
        None => meaning.to_owned(),
    };
    (code, message)
}

/// The start of a body in quotes.
fn excerpt(body: &str) -> String {
    format!("\"{}\"", printable(body))
}

/// The causes of an error on one line, without the address, which is known.
fn causes(error: &reqwest::Error) -> String {
    let causes: Vec<_> = std::iter::successors(error.source(), |&cause| cause.source())
        .map(ToString::to_string)
        // What the layer below calls itself, and then says again in its own causes.
        .filter(|cause| !cause.starts_with("client error ("))
        .collect();
    match causes.is_empty() {
        true => "it says no more".to_owned(),
        false => causes.join(": "),
    }
}

/// How long `Retry-After` asks to wait: seconds, or a date counted from the answer's own, or else from `now`.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok();
    let wanted = text(RETRY_AFTER)?.trim();
    if let Ok(seconds) = wanted.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let from = text(DATE).and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or(now);
    let until = httpdate::parse_http_date(wanted).ok()?;
    Some(until.duration_since(from).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_however_they_are_written() {
        for code in [r#""02008""#, r#""2008""#, "2008"] {
            let (code, message) = read_refusal(&format!(r#"{{"code": {code}, "message": "gone"}}"#));
            assert_eq!((code, message.as_str()), (Some(ErrorCode::InstanceNotFound), "gone"));
        }
        let (code, message) = read_refusal(r#"{"code": "02008"}"#);
        assert_eq!((code, message.as_str()), (Some(ErrorCode::InstanceNotFound), "there is no such instance"));
        for rest in [r#", "message": """#, r#", "message": ["\"size\" is wrong"]"#] {
            let body = format!(r#"{{"code": "02008"{rest}}}"#);
            let (code, message) = read_refusal(&body);
            assert_eq!(code, Some(ErrorCode::InstanceNotFound));
            assert_eq!(message, format!("there is no such instance, says \"{body}\""));
        }
        for body in [r#"{"code": "", "message": "m"}"#, r#"{"code": " ", "message": "m"}"#] {
            assert_eq!(read_refusal(body), (None, "m".to_owned()));
        }
        let (code, message) = read_refusal(r#"{"code": "01204", "message": "permission denied"}"#);
        assert_eq!((code, message.as_str()), (Some(ErrorCode::Unknown("01204".into())), "permission denied"));
    }

    #[test]
    fn bodies_of_another_shape_are_shown() {
        for (body, message) in [
            ("", "the answer has no body"),
            (" \n", "the answer has no body"),
            (
                "<html>\n<h1>Bad Gateway</h1>",
                r#"the answer is not the documented error but "<html> <h1>Bad Gateway</h1>""#,
            ),
            (r#"{"code": "020"#, r#"the answer is not the documented error but "{"code": "020""#),
            ("[]", r#"the answer is not the documented error but "[]""#),
            ("null", r#"the answer is not the documented error but "null""#),
            (
                r#"{"code": null, "message": 7}"#,
                r#"the answer is not the documented error but "{"code": null, "message": 7}""#,
            ),
        ] {
            assert_eq!(read_refusal(body), (None, message.to_owned()));
        }
    }

    #[test]
    fn waits_are_read_in_seconds_and_as_dates() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(60);
        let wait = |pairs: &[(http::HeaderName, &str)]| {
            let headers = pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[(RETRY_AFTER, "3")]), Some(3));
        assert_eq!(wait(&[(RETRY_AFTER, "Thu, 01 Jan 1970 00:01:05 GMT")]), Some(5));
        assert_eq!(wait(&[(RETRY_AFTER, "Thu, 01 Jan 1970 00:00:05 GMT")]), Some(0));
        let date = (DATE, "Thu, 01 Jan 1970 00:00:03 GMT");
        assert_eq!(wait(&[(RETRY_AFTER, "Thu, 01 Jan 1970 00:00:05 GMT"), date]), Some(2));
        for odd in ["-1", "1.5", "soon", "99999999999999999999"] {
            assert_eq!(wait(&[(RETRY_AFTER, odd)]), None, "{odd}");
        }
    }
}
