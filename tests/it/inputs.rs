//! Inputs that cannot be right: each a clear error, and nothing is sent.

use futures::TryStreamExt;
use genesiscloud::{Client, Error, ErrorKind};

use genesiscloud_tests::wire::Wire;

fn config_error(client: genesiscloud::Result<Client>) -> String {
    let error = client.unwrap_err();
    assert_eq!((error.kind(), error.operation(), error.status()), (ErrorKind::Config, None, None));
    assert!(error.to_string().starts_with("the client cannot be built: "), "{error}");
    error.message().to_owned()
}

#[test]
fn tokens() {
    for (token, says) in [
        ("", "the token is empty"),
        ("  \t\r\n ", "the token is empty"),
        ("ab\ncd", "control characters"),
        ("ab\0cd", "control characters"),
        ("ab\u{7f}cd", "control characters"),
        ("ab\r\nX-Other: 1", "control characters"),
        ("ab cd", "white space"),
        ("tökén", "ASCII"),
        ("ab\u{a0}cd", "white space"),
        ("Bearer abcd", "give the token alone"),
        ("bearer abcd", "give the token alone"),
    ] {
        let message = config_error(Client::builder().token(token).build());
        assert!(message.contains(says), "{token:?}: {message}");
        assert!(token.trim().is_empty() || !message.contains(token), "{message} repeats the token");
    }
    assert!(config_error(Client::builder().build()).contains("there is no token"));
}

#[test]
fn tokens_are_trimmed() {
    for token in ["abcd", " abcd", "abcd\n", "\tabcd\r\n"] {
        Client::builder().token(token).build().unwrap();
    }
}

#[test]
fn endpoints() {
    for (endpoint, says) in [
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
        ("https://api.genesiscloud.com:99999", "not an address"),
        ("https://[::1", "not an address"),
        ("https://api.genesiscloud.com/compute/v2", "ends in /compute/v1"),
        ("https://api.genesiscloud.com/compute/v1/instances", "ends in /compute/v1"),
        ("https://api.genesiscloud.com/compute", "ends in /compute/v1"),
    ] {
        let message = config_error(Client::builder().token("t").endpoint(endpoint).build());
        assert!(message.contains(says), "{endpoint:?}: {message}");
        assert!(message.contains("https://api.genesiscloud.com/compute/v1"), "says what is right: {message}");
        assert!(!message.contains("pass@"), "{message}");
    }
}

fn refused(error: &Error, says: &str) {
    assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidInput, None), "{error}");
    assert!(error.operation().is_some(), "{error}");
    assert!(error.message().contains(says), "{error}");
    assert!(!error.is_retryable());
    assert!(!error.to_string().chars().any(char::is_control), "{error}");
}

#[tokio::test]
async fn ids() {
    let wire = Wire::new().await;
    let client = wire.client();
    for (id, says) in [
        ("", "is empty"),
        (".", "another path"),
        ("..", "another path"),
        ("a\nb", "control characters"),
        ("\0", "control characters"),
        ("\u{85}", "control characters"),
    ] {
        refused(&client.volumes().get(id).await.unwrap_err(), says);
        refused(&client.volumes().delete(id).await.unwrap_err(), says);
        refused(&client.instances().stop(id).await.unwrap_err(), says);
        refused(&client.instances().list_snapshots(id).try_next().await.unwrap_err(), says);
        refused(&client.snapshots().clone_snapshot(id, copy()).await.unwrap_err(), says);
        let region = genesiscloud::Region::Unknown(id.into());
        refused(&client.availability().instances(region).await.unwrap_err(), says);
        assert!(client.raw().delete_volume(id).await.is_err());
    }
    let error = client.instances().get("..").await.unwrap_err();
    assert_eq!(error.to_string(), r#"GetInstance: refused before sending: instance_id ".." would reach another path"#);
    assert_eq!(wire.seen(), []);
}

fn copy() -> genesiscloud::CloneSnapshot {
    genesiscloud::CloneSnapshot::new("copy", genesiscloud::Region::NordNoKrs1)
}

#[tokio::test]
async fn odd_ids_reach_the_resource_they_name() {
    let wire = Wire::new().await;
    for (id, path) in [
        ("a/b", "/compute/v1/volumes/a%2Fb"),
        (r"..\x", "/compute/v1/volumes/..%5Cx"),
        ("../x", "/compute/v1/volumes/..%2Fx"),
        ("%2e%2e", "/compute/v1/volumes/%252e%252e"),
        ("a?b=c#d", "/compute/v1/volumes/a%3Fb%3Dc%23d"),
        (" ", "/compute/v1/volumes/%20"),
        ("...", "/compute/v1/volumes/..."),
    ] {
        let _ = wire.client().volumes().get(id).await;
        let seen = wire.seen().pop().unwrap();
        assert_eq!((seen.path.as_str(), &seen.query[..]), (path, &[][..]), "{id}");
    }
}

#[tokio::test]
async fn page_numbers_and_sizes() {
    let wire = Wire::new().await;
    let client = wire.client();
    refused(&client.volumes().list_page(0, 50).await.unwrap_err(), "page is 0, and pages count from 1");
    for size in [0, 101, u32::MAX] {
        let says = format!("per_page is {size}, and a page holds 1 to 100 items");
        refused(&client.volumes().list_page(1, size).await.unwrap_err(), &says);
        refused(&client.instances().list_snapshots_page("i-1", 1, size).await.unwrap_err(), &says);
        refused(&client.images().list().per_page(size).try_next().await.unwrap_err(), &says);
    }
    assert_eq!(wire.seen(), []);
}
