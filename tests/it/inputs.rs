//! Invalid inputs: each is an error that states the reason, and nothing is sent.

use futures::TryStreamExt;
use genesiscloud::{Client, Error, ErrorKind};

use genesiscloud_tests::mock_api::MockApi;

/// Asserts that the client cannot be built, and returns the message.
fn config_error(client: genesiscloud::Result<Client>) -> String {
    let error = client.unwrap_err();
    assert_eq!((error.kind(), error.operation(), error.status()), (ErrorKind::Config, None, None));
    assert!(error.to_string().starts_with("the client cannot be built: "), "{error}");
    error.message().to_owned()
}

#[test]
fn invalid_tokens_are_rejected_and_not_repeated() {
    for (token, reason) in [
        ("", "the token is empty"),
        ("  \t\r\n ", "the token is empty"),
        ("ab\ncd", "control characters"),
        ("ab\0cd", "control characters"),
        ("ab\u{7f}cd", "control characters"),
        ("ab\r\nX-Other: 1", "control characters"),
        ("ab cd", "white space"),
        ("tökén", "ASCII"),
        ("ab\u{a0}cd", "white space"),
        ("Bearer abcd", "set the token alone"),
        ("bearer abcd", "set the token alone"),
        ("\"tok-1234567\"", "has quotes"),
        ("'tok-1234567'\n", "has quotes"),
        ("tok-1234567\"", "has quotes"),
        ("\"Bearer tok-1234567\"", "has quotes"),
    ] {
        let message = config_error(Client::builder().token(token).build());
        assert!(message.contains(reason), "{token:?}: {message}");
        assert!(token.trim().is_empty() || !message.contains(token), "{message} repeats the token");
    }
    assert!(config_error(Client::builder().build()).contains("there is no token"));
}

#[test]
fn white_space_around_a_token_is_trimmed() {
    for token in ["abcd", " abcd", "abcd\n", "\tabcd\r\n"] {
        Client::builder().token(token).build().unwrap();
    }
}

#[test]
fn invalid_endpoints_are_rejected_with_a_valid_example() {
    for (endpoint, reason) in [
        ("", "is empty"),
        (" ", "is empty"),
        ("https://", "has no host"),
        ("https:///compute/v1", "has no host"),
        ("/compute/v1", "has no host"),
        ("http:api.genesiscloud.com", "scheme without"),
        ("https:/api.genesiscloud.com", "scheme without"),
        ("ftp://api.genesiscloud.com", "neither https nor http"),
        ("file:///etc/passwd", "has no host"),
        ("ws://api.genesiscloud.com", "neither https nor http"),
        ("https://user@api.genesiscloud.com", "user name or password"),
        ("https://user:pass@api.genesiscloud.com", "user name or password"),
        ("https://@api.genesiscloud.com", "user name or password"),
        ("user@api.genesiscloud.com", "user name or password"),
        ("https://api.genesiscloud.com?a=b", "query or a fragment"),
        ("https://api.genesiscloud.com/compute/v1?", "query or a fragment"),
        ("https://api.genesiscloud.com#here", "query or a fragment"),
        ("http://api.genesiscloud.com", "plain http"),
        ("http://192.168.0.1:8080", "plain http"),
        ("http://127.0.0.1.example.com", "plain http"),
        ("http://localhost.example.com", "plain http"),
        ("http://0.0.0.0:8080", "plain http"),
        ("https://api genesiscloud.com", "white space"),
        ("https://api.gene\nsiscloud.com", "control characters"),
        (r"https:\\api.genesiscloud.com", "backslashes"),
        ("'api.genesiscloud.com'", "has quotes"),
        ("\"https://api.genesiscloud.com/compute/v1\"", "has quotes"),
        ("\u{201c}https://api.genesiscloud.com\u{201d}", "has quotes"),
        ("https://api.genesiscloud.com:99999", "not a URL"),
        ("https://[::1", "not a URL"),
        ("https://api.genesiscloud.com/compute/v2", "ends in /compute/v1"),
        ("https://api.genesiscloud.com/compute/v1/instances", "ends in /compute/v1"),
        ("https://api.genesiscloud.com/compute", "ends in /compute/v1"),
    ] {
        let message = config_error(Client::builder().token("t").endpoint(endpoint).build());
        assert!(message.contains(reason), "{endpoint:?}: {message}");
        assert!(message.contains("https://api.genesiscloud.com/compute/v1"), "shows a valid endpoint: {message}");
        assert!(!message.contains("pass@"), "{message}");
    }
}

/// Asserts that an argument was rejected before sending, for this reason.
fn assert_rejected(error: &Error, reason: &str) {
    assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidInput, None), "{error}");
    assert!(error.operation().is_some(), "{error}");
    assert!(error.message().contains(reason), "{error}");
    assert!(!error.is_retryable());
    assert!(!error.to_string().chars().any(char::is_control), "{error}");
}

#[tokio::test]
async fn invalid_ids_are_rejected_before_sending() {
    let mock = MockApi::new().await;
    let client = mock.client();
    for (id, reason) in [
        ("", "is empty"),
        (".", "another path"),
        ("..", "another path"),
        ("a\nb", "control characters"),
        ("\0", "control characters"),
        ("\u{85}", "control characters"),
    ] {
        assert_rejected(&client.volumes().get(id).await.unwrap_err(), reason);
        assert_rejected(&client.volumes().delete(id).await.unwrap_err(), reason);
        assert_rejected(&client.instances().stop(id).await.unwrap_err(), reason);
        assert_rejected(&client.instances().list_snapshots(id).try_next().await.unwrap_err(), reason);
        assert_rejected(&client.snapshots().clone_snapshot(id, clone_parameters()).await.unwrap_err(), reason);
        let region = genesiscloud::Region::Unknown(id.into());
        assert_rejected(&client.availability().instances(region).await.unwrap_err(), reason);
        assert!(client.raw().delete_volume(id).await.is_err());
    }
    let error = client.instances().get("..").await.unwrap_err();
    assert_eq!(error.to_string(), r#"GetInstance: refused before sending: instance_id ".." would reach another path"#);
    assert_eq!(mock.requests(), []);
}

fn clone_parameters() -> genesiscloud::CloneSnapshot {
    genesiscloud::CloneSnapshot::new("copy", genesiscloud::Region::NordNoKrs1)
}

#[tokio::test]
async fn unusual_ids_are_percent_encoded() {
    let mock = MockApi::new().await;
    for (id, path) in [
        ("a/b", "/compute/v1/volumes/a%2Fb"),
        (r"..\x", "/compute/v1/volumes/..%5Cx"),
        ("../x", "/compute/v1/volumes/..%2Fx"),
        ("%2e%2e", "/compute/v1/volumes/%252e%252e"),
        ("a?b=c#d", "/compute/v1/volumes/a%3Fb%3Dc%23d"),
        (" ", "/compute/v1/volumes/%20"),
        ("...", "/compute/v1/volumes/..."),
    ] {
        let _ = mock.client().volumes().get(id).await;
        let request = mock.requests().pop().unwrap();
        assert_eq!((request.path.as_str(), &request.query[..]), (path, &[][..]), "{id}");
    }
}

#[tokio::test]
async fn invalid_page_numbers_and_sizes_are_rejected_before_sending() {
    let mock = MockApi::new().await;
    let client = mock.client();
    assert_rejected(&client.volumes().list_page(0, 50).await.unwrap_err(), "page is 0, and pages count from 1");
    for size in [0, 101, u32::MAX] {
        let reason = format!("per_page is {size}, and a page holds 1 to 100 items");
        assert_rejected(&client.volumes().list_page(1, size).await.unwrap_err(), &reason);
        assert_rejected(&client.instances().list_snapshots_page("i-1", 1, size).await.unwrap_err(), &reason);
        assert_rejected(&client.images().list().per_page(size).try_next().await.unwrap_err(), &reason);
    }
    assert_eq!(mock.requests(), []);
}
