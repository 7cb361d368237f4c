//! `Error::example`: each is like the error of a real call, and its predicates are as the guide's page on errors has them.

use std::error::Error as _;
use std::time::Duration;

use futures::TryStreamExt;
use genesiscloud::{Client, CreateInstance, Error, ErrorCode, ErrorKind, RetryPolicy, StatusCode};
use genesiscloud_sandbox::{Data, Fault, FaultRule};
use genesiscloud_tests::mock_api::{MockApi, MockResponse, once};
use genesiscloud_tests::sandbox::{KRS, SMALL, instance, stepped};
use genesiscloud_tests::time::Time;
use serde_json::json;

use crate::ledger::Full;

/// A predicate and its name.
type Predicate = (&'static str, fn(&Error) -> bool);

/// All that a program can ask an error, but for texts and times.
fn answers(error: &Error) -> String {
    let predicates: [Predicate; 14] = [
        ("ambiguous", Error::is_ambiguous),
        ("retryable", Error::is_retryable),
        ("from_intermediary", Error::is_from_intermediary),
        ("not_found", Error::is_not_found),
        ("unauthenticated", Error::is_unauthenticated),
        ("permission_denied", Error::is_permission_denied),
        ("conflict", Error::is_conflict),
        ("temporary_conflict", Error::is_temporary_conflict),
        ("out_of_resources", Error::is_out_of_resources),
        ("permanent", Error::is_permanent),
        ("quota_exceeded", Error::is_quota_exceeded),
        ("no_capacity", Error::is_no_capacity),
        ("throttled", Error::is_throttled),
        ("timeout", Error::is_timeout),
    ];
    let is: Vec<_> = predicates.into_iter().filter(|(_, holds)| holds(error)).map(|(name, _)| name).collect();
    let cause = error.source().and_then(|source| source.downcast_ref::<Error>()).map(answers);
    let unconfirmed = error.unconfirmed().map(|lost| (lost.method(), lost.path(), lost.candidates().is_some()));
    let (kind, operation, status, code) = (error.kind(), error.operation(), error.status(), error.code());
    let (attempts, retry_after, details) = (error.attempts(), error.retry_after(), error.details());
    format!(
        "{kind:?} {operation:?} {status:?} {code:?} {attempts} {retry_after:?} {details:?} {is:?} {unconfirmed:?}: {cause:?}"
    )
}

/// The predicates in the order of the guide's page on errors.
const ORDER: [Predicate; 7] = [
    ("ambiguous", Error::is_ambiguous),
    ("from_intermediary", Error::is_from_intermediary),
    ("permanent", Error::is_permanent),
    ("out_of_resources", Error::is_out_of_resources),
    ("temporary_conflict", Error::is_temporary_conflict),
    ("conflict", Error::is_conflict),
    ("retryable", Error::is_retryable),
];

/// As the table of kinds there has it, for responses to an idempotent operation.
fn answers_of(kind: ErrorKind, status: u16, code: Option<&ErrorCode>) -> Vec<&'static str> {
    use ErrorKind as K;
    let has_code = code.is_some();
    let is_transient = matches!(status, 408 | 500 | 502..=504 | 520..=530);
    let is_of_an_intermediary = status == 511 || (!has_code && status < 500 && status != 408 && status != 429);
    let of_kind = match (kind, code.map_or("", ErrorCode::as_str)) {
        (K::BadRequest | K::Unauthenticated | K::PermissionDenied, _) if status >= 500 || status == 408 => vec![],
        (K::PermissionDenied, "02009") => vec![],
        (K::BadRequest | K::Unauthenticated | K::PermissionDenied, _) if has_code => vec!["permanent"],
        (K::QuotaExceeded | K::NoCapacity, _) => vec!["out_of_resources"],
        (K::Conflict, "02011" | "02013" | "02023" | "02026" | "02037" | "02046") => {
            vec!["temporary_conflict", "conflict"]
        }
        (K::Conflict, "02038") if status < 500 && status != 408 => vec!["permanent", "conflict"],
        (K::Conflict, _) => vec!["conflict"],
        _ => vec![],
    };
    let (intermediary, retryable) = (["from_intermediary"], ["retryable"]);
    let intermediary = intermediary.into_iter().filter(|_| is_of_an_intermediary);
    let retryable = retryable.into_iter().filter(|_| is_transient || status == 429);
    intermediary.chain(of_kind).chain(retryable).collect()
}

#[test]
fn the_predicates_of_all_responses_are_as_the_guide_has_them() {
    for status in (300..600).map(|status| StatusCode::from_u16(status).unwrap()) {
        for code in ErrorCode::DOCUMENTED.iter().cloned().map(Some).chain([Some("01204".into()), None]) {
            let error = Error::example_response(status, code.clone());
            let found: Vec<_> = ORDER.into_iter().filter(|(_, holds)| holds(&error)).map(|(name, _)| name).collect();
            assert_eq!(found, answers_of(error.kind(), status.as_u16(), code.as_ref()), "{error}");
        }
    }
}

#[test]
fn the_predicates_of_the_other_kinds_are_as_the_guide_has_them() {
    use ErrorKind as K;
    for (kind, expected) in [
        (K::Ambiguous, &["ambiguous"][..]),
        (K::Config, &["permanent"]),
        (K::InvalidInput, &["permanent"]),
        (K::Connect, &["retryable"]),
        (K::Timeout, &["retryable"]),
        (K::ConnectionLost, &["retryable"]),
        (K::Decode, &[]),
        (K::Ledger, &[]),
        (K::ListUnverified, &[]),
        (K::WaitFailed, &[]),
    ] {
        let error = Error::example(kind);
        let found: Vec<_> = ORDER.into_iter().filter(|(_, holds)| holds(&error)).map(|(name, _)| name).collect();
        assert_eq!(found, expected, "{error}");
    }
}

/// Asks a real call for the error of a response with this status and code.
async fn real(mock: &MockApi, status: u16, code: Option<&str>) -> Error {
    mock.respond_with(MockResponse::json(status, &code.map_or_else(Default::default, |code| json!({ "code": code }))));
    mock.client().instances().get("an-id").await.unwrap_err()
}

#[tokio::test]
async fn the_example_of_a_response_is_the_error_that_a_call_gives() {
    let mock = MockApi::new().await;
    let statuses =
        [400, 401, 402, 403, 404, 405, 407, 408, 409, 418, 421, 422, 429, 500, 501, 502, 503, 504, 511, 520, 599];
    for status in [302].into_iter().chain(statuses) {
        let documented = ErrorCode::DOCUMENTED.iter().map(ErrorCode::as_str);
        // Unlisted, an intermediary's, without its leading zero, and without a meaning.
        let codes = documented.chain(["01204", "404", "2021", ""]).map(Some).chain([None]);
        for code in codes {
            let real = real(&mock, status, code).await;
            let code = code.map(|code| ErrorCode::Unknown(code.to_owned()));
            let example = Error::example_response(StatusCode::from_u16(status).unwrap(), code);
            assert_eq!(answers(&example), answers(&real));
            assert_eq!(example.to_string(), real.to_string());
        }
    }
    let (real, example) = (real(&mock, 200, Some("02021")).await, Error::example_response(StatusCode::OK, None));
    assert_eq!(answers(&example), answers(&real));
}

#[tokio::test]
async fn the_example_of_each_kind_is_like_the_error_of_a_call_that_ends_so() {
    let mut kinds = vec![];
    for (real, kind) in real_errors().await {
        assert_eq!(answers(&Error::example(kind)), answers(&real), "{real}");
        kinds.push(kind);
    }
    let mock = MockApi::new().await;
    for kind in of_responses() {
        let example = Error::example(kind);
        let code = example.code().map(ErrorCode::as_str);
        assert_eq!(answers(&example), answers(&real(&mock, example.status().unwrap().as_u16(), code).await));
        kinds.push(kind);
    }
    for kind in kinds {
        let example = Error::example(kind);
        assert_eq!((example.kind(), example.to_string()), (kind, Error::example(kind).to_string()));
    }
}

fn of_responses() -> [ErrorKind; 11] {
    use ErrorKind as K;
    [
        K::BadRequest,
        K::Unauthenticated,
        K::PermissionDenied,
        K::AccountBlocked,
        K::NotFound,
        K::Conflict,
        K::QuotaExceeded,
        K::NoCapacity,
        K::Throttled,
        K::Server,
        K::UnexpectedStatus,
    ]
}

/// As the documentation of `is_from_intermediary` has it.
#[tokio::test]
async fn an_intermediary_makes_a_create_ambiguous_unless_the_request_was_not_passed_on() {
    let mock = MockApi::new().await;
    for status in (300..600).filter(|status| *status != 304) {
        mock.respond_with(MockResponse::json(status, &json!(null)));
        let error = mock.client().instances().create(new()).await.unwrap_err();
        let is_intermediary = matches!(status, 300..=407 | 409..=428 | 430..=499 | 511);
        let is_passed_on = !matches!(status, 401 | 407 | 421 | 429 | 511);
        assert_eq!(error.is_ambiguous(), is_passed_on, "{error}");
        let of_response = if is_passed_on {
            assert!(!error.is_from_intermediary(), "{error}");
            error.source().unwrap().downcast_ref::<Error>().unwrap()
        } else {
            &error
        };
        assert_eq!(of_response.is_from_intermediary(), is_intermediary, "{error}");
    }
}

/// An error of each kind that no error response has, from a call.
async fn real_errors() -> Vec<(Error, ErrorKind)> {
    let sandbox = stepped(Data::realistic()).await;
    let time = Time::of(&sandbox);
    let builder = || time.builder(&sandbox).retry_policy(RetryPolicy::never());
    let client = builder().build().unwrap();
    let with_fault = async |operation: &str, fault: Fault, times| {
        sandbox.faults().clear();
        sandbox.faults().add(FaultRule::new(operation, fault).times(times)).unwrap();
        let outcome = match operation {
            "CreateInstance" => time.run(client.instances().create(new())).await.map(drop),
            "GetInstance" => time.run(client.instances().get(instance(1))).await.map(drop),
            _ => {
                let list = client.instances().list().verified();
                time.run(list.try_collect::<Vec<_>>()).await.map(drop)
            }
        };
        outcome.unwrap_err()
    };
    let unreachable = once("http://127.0.0.1:1").instances().get("an-id").await.unwrap_err();
    let full = builder().ledger(Full).build().unwrap();
    vec![
        (Client::builder().endpoint(sandbox.endpoint()).build().unwrap_err(), ErrorKind::Config),
        (client.instances().get("").await.unwrap_err(), ErrorKind::InvalidInput),
        (time.run(full.instances().create(new())).await.unwrap_err(), ErrorKind::Ledger),
        (unreachable, ErrorKind::Connect),
        (with_fault("GetInstance", Fault::Delay(Duration::from_secs(600)), 1).await, ErrorKind::Timeout),
        (with_fault("GetInstance", Fault::ResetAfterProcessing, 1).await, ErrorKind::ConnectionLost),
        (with_fault("CreateInstance", Fault::ResetAfterProcessing, 1).await, ErrorKind::Ambiguous),
        (with_fault("GetInstance", Fault::status(200).html(), 1).await, ErrorKind::Decode),
        (with_fault("*", Fault::ItemAdded, 1000).await, ErrorKind::ListUnverified),
        // It is in `error`.
        (time.run(client.instances().wait(instance(19))).await.unwrap_err().into(), ErrorKind::WaitFailed),
    ]
}

fn new() -> CreateInstance {
    CreateInstance::new("t", SMALL, "ubuntu-24.04", KRS).password("Passw0rd")
}
