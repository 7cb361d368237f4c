//! Metrics: counts and times all calls for Prometheus, some of which fail or are dropped, and prints what Prometheus would fetch.
//!
//! It starts a sandbox inside this program, so it needs no account, and nothing costs money.

#[macro_use]
mod support;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use futures::future::try_join_all;
use genesiscloud::{
    AttemptEnd, CallEnd, CallOutcome, Client, CreateVolume, ObservedCall, Observer, Region, RetryPolicy,
};
use genesiscloud_sandbox::{Fault, FaultRule, Sandbox};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Labels with a limited number of values: no ids.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Labels {
    operation: &'static str,
    outcome: String,
}

impl Labels {
    fn new(call: &ObservedCall<'_>, outcome: CallOutcome) -> Self {
        let outcome = outcome.kind().map_or_else(|| outcome.to_string(), |kind| format!("{kind:?}"));
        Self { operation: call.operation, outcome }
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
}

struct Metrics {
    in_flight: Gauge,
    calls: Family<Labels, Counter>,
    attempts: Family<Labels, Counter>,
    retry_delay: Counter<f64, AtomicU64>,
    duration: Family<Operation, Histogram>,
}

impl Metrics {
    fn register(registry: &mut Registry) -> Self {
        let seconds = || Histogram::new([0.01, 0.1, 1.0, 10.0, 60.0]);
        let metrics = Self {
            in_flight: Gauge::default(),
            calls: Family::default(),
            attempts: Family::default(),
            retry_delay: Counter::default(),
            duration: Family::new_with_constructor(seconds),
        };
        let registry = registry.sub_registry_with_prefix("genesiscloud");
        registry.register("calls_in_flight", "Calls that have begun and not ended", metrics.in_flight.clone());
        registry.register("calls", "Calls that have ended", metrics.calls.clone());
        registry.register("attempts", "Requests that were sent", metrics.attempts.clone());
        let delays = "Delays before retries";
        registry.register_with_unit("retry_delay", delays, Unit::Seconds, metrics.retry_delay.clone());
        let durations = "Durations of calls, with all waits";
        registry.register_with_unit("call_duration", durations, Unit::Seconds, metrics.duration.clone());
        metrics
    }
}

impl Observer for Metrics {
    fn on_call_start(&self, _: &ObservedCall<'_>) {
        self.in_flight.inc();
    }

    fn on_attempt_end(&self, end: &AttemptEnd<'_>) {
        self.attempts.get_or_create(&Labels::new(&end.call, end.outcome)).inc();
        self.retry_delay.inc_by(end.retry_delay.unwrap_or_default().as_secs_f64());
    }

    fn on_call_end(&self, end: &CallEnd<'_>) {
        self.in_flight.dec();
        self.calls.get_or_create(&Labels::new(&end.call, end.outcome)).inc();
        let operation = Operation { operation: end.call.operation };
        self.duration.get_or_create(&operation).observe(end.duration.as_secs_f64());
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await;
    sandbox.faults().add(FaultRule::new("GetVolume", Fault::status(503)).times(3))?;
    let mut registry = Registry::default();
    let metrics = Arc::new(Metrics::register(&mut registry));
    let client = Client::builder()
        .token(sandbox.token())
        .endpoint(sandbox.endpoint())
        .retry_policy(RetryPolicy::default().with_initial_backoff(Duration::from_millis(20)))
        .observer(Arc::clone(&metrics))
        .build()?;

    let names = (1..=5).map(|number| format!("data-{number}"));
    let creates = names.map(|name| client.volumes().create(CreateVolume::new(name, Region::NordNoKrs1, 50)));
    for volume in try_join_all(creates).await? {
        client.volumes().get(&volume.id).await?;
    }
    client.volumes().get("no-such-volume").await.unwrap_err();
    // This one is dropped before its response arrives.
    let _ = tokio::time::timeout(Duration::ZERO, client.quotas().get()).await;

    let mut text = String::new();
    encode(&mut text, &registry)?;
    support::stdout().write_all(text.as_bytes())?;
    Ok(())
}
