//! The token and what a body keeps to itself: never in a debug output, an error, or on another host.

use genesiscloud::{AuthScheme, Client, CreateInstance, ErrorKind, Region, UserDataPart};
use serde_json::json;

use genesiscloud_tests::fixtures::full;
use genesiscloud_tests::wire::{Answer, TOKEN, Wire};

const SECRETS: [&str; 4] = [TOKEN, "Passw0rd-of-a-test", "script-of-a-test", "user-data-of-a-test"];

fn shows_none(text: &str) {
    SECRETS.iter().for_each(|secret| assert!(!text.contains(secret), "{secret} in {text}"));
}

fn new_instance() -> CreateInstance {
    CreateInstance::new("vm", "vcpu-2", "ubuntu-24.04", Region::NordNoKrs1)
        .password("Passw0rd-of-a-test")
        .startup_script("script-of-a-test")
        .user_data([UserDataPart::new("text/plain", "user-data-of-a-test")])
}

#[test]
fn debug_output_shows_no_secrets() {
    let builder = Client::builder().token(TOKEN);
    let client = builder.clone().build().unwrap();
    let list = client.instances().list();
    for text in [
        format!("{builder:#?}"),
        format!("{client:#?}"),
        format!("{:#?}", client.raw()),
        format!("{:#?}", client.instances()),
        format!("{list:#?}"),
        format!("{:#?}", new_instance()),
    ] {
        shows_none(&text);
    }
    assert!(format!("{:?}", new_instance()).contains("<redacted>"));
}

#[tokio::test]
async fn user_metadata_shows_its_names_only() {
    let wire = Wire::answering(Answer::json(200, &json!({ "startup_script": "script-of-a-test" }))).await;
    let metadata = wire.client().instances().user_metadata("i-1").await.unwrap();
    assert_eq!(metadata["startup_script"], "script-of-a-test");
    assert_eq!(format!("{metadata:?}"), r#"{"startup_script": <redacted>}"#);
}

#[tokio::test]
async fn an_error_shows_no_token_even_if_the_service_echoes_it() {
    let echo = format!("you sent Authorization: Bearer {TOKEN}");
    for answer in [
        Answer::json(403, &json!({ "code": "02043", "message": echo })),
        Answer::new(502, "text/html", format!("<pre>{echo}</pre>")),
        Answer::new(200, "text/html", echo.clone()),
        Answer::json(200, &json!({ "instance": { "id": "i", "status": echo, "created_at": echo } })),
        Answer::json(200, &json!({ "instance": { "disk_size": echo } })),
        Answer::new(403, "application/json", format!(r#"{{"message": "{}"}}"#, echo.replace('-', "\\u002d"))),
        Answer::new(302, "text/html", "").header("location", format!("https://example.com/?token={TOKEN}")),
    ] {
        let wire = Wire::answering(answer).await;
        let error = wire.client().instances().create(new_instance()).await.unwrap_err();
        shows_none(&format!("{error} {error:?}"));
        assert!(error.to_string().contains("<redacted>"), "{error}");
    }
}

#[tokio::test]
async fn an_error_shows_nothing_of_what_a_request_hid() {
    let request = json!({
        "password": "Passw0rd-of-a-test", "startup_script": "script-of-a-test", "content": "user-data-of-a-test",
    });
    for answer in [
        Answer::json(422, &json!({ "detail": [{ "input": request }] })),
        Answer::json(400, &json!({ "code": "02004", "message": request.to_string() })),
        Answer::new(500, "text/plain", format!("panicked at {request}")),
        Answer::json(201, &json!({ "instance": request })),
    ] {
        let wire = Wire::answering(answer).await;
        let error = wire.client().instances().create(new_instance()).await.unwrap_err();
        shows_none(&format!("{error} {error:?}"));
        assert!(error.to_string().contains("<redacted>"), "{error}");
    }
}

#[tokio::test]
async fn an_error_shows_nothing_of_user_metadata() {
    for answer in [json!("script-of-a-test"), json!(["script-of-a-test"])] {
        let wire = Wire::answering(Answer::json(200, &answer)).await;
        let error = wire.client().instances().user_metadata("i-1").await.unwrap_err();
        shows_none(&format!("{error} {error:?}"));
        assert_eq!(error.message(), ".: not what the document says, and not shown: it can hold secrets");
    }
}

#[tokio::test]
async fn a_redirect_that_ones_own_client_follows_is_an_error_and_not_to_be_repeated() {
    let own = || reqwest::Client::builder().tls_backend_preconfigured(no_tls()).build().unwrap();
    let elsewhere = Wire::answering(Answer::json(200, &json!({ "instance": full::instance() }))).await;
    for (target, kind) in [
        (format!("{}/compute/v1/instances", elsewhere.endpoint()), ErrorKind::UnexpectedStatus),
        ("http://127.0.0.1:9/".to_owned(), ErrorKind::Interrupted),
    ] {
        let wire = Wire::answering(Answer::new(303, "text/html", "").header("location", target)).await;
        let builder = Client::builder().token(TOKEN).endpoint(wire.endpoint()).http_client(own());
        let error = builder.build().unwrap().instances().create(new_instance()).await.unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (kind, false), "{error}");
    }
}

fn no_tls() -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(std::sync::Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

#[tokio::test]
async fn the_token_goes_to_no_other_host() {
    for scheme in [AuthScheme::Bearer, AuthScheme::XAuthToken] {
        for status in [301, 302, 303, 307, 308] {
            let elsewhere = Wire::new().await;
            let target = format!("{}/compute/v1/quotas", elsewhere.endpoint());
            let redirect = Answer::new(status, "text/html", "").header("location", target.clone());
            let wire = Wire::answering(redirect).await;
            let builder = Client::builder().token(TOKEN).endpoint(wire.endpoint()).auth_scheme(scheme);
            let error = builder.build().unwrap().quotas().get().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedStatus);
            assert_eq!(error.status().unwrap(), status);
            assert!(error.message().contains(&target), "{error}");
            assert_eq!((wire.seen().len(), elsewhere.seen()), (1, vec![]));
        }
    }
}

#[tokio::test]
async fn the_older_header_is_sent_on_request_and_alone() {
    let wire = Wire::answering(Answer::json(200, &json!({ "quotas": [] }))).await;
    let builder = Client::builder().token(TOKEN).endpoint(wire.endpoint()).auth_scheme(AuthScheme::XAuthToken);
    builder.build().unwrap().quotas().get().await.unwrap();
    let headers = &wire.seen()[0].headers;
    assert_eq!(headers["x-auth-token"], TOKEN);
    assert!(!headers.contains_key("authorization"));
}
