//! Secrets: the token and secret fields of a body never appear in debug output, in an error, or on another host.

use std::time::Duration;

use genesiscloud::bindings::types::CreateInstanceBody;
use genesiscloud::{
    AuthScheme, Client, CreateInstance, CreateSnapshot, CreateSshKey, ErrorCode, ErrorKind, Region, UserDataPart,
};
use genesiscloud_sandbox::{Data, Fault, FaultRule};
use serde_json::json;

use genesiscloud_tests::mock_api::{MockApi, MockResponse, TOKEN};
use genesiscloud_tests::{leaks, sandbox, time};

fn shows_none(text: &str) {
    assert_eq!(leaks::find(text), None, "in {text}");
}

fn new_instance() -> CreateInstance {
    CreateInstance::new("vm", sandbox::SMALL, "ubuntu-24.04", Region::NordNoKrs1)
        .password(leaks::PASSWORD)
        .startup_script(leaks::SCRIPT)
        .user_data([UserDataPart::new("text/plain", leaks::USER_DATA)])
}

/// What an error shows in place of a message that repeats a secret of the request.
const WITHHELD: &str = "withheld, since it repeats a secret of the request";

fn new_snapshot() -> CreateSnapshot {
    let url = format!("https://bot:{}@images.invalid/disk.raw?sig={}", leaks::PASSWORD, leaks::USER_DATA);
    CreateSnapshot::new("golden", url, Region::NordNoKrs1, 80)
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
        format!("{:#?}", new_snapshot()),
    ] {
        shows_none(&text);
    }
    assert!(format!("{:?}", new_instance()).contains("<redacted>"));
}

#[tokio::test]
async fn debug_of_user_metadata_shows_names_only() {
    let mock =
        MockApi::responding_with(MockResponse::json(200, &json!({ "startup_script": "script-of-a-test" }))).await;
    let metadata = mock.client().instances().user_metadata("i-1").await.unwrap();
    assert_eq!(metadata.get("startup_script").unwrap(), "script-of-a-test");
    assert_eq!(format!("{metadata:?}"), r#"{"startup_script": <redacted>}"#);
}

#[tokio::test]
async fn an_error_shows_no_token_that_the_service_echoes() {
    let echo = format!("you sent Authorization: Bearer {TOKEN}");
    for answer in [
        MockResponse::json(403, &json!({ "code": "02043", "message": echo })),
        MockResponse::new(502, "text/html", format!("<pre>{echo}</pre>")),
        MockResponse::new(200, "text/html", echo.clone()),
        MockResponse::json(200, &json!({ "instance": { "id": "i", "status": echo, "created_at": echo } })),
        MockResponse::json(200, &json!({ "instance": { "disk_size": echo } })),
        MockResponse::new(201, "application/json", format!("{{\"instance\": {{\"{TOKEN}\": \u{1}}}}}")),
        MockResponse::new(403, "application/json", format!(r#"{{"message": "{}"}}"#, echo.replace('-', "\\u002d"))),
        MockResponse::new(302, "text/html", "").header("location", format!("https://example.com/?token={TOKEN}")),
    ] {
        let mock = MockApi::responding_with(answer).await;
        let error = mock.client().instances().create(new_instance()).await.unwrap_err();
        shows_none(&format!("{error} {error:?}"));
        assert!(error.to_string().contains("<redacted>"), "{error}");
    }
}

#[tokio::test]
async fn an_error_shows_no_secret_of_the_request() {
    let request = json!({
        "password": leaks::PASSWORD, "startup_script": leaks::SCRIPT, "content": leaks::USER_DATA,
    });
    let cut = format!("<pre>{}", &leaks::SCRIPT[..leaks::SCRIPT.len() - 3]);
    for answer in [
        MockResponse::new(500, "text/plain", cut),
        MockResponse::new(500, "text/plain", leaks::SCRIPT),
        MockResponse::json(
            400,
            &json!({ "code": "02004", "message": format!("bad: {}", json!({ "you sent": request.to_string() })) }),
        ),
        MockResponse::json(422, &json!({ "detail": [{ "input": request }] })),
        MockResponse::json(400, &json!({ "code": "02004", "message": request.to_string() })),
        MockResponse::new(500, "text/plain", format!("panicked at {request}")),
        MockResponse::json(201, &json!({ "instance": request })),
        MockResponse::json(201, &json!({ "instance": { leaks::PASSWORD: 1, "disk_size": leaks::SCRIPT } })),
        MockResponse::new(302, "text/html", "").header("location", format!("https://x.invalid/?{}", leaks::PASSWORD)),
        MockResponse::new(500, "text/plain", leaks::SCRIPT.replace('\n', "\r\n    ")),
        MockResponse::new(500, "text/html", "line 2: export KEY=&#34;script&#x2d;of-a-test&quot;"),
    ] {
        let mock = MockApi::responding_with(answer).await;
        let error = mock.client().instances().create(new_instance()).await.unwrap_err();
        shows_none(&format!("{error} {error:?}"));
        assert!(error.to_string().contains(WITHHELD), "{error}");
    }
}

#[tokio::test]
async fn a_message_that_is_withheld_leaves_the_rest_of_its_error() {
    let body = json!({ "code": "02004", "message": format!("cannot run {}", leaks::SCRIPT) });
    let mock = MockApi::responding_with(MockResponse::json(400, &body).header("retry-after", "7")).await;
    let error = mock.client().instances().create(new_instance()).await.unwrap_err();
    assert_eq!((error.code(), error.status().unwrap().as_u16()), (Some(&ErrorCode::from("02004")), 400));
    assert_eq!((error.operation(), error.retry_after()), (Some("CreateInstance"), Some(Duration::from_secs(7))));
    assert_eq!(error.message(), format!("[{WITHHELD}]"));
    // What stands where a code should is no code.
    let mock = MockApi::responding_with(MockResponse::json(400, &json!({ "code": leaks::SCRIPT }))).await;
    let error = mock.client().instances().create(new_instance()).await.unwrap_err();
    shows_none(&format!("{error} {:?}", error.code()));
}

#[tokio::test]
async fn details_and_request_id_show_no_secret() {
    let script: Vec<_> = leaks::SCRIPT.lines().collect();
    for (details, id) in [
        (json!([{ "field": "startup_script", "value": leaks::SCRIPT }]), "r-1"),
        (json!({ "lines": script }), "r-1"),
        (json!({ "password": leaks::PASSWORD }), "r-1"),
        (json!({ leaks::PASSWORD: 1 }), "r-1"),
        (json!(leaks::USER_DATA), "r-1"),
        (json!({ "headers": { "authorization": format!("Bearer {TOKEN}") } }), TOKEN),
        (json!({ TOKEN: true }), leaks::PASSWORD),
    ] {
        let body = json!({ "code": "02004", "message": "no", "details": details, "request_id": id });
        for answer in [MockResponse::json(400, &body), MockResponse::json(400, &body).header("x-request-id", id)] {
            let mock = MockApi::responding_with(answer).await;
            let error = mock.client().instances().create(new_instance()).await.unwrap_err();
            shows_none(&format!("{error} {error:?} {:?} {:?}", error.details(), error.request_id()));
            assert_eq!(error.request_id().is_some(), id == "r-1", "{error}");
        }
    }
}

#[tokio::test]
async fn an_error_shows_no_credentials_of_an_address() {
    let url = format!("https://bot:{}@images.invalid/disk.raw?sig={}", leaks::PASSWORD, leaks::USER_DATA);
    for message in [format!("cannot fetch {url}"), format!("bad signature {}", leaks::USER_DATA)] {
        let mock =
            MockApi::responding_with(MockResponse::json(400, &json!({ "code": "02004", "message": message }))).await;
        let error = mock.client().snapshots().create(new_snapshot()).await.unwrap_err();
        assert_eq!(error.message(), format!("[{WITHHELD}]"), "{message}");
    }
    let message = "cannot fetch https://images.invalid/disk.raw: 403";
    let mock = MockApi::responding_with(MockResponse::json(400, &json!({ "code": "02004", "message": message }))).await;
    assert_eq!(mock.client().snapshots().create(new_snapshot()).await.unwrap_err().message(), message);
}

#[tokio::test]
async fn a_private_key_is_not_sent() {
    let mock = MockApi::new().await;
    for key in [
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n-----END OPENSSH PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\r\nMIIEb3Bl\r\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\\nMIIEb3Bl\\n",
        "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/b3Bl",
        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\nb3Bl",
        "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ",
        "ssh-ed25519 AAAA one\n-----BEGIN PRIVATE KEY-----\nb3Bl",
    ] {
        for create in [
            mock.client().ssh_keys().create(CreateSshKey::new("laptop", key)),
            mock.client().ssh_keys().create_or_recover(CreateSshKey::new("laptop", key)),
        ] {
            let error = create.await.unwrap_err();
            assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidInput, Some("CreateSSHKey")));
            assert!(error.message().contains("public key") && !error.to_string().contains("b3Bl"), "{error}");
        }
    }
    assert_eq!(mock.requests(), vec![]);
}

#[tokio::test]
async fn a_public_key_is_one_line() {
    let mock = MockApi::new().await;
    let two = "ssh-ed25519 AAAA one\r\n\r\nssh-ed25519 BBBB two\r\n";
    let error = mock.client().ssh_keys().create(CreateSshKey::new("laptop", two)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.message(), "the value has 2 lines, and a public key is one; create one SSH key for each");
    assert_eq!(mock.requests(), vec![]);
    for one in ["ssh-ed25519 AAAA one", "\n ssh-ed25519 AAAA one \r\n"] {
        let _ = mock.client().ssh_keys().create(CreateSshKey::new("laptop", one)).await;
        assert_eq!(mock.requests().pop().unwrap().body["value"], "ssh-ed25519 AAAA one");
    }
}

#[tokio::test]
async fn an_error_shows_nothing_of_user_metadata() {
    for answer in [json!("script-of-a-test"), json!(["script-of-a-test"])] {
        let mock = MockApi::responding_with(MockResponse::json(200, &answer)).await;
        let error = mock.client().instances().user_metadata("i-1").await.unwrap_err();
        shows_none(&format!("{error} {error:?}"));
        assert_eq!(error.message(), "not as documented; not shown, since it can hold secrets");
    }
}

#[tokio::test]
async fn the_token_is_not_sent_to_another_host() {
    for scheme in [AuthScheme::Bearer, AuthScheme::XAuthToken] {
        for status in [301, 302, 303, 307, 308] {
            let elsewhere = MockApi::new().await;
            let target = format!("{}/compute/v1/quotas", elsewhere.endpoint());
            let redirect = MockResponse::new(status, "text/html", "").header("location", target.clone());
            let mock = MockApi::responding_with(redirect).await;
            // Even if the caller configures redirects.
            let builder = Client::builder().token(TOKEN).endpoint(mock.endpoint()).auth_scheme(scheme);
            let builder = builder.configure_http(|http| http.redirect(reqwest::redirect::Policy::limited(3)));
            let error = builder.build().unwrap().quotas().get().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedStatus);
            assert_eq!(error.status().unwrap(), status);
            assert!(error.message().contains(&target), "{error}");
            assert_eq!((mock.requests().len(), elsewhere.requests()), (1, vec![]));
        }
    }
}

#[tokio::test]
async fn the_deprecated_header_is_sent_alone_on_request() {
    let mock = MockApi::responding_with(MockResponse::json(200, &json!({ "quotas": [] }))).await;
    let builder = Client::builder().token(TOKEN).endpoint(mock.endpoint()).auth_scheme(AuthScheme::XAuthToken);
    builder.build().unwrap().quotas().get().await.unwrap();
    let headers = &mock.requests()[0].headers;
    assert_eq!(headers["x-auth-token"], TOKEN);
    assert!(!headers.contains_key("authorization"));
}

/// All tests of this binary run with all log output searched (`support/leaks.rs`); this one checks that it is.
#[tokio::test]
async fn no_fault_exposes_the_secrets_of_an_instance() {
    let faults = [
        Fault::status(429).retry_after("1"),
        Fault::status(400),
        Fault::status(502).html(),
        Fault::ResetBeforeRequest,
        Fault::ResetAfterProcessing,
        Fault::ResetInBody,
        Fault::CutBody,
        Fault::Delay(Duration::from_secs(3600)),
        Fault::UnknownField,
    ];
    for scheme in [AuthScheme::Bearer, AuthScheme::XAuthToken] {
        let before = leaks::lines();
        for fault in &faults {
            let sandbox = sandbox::stepped(Data::new()).await;
            let time = time::Time::of(&sandbox);
            let builder = time.builder(&sandbox).auth_scheme(scheme);
            let client = builder.clone().build().unwrap().with_header("x-mine", TOKEN).unwrap();
            sandbox.faults().add(FaultRule::new("CreateInstance", fault.clone())).unwrap();
            let create = client.instances().create(new_instance());
            shows_none(&format!("{builder:#?} {client:#?} {:#?} {create:#?} {:#?}", client.raw(), raw_instance()));
            match time.run(create).await {
                Ok(vm) => {
                    shows_none(&format!("{vm:#?}"));
                    let metadata = time.run(client.instances().user_metadata(&vm.id)).await.unwrap();
                    shows_none(&format!("{metadata:#?}"));
                }
                Err(error) => shows_all_but_secrets(&error),
            }
            sandbox.faults().add(FaultRule::new("CreateInstance", fault.clone())).unwrap();
            let scope = client.instances().scoped(new_instance());
            shows_none(&format!("{scope:#?}"));
            if let Err(error) = time.run(scope.run(async |vm| Err::<(), _>(vm.name))).await {
                shows_none(&format!("{error} {error:#?}"));
            }
            if let Err(error) = time.run(client.raw().create_instance(&raw_instance())).await {
                shows_none(&format!("{error} {error:#?}"));
            }
        }
        assert!(leaks::lines() - before > 2 * faults.len(), "what is logged is searched");
    }
}

fn shows_all_but_secrets(error: &genesiscloud::Error) {
    let lines = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    lines.for_each(|error| shows_none(&format!("{error} {error:#?}")));
    shows_none(&format!("{:#?}", error.unconfirmed()));
}

fn raw_instance() -> CreateInstanceBody {
    serde_json::from_value(json!({
        "name": "raw", "hostname": "raw", "type": sandbox::SMALL, "image": "ubuntu-24.04", "region": "NORD-NO-KRS-1",
        "password": leaks::PASSWORD, "metadata": { "startup_script": leaks::SCRIPT },
    }))
    .unwrap()
}
