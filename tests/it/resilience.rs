//! The retry policy and the rate limit as documented: what is retried, when, for how long, and what errors report.

use std::error::Error as _;
use std::time::Duration;

use futures::future::{join, join_all};
use futures::{FutureExt, StreamExt};
use genesiscloud::{
    Acquire, Client, CreateInstance, CreateVolume, ErrorCode, ErrorKind, Limiter, Rate, RateLimiter, RetryPolicy,
    UpdateSecurityGroup, UpdateVolume,
};
use genesiscloud_sandbox::{Clock, Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::sandbox::{KRS, SMALL, instance, stepped, volume};
use genesiscloud_tests::time::Time;
use tokio::net::TcpListener;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn account() -> (Sandbox, Time, Client) {
    let sandbox = stepped(Data::realistic()).await;
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    (sandbox, time, client)
}

fn fault(sandbox: &Sandbox, operation: &str, fault: Fault, times: u32) {
    sandbox.faults().add(FaultRule::new(operation, fault).times(times)).unwrap();
}

fn data() -> CreateVolume {
    CreateVolume::new("data", KRS, 1)
}

#[tokio::test]
async fn a_throttled_request_is_retried_after_retry_after_whatever_its_method() {
    for (says, seconds) in
        [("7", 7.0..7.11), ("Sun, 01 Jun 2025 00:00:09 GMT", 9.0..9.11), ("60", 60.0..60.11), ("soon", 0.0..0.61)]
    {
        // And a tenth of a second, for a permit of the drained limiter.
        let (sandbox, time, client) = account().await;
        fault(&sandbox, "CreateVolume", Fault::status(429).retry_after(says), 1);
        time.run(client.volumes().create(data())).await.unwrap();
        assert!(seconds.contains(&time.passed().as_secs_f64()), "{says}: {:?}", time.passed());
        assert_eq!((sandbox.recorded_requests().len(), sandbox.data().volumes.len()), (2, 121));
    }
}

#[tokio::test]
async fn a_call_that_is_asked_to_wait_too_long_ends_at_once_and_the_client_sends_nothing_meanwhile() {
    let (sandbox, time, client) = account().await;
    fault(&sandbox, "CreateVolume", Fault::status(429).retry_after("300"), 1);
    let error = time.run(client.volumes().create(data())).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Throttled, Some(300 * SECOND)), "{error}");
    assert!(error.is_retryable() && time.passed() < SECOND, "{:?}", time.passed());

    // Others as well, without a request: too long for this call's deadline, and for the retry policy.
    for client in [client.with_deadline(10 * SECOND), client.clone()] {
        let error = time.run(client.quotas().get()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Throttled, 0), "{error}");
        let left = error.retry_after().unwrap();
        assert!((299 * SECOND..=300 * SECOND).contains(&left), "{left:?}");
        assert!(error.message().contains("nothing was sent"), "{error}");
    }
    assert_eq!(sandbox.recorded_requests().len(), 1);

    // One that may wait so long does, and sends its request then.
    let patience = RetryPolicy::default().with_max_retry_after(600 * SECOND).with_max_elapsed(600 * SECOND);
    let patient = client.with_retry_policy(patience).with_deadline(900 * SECOND);
    time.run(patient.quotas().get()).await.unwrap();
    assert!(time.passed() >= 300 * SECOND, "{:?}", time.passed());

    // A gateway that asks for a year does not disable the client for longer than an hour.
    let (sandbox, time, client) = account().await;
    fault(&sandbox, "GetQuotas", Fault::status(503).retry_after("300"), 1);
    let error = time.run(client.quotas().get()).await.unwrap_err();
    assert_eq!((error.attempts(), error.retry_after()), (1, Some(300 * SECOND)), "{error}");
    fault(&sandbox, "GetQuotas", Fault::status(429).retry_after("31536000"), 1);
    time.run(client.quotas().get()).await.unwrap_err();
    let error = time.run(client.quotas().get()).await.unwrap_err();
    assert!(error.retry_after().unwrap() <= 3600 * SECOND, "{error}");
}

#[tokio::test]
async fn a_429_delays_all_calls_of_the_client() {
    let (sandbox, time, client) = account().await;
    fault(&sandbox, "GetQuotas", Fault::status(429).retry_after("20"), 1);
    let others = client.with_retry_policy(RetryPolicy::never());
    let (refused, other) = (others.quotas().get(), async {
        while sandbox.recorded_requests().is_empty() {
            tokio::task::yield_now().await;
        }
        // The response arrives before the next permit, if it has not arrived yet.
        let first = client.reservations().get().await;
        let second = client.reservations().get().await;
        first.and(second)
    });
    let (refused, other) = time.run(join(refused, other)).await;
    assert_eq!(
        refused.unwrap_err().kind(),
        ErrorKind::Throttled,
        "it is not repeated, and holds the others all the same"
    );
    other.unwrap();
    assert!(time.passed() >= 20 * SECOND, "{:?}", time.passed());
}

#[tokio::test]
async fn a_failed_connection_is_retried_whatever_the_method() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let sandbox = stepped(Data::new()).await;
    let time = Time::of(&sandbox);
    let client = time.builder(&sandbox).endpoint(endpoint).build().unwrap();
    let error = time.run(client.volumes().create(data())).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.is_retryable()), (ErrorKind::Connect, 5, true), "{error}");
    assert!(error.unconfirmed().is_none());
    assert!(error.to_string().contains("; 5 attempts in "), "{error}");
    assert_eq!(error.elapsed(), time.passed());
}

#[tokio::test]
async fn a_failed_name_resolution_is_retried() {
    struct Nowhere;
    impl reqwest::dns::Resolve for Nowhere {
        fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
            Box::pin(std::future::ready(Err("no such host".into())))
        }
    }
    let sandbox = stepped(Data::new()).await;
    let time = Time::of(&sandbox);
    let builder = time.builder(&sandbox).endpoint("https://api.example");
    let client =
        builder.configure_http(|http| http.no_proxy().dns_resolver(std::sync::Arc::new(Nowhere))).build().unwrap();
    let error = time.run(client.volumes().create(data())).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.is_retryable()), (ErrorKind::Connect, 5, true), "{error}");
    assert!(error.message().contains("no such host"), "{error}");
}

#[tokio::test]
async fn idempotent_operations_are_retried_after_transient_failures() {
    let troubles = [408, 500, 502, 503, 504].map(Fault::status).into_iter();
    let broken = [Fault::ResetBeforeRequest, Fault::ResetAfterProcessing, Fault::ResetInBody, Fault::CutBody];
    for trouble in troubles.chain(broken) {
        let (sandbox, time, client) = account().await;
        fault(&sandbox, "*", trouble.clone(), 2);
        time.run(client.volumes().get(volume(1))).await.unwrap();
        assert_eq!(sandbox.recorded_requests().len(), 3, "GET, {trouble}");
        fault(&sandbox, "*", trouble.clone(), 2);
        time.run(client.volumes().update(volume(1), UpdateVolume::new().name("new"))).await.unwrap();
        assert_eq!(sandbox.recorded_requests().len(), 6, "PATCH, {trouble}");
        fault(&sandbox, "*", trouble.clone(), 2);
        time.run(client.instances().attach_volume(instance(1), volume(119))).await.unwrap();
        assert_eq!(sandbox.recorded_requests().len(), 9, "attach, {trouble}");
        // A response without a body cannot be cut off.
        let expected = if trouble == Fault::CutBody { 10 } else { 12 };
        fault(&sandbox, "DeleteVolume", trouble.clone(), 2);
        time.run(client.volumes().delete(volume(118))).await.unwrap();
        assert_eq!(sandbox.recorded_requests().len(), expected, "DELETE, {trouble}");
        let gone = sandbox.data().volumes.into_iter().find(|it| it.id == volume(118)).unwrap();
        assert_eq!(gone.status.to_string(), "deleting");
    }
}

#[tokio::test]
async fn other_error_responses_are_not_retried() {
    for status in [400, 401, 403, 404, 409, 410, 422, 501, 505] {
        let (sandbox, time, client) = account().await;
        fault(&sandbox, "*", Fault::status(status), 9);
        let error = time.run(client.volumes().get(volume(1))).await.unwrap_err();
        assert_eq!((error.status().unwrap().as_u16(), error.attempts()), (status, 1));
        assert_eq!((sandbox.recorded_requests().len(), time.passed()), (1, Duration::ZERO));
    }
}

#[tokio::test]
async fn a_post_whose_response_was_lost_is_not_retried_but_ambiguous() {
    for (trouble, made, status, why) in [
        (Fault::status(500).processed(), 1, Some(500), ErrorKind::Server),
        (Fault::status(502).html(), 0, Some(502), ErrorKind::Server),
        (Fault::status(504).processed(), 1, Some(504), ErrorKind::Server),
        (Fault::status(599).empty(), 0, Some(599), ErrorKind::Server),
        (Fault::status(408), 0, Some(408), ErrorKind::Timeout),
        (Fault::ResetBeforeRequest, 0, None, ErrorKind::ConnectionLost),
        (Fault::ResetAfterProcessing, 1, None, ErrorKind::ConnectionLost),
        (Fault::ResetInBody, 1, Some(201), ErrorKind::ConnectionLost),
        (Fault::CutBody, 1, Some(201), ErrorKind::ConnectionLost),
        (Fault::Delay(600 * SECOND), 1, None, ErrorKind::Timeout),
        (Fault::SlowBody(40 * SECOND), 1, Some(201), ErrorKind::Timeout),
        (Fault::status(201).empty().processed(), 1, Some(201), ErrorKind::Decode),
    ] {
        let (sandbox, time, client) = account().await;
        fault(&sandbox, "CreateVolume", trouble.clone(), 1);
        let error = time.run(client.volumes().create(data())).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Ambiguous, 1), "{trouble}: {error}");
        assert_eq!((error.is_ambiguous(), error.is_retryable()), (true, false), "{trouble}");
        assert_eq!(error.status().map(|status| status.as_u16()), status, "{trouble}: {error}");
        let cause = error.source().unwrap().downcast_ref::<genesiscloud::Error>().unwrap();
        assert_eq!(cause.kind(), why, "{trouble}: {error}");
        assert_eq!((sandbox.recorded_requests().len(), sandbox.data().volumes.len()), (1, 120 + made), "{trouble}");
        let lost = error.unconfirmed().unwrap();
        assert_eq!((lost.name(), lost.path()), (Some("data"), "/volumes"));
        assert_eq!(serde_json::json!(lost.fields()), serde_json::json!({ "name": "data", "region": KRS, "size": 1 }));
        assert_eq!(lost.first_sent_at().to_rfc3339(), "2025-06-01T00:00:00+00:00");
        let line = error.to_string();
        assert!(line.contains("\"data\" may exist, created after 2025-06-01T00:00:00Z; look for it before"), "{line}");
        assert!(line.contains(cause.message().get(..20).unwrap_or(cause.message())), "{line}");
    }
}

#[tokio::test]
async fn a_post_with_a_documented_error_code_is_not_ambiguous() {
    let mock = genesiscloud_tests::mock_api::MockApi::new().await;
    let create = || mock.client().volumes().create(data());
    let refusal = serde_json::json!({ "code": "02036", "message": "out of stock" });
    mock.respond_with(genesiscloud_tests::mock_api::MockResponse::json(503, &refusal));
    assert_eq!(create().await.unwrap_err().kind(), ErrorKind::NoCapacity);
    for status in [400, 404, 409] {
        mock.respond_with(genesiscloud_tests::mock_api::MockResponse::json(status, &refusal));
        let error = create().await.unwrap_err();
        assert!(!error.is_ambiguous() && error.source().is_none(), "{error}");
    }
}

#[tokio::test]
async fn an_action_whose_response_was_lost_names_its_path() {
    let (sandbox, time, client) = account().await;
    fault(&sandbox, "PerformInstanceAction", Fault::ResetAfterProcessing, 1);
    let error = time.run(client.instances().stop(instance(1))).await.unwrap_err();
    let lost = error.unconfirmed().unwrap();
    assert_eq!((lost.path(), lost.name()), (format!("/instances/{}/actions", instance(1)).as_str(), None));
    assert_eq!(lost.fields()["action"], "stop");
    let words = format!("POST /instances/{}/actions was sent at 2025-06-01T00:00:00Z; check its effect", instance(1));
    assert!(error.to_string().contains(&words), "{error}");
}

#[tokio::test]
async fn a_404_is_a_success_for_a_repeated_delete_only() {
    let (sandbox, time, client) = account().await;
    fault(&sandbox, "DeleteVolume", Fault::ResetAfterProcessing, 1);
    time.run(client.volumes().delete(volume(118))).await.unwrap();
    let answers: Vec<_> = sandbox.recorded_requests().iter().map(|request| request.status).collect();
    assert_eq!(answers, [None, Some(404)]);
    assert!(time.run(client.volumes().delete(volume(118))).await.unwrap_err().is_not_found());

    // A throttled attempt was not processed, so it does not count as the first one.
    fault(&sandbox, "DeleteVolume", Fault::status(429), 1);
    assert!(time.run(client.volumes().delete("no-such-volume")).await.unwrap_err().is_not_found());

    // For the raw client as well.
    fault(&sandbox, "DeleteVolume", Fault::status(502).html().processed(), 1);
    time.run(client.raw().delete_volume(&volume(119))).await.unwrap();
}

#[tokio::test]
async fn a_404_to_a_repeated_delete_of_what_was_just_created_is_no_success() {
    let (sandbox, time, client) = account().await;
    sandbox.set_stale_reads(30 * SECOND);
    let volumes = client.volumes();
    let exists = |id: &str| sandbox.data().volumes.iter().any(|volume| volume.id == id);
    // The first attempt does not reach the service, and the second one finds a replica that does not know the volume yet.
    let id = time.run(volumes.create(data())).await.unwrap().id;
    fault(&sandbox, "DeleteVolume", Fault::status(504).html(), 1);
    fault(&sandbox, "DeleteVolume", Fault::error_code("02021"), 1);
    let error = time.run(volumes.delete(&id)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Ambiguous, Some(&ErrorCode::VolumeNotFound)), "{error}");
    assert!(exists(&id) && !error.is_not_found() && error.attempts() == 2, "{error}");
    // Once a read has shown it, a 404 is proof.
    time.run(volumes.wait(&id)).await.unwrap();
    fault(&sandbox, "DeleteVolume", Fault::ResetAfterProcessing, 1);
    time.run(volumes.delete(&id)).await.unwrap();
    // A read by a single call as well; and so it is when the time for that is over.
    for (seconds, is_read) in [(31, true), (60, false)] {
        let id = time.run(volumes.create(data())).await.unwrap().id;
        time.run(genesiscloud::Clock::sleep(&time, seconds * SECOND)).await;
        if is_read {
            time.run(volumes.get(&id)).await.unwrap();
        }
        fault(&sandbox, "DeleteVolume", Fault::ResetAfterProcessing, 1);
        time.run(volumes.delete(&id)).await.unwrap();
    }
}

#[tokio::test]
async fn a_404_for_an_invalid_route_does_not_count_as_deleted() {
    let mock = genesiscloud_tests::mock_api::MockApi::new().await;
    let sandbox = stepped(Data::new()).await;
    let time = Time::of(&sandbox);
    let route = serde_json::json!({ "code": "02001", "message": "invalid route" });
    mock.respond_with(genesiscloud_tests::mock_api::MockResponse::json(503, &serde_json::Value::Null));
    let client = time.builder(&sandbox).endpoint(mock.endpoint()).build().unwrap();
    let (deleted, ()) = time
        .run(join(client.volumes().delete("v-1"), async {
            while mock.requests().is_empty() {
                tokio::task::yield_now().await;
            }
            mock.respond_with(genesiscloud_tests::mock_api::MockResponse::json(404, &route));
        }))
        .await;
    let error = deleted.unwrap_err();
    assert_eq!((error.kind(), error.code().unwrap().as_str()), (ErrorKind::Ambiguous, "02001"), "{error}");
}

#[tokio::test]
async fn a_404_of_an_intermediary_does_not_count_as_deleted() {
    for body in [
        ("text/html", "<h1>default backend</h1>"),
        ("text/plain", ""),
        ("application/json", r#"{"code": 404, "message": "not found"}"#),
        ("application/json", r#"{"code": "0202"#),
        ("application/json", r#"{"message": "no route matched with those values"}"#),
    ] {
        let mock = genesiscloud_tests::mock_api::MockApi::new().await;
        let sandbox = stepped(Data::new()).await;
        let time = Time::of(&sandbox);
        mock.respond_with(genesiscloud_tests::mock_api::MockResponse::new(503, "text/html", ""));
        let client = time.builder(&sandbox).endpoint(mock.endpoint()).build().unwrap();
        let (deleted, ()) = time
            .run(join(client.volumes().delete("v-1"), async {
                while mock.requests().is_empty() {
                    tokio::task::yield_now().await;
                }
                mock.respond_with(genesiscloud_tests::mock_api::MockResponse::new(404, body.0, body.1));
            }))
            .await;
        assert_eq!(deleted.unwrap_err().kind(), ErrorKind::Ambiguous, "{body:?}");
    }
}

#[tokio::test]
async fn a_repeated_delete_that_could_not_connect_is_retryable() {
    let (sandbox, time, client) = account().await;
    fault(&sandbox, "DeleteVolume", Fault::status(503), 1);
    fault(&sandbox, "DeleteVolume", Fault::status(429), 9);
    let error = time.run(client.volumes().delete(volume(118))).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.is_retryable()), (ErrorKind::Throttled, 5, true), "{error}");
}

#[tokio::test]
async fn an_update_that_is_rejected_when_repeated_is_ambiguous() {
    let (sandbox, time, client) = account().await;
    let group = sandbox.data().security_groups[1].id.clone();
    fault(&sandbox, "UpdateSecurityGroup", Fault::ResetAfterProcessing, 1);
    // The group is `updating` by now, and a group that is updating rejects updates.
    let change = UpdateSecurityGroup::new().rules([]);
    let error = time.run(client.security_groups().update(&group, change)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.is_retryable()), (ErrorKind::Ambiguous, 2, false), "{error}");
    let cause = error.source().unwrap().downcast_ref::<genesiscloud::Error>().unwrap();
    assert_eq!(cause.kind(), ErrorKind::Conflict, "{error}");
    assert!(error.to_string().contains(&format!("PATCH /security-groups/{group} was sent at ")), "{error}");
    assert_eq!(sandbox.data().security_groups[1].rules, [], "as it was here");

    // A resource that is gone cannot have been updated.
    fault(&sandbox, "UpdateVolume", Fault::status(503), 1);
    let update = client.volumes().update("no-such-volume", UpdateVolume::new().name("new"));
    assert!(time.run(update).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn attempts_and_elapsed_time_are_limited_and_in_the_error() {
    let (sandbox, time, client) = account().await;
    fault(&sandbox, "*", Fault::status(503).html(), 1000);
    let get = |policy| time.run(client.with_retry_policy(policy).volumes().get(volume(1)));
    let error = get(RetryPolicy::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16(), error.attempts()), (ErrorKind::Server, 503, 5));
    assert!(error.to_string().contains("Bad") || error.message().contains("html"), "{error}");
    assert_eq!(sandbox.recorded_requests().len(), 5);
    assert!(error.elapsed() < Duration::from_millis(500 + 1000 + 2000 + 4000) && !error.elapsed().is_zero());

    let before = time.passed();
    let policy = RetryPolicy::default().with_max_attempts(u32::MAX).with_max_elapsed(100 * SECOND);
    let error = get(policy).await.unwrap_err();
    let took = time.passed() - before;
    assert!((60 * SECOND..100 * SECOND).contains(&took), "{took:?}");
    assert_eq!(error.elapsed(), took);

    let sent = sandbox.recorded_requests().len();
    assert_eq!(get(RetryPolicy::never()).await.unwrap_err().attempts(), 1);
    assert_eq!(sandbox.recorded_requests().len(), sent + 1);
}

#[tokio::test]
async fn a_delay_beyond_the_deadline_is_not_begun() {
    let (sandbox, time, client) = account().await;
    fault(&sandbox, "*", Fault::status(503).retry_after("50"), 9);
    let error = time.run(client.with_deadline(40 * SECOND).volumes().get(volume(1))).await.unwrap_err();
    assert_eq!((error.kind(), time.passed()), (ErrorKind::Server, Duration::ZERO), "{error}");
    let impatient = client.with_retry_policy(RetryPolicy::default().with_max_elapsed(40 * SECOND));
    time.run(impatient.volumes().get(volume(1))).await.unwrap_err();
    assert_eq!(time.passed(), Duration::ZERO);
    // The `Retry-After` of a 5xx is respected.
    time.run(client.with_retry_policy(RetryPolicy::default().with_max_attempts(2)).volumes().get(volume(1)))
        .await
        .unwrap_err();
    assert_eq!(time.passed(), 50 * SECOND);
}

#[tokio::test]
async fn attempts_and_calls_end_by_their_time_limits() {
    let (sandbox, time, client) = account().await;
    fault(&sandbox, "GetVolume", Fault::Delay(3600 * SECOND), 9);
    // Attempts at 0 s and some time after 60 s and 120 s; none begins after 120 s.
    let error = time.run(client.volumes().get(volume(1))).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.is_retryable()), (ErrorKind::Timeout, 2, true), "{error}");
    assert!((120 * SECOND..121 * SECOND).contains(&time.passed()), "{:?}", time.passed());

    let before = time.passed();
    let error = time.run(client.with_deadline(7 * SECOND).volumes().get(volume(1))).await.unwrap_err();
    assert_eq!((error.kind(), time.passed() - before), (ErrorKind::Timeout, 7 * SECOND));
    assert!(error.message().ends_with("the deadline of 7s passed during attempt 1"), "{error}");
    sandbox.faults().clear();
    fault(&sandbox, "GetVolume", Fault::status(503), 1);
    fault(&sandbox, "GetVolume", Fault::Delay(3600 * SECOND), 9);
    let error = time.run(client.with_deadline(7 * SECOND).volumes().get(volume(1))).await.unwrap_err();
    assert!(error.message().ends_with("the deadline of 7s passed during attempt 2, after a 503"), "{error}");

    fault(&sandbox, "CreateVolume", Fault::Delay(3600 * SECOND), 1);
    let error = time.run(client.with_deadline(7 * SECOND).volumes().create(data())).await.unwrap_err();
    assert_eq!((error.kind(), sandbox.data().volumes.len()), (ErrorKind::Ambiguous, 121), "{error}");

    let sent = sandbox.recorded_requests().len();
    for nothing in [client.with_deadline(Duration::ZERO), client.with_attempt_timeout(Duration::ZERO)] {
        let error = nothing.volumes().create(data()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts(), error.is_retryable()), (ErrorKind::Timeout, 0, true), "{error}");
    }
    assert_eq!(sandbox.recorded_requests().len(), sent);
}

#[tokio::test]
async fn a_call_without_a_permit_ends_by_its_deadline() {
    let (sandbox, time, _) = account().await;
    let client = time.builder(&sandbox).rate(Rate::per_second(1)).deadline(10 * SECOND).build().unwrap();
    let creates = join_all((0..30).map(|_| client.volumes().create(data())));
    let outcomes = time.run(creates).await;
    let (made, late): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    // One at once, then one per second. A request with a permit at the deadline has no time left to be sent.
    assert_eq!((made.len(), sandbox.data().volumes.len()), (10, 130));
    for error in late.into_iter().map(Result::unwrap_err) {
        assert_eq!((error.kind(), error.attempts(), error.is_retryable()), (ErrorKind::Timeout, 0, true), "{error}");
        assert!(error.message().ends_with("while waiting for the rate limiter; nothing was sent"), "{error}");
        assert_eq!(error.elapsed(), 10 * SECOND);
    }
}

#[tokio::test]
async fn a_call_whose_deadline_passes_in_the_queue_returns_the_last_outcome() {
    let (sandbox, time, _) = account().await;
    let builder = || time.builder(&sandbox).rate(Rate::per_second(1));
    let short = builder().deadline(20 * SECOND).build().unwrap();
    let impatient = RetryPolicy::default().with_max_elapsed(20 * SECOND);
    for client in [short, builder().retry_policy(impatient).build().unwrap()] {
        for (trouble, kind) in [(Fault::status(503), ErrorKind::Server), (Fault::status(429), ErrorKind::Throttled)] {
            fault(&sandbox, "GetReservations", trouble, 1);
            let before = (time.passed(), sandbox.recorded_requests().len());
            let mut rest: Vec<_> = (0..60).map(|_| client.with_deadline(DAY).quotas().get()).collect();
            let first = client.reservations().get();
            let (outcome, _) = time.run(join(first, join_all(rest.drain(..)))).await;
            let error = outcome.unwrap_err();
            assert_eq!((error.kind(), error.attempts(), error.is_retryable()), (kind, 1, true), "{error}");
            assert!(error.elapsed() >= 20 * SECOND, "{error}");
            assert_eq!(sandbox.recorded_requests().len() - before.1, 61, "no other request for it");
            time.advance(DAY);
        }
    }
}

#[tokio::test]
async fn a_further_attempt_waits_for_a_permit_no_longer_than_max_elapsed() {
    let (sandbox, time, _) = account().await;
    let policy = RetryPolicy::default().with_max_elapsed(20 * SECOND);
    let client = time.builder(&sandbox).rate(Rate::per_second(1)).retry_policy(policy).build().unwrap();
    fault(&sandbox, "GetVolume", Fault::status(503), 1);
    let other = client.with_retry_policy(RetryPolicy::never());
    let mut refused = Box::pin(client.volumes().get(volume(1)).map(|refused| (refused, time.passed())));
    let ((outcome, passed), _) = time
        .run(async {
            while sandbox.recorded_requests().is_empty() {
                assert!((&mut refused).now_or_never().is_none());
                tokio::task::yield_now().await;
            }
            join(refused, join_all((0..100).map(|_| other.quotas().get()))).await
        })
        .await;
    assert_eq!((outcome.unwrap_err().kind(), passed), (ErrorKind::Server, 20 * SECOND));
}

#[tokio::test]
async fn a_last_attempt_without_a_connection_does_not_hide_an_earlier_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let sandbox = stepped(Data::new()).await;
    let time = Time::of(&sandbox);
    let client = time.builder(&sandbox).endpoint(endpoint).build().unwrap();
    // Accepts one connection, closes it without reading, and accepts no more.
    tokio::spawn(async move { drop(listener.accept().await) });
    let error = time.run(client.volumes().delete("v-1")).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::ConnectionLost, true), "{error}");
    assert!(error.message().ends_with("; an earlier attempt may have been processed"), "{error}");
}

#[tokio::test]
async fn two_clients_share_a_limiter() {
    let (sandbox, time, _) = account().await;
    let limiter = std::sync::Arc::new(RateLimiter::new(Rate::per_second(1), time.clone()));
    let client = || time.builder(&sandbox).limiter(limiter.clone()).build().unwrap();
    let (one, other) = (client(), client());
    for client in [&one, &other, &one, &other] {
        time.run(client.quotas().get()).await.unwrap();
    }
    assert_eq!(time.passed(), 3 * SECOND);
}

#[tokio::test]
async fn a_call_that_is_not_polled_does_not_block_others() {
    let (sandbox, time, _) = account().await;
    let client = time.builder(&sandbox).rate(Rate::per_second(1)).build().unwrap();
    let volumes = futures::stream::iter(0..8).map(|number| client.volumes().get(volume(number)));
    let work = volumes.buffered(4).for_each(|volume| {
        volume.unwrap();
        // While this is awaited, the other waiting calls are not polled.
        let other = client.quotas().get();
        async move { drop(other.await.unwrap()) }
    });
    time.run(work).await;
    assert_eq!(sandbox.recorded_requests().len(), 16);
    assert!((15 * SECOND..40 * SECOND).contains(&time.passed()), "{:?}", time.passed());
}

#[tokio::test]
async fn a_dropped_call_gives_its_permit_back() {
    let (sandbox, time, _) = account().await;
    let client = time.builder(&sandbox).rate(Rate::per_second(1)).build().unwrap();
    time.run(client.quotas().get()).await.unwrap();
    let mut dropped: Vec<_> = (0..50).map(|_| client.quotas().get()).collect();
    for call in &mut dropped {
        assert!(futures::FutureExt::now_or_never(call).is_none());
    }
    drop(dropped);
    time.run(client.quotas().get()).await.unwrap();
    assert_eq!((time.passed(), sandbox.recorded_requests().len()), (SECOND, 2));
}

#[tokio::test]
async fn all_requests_of_a_client_pass_its_limiter() {
    let (sandbox, time, _) = account().await;
    let client = time.builder(&sandbox).rate(Rate::per_second(1)).build().unwrap();
    fault(&sandbox, "ListInstancesPaginated", Fault::status(503), 1);
    let work = async {
        let pages = futures::TryStreamExt::try_collect::<Vec<_>>(client.instances().list().per_page(100)).await?;
        let raw = client.raw().get_quotas().await.is_ok();
        let clone = client.with_deadline(50 * SECOND).clone().quotas().get().await?;
        Ok::<_, genesiscloud::Error>((pages.len(), raw, clone.len()))
    };
    let (instances, raw, _) = time.run(work).await.unwrap();
    assert_eq!((instances, raw), (250, true));
    let sent: Vec<_> = sandbox.recorded_requests().iter().map(|request| request.at).collect();
    assert_eq!(sent.len(), 6);
    for pair in sent.windows(2) {
        assert!((pair[1] - pair[0]).num_milliseconds() >= 1000, "{sent:?}");
    }
}

#[derive(Clone, Debug, Default)]
struct Counting(std::sync::Arc<std::sync::Mutex<(u32, Vec<Duration>)>>);

impl Limiter for Counting {
    fn acquire(&self) -> Acquire<'_> {
        self.0.lock().unwrap().0 += 1;
        Box::pin(std::future::ready(()))
    }

    fn on_throttled(&self, wait: Duration) {
        self.0.lock().unwrap().1.push(wait);
    }
}

#[tokio::test]
async fn a_custom_limiter_permits_every_attempt_and_sees_every_429() {
    let (sandbox, time, _) = account().await;
    let limiter = Counting::default();
    let client = time.builder(&sandbox).limiter(limiter.clone()).build().unwrap();
    fault(&sandbox, "GetQuotas", Fault::status(503), 1);
    fault(&sandbox, "GetQuotas", Fault::status(429).retry_after("3"), 2);
    time.run(client.quotas().get()).await.unwrap();
    assert_eq!(*limiter.0.lock().unwrap(), (4, vec![3 * SECOND; 2]));
}

#[tokio::test]
async fn a_server_with_smaller_bursts_throttles_only_one_burst() {
    let rate = genesiscloud_sandbox::Rate::per_second(10).burst(5);
    genesiscloud_tests::leaks::watch();
    let sandbox = Sandbox::builder().clock(Clock::stepped()).rate(rate).start().await.unwrap();
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    for round in 0..4 {
        let all = time.run(join_all((0..20).map(|_| client.quotas().get()))).await;
        assert!(all.iter().all(Result::is_ok));
        let refused = sandbox.recorded_requests().iter().filter(|request| request.status == Some(429)).count();
        assert_eq!(refused, 4, "9 at once where 5 are taken, in round {round}");
        time.advance(60 * SECOND);
    }
}

#[tokio::test]
async fn the_result_of_a_lost_create_is_found_by_the_fields_of_the_error() {
    let (sandbox, time, client) = account().await;
    let key = sandbox.data().ssh_keys[0].id.clone();
    fault(&sandbox, "CreateInstance", Fault::ResetAfterProcessing, 1);
    let create = CreateInstance::new("trainer", SMALL, "ubuntu-24.04", KRS).ssh_keys([key]);
    let error = time.run(client.instances().create(create)).await.unwrap_err();
    let lost = error.unconfirmed().unwrap();
    let all: Vec<_> = time.run(futures::TryStreamExt::try_collect(client.instances().list())).await.unwrap();
    let found: Vec<_> = all
        .iter()
        .filter(|it: &&genesiscloud::Instance| {
            Some(it.name.as_str()) == lost.name() && it.created_at >= lost.first_sent_at()
        })
        .collect();
    assert_eq!(found.len(), 1);
    assert_eq!(lost.fields()["type"], found[0].type_.as_str());
}

#[tokio::test]
async fn requests_carry_the_user_agent_and_the_callers_headers() {
    let (sandbox, time, client) = account().await;
    time.run(client.quotas().get()).await.unwrap();
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let named = time.builder(&sandbox).user_agent("trainer/1.0").build().unwrap();
    time.run(named.with_header("traceparent", parent).unwrap().quotas().get()).await.unwrap();
    let own = concat!("genesiscloud-rust/", env!("CARGO_PKG_VERSION"));
    let [first, second] = sandbox.recorded_requests().try_into().unwrap();
    assert_eq!((first.header("user-agent"), first.header("traceparent")), (Some(own), None));
    let name = format!("trainer/1.0 {own}");
    assert_eq!((second.header("user-agent"), second.header("traceparent")), (Some(name.as_str()), Some(parent)));
}
