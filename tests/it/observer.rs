//! Observers: what they are shown of calls and attempts, and that nothing they do harms a call.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::{FutureExt, TryStreamExt};
use genesiscloud::{
    AttemptEnd, AttemptStart, CallEnd, CallOutcome, Client, CreateInstance, CreateVolume, ErrorKind, ObservedCall,
    Observer, Region, RetryPolicy, UserDataPart,
};
use genesiscloud_sandbox::{Data, Fault, FaultRule, Sandbox};
use genesiscloud_tests::mock_api::{MockApi, MockResponse, TOKEN};
use genesiscloud_tests::sandbox::{KRS, SMALL, stepped, volume};
use genesiscloud_tests::time::Time;
use genesiscloud_tests::{fixtures, leaks};
use serde_json::json;

const SECOND: Duration = Duration::from_secs(1);

/// All events, each as one line.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl Recorder {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn text<T: ToString>(value: Option<T>) -> String {
    value.map_or("-".into(), |value| value.to_string())
}

impl Observer for Recorder {
    fn on_call_start(&self, call: &ObservedCall<'_>) {
        let ObservedCall { number, operation, method, path, resource_id, .. } = *call;
        self.add(format!("{number} starts: {operation} {method} {path} {}", text(resource_id)));
    }

    fn on_attempt_start(&self, start: &AttemptStart<'_>) {
        self.add(format!("{}.{} starts", start.call.number, start.attempt));
    }

    fn on_attempt_end(&self, end: &AttemptEnd<'_>) {
        let (number, attempt, outcome) = (end.call.number, end.attempt, end.outcome);
        let (status, code) = (text(end.status.map(|status| status.as_u16())), text(end.code));
        let (duration, delay) = (end.duration, end.retry_delay);
        self.add(format!("{number}.{attempt} ends: {outcome} {status} {code} after {duration:?}, retry {delay:?}"));
    }

    fn on_call_end(&self, end: &CallEnd<'_>) {
        let (number, outcome, attempts, duration) = (end.call.number, end.outcome, end.attempts, end.duration);
        let (status, code) = (text(end.status.map(|status| status.as_u16())), text(end.code));
        let (created, request) = (text(end.created_id), text(end.request_id));
        self.add(format!(
            "{number} ends: {outcome} {status} {code} after {duration:?}, attempts {attempts}, created {created}, request {request}"
        ));
    }
}

struct Observed {
    sandbox: Sandbox,
    time: Time,
    client: Client,
    events: Recorder,
}

impl Observed {
    async fn new() -> Self {
        let sandbox = stepped(Data::realistic()).await;
        let time = Time::of(&sandbox);
        let events = Recorder::default();
        let client = time.builder(&sandbox).observer(events.clone()).build().unwrap();
        Self { sandbox, time, client, events }
    }

    fn fault(&self, fault: Fault, times: u32) {
        self.sandbox.faults().add(FaultRule::new("*", fault).times(times)).unwrap();
    }
}

#[tokio::test]
async fn a_call_is_observed_with_its_attempts() {
    let Observed { time, client, events, sandbox } = Observed::new().await;
    let id = volume(1);
    sandbox.faults().add(FaultRule::new("*", Fault::status(503).retry_after("2"))).unwrap();
    time.run(client.volumes().get(&id)).await.unwrap();
    time.run(client.volumes().get("no-such-volume")).await.unwrap_err();
    assert_eq!(
        events.take(),
        [
            format!("1 starts: GetVolume GET /volumes/{{volume_id}} {id}"),
            "1.1 starts".into(),
            "1.1 ends: the service failed 503 02503 after 0ns, retry Some(2s)".into(),
            "1.2 starts".into(),
            "1.2 ends: success 200 - after 0ns, retry None".into(),
            "1 ends: success 200 - after 2s, attempts 2, created -, request -".into(),
            "2 starts: GetVolume GET /volumes/{volume_id} no-such-volume".into(),
            "2.1 starts".into(),
            "2.1 ends: not found 404 02021 after 0ns, retry None".into(),
            "2 ends: not found 404 02021 after 0ns, attempts 1, created -, request -".into(),
        ]
    );
    // What is refused before it is sent is no call.
    client.volumes().get("..").await.unwrap_err();
    assert!(events.take().is_empty());
}

#[tokio::test]
async fn every_way_to_send_a_request_is_observed() {
    let Observed { time, client, events, sandbox } = Observed::new().await;
    time.run(async {
        client.with_deadline(100 * SECOND).raw().get_volume(&volume(1)).await.unwrap();
        client.instances().list().per_page(100).try_collect::<Vec<_>>().await.unwrap();
        let disk = client.volumes().create(CreateVolume::new("data", KRS, 1)).await.unwrap();
        client.volumes().wait(&disk.id).await.unwrap();
        client.volumes().delete(&disk.id).await.unwrap();
        client.with_token(sandbox.token()).unwrap().raw().get_volume("none").await.unwrap_err();
    })
    .await;
    let events = events.take();
    let count = |part: &str| events.iter().filter(|event| event.contains(part)).count();
    let requests = sandbox.recorded_requests().len();
    assert!(requests >= 9, "{requests}");
    for kind in [" starts: ", ".1 starts", ".1 ends: ", " attempts 1,"] {
        assert_eq!(count(kind), requests, "{kind}: {events:#?}");
    }
    assert_eq!((count("starts: ListInstancesPaginated"), count("created -")), (3, requests - 1));
    let created: Vec<_> = events.iter().filter(|event| event.contains("success 201")).collect();
    let deleted = events.iter().find(|event| event.contains("DeleteVolume")).unwrap();
    let id = deleted.rsplit(' ').next().unwrap();
    assert!(created.len() == 2 && created[1].contains(&format!("created {id}")), "{created:?}");
    assert!(events.last().unwrap().contains("ends: not found 404 02021"), "{events:#?}");
}

#[tokio::test]
async fn a_call_that_is_dropped_ends_as_cancelled() {
    let Observed { time, client, events, sandbox } = Observed::new().await;
    sandbox.faults().add(FaultRule::new("*", Fault::Delay(3600 * SECOND)).times(2)).unwrap();
    let delay = genesiscloud::Clock::sleep(&time, 3 * SECOND);
    let get = client.volumes().get("v-1");
    time.run(futures::future::select(get, delay)).await;
    assert_eq!(
        events.take()[2..],
        [
            "1.1 ends: cancelled - - after 3s, retry None",
            "1 ends: cancelled - - after 3s, attempts 1, created -, request -"
        ]
    );
    // The page of a list; a call that was never polled has not started.
    let mut list = client.instances().list();
    let delay = genesiscloud::Clock::sleep(&time, SECOND);
    time.run(futures::future::select(list.next(), delay)).await;
    drop((list, client.volumes().get("v-1")));
    // Pages are fetched by tasks, which end when they are polled next.
    tokio::task::yield_now().await;
    let events = events.take();
    assert!(events.len() == 4 && events[3].starts_with("2 ends: cancelled"), "{events:#?}");
}

#[tokio::test]
async fn a_call_that_has_no_time_left_ends_with_its_attempt() {
    let observed = Observed::new().await;
    let Observed { time, client, events, .. } = &observed;
    observed.fault(Fault::Delay(3600 * SECOND), 1);
    time.run(client.with_deadline(5 * SECOND).volumes().get("v-1")).await.unwrap_err();
    assert_eq!(
        events.take()[2..],
        [
            "1.1 ends: no response in time - - after 5s, retry None",
            "1 ends: no response in time - - after 5s, attempts 1, created -, request -"
        ]
    );
}

#[tokio::test]
async fn the_end_of_a_call_has_what_its_error_is_and_what_its_attempts_do_not_show() {
    let observed = Observed::new().await;
    let Observed { time, client, events, .. } = &observed;
    observed.fault(Fault::ResetAfterProcessing, 1);
    time.run(client.volumes().create(CreateVolume::new("data", KRS, 1))).await.unwrap_err();
    let lost = events.take();
    assert!(lost[2].contains("1.1 ends: the connection was lost"), "{lost:?}");
    assert!(lost[3].contains("1 ends: the request may have been processed"), "{lost:?}");
    // A success that cannot be read.
    observed.fault(Fault::status(200).empty(), 1);
    time.run(client.quotas().get()).await.unwrap_err();
    let empty = events.take();
    assert!(empty[2].contains("ends: success 200"), "{empty:?}");
    assert!(empty[3].contains("ends: the response cannot be decoded 200"), "{empty:?}");
    // A deletion whose first response was lost.
    observed.fault(Fault::ResetAfterProcessing, 1);
    time.run(client.volumes().delete(volume(119))).await.unwrap();
    let deleted = events.take();
    assert!(deleted[4].contains("3.2 ends: success 404"), "{deleted:?}");
    assert!(deleted[5].contains("3 ends: success 404"), "{deleted:?}");
}

#[tokio::test]
async fn the_replacement_of_a_token_is_two_attempts() {
    let Observed { sandbox, time, .. } = Observed::new().await;
    let tokens = Mutex::new(vec![sandbox.token().to_owned(), "a-revoked-token".into()]);
    let provider = move || std::future::ready(tokens.lock().unwrap().pop().ok_or("there is none"));
    let events = Recorder::default();
    let builder = time.builder(&sandbox).token_provider(provider).observer(events.clone());
    let client = builder.retry_policy(RetryPolicy::never()).build().unwrap();
    time.run(client.quotas().get()).await.unwrap();
    let ends: Vec<_> = events.take().into_iter().filter(|event| event.contains("ends")).collect();
    assert!(ends[0].contains("1.1 ends: the token is not accepted 401 01204"), "{ends:?}");
    assert!(ends[1].contains("1.2 ends: success 200") && ends[2].contains("attempts 2"), "{ends:?}");
    let client = time.builder(&sandbox).token_provider(|| async { Err::<String, _>("none") }).observer(events.clone());
    time.run(client.build().unwrap().quotas().get()).await.unwrap_err();
    let none = events.take();
    assert!(none.len() == 2 && none[1].contains("1 ends: the token is not accepted - - "), "{none:?}");
}

/// An observer that shows everything as `Debug` does.
#[derive(Default)]
struct Shown(Mutex<String>);

impl Shown {
    fn add(&self, event: &dyn std::fmt::Debug) {
        *self.0.lock().unwrap() += &format!("{event:?}\n");
    }
}

impl Observer for Shown {
    fn on_call_start(&self, call: &ObservedCall<'_>) {
        self.add(call);
    }

    fn on_attempt_start(&self, attempt: &AttemptStart<'_>) {
        self.add(attempt);
    }

    fn on_attempt_end(&self, attempt: &AttemptEnd<'_>) {
        self.add(attempt);
    }

    fn on_call_end(&self, call: &CallEnd<'_>) {
        self.add(call);
    }
}

#[tokio::test]
async fn an_observer_is_shown_no_secrets() {
    let created = |id: &str| {
        let mut instance = fixtures::full::instance();
        instance["id"] = id.into();
        MockResponse::json(201, &json!({ "instance": instance }))
    };
    for (answer, shows) in [
        (created("i-1").header("x-request-id", "r-1"), ["i-1", "r-1"]),
        (created(TOKEN).header("x-request-id", TOKEN), ["created_id: None", "request_id: None"]),
        (created(leaks::PASSWORD).header("x-request-id", leaks::PASSWORD), ["created_id: None", "request_id: None"]),
        (MockResponse::json(400, &json!({ "code": TOKEN, "message": TOKEN, "request_id": "r-2" })), ["400", "r-2"]),
        (MockResponse::json(500, &json!({ "code": leaks::SCRIPT, "message": leaks::SCRIPT })), ["500", "Ambiguous"]),
    ] {
        let mock = MockApi::responding_with(answer).await;
        let shown = Arc::new(Shown::default());
        let builder = Client::builder().token(TOKEN).endpoint(mock.endpoint()).observer(Arc::clone(&shown));
        let client = builder.build().unwrap().with_header("x-mine", leaks::PASSWORD).unwrap();
        let new = CreateInstance::new("vm", SMALL, "ubuntu-24.04", Region::NordNoKrs1)
            .password(leaks::PASSWORD)
            .startup_script(leaks::SCRIPT)
            .user_data([UserDataPart::new("text/plain", leaks::USER_DATA)]);
        let _ = client.instances().create(new).await;
        let shown = shown.0.lock().unwrap();
        assert_eq!((shown.lines().count(), leaks::find(&shown)), (4, None), "{shown}");
        assert!(shows.iter().all(|part| shown.contains(part)), "{shown}");
    }
}

/// An observer that panics each time.
struct Panics;

impl Observer for Panics {
    fn on_call_start(&self, _: &ObservedCall<'_>) {
        panic!("at the start of a call")
    }

    fn on_attempt_start(&self, _: &AttemptStart<'_>) {
        panic!("at the start of an attempt")
    }

    fn on_attempt_end(&self, _: &AttemptEnd<'_>) {
        panic!("at the end of an attempt")
    }

    fn on_call_end(&self, _: &CallEnd<'_>) {
        panic!("at the end of a call")
    }
}

#[tokio::test]
async fn a_panic_of_an_observer_harms_no_call() {
    let sandbox = stepped(Data::realistic()).await;
    let time = Time::of(&sandbox);
    let client = time.builder(&sandbox).observer(Panics).build().unwrap();
    time.run(client.volumes().create(CreateVolume::new("data", KRS, 1))).await.unwrap();
    client.raw().get_volume(&volume(1)).await.unwrap();
    // A call that is dropped while its task panics: a second panic that is not caught would end the process.
    let mut call = client.quotas().get();
    assert!((&mut call).now_or_never().is_none());
    let task = catch_unwind(AssertUnwindSafe(move || {
        let _call = call;
        panic!("of the task")
    }));
    assert_eq!(*task.unwrap_err().downcast::<&str>().unwrap(), "of the task");
    time.run(client.quotas().get()).await.unwrap();
}

#[test]
fn an_outcome_is_shown_in_a_few_words() {
    let failed = CallOutcome::Failed(ErrorKind::Conflict);
    assert_eq!(
        format!("{:>9}|{:>9}|{failed}", CallOutcome::Success, CallOutcome::Cancelled),
        "  success|cancelled|not possible in the present state"
    );
    assert_eq!((failed.kind(), CallOutcome::Cancelled.kind()), (Some(ErrorKind::Conflict), None));
}
