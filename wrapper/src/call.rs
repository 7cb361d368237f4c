//! One call: lends the raw client, and turns what it gives into a value or an [`Error`].

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use genesiscloud_bindings::{self as bindings, ResponseValue, Seam, Transport};
use http::header::{DATE, HeaderMap, LOCATION, RETRY_AFTER};
use http::{Method, StatusCode};
use reqwest::{Request, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::printable;
use crate::transport::{Answer, Chain};
use crate::{Error, ErrorCode, ErrorKind, Result};

/// What the generated operations return.
type RawAnswer<T> = std::result::Result<ResponseValue<T>, bindings::Error<()>>;

/// A call under way.
pub(crate) struct Call {
    /// The raw client whose next operation is this call.
    pub(crate) raw: bindings::Client,
    operation: &'static str,
    chain: Arc<Chain>,
    record: Arc<Mutex<Record>>,
}

/// What passed on the way, which the raw client would forget.
#[derive(Debug, Default)]
struct Record {
    method: Method,
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
            self.record.lock().unwrap_or_else(PoisonError::into_inner).method = request.method().clone();
            let answer = self.chain.execute(http, request, raw_operation).await?;
            self.record.lock().unwrap_or_else(PoisonError::into_inner).status = Some(answer.status());
            Ok(answer)
        })
    }
}

impl Call {
    /// A call of the operation with this id in the document.
    pub(crate) fn new(endpoint: &str, http: &reqwest::Client, chain: &Arc<Chain>, operation: &'static str) -> Self {
        let record = Arc::<Mutex<Record>>::default();
        let recorded = Recorded { chain: Arc::clone(chain), record: Arc::clone(&record), operation };
        let raw = bindings::Client::new_with_client(endpoint, http.clone(), Seam::new(recorded));
        Self { raw, operation, chain: Arc::clone(chain), record }
    }

    /// The value that came, or what went wrong.
    pub(crate) async fn finish<T: DeserializeOwned>(&self, answer: RawAnswer<T>) -> Result<T> {
        let error = match answer {
            Ok(value) => return Ok(value.into_inner()),
            Err(error) => error,
        };
        let (method, status) = {
            let record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
            (record.method.clone(), record.status)
        };
        let repeatable = matches!(method, Method::GET | Method::DELETE);
        Err(self.error::<T>(error, status).await.of(self.operation, repeatable))
    }

    /// An answer that the document does not foresee.
    pub(crate) fn unreadable(&self, message: impl Into<String>) -> Error {
        let status = self.record.lock().unwrap_or_else(PoisonError::into_inner).status;
        Error::new(ErrorKind::Decode, message).with_status(status).of(self.operation, true)
    }

    async fn error<T: DeserializeOwned>(&self, error: bindings::Error<()>, status: Option<StatusCode>) -> Error {
        match error {
            bindings::Error::InvalidRequest(reason) => Error::invalid_input(reason),
            bindings::Error::UnexpectedResponse(answer) => self.refusal(answer).await,
            bindings::Error::InvalidResponsePayload(body, _) => self.undecodable::<T>(&body).with_status(status),
            bindings::Error::CommunicationError(error)
            | bindings::Error::ResponseBodyError(error)
            | bindings::Error::InvalidUpgrade(error) => self.broken(error).with_status(status),
            bindings::Error::ErrorResponse(answer) => {
                Error::answer(answer.status(), None, "an error that the document gives a type of its own".into())
            }
            bindings::Error::Custom(reason) => {
                Error::new(ErrorKind::Interrupted, self.chain.credentials.redact(&reason))
            }
        }
    }

    /// An answer that is no success.
    async fn refusal(&self, mut answer: Response) -> Error {
        let status = answer.status();
        let wait = retry_after(answer.headers(), SystemTime::now());
        let location = answer.headers().get(LOCATION).map(|to| String::from_utf8_lossy(to.as_bytes()).into_owned());
        let body = String::from_utf8_lossy(&start_of(&mut answer).await).into_owned();
        let (code, message) = read_refusal(&self.chain.credentials.redact(&body));
        let message = match location {
            Some(to) if status.is_redirection() => {
                let to = self.chain.credentials.redact(&to);
                format!("not followed to {}, since the API does not redirect; is the endpoint right?", printable(&to))
            }
            _ => message,
        };
        Error::answer(status, code, message).with_retry_after(wait)
    }

    /// A success whose body is not what the document promises.
    fn undecodable<T: DeserializeOwned>(&self, body: &[u8]) -> Error {
        let read = serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(body));
        let start = excerpt(&self.chain.credentials.redact(&String::from_utf8_lossy(body)));
        let Err(error) = read else {
            return Error::new(ErrorKind::Decode, format!("text follows the JSON in {start}"));
        };
        let (path, reason) = (error.path().to_string(), self.chain.credentials.redact(&error.inner().to_string()));
        let message = match body {
            [] => "it is empty".into(),
            _ if path == "." => format!("{reason}, in {start}"),
            _ => format!("{path}: {reason}, in {start}"),
        };
        // Without its source, which would show the text as it came.
        Error::new(ErrorKind::Decode, message)
    }

    /// A request that got no whole answer.
    fn broken(&self, error: reqwest::Error) -> Error {
        // Connecting that took too long is both, and that nothing was sent is what matters.
        let kind = if error.is_connect() {
            ErrorKind::Connect
        } else if error.is_timeout() {
            ErrorKind::Timeout
        } else if error.is_builder() {
            ErrorKind::InvalidInput
        } else {
            ErrorKind::Interrupted
        };
        Error::new(kind, self.chain.credentials.redact(&causes(&error))).with_source(error.without_url())
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
        Value::String(code) => Some(ErrorCode::from(code.as_str())),
        Value::Number(code) => Some(ErrorCode::from(code.to_string().as_str())),
        _ => None,
    };
    let message = match (json["message"].as_str(), &code) {
        (Some(message), _) => message.to_owned(),
        (None, Some(code)) if !code.meaning().is_empty() => code.meaning().to_owned(),
        _ if body.trim().is_empty() => "the answer has no body".to_owned(),
        _ => format!("the answer is not the documented error but {}", excerpt(body)),
    };
    (code, message)
}

/// The start of a body in quotes.
fn excerpt(body: &str) -> String {
    format!("\"{}\"", printable(body))
}

/// The causes of an error on one line, without the address, which is known.
fn causes(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if causes.last() != Some(&text) {
            causes.push(text);
        }
        next = cause.source();
    }
    if causes.is_empty() {
        causes.push(if error.is_timeout() { "timed out".to_owned() } else { "the request failed".to_owned() });
    }
    causes.join(": ")
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
