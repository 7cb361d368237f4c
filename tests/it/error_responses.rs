//! Error responses and broken responses: every status with every kind of body becomes an error that reports them.

use std::collections::HashSet;

use futures::TryStreamExt;
use genesiscloud::{Client, CreateSshKey, Error, ErrorCode, ErrorKind, RetryPolicy};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::{Duration, Instant};

use genesiscloud_tests::mock_api::{MockApi, MockResponse, once};
use genesiscloud_tests::sandbox::PUBLIC_KEY;

/// The body of an error response, and what the error must report of it.
struct Body {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    code: Option<&'static str>,
    /// A part of the message.
    excerpt: &'static str,
}

const BODIES: &[Body] = &[
    Body {
        name: "an unlisted code",
        content_type: "application/json",
        bytes: br#"{"code": "01204", "message": "permission denied"}"#,
        code: Some("01204"),
        excerpt: "permission denied",
    },
    Body {
        name: "no code",
        content_type: "application/json",
        bytes: br#"{"message": "no idea"}"#,
        code: None,
        excerpt: "no idea",
    },
    Body {
        name: "an HTML page of a gateway",
        content_type: "text/html",
        bytes: b"<html>\r\n<head><title>Bad\tGateway</title></head>\r\n</html>",
        code: None,
        excerpt: "not the documented error but \"<html> <head><title>Bad Gateway</title></head> </html>\"",
    },
    Body { name: "an empty body", content_type: "application/json", bytes: b"", code: None, excerpt: "no body" },
    Body {
        name: "half of an error",
        content_type: "application/json",
        bytes: br#"{"code": "02008", "mess"#,
        code: None,
        excerpt: r#"not the documented error but "{"code": "02008", "mess""#,
    },
    Body {
        name: "JSON of another shape",
        content_type: "application/json",
        bytes: br#"{"errors": [{"detail": "sorry"}]}"#,
        code: None,
        excerpt: r#"{"errors": [{"detail": "sorry"}]}"#,
    },
    Body { name: "a list", content_type: "application/json", bytes: b"[1, 2]", code: None, excerpt: "\"[1, 2]\"" },
    Body {
        name: "bytes that are not text",
        content_type: "application/octet-stream",
        bytes: b"\xff\xfe\x00\x1b[31m",
        code: None,
        excerpt: "\u{fffd}",
    },
];

const STATUSES: &[(u16, ErrorKind)] = &[
    (302, ErrorKind::UnexpectedStatus),
    (400, ErrorKind::BadRequest),
    (401, ErrorKind::Unauthenticated),
    (403, ErrorKind::PermissionDenied),
    (404, ErrorKind::NotFound),
    (408, ErrorKind::Timeout),
    (409, ErrorKind::Conflict),
    (418, ErrorKind::UnexpectedStatus),
    (422, ErrorKind::BadRequest),
    (429, ErrorKind::Throttled),
    (500, ErrorKind::Server),
    (502, ErrorKind::Server),
    (503, ErrorKind::Server),
    (504, ErrorKind::Server),
];

/// Asserts that the error is displayed on one printable line, with operation and status.
fn assert_complete(error: &Error, operation: &str, status: u16) {
    let line = error.to_string();
    assert_eq!(error.operation(), Some(operation), "{line}");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(status), "{line}");
    assert!(line.starts_with(&format!("{operation}: ")) && line.contains(&format!("({status}")), "{line}");
    assert!(!line.chars().any(char::is_control), "{line:?}");
    assert!(line.chars().count() < 500, "{line}");
}

#[tokio::test]
async fn every_error_response_is_reported_with_status_code_operation_and_the_start_of_its_body() {
    let mock = MockApi::new().await;
    let client = mock.client();
    let mut cases = 0;
    for (status, kind) in STATUSES {
        for Body { name, content_type, bytes, code, excerpt } in BODIES {
            mock.respond_with(MockResponse::new(*status, content_type, *bytes));
            let error = client.volumes().get("v-1").await.unwrap_err();
            assert_eq!(error.kind(), *kind, "{status} with {name}: {error}");
            assert_eq!(error.code().map(ErrorCode::as_str), *code, "{status} with {name}: {error}");
            assert!(
                error.message().contains(excerpt) || error.to_string().contains(excerpt),
                "{status} with {name}: {error}"
            );
            assert_complete(&error, "GetVolume", *status);
            cases += 1;
        }
    }
    assert_eq!(cases, STATUSES.len() * BODIES.len());
    assert!(cases >= 40, "{cases}");
}

#[tokio::test]
async fn the_message_of_an_error_response_takes_precedence_over_the_description_of_its_code() {
    let mock = MockApi::new().await;
    for (body, message) in [
        (r#"{"code": "02021", "message": "gone"}"#, "gone"),
        (r#"{"code": "02021"}"#, "there is no such volume"),
        (r#"{"code": "01204"}"#, r#"the response is not the documented error but "{"code": "01204"}""#),
    ] {
        // `location` has a meaning in a redirect only.
        mock.respond_with(MockResponse::new(409, "application/json", body).header("location", "https://example.com"));
        assert_eq!(mock.client().volumes().get("v-1").await.unwrap_err().message(), message);
    }
}

#[tokio::test]
async fn an_error_keeps_the_details_and_the_request_id_of_its_response() {
    let mock = MockApi::new().await;
    let details = json!([{ "field": "hostname", "reason": "must match ^[a-z0-9-]+$" }]);
    let body = json!({ "code": "02004", "message": "validation failed", "details": details, "request_id": "req-123" });
    mock.respond_with(MockResponse::json(400, &body).header("x-request-id", "of-a-gateway"));
    let error = mock.client().volumes().get("v-1").await.unwrap_err();
    assert_eq!((error.details(), error.request_id()), (Some(&details), Some("req-123")));
    assert_eq!(error.message(), "validation failed");
    assert_eq!(
        error.to_string(),
        r#"GetVolume: bad request (400, code 02004): validation failed; details: [{"field":"hostname","reason":"must match ^[a-z0-9-]+$"}]; request id req-123"#
    );
    let again = error.clone();
    assert_eq!((again.to_string(), again.kind()), (error.to_string(), ErrorKind::BadRequest));

    // An error that was made of it has both as well, and shows them once.
    let wait = mock.client().instances().wait("i-1").await.unwrap_err();
    let error = Error::from(wait);
    assert_eq!((error.details(), error.request_id()), (Some(&details), Some("req-123")));
    assert_eq!(error.to_string().matches("req-123").count(), 1, "{error}");
    assert_eq!(error.to_string().matches("must match").count(), 1, "{error}");
}

#[tokio::test]
async fn the_request_id_is_also_read_from_headers_whatever_the_response() {
    let mock = MockApi::new().await;
    let client = mock.client();
    for (status, body, kind) in [
        (404, r#"{"code": "02021", "message": "gone"}"#, ErrorKind::NotFound),
        (502, "<html>", ErrorKind::Server),
        (302, "", ErrorKind::UnexpectedStatus),
        (200, "<html>", ErrorKind::Decode),
    ] {
        for header in ["x-request-id", "Request-Id", "X-CORRELATION-ID"] {
            mock.respond_with(MockResponse::new(status, "text/plain", body).header(header, "0af7651916cd43dd"));
            let error = client.volumes().get("v-1").await.unwrap_err();
            assert_eq!((error.kind(), error.request_id()), (kind, Some("0af7651916cd43dd")), "{header}: {error}");
            assert!(error.to_string().ends_with("; request id 0af7651916cd43dd"), "{error}");
        }
    }
    // Of a create, which such a response makes ambiguous.
    mock.respond_with(MockResponse::new(200, "text/html", "<html>").header("x-request-id", "r-1"));
    let error = client.ssh_keys().create(CreateSshKey::new("k", PUBLIC_KEY)).await.unwrap_err();
    assert!(error.is_ambiguous() && error.request_id() == Some("r-1"), "{error}");
    assert!(error.to_string().ends_with("; request id r-1"), "{error}");
    // Neither white space nor anything else that no id has.
    for no_id in ["", "two words", &"x".repeat(201)] {
        mock.respond_with(MockResponse::json(404, &json!({ "code": "02021" })).header("x-request-id", no_id));
        assert_eq!(client.volumes().get("v-1").await.unwrap_err().request_id(), None, "{no_id:?}");
    }
}

#[tokio::test]
async fn a_long_message_is_kept_whole_and_displayed_shortened() {
    let long = "x".repeat(60_000);
    let mock = MockApi::responding_with(MockResponse::json(409, &json!({ "code": "02022", "message": long }))).await;
    let error = mock.client().volumes().delete("v-1").await.unwrap_err();
    assert_eq!(error.message(), long);
    assert_complete(&error, "DeleteVolume", 409);
}

#[tokio::test]
async fn an_endless_error_response_is_read_up_to_a_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _ = socket.read(&mut [0; 4096]).await;
        let _ = socket.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await;
        while socket.write_all(&[b'x'; 4096]).await.is_ok() {}
    });
    let client = once(endpoint);
    assert_complete(&client.volumes().get("v-1").await.unwrap_err(), "GetVolume", 502);
}

#[tokio::test]
async fn documented_codes_are_distinguished_in_every_spelling() {
    let mock = MockApi::new().await;
    let client = mock.client();
    let mut codes = HashSet::new();
    for number in 2001..=2054 {
        for code in [format!("\"0{number}\""), format!("\"{number}\""), number.to_string()] {
            mock.respond_with(MockResponse::new(
                400,
                "application/json",
                format!(r#"{{"code": {code}, "message": "m"}}"#),
            ));
            let error = client.volumes().get("v-1").await.unwrap_err();
            let code = error.code().unwrap().clone();
            assert!(!matches!(code, ErrorCode::Unknown(_)), "{error}");
            assert_eq!(code.as_str(), format!("0{number}"));
            codes.insert(code);
        }
    }
    assert_eq!(codes.len(), 54);
}

#[tokio::test]
async fn a_success_that_cannot_be_decoded_is_reported_with_status_and_operation() {
    let mock = MockApi::new().await;
    let client = mock.client();
    for status in [200, 201, 202, 206] {
        for (body, reason) in [
            ("<html>hello</html>", "expected value at line 1 column 1, in \"<html>hello</html>\""),
            ("", "it is empty"),
            (r#"{"volume": {"id": "v-1", "na"#, "EOF while parsing"),
            (r#"{"instance": {}}"#, "missing field `volume`"),
            (r#"{"volume": {"id": 7}}"#, "volume.id: invalid type: integer `7`, expected a string"),
            ("null", "invalid type: null"),
            (r#"{"volume": null}"#, "volume: invalid type: null"),
        ] {
            mock.respond_with(MockResponse::new(status, "application/json", body));
            let error = client.volumes().get("v-1").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
            assert!(error.message().contains(reason), "{error}");
            assert_complete(&error, "GetVolume", status);
            assert!(!error.is_retryable());
        }
    }
}

#[tokio::test]
async fn statuses_200_to_202_are_successes() {
    let mock = MockApi::new().await;
    let client = mock.client();
    for status in [200, 201, 202] {
        mock.respond_with(MockResponse::json(
            status,
            &json!({ "volume": genesiscloud_tests::fixtures::full::volume() }),
        ));
        assert_eq!(client.volumes().get("v-1").await.unwrap().id, "v-1");
        // No operation with a body is a deletion.
        assert_eq!(client.volumes().delete("v-1").await.unwrap_err().kind(), ErrorKind::Decode);
        mock.respond_with(MockResponse::new(status, "text/plain", ""));
        client.volumes().delete("v-1").await.unwrap();
    }
}

/// Pages with which an intermediary stands in for the API.
const PAGES: &[(&str, &str)] = &[
    ("text/html", "<!doctype html><html><title>Maintenance</title>We will be back soon.</html>"),
    ("text/html; charset=utf-8", "\r\n<html><form action=/login></form></html>"),
    ("application/json", r#"{"status": "maintenance"}"#),
    ("application/json", r#"{"error": "access denied", "reference": "18.2e"}"#),
];

#[tokio::test]
async fn a_page_with_status_200_is_no_success() {
    let mock = MockApi::new().await;
    let client = mock.client();
    for (content_type, page) in PAGES {
        mock.respond_with(MockResponse::new(200, content_type, *page));
        let instances = client.instances();
        for error in [
            instances.delete("i-1").await.unwrap_err(),
            instances.get("i-1").await.unwrap_err(),
            instances.list().try_next().await.unwrap_err(),
            client.volumes().update("v-1", genesiscloud::UpdateVolume::new().size(9)).await.unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Decode, 200), "{error}");
            let names_html = error.message().contains("the body is HTML, so an intermediary may have responded");
            assert_eq!(names_html, content_type.starts_with("text/html"), "{error}");
        }
        for error in
            [instances.stop("i-1").await.unwrap_err(), client.volumes().create(new_volume()).await.unwrap_err()]
        {
            assert_eq!(error.kind(), ErrorKind::Ambiguous, "{error}");
        }
    }
}

#[tokio::test]
async fn an_error_status_without_a_code_of_the_api_is_an_intermediarys() {
    let mock = MockApi::new().await;
    let client = mock.client();
    for (content_type, page) in PAGES {
        for status in [301, 302, 303, 307, 400, 401, 403, 404, 405, 406, 407, 418, 421, 422, 451, 511] {
            mock.respond_with(MockResponse::new(status, content_type, *page));
            let before = mock.requests().len();
            for error in
                [client.instances().get("i-1").await.unwrap_err(), client.instances().delete("i-1").await.unwrap_err()]
            {
                assert!(error.is_from_intermediary() && !error.is_retryable(), "{status}: {error}");
                assert!(error.message().contains("an intermediary responded"), "{status}: {error}");
            }
            let error = client.volumes().create(new_volume()).await.unwrap_err();
            // Unless the status means that the request was not passed on, it may have been processed.
            assert_eq!(error.is_ambiguous(), ![401, 407, 421, 511].contains(&status), "{status}: {error}");
            assert_eq!(mock.requests().len() - before, 3, "{status}");
        }
    }
    mock.respond_with(MockResponse::json(404, &json!({ "code": "02008", "message": "no such instance" })));
    assert!(!client.instances().get("i-1").await.unwrap_err().is_from_intermediary());
}

#[tokio::test]
async fn an_update_whose_success_has_no_body_is_read_back() {
    let mock = MockApi::new().await;
    let volume = serde_json::json!({ "volume": genesiscloud_tests::fixtures::full::volume() });
    mock.respond_in_turn([MockResponse::new(204, "text/plain", ""), MockResponse::json(200, &volume)]);
    let updated = mock.client().volumes().update("v-1", genesiscloud::UpdateVolume::new().size(9)).await.unwrap();
    assert_eq!(updated.id, "v-1");
    let methods: Vec<_> = mock.requests().into_iter().map(|request| request.method).collect();
    assert_eq!(methods, ["PATCH", "GET"]);
}

/// A client of a server that responds to every connection with these bytes and closes it.
async fn client_of_raw(response: &'static [u8]) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(response).await;
        }
    });
    once(endpoint)
}

#[tokio::test]
async fn a_response_that_breaks_off_is_reported_as_a_lost_connection() {
    let cut = client_of_raw(b"HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{\"volume\": {").await;
    let error = cut.volumes().get("v-1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error}");
    assert_complete(&error, "GetVolume", 200);
    assert!(error.is_retryable());
    let error = cut.volumes().create(new_volume()).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Ambiguous, false));

    // An error response that breaks off is still an error response.
    let cut =
        client_of_raw(b"HTTP/1.1 409 Conflict\r\ncontent-length: 400\r\n\r\n{\"code\": \"02022\", \"message\": \"in u")
            .await;
    let error = cut.volumes().delete("v-1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.message().contains(r#"{"code": "02022", "message": "in u"#), "{error}");
    assert_complete(&error, "DeleteVolume", 409);

    for bytes in [&b""[..], b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200"] {
        let error = client_of_raw(bytes).await.volumes().get("v-1").await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::ConnectionLost, None), "{error}");
        assert!(error.to_string().starts_with("GetVolume: the connection was lost: "), "{error}");
    }
}

fn new_volume() -> genesiscloud::CreateVolume {
    genesiscloud::CreateVolume::new("data", genesiscloud::Region::NordNoKrs1, 1)
}

#[tokio::test]
async fn a_refused_connection_is_a_retryable_connect_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = once(endpoint);
    let error = client.volumes().create(new_volume()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.is_retryable(), "nothing was sent");
    assert!(error.to_string().starts_with("CreateVolume: could not connect: 127.0.0.1:"), "{error}");
    assert!(error.to_string().contains("refused") && !error.to_string().contains("client error"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_missing_response_ends_at_the_attempt_timeout() {
    // Accepts into the backlog and never responds.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = once(format!("http://{}", listener.local_addr().unwrap()));
    let client = client.with_attempt_timeout(Duration::from_secs(5));
    let start = Instant::now();
    let error = client.volumes().get("v-1").await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), 5);
    assert!(error.is_timeout() && error.is_retryable(), "{error}");
    let error = client.volumes().create(new_volume()).await.unwrap_err();
    assert!(error.is_ambiguous() && !error.is_retryable(), "{error}");
}

#[tokio::test]
async fn an_endless_success_is_abandoned_and_not_retried() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.read(&mut [0; 4096]).await;
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while socket.write_all(&[b' '; 65536]).await.is_ok() {}
        }
    });
    let client = Client::builder().token("t").endpoint(endpoint).build().unwrap();
    let error = client.volumes().get("v-1").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1), "{error}");
    assert!(error.message().ends_with("it is longer than 8 MiB, the client's `max_response_size`"), "{error}");
    assert_complete(&error, "GetVolume", 200);
    let error = client.volumes().create(new_volume()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Ambiguous, 1), "{error}");
}

#[tokio::test]
async fn a_success_may_be_as_long_as_the_limit_and_no_longer() {
    let body = serde_json::json!({ "volume": genesiscloud_tests::fixtures::full::volume() }).to_string();
    let mock = MockApi::responding_with(MockResponse::new(200, "application/json", body.clone())).await;
    let builder = || Client::builder().token("t").endpoint(mock.endpoint()).retry_policy(RetryPolicy::never());
    let client = builder().max_response_size(body.len()).build().unwrap();
    assert_eq!(client.volumes().get("v-1").await.unwrap().id, "v-1");
    let client = builder().max_response_size(body.len() - 1).build().unwrap();
    let error = client.volumes().get("v-1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    let says = format!("it is longer than {} bytes, the client's `max_response_size`", body.len() - 1);
    assert!(error.message().ends_with(&says), "{error}");
    assert_complete(&error, "GetVolume", 200);
    assert!(client.raw().get_volume("v-1").await.is_err());
}

/// Linux lets a client that connects wait while the backlog of the listener is full; other systems refuse the connection.
#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn an_attempt_to_connect_ends_at_the_connect_timeout() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let backlog: Vec<_> = (0..8).map(|_| tokio::spawn(tokio::net::TcpStream::connect(address))).collect();
    while backlog.iter().filter(|connecting| connecting.is_finished()).count() < 2 {
        tokio::task::yield_now().await;
    }
    for (timeout, seconds) in [(None, 10), (Some(Duration::from_secs(3)), 3)] {
        let builder =
            Client::builder().token("t").endpoint(format!("http://{address}")).retry_policy(RetryPolicy::never());
        let client =
            timeout.into_iter().fold(builder, |builder, timeout| builder.connect_timeout(timeout)).build().unwrap();
        let start = Instant::now();
        let error = client.volumes().create(new_volume()).await.unwrap_err();
        assert_eq!((error.kind(), start.elapsed().as_secs()), (ErrorKind::Connect, seconds), "{error}");
        assert!(error.is_retryable(), "nothing was sent");
    }
    backlog.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_throttled_error_has_the_delay_of_retry_after() {
    let body = r#"{"code": "02009", "message": "slow down"}"#;
    for (value, seconds) in [("7", Some(7)), ("Wed, 21 Oct 2015 07:28:00 GMT", Some(0)), ("soon", None)] {
        let mock =
            MockApi::responding_with(MockResponse::new(429, "application/json", body).header("retry-after", value))
                .await;
        let error = mock.client().volumes().create(new_volume()).await.unwrap_err();
        assert!(error.is_throttled() && error.is_retryable());
        assert_eq!(error.retry_after().map(|delay| delay.as_secs()), seconds);
    }
}
