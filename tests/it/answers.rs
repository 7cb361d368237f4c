//! Answers that are not what was hoped for: every status with every kind of body is an honest error.

use std::collections::HashSet;

use genesiscloud::{Client, Error, ErrorCode, ErrorKind, RetryPolicy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::{Duration, Instant};

use genesiscloud_tests::wire::{Answer, Wire, once};

/// What a body of a refusal is, and what is to be found in it.
struct Body {
    what: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    code: Option<&'static str>,
    /// Part of the message.
    says: &'static str,
}

const BODIES: &[Body] = &[
    Body {
        what: "an unlisted code",
        content_type: "application/json",
        bytes: br#"{"code": "01204", "message": "permission denied"}"#,
        code: Some("01204"),
        says: "permission denied",
    },
    Body {
        what: "no code",
        content_type: "application/json",
        bytes: br#"{"message": "no idea"}"#,
        code: None,
        says: "no idea",
    },
    Body {
        what: "a page of a proxy",
        content_type: "text/html",
        bytes: b"<html>\r\n<head><title>Bad\tGateway</title></head>\r\n</html>",
        code: None,
        says: "not the documented error but \"<html> <head><title>Bad Gateway</title></head> </html>\"",
    },
    Body { what: "nothing", content_type: "application/json", bytes: b"", code: None, says: "no body" },
    Body {
        what: "half of an error",
        content_type: "application/json",
        bytes: br#"{"code": "02008", "mess"#,
        code: None,
        says: r#"not the documented error but "{"code": "02008", "mess""#,
    },
    Body {
        what: "JSON of another shape",
        content_type: "application/json",
        bytes: br#"{"errors": [{"detail": "sorry"}]}"#,
        code: None,
        says: r#"{"errors": [{"detail": "sorry"}]}"#,
    },
    Body { what: "a list", content_type: "application/json", bytes: b"[1, 2]", code: None, says: "\"[1, 2]\"" },
    Body {
        what: "bytes that are no text",
        content_type: "application/octet-stream",
        bytes: b"\xff\xfe\x00\x1b[31m",
        code: None,
        says: "\u{fffd}",
    },
];

const STATUSES: &[(u16, ErrorKind)] = &[
    (302, ErrorKind::UnexpectedStatus),
    (400, ErrorKind::InvalidRequest),
    (401, ErrorKind::Unauthenticated),
    (403, ErrorKind::PermissionDenied),
    (404, ErrorKind::NotFound),
    (408, ErrorKind::Timeout),
    (409, ErrorKind::Conflict),
    (418, ErrorKind::UnexpectedStatus),
    (422, ErrorKind::InvalidRequest),
    (429, ErrorKind::RateLimited),
    (500, ErrorKind::Server),
    (502, ErrorKind::Server),
    (503, ErrorKind::Server),
    (504, ErrorKind::Server),
];

/// One line, printable, with operation and status.
fn is_well_told(error: &Error, operation: &str, status: u16) {
    let line = error.to_string();
    assert_eq!(error.operation(), Some(operation), "{line}");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(status), "{line}");
    assert!(line.starts_with(&format!("{operation}: ")) && line.contains(&format!("({status}")), "{line}");
    assert!(!line.chars().any(char::is_control), "{line:?}");
    assert!(line.chars().count() < 500, "{line}");
}

#[tokio::test]
async fn every_refusal_tells_status_code_operation_and_the_start_of_its_body() {
    let wire = Wire::new().await;
    let client = wire.client();
    let mut cases = 0;
    for (status, kind) in STATUSES {
        for Body { what, content_type, bytes, code, says } in BODIES {
            wire.answer(Answer::new(*status, content_type, *bytes));
            let error = client.volumes().get("v-1").await.unwrap_err();
            assert_eq!(error.kind(), *kind, "{status} with {what}: {error}");
            assert_eq!(error.code().map(ErrorCode::as_str), *code, "{status} with {what}: {error}");
            assert!(
                error.message().contains(says) || error.to_string().contains(says),
                "{status} with {what}: {error}"
            );
            is_well_told(&error, "GetVolume", *status);
            cases += 1;
        }
    }
    assert_eq!(cases, STATUSES.len() * BODIES.len());
    assert!(cases >= 40, "{cases}");
}

#[tokio::test]
async fn what_a_refusal_says_comes_before_what_the_code_means() {
    let wire = Wire::new().await;
    for (answer, message) in [
        (r#"{"code": "02021", "message": "gone"}"#, "gone"),
        (r#"{"code": "02021"}"#, "there is no such volume"),
        (r#"{"code": "01204"}"#, r#"the answer is not the documented error but "{"code": "01204"}""#),
    ] {
        // A place to go to means something in a redirect only.
        wire.answer(Answer::new(409, "application/json", answer).header("location", "https://example.com"));
        assert_eq!(wire.client().volumes().get("v-1").await.unwrap_err().message(), message);
    }
}

#[tokio::test]
async fn a_long_message_is_kept_whole_and_told_short() {
    let long = "x".repeat(60_000);
    let wire = Wire::answering(Answer::json(409, &serde_json::json!({ "code": "02022", "message": long }))).await;
    let error = wire.client().volumes().delete("v-1").await.unwrap_err();
    assert_eq!(error.message(), long);
    is_well_told(&error, "DeleteVolume", 409);
}

#[tokio::test]
async fn a_refusal_without_end_is_read_only_so_far() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _ = socket.read(&mut [0; 4096]).await;
        let _ = socket.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await;
        while socket.write_all(&[b'x'; 4096]).await.is_ok() {}
    });
    let client = once(endpoint);
    is_well_told(&client.volumes().get("v-1").await.unwrap_err(), "GetVolume", 502);
}

#[tokio::test]
async fn documented_codes_are_told_from_each_other_however_they_are_written() {
    let wire = Wire::new().await;
    let client = wire.client();
    let mut seen = HashSet::new();
    for number in 2001..=2054 {
        for code in [format!("\"0{number}\""), format!("\"{number}\""), number.to_string()] {
            wire.answer(Answer::new(400, "application/json", format!(r#"{{"code": {code}, "message": "m"}}"#)));
            let error = client.volumes().get("v-1").await.unwrap_err();
            let code = error.code().unwrap().clone();
            assert!(!matches!(code, ErrorCode::Unknown(_)), "{error}");
            assert_eq!(code.as_str(), format!("0{number}"));
            seen.insert(code);
        }
    }
    assert_eq!(seen.len(), 54);
}

#[tokio::test]
async fn a_success_that_is_none_tells_the_same() {
    let wire = Wire::new().await;
    let client = wire.client();
    for status in [200, 201, 202, 206] {
        for (body, says) in [
            ("<html>hello</html>", "expected value at line 1 column 1, in \"<html>hello</html>\""),
            ("", "it is empty"),
            (r#"{"volume": {"id": "v-1", "na"#, "EOF while parsing"),
            (r#"{"instance": {}}"#, "missing field `volume`"),
            (r#"{"volume": {"id": 7}}"#, "volume.id: invalid type: integer `7`, expected a string"),
            ("null", "invalid type: null"),
            (r#"{"volume": null}"#, "volume: invalid type: null"),
        ] {
            wire.answer(Answer::new(status, "application/json", body));
            let error = client.volumes().get("v-1").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
            assert!(error.message().contains(says), "{error}");
            is_well_told(&error, "GetVolume", status);
            assert!(!error.is_retryable());
        }
    }
}

#[tokio::test]
async fn any_success_status_is_a_success() {
    let wire = Wire::new().await;
    let client = wire.client();
    for status in [200, 201, 202] {
        wire.answer(Answer::json(
            status,
            &serde_json::json!({ "volume": genesiscloud_tests::fixtures::full::volume() }),
        ));
        assert_eq!(client.volumes().get("v-1").await.unwrap().id, "v-1");
        client.volumes().delete("v-1").await.unwrap();
    }
}

/// Answers every connection with these bytes and closes it.
async fn raw(answer: &'static [u8]) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(answer).await;
        }
    });
    once(endpoint)
}

#[tokio::test]
async fn what_breaks_off_is_told_as_that() {
    let cut = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{\"volume\": {").await;
    let error = cut.volumes().get("v-1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    is_well_told(&error, "GetVolume", 200);
    assert!(error.is_retryable());
    let error = cut.volumes().create(new_volume()).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Ambiguous, false));

    // A refusal that breaks off is still a refusal.
    let cut =
        raw(b"HTTP/1.1 409 Conflict\r\ncontent-length: 400\r\n\r\n{\"code\": \"02022\", \"message\": \"in u").await;
    let error = cut.volumes().delete("v-1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.message().contains(r#"{"code": "02022", "message": "in u"#), "{error}");
    is_well_told(&error, "DeleteVolume", 409);

    for nonsense in [&b""[..], b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200"] {
        let error = raw(nonsense).await.volumes().get("v-1").await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Interrupted, None), "{error}");
        assert!(error.to_string().starts_with("GetVolume: the connection broke: "), "{error}");
    }
}

fn new_volume() -> genesiscloud::CreateVolume {
    genesiscloud::CreateVolume::new("data", genesiscloud::Region::NordNoKrs1, 1)
}

#[tokio::test]
async fn a_connection_that_never_was_is_told_as_that() {
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
async fn an_answer_that_does_not_come_ends_at_the_timeout() {
    // Accepts into the backlog and never answers.
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
async fn an_endless_success_is_given_up_and_never_sent_again() {
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
    assert!(error.message().ends_with("it is longer than 64 MiB"), "{error}");
    is_well_told(&error, "GetVolume", 200);
    let error = client.volumes().create(new_volume()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Ambiguous, 1), "{error}");
}

/// Linux lets who connects wait while the queue of the listener is full; others refuse.
#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn a_connection_that_does_not_come_about_ends_at_its_timeout() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let queue: Vec<_> = (0..8).map(|_| tokio::spawn(tokio::net::TcpStream::connect(address))).collect();
    while queue.iter().filter(|waiting| waiting.is_finished()).count() < 2 {
        tokio::task::yield_now().await;
    }
    for (set, seconds) in [(None, 10), (Some(Duration::from_secs(3)), 3)] {
        let builder = Client::builder().token("t").endpoint(format!("http://{address}")).retry(RetryPolicy::never());
        let client = set.into_iter().fold(builder, |builder, time| builder.connect_timeout(time)).build().unwrap();
        let start = Instant::now();
        let error = client.volumes().create(new_volume()).await.unwrap_err();
        assert_eq!((error.kind(), start.elapsed().as_secs()), (ErrorKind::Connect, seconds), "{error}");
        assert!(error.is_retryable(), "nothing was sent");
    }
    queue.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn the_wait_that_the_service_asks_for_is_told() {
    let body = r#"{"code": "02009", "message": "slow down"}"#;
    for (value, seconds) in [("7", Some(7)), ("Wed, 21 Oct 2015 07:28:00 GMT", Some(0)), ("soon", None)] {
        let wire = Wire::answering(Answer::new(429, "application/json", body).header("retry-after", value)).await;
        let error = wire.client().volumes().create(new_volume()).await.unwrap_err();
        assert!(error.is_rate_limited() && error.is_retryable());
        assert_eq!(error.retry_after().map(|wait| wait.as_secs()), seconds);
    }
}
