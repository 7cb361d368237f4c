//! Tracing: one span per call, with OpenTelemetry's names.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use genesiscloud::CreateVolume;
use genesiscloud_sandbox::{Data, Fault, FaultRule};
use genesiscloud_tests::sandbox::{KRS, stepped, volume};
use genesiscloud_tests::time::Time;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

type Fields = BTreeMap<String, String>;

/// The fields of all spans, and of all events, of this crate.
#[derive(Clone, Default)]
struct SpanRecorder {
    spans: Arc<Mutex<BTreeMap<u64, (Level, Fields)>>>,
    events: Arc<Mutex<Vec<Fields>>>,
}

struct Collect<'a>(&'a mut Fields);

impl Visit for Collect<'_> {
    /// Of which the layer for OpenTelemetry makes texts.
    fn record_u64(&mut self, field: &Field, value: u64) {
        panic!("{} is {value} without a sign", field.name());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.to_string());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").trim_matches('"').to_owned());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for SpanRecorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        if attributes.metadata().target().starts_with("genesiscloud") {
            let mut fields = Fields::new();
            attributes.record(&mut Collect(&mut fields));
            self.spans.lock().unwrap().insert(id.into_u64(), (*attributes.metadata().level(), fields));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        if let Some((_, fields)) = self.spans.lock().unwrap().get_mut(&id.into_u64()) {
            values.record(&mut Collect(fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target().starts_with("genesiscloud") {
            assert!(context.event_span(event).is_some(), "an event belongs to a call");
            let mut fields = Fields::new();
            event.record(&mut Collect(&mut fields));
            self.events.lock().unwrap().push(fields);
        }
    }
}

/// The fields of the span and of the events of a call with this fault, this many times.
async fn record(operation: &str, fault: Option<(Fault, u32)>) -> (Fields, Vec<Fields>) {
    let sandbox = stepped(Data::realistic()).await;
    let time = Time::of(&sandbox);
    let client = time.client(&sandbox);
    if let Some((fault, times)) = fault {
        sandbox.faults().add(FaultRule::new("*", fault).times(times)).unwrap();
    }
    let recorder = SpanRecorder::default();
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(recorder.clone()));
    let _ = match operation {
        "get" => time.run(client.volumes().get(volume(1))).await.err(),
        "delete" => time.run(client.volumes().delete(volume(119))).await.err(),
        "missing" => time.run(client.volumes().get("no-such-volume")).await.err(),
        "raw" => time.run(async { client.raw().get_volume(&volume(1)).await.err().map(|_| unreachable!()) }).await,
        _ => time.run(client.volumes().create(CreateVolume::new("data", KRS, 1))).await.err(),
    };
    drop(guard);
    let spans: Vec<_> = recorder.spans.lock().unwrap().values().cloned().collect();
    let [(Level::INFO, fields)] = spans.as_slice() else { panic!("one span at INFO, not {spans:?}") };
    assert_eq!(fields["server.address"], "127.0.0.1");
    assert!(fields["server.port"].parse::<u16>().is_ok());
    (fields.clone(), recorder.events.lock().unwrap().clone())
}

/// The event at the end of a `GetVolume`.
fn ended(fields: &[(&str, &str)]) -> Fields {
    let always = [("message", "the call ended"), ("operation", "GetVolume")];
    always.iter().chain(fields).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_call_is_one_span() {
    for operation in ["get", "raw"] {
        let (span, events) = record(operation, None).await;
        for (name, value) in [
            ("otel.name", "GET /volumes/{volume_id}"),
            ("otel.kind", "client"),
            ("genesiscloud.operation", "GetVolume"),
            ("http.request.method", "GET"),
            ("url.template", "/volumes/{volume_id}"),
            ("http.response.status_code", "200"),
            ("genesiscloud.duration", "0.0"),
        ] {
            assert_eq!(span[name], value, "{name}");
        }
        for absent in ["error.type", "otel.status_code", "genesiscloud.code", "http.request.resend_count"] {
            assert!(!span.contains_key(absent), "{absent}");
        }
        assert_eq!(events, [ended(&[("status", "200"), ("attempts", "1"), ("duration", "0.0")])]);
    }
}

#[tokio::test]
async fn the_span_of_an_error_response_has_status_and_code() {
    let (span, events) = record("missing", None).await;
    let fields = [("status", "404"), ("kind", "NotFound"), ("attempts", "1"), ("duration", "0.0")];
    assert_eq!(events, [ended(&fields)]);
    for (name, value) in [
        ("http.response.status_code", "404"),
        ("error.type", "404"),
        ("otel.status_code", "ERROR"),
        ("genesiscloud.code", "02021"),
    ] {
        assert_eq!(span[name], value, "{name}");
    }
}

#[tokio::test]
async fn retries_are_events_and_counted() {
    let (span, mut events) = record("get", Some((Fault::status(503).retry_after("2"), 2))).await;
    assert_eq!(events.pop(), Some(ended(&[("status", "200"), ("attempts", "3"), ("duration", "4.0")])));
    assert_eq!((span["http.request.resend_count"].as_str(), span["http.response.status_code"].as_str()), ("2", "200"));
    assert_eq!(span["genesiscloud.duration"], "4.0");
    let retries: Vec<_> =
        events.iter().map(|it| (it["attempt"].as_str(), it["reason"].as_str(), it["delay"].as_str())).collect();
    assert_eq!(retries, [("1", "503", "2.0"), ("2", "503", "2.0")]);
}

#[tokio::test]
async fn the_span_of_a_call_without_a_response_has_the_error_type() {
    let (span, _) = record("create", Some((Fault::ResetAfterProcessing, 1))).await;
    assert_eq!((span["error.type"].as_str(), span["otel.status_code"].as_str()), ("ConnectionLost", "ERROR"));
    assert!(!span.contains_key("http.response.status_code"));
    let (span, _) = record("create", Some((Fault::Delay(Duration::from_secs(3600)), 1))).await;
    assert_eq!((span["error.type"].as_str(), span["genesiscloud.duration"].as_str()), ("Timeout", "60.000000001"));
    let (span, _) = record("create", Some((Fault::CutBody, 1))).await;
    assert_eq!((span["error.type"].as_str(), span["http.response.status_code"].as_str()), ("ConnectionLost", "201"));
}

#[tokio::test]
async fn the_span_of_an_undecodable_success_is_an_error() {
    let (span, _) = record("create", Some((Fault::status(201).empty().processed(), 1))).await;
    assert_eq!((span["error.type"].as_str(), span["otel.status_code"].as_str()), ("Decode", "ERROR"));
    assert_eq!(span["http.response.status_code"], "201");
}

#[tokio::test]
async fn the_span_of_a_repeated_delete_has_the_404_without_an_error() {
    let (span, _) = record("delete", Some((Fault::ResetAfterProcessing, 1))).await;
    assert_eq!(span["http.response.status_code"], "404");
    assert!(!span.contains_key("error.type"));
}

#[tokio::test]
async fn the_span_has_no_code_of_another_format() {
    let mock = genesiscloud_tests::mock_api::MockApi::new().await;
    let code = serde_json::json!({ "code": "you sent me s3cr3t", "message": "m" });
    mock.respond_with(genesiscloud_tests::mock_api::MockResponse::json(400, &code));
    let recorder = SpanRecorder::default();
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(recorder.clone()));
    mock.client().quotas().get().await.unwrap_err();
    drop(guard);
    let spans = recorder.spans.lock().unwrap();
    let (_, fields) = spans.values().next().unwrap();
    assert!(!fields.contains_key("genesiscloud.code") && fields["error.type"] == "400", "{fields:?}");
}

#[tokio::test]
async fn an_operation_that_is_deprecated_is_one_warning() {
    use genesiscloud_tests::mock_api::{MockApi, MockResponse};

    let quotas = || MockResponse::json(200, &serde_json::json!({ "quotas": [] }));
    let warnings = async |answers: &[MockResponse]| {
        let mock = MockApi::new().await;
        let client = mock.client();
        let recorder = SpanRecorder::default();
        let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(recorder.clone()));
        for answer in answers {
            mock.respond_with(answer.clone());
            client.quotas().get().await.unwrap();
            client.clone().raw().get_quotas().await.unwrap();
        }
        drop(guard);
        let mut events = recorder.events.lock().unwrap().clone();
        events.retain(|event| event["message"].contains("announces"));
        events
    };
    let deprecated = quotas().header("deprecation", "@1688169599");
    let both = deprecated.clone().header("sunset", "Sun, 11 Nov 2018 23:59:59 GMT");
    for (answers, expected) in [
        (vec![quotas()], None),
        (
            vec![quotas(), both.clone(), deprecated.clone()],
            Some((Some("2023-06-30T23:59:59Z"), Some("2018-11-11T23:59:59Z"))),
        ),
        (vec![deprecated.clone(), both], Some((Some("2023-06-30T23:59:59Z"), None))),
        // Nothing but dates is logged.
        (vec![quotas().header("deprecation", "s3cr3t").header("sunset", "s3cr3t")], Some((None, None))),
    ] {
        let found = warnings(&answers).await;
        let found: Vec<_> = found
            .iter()
            .map(|it| {
                assert_eq!(it["operation"], "GetQuotas");
                (it.get("deprecated").map(String::as_str), it.get("sunset").map(String::as_str))
            })
            .collect();
        assert_eq!(found, Vec::from_iter(expected));
    }
}
